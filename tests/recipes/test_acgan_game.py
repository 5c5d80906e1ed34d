"""ACGAN's round: which losses with which weights, the penalty's second derivative, and that tags are learned."""

import copy
import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from avatarlib.data import ImageSet, TaggedAvatarSet, sample_tags
from avatarlib.losses import dragan_penalty
from avatarlib.recipes import ACGAN, ACGANConfig
from avatarlib.recipes.acgan import exponential_decay
from avatarlib.training import Trainer

TAGS = 4        # red, green, blue: one of them; and hat
TINY = ACGANConfig(latent=4, tags=TAGS, size=32, blocks=1, width=4, judge_width=4, batch_size=8, rounds=6,
                   ema_decay=0.5)


def draw_tags(n, generator):
    """One of three colours and, in half the rows, a hat."""
    colour = torch.randint(0, 3, (n,), generator=generator)
    hat = torch.randint(0, 2, (n, 1), generator=generator)
    return torch.cat([F.one_hot(colour, 3), hat], dim=1).float()


def coloured_squares(count=64):
    """Red, green or blue pictures, with a white bar on top for a hat."""
    tags = draw_tags(count, torch.Generator().manual_seed(0)).long().numpy()
    images = np.full((count, 3, 32, 32), 40, np.uint8)
    images[np.arange(count), tags[:, :3].argmax(1)] = 200
    images[tags[:, 3] == 1, :, :8] = 255
    return ImageSet("squares", images, tags, dict.fromkeys(("red", "green", "blue", "hat"), ("no", "yes")))


@pytest.fixture
def batch():
    return coloured_squares().batch(slice(0, 8))


def awake(recipe):
    """The recipe with weights of the size that training reaches; as drawn, the slopes are below a thousandth."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        for weight in recipe.discriminator.parameters():
            if weight.ndim > 1:
                nn.init.kaiming_normal_(weight, a=0.2)
    return recipe


def make(**changes):
    return awake(ACGAN(draw_tags, replace(TINY, **changes)))


def recorded(recipe, batch):
    """A round's losses, and what each player was asked to minimise."""
    asked, update = {}, recipe.update
    recipe.update = lambda player, loss: asked.update({player: loss.detach()}) or update(player, loss)
    losses = recipe.step(batch)
    return losses, asked


def log_loss(logits, tags):
    """-log P(tags), from probabilities: sum over tags, mean over pictures."""
    odds = torch.sigmoid(logits)
    return -(tags * odds.log() + (1 - tags) * (1 - odds).log()).sum(dim=1).mean()


def test_a_round_by_hand(batch):
    """All six losses from probabilities, D's before its step, G's after it; and how they are added."""
    recipe, before = make(), make()
    torch.manual_seed(1)
    losses, asked = recorded(recipe, batch)
    wanted = draw_tags(8, before.rng)
    fake = before.generator(before.noise(8, 4), wanted)
    real_logits, real_tags = before.discriminator(batch["image"])
    fake_logits, fake_tags = before.discriminator(fake)
    late_logits, late_tags = recipe.discriminator(fake)
    torch.manual_seed(1)
    penalty = dragan_penalty(before.discriminator.logits, batch["image"])
    expected = {
        "discriminator": -real_logits.sigmoid().log().mean() - (1 - fake_logits.sigmoid()).log().mean(),
        "real_tags": log_loss(real_tags, batch["labels"]), "fake_tags": log_loss(fake_tags, wanted),
        "penalty": penalty,
        "generator": -late_logits.sigmoid().log().mean(), "generator_tags": log_loss(late_tags, wanted)}
    assert losses.keys() == expected.keys()
    for name, value in expected.items():
        torch.testing.assert_close(losses[name], value.detach(), rtol=1e-3, atol=1e-5, msg=name)
        assert not losses[name].requires_grad
    torch.testing.assert_close(asked["discriminator"], 34 * losses["discriminator"] + losses["real_tags"]
                               + losses["fake_tags"] + 0.5 * losses["penalty"])
    torch.testing.assert_close(asked["generator"], 34 * losses["generator"] + losses["generator_tags"])


def test_the_discriminators_class_loss_on_fakes_is_weighted(batch):
    """At weight 0 it still is reported, but the discriminator does not follow it; the generator's loss is the same."""
    for weight in (0.0, 0.5):
        losses, asked = recorded(make(fake_tags_weight=weight), batch)
        assert losses["fake_tags"] > 0.1
        torch.testing.assert_close(asked["discriminator"], 34 * losses["discriminator"] + losses["real_tags"]
                                   + weight * losses["fake_tags"] + 0.5 * losses["penalty"])
        torch.testing.assert_close(asked["generator"], 34 * losses["generator"] + losses["generator_tags"])


