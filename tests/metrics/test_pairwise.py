"""SSIM and PSNR against scikit-image and against values worked out by hand."""

import math

import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio as skimage_psnr
from skimage.metrics import structural_similarity as skimage_ssim

from avatarlib.metrics import mean_squared_error, peak_signal_noise_ratio, structural_similarity


def blobs(n, height=24, width=31, seed=0):
    """Smooth pictures in [0, 1] with flat parts, as cartoons have."""
    noise = torch.randn(n, 3, height, width, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.avg_pool2d(noise, 5, stride=1, padding=2).mul(2).add(0.5).clamp(0, 1)


def constant(*values):
    """One 16 px picture of a single grey a value."""
    return torch.tensor(values).view(-1, 1, 1, 1).expand(-1, 3, 16, 16).clone()


@pytest.mark.parametrize("data_range", [1.0, 255.0])
def test_ssim_is_that_of_scikit_image(data_range):
    """scikit-image with Gaussian windows (truncated at 3.5 sigma: 11 pixels) and biased variances."""
    a, b = data_range * blobs(20), data_range * blobs(20, seed=1)
    b[:10] = 0.9 * a[:10] + 0.1 * b[:10]   # half of the pairs are alike
    expected = [skimage_ssim(x, y, data_range=data_range, channel_axis=0, gaussian_weights=True, sigma=1.5,
                             use_sample_covariance=False, K1=0.01, K2=0.03)
                for x, y in zip(a.double().numpy(), b.double().numpy(), strict=True)]
    assert max(expected) - min(expected) > 0.5
    np.testing.assert_allclose(structural_similarity(a, b, data_range=data_range), expected, atol=2e-5)


def test_psnr_is_that_of_scikit_image():
    a, b = blobs(5), blobs(5, seed=1)
    expected = [skimage_psnr(x, y, data_range=1.0) for x, y in zip(a.numpy(), b.numpy(), strict=True)]
    np.testing.assert_allclose(peak_signal_noise_ratio(a, b, data_range=1.0), expected, rtol=1e-5)


def test_ssim_of_an_image_with_itself_is_one():
    a = blobs(3)
    torch.testing.assert_close(structural_similarity(a, a, data_range=1.0), torch.ones(3))


def test_ssim_of_flat_images_is_the_luminance_term():
    """Without variance (2ab + c1) / (a^2 + b^2 + c1) is left, c1 = (0.01 * 1)^2 = 0.0001."""
    got = structural_similarity(constant(0.5, 0.5), constant(0.0, 1.0), data_range=1.0)
    torch.testing.assert_close(got, torch.tensor([0.0001 / 0.2501, 1.0001 / 1.2501]), atol=1e-5, rtol=0)


def test_psnr_by_hand():
    """A step of 0.2 in a range of 2 is a tenth of it: 20 dB. Black against white is 0 dB, no error infinite."""
    got = peak_signal_noise_ratio(constant(0.2, -1.0, 0.3), constant(0.0, 1.0, 0.3), data_range=2.0)
    torch.testing.assert_close(got, torch.tensor([20.0, 0.0, math.inf]), atol=1e-4, rtol=0)


def test_psnr_does_not_change_with_the_unit():
    """The same pictures in [0, 1], [-1, 1] and 0..255, each with its own range."""
    a, b = blobs(3), blobs(3, seed=1)
    expected = peak_signal_noise_ratio(a, b, data_range=1.0)
    torch.testing.assert_close(peak_signal_noise_ratio(2 * a - 1, 2 * b - 1, data_range=2.0), expected)
    torch.testing.assert_close(peak_signal_noise_ratio(255 * a, 255 * b, data_range=255.0), expected)


def test_mean_squared_error_runs_over_channels_and_pixels():
    """One channel of three is off by 3: the mean square is 9 / 3."""
    a = torch.zeros(1, 3, 4, 4)
    b = a.clone()
    b[:, 1] = 3
    assert mean_squared_error(a, b).tolist() == [3.0]


def test_a_pair_does_not_depend_on_its_neighbours():
    a, b = blobs(18), blobs(18, seed=1)   # more than one chunk
    together = structural_similarity(a, b, data_range=1.0)
    alone = torch.cat([structural_similarity(x[None], y[None], data_range=1.0) for x, y in zip(a, b, strict=True)])
    torch.testing.assert_close(together, alone)
    assert together.std() > 0.01


IMAGES = torch.zeros(2, 3, 16, 16)
BAD_PAIRS = {
    r"a must be \(N, 3, H, W\) with N at least 1, got \(3, 16, 16\)": (IMAGES[0], IMAGES[0], 1.0),
    r"a must be \(N, 3, H, W\) with N at least 1, got \(2, 1, 16, 16\)": (IMAGES[:, :1], IMAGES[:, :1], 1.0),
    r"a must be \(N, 3, H, W\) with N at least 1, got \(0, 3, 16, 16\)": (IMAGES[:0], IMAGES[:0], 1.0),
    r"b must have the shape of a, \(2, 3, 16, 16\), got \(1, 3, 16, 16\)": (IMAGES, IMAGES[:1], 1.0),
    r"b must be floating point, got torch.uint8": (IMAGES, IMAGES.byte(), 1.0),
    r"data_range must be positive \(1 for images in \[0, 1\]\), got 0": (IMAGES, IMAGES, 0),
}


@pytest.mark.parametrize("metric", [structural_similarity, peak_signal_noise_ratio])
@pytest.mark.parametrize("message", BAD_PAIRS)
def test_bad_pairs_are_named(metric, message):
    a, b, data_range = BAD_PAIRS[message]
    with pytest.raises(ValueError, match=message):
        metric(a, b, data_range=data_range)


@pytest.mark.parametrize("metric", [structural_similarity, peak_signal_noise_ratio])
def test_a_data_range_that_is_not_the_pictures_is_told(metric):
    """0..255 with 1 is impossible; [0, 1] with 255 is possible and most unlikely."""
    a, b = blobs(2), blobs(2, seed=1)
    with pytest.raises(ValueError, match=r"data_range must be that of a and b, whose values are from .* to 2\d\d "
                                         r"\(255 for \[0, 255\], 1 for \[0, 1\]\), got 1"):
        metric(255 * a, 255 * b, data_range=1)
    with pytest.raises(ValueError, match=r"whose values are from .* to 2\d\d .* got 1"):
        metric(a, 255 * b, data_range=1)
    with pytest.warns(UserWarning, match=r"a and b have values from .* only: is data_range 255 right\?"):
        metric(a, b, data_range=255)


def test_values_may_be_black_or_beyond_by_rounding():
    black = torch.zeros(1, 3, 16, 16)
    assert structural_similarity(black, black, data_range=1.0).tolist() == [1.0]
    white = torch.full((1, 3, 16, 16), 1.0005)
    assert structural_similarity(white, white, data_range=1.0).item() == pytest.approx(1.0)


def test_the_range_of_psnr_is_from_the_smallest_to_the_largest():
    """Pictures in [-1, 1] span 2: with data_range 1 they would seem 6 dB worse."""
    a, b = 2 * blobs(2) - 1, 2 * blobs(2, seed=1) - 1
    with pytest.raises(ValueError, match=r"data_range must be that of a and b, .* got 1"):
        peak_signal_noise_ratio(a, b, data_range=1)


def test_ssim_needs_room_for_its_window():
    small = torch.zeros(1, 3, 10, 16)
    with pytest.raises(ValueError, match=r"a must be at least 11 pixels high and wide, got \(10, 16\)"):
        structural_similarity(small, small, data_range=1.0)


def test_ssim_of_images_that_count_from_minus_one_is_refused():
    """The luminance term compares means by their ratio: shifted pictures would get another number."""
    a, b = blobs(2), blobs(2, seed=1)
    with pytest.raises(ValueError, match=r"b must not be negative \(for images in \[-1, 1\] pass \(images \+ 1\)"):
        structural_similarity(a, 2 * b - 1, data_range=2.0)


def test_the_data_range_must_be_said():
    with pytest.raises(TypeError, match="data_range"):
        peak_signal_noise_ratio(IMAGES, IMAGES)
