"""Pictures and masks as arrays, with OpenCV: colours are BGR in the order of the last axis."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from geometry import Array

TEXTURE = 1024      # pixels a side of every texture of the skin


def read(path: Path, size: int | None = None, shrink: bool = False, flags: int = cv2.IMREAD_COLOR) -> Array:
    """A picture (H, W[, 3 or 4]), BGR, 0 to 255; ``size`` pixels a side if given (by averaging if ``shrink``).

    Raises
    ------
    FileNotFoundError
        Where no picture can be read at ``path``.
    """
    picture = cv2.imread(str(path), flags)
    if picture is None:
        raise FileNotFoundError(f"no picture at {path}: tools/faces/assets.py lists the assets and their folders")
    if size is None:
        return picture
    return cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA if shrink else cv2.INTER_LINEAR)


def scaled(path: Path, size: int, flags: int = cv2.IMREAD_COLOR) -> Array:
    """A picture shrunk to ``size`` pixels a side, float32, 0 to 1."""
    return read(path, size, shrink=True, flags=flags).astype(np.float32) / 255


def blur(mask: Array, sigma: float) -> Array:
    """A mask (H, W) or picture (H, W, C) blurred by a Gaussian of ``sigma`` pixels."""
    return cv2.GaussianBlur(mask, (0, 0), sigma)


def saturate(picture: Array, factor: float) -> Array:
    """A picture (H, W, 3) whose colours are ``factor`` times as far from their greys."""
    grey = picture.mean(2, keepdims=True)
    return grey + (picture - grey) * np.float32(factor)


def polygon(shape: tuple[int, int], corners: Array) -> Array:
    """The inside (H, W) bool of a polygon whose corners (N, 2) are pixels (x, y), to 1/16 of a pixel."""
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [(corners * 16 - 8).round().astype(np.int32)], (1,), shift=4)
    return mask > 0
