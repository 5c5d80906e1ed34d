"""Chapter 1's live game: its networks, losses and counts in JavaScript against PyTorch and the library."""

import functools
import json

import live_script
import pytest
import torch
from live_script import NEEDS_NODE

from avatarlib.data.mixture import ring
from avatarlib.losses import ADVERSARIAL_LOSSES
from avatarlib.models.toy import PointDiscriminator, PointGenerator

SCRIPTS = ("noise.js", "toy-networks.js", "toy-game.js")
NETWORKS = "const { forward, backward, makeAdam, makeDescent, LOSSES, meanLoss } = AvatarStudio.toyNetworks;"
GAME = "const { ToyGame, coverage, noiseOf, realOf } = AvatarStudio.toyGame;"
NAMES = {"minimax": "minimax", "non_saturating": "non-saturating", "least_squares": "least squares", "hinge": "hinge"}
SIDES = {"accept": "accept", "refuse": "refuse", "generator": "forge"}
DISTANCE = """
const shown = noiseOf("toy shown fakes", 500), real = realOf("toy shown real", 250);
const look = (game) => game.look(shown, real, 3);
const moved = (a, b) => a.fakes.reduce((sum, x, i) => sum + (i % 2 ? 0 : Math.hypot(x - b.fakes[i],
  a.fakes[i + 1] - b.fakes[i + 1])), 0) / 500;
const play = (game, moves, rounds = 1) => {
  for (let i = 0; i < rounds; i++) for (const move of moves) move === "d" ? game.stepD() : game.stepG();
  return look(game);
};
"""
pytestmark = NEEDS_NODE
ask = functools.partial(live_script.ask, SCRIPTS)


def ask_of_network(body, network, **data):
    """What ``body``, the inside of a JavaScript function, returns; it knows ``network`` and the names of ``data``."""
    layers = [{"inputs": one.in_features, "outputs": one.out_features, "weight": one.weight.flatten().tolist(),
               "bias": one.bias.tolist()} for one in network.layers if isinstance(one, torch.nn.Linear)]
    slope = getattr(network.layers[1], "negative_slope", 0.0)
    arrays = {name: tensor.detach().flatten().tolist() for name, tensor in data.items()}
    return ask(f"({{ network, {', '.join(data)} }}) => {{ {NETWORKS} {body} }}",
               {"network": {"layers": layers, "slope": slope}, **arrays})


def close(found, expected, tolerance=1e-9):
    torch.testing.assert_close(torch.tensor(found, dtype=torch.float64), expected.detach().flatten().double(),
                               atol=tolerance, rtol=tolerance)


def network_of(kind, seed=0):
    """A small player in double precision, and 7 points (7 is no multiple of 4, by which the product unrolls)."""
    torch.manual_seed(seed)
    return kind(width=6).double(), torch.randn(7, 2, dtype=torch.float64)


@pytest.mark.parametrize("kind", [PointGenerator, PointDiscriminator])
def test_outputs_and_all_gradients_are_torch_s(kind):
    network, points = network_of(kind)
    points.requires_grad_()
    output = network(points)
    arriving = torch.randn_like(output)
    output.backward(arriving)
    found = ask_of_network("""
      const values = forward(network, points);
      const back = backward(network, values, arriving), lazy = backward(network, values, arriving, false);
      const learnt = back.layers.flatMap(({ weight, bias }) => [[...weight], [...bias]]);
      return { output: [...values.at(-1)], input: [...back.input], learnt, again: [...lazy.input], lazy: lazy.layers };
    """, network, points=points, arriving=arriving)
    close(found["output"], output)
    close(found["input"], points.grad)
    assert found["again"] == found["input"]
    assert found["lazy"] == []
    for gradient, parameter in zip(found["learnt"], network.parameters(), strict=True):
        close(gradient, parameter.grad)


@pytest.mark.parametrize(("walk", "optimiser"), [
    ("makeAdam(network, 0.01, 0.5)", lambda weights: torch.optim.Adam(weights, lr=0.01, betas=(0.5, 0.999))),
    ("makeAdam(network, 0.01, 0.9)", lambda weights: torch.optim.Adam(weights, lr=0.01)),
    ("makeDescent(network, 0.1)", lambda weights: torch.optim.SGD(weights, lr=0.1)),
])
def test_three_steps_are_torch_s(walk, optimiser):
    network, points = network_of(PointDiscriminator, seed=1)
    found = ask_of_network(f"""
      const step = {walk};
      for (let i = 0; i < 3; i++) {{
        const values = forward(network, points);
        step(backward(network, values, meanLoss(LOSSES.minimax.accept, values.at(-1)).gradient));
      }}
      return network.layers.flatMap(({{ weight, bias }}) => [[...weight], [...bias]]);
    """, network, points=points)
    steps = optimiser(network.parameters())
    for _ in range(3):
        steps.zero_grad()
        ADVERSARIAL_LOSSES["minimax"].accept(network(points)).backward()
        steps.step()
    for weights, parameter in zip(found, network.parameters(), strict=True):
        close(weights, parameter)


