"""AnimeGAN's generators against their authors' code: counts by hand, stages, what a stride begins at."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from avatarlib.models import animegan
from avatarlib.models.animegan import InvertedResidual, Layers


def count(network):
    return sum(p.numel() for p in network.parameters())


def full(inputs, outputs, kernel=3):
    """A convolution without bias, and a scale and a shift a channel."""
    return inputs * outputs * kernel ** 2 + 2 * outputs


def separable(inputs, outputs):
    return 9 * inputs + full(inputs, outputs, 1)


def inverted(inputs, outputs, bias):
    wide = 2 * inputs
    return full(inputs, wide, 1) + 9 * wide + 2 * wide + bias * wide + full(wide, outputs, 1)


def test_parameters_by_hand():
    """3,956,096 is the paper's own figure."""
    down = full(3, 64) + full(64, 64) + 2 * separable(64, 128) + full(128, 128) + separable(128, 128) \
        + 2 * separable(128, 256)
    middle = 2 * full(256, 256) + 8 * inverted(256, 256, False)
    up = separable(256, 128) + 2 * separable(128, 128) + full(128, 128) + full(128, 64) + full(64, 64) + 64 * 3
    assert count(animegan.Generator()) == down + middle + up == 3_956_096

    down = full(3, 32, 7) + full(32, 64) + full(64, 64) + full(64, 128) + 2 * full(128, 128)
    middle = inverted(128, 256, True) + 3 * inverted(256, 256, True) + full(256, 128)
    up = 2 * full(128, 128) + full(128, 64) + full(64, 64) + full(64, 32, 7) + 32 * 3
    assert count(animegan.GeneratorV2()) == down + middle + up == 2_143_552


def test_an_inverted_residual_adds_its_input_if_it_can():
    make, x = Layers(by_channel=False), torch.randn(2, 8, 6, 6)
    for outputs, expected in ((8, x), (16, torch.zeros(2, 16, 6, 6))):
        block = InvertedResidual(make, 8, outputs, bias=True)
        nn.init.zeros_(block.layers[-1].weight)
        assert torch.equal(block(x), expected)


def test_a_stride_of_two_begins_at_the_first_pixel():
    """Weight 1 in the kernel's first corner alone picks every second pixel of every second row."""
    layer = Layers(by_channel=False).plain(1, 1, 3, 2)
    nn.init.zeros_(layer[1].weight)
    layer[1].weight.data[0, 0, 0, 0] = 1
    x = torch.arange(64.0).view(1, 1, 8, 8)
    assert torch.equal(layer(x), x[:, :, ::2, ::2])


@pytest.mark.parametrize("by_channel", [True, False])
def test_norms_are_over_a_channel_or_a_picture(by_channel):
    norm, x = Layers(by_channel).norm(8), torch.randn(2, 8, 6, 6) * torch.arange(1.0, 9).view(1, 8, 1, 1) + 3
    over = (2, 3) if by_channel else (1, 2, 3)
    expected = (x - x.mean(over, keepdim=True)) / (x.var(over, keepdim=True, unbiased=False) + 1e-5).sqrt()
    torch.testing.assert_close(norm(x), expected, atol=1e-5, rtol=0)
    assert count(norm) == 16
