"""What all translations share: schedules by hand, the sizes of pictures, beginning from another run, first phases."""

import copy
import math
from dataclasses import replace

import pytest
import torch
from torch import nn

from avatarlib.recipes.first_phase import FirstPhase
from avatarlib.recipes.translation import Translation, TranslationConfig

TINY = TranslationConfig(size=8, batch_size=2, epochs=4, learning_rate=0.01, generator_rate=0.02)


class Recolouring(Translation):
    """One layer draws, one judges at two scales."""

    def __init__(self, config=TINY, *, channels=3, seed=0):
        super().__init__(config)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.networks["generator"] = nn.Conv2d(3, 3, 1)
            self.networks["discriminator"] = nn.Conv2d(channels, 1, 3)
        self.begin({"generator": ["generator"], "discriminator": ["discriminator"]}, ["generator"], seed=seed)

    def translate(self, photos):
        return self.averaged("generator")(photos)


BATCH = {name: torch.rand(2, 3, 8, 8) for name in ("photo", "cartoon")}


def rates(recipe, rounds, player="discriminator"):
    """A player's learning rate in each of these rounds."""
    for recipe.round in rounds:
        recipe.begin_round(BATCH, "photo", "cartoon")
        yield recipe.optimisers[player].param_groups[0]["lr"]


def test_the_rates_fall_by_epochs_as_in_the_reference():
    """200 epochs of three rounds, e from 0: 2e-4 (1 - max(0, e + 1 - 100) / 101), and never below 0."""
    recipe = Recolouring(replace(TINY, epochs=200, learning_rate=2e-4))
    recipe.rounds_per_epoch = 3
    for epoch in (0, 50, 99, 100, 150, 199):
        expected = 2e-4 * (1 - max(0, epoch + 1 - 100) / 101)
        assert list(rates(recipe, range(3 * epoch, 3 * epoch + 3))) == pytest.approx([expected] * 3)
    assert list(rates(recipe, [1500])) == [0]


def test_the_rates_fall_by_rounds_where_the_config_has_rounds():
    """Five rounds, the last three (0.6 of them) falling by quarters; the generator has a rate of its own."""
    recipe = Recolouring(replace(TINY, rounds=5, decay_share=0.6))
    recipe.rounds_per_epoch = 2
    assert recipe.total_rounds == 5
    for player, rate in (("discriminator", 0.01), ("generator", 0.02)):
        assert list(rates(recipe, range(5), player)) == pytest.approx([rate * f for f in (1, 1, 3 / 4, 2 / 4, 1 / 4)])
    assert list(rates(Recolouring(replace(TINY, rounds=4, decay_share=0.0)), range(4))) == [0.01] * 4


def test_a_falling_weight_falls_in_the_second_half():
    recipe = Recolouring(replace(TINY, rounds=8))
    values = []
    for recipe.round in range(9):
        values.append(recipe.falling(10.0, 2.0))
    assert values == pytest.approx([10, 10, 10, 10, 10, 8, 6, 4, 2])


def test_adversarial_losses_are_means_over_scales():
    """Least squares on maps of 0 and 2: the judge's half squares are ((0 - 1)^2 + 2^2) / 2 = 2.5 and, for a judge
    that says 1 at the second scale, 1/2; the drawer's 2: 1/2 and 0."""
    class Scales(nn.Module):
        def forward(self, images):
            return [images[:, :1], torch.ones(len(images), 1, 2, 2)]

    recipe = Recolouring()
    recipe.networks["discriminator"] = Scales()
    real, fake = torch.zeros(2, 3, 8, 8), torch.full((2, 3, 8, 8), 2.0)
    assert recipe.telling_apart("discriminator", real, fake).item() == pytest.approx((2.5 + 0.5) / 2)
    assert recipe.fooling("discriminator", fake).item() == pytest.approx((0.5 + 0) / 2)


def test_the_slope_penalty_comes_every_so_many_rounds():
    """A judge of slope w in each pixel: half the sum of squares, times weight and rounds."""
    recipe = Recolouring(channels=3)
    with torch.no_grad():
        recipe.networks["discriminator"] = judge = nn.Conv2d(3, 1, 8)       # one logit: a sum of all pixels
    real = torch.randn(2, 3, 8, 8)
    slope = judge.weight.detach().square().sum() / 2
    values = [recipe.slope_penalty("discriminator", real, 0.01, 4) for recipe.round in range(5)]
    assert values[1:4] == [0.0] * 3
    for value in (values[0], values[4]):
        torch.testing.assert_close(value.detach(), 0.04 * slope)
    assert recipe.slope_penalty("discriminator", real, 0.0, 4) == 0


def test_the_slope_penalty_is_the_same_for_one_logit_and_for_a_map_of_equal_ones():
    """A judge whose 2 x 2 logits all say the same is as steep as one that says it once."""
    recipe, real, values = Recolouring(channels=3), torch.randn(2, 3, 8, 8), []
    once = nn.Conv2d(3, 1, 8)
    for judge in (once, nn.Sequential(once, nn.Upsample(scale_factor=2))):
        recipe.networks["discriminator"] = judge
        values.append(recipe.slope_penalty("discriminator", real, 0.01, 1).item())
    assert values[0] == pytest.approx(values[1])


