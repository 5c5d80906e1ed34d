"""Kernel distance: by hand, against torchmetrics, its seed, and that it is unbiased."""

import math
import warnings

import pytest
import torch
from torch import nn
from torchmetrics.image.kid import KernelInceptionDistance

from avatarlib.metrics import kernel_distance


def normal(n, *, seed, d=6, shift=0.0):
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) + shift


def torchmetrics_kid(a, b, **options):
    """Mean and standard deviation from torchmetrics, on features handed through."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")     # it warns that it keeps the features
        metric = KernelInceptionDistance(feature=nn.Identity(), **options)
    metric.update(a, real=True)
    metric.update(b, real=False)
    return [value.item() for value in metric.compute()]


def test_two_numbers_a_side_by_hand():
    """One dimension, a = {0, 1}, b = {2, 3}, kernel (x y + 1)^3.

    Within a: k(0, 1) = 1. Within b: k(2, 3) = 343. Across: k(0, .) = 1, 1; k(1, 2) = 27; k(1, 3) = 64, mean 93 / 4.
    1 + 343 - 2 * 93 / 4 = 297.5.
    """
    a, b = torch.tensor([[0.0], [1.0]]), torch.tensor([[2.0], [3.0]])
    distance = kernel_distance(a, b, seed=0)
    assert distance.mean == pytest.approx(297.5)
    assert math.isnan(distance.spread)


def test_all_images_at_once_agree_with_torchmetrics():
    a, b = normal(50, seed=0), normal(50, seed=1, shift=0.4)
    expected, _ = torchmetrics_kid(a, b, subsets=1, subset_size=50)
    assert kernel_distance(a, b, seed=0).mean == pytest.approx(expected, rel=1e-9)


def test_mean_and_spread_over_subsets_agree_with_torchmetrics():
    """Other draws of the same subsets: the means differ by a few standard errors, spread / sqrt(400)."""
    a, b = normal(200, seed=0), normal(160, seed=1, shift=0.4)
    found = kernel_distance(a, b, seed=0, subsets=400, subset_size=40)
    torch.manual_seed(0)
    mean, spread = torchmetrics_kid(a, b, subsets=400, subset_size=40)
    assert found.mean == pytest.approx(mean, abs=5 * spread / 20)
    assert found.spread == pytest.approx(spread, rel=0.2)


def test_the_seed_alone_decides():
    a, b = normal(60, seed=0), normal(60, seed=1)
    first = kernel_distance(a, b, seed=3, subsets=5, subset_size=20)
    torch.manual_seed(123)
    assert kernel_distance(a, b, seed=3, subsets=5, subset_size=20) == first
    assert kernel_distance(a, b, seed=4, subsets=5, subset_size=20) != first


def test_unbiased_at_any_number_of_images():
    """Equal distributions: the mean of 300 tiny pairs is 0 within 4 standard errors, and some are below."""
    values = torch.tensor([kernel_distance(normal(6, seed=2 * i), normal(6, seed=2 * i + 1), seed=0).mean
                           for i in range(300)])
    assert abs(values.mean()) < 4 * values.std() / 300**0.5
    assert (values < 0).any()


@pytest.mark.parametrize(("options", "message"), [
    ({"subsets": 0}, "subsets must be at least 1, got 0"),
    ({"subset_size": 1}, "subset_size must be at least 2, got 1"),
])
def test_bad_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        kernel_distance(normal(5, seed=0), normal(5, seed=1), seed=0, **options)
