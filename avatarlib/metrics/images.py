"""One way to read images, whether they lie in a float tensor, a uint8 array, or a data set."""

from __future__ import annotations

from typing import Protocol, TypeAlias

import numpy as np
import torch
from torch import Tensor

__all__ = ["DATA_RANGE", "HasImages", "ImageSource", "Images", "draw", "to_intensity"]

DATA_RANGE = 1.0   # scores are taken on intensities in [0, 1], see structural_similarity


class HasImages(Protocol):
    """A data set: its ``images`` are uint8 (N, 3, H, W)."""

    @property
    def images(self) -> np.ndarray: ...


ImageSource: TypeAlias = Tensor | np.ndarray | HasImages   # what the protocols accept


class Images:
    """Checked images (N, 3, H, W), converted to intensities in [0, 1] a batch at a time.

    Parameters
    ----------
    name : str
        What the caller calls them, for error messages.
    source : ImageSource
        Floats in [-1, 1], uint8, or a data set with ``images`` (memory-mapped or not).

    Raises
    ------
    ValueError
        If type, shape, dtype or range is none of these.
    """

    def __init__(self, name: str, source: ImageSource) -> None:
        array = getattr(source, "images", source)
        if not isinstance(array, (Tensor, np.ndarray)):
            raise ValueError(
                f"{name} must be a tensor, an array or a data set with images, got {type(source).__name__}")
        if array.ndim != 4 or array.shape[1] != 3:
            raise ValueError(f"{name} must be (N, 3, H, W), got {tuple(array.shape)}")
        self.is_byte = array.dtype in (torch.uint8, np.uint8)
        if not self.is_byte:
            array = torch.as_tensor(array)
            check_unit_range(name, array)
        self.name, self.array = name, array
        self.shape = tuple(array.shape[1:])

    def __len__(self) -> int:
        return len(self.array)

    def batch(self, indices: Tensor) -> Tensor:
        """Floats (len(indices), 3, H, W) in [0, 1]."""
        if isinstance(self.array, Tensor):
            images = self.array[indices.to(self.array.device)].float()
        else:
            images = torch.from_numpy(np.asarray(self.array[indices.numpy()])).float()
        return images / 255 if self.is_byte else to_intensity(images)

    def require(self, n: int) -> None:
        """Raise a ValueError if there are fewer than ``n``."""
        if len(self) < n:
            raise ValueError(f"{self.name} has {len(self):,} images, but {n:,} are needed")


def to_intensity(images: Tensor) -> Tensor:
    """[-1, 1] -> [0, 1]; rounding errors outside are cut off."""
    return ((images + 1) / 2).clamp(0, 1)


def check_unit_range(name: str, images: Tensor) -> None:
    """Raise a ValueError unless ``images`` are finite floats in [-1, 1]."""
    if not images.is_floating_point():
        raise ValueError(f"{name} must be floats in [-1, 1] or uint8, got {images.dtype}")
    low, high = (round(x.item(), 3) for x in images.aminmax()) if images.numel() else (0.0, 0.0)
    if not (low >= -1 and high <= 1):   # also catches nan
        raise ValueError(f"{name} must lie in [-1, 1], got values from {low} to {high}")


def draw(images: Images, n: int, generator: torch.Generator) -> Tensor:
    """Indices (n,) of ``n`` different images, at random.

    Raises
    ------
    ValueError
        If there are fewer than ``n`` images, or ``n`` is below 2 (a mean of one has no interval).
    """
    if n < 2:
        raise ValueError(f"n must be at least 2, got {n!r}")
    images.require(n)
    return torch.randperm(len(images), generator=generator)[:n]
