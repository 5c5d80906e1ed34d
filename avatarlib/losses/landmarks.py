"""Losses on landmarks: how far off in units of the face, and how far a heatmap is from its peak."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["heatmap_cross_entropy", "normalised_mean_error"]


def normalised_mean_error(predicted: Tensor, true: Tensor, *, eyes: tuple[int, int] = (0, 1)) -> Tensor:
    """Mean distance of landmarks in units of the true distance between the eyes; 0 is exact, 0.04 is 4 %.

    Parameters
    ----------
    predicted, true : Tensor
        (N, K, 2) in pixels, any size, the same for both.
    eyes : (int, int)
        Which two landmarks are the eyes.

    Raises
    ------
    ValueError
        If the shapes differ, or are no list of points.
    """
    if predicted.shape != true.shape or true.ndim != 3 or true.shape[-1] != 2:
        raise ValueError(f"predicted and true must both be (N, K, 2), got {tuple(predicted.shape)} "
                         f"and {tuple(true.shape)}")
    left, right = eyes
    between = (true[:, left] - true[:, right]).norm(dim=-1)
    return ((predicted - true).norm(dim=-1) / between[:, None]).mean()


def heatmap_cross_entropy(logits: Tensor, points: Tensor, *, sigma: float = 1.0) -> Tensor:
    """Cross-entropy of heatmaps against Gaussians around the true points; sharpens a soft-argmax.

    Parameters
    ----------
    logits : Tensor
        (N, K, H, W), softmax over each map.
    points : Tensor
        (N, K, 2) as (x, y) in heatmap pixels. A point outside the map by more than about ``4 * sigma`` pulls
        towards the nearest border.
    sigma : float
        Width of the Gaussians in heatmap pixels.
    """
    height, width = logits.shape[-2:]
    rows = torch.arange(height, device=logits.device, dtype=torch.float32)
    columns = torch.arange(width, device=logits.device, dtype=torch.float32)
    x = -(columns - points[..., 0:1]) ** 2 / (2 * sigma ** 2)              # (N, K, W)
    y = -(rows - points[..., 1:2]) ** 2 / (2 * sigma ** 2)                 # (N, K, H)
    target = (y[..., :, None] + x[..., None, :]).flatten(2).softmax(2)     # (N, K, H * W)
    return -(target * logits.float().flatten(2).log_softmax(2)).sum(2).mean()
