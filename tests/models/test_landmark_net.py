"""The landmark network: its soft-argmax by hand, its pixels at every size, its gradient."""

import math

import pytest
import torch

from avatarlib.models.landmarks import LandmarkNet, soft_argmax


def test_soft_argmax_of_a_peak_is_the_peak():
    logits = torch.full((1, 1, 4, 8), -100.0)
    logits[0, 0, 2, 5] = 100.0
    torch.testing.assert_close(soft_argmax(logits), torch.tensor([[[5.0, 2.0]]]))


def test_soft_argmax_of_two_equal_peaks_lies_between_them():
    logits = torch.full((1, 1, 4, 8), -100.0)
    logits[0, 0, 1, 2] = logits[0, 0, 3, 6] = 100.0
    torch.testing.assert_close(soft_argmax(logits), torch.tensor([[[4.0, 2.0]]]))


def test_soft_argmax_is_exact_under_autocast():
    """Seven eighths of the weight in column n, an eighth in n + 1: n + 1/8, which bf16 rounds from 32 on."""
    places = torch.arange(63)
    logits = torch.full((1, 63, 64, 64), -100.0)
    logits[0, places, places, places] = math.log(7)
    logits[0, places, places, places + 1] = 0.0
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = soft_argmax(logits)
    torch.testing.assert_close(found, torch.stack([places + 0.125, places], 1)[None], atol=1e-4, rtol=0)


@pytest.fixture
def network():
    torch.manual_seed(0)
    return LandmarkNet(("eye", "nose"), width=8, size=32).eval()


def test_shapes_and_heatmaps_that_sum_to_one(network):
    images = torch.rand(3, 3, 32, 32) * 2 - 1
    assert network(images).shape == (3, 2, 16, 16)
    assert torch.allclose(network.heatmaps(images).sum((2, 3)), torch.ones(3, 2))
    assert network.landmarks(images).shape == (3, 2, 2)


@pytest.mark.parametrize("size", [16, 32, 128])
def test_landmarks_are_in_pixels_of_the_input(network, size):
    """A heatmap cell covers ``size / 16`` pixels: the centre of cell 3 lies at (3.5) cells minus half a pixel."""
    logits = torch.full((1, 2, 16, 16), -100.0)
    logits[:, :, 3, 3] = 100.0
    expected = 3.5 * size / 16 - 0.5
    assert network.to_pixels(logits, size).flatten().tolist() == pytest.approx([expected] * 4, abs=1e-4)


def test_the_centre_of_a_flat_heatmap_is_the_centre_of_the_picture(network):
    assert network.to_pixels(torch.zeros(1, 2, 16, 16), 64).flatten().tolist() == pytest.approx([31.5] * 4, abs=1e-4)


def test_a_landmark_sends_a_gradient_to_the_pixels(network):
    images = torch.rand(1, 3, 64, 64, requires_grad=True)
    network.landmarks(images)[0, 0, 0].backward()
    assert images.grad.abs().sum() > 0


def test_bad_sizes_and_shapes_are_named(network):
    with pytest.raises(ValueError, match="width must be at least 8, got 4"):
        LandmarkNet(("eye",), width=4)
    for eyes in ((0, 2), (1, 1), (-1, 1)):
        with pytest.raises(ValueError, match="eyes must be two of the 2 points, counted from 0, got"):
            LandmarkNet(("eye", "nose"), width=8, eyes=eyes)
    with pytest.raises(ValueError, match="size must be a positive multiple of 16, got 40"):
        LandmarkNet(("eye",), size=40)
    with pytest.raises(ValueError, match=r"images must be \(N, 3, S, S\), got \(1, 3, 32, 64\)"):
        network(torch.zeros(1, 3, 32, 64))
