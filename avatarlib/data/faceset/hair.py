"""Hair and beards: flat, one shadow, a jagged highlight, a few strands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from avatarlib.data.faceset.heads import HAIR, Head
from avatarlib.data.faceset.palette import Palette
from avatarlib.data.faceset.pen import Canvas, mix, shade
from avatarlib.data.faceset.places import Frame, Lens, ramp
from avatarlib.data.faceset.shapes import Masks, border_line

__all__ = ["Strands", "draw_beard", "draw_hair", "saw", "strands_of"]


@dataclass(frozen=True, eq=False)
class Strands:
    """Coordinates of the hair on the canvas, (size, size) each.

    ``s``: which strand, 0 in the middle and 1 at the head's side; ``t``: how far along, 0 at the top of the hair and
    1 at the eyes; ``u`` and ``v``: face coordinates.
    """

    s: np.ndarray
    t: np.ndarray
    u: np.ndarray
    v: np.ndarray


def strands_of(head: Head, frame: Frame, lens: Lens, hair: np.ndarray) -> Strands:
    """How strands run over the head, from its pose and the hair's mask (n, n)."""
    row, column = np.mgrid[:frame.size, :frame.size].astype(np.float32) + 0.5
    places = np.stack([column, row], -1) * np.float32(frame.side / frame.size) + frame.corner
    u, v = np.moveaxis(frame.face(places), -1, 0)
    top = float(frame.face(head.crown)[1]) - 0.1
    middle = hair & (np.abs(lens.u) < 0.8)
    if middle.sum() > 20:
        top = float(np.quantile(lens.v[middle], 0.01))
    top = min(top, -0.3)
    t = (v - top) / -top
    width = np.sqrt(np.clip(1 - np.clip(1 - t, 0, 0.97) ** 2, 0.05, 1)) * 1.25
    part = float(np.clip(-head.facts["yaw"] / 40, -0.6, 0.6)) * 0.15
    s = (u + part) / width + 0.025 * np.sin(t * 2.2 + 2.5 * u)
    for style, strength, often in (("wavy", 0.04, 6), ("curly", 0.08, 11)):
        if style in head.facts["hair_style"]:
            s = s + strength * np.sin(t * often + 2 * np.sign(u))
    return Strands(s, t, u, v)


def saw(s: np.ndarray, often: float, start: float = 0.0) -> np.ndarray:
    """Irregular teeth in [-1, 1] along ``s``."""
    k = s * often + 0.35 * np.sin(s * often * 0.61 + start) + start
    return 2 * np.abs(2 * (k - np.floor(k + 0.5))) - 1


def draw_hair(canvas: Canvas, where: np.ndarray, strands: Strands, palette: Palette, line: float) -> None:
    """Hair where (size, size) bool."""
    number = strands.s * 3.1 + 0.3 * np.sin(strands.s * 4.7)
    rows, columns = np.gradient(number)
    steep, number = np.hypot(rows, columns)[where] + 1e-4, number[where]
    s, t, u, v = (field[where] for field in (strands.s, strands.t, strands.u, strands.v))
    base = palette.hair
    color = np.empty((len(u), 3), np.float32)
    color[:] = base
    side = u * 0.75 + (t - 0.75) * 0.35 + 0.12 * ramp(0.3, 0.8, t) * saw(s, 5.5, 0.3)
    dark = (side > 0.78) | (v > 0.95 + 0.25 * saw(s, 6.5, 0.7)) & (np.abs(u) < 1.15)
    color[dark] = shade(base, 0.76)
    ring = 0.30 + 0.20 * u * u - 0.05 * u
    wide = 0.07 * np.clip(1.3 - u * u * 0.7, 0, 1)
    ends = np.minimum(ramp(-1.15, -0.5, u) * ramp(0.2, -0.1, u) + 0.7 * ramp(0.28, 0.42, u) * ramp(0.95, 0.6, u), 1)
    glow = np.abs(t - ring - 0.02 * saw(s, 2.3)) < wide * ends * (1 + 0.7 * saw(s, 4.6, 0.1))
    color[glow] = np.clip(base * 1.22 + 30, 0, 255)
    strand = np.round(number)
    width = 0.42 * line * np.clip((t - 0.75 - 0.35 * np.sin(strand * 2.4 + 1.3)) * 3, 0, 1)
    color[(np.abs(number - strand) / steep < width) & (np.abs(number) > 0.6)] = shade(base, 0.58)
    canvas.rgb[where] = color
    canvas.region[where] = HAIR


def draw_beard(canvas: Canvas, masks: Masks, lens: Lens, strands: Strands, palette: Palette, line: float) -> None:
    """A full beard, goatee or moustache: flat, with tips, a shadow below the mouth and its own fine line."""
    if masks["beard"].sum() < 12:
        return
    field = lens(masks["beard"], 1.3)
    field = field + 0.16 * saw(strands.u, 5.5, 0.4) * ramp(0.05, 0.4, field) * ramp(0.9, 1.3, strands.v) - 0.42
    rows, columns = np.gradient(field)
    cover = np.clip(field / (np.hypot(rows, columns) + 1e-4) + 0.5, 0, 1)
    base = mix(palette.hair, palette.skin, 0.1)
    canvas.blend(cover, base, HAIR)
    low = strands.u * 0.35 + strands.v + 0.12 * saw(strands.u, 6.0, 0.2) > 1.62
    canvas.blend(cover * low, shade(base, 0.8))
    canvas.blend(border_line(field, 0.8 * line) * 0.8, shade(base, 0.6))
