"""Each corruption changes one thing and leaves the rest."""

import pytest
import torch

from avatarlib.metrics import blurred, collapsed, corruptions, shuffled_colours
from avatarlib.metrics.corruptions import PERMUTATIONS


def test_blur_spreads_a_point_by_its_sigma(pictures):
    """One white pixel on black: the second moment of what it becomes is sigma^2 along each axis."""
    point = torch.full((1, 3, 33, 33), -1.0)
    point[..., 16, 16] = 1
    spot = torch.from_numpy(blurred(point, sigma=1.5)[0, 0]).double()
    places = torch.arange(33) - 16.0
    for axis in (0, 1):
        weights = spot.sum(dim=axis)
        assert (weights * places).sum() / weights.sum() == pytest.approx(0, abs=1e-9)
        assert (weights * places**2).sum() / weights.sum() == pytest.approx(1.5**2, rel=0.1)    # 256 levels


def test_a_flat_picture_stays_under_blur():
    grey = torch.zeros(2, 3, 16, 16)
    assert (blurred(grey) == 128).all()     # 127.5 rounds to even


def test_collapse_keeps_ten_of_its_images_equally_often(pictures):
    originals = pictures(45, size=8).images
    images = collapsed(originals, seed=0, modes=10)
    rows = [next(i for i, original in enumerate(originals) if (original == image).all()) for image in images]
    assert len(images) == 45
    assert len(set(rows)) == 10
    assert {rows.count(row) for row in rows} == {4, 5}
    assert (collapsed(originals, seed=0) == images).all()
    assert (collapsed(originals, seed=1) != images).any()


def test_colours_are_permuted_never_kept(pictures):
    """Channels of each image in one of five other orders; each order about 60 times of 300, within 4 deviations."""
    originals = torch.from_numpy(pictures(300, size=4).images)
    images = torch.from_numpy(shuffled_colours(originals, seed=0))
    orders = torch.stack([(images == originals[:, order]).flatten(1).all(dim=1) for order in PERMUTATIONS])
    assert (orders.sum(dim=0) == 1).all()
    assert len(orders) == 5
    assert ((orders.sum(dim=1) - 60).abs() < 4 * (300 * 0.2 * 0.8)**0.5).all()


def test_grey_pictures_have_no_colours_to_shuffle(pictures):
    grey = pictures(5, size=8).images[:, :1].repeat(3, axis=1)
    assert (shuffled_colours(grey, seed=0) == grey).all()


def test_all_of_them_by_name(pictures):
    spoilt = corruptions(pictures(12, size=16), seed=0)
    assert list(spoilt) == ["blurred", "10 images repeated", "shuffled colours"]
    assert {(images.dtype.name, images.shape) for images in spoilt.values()} == {("uint8", (12, 3, 16, 16))}


def test_bad_options_are_named(pictures):
    with pytest.raises(ValueError, match="sigma must be positive, in pixels, got 0"):
        blurred(pictures(3, size=8), sigma=0)
    with pytest.raises(ValueError, match="images has 3 images, but 10 are needed"):
        collapsed(pictures(3, size=8), seed=0)
