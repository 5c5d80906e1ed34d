"""Picture files to uint8 arrays: one way to decode, crop and resize for every data set of the book."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image, ImageOps

from avatarlib.data.files.paths import CorruptImageWarning, shown
from avatarlib.data.parallel import in_threads

__all__ = ["CorruptImageError", "CorruptImageWarning", "load_image", "load_images", "open_picture", "read_picture"]

T = TypeVar("T")

MAX_SIZE = 4096
MIN_SIDE = 8                    # pixels; what is smaller is an icon or a tracking pixel, not a face
MAX_PIXELS = 89_478_485         # a quarter of a gigabyte at 24 bits, where Pillow begins to warn
UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, struct.error, Image.DecompressionBombError,
              Image.DecompressionBombWarning)


class CorruptImageError(ValueError):
    """A file that is no readable picture, or one too small or too large to use."""


def load_image(path: str | Path, size: int) -> np.ndarray:
    """Read one picture file as a square RGB array, uint8 (3, size, size).

    The camera's orientation (EXIF) is applied, transparency laid on white, grey, palette, CMYK and 16-bit
    pictures become 8-bit RGB; then the central square is cut out and resized with Pillow's bicubic filter,
    whose support grows with the reduction (no aliasing; the resize of clean-fid, Parmar et al. 2022).

    Parameters
    ----------
    path : str or Path
        Any format that Pillow reads.
    size : int
        Height and width of the result, 1 to 4,096.

    Raises
    ------
    CorruptImageError
        If the file is empty, cut short, no picture, not allowed to be read, smaller than 8 pixels a side or larger
        than 89 megapixels. A ValueError.
    ValueError
        If ``size`` is out of range.
    FileNotFoundError
        If there is no such file.

    Examples
    --------
    >>> from PIL import Image
    >>> from avatarlib.data import load_image
    >>> Image.new("RGB", (40, 30), "red").save("red.png")
    >>> pixels = load_image("red.png", 16)
    >>> pixels.shape, pixels[:, 0, 0].tolist()
    ((3, 16, 16), [255, 0, 0])
    """
    check_size(size)
    square = ImageOps.fit(open_picture(path), (size, size), Image.Resampling.BICUBIC)
    return np.ascontiguousarray(np.asarray(square).transpose(2, 0, 1))


def open_picture(path: str | Path) -> Image.Image:
    """Read one picture file whole, as 8-bit RGB; of an animation the first frame. Errors as in ``load_image``.

    Examples
    --------
    >>> from PIL import Image
    >>> from avatarlib.data import open_picture
    >>> Image.new("RGBA", (40, 30), (0, 0, 0, 0)).save("nothing.png")
    >>> picture = open_picture("nothing.png")
    >>> picture.mode, picture.size, picture.getpixel((0, 0))               # what is transparent shows white
    ('RGB', (40, 30), (255, 255, 255))
    """
    return read_picture(path, to_rgb)


def read_picture(path: str | Path, convert: Callable[[Image.Image], T]) -> T:
    """What ``convert`` makes of a picture file, turned as the camera says. Errors as in ``load_image``."""
    try:
        with Image.open(path) as opened:
            check_sides(*opened.size)
            opened.load()
            return convert(upright(opened))
    except UNREADABLE as error:
        reason: object = error.strerror or error if isinstance(error, OSError) else error
        if isinstance(error, FileNotFoundError):
            if not Path(path).is_symlink():
                raise
            reason = "a link to nothing"
        elif isinstance(error, Image.UnidentifiedImageError):
            reason = "not a picture that Pillow can read"
        raise CorruptImageError(f"{shown(Path(path).name)} is unreadable: {reason}") from error


def upright(picture: Image.Image) -> Image.Image:
    """Turned as the camera says; as stored where its note (EXIF) is damaged."""
    try:
        return ImageOps.exif_transpose(picture)
    except UNREADABLE:
        return picture


def check_sides(width: int, height: int) -> None:
    """Refuse a picture by the size its header announces, before anything is decoded."""
    if min(width, height) < MIN_SIDE:
        raise ValueError(f"{width} x {height} pixels; at least {MIN_SIDE} a side are needed")
    if width * height > MAX_PIXELS:
        raise ValueError(f"{width:,} x {height:,} pixels; at most {MAX_PIXELS // 1_000_000} million are accepted")


def to_rgb(picture: Image.Image) -> Image.Image:
    """8-bit RGB of a picture of any mode; what is transparent shows white."""
    if picture.mode.startswith("I"):
        picture = eight_bit(picture)
    if picture.mode == "F":
        raise ValueError("floating-point pictures have no agreed range; convert it to 8 or 16 bits")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    return picture.convert("RGB")


def eight_bit(picture: Image.Image) -> Image.Image:
    """Grey of 16 bits to 8 bits, white to white; Pillow's own conversion would clip at 255."""
    levels = np.asarray(picture).astype(np.int64)
    if levels.size and not 0 <= levels.min() <= levels.max() <= 65535:
        raise ValueError(f"grey levels must be in 0..65535, got {levels.min()}..{levels.max()}")
    return Image.fromarray(((levels + 128) // 257).astype(np.uint8))


def load_images(paths: Sequence[str | Path], size: int, *, workers: int = -1, progress: bool = True,
                out: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Read many picture files; unreadable ones are left out and named in one CorruptImageWarning.

    Returned are uint8 (n, 3, size, size), n <= N, in the order of ``paths``; and which of ``paths`` these are (n,).

    Parameters
    ----------
    paths, size
        The files, and the height and width of the results.
    workers, progress
        As in ``PictureFolder``.
    out : ndarray, optional
        uint8 (N, 3, size, size) to write into, such as a memory map.

    Raises
    ------
    ValueError
        If ``paths`` is empty, ``size``, ``workers`` or ``out`` does not fit, or no file at all is readable.

    Examples
    --------
    >>> from PIL import Image
    >>> from avatarlib.data import load_images
    >>> for colour in ("red", "white"):
    ...     Image.new("RGB", (40, 30), colour).save(f"{colour}.png")
    >>> images, kept = load_images(["red.png", "white.png"], 16, progress=False)
    >>> images.shape, kept.tolist(), images[:, 1].mean((1, 2)).tolist()    # red has no green in it
    ((2, 3, 16, 16), [0, 1], [0.0, 255.0])
    """
    check_size(size)
    shape = (len(paths), 3, size, size)
    if not paths:
        raise ValueError("paths must name at least one picture file, got none")
    if workers != -1 and workers < 1:
        raise ValueError(f"workers must be -1 or at least 1, got {workers!r}")
    if out is not None and (out.shape != shape or out.dtype != np.uint8):
        raise ValueError(f"out must be uint8 {shape}, got {out.dtype} {out.shape}")
    images = np.empty(shape, np.uint8) if out is None else out

    def read(row: int) -> str | None:
        try:
            images[row] = load_image(paths[row], size)
        except CorruptImageError as error:
            return str(error)
        return None

    problems = list(in_threads(read, range(len(paths)), "reading pictures", workers=workers, progress=progress))
    kept = np.flatnonzero([problem is None for problem in problems])
    report([problem for problem in problems if problem], len(paths))
    for row, source in enumerate(kept):
        if row != source:       # close the gaps in place: rows only move up
            images[row] = images[source]
    return images[:len(kept)], kept


def report(problems: Sequence[str], count: int) -> None:
    """One warning for all unreadable files, with the first few names; an error if nothing is left."""
    if not problems:
        return
    more = f"; and {len(problems) - 5:,} more" if len(problems) > 5 else ""
    message = f"{len(problems):,} of {count:,} picture files left out: {'; '.join(problems[:5])}{more}"
    if len(problems) == count:
        raise ValueError(f"paths must name readable picture files: {message}")
    warnings.warn(message, CorruptImageWarning, stacklevel=3)


def check_size(size: int) -> None:
    """A side in pixels that makes sense."""
    if not isinstance(size, int) or not 1 <= size <= MAX_SIZE:
        raise ValueError(f"size must be an integer in [1, {MAX_SIZE:,}], got {size!r}")
