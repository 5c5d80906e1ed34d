"""Fréchet distance: worked by hand, by the textbook's matrix root, and by torchmetrics."""

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from torch import nn
from torchmetrics.image.fid import FrechetInceptionDistance

from avatarlib.metrics import frechet_distance


def features(n, d, *, seed, shift=0.0):
    """Correlated features, not Gaussian, as a network's after its ReLU."""
    draws = np.random.default_rng(seed)
    mixing = np.random.default_rng(99).normal(size=(d, d)) / d**0.5
    return np.maximum(draws.normal(size=(n, d)) @ mixing + shift, 0)


def textbook(a, b):
    """||mu_a - mu_b||^2 + Tr(S_a + S_b - 2 (S_a S_b)^(1/2)) with NumPy's covariance and SciPy's root."""
    gap = a.mean(axis=0) - b.mean(axis=0)
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    return gap @ gap + np.trace(cov_a) + np.trace(cov_b) - 2 * np.trace(sqrtm(cov_a @ cov_b)).real


class Identity(nn.Module):
    """Hands features on, for torchmetrics."""

    num_features = 12

    def forward(self, found):
        return found


def cross(*half_axes):
    """Points at -+ r on each axis: mean 0, variance 2 r^2 / (2 D - 1) along each, no covariance."""
    return np.concatenate([np.diag(half_axes), -np.diag(half_axes)])


def test_two_gaussians_along_the_axes_by_hand():
    """Four points each. Variances 2/3 * (1, 9) and 2/3 * (4, 4), means (0, 0) and (3, 4).

    Along an axis the distance is the squared difference of the standard deviations:
    25 + 2/3 * ((1 - 2)^2 + (3 - 2)^2) = 25 + 4/3.
    """
    a, b = cross(1.0, 3.0), cross(2.0, 2.0) + np.array([3.0, 4.0])
    assert frechet_distance(a, b) == pytest.approx(25 + 4 / 3, rel=1e-12)


@pytest.mark.parametrize("n_b", [300, 40])
def test_agrees_with_the_textbook_formula(n_b):
    a, b = features(300, 12, seed=0), features(n_b, 12, seed=1, shift=0.3)
    assert frechet_distance(a, b) == pytest.approx(textbook(a, b), rel=1e-4)


def test_agrees_with_torchmetrics():
    a, b = (torch.from_numpy(features(200, 12, seed=seed, shift=seed / 5)) for seed in (0, 1))
    metric = FrechetInceptionDistance(feature=Identity())
    metric.update(a, real=True)
    metric.update(b, real=False)
    assert frechet_distance(a, b) == pytest.approx(metric.compute().item(), rel=1e-4)


def test_fewer_images_than_features_stay_exact():
    """Ten points in 50 dimensions, all in the plane of the first two: the 2-D answer, though ranks are 2 of 50."""
    flat_a, flat_b = features(10, 2, seed=2), features(14, 2, seed=3, shift=1.0)
    rotation = np.linalg.qr(np.random.default_rng(0).normal(size=(50, 50)))[0][:2]
    assert frechet_distance(flat_a @ rotation, flat_b @ rotation) == pytest.approx(textbook(flat_a, flat_b), rel=1e-10)


@pytest.mark.parametrize(("n", "d"), [(100, 8), (8, 100)])
def test_equal_sets_are_at_distance_zero_and_a_translation_adds_its_square(n, d):
    a = features(n, d, seed=4)
    step = np.full(d, 0.5)
    assert frechet_distance(a, a[::-1].copy()) == pytest.approx(0, abs=1e-12)
    assert frechet_distance(a, a + step) == pytest.approx(d / 4, rel=1e-12)


def test_symmetric():
    a, b = features(60, 9, seed=5), features(7, 9, seed=6)
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a), rel=1e-12)


def test_the_printed_formula_is_not_zero_for_equal_sets():
    """Tian's -Tr(S_X + S_Y - 2 S_X S_Y) gives -Tr(2 S - 2 S^2), at variance 2/3 in two axes -8/9."""
    a = cross(1.0, 1.0)
    cov = np.cov(a, rowvar=False)
    assert -np.trace(cov + cov - 2 * cov @ cov) == pytest.approx(-8 / 9)
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(("a", "b", "message"), [
    (np.zeros((5, 3)), np.zeros((5, 4)), "features_b must have as many columns as features_a, 3, got 4"),
    (np.zeros((1, 3)), np.zeros((5, 3)), r"features_a must be an array \(N, D\) with N at least 2, got \(1, 3\)"),
    (np.zeros((5, 3)), np.zeros(5), r"features_b must be an array \(N, D\) with N at least 2, got \(5,\)"),
    ([[1.0]], np.zeros((5, 3)), "features_a must be an array .* got list"),
    (np.zeros((5, 3)), np.full((5, 3), np.nan), "features_b must be finite, got 15 values that are not"),
])
def test_bad_features_are_named(a, b, message):
    with pytest.raises(ValueError, match=message):
        frechet_distance(a, b)
