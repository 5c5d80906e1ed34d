"""CUT: who moves when, the sum that is minimised, and a resumed run."""

import copy
from dataclasses import replace

import pytest
import torch

from avatarlib.recipes import CUT, CUTConfig
from avatarlib.training import Trainer

TINY = replace(CUTConfig.preset("smoke"), penalty_weight=0.0)


@pytest.fixture
def batch():
    draws = torch.Generator().manual_seed(0)
    return {name: torch.rand(2, 3, 32, 32, generator=draws) * 2 - 1 for name in ("photo", "cartoon")}


def moved(before, after):
    """Names of the networks that differ between two recipes."""
    return {name for name, network in after.networks.items()
            if any(not torch.equal(a, b) for a, b in zip(network.parameters(), before.networks[name].parameters(),
                                                         strict=True))}


@pytest.mark.parametrize(("player", "own"), [("generator", {"generator", "heads"}),
                                             ("discriminator", {"discriminator"})])
def test_a_player_moves_its_own_networks_alone(batch, player, own):
    recipe = CUT(TINY)
    before, update = copy.deepcopy(recipe), recipe.update
    recipe.update = lambda name, loss: update(name, loss) if name == player else None
    recipe.step(batch)
    assert moved(before, recipe) == own


@pytest.mark.parametrize("identity", [True, False])
def test_the_generator_goes_down_the_adversarial_loss_and_the_contrast(batch, identity):
    """With the identity, half of each contrast; the discriminator comes first, so the fooling is its new self's."""
    recipe, seen = CUT(replace(TINY, identity_nce=identity, nce_weight=3.0)), {}
    contrasts = iter((torch.tensor(0.5), torch.tensor(0.25)))
    recipe.contrast = lambda original, drawn: next(contrasts)
    update = recipe.update
    recipe.update = lambda name, loss: (seen.update({name: loss.item()}),
                                        update(name, loss) if name == "discriminator" else None)
    with torch.no_grad():
        fake = recipe.networks["generator"](batch["photo"])
        real, drawn = (recipe.networks["discriminator"](images) for images in (batch["cartoon"], fake))
    losses = recipe.step(batch)
    assert seen["discriminator"] == pytest.approx((((real - 1) ** 2).mean() / 2 + (drawn ** 2).mean() / 2).item(),
                                                  rel=1e-4)
    with torch.no_grad():
        game = ((recipe.networks["discriminator"](fake) - 1) ** 2).mean() / 2
    assert losses["adversarial"].item() == pytest.approx(game.item(), rel=1e-4)
    assert seen["generator"] == pytest.approx(2 * game.item() + 3 * ((0.5 + 0.25) / 2 if identity else 0.5), rel=1e-4)


def test_the_same_picture_contrasts_least(batch):
    """Every place of a picture is most like itself; of another picture it has to guess among all places."""
    recipe = CUT(TINY)
    with torch.no_grad():
        same = recipe.contrast(batch["photo"], batch["photo"])
        other = recipe.contrast(batch["photo"], batch["cartoon"])
    assert same < other


def test_the_originals_side_is_fixed_and_the_drawn_side_learns(batch):
    recipe = CUT(TINY)
    photo, drawn = (batch["photo"].clone().requires_grad_() for _ in range(2))
    recipe.contrast(photo, drawn).backward()
    assert photo.grad is None
    assert drawn.grad.abs().sum() > 0


def test_a_resumed_run_repeats_the_unbroken_one_to_the_bit(pictures, tmp_path):
    sets = {"photo": pictures(10, size=32), "cartoon": pictures(8, seed=1, size=32)}
    config = replace(TINY, penalty_weight=0.01, penalty_every=2)

    def begin(name):
        return Trainer(CUT(config), sets, run_dir=tmp_path / name, log_every=1, progress=False)

    whole = begin("whole")
    expected = whole.fit(steps=5).losses
    begin("cut").fit(steps=2)
    resumed = begin("cut")
    assert resumed.fit(steps=5).losses == expected
    assert moved(whole.recipe, resumed.recipe) == set()


def test_the_full_preset_is_the_authors():
    full = CUTConfig.preset("full")
    assert (full.nce_weight, full.identity_nce, full.patches, full.temperature) == (1, True, 256, 0.07)
    assert (full.epochs, full.batch_size, full.learning_rate, full.blocks) == (400, 1, 2e-4, 9)
