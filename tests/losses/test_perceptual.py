"""Content and style by hand: means and sums, Gram matrices, grey, and where gradients go."""

import pytest
import torch
from torch import nn

from avatarlib.losses import content_loss, gram_matrix, grey, grey_style_loss, style_loss


class Twice(nn.Module):
    """Sees a picture twice as bright; at "small", its left upper quarter."""

    def forward(self, images):
        return {"whole": 2 * images, "small": images[..., :2, :2]}


def double(images):
    return 2 * images


def test_content_by_hand_as_mean_and_as_sum():
    """Of 2 * 3 * 2 * 2 = 24 numbers, one differs by 0.5 and so by 1 for an eye that doubles."""
    photo = torch.zeros(2, 3, 2, 2)
    generated = photo.clone()
    generated[1, 2, 0, 1] = 0.5
    assert content_loss(generated, photo, double).item() == pytest.approx(1 / 24)
    assert content_loss(generated, photo, double, reduction="sum").item() == pytest.approx(1)
    assert content_loss(double(generated), double(photo)).item() == pytest.approx(1 / 24)


def test_artifygans_weight_of_the_sum_is_twice_cartoongans_weight_of_the_mean():
    """16 pictures of 256 pixels have 16 * 512 * 16 * 16 = 2,097,152 numbers in pool4: 1e-5 of the sum is 20.97."""
    draws = torch.Generator().manual_seed(0)
    generated, photo = torch.randn(2, 16, 512, 16, 16, generator=draws)
    whole, mean = content_loss(generated, photo, reduction="sum"), content_loss(generated, photo)
    assert (1e-5 * whole / mean).item() == pytest.approx(20.97152, rel=1e-4)


@pytest.mark.parametrize("loss", [content_loss, style_loss])
def test_a_relative_distance_is_the_same_through_a_network_of_a_hundred_times_the_numbers(loss):
    draws = torch.Generator().manual_seed(0)
    generated, photo = torch.rand(2, 2, 3, 8, 8, generator=draws)
    plain, hundred = (loss(generated, photo, lambda images, k=k: k * images, reduction="relative") for k in (1, 100))
    torch.testing.assert_close(plain, hundred)
    assert loss(generated, photo, lambda images: 100 * images) > 50 * loss(generated, photo)


def test_a_relative_distance_by_hand():
    """Numbers of mean size 2 that are all 0.5 off: 0.25. Gram matrices 4 and 6.25: 2.25 / 4. None but 0: no NaN."""
    photo = torch.tensor([2.0, -2.0, 2.0, -2.0]).view(1, 1, 2, 2)
    generated = photo + 0.5 * photo.sign()
    assert content_loss(generated, photo, reduction="relative").item() == pytest.approx(0.25)
    assert style_loss(generated, photo, reduction="relative").item() == pytest.approx(2.25 / 4)
    assert content_loss(0 * photo, 0 * photo, reduction="relative").item() == 0


def test_layers_are_added():
    """Everything differs by 1: 2 in the doubled picture, 1 in its corner."""
    generated, photo = torch.ones(1, 3, 4, 4), torch.zeros(1, 3, 4, 4)
    assert content_loss(generated, photo, Twice()).item() == pytest.approx(3)
    assert content_loss(Twice()(generated), Twice()(photo)).item() == pytest.approx(3)


def test_gram_matrix_by_hand():
    """Channels (1, 2) and (3, 4) of a map of 1 x 2 pixels: products 5, 11, 25, over H W C = 4."""
    features = torch.tensor([[[[1.0, 2.0]], [[3.0, 4.0]]]])
    assert gram_matrix(features).tolist() == [[[1.25, 2.75], [2.75, 6.25]]]


def test_gram_matrices_do_not_mix_the_samples_of_a_batch():
    draws = torch.Generator().manual_seed(0)
    maps = torch.randn(3, 4, 5, 5, generator=draws)
    torch.testing.assert_close(gram_matrix(maps), torch.cat([gram_matrix(one[None]) for one in maps]))


def test_gram_matrices_of_large_half_precision_maps_are_finite():
    """300 ** 2 = 90,000 is more than float16 holds, also where autocast would choose it."""
    maps = torch.full((1, 2, 4, 4), 300.0, dtype=torch.float16)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert gram_matrix(maps).unique().tolist() == [300.0 ** 2 / 2]


