"""The edge-promoting game: first phase, who moves when, the sum of the report's terms, frozen networks, presets."""

import copy
from dataclasses import replace

import pytest
import torch
from torch import nn

from avatarlib.losses import colour_loss, landmark_consistency, style_loss, total_variation
from avatarlib.models.landmarks import LandmarkNet
from avatarlib.recipes import CartoonGAN, CartoonGANConfig
from avatarlib.training import Trainer

TINY = replace(CartoonGANConfig.preset("smoke"), initial_rounds=0, initial_fall=0.0, content_layer="late")
REPORT = {"style_weight": 0.5, "grey_style_weight": 0.25, "colour_weight": 2.0, "total_variation_weight": 3.0,
          "landmark_weight": 0.75}


class Eye(nn.Module):
    """A frozen network of two layers, by name."""

    def __init__(self):
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(5)
            self.early = nn.Conv2d(3, 8, 3, 2, 1)
            self.late = nn.Sequential(nn.Conv2d(8, 8, 3, 2, 1), nn.BatchNorm2d(8))

    def forward(self, images):
        early = self.early(images)
        return {"early": early, "late": self.late(early)}


@pytest.fixture
def batch():
    draws = torch.Generator().manual_seed(0)
    return {name: torch.rand(2, 3, 32, 32, generator=draws) * 2 - 1 for name in ("photo", "cartoon", "smooth")}


@pytest.fixture
def make():
    """A recipe whose frozen networks are in evaluation mode, as a Trainer puts them."""
    def build(**changes):
        landmarks = LandmarkNet(("left eye", "right eye", "mouth"), width=8, size=32)
        recipe = CartoonGAN(Eye(), replace(TINY, **changes), landmarks=landmarks)
        for network in recipe.frozen.values():
            network.eval().requires_grad_(False)
        return recipe
    return build


def moved(before, after):
    """Names of the networks that differ between two recipes."""
    return {name for name, network in after.networks.items()
            if any(not torch.equal(a, b) for a, b in zip(network.parameters(), before.networks[name].parameters(),
                                                         strict=True))}


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_a_player_moves_itself_alone(make, batch, player):
    recipe = make()
    before, update = copy.deepcopy(recipe), recipe.update
    recipe.update = lambda name, loss: update(name, loss) if name == player else None
    recipe.step(batch)
    assert moved(before, recipe) == {player}


def test_the_discriminator_refuses_blurred_edges_and_fakes(make, batch):
    """Logarithms of three means, as printed; grey cartoons with their weight."""
    luma = torch.tensor([0.299, 0.587, 0.114])[:, None, None]
    for weight in (0.0, 0.5):
        recipe, seen = make(grey_adversarial_weight=weight), {}
        recipe.update = lambda name, loss, seen=seen: seen.update({name: loss.item()})
        losses = recipe.step(batch)
        with torch.no_grad():
            grey = (batch["cartoon"] * luma).sum(1, keepdim=True).expand(-1, 3, -1, -1)
            fake = recipe.networks["generator"](batch["photo"])
            chances = [recipe.networks["discriminator"](images).sigmoid()
                       for images in (batch["cartoon"], batch["smooth"], fake, grey)]
        expected = -chances[0].log().mean() - (1 - chances[1]).log().mean() - (1 - chances[2]).log().mean() \
            - weight * (1 - chances[3]).log().mean()
        assert seen["discriminator"] == pytest.approx(expected.item(), rel=1e-4)
        assert losses["discriminator"].item() == pytest.approx(expected.item(), rel=1e-4)


@pytest.mark.parametrize("reduction", ["mean", "sum", "relative"])
def test_the_generator_goes_down_the_sum_of_all_terms(make, batch, reduction):
    recipe, seen = make(content_reduction=reduction, content_weight=4.0, style_reduction="mean", **REPORT), {}
    recipe.update = lambda name, loss: seen.update({name: loss.item()})
    losses = recipe.step(batch)
    eye, photo, cartoon = recipe.frozen["features"], batch["photo"], batch["cartoon"]
    luma = torch.tensor([0.299, 0.587, 0.114])[:, None, None]
    with torch.no_grad():
        fake = recipe.networks["generator"](photo)
        grey = (cartoon * luma).sum(1, keepdim=True).expand(-1, 3, -1, -1)
        see = {name: eye(images)["late"] for name, images in (("fake", fake), ("photo", photo), ("cartoon", cartoon),
                                                              ("grey", grey))}
        difference = (see["fake"] - see["photo"]).abs()
        content = {"mean": difference.mean(), "sum": difference.sum(),
                   "relative": difference.mean() / see["photo"].abs().mean()}
        terms = {"adversarial": -recipe.networks["discriminator"](fake).sigmoid().log().mean(),
                 "content": content[reduction],
                 "style": style_loss(see["fake"], see["cartoon"]), "grey_style": style_loss(see["fake"], see["grey"]),
                 "colour": colour_loss(fake, photo), "total_variation": total_variation(fake),
                 "landmark": landmark_consistency(recipe.frozen["landmarks"], fake, photo)}
    for name, term in terms.items():
        assert losses[name].item() == pytest.approx(term.item(), rel=1e-3), name
    weights = {"adversarial": 1.0, "content": 4.0, "style": 0.5, "grey_style": 0.25, "colour": 2.0,
               "total_variation": 3.0, "landmark": 0.75}
    assert seen["generator"] == pytest.approx(sum(weights[name] * terms[name] for name in terms).item(), rel=1e-3)


