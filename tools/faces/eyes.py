"""Eyeballs, eyebrows, eyelashes, teeth and tongue: parts of MakeHuman's, coloured and fitted to a head."""

from __future__ import annotations

from typing import Any

import blender
import cv2
import materials
import numpy as np
from camera import Camera
from geometry import Array, turn_towards, unit
from landmarks import IRISES, Iris, brow_curves, find_iris
from pictures import read, scaled
from shape import Head

SIZE = 512                      # pixels of an eye's texture
IRIS, RING = 59, (38, 14)       # radii in its pixels: of the whole iris, and of the ring that shows its colour
MOST_TURN = .5                  # radians
BROWS = range(1, 13)
BROWS_OF_MEN = (9,)
THIN_BROWS = {6: 2.2, 7: 1.7, 1: 1.2, 5: 1.2}      # how much more opaque they are made
TEETH = ("teeth_base", "teeth_shape01", "teeth_shape02", "teeth_shape03", "teeth_shape05")


def iris_texture(texture: Array, brown: bool, skin: list[int], rng: np.random.Generator) -> tuple[Array, list[int]]:
    """An eye's texture (SIZE, SIZE, 4), BGRA, 0 to 1, with an iris that suits the ``skin`` (sRGB), and its colour.

    The painted brown is red; pale irises glow, on dark skin above all, and are darkened to the skin's measure.
    """
    texture[..., :3] = texture[..., :3] * np.array([.74, .78, .82], np.float32)
    y, x = np.mgrid[:SIZE, :SIZE]
    (left_x, left_y), (right_x, right_y) = IRISES
    radius = np.hypot(x - left_x, y - left_y)
    iris = (np.minimum(radius, np.hypot(x - right_x, y - right_y)) < IRIS)[..., None]
    ring = np.abs(radius - RING[0]) < RING[1]
    if brown:
        grey = texture[..., :3] @ np.array([.25, .35, .4], np.float32)
        warm = grey[..., None] * np.array([.75, 1.2, 1.9], np.float32) * np.float32(rng.uniform(1., 1.6))
        changed = warm.clip(0, 1)
    else:
        brightness = float((texture[ring][:, :3] @ np.array([.11, .59, .3], np.float32)).mean())
        most = float(np.interp(sum(skin) / 3, [70, 190], [.16, .30]))
        changed = texture[..., :3] * min(1, most / max(brightness, 1e-3))
    texture[..., :3] = np.where(iris, changed, texture[..., :3])
    return texture, (texture[ring][:, 2::-1].mean(0) * 255).round().astype(int).tolist()


def _gaze(head: Head, camera: Camera, told: dict[str, Any], rng: np.random.Generator) -> Array:
    """The place (3,) that an eye looks at: the camera, or past it."""
    if told["gaze_to_camera"]:
        return camera.position
    return camera.focus + head.axes @ np.array([told["yaw"] * .08 + rng.normal(0, 1), rng.normal(0, .6), 10.])


def set_eyes(head: Head, camera: Camera, told: dict[str, Any], skin: list[int],
             rng: np.random.Generator) -> tuple[dict[str, Iris], list[int]]:
    """Set both eyeballs in, turned to what they look at: the irises by side, and their colour (sRGB)."""
    part = head.template.part("eyes")
    vertices = part.fit(head.vertices)
    across = (vertices - head.middle) @ head.axes[:, 0]
    forwards = head.axes @ np.array([0, 0, 1.])
    irises = {}
    for side, mine in (("left", across > 0), ("right", across < 0)):
        center = vertices[mine].mean(0)
        turn = turn_towards(forwards, unit(_gaze(head, camera, told, rng) - center), MOST_TURN)
        vertices[mine] = (vertices[mine] - center) @ turn.T + center
        irises[side] = find_iris(part, vertices, mine)
    texture = scaled(head.template.assets.iris(told["eyes"]), SIZE, cv2.IMREAD_UNCHANGED)
    texture, colour = iris_texture(texture, told["eyes"] == "brown", skin, rng)
    blender.mesh("eyes", vertices, part.mesh.faces, materials.eye(texture), part.mesh.map)
    return irises, colour


def _card(head: Head, folder: str, name: str, region: str, colour: Array, gain: float) -> Array:
    """Hang a flat part (brows, lashes) of one colour (3,), BGR, before the face: its opacity (H, W)."""
    part = head.template.part(folder, name)
    picture = read(head.template.assets.parts / folder / name / f"{name}.png", flags=cv2.IMREAD_UNCHANGED)
    alpha = (picture[..., 3].astype(np.float32) / 255 * gain).clip(0, 1)
    card = np.dstack([np.tile(colour, (*alpha.shape, 1)).astype(np.float32), alpha])
    before = head.axes @ np.array([0, 0, .012]) if region == "brow" else np.zeros(3)
    blender.mesh(name, part.fit(head.vertices) + before, part.mesh.faces,
                 materials.textured(name, region, card, Roughness=.6, Specular_IOR_Level=.2),
                 part.mesh.map)
    return alpha


def set_brows(head: Head, told: dict[str, Any], colour: Array,
              rng: np.random.Generator) -> tuple[int, dict[str, tuple[Array, Array]]]:
    """Brows of a colour (3,), BGR, and lashes: the brows' number, and centre line and half width of each."""
    female = told["gender"] == "female"
    number = int(rng.choice([brow for brow in BROWS if not female or brow not in BROWS_OF_MEN]))
    name, gain = f"eyebrow{number:03d}", rng.uniform(.75, 1.05) * THIN_BROWS.get(number, 1.)
    alpha = _card(head, "eyebrows", name, "brow", colour, gain)
    lashes = f"eyelashes{int(rng.integers(1, 5)):02d}"
    _card(head, "eyelashes", lashes, "lash", np.array([.02, .02, .03]), .75 if female else .4)
    part = head.template.part("eyebrows", name)
    return number, brow_curves(part, part.fit(head.vertices), alpha, head.middle, head.axes)


def set_mouth(head: Head, rng: np.random.Generator) -> None:
    """Teeth, a little yellow, and tongue."""
    parts = head.template.assets.parts
    for folder, name, file, tint in (("teeth", str(rng.choice(TEETH)), "materials/teeth.png", (.86, .93, .97)),
                                     ("tongue", "tongue01", "tongue01/tongue01_diffuse.png", (1, 1, 1))):
        part = head.template.part(folder, name)
        texture = read(parts / folder / file, SIZE).astype(np.float32) / 255 * np.array(tint, np.float32)
        material = materials.textured(folder, "mouth", texture, Roughness=.25, Subsurface_Weight=.3,
                                      Subsurface_Scale=.04)
        blender.mesh(folder, part.fit(head.vertices), part.mesh.faces, material, part.mesh.map)
