"""Eyes and brows, from the head's own lids, irises and brows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from avatarlib.data.faceset.heads import BROWS, EYES, SKIN, Head
from avatarlib.data.faceset.palette import Palette
from avatarlib.data.faceset.pen import INK, WHITE, Canvas, ellipse, mix, shade, vivid
from avatarlib.data.faceset.places import Frame

__all__ = ["Eye", "brow_line", "draw_brow", "draw_eye", "eye_of"]

LASH = mix(INK, (24, 16, 26), 0.6)
STEPS = 25              # places along a lid
CLOSED = 0.2            # height in half widths below which an eye is drawn as one arc


@dataclass(frozen=True, eq=False)
class Eye:
    """A drawn eye on the canvas.

    Attributes
    ----------
    center, axis, normal : ndarray
        (2,): middle of the corners; unit vectors to the picture's right corner, and down.
    half : float
        Half the distance of the corners.
    upper, lower : ndarray
        (25, 2) lids from the picture's left to right.
    iris : ndarray
        (2,) its centre.
    radii : (float, float)
        Of the iris across and along.
    outward : ndarray
        (2,) unit vector away from the nose.
    """

    center: np.ndarray
    axis: np.ndarray
    normal: np.ndarray
    half: float
    upper: np.ndarray
    lower: np.ndarray
    iris: np.ndarray
    radii: tuple[float, float]
    outward: np.ndarray

    @property
    def height(self) -> float:
        """Largest opening, in half widths."""
        return float(((self.lower - self.upper) @ self.normal).max() / self.half)


def eye_of(head: Head, frame: Frame, side: int) -> Eye:
    """The picture's left (0) or right (1) eye as the look draws it."""
    look, told = frame.look, head.eye(side)
    order = -1 if side == 0 else 1                                  # told from the nose outwards
    lids = [np.array(told[name], np.float32)[::order] for name in ("upper_lid", "lower_lid")]
    ends = (lids[0][0] + lids[1][0]) / 2, (lids[0][-1] + lids[1][-1]) / 2
    half = max(float(np.linalg.norm(ends[1] - ends[0])) / 2, 2.5)
    axis = (ends[1] - ends[0]) / max(float(np.linalg.norm(ends[1] - ends[0])), 1e-3)
    normal = np.array([-axis[1], axis[0]])
    center = (ends[0] + ends[1]) / 2
    t = np.linspace(-1, 1, STEPS)
    top, bottom = ((lid - center) / half for lid in lids)
    upper, lower = (np.interp(t, line @ axis, line @ normal) for line in (top, bottom))
    upper = np.minimum(upper, lower)
    iris = (np.array(told["iris"]) - center) / half
    wide, tall = look.eye_width, look.eye_height / look.eye_width
    ideal = rounded(t, upper, lower, 1 if side == 0 else -1)
    upper, lower = (tall * (line + look.eye_round * (goal - line)) for line, goal in zip((upper, lower), ideal,
                                                                                         strict=True))
    scale = half * wide * frame.size / frame.side
    middle = frame.canvas(frame.drawn(center) + frame.down * look.eye_drop * frame.reach)

    def put(across: np.ndarray | float, along: np.ndarray | float) -> np.ndarray:
        return middle + scale * (np.multiply.outer(across, axis) + np.multiply.outer(along, normal))

    rest = (upper.min() + lower.max()) / 2
    at = put(np.clip(iris @ axis, -0.62, 0.62) * 0.9, rest + np.clip(iris @ normal - rest / tall, -0.3, 0.3) * 0.5)
    radius = look.iris * float(told["iris_radius"]) * frame.size / frame.side
    radius = float(np.clip(radius, 0.36 * scale, 0.62 * scale))
    along = max(radius, 0.52 * scale * float((lower - upper).max())) if look.eye_round else radius
    return Eye(middle, axis, normal, scale, put(t, upper).astype(np.float32), put(t, lower).astype(np.float32), at,
               (radius, along), axis * order)


def rounded(t: np.ndarray, upper: np.ndarray, lower: np.ndarray, slope: int) -> tuple[np.ndarray, np.ndarray]:
    """Heights of the lids of an even eye as high as this one; the corner at t = ``slope`` is the lower one."""
    height = float(max((lower - upper).max(), 0.02))
    lean = 0.06 * slope * t * height
    return (lean - 0.56 * height * (1 - np.abs(t) ** 2.4) ** 0.8, lean + 0.44 * height * (1 - np.abs(t) ** 2.6) ** 0.85)


