"""Vendi score, sliced distance, the line to infinite N, the random backbone: by hand and in their limits."""

import math

import numpy as np
import pytest
import torch

from avatarlib.metrics import (
    Features,
    feature_distance,
    frechet_at_infinity,
    frechet_distance,
    has_inception,
    random_features,
    seed_interval,
    sliced_distance,
    vendi_score,
)
from avatarlib.metrics.backbones import RandomConv


def test_vendi_counts_categories_by_their_entropy():
    """Four equal categories are four; half in one and a quarter in each of two others are 2 sqrt(2)."""
    assert vendi_score(torch.eye(4).repeat(3, 1)) == pytest.approx(4)
    assert vendi_score(torch.eye(3)[[0, 0, 1, 2]]) == pytest.approx(2 * math.sqrt(2))


def test_vendi_of_copies_is_one_whatever_their_length():
    row = torch.tensor([[1.0, 2.0, -1.0]])
    assert vendi_score(torch.cat([row, 5 * row, row / 7])) == pytest.approx(1)


def test_vendi_of_two_rows_by_hand():
    """Cosine c: K / 2 has the eigenvalues (1 + c) / 2 and (1 - c) / 2; with c = 0.6 these are 0.8 and 0.2."""
    expected = math.exp(-0.8 * math.log(0.8) - 0.2 * math.log(0.2))
    assert vendi_score(torch.tensor([[1.0, 0.0], [0.6, 0.8]])) == pytest.approx(expected)


def test_vendi_refuses_a_row_without_direction():
    with pytest.raises(ValueError, match="features must have no row of zeros, got 1"):
        vendi_score(torch.tensor([[1.0, 0.0], [0.0, 0.0]]))


def test_sliced_distance_of_a_shift_along_a_line():
    """In one dimension every direction is the line itself: a set moved by 3 is at distance 3, in any order."""
    a = torch.tensor([[0.0], [1.0], [5.0]])
    assert sliced_distance(a, a.flip(0) + 3, seed=0) == pytest.approx(3)


def test_sliced_distance_of_a_shift_in_d_dimensions():
    """The mean square of a direction's part along the shift is 1 / D: here the length 2 over sqrt(4)."""
    a = torch.randn(50, 4, generator=torch.Generator().manual_seed(0))
    shift = torch.tensor([2.0, 0.0, 0.0, 0.0])
    assert sliced_distance(a, a + shift, seed=1, directions=4000) == pytest.approx(1, abs=0.05)


def test_the_line_takes_off_the_bias_of_few_images():
    """Equal Gaussians: distance 0, but some 0.3 at N = 200 in ten dimensions; the line comes much nearer to 0."""
    ends, biased = [], []
    for seed in range(5):
        a, b = torch.randn(2, 200, 10, generator=torch.Generator().manual_seed(seed))
        biased.append(frechet_distance(a, b))
        ends.append(frechet_at_infinity(a, b, seed=seed))
    assert min(biased) > 0.1
    assert abs(np.mean(ends)) < np.mean(biased) / 3


@pytest.mark.parametrize(("call", "message"), [
    (lambda a: frechet_at_infinity(a, a[:9], seed=0), "features_b must have as many rows as features_a, at least 8, "
                                                      "got 10 and 9"),
    (lambda a: frechet_at_infinity(a[:4], a[:4], seed=0), "at least 8, got 4 and 4"),
    (lambda a: frechet_at_infinity(a, a, seed=0, sizes=1), "sizes must be at least 2, got 1"),
    (lambda a: sliced_distance(a, a[:9], seed=0), "features_b must have as many rows as features_a, 10, got 9"),
    (lambda a: sliced_distance(a, a, seed=0, directions=0), "directions must be at least 1, got 0"),
    (lambda a: seed_interval([]), "values must hold at least one number, got none")])
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(torch.ones(10, 2))


def test_one_seed_has_no_interval():
    mean, low, high = seed_interval([2.0])
    assert mean == 2
    assert math.isnan(low)
    assert math.isnan(high)


def test_the_random_backbone_is_fixed_by_its_seed_and_named_by_it():
    images = torch.rand(3, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    first, again, other = (random_features(seed=seed, progress=False) for seed in (0, 0, 1))
    assert isinstance(first, Features)
    assert (first.name, first.kind, other.name) == ("random-conv-0", "random-conv", "random-conv-1")
    found = first(images)
    assert found.shape == (3, 256)
    assert found.equal(again(images))
    assert (found - other(images)).abs().max() > 0.1
    assert not any(p.requires_grad for p in RandomConv().parameters())


def test_it_does_not_depend_on_the_random_state_nor_move_it():
    torch.manual_seed(5)
    state = torch.random.get_rng_state()
    weight = RandomConv().mix.weight
    torch.manual_seed(6)
    assert weight.equal(RandomConv().mix.weight)
    torch.manual_seed(5)
    assert state.equal(torch.random.get_rng_state())


def test_its_maps_halve_and_it_sees_what_changes():
    """As a network for the feature distance: 0 for equal pictures, more for more noise."""
    network = RandomConv()
    draws = torch.Generator().manual_seed(0)
    images = torch.rand(2, 3, 32, 32, generator=draws)
    assert [tuple(seen.shape) for seen in network.maps(images).values()] == [
        (2, 32, 16, 16), (2, 64, 8, 8), (2, 128, 4, 4), (2, 256, 2, 2)]
    noise = torch.randn(images.shape, generator=draws)
    near, far = ((images + size * noise).clamp(-1, 1) for size in (0.05, 0.5))
    equal, little, much = (feature_distance(images, one, network=network.maps) for one in (images, near, far))
    assert equal.abs().max() < 1e-6
    assert (little < much).all()


def test_inception_is_there_only_with_its_package_and_its_file(tmp_path, monkeypatch):
    monkeypatch.setenv("AVATARLIB_CACHE", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    assert not has_inception()
    (tmp_path / "backbones").mkdir()
    (tmp_path / "backbones" / "inception-2015-12-05.pth").write_bytes(b"weights")
    assert has_inception()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert not has_inception()
