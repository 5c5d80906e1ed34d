"""What a head wears: glasses, earrings, clothes."""

from __future__ import annotations

import numpy as np

from avatarlib.data.faceset.heads import CLOTHES, EARRING, GLASSES, LENS, Head
from avatarlib.data.faceset.palette import Palette, cloth_colors
from avatarlib.data.faceset.pen import INK, WHITE, Canvas, ellipse, inside
from avatarlib.data.faceset.places import Frame, Lens, ramp
from avatarlib.data.faceset.skin import LIGHT

__all__ = ["draw_clothes", "draw_earrings", "draw_glasses"]

GOLD = (228, 186, 84)
RIMS = {"rimless": 0.7, "aviator": 0.9, "oval": 1.1, "large": 1.6}      # widths; of other frames 1.4


def draw_clothes(canvas: Canvas, where: np.ndarray, head: Head, lens: Lens) -> None:
    """Up to three flat colours with a shadow, where (size, size) bool."""
    numbers, colors = cloth_colors(head)
    nearest = np.zeros(where.shape, int)
    if len(np.unique(colors, axis=0)) > 1:
        cloth = head.regions == CLOTHES
        nearest = np.stack([lens((numbers == i) & cloth) for i in range(len(colors))]).argmax(0)
    dark = lens(head.normal @ LIGHT, lens.frame.look.soft) < 0.2
    paint = np.concatenate([colors, colors * 0.78]).astype(np.float32)
    canvas.rgb[where] = paint[(nearest + len(colors) * dark)[where]]
    canvas.region[where] = CLOTHES


def draw_earrings(canvas: Canvas, head: Head, frame: Frame, lens: Lens, line: float) -> None:
    """A ring or a dot of gold on each side where one is seen."""
    found = head.parts == EARRING
    for side in (lens.u < 0, lens.u >= 0):
        rows, columns = np.nonzero(found & side)
        if len(rows) < 3:
            continue
        places = frame.canvas(frame.drawn(np.stack([columns, rows], -1) + 0.5))
        center = (places.max(0) + places.min(0)) / 2
        across, along = (np.ptp(places, axis=0) + frame.size / frame.side) / 2
        if head.facts["earrings"] == "hoop":
            ring = ellipse(center, max(across, 2 * line), max(along, 2 * line), count=16)
            canvas.loop(ring, line * 1.9, INK)
            canvas.loop(ring, line, GOLD)
        else:
            radius = max(across, along, line * 1.2)
            canvas.fill(ellipse(center, radius + line * 0.5, radius + line * 0.5), INK)
            canvas.fill(ellipse(center, radius, radius), GOLD)


def draw_glasses(canvas: Canvas, head: Head, frame: Frame, lens: Lens, palette: Palette, line: float) -> None:
    """Rims around the lenses as the eyes have grown, the bridge between them, and temples from their pixels."""
    outlines = [np.array(shape, np.float32) for shape in head.facts["lenses_px"]]
    if not outlines:
        return
    outlines.sort(key=lambda shape: float(shape[:, 0].mean()))
    draw_temples(canvas, head, frame, lens, outlines, palette)
    width = line * RIMS.get(head.facts["glasses"], 1.4)
    axes, rims = np.stack([frame.right, frame.down]), []
    for shape in outlines:
        here = frame.canvas(frame.drawn(shape.mean(0)) + frame.down * frame.look.eye_drop * frame.reach)
        away = (shape - shape.mean(0)) * np.float32(frame.size / frame.side)
        rims.append(here + (away @ axes.T * np.array(frame.look.rim, np.float32)) @ axes)
    dark = (head.parts == LENS).sum() > 40
    for rim in rims:
        canvas.fill(rim, (62, 58, 76) if dark else WHITE, alpha=0.9 if dark else 0.14)
        canvas.loop(rim, width, palette.glasses, GLASSES)
    left, right = rims
    ends = left[(left @ frame.right).argmax()], right[(right @ frame.right).argmin()]
    middle = (ends[0] + ends[1]) / 2 - frame.down * 0.03 * frame.unit
    canvas.stroke([ends[0], middle, ends[1]], width, palette.glasses, taper=(0, 0), region=GLASSES)


def draw_temples(canvas: Canvas, head: Head, frame: Frame, lens: Lens, outlines: list[np.ndarray],
                 palette: Palette) -> None:
    """What is seen of the glasses outside of the lenses and the space between them."""
    rest = head.regions == GLASSES
    both = np.concatenate(outlines)
    for shape in outlines:
        center = shape.mean(0)
        rest[inside(center + (shape - center) * 1.25, rest.shape)] = False
    first, last = both[:, 0].min() + 2, both[:, 0].max() - 2
    rest &= (lens.pixels[..., 0] < first) | (lens.pixels[..., 0] > last)
    if rest.sum() > 3:
        canvas.blend(ramp(0.17, 0.30, lens(rest, 0.9)), palette.glasses, GLASSES)
