"""Clothes: a suit of MakeHuman's, or a plain shirt made of the body's own skin, pushed out. And earrings."""

from __future__ import annotations

from typing import Any

import blender
import cv2
import materials
import numpy as np
from body import SKIN_VERTICES
from geometry import Array, smoothstep
from pictures import scaled
from shape import Head

SUITS = {"male": ("male_elegantsuit01", "male_casualsuit06", "male_casualsuit02", "male_casualsuit03",
                  "male_casualsuit04", "male_casualsuit05"),
         "female": ("female_elegantsuit01", "female_sportsuit01", "female_casualsuit01")}
SHIRTS = np.array([[.6, .6, .6], [.02, .02, .025], [.03, .05, .15], [.3, .03, .03], [.05, .12, .06], [.35, .3, .22],
                   [.12, .2, .35], [.4, .2, .25]])      # linear RGB
METALS = np.array([[.75, .55, .25], [.7, .7, .72]])      # gold, silver


def _dyed(cloth: Array, rng: np.random.Generator) -> Array:
    """A suit's texture (H, W, 3 or 4), BGR, in another hue, paler, lighter or darker, with an alpha channel."""
    if cloth.shape[2] == 3:
        cloth = np.dstack([cloth, np.ones(cloth.shape[:2], np.float32)])
    hsv = cv2.cvtColor(cloth[..., :3].copy(), cv2.COLOR_BGR2HSV)
    hsv[..., 0] = (hsv[..., 0] + rng.uniform(0, 360)) % 360
    hsv[..., 1] *= rng.uniform(.2, 1)
    cloth[..., :3] = cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR) * np.float32(rng.uniform(.6, 1.1))
    return cloth.clip(0, 1)


def _suit(head: Head, name: str, rng: np.random.Generator) -> Array:
    """Put a suit on; the vertices of the skin that it hides."""
    part = head.template.part("clothes", name)
    texture = scaled(head.template.assets.parts / f"clothes/{name}/{name}_diffuse.png", 1024, cv2.IMREAD_UNCHANGED)
    cloth = materials.textured("cloth", "clothes", _dyed(texture, rng), Roughness=.8, Sheen_Weight=.2,
                               Specular_IOR_Level=.2)
    blender.mesh("cloth", part.fit(head.vertices), part.mesh.faces, cloth, part.mesh.map, subdivisions=1)
    return np.array([vertex for vertex in part.deleted if vertex < SKIN_VERTICES], int)


def _shirt(head: Head, female: bool, rng: np.random.Generator) -> Array:
    """Put a shirt on; the vertices of the skin that it hides."""
    x, y, z = head.base.T
    depth = rng.uniform(0, .4) if female else rng.uniform(0, .15)
    neckline = depth * smoothstep(-.2, .9, z) * smoothstep(.9, .2, np.abs(x)) * 1.2
    covered = 5.85 - neckline + 1. * smoothstep(.6, .8, np.abs(x)) - y      # decimetres below the shirt's edge
    vertices = head.vertices + head.normals * (.05 + .05 * smoothstep(0, .6, covered))[:, None]
    faces = head.template.faces
    colour = np.clip(rng.choice(SHIRTS) * rng.uniform(.6, 1.3), 0, 1)
    blender.mesh("shirt", vertices, faces[(covered[faces] > -.25).all(1)].tolist(), materials.shirt(colour),
                 subdivisions=2, values={"cover": covered})
    return np.flatnonzero(covered[:SKIN_VERTICES] > .15)


def dress(head: Head, told: dict[str, Any], rng: np.random.Generator) -> tuple[str, Array]:
    """Put clothes on: their name, and the vertices (N,) of the skin that they hide."""
    if rng.random() < .45:
        name = str(rng.choice(SUITS[told["gender"]]))
        return name, _suit(head, name, rng)
    return "shirt", _shirt(head, told["gender"] == "female", rng)


def _earring(lobe: Array, axes: Array, radius: float, hoop: bool, metal: blender.Material) -> None:
    """Hang a hoop below a lobe (3,), or put a stud through it; ``axes`` (3, 3) are the head's."""
    t = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    circle = np.c_[.2 * radius * np.sin(t), radius * np.cos(t) - radius, radius * np.sin(t)]
    line = circle if hoop else np.array([[-.01, 0, 0], [.01, 0, 0]])
    blender.tube("j", lobe + line @ axes.T, .012 if hoop else radius, hoop, metal, caps=True)


def wear_earrings(head: Head, female: bool, rng: np.random.Generator) -> str:
    """Put earrings on some women: none, stud or hoop."""
    kind = str(rng.choice(["none", "stud", "hoop"], p=[.65, .15, .2])) if female else "none"
    if kind == "none":
        return kind
    metal = materials.plain("jewel", "jewel", METALS[rng.integers(2)], Roughness=.2, Metallic=1.)
    radius = rng.uniform(.025, .04) if kind == "stud" else rng.uniform(.08, .17)
    for side in (-1, 1):
        ear = np.flatnonzero((head.template.ear > .5) & (head.base[:, 0] * side > .3))
        lowest = ear[np.argsort(head.base[ear, 1])[:6]]
        lobe = head.vertices[lowest].mean(0) + head.axes @ np.array([side * .025, .02, .03])
        _earring(lobe, head.axes, radius, kind == "hoop", metal)
    return kind