def draw_eye(canvas: Canvas, eye: Eye, bold: float, palette: Palette, line: float) -> None:
    """White, iris, highlight and lids."""
    if eye.height < CLOSED * bold:
        draw_closed(canvas, eye, bold, palette, line)
        return
    white = canvas.fill(np.concatenate([eye.upper, eye.lower[::-1]]), WHITE, region=EYES)
    across, along = eye.radii
    iris, at = palette.iris, eye.iris

    def gradient(rows: np.ndarray) -> np.ndarray:
        share = np.clip((rows - at[1] + along) / (2 * along), 0, 1)[:, None] ** 1.3
        return mix(shade(iris, 0.62), mix(vivid(iris, 1.3), WHITE, 0.3), share)

    canvas.fill(ellipse(at, across, along, eye.axis), shade(iris, 0.5), clip=white)
    canvas.fill(ellipse(at, across - line * 0.45, along - line * 0.45, eye.axis), gradient, clip=white)
    canvas.fill(ellipse(at - eye.normal * along * 0.05, across * 0.46, along * 0.48, eye.axis), shade(iris, 0.25),
                clip=white)
    under = eye.upper + (eye.lower - eye.upper) * 0.17
    canvas.fill(np.concatenate([eye.upper, under[::-1]]), (165, 150, 181), alpha=0.55, clip=white)
    big = bold > 1
    gleam = at + np.array([-0.36 * across, -0.42 * along])
    canvas.fill(ellipse(gleam, across * 0.34, along * 0.3), WHITE, clip=white)
    if big:
        canvas.fill(ellipse(at + np.array([0.36 * across, 0.48 * along]), across * 0.2, along * 0.16), WHITE,
                    alpha=0.9, clip=white)
    draw_lids(canvas, eye, bold, palette, line)


def draw_closed(canvas: Canvas, eye: Eye, bold: float, palette: Palette, line: float) -> None:
    """One arc, and the fold of the lid."""
    t = np.linspace(-1, 1, 9)[:, None]
    arch = eye.center + t * eye.half * eye.axis + (0.3 * (1 - t ** 2) + 0.05) * eye.half * eye.normal
    canvas.stroke(arch, line * 1.5 * bold, LASH, taper=(0.25, 0.25), region=EYES)
    canvas.stroke(arch[1:-1:2] - eye.normal * eye.half * 0.5, line * 0.7, mix(INK, palette.skin, 0.4), taper=(0.4, 0.4))


def draw_lids(canvas: Canvas, eye: Eye, bold: float, palette: Palette, line: float) -> None:
    """Upper lash line with a wing at the outer corner, a thin lower line and the fold of the lid."""
    order = 1 if eye.outward @ eye.axis > 0 else -1
    upper, lower = eye.upper[::order], eye.lower[::order]           # from the nose outwards
    wing = upper[-1] + eye.outward * eye.half * 0.1 * bold + eye.normal * eye.half * 0.02
    canvas.stroke(np.concatenate([upper[1:-1:3], [upper[-1], wing]]), line * 1.7 * bold, LASH, taper=(0.45, 0.22),
                  region=EYES)
    canvas.stroke(lower[12 if bold > 1 else 7:24:3], line * 0.7, mix(LASH, palette.skin, 0.25), taper=(0.3, 0.2))
    fold = upper[5:23:4] - eye.normal * eye.half * 0.28
    canvas.stroke(fold, line * 0.7, mix(INK, palette.skin, 0.35), taper=(0.4, 0.3))


def brow_line(head: Head, frame: Frame, side: int) -> tuple[np.ndarray, np.ndarray]:
    """(9, 2) middle line of a brow on the canvas, from the nose outwards, and its widths (9,)."""
    told = head.eye(side)
    line = frame.drawn(np.array(told["brow"], np.float32)) - frame.down * frame.look.brow_lift * frame.reach
    return frame.canvas(line), 2 * np.array(told["brow_half_width"], np.float32) * frame.size / frame.side


def draw_brow(canvas: Canvas, line: np.ndarray, widths: np.ndarray, palette: Palette, pen: float) -> None:
    """A tapered stroke as wide as the brow."""
    skin = np.isin(canvas.region, (SKIN, BROWS, EYES))
    canvas.stroke(line, np.clip(widths * 0.75, pen * 1.2, pen * 2.8), palette.brows, taper=(0.12, 0.6), clip=skin,
                  region=BROWS)
