"""Losses on landmarks, by hand."""

import math

import pytest
import torch

from avatarlib.losses import heatmap_cross_entropy, normalised_mean_error


def test_the_error_is_in_units_of_the_distance_between_the_eyes():
    """Eyes 10 apart; one point off by (3, 4) = 5, two exact: (0 + 0 + 5 / 10) / 3."""
    true = torch.tensor([[[0.0, 0.0], [10.0, 0.0], [5.0, 8.0]]])
    predicted = true.clone()
    predicted[0, 2] += torch.tensor([3.0, 4.0])
    assert normalised_mean_error(predicted, true).item() == pytest.approx(0.5 / 3)


def test_the_error_does_not_depend_on_the_size_of_the_picture():
    torch.manual_seed(0)
    true, predicted = torch.rand(4, 6, 2), torch.rand(4, 6, 2)
    small, large = (normalised_mean_error(predicted * s, true * s) for s in (64, 256))
    torch.testing.assert_close(small, large)


def test_a_flat_heatmap_has_the_cross_entropy_of_guessing():
    assert heatmap_cross_entropy(torch.zeros(2, 3, 4, 8), torch.ones(2, 3, 2)).item() == pytest.approx(math.log(32))


def test_the_best_heatmap_is_the_gaussian_itself_and_every_shift_is_worse():
    """Cross-entropy is least, and equal to the entropy, where the heatmap is the target."""
    rows = torch.arange(16.0)
    points = torch.tensor([[[6.0, 9.0]]])

    def gaussian(x, y):
        return -((rows[None, :] - x) ** 2 + (rows[:, None] - y) ** 2)[None, None] / 2

    best = heatmap_cross_entropy(gaussian(6.0, 9.0), points)
    assert best.item() == pytest.approx(math.log(2 * math.pi * math.e), abs=1e-3)    # entropy of a 2-D Gaussian
    for x, y in ((7.0, 9.0), (6.0, 8.0), (2.0, 2.0)):
        assert heatmap_cross_entropy(gaussian(x, y), points) > best + 0.1


def test_shapes_that_differ_are_named():
    with pytest.raises(ValueError, match=r"must both be \(N, K, 2\), got \(1, 6, 2\) and \(1, 5, 2\)"):
        normalised_mean_error(torch.zeros(1, 6, 2), torch.zeros(1, 5, 2))
