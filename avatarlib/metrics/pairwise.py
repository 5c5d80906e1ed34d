"""SSIM and PSNR of pairs of images, one number a pair."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["METRICS", "mean_squared_error", "peak_signal_noise_ratio", "structural_similarity"]

WINDOW = 11   # pixels across; torchmetrics derives it from sigma = 1.5
CHUNK = 16    # pairs at a time: a larger piece leaves the processor's cache


def structural_similarity(a: Tensor, b: Tensor, *, data_range: float) -> Tensor:
    """SSIM (N,) of each pair (Wang et al. 2004; Xiao et al. eq. 2): 1 is equal, 0 is unrelated structure.

    An 11x11 Gaussian window with sigma 1.5, K1 = 0.01, K2 = 0.03, biased local variances. The local values
    are averaged over the windows that lie wholly inside the image, then over the channels. The same as
    ``skimage.metrics.structural_similarity`` with ``gaussian_weights=True, sigma=1.5,
    use_sample_covariance=False, channel_axis=0``.

    Pixels must count from black = 0. SSIM compares local means by their ratio, so the same pictures in
    [-1, 1] give another, lower number that no paper's can be compared with.

    Parameters
    ----------
    a, b : Tensor
        Equal shapes (N, 3, H, W), floating point, not negative, H and W at least 11.
    data_range : float
        Largest possible value: 1 for images in [0, 1], 255 for [0, 255].

    Raises
    ------
    ValueError
        If shape, dtype or range is none of these, or a value lies beyond ``data_range``. Values that are all below
        a hundredth of it are warned about.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import structural_similarity
    >>> picture = torch.arange(16.0).expand(1, 3, 16, 16) / 15
    >>> round(structural_similarity(picture, picture, data_range=1).item(), 3)
    1.0
    >>> black, white = torch.zeros(1, 3, 16, 16), torch.ones(1, 3, 16, 16)
    >>> round(structural_similarity(black, white, data_range=1).item(), 6)     # K1^2 / (1 + K1^2): means alone
    0.0001
    """
    check_pairs(a, b, data_range)
    if min(a.shape[-2:]) < WINDOW:
        raise ValueError(f"a must be at least {WINDOW} pixels high and wide, got {tuple(a.shape[-2:])}")
    for name, images in (("a", a), ("b", b)):
        if images.min() < 0:
            raise ValueError(f"{name} must not be negative (for images in [-1, 1] pass (images + 1) / 2 and "
                             f"data_range=1), got {images.min().item():.3g}")
    pieces = zip(a.split(CHUNK), b.split(CHUNK), strict=True)
    return torch.cat([ssim_of_chunk(x, y, data_range) for x, y in pieces])


def ssim_of_chunk(a: Tensor, b: Tensor, data_range: float) -> Tensor:
    """SSIM (N,) of a few pairs. Every channel of every image is one channel of a single wide image: the
    window treats channels apart, and this layout is four times as fast on a CPU."""
    from torchmetrics.functional.image import structural_similarity_index_measure  # here: importing takes a second

    wide = (1, -1, *a.shape[2:])
    _, local = structural_similarity_index_measure(
        a.reshape(wide), b.reshape(wide), sigma=1.5, k1=0.01, k2=0.03, data_range=data_range,
        reduction="none", return_full_image=True)
    border = WINDOW // 2   # here the window would look at mirrored pixels
    inside = local.reshape(a.shape)[..., border:-border, border:-border]
    return inside.mean(dim=(1, 2, 3))


def mean_squared_error(a: Tensor, b: Tensor) -> Tensor:
    """Mean squared difference (N,) of each pair (N, C, H, W) over channels, height and width (Xiao et al. eq. 4).

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import mean_squared_error
    >>> mean_squared_error(torch.zeros(2, 3, 8, 8), torch.full((2, 3, 8, 8), 0.5)).tolist()
    [0.25, 0.25]
    """
    return (a - b).square().mean(dim=(1, 2, 3))


def peak_signal_noise_ratio(a: Tensor, b: Tensor, *, data_range: float) -> Tensor:
    """PSNR (N,) of each pair in decibels, ``10 log10(data_range^2 / MSE)`` (Xiao et al. eq. 3); infinite where equal.

    Parameters
    ----------
    a, b : Tensor
        Equal shapes (N, 3, H, W), floating point.
    data_range : float
        Largest minus smallest possible value: 2 for images in [-1, 1], 1 for [0, 1].

    Errors and warnings as in ``structural_similarity``, for values further apart than ``data_range``.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import peak_signal_noise_ratio
    >>> a = torch.rand(1, 3, 8, 8) / 2
    >>> round(peak_signal_noise_ratio(a, a + 0.1, data_range=1).item(), 2)     # 10 log10(1 / 0.1^2)
    20.0
    """
    check_pairs(a, b, data_range)
    return 10 * torch.log10(data_range**2 / mean_squared_error(a, b))


METRICS: dict[str, Callable[..., Tensor]] = {"ssim": structural_similarity, "psnr": peak_signal_noise_ratio}


def check_pairs(a: Tensor, b: Tensor, data_range: float) -> None:
    """Raise a ValueError unless ``a`` and ``b`` are batches of pairs within ``data_range``; warn far within it.

    Values may go beyond by a thousandth, as rounding makes them. Nearly black pictures are no error, so values that
    are all below a hundredth of ``data_range``, such as [0, 1] beside 255, are only warned about.
    """
    if a.ndim != 4 or a.shape[1] != 3 or len(a) == 0:
        raise ValueError(f"a must be (N, 3, H, W) with N at least 1, got {tuple(a.shape)}")
    if a.shape != b.shape:
        raise ValueError(f"b must have the shape of a, {tuple(a.shape)}, got {tuple(b.shape)}")
    for name, images in (("a", a), ("b", b)):
        if not images.is_floating_point():
            raise ValueError(f"{name} must be floating point, got {images.dtype}")
    if not data_range > 0:
        raise ValueError(f"data_range must be positive (1 for images in [0, 1]), got {data_range!r}")
    low, high = (min(a.min().item(), b.min().item()), max(a.max().item(), b.max().item()))
    largest = max(high, -low, high - low)
    if largest > 1.001 * data_range:
        raise ValueError(f"data_range must be that of a and b, whose values are from {low:.3g} to {high:.3g} "
                         f"(255 for [0, 255], 1 for [0, 1]), got {data_range!r}")
    if 0 < largest < data_range / 100:
        warnings.warn(f"a and b have values from {low:.3g} to {high:.3g} only: is data_range {data_range!r} right? "
                      "(1 for images in [0, 1])", stacklevel=3)
