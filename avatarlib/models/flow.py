"""Flow matching's network (Lipman et al. 2023; Liu et al. 2023): a small U-Net that says which way a pixel moves.

Its plan, widths and noise embedding follow the denoising example of Keras (DDIM, Béres 2022); normalisation by groups
in place of batches is ours.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn

__all__ = ["VelocityNet"]

EMBEDDING, FASTEST = 32, 1000.0     # numbers that tell the time, and the highest of their frequencies


class VelocityNet(nn.Module, PyTorchModelHubMixin):
    """Noisy pictures (N, 3, S, S) and times (N,) in [0, 1] -> velocities (N, 3, S, S); 3,766,659 parameters.

    At time 0 there is the picture, at time 1 there is noise only; the velocity points from picture to noise.

    Parameters
    ----------
    width : int
        Channels at full size, a multiple of 16; half of it more at each smaller one: 64, 96, 128, 160.
    levels : int
        Sizes, each half of the one before.
    depth : int
        Residual blocks at each size and way.
    size : int
        Pixels a side of ``sample``, a multiple of ``patch`` times 2 for each level but the last.
    patch : int
        Pixels a side that become channels of one position (Hoogeboom et al. 2023): 2 asks for a quarter of the work.

    Raises
    ------
    ValueError
        If ``width`` or ``size`` is no such multiple.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.flow import VelocityNet
    >>> network = VelocityNet(width=16, levels=2, depth=1, size=16)
    >>> noise, time = torch.randn(2, 3, 16, 16), torch.tensor([0.5, 1.0])
    >>> network(noise, time).abs().max().item()                # at first, nothing moves
    0.0
    >>> tuple(network.sample(4, steps=2).shape)
    (4, 3, 16, 16)
    """

    def __init__(self, width: int = 64, levels: int = 4, depth: int = 2, size: int = 64,
                 patch: int = 1) -> None:
        super().__init__()
        for name, value, multiple in (("width", width, 16), ("size", size, patch * 2 ** (levels - 1))):
            if value % multiple:
                raise ValueError(f"{name} must be a multiple of {multiple} with {levels} levels, got {value}")
        self.size, self.patch, widths = size, patch, [width * (2 + level) // 2 for level in range(levels)]
        self.begin = nn.Conv2d(3 * patch**2, widths[0], 1)
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        channels, skips = widths[0] + EMBEDDING, []
        for wide in widths[:-1]:
            for _ in range(depth):
                self.down.append(Block(channels, wide))
                channels = wide
                skips.append(wide)
        self.middle = nn.Sequential(*(Block(channels if not i else widths[-1], widths[-1]) for i in range(depth)))
        channels = widths[-1]
        for wide in reversed(widths[:-1]):
            for _ in range(depth):
                self.up.append(Block(channels + skips.pop(), wide))
                channels = wide
        self.end = nn.Conv2d(channels, 3 * patch**2, 1)
        nn.init.zeros_(self.end.weight)         # at first, nothing moves
        nn.init.zeros_(self.end.bias)           # type: ignore[arg-type]
        self.depth = depth

    def forward(self, images: Tensor, time: Tensor) -> Tensor:
        if images.ndim != 4 or images.shape[1] != 3 or time.shape != images.shape[:1]:
            raise ValueError(f"images must be (N, 3, S, S) and time (N,), got {tuple(images.shape)} "
                             f"and {tuple(time.shape)}")
        x = self.begin(F.pixel_unshuffle(images, self.patch))
        told = embed(time)[:, :, None, None].expand(-1, -1, *x.shape[2:])
        x, skips = torch.cat([x, told.to(x.dtype)], 1), []
        for number, block in enumerate(self.down, 1):
            x = block(x)
            skips.append(x)
            x = F.avg_pool2d(x, 2) if number % self.depth == 0 else x
        x = self.middle(x)
        for number, block in enumerate(self.up):
            x = F.interpolate(x, scale_factor=2, mode="nearest") if number % self.depth == 0 else x
            x = block(torch.cat([x, skips.pop()], 1))
        return F.pixel_shuffle(self.end(x), self.patch)

    def sample(self, n: int, *, steps: int = 10, generator: torch.Generator | None = None) -> Tensor:
        """Draw ``n`` pictures (n, 3, S, S) in [-1, 1] from noise of ``generator`` (a CPU one), without gradients.

        Euler's method: ``steps`` equal steps from time 1 to 0, each along the velocity where it begins.

        Raises
        ------
        ValueError
            If ``n`` or ``steps`` is below 1.
        """
        if n < 1 or steps < 1:
            raise ValueError(f"n and steps must be at least 1, got {n} and {steps}")
        weight = next(self.parameters())
        x = torch.randn(n, 3, self.size, self.size, generator=generator).to(weight.device, weight.dtype)
        with torch.no_grad():
            for step in range(steps, 0, -1):
                x = x - self(x, x.new_full((n,), step / steps)) / steps
        return x.clamp(-1, 1)


class Block(nn.Module):
    """Two 3 x 3 convolutions and a way past them."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.past = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()
        self.layers = nn.Sequential(nn.GroupNorm(8, inputs), nn.Conv2d(inputs, outputs, 3, padding=1), nn.SiLU(),
                                    nn.Conv2d(outputs, outputs, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        return self.past(x) + self.layers(x)


def embed(time: Tensor) -> Tensor:
    """Times (N,) as sines and cosines (N, 32) of frequencies from 1 to 1,000."""
    frequencies = torch.exp(torch.linspace(0, math.log(FASTEST), EMBEDDING // 2, device=time.device))
    angles = 2 * math.pi * time[:, None].float() * frequencies
    return torch.cat([angles.sin(), angles.cos()], 1)
