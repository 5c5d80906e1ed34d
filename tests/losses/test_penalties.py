"""Gradient penalties: critics whose slope is known, finite differences, and where the samples are taken."""

import pytest
import torch

from avatarlib.losses import dragan_penalty, r1_penalty

# Every penalty as a function of the critic and one batch, with its random draws fixed.
PENALTIES = {
    "dragan": lambda critic, x: dragan_penalty(critic, x, generator=torch.Generator().manual_seed(1)),
    "r1": r1_penalty,
}


def batch(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.mark.parametrize(("name", "expected"), [("dragan", 16.0), ("r1", 12.5)])
def test_penalty_of_a_linear_critic(name, expected):
    """D(x) = w . x has the slope w everywhere, here of norm 5: (5 - 1)^2 = 16, and 5^2 / 2 = 12.5."""
    w = torch.tensor([3.0, 0.0, -4.0], dtype=torch.float64)
    assert PENALTIES[name](lambda x: x @ w, batch(6, 3)).item() == pytest.approx(expected)


def test_the_norm_runs_over_every_axis_but_the_first():
    """The sum of a (3, 2, 2) image has twelve slopes of 1, so the norm is sqrt(12) and R1 is 6."""
    def total(x):
        return x.sum(dim=(1, 2, 3))
    images = batch(4, 3, 2, 2)
    assert r1_penalty(total, images).item() == pytest.approx(6.0)
    assert dragan_penalty(total, images, scale=0.0).item() == pytest.approx((12**0.5 - 1) ** 2)


def test_r1_of_a_bowl_is_half_the_mean_square_norm():
    """D(x) = |x|^2 / 2 has the slope x; for (3, 4) and (0, 0) that is (25 + 0) / 2 / 2 = 6.25."""
    x = torch.tensor([[3.0, 4.0], [0.0, 0.0]])
    assert r1_penalty(lambda x: x.square().sum(dim=1) / 2, x).item() == pytest.approx(6.25)


@pytest.mark.parametrize("name", PENALTIES)
def test_gradient_with_respect_to_the_weights_equals_finite_differences(name):
    """The penalty's own gradient is a second derivative; gradcheck compares it with differences."""
    first, second, x = batch(5, 4), batch(4), batch(3, 5) + 0.3

    def penalty(first, second):
        return PENALTIES[name](lambda x: torch.tanh(x @ first) @ second, x)

    assert torch.autograd.gradcheck(penalty, (first.requires_grad_(), second.requires_grad_()))


@pytest.mark.parametrize("name", PENALTIES)
def test_images_get_no_gradient_and_weights_do(name):
    x = batch(3, 5).requires_grad_()
    w = batch(5).requires_grad_()
    PENALTIES[name](lambda x: torch.tanh(x @ w), x).backward()
    assert x.grad is None
    assert w.grad is not None
    assert w.grad.abs().sum() > 0


def record(penalty):
    """The points at which a penalty looks at its critic."""
    seen = []

    def critic(x):
        seen.append(x.detach())
        return x.flatten(1).sum(dim=1)

    penalty(critic)
    assert len(seen) == 1
    return seen[0]


def test_dragan_looks_close_to_the_real_samples():
    """The shift is scale * std * U(0, 1) * U(0, 1): never negative, at most scale * std, a quarter on average."""
    real = torch.randn(400, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    shift = record(lambda critic: dragan_penalty(critic, real, generator=torch.Generator().manual_seed(1))) - real
    reach = 0.5 * real.std()
    assert shift.min() >= -1e-6
    assert shift.max() <= reach + 1e-6
    torch.testing.assert_close(shift.mean(), reach / 4, rtol=0.1, atol=0)


def test_the_generator_of_random_numbers_decides_the_points():
    x = torch.randn(8, 5)

    def points(seed):
        return record(lambda critic: dragan_penalty(critic, x, generator=torch.Generator().manual_seed(seed)))

    assert torch.equal(points(3), points(3))
    assert not torch.equal(points(3), points(4))
