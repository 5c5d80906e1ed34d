"""Kernel distance (KID, when the features are Inception's): maximum mean discrepancy of two sets of features."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from avatarlib.metrics.frechet import FeatureArray, pair_of_features

__all__ = ["KernelDistance", "kernel_distance"]


class KernelDistance(NamedTuple):
    """Mean of the subsets' distances, and their standard deviation (nan where there is but one)."""

    mean: float
    spread: float


def kernel_distance(features_a: FeatureArray, features_b: FeatureArray, *, seed: int, subsets: int = 100,
                    subset_size: int = 1000) -> KernelDistance:
    """Unbiased squared MMD with the kernel ``(x . y / D + 1)^3`` (Binkowski et al. 2018).

    Its expectation does not depend on the number of images and is 0 for equal distributions, so single
    values may be negative; where FID has fewer than some 5,000 images this one is the safer choice.

    The published number is the mean over random subsets, drawn without repetition. torchmetrics' class
    draws them from the global random state; here they come from ``seed``.

    Parameters
    ----------
    features_a, features_b : Tensor or ndarray
        (N_a, D) and (N_b, D), at least 2 rows each.
    seed : int
        Of the draw of the subsets.
    subsets : int
        How many.
    subset_size : int
        Images a side in each. With fewer on a side, that many; if that leaves nothing to draw on either
        side, the one distance of all images is returned.

    Raises
    ------
    ValueError
        If the shapes do not fit, ``subsets`` is below 1 or ``subset_size`` below 2.
    """
    a, b = pair_of_features(features_a=features_a, features_b=features_b)
    if subsets < 1:
        raise ValueError(f"subsets must be at least 1, got {subsets!r}")
    if subset_size < 2:
        raise ValueError(f"subset_size must be at least 2, got {subset_size!r}")
    size = min(subset_size, len(a), len(b))
    if size == len(a) == len(b):
        return KernelDistance(squared_discrepancy(a, b), float("nan"))
    draws = torch.Generator().manual_seed(seed)
    values = torch.tensor([
        squared_discrepancy(a[torch.randperm(len(a), generator=draws)[:size]],
                            b[torch.randperm(len(b), generator=draws)[:size]]) for _ in range(subsets)])
    return KernelDistance(values.mean().item(), values.std(correction=0).item())


def squared_discrepancy(a: Tensor, b: Tensor) -> float:
    """Unbiased MMD^2 of (n, D) and (m, D): an image is never compared with itself."""
    n, m = len(a), len(b)
    within_a, within_b = kernel(a, a), kernel(b, b)
    return ((within_a.sum() - within_a.trace()) / (n * (n - 1)) + (within_b.sum() - within_b.trace()) / (m * (m - 1))
            - 2 * kernel(a, b).mean()).item()


def kernel(a: Tensor, b: Tensor) -> Tensor:
    """``(x . y / D + 1)^3`` of all pairs, (n, m)."""
    return (a @ b.T / a.shape[1] + 1) ** 3