def test_one_batch_of_fakes_serves_both_players_unless_fresh_ones_are_asked_for(batch):
    for fresh, calls in ((False, 1), (True, 2)):
        recipe, seen = make(fresh_fakes=fresh, dragan_weight=0.0), []
        recipe.generator.register_forward_hook(lambda _, inputs, images, seen=seen: seen.append((*inputs, images)))
        judged = []
        recipe.discriminator.register_forward_hook(lambda _, inputs, __, judged=judged: judged.append(inputs[0]))
        recipe.step(batch)
        assert len(seen) == calls
        real, first, second = judged
        assert torch.equal(real, batch["image"])
        assert torch.equal(first, seen[0][2])
        assert torch.equal(second, seen[-1][2])
        assert torch.equal(first, second) == (not fresh)
        assert not first.requires_grad
        assert second.requires_grad


# ---- the penalty


def penalty(recipe, images, seed=5):
    torch.manual_seed(seed)     # the draws of the points
    return recipe.penalty(images)


def gradients(recipe, images, dtype=torch.float32, seed=5):
    """The penalty and its gradient for each weight of the discriminator, by name, in a run of that precision."""
    with torch.autocast("cpu", dtype=dtype, enabled=dtype == torch.bfloat16):
        loss = penalty(recipe, images, seed)
    names, weights = zip(*recipe.discriminator.named_parameters(), strict=True)
    found = torch.autograd.grad(loss, weights, allow_unused=True)
    return loss.detach(), {name: torch.zeros_like(weight) if value is None else value
                           for name, weight, value in zip(names, weights, found, strict=True)}


def test_the_penaltys_gradient_equals_central_differences_in_float64(batch):
    """The double backward through every layer: a random direction a weight tensor, steps too small for a kink."""
    recipe, images = make(), batch["image"].double()
    recipe.discriminator.double()
    _, found = gradients(recipe, images)
    moved = 0
    for name, weight in recipe.discriminator.named_parameters():
        direction = torch.randn(weight.shape, dtype=weight.dtype, generator=torch.Generator().manual_seed(2))
        sides = []
        for step in (1e-7, -1e-7):
            with torch.no_grad():
                weight.add_(direction, alpha=step)
            sides.append(penalty(recipe, images).item())
            with torch.no_grad():
                weight.sub_(direction, alpha=step)
        slope = (found[name] * direction).sum().item()
        assert slope == pytest.approx((sides[0] - sides[1]) / 2e-7, rel=1e-4, abs=1e-5), name
        moved += abs(slope) > 1e-3
    kernels = [name for name, weight in recipe.discriminator.named_parameters() if weight.ndim == 4]
    assert moved >= len(kernels) == 16


def test_the_penalty_knows_the_adversarial_head_alone(batch):
    """Neither the classifier's weights nor a bias of the last layer bend the judgement's slope."""
    _, found = gradients(make(), batch["image"])
    zero = {name for name, value in found.items() if not value.abs().max()}
    assert {"tagger.weight", "tagger.bias", "adversarial.bias"} <= zero
    assert "adversarial.weight" not in zero


def test_the_points_are_the_ports(batch):
    """x + (1 - alpha) * delta, delta = std of the whole batch / 2 * U(0, 1) a pixel, alpha one number a picture."""
    recipe, seen = make(), []
    recipe.discriminator.trunk.register_forward_hook(lambda _, inputs, __: seen.append(inputs[0].detach()))
    penalty(recipe, batch["image"])
    (points,) = seen
    shift = (points - batch["image"]) / (0.5 * batch["image"].std())
    torch.manual_seed(5)
    noise, alpha = torch.rand(batch["image"].shape), torch.rand(8)
    torch.testing.assert_close(shift, (1 - alpha).view(8, 1, 1, 1) * noise, rtol=1e-3, atol=1e-5)


def test_in_bf16_the_penalty_and_its_gradient_are_those_of_float32(batch):
    """Penalty and length within 2 %, direction at a cosine of 0.99; another draw of the points turns it further."""
    recipe = make()
    (exact, right), (rough, found) = (gradients(recipe, batch["image"], dtype)
                                      for dtype in (torch.float32, torch.bfloat16))
    _, drawn = gradients(recipe, batch["image"], seed=6)
    assert rough.dtype == torch.float32
    assert rough != exact
    torch.testing.assert_close(rough, exact, rtol=0.02, atol=0)
    right, found, drawn = (torch.cat([value.flatten() for value in values.values()])
                           for values in (right, found, drawn))
    assert found.norm() / right.norm() == pytest.approx(1, abs=0.02)
    assert F.cosine_similarity(right, found, dim=0) > 0.99 > F.cosine_similarity(right, drawn, dim=0)


