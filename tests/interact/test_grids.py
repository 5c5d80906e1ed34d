"""Grids: every pixel where it belongs, and files that stay small."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from avatarlib.interact import image_grid
from avatarlib.interact.grids import png_bytes, to_picture


def solid(*colours):
    """Pictures 4 x 4 of one colour each, uint8."""
    return torch.tensor(colours, dtype=torch.uint8)[:, :, None, None].expand(-1, -1, 4, 4)


def test_images_stand_row_by_row_with_gaps():
    red, green, blue = (200, 0, 0), (0, 200, 0), (0, 0, 200)
    sheet = image_grid(solid(red, green, blue), columns=2, gap=1)
    assert sheet.size == (1 + 2 * 5, 1 + 2 * 5)
    pixels = np.array(sheet.convert("RGB"))
    assert tuple(pixels[1, 1]) == red
    assert tuple(pixels[4, 9]) == green
    assert tuple(pixels[6, 1]) == blue
    assert tuple(pixels[6, 6]) == tuple(pixels[0, 0]) == (255, 255, 255)   # an empty place, and the border


def test_scale_repeats_pixels_without_smoothing():
    image = torch.randint(0, 256, (1, 3, 4, 4), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    pixels = np.array(image_grid(image, scale=3, gap=0).convert("RGB"))
    expected = image[0].permute(1, 2, 0).repeat_interleave(3, 0).repeat_interleave(3, 1)
    assert np.array_equal(pixels, expected.numpy())


def test_floats_from_minus_one_to_one_become_black_to_white():
    ramp = torch.tensor([-1.0, 0.0, 1.0]).expand(3, 1, 3)
    assert np.array(to_picture(ramp))[0, :, 0].tolist() == [0, 128, 255]


def test_labels_get_their_own_room():
    plain = image_grid(solid((0, 0, 0), (0, 0, 0)), columns=1, gap=2)
    labelled = image_grid(solid((0, 0, 0), (0, 0, 0)), columns=1, gap=2, row_labels=["first", "second"],
                          column_labels=["all"])
    assert labelled.width > plain.width
    assert labelled.height > plain.height
    ink = np.array(labelled.convert("L"))[:, :labelled.width - plain.width]
    assert (ink < 128).any()   # something is written left of the pictures


def test_a_palette_makes_the_file_small_and_readable():
    noisy = torch.rand(3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    data = png_bytes(to_picture(noisy))
    full = io.BytesIO()
    to_picture(noisy).save(full, "PNG", optimize=True)
    assert len(data) < len(full.getvalue()) / 2
    assert Image.open(io.BytesIO(data)).size == (64, 64)


@pytest.mark.parametrize(("arguments", "message"), [
    ({"columns": 0}, r"columns must be an integer in \[1, 1000\], got 0"),
    ({"scale": 1.5}, r"scale must be an integer in \[1, 64\], got 1.5"),
    ({"row_labels": ["a", "b"]}, "row_labels must have 1 entries for 1 rows of 2, got 2"),
])
def test_grids_that_cannot_be_laid_out_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        image_grid(solid((0, 0, 0), (9, 9, 9)), **arguments)


def test_a_single_image_is_no_grid():
    with pytest.raises(ValueError, match=r"images must be \(N, 3, H, W\) with N at least 1, got \(3, 4, 4\)"):
        image_grid(torch.zeros(3, 4, 4))
