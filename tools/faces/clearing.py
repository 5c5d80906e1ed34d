"""Hair off the face, as the camera sees it: none over eyes, nose, cheeks and mouth; no single strands on bare skin."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from camera import Camera
from geometry import Array
from shape import Head
from strands import shorten

CELLS, HALF = 128, 2.6      # a grid of cells over HALF decimetres to each side of the eyes' middle
NOTHING = 99.               # depth of a cell without skin
FRINGED = ("crop", "side part", "pixie", "messy", "curly", "buzz", "receding")      # cut above the eyes; others go
THIN = (7, 5, 4)            # strands a cell (of 14 points each) below which they are scratches, in three rounds


@dataclass(frozen=True)
class Screen:
    """What the camera sees of a head without hair, in cells: the ``depth`` of the skin (CELLS, CELLS), where hair is
    ``forbidden`` (bool), and the row of the brows."""

    camera: Camera
    middle: Array
    depth: Array
    forbidden: Array
    brows: float

    def cells(self, points: Array) -> tuple[Array, Array, Array]:
        """Rows, columns and depths (...) of points (..., 3)."""
        plane, depth = self.camera.view(points)
        cells = _cells(plane * self.camera.distance, self.middle)
        return cells[..., 1], cells[..., 0], depth


def _cells(plane: Array, middle: Array) -> Array:
    """Columns and rows (..., 2) of places on the plane through the focus."""
    return np.clip(((plane - middle) * [1, -1] / HALF * .5 + .5) * CELLS, 0, CELLS - 1).astype(int)


def _forbidden(points: Array, fringe: bool) -> Array:
    """Cells (bool) of the face inside the 68 points (68, 2), narrower at the temples if there is no fringe."""
    mask = np.zeros((CELLS, CELLS), np.uint8)
    center = points[:27].mean(0)
    jaw = (points[:17] - center) * [.92 if fringe else .74, .97] + center
    brow = (points[17:27] - center) * [1 if fringe else .9, 1] + center + [0, 1]
    cv2.fillConvexPoly(mask, cv2.convexHull(np.concatenate([jaw, brow]).astype(np.int32)), (1,))
    for first in (36, 42):
        eye = np.zeros_like(mask)
        cv2.fillConvexPoly(eye, cv2.convexHull(points[first:first + 6].astype(np.int32)), (1,))
        mask |= cv2.dilate(eye, np.ones((9, 13), np.uint8))
    return mask > 0


def _screen(head: Head, camera: Camera, fringe: bool) -> Screen:
    """The head as the camera sees it."""
    middle = camera.view(head.middle)[0] * camera.distance
    skull = head.skull
    facing = ((camera.position - skull.points) * skull.normals).sum(1) > 0
    plane, skin = camera.view(skull.points[facing])
    cells = _cells(plane * camera.distance, middle)
    depth = np.full((CELLS, CELLS), NOTHING, np.float32)
    np.minimum.at(depth, (cells[:, 1], cells[:, 0]), skin.astype(np.float32))
    points = _cells(camera.view(head.vertices[head.template.marks.points])[0] * camera.distance, middle)
    depth = cv2.erode(depth, np.ones((3, 3)))
    return Screen(camera, middle, depth, _forbidden(points, fringe), points[17:27, 1].mean())


def _thick(screen: Screen, strands: Array) -> Array:
    """Cells (bool) where at least three roots are seen, one cell around them, and none of the face."""
    row, column, depth = screen.cells(strands[:, 0])
    seen = depth < screen.depth[row, column] + .12
    count = np.zeros((CELLS, CELLS), np.float32)
    np.add.at(count, (row[seen], column[seen]), 1)
    return (cv2.dilate((count >= 3).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0) & ~screen.forbidden


def _last_good(bad: Array) -> tuple[Array, Array]:
    """Which strands (N,) have a bad point, and the number of the point before the first one; ``bad`` is (N, S)."""
    hit = np.any(bad, axis=1)
    return hit, np.where(hit, bad.argmax(1) - 1, bad.shape[1] - 1)


def _cut(strands: Array, keep: Array, hit: Array, last: Array) -> Array:
    """Strands that are kept, those that were hit only up to their last good point."""
    strands, short, ends = strands[keep], hit[keep], last[keep]
    strands[short] = shorten(strands[short], ends[short].astype(float))
    return strands


def _off_the_face(screen: Screen, strands: Array, fringe: bool, rng: np.random.Generator) -> Array:
    """Without the strands over the face; a fringe is cut above the eyes, here and there a point earlier."""
    row, column, depth = screen.cells(strands)
    hit, last = _last_good((depth < screen.depth[row, column] + .03) & screen.forbidden[row, column])
    last = np.maximum(last - rng.integers(0, 2, len(last)), 0)
    end = row[np.arange(len(strands)), np.minimum(last + 1, strands.shape[1] - 1)]
    above = end < screen.brows + 2
    return _cut(strands, ~hit | (above & (last >= 2) & fringe), hit, last)


def _without_scratches(screen: Screen, strands: Array, thick: Array, fringe: bool, least: int) -> Array:
    """Without strands alone on bare skin: short hair is cut where it leaves the thick; long hair that does so goes,
    as cutting would make a roof of it."""
    row, column, depth = screen.cells(strands)
    skin = screen.depth[row, column]
    out = (depth < skin + .03) & ~thick[row, column] & (skin < 90)
    count = np.zeros((CELLS, CELLS), np.float32)
    np.add.at(count, (row[out], column[out]), 1)
    bad = out & (cv2.blur(count, (3, 3))[row, column] < least * strands.shape[1] / 14)
    if not fringe:
        return strands[bad.sum(1) < 3]
    hit, last = _last_good(bad)
    return _cut(strands, ~hit | (last >= 2), hit, last)


def clear_face(strands: Array, head: Head, camera: Camera, style: str, rng: np.random.Generator) -> Array:
    """Strands (N, S, 3) of a hairstyle that leave the face free for this camera: fewer, some shorter."""
    fringe = style in FRINGED
    screen = _screen(head, camera, fringe)
    thick = _thick(screen, strands)
    strands = _off_the_face(screen, strands, fringe, rng)
    for least in THIN:
        strands = _without_scratches(screen, strands, thick, fringe, least)
    return strands
