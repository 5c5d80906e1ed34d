"""Flow matching: no judge, one squared error (Lipman et al. 2023; Liu et al. 2023)."""

from __future__ import annotations

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor

__all__ = ["flow_matching_loss"]


def flow_matching_loss(velocity: Callable[[Tensor, Tensor], Tensor], clean: Tensor, noise: Tensor,
                       time: Tensor) -> Tensor:
    """``E (v(x_t, t) - (e - x))^2`` with ``x_t = (1 - t) x + t e``: on the straight line from picture to noise.

    Where many lines cross, the best answer is the mean of their directions, which is what carries noise to pictures.

    Parameters
    ----------
    velocity : callable
        Pictures (N, C, H, W) and times (N,) -> velocities (N, C, H, W).
    clean, noise : Tensor
        (N, C, H, W): pictures x in [-1, 1], and e from N(0, 1).
    time : Tensor
        (N,) in [0, 1]; 0 is the picture.

    Raises
    ------
    ValueError
        If the shapes do not fit each other.
    """
    if clean.shape != noise.shape or time.shape != clean.shape[:1]:
        raise ValueError(f"noise must be {tuple(clean.shape)} as clean and time ({len(clean)},), got "
                         f"{tuple(noise.shape)} and {tuple(time.shape)}")
    share = time.view(-1, *[1] * (clean.ndim - 1))
    return F.mse_loss(velocity((1 - share) * clean + share * noise, time).float(), noise - clean)
