"""What is written of a head beside the photograph: regions, depth, normals, albedo, and the places on its face."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import OpenEXR
from camera import Camera
from geometry import Array, to_blender
from landmarks import CORNERS, Iris, even_curve
from pictures import polygon
from regions import DARK_LENS, GLASSES, HAIR
from shape import Head

BEHIND = 3.5                 # decimetres behind the focus from which on all is background
NEAR, FAR = 3, 5             # decimetres before and behind the focus: the range of the depth
COVERED = .4                 # share of an eye from which on it counts as hidden


@dataclass(frozen=True)
class Passes:
    """What Cycles renders: ``light`` and ``albedo`` (H, W, 3) linear RGB, codes ``a``, ``b``, ``c`` (see `regions`),
    ``normal`` (H, W, 3) in Blender's axes, ``depth`` (H, W) in decimetres."""

    light: Array
    albedo: Array
    a: Array
    b: Array
    c: Array
    normal: Array
    depth: Array

    @classmethod
    def read(cls, path: Path) -> Passes:
        """The layers of an EXR file."""
        channels = OpenEXR.File(str(path), separate_channels=True).channels()

        def layer(name: str, letters: str) -> Array:
            names = [next(key for key in channels if key.endswith(f"{name}.{letter}")) for letter in letters]
            return np.stack([channels[key].pixels for key in names], -1)

        depth = layer("Depth", "Z")[..., 0]
        return cls(layer("Combined", "RGB"), layer("DiffCol", "RGB").clip(0, 1), layer(".A", "RGB").clip(0, 1),
                   layer(".B", "RGB").clip(0, 1), layer(".C", "RGB"), layer("Normal", "XYZ"),
                   np.where(np.isfinite(depth), depth, 1e9))

    @property
    def face(self) -> Array:
        """Pixels (H, W) bool of skin and what is on it."""
        return (self.a[..., 0] > .3) & (self.b[..., 1] < .5)

    def behind(self, camera: Camera) -> Array:
        """Pixels (H, W) bool of the background."""
        return self.depth > camera.distance + BEHIND


def depth_range(camera: Camera) -> tuple[float, float]:
    """Decimetres of the depth's values 0 and 65,534."""
    return camera.distance - NEAR, camera.distance + FAR


def depth_16bit(passes: Passes, camera: Camera) -> Array:
    """Depth (H, W), uint16: 0 to 65,534 over `depth_range`, 65,535 the background."""
    near, far = depth_range(camera)
    grey = np.clip((passes.depth - near) / (far - near), 0, 1) * 65534
    return np.where(passes.behind(camera), 65535, grey).astype(np.uint16)


def normals_8bit(passes: Passes, camera: Camera) -> Array:
    """Normals (H, W, 3) in the camera's axes, z y x in the order of OpenCV's channels, as value * 127 + 128."""
    axes = [to_blender(np.asarray(camera.axes[:, axis], np.float32)).astype(np.float32) for axis in range(3)]
    seen = np.stack([passes.normal @ axis for axis in axes], -1)
    return (seen[..., ::-1].clip(-1, 1) * 127 + 128).astype(np.uint8)


def picture_8bit(picture: Array) -> Array:
    """A picture (H, W, 3), RGB, 0 to 1, as BGR bytes."""
    return (picture[..., ::-1] * 255 + .5).astype(np.uint8)


def write(passes: Passes, camera: Camera, parts: Array, stem: Path) -> None:
    """Write ``stem_parts.png``, ``_depth.png``, ``_normal.png`` and ``_albedo.jpg``."""
    cv2.imwrite(f"{stem}_parts.png", parts)
    cv2.imwrite(f"{stem}_depth.png", depth_16bit(passes, camera))
    cv2.imwrite(f"{stem}_normal.png", normals_8bit(passes, camera))
    cv2.imwrite(f"{stem}_albedo.jpg", picture_8bit(passes.albedo ** (1 / 2.2)), [cv2.IMWRITE_JPEG_QUALITY, 92])


def rounded(values: Array) -> list[Any]:
    """Pixels as lists, to a hundredth."""
    return np.asarray(values).round(2).tolist()


def _lid(head: Head, side: str, lid: str) -> Array:
    """The edge (11, 3) of a lid from the inner to the outer corner of the eye."""
    marks = head.template.marks
    ends = head.vertices[marks.points[list(CORNERS[side])]]
    between = head.vertices[marks.lids[side, lid]]
    return even_curve(np.concatenate([ends[:1], between, ends[1:]]), head.axes)


def describe_eye(head: Head, camera: Camera, side: str, iris: Iris, colour: list[int], brow: tuple[Array, Array],
                 parts: Array) -> dict[str, Any]:
    """An eye in pixels: its iris, gaze, lids, brow, and which share of it hair or glasses cover."""
    size = len(parts)
    upper, lower = (camera.project(_lid(head, side, lid), size) for lid in ("upper", "lower"))
    opening = polygon(parts.shape, np.concatenate([upper, lower[::-1]]))
    covered = float(np.isin(parts[opening], (HAIR, GLASSES, DARK_LENS)).mean()) if opening.any() else 0.
    depth = -((iris.center - camera.position) @ camera.axes)[2]
    scale, (line, width) = camera.pixels_per_unit(size), brow
    return {"iris": rounded(camera.project(iris.center, size)),
            "iris_radius": round(float(scale * iris.radius / depth), 2), "iris_color": colour,
            "gaze": (iris.axis @ camera.axes).round(3).tolist(),
            "upper_lid": rounded(upper), "lower_lid": rounded(lower),
            "brow": rounded(camera.project(line, size)), "brow_half_width": rounded(scale * width / depth),
            "covered": round(covered, 3)}


def hidden(eyes: dict[str, dict[str, Any]]) -> bool:
    """Whether an eye cannot be seen: heads to leave out."""
    return max(eye["covered"] for eye in eyes.values()) > COVERED
