"""The smallest GAN: two perceptrons for points in the plane (chapter 1).

Two hidden layers each; no normalisation, so that what happens in the game is the game's doing.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["PointDiscriminator", "PointGenerator"]


class PointGenerator(nn.Module):
    """Noise (N, latent) -> points (N, 2) anywhere in the plane; 4,482 parameters at the defaults.

    Raises
    ------
    ValueError
        From ``forward``, if the noise has another shape.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.toy import PointGenerator
    >>> generator = PointGenerator()
    >>> sum(weights.numel() for weights in generator.parameters())         # (2 + 1) 64 + (64 + 1) 64 + (64 + 1) 2
    4482
    >>> tuple(generator(torch.randn(5, 2)).shape)
    (5, 2)
    """

    def __init__(self, latent: int = 2, width: int = 64) -> None:
        super().__init__()
        self.latent = latent
        self.layers = nn.Sequential(
            nn.Linear(latent, width), nn.ReLU(),      # (N, 64)
            nn.Linear(width, width), nn.ReLU(),       # (N, 64)
            nn.Linear(width, 2))                      # (N, 2)

    def forward(self, noise: Tensor) -> Tensor:
        if noise.ndim != 2 or noise.shape[1] != self.latent:
            raise ValueError(f"noise must be (N, {self.latent}), got {tuple(noise.shape)}")
        return self.layers(noise)


class PointDiscriminator(nn.Module):
    """Points (N, 2) -> logits (N,), positive for "real"; 4,417 parameters at the default width.

    Raises
    ------
    ValueError
        From ``forward``, if the points have another shape; from ``field``, if its extent is not positive.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.toy import PointDiscriminator
    >>> discriminator = PointDiscriminator()
    >>> tuple(discriminator(torch.randn(5, 2)).shape)
    (5,)
    >>> tuple(discriminator.field(extent=3.0, size=7).shape)               # the middle of the square is [3, 3]
    (7, 7)
    """

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(2, width), nn.LeakyReLU(0.2),        # (N, 64)
            nn.Linear(width, width), nn.LeakyReLU(0.2),    # (N, 64)
            nn.Linear(width, 1))                           # (N, 1)

    def forward(self, points: Tensor) -> Tensor:
        if points.ndim != 2 or points.shape[1] != 2:
            raise ValueError(f"points must be (N, 2), got {tuple(points.shape)}")
        return self.layers(points).flatten()

    @torch.no_grad()
    def field(self, extent: float, size: int = 64) -> Tensor:
        """D = sigmoid(logit) on a square lattice over [-extent, extent]: (size, size), row 0 at the bottom."""
        if not extent > 0:
            raise ValueError(f"extent must be above 0, got {extent}")
        line = torch.linspace(-extent, extent, size)
        y, x = torch.meshgrid(line, line, indexing="ij")
        return torch.sigmoid(self(torch.stack([x, y], dim=-1).flatten(0, 1))).view(size, size)
