"""Augmentation: points follow their pictures, flaws leave a picture a picture."""

import pytest
import torch

from avatarlib.data.augment import degrade, grain, random_mirror, random_pose


def centre_of_mass(weights):
    rows = torch.arange(weights.shape[0], dtype=torch.float32)
    return (weights.sum(0) @ rows) / weights.sum(), (weights.sum(1) @ rows) / weights.sum()


@pytest.mark.parametrize("seed", range(5))
def test_points_follow_the_picture(seed):
    """A dark dot is found again where its point went, for any turn, scale and shift."""
    torch.manual_seed(seed)
    images, points = torch.ones(8, 3, 64, 64), torch.empty(8, 1, 2)
    for image, point in zip(images, points, strict=True):
        x, y = torch.randint(20, 44, (2,)).tolist()
        image[:, y - 1:y + 2, x - 1:x + 2] = -1.0
        point[0] = torch.tensor([x, y])
    moved, there = random_pose(images, points, degrees=40.0, scale=0.25, shift=0.1)
    for image, point in zip(moved, there, strict=True):
        x, y = centre_of_mass(1 - image[0])
        assert (x.item(), y.item()) == pytest.approx(point[0].tolist(), abs=0.15)
    assert (there - points).norm(dim=-1).mean() > 2


def test_a_pose_is_the_same_under_autocast():
    """Products in bf16 would move the points up to 0.3 pixels off their picture."""
    outcomes = []
    images, points = torch.rand(16, 3, 64, 64) * 2 - 1, 64 * torch.rand(16, 5, 2)
    for enabled in (False, True):
        torch.manual_seed(0)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=enabled):
            outcomes.append(random_pose(images, points))
    for exact, inside in zip(*outcomes, strict=True):
        assert inside.dtype == torch.float32
        assert torch.equal(exact, inside)


def test_no_pose_is_the_same_picture():
    images = torch.rand(2, 3, 32, 32) * 2 - 1
    same, points = random_pose(images, degrees=0.0, scale=0.0, shift=0.0)
    assert points is None
    torch.testing.assert_close(same, images, atol=1e-5, rtol=0)


def test_a_mirror_turns_pictures_and_points_and_exchanges_their_names():
    """The left eye at x = 3 of 16 pixels becomes the right one at 15 - 3 = 12; some pictures stay as they are."""
    torch.manual_seed(0)
    images = torch.zeros(32, 3, 16, 16)
    images[:, :, 5, 3] = 1.0
    points = torch.tensor([[3.0, 5.0], [9.0, 6.0]]).repeat(32, 1, 1)
    moved, there = random_mirror(images, points, (1, 0))
    turned = moved[:, 0, 5, 12] == 1
    assert 0 < turned.sum() < 32
    assert torch.equal(moved[~turned], images[~turned])
    assert torch.equal(there[~turned], points[~turned])
    assert torch.equal(moved[turned], images[turned].flip(-1))
    assert (there[turned] == torch.tensor([[6.0, 6.0], [12.0, 5.0]])).all()


def test_flaws_repeat_with_the_seed_and_stay_in_range():
    images = torch.rand(20, 3, 64, 64) * 2 - 1
    outcomes = []
    for _ in range(2):
        torch.manual_seed(3)
        outcomes.append(degrade(images))
    assert torch.equal(*outcomes)
    assert outcomes[0].shape == images.shape
    assert outcomes[0].abs().max() <= 1
    assert not torch.equal(outcomes[0], images)


def test_flaws_keep_the_colour():
    """Hair and eye colours are labels: over many draws a plain colour stays within a shade of itself."""
    torch.manual_seed(0)
    colour = torch.tensor([0.6, -0.4, 0.1])[None, :, None, None].expand(64, 3, 48, 48)
    middle = degrade(colour.contiguous()).mean((0, 2, 3))
    torch.testing.assert_close(middle, colour[0, :, 0, 0], atol=0.06, rtol=0)


def test_grain_has_specks_of_one_and_of_two_pixels():
    """Of every strength up to 0.15, around the same colour; neighbours agree only where the specks are wide."""
    torch.manual_seed(0)
    images = torch.full((4, 3, 32, 32), 0.3)
    strengths, kinship = [], []
    for _ in range(60):
        specks = grain(images) - images
        assert abs(specks.mean()) < 0.01
        strengths.append(specks.std().item())
        kinship.append(torch.corrcoef(torch.stack([specks[..., 1:].flatten(), specks[..., :-1].flatten()]))[0, 1])
    assert min(strengths) < 0.02
    assert 0.1 < max(strengths) < 0.16
    wide = torch.stack(kinship) > 0.4
    assert 15 < wide.sum() < 45
    assert torch.stack(kinship)[~wide].abs().max() < 0.1
