"""Small geometry: unit vectors, smooth steps, rotations, axes. Lengths are decimetres wherever no unit is given."""

from __future__ import annotations

import math

import numpy as np

Array = np.ndarray


def unit(vectors: Array) -> Array:
    """Vectors (..., 3) scaled to length 1 (a zero vector stays zero)."""
    return vectors / (np.linalg.norm(vectors, axis=-1, keepdims=True) + 1e-9)


def smoothstep(start: float | Array, end: float | Array, x: float | Array) -> Array:
    """0 at ``start``, 1 at ``end``, flat at both: Hermite's cubic. ``start`` may be the larger one."""
    t = np.clip((x - start) / (end - start), 0, 1)
    return t * t * (3 - 2 * t)


def rotation(yaw: float, pitch: float, roll: float) -> Array:
    """Rotation matrix (3, 3) of angles in degrees about the y, the x and the z axis: roll first, yaw last."""
    y, p, r = np.deg2rad([yaw, pitch, roll])
    about_y = np.array([[math.cos(y), 0, math.sin(y)], [0, 1, 0], [-math.sin(y), 0, math.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, math.cos(p), -math.sin(p)], [0, math.sin(p), math.cos(p)]])
    about_z = np.array([[math.cos(r), -math.sin(r), 0], [math.sin(r), math.cos(r), 0], [0, 0, 1]])
    return about_y @ about_x @ about_z


def turn_towards(current: Array, wanted: Array, most: float) -> Array:
    """Rotation (3, 3) that takes one unit vector to another, or ``most`` radians of that way (Rodrigues)."""
    axis = np.cross(current, wanted)
    angle = min(np.arcsin(np.clip(np.linalg.norm(axis), 0, 1)), most)
    x, y, z = unit(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + math.sin(angle) * cross + (1 - math.cos(angle)) * cross @ cross


def to_blender(points: Array) -> Array:
    """MakeHuman's axes (y up, the face towards +z) to Blender's (z up, the face towards -y)."""
    return np.stack([points[..., 0], -points[..., 2], points[..., 1]], -1)


def texels(uv: Array, height: int, width: int) -> tuple[Array, Array]:
    """Rows and columns of a texture at coordinates (N, 2) whose second one points up."""
    return (np.clip(((1 - uv[:, 1]) * height).astype(int), 0, height - 1),
            np.clip((uv[:, 0] * width).astype(int), 0, width - 1))
