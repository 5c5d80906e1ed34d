"""The parts of Tian's one-direction network (section 5.3): content and style encoders, a decoder, many-scale judges.

The paper names the parts and gives no layer; the layers are MUNIT's (Huang et al. 2018), whose idea it tells.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn

from avatarlib.models.cyclegan import PatchDiscriminator
from avatarlib.models.translation import ResidualBlock, check_sides, conv, kaiming_init, norm_layer

__all__ = ["ContentEncoder", "Decoder", "MultiScaleDiscriminator", "StyleEncoder", "Translator"]


class ContentEncoder(nn.Module, PyTorchModelHubMixin):
    """Pictures (N, 3, H, W) in [-1, 1] of either domain -> content codes (N, 256, H/4, W/4); 5,385,856 parameters.

    Instance normalisation takes out of the maps what a style could hide in: their means and deviations. ``width`` is
    the channels after the first layer, a quarter of a code's; ``blocks`` are residual.

    Raises
    ------
    ValueError
        From ``forward``, if pictures' sides are no multiples of 4, or under 16.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.content_invariant import ContentEncoder
    >>> tuple(ContentEncoder(width=8, blocks=1)(torch.zeros(2, 3, 32, 32)).shape)      # what is where
    (2, 32, 8, 8)
    """

    def __init__(self, width: int = 64, blocks: int = 4) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs = 3
        for times, kernel, stride in ((1, 7, 1), (2, 4, 2), (4, 4, 2)):
            layers += [conv(inputs, times * width, kernel, stride, padding="reflect"),
                       norm_layer("instance", times * width), nn.ReLU(inplace=True)]
            inputs = times * width
        self.layers = nn.Sequential(*layers, *(ResidualBlock(4 * width) for _ in range(blocks)))
        kaiming_init(self)

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(check_sides(images))


class StyleEncoder(nn.Module, PyTorchModelHubMixin):
    """Pictures (N, 3, H, W) in [-1, 1] of either domain -> style codes (N, style); 2,764,936 parameters.

    No normalisation: means and deviations of the maps are just what it must see. ``width`` is the channels after the
    first layer.

    Raises
    ------
    ValueError
        From ``forward``, if pictures have another shape, or a side under 16.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.content_invariant import StyleEncoder
    >>> tuple(StyleEncoder(width=8)(torch.zeros(2, 3, 32, 32)).shape)                  # and how it looks
    (2, 8)
    """

    def __init__(self, width: int = 64, style: int = 8) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs = 3
        for times, kernel, stride in ((1, 7, 1), (2, 4, 2), (4, 4, 2), (4, 4, 2), (4, 4, 2)):
            layers += [conv(inputs, times * width, kernel, stride, padding="reflect"), nn.ReLU(inplace=True)]
            inputs = times * width
        self.layers = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Conv2d(inputs, style, 1), nn.Flatten())
        kaiming_init(self)

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(check_sides(images, 1))


class Decoder(nn.Module, PyTorchModelHubMixin):
    """Content codes (N, 256, h, w) and style codes (N, style) -> pictures (N, 3, 4h, 4w) in [-1, 1].

    The style sets, through three linear layers, scale and shift of every channel in the residual blocks (adaptive
    instance normalisation, Huang and Belongie 2017). A scale is 1 plus what the layers say, ours, so that a new
    decoder lets the content through.

    Parameters
    ----------
    width, blocks : int
        As the content encoder's.
    style : int
        Numbers in a style code.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.content_invariant import Decoder
    >>> decoder, content, styles = Decoder(width=8, blocks=1), torch.zeros(1, 32, 8, 8), torch.eye(8)
    >>> tuple(decoder(content.expand(8, -1, -1, -1), styles).shape)        # one content in eight styles
    (8, 3, 32, 32)
    """

    def __init__(self, width: int = 64, blocks: int = 4, style: int = 8) -> None:
        super().__init__()
        self.channels = channels = 4 * width
        self.first = nn.ModuleList(conv(channels, channels, padding="reflect") for _ in range(blocks))
        self.second = nn.ModuleList(conv(channels, channels, padding="reflect") for _ in range(blocks))
        self.affine = nn.Sequential(nn.Linear(style, 4 * width), nn.ReLU(inplace=True),
                                    nn.Linear(4 * width, 4 * width), nn.ReLU(inplace=True),
                                    nn.Linear(4 * width, 4 * blocks * channels))
        ups: list[nn.Module] = []
        for inputs, outputs in ((channels, 2 * width), (2 * width, width)):
            ups += [nn.Upsample(scale_factor=2, mode="nearest"), conv(inputs, outputs, 5, padding="reflect"),
                    norm_layer("layer", outputs), nn.ReLU(inplace=True)]
        self.draw = nn.Sequential(*ups, conv(width, 3, 7, padding="reflect"), nn.Tanh())
        kaiming_init(self)

    def forward(self, content: Tensor, style: Tensor) -> Tensor:
        affine = self.affine(style).view(-1, len(self.first), 2, 2, self.channels, 1, 1)
        x = content
        for number, (first, second) in enumerate(zip(self.first, self.second, strict=True)):
            inner = adapt(first(x), affine[:, number, 0], self.channels).relu()
            x = x + adapt(second(inner), affine[:, number, 1], self.channels)
        return self.draw(x)


class MultiScaleDiscriminator(nn.Module, PyTorchModelHubMixin):
    """Pictures (N, 3, H, W) in [-1, 1] -> a map of logits for the picture, its half, its quarter: a list.

    Parameters
    ----------
    width : int
        Channels after each scale's first layer.
    scales : int
        How many; MUNIT has 3.
    layers : int, optional
        Each scale is a ``PatchDiscriminator`` of so many layers, with its normalisation, as in pix2pixHD (Wang et al.
        2018, with 3). Default: MUNIT's four layers without one.

    Raises
    ------
    ValueError
        From ``forward``, if pictures are too small for the last scale: MUNIT's under 16 pixels for 1, 64 for 3.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.content_invariant import MultiScaleDiscriminator
    >>> discriminator = MultiScaleDiscriminator(width=8)
    >>> [tuple(logits.shape) for logits in discriminator(torch.zeros(1, 3, 64, 64))]
    [(1, 1, 4, 4), (1, 1, 2, 2), (1, 1, 1, 1)]
    >>> patches = MultiScaleDiscriminator(width=8, scales=2, layers=2)
    >>> [tuple(logits.shape) for logits in patches(torch.zeros(1, 3, 64, 64))]
    [(1, 1, 14, 14), (1, 1, 6, 6)]
    """

    def __init__(self, width: int = 64, scales: int = 3, layers: int | None = None) -> None:
        super().__init__()
        self.scales = nn.ModuleList(self.one(width) if layers is None else PatchDiscriminator(width, layers)
                                    for _ in range(scales))
        self.least = (16 if layers is None else 3 * 2 ** layers) * 2 ** (scales - 1)
        if layers is None:
            kaiming_init(self)

    @staticmethod
    def one(width: int) -> nn.Sequential:
        """Four 4 x 4 convolutions of stride 2 without a norm, and one of 1 x 1."""
        layers: list[nn.Module] = []
        inputs = 3
        for times in (1, 2, 4, 8):
            layers += [conv(inputs, times * width, 4, 2, padding="reflect"), nn.LeakyReLU(0.2, inplace=True)]
            inputs = times * width
        return nn.Sequential(*layers, nn.Conv2d(inputs, 1, 1))

    def forward(self, images: Tensor) -> list[Tensor]:
        check_sides(images, 1, self.least)
        logits = []
        for scale in self.scales:
            logits.append(scale(images))
            images = F.avg_pool2d(images, 3, 2, 1, count_include_pad=False)
        return logits


class Translator(nn.Module, PyTorchModelHubMixin):
    """What a trained network needs: photographs (N, 3, H, W) in [-1, 1] -> cartoons in a cartoon's style.

    Parameters
    ----------
    width, blocks, style : int
        Of the encoders and the decoder.

    Raises
    ------
    ValueError
        From ``forward``, if pictures' sides are no multiples of 4, or a style is of another shape.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.content_invariant import Translator
    >>> network, photos = Translator(width=8, blocks=1), torch.zeros(2, 3, 32, 32)
    >>> tuple(network(photos).shape)                           # in the mean style
    (2, 3, 32, 32)
    >>> style = network.style_encoder(torch.ones(1, 3, 32, 32))
    >>> tuple(network(photos, style).shape)                    # both in the style of one cartoon
    (2, 3, 32, 32)
    """

    mean_style: Tensor

    def __init__(self, width: int = 64, blocks: int = 4, style: int = 8) -> None:
        super().__init__()
        self.content_encoder = ContentEncoder(width, blocks)
        self.style_encoder = StyleEncoder(width, style)
        self.decoder = Decoder(width, blocks, style)
        self.register_buffer("mean_style", torch.zeros(style))

    def forward(self, images: Tensor, style: Tensor | None = None) -> Tensor:
        """Cartoons in a style (style,) or (N, style), such as ``style_encoder(cartoon)``; default: the mean one."""
        chosen = self.mean_style if style is None else style
        length = len(self.mean_style)
        if chosen.shape not in ((length,), (1, length), (len(images), length)):
            raise ValueError(f"style must be ({length},) or ({len(images)}, {length}), got {tuple(chosen.shape)}")
        styles = chosen.expand(images.shape[0], -1)         # a shape, not a length: ONNX then takes any number
        return self.decoder(self.content_encoder(images), styles)


def adapt(x: Tensor, affine: Tensor, channels: int) -> Tensor:
    """Maps (N, C, h, w), each normalised, times 1 + ``affine[:, 0]`` plus ``affine[:, 1]``, both (N, C, 1, 1).

    C is told, for an export to ONNX would trace it from ``x``, and a norm there must know its groups beforehand.
    """
    return F.group_norm(x, channels) * (1 + affine[:, 0]) + affine[:, 1]
