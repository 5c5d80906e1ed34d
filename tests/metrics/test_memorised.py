"""Whether a generator recites: distances to training and held-out pictures, by hand."""

import pytest
import torch

from avatarlib.metrics import memorised


def test_three_points_of_four_are_nearer_to_the_training():
    """0: 1 and 2. 5: 2 and 3. 8.5: 1.5 and 0.5. 1.1: 0.1 and 0.9. The quotients' lower median is 0.5."""
    found = memorised(torch.tensor([[0.0], [5.0], [8.5], [1.1]]), torch.tensor([[1.0], [7.0]]),
                      torch.tensor([[2.0], [9.0]]))
    assert found.closer == 0.75
    assert found.ratio == pytest.approx(0.5)
    assert found.low == pytest.approx(0.3006, abs=1e-4)      # Wilson's interval of 3 in 4
    assert found.high == pytest.approx(0.9544, abs=1e-4)


def points(n, seed):
    return torch.randn(n, 16, generator=torch.Generator().manual_seed(seed))


def test_new_points_are_cleared_copies_caught_and_copies_of_the_others_reversed():
    train, others, new = points(200, 1), points(200, 2), points(200, 3)
    fresh = memorised(new, train, others)
    assert fresh.low < 0.5 < fresh.high
    assert memorised(train + 0.01 * new, train, others).low > 0.9
    assert memorised(others + 0.01 * new, train, others).high < 0.1


def test_exact_copies_are_at_distance_0():
    found = memorised(points(50, 1)[:10], points(50, 1), points(50, 2))
    assert found.closer == 1
    assert found.ratio == 0


def test_what_is_wrong_is_named():
    train = points(20, 1)
    with pytest.raises(ValueError, match="held_out must have as many rows as train, 20, got 19"):
        memorised(points(5, 3), train, train[:19])
    with pytest.raises(ValueError, match="no picture in common with train, got 5 images"):
        memorised(train[:5], train, train)
    with pytest.raises(ValueError, match="held_out must have as many columns as images, 16, got 3"):
        memorised(points(5, 3), train, torch.zeros(20, 3))
