"""The place where players move, on a game of two numbers, and DCGAN's round."""

import copy
import math
from dataclasses import replace

import pytest
import torch
from torch import nn

from avatarlib.losses import dragan_penalty
from avatarlib.recipes import DCGAN, DCGANConfig, Recipe


class Number(nn.Module):
    def __init__(self, value):
        super().__init__()
        self.value = nn.Parameter(torch.tensor([value]))


class Product(Recipe):
    """G pays x * y, D wants it large: the smallest adversarial game, with plain gradient steps of 0.1."""

    def __init__(self):
        super().__init__()
        self.networks = {"generator": Number(1.0), "discriminator": Number(2.0)}
        self.optimisers = {name: torch.optim.SGD(n.parameters(), 0.1) for name, n in self.networks.items()}

    def product(self):
        return (self.networks["generator"].value * self.networks["discriminator"].value).sum()

    def step(self, batch):
        self.update("discriminator", -self.product())
        self.update("generator", self.product())
        return {}

    @property
    def position(self):
        return [network.value.item() for network in self.networks.values()]


def test_a_round_by_hand():
    """From (1, 2): D goes up by 0.1 * 1 to 2.1, then G goes down by 0.1 times that new value, to 0.79."""
    game = Product()
    game.step({})
    assert game.position == pytest.approx([0.79, 2.1])


def test_a_running_average_by_hand():
    """From 1, positions 0.79 and 0.79 - 0.1 * 2.179 = 0.5721; the decays are 1/10 and 2/11, below 0.9."""
    game = Product()
    game.average("generator", 0.9)
    game.step({})
    assert game.averaged("generator").value.item() == pytest.approx((1 + 9 * 0.79) / 10)
    game.step({})
    assert game.averaged("generator").value.item() == pytest.approx((2 * 0.811 + 9 * 0.5721) / 11)
    assert not game.averaged("generator").training


@pytest.mark.parametrize("decay", [-0.1, 1.0])
def test_a_decay_out_of_range_is_named(decay):
    with pytest.raises(ValueError, match=rf"decay must be in \[0, 1\), got {decay}"):
        Product().average("generator", decay)


def test_an_unfinished_recipe_says_what_is_missing():
    with pytest.raises(NotImplementedError, match=r"Recipe must define step\(batch\)"):
        Recipe().step({})
    with pytest.raises(NotImplementedError, match=r"Recipe must define preview\(\)"):
        Recipe().preview()


@pytest.fixture
def batch(pictures):
    return pictures(8).batch(slice(0, 8))


def weights(network):
    return [p.detach().clone() for p in network.parameters()]


def same(first, second):
    return all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize(("player", "other"), [("generator", "discriminator"), ("discriminator", "generator")])
def test_a_player_moves_only_itself(tiny, player, other):
    """The loss leads back to both networks; the other one gets neither a gradient nor a step."""
    recipe = DCGAN(tiny)
    before = {name: weights(network) for name, network in recipe.networks.items()}
    recipe.update(player, recipe.judge(recipe.generator(recipe.noise(8, 4))).sum())
    assert same(weights(recipe.networks[other]), before[other])
    assert all(p.grad is None for p in recipe.networks[other].parameters())
    changed = [not torch.equal(a, b) for a, b in
               zip(weights(recipe.networks[player]), before[player], strict=True)]
    assert all(changed)


def recorded_step(recipe, batch, dtype):
    """A round in ``dtype``: its generator loss, the fakes, and D before and after."""
    seen, judge, before = [], recipe.judge, copy.deepcopy(recipe.discriminator)
    recipe.judge = lambda images: seen.append(images) or judge(images)
    with torch.autocast("cpu", dtype=dtype, enabled=dtype != torch.float32):
        losses = recipe.step(batch)
    recipe.judge = judge
    return losses["generator"], seen[-1].detach(), before, recipe.discriminator


def fresh_loss(recipe, discriminator, fakes, dtype):
    """The generator's loss by ``discriminator`` as it is, with no cached weights."""
    with torch.no_grad(), torch.autocast("cpu", dtype=dtype, enabled=dtype != torch.float32, cache_enabled=False):
        return recipe.losses.generator(discriminator(fakes).float())


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_generator_is_judged_by_the_updated_discriminator(tiny, batch, dtype):
    recipe = DCGAN(replace(tiny, learning_rate=0.05, dragan_weight=0.0))
    loss, fakes, before, after = recorded_step(recipe, batch, dtype)
    assert loss == fresh_loss(recipe, after, fakes, dtype)
    assert loss != fresh_loss(recipe, before, fakes, dtype)


def test_without_clearing_autocasts_cache_the_old_convolutions_would_judge(tiny, batch, monkeypatch):
    """The trap that ``update`` avoids: bf16 copies of weights outlive the step that changed the weights."""
    monkeypatch.setattr(torch, "clear_autocast_cache", lambda: None)
    recipe = DCGAN(replace(tiny, learning_rate=0.05, dragan_weight=0.0))
    loss, fakes, before, after = recorded_step(recipe, batch, torch.bfloat16)
    stale = copy.deepcopy(after)    # normalisation stays in float32, so it is the new one
    old = {key: value for key, value in before.state_dict().items() if value.ndim == 4}
    assert stale.load_state_dict(old, strict=False).unexpected_keys == []
    assert loss == fresh_loss(recipe, stale, fakes, torch.bfloat16)
    assert loss != fresh_loss(recipe, after, fakes, torch.bfloat16)


