"""Nose and mouth: few lines, from the landmarks and from the regions of lips and teeth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from avatarlib.data.faceset.heads import LIPS, TEETH, Head
from avatarlib.data.faceset.palette import Palette
from avatarlib.data.faceset.pen import INK, WHITE, Canvas, curve, ellipse, mix
from avatarlib.data.faceset.places import Frame
from avatarlib.data.faceset.shapes import BEARDS

__all__ = ["Mouth", "draw_mouth", "draw_nose", "mouth_of"]


@dataclass(frozen=True, eq=False)
class Mouth:
    """Lines of a drawn mouth on the canvas, (33, 2) each from the picture's left to right; ``gap``: its opening as a
    share of its width."""

    upper: np.ndarray
    lower: np.ndarray
    inner_upper: np.ndarray
    inner_lower: np.ndarray
    gap: float

    @property
    def width(self) -> float:
        """Distance of the corners in pixels of the canvas."""
        return float(np.linalg.norm(self.upper[-1] - self.upper[0]))


def fitted(x: np.ndarray, y: np.ndarray, at: np.ndarray, degree: int) -> np.ndarray:
    """Least-squares polynomial through (x, y), evaluated at ``at``."""
    return np.polyval(np.polyfit(x, y, min(degree, max(len(np.unique(x)) - 1, 0))), at)


def borders(u: np.ndarray, v: np.ndarray, degree: int) -> np.ndarray:
    """Upper and lower border, (2, 9, 2), of the pixels (u, v), by polynomials in u that meet at the ends."""
    first, last = np.quantile(u, [0.005, 0.995]) + np.array([-0.8, 0.8])
    column = np.round(u).astype(int)
    columns = np.unique(column)
    top = np.array([v[column == c].min() for c in columns]) - 0.5
    low = np.array([v[column == c].max() for c in columns]) + 0.5
    at = np.linspace(first, last, 9)
    upper, lower = (fitted(columns, edge, np.clip(at, columns[0], columns[-1]), degree) for edge in (top, low))
    upper[[0, -1]] = lower[[0, -1]] = (upper + lower)[[0, -1]] / 2
    return np.stack([np.stack([at, upper], -1), np.stack([at, np.maximum(upper, lower)], -1)])


def mouth_of(head: Head, frame: Frame) -> Mouth:
    """Where the look draws the mouth: by its pixels where they are seen, else by the landmarks."""
    p = head.points[48:68]
    outer, inner = [p[0:7], p[[0, 11, 10, 9, 8, 7, 6]]], [p[12:17], p[[12, 19, 18, 17, 16]]]
    wide = max(float(np.linalg.norm(p[6] - p[0])), 1.0)
    axis = (p[6] - p[0]) / wide
    axes = np.stack([axis, [-axis[1], axis[0]]])
    rows, columns = np.nonzero((head.regions == LIPS) | (head.regions == TEETH))
    u, v = ((np.stack([columns, rows], -1) + 0.5 - p[0]) @ axes.T).T
    hole, gap = head.regions[rows, columns] == TEETH, 0.0
    if head.facts["beard"] not in BEARDS and len(u) > 40:
        outer = list(p[0] + borders(u, v, 4) @ axes)
    if hole.sum() > 12:
        found = borders(u[hole], v[hole], 2)
        inner, gap = list(p[0] + found @ axes), float(np.ptp(found, 0)[:, 1].max()) / wide
    outer, inner = ([frame.drawn(line) for line in lines] for lines in (outer, inner))
    center = np.mean([line.mean(0) for line in outer], 0)
    drawn = [curve(frame.canvas(center + (line - center) * frame.look.mouth), 33) for line in (*outer, *inner)]
    return Mouth(drawn[0], drawn[1], drawn[2], drawn[3], gap)


def draw_mouth(canvas: Canvas, mouth: Mouth, frame: Frame, palette: Palette, line: float) -> None:
    """Lips, the inside with teeth where it is open, and the line between the lips."""
    whole = np.concatenate([mouth.upper, mouth.lower[::-1]])
    canvas.fill(whole, palette.lips, alpha=1.0 if frame.look.nose else 0.55, region=LIPS)
    under = mouth.lower[11:22:5] + frame.down * 0.03 * mouth.width
    canvas.stroke(under, line * 0.7, mix(INK, palette.skin, 0.4), taper=(0.4, 0.4))
    if mouth.gap >= 0.06:
        draw_inside(canvas, mouth, frame, line)
        return
    middle = (mouth.inner_upper + mouth.inner_lower) / 2
    canvas.stroke(np.concatenate([mouth.upper[:1], middle[5:28:5], mouth.upper[-1:]]), line * 1.15, INK,
                  taper=(0.3, 0.3), region=LIPS)


def draw_inside(canvas: Canvas, mouth: Mouth, frame: Frame, line: float) -> None:
    """Dark inside, tongue and teeth of an open mouth."""
    inner, low = mouth.inner_upper, mouth.inner_lower
    hole = canvas.fill(np.concatenate([inner, low[::-1]]), (128, 46, 56), region=TEETH)
    deep = low[16] - inner[16]
    tall = float(np.linalg.norm(deep))
    if mouth.gap > 0.2:
        canvas.fill(ellipse(low[16] + deep * 0.1, mouth.width * 0.24, tall * 0.4, frame.right), (232, 118, 118),
                    clip=hole)
    teeth = inner + deep * (0.8 if mouth.gap < 0.17 else 0.36)
    canvas.fill(np.concatenate([inner - deep * 0.2, teeth[::-1]]), WHITE, clip=hole)
    aside = frame.right * line
    canvas.stroke(np.concatenate([inner[:1] - aside, inner[3:30:3], inner[-1:] + aside]), line, INK, taper=(0.2, 0.2))
    canvas.stroke(low[1:32:3], line * 0.8, INK, taper=(0.2, 0.2))


def draw_nose(canvas: Canvas, head: Head, frame: Frame, palette: Palette, line: float) -> None:
    """Base, wings and one side of the nose, or a short tick; it shows where the nose points."""
    p = frame.canvas(frame.drawn(head.points))
    turn = float(np.clip(frame.face(head.points[30])[0] / 0.22, -1, 1))      # > 0: to the picture's right
    ink, sign = mix(INK, palette.skin, 0.15), 1 if turn >= 0 else -1
    if not frame.look.nose:
        tip = p[33] * 0.55 + p[30] * 0.45
        tick = np.array([[-0.02 * sign, -0.05], [0.035 * sign, 0], [-0.03 * sign, 0.03]]) * frame.unit
        canvas.stroke(tip + tick, line * 0.9, ink, taper=(0.5, 0.4))
        return
    canvas.stroke([p[32], p[33] + (p[33] - p[30]) * 0.12, p[34]], line * 0.9, ink, taper=(0.3, 0.3))
    for a, b in ((31, 32), (35, 34)):
        wing = p[a] + (p[a] - p[b]) * 0.12
        canvas.stroke([wing + (p[30] - p[33]) * 0.55, wing + (wing - p[33]) * 0.06,
                       wing * 0.7 + p[b] * 0.3 + (p[33] - p[30]) * 0.1], line * 0.75, ink, taper=(0.5, 0.4))
    if abs(turn) > 0.25:
        aside = np.array([sign * 0.07 * frame.unit, 0])
        canvas.stroke([p[28] + aside * 0.8, p[29] + aside * 0.9, p[30] + aside * 1.1], line * 0.75, ink,
                      taper=(0.7, 0.3))
