"""How far apart two sets of features are: Fréchet, kernel (of Inception's: FID and KID) and sliced distance."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
import torch
from torch import Tensor

__all__ = ["FeatureArray", "KernelDistance", "frechet_at_infinity", "frechet_distance", "kernel_distance",
           "pair_of_features", "sliced_distance"]

DIRECTIONS_AT_ONCE = 64

FeatureArray: TypeAlias = Tensor | np.ndarray   # (N, D)


def frechet_distance(features_a: FeatureArray, features_b: FeatureArray) -> float:
    """Squared Fréchet distance of two Gaussians fitted to features (Heusel et al. 2017, eq. 6).

    ``||mu_a - mu_b||^2 + Tr(S_a + S_b - 2 (S_a S_b)^(1/2))``, with means ``mu`` and covariances ``S`` (divisor
    N - 1), in float64. Zero for equal sets; lower is closer. It is FID only if the features are Inception's.

    Tian's paper prints it as ``||mu_a - mu_b||^2 - Tr(S_a + S_b - 2 S_a S_b)``: the sign is wrong and the
    square root is missing, so that equal sets would not be at distance 0.

    No covariance is formed and no matrix root is taken. With the centred features as rows, ``X = Q R`` gives
    ``S = R^T R / (N - 1)``, and the trace of the root is the sum of the singular values of ``R_a R_b^T``,
    divided by ``sqrt((N_a - 1) (N_b - 1))``. This stays exact with fewer images than features, where the
    covariances have no full rank and the usual matrix root needs a correction.

    The distance is biased upwards, the more the fewer images there are: compare only equal N.

    Parameters
    ----------
    features_a, features_b : Tensor or ndarray
        (N_a, D) and (N_b, D), at least 2 rows each.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a value is not finite.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import frechet_distance
    >>> a, b = torch.tensor([[0.0], [2.0]]), torch.tensor([[3.0], [7.0]])
    >>> round(frechet_distance(a, b), 6)        # means 1 and 5, variances 2 and 8: 4^2 + 2 + 8 - 2 sqrt(2 x 8)
    18.0
    """
    a, b = pair_of_features(features_a=features_a, features_b=features_b)
    mean_a, mean_b = a.mean(dim=0), b.mean(dim=0)
    a, b = (a - mean_a) / (len(a) - 1)**0.5, (b - mean_b) / (len(b) - 1)**0.5
    root = torch.linalg.svdvals(triangle(a) @ triangle(b).T).sum()
    distance = (mean_a - mean_b).square().sum() + a.square().sum() + b.square().sum() - 2 * root
    return max(distance.item(), 0.0)   # rounding may leave -1e-15


def triangle(centred: Tensor) -> Tensor:
    """R of the QR decomposition, (min(N, D), D): R^T R is the product of ``centred`` with itself."""
    return torch.linalg.qr(centred, mode="r").R if centred.shape[0] > centred.shape[1] else centred


def frechet_at_infinity(features_a: FeatureArray, features_b: FeatureArray, *, seed: int, sizes: int = 10) -> float:
    """Fréchet distance that more and more images would come to, by a line through smaller N (Chong and Forsyth 2020).

    The bias is nearly proportional to 1/N. Distances are taken at ``sizes`` numbers of images from n/2 to n, evenly
    spaced in 1/N, and the line fitted to them by least squares is read at 1/N = 0. Unlike the paper's, both sides
    shrink, since here there are no more real images than fakes: then equal distributions come to about 0. The line is
    a fair one only if n/2 is above the number of features, and its end scatters some three times as much as
    the distance at n; it may lie below 0.

    Parameters
    ----------
    features_a, features_b : Tensor or ndarray
        (n, D) each, n at least 8.
    seed : int
        Of the draw of the smaller sets.
    sizes : int
        How many points the line goes through, at least 2.

    Raises
    ------
    ValueError
        If the shapes do not fit, or ``sizes`` is below 2.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import frechet_at_infinity
    >>> a, b = torch.zeros(8, 2), torch.ones(8, 2)
    >>> round(frechet_at_infinity(a, b, seed=0), 6)         # no spread, so no bias: |(1, 1)|^2
    2.0
    """
    a, b = pair_of_features(features_a=features_a, features_b=features_b)
    if len(a) != len(b) or len(a) < 8:
        raise ValueError(f"features_b must have as many rows as features_a, at least 8, got {len(a)} and {len(b)}")
    if sizes < 2:
        raise ValueError(f"sizes must be at least 2, got {sizes!r}")
    draws = torch.Generator().manual_seed(seed)
    counts = [round(1 / share) for share in np.linspace(2 / len(a), 1 / len(a), sizes)]
    distances = [frechet_distance(*(side[torch.randperm(len(side), generator=draws)[:count]] for side in (a, b)))
                 for count in counts]
    _, end = np.polyfit(1 / np.array(counts), distances, 1)
    return float(end)


def sliced_distance(features_a: FeatureArray, features_b: FeatureArray, *, seed: int, directions: int = 512) -> float:
    """Sliced Wasserstein distance: how far one set must be moved to lie on the other, seen from random directions.

    ``sqrt(mean over directions of W2^2)`` (Bonneel et al. 2015, eq. 8), where along one direction the optimal
    transport just pairs the sorted values. No Gaussian is assumed. Biased upwards at small N as Fréchet's is.

    Parameters
    ----------
    features_a, features_b : Tensor or ndarray
        (n, D) each.
    seed, directions : int
        Unit vectors in D dimensions, uniformly drawn, and how many.

    Raises
    ------
    ValueError
        If the shapes do not fit, or ``directions`` is below 1.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import sliced_distance
    >>> a = torch.tensor([[0.0], [1.0]])
    >>> round(sliced_distance(a, a.flip(0) + 3, seed=0), 6)     # the order does not count, the move by 3 does
    3.0
    """
    a, b = pair_of_features(features_a=features_a, features_b=features_b)
    if len(a) != len(b):
        raise ValueError(f"features_b must have as many rows as features_a, {len(a)}, got {len(b)}")
    if directions < 1:
        raise ValueError(f"directions must be at least 1, got {directions!r}")
    units = torch.randn(directions, a.shape[1], generator=torch.Generator().manual_seed(seed), dtype=a.dtype)
    units /= units.norm(dim=1, keepdim=True)
    squares = [((a @ part.T).sort(0).values - (b @ part.T).sort(0).values).square().mean(0)
               for part in units.split(DIRECTIONS_AT_ONCE)]
    return torch.cat(squares).mean().sqrt().item()


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
    subsets, subset_size : int
        How many, and images a side in each. With fewer on a side, that many; if that leaves nothing to draw on
        either side, the one distance of all images is returned.

    Raises
    ------
    ValueError
        If the shapes do not fit, ``subsets`` is below 1 or ``subset_size`` below 2.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import kernel_distance
    >>> kernel_distance(torch.zeros(2, 1), torch.ones(2, 1), seed=0).mean      # 1 + 2^3 - 2 x 1
    7.0
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


def pair_of_features(**arrays: FeatureArray) -> tuple[Tensor, Tensor]:
    """Two arrays (N, D) with N at least 2, as float64 on the CPU; a ValueError names what is wrong."""
    tensors = []
    for name, array in arrays.items():
        if not isinstance(array, (Tensor, np.ndarray)) or array.ndim != 2 or len(array) < 2:
            shape = tuple(array.shape) if isinstance(array, (Tensor, np.ndarray)) else type(array).__name__
            raise ValueError(f"{name} must be an array (N, D) with N at least 2, got {shape}")
        tensor = torch.as_tensor(array).detach().cpu().double()
        if not tensor.isfinite().all():
            raise ValueError(f"{name} must be finite, got {int((~tensor.isfinite()).sum())} values that are not")
        tensors.append(tensor)
    first, second = arrays
    if tensors[0].shape[1] != tensors[1].shape[1]:
        raise ValueError(f"{second} must have as many columns as {first}, {tensors[0].shape[1]}, "
                         f"got {tensors[1].shape[1]}")
    return tensors[0], tensors[1]
