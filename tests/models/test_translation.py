"""The networks from picture to picture: sizes of the papers, shapes, ranges, and what each may depend on."""

from __future__ import annotations

import json

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from avatarlib.models import animegan, artifygan, cartoongan, cyclegan
from avatarlib.models import content_invariant as ci
from avatarlib.models.translation import Gate, ResidualBlock, norm_layer, up


def count(network):
    return sum(p.numel() for p in network.parameters())


def pictures(size=32, n=2, seed=0):
    return torch.rand(n, 3, size, size, generator=torch.Generator().manual_seed(seed)) * 2 - 1


SMALL = {"cyclegan": lambda: cyclegan.Generator(8, 2), "resize": lambda: cyclegan.Generator(8, 2, "resize"),
         "cartoongan": lambda: cartoongan.Generator(8, 1), "gate": lambda: cartoongan.Generator(8, 1, gate=True),
         "artifygan": lambda: artifygan.Generator(8, 1), "animegan": lambda: animegan.Generator(8),
         "animegan_v2": lambda: animegan.GeneratorV2(8), "content": lambda: ci.Translator(8, 1)}


@pytest.mark.parametrize(("make", "parameters"), [
    (cyclegan.Generator, 11_378_179),
    (lambda: cyclegan.Generator(blocks=6), 7_837_699),
    (cyclegan.PatchDiscriminator, 2_764_737),
    (cartoongan.Generator, 11_120_195),
    (lambda: cartoongan.Generator(norm="batch"), 11_129_667),
    (lambda: cartoongan.Generator(blocks=16, norm="batch"), 20_579_139),
    (cartoongan.Discriminator, 1_128_385),
    (lambda: cartoongan.Discriminator(norm="batch"), 1_129_665),
    (lambda: cartoongan.Discriminator(norm="batch", variant="literal"), 391_681),
    (artifygan.Generator, 12_569_859),
    (lambda: artifygan.Generator(extra=True), 13_307_523),
    (ci.ContentEncoder, 5_385_856),
    (ci.StyleEncoder, 2_764_936),
    (ci.Decoder, 8 * 590_080 + 2_304 + 65_792 + 257 * 4_096 + 819_328 + 256 + 204_864 + 128 + 9_411),
    (ci.MultiScaleDiscriminator, 3 * (3_136 + 131_200 + 524_544 + 2_097_664 + 513)),
    (lambda: ci.MultiScaleDiscriminator(scales=2, layers=3), 2 * 2_764_737)])
def test_full_networks_have_the_papers_numbers_of_parameters(make, parameters):
    """A norm with weights adds two numbers a channel, which is how the sixteen blocks' count is derived.

    The decoder's eight convolutions, three linear layers, two ways up with their norms, and end; and three times four
    convolutions and a last one are MUNIT's layers, kernel by kernel.
    """
    with torch.device("meta"):
        assert count(make()) == parameters


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("shape", [(2, 3, 32, 32), (1, 3, 48, 20), (1, 3, 64, 128), (1, 3, 256, 256)], ids=str)
def test_pictures_keep_size_and_range(name, shape):
    images = torch.rand(shape) * 2 - 1
    drawn = SMALL[name]()(images)
    assert drawn.shape == shape
    assert -1 <= drawn.min() < drawn.max() <= 1


@pytest.mark.parametrize("name", SMALL)
def test_other_pictures_are_refused_and_told(name):
    network = SMALL[name]()
    for shape in ((1, 3, 30, 32), (1, 1, 32, 32), (3, 32, 32), (1, 3, 12, 32)):
        with pytest.raises(ValueError, match=r"images must be \(N, 3, H, W\) with H and W multiples of 4.*got \("):
            network(torch.zeros(shape))


@pytest.mark.parametrize("name", sorted(SMALL.keys() - {"artifygan"}))
def test_without_batch_statistics_training_and_evaluation_are_the_same_and_pictures_stay_apart(name):
    network, images = SMALL[name]().double(), pictures().double()       # deep: float32 rounds to about 1e-5
    together = network.train()(images)
    assert torch.allclose(network.eval()(images), together, atol=1e-12)
    assert torch.allclose(network(images[1:]), together[1:], atol=1e-9)


@pytest.mark.parametrize("name", SMALL)
def test_memory_layout_changes_nothing(name):
    network, images = SMALL[name]().eval().double(), pictures().double()
    plain = network(images)
    other = network.to(memory_format=torch.channels_last)(images.contiguous(memory_format=torch.channels_last))
    assert torch.allclose(plain, other, atol=1e-9)


