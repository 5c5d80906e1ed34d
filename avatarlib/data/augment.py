"""Augmentation for the judges: poses that move landmarks along, and the flaws of generated pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision.transforms import v2

__all__ = ["degrade", "random_mirror", "random_pose"]

GROUP = 8       # pictures that share one draw of the flaws: torchvision draws once a call


def random_pose(images: Tensor, points: Tensor | None = None, *, degrees: float = 10.0, scale: float = 0.1,
                shift: float = 0.05) -> tuple[Tensor, Tensor | None]:
    """Rotate, scale and shift every picture on its own, and its points with it; in float32, never autocast.

    Parameters
    ----------
    images : Tensor
        (N, 3, S, S) in [-1, 1]; what comes in from outside repeats the border.
    points : Tensor, optional
        (N, K, 2) as (x, y) in pixels, pixel centres at integers.
    degrees, scale, shift : float
        Largest turn, largest change of size (0.1: 0.9 to 1.1), largest shift as a share of S; uniform.
        Drawn from torch's global generator. Ours.

    Returns
    -------
    (Tensor, Tensor or None)
        Pictures (N, 3, S, S), and points (N, K, 2) if some were given; a point may leave its picture.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.data.augment import random_pose
    >>> images, points = torch.zeros(2, 3, 8, 8), torch.full((2, 1, 2), 3.5)       # the middle of 8 pixels
    >>> moved, there = random_pose(images, points, degrees=90, shift=0)    # about which pictures turn
    >>> tuple(moved.shape), there.round(decimals=3).flatten().tolist()
    ((2, 3, 8, 8), [3.5, 3.5, 3.5, 3.5])
    """
    n, size = len(images), images.shape[-1]
    draws = torch.rand(4, n, device=images.device) * 2 - 1
    angle, factor = draws[0] * math.radians(degrees), 1 + draws[1] * scale
    offset = 2 * shift * draws[2:].T                                            # of (-1, 1) coordinates
    cos, sin = angle.cos() / factor, angle.sin() / factor
    turn = torch.stack([torch.stack([cos, sin], -1), torch.stack([-sin, cos], -1)], -2)   # output to input
    with torch.autocast(images.device.type, enabled=False):     # products in bf16 move points off their picture
        theta = torch.cat([turn, -(turn @ offset[..., None])], -1)
        grid = F.affine_grid(theta, list(images.shape), align_corners=False)
        moved = F.grid_sample(images.float(), grid, padding_mode="border", align_corners=False)
        if points is None:
            return moved, None
        unit = (2 * points + 1) / size - 1                                      # pixels to (-1, 1)
        there = unit @ torch.linalg.inv(turn).mT + offset[:, None]
        return moved, ((there + 1) * size - 1) / 2


def random_mirror(images: Tensor, points: Tensor, order: Sequence[int]) -> tuple[Tensor, Tensor]:
    """Mirror half of the pictures, by chance, left to right, and its points with it.

    Parameters
    ----------
    images : Tensor
        (N, 3, S, S).
    points : Tensor
        (N, K, 2) as (x, y) in pixels, pixel centres at integers.
    order : sequence of int
        Which of the K points comes to each place of the list: a left eye is a right one in a mirror.

    Returns
    -------
    (Tensor, Tensor)
        Pictures (N, 3, S, S) and points (N, K, 2).

    Examples
    --------
    >>> import torch
    >>> from avatarlib.data.augment import random_mirror
    >>> eyes = torch.tensor([[[2.0, 4.0], [5.0, 4.0]]])                    # left, right: alike in a face of 8 pixels
    >>> faces, there = random_mirror(torch.zeros(1, 3, 8, 8), eyes, order=[1, 0])
    >>> there.tolist()                                                     # mirrored or not, the left eye is left
    [[[2.0, 4.0], [5.0, 4.0]]]
    """
    chosen = torch.rand(len(images), device=images.device)[:, None, None] < 0.5
    other = points[:, list(order)] * points.new_tensor([-1.0, 1.0]) + points.new_tensor([images.shape[-1] - 1.0, 0.0])
    return torch.where(chosen[..., None], images.flip(-1), images), torch.where(chosen, other, points)


def degrade(images: Tensor) -> Tensor:
    """Give pictures (N, 3, S, S) in [-1, 1] the flaws of generated ones; draws from torch's global generator.

    Each group of pictures gets, by chance, bent lines, grain, a lower resolution, blur, erased patches, a slight
    change of brightness and contrast, and noise. Colours are labels, so hues stay. The kinds of flaws are ours.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.data.augment import degrade
    >>> flawed = degrade(torch.ones(16, 3, 64, 64))                        # white pictures
    >>> tuple(flawed.shape), flawed.max().item()                           # a flaw never leaves the range
    ((16, 3, 64, 64), 1.0)
    """
    size = images.shape[-1]
    erase = v2.RandomErasing(p=0.15, scale=(0.005, 0.03), value=[1.0, 1.0, 1.0])
    flaws = v2.Compose([
        v2.RandomApply([v2.ElasticTransform(alpha=20.0, sigma=4.0, fill=[1.0])], 0.2),
        v2.RandomApply([v2.Lambda(grain)], 0.4),
        v2.RandomApply([v2.Lambda(lambda x: coarsen(x, size))], 0.4),
        v2.RandomApply([v2.GaussianBlur(5, (0.3, 1.6))], 0.3),
        v2.Lambda(lambda x: torch.stack([erase(picture) for picture in x])),
        v2.RandomApply([v2.Lambda(lambda x: x * (0.9 + 0.2 * torch.rand(())) + 0.1 * (torch.rand(()) - 0.5))], 0.4),
        v2.RandomApply([v2.GaussianNoise(0.0, 0.05, clip=False)], 0.4)])
    return torch.cat([flaws(group) for group in images.split(GROUP)]).clamp(-1, 1)


def coarsen(images: Tensor, size: int) -> Tensor:
    """Shrink to between 3/8 of the size and all of it, and enlarge again."""
    small = int(torch.randint(size * 3 // 8, size + 1, ()))
    return v2.functional.resize(v2.functional.resize(images, [small, small], antialias=True), [size, size])


def grain(images: Tensor) -> Tensor:
    """Add coloured specks of one or two pixels, of one strength for all: standard deviation up to 0.15."""
    noise = torch.randn_like(images[..., ::2, ::2] if torch.rand(()) < 0.5 else images)
    return images + 0.15 * torch.rand(()) * F.interpolate(noise, images.shape[-2:], mode="bilinear")
