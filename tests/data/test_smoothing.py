"""Edge smoothing: where it blurs, with which kernel, and that nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from avatarlib.data import ImageSet
from avatarlib.data.files import smoothing
from avatarlib.data.files.smoothing import smooth_edges, smoothed, smoothing_steps


def step(size=16, low=0, high=255, diagonal=False):
    """Left half ``low``, right half ``high``; or lower left and upper right."""
    rows, columns = np.indices((size, size))
    side = columns > rows if diagonal else columns >= size // 2
    return np.broadcast_to(np.where(side, high, low).astype(np.uint8), (3, size, size)).copy()


def test_a_black_and_white_step_is_blurred_around_the_edge_and_nowhere_else():
    """The step lies between columns 7 and 8, equally steep in both; two more to each side make the mask.

    Inside it the picture is a Gaussian of standard deviation 1.1 in rows of five, outside itself.
    """
    image = step()
    result = smoothing_steps(image)
    assert set(np.nonzero(result.edges)[1].tolist()) == {7, 8}
    assert [column for column in range(16) if result.mask[:, column].any()] == [5, 6, 7, 8, 9, 10]
    assert result.mask[:, 5:11].all()
    expected = ndimage.gaussian_filter(image.astype(float), (0, 1.1, 1.1), mode="mirror", radius=2)
    inside = np.broadcast_to(result.mask, image.shape)
    assert np.array_equal(result.result[inside], np.round(expected)[inside])
    assert np.array_equal(result.result[~inside], image[~inside])
    assert (result.result != image).any()


def test_the_blur_is_a_kernel_of_five_by_five_with_reflected_borders():
    """Weights exp(-x^2 / (2 * 1.1^2)) for x = -2..2, scaled to sum 1; the border pixel is not repeated."""
    image = np.random.default_rng(0).integers(0, 256, (3, 9, 11), np.uint8)
    weights = np.exp(-np.arange(-2, 3) ** 2 / (2 * 1.1 ** 2))
    kernel = np.outer(weights, weights) / weights.sum() ** 2
    padded = np.pad(image, ((0, 0), (2, 2), (2, 2)), mode="reflect").astype(float)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (5, 5), axis=(1, 2))
    expected = (windows * kernel).sum((-2, -1))
    assert np.abs(smoothing.blur(image) - expected).max() <= 0.5 + 1e-9


def test_the_kernel_is_near_the_table_that_opencv_computes_with():
    """(1, 4, 6, 4, 1) / 16, the kernel of getGaussianKernel(5, 0)."""
    weights = np.exp(-np.arange(-2, 3) ** 2 / (2 * smoothing.SIGMA ** 2))
    assert np.abs(weights / weights.sum() - np.array([1, 4, 6, 4, 1]) / 16).max() < 0.009


@pytest.mark.parametrize(("rise", "found"), [(36, False), (41, True)])
def test_an_edge_counts_from_a_rise_of_forty_grey_levels(rise, found):
    """Across an upright step of ``rise`` levels the Sobel kernel gives 4 * rise, along a diagonal 3 and 3.

    So the norm is 4 * rise and 4.24 * rise, and the threshold of 157.1 lies at 39.3 and 37.0 levels.
    """
    assert smoothing_steps(step(low=0, high=rise)).edges.any() == found
    assert smoothing_steps(step(low=0, high=rise, diagonal=True)).edges.any() == found


def test_a_flat_picture_stays_as_it_is():
    flat = np.full((2, 3, 8, 8), 77, np.uint8)
    assert np.array_equal(smooth_edges(flat), flat)


def test_colours_are_blurred_each_on_its_own():
    """Red against green of other lightness: blue is 0 everywhere and stays so."""
    image = np.zeros((3, 16, 16), np.uint8)
    image[0, :, :8], image[1, :, 8:] = 255, 255
    result = smoothing_steps(image)
    assert result.mask.any()
    assert not result.result[2].any()
    assert 0 < result.result[0, 8, 8] < 255
    assert np.abs(result.result[:2].astype(int).sum(0) - 255).max() <= 1     # what red loses, green gains


def test_a_batch_is_its_pictures_one_by_one():
    images = np.random.default_rng(0).integers(0, 256, (3, 3, 20, 20), np.uint8)
    assert np.array_equal(smooth_edges(images), np.stack([smoothing_steps(image).result for image in images]))
    assert smooth_edges(images[:0]).shape == (0, 3, 20, 20)


@pytest.mark.parametrize("images", [
    np.zeros((2, 3, 8, 8), np.float32), np.zeros((2, 1, 8, 8), np.uint8), np.zeros((3, 8, 8), np.uint8),
    np.zeros((2, 3, 8, 4), np.uint8),
], ids=lambda images: f"{images.dtype}{images.shape}")
def test_what_is_no_batch_of_pictures_is_named(images):
    with pytest.raises(ValueError, match=r"images must be uint8 \(N, 3, H, W\) of at least 5 x 5 pixels, got "):
        smooth_edges(images)


def test_what_is_no_picture_is_named():
    with pytest.raises(ValueError, match=r"image must be uint8 \(3, H, W\) .* got uint8 \(2, 8, 8\)"):
        smoothing_steps(np.zeros((2, 8, 8), np.uint8))


def cartoons(count, size=8):
    images = np.random.default_rng(0).integers(0, 2, (count, 3, size, size)).astype(np.uint8) * 255
    return ImageSet("cartoons", images, np.arange(count)[:, None] % 2, {"side": ("left", "right")})


@pytest.mark.parametrize("count", [5, smoothing.CHUNK + 1])
def test_a_set_keeps_order_and_labels(tmp_path, monkeypatch, count):
    """Few pictures in this process, many in two others."""
    monkeypatch.setattr(smoothing, "PARALLEL_FROM", smoothing.CHUNK)
    data = cartoons(count)
    result = smoothed(data, workers=2, progress=False, cache=tmp_path)
    assert np.array_equal(result.images, smooth_edges(data.images))
    assert result.labels.equal(data.labels)
    assert result.schema == data.schema
    assert result.name == "cartoons, edges smoothed"


def test_a_set_is_smoothed_once_and_again_when_any_picture_changes(tmp_path, monkeypatch):
    """The changed picture is none of the 64 that the set's own digest looks at."""
    data = cartoons(200)
    first = smoothed(data, progress=False, cache=tmp_path)
    with monkeypatch.context() as without:
        without.setattr(smoothing, "in_chunks", None)        # a second computation would fail
        assert np.array_equal(smoothed(data, progress=False, cache=tmp_path).images, first.images)
    before = data.digest()
    data.images[1] = 255
    assert data.digest() == before
    again = smoothed(data, progress=False, cache=tmp_path)
    assert (again.images[1] == 255).all()
    assert np.array_equal(again.images[2:], first.images[2:])


def test_an_interrupted_computation_leaves_no_cache(tmp_path, monkeypatch):
    def broken(*_, **__):
        yield np.zeros((2, 3, 8, 8), np.uint8)
        raise KeyboardInterrupt

    with monkeypatch.context() as failing:
        failing.setattr(smoothing, "in_chunks", broken)
        with pytest.raises(KeyboardInterrupt):
            smoothed(cartoons(5), progress=False, cache=tmp_path)
    assert not list(tmp_path.rglob("*.npy"))
    assert len(smoothed(cartoons(5), progress=False, cache=tmp_path)) == 5


@pytest.mark.parametrize(("data", "options", "message"), [
    (cartoons(0), {}, "data must hold at least one picture, got none in 'cartoons'"),
    (cartoons(2), {"workers": 0}, "workers must be -1 or at least 1, got 0"),
])
def test_arguments_are_named(data, options, message):
    with pytest.raises(ValueError, match=message):
        smoothed(data, progress=False, **options)
