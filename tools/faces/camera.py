"""The camera: where it stands, what it looks at, and where on the picture a place in space is seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from geometry import Array, rotation

if TYPE_CHECKING:
    from shape import Head

SENSOR = 36      # millimetres


@dataclass(frozen=True)
class Camera:
    """A pinhole at ``position`` (3,) that looks along its third axis, backwards; ``axes`` (3, 3) are to the right, up
    and towards the camera (columns); ``focus`` (3,) is the place in the middle of the picture, ``distance`` decimetres
    away; ``lens`` is in millimetres of a picture of `SENSOR`."""

    position: Array
    axes: Array
    focus: Array
    distance: float
    lens: float

    def at(self, right: float, up: float, towards: float) -> Array:
        """A place (3,) given in the camera's axes about the focus."""
        return self.focus + self.axes @ np.array([right, up, towards])

    def view(self, points: Array) -> tuple[Array, Array]:
        """Points (..., 3) on the plane at distance 1 (..., 2), and their depth (...)."""
        local = (points - self.position) @ self.axes
        return local[..., :2] / -local[..., 2:], -local[..., 2]

    def pixels_per_unit(self, size: int) -> float:
        """Pixels that a length of 1 at distance 1 takes on a picture of ``size`` pixels."""
        return self.lens / SENSOR * size

    def project(self, points: Array, size: int) -> Array:
        """Pixels (..., 2), x to the right and y down, of points (..., 3) on a picture of ``size`` pixels a side."""
        local = (np.asarray(points) - self.position) @ self.axes
        scale, depth = self.pixels_per_unit(size), -local[..., 2]
        return np.stack([size / 2 + scale * local[..., 0] / depth, size / 2 - scale * local[..., 1] / depth], -1)


def draw_camera(head: Head, told: dict[str, Any], rng: np.random.Generator) -> Camera:
    """A camera 6 to 14 decimetres away, turned about the head by the angles that are ``told``."""
    distance = rng.uniform(6, 14)
    axes = head.axes @ rotation(told["yaw"], told["pitch"], told["roll"])
    crown, chin = head.center + head.axes @ np.array([0, head.size[0], 0]), head.joints["joint-jaw"]
    height = np.linalg.norm(crown - chin)
    zoom = rng.uniform(1.12, 1.42)
    shift = axes @ np.array([rng.normal(0, .05), rng.normal(.02, .05), 0]) * height
    focus = head.middle * .72 + chin * .28 + shift
    lens = float(np.float32(SENSOR / (2 * (zoom * height / 2) / distance)))      # as Blender keeps it
    return Camera(focus + axes @ np.array([0, 0, distance]), axes, focus, distance, lens)
