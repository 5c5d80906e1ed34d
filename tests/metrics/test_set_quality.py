"""Sets of images against real ones: each corruption is seen by every measure that should see it."""

import pytest
import torch
from torch import nn

from avatarlib.data import AvatarSet
from avatarlib.metrics import (
    Features,
    SetScore,
    caption,
    corruptions,
    density_coverage,
    frechet_distance,
    kernel_distance,
    precision_recall,
    quality,
    quality_table,
)
from avatarlib.metrics.set_quality import BASELINE, LOWER_IS_BETTER

N, SEED = 300, 0
# What a network of random weights sees of each corruption. Precision, density and coverage do not notice blur
# there: blurred avatars differ less from one another, move towards the middle and fall into more balls.
SEEN_BY = {
    "blurred": ("frechet", "kernel", "recall"),
    "10 images repeated": ("frechet", "kernel", "recall", "coverage"),
    "shuffled colours": ("frechet", "kernel", "precision", "density", "coverage"),
}


def random_network(seed):
    """Three convolutions of random weights, 256 features."""
    torch.manual_seed(seed)
    layers = [layer for inputs, outputs in ((3, 16), (16, 32), (32, 64))
              for layer in (nn.Conv2d(inputs, outputs, 4, 2, 1), nn.LeakyReLU(0.2))]
    network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(2), nn.Flatten())
    return Features("random-weights", network, size=64, progress=False)


def colours(images):
    """A network without weights: the mean colour of each quarter."""
    return nn.functional.adaptive_avg_pool2d(images, 2).flatten(1)


FEATURES = Features("colours-4", colours, size=None, progress=False)


@pytest.fixture(scope="module")
def avatars(tmp_path_factory):
    return AvatarSet("avataaars", size=64, count=2 * N, seed=0, workers=1, progress=False,
                     cache=tmp_path_factory.mktemp("avatars")).images


@pytest.mark.parametrize("seed", [0, 1])
def test_every_corruption_ranks_below_held_out_images(avatars, seed):
    held_out = avatars[N:]
    table = quality_table(corruptions(held_out, seed=seed), avatars[:N], random_network(seed), n=N, seed=SEED,
                          held_out=held_out)
    scores = table.attrs["scores"]
    assert list(scores) == [BASELINE, *SEEN_BY]
    for row, keys in SEEN_BY.items():
        for key in keys:
            worse, real = scores[row][key].value, scores[BASELINE][key].value
            assert worse > real if key in LOWER_IS_BETTER else worse < real, f"{row}: {key} {worse} against {real}"


def test_more_blur_is_further_away(avatars):
    scores = [quality(corruptions(avatars[N:], seed=0, sigma=sigma)["blurred"], avatars[:N], random_network(0), n=N,
                      seed=SEED, held_out=avatars[N:])["frechet"].value for sigma in (0.5, 1, 2)]
    assert scores == sorted(scores)
    assert scores[0] < scores[2] / 4


def test_a_table_holds_what_the_measures_give(pictures):
    """All images of either set, so that the draw only changes their order; 1,000 times the kernel distance."""
    real, fake, held_out = (pictures(40, size=8, seed=seed) for seed in (0, 1, 2))
    table = quality_table({"fake": fake}, real, FEATURES, n=40, seed=0, held_out=held_out)
    a, b, c = FEATURES(real), FEATURES(fake), FEATURES(held_out)
    assert list(table.columns) == ["Fréchet colours distance", "kernel colours distance x 1000", "precision", "recall",
                                   "density", "coverage"]
    for row, other in (("fake", b), (BASELINE, c)):
        expected = (frechet_distance(a, other), 1000 * kernel_distance(a, other, seed=0).mean,
                    *precision_recall(a, other), *density_coverage(a, other))
        assert table.loc[row].tolist() == pytest.approx(expected, rel=1e-5)
    assert len(set(table.to_numpy().flatten())) > 6


def test_without_held_out_images_the_reference_is_cut_in_two(pictures):
    """Twice the same 20 pictures: cut at random, hardly any half equals the other; but no image is met by itself."""
    real, fake = pictures(40, size=8), pictures(20, size=8, seed=1)
    table = quality_table({"fake": fake}, real, FEATURES, n=20, seed=0)
    assert table.iloc[0, 0] > 1e-4
    assert table.attrs["scores"]["fake"]["frechet"].baseline == table.iloc[0, 0]
    assert table.attrs["scores"][BASELINE]["frechet"].baseline is None
    assert quality(fake, real, FEATURES, n=20, seed=0) == table.attrs["scores"]["fake"]


