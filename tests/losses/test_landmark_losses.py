"""Losses on landmarks, by hand."""

import math

import pytest
import torch
from torch import nn

from avatarlib.losses import heatmap_cross_entropy, landmark_consistency, normalised_mean_error
from avatarlib.models.landmarks import LandmarkNet


def test_the_error_is_in_units_of_the_distance_between_the_eyes():
    """Eyes 10 apart; one point off by (3, 4) = 5, two exact: (0 + 0 + 5 / 10) / 3."""
    true = torch.tensor([[[0.0, 0.0], [10.0, 0.0], [5.0, 8.0]]])
    predicted = true.clone()
    predicted[0, 2] += torch.tensor([3.0, 4.0])
    assert normalised_mean_error(predicted, true).item() == pytest.approx(0.5 / 3)


def test_the_error_does_not_depend_on_the_size_of_the_picture():
    torch.manual_seed(0)
    true, predicted = torch.rand(4, 6, 2), torch.rand(4, 6, 2)
    small, large = (normalised_mean_error(predicted * s, true * s) for s in (64, 256))
    torch.testing.assert_close(small, large)


def test_a_flat_heatmap_has_the_cross_entropy_of_guessing():
    assert heatmap_cross_entropy(torch.zeros(2, 3, 4, 8), torch.ones(2, 3, 2)).item() == pytest.approx(math.log(32))


def test_the_best_heatmap_is_the_gaussian_itself_and_every_shift_is_worse():
    """Cross-entropy is least, and equal to the entropy, where the heatmap is the target."""
    rows = torch.arange(16.0)
    points = torch.tensor([[[6.0, 9.0]]])

    def gaussian(x, y):
        return -((rows[None, :] - x) ** 2 + (rows[:, None] - y) ** 2)[None, None] / 2

    best = heatmap_cross_entropy(gaussian(6.0, 9.0), points)
    assert best.item() == pytest.approx(math.log(2 * math.pi * math.e), abs=1e-3)    # entropy of a 2-D Gaussian
    for x, y in ((7.0, 9.0), (6.0, 8.0), (2.0, 2.0)):
        assert heatmap_cross_entropy(gaussian(x, y), points) > best + 0.1


def test_shapes_that_differ_are_named():
    with pytest.raises(ValueError, match=r"must both be \(N, K, 2\), got \(1, 6, 2\) and \(1, 5, 2\)"):
        normalised_mean_error(torch.zeros(1, 6, 2), torch.zeros(1, 5, 2))


class Reader(nn.Module):
    """Its landmarks are written in the picture: three points in the first row of red and of green, (x, y)."""

    def __init__(self, eyes=(0, 1)):
        super().__init__()
        self.eyes = eyes

    def landmarks(self, images):
        return images[:, :2, 0, :3].transpose(1, 2)

    def heatmaps(self, images):
        return images[:, :2].flatten(2).softmax(2).view_as(images[:, :2])


def faces(*points):
    """A picture of 4 x 4 a face, of (x, y) of three landmarks."""
    images = torch.zeros(len(points), 3, 4, 4)
    images[:, :2, 0, :3] = torch.tensor(points).transpose(1, 2)
    return images


FACE = [[0.0, 0.0], [10.0, 0.0], [5.0, 8.0]]        # eyes 10 apart
MOVED = [[0.0, 0.0], [10.0, 0.0], [8.0, 12.0]]      # the third by (3, 4), which is 5
LARGE = [[0.0, 0.0], [20.0, 0.0], [10.0, 16.0]]


def test_landmarks_that_moved_count_in_distances_between_the_photographs_eyes():
    """(0 + 0 + 5 / 10) / 3 of one face, 0 of the other, and their mean."""
    loss = landmark_consistency(Reader(), faces(MOVED, LARGE), faces(FACE, LARGE))
    assert loss.item() == pytest.approx(0.5 / 3 / 2)
    wide = landmark_consistency(Reader(), faces(LARGE), faces(FACE))       # 0, 10 and sqrt(5^2 + 8^2) off
    assert wide.item() == pytest.approx((10 + math.hypot(5, 8)) / 10 / 3)


def test_the_network_tells_which_landmarks_are_the_eyes():
    """Points 0 and 2 of FACE are sqrt(5^2 + 8^2) apart, and the third moved by 5: 5 / sqrt(89) / 3."""
    loss = landmark_consistency(Reader(eyes=(0, 2)), faces(MOVED), faces(FACE))
    assert loss.item() == pytest.approx(5 / math.sqrt(89) / 3)


