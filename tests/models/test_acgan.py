"""ACGAN's networks against Jin et al.'s Figures 3 and 4: shapes of all stages, parameter counts, initial weights."""

import json
import math

import pytest
import torch
from torch import nn

from avatarlib.models.acgan import Discriminator, Generator, LeakyResidual

TINY = {"latent": 4, "tags": 5, "blocks": 1, "width": 2, "size": 32}
TINY_JUDGE = {"tags": 5, "width": 2, "size": 32}


def shapes(network, *inputs, kinds=(nn.Conv2d, nn.Linear)):
    """(kernel or "dense", shape without the batch) of each layer that was called, in order."""
    seen = []

    def note(module, _, output):
        kernel = module.kernel_size[0] if isinstance(module, nn.Conv2d) else "dense"
        seen.append((kernel, tuple(output.shape[1:])))

    for module in network.modules():
        if isinstance(module, kinds):
            module.register_forward_hook(note)
    network(*inputs)
    return seen


def count(network):
    return sum(p.numel() for p in network.parameters())


def conv(inputs, outputs, kernel):
    return inputs * outputs * kernel**2 + outputs


def test_parameters_of_the_generator_by_hand():
    """A normalisation of 64 channels has 128; there are one, two a block, one in the middle, one a sub-pixel stage."""
    dense = 162 * 64 * 16 * 16 + 64 * 16 * 16
    blocks, middle, up = 32 * conv(64, 64, 3), conv(64, 64, 3), 3 * conv(64, 256, 3)
    norms = (1 + 2 * 16 + 1 + 3) * 128
    assert dense + blocks + middle + up + conv(64, 3, 9) + norms == 4_352_643 == count(Generator())
    assert count(Generator(middle_conv=False)) == 4_352_643 - middle == 4_315_715
    assert count(Generator(size=64)) == 4_352_643 - conv(64, 256, 3) - 128


def test_parameters_of_the_discriminator_by_hand():
    widths = (32, 64, 128, 256, 512)
    first = conv(3, 32, 4) + conv(32, 64, 4) + conv(64, 128, 4)
    blocks = [4 * conv(width, width, 3) for width in widths]
    heads = 4096 + 1 + 4096 * 34 + 34
    deep = [(128, 256), (256, 512), (512, 1024)]

    def total(kernel):
        return first + sum(blocks) + sum(conv(*pair, kernel) for pair in deep) + heads

    assert total(3) == 19_078_531 == count(Discriminator())
    assert total(4) == 23_895_427 == count(Discriminator(kernel=4))
    small = first + sum(blocks[:4]) + conv(128, 256, 3) + conv(256, 512, 3) + 2048 * 35 + 35
    assert small == 4_848_003 == count(Discriminator(size=64))


@pytest.mark.parametrize("middle_conv", [True, False])
def test_generator_stages_of_figure_3(middle_conv):
    small = (3, (64, 16, 16))
    found = shapes(Generator(middle_conv=middle_conv), torch.randn(2, 128), torch.zeros(2, 34))
    assert found == [("dense", (64 * 16 * 16,)), *[small] * (32 + middle_conv),
                     (3, (256, 16, 16)), (3, (256, 32, 32)), (3, (256, 64, 64)), (9, (3, 128, 128))]


@pytest.mark.parametrize("kernel", [3, 4])
def test_discriminator_stages_of_figure_4(kernel):
    stages = [(4, 32, 64), (4, 64, 32), (4, 128, 16), (kernel, 256, 8), (kernel, 512, 4), (kernel, 1024, 2)]
    expected = []
    for size, channels, side in stages:
        repeats = 4 if channels < 1024 else 0
        expected += [(size, (channels, side, side)), *[(3, (channels, side, side))] * repeats]
    found = shapes(Discriminator(kernel=kernel), torch.randn(2, 3, 128, 128))
    assert found == [*expected, ("dense", (1,)), ("dense", (34,))]


def test_at_64_pixels_both_have_a_stage_less():
    found = shapes(Generator(size=64), torch.randn(2, 128), torch.zeros(2, 34))
    assert [shape for kernel, shape in found[-3:]] == [(256, 16, 16), (256, 32, 32), (3, 64, 64)]
    sides = [shape[1:] for kernel, shape in shapes(Discriminator(size=64), torch.randn(2, 3, 64, 64))[:-2]]
    assert sorted(set(sides)) == [(2, 2), (4, 4), (8, 8), (16, 16), (32, 32)]


def kinds(network):
    return [type(m).__name__ for m in network.modules() if not list(m.children())]


