"""The lines of a drawing: where they are, and whether another picture has them too."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from avatarlib.metrics.baselines import check_pictures
from avatarlib.metrics.images import to_intensity

__all__ = ["drawn_lines", "edge_f1"]

THRESHOLD = 0.12                    # of brightness: FaceSet's outlines on its darkest skin are 0.15 below it
LUMA = (0.299, 0.587, 0.114)        # ITU-R BT.601


def drawn_lines(images: Tensor, *, threshold: float = THRESHOLD, width: int = 5) -> Tensor:
    """Where a picture is darker than on both sides: thin dark strokes, not the borders of areas.

    The black top-hat (closing minus picture; Serra 1982) of the brightness, with a square of ``width`` pixels, is above
    ``threshold``. An edge detector would find a contour of every change of colour, and two of every stroke.

    Parameters
    ----------
    images : Tensor
        (N, 3, H, W) in [-1, 1].
    threshold : float
        Least darkness of a line, black to white being 1.
    width : int
        Odd; lines narrower than this are found.

    Returns
    -------
    Tensor
        Booleans (N, H, W).

    Raises
    ------
    ValueError
        If an argument is none of these.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import drawn_lines
    >>> drawing = torch.ones(1, 3, 16, 16)
    >>> drawing[..., 4] = -1.0                                  # a stroke
    >>> drawing[..., 12:] = 0.5                                 # an area, whose border is no line
    >>> drawn_lines(drawing).nonzero()[:, 2].unique().tolist()
    [4]
    """
    check_pictures("images", images)
    if width < 3 or width % 2 == 0:
        raise ValueError(f"width must be odd and at least 3, got {width!r}")
    if not 0 < threshold < 1:
        raise ValueError(f"threshold must be in (0, 1), got {threshold!r}")
    brightness = torch.einsum("nchw,c->nhw", to_intensity(images), images.new_tensor(LUMA))
    closed = -largest_near(-largest_near(brightness, width // 2), width // 2)
    return closed - brightness > threshold


def largest_near(values: Tensor, reach: int) -> Tensor:
    """Largest of (N, H, W) within a square of ``2 reach + 1`` pixels; what lies outside the picture does not count."""
    return F.max_pool2d(values[:, None], 2 * reach + 1, 1, reach)[:, 0]


def edge_f1(pictures: Tensor, drawings: Tensor, *, threshold: float = THRESHOLD, reach: int = 1) -> Tensor:
    """How well the lines of each picture are those of its drawing: 1 is all and no other, 0 is none.

    Precision is the share of the picture's lines within ``reach`` pixels of the drawing's, recall that of the drawing's
    within as many of the picture's, and the measure their harmonic mean (the F-measure of Martin et al. 2004, here with
    dilated masks in place of a matching).

    Parameters
    ----------
    pictures, drawings : Tensor
        Pairs (N, 3, H, W) in [-1, 1].
    threshold : float
        As in ``drawn_lines``, for both.
    reach : int
        Pixels by which a line may be off.

    Returns
    -------
    Tensor
        (N,), float32; 1 where neither has lines.

    Raises
    ------
    ValueError
        If an argument is none of these.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import edge_f1
    >>> drawing = torch.ones(1, 3, 16, 16)
    >>> drawing[..., 4] = -1.0
    >>> [edge_f1(drawing.roll(pixels, dims=3), drawing).item() for pixels in (0, 1, 2)]
    [1.0, 1.0, 0.0]
    """
    if pictures.shape != drawings.shape:
        raise ValueError(f"drawings must have the shape of pictures, {tuple(pictures.shape)}, "
                         f"got {tuple(drawings.shape)}")
    if reach < 0:
        raise ValueError(f"reach must not be negative, got {reach!r}")
    found, true = (drawn_lines(images, threshold=threshold) for images in (pictures, drawings))
    hits = (found & (largest_near(true.float(), reach) > 0)).sum((1, 2))
    met = (true & (largest_near(found.float(), reach) > 0)).sum((1, 2))
    precision, recall = hits / found.sum((1, 2)).clamp(min=1), met / true.sum((1, 2)).clamp(min=1)
    score = 2 * precision * recall / (precision + recall).clamp(min=1e-12)
    return torch.where(found.any((1, 2)) | true.any((1, 2)), score, torch.ones_like(score))