def test_fewer_layers_are_not_fewer_multiplications():
    """Without the second convolutions, and with two blocks more: as much work, 13.60 billion at 128 pixels.

    A 3 x 3 convolution among 128 channels at 64 x 64 costs as much as one among 256 at 32 x 32, or 64 at 128 x 128;
    CartoonGAN has four such more, ArtifyGAN's two blocks are four.
    """
    for make in (cartoongan.Generator, artifygan.Generator):
        with torch.device("meta"), FlopCounterMode(display=False) as counted:
            make()(torch.zeros(1, 3, 128, 128))
        assert counted.get_total_flops() / 2 == pytest.approx(13.60e9, rel=1e-3)


MANY = {name: make for name, make in SMALL.items() if name != "resize"} | {
    "patches": lambda: cyclegan.PatchDiscriminator(8, 2),
    "edges": lambda: cartoongan.Discriminator(8, "batch", variant="literal", spectral=True),
    "scales": lambda: ci.MultiScaleDiscriminator(8, 2), "style": lambda: ci.StyleEncoder(8, 3)}


@pytest.mark.parametrize("name", MANY)
def test_a_saved_network_comes_back_with_its_settings(name, tmp_path):
    network, images = MANY[name]().eval(), pictures()
    network.save_pretrained(tmp_path)
    assert json.loads((tmp_path / "config.json").read_text())["width"] == 8
    again = type(network).from_pretrained(tmp_path).eval()
    for one, other in zip(network(images), again(images), strict=True):
        assert torch.equal(one, other)


def test_spectral_normalisation_bounds_every_layer():
    """After many estimates the largest singular value of each kernel, as a matrix, is 1."""
    judge = cartoongan.Discriminator(8, "layer", spectral=True).train()
    for _ in range(100):
        judge(pictures(8))
    largest = [torch.linalg.matrix_norm(layer.weight.flatten(1), 2)
               for layer in judge.layers if isinstance(layer, nn.Conv2d)]
    assert len(largest) == 7
    torch.testing.assert_close(torch.stack(largest), torch.ones(7), atol=0.02, rtol=0)


def test_instance_normalisation_is_torchs():
    x = torch.randn(2, 8, 5, 7) * 3 + 1
    assert torch.allclose(norm_layer("instance", 8)(x), nn.InstanceNorm2d(8)(x), atol=1e-5)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: norm_layer("group", 8), "norm must be one of instance, batch, layer, none, got 'group'"),
    (lambda: up(8, 4, "bicubic"), "upsampling must be transposed or resize, got 'bicubic'"),
    (lambda: cartoongan.Discriminator(8, variant="paper"), "variant must be one of cartoongan, literal, got 'paper'")])
