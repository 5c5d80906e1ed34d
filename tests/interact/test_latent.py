"""Paths and directions in the latent space, against geometry and against a generator that is a known matrix."""

import math

import pytest
import torch
from torch import nn

from avatarlib.interact import latent_directions, lerp, slerp


def test_slerp_goes_along_the_quarter_circle():
    """A third of the way from (1, 0) to (0, 1) is at 30 degrees: (cos 30, sin 30)."""
    point = slerp(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0]), 1 / 3)
    torch.testing.assert_close(point, torch.tensor([math.sqrt(3) / 2, 0.5]))


def test_lerp_cuts_the_corner_that_slerp_goes_round():
    """Half-way between right-angled unit vectors the line is at distance 1/sqrt(2), the arc at 1."""
    a, b = torch.eye(2)
    assert lerp(a, b, 0.5).norm().item() == pytest.approx(1 / math.sqrt(2))
    assert slerp(a, b, 0.5).norm().item() == pytest.approx(1)


@pytest.mark.parametrize("path", [lerp, slerp])
def test_both_paths_begin_at_a_and_end_at_b_whatever_their_lengths(path):
    a, b = torch.randn(2, 100, generator=torch.Generator().manual_seed(0))
    points = path(a, 3 * b, torch.tensor([0.0, 0.3, 1.0]))
    assert points.shape == (3, 100)
    torch.testing.assert_close(points[0], a)
    torch.testing.assert_close(points[2], 3 * b)
    torch.testing.assert_close(points[1], path(a, 3 * b, 0.3))


def test_slerp_between_parallel_vectors_is_the_straight_line():
    a = torch.tensor([1.0, 2.0])
    torch.testing.assert_close(slerp(a, 3 * a, 0.5), 2 * a)
    torch.testing.assert_close(slerp(a, a, 0.5), a)


def test_ends_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match=r"two vectors of one length, got \(2,\) and \(3,\)"):
        slerp(torch.ones(2), torch.ones(3), 0.5)


class Painter(nn.Module):
    """Noise (N, 4): number 2 sets the red level, number 0 a fainter blue one, the others nothing."""

    def __init__(self):
        super().__init__()
        self.latent, self.gain = 4, nn.Parameter(torch.ones(()))

    def forward(self, noise):
        image = torch.zeros(len(noise), 3, 32, 32)
        image[:, 0] = 0.5 * noise[:, 2, None, None]
        image[:, 2] = 0.1 * noise[:, 0, None, None]
        return image * self.gain


def test_the_first_directions_are_those_that_change_the_picture_most():
    found = latent_directions(Painter(), 2, samples=64)
    torch.testing.assert_close(found, torch.tensor([[0.0, 0, 1, 0], [1, 0, 0, 0]]), atol=1e-4, rtol=0)


@pytest.mark.parametrize(("arguments", "message"), [
    ({"n": 5}, r"n must be in \[1, 4\], got 5"),
    ({"n": 2, "samples": 7}, "samples must be at least twice the latent length, 8, got 7"),
])
def test_directions_beyond_the_latent_space_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        latent_directions(Painter(), **arguments)
