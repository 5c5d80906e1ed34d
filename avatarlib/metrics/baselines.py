"""What a translation from photographs to drawings must beat: filters of the photograph alone, and a mean drawing."""

from __future__ import annotations

import warnings

import numpy as np
import torch
from scipy.ndimage import gaussian_filter
from skimage.color import lab2rgb, rgb2lab
from torch import Tensor

from avatarlib.metrics.images import check_unit_range, to_intensity

__all__ = ["classical_cartoon", "colour_transfer", "recoloured_mean"]

# Chosen by eye and by SSIM on eight validation heads of FaceSet at 128 pixels.
PASSES, COLOUR_SIGMA, SPACE_SIGMA = 3, 0.03, 2.0    # of the bilateral filter
LEVELS, SHARPNESS = 8, 3.0                          # of lightness
SIGMA, WIDER, SHARPEN, BLACK_BELOW, SLOPE = 0.7, 1.6, 20.0, 0.1, 10.0   # XDoG's sigma, k, p, epsilon, phi


def classical_cartoon(images: Tensor) -> Tensor:
    """Photographs as cartoons without learning: smoothed, in few tones, with dark lines; after Winnemöller et al. 2006.

    A bilateral filter (Tomasi and Manduchi 1998), three times, flattens what has no edge; the lightness of CIELAB is
    pulled to eight levels (Winnemöller et al. 2006, eq. 4, of constant sharpness); and the lines are an extended
    difference of Gaussians (XDoG; Winnemöller, Kyprianidis and Olsen 2012, eqs. 5 and 7) of the picture after the first
    pass. Sizes are in pixels, for pictures of about 128.

    Parameters
    ----------
    images : Tensor
        (N, 3, H, W) in [-1, 1].

    Returns
    -------
    Tensor
        The same shape and range, float32, on the CPU.

    Raises
    ------
    ValueError
        If shape or range is none of these.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import classical_cartoon
    >>> photo = torch.full((1, 3, 32, 32), 0.8)
    >>> photo[..., 16] = 0.0                                        # a grey stroke on light paper
    >>> cartoon = classical_cartoon(photo)
    >>> [round(value, 1) for value in cartoon[0, 0, 16, 14:19].tolist()]       # becomes black
    [0.8, 0.8, -1.0, 0.8, 0.8]
    """
    check_pictures("images", images)
    pictures = to_intensity(images.detach().cpu().double()).permute(0, 2, 3, 1).numpy()
    cartoons = np.stack([cartoon_of(picture) for picture in pictures])
    return torch.from_numpy(cartoons).permute(0, 3, 1, 2).float() * 2 - 1


def cartoon_of(picture: np.ndarray) -> np.ndarray:
    """One picture (H, W, 3) in [0, 1] as a cartoon."""
    smooth = flatten(picture)
    lines = dark_lines(rgb2lab(smooth)[..., 0] / 100)
    for _ in range(PASSES - 1):
        smooth = flatten(smooth)
    lab = rgb2lab(smooth)
    lab[..., 0] = few_tones(lab[..., 0])
    return lab2rgb(lab).clip(0, 1) * lines[..., None]


def flatten(picture: np.ndarray) -> np.ndarray:
    """One pass of the bilateral filter over (H, W, 3) in [0, 1]."""
    from skimage.restoration import denoise_bilateral  # here: most who measure have no need of it

    return denoise_bilateral(picture, sigma_color=COLOUR_SIGMA, sigma_spatial=SPACE_SIGMA, channel_axis=-1,
                             mode="edge")


def few_tones(lightness: np.ndarray) -> np.ndarray:
    """Lightness in [0, 100], most of it near one of the levels, with soft steps between them."""
    step = 100 / LEVELS
    nearest = np.round(lightness / step) * step
    return nearest + step / 2 * np.tanh(SHARPNESS * (lightness - nearest) / step)


