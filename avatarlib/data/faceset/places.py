"""Where things are: axes of a face, the crop, and the two looks as changes of proportion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import map_coordinates

from avatarlib.data.faceset.heads import Head

__all__ = ["LOOKS", "Frame", "Lens", "Look", "frame_of", "ramp", "resample", "sampler"]


@dataclass(frozen=True)
class Look:
    """Proportions of a drawing; sizes are multiples of the photograph's, shifts shares of eyes-to-mouth."""

    eye_width: float = 1.0
    eye_height: float = 1.0
    eye_round: float = 0.0      # share of an ideal eye's outline in the drawn one
    eye_drop: float = 0.0
    iris: float = 1.1
    rim: tuple[float, float] = (1.0, 1.0)       # how lenses grow across and along
    mouth: float = 1.0
    jaw: float = 0.0            # how much narrower the face becomes at the chin
    chin: float = 0.0           # how much shorter it becomes below the mouth
    brow_lift: float = 0.0
    bold: float = 1.0           # of lashes
    nose: bool = True           # the whole nose; else a short tick
    blush: float = 0.0
    soft: float = 1.9           # pixels of smoothing before light and shadow are told apart
    dusk: float = 0.2           # cosine of the light's angle where the shadow begins


LOOKS = {
    "cel": Look(eye_width=1.06, eye_height=1.22),
    "anime": Look(eye_width=1.52, eye_height=2.3, eye_round=0.55, eye_drop=0.07, iris=2.0, rim=(1.156, 1.585),
                  mouth=0.88, jaw=0.2, chin=0.2, brow_lift=0.1, bold=1.5, nose=False, blush=1.0, soft=2.6, dusk=0.04)}


def ramp(low: float, high: float, x: np.ndarray) -> np.ndarray:
    """Smooth step from 0 at ``low`` to 1 at ``high``, the shape of ``x``."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


@dataclass(frozen=True, eq=False)
class Frame:
    """Upright axes of a face, and the square crop of the photograph that the canvas shows.

    Attributes
    ----------
    middle, right, down : ndarray
        float32 (2,): between the eyes, and unit vectors along the face.
    reach : float
        From the eyes to the mouth, in pixels of the photograph: the unit of face coordinates.
    corner : ndarray
        float32 (2,), upper left corner of the crop.
    side : float
        Of the crop, in pixels of the photograph.
    size : int
        Of the canvas, in its own pixels.
    look : Look
        Proportions of what is drawn.
    """

    middle: np.ndarray
    right: np.ndarray
    down: np.ndarray
    reach: float
    corner: np.ndarray
    side: float
    size: int
    look: Look

    @property
    def floor(self) -> float:
        """Where the crop ends below the face, in face coordinates: nothing may be drawn up from beyond."""
        return float(self.corner[1] + self.side - self.middle[1]) / self.reach

    @property
    def unit(self) -> float:
        """From the eyes to the mouth, in pixels of the canvas."""
        return self.reach * self.size / self.side

    def canvas(self, places: np.ndarray) -> np.ndarray:
        """Places (..., 2) of the photograph as places of the canvas."""
        return (np.asarray(places, np.float32) - self.corner) * np.float32(self.size / self.side)

    def face(self, places: np.ndarray) -> np.ndarray:
        """Places (..., 2) of the photograph -> (..., 2): u to the right and v down from the eyes, in reaches."""
        away = np.asarray(places, np.float32) - self.middle
        return np.stack([away @ self.right, away @ self.down], -1) / np.float32(self.reach)

    def place(self, coordinates: np.ndarray) -> np.ndarray:
        """The inverse of ``face``."""
        scaled = np.asarray(coordinates, np.float32) * np.float32(self.reach)
        return self.middle + scaled[..., :1] * self.right + scaled[..., 1:] * self.down

    def source(self, places: np.ndarray) -> np.ndarray:
        """Where the drawing's places (..., 2) come from in the photograph: the look narrows jaw and chin."""
        if not self.look.jaw and not self.look.chin:
            return np.asarray(places, np.float32)
        u, v = np.moveaxis(self.face(places), -1, 0)
        near = ramp(2.2, 1.1, np.abs(u))
        pull = ramp(0.25, 1.7, v) * ramp(3.6, 2.2, v) * near
        rise = ramp(0.3, 1.5, v) * ramp(self.floor, self.floor - 1.2, v) * near
        return self.place(np.stack([u * (1 + self.look.jaw * pull), v + self.look.chin * rise], -1))

    def drawn(self, places: np.ndarray) -> np.ndarray:
        """Where the photograph's places (..., 2) go in the drawing: the inverse of ``source``, by iteration."""
        target = places = np.asarray(places, np.float32)
        for _ in range(6 if self.look.jaw or self.look.chin else 0):
            target = target + places - self.source(target)
        return target


