"""ArtifyGAN (Bismi et al.): CartoonGAN's generator with ten blocks and without its second convolutions.

The paper removes "two convolution blocks" beside the ways up; its description of the ways down has none either. Both
networks cost the same, 13.60 billion multiply-adds at 128 pixels. Its discriminator is CartoonGAN's, with batch
normalisation.
"""

from __future__ import annotations

from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn

from avatarlib.models.translation import ResidualBlock, check_sides, conv, norm_layer, normal_init, up

__all__ = ["Generator"]


class Generator(nn.Module, PyTorchModelHubMixin):
    """Photographs (N, 3, H, W) in [-1, 1] -> cartoons of the same size and range; 12,569,859 parameters.

    The paper's network takes and gives [0, 1], by a sigmoid; here it does so inside, and [-1, 1] is outside.

    Parameters
    ----------
    width : int
        Channels after the first layer.
    blocks : int
        Residual blocks: 10 in the paper's rounds 2 and 3, 8 in round 1.
    kernel : int
        Pixels a side of the first layer's kernel: 7, or 3 in round 2.
    norm : {"batch", "instance", "layer"}
    upsampling : {"transposed", "resize"}
    extra : bool
        Keep CartoonGAN's second convolutions on the ways down (13,307,523 parameters).
    gate : bool
        Squeeze and excitation in every block (Wang et al.'s code; not in the paper).

    Raises
    ------
    ValueError
        If an option is unknown, or pictures' sides are no multiples of 4.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.artifygan import Generator
    >>> generator = Generator(width=8, blocks=1)
    >>> cartoon = generator(torch.zeros(1, 3, 32, 48))
    >>> tuple(cartoon.shape), cartoon.abs().max().item() <= 1
    ((1, 3, 32, 48), True)
    """

    def __init__(self, width: int = 64, blocks: int = 10, *, kernel: int = 7, norm: str = "batch",
                 upsampling: str = "transposed", extra: bool = False, gate: bool = False) -> None:
        super().__init__()

        def stage(layer: nn.Module, channels: int, second: bool = False) -> list[nn.Module]:
            more = [conv(channels, channels)] if second else []
            return [layer, *more, norm_layer(norm, channels), nn.ReLU(inplace=True)]

        two, four = 2 * width, 4 * width
        self.layers = nn.Sequential(
            *stage(conv(3, width, kernel), width),                                      # (N, 64, H, W)
            *stage(conv(width, two, stride=2), two, extra),                             # (N, 128, H/2, W/2)
            *stage(conv(two, four, stride=2), four, extra),                             # (N, 256, H/4, W/4)
            *(ResidualBlock(four, norm, padding="zeros", gate=gate) for _ in range(blocks)),
            *stage(up(four, two, upsampling), two), *stage(up(two, width, upsampling), width),
            conv(width, 3, 7), nn.Sigmoid())                                            # (N, 3, H, W) in [0, 1]
        normal_init(self)

    def forward(self, images: Tensor) -> Tensor:
        return 2 * self.layers((check_sides(images) + 1) / 2) - 1
