"""CycleGAN's round: who moves when, the sum that the generators go down, the pool, the warm-up, and a resumed run."""

import copy
from dataclasses import replace

import pytest
import torch

from avatarlib.losses import landmark_consistency
from avatarlib.models.landmarks import LandmarkNet
from avatarlib.recipes import CycleGAN, CycleGANConfig
from avatarlib.training import Trainer

TINY = replace(CycleGANConfig.preset("smoke"), warm_up_share=0.0, penalty_weight=0.0)
GENERATORS, DISCRIMINATORS = {"to_cartoon", "to_photo"}, {"cartoon_discriminator", "photo_discriminator"}


@pytest.fixture
def batch():
    draws = torch.Generator().manual_seed(0)
    return {name: torch.rand(2, 3, 32, 32, generator=draws) * 2 - 1 for name in ("photo", "cartoon")}


def moved(before, after):
    """Names of the networks that differ between two recipes."""
    return {name for name, network in after.networks.items()
            if any(not torch.equal(a, b) for a, b in zip(network.parameters(), before.networks[name].parameters(),
                                                         strict=True))}


@pytest.mark.parametrize(("player", "own"), [("generators", GENERATORS), ("discriminators", DISCRIMINATORS)])
def test_a_player_moves_its_own_networks_alone(batch, player, own):
    recipe = CycleGAN(TINY)
    before, update = copy.deepcopy(recipe), recipe.update
    recipe.update = lambda name, loss: update(name, loss) if name == player else None
    recipe.step(batch)
    assert moved(before, recipe) == own


@pytest.mark.parametrize("adversarial", ["least_squares", "non_saturating"])
def test_the_generators_go_down_the_sum_of_the_paper(batch, adversarial):
    """L1 cycles and identities by plain means; both adversarial forms from the logits before any step."""
    recipe = CycleGAN(replace(TINY, adversarial=adversarial, rounds=4, pool_size=0))
    g, f, d_b, d_a = (recipe.networks[name] for name in ("to_cartoon", "to_photo", "cartoon_discriminator",
                                                         "photo_discriminator"))
    a, b, seen = batch["photo"], batch["cartoon"], {}
    recipe.update = lambda name, loss: seen.update({name: loss.item()})
    recipe.round = 3        # 2 * 3 / 4 - 1: half way down in the second half
    losses = recipe.step(batch)
    with torch.no_grad():
        fakes = {d_b: g(a), d_a: f(b)}
        if adversarial == "least_squares":
            game = sum(((d(fake) - 1) ** 2).mean() / 2 for d, fake in fakes.items())
            judges = [((d(real) - 1) ** 2).mean() / 2 + (d(fakes[d]) ** 2).mean() / 2
                      for d, real in ((d_b, b), (d_a, a))]
        else:
            game = sum(-d(fake).sigmoid().log().mean() for d, fake in fakes.items())
            judges = [-d(real).sigmoid().log().mean() - (1 - d(fakes[d]).sigmoid()).log().mean()
                      for d, real in ((d_b, b), (d_a, a))]
        cycle = (f(g(a)) - a).abs().mean() + (g(f(b)) - b).abs().mean()
        identity = (g(b) - b).abs().mean() + (f(a) - a).abs().mean()
    expected = TINY.adversarial_weight * game + (10 + 3) / 2 * cycle + (5 + 0.5) / 2 * identity
    assert seen["generators"] == pytest.approx(expected.item(), rel=1e-4)
    assert seen["discriminators"] == pytest.approx(sum(judges).item(), rel=1e-4)
    assert losses["cartoon_discriminator"].item() == pytest.approx(judges[0].item(), rel=1e-4)
    assert not any(loss.requires_grad for loss in losses.values())


def test_the_discriminators_see_the_pools_pictures(batch):
    """A pool that is full of cartoons makes fake cartoons real: the loss is that of real against real."""
    recipe = CycleGAN(replace(TINY, pool_size=2))
    for pool in (recipe.cartoon_pool, recipe.photo_pool):
        pool.count = 2
    recipe.cartoon_pool.pictures.copy_(batch["cartoon"])
    recipe.update = lambda name, loss: None
    recipe.cartoon_pool.exchange = lambda fakes, rng: recipe.cartoon_pool.pictures
    loss = recipe.step(batch)["cartoon_discriminator"]
    with torch.no_grad():
        logits = recipe.networks["cartoon_discriminator"](batch["cartoon"])
    assert loss.item() == pytest.approx((((logits - 1) ** 2).mean() / 2 + (logits ** 2).mean() / 2).item(), rel=1e-4)