@pytest.mark.parametrize("scaled", [False, True])
def test_with_loss_scaling_the_slopes_are_computed_in_float32(batch, scaled):
    recipe, inside = make(), []
    recipe.scaler = torch.amp.GradScaler("cpu", enabled=scaled)
    recipe.discriminator.trunk.register_forward_hook(lambda *_: inside.append(torch.is_autocast_enabled("cpu")))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        recipe.penalty(batch["image"])
    assert inside == [not scaled]


def test_without_its_weight_the_penalty_costs_nothing(batch):
    """Three judgements a round instead of four, no second derivative, and no random number drawn for it."""
    judged = Counter()
    for weight in (0.0, 0.5):
        recipe = make(dragan_weight=weight)
        recipe.discriminator.trunk.register_forward_hook(lambda *_, weight=weight: judged.update([weight]))
        state = torch.get_rng_state()
        losses = recipe.step(batch)
        assert torch.equal(state, torch.get_rng_state()) == (weight == 0)
        assert (losses["penalty"] == 0) == (weight == 0)
    assert judged == {0.0: 3, 0.5: 4}


@pytest.mark.parametrize(("share", "pictures"), [(1.0, 8), (0.5, 4), (0.01, 1)])
def test_a_share_of_the_batch_bears_the_penalty(batch, share, pictures):
    recipe, seen = make(dragan_share=share), []
    recipe.discriminator.trunk.register_forward_hook(lambda _, inputs, __: seen.append(len(inputs[0])))
    recipe.penalty(batch["image"])
    assert seen == [pictures]


# ---- conditions, rates, preview, settings


def test_conditions_come_from_the_recipes_generator_and_reach_the_fakes():
    first, again, other = (ACGAN(draw_tags, TINY, seed=seed) for seed in (1, 1, 2))
    images, wanted = first.fakes(16)
    assert torch.equal(wanted, again.fakes(16)[1])
    assert not torch.equal(wanted, other.fakes(16)[1])
    assert not torch.equal(wanted, first.fakes(16)[1])
    assert set(wanted[:, :3].sum(dim=1).tolist()) == {1.0}
    assert images.shape == (16, 3, 32, 32)


def test_the_rate_falls_ten_times_in_the_rounds_after_the_first():
    factor = exponential_decay(50_000, 50_000)
    assert [factor(step) for step in (0, 49_999, 50_000)] == [1, 1, 1]
    assert factor(60_000) == pytest.approx(10 ** -0.2)
    assert factor(100_000) == pytest.approx(0.1)


def test_both_players_follow_the_decay(tmp_path):
    recipe = ACGAN(draw_tags, replace(TINY, decay_after=2, decay_rounds=4))
    Trainer(recipe, coloured_squares(16), run_dir=tmp_path, precision="float32", progress=False).fit(steps=4)
    for optimiser in recipe.optimisers.values():
        assert optimiser.param_groups[0]["lr"] == pytest.approx(2e-4 * 10 ** -0.5)
    assert len(recipe.optimisers) == 2


def test_the_preview_is_fixed_drawn_by_the_average_and_disturbs_nothing(batch):
    recipe = make()
    recipe.step(batch)
    state = recipe.rng.get_state()
    first = recipe.preview()
    assert first.shape == (64, 3, 32, 32)
    assert torch.equal(first, recipe.preview())
    average = recipe.averages["generator"].module
    assert torch.equal(first, average(recipe.preview_noise, recipe.preview_tags))
    assert not torch.equal(first, copy.deepcopy(recipe.generator).eval()(recipe.preview_noise, recipe.preview_tags))
    assert torch.equal(state, recipe.rng.get_state())
    assert recipe.generator.training


