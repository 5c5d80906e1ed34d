"""A number together with how it was made."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from scipy.special import stdtrit
from torch import Tensor

__all__ = ["Score", "SetScore", "bootstrap_interval", "mean_score", "seed_interval"]

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

    Examples
    --------
    >>> from avatarlib.metrics import Score
    >>> print(Score("SSIM", 0.312, 0.304, 0.32, n=1_000, seed=0, size=64, data_range=1.0, protocol="P1 random pair"))
    SSIM P1 random pair 0.312 (95 % CI 0.304 to 0.320; n = 1,000 pairs, seed 0, 64 px)
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


@dataclass(frozen=True)
class SetScore:
    """A number for a whole set of images against a reference set, and all that it depends on.

    Attributes
    ----------
    name : str
        The measure, with its backbone's kind where that is part of the definition: "FID",
        "Fréchet tagger distance", "precision".
    value : float
    n, seed : int
        Images a side, and the seed of their draw.
    backbone : str
        Name of the network whose features are compared.
    at : str
        Width at which it looked, and the resize if there was one.
    baseline : float, optional
        The same number for held-out real images in place of the set.
    spread : float, optional
        Standard deviation over random subsets, for the kernel distance.

    Examples
    --------
    >>> from avatarlib.metrics import SetScore
    >>> print(SetScore("precision", 0.75, n=1_000, seed=0, backbone="random-conv-0", at="64 px", baseline=0.9))
    precision 0.75 (real against real 0.9); n = 1,000 a side, seed 0, random-conv-0 at 64 px
    """

    name: str
    value: float
    n: int
    seed: int
    backbone: str
    at: str
    baseline: float | None = None
    spread: float | None = None

    def __str__(self) -> str:
        notes = [f"± {number(self.spread)} over subsets"] if self.spread is not None else []
        notes += [f"real against real {number(self.baseline)}"] if self.baseline is not None else []
        note = f" ({'; '.join(notes)})" if notes else ""
        return (f"{self.name} {number(self.value)}{note}; n = {self.n:,} a side, seed {self.seed}, "
                f"{self.backbone} at {self.at}")


def number(value: float) -> str:
    """One decimal from 1 upwards in size, three significant digits below: 8.4, 0.312, 0.00107."""
    return f"{value:,.1f}" if abs(value) >= 1 else f"{value:.3g}"


def mean_score(values: Tensor, *, metric: str, seed: int, size: int, data_range: float,
               protocol: str) -> Score:
    """The Score of one value a pair, (n,) with n at least 2."""
    n = len(values)
    values = values.double()
    mean = values.mean().item()
    half = 1.96 * values.std().item() / math.sqrt(n)   # nan where a value is infinite
    return Score(metric.upper(), mean, mean - half, mean + half, n=n, seed=seed, size=size,
                 data_range=data_range, protocol=protocol)


def seed_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Mean over seeds with its 95 % interval ``mean -+ t s / sqrt(k)``, t of Student's with k - 1 degrees of freedom.

    A bootstrap of the images would be biased for a Fréchet distance, since images drawn twice narrow a set; new noise
    is not. Of one value the interval is not a number. ValueError if there is no value.

    Examples
    --------
    >>> [round(end, 2) for end in seed_interval([1.0, 2.0, 3.0])]     # s = 1, t = 4.303
    [2.0, -0.48, 4.48]
    """
    if not values:
        raise ValueError("values must hold at least one number, got none")
    k, mean = len(values), sum(values) / len(values)
    if k == 1:
        return mean, math.nan, math.nan
    spread = math.sqrt(sum((value - mean) ** 2 for value in values) / (k - 1))
    half = float(stdtrit(k - 1, 0.975)) * spread / math.sqrt(k)
    return mean, mean - half, mean + half


def bootstrap_interval(values: Tensor, *, seed: int, draws: int = 2_000) -> tuple[float, float]:
    """95 % interval of the mean of ``values`` (n,): percentiles of the means of resamples (Efron 1979).

    It covers the choice of the n, as other heads of the same kind; not another training run.

    Parameters
    ----------
    values : Tensor
        (n,), at least two, finite.
    seed : int
        Of the resamples.
    draws : int
        How many, each of n values drawn with replacement.

    Raises
    ------
    ValueError
        If ``values`` or ``draws`` is none of these.

    Examples
    --------
    >>> bootstrap_interval(torch.ones(5), seed=0)
    (1.0, 1.0)
    """
    if values.ndim != 1 or len(values) < 2 or not values.isfinite().all():
        raise ValueError(f"values must be (n,), n at least 2, all finite, got {tuple(values.shape)} with "
                         f"{int((~values.isfinite()).sum())} not finite")
    if draws < 100:
        raise ValueError(f"draws must be at least 100, got {draws!r}")
    rows = torch.randint(len(values), (draws, len(values)), generator=torch.Generator().manual_seed(seed))
    low, high = values.cpu().double()[rows].mean(1).quantile(torch.tensor([0.025, 0.975], dtype=torch.float64)).tolist()
    return low, high
