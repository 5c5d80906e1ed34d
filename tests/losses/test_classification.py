"""The class loss of ACGAN by hand."""

import math

import pytest
import torch

from avatarlib.losses import tag_cross_entropy


def test_an_undecided_classifier_pays_log_two_a_tag():
    logits, tags = torch.zeros(5, 34), torch.randint(0, 2, (5, 34))
    assert tag_cross_entropy(logits, tags).item() == pytest.approx(34 * math.log(2))
    assert tag_cross_entropy(logits, tags, reduction="mean").item() == pytest.approx(math.log(2))


def test_two_pictures_by_hand():
    """Odds of 3:1 are a logit of log 3. Right costs -log(3/4), wrong -log(1/4); sum over tags, mean over pictures."""
    logits = math.log(3) * torch.tensor([[1.0, -1.0], [1.0, 1.0]])
    tags = torch.tensor([[1, 0], [0, 1]])
    right, wrong = -math.log(0.75), -math.log(0.25)
    assert tag_cross_entropy(logits, tags).item() == pytest.approx((2 * right + wrong + right) / 2)


def test_the_sum_with_weight_34_balances_as_the_mean_with_weight_1():
    logits, tags = torch.randn(4, 34), torch.randint(0, 2, (4, 34)).float()
    total, mean = (tag_cross_entropy(logits, tags, reduction=reduction) for reduction in ("sum", "mean"))
    torch.testing.assert_close(total, 34 * mean)


def test_a_very_sure_and_wrong_classifier_pays_a_finite_price():
    assert tag_cross_entropy(torch.full((1, 2), 1e4), torch.zeros(1, 2)).item() == pytest.approx(2e4)


@pytest.mark.parametrize(("tags", "reduction", "message"), [
    (torch.zeros(2, 3), "sum", r"one shape \(N, tags\), got \(2, 4\) and \(2, 3\)"),
    (torch.zeros(2, 4), "none", "reduction must be 'sum' or 'mean', got 'none'"),
], ids=["shape", "reduction"])
def test_bad_arguments_are_named(tags, reduction, message):
    with pytest.raises(ValueError, match=message):
        tag_cross_entropy(torch.zeros(2, 4), tags, reduction=reduction)
