"""Points in the plane from a mixture of equal round Gaussians: data whose every secret is known.

The ring of eight is the test of Metz et al. 2017 (Unrolled GAN, section 3.1), here with wider spots.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["Coverage", "Mixture", "grid", "ring"]

NEAR = 3.0          # spreads: 98.9 % of a round Gaussian lies within
FAIR_SHARE = 0.2    # of 1/K of the samples: below, a mode counts as missed


class Coverage(NamedTuple):
    """How many modes samples reach, the share of samples near any mode, and the share (K,) near each.

    Examples
    --------
    >>> from avatarlib.data.mixture import ring
    >>> mixture = ring(4)
    >>> collapsed = mixture.centres[:2].repeat(50, 1)                      # 100 samples, at two of four modes
    >>> modes, near, shares = mixture.coverage(collapsed)
    >>> modes, near, shares.tolist()
    (2, 1.0, [0.5, 0.5, 0.0, 0.0])
    """

    modes: int
    near: float
    shares: Tensor


@dataclass(frozen=True)
class Mixture:
    """K equally likely round Gaussians.

    Attributes
    ----------
    centres : Tensor
        (K, 2).
    spread : float
        Standard deviation of each, in both directions.

    Raises
    ------
    ValueError
        If the centres are not (K, 2), there are none, or the spread is not above 0.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.data.mixture import Mixture
    >>> mixture = Mixture(torch.zeros(1, 2), spread=1.0)
    >>> tuple(mixture.sample(500).shape), mixture.distances(torch.tensor([[3.0, 4.0]])).tolist()
    ((500, 2), [[5.0]])
    >>> round(mixture.density(torch.zeros(1, 2)).item(), 4)                # at the top: 1 / (2 pi)
    0.1592
    """

    centres: Tensor
    spread: float

    def __post_init__(self) -> None:
        if self.centres.ndim != 2 or self.centres.shape[1] != 2 or len(self.centres) == 0:
            raise ValueError(f"centres must be (K, 2) with K at least 1, got {tuple(self.centres.shape)}")
        if not self.spread > 0:
            raise ValueError(f"spread must be above 0, got {self.spread}")

    def sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        """Draw ``n`` points (n, 2) from ``generator`` (default: torch's global one)."""
        if n < 1:
            raise ValueError(f"n must be at least 1, got {n}")
        mode = torch.randint(len(self.centres), (n,), generator=generator)
        return self.centres[mode] + self.spread * torch.randn(n, 2, generator=generator)

    def density(self, points: Tensor) -> Tensor:
        """Probability density (N,) at ``points`` (N, 2)."""
        squares = self.distances(points).square() / self.spread**2
        return torch.exp(-squares / 2).mean(dim=1) / (2 * math.pi * self.spread**2)

    def distances(self, points: Tensor) -> Tensor:
        """Euclidean distance (N, K) of ``points`` (N, 2) to each centre."""
        if points.ndim != 2 or points.shape[1] != 2:
            raise ValueError(f"points must be (N, 2), got {tuple(points.shape)}")
        return torch.cdist(points, self.centres)

    def coverage(self, samples: Tensor) -> Coverage:
        """Which modes ``samples`` (N, 2) reach: see ``Coverage``.

        A sample is near a mode within 3 spreads of its centre, and belongs to the nearest. A mode counts as
        covered when it has at least a fifth of its fair share, N / K.
        """
        distance, mode = self.distances(samples).min(dim=1)
        near = distance <= NEAR * self.spread
        shares = torch.bincount(mode[near], minlength=len(self.centres)) / len(samples)
        covered = int((shares >= FAIR_SHARE / len(self.centres)).sum())
        return Coverage(covered, near.float().mean().item(), shares)


def ring(modes: int = 8, *, radius: float = 2.0, spread: float = 0.1) -> Mixture:
    """``modes`` Gaussians, at least 1, evenly on a circle around the origin, the first at (radius, 0).

    Examples
    --------
    >>> from avatarlib.data.mixture import ring
    >>> mixture = ring(8, radius=3)
    >>> tuple(mixture.centres.shape), mixture.centres[0].tolist()
    ((8, 2), [3.0, 0.0])
    """
    if modes < 1:
        raise ValueError(f"modes must be at least 1, got {modes}")
    angle = torch.arange(modes) * (2 * math.pi / modes)
    return Mixture(radius * torch.stack([angle.cos(), angle.sin()], dim=1), spread)


def grid(side: int = 5, *, step: float = 1.0, spread: float = 0.1) -> Mixture:
    """``side`` x ``side`` Gaussians, ``side`` at least 1, on a square lattice around the origin.

    Examples
    --------
    >>> from avatarlib.data.mixture import grid
    >>> grid(2, step=4).centres.tolist()
    [[-2.0, -2.0], [-2.0, 2.0], [2.0, -2.0], [2.0, 2.0]]
    """
    if side < 1:
        raise ValueError(f"side must be at least 1, got {side}")
    line = (torch.arange(side) - (side - 1) / 2) * step
    return Mixture(torch.cartesian_prod(line, line), spread)
