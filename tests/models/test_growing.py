"""A grown generator begins with the small one's avatars, enlarged; a grown judge sees them as the small one did."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from avatarlib.models.acgan import Discriminator, Generator
from avatarlib.models.growing import grow_discriminator, grow_generator, relu_moments, stretched
from avatarlib.recipes import ACGAN, ACGANConfig

TINY = ACGANConfig(latent=4, tags=5, size=32, blocks=1, width=8, judge_width=6, batch_size=8, judge_init="he")


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


def judges(kernel, size=64, width=6):
    """A small judge that is no longer new, and a new one for twice the size."""
    torch.manual_seed(0)
    small, big = Discriminator(5, 6, 32, init="he"), Discriminator(5, width, size, kernel, init="he")
    for bias in (p for p in small.parameters() if p.ndim == 1):
        nn.init.normal_(bias)
    return small, big


def test_the_grown_judge_says_of_a_picture_what_the_small_one_says_of_its_average():
    small, big = judges(kernel=4)
    images = torch.rand(4, 3, 64, 64) * 2 - 1
    grow_discriminator(big, small)
    wanted = small(F.avg_pool2d(images, 2))
    assert wanted[1].std() > 0.1
    torch.testing.assert_close(big(images), wanted, atol=1e-4, rtol=1e-4)


def test_with_smaller_kernels_the_grown_judge_agrees_nearly_but_a_new_one_not():
    """The fourth strided convolution has 3 x 3 kernels where the small judge's third has 4 x 4."""
    small, big = judges(kernel=3)
    coarse = torch.rand(64, 3, 8, 8) * 2 - 1
    wanted = small(F.interpolate(coarse, scale_factor=4))[1].flatten()
    images = F.interpolate(coarse, scale_factor=8)
    before = big(images)[1].flatten()
    grow_discriminator(big, small)
    after = big(images)[1].flatten()
    assert abs(torch.corrcoef(torch.stack([wanted, before]))[0, 1]) < 0.5
    assert torch.corrcoef(torch.stack([wanted, after]))[0, 1] > 0.8


def test_all_of_a_grown_judge_learns():
    """No weight is stuck at zero gradient: the half that knows nothing is heard too, after one step."""
    small, big = judges(kernel=4)
    grow_discriminator(big, small)
    optimiser = torch.optim.SGD(big.parameters(), 1e-6)
    for _ in range(3):
        optimiser.zero_grad()
        logits, tags = big(torch.rand(4, 3, 64, 64) * 2 - 1)
        (logits.square().sum() + tags.square().sum()).backward()
        optimiser.step()
    assert all(p.grad.abs().flatten(1).sum(dim=1).gt(0).all() for p in big.parameters() if p.ndim > 1)


@pytest.mark.parametrize(("size", "width"), [(128, 6), (64, 8), (32, 6)])
def test_judges_that_do_not_fit_together_are_refused(size, width):
    small, big = judges(4, size, width)
    with pytest.raises(ValueError, match=f"big must be for 64 pixels with a width of 6.*got one for {size} pixels "
                                         f"with a width of {width}"):
        grow_discriminator(big, small)


def test_a_judge_too_narrow_for_colours_and_their_negatives_is_refused():
    with pytest.raises(ValueError, match=r"with a width of 6, like small.* width of 4; small has 4"):
        grow_discriminator(Discriminator(5, 4, 64), Discriminator(5, 4, 32))


def wishes(n, generator):
    return torch.randint(0, 2, (n, 5), generator=generator).float()


def test_a_grown_game_draws_with_network_and_average_alike():
    smaller = ACGAN(wishes, TINY, seed=1)
    grown = ACGAN(wishes, replace(TINY, size=64), seed=0)
    grown.begin_from(smaller)
    average = grown.averaged("generator")
    torch.testing.assert_close(average.state_dict(), grown.generator.state_dict())
    assert torch.equal(average.dense.weight, smaller.averaged("generator").dense.weight)
    assert torch.equal(grown.discriminator.tagger.bias, smaller.discriminator.tagger.bias)


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
