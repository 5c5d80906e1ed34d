"""Kendall's tau within studies: by hand, beside scipy's, and its interval."""

import pytest
import torch
from scipy.stats import kendalltau

from avatarlib.metrics import rank_agreement


def numbers(n, seed):
    return torch.randn(n, generator=torch.Generator().manual_seed(seed)).tolist()


def test_five_pairs_of_six_agree():
    assert rank_agreement([1, 2, 3, 4], [1, 3, 2, 4], "aaaa", seed=0).tau == pytest.approx((5 - 1) / 6)


@pytest.mark.parametrize("digits", [6, 0])
def test_one_study_is_scipys_tau_b(digits):
    """Rounded to whole numbers, many pairs are tied."""
    a, b = ([round(2 * x, digits) for x in numbers(25, seed)] for seed in (1, 2))
    found = rank_agreement(a, b, ["one"] * 25, seed=0)
    assert found.tau == pytest.approx(kendalltau(a, b).statistic)
    assert (found.networks, found.pairs) == (25, 300)


def test_networks_of_two_studies_are_not_compared():
    """Within each study the ranks agree; across, all would disagree: 6 pairs agree of 6, and 9 are not asked."""
    measure, truth = [1, 2, 3, 11, 12, 13], [11, 12, 13, 1, 2, 3]
    found = rank_agreement(measure, truth, "aaabbb", seed=0)
    assert (found.tau, found.pairs) == (1, 6)
    assert rank_agreement(measure, truth, "aaaaaa", seed=0).tau == pytest.approx((6 - 9) / 15)


def test_the_interval_holds_chance_where_there_is_only_chance_and_shrinks_with_more_networks():
    few, many = (rank_agreement(numbers(n, 3), numbers(n, 4), [0] * n, seed=0) for n in (10, 80))
    assert few.low < 0 < few.high
    assert many.high - many.low < 0.6 * (few.high - few.low)
    same = rank_agreement(numbers(10, 3), numbers(10, 3), [0] * 10, seed=0)
    assert (same.tau, same.low, same.high) == pytest.approx((1, 1, 1))


def test_what_is_wrong_is_named():
    with pytest.raises(ValueError, match="at least 3, got 3, 2 and 3"):
        rank_agreement([1, 2, 3], [1, 2], "aaa", seed=0)
    with pytest.raises(ValueError, match="must be finite"):
        rank_agreement([1, 2, float("nan")], [1, 2, 3], "aaa", seed=0)
    with pytest.raises(ValueError, match="must differ in at least one pair"):
        rank_agreement([1, 2, 3], [1, 2, 3], "abc", seed=0)