def test_the_layers_between_are_those_of_the_figures():
    norm, leaky = ["BatchNorm2d", "ReLU"], ["Conv2d", "LeakyReLU"]
    block = ["Conv2d", *norm, "Conv2d", "BatchNorm2d"]
    up = ["Conv2d", "PixelShuffle", *norm]
    assert kinds(Generator()) == ["Linear", *norm, *16 * block, "Conv2d", *norm, *3 * up, "Conv2d", "Tanh"]
    residual = [*leaky, "Conv2d", "LeakyReLU"]
    assert kinds(Discriminator()) == [*5 * (leaky + 2 * residual), *leaky, "Flatten", "Linear", "Linear"]


def test_one_slope_below_zero_everywhere():
    judge = Discriminator(**TINY_JUDGE)
    assert {m.negative_slope for m in judge.modules() if isinstance(m, nn.LeakyReLU)} == {0.2}


def test_the_residual_blocks_add_their_input():
    """With the last layers of all blocks at zero, what enters the blocks leaves them; the skip doubles the start."""
    generator = Generator(**TINY).eval()
    with torch.no_grad():
        for block in generator.blocks:
            block.layers[-1].weight.zero_()
    x = torch.randn(2, 2, 16, 16)
    assert torch.equal(generator.blocks(x), x)
    judge = Discriminator(**TINY_JUDGE)
    block = judge.trunk[2]
    with torch.no_grad():
        block.layers[-1].weight.zero_()
    torch.testing.assert_close(block(x), torch.where(x > 0, x, 0.2 * x))


def test_the_start_is_added_after_the_middle():
    """What the sub-pixel stages see, minus the middle's output, is the dense layer's."""
    generator, seen = Generator(**TINY), {}
    for name in ("start", "middle", "up"):
        getattr(generator, name).register_forward_hook(lambda _, x, y, name=name: seen.update({name: (x[0], y)}))
    generator(torch.randn(2, 4), torch.zeros(2, 5))
    assert torch.equal(seen["up"][0], seen["start"][1] + seen["middle"][1])
    assert seen["middle"][1].abs().sum() > 0


