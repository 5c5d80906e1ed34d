"""Landmarks of a face by heatmaps, differentiable from pixel to coordinate. Ours, after two known parts.

A small U-Net (Ronneberger et al. 2015) gives a heatmap a point, as the regressors of Landmark-Assisted
CycleGAN do (Wu et al. 2019); the mean position under the heatmap (soft-argmax, Sun et al. 2018) is the
landmark, so a loss on landmarks sends its gradient through this network into a generator.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn

from avatarlib.models.blocks import LEAST_WIDTH, Residual

__all__ = ["LandmarkNet", "soft_argmax"]


def soft_argmax(logits: Tensor) -> Tensor:
    """Mean position (N, K, 2) as (x, y) under the softmax of heatmaps (N, K, H, W), in heatmap pixels.

    Pixel centres are integers: a heatmap with all its weight in row 2, column 5 gives (5, 2). In float32 whatever
    surrounds it: a position rounded to bf16 is a third of a pixel off.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.landmarks import soft_argmax
    >>> logits = torch.zeros(1, 1, 4, 8)
    >>> soft_argmax(logits).tolist()                           # no peak: the middle of columns 0 to 7 and rows 0 to 3
    [[[3.5, 1.5]]]
    >>> logits[0, 0, 2, 5] = 100.0
    >>> soft_argmax(logits).tolist()
    [[[5.0, 2.0]]]
    """
    n, points, height, width = logits.shape
    with torch.autocast(logits.device.type, enabled=False):
        heat = logits.float().flatten(2).softmax(2).view(n, points, height, width)
        x = heat.sum(2) @ torch.arange(width, device=logits.device, dtype=torch.float32)
        y = heat.sum(3) @ torch.arange(height, device=logits.device, dtype=torch.float32)
        return torch.stack([x, y], dim=2)


class LandmarkNet(nn.Module, PyTorchModelHubMixin):
    """Faces (N, 3, S, S) in [-1, 1] -> landmarks (N, K, 2) in pixels of the input.

    Parameters
    ----------
    points : sequence of str
        Names of the landmarks, in order.
    width : int
        Channels after the first layer, at least 8.
    size : int
        Pictures are resized to this many pixels a side; heatmaps have half as many. A multiple of 16.
    eyes : (int, int)
        The two landmarks whose distance is the unit of errors.

    Raises
    ------
    ValueError
        If ``size`` is no multiple of 16, ``width`` is too small, or ``eyes`` are no two of the points.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.landmarks import LandmarkNet
    >>> network = LandmarkNet(["left eye", "right eye", "mouth"], width=8, size=32).eval()     # small, and not trained
    >>> faces = torch.zeros(2, 3, 64, 64)
    >>> tuple(network.landmarks(faces).shape)
    (2, 3, 2)
    >>> tuple(network.heatmaps(faces).shape)                   # of faces resized to 32 pixels
    (2, 3, 16, 16)
    """

    def __init__(self, points: Sequence[str], width: int = 32, size: int = 128,
                 eyes: tuple[int, int] = (0, 1)) -> None:
        super().__init__()
        if size < 16 or size % 16:
            raise ValueError(f"size must be a positive multiple of 16, got {size}")
        if width < LEAST_WIDTH:
            raise ValueError(f"width must be at least {LEAST_WIDTH}, got {width}")
        if not 0 <= min(eyes) < max(eyes) < len(points):
            raise ValueError(f"eyes must be two of the {len(points)} points, counted from 0, got {tuple(eyes)}")
        self.points, self.size, self.eyes = tuple(points), size, (eyes[0], eyes[1])
        self.stem = nn.Sequential(nn.Conv2d(3, width, 3, 2, 1, bias=False), nn.BatchNorm2d(width),
                                  nn.ReLU(inplace=True))                                 # (N, 32, 64, 64)
        channels = [width, 2 * width, 4 * width, 4 * width]
        self.down = nn.ModuleList(Residual(a, b, 2) for a, b in itertools.pairwise(channels))
        self.up = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in itertools.pairwise(channels))
        self.refine = nn.ModuleList(Residual(a, a) for a in channels[1:-1])
        self.head = nn.Sequential(nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width),
                                  nn.ReLU(inplace=True), nn.Conv2d(width, len(self.points), 1))

    def forward(self, images: Tensor) -> Tensor:
        """Heatmap logits (N, K, size / 2, size / 2)."""
        if images.ndim != 4 or images.shape[1] != 3 or images.shape[2] != images.shape[3]:
            raise ValueError(f"images must be (N, 3, S, S), got {tuple(images.shape)}")
        if images.shape[-1] != self.size:
            images = F.interpolate(images, (self.size, self.size), mode="bilinear", align_corners=False,
                                   antialias=True)
        levels = [self.stem(images)]                         # 64, 32, 16, 8 pixels a side
        for down in self.down:
            levels.append(down(levels[-1]))
        x = levels.pop()
        for step in reversed(range(len(self.up))):           # 16, 32, 64 pixels a side
            x = F.interpolate(self.up[step](x), scale_factor=2, mode="nearest") + levels.pop()
            if step > 0:
                x = self.refine[step - 1](x)
        return self.head(x).float()

    def heatmaps(self, images: Tensor) -> Tensor:
        """Where each landmark may be: (N, K, size / 2, size / 2), each map with sum 1."""
        logits = self(images)
        return logits.flatten(2).softmax(2).view_as(logits)

    def landmarks(self, images: Tensor) -> Tensor:
        """(N, K, 2) as (x, y) in pixels of ``images``, pixel centres at integers; differentiable."""
        return self.to_pixels(self(images), images.shape[-1])

    def to_pixels(self, logits: Tensor, size: int) -> Tensor:
        """Soft-argmax of the heatmaps (N, K, h, h), in pixels of a picture of ``size``."""
        return (soft_argmax(logits) + 0.5) * (size / logits.shape[-1]) - 0.5
