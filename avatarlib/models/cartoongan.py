"""CartoonGAN (Chen, Lai and Liu 2018): a generator with eight residual blocks, a discriminator of edges.

Norms and activations are those of the released weights and the ports; the paper's text says batch normalisation.
"""

from __future__ import annotations

from collections.abc import Sequence

from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from avatarlib.models.translation import ResidualBlock, check_sides, conv, norm_layer, normal_init, up

__all__ = ["Discriminator", "Generator"]


class Generator(nn.Module, PyTorchModelHubMixin):
    """Photographs (N, 3, H, W) in [-1, 1] -> cartoons of the same size and range; 11,120,195 parameters.

    Parameters
    ----------
    width : int
        Channels after the first layer.
    blocks : int
        Residual blocks; the authors' code has 16 by default.
    kernel : int
        Pixels a side of the first layer's kernel, odd.
    norm : {"instance", "batch", "layer"}
    upsampling : {"transposed", "resize"}
    gate : bool
        Squeeze and excitation in every block (Wang et al.'s code).

    Raises
    ------
    ValueError
        If an option is unknown, or pictures' sides are no multiples of 4.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.cartoongan import Generator
    >>> generator = Generator(width=8, blocks=1)
    >>> tuple(generator(torch.zeros(1, 3, 32, 48)).shape)                  # any sides that can be halved twice
    (1, 3, 32, 48)
    """

    def __init__(self, width: int = 64, blocks: int = 8, *, kernel: int = 7, norm: str = "instance",
                 upsampling: str = "transposed", gate: bool = False) -> None:
        super().__init__()

        def stage(*layers: nn.Module, channels: int) -> list[nn.Module]:
            return [*layers, norm_layer(norm, channels), nn.ReLU(inplace=True)]

        two, four = 2 * width, 4 * width
        self.layers = nn.Sequential(
            *stage(conv(3, width, kernel, padding="reflect"), channels=width),                  # (N, 64, H, W)
            *stage(conv(width, two, stride=2), conv(two, two), channels=two),                   # (N, 128, H/2, W/2)
            *stage(conv(two, four, stride=2), conv(four, four), channels=four),                 # (N, 256, H/4, W/4)
            *(ResidualBlock(four, norm, gate=gate) for _ in range(blocks)),
            *stage(up(four, two, upsampling), conv(two, two), channels=two),                    # (N, 128, H/2, W/2)
            *stage(up(two, width, upsampling), conv(width, width), channels=width),             # (N, 64, H, W)
            conv(width, 3, 7, padding="reflect"), nn.Tanh())
        normal_init(self)

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(check_sides(images))


class Discriminator(nn.Module, PyTorchModelHubMixin):
    """Pictures (N, 3, H, W) in [-1, 1] -> logits (N, 1, H/4, W/4), each about a small patch; 1,128,385 parameters.

    Parameters
    ----------
    width : int
        Channels after the first layer.
    norm : {"instance", "batch", "layer", "none"}
        After the third, fifth and sixth convolution. ArtifyGAN: batch (1,129,665 parameters); AnimeGAN: layer.
    variant : {"cartoongan", "literal"}
        "literal" has the fewer layers that ArtifyGAN's text names, each with its norm: 391,681 parameters with
        batch normalisation.
    spectral : bool
        Spectral normalisation of all weights (AnimeGAN).

    Raises
    ------
    ValueError
        If an option is unknown, or pictures are under 8 pixels.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.cartoongan import Discriminator
    >>> tuple(Discriminator(width=8)(torch.zeros(1, 3, 32, 32)).shape)     # a judgement for every 4 x 4 pixels
    (1, 1, 8, 8)
    """

    def __init__(self, width: int = 32, norm: str = "instance", *, variant: str = "cartoongan",
                 spectral: bool = False) -> None:
        super().__init__()
        plans: dict[str, Sequence[tuple[int, int, bool]]] = {       # times the width, stride, with a norm
            "cartoongan": [(1, 1, False), (2, 2, False), (4, 1, True), (4, 2, False), (8, 1, True), (8, 1, True)],
            "literal": [(1, 1, True), (2, 2, True), (4, 2, True), (8, 1, True)]}
        if variant not in plans:
            raise ValueError(f"variant must be one of {', '.join(plans)}, got {variant!r}")
        layers: list[nn.Module] = []
        inputs = 3
        for times, stride, normed in plans[variant]:
            outputs = times * width
            layers += [conv(inputs, outputs, stride=stride), *([norm_layer(norm, outputs)] if normed else []),
                       nn.LeakyReLU(0.2, inplace=True)]
            inputs = outputs
        self.layers = nn.Sequential(*layers, conv(inputs, 1))
        normal_init(self)
        if spectral:
            for layer in self.layers:
                if isinstance(layer, nn.Conv2d):
                    spectral_norm(layer)

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(check_sides(images, 1, 8))
