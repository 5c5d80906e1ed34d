"""Cycle, identity and codes: means by hand, and which side may be moved."""

import pytest
import torch

from avatarlib.losses import content_code_loss, cycle_loss, identity_loss, style_code_loss

ALL = [cycle_loss, identity_loss, content_code_loss, style_code_loss]


@pytest.mark.parametrize("loss", ALL)
def test_each_is_the_mean_absolute_difference(loss):
    """One of 2 * 3 * 2 * 2 = 24 numbers goes from 1 to -1; 1,024 times the pixels, alike, cost the same."""
    goal = torch.ones(2, 3, 2, 2)
    value = goal.clone()
    value[0, 1, 1, 0] = -1
    assert loss(value, goal).item() == pytest.approx(2 / 24)
    large, large_goal = (x.repeat(1, 1, 32, 32) for x in (value, goal))
    assert loss(large, large_goal).item() == pytest.approx(2 / 24, rel=1e-5)
    assert loss(goal, goal).item() == 0


@pytest.mark.parametrize(("loss", "stopped"), [
    (cycle_loss, False), (identity_loss, False), (content_code_loss, True), (style_code_loss, True)])
def test_codes_that_are_goals_are_not_moved(loss, stopped):
    value, goal = torch.zeros(1, 4, requires_grad=True), torch.ones(1, 4, requires_grad=True)
    loss(value, goal).backward()
    assert value.grad.tolist() == [[-0.25] * 4]
    assert (goal.grad is None) == stopped


def test_a_cycle_teaches_both_generators_and_the_identity_one():
    """Generators that multiply by 2 and 3: back is 6 x, so the slopes of |6x - x| at x = 1 are 3 and 2."""
    there, back = (torch.tensor(factor, requires_grad=True) for factor in (2.0, 3.0))
    x = torch.ones(1, 3, 2, 2)
    cycle_loss(back * (there * x), x).backward()
    assert (there.grad.item(), back.grad.item()) == pytest.approx((3, 2))
    identity_loss(there * x, x).backward()
    assert (there.grad.item(), back.grad.item()) == pytest.approx((4, 2))


@pytest.mark.parametrize("loss", ALL)
def test_half_precision_is_measured_in_float32(loss):
    """The mean of 3 differences of 1 among 4 numbers."""
    value, goal = torch.tensor([[1.0, 2, 3, 4]]).bfloat16(), torch.tensor([[2.0, 3, 4, 4]])
    assert loss(value, goal).dtype == torch.float32
    assert loss(value, goal).item() == 0.75


def test_shapes_that_differ_are_named():
    with pytest.raises(ValueError, match=r"back and original must have one shape, got \(1, 3, 4, 4\) and \(3, 4, 4\)"):
        cycle_loss(torch.zeros(1, 3, 4, 4), torch.zeros(3, 4, 4))