def test_a_row_does_not_depend_on_the_other_rows(pictures):
    real, one, two = (pictures(30, size=8, seed=seed) for seed in range(3))
    both = quality_table({"one": one, "two": two}, real, FEATURES, n=15, seed=0)
    alone = quality_table({"two": two}, real, FEATURES, n=15, seed=0)
    assert both.loc["two"].tolist() == alone.loc["two"].tolist()
    other = quality_table({"two": two}, real, FEATURES, n=15, seed=1)
    assert other.loc["two"].tolist() != alone.loc["two"].tolist()


def test_a_copy_of_the_reference_does_not_meet_its_originals(pictures):
    """Half of the rows are drawn on either side: were they the same ones, the distance would be 0."""
    real = pictures(60, size=8)
    scores = quality(real.images.copy(), real, FEATURES, n=30, seed=0, held_out=pictures(30, size=8, seed=1))
    assert scores["frechet"].value > 1e-4


def test_fid_is_the_name_of_inception_s_number_alone(pictures):
    real = pictures(20, size=8)
    for kind, names in {"Inception": ["FID", "KID"],
                        "tagger": ["Fréchet tagger distance", "kernel tagger distance"]}.items():
        scores = quality(real, real, Features("x", colours, size=8, kind=kind, progress=False), n=10, seed=0)
        assert [scores["frechet"].name, scores["kernel"].name] == names


def test_scores_tell_how_they_were_made(pictures):
    score = SetScore("Fréchet tagger distance", 8.37, n=5000, seed=0, backbone="tagger-avatars", at="64 px",
                     baseline=1.04)
    assert str(score) == ("Fréchet tagger distance 8.4 (real against real 1.0); n = 5,000 a side, seed 0, "
                          "tagger-avatars at 64 px")
    score = SetScore("KID", 0.012345, n=5000, seed=0, backbone="inception-2015-12-05", baseline=0.0001, spread=0.0012,
                     at="299 px (from 64 px, antialiased bicubic)")
    assert str(score) == ("KID 0.0123 (± 0.0012 over subsets; real against real 0.0001); n = 5,000 a side, seed 0, "
                          "inception-2015-12-05 at 299 px (from 64 px, antialiased bicubic)")
    score = SetScore("recall", 0.5, n=9, seed=1, backbone="a", at="8 px")
    assert str(score) == "recall 0.5; n = 9 a side, seed 1, a at 8 px"


def test_the_caption_and_attributes_tell_how_the_table_was_made(pictures, monkeypatch):
    real = pictures(40, size=8)
    table = quality_table({}, real, Features("colours-4", colours, size=16, progress=False), n=20, seed=3)
    at = "16 px (from 8 px, antialiased bilinear)"
    assert {key: table.attrs[key] for key in ("n", "seed", "backbone", "at")} == {
        "n": 20, "seed": 3, "backbone": "colours-4", "at": at}
    assert caption(table) == (f"n = 20 a side, seed 3, features of colours-4 at {at}. Kernel distance: all images at "
                              "once; precision and recall: k = 3; density and coverage: k = 5.")
    monkeypatch.setattr("avatarlib.metrics.set_quality.SUBSET_SIZE", 10)
    table = quality_table({}, real, FEATURES, n=20, seed=3)
    assert "Kernel distance: 100 subsets of 10;" in caption(table)
    assert table.attrs["scores"][BASELINE]["kernel"].spread > 0


@pytest.mark.parametrize(("counts", "n", "message"), [
    ((40, 19, None), 20, "fake has 19 images, but 20 are needed for n=20"),
    ((39, 20, None), 20, "reference has 39 images, but 40 are needed for n=20"),
    ((19, 20, 20), 20, "reference has 19 images, but 20 are needed for n=20"),
    ((20, 20, 19), 20, "held_out has 19 images, but 20 are needed for n=20"),
    ((20, 20, None), 5, "real must have more than k=5 rows, got 5"),
])
def test_small_sets_are_named(pictures, counts, n, message):
    reference, fake, held_out = (pictures(count, size=8) if count else None for count in counts)
    with pytest.raises(ValueError, match=message):
        quality_table({"fake": fake}, reference, FEATURES, n=n, seed=0, held_out=held_out)


def test_wrong_sets_are_named(pictures):
    real = pictures(20, size=8)
    with pytest.raises(ValueError, match=r"fake must have images of the shape of reference, \(3, 8, 8\), got"):
        quality_table({"fake": pictures(20, size=9)}, real, FEATURES, n=10, seed=0)
    with pytest.raises(ValueError, match=r"sets must not have a set called 'real \(held out\)'"):
        quality_table({BASELINE: real}, real, FEATURES, n=10, seed=0)
