"""AnimeGAN (Chen, Liu and Chen 2020) and AnimeGANv2: light generators of separable and inverted residual blocks.

Layers are those of the authors' code. Both discriminators are ``cartoongan.Discriminator``, with ``spectral=True`` and
``norm="instance"`` (AnimeGAN) or ``"layer"`` (v2); the authors' have no biases.
"""

from __future__ import annotations

from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn

from avatarlib.models.translation import check_sides, kaiming_init

__all__ = ["Generator", "GeneratorV2", "InvertedResidual"]


class Layers:
    """Makes the layers of one generator: reflecting, without biases, followed by a norm and a leaky ReLU.

    Parameters
    ----------
    by_channel : bool
        Norms over each channel (instance normalisation, AnimeGAN), or over a picture's numbers together (layer
        normalisation, v2: no droplets). Both with a scale and a shift a channel.
    """

    def __init__(self, by_channel: bool) -> None:
        self.by_channel = by_channel

    def norm(self, channels: int) -> nn.GroupNorm:
        return nn.GroupNorm(channels if self.by_channel else 1, channels)

    def plain(self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1, *, groups: int = 1,
              bias: bool = False) -> nn.Sequential:
        """A convolution alone. A stride of 2 begins at the first pixel, and needs one more at the right and below."""
        around = kernel // 2
        edges = (around, around, around, around) if stride == 1 else (0, 1, 0, 1)
        return nn.Sequential(nn.ReflectionPad2d(edges),
                             nn.Conv2d(inputs, outputs, kernel, stride, groups=groups, bias=bias))

    def full(self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1, *, groups: int = 1,
             bias: bool = False) -> nn.Sequential:
        """A convolution, its norm, leaky ReLU."""
        return nn.Sequential(self.plain(inputs, outputs, kernel, stride, groups=groups, bias=bias),
                             self.norm(outputs), nn.LeakyReLU(0.2, inplace=True))

    def separable(self, inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
        """3 x 3 in each channel, then 1 x 1 across them: about a ninth of the multiplications."""
        return nn.Sequential(self.plain(inputs, inputs, 3, stride, groups=inputs), self.full(inputs, outputs, 1))


class InvertedResidual(nn.Module):
    """Twice as many channels, 3 x 3 in each, and back without an activation; plus the input, if it has as many.

    Parameters
    ----------
    make : Layers
        Makes the layers, with the norm of their generator.
    inputs, outputs : int
        Channels.
    bias : bool
        Of the 3 x 3 convolution.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.animegan import InvertedResidual, Layers
    >>> block = InvertedResidual(Layers(by_channel=True), 8, 8, bias=False)
    >>> sum(weights.numel() for weights in block.parameters() if weights.ndim == 4)    # 8 * 16 + 16 * 9 + 16 * 8
    400
    >>> tuple(block(torch.zeros(1, 8, 16, 16)).shape)
    (1, 8, 16, 16)
    """

    def __init__(self, make: Layers, inputs: int, outputs: int, *, bias: bool) -> None:
        super().__init__()
        wide = 2 * inputs
        self.layers = nn.Sequential(make.full(inputs, wide, 1), make.full(wide, wide, groups=wide, bias=bias),
                                    make.plain(wide, outputs, 1), make.norm(outputs))
        self.same = inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x) if self.same else self.layers(x)


class Halves(nn.Module):
    """Two ways to half the size, added: a separable convolution of stride 2, and one of the shrunk picture."""

    def __init__(self, make: Layers, inputs: int, outputs: int) -> None:
        super().__init__()
        self.strided = make.separable(inputs, outputs, 2)
        self.shrunk = nn.Sequential(nn.AvgPool2d(2), make.separable(inputs, outputs))   # bilinear by one half

    def forward(self, x: Tensor) -> Tensor:
        return self.strided(x) + self.shrunk(x)


def twice() -> nn.Upsample:
    """Bilinear, to twice the height and width."""
    return nn.Upsample(scale_factor=2, mode="bilinear")


class Generator(nn.Module, PyTorchModelHubMixin):
    """AnimeGAN: photographs (N, 3, H, W) in [-1, 1] -> cartoons of the same size and range; 3,956,096 parameters.

    Parameters
    ----------
    width : int
        Channels after the first layer.

    Raises
    ------
    ValueError
        From ``forward``, if pictures' sides are no multiples of 4, or under 16.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.animegan import Generator
    >>> tuple(Generator(width=8)(torch.zeros(1, 3, 32, 48)).shape)
    (1, 3, 32, 48)
    """

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        make, two, four = Layers(by_channel=True), 2 * width, 4 * width
        self.layers = nn.Sequential(
            make.full(3, width), make.full(width, width), Halves(make, width, two),             # (N, 128, H/2, W/2)
            make.full(two, two), make.separable(two, two), Halves(make, two, four),             # (N, 256, H/4, W/4)
            make.full(four, four), *(InvertedResidual(make, four, four, bias=False) for _ in range(8)),
            make.full(four, four),
            twice(), make.separable(four, two), make.separable(two, two), make.full(two, two),  # (N, 128, H/2, W/2)
            twice(), make.separable(two, two), make.full(two, width), make.full(width, width),  # (N, 64, H, W)
            make.plain(width, 3, 1), nn.Tanh())
        kaiming_init(self)

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(check_sides(images))


class GeneratorV2(nn.Module, PyTorchModelHubMixin):
    """AnimeGANv2: photographs (N, 3, H, W) in [-1, 1] -> cartoons, the same size and range; 2,143,552 parameters.

    Parameters
    ----------
    width : int
        Channels after the first layer.

    Raises
    ------
    ValueError
        From ``forward``, if pictures' sides are no multiples of 4, or under 16.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.animegan import Generator, GeneratorV2
    >>> tuple(GeneratorV2(width=8)(torch.zeros(1, 3, 32, 48)).shape)
    (1, 3, 32, 48)
    >>> small, large = (sum(weights.numel() for weights in kind().parameters()) for kind in (GeneratorV2, Generator))
    >>> round(large / small, 2)
    1.85
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        make, two, four, eight = Layers(by_channel=False), 2 * width, 4 * width, 8 * width
        self.layers = nn.Sequential(
            make.full(3, width, 7), make.full(width, two, stride=2), make.full(two, two),       # (N, 64, H/2, W/2)
            make.full(two, four, stride=2), make.full(four, four), make.full(four, four),       # (N, 128, H/4, W/4)
            InvertedResidual(make, four, eight, bias=True),                                     # (N, 256, H/4, W/4)
            *(InvertedResidual(make, eight, eight, bias=True) for _ in range(3)),
            make.full(eight, four),
            twice(), make.full(four, four), make.full(four, four),                              # (N, 128, H/2, W/2)
            twice(), make.full(four, two), make.full(two, two), make.full(two, width, 7),       # (N, 32, H, W)
            make.plain(width, 3, 1), nn.Tanh())
        kaiming_init(self)

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(check_sides(images))