@pytest.mark.parametrize("network", [Generator(blocks=2), Discriminator(size=64)], ids=["generator", "discriminator"])
def test_initial_weights(network):
    """N(0, 0.02) within six standard errors of mean and deviation, normalisation N(1, 0.02), biases 0."""
    def check(values, mean):
        error = 0.02 / math.sqrt(values.numel())
        assert values.mean().item() == pytest.approx(mean, abs=6 * error)
        assert values.std().item() == pytest.approx(0.02, abs=6 * error)

    layers = [m for m in network.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
    for layer in layers:
        check(layer.weight, 0.0)
    assert all((m.bias == 0).all() for m in layers + norms)
    assert len(layers) >= 9
    assert len(norms) == (1 + 2 * 2 + 1 + 3 if isinstance(network, Generator) else 0)
    if norms:
        check(torch.cat([m.weight for m in norms]), 1.0)


def test_he_weights_keep_the_size_of_a_signal():
    """With N(0, 0.02) the signal all but vanishes on its way to the heads; with He's weights it stays near 1."""
    images = torch.randn(16, 3, 64, 64, generator=torch.Generator().manual_seed(0)).clamp(-1, 1)
    sizes = {}
    for init in ("paper", "he"):
        torch.manual_seed(0)
        judge = Discriminator(size=64, init=init)
        with torch.no_grad():
            sizes[init] = judge.features(images).std().item()
    assert sizes["paper"] < 0.02
    assert 0.3 < sizes["he"] < 3
    branches = [m.layers[2] for m in judge.modules() if isinstance(m, LeakyResidual)]
    assert len(branches) == 8
    assert all((branch.weight == 0).all() for branch in branches)
    assert judge.tagger.weight.std().item() == pytest.approx(math.sqrt(2 / 1.04 / 2048), rel=0.05)


def test_the_two_heads_and_the_probabilities_of_the_tags():
    judge = Discriminator(**TINY_JUDGE)
    images = torch.rand(3, 3, 32, 32) * 2 - 1
    logits, tags = judge(images)
    assert logits.shape == (3,)
    assert tags.shape == (3, 5)
    assert torch.equal(judge.logits(images), logits)
    torch.testing.assert_close(judge.tag_probabilities(images), 1 / (1 + torch.exp(-tags)))


def test_no_picture_changes_the_judgement_of_another():
    judge = Discriminator(**TINY_JUDGE).train()
    images = torch.rand(4, 3, 32, 32)
    torch.testing.assert_close(judge.logits(images)[:1], judge.logits(images[:1]))


def test_samples_follow_generator_and_tags_and_carry_no_graph():
    generator = Generator(**TINY).eval()
    tags = torch.eye(5)

    def sample(wanted, seed):
        return generator.sample(5, wanted, generator=torch.Generator().manual_seed(seed))

    images = sample(tags, 1)
    assert images.shape == (5, 3, 32, 32)
    assert images.abs().max() <= 1
    assert not images.requires_grad
    assert torch.equal(images, sample(tags, 1))
    assert not torch.equal(images, sample(tags, 2))
    assert not torch.equal(images, sample(tags.flip(0), 1))


def test_one_tag_vector_serves_all_avatars():
    generator, vector = Generator(**TINY).eval(), torch.tensor([1, 0, 0, 1, 0])    # whole numbers do, too
    draw = [generator.sample(3, tags, generator=torch.Generator().manual_seed(0))
            for tags in (vector, vector.float().expand(3, 5))]
    assert torch.equal(*draw)
    assert not torch.equal(draw[0][0], draw[0][1])      # the noise differs


def test_noise_is_the_same_whatever_the_tags():
    """The lock "same face, another tag" rests on it."""
    seen, generator = [], Generator(**TINY).eval()
    generator.dense.register_forward_hook(lambda _, inputs, __: seen.append(inputs[0]))
    for tags in (torch.zeros(5), torch.ones(5)):
        generator.sample(2, tags, generator=torch.Generator().manual_seed(3))
    assert torch.equal(seen[0][:, :4], seen[1][:, :4])
    assert seen[0][:, 4:].eq(0).all()
    assert seen[1][:, 4:].eq(1).all()


@pytest.mark.parametrize(("network", "inputs"), [
    (Generator(**TINY, middle_conv=False), (torch.zeros(1, 4), torch.zeros(1, 5))),
    (Discriminator(**TINY_JUDGE, kernel=4), (torch.zeros(1, 3, 32, 32),))], ids=["generator", "discriminator"])
def test_a_saved_network_comes_back_with_its_settings(tmp_path, network, inputs):
    network.eval().save_pretrained(tmp_path)
    settings = json.loads((tmp_path / "config.json").read_text())
    assert settings.items() >= {"tags": 5, "width": 2, "size": 32}.items()
    again = type(network).from_pretrained(tmp_path).eval()
    torch.testing.assert_close(again(*inputs), network(*inputs), rtol=0, atol=0)


@pytest.mark.parametrize(("build", "message"), [
    (lambda: Generator(size=100), "size must be a power of two of at least 32, got 100"),
    (lambda: Generator(size=16), "size must be a power of two of at least 32, got 16"),
    (lambda: Generator(blocks=0), "blocks must be at least 1, got 0"),
    (lambda: Discriminator(size=96), "size must be a power of two of at least 32, got 96"),
    (lambda: Discriminator(width=0), "width must be at least 1, got 0"),
    (lambda: Discriminator(kernel=5), "kernel must be 3 or 4, got 5"),
])
def test_settings_out_of_range_are_named(build, message):
    with pytest.raises(ValueError, match=message):
        build()


@pytest.mark.parametrize(("noise", "tags", "message"), [
    ((2, 5), (2, 5), r"noise must be \(2, 4\), got \(2, 5\)"),
    ((2, 4), (2, 6), r"tags must be \(2, 5\), got \(2, 6\)"),
    ((2, 4), (5,), r"tags must be \(2, 5\), got \(5,\)"),
    ((2, 4), (3, 5), r"tags must be \(2, 5\), got \(3, 5\)"),
])
def test_inputs_of_another_shape_are_named(noise, tags, message):
    with pytest.raises(ValueError, match=message):
        Generator(**TINY)(torch.zeros(noise), torch.zeros(tags))


@pytest.mark.parametrize(("n", "tags", "message"), [
    (0, torch.zeros(5), "n must be at least 1, got 0"),
    (2, torch.zeros(34), r"tags must be \(5,\) or \(2, 5\), got \(34,\)"),
    (2, torch.zeros(3, 5), r"tags must be \(5,\) or \(2, 5\), got \(3, 5\)"),
    (1, torch.full((5,), math.nan), "tags must be finite"),
], ids=["n", "length", "rows", "nan"])
def test_samples_that_cannot_be_drawn_are_refused(n, tags, message):
    with pytest.raises(ValueError, match=message):
        Generator(**TINY).sample(n, tags)


@pytest.mark.parametrize("shape", [(2, 3, 64, 64), (2, 1, 32, 32), (3, 32, 32)])
def test_images_of_another_shape_are_named(shape):
    with pytest.raises(ValueError, match=r"images must be \(N, 3, 32, 32\), got \(" + ", ".join(map(str, shape))):
        Discriminator(**TINY_JUDGE)(torch.zeros(shape))
