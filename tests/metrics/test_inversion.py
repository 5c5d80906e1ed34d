"""P3 on a linear generator, whose best copies are known, and on a small DCGAN."""

import math

import pytest
import torch
from torch import nn

from avatarlib.metrics import inversion
from avatarlib.metrics.inversion import rebuild
from avatarlib.models.dcgan import Generator

SIZE = 11   # the smallest picture an SSIM window fits into


class Linear(nn.Module):
    """Draws noise as sums of orthogonal patterns: each of ``latent`` channels and rows has its own pixels."""

    def __init__(self, latent=3):
        super().__init__()
        self.latent = latent
        self.patterns = nn.Parameter(torch.zeros(latent, 3, SIZE, SIZE))
        with torch.no_grad():
            for row in range(latent):
                self.patterns[row, :, row::latent] = 0.2

    def forward(self, noise):
        return torch.einsum("nk,kchw->nchw", noise, self.patterns)


def test_images_the_generator_can_draw_are_found():
    """The patterns do not overlap, so the noise is determined: the search must find it."""
    generator = Linear()
    wanted = torch.tensor([[1.0, -2.0, 0.5], [3.0, 0.0, -1.0], [0.1, 0.2, -0.3]])
    found = inversion(generator, generator(wanted).detach(), n=3, seed=0, steps=500)
    order = torch.cdist(wanted, found.noise).argmin(dim=1)
    assert sorted(order.tolist()) == [0, 1, 2]
    torch.testing.assert_close(found.noise[order], wanted, atol=1e-2, rtol=0)
    torch.testing.assert_close(found.images, found.real, atol=1e-2, rtol=0)
    assert found.psnr.value > 45
    assert found.ssim.value > 0.99
    assert str(found.ssim).startswith("SSIM P3 inversion in 500 steps ")


def test_what_the_generator_cannot_draw_is_left_over():
    """Blue is no part of grey patterns' span orthogonal to it: the best copy of (1, -1, 0) is black."""
    target = torch.zeros(2, 3, SIZE, SIZE)
    target[:, 0], target[:, 1] = 1.0, -1.0
    found = inversion(Linear(), target, n=2, seed=0, steps=500)
    torch.testing.assert_close(found.images, torch.zeros_like(target), atol=1e-2, rtol=0)
    assert found.psnr.value == pytest.approx(10 * math.log10(4 / (2 / 3)), abs=0.01)   # MSE (1 + 1 + 0) / 3


def small_dcgan():
    torch.manual_seed(0)
    generator = Generator(latent=8, width=4)
    nn.init.normal_(generator.layers[-2].weight, std=0.3)   # the usual 0.02 draws plain grey before training
    for _ in range(30):
        generator(torch.randn(32, 8))   # lets batch normalisation find its statistics
    return generator


def test_more_steps_rebuild_more():
    generator = small_dcgan()
    target = generator.eval()(torch.randn(4, 8)).detach()
    few, many = (inversion(generator, target, n=4, seed=0, steps=steps) for steps in (1, 60))
    assert many.psnr.value > few.psnr.value + 3


def test_images_do_not_influence_one_another():
    generator = small_dcgan()
    target = 2 * torch.rand(3, 3, 64, 64) - 1
    start = torch.randn(3, 8)
    together, _ = rebuild(generator, target, start, steps=5, learning_rate=0.05)
    for i in range(3):
        alone, _ = rebuild(generator, target[i:i + 1], start[i:i + 1], steps=5, learning_rate=0.05)
        torch.testing.assert_close(alone[0], together[i], atol=1e-4, rtol=1e-3)
    assert (together - start).abs().min() > 0


def test_the_generator_is_left_as_it_was():
    generator = small_dcgan().train()
    before = {name: value.clone() for name, value in generator.state_dict().items()}
    inversion(generator, torch.zeros(2, 3, 64, 64), n=2, seed=0, steps=2)
    assert generator.training
    assert all(parameter.grad is None for parameter in generator.parameters())
    assert all(torch.equal(value, before[name]) for name, value in generator.state_dict().items())


def test_a_seed_repeats_the_search():
    generator, real = small_dcgan(), 2 * torch.rand(6, 3, 64, 64) - 1
    first, again, other = (inversion(generator, real, n=2, seed=seed, steps=3) for seed in (0, 0, 1))
    assert torch.equal(first.noise, again.noise)
    assert first.psnr == again.psnr
    assert not torch.equal(first.noise, other.noise)


@pytest.mark.parametrize(("arguments", "message"), [
    ({"n": 9}, "real has 4 images, but 9 are needed"),
    ({"steps": 0}, "steps must be at least 1, got 0"),
    ({"generator": nn.Flatten()}, "latent must be given for a generator without the attribute, got None"),
])
def test_bad_arguments_are_named(arguments, message):
    given = {"generator": Linear(), "n": 2, "seed": 0} | arguments
    with pytest.raises(ValueError, match=message):
        inversion(given.pop("generator"), torch.zeros(4, 3, SIZE, SIZE), **given)