def frame_of(head: Head, size: int, look: Look = LOOKS["cel"]) -> Frame:
    """Axes from the eyes, and a square crop around the head, the same for every look."""
    axis = head.eyeballs[1] - head.eyeballs[0]
    middle, apart = head.eyeballs.mean(0), float(np.linalg.norm(axis))
    right = axis / apart
    down = np.array([-right[1], right[0]])
    mouth = head.points[[48, 54, 51, 57]].mean(0)
    reach = float(max((mouth - middle) @ down, 0.8 * apart))
    side = min(4.2 * reach, float(head.side))
    corner = np.clip(middle + 0.22 * reach * down - side / 2, 0, head.side - side)
    return Frame(middle, right, down, reach, corner.astype(np.float32), side, size, look)


def sampler(size: int, low: float, high: float, count: int, sigma: float) -> np.ndarray:
    """(size, count) matrix that smooths by sigma pixels and resamples [low, high) of count pixels to size."""
    at = low + (np.arange(size) + 0.5) * (high - low) / size - 0.5
    weights = np.exp(-0.5 * ((np.arange(count) - at[:, None]) / sigma) ** 2).astype(np.float32)
    return weights / weights.sum(1, keepdims=True)


def resample(frame: Frame, picture: np.ndarray) -> np.ndarray:
    """The crop of a picture uint8 (n, n, 3) as uint8 (size, size, 3)."""
    sigma = max(0.45, 0.45 * frame.side / frame.size)
    rows, columns = (sampler(frame.size, float(frame.corner[i]), float(frame.corner[i]) + frame.side, len(picture),
                             sigma) for i in (1, 0))
    crop = np.einsum("yh,hwc,xw->yxc", rows, picture.astype(np.float32), columns, optimize=True)
    return np.rint(crop).clip(0, 255).astype(np.uint8)


class Lens:
    """Brings fields of the photograph onto the canvas, bent as the look asks and smoothed."""

    def __init__(self, frame: Frame, count: int) -> None:
        """For fields of ``count`` x ``count`` pixels."""
        self.frame, self.count = frame, count
        row, column = np.mgrid[:count, :count].astype(np.float32) + 0.5
        self.pixels = np.stack([column, row], -1)                       # (n, n, 2) places of the pixels
        self.u, self.v = np.moveaxis(frame.face(self.pixels), -1, 0)
        self.at = self.rows_and_columns(frame.source(self.pixels))
        self.matrices: dict[float, tuple[np.ndarray, np.ndarray]] = {}

    @staticmethod
    def rows_and_columns(places: np.ndarray) -> np.ndarray:
        """Places (n, n, 2) as scipy wants them, (2, n, n)."""
        return np.stack([places[..., 1], places[..., 0]]) - 0.5

    def __call__(self, field: np.ndarray, sigma: float = 1.25, at: np.ndarray | None = None) -> np.ndarray:
        """(n, n) field -> (size, size) float32; ``at`` (2, n, n) tells where pixels come from, if not by the look."""
        look = self.frame.look
        field = field.astype(np.float32)
        if at is not None or look.jaw or look.chin:
            field = map_coordinates(field, self.at if at is None else at, order=1, mode="nearest")
        if sigma not in self.matrices:
            corner, side = self.frame.corner, self.frame.side
            self.matrices[sigma] = (sampler(self.frame.size, corner[1], corner[1] + side, self.count, sigma),
                                    sampler(self.frame.size, corner[0], corner[0] + side, self.count, sigma))
        rows, columns = self.matrices[sigma]
        return rows @ field @ columns.T