def test_pictures_without_a_face_are_left_out():
    both = faces(MOVED, LARGE), faces(FACE, FACE)
    for mask in (torch.tensor([True, False]), torch.tensor([1.0, 0.0]), torch.tensor([1, 0])):
        assert landmark_consistency(Reader(), *both, mask).item() == pytest.approx(0.5 / 3)


@pytest.mark.parametrize("form", ["coordinates", "heatmaps"])
def test_without_any_face_nothing_is_learned_and_nothing_breaks(form):
    """Both eyes at one place: a distance of 0 to divide by, if it were a face."""
    generated = faces(MOVED, FACE).requires_grad_()
    photo = faces([[5.0, 5.0]] * 3, FACE)
    loss = landmark_consistency(Reader(), generated, photo, torch.zeros(2), form)
    loss.backward()
    assert loss.item() == 0
    assert generated.grad.abs().sum() == 0


def test_eyes_at_one_place_are_taken_for_a_pixel_apart():
    loss = landmark_consistency(Reader(), faces([[5.0, 5.0], [5.0, 5.0], [8.0, 9.0]]), faces([[5.0, 5.0]] * 3))
    assert loss.item() == pytest.approx(5 / 3)


def test_heatmaps_differ_by_two_at_most():
    """Sharp peaks at two places: 1 ** 2 + 1 ** 2 in the heatmap that moved, 0 in the other; a mean of 1."""
    photo, generated = torch.zeros(2, 1, 3, 4, 4)
    photo[:, :2, 1, 1] = 100
    generated[:, 0, 1, 1], generated[:, 1, 3, 2] = 100, 100
    assert landmark_consistency(Reader(), generated, photo, form="heatmaps").item() == pytest.approx(1)


@pytest.fixture
def network():
    torch.manual_seed(0)
    return LandmarkNet(("left eye", "right eye", "mouth"), width=8, size=32).eval().requires_grad_(False)


@pytest.mark.parametrize("form", ["coordinates", "heatmaps"])
def test_gradients_go_through_the_network_into_the_generated_picture_alone(network, form):
    draws = torch.Generator().manual_seed(0)
    generated, photo = ((torch.rand(2, 3, 48, 48, generator=draws) * 2 - 1).requires_grad_() for _ in range(2))
    before = {key: value.clone() for key, value in network.state_dict().items()}
    landmark_consistency(network, generated, photo, torch.tensor([1, 0]), form).backward()
    assert generated.grad[0].abs().sum() > 0
    assert generated.grad[1].abs().sum() == 0
    assert photo.grad is None
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())


def test_equal_pictures_have_no_slope_to_fall(network):
    """The distance's slope is undefined at 0 and must not be NaN."""
    generated = torch.rand(1, 3, 32, 32).requires_grad_()
    loss = landmark_consistency(network, generated, generated.detach().clone())
    loss.backward()
    assert loss.item() == 0
    assert generated.grad.abs().sum() == 0


@pytest.mark.parametrize("form", ["coordinates", "heatmaps"])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_autocast_does_not_round_landmarks(network, form, dtype):
    """As in float32 to the bit, also for pictures that come in half precision."""
    generated, photo = torch.rand(2, 2, 3, 32, 32, generator=torch.Generator().manual_seed(0)).to(dtype)
    exact = landmark_consistency(network, generated.float(), photo.float(), form=form)
    with torch.autocast("cpu", dtype=dtype):
        found = landmark_consistency(network, generated, photo, form=form)
    assert found == exact > 0
    assert found.dtype == torch.float32


def test_what_consistency_refuses(network):
    images = torch.zeros(2, 3, 32, 32)
    with pytest.raises(ValueError, match=r"form must be one of \('coordinates', 'heatmaps'\), got 'points'"):
        landmark_consistency(network, images, images, form="points")
    with pytest.raises(ValueError, match=r"one shape, got \(1, 3, 32, 32\) and \(2, 3, 32, 32\)"):
        landmark_consistency(network, images[:1], images)
    with pytest.raises(ValueError, match=r"mask must be \(2,\), one a photograph, got \(2, 1\)"):
        landmark_consistency(network, images, images, torch.ones(2, 1))
