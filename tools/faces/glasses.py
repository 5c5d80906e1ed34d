"""Glasses: rims, bridge and temples as tubes, lenses as shallow cones."""

from __future__ import annotations

from dataclasses import dataclass

import blender
import materials
import numpy as np
from colour import srgb
from geometry import Array
from shape import Head

RIMS = {  # half width and half height in distances of the eyes, and how square (2 is an ellipse)
    "round": (.36, .34, 2), "rectangular": (.40, .25, 4.5), "aviator": (.42, .36, 2.6), "rimless": (.39, .26, 3),
    "oval": (.38, .28, 2), "square": (.38, .32, 5), "large": (.425, .40, 2.3)}
HORN = np.array([[.02, .02, .02], [.12, .05, .02], [.02, .03, .08], [.3, .02, .03]])      # linear RGB
METAL = np.array([[.7, .6, .4], [.6, .6, .62], [.1, .1, .1]])
EAR_Z = -1.0      # where the temples bend down, behind the eyes
Tube = tuple[Array, bool]      # points (N, 3), whether they close


def _rim(side: int, kind: str, distance: float) -> Array:
    """The edge (40, 3) of a lens; ``side`` is 1 for the person's left, ``distance`` that of the eyes."""
    width, height, power = RIMS[kind]
    t = np.linspace(0, 2 * np.pi, 40, endpoint=False)

    def bent(wave: Array) -> Array:
        return np.sign(wave) * np.abs(wave) ** (2 / power)

    x = side * distance * .52 + width * distance * bent(np.cos(t))
    y = height * distance * bent(np.sin(t)) * np.where(np.sin(t) < 0, 1.1, .95) - .06 * distance
    return np.c_[x, y, .36 - .10 * (x / distance) ** 2 * 1.2]


def _temple(side: int, outer: float, distance: float, width: float) -> Array:
    """A temple (5, 3) from the rim's ``outer`` end past the head's ``width`` to behind the ear."""
    x, d = side * (distance * .52 + outer), distance
    return np.array([[x, .06 * d, .36 - .1 * (x / d) ** 2 * 1.2], [side * width * .455, .1 * d, .12],
                     [side * width * .47, .12 * d, -.5], [side * width * .47, .1 * d, EAR_Z],
                     [side * width * .46, -.25 * d, EAR_Z - .2]])


def shape_glasses(kind: str, eyes: Array, axes: Array, width: float) -> tuple[list[Tube], list[Array]]:
    """The frame and the edges of both lenses (40, 3) before the ``eyes`` (2, 3) of a head with ``axes`` (3, 3)."""
    d = float(np.linalg.norm(eyes[0] - eyes[1]))
    half = RIMS[kind][0] * d
    rims = [_rim(side, kind, d) for side in (-1, 1)]
    tubes: list[Tube] = []
    for side, rim in zip((-1, 1), rims, strict=True):
        tubes += [(rim, True), (_temple(side, half, d, width), False)]
    x = d * .52 - half
    bridge = np.array([[-x, .02 * d, .35], [-x * .5, .07 * d, .38], [0, .085 * d, .39], [x * .5, .07 * d, .38],
                       [x, .02 * d, .35]])
    tubes.append((bridge, False))
    middle = eyes.mean(0)
    return [(line @ axes.T + middle, closed) for line, closed in tubes], [rim @ axes.T + middle for rim in rims]


@dataclass(frozen=True)
class Glasses:
    """What is told of glasses: the edges (40, 3) of their lenses, the frame's colour (sRGB), whether they are dark."""

    lenses: list[Array]
    colour: list[int]
    dark: bool


def _frame(kind: str, tubes: list[Tube], rng: np.random.Generator) -> list[int]:
    """Build the frame; its colour."""
    metal = kind in ("aviator", "rimless") or rng.random() < .3
    colour = rng.choice(METAL if metal else HORN)
    material = materials.plain("frame", "frame", colour, Roughness=.25, Metallic=float(metal))
    for points, closed in tubes:
        if not (kind == "rimless" and closed):
            blender.tube("g", points, .012 if metal else rng.uniform(.02, .032), closed, material)
    return srgb(colour)


def wear_glasses(head: Head, kind: str, rng: np.random.Generator) -> Glasses:
    """Put glasses on."""
    tubes, lenses = shape_glasses(kind, head.eyes, head.axes, head.size[1])
    colour = _frame(kind, tubes, rng)
    tint = .95 if rng.random() < .85 else rng.uniform(.08, .3)
    glass = materials.lens(tint)
    for edge in lenses:
        count = len(edge)
        top = edge.mean(0, keepdims=True) + (head.axes @ np.array([0, 0, .03]))[None]
        faces = [[corner, (corner + 1) % count, count] for corner in range(count)]
        blender.mesh("lens", np.concatenate([edge, top]), faces, glass)
    return Glasses(lenses, colour, tint < .5)
