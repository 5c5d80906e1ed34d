"""Losses on landmarks: how far off in units of the face, and how far a heatmap is from its peak."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

__all__ = ["heatmap_cross_entropy", "landmark_consistency", "normalised_mean_error"]

FORMS = {"coordinates": "landmarks", "heatmaps": "heatmaps"}      # form of the loss -> what the network is asked for


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

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import normalised_mean_error
    >>> true = torch.tensor([[[10.0, 20.0], [30.0, 20.0], [20.0, 35.0]]])      # eyes 20 pixels apart, and a mouth
    >>> round(normalised_mean_error(true + torch.tensor([2.0, 0.0]), true).item(), 3)      # all 2 pixels too far right
    0.1
    """
    if predicted.shape != true.shape or true.ndim != 3 or true.shape[-1] != 2:
        raise ValueError(f"predicted and true must both be (N, K, 2), got {tuple(predicted.shape)} "
                         f"and {tuple(true.shape)}")
    return in_eye_distances(predicted, true, eyes).mean()


def in_eye_distances(predicted: Tensor, true: Tensor, eyes: tuple[int, int], *, least: float = 0.0) -> Tensor:
    """(N,): the mean error of each face over its true distance between the eyes, taken as ``least`` pixels if less."""
    left, right = eyes
    between = (true[:, left] - true[:, right]).norm(dim=-1).clamp(min=least)
    return (predicted - true).norm(dim=-1).mean(1) / between


def landmark_consistency(network: nn.Module, generated: Tensor, photo: Tensor, mask: Tensor | None = None,
                         form: str = "coordinates") -> Tensor:
    """How far the landmarks of a cartoon are from those of its photograph, as a frozen network sees both.

    After Landmark-Assisted CycleGAN (Wu et al. 2019, eq. 4), which compares heatmaps; coordinates are ours, and so are
    all weights. Gradients reach the generated picture, not the photograph. All is computed in float32, also where
    autocast would choose less.

    Parameters
    ----------
    network : nn.Module
        A ``LandmarkNet`` that knows photographs and cartoons, frozen and in evaluation mode; its ``eyes`` say which
        two landmarks are the eyes.
    generated, photo : Tensor
        (N, 3, S, S) in [-1, 1].
    mask : Tensor, optional
        (N,) of 1 or true where there is a face; the others are left out of the mean. Without any face the loss is 0.
    form : {"coordinates", "heatmaps"}
        "coordinates": the mean distance of the landmarks in units of the photograph's distance between the eyes (or
        of a pixel, if that is less): 0.1 is a tenth of it, at every size. "heatmaps": squared differences, summed
        over a heatmap (whose sum is 1), a mean over heatmaps: at most 2.

    Raises
    ------
    ValueError
        If the form is unknown, or shapes do not fit.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import landmark_consistency
    >>> from avatarlib.pretrained import load
    >>> network, photo = load("landmarks-faces"), torch.zeros(2, 3, 64, 64)
    >>> cartoon = photo.clone().requires_grad_()
    >>> round(landmark_consistency(network, cartoon, photo).item(), 3)         # equal pictures
    0.0
    >>> landmark_consistency(network, cartoon + 1, photo, mask=torch.zeros(2)).item()      # no face to compare
    0.0
    """
    if form not in FORMS:
        raise ValueError(f"form must be one of {tuple(FORMS)}, got {form!r}")
    if generated.shape != photo.shape:
        raise ValueError(f"generated and photo must have one shape, got {tuple(generated.shape)} "
                         f"and {tuple(photo.shape)}")
    if mask is not None and mask.shape != photo.shape[:1]:
        raise ValueError(f"mask must be ({len(photo)},), one a photograph, got {tuple(mask.shape)}")
    look = getattr(network, FORMS[form])
    with torch.autocast(generated.device.type, enabled=False):
        ours = look(generated.float())
        with torch.no_grad():
            theirs = look(photo.float())
        if form == "coordinates":
            errors = in_eye_distances(ours, theirs, cast(tuple[int, int], network.eyes), least=1.0)
        else:
            errors = (ours - theirs).square().sum((2, 3)).mean(1)
    faces = torch.ones_like(errors, dtype=torch.bool) if mask is None else mask.bool()
    return torch.where(faces, errors, 0.0).sum() / faces.sum().clamp(min=1)


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

    Returns
    -------
    Tensor
        A scalar; knowing nothing costs ``log(H W)``.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import heatmap_cross_entropy
    >>> point = torch.tensor([[[3.0, 2.0]]])
    >>> round(heatmap_cross_entropy(torch.zeros(1, 1, 8, 8), point).item(), 3)             # knows nothing: log 64
    4.159
    >>> sharp = torch.zeros(1, 1, 8, 8)
    >>> sharp[0, 0, 2, 3] = 100.0                                                          # row 2, column 3
    >>> round(heatmap_cross_entropy(sharp, point, sigma=0.1).item(), 3)
    0.0
    """
    height, width = logits.shape[-2:]
    rows = torch.arange(height, device=logits.device, dtype=torch.float32)
    columns = torch.arange(width, device=logits.device, dtype=torch.float32)
    x = (-(columns - points[..., 0:1]) ** 2 / (2 * sigma ** 2)).softmax(2)     # (N, K, W)
    y = (-(rows - points[..., 1:2]) ** 2 / (2 * sigma ** 2)).softmax(2)        # (N, K, H): the target is y times x
    logits = logits.float()
    there = (y[..., None, :] @ logits @ x[..., :, None]).flatten(1)            # (N, K) mean logit under the target
    return (logits.flatten(2).logsumexp(2) - there).mean()
