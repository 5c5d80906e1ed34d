"""Colours in YUV and steps between pixels, by hand."""

import pytest
import torch

from avatarlib.losses import colour_loss, rgb_to_yuv, total_variation

RED, WHITE, BLACK, GREY = ((1.0, -1.0, -1.0), (1.0, 1.0, 1.0), (-1.0, -1.0, -1.0), (0.0, 0.0, 0.0))


def flat(colour, size=4):
    return torch.tensor(colour)[None, :, None, None].expand(1, 3, size, size).clone()


def test_yuv_of_pure_colours_is_the_matrix():
    """Red, green and blue are its columns; white is (1, 0, 0), for the rows sum to 1, 0 and 0."""
    colours = torch.cat([torch.eye(3), torch.ones(1, 3)])[:, :, None, None]
    expected = torch.tensor([[0.299, -0.14714119, 0.61497538], [0.587, -0.28886916, -0.51496512],
                             [0.114, 0.43601035, -0.10001026], [1, 0, 0]])
    torch.testing.assert_close(rgb_to_yuv(colours)[:, :, 0, 0], expected, atol=1e-6, rtol=0)


def test_colour_loss_by_hand():
    """White and grey on black differ in Y alone, by 1 and 1/2; red by .299, and U and V count half their squares."""
    assert colour_loss(flat(WHITE), flat(BLACK)).item() == pytest.approx(1, abs=1e-6)
    assert colour_loss(flat(GREY), flat(BLACK)).item() == pytest.approx(0.5, abs=1e-6)
    red = 0.299 + 0.14714119 ** 2 / 2 + 0.61497538 ** 2 / 2
    assert colour_loss(flat(RED), flat(BLACK)).item() == pytest.approx(red, abs=1e-6)


def test_beyond_a_difference_of_one_huber_is_straight():
    """Red and cyan: V is 0.61497538 and its negative, 1.22995076 apart: 0.72995076 where a half square is 0.7564."""
    cyan = (-1.0, 1.0, 1.0)
    expected = 0.701 - 0.299 + (2 * 0.14714119) ** 2 / 2 + (2 * 0.61497538 - 0.5)
    assert colour_loss(flat(RED), flat(cyan)).item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("size", [2, 64])
def test_one_wrong_pixel_of_a_picture_counts_as_its_share(size):
    generated = flat(BLACK, size)
    generated[..., 0, 0] = 1
    assert colour_loss(generated, flat(BLACK, size)).item() == pytest.approx(1 / size ** 2, rel=1e-4)


def test_total_variation_by_hand():
    """Every step of a chessboard is 2, half its square 2, both ways. One step of 1 among three to the right: 1/6."""
    rows = torch.arange(4)
    chess = (1 - 2 * ((rows[:, None] + rows) % 2)).float().expand(2, 3, 4, 4)
    assert total_variation(chess).item() == pytest.approx(4)
    edge = torch.tensor([0.0, 0, 1, 1]).expand(1, 1, 3, 4)
    assert total_variation(edge).item() == pytest.approx(1 / 6)
    assert total_variation(flat(RED)).item() == 0


def test_gradients_reach_the_generated_picture_alone():
    generated, photo = flat(GREY).requires_grad_(), flat(RED).requires_grad_()
    (colour_loss(generated, photo) + total_variation(generated * torch.rand(4))).backward()
    assert generated.grad.abs().sum() > 0
    assert photo.grad is None


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_autocast_does_not_round_them(dtype):
    draws = torch.Generator().manual_seed(0)
    a, b = torch.rand(2, 1, 3, 8, 8, generator=draws)
    exact = colour_loss(a, b), total_variation(a)
    with torch.autocast("cpu", dtype=dtype):
        assert (colour_loss(a, b), total_variation(a)) == exact


def test_what_is_refused():
    with pytest.raises(ValueError, match=r"one shape, got \(1, 3, 4, 4\) and \(1, 3, 2, 2\)"):
        colour_loss(flat(RED), flat(RED, 2))
    with pytest.raises(ValueError, match=r"images must be \(N, 3, H, W\), got \(1, 1, 4, 4\)"):
        rgb_to_yuv(torch.zeros(1, 1, 4, 4))
    with pytest.raises(ValueError, match=r"H and W at least 2, got \(1, 3, 1, 4\)"):
        total_variation(torch.zeros(1, 3, 1, 4))
