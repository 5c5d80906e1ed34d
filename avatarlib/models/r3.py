"""DCGAN's discriminator for losses that look at the slope at single pictures (R3GAN, Huang et al. 2024)."""

from __future__ import annotations

from itertools import pairwise

from torch import nn

from avatarlib.models.dcgan import LEAKY_SLOPE, Discriminator
from avatarlib.models.translation import kaiming_init

__all__ = ["UnnormalisedDiscriminator"]


class UnnormalisedDiscriminator(Discriminator):
    """Images (N, 3, 64, 64) in [-1, 1] -> logits (N,): DCGAN's layers with biases and without batch normalisation.

    So each logit depends on its own picture alone, as a penalty on its slope needs. First weights are He's: N(0, 0.02)
    without a norm would let the signal die away (ours). 2,764,737 parameters at the default width.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.r3 import UnnormalisedDiscriminator
    >>> UnnormalisedDiscriminator(width=4)(torch.zeros(2, 3, 64, 64)).shape
    torch.Size([2])
    """

    def __init__(self, width: int = 64) -> None:
        nn.Module.__init__(self)
        channels, layers = (3, width, 2 * width, 4 * width, 8 * width), []
        for inputs, outputs in pairwise(channels):
            layers += [nn.Conv2d(inputs, outputs, 4, 2, 1), nn.LeakyReLU(LEAKY_SLOPE, inplace=True)]
        self.layers = nn.Sequential(*layers, nn.Conv2d(8 * width, 1, 4))
        kaiming_init(self)
