"""A grown generator begins with the small one's avatars, enlarged; a grown game with its judge."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from avatarlib.models.acgan import Discriminator, Generator
from avatarlib.models.growing import grow_generator, relu_moments, stretched, take_matching
from avatarlib.recipes import ACGAN, ACGANConfig

TINY = ACGANConfig(latent=4, tags=5, size=32, blocks=1, width=8, judge_width=4, batch_size=8, judge_init="he")


@pytest.fixture
def small():
    """A generator whose normalisations have seen some data, so that they differ from their beginning."""
    torch.manual_seed(0)
    generator = Generator(4, 5, 1, 8, 32)
    for norm in generator.modules():
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.uniform_(norm.weight, 0.5, 1.5)
            nn.init.uniform_(norm.bias, -0.5, 0.5)
    for _ in range(60):
        generator(torch.randn(64, 4), torch.rand(64, 5).round())
    return generator.eval()


def features(generator, noise, tags):
    """What the last convolution sees."""
    seen = []
    hook = generator.paint[0].register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    with torch.no_grad():
        generator(noise, tags)
    hook.remove()
    return seen[0]


def test_the_features_are_the_small_ones_each_pixel_four_times(small):
    noise, tags = torch.randn(3, 4), torch.rand(3, 5).round()
    grown = grow_generator(small).eval()
    assert grown.size == 64
    before, after = features(small, noise, tags), features(grown, noise, tags)
    torch.testing.assert_close(after, F.interpolate(before, scale_factor=2), atol=1e-5, rtol=1e-4)


def test_in_training_too_the_features_keep_their_size(small):
    """There a batch's own statistics count: the moments were those of a rectified normal, so only nearly."""
    noise, tags = torch.randn(256, 4), torch.rand(256, 5).round()
    before, after = features(small, noise, tags), features(grow_generator(small).train(), noise, tags)
    assert torch.corrcoef(torch.stack([F.interpolate(before, scale_factor=2).flatten(), after.flatten()]))[0, 1] > 0.95
    assert after.std().item() == pytest.approx(before.std().item(), rel=0.3)


def test_a_smooth_avatar_keeps_its_colours(small):
    """With a kernel that falls off like most, the enlarged avatar averaged over 2 x 2 pixels is the small one."""
    at = torch.arange(-4.0, 5) ** 2
    with torch.no_grad():
        small.paint[0].weight *= torch.exp(-(at[:, None] + at) / 2)
    noise, tags = torch.randn(8, 4), torch.rand(8, 5).round()
    with torch.no_grad():
        before, after = small(noise, tags), F.avg_pool2d(grow_generator(small).eval()(noise, tags), 2)
    inner = (slice(None), slice(None), slice(4, -4), slice(4, -4))
    assert torch.corrcoef(torch.stack([before[inner].flatten(), after[inner].flatten()]))[0, 1] > 0.95
    torch.testing.assert_close(after[inner].mean(dim=(2, 3)), before[inner].mean(dim=(2, 3)), atol=0.01, rtol=0)


def test_a_stretched_kernel_keeps_its_sum_and_its_middle():
    kernel = torch.randn(2, 3, 9, 9)
    wide = stretched(kernel)
    torch.testing.assert_close(wide.sum(dim=(2, 3)), kernel.sum(dim=(2, 3)), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(wide[:, :, 4, 4], kernel[:, :, 4, 4] / 4)
    torch.testing.assert_close(wide[:, :, 4, 5], kernel[:, :, 4, 4:6].sum(dim=-1) / 8)


def test_moments_of_a_rectified_normal():
    """Against two million draws; a shift far below 0 leaves nothing."""
    norm = nn.BatchNorm2d(3)
    with torch.no_grad():
        norm.weight.copy_(torch.tensor([1.0, -0.5, 0.1]))
        norm.bias.copy_(torch.tensor([0.3, 0.0, -5.0]))
        mean, variance = relu_moments(norm)
    draws = (torch.randn(2_000_000, 2, generator=torch.Generator().manual_seed(0))
             * norm.weight[:2].detach() + norm.bias[:2].detach()).relu()
    torch.testing.assert_close(mean[:2], draws.mean(dim=0), atol=2e-3, rtol=0)
    torch.testing.assert_close(variance[:2], draws.var(dim=0), atol=2e-3, rtol=0)
    assert mean[2] < 1e-6


def test_the_judge_keeps_all_but_its_deepest_stage():
    small, big = Discriminator(5, 4, 32), Discriminator(5, 4, 64)
    heads = big.tagger.weight.clone()
    names = take_matching(big, small)
    assert {name.partition(".")[0] for name in names} == {"trunk", "adversarial", "tagger"}     # biases of the heads
    assert len([name for name in names if name.startswith("trunk")]) == len(list(small.trunk.parameters()))
    assert torch.equal(big.trunk[0].weight, small.trunk[0].weight)
    assert torch.equal(big.tagger.weight, heads)


def wishes(n, generator):
    return torch.randint(0, 2, (n, 5), generator=generator).float()


def test_a_grown_game_draws_with_network_and_average_alike():
    smaller = ACGAN(wishes, TINY, seed=1)
    grown = ACGAN(wishes, replace(TINY, size=64, rounds_before=100), seed=0)
    grown.begin_from(smaller)
    average = grown.averaged("generator")
    torch.testing.assert_close(average.state_dict(), grown.generator.state_dict())
    assert torch.equal(average.dense.weight, smaller.averaged("generator").dense.weight)
    assert torch.equal(grown.discriminator.trunk[0].weight, smaller.discriminator.trunk[0].weight)


def test_a_game_of_the_same_size_takes_over_the_average_and_the_whole_discriminator():
    """Other weights of the losses are no hindrance; the one that was begun from is left alone."""
    other, game = ACGAN(wishes, TINY, seed=1), ACGAN(wishes, replace(TINY, fake_tags_weight=0.0), seed=0)
    with torch.no_grad():
        for weight in other.averaged("generator").parameters():
            weight.add_(1)
    before = {name: value.clone() for name, value in other.averaged("generator").state_dict().items()}
    game.begin_from(other)
    for mine in (game.generator, game.averaged("generator"), other.averaged("generator")):
        torch.testing.assert_close(mine.state_dict(), before, rtol=0, atol=0)
    torch.testing.assert_close(game.discriminator.state_dict(), other.discriminator.state_dict(), rtol=0, atol=0)
    with torch.no_grad():
        game.generator.dense.weight.zero_()
    assert torch.equal(other.averaged("generator").dense.weight, before["dense.weight"])


@pytest.mark.parametrize("change", [{"size": 128}, {"size": 64, "blocks": 2}, {"size": 32, "width": 4}])
def test_a_game_that_does_not_fit_is_refused(change):
    with pytest.raises(ValueError, match=r"other must be this game at \d+ or \d+ pixels, got one at 32 pixels"):
        ACGAN(wishes, replace(TINY, **change)).begin_from(ACGAN(wishes, TINY))
