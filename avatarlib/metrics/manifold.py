"""Precision and recall, density and coverage: two questions that one distance answers with one number.

*Are the fakes like real images* (precision, density), and *are the real images all to be found among the fakes*
(recall, coverage)? Each is asked with balls around points, whose radius is the distance to the k-th nearest
point of the same set, itself not counted.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from avatarlib.metrics.distances import FeatureArray, pair_of_features

__all__ = ["DensityCoverage", "PrecisionRecall", "density_coverage", "precision_recall"]

CHUNK = 1024       # rows of a distance matrix at a time: 82 MB against 10,000 points
SLACK = 1e-6       # of the largest feature's length: exact copies must not depend on rounding


class PrecisionRecall(NamedTuple):
    """Shares from 0 to 1."""

    precision: float
    recall: float


class DensityCoverage(NamedTuple):
    """Density is about 1 for equal distributions and may be more; coverage is a share from 0 to 1."""

    density: float
    coverage: float


def precision_recall(real: FeatureArray, fake: FeatureArray, *, k: int = 3) -> PrecisionRecall:
    """Improved precision and recall (Kynkäänniemi et al. 2019, eq. 1 and 2).

    Precision is the share of fakes that lie in the ball of any real image, recall the share of real images
    that lie in the ball of any fake. A fake far from everything has a large ball, so one such fake can raise recall.

    Parameters
    ----------
    real, fake : Tensor or ndarray
        Features (N, D) and (M, D), more than ``k`` rows each. Compare only equal N and M.
    k : int
        Which neighbour sets the radius; 3 is the paper's.

    Raises
    ------
    ValueError
        If the shapes do not fit, or there are not more than ``k`` rows.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import precision_recall
    >>> real = torch.tensor([[0.0], [1.0], [2.0], [3.0]])       # with k = 1 each ball has radius 1
    >>> fake = torch.tensor([[1.4], [1.6], [10.0], [11.0]])     # two are near real ones, but their balls hold none
    >>> precision_recall(real, fake, k=1)
    PrecisionRecall(precision=0.5, recall=0.0)
    """
    a, b, slack = prepare(real, fake, k)
    containing_real, _ = inside(a, radii(a, k) + slack, b)
    containing_fake, _ = inside(b, radii(b, k) + slack, a)
    return PrecisionRecall((containing_real > 0).double().mean().item(), (containing_fake > 0).double().mean().item())


def density_coverage(real: FeatureArray, fake: FeatureArray, *, k: int = 5) -> DensityCoverage:
    """Density and coverage (Naeem et al. 2020, eq. 3 and 4): balls around real images only.

    Density counts for each fake the real balls that hold it, divided by ``k``; coverage is the share of real
    images with a fake in their ball. Neither is moved much by single outliers among the fakes.

    Arguments and errors are those of ``precision_recall``; here 5 is the paper's ``k``.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import density_coverage
    >>> real = torch.tensor([[0.0], [1.0], [2.0], [3.0]])       # with k = 1 each ball has radius 1
    >>> fake = torch.tensor([[1.4], [1.6], [10.0], [11.0]])     # two in the balls of 1 and of 2, two in none
    >>> density_coverage(real, fake, k=1)
    DensityCoverage(density=1.0, coverage=0.5)
    """
    a, b, slack = prepare(real, fake, k)
    containing, filled = inside(a, radii(a, k) + slack, b)
    return DensityCoverage(containing.double().mean().item() / k, filled.double().mean().item())


def prepare(real: FeatureArray, fake: FeatureArray, k: int) -> tuple[Tensor, Tensor, float]:
    """Both sets about the real images' mean, and the length within which a point still counts as in a ball."""
    a, b = pair_of_features(real=real, fake=fake)
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k!r}")
    for name, points in (("real", a), ("fake", b)):
        if len(points) <= k:
            raise ValueError(f"{name} must have more than k={k} rows, got {len(points)}")
    centre = a.mean(dim=0)
    a, b = a - centre, b - centre
    return a, b, SLACK * max(a.norm(dim=1).max().item(), b.norm(dim=1).max().item())


def radii(points: Tensor, k: int) -> Tensor:
    """Distance (N,) of each point to its k-th nearest other one."""
    return torch.cat([torch.cdist(part, points).kthvalue(k + 1, dim=1).values for part in points.split(CHUNK)])


def inside(centres: Tensor, radius: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
    """How many balls hold each point (M,), and whether each ball (N,) holds any."""
    counts, filled = [], torch.zeros(len(centres), dtype=torch.bool)
    for part in points.split(CHUNK):
        within = torch.cdist(part, centres) <= radius
        counts.append(within.sum(dim=1))
        filled |= within.any(dim=0)
    return torch.cat(counts), filled
