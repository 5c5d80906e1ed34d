"""Decoding: every kind of picture becomes the right 8-bit RGB, and broken files are named."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from avatarlib.data.files.images import CorruptImageError, CorruptImageWarning, load_image, load_images


def save(path, pixels, **options):
    Image.fromarray(pixels).save(path, **options)
    return path


def flat(path, colour, mode="RGB", size=(8, 8), **options):
    Image.new(mode, size, colour).save(path, **options)
    return path


def only_colour(image):
    """The one colour of a flat picture."""
    colours = np.unique(image.reshape(3, -1), axis=1)
    assert colours.shape == (3, 1)
    return tuple(colours[:, 0].tolist())


def test_transparency_is_laid_on_white(tmp_path):
    """128/255 of (200, 0, 100) over white: 255 - (255 - c) * 128 / 255 = 227.4, 127, 177.2."""
    path = flat(tmp_path / "a.png", (200, 0, 100, 128), "RGBA")
    assert only_colour(load_image(path, 4)) == (227, 127, 177)


def test_what_is_fully_transparent_is_white_whatever_colour_hides_there(tmp_path):
    assert only_colour(load_image(flat(tmp_path / "a.png", (9, 9, 9, 0), "RGBA"), 4)) == (255, 255, 255)


@pytest.mark.parametrize(("mode", "colour", "expected"), [
    ("L", 70, (70, 70, 70)),
    ("1", 1, (255, 255, 255)),
    ("LA", (0, 51), (204, 204, 204)),                # 255 - 51
    ("RGB", (1, 2, 3), (1, 2, 3)),
])
def test_grey_and_colour_modes(tmp_path, mode, colour, expected):
    assert only_colour(load_image(flat(tmp_path / "a.png", colour, mode), 4)) == expected


@pytest.mark.parametrize(("level", "expected"), [(65535, 255), (0, 0), (257 * 100, 100), (257 * 100 + 200, 101)])
@pytest.mark.parametrize("kind", ["png", "tiff"])
def test_grey_of_16_bits_keeps_its_whole_range(tmp_path, kind, level, expected):
    path = save(tmp_path / f"a.{kind}", np.full((8, 8), level, np.uint16))
    assert only_colour(load_image(path, 4)) == (expected,) * 3


def test_cmyk_is_converted(tmp_path):
    red = load_image(flat(tmp_path / "a.jpg", (0, 255, 255, 0), "CMYK"), 4)
    np.testing.assert_allclose(only_colour(red), (255, 0, 0), atol=3)


def test_a_palette_with_a_transparent_entry(tmp_path):
    picture = Image.new("P", (8, 8), 1)
    picture.putpalette([10, 20, 30, 40, 50, 60])
    picture.save(tmp_path / "opaque.png")
    picture.save(tmp_path / "clear.png", transparency=1)
    assert only_colour(load_image(tmp_path / "opaque.png", 4)) == (40, 50, 60)
    assert only_colour(load_image(tmp_path / "clear.png", 4)) == (255, 255, 255)


def test_the_cameras_orientation_is_applied(tmp_path):
    """Orientation 6: the camera was turned, so the stored left half is the top of the scene."""
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[:, :4] = (255, 0, 0)
    exif = Image.Exif()
    exif[0x0112] = 6
    image = load_image(save(tmp_path / "a.png", pixels, exif=exif), 8)
    assert only_colour(image[:, :4]) == (255, 0, 0)
    assert only_colour(image[:, 4:]) == (0, 0, 0)


def test_the_central_square_is_cut_out(tmp_path):
    pixels = np.zeros((10, 30, 3), np.uint8)
    pixels[:, 10:20] = (0, 200, 0)
    image = load_image(save(tmp_path / "a.png", pixels), 10)
    assert image.shape == (3, 10, 10)
    assert image.dtype == np.uint8
    assert only_colour(image) == (0, 200, 0)


def test_making_smaller_does_not_alias(tmp_path):
    """Columns 0, 255, 0, 255, ... average to 127.5; taking every 16th pixel would give 0 or 255."""
    pixels = np.zeros((128, 128, 3), np.uint8)
    pixels[:, 1::2] = 255
    image = load_image(save(tmp_path / "a.png", pixels), 8)
    assert np.abs(image.astype(int) - 127.5).max() <= 4


def noise(path, seed):
    return save(path, np.random.default_rng(seed).integers(0, 256, (64, 64, 3), np.uint8))


@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_a_truncated_picture_is_named(tmp_path, name):
    path = noise(tmp_path / name, 0)
    path.write_bytes(path.read_bytes()[:-1500])
    with pytest.raises(CorruptImageError, match=f"{name} is unreadable: .*truncated"):
        load_image(path, 8)


@pytest.mark.parametrize("content", [b"", b"<html>not found", b"\x89PNG\r\n\x1a\n", b"\x89PNG\r\n\x1a\n" + bytes(99)])
def test_a_file_that_is_no_picture_is_named(tmp_path, content):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.png is unreadable"):
        load_image(tmp_path / "a.png", 8)


def test_a_flipped_byte_in_the_pixels_is_noticed(tmp_path):
    path = noise(tmp_path / "a.png", 0)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(content))
    with pytest.raises(CorruptImageError, match=r"a\.png"):
        load_image(path, 8)


def test_floating_point_pictures_are_refused_with_the_way_out(tmp_path):
    path = save(tmp_path / "a.tiff", np.zeros((8, 8), np.float32))
    with pytest.raises(CorruptImageError, match="convert it to 8 or 16 bits"):
        load_image(path, 8)


@pytest.mark.parametrize("size", [0, -1, 5000, 64.0])
def test_size_must_make_sense(tmp_path, size):
    with pytest.raises(ValueError, match=r"size must be an integer in \[1, 4,096\]"):
        load_image(flat(tmp_path / "a.png", "red"), size)


def test_a_missing_file_is_not_mistaken_for_a_corrupt_one(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_images([tmp_path / "none.png"], 8, progress=False)


@pytest.mark.parametrize("workers", [1, -1])
@pytest.mark.parametrize("mapped", [False, True])
def test_corrupt_files_are_left_out_with_one_warning(tmp_path, workers, mapped):
    paths = [flat(tmp_path / f"{i}.png", (i, i, i)) for i in range(10)]
    for i in (0, 4, 5):
        paths[i].write_bytes(paths[i].read_bytes()[:45])     # the header is whole, the pixels are not
    out = np.memmap(tmp_path / "out", np.uint8, "w+", shape=(10, 3, 4, 4)) if mapped else None
    with pytest.warns(CorruptImageWarning) as caught:
        images, kept = load_images(paths, 4, workers=workers, progress=False, out=out)
    assert len(caught) == 1
    message = str(caught[0].message)
    assert message.startswith("3 of 10 picture files left out: 0.png is unreadable")
    assert "4.png" in message
    assert "5.png" in message
    assert kept.tolist() == [1, 2, 3, 6, 7, 8, 9]
    assert images.shape == (7, 3, 4, 4)
    assert images[:, 0, 0, 0].tolist() == kept.tolist()
    assert isinstance(images, np.memmap) == mapped


def test_the_warning_names_the_first_five_and_counts_the_rest(tmp_path):
    paths = [flat(tmp_path / f"{i}.png", "red") for i in range(9)]
    for path in paths[:8]:
        path.write_bytes(b"broken")
    with pytest.warns(CorruptImageWarning, match=r"8 of 9 .*4\.png is unreadable: not a picture[^;]*; and 3 more$"):
        load_images(paths, 4, progress=False)


def test_nothing_readable_is_an_error(tmp_path):
    (tmp_path / "a.png").write_bytes(b"broken")
    with pytest.raises(ValueError, match=r"1 of 1 picture files left out: a\.png"):
        load_images([tmp_path / "a.png"], 4, progress=False)


@pytest.mark.parametrize(("options", "message"), [
    ({"workers": 0}, "workers must be -1 or at least 1, got 0"),
    ({"out": np.zeros((1, 3, 5, 5), np.uint8)}, r"out must be uint8 \(1, 3, 4, 4\)"),
    ({"out": np.zeros((1, 3, 4, 4), np.float32)}, "got float32"),
])
def test_arguments_that_do_not_fit_are_named(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        load_images([flat(tmp_path / "a.png", "red")], 4, progress=False, **options)


def test_no_paths_is_an_error():
    with pytest.raises(ValueError, match="paths must name at least one picture file"):
        load_images([], 4)
