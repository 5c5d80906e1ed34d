"""Cartoons computed from the buffers of a rendered head: flat regions, one hard shadow, even outlines.

After Saito and Takahashi 1990, who drew comprehensible pictures from geometric buffers, and cel shading. The looks
differ in proportions only: pose, expression, gaze, colours and glasses are the head's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from avatarlib.data.faceset.dress import draw_clothes, draw_earrings, draw_glasses
from avatarlib.data.faceset.eyes import Eye, brow_line, draw_brow, draw_eye, eye_of
from avatarlib.data.faceset.hair import draw_beard, draw_hair, saw, strands_of
from avatarlib.data.faceset.heads import Head
from avatarlib.data.faceset.mouth import Mouth, draw_mouth, draw_nose, mouth_of
from avatarlib.data.faceset.palette import palette_of
from avatarlib.data.faceset.pen import INK, Canvas, mix
from avatarlib.data.faceset.places import LOOKS, Frame, Lens, Look, frame_of, ramp, resample
from avatarlib.data.faceset.shapes import fields_of, masks_of, outlines
from avatarlib.data.faceset.skin import draw_folds, draw_skin

__all__ = ["VERSION", "Picture", "draw", "photograph"]

VERSION = 4             # of the drawings: raise it when pictures change, so that no cache answers with old ones
LINE = 1.15             # width of an outline, in 128ths of the picture


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture of a head.

    Attributes
    ----------
    pixels : ndarray
        uint8 (3, size, size).
    regions : ndarray
        uint8 (size, size), indices into ``REGIONS``.
    landmarks : ndarray
        float32 (68, 2), (x, y) in pixels; pixel centres at whole numbers.
    """

    pixels: np.ndarray
    regions: np.ndarray
    landmarks: np.ndarray


def photograph(head: Head, size: int = 128) -> Picture:
    """The photograph with the crop of the drawings."""
    frame = frame_of(head, size, Look())
    at = ((np.arange(size) + 0.5) * frame.side / size)[:, None] + frame.corner
    column, row = np.clip(at.T.astype(int), 0, head.side - 1)
    marks = landmarks_of(head, frame, (eye_of(head, frame, 0), eye_of(head, frame, 1)), mouth_of(head, frame))
    return Picture(np.ascontiguousarray(resample(frame, head.photo).transpose(2, 0, 1)),
                   head.regions[row[:, None], column], marks - np.float32(0.5))


def draw(head: Head, look: str = "cel", size: int = 128, *, over: int = 2) -> Picture:
    """Draw a head.

    Parameters
    ----------
    head : Head
        Its buffers.
    look : {"cel", "anime"}
        The photograph's proportions, or large eyes, a small nose and mouth, and a narrow jaw.
    size : int
        Height and width in pixels.
    over : int
        Pixels of the canvas a pixel of the picture, across and along.
    """
    frame = frame_of(head, size * over, LOOKS[look])
    lens, palette, line = Lens(frame, head.side), palette_of(head), LINE * over * size / 128
    masks = masks_of(head, lens)
    strands = strands_of(head, frame, lens, masks["hair"])
    fields = fields_of(masks, lens, ramp(0.5, 0.9, strands.t) * 0.13 * saw(strands.s, 6.5, 0.2))
    eyes, mouth = (eye_of(head, frame, 0), eye_of(head, frame, 1)), mouth_of(head, frame)
    canvas = Canvas(frame.size)
    draw_skin(canvas, head, frame, lens, fields, palette, line)
    draw_folds(canvas, head, frame, palette, line)
    draw_nose(canvas, head, frame, palette, line)
    draw_beard(canvas, masks, lens, strands, palette, line)
    draw_mouth(canvas, mouth, frame, palette, line)
    for eye in eyes:
        draw_eye(canvas, eye, frame.look.bold, palette, line)
    for side in (0, 1):
        draw_brow(canvas, *brow_line(head, frame, side), palette, line)
    top = fields.argmax(0)
    canvas.rgb[top == 0], canvas.region[top == 0] = palette.background, 0
    draw_hair(canvas, top == 2, strands, palette, line)
    draw_clothes(canvas, top == 3, head, lens)
    canvas.blend(outlines(fields, line), mix(INK, (30, 18, 28), 0.3))
    draw_earrings(canvas, head, frame, lens, line)
    draw_glasses(canvas, head, frame, lens, palette, line)
    pixels, regions = canvas.shrunk(over)
    return Picture(pixels, regions, landmarks_of(head, frame, eyes, mouth) / np.float32(over) - np.float32(0.5))


def landmarks_of(head: Head, frame: Frame, eyes: tuple[Eye, Eye], mouth: Mouth) -> np.ndarray:
    """The 68 landmarks on the canvas, float32 (68, 2), of what is drawn: eyes and brows by their curves."""
    marks = frame.canvas(frame.drawn(head.points))
    marks[17:22], marks[22:27] = brow_line(head, frame, 0)[0][::-2], brow_line(head, frame, 1)[0][::2]
    for first, eye in zip((36, 42), eyes, strict=True):
        upper, lower = eye.upper, eye.lower
        marks[first:first + 6] = [upper[0], upper[8], upper[16], upper[-1], lower[16], lower[8]]
    steps = np.linspace(0, 32, 7).astype(int)
    marks[48:55], marks[55:60] = mouth.upper[steps], mouth.lower[steps[1:-1]][::-1]
    fewer = np.linspace(0, 32, 5).astype(int)
    marks[60:65], marks[65:68] = mouth.inner_upper[fewer], mouth.inner_lower[fewer[1:-1]][::-1]
    return marks
