"""CycleGAN (Zhu et al. 2017; Tian): a generator of residual blocks and a discriminator that judges patches.

Layers are those of the authors' code, pytorch-CycleGAN-and-pix2pix.
"""

from __future__ import annotations

from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn

from avatarlib.models.translation import ResidualBlock, check_sides, conv, norm_layer, normal_init, up

__all__ = ["Generator", "PatchDiscriminator", "Translators"]

KEPT = 0.98     # of the range, where a picture is added before tanh: the pre-image of 1 is infinite


class Generator(nn.Module, PyTorchModelHubMixin):
    """Pictures (N, 3, H, W) in [-1, 1] -> pictures of the same size and range; H and W multiples of 4.

    11,378,179 parameters with 9 blocks, 7,837,699 with 6.

    Parameters
    ----------
    width : int
        Channels after the first layer.
    blocks : int
        Residual blocks: 9 for pictures of 256 pixels, 6 for 128.
    upsampling : {"transposed", "resize"}
        The authors' transposed convolutions, or (ours) resizing and a convolution.
    skip : bool
        Ours: the picture itself is added before the last tanh, so that a new generator copies, and learns changes only.

    Raises
    ------
    ValueError
        If ``upsampling`` is unknown, or pictures do not fit.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.cyclegan import Generator
    >>> generator, photos = Generator(width=8, blocks=2), torch.zeros(1, 3, 32, 48)
    >>> tuple(generator(photos).shape)
    (1, 3, 32, 48)
    >>> [tuple(seen.shape) for seen in generator.features(photos)]
    [(1, 8, 32, 48), (1, 16, 16, 24), (1, 32, 8, 12), (1, 32, 8, 12)]
    """

    def __init__(self, width: int = 64, blocks: int = 9, upsampling: str = "transposed", skip: bool = False) -> None:
        super().__init__()
        self.skip = skip
        self.stages = nn.ModuleList([
            activated(conv(3, width, 7, padding="reflect"), width),                     # (N, 64, H, W)
            activated(conv(width, 2 * width, stride=2), 2 * width),                     # (N, 128, H/2, W/2)
            activated(conv(2 * width, 4 * width, stride=2), 4 * width),                 # (N, 256, H/4, W/4)
            *(ResidualBlock(4 * width) for _ in range(blocks))])
        self.draw = nn.Sequential(
            activated(up(4 * width, 2 * width, upsampling), 2 * width),
            activated(up(2 * width, width, upsampling), width),
            conv(width, 3, 7, padding="reflect"))
        kept = (0, 1, 2, 3 + (blocks - 1) // 2)         # after these stages
        self.kept = tuple(dict.fromkeys(kept))
        self.channels = tuple((width, 2 * width, 4 * width, 4 * width)[min(stage, 3)] for stage in self.kept)
        normal_init(self)

    def forward(self, images: Tensor) -> Tensor:
        x = check_sides(images)
        for stage in self.stages:
            x = stage(x)
        drawn = self.draw(x)
        return (drawn + (KEPT * images).atanh() if self.skip else drawn).tanh()

    def features(self, images: Tensor) -> list[Tensor]:
        """What CUT compares: the maps after the first layer, both ways down and the middle block.

        ``channels`` tells how many channels each has. The authors' code takes five such maps; ours leaves the
        padded picture itself out.
        """
        x, maps = check_sides(images), []
        for number, stage in enumerate(self.stages[:self.kept[-1] + 1]):
            x = stage(x)
            if number in self.kept:
                maps.append(x)
        return maps


class PatchDiscriminator(nn.Module, PyTorchModelHubMixin):
    """Pictures (N, 3, H, W) in [-1, 1] -> a map of logits (N, 1, h, w), each about a patch; 2,764,737 parameters.

    Parameters
    ----------
    width : int
        Channels after the first layer.
    layers : int
        Convolutions of stride 2. With 3 a logit sees 70 x 70 pixels, and 128 pixels give 14 x 14 logits; with 2 it
        sees 34 x 34.
    channels : int
        Of the pictures: 6 for a photograph and a drawing together, as pix2pix has them.

    Raises
    ------
    ValueError
        From ``forward``, if pictures are so small that no logit is left: under 24 pixels with 3 layers, 12 with 2.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.cyclegan import PatchDiscriminator
    >>> [tuple(PatchDiscriminator(width=8, layers=layers)(torch.zeros(1, 3, 128, 128)).shape) for layers in (3, 2)]
    [(1, 1, 14, 14), (1, 1, 30, 30)]
    """

    def __init__(self, width: int = 64, layers: int = 3, channels: int = 3) -> None:
        super().__init__()
        widths = [width * min(2 ** number, 8) for number in range(layers + 1)]
        stages: list[nn.Module] = [conv(channels, width, 4, 2), nn.LeakyReLU(0.2, inplace=True)]
        for number in range(layers):
            inputs, outputs = widths[number], widths[number + 1]
            stages += [conv(inputs, outputs, 4, 2 if number < layers - 1 else 1), norm_layer("instance", outputs),
                       nn.LeakyReLU(0.2, inplace=True)]
        self.layers = nn.Sequential(*stages, conv(widths[-1], 1, 4))
        self.channels = channels
        self.least = 3 * 2 ** layers        # pixels: halved so often 3, which two kernels of 4 bring to 1
        normal_init(self)

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(check_sides(images, 1, self.least, self.channels))


class Translators(nn.Module, PyTorchModelHubMixin):
    """Both directions of a trained CycleGAN: ``to_cartoon``, which a call is, and ``to_photo``.

    Parameters
    ----------
    width, blocks, upsampling, skip
        As each ``Generator``'s.

    Raises
    ------
    ValueError
        If ``upsampling`` is unknown, or pictures do not fit.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.cyclegan import Translators
    >>> both, photos = Translators(width=8, blocks=1), torch.zeros(1, 3, 32, 32)
    >>> cartoons = both(photos)                                # as both.to_cartoon(photos)
    >>> tuple(both.to_photo(cartoons).shape)
    (1, 3, 32, 32)
    """

    def __init__(self, width: int = 64, blocks: int = 9, upsampling: str = "transposed", skip: bool = False) -> None:
        super().__init__()
        self.to_cartoon, self.to_photo = (Generator(width, blocks, upsampling, skip) for _ in range(2))

    def forward(self, images: Tensor) -> Tensor:
        """Cartoons (N, 3, H, W) of photographs of this shape in [-1, 1]."""
        return self.to_cartoon(images)


def activated(layer: nn.Module, channels: int) -> nn.Sequential:
    """A layer, instance normalisation, ReLU."""
    return nn.Sequential(layer, norm_layer("instance", channels), nn.ReLU(inplace=True))
