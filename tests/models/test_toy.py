"""The toy of chapter 1: mixture, networks and game, against values a reader can derive."""

import dataclasses
import math

import pytest
import torch

from avatarlib.data.mixture import Mixture, grid, ring
from avatarlib.models.toy import PointDiscriminator, PointGenerator
from avatarlib.recipes.base import Recipe
from avatarlib.recipes.toy import EXTENT, PointGAN, PointGANConfig, play

# ---- the mixture


def test_ring_and_grid_have_their_centres_where_geometry_puts_them():
    torch.testing.assert_close(ring(4, radius=2.0).centres, torch.tensor([[2.0, 0], [0, 2], [-2, 0], [0, -2]]),
                               atol=1e-6, rtol=0)
    assert grid(3, step=2.0).centres.tolist() == [[x, y] for x in (-2.0, 0.0, 2.0) for y in (-2.0, 0.0, 2.0)]


def test_density_of_one_gaussian_at_its_centre_and_one_spread_away():
    """1 / (2 pi s^2), and exp(-1/2) of it."""
    density = Mixture(torch.zeros(1, 2), 0.5).density(torch.tensor([[0.0, 0.0], [0.5, 0.0]]))
    peak = 1 / (2 * math.pi * 0.25)
    torch.testing.assert_close(density, torch.tensor([peak, peak * math.exp(-0.5)]))


def test_density_sums_to_one_over_the_plane():
    line = torch.linspace(-4, 4, 401)
    points = torch.cartesian_prod(line, line)
    assert ring(8).density(points).sum().item() * 0.02**2 == pytest.approx(1, abs=1e-4)


def test_samples_have_the_mean_and_variance_of_the_mixture():
    """Mean 0; each coordinate's variance radius^2 / 2 + spread^2 (within five standard errors)."""
    points = ring(8, radius=2.0, spread=0.1).sample(20_000, generator=torch.Generator().manual_seed(0))
    assert points.mean(dim=0).abs().max() < 5 * math.sqrt(2.01 / 20_000)
    assert points.var(dim=0).sub(2.01).abs().max() < 5 * 2.01 * math.sqrt(2 / 20_000)


