"""DCGAN against the paper: layer shapes of its Figures 2 and 3, parameter counts, initial weights."""

import math

import pytest
import torch
from torch import nn

from avatarlib.models.dcgan import Discriminator, Generator, init_weights

CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d)


def shapes_after_convolutions(network, inputs):
    """The (C, H, W) that leaves each convolution, in order."""
    seen = []
    for module in network.modules():
        if isinstance(module, CONVOLUTIONS):
            module.register_forward_hook(lambda _, __, output: seen.append(tuple(output.shape[1:])))
    network(inputs)
    return seen


def parameter_count(network):
    return sum(p.numel() for p in network.parameters())


def test_parameter_counts_of_the_paper():
    """By hand, G: 16 * (100*512 + 512*256 + 256*128 + 128*64 + 64*3) + 2 * (512 + 256 + 128 + 64)."""
    convolutions = 16 * (100 * 512 + 512 * 256 + 256 * 128 + 128 * 64 + 64 * 3)
    assert parameter_count(Generator()) == convolutions + 2 * (512 + 256 + 128 + 64) == 3_576_704
    convolutions = 16 * (3 * 64 + 64 * 128 + 128 * 256 + 256 * 512 + 512)
    assert parameter_count(Discriminator()) == convolutions + 2 * (128 + 256 + 512) == 2_765_568


def test_generator_shapes_of_figure_2():
    assert shapes_after_convolutions(Generator(), torch.randn(2, 100)) == [
        (512, 4, 4), (256, 8, 8), (128, 16, 16), (64, 32, 32), (3, 64, 64)]


def test_discriminator_shapes_of_figure_3():
    assert shapes_after_convolutions(Discriminator(), torch.randn(2, 3, 64, 64)) == [
        (64, 32, 32), (128, 16, 16), (256, 8, 8), (512, 4, 4), (1, 1, 1)]


def test_the_layers_between_are_those_of_the_figures():
    """Batch normalisation and ReLU after all but G's last convolution; in D all but the first and last."""
    def kinds(network):
        return [type(m).__name__ for m in network.modules() if not list(m.children())]
    up, down = ["ConvTranspose2d", "BatchNorm2d", "ReLU"], ["Conv2d", "BatchNorm2d", "LeakyReLU"]
    assert kinds(Generator()) == 4 * up + ["ConvTranspose2d", "Tanh"]
    assert kinds(Discriminator()) == ["Conv2d", "LeakyReLU"] + 3 * down + ["Conv2d"]
    assert {m.negative_slope for m in Discriminator().modules() if isinstance(m, nn.LeakyReLU)} == {0.2}


@pytest.mark.parametrize("network", [Generator(), Discriminator()], ids=["generator", "discriminator"])
def test_initial_weights(network):
    """No bias; N(0, 0.02) and N(1, 0.02) within six standard errors of mean and deviation."""
    def check(values, mean):
        error = 0.02 / math.sqrt(values.numel())
        assert values.mean().item() == pytest.approx(mean, abs=6 * error)
        assert values.std().item() == pytest.approx(0.02, abs=6 * error)

    convolutions = [m for m in network.modules() if isinstance(m, CONVOLUTIONS)]
    norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
    assert len(convolutions) == 5
    for layer in convolutions:
        assert layer.bias is None
        check(layer.weight, 0.0)
    check(torch.cat([layer.weight for layer in norms]), 1.0)
    assert all((layer.bias == 0).all() for layer in norms)


def test_init_weights_leaves_other_layers_alone():
    layer = nn.Embedding(3, 3)
    before = layer.weight.clone()
    layer.apply(init_weights)
    assert torch.equal(layer.weight, before)


def test_images_stay_in_range_and_probability_is_the_sigmoid_of_the_logit():
    images = Generator(width=4)(50 * torch.randn(8, 100))
    assert images.abs().max() <= 1
    judge = Discriminator(width=4).eval()
    logits = judge(images)
    assert logits.shape == (8,)
    torch.testing.assert_close(judge.probability(images), 1 / (1 + torch.exp(-logits)))


def test_samples_depend_on_the_generator_given_and_carry_no_graph():
    generator = Generator(width=2).eval()
    first, again = (generator.sample(3, generator=torch.Generator().manual_seed(5)) for _ in range(2))
    other = generator.sample(3, generator=torch.Generator().manual_seed(6))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert first.shape == (3, 3, 64, 64)
    assert not first.requires_grad


@pytest.mark.parametrize("shape", [(2, 99), (2, 100, 1, 1), (100,)])
def test_noise_of_a_wrong_shape_is_named(shape):
    with pytest.raises(ValueError, match=r"noise must be \(N, 100\), got \(" + ", ".join(map(str, shape))):
        Generator(width=2)(torch.zeros(shape))


@pytest.mark.parametrize("shape", [(2, 3, 32, 32), (2, 1, 64, 64), (3, 64, 64), (2, 64, 64, 3)])
def test_images_of_a_wrong_shape_are_named(shape):
    with pytest.raises(ValueError, match=r"images must be \(N, 3, 64, 64\), got \(" + ", ".join(map(str, shape))):
        Discriminator(width=2)(torch.zeros(shape))


def test_a_number_of_samples_below_one_is_named():
    with pytest.raises(ValueError, match="n must be at least 1, got 0"):
        Generator(width=2).sample(0)
