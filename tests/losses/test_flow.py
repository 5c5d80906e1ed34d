"""Flow matching by hand."""

import pytest
import torch

from avatarlib.losses import flow_matching_loss


def test_by_hand():
    """x = 1, e = 3, t = 1/4: the point is 1.5 and the direction 2; who answers the point errs by 0.5."""
    clean, noise = torch.ones(2, 3, 4, 4), torch.full((2, 3, 4, 4), 3.0)
    seen = []

    def velocity(x, time):
        seen.append((x[0, 0, 0, 0].item(), time.tolist()))
        return x
    assert flow_matching_loss(velocity, clean, noise, torch.tensor([0.25, 0.25])).item() == pytest.approx(0.25)
    assert seen == [(1.5, [0.25, 0.25])]


def test_each_picture_has_its_own_time():
    clean, noise = torch.zeros(2, 1, 1, 1), torch.ones(2, 1, 1, 1)
    points = []
    flow_matching_loss(lambda x, _: points.append(x.flatten().tolist()) or x, clean, noise, torch.tensor([0.0, 1.0]))
    assert points == [[0.0, 1.0]]


def test_shapes_are_named():
    with pytest.raises(ValueError, match=r"noise must be \(2, 3, 4, 4\) as clean and time \(2,\)"):
        flow_matching_loss(lambda x, _: x, torch.zeros(2, 3, 4, 4), torch.zeros(2, 3, 4, 5), torch.zeros(2))
