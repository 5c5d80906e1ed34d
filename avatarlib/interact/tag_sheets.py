"""Contact sheets of the tagged avatars: every part the drawings use, under the tags it stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from avatarlib.data.drawn import adventurer as art
from avatarlib.data.drawn.tag_drawing import Look, draw_look, draw_tags, drawable_tags
from avatarlib.data.tags import EYE_COLOURS, HAIR_COLOURS, HAIR_STYLES
from avatarlib.interact.grids import INK, with_palette

__all__ = ["SHEETS", "tag_sheet"]

TEXT = 11
FACE = Look(hair=("short01", ""), hair_colour="#f7d969", eyes="variant24", eye_colour="#2f6fe0", mouth="variant09",
            eyebrows="variant10", skin="#f2d3b1")
Cell = tuple[str, np.ndarray]       # the words under a picture, and the picture (3, size, size)


def hair_cells(size: int) -> list[Cell]:
    """Every hair with its hair-style tags."""
    return [(caption(tag for tag in HAIR_STYLES if tag in tags), draw_look(replace(FACE, hair=hair), size=size))
            for tags, kinds in art.HAIR.items() for hair in kinds]


def mouth_cells(size: int) -> list[Cell]:
    """Every mouth with smile, open mouth, both or neither."""
    return [(caption(tag for tag, shown in zip(("smile", "open mouth"), shows, strict=True) if shown),
             draw_look(replace(FACE, mouth=mouth), size=size))
            for shows, mouths in art.MOUTHS.items() for mouth in mouths]


def other_cells(size: int) -> list[Cell]:
    """Eyes, which carry only their colour; then blush, glasses, hats, ribbons; last what no tag speaks of."""
    looks = [("eyes", replace(FACE, eyes=eyes)) for eyes in art.EYES]
    looks += [("blush", replace(FACE, details="blush"))]
    looks += [("glasses", replace(FACE, glasses=glasses)) for glasses in art.GLASSES]
    looks += [(tag, replace(FACE, pieces=((piece, "#e0447a"),)))
              for tag, pieces in (("hat", art.HATS), ("ribbon", art.RIBBONS)) for piece in pieces]
    looks += [("no tag", replace(FACE, details=details)) for details in art.DETAILS]
    return [(words, draw_look(look, size=size)) for words, look in looks]


def colour_cells(size: int) -> list[Cell]:
    """The 13 hair colours, then the 10 eye colours on an eye that fills the picture."""
    hair = [(tag, draw_look(replace(FACE, hair=("long07", ""), hair_colour=art.HAIR_SHADES[tag]), size=size))
            for tag in HAIR_COLOURS]
    eyes = [draw_look(replace(FACE, eye_colour=art.EYE_SHADES[tag]), size=4 * size) for tag in EYE_COLOURS]
    top, left = int(1.6 * size), int(0.7 * size)
    return hair + [(tag, drawn[:, top:top + size, left:left + size])
                   for tag, drawn in zip(EYE_COLOURS, eyes, strict=True)]


def tag_cells(size: int) -> list[Cell]:
    """Five avatars for each tag that can be drawn; the seeds are the same for every tag."""
    return [(tag, draw_tags(complete(tag, seed), seed=seed, size=size))
            for tag in drawable_tags() for seed in range(5)]


def complete(tag: str, seed: int) -> list[str]:
    """A tag with the colours that a drawing needs beside it, which go through the palettes with the seed."""
    hair, eyes = HAIR_COLOURS[(5 * seed) % len(HAIR_COLOURS)], EYE_COLOURS[(3 * seed) % len(EYE_COLOURS)]
    return [tag, *([] if tag in HAIR_COLOURS else [hair]), *([] if tag in EYE_COLOURS else [eyes])]


def caption(tags: Iterable[str]) -> str:
    """Tags as words; "neither" if there is none."""
    return ", ".join(tags) or "neither"


SHEETS: dict[str, Callable[[int], list[Cell]]] = {
    "hair": hair_cells, "mouths": mouth_cells, "others": other_cells, "colours": colour_cells, "tags": tag_cells}
COLUMNS = {"tags": 10}      # two tags a row


def tag_sheet(which: str, *, size: int = 96, columns: int | None = None) -> Image.Image:
    """One contact sheet, in palette mode.

    Parameters
    ----------
    which : {"hair", "mouths", "others", "colours", "tags"}
        The style's hair, its mouths, its other parts, the named colours, or five avatars for every tag.
    size : int
        Height and width of each picture in pixels.
    columns : int, optional
        Pictures a row; default 8, and 10 for "tags".

    Raises
    ------
    ValueError
        If there is no such sheet.

    Examples
    --------
    >>> tag_sheet("mouths", size=48).mode
    'P'
    """
    if which not in SHEETS:
        raise ValueError(f"which must be one of {', '.join(SHEETS)}, got {which!r}")
    cells = SHEETS[which](size)
    columns = columns or COLUMNS.get(which, 8)
    rows = -(-len(cells) // columns)
    step = size + TEXT + 7
    sheet = Image.new("RGB", (columns * (size + 4), rows * step), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(TEXT)
    for index, (words, pixels) in enumerate(cells):
        left, top = index % columns * (size + 4), index // columns * step
        sheet.paste(Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0))), (left, top))
        pen.text((left + size // 2, top + size + 2), words, INK, font, anchor="ma")
    return with_palette(sheet, 64)