def test_a_term_without_a_weight_is_neither_computed_nor_told(make, batch):
    assert set(make().step(batch)) == {"discriminator", "adversarial", "content", "change", "likeness"}


@pytest.mark.parametrize("judged", [False, True])
def test_in_the_first_phase_the_generator_learns_the_content_alone(make, batch, judged):
    """Two rounds of it; ArtifyGAN's discriminator learns meanwhile."""
    recipe = make(initial_rounds=2, initial_judge=judged, colour_weight=1.0)
    for recipe.round in range(3):
        before = copy.deepcopy(recipe)
        losses = recipe.step(batch)
        first = recipe.round < 2
        assert moved(before, recipe) == ({"generator"} if first and not judged else {"generator", "discriminator"})
        assert (losses["adversarial"] == 0) == first
        assert (losses["colour"] == 0) == first
        assert losses["content"] > 0


def test_the_first_phase_is_counted_in_epochs_where_there_are_no_rounds(make):
    recipe = make(initial_rounds=None, initial_epochs=2)
    recipe.rounds_per_epoch = 3
    seen = []
    for recipe.round in range(8):
        seen.append(recipe.in_first_phase)
    assert seen == [True] * 6 + [False] * 2
    recipe.round, recipe.first.flat = 0, True
    assert not recipe.in_first_phase


def test_content_without_a_weight_still_makes_the_first_phase(make, batch):
    """ArtifyGAN's second round has w = 0: the first phase is plain content, the game has none."""
    recipe, seen = make(content_weight=0.0, initial_rounds=1), []
    recipe.update = lambda name, loss: seen.append((name, loss.item()))
    content = recipe.step(batch)["content"].item()
    recipe.round = 1
    adversarial = recipe.step(batch)["adversarial"].item()
    assert seen[0] == ("generator", pytest.approx(content))
    assert seen[2] == ("generator", pytest.approx(adversarial))


def test_frozen_networks_stay_and_a_resumed_run_repeats_the_unbroken_one(pictures, tmp_path):
    """Cut in the first phase; the frozen normalisation's statistics stay, too."""
    sets = {name: pictures(10, seed=k, size=32) for k, name in enumerate(("photo", "cartoon", "smooth"))}
    config = replace(TINY, rounds=6, initial_rounds=3)

    def begin(name):
        return Trainer(CartoonGAN(Eye(), config), sets, run_dir=tmp_path / name, log_every=1, progress=False)

    whole = begin("whole")
    before = copy.deepcopy(whole.recipe.frozen["features"].state_dict())
    expected = whole.fit().losses
    assert all(torch.equal(before[name], value) for name, value in whole.recipe.frozen["features"].state_dict().items())
    for stop in (2, 4):
        begin("cut").fit(steps=stop)
    resumed = begin("cut")
    assert resumed.fit().losses == expected
    assert moved(whole.recipe, resumed.recipe) == set()


@pytest.mark.parametrize("name", ["artify_1", "artify_2", "artify_3", "report"])
def test_every_variant_plays_a_round(make, batch, name):
    config = CartoonGANConfig.preset(name)
    chosen = {key: getattr(config, key) for key in
              ("generator", "kernel", "gate", "adversarial", "content_weight", "content_reduction", "initial_judge",
               "grey_style_weight", "grey_adversarial_weight", "colour_weight", "landmark_weight")}
    recipe = make(**{**chosen, "width": 16})    # the gate has a sixteenth of 64 channels
    losses = recipe.step(batch)
    assert all(loss.isfinite() for loss in losses.values())
    assert recipe.translate(batch["photo"]).shape == (2, 3, 32, 32)
    assert recipe.translate(batch["photo"]).abs().max() <= 1


def test_the_presets_are_the_papers():
    rounds = [CartoonGANConfig.preset(f"artify_{n}") for n in (1, 2, 3)]
    assert [(r.blocks, r.kernel, r.learning_rate, r.content_weight, r.epochs, r.batch_size) for r in rounds] == \
        [(8, 7, 5e-3, 10, 240, 16), (10, 3, 0.1, 0, 210, 16), (10, 7, 1e-3, 1e-5, 210, 16)]
    assert {(r.content_reduction, r.content_layer, r.adversarial) for r in rounds} == \
        {("sum", "pool4", "non_saturating")}
    full = CartoonGANConfig.preset("full")
    assert (full.blocks, full.content_weight, full.content_layer, full.content_reduction) == (8, 10, "conv4_4", "mean")


def test_the_rates_of_artifygans_second_round_fall_by_a_factor_an_epoch(make, batch):
    """0.1 at first, 0.95 of it after each epoch of two rounds."""
    recipe, rates = make(rounds=None, learning_rate=0.1, generator_rate=None, epoch_decay=0.95, decay_share=0.0), []
    recipe.rounds_per_epoch = 2
    for recipe.round in range(5):
        recipe.begin_round(batch, "photo")
        rates.append(recipe.optimisers["generator"].param_groups[0]["lr"])
    assert rates == pytest.approx([0.1, 0.1, 0.095, 0.095, 0.09025])


def test_what_is_missing_or_unknown_is_named():
    with pytest.raises(ValueError, match=r"landmarks must be a network at landmark_weight 1\.0, got None"):
        CartoonGAN(Eye(), replace(TINY, landmark_weight=1.0))
    with pytest.raises(ValueError, match=r"generator must be one of .*'artifygan'.*, got 'animegan'"):
        CartoonGAN(Eye(), replace(TINY, generator="animegan"))