def test_in_the_warm_up_the_generators_copy_and_nobody_judges(batch):
    """A fifth of ten rounds: two. Their loss is the mean absolute difference of four pictures, for both generators."""
    recipe = CycleGAN(replace(TINY, rounds=10, warm_up_share=0.2))
    both = torch.cat([batch["photo"], batch["cartoon"]])
    for recipe.round in range(3):
        before = copy.deepcopy(recipe)
        losses = recipe.step(batch)
        warm = recipe.round < 2
        assert moved(before, recipe) == (GENERATORS if warm else GENERATORS | DISCRIMINATORS)
        assert (losses["adversarial"] == 0) == warm
        if warm:
            copies = sum((before.networks[name](both) - both).abs().mean() for name in GENERATORS)
            assert losses["identity"].item() == pytest.approx(copies.item(), rel=1e-4)
    assert recipe.cartoon_pool.count == 2


def test_without_a_weight_the_identity_is_not_computed(batch):
    recipe = CycleGAN(replace(TINY, identity_weight=0.0, last_identity_weight=0.0))
    seen = []
    recipe.networks["to_cartoon"].register_forward_hook(lambda _, given, drawn: seen.append(len(drawn)))
    assert recipe.step(batch)["identity"] == 0
    assert seen == [2, 2]       # the photographs and the way back of the others; no cartoons


def test_a_resumed_run_repeats_the_unbroken_one_to_the_bit(pictures, tmp_path):
    """Cut in the warm-up, while the pools fill, and after: losses, weights and pools are equal."""
    sets = {"photo": pictures(10, size=32), "cartoon": pictures(8, seed=1, size=32)}
    config = replace(TINY, rounds=9, warm_up_share=0.2, penalty_weight=0.01, penalty_every=2)

    def begin(name):
        return Trainer(CycleGAN(config), sets, run_dir=tmp_path / name, log_every=1, progress=False)

    whole = begin("whole")
    expected = whole.fit().losses
    assert whole.recipe.cartoon_pool.count == 4
    for stop in (1, 3, 7):
        begin("cut").fit(steps=stop)
    resumed = begin("cut")
    assert resumed.fit().losses == expected
    assert moved(whole.recipe, resumed.recipe) == set()
    for name in ("cartoons", "photos"):
        pools = [recipe.extra_state[name] for recipe in (whole.recipe, resumed.recipe)]
        assert torch.equal(pools[0].pictures, pools[1].pictures)
        assert pools[0].count == pools[1].count
    assert torch.equal(whole.recipe.preview(), resumed.recipe.preview())


def test_landmarks_are_kept_in_both_directions_by_their_weight(batch):
    eyes = LandmarkNet(("left eye", "right eye", "mouth"), width=8, size=32).eval().requires_grad_(False)
    plain, kept = (CycleGAN(replace(TINY, landmark_weight=weight), landmarks=eyes) for weight in (0.0, 3.0))
    seen = {plain: {}, kept: {}}
    for recipe, losses in seen.items():
        recipe.update = lambda name, loss, losses=losses: losses.update({name: loss.item()})
        losses |= recipe.step(batch)
    with torch.no_grad():
        moved = sum(landmark_consistency(eyes, plain.networks[name](batch[of]), batch[of])
                    for name, of in (("to_cartoon", "photo"), ("to_photo", "cartoon")))
    assert seen[plain]["landmarks"] == 0
    assert seen[kept]["landmarks"].item() == pytest.approx(moved.item(), rel=1e-3)
    assert seen[kept]["generators"] - seen[plain]["generators"] == pytest.approx(3 * moved.item(), rel=1e-3)
    with pytest.raises(ValueError, match=r"landmarks must be a network at landmark_weight 3\.0, got None"):
        CycleGAN(replace(TINY, landmark_weight=3.0))


def test_the_preview_leads_there_and_back(batch):
    recipe = CycleGAN(TINY)
    recipe.step(batch)
    rows = recipe.preview().view(6, 8, 3, 32, 32)
    g, f = (recipe.averages[name].module for name in ("to_cartoon", "to_photo"))
    assert torch.equal(rows[0, :2], batch["photo"])
    for i, draw, of in ((1, g, 0), (2, f, 1), (4, f, 3), (5, g, 4)):
        torch.testing.assert_close(rows[i], draw(rows[of]))
    torch.testing.assert_close(recipe.translate(batch["photo"]), rows[1, :2])


def test_presets_say_what_they_are():
    full, ours, printed = (CycleGANConfig.preset(name) for name in ("full", "ours", "printed"))
    assert (full.blocks, full.batch_size, full.epochs, full.pool_size) == (9, 1, 200, 50)
    assert (full.adversarial, full.cycle_weight, full.identity_weight) == ("least_squares", 10, 0.5 * 10)
    assert (full.last_cycle_weight, full.last_identity_weight, full.warm_up_share, full.penalty_weight) == (10, 5, 0, 0)
    assert replace(printed, adversarial="least_squares", adversarial_weight=2.0, identity_weight=5.0,
                   last_identity_weight=5.0) == full
    assert (printed.adversarial, printed.identity_weight) == ("non_saturating", 0)
    assert (ours.width, ours.blocks, ours.size, ours.batch_size, ours.last_cycle_weight) == (32, 6, 128, 8, 3)