def test_unknown_options_name_what_there_is(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(("layers", "field"), [(3, 70), (2, 34)])
def test_a_logit_of_the_patch_discriminator_sees_so_many_pixels(layers, field):
    """Without norms (they see everything) the gradient of one logit reaches a square of this side and no further.

    From the last layer back, a field grows to (field - 1) * stride + 4: 1, 4, 7, 16, 34, 70 for strides 1, 1, 2, 2, 2.
    """
    network = cyclegan.PatchDiscriminator(8, layers)
    network.layers = nn.Sequential(*(layer for layer in network.layers if not isinstance(layer, nn.GroupNorm)))
    image = pictures(160, 1).requires_grad_()
    logits = network(image)
    logits[0, 0, logits.shape[2] // 2, logits.shape[3] // 2].backward()
    seen = image.grad.abs().sum((0, 1)) > 0
    assert seen.any(0).sum() == seen.any(1).sum() == field


def test_shapes_of_judgements():
    assert cyclegan.PatchDiscriminator(8)(pictures(128, 1)).shape == (1, 1, 14, 14)
    assert cartoongan.Discriminator(8)(pictures(64)).shape == (2, 1, 16, 16)
    maps = ci.MultiScaleDiscriminator(8, 3)(pictures(128, 1))
    assert [tuple(one.shape) for one in maps] == [(1, 1, 8, 8), (1, 1, 4, 4), (1, 1, 2, 2)]


def test_scales_can_be_patch_discriminators():
    """The first sees the picture, the second its half."""
    judge, images = ci.MultiScaleDiscriminator(8, 2, layers=2), pictures(64)
    half = F.avg_pool2d(images, 3, 2, 1, count_include_pad=False)
    for scale, seen, logits in zip(judge.scales, (images, half), judge(images), strict=True):
        assert isinstance(scale, cyclegan.PatchDiscriminator)
        torch.testing.assert_close(logits, scale(seen))


@pytest.mark.parametrize(("make", "least"), [
    (lambda: cyclegan.PatchDiscriminator(8), 24), (lambda: cyclegan.PatchDiscriminator(8, 2), 12),
    (lambda: cartoongan.Discriminator(8), 8), (lambda: ci.StyleEncoder(8), 16),
    (lambda: ci.MultiScaleDiscriminator(8, 1), 16), (lambda: ci.MultiScaleDiscriminator(8, 3), 64),
    (lambda: ci.MultiScaleDiscriminator(8, 2, 2), 24)])
def test_the_smallest_picture_that_can_be_judged(make, least):
    """Any side from there on will do; a smaller one is told, not met by a convolution."""
    judge = make()
    for side in (least, least + 1):
        judge(pictures(side, 1))
    with pytest.raises(ValueError, match=rf"with H and W at least {least}, got \(1, 3, {least}, {least - 1}\)"):
        judge(torch.zeros(1, 3, least, least - 1))


def test_a_style_of_one_cartoon_serves_all_photographs_and_another_shape_is_told():
    network = ci.Translator(8, 1, 5)
    network.mean_style.copy_(torch.arange(5.0))
    images, style = pictures(), torch.arange(5.0)
    expected = network.decoder(network.content_encoder(images), style.repeat(2, 1))
    for given in (None, style, style[None], style.repeat(2, 1)):
        torch.testing.assert_close(network(images, given), expected, atol=1e-5, rtol=0)
    for shape in ((4,), (3, 5), (2, 4), (2, 5, 1)):
        with pytest.raises(ValueError, match=r"style must be \(5,\) or \(2, 5\), got \("):
            network(images, torch.zeros(shape))


def test_the_encoders_codes_and_their_decoder():
    content, style = ci.ContentEncoder(8, 1)(pictures()), ci.StyleEncoder(8, 5)(pictures())
    assert content.shape == (2, 32, 8, 8)
    assert style.shape == (2, 5)
    decoder = ci.Decoder(8, 1, 5)
    drawn = decoder(content, style)
    assert drawn.shape == (2, 3, 32, 32)
    assert not torch.allclose(decoder(content, style.flip(0)), drawn, atol=1e-3)     # the style matters


def test_a_content_code_does_not_know_brightness_and_contrast_but_for_the_borders():
    """Instance normalisation after the first layer: twice the contrast, other light, the same code (bias is 0)."""
    network, images = ci.ContentEncoder(8, 1), pictures() * 0.4
    assert torch.allclose(network(images), network(images * 2 + 0.1), atol=2e-2)


def test_features_are_those_on_the_way_and_channels_tells_their_depth():
    network = cyclegan.Generator(8, 6)
    maps = network.features(pictures())
    assert [one.shape[1] for one in maps] == list(network.channels) == [8, 16, 32, 32]
    assert [one.shape[2] for one in maps] == [32, 16, 8, 8]
    x = maps[-1]
    for stage in network.stages[network.kept[-1] + 1:]:
        x = stage(x)
    assert torch.equal(network.draw(x).tanh(), network(pictures()))


def test_a_gate_scales_whole_channels():
    x = torch.randn(2, 32, 4, 4)
    ratio = Gate(32)(x) / x
    assert torch.allclose(ratio, ratio[:, :, :1, :1].expand_as(ratio), atol=1e-5)
    assert ((ratio > 0) & (ratio < 1)).all()
    assert count(ResidualBlock(32, gate=True)) - count(ResidualBlock(32)) == 32 * 2 + 2 + 2 * 32 + 32


def test_with_a_skip_a_cyclegan_that_draws_nothing_copies():
    """tanh(0 + atanh(0.98 x)) is 0.98 x, at the ends of the range too."""
    network = cyclegan.Generator(8, 1, skip=True)
    nn.init.zeros_(network.draw[-1].weight)
    images = torch.rand(2, 3, 32, 32) * 2 - 1
    images[0, 0, 0, :2] = torch.tensor([-1.0, 1.0])
    assert torch.allclose(network(images), 0.98 * images, atol=1e-6)
    plain = cyclegan.Generator(8, 1)
    assert sum(p.numel() for p in network.parameters()) == sum(p.numel() for p in plain.parameters())