def test_change_and_likeness_by_hand():
    """Negated colours: twice as far as they are bright, and a correlation of -1; shifted ones: +1."""
    photo, recipe = torch.rand(4, 3, 8, 8), Recolouring()
    same, negated = recipe.compare(photo, photo + 0.5), recipe.compare(photo, -photo)
    assert same["change"].item() == pytest.approx(0.5, rel=1e-5)
    assert same["likeness"].item() == pytest.approx(1, rel=1e-5)
    assert negated["change"].item() == pytest.approx(2 * photo.mean().item(), rel=1e-5)
    assert negated["likeness"].item() == pytest.approx(-1, rel=1e-5)
    assert recipe.compare(photo, torch.zeros_like(photo))["likeness"] == 0      # one colour: like nothing


def test_pictures_of_another_size_are_named():
    with pytest.raises(ValueError, match=r"batch\['cartoon'\] must be \(n, 3, 8, 8\) .* got \(2, 3, 16, 16\)"):
        Recolouring().begin_round({"photo": torch.zeros(2, 3, 8, 8), "cartoon": torch.zeros(2, 3, 16, 16)},
                               "photo", "cartoon")


def test_the_preview_shows_the_first_photographs_and_their_cartoons():
    recipe = Recolouring()
    batch = {name: torch.rand(2, 3, 8, 8) for name in ("photo", "cartoon")}
    photo, cartoon = recipe.begin_round(batch, "photo", "cartoon")
    assert photo is batch["photo"]
    assert cartoon is batch["cartoon"]
    rows = recipe.preview()
    assert rows.shape == (16, 3, 8, 8)
    assert torch.equal(rows[:2], photo)
    assert torch.equal(rows[8:], recipe.averages["generator"].module(rows[:8]))


def test_a_run_begins_from_another_one_with_its_averages():
    """A generator of the same shapes is taken, averaged; a judge of other shapes begins anew."""
    small, large = Recolouring(seed=1), Recolouring(replace(TINY, size=16), channels=4)
    with torch.no_grad():
        small.averages["generator"].module.bias.fill_(7.0)
    judge = copy.deepcopy(large.networks["discriminator"].state_dict())
    large.begin_from(small)
    assert torch.equal(large.networks["generator"].bias, torch.full((3,), 7.0))
    assert torch.equal(large.averages["generator"].module.bias, torch.full((3,), 7.0))
    assert torch.equal(large.networks["discriminator"].weight, judge["weight"])
    small.networks.pop("generator"), small.averages.pop("generator")
    with pytest.raises(ValueError, match=r"other must have networks of these shapes, got none among \['discrim"):
        large.begin_from(small)


def test_a_run_begins_with_a_translator_and_a_fresh_judge():
    first, second = Recolouring(seed=1), Recolouring(seed=2)
    judge = copy.deepcopy(second.networks["discriminator"].state_dict())
    shipped = copy.deepcopy(first.networks["generator"])
    with torch.no_grad():
        shipped.bias.fill_(7.0)
    second.begin_with(shipped)
    assert torch.equal(second.networks["generator"].bias, torch.full((3,), 7.0))
    assert torch.equal(second.averages["generator"].module.bias, torch.full((3,), 7.0))
    assert torch.equal(second.networks["discriminator"].weight, judge["weight"])
    with pytest.raises(ValueError, match=r"must be a translator of Recolouring with \{\}, got a Conv2d with \{\}"):
        second.begin_with(torch.nn.Conv2d(3, 3, 3))


def test_presets_are_chosen_by_name_or_by_the_machine(monkeypatch):
    assert TranslationConfig.preset("full") == TranslationConfig()
    monkeypatch.setenv("AVATARLIB_PRESET", "full")
    assert TranslationConfig.preset() == TranslationConfig()
    with pytest.raises(ValueError, match=r"name must be one of \('full',\), got 'ours'"):
        TranslationConfig.preset("ours")


def test_a_first_phase_ends_when_two_windows_differ_little():
    """Windows of two: means 4, 3 (a fall of 25 %), 2.9 (3 %): flat after round 6 at 10 %; a checkpoint keeps it."""
    phase = FirstPhase(2, 0.1)
    seen = []
    for round, loss in enumerate([5.0, 3.0, 3.0, 3.0, 2.9, 2.9]):
        phase.note(torch.tensor(loss), round)
        seen.append(phase.flat)
    assert seen == [False] * 5 + [True]
    other = FirstPhase(2, 0.1)
    other.load_state_dict(phase.state_dict())
    assert (other.flat, other.before) == (True, phase.before)


def test_a_first_phase_that_looks_at_no_fall_never_ends_by_itself():
    phase = FirstPhase(1, 0.0)
    for round in range(3):
        phase.note(torch.tensor(1.0), round)
    assert not phase.flat
    assert phase.before == math.inf
