"""From networks of one size to networks of twice the size that begin by drawing and judging as the small ones (ours).

A round at 128 pixels takes a CPU four times as long as one at 64. So a long run there may begin where a shorter one
at 64 ended, as progressive growing does (Karras et al. 2018), here without fading layers in: the new ones begin as
an enlargement.
"""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Tensor, nn

from avatarlib.models.acgan import Discriminator, Generator
from avatarlib.models.dcgan import LEAKY_SLOPE

__all__ = ["grow_discriminator", "grow_generator", "take_matching"]

ROOT_2PI = math.sqrt(2 * math.pi)


@torch.no_grad()
def grow_generator(small: Generator) -> Generator:
    """A generator of twice the size; in evaluation mode its features are the small one's, each pixel four times.

    All layers are taken over; the new sub-pixel stage repeats pixels; the last convolution's 9 x 9 kernel is
    stretched to the new scale, where its outer taps, which no longer fit, are added to the outermost that do.
    ``small`` is unchanged; the new one is on the CPU, in training mode.

    Examples
    --------
    >>> from avatarlib.data import tag_vector
    >>> from avatarlib.models.acgan import Generator
    >>> from avatarlib.models.growing import grow_generator
    >>> big = grow_generator(Generator(blocks=1, width=8, size=32)).eval()
    >>> tuple(big.sample(1, tag_vector(["smile"])).shape)
    (1, 3, 64, 64)
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

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.growing import take_matching
    >>> take_matching(torch.nn.Linear(4, 3), torch.nn.Linear(2, 3))        # the weights have another shape
    ['bias']
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
    norm.load_state_dict({"running_mean": mean, "running_var": variance, "weight": (variance + norm.eps).sqrt(),
                          "bias": mean}, strict=False)


def stretched(kernel: Tensor) -> Tensor:
    """A 9 x 9 kernel (outputs, inputs, 9, 9) for pixels half as large: of the same sum, linear between its taps."""
    shares = kernel.new_zeros(9, 9)         # of an old tap (column) at the new positions (rows)
    for tap in range(9):
        centre = 4 + 2 * max(-2, min(2, tap - 4))
        for offset, share in ((-1, 0.25), (0, 0.5), (1, 0.25)):
            shares[max(0, min(8, centre + offset)), tap] += share
    return torch.einsum("ea,fb,oiab->oief", shares, shares, kernel)


@torch.no_grad()
def grow_discriminator(big: Discriminator, small: Discriminator) -> None:
    """Let ``big`` judge a picture as ``small`` judges its average over 2 x 2 pixels, and look closer from there on.

    The first stage of ``big`` hands on that average and its negative in six of its channels; each further one does
    what the one before it does in ``small``, in half of its channels. The other half keeps its own initial weights;
    nothing that ``small`` knows depends on them, until training lets it. Exact if ``big`` has 4 x 4 kernels throughout;
    where it has 3 x 3 for 4 x 4, the fourth tap is added to the third.

    Raises
    ------
    ValueError
        If ``big`` is not for twice the size of ``small``, with the same width of at least 6.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.acgan import Discriminator
    >>> from avatarlib.models.growing import grow_discriminator
    >>> small, big = (Discriminator(width=6, size=size, kernel=4, init="he") for size in (32, 64))
    >>> grow_discriminator(big, small)
    >>> images = torch.rand(2, 3, 64, 64)
    >>> halved = torch.nn.functional.avg_pool2d(images, 2)
    >>> round((big.logits(images) - small.logits(halved)).abs().max().item(), 3)       # the same judgement
    0.0
    """
    first, *rest = convolutions(big)
    old = convolutions(small)
    if big.size != 2 * small.size or first.out_channels != old[0].out_channels or first.out_channels < 6:
        raise ValueError(f"big must be for {2 * small.size} pixels with a width of {max(6, old[0].out_channels)}, like "
                         f"small, got one for {big.size} pixels with a width of {first.out_channels}; small has "
                         f"{old[0].out_channels}")
    blocks, rest = rest[:4], rest[4:]
    channels = torch.arange(3)
    for layer in (first, blocks[1], blocks[3]):             # the residual blocks add nothing to the average
        layer.weight[:6] = 0
        cast(Tensor, layer.bias)[:6] = 0
    first.weight[channels, channels, 1:3, 1:3] = 0.25
    first.weight[3 + channels, channels, 1:3, 1:3] = -0.25
    seen = old[0].weight / (1 + LEAKY_SLOPE ** 3)           # three leaky ReLUs: f(x) - f(-x) = (1 + slope^3) x
    embed(rest[0], torch.cat([seen, -seen], dim=1), old[0].bias)
    for new, known in zip(rest[1:], old[1:], strict=True):
        embed(new, known.weight, known.bias)
    for name in ("adversarial", "tagger"):
        mine, theirs = cast(nn.Linear, getattr(big, name)), cast(nn.Linear, getattr(small, name))
        embed(mine, theirs.weight, theirs.bias)


def convolutions(network: Discriminator) -> list[nn.Conv2d]:
    """The convolutions of a discriminator's trunk, in order."""
    return [module for module in network.trunk.modules() if isinstance(module, nn.Conv2d)]


def embed(layer: nn.Conv2d | nn.Linear, weight: Tensor, bias: Tensor | None) -> None:
    """Put a smaller layer into the first outputs of ``layer``, which see its first inputs and no others."""
    outputs, inputs = weight.shape[:2]
    for dim in range(2, weight.ndim):       # taps that do not fit are added to the last that does
        *taps, last = weight.tensor_split([*range(1, layer.weight.shape[dim])], dim)
        weight = torch.cat([*taps, last.sum(dim, keepdim=True)], dim)
    layer.weight[:outputs] = 0
    layer.weight[:outputs, :inputs] = weight
    cast(Tensor, layer.bias)[:outputs] = cast(Tensor, bias)
