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

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import flow_matching_loss
    >>> clean, noise, time = torch.zeros(2, 3, 8, 8), torch.full((2, 3, 8, 8), 2.0), torch.tensor([0.1, 0.9])
    >>> flow_matching_loss(lambda x, t: torch.zeros_like(x), clean, noise, time).item()    # stands still: 2^2
    4.0
    >>> flow_matching_loss(lambda x, t: noise - clean, clean, noise, time).item()          # knows the way
    0.0
    """
    if clean.shape != noise.shape or time.shape != clean.shape[:1]:
        raise ValueError(f"noise must be {tuple(clean.shape)} as clean and time ({len(clean)},), got "
                         f"{tuple(noise.shape)} and {tuple(time.shape)}")
    share = time.view(-1, *[1] * (clean.ndim - 1))
    return F.mse_loss(velocity((1 - share) * clean + share * noise, time).float(), noise - clean)