def test_a_seed_fixes_weights_and_leaves_the_global_generator_alone():
    state = torch.get_rng_state()
    first, again, other = (ACGAN(draw_tags, TINY, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(state, torch.get_rng_state())
    for name in ("generator", "discriminator"):
        weights = [[p for p in recipe.networks[name].parameters() if p.ndim > 1] for recipe in (first, again, other)]
        assert all(torch.equal(a, b) for a, b in zip(weights[0], weights[1], strict=True))
        assert not any(torch.equal(a, c) for a, c in zip(weights[0], weights[2], strict=True))


def test_the_defaults_are_the_papers():
    paper = ACGANConfig()
    assert (paper.latent, paper.tags, paper.size, paper.blocks, paper.width) == (128, 34, 128, 16, 64)
    assert (paper.adversarial_weight, paper.dragan_weight, paper.dragan_share) == (34, 0.5, 1)
    assert (paper.learning_rate, paper.betas, paper.batch_size) == (2e-4, (0.5, 0.999), 64)
    assert (paper.rounds, paper.decay_after) == (60_000, 50_000)
    assert ACGANConfig.preset("full") == paper


def test_presets_shrink_networks_and_run_alone():
    smoke, quick, full = (ACGANConfig.preset(name) for name in ("smoke", "quick", "full"))
    for field in ("width", "judge_width", "blocks", "rounds"):
        assert getattr(smoke, field) < getattr(quick, field) < getattr(full, field)
    shrunk = ("size", "blocks", "width", "judge_width", "batch_size", "rounds", "ema_decay")
    faster = ("judge_init", "adversarial_weight", "learning_rate", "generator_rate", "dragan_share")
    for config, fields in ((smoke, shrunk), (quick, shrunk + faster)):
        assert replace(config, **{field: getattr(full, field) for field in fields}) == full
    assert all(getattr(quick, field) != getattr(full, field) for field in shrunk + faster)


def test_conditions_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"sample_tags\(64, generator\) must be \(64, 4\), got \(64, 34\)"):
        ACGAN(lambda n, generator: torch.zeros(n, 34), TINY)


# ---- with the Trainer


@pytest.mark.parametrize("precision", ["float32", "bf16"])
@pytest.mark.parametrize("fresh", [False, True])
def test_three_rounds_and_three_equal_six(tmp_path, precision, fresh):
    """To the last bit, within the decay, with rounds of two epochs."""
    def start(run_dir):
        recipe = ACGAN(draw_tags, replace(TINY, decay_after=1, decay_rounds=5, fresh_fakes=fresh))
        return Trainer(recipe, coloured_squares(40), run_dir=run_dir, precision=precision, log_every=1, progress=False)

    whole = start(tmp_path / "whole")
    expected = whole.fit(steps=6).losses
    start(tmp_path / "cut").fit(steps=3)
    torch.rand(3)       # another process would not find the generators where this one left them
    resumed = start(tmp_path / "cut")
    assert resumed.step == 3
    assert resumed.fit(steps=6).losses == expected
    assert len({tuple(loss.values()) for loss in expected}) == 6
    for name in ("networks", "averages"):
        for key, network in getattr(whole.recipe, name).items():
            for left, right in zip(network.state_dict().values(),
                                   getattr(resumed.recipe, name)[key].state_dict().values(), strict=True):
                assert torch.equal(left, right)


def test_the_smoke_preset_trains_on_tagged_avatars(tmp_path):
    """Its networks and batch, for four of its rounds."""
    data = TaggedAvatarSet(size=64, count=32, progress=False)
    config = replace(ACGANConfig.preset("smoke"), rounds=4)
    recipe = ACGAN(lambda n, generator: sample_tags(n, "empirical", generator=generator), config)
    trainer = Trainer(recipe, data, run_dir=tmp_path, log_every=1, sample_every=4, progress=False)
    history = trainer.fit()
    assert trainer.step == 4
    assert np.isfinite(history.frame[["discriminator", "penalty", "generator_tags"]]).all(axis=None)
    assert (tmp_path / "samples" / "round-000004.png").exists()


def test_a_hundred_rounds_teach_the_classifier_what_guessing_cannot_know(tmp_path):
    """Knowing only how often: three colours of one third cost 3 H(1/3), a hat in half the pictures log 2.

    With seeds 0, 1 and 2 the loss was 0.23, 0.21 and 0.42 of that.
    """
    third = -(math.log(1 / 3) + 2 * math.log(2 / 3)) / 3
    guessing = 3 * third + math.log(2)
    config = replace(TINY, adversarial_weight=float(TAGS), judge_width=16, batch_size=16, learning_rate=1e-3)
    trainer = Trainer(ACGAN(draw_tags, config), coloured_squares(), run_dir=tmp_path, precision="float32",
                      log_every=1, progress=False)
    real = trainer.fit(steps=100).frame["real_tags"]
    assert real.iloc[0] == pytest.approx(TAGS * math.log(2), abs=0.01)       # undecided: 2.77
    assert guessing == pytest.approx(2.60, abs=0.01)
    assert real.iloc[-10:].mean() < 0.7 * guessing


def test_the_generator_may_learn_at_a_rate_of_its_own():
    """Its rate and the discriminator's, both ten times smaller after one round of this decay."""
    recipe = make(generator_rate=1e-3, decay_after=0, decay_rounds=1)
    for scheduler in recipe.schedulers.values():
        scheduler.optimizer.step()
        scheduler.step()
    rates = {name: scheduler.get_last_lr()[0] for name, scheduler in recipe.schedulers.items()}
    assert rates == {"generator": pytest.approx(1e-4), "discriminator": pytest.approx(2e-5)}
