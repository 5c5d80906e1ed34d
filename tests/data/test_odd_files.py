"""Bad and odd files in a folder of pictures: what becomes of each, one by one and all in one folder."""

from __future__ import annotations

import os
import struct
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from avatarlib.data.files.images import CorruptImageError, load_image, load_images
from avatarlib.data.files.paths import CorruptImageWarning, find_pictures

# Pillow warns of damaged EXIF (the picture is read all the same) and from 89 megapixels (here an error).
PILLOWS_OWN_WORD = pytest.mark.filterwarnings("ignore:Corrupt EXIF data", "ignore:Image size")
RED, WHITE = (200, 30, 40), (255, 255, 255)


def flat(path, colour=RED, mode="RGB", size=(16, 16), **options):
    Image.new(mode, size, colour).save(path, **options)


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width, height, depth, colour, rows, *extra):
    """A PNG byte by byte, for what Pillow reads and does not write."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(extra)
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def grey(path):
    flat(path, 90, "L")


def transparent(path):
    flat(path, (9, 9, 9, 0), "RGBA")


def palette_with_transparency(path):
    picture = Image.new("P", (16, 16), 1)
    picture.putpalette([0, 0, 0, *RED])
    picture.save(path, transparency=0)


def turned_by_the_camera(path):
    """Stored with the red half to the left; orientation 3 is upside down, so it is shown to the right."""
    pixels = np.full((16, 16, 3), 255, np.uint8)
    pixels[:, :8] = RED
    exif = Image.Exif()
    exif[0x0112] = 3
    Image.fromarray(pixels).save(path, exif=exif)


def damaged_exif(path):
    flat(path, exif=b"Exif\x00\x00MM\x00*\x00\x00\xff\xff garbage")


def grey_of_16_bits(path):
    Image.fromarray(np.full((16, 16), 90 * 257, np.uint16)).save(path)


def colour_of_16_bits(path):
    row = b"\x00" + b"".join(bytes([value, value]) for value in RED) * 16
    path.write_bytes(png(16, 16, 16, 2, row * 16))


def cmyk(path):
    flat(path, (0, 255, 255, 0), "CMYK", format="JPEG", quality=100)


def animation(path):
    frames = [Image.new("RGB", (16, 16), colour) for colour in (RED, (0, 255, 0))]
    frames[0].save(path, format="GIF", save_all=True, append_images=frames[1:], duration=100)


def wrong_ending(path):
    flat(path, format="BMP")


def very_wide(path):
    flat(path, size=(3000, 8))


def link(path):
    (path.parent / "elsewhere").mkdir()
    flat(path.parent / "elsewhere" / "real.bin", format="PNG")
    path.symlink_to(path.parent / "elsewhere" / "real.bin")


def no_bytes(path):
    path.write_bytes(b"")


def text(path):
    path.write_text("<html><body>404 Not Found</body></html>")


def vector_drawing(path):
    path.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"/>')


def cut_png(path):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(noise).save(path, format="PNG")
    path.write_bytes(path.read_bytes()[:4000])


def cut_jpeg(path):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(noise).save(path, format="JPEG")
    path.write_bytes(path.read_bytes()[:1500])


def flipped_bit(path):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(noise).save(path, format="PNG")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def header_only(path):
    path.write_bytes(png(16, 16, 8, 2, b"")[:33])


def tracking_pixel(path):
    flat(path, size=(1, 1))


def icon(path):
    flat(path, size=(64, 7))


def bomb(path):
    """A header of 60,000 x 60,000 pixels, 14 gigabytes once decoded, in 70 bytes."""
    path.write_bytes(png(60_000, 60_000, 8, 2, b""))


def large_header(path):
    """10,000 x 10,000: Pillow would only warn."""
    path.write_bytes(png(10_000, 10_000, 8, 2, b""))


def text_bomb(path):
    """A comment that unpacks to 80 megabytes."""
    comment = chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(bytes(80 << 20), 1))
    path.write_bytes(png(16, 16, 8, 2, b"", comment))


def floats(path):
    Image.fromarray(np.zeros((16, 16), np.float32)).save(path, format="TIFF")


def link_to_nothing(path):
    path.symlink_to(path.parent / "moved-away.png")


def link_in_a_circle(path):
    path.symlink_to(path)


# maker, name, the flat colour that is read or the reason of the refusal
FILES = [
    (grey, "grey.png", (90, 90, 90)),
    (transparent, "transparent.png", WHITE),
    (palette_with_transparency, "palette.png", RED),
    (turned_by_the_camera, "camera.png", None),
    (damaged_exif, "exif.jpg", RED),
    (grey_of_16_bits, "grey16.png", (90, 90, 90)),
    (colour_of_16_bits, "colour16.png", RED),
    (cmyk, "print.jpg", (255, 0, 0)),
    (animation, "animation.gif", RED),
    (wrong_ending, "bitmap.jpg", RED),
    (very_wide, "banner.png", RED),
    (flat, "CAPITALS.PNG", RED),
    (flat, "アバター – été.png", RED),
    (flat, "a\nb 'c' \"d\".png", RED),
    (link, "link.png", RED),
    (no_bytes, "empty.png", "not a picture"),
    (text, "page.png", "not a picture"),
    (vector_drawing, "drawing.png", "not a picture"),
    (cut_png, "cut.png", "truncated"),
    (cut_jpeg, "cut.jpg", "truncated"),
    (flipped_bit, "flipped.png", "."),
    (header_only, "header.png", "not a picture"),
    (tracking_pixel, "pixel.gif", "1 x 1 pixels; at least 8 a side are needed"),
    (icon, "icon.png", "64 x 7 pixels; at least 8 a side are needed"),
    (bomb, "bomb.png", "exceeds limit"),
    (large_header, "large.png", r"exceeds limit|10,000 x 10,000 pixels; at most 89 million are accepted"),
    (text_bomb, "comment.png", "Decompressed data too large"),
    (floats, "floats.tif", "floating-point pictures have no agreed range"),
    (link_to_nothing, "gone.png", "a link to nothing"),
    (link_in_a_circle, "circle.png", "."),
]
READ = [case for case in FILES if not isinstance(case[2], str)]
REFUSED = [case for case in FILES if isinstance(case[2], str)]


def test_thirty_kinds_are_tried():
    assert (len(READ), len(REFUSED)) == (15, 15)
    assert len({name for _, name, _ in FILES}) == 30


@PILLOWS_OWN_WORD
@pytest.mark.parametrize(("make", "name", "colour"), READ, ids=[name for _, name, _ in READ])
def test_an_odd_file_is_read(tmp_path, make, name, colour):
    make(tmp_path / name)
    image = load_image(tmp_path / name, 8)
    assert image.shape == (3, 8, 8)
    expected = np.broadcast_to(np.array(colour or RED)[:, None, None], (3, 8, 8)).copy()
    if colour is None:                       # turned by the camera: white now stands to the left
        expected[:, :, :4] = 255
    assert np.abs(image[:, :, [0, 1, 6, 7]].astype(int) - expected[:, :, [0, 1, 6, 7]]).max() <= 3


@pytest.mark.parametrize(("make", "name", "reason"), REFUSED, ids=[name for _, name, _ in REFUSED])
def test_a_bad_file_is_refused_by_name(tmp_path, make, name, reason):
    make(tmp_path / name)
    with pytest.raises(CorruptImageError, match=rf"{name} is unreadable: .*({reason})"):
        load_image(tmp_path / name, 8)


@PILLOWS_OWN_WORD
def test_all_of_them_in_one_folder(tmp_path):
    """The readable ones come in order, the others in one warning."""
    for make, name, _ in FILES:
        make(tmp_path / name)
    paths = find_pictures(tmp_path)
    assert {path.name for path in paths} == {name for _, name, _ in FILES}
    with pytest.warns(CorruptImageWarning, match="15 of 30 picture files left out") as caught:
        images, kept = load_images(paths, 8, progress=False)
    assert sum(warning.category is CorruptImageWarning for warning in caught) == 1
    assert [paths[row].name for row in kept] == [path.name for path in paths if path.name in {n for _, n, _ in READ}]
    assert images.shape == (15, 3, 8, 8)


def test_a_picture_that_may_not_be_read_is_named_and_left_out(tmp_path, monkeypatch):
    """As another user meets it; the tests may run as one who may read everything, so the refusal is played."""
    real = Image.open

    def refuse(path, *rest):
        if path.name == "mine.png":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *rest)

    flat(tmp_path / "mine.png")
    flat(tmp_path / "ours.png")
    monkeypatch.setattr(Image, "open", refuse)
    with pytest.raises(CorruptImageError, match=r"^mine\.png is unreadable: Permission denied$"):
        load_image(tmp_path / "mine.png", 8)
    with pytest.warns(CorruptImageWarning, match=r"1 of 2 picture files left out: mine\.png is unreadable: Permission"):
        _, kept = load_images(find_pictures(tmp_path), 8, progress=False)
    assert kept.tolist() == [1]


@pytest.mark.skipif(sys.platform != "linux", reason="every name is UTF-8 there")
def test_a_name_that_is_no_utf_8_can_be_printed(tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9.png")
    path.write_bytes(b"")
    with pytest.raises(CorruptImageError, match=r"caf\\udce9\.png is unreadable") as caught:
        load_image(path, 8)
    assert str(caught.value).encode("utf-8")
