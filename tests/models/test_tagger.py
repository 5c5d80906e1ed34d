"""The tagger: its size, its groups, and that what it says does not depend on the picture's size alone."""

import pytest
import torch
from torchvision.transforms import v2

from avatarlib.models.blocks import Residual
from avatarlib.models.tagger import Tagger
from avatarlib.presets import PRESETS
from avatarlib.recipes import LandmarkConfig, TaggerConfig

TAGS = ("red", "blue", "green", "hat", "smile")
ATTRIBUTES = {"top": ("none", "bun", "bob"), "skin": ("none", "pale")}


@pytest.fixture
def tagger():
    torch.manual_seed(0)
    return Tagger(TAGS, [(0, 3)], ATTRIBUTES, width=8, size=32).eval()


def test_the_shipped_size_is_2_7_million_parameters():
    """By hand: every 3x3 convolution has 9 * inputs * outputs weights, every normalisation 2 * channels."""
    def residual(a, b):
        return 9 * a * b + 9 * b * b + 4 * b + (0 if a == b else a * b + 2 * b)
    trunk = 27 * 32 + 64 + residual(32, 64) + residual(64, 128) + residual(128, 128) \
        + residual(128, 256) + residual(256, 256)
    head = 256 * (34 + 100) + 134
    tagger = Tagger(["tag"] * 34, [(0, 13), (24, 34)], {"all": ["category"] * 100})
    assert sum(p.numel() for p in tagger.parameters()) == trunk + head == 2_718_374


def test_shapes(tagger):
    images = torch.rand(3, 3, 32, 32) * 2 - 1
    assert tagger.features(images).shape == (3, 64)
    assert tagger(images).shape == (3, 10)
    tags, attributes = tagger.split(tagger(images))
    assert tags.shape == (3, 5)
    assert {name: tuple(logits.shape) for name, logits in attributes.items()} == {"top": (3, 3), "skin": (3, 2)}
    assert {name: tuple(index.shape) for name, index in tagger.estimate_attributes(images).items()} == {
        "top": (3,), "skin": (3,)}


def test_an_exclusive_group_has_one_tag_and_probabilities_that_sum_to_one(tagger):
    images = torch.rand(16, 3, 32, 32) * 2 - 1
    assert torch.allclose(tagger.tag_probabilities(images)[:, :3].sum(1), torch.ones(16))
    assert tagger.estimate_tags(images)[:, :3].sum(1).tolist() == [1.0] * 16


def test_the_most_probable_wins_even_below_one_half(tagger):
    """With all weights of the head zero, the bias decides: blue has 0.37 and leads, hat 0.52, smile 0.48."""
    with torch.no_grad():
        tagger.head.weight.zero_()
        tagger.head.bias.copy_(torch.tensor([0.0, 0.15, 0.0, 0.1, -0.1, 0, 0, 0, 0, 0]))
    image = torch.zeros(1, 3, 32, 32)
    assert tagger.estimate_tags(image).tolist() == [[0.0, 1.0, 0.0, 1.0, 0.0]]
    assert tagger.estimate_tags(image, threshold=0.6).tolist() == [[0.0, 1.0, 0.0, 0.0, 0.0]]


def test_a_picture_of_another_size_is_seen_as_its_antialiased_resize(tagger):
    large = torch.rand(2, 3, 96, 96) * 2 - 1
    seen = v2.functional.resize(large, [32, 32], antialias=True)
    torch.testing.assert_close(tagger(large), tagger(seen))
    aliased = v2.functional.resize(large, [32, 32], antialias=False)
    assert not torch.equal(tagger(large), tagger(aliased))


@pytest.mark.parametrize(("change", "message"), [
    ({"exclusive": [(0, 9)]}, r"exclusive must hold ranges within 0..5, got \(0, 9\)"),
    ({"size": 8}, "size at least 16, got 32 and 8"),
    ({"width": 7}, "width must be at least 8 and size at least 16, got 7 and 128"),
])
def test_settings_that_do_not_fit_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        Tagger(**{"tags": TAGS, "exclusive": [(0, 3)], "attributes": ATTRIBUTES, **change})


def test_a_strided_block_of_few_channels_is_refused():
    """torch 2.13 crashes in the backward pass of its 1x1 convolution on some processors."""
    with pytest.raises(ValueError, match="inputs must be at least 8 beside a stride, got 4"):
        Residual(4, 8, stride=2)
    assert Residual(4, 8)(torch.zeros(1, 4, 8, 8)).shape == (1, 8, 8, 8)


@pytest.mark.parametrize("preset", PRESETS)
def test_no_preset_has_so_few_channels(preset):
    assert TaggerConfig.preset(preset).width >= 8
    assert LandmarkConfig.preset(preset).width >= 8


def test_images_of_another_shape_are_refused(tagger):
    with pytest.raises(ValueError, match=r"images must be \(N, 3, H, W\), got \(3, 32, 32\)"):
        tagger(torch.zeros(3, 32, 32))
