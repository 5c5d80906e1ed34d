"""Face and neck: flat skin, one hard shadow, blush, jaw, ears, stubble."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import binary_erosion, gaussian_filter

from avatarlib.data.faceset.heads import BROWS, EAR, EYES, LIPS, SKIN, Head
from avatarlib.data.faceset.palette import Palette
from avatarlib.data.faceset.pen import INK, Canvas, curve, ellipse, inside, mix, shade
from avatarlib.data.faceset.places import Frame, Lens, ramp
from avatarlib.data.faceset.shapes import large

__all__ = ["LIGHT", "draw_folds", "draw_skin"]

LIGHT = np.array([-0.55, 0.5, 0.67], np.float32)        # from the upper left, towards the camera: every drawing's


def draw_skin(canvas: Canvas, head: Head, frame: Frame, lens: Lens, fields: np.ndarray, palette: Palette,
              line: float) -> None:
    """Cover the whole canvas with skin; later layers leave it where it is seen."""
    jaw = frame.canvas(frame.drawn(curve(head.points[:17], 60)))
    canvas.rgb[:] = palette.skin
    canvas.region[:] = SKIN
    canvas.rgb[shadow(head, frame, lens, fields, jaw)] = shade(palette.skin, 0.8)
    if frame.look.blush:
        draw_blush(canvas, head, frame, palette)
    run = seen_jaw(frame, jaw, fields)
    if len(run) > 4:
        canvas.stroke(run[::3], line, mix(INK, palette.skin, 0.1), taper=(0.25, 0.25))
    draw_ears(canvas, head, lens, palette)
    if head.facts["beard"] == "stubble":
        draw_stubble(canvas, head, frame, palette)


def shadow(head: Head, frame: Frame, lens: Lens, fields: np.ndarray, jaw: np.ndarray) -> np.ndarray:
    """(size, size) bool: turned from the light, below the hair, or below the jaw (60, 2)."""
    soft, unit = frame.look.soft, frame.unit
    seen = np.isin(head.regions, (SKIN, LIPS, BROWS, EYES)).astype(np.float32)
    lit = lens(seen * (head.normal @ LIGHT), soft) / np.maximum(lens(seen, soft), 0.02)
    dark = lit < frame.look.dusk
    hair = fields[2] > np.maximum(fields[1], fields[3])
    dark |= np.roll(hair, (int(0.11 * unit), int(0.05 * unit)), (0, 1))
    face = np.zeros(dark.shape, bool)
    up = -frame.down * unit
    face[inside(np.concatenate([jaw, jaw[-1:] + up, jaw[:1] + up]), dark.shape)] = True
    below = np.roll(face, (int(0.34 * unit), int(0.06 * unit)), (0, 1)) & ~face
    rows = np.arange(frame.size)[:, None]
    dark |= below & (rows > jaw[:, 1].min())
    least = int(0.02 * unit ** 2)                                   # neither specks of shadow nor of light
    return ~large(~large(dark, least), least)


def draw_blush(canvas: Canvas, head: Head, frame: Frame, palette: Palette) -> None:
    """Red cheeks."""
    cheeks = frame.canvas(frame.drawn(head.points[[36, 45]] * 0.55 + head.points[[48, 54]] * 0.45))
    for cheek in cheeks:
        for wide, alpha in ((0.26, 0.12), (0.2, 0.14), (0.13, 0.14)):
            canvas.fill(ellipse(cheek, wide * frame.unit, 0.55 * wide * frame.unit, frame.right),
                        mix(palette.skin, (255, 96, 100), 0.6), alpha=alpha * frame.look.blush)


def seen_jaw(frame: Frame, jaw: np.ndarray, fields: np.ndarray) -> np.ndarray:
    """The part of the jaw (60, 2) around the chin that has skin on both sides."""
    step = np.gradient(jaw, axis=0)
    step /= np.linalg.norm(step, axis=1, keepdims=True) + 1e-6
    beyond = jaw + np.stack([-step[:, 1], step[:, 0]], -1) * np.float32(0.13 * frame.unit)
    column, row = np.clip(beyond.T.astype(int), 0, frame.size - 1)
    skin = fields[1, row, column] > 0.5
    first = last = 30
    if not skin[30]:
        return jaw[:0]
    while first > 12 and skin[first - 1]:
        first -= 1
    while last < 47 and skin[last + 1]:
        last += 1
    return jaw[first:last + 1]


def draw_ears(canvas: Canvas, head: Head, lens: Lens, palette: Palette) -> None:
    """Lines in the ears, where their surface bends."""
    ears = head.parts == EAR
    if ears.sum() < 12:
        return
    soft = np.stack([gaussian_filter(head.normal[..., i], 0.7) for i in (0, 2)])
    bend = np.hypot(*[np.abs(np.gradient(soft, axis=k)).sum(0) for k in (1, 2)]) * binary_erosion(ears)
    canvas.blend(0.8 * ramp(0.2, 0.3, lens(bend, 0.9)), shade(palette.skin, 0.62))


def draw_stubble(canvas: Canvas, head: Head, frame: Frame, palette: Palette) -> None:
    """A tint with a soft edge where a shaved beard would grow."""
    p = frame.canvas(frame.drawn(head.points))

    def between(first: int, second: int, share: float) -> np.ndarray:
        return p[first] * share + p[second] * (1 - share)

    area = np.stack([between(3, 48, 0.9), between(4, 48, 0.95), *p[5:12], between(12, 54, 0.95), between(13, 54, 0.9),
                     between(35, 54, 0.5), between(33, 51, 0.6), between(31, 48, 0.5)])
    cover = np.zeros(canvas.region.shape, np.float32)
    cover[inside(curve(area, 60, closed=True), cover.shape)] = 1
    canvas.blend(0.26 * gaussian_filter(cover, 0.09 * frame.unit), mix(shade(palette.skin, 0.6), palette.hair, 0.3))


def draw_folds(canvas: Canvas, head: Head, frame: Frame, palette: Palette, line: float) -> None:
    """A fold from the nose to each corner of the mouth, and one below each eye, where the head is old."""
    old = float(ramp(48, 66, np.float32(head.facts["age_years"])))
    if not old:
        return
    p = frame.canvas(frame.drawn(head.points))
    ink, unit = shade(palette.skin, 0.6), frame.unit
    for wing, corner, lids, out in ((31, 48, (39, 40, 41), -frame.right), (35, 54, (42, 47, 46), frame.right)):
        start, end = p[wing] + out * 0.08 * unit, p[corner] + out * 0.13 * unit
        canvas.stroke([start, (start + end) / 2 + out * 0.04 * unit, end], line * 0.9, ink, taper=(0.4, 0.5), alpha=old)
        drop = frame.down * (0.2 + 0.1 * (frame.look.eye_height - 1)) * unit
        canvas.stroke(p[list(lids)] + drop, line * 0.7, ink, taper=(0.4, 0.5), alpha=0.8 * old)