def test_a_sum_over_half_precision_maps_is_finite():
    """100,000 ones do not fit into float16, whose largest number is 65,504."""
    maps = torch.ones(1, 10, 100, 100, dtype=torch.float16)
    assert content_loss(maps, torch.zeros_like(maps), reduction="sum").item() == 100_000


def test_style_does_not_see_where_things_are():
    """Moved and twice as large, a cartoon keeps its style; brighter by half, its Gram matrix is 2.25 times as large."""
    draws = torch.Generator().manual_seed(0)
    cartoon = torch.rand(2, 3, 8, 8, generator=draws)
    moved = cartoon.roll((3, 5), (2, 3)).repeat_interleave(2, 2).repeat_interleave(2, 3)
    assert style_loss(moved, cartoon, double).item() == pytest.approx(0, abs=1e-6)
    assert content_loss(cartoon.roll(3, 2), cartoon) > 0.1
    assert style_loss(1.5 * cartoon, cartoon, double).item() == pytest.approx(
        (1.25 * gram_matrix(2 * cartoon)).mean().item(), rel=1e-5)


def test_grey_by_hand():
    """Red, green, blue and white have lumas of 0.299, 0.587, 0.114 and 1; black, in [-1, 1], stays -1."""
    colours = torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1], [-1, -1, -1]])[:, :, None, None]
    expected = torch.tensor([0.299, 0.587, 0.114, 1, -1])[:, None, None, None].expand(5, 3, 1, 1)
    torch.testing.assert_close(grey(colours), expected)


def test_grey_style_compares_colours_with_a_grey_cartoon():
    """Picture (0, 1, 0): Gram 1/3 at the green place. A white cartoon is grey already: 1/3 in all nine."""
    green = torch.tensor([0.0, 1.0, 0.0])[None, :, None, None].expand(1, 3, 4, 4)
    white = torch.ones(1, 3, 4, 4)
    assert grey_style_loss(green, white, nn.Identity()).item() == pytest.approx(8 / 27)
    assert grey_style_loss(grey(green), green, nn.Identity()).item() == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize("loss", [content_loss, style_loss, grey_style_loss])
def test_gradients_reach_the_generated_picture_alone(loss):
    generated, target = torch.rand(2, 1, 3, 4, 4, generator=torch.Generator().manual_seed(0)).requires_grad_().unbind()
    generated.retain_grad()
    target.retain_grad()
    loss(generated, target, double).backward()
    assert generated.grad.abs().sum() > 0
    assert target.grad is None


@pytest.mark.parametrize("loss", [content_loss, style_loss])
def test_maps_that_carry_a_graph_give_the_target_no_gradient(loss):
    generated, target = (torch.full((1, 3, 4, 4), value, requires_grad=True) for value in (0.5, 0.25))
    loss(double(generated), double(target)).backward()
    assert generated.grad.abs().sum() > 0
    assert target.grad is None


def test_what_is_refused():
    maps = torch.zeros(2, 3, 4, 4)
    with pytest.raises(ValueError, match="reduction must be 'mean', 'sum' or 'relative', got 'batch'"):
        content_loss(maps, maps, reduction="batch")
    with pytest.raises(ValueError, match=r"one shape, got \(2, 3, 4, 4\) and \(1, 3, 4, 4\)"):
        content_loss(maps, maps[:1])
    with pytest.raises(ValueError, match=r"one shape, got \(2, 3, 3\) and \(1, 3, 3\)"):
        style_loss(maps, maps[:1])
    with pytest.raises(ValueError, match=r"same layers, at least one, got \['a'\] and \['b'\]"):
        content_loss({"a": maps}, {"b": maps})
    with pytest.raises(ValueError, match="pictures must be given as tensors, got dict and Tensor"):
        content_loss({"a": maps}, maps, double)
    with pytest.raises(ValueError, match=r"features must be \(N, C, H, W\), got \(2, 3\)"):
        gram_matrix(torch.zeros(2, 3))
    with pytest.raises(ValueError, match=r"images must be \(N, 3, H, W\), got \(2, 1, 4, 4\)"):
        grey(maps[:, :1])