@pytest.mark.parametrize("name", sorted(ADVERSARIAL_LOSSES))
@pytest.mark.parametrize("side", sorted(SIDES))
def test_losses_and_their_gradients_are_the_library_s(name, side):
    outputs = torch.tensor([-50.0, -3.0, -1.5, -0.2, 0.0, 0.7, 1.8, 40.0, 800.0], dtype=torch.float64,
                           requires_grad=True)
    loss = getattr(ADVERSARIAL_LOSSES[name], side)(outputs)
    loss.backward()
    found = ask(f"""(outputs) => {{ {NETWORKS}
      const {{ loss, gradient }} = meanLoss(LOSSES[{json.dumps(NAMES[name])}].{SIDES[side]}, outputs);
      return {{ loss, gradient: [...gradient] }};
    }}""", outputs.tolist())
    close([found["loss"]], loss)
    close(found["gradient"], outputs.grad)


def test_each_loss_of_the_library_is_there_and_its_rest_is_that_of_verdicts_of_one_half():
    found = ask(f"""() => {{ {NETWORKS}
      return Object.entries(LOSSES).map(([name, {{ half, verdict, accept, refuse, forge, equilibrium }}]) =>
        [name, verdict(half), accept(half)[0] + refuse(half)[0], forge(half)[0], ...equilibrium]);
    }}""")
    assert sorted(name for name, *_ in found) == sorted(NAMES[name] for name in ADVERSARIAL_LOSSES)
    for _, verdict, discriminator, generator, *rest in found:
        assert verdict == 0.5
        assert rest == pytest.approx([discriminator, generator])


@pytest.mark.parametrize("share", [0.0, 0.024, 0.026, 0.5])
def test_modes_are_counted_as_the_library_counts_them(share):
    """Of 1,000 points some lie at the second mode, the others around all; a mode needs 25, a fifth of an eighth."""
    data = ring(8, radius=2.0, spread=0.07)
    few = int(1000 * share)
    draws = torch.Generator().manual_seed(3)
    others = data.centres[[0, 3]].repeat(500, 1)[few:] + 0.1 * torch.randn(1000 - few, 2, generator=draws)
    points = torch.cat([data.centres[1].repeat(few, 1), others])
    modes, near, _ = data.coverage(points)
    found = ask(f"(points) => {{ {GAME} return coverage(points); }}", points.flatten().tolist())
    assert (found["modes"], found["near"]) == (modes, pytest.approx(near))
    assert found["reached"][1] == (share > 0.025)


def test_real_points_come_from_the_chapter_s_ring():
    points = torch.tensor(ask(f"() => {{ {GAME} return [...realOf('a name', 8000)]; }}")).view(-1, 2)
    data = ring(8, radius=2.0, spread=0.07)
    modes, near, shares = data.coverage(points)
    assert modes == 8
    assert near == pytest.approx(1 - 2.718281828 ** -4.5, abs=0.005)         # within three deviations
    assert (shares - near / 8).abs().max() < 0.015


def test_the_same_seed_and_moves_give_the_same_game_and_another_seed_another():
    first, again, other = ask(f"""() => {{ {GAME} {DISTANCE} return [1, 1, 2].map((seed) =>
      [...play(new ToyGame(seed, "non-saturating", "0.5"), "dg", 5).fakes]); }}""")
    assert first == again != other


def test_the_pull_is_how_a_step_along_it_lowers_the_loss():
    """By a small step of each fake along its pull the loss falls by the mean of the squared pulls times the step."""
    before, after, squares = ask(f"""() => {{ {GAME} {DISTANCE}
      const game = new ToyGame(0, "non-saturating", "0.5"), view = play(game, "dg", 20);
      const nudged = view.fakes.map((x, i) => x + 1e-5 * view.pulls[i]);
      return [game.judge(view.fakes).loss, game.judge(nudged).loss, view.pulls.reduce((s, p) => s + p * p, 0) / 500];
    }}""")
    assert (before - after) / 1e-5 == pytest.approx(squares, rel=0.01)


@pytest.mark.parametrize("seed", [0, 7])
def test_a_winning_discriminator_ends_the_lesson_of_minimax_alone(seed):
    """What the chapter says of ten seeds, for the first and for the one that comes nearest to a limit."""
    found = ask(f"""(seed) => {{ {GAME} {DISTANCE}
      const game = new ToyGame(seed, "minimax", "plain");
      const early = play(game, "d", 50), won = play(game, "d", 450), still = play(game, "dg", 200);
      game.loss = "non-saturating";
      const awake = look(game), gone = play(game, "dg", 200);
      return {{ pulls: [early.pull, won.pull, awake.pull], moved: [moved(won, still), moved(still, gone)] }};
    }}""", seed)
    early, won, awake = found["pulls"]
    assert won < early / 50
    assert awake > 100 * won
    assert found["moved"][0] < 0.1
    assert found["moved"][1] > 1.5


def test_moves_in_lumps_and_a_high_momentum_lose_the_modes():
    lumps, momentum, good = ask(f"""() => {{ {GAME} {DISTANCE}
      const lumps = new ToyGame(0, "non-saturating", "0.5");
      const modes = [1, 2, 3, 4, 5].map(() => (play(lumps, "d", 50), play(lumps, "g", 50).modes));
      return [modes, ...[["0.9", 1000], ["0.5", 2500]].map(([walk, rounds]) =>
        play(new ToyGame(0, "non-saturating", walk), "dg", rounds).modes)];
    }}""")
    assert max(lumps) <= 1
    assert momentum <= 1
    assert good >= 7