def test_both_losses_are_the_papers_cross_entropies(tiny, batch):
    """D's loss from its own probabilities before its step: -mean log D(x) - mean log(1 - D(G(z)))."""
    recipe = DCGAN(replace(tiny, dragan_weight=0.0))
    before = copy.deepcopy(recipe)
    losses = recipe.step(batch)
    fake = before.generator(before.noise(8, 4))
    real_odds, fake_odds = before.discriminator.probability(batch["image"]), before.discriminator.probability(fake)
    torch.testing.assert_close(losses["discriminator"], -real_odds.log().mean() - (1 - fake_odds).log().mean())
    torch.testing.assert_close(losses["generator"], -recipe.discriminator.probability(fake).log().mean())
    assert not losses["generator"].requires_grad


def test_the_dragan_weight_adds_that_many_penalties(tiny, batch):
    """Equal weights, noise and random draws: the losses differ by 10 times the penalty, drawn alike."""
    plain, cured = (DCGAN(replace(tiny, dragan_weight=weight)) for weight in (0.0, 10.0))
    judge = copy.deepcopy(plain).judge
    torch.manual_seed(1)
    penalty = dragan_penalty(judge, batch["image"]).detach()
    torch.manual_seed(1)
    difference = cured.step(batch)["discriminator"] - plain.step(batch)["discriminator"]
    torch.testing.assert_close(difference, 10 * penalty)
    assert penalty > 0


def test_the_average_is_the_closed_form_of_all_positions(tiny, batch):
    """With decays d_i = min(d, (1 + i) / (10 + i)): w_0 prod d + sum of w_i (1 - d_i) prod of later d."""
    recipe, rounds = DCGAN(replace(tiny, ema_decay=0.2)), 4
    decays = [1 / 10, 2 / 11, 0.2, 0.2]
    positions = [copy.deepcopy(recipe.generator.state_dict())]
    for _ in range(rounds):
        recipe.step(batch)
        positions.append(copy.deepcopy(recipe.generator.state_dict()))
    shares = [math.prod(decays)] + [(1 - decays[i]) * math.prod(decays[i + 1:]) for i in range(rounds)]
    averaged = recipe.averaged("generator").state_dict()
    assert any("running_mean" in key for key in averaged)
    for key, value in averaged.items():
        expected = sum(share * place[key].double() for share, place in zip(shares, positions, strict=True))
        expected = expected if value.is_floating_point() else torch.tensor(rounds).double()   # a count is copied
        torch.testing.assert_close(value.double(), expected, rtol=1e-4, atol=1e-6)


def test_the_preview_is_fixed_drawn_by_the_average_and_disturbs_nothing(tiny, batch):
    recipe = DCGAN(tiny)
    recipe.step(batch)
    state = recipe.rng.get_state()
    first, again = recipe.preview(), recipe.preview()
    assert first.shape == (64, 3, 64, 64)
    assert torch.equal(first, again)
    assert torch.equal(first, recipe.averages["generator"].module(recipe.preview_noise))
    assert torch.equal(state, recipe.rng.get_state())
    assert recipe.generator.training


def test_a_seed_fixes_weights_and_noise_and_leaves_the_global_generator_alone(tiny):
    state = torch.get_rng_state()
    first, again, other = DCGAN(tiny, seed=1), DCGAN(tiny, seed=1), DCGAN(tiny, seed=2)
    assert torch.equal(state, torch.get_rng_state())
    assert same(weights(first.generator), weights(again.generator))
    assert not same(weights(first.generator), weights(other.generator))
    assert torch.equal(first.noise(2, 4), again.noise(2, 4))


def test_the_defaults_are_the_papers():
    paper = DCGANConfig()
    assert (paper.latent, paper.width, paper.batch_size, paper.epochs) == (100, 64, 64, 300)
    assert (paper.learning_rate, paper.betas, paper.adversarial) == (2e-4, (0.5, 0.999), "non_saturating")
    assert paper.dragan_weight == 0
    assert DCGANConfig.preset("full") == paper


def test_presets_shrink_the_network_and_the_run_alone():
    smoke, quick, full = (DCGANConfig.preset(name) for name in ("smoke", "quick", "full"))
    assert smoke.width < quick.width < full.width
    assert smoke.epochs < quick.epochs < full.epochs
    for config in (smoke, quick):
        assert replace(config, width=64, epochs=300, ema_decay=full.ema_decay) == full


def test_an_unknown_loss_in_a_config_is_named(tiny):
    with pytest.raises(ValueError, match=r"name must be one of .*, got 'wasserstein'"):
        DCGAN(replace(tiny, adversarial="wasserstein"))
