"""A number together with how it was made."""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import Tensor

__all__ = ["Score", "mean_score"]

UNITS = {"PSNR": " dB"}


@dataclass(frozen=True)
class Score:
    """A mean over ``n`` image pairs, its confidence interval, and the protocol behind it.

    Attributes
    ----------
    name : str
        The metric: "SSIM" or "PSNR".
    value : float
        Mean over the pairs.
    low, high : float
        95 % confidence interval of the mean, ``value -+ 1.96 s / sqrt(n)`` (normal theory, independent
        pairs); not a number where a pair of equal images makes the PSNR infinite. It covers the choice of
        images, so another seed will mostly fall inside. It does not cover another training run.
    n, seed, size : int
        Pairs, seed of their draw, and width of the images in pixels.
    data_range : float
        Largest minus smallest possible pixel value.
    protocol : str
        Which pairs, for instance "P1 random pair".
    """

    name: str
    value: float
    low: float
    high: float
    n: int
    seed: int
    size: int
    data_range: float
    protocol: str

    def __str__(self) -> str:
        unit = UNITS.get(self.name, "")
        digits = 2 if unit else 3
        interval = "95 % CI undefined"
        if math.isfinite(self.low):
            interval = f"95 % CI {self.low:.{digits}f} to {self.high:.{digits}f}"
        return (f"{self.name} {self.protocol} {self.value:.{digits}f}{unit} "
                f"({interval}; n = {self.n:,} pairs, seed {self.seed}, {self.size} px)")


def mean_score(values: Tensor, *, metric: str, seed: int, size: int, data_range: float,
               protocol: str) -> Score:
    """The Score of one value a pair, (n,) with n at least 2."""
    n = len(values)
    values = values.double()
    mean = values.mean().item()
    half = 1.96 * values.std().item() / math.sqrt(n)   # nan where a value is infinite
    return Score(metric.upper(), mean, mean - half, mean + half, n=n, seed=seed, size=size,
                 data_range=data_range, protocol=protocol)
