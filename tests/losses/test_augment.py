"""DiffAugment against its definition: what each policy may change, by how much, and that a gradient passes through."""

import pytest
import torch

from avatarlib.losses import diff_augment

NAMES = ("colour", "translation", "cutout")


def source(seed=0):
    return torch.Generator().manual_seed(seed)


def pictures(n=6, side=16):
    """Of numbers in [0.1, 1], so that 0 can only have been put in."""
    return 0.1 + 0.9 * torch.rand(n, 3, side, side, generator=source(7))


def test_nothing_is_changed_without_a_policy_and_the_argument_never():
    images = pictures()
    before = images.clone()
    assert diff_augment(images, "") is images
    diff_augment(images, generator=source())
    torch.testing.assert_close(images, before, rtol=0, atol=0)


@pytest.mark.parametrize("policy", [*NAMES, ",".join(NAMES)])
def test_the_same_generator_draws_the_same_and_each_picture_on_its_own(policy):
    images = pictures(1).expand(6, -1, -1, -1)
    once, again = (diff_augment(images, policy, generator=source(3)) for _ in range(2))
    torch.testing.assert_close(once, again, rtol=0, atol=0)
    assert len({tuple(image.flatten().tolist()) for image in once}) > 3
    assert once.shape == images.shape


def test_translation_is_a_shift_by_whole_pixels_with_grey_coming_in():
    """Every result is one of the 5 x 5 shifts by up to 16 / 8 = 2 pixels, and over many draws each turns up."""
    image, found = pictures(1), set()
    padded = torch.nn.functional.pad(image[0], (2, 2, 2, 2))
    shifts = {(dy, dx): padded[:, 2 - dy:18 - dy, 2 - dx:18 - dx] for dy in range(-2, 3) for dx in range(-2, 3)}
    for moved in diff_augment(image.expand(400, -1, -1, -1), "translation", generator=source()):
        same = [shift for shift, expected in shifts.items() if torch.equal(moved, expected)]
        assert len(same) == 1
        found |= set(same)
    assert found == set(shifts)


def test_cutout_takes_a_square_of_half_the_side_or_what_of_it_lies_inside():
    images = pictures(400)
    out = diff_augment(images, "cutout", generator=source())
    hole = (out == 0).all(1)
    torch.testing.assert_close(out, images * ~hole[:, None], rtol=0, atol=0)
    rows, columns = hole.any(2), hole.any(1)
    torch.testing.assert_close(hole, rows[:, :, None] & columns[:, None, :])         # a rectangle
    for side in (rows, columns):
        lengths = side.sum(1)
        assert lengths.min() >= 4           # the centre is inside, so at least half of 8 is
        assert lengths.max() == 8
        starts = side.int().argmax(1)
        torch.testing.assert_close(side.sum(1), torch.stack([line[start:].int().cumprod(0).sum() for line, start in
                                                             zip(side, starts, strict=True)]))     # without a gap


def test_colour_keeps_what_it_must():
    """An affine change of each picture: grey stays grey, and what is equal at two places stays equal."""
    grey = torch.rand(1, 1, 8, 8, generator=source()).expand(200, 3, 8, 8)
    out = diff_augment(grey, "colour", generator=source(1))
    assert (out - out.mean(1, keepdim=True)).abs().max() < 1e-6
    contrast = (out.std((1, 2, 3)) / grey.std((1, 2, 3)))
    assert 0.5 <= contrast.min() < 0.6
    assert 1.4 < contrast.max() <= 1.5
    brightness = (out - grey).mean((1, 2, 3))
    assert -0.5 <= brightness.min() < -0.45
    assert 0.45 < brightness.max() <= 0.5


def test_colour_makes_grey_to_twice_as_colourful():
    """A flat picture has no contrast of its own; its distance from grey changes by saturation times contrast."""
    red = torch.tensor([0.6, -0.3, -0.3]).view(1, 3, 1, 1).expand(2000, 3, 4, 4)
    out = diff_augment(red, "colour", generator=source(2))
    strength = (out[:, 0] - out.mean(1))[:, 0, 0] / 0.6
    assert 0 <= strength.min() < 0.02
    assert 2.4 < strength.max() <= 3.0      # 2 x 3/2


@pytest.mark.parametrize("policy", [*NAMES, ",".join(NAMES)])
def test_a_gradient_passes_and_is_the_right_one(policy):
    images = pictures(2, side=8).double().requires_grad_()
    assert torch.autograd.gradcheck(lambda x: diff_augment(x, policy, generator=source(5)), images)
    diff_augment(images, policy, generator=source(5)).sum().backward()
    assert images.grad.abs().sum() > 0


@pytest.mark.parametrize("policy", ["color", "colour, cutout", ","])
def test_an_unknown_policy_is_named(policy):
    with pytest.raises(ValueError, match=f"policy must have names of colour, translation, cutout.*got '{policy}'"):
        diff_augment(pictures(), policy)


@pytest.mark.parametrize("shape", [(3, 16, 16), (2, 1, 16, 16)])
def test_another_shape_is_named(shape):
    with pytest.raises(ValueError, match=r"images must be \(N, 3, H, W\), got"):
        diff_augment(torch.zeros(shape))