def test_samples_repeat_from_a_seed_and_leave_the_global_generator_alone():
    state = torch.get_rng_state()
    first, second = (ring().sample(5, generator=torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(first, second)
    assert torch.equal(state, torch.get_rng_state())


def test_coverage_by_hand():
    """Ten samples: six in mode 0, one at the edge of mode 1, three in between; fair share 1/4, a fifth of it 0.05."""
    mixture = ring(4, radius=2.0, spread=0.1)
    samples = torch.tensor([[2.0, 0.0]] * 6 + [[0.0, 2.29]] + [[0.0, 0.0]] * 2 + [[0.0, 2.31]])
    coverage = mixture.coverage(samples)
    assert coverage.modes == 2
    assert coverage.near == pytest.approx(0.7)
    torch.testing.assert_close(coverage.shares, torch.tensor([0.6, 0.1, 0, 0]))


def test_a_mode_with_less_than_a_fifth_of_its_fair_share_is_missed():
    """Fair is 1/4 of 100 samples; five are a fifth of it and enough, four are not."""
    mixture = ring(4)
    for few, modes in ((5, 2), (4, 1)):
        samples = mixture.centres[[0] * (100 - few) + [1] * few]
        assert mixture.coverage(samples).modes == modes


def test_real_points_cover_all_modes_and_98_9_percent_are_near():
    """P(distance <= 3 spreads) = 1 - exp(-9/2) for a round Gaussian."""
    coverage = ring(8).coverage(ring(8).sample(20_000, generator=torch.Generator().manual_seed(0)))
    assert coverage.modes == 8
    assert coverage.near == pytest.approx(1 - math.exp(-4.5), abs=5 * math.sqrt(0.011 / 20_000))


@pytest.mark.parametrize(("call", "message"), [
    (lambda: Mixture(torch.zeros(2, 3), 0.1), r"centres must be \(K, 2\).*got \(2, 3\)"),
    (lambda: ring(spread=0.0), "spread must be above 0, got 0.0"),
    (lambda: ring(0), "modes must be at least 1, got 0"),
    (lambda: grid(0), "side must be at least 1, got 0"),
    (lambda: ring().sample(0), "n must be at least 1, got 0"),
    (lambda: ring().density(torch.zeros(3)), r"points must be \(N, 2\), got \(3,\)"),
    (lambda: PointGenerator()(torch.zeros(4, 3)), r"noise must be \(N, 2\), got \(4, 3\)"),
    (lambda: PointDiscriminator()(torch.zeros(4, 3)), r"points must be \(N, 2\), got \(4, 3\)"),
    (lambda: PointDiscriminator().field(-1.0), "extent must be above 0, got -1.0"),
    (lambda: PointGANConfig(discriminator_steps=0), "discriminator_steps must be at least 1, got 0"),
    (lambda: PointGANConfig(batch_size=0), "batch_size must be at least 1, got 0"),
    (lambda: play(PointGANConfig(), ring(), 0, seed=0), "rounds must be at least 1, got 0"),
    (lambda: play(PointGANConfig(), ring(), 5, seed=0, snapshots=(0, 6)),
     r"snapshots must lie in 0 to 5, got \[0, 6\]"),
])
def test_bad_inputs_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# ---- networks

def test_parameter_counts_by_hand():
    def count(network):
        return sum(p.numel() for p in network.parameters())
    assert count(PointGenerator()) == (2 * 64 + 64) + (64 * 64 + 64) + (64 * 2 + 2) == 4482
    assert count(PointDiscriminator()) == (2 * 64 + 64) + (64 * 64 + 64) + (64 + 1) == 4417


def test_the_field_is_the_discriminator_at_the_lattice_points():
    discriminator = PointDiscriminator()
    field = discriminator.field(2.0, size=5)
    assert field.shape == (5, 5)
    at = torch.sigmoid(discriminator(torch.tensor([[-2.0, -2.0], [1.0, -2.0], [-2.0, 1.0]])))   # x first, then y
    torch.testing.assert_close(torch.stack([field[0, 0], field[0, 3], field[3, 0]]), at.detach())


# ---- the game

def weights(network):
    return torch.cat([p.detach().flatten().clone() for p in network.parameters()])


def test_first_round_of_an_undecided_discriminator():
    """With its last layer at 0 the discriminator answers 1/2: its loss is 2 log 2, the generator's about log 2."""
    recipe = PointGAN(PointGANConfig(learning_rate=1e-9))
    for parameter in recipe.discriminator.layers[-1].parameters():
        torch.nn.init.zeros_(parameter)
    losses = recipe.step({"points": ring().sample(128)})
    assert isinstance(recipe, Recipe)
    assert losses["discriminator"].item() == pytest.approx(2 * math.log(2), abs=1e-5)
    assert losses["generator"].item() == pytest.approx(math.log(2), abs=1e-5)


@pytest.mark.parametrize("steps", [1, 3])
def test_each_player_moves_only_itself_and_the_discriminator_k_times(steps):
    recipe = PointGAN(PointGANConfig(discriminator_steps=steps))
    moves = []
    update = recipe.update

    def recorded(player, loss):
        before = {name: weights(network) for name, network in recipe.networks.items()}
        update(player, loss)
        moves.append((player, [n for n, network in recipe.networks.items()
                               if not torch.equal(before[n], weights(network))]))

    recipe.update = recorded
    recipe.step({"points": ring().sample(steps * 128)})
    assert moves == [("discriminator", ["discriminator"])] * steps + [("generator", ["generator"])]


def test_the_penalty_changes_the_discriminators_loss_by_its_weight():
    """Same seed, same noise: the difference is the weight times a mean square, hence positive and linear."""
    def first_loss(weight):
        recipe = PointGAN(PointGANConfig(dragan_weight=weight))
        points = ring().sample(128, generator=torch.Generator().manual_seed(0))
        return recipe.step({"points": points})["discriminator"].item()
    plain, one, three = (first_loss(weight) for weight in (0.0, 1.0, 3.0))
    assert one > plain
    assert three - plain == pytest.approx(3 * (one - plain), rel=1e-4)


def test_a_run_repeats_from_its_seed_and_differs_from_another_seed():
    def losses(seed):
        torch.manual_seed(torch.seed() % 1000)     # the global generator must not matter
        config = PointGANConfig(dragan_weight=1.0, width=8)
        return play(config, ring(), 5, seed=seed).rows
    assert losses(0) == losses(0)
    assert losses(0) != losses(1)


def test_a_run_keeps_a_row_a_round_and_the_snapshots_asked_for():
    run = play(PointGANConfig(width=8), ring(), 4, seed=0, snapshots=(0, 4))
    assert run.history["round"].tolist() == [1, 2, 3, 4]
    assert list(run.history) == ["round", "discriminator", "generator", "gradient"]
    assert [snapshot.round for snapshot in run.snapshots] == [0, 4]
    assert torch.equal(run.snapshots[0].samples, PointGAN(PointGANConfig(width=8)).samples())
    assert torch.equal(run.snapshots[1].field, run.recipe.discriminator.field(EXTENT))


def test_the_game_learns_a_single_gaussian_of_another_place():
    """One mode at (1, 1): after 400 rounds the samples' mean has come from the origin to within 0.6 of it."""
    run = play(PointGANConfig(), Mixture(torch.tensor([[1.0, 1.0]]), 0.3), 400, seed=0)
    assert PointGAN(seed=0).samples().mean(dim=0).sub(1).norm() > 1.2
    assert run.recipe.samples().mean(dim=0).sub(1).norm() < 0.6


def test_the_config_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        PointGANConfig().width = 3