def dark_lines(lightness: np.ndarray) -> np.ndarray:
    """XDoG of a lightness (H, W) in [0, 1]: 1 on paper, towards 0 in the ink."""
    narrow, wide = (gaussian_filter(lightness, sigma) for sigma in (SIGMA, WIDER * SIGMA))
    sharpened = (1 + SHARPEN) * narrow - SHARPEN * wide
    return np.where(sharpened >= BLACK_BELOW, 1, 1 + np.tanh(SLOPE * (sharpened - BLACK_BELOW))).clip(0, 1)


def recoloured_mean(photos: Tensor, mean_photo: Tensor, mean_drawing: Tensor) -> Tensor:
    """For every photograph the mean drawing, shifted in colour as the photograph differs from the mean photograph.

    It knows of a photograph three numbers, its mean colour, and of the drawings what all have in common: what beats it
    must have looked at the face. Ours.

    Parameters
    ----------
    photos : Tensor
        (N, 3, H, W) in [-1, 1].
    mean_photo, mean_drawing : Tensor
        (3, H, W) in [-1, 1]: means of the training photographs and, of whatever heads, of the training drawings.

    Returns
    -------
    Tensor
        (N, 3, H, W) in [-1, 1].

    Raises
    ------
    ValueError
        If a shape or range is none of these.

    Examples
    --------
    >>> grey = torch.zeros(3, 8, 8)
    >>> recoloured_mean(grey[None] + 0.5, grey, grey - 0.25)[0, 0, 0, 0].item()
    0.25
    """
    check_pictures("photos", photos)
    for name, mean in (("mean_photo", mean_photo), ("mean_drawing", mean_drawing)):
        if mean.shape != photos.shape[1:]:
            raise ValueError(f"{name} must be {tuple(photos.shape[1:])}, as the photos are, got {tuple(mean.shape)}")
        check_unit_range(name, mean)
    shift = photos.mean((2, 3), keepdim=True) - mean_photo.mean((1, 2), keepdim=True)
    return (mean_drawing + shift).clamp(-1, 1)


def colour_transfer(photos: Tensor, known_photos: Tensor, drawings: Tensor) -> Tensor:
    """Photographs in the colours of drawings: of the same mean and deviation in every channel (Reinhard et al. 2001).

    One change for all photographs, from what ``known_photos`` have on average to what ``drawings`` have, so that fair
    faces stay fairer than dark ones. Reinhard et al. change each picture by its own mean and deviation, and not in
    CIELAB but in l-alpha-beta.

    Parameters
    ----------
    photos : Tensor
        (N, 3, H, W) in [-1, 1].
    known_photos, drawings : Tensor
        Pictures of any number and size, in the same range: what is learned from.

    Returns
    -------
    Tensor
        As ``photos``, float32, on the CPU.

    Raises
    ------
    ValueError
        If a shape or range is none of these.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import colour_transfer
    >>> photos = torch.zeros(1, 3, 8, 8)
    >>> drawings = torch.tensor([0.9, 0.5, 0.1])[:, None, None].expand(4, 3, 8, 8)
    >>> coloured = colour_transfer(photos, known_photos=photos, drawings=drawings)
    >>> [round(value, 3) for value in coloured[0, :, 0, 0].tolist()]
    [0.9, 0.5, 0.1]
    """
    for name, images in {"photos": photos, "known_photos": known_photos, "drawings": drawings}.items():
        check_pictures(name, images)
    there, here, lab = (rgb2lab(to_intensity(images.detach().cpu().double()).permute(0, 2, 3, 1).numpy())
                        for images in (drawings, known_photos, photos))
    pixels = (0, 1, 2)
    moved = (lab - here.mean(pixels)) / here.std(pixels).clip(1e-6) * there.std(pixels) + there.mean(pixels)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")         # of colours that no screen shows: they are cut off
        coloured = lab2rgb(moved)
    return torch.from_numpy(coloured.clip(0, 1)).permute(0, 3, 1, 2).float() * 2 - 1


def check_pictures(name: str, images: Tensor) -> None:
    """Raise a ValueError unless these are pictures (N, 3, H, W) in [-1, 1], at least one."""
    if images.ndim != 4 or images.shape[1] != 3 or not len(images):
        raise ValueError(f"{name} must be (N, 3, H, W) with N at least 1, got {tuple(images.shape)}")
    check_unit_range(name, images)
