"""From a generator of one size to one of twice the size that begins by drawing the same avatars, enlarged (ours).

A round at 128 pixels takes a CPU four times as long as one at 64. So a long run there may begin where a shorter one
at 64 ended, as progressive growing does (Karras et al. 2018), here without fading layers in: the new ones begin as
an enlargement.
"""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Tensor, nn

from avatarlib.models.acgan import Generator

__all__ = ["grow_generator", "take_matching"]

ROOT_2PI = math.sqrt(2 * math.pi)


@torch.no_grad()
def grow_generator(small: Generator) -> Generator:
    """A generator of twice the size; in evaluation mode its features are the small one's, each pixel four times.

    All layers are taken over; the new sub-pixel stage repeats pixels; the last convolution's 9 x 9 kernel is
    stretched to the new scale, where its outer taps, which no longer fit, are added to the outermost that do.

    Parameters
    ----------
    small : avatarlib.models.acgan.Generator
        Trained, of any size; unchanged.

    Returns
    -------
    avatarlib.models.acgan.Generator
        On the CPU, in training mode.
    """
    paint = cast(nn.Conv2d, small.paint[0])
    big = Generator(small.latent, small.tags, len(small.blocks), paint.in_channels, 2 * small.size,
                    middle_conv=isinstance(small.middle[0], nn.Conv2d))
    take_matching(big, small)
    last, new = cast(nn.Sequential, small.up[-1]), cast(nn.Sequential, big.up[-1])
    repeat_pixels(new, relu_moments(cast(nn.BatchNorm2d, last[2])))
    cast(nn.Conv2d, big.paint[0]).weight.copy_(stretched(paint.weight))
    return big


@torch.no_grad()
def take_matching(network: nn.Module, other: nn.Module) -> list[str]:
    """Copy every weight of ``other`` that ``network`` has under the same name and shape; returns their names.

    A discriminator for twice the size gets all stages but the deepest, each now at twice the resolution.
    """
    mine, theirs = network.state_dict(), other.state_dict()
    names = [name for name, value in theirs.items() if name in mine and mine[name].shape == value.shape]
    for name in names:
        mine[name].copy_(theirs[name])
    return names


def relu_moments(norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """Mean and variance (channels,) of ReLU(x) for a normal x of the normalisation's shift and scale."""
    mean, scale = norm.bias, norm.weight.abs().clamp(min=1e-6)
    z = mean / scale
    below, density = torch.special.ndtr(z), torch.exp(-z.square() / 2) / ROOT_2PI
    first = mean * below + scale * density
    second = (mean.square() + scale.square()) * below + mean * scale * density
    return first, (second - first.square()).clamp(min=1e-6)


def repeat_pixels(stage: nn.Sequential, moments: tuple[Tensor, Tensor]) -> None:
    """Let a sub-pixel stage lay each pixel out four times; its normalisation undoes itself on such features."""
    convolution, norm = cast(nn.Conv2d, stage[0]), cast(nn.BatchNorm2d, stage[2])
    channels = torch.arange(convolution.out_channels)
    nn.init.zeros_(convolution.weight)
    nn.init.zeros_(cast(Tensor, convolution.bias))
    convolution.weight[channels, channels // 4, 1, 1] = 1
    mean, variance = moments
    cast(Tensor, norm.running_mean).copy_(mean)
    cast(Tensor, norm.running_var).copy_(variance)
    norm.weight.copy_((variance + norm.eps).sqrt())
    norm.bias.copy_(mean)


def stretched(kernel: Tensor) -> Tensor:
    """A 9 x 9 kernel (outputs, inputs, 9, 9) for pixels half as large: of the same sum, linear between its taps."""
    shares = kernel.new_zeros(9, 9)         # of an old tap (column) at the new positions (rows)
    for tap in range(9):
        centre = 4 + 2 * max(-2, min(2, tap - 4))
        for offset, share in ((-1, 0.25), (0, 0.5), (1, 0.25)):
            shares[max(0, min(8, centre + offset)), tap] += share
    return torch.einsum("ea,fb,oiab->oief", shares, shares, kernel)
