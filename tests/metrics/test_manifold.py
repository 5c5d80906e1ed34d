"""Precision, recall, density and coverage of points that a reader can count."""

import pytest
import torch

from avatarlib.metrics import density_coverage, precision_recall
from avatarlib.metrics.manifold import radii


def line(*values):
    """Points on a line, (N, 1)."""
    return torch.tensor(values, dtype=torch.float64)[:, None]


def cloud(n, *, seed, d=8):
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed))


REAL = line(0, 1, 3, 10)     # nearest neighbours at 1, 1, 2, 7: balls [-1, 1], [0, 2], [1, 5], [3, 17]


def test_the_radius_is_the_kth_other_point():
    assert radii(REAL, 1).tolist() == [1, 1, 2, 7]
    assert radii(REAL, 2).tolist() == [3, 2, 3, 9]


def test_precision_and_recall_on_a_line():
    """Fakes 0.5 (in two real balls), 4 (in two), 20 and 21 (in none): precision 2 of 4.

    Their own balls, nearest neighbours at 3.5, 3.5, 1 and 1: [-3, 4], [0.5, 7.5], [19, 21], [20, 22] hold the
    real 0, 1 and 3: recall 3 of 4.
    """
    assert precision_recall(REAL, line(0.5, 4, 20, 21), k=1) == (2 / 4, 3 / 4)


def test_density_and_coverage_on_a_line():
    """0.5 lies in two balls, 4 in two, 20 and 21 in none: density 4 / (1 * 4). All four balls hold one: coverage 1.

    Without the fake 4 the balls [1, 5] and [3, 17] are empty: 2 / 3 balls a fake, coverage 2 of 4.
    """
    assert density_coverage(REAL, line(0.5, 4, 20, 21), k=1) == (1.0, 1.0)
    assert density_coverage(REAL, line(0.5, 20, 21), k=1) == pytest.approx((2 / 3, 2 / 4))


def test_density_is_divided_by_k():
    """Second neighbours at 3, 2, 3, 9: balls [-3, 3], [-1, 3], [0, 6], [1, 19]. 2 lies in all four, 7 in one."""
    assert density_coverage(REAL, line(2, 7, 50), k=2) == pytest.approx((5 / 3 / 2, 4 / 4))


def test_a_square_of_real_images_and_fakes_at_one_corner():
    """Four corners of a unit square, k = 1: every ball has radius 1 and holds the neighbouring corners.

    All fakes on one corner are precise; each lies in 3 balls. Their own balls have radius 0: recall 1 of 4.
    """
    square = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    same = torch.zeros(4, 2)
    assert precision_recall(square, same, k=1) == (1.0, 1 / 4)
    assert density_coverage(square, same, k=1) == (3.0, 3 / 4)


def test_exact_copies_do_not_depend_on_rounding():
    """Copies lie on the edge of a ball by definition. Far from the origin rounding would decide."""
    points = cloud(60, seed=0) + 1000
    assert precision_recall(points, points.flip(0), k=3) == (1.0, 1.0)
    density, coverage = density_coverage(points, points.flip(0), k=5)
    assert coverage == 1.0
    assert density == pytest.approx((5 + 1) / 5)    # each ball holds its centre and 5 neighbours


def test_sides_are_not_confused():
    """One real point copied gives fakes that are right and not varied; the other way round all is reversed."""
    real = cloud(80, seed=1)
    one = real[:1] + 1e-3 * cloud(80, seed=2)
    assert precision_recall(real, one).precision == 1.0
    assert precision_recall(real, one).recall < 0.05
    assert precision_recall(one, real).precision < 0.05
    assert density_coverage(real, one).coverage < 0.5


def test_pieces_give_what_the_whole_matrix_gives(monkeypatch):
    """By the definitions, with all pairs at once."""
    real, fake, k = cloud(90, seed=3), 0.7 * cloud(70, seed=4) + 0.3, 3
    within_real = torch.cdist(fake, real) <= torch.cdist(real, real).sort().values[:, k]
    within_fake = torch.cdist(real, fake) <= torch.cdist(fake, fake).sort().values[:, k]
    monkeypatch.setattr("avatarlib.metrics.manifold.CHUNK", 16)
    assert precision_recall(real, fake, k=k) == pytest.approx(
        (within_real.any(dim=1).double().mean().item(), within_fake.any(dim=1).double().mean().item()))
    assert density_coverage(real, fake, k=k) == pytest.approx(
        (within_real.sum().item() / (k * 70), within_real.any(dim=0).double().mean().item()))


def test_precision_and_recall_agree_with_torch_fidelity():
    prc = pytest.importorskip("torch_fidelity.metric_prc")
    real, fake = cloud(200, seed=5), 0.8 * cloud(150, seed=6) + 0.2
    expected = prc.calculate_precision_recall_full(fake, real, neighborhood=3)
    assert 0 < min(expected) < 1
    assert precision_recall(real, fake, k=3) == pytest.approx(expected)


@pytest.mark.parametrize("measure", [precision_recall, density_coverage])
@pytest.mark.parametrize(("real", "fake", "k", "message"), [
    (cloud(3, seed=0), cloud(9, seed=1), 3, "real must have more than k=3 rows, got 3"),
    (cloud(9, seed=0), cloud(2, seed=1), 2, "fake must have more than k=2 rows, got 2"),
    (cloud(9, seed=0), cloud(9, seed=1), 0, "k must be at least 1, got 0"),
    (cloud(9, seed=0), cloud(9, seed=1, d=7), 3, "fake must have as many columns as real, 8, got 7"),
])
def test_bad_points_are_named(measure, real, fake, k, message):
    with pytest.raises(ValueError, match=message):
        measure(real, fake, k=k)
