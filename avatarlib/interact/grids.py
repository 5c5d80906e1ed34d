"""Pictures in rows and columns, as small PNG files: exact pixels, a palette, optional labels."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from avatarlib.data.base import to_uint8

__all__ = ["image_grid", "png_bytes", "to_picture"]

TEXT_SIZE = 13
INK = (60, 60, 60)


def to_picture(image: Tensor) -> Image.Image:
    """One image (3, H, W), float in [-1, 1] or uint8, as a PIL picture."""
    pixels = image if not image.is_floating_point() else to_uint8(image)
    return Image.fromarray(np.ascontiguousarray(pixels.detach().cpu().permute(1, 2, 0).numpy()))


def png_bytes(picture: Image.Image, *, colours: int | None = 256) -> bytes:
    """A PNG file's bytes, with a palette of at most ``colours``: a third of the size of full colour.

    Without a palette (None) the file is written a hundred times faster: for pictures that live a moment.
    """
    buffer = io.BytesIO()
    if colours is None:
        picture.save(buffer, "PNG", compress_level=1)
    else:
        with_palette(picture, colours).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def with_palette(picture: Image.Image, colours: int) -> Image.Image:
    """Reduce to a palette without dithering, which would put noise on flat colours."""
    return picture.convert("RGB").quantize(colours, kmeans=1, dither=Image.Dither.NONE)


def image_grid(images: Tensor, *, columns: int = 8, scale: int = 1, gap: int = 4,
               row_labels: Sequence[str] = (), column_labels: Sequence[str] = (),
               colours: int = 256) -> Image.Image:
    """Lay images out row by row on white, in palette mode; a notebook shows the result as a PNG.

    Parameters
    ----------
    images : Tensor
        (N, 3, H, W), float in [-1, 1] or uint8.
    columns : int
        Images a row.
    scale : int
        Each pixel becomes ``scale`` x ``scale`` equal ones.
    gap : int
        White pixels between images.
    row_labels, column_labels : sequence of str
        Text left of each row, and above each column.
    colours : int
        Size of the palette, 2 to 256.

    Raises
    ------
    ValueError
        If the images are not (N, 3, H, W), a number is out of range, or labels do not match the grid.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.interact import image_grid
    >>> image_grid(torch.zeros(10, 3, 64, 64), columns=5).size     # 5 x 64 + 6 gaps of 4, and 2 x 64 + 3 of 4
    (344, 140)
    """
    check_grid(images, columns, scale, gap, colours)
    rows = math.ceil(len(images) / columns)
    columns = min(columns, len(images))
    for name, labels, count in (("row_labels", row_labels, rows), ("column_labels", column_labels, columns)):
        if labels and len(labels) != count:
            raise ValueError(f"{name} must have {count} entries for {rows} rows of {columns}, got {len(labels)}")
    height, width = scale * images.shape[2], scale * images.shape[3]
    font = ImageFont.load_default(TEXT_SIZE)
    left = gap + max((math.ceil(font.getlength(text)) + 6 for text in row_labels), default=0)
    top = gap + (TEXT_SIZE + 6 if column_labels else 0)
    sheet = Image.new("RGB", (left + columns * (width + gap), top + rows * (height + gap)), "white")
    for index, image in enumerate(images):
        row, column = divmod(index, columns)
        tile = to_picture(image).resize((width, height), Image.Resampling.NEAREST)
        sheet.paste(tile, (left + column * (width + gap), top + row * (height + gap)))
    pen = ImageDraw.Draw(sheet)
    for row, text in enumerate(row_labels):
        pen.text((left - gap - 2, top + row * (height + gap) + height // 2), text, INK, font, anchor="rm")
    for column, text in enumerate(column_labels):
        pen.text((left + column * (width + gap) + width // 2, top - 7), text, INK, font, anchor="ms")
    return with_palette(sheet, colours)


def check_grid(images: Tensor, columns: int, scale: int, gap: int, colours: int) -> None:
    """Name the first argument of image_grid that is out of range."""
    if images.ndim != 4 or images.shape[1] != 3 or len(images) == 0:
        raise ValueError(f"images must be (N, 3, H, W) with N at least 1, got {tuple(images.shape)}")
    for name, value, low, high in (("columns", columns, 1, 1000), ("scale", scale, 1, 64), ("gap", gap, 0, 100),
                                   ("colours", colours, 2, 256)):
        if not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"{name} must be an integer in [{low}, {high}], got {value!r}")
