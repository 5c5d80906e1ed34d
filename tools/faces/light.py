"""Light: a light probe around the head, a wide lamp at the camera, a key lamp; and the wall behind."""

from __future__ import annotations

from typing import Any

import blender
import cv2
import materials
import numpy as np
from assets import Assets
from camera import Camera
from geometry import Array, rotation
from pictures import blur

KEYS = {"none": .3, "soft": .35, "window": .25, "flash": .1}
PROBE = {"none": 1., "soft": .4, "window": .22, "flash": .2}      # brightness of the probe beside each key lamp
WIDTH = {"soft": 9., "window": 6.5, "flash": 1.5}                 # decimetres
POWER = {"soft": 28, "window": 40, "flash": 45}
WALLS = np.array([[.75, .74, .72], [.25, .27, .3], [.45, .5, .58], [.6, .5, .42], [.15, .2, .28], [.35, .42, .33],
                  [.5, .36, .33], [.06, .06, .07]])               # linear RGB
HALF_WALL = 14                                                    # decimetres


def _probe(scene: blender.Scene, assets: Assets, rng: np.random.Generator) -> tuple[str, Any]:
    """A light probe, turned, its lamps cut off at a brightness: its name, and the node that shines."""
    world = scene.world()
    path = assets.probes[rng.integers(len(assets.probes))]
    sky = world.node("TexEnvironment", image=blender.load_image(path))
    turn = world.node("Mapping", {"Rotation": (0, 0, rng.uniform(0, 6.28))})
    world.link(world.node("TexCoord"), turn, 0, out="Generated")
    world.link(turn, sky, 0)
    brightest = float(rng.uniform(1.5, 3.5))
    cut = world.node("Mix", {0: 1, 7: (brightest, brightest, brightest, 1)}, data_type="RGBA", blend_type="DARKEN")
    world.link(sky, cut, 6)
    background = world.tree.nodes["Background"]
    world.link(cut, background, 0, out=2)
    return path.name, background


def _key(camera: Camera, kind: str, rng: np.random.Generator) -> None:
    """A key lamp: soft or a window from a side, or the camera's flash; a little warm or cool."""
    size = WIDTH[kind] * rng.uniform(.7, 1.4)
    if kind == "flash":
        azimuth, height, distance = rng.normal(0, 3), 6., camera.distance
    else:
        azimuth = np.clip(rng.normal(0, 38), -75, 75)
        height, distance = rng.uniform(0, 28), rng.uniform(8, 16)
    energy = distance ** 2 * POWER[kind] * rng.uniform(.6, 1.5)
    warm = rng.normal(0, .06)
    place = camera.focus + camera.axes @ (rotation(azimuth, -height, 0) @ np.array([0, 0, distance]))
    blender.lamp("key", place, camera.focus, size, energy, (1 + warm, 1, 1 - warm))


def light_up(scene: blender.Scene, assets: Assets, camera: Camera, rng: np.random.Generator) -> tuple[str, str]:
    """Light the scene: the probe's file name and the kind of key lamp."""
    probe, background = _probe(scene, assets, rng)
    key = str(rng.choice(list(KEYS), p=list(KEYS.values())))
    background.inputs[1].default_value = PROBE[key]
    energy = camera.distance ** 2 * rng.uniform(6, 15) * (1.7 if key == "none" else 1)
    place = camera.at(rng.normal(0, 3), rng.uniform(-2, 1.5), camera.distance * 1.05)
    blender.lamp("fill", place, camera.focus, 12., energy, mirrored=False)      # a wide lamp would veil the eyes
    if key != "none":
        _key(camera, key, rng)
    return probe, key


def _muted(rng: np.random.Generator, chroma: float) -> Array:
    """A colour (3,), BGR, near grey: no chroma walls."""
    return rng.uniform(.05, .8) * (1 - chroma) + rng.uniform(.05, .8, 3) * chroma


def _put(picture: Array, tilt: float, rng: np.random.Generator) -> None:
    """One thing more in a backdrop (N, N, 3), in place: a panel, a lamp, letters or slats."""
    count = len(picture)
    width, height = np.exp(rng.uniform(np.log(4), np.log(120), 2)).astype(int)
    x, y = (int(place) for place in rng.integers(-30, count, 2))
    colour = _muted(rng, .4).tolist()
    kind = rng.random()
    if kind < .6:
        cv2.rectangle(picture, (x, y), (int(x + width), int(y + height)), colour, -1)
    elif kind < .8:
        cv2.circle(picture, (x, y), int(width // 3 + 1), colour, -1)
    elif kind < .9:
        mask = np.zeros((count, count), np.uint8)
        text = "".join(chr(rng.integers(65, 91)) for _ in range(6))
        cv2.putText(mask, text, (x, y), 0, float(rng.uniform(.6, 2)), (255,), int(rng.integers(2, 6)))
        picture[mask > 127] = colour
    else:
        for slat in range(6):
            cv2.line(picture, (x + slat * 7, 0), (int(x + slat * 7 + tilt * count), count), colour, 2)


def backdrop(rng: np.random.Generator, size: int = 256) -> Array:
    """A blurred room (size, size, 3), BGR, 0 to 1: shelves, panels, letters, lamps."""
    picture = np.ones((size, size, 3), np.float32) * _muted(rng, .22).astype(np.float32)
    tilt = rng.normal(0, .03)
    for _ in range(int(rng.integers(8, 40))):
        _put(picture, tilt, rng)
    return blur(picture, float(np.exp(rng.uniform(np.log(.8), np.log(6)))))


def put_wall(camera: Camera, rng: np.random.Generator) -> None:
    """A wall behind the head: clouds of a colour, or a blurred room."""
    colour, scale = rng.choice(WALLS) * rng.uniform(.7, 1.2), rng.uniform(.03, .3)
    picture = backdrop(rng) if rng.random() < .55 else None
    center = camera.at(0, 0, -rng.uniform(4, 15))
    right, up = camera.axes[:, 0] * HALF_WALL, camera.axes[:, 1] * HALF_WALL
    corners = np.array([center - right - up, center + right - up, center + right + up, center - right + up])
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1.]])
    blender.mesh("wall", corners, [[0, 1, 2, 3]], materials.wall(colour, scale, picture), (square, [[0, 1, 2, 3]]))
