"""What the networks from picture to picture share: norms, residual blocks, ways down and up, first weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn

__all__ = ["NORMS", "Gate", "ResidualBlock", "check_sides", "conv", "kaiming_init", "normal_init", "norm_layer", "up"]

Padding = Literal["zeros", "reflect"]
NORMS: dict[str, Callable[[int], nn.Module]] = {
    # one group a channel is instance normalisation, and unlike InstanceNorm2d keeps channels-last layout
    "instance": lambda channels: nn.GroupNorm(channels, channels, affine=False),
    "batch": nn.BatchNorm2d,
    "layer": lambda channels: nn.GroupNorm(1, channels),
    "none": lambda channels: nn.Identity()}


def norm_layer(name: str, channels: int) -> nn.Module:
    """The normalisation called ``name``; "instance" has no weights, "layer" is over all of a picture's numbers.

    Raises
    ------
    ValueError
        If there is none of this name.

    Examples
    --------
    >>> from avatarlib.models.translation import NORMS, norm_layer
    >>> {name: sum(weights.numel() for weights in norm_layer(name, 8).parameters()) for name in NORMS}
    {'instance': 0, 'batch': 16, 'layer': 16, 'none': 0}
    """
    if name not in NORMS:
        raise ValueError(f"norm must be one of {', '.join(NORMS)}, got {name!r}")
    return NORMS[name](channels)


def conv(inputs: int, outputs: int, kernel: int = 3, stride: int = 1, *, padding: Padding = "zeros") -> nn.Conv2d:
    """A convolution that keeps height and width, or divides them by the stride; ``padding`` "zeros" or "reflect".

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.translation import conv
    >>> tuple(conv(3, 8, kernel=7, stride=2, padding="reflect")(torch.zeros(1, 3, 32, 32)).shape)
    (1, 8, 16, 16)
    """
    around = (kernel - 1) // 2      # of the even kernel 4, as its users have it: 1
    return nn.Conv2d(inputs, outputs, kernel, stride, around, padding_mode=padding)


def up(inputs: int, outputs: int, upsampling: str) -> nn.Module:
    """Twice the height and width: "transposed" convolution (3 x 3, stride 1/2), or "resize" and a convolution.

    The second leaves no chequered pattern, for every pixel has as many neighbours as any other (Odena et al. 2016).

    Raises
    ------
    ValueError
        If ``upsampling`` is another.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.translation import up
    >>> [tuple(up(8, 4, how)(torch.zeros(1, 8, 16, 16)).shape) for how in ("transposed", "resize")]
    [(1, 4, 32, 32), (1, 4, 32, 32)]
    """
    if upsampling == "transposed":
        return nn.ConvTranspose2d(inputs, outputs, 3, 2, 1, output_padding=1)
    if upsampling == "resize":
        return nn.Sequential(nn.Upsample(scale_factor=2, mode="nearest"), conv(inputs, outputs, padding="reflect"))
    raise ValueError(f"upsampling must be transposed or resize, got {upsampling!r}")


class Gate(nn.Module):
    """Squeeze and excitation (Hu et al. 2018): each channel times a number in (0, 1) that the whole picture decides.

    Maps (N, channels, H, W) in and out; a sixteenth (``reduction``) of the channels lies between its two layers.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.translation import Gate
    >>> gate = Gate(32)
    >>> sum(weights.numel() for weights in gate.parameters())              # 32 -> 2 -> 32, with biases
    162
    >>> gated = gate(torch.ones(1, 32, 4, 4))
    >>> (gated.amax((2, 3)) - gated.amin((2, 3))).max().item()             # within a channel, the number is one
    0.0
    """

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        least = max(1, channels // reduction)
        self.layers = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(channels, least, 1), nn.ReLU(inplace=True),
                                    nn.Conv2d(least, channels, 1), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        return x * self.layers(x)


class ResidualBlock(nn.Module):
    """x + (3 x 3 convolution, norm, ReLU, 3 x 3 convolution, norm) of x; no ReLU after the sum.

    Parameters
    ----------
    channels : int
    norm : {"instance", "batch", "layer", "none"}
    padding : {"reflect", "zeros"}
    gate : bool
        Squeeze and excitation at the end of the branch (Wang et al.'s code).

    Raises
    ------
    ValueError
        If ``norm`` is unknown.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.translation import ResidualBlock
    >>> block = ResidualBlock(8)
    >>> sum(weights.numel() for weights in block.parameters())             # 2 (9 * 8 * 8 + 8); the norms have none
    1168
    >>> tuple(block(torch.zeros(1, 8, 16, 16)).shape)
    (1, 8, 16, 16)
    """

    def __init__(self, channels: int, norm: str = "instance", *, padding: Padding = "reflect",
                 gate: bool = False) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            conv(channels, channels, padding=padding), norm_layer(norm, channels), nn.ReLU(inplace=True),
            conv(channels, channels, padding=padding), norm_layer(norm, channels),
            *([Gate(channels)] if gate else []))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


def normal_init(network: nn.Module, deviation: float = 0.02) -> None:
    """First weights of every convolution from N(0, ``deviation``), biases 0, as CycleGAN's and CartoonGAN's codes.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.translation import normal_init
    >>> network = torch.nn.Sequential(torch.nn.Conv2d(64, 64, 3), torch.nn.ReLU())
    >>> normal_init(network)
    >>> round(network[0].weight.std().item(), 3), network[0].bias.abs().max().item()
    (0.02, 0.0)
    """
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(layer.weight, 0, deviation)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def kaiming_init(network: nn.Module) -> None:
    """First weights as MUNIT's and AnimeGANv2's: He et al.'s normal distribution, biases 0.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.translation import kaiming_init
    >>> layer = torch.nn.Linear(800, 100)
    >>> kaiming_init(layer)
    >>> round(layer.weight.std().item(), 2)                    # the root of 2 / 800
    0.05
    """
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, a=0, mode="fan_in")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def check_sides(images: Tensor, multiple: int = 4, least: int = 16, channels: int = 3) -> Tensor:
    """The pictures, if a network can halve (and double) them.

    Raises
    ------
    ValueError
        If they are not (N, ``channels``, H, W) with H and W multiples of ``multiple``, at least ``least``.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.translation import check_sides
    >>> tuple(check_sides(torch.zeros(1, 3, 32, 48)).shape)
    (1, 3, 32, 48)
    >>> check_sides(torch.zeros(1, 3, 30, 48))
    Traceback (most recent call last):
        ...
    ValueError: images must be (N, 3, H, W) with H and W multiples of 4, at least 16, got (1, 3, 30, 48)
    """
    fits = images.ndim == 4 and images.shape[1] == channels and not any(
        side % multiple or side < least for side in images.shape[2:])
    if not (fits or torch.jit.is_tracing()):
        multiples = f"multiples of {multiple}, " if multiple > 1 else ""
        raise ValueError(f"images must be (N, {channels}, H, W) with H and W {multiples}at least {least}, "
                         f"got {tuple(images.shape)}")
    return images
