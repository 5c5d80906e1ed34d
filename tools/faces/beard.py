"""Beards: what they leave on the skin, and their strands."""

from __future__ import annotations

import cv2
import numpy as np
from geometry import Array
from pictures import TEXTURE, blur
from shape import Head
from strands import Style, grow, sow
from template import Template


def splat(template: Template, weights: Array) -> Array:
    """Weights (V,) of vertices as a soft mask (TEXTURE, TEXTURE) of the skin's texture: a value a face, blurred."""
    mask = np.zeros((TEXTURE, TEXTURE), np.float32)
    texture = template.body.mesh.texture
    for face, corners in zip(template.faces, template.texture_faces, strict=True):
        weight = weights[face].mean()
        if weight > .02:
            pixels = (texture[corners] * [TEXTURE, -TEXTURE] + [0, TEXTURE]).astype(np.int32)
            cv2.fillConvexPoly(mask, pixels, float(weight))
    return blur(mask, 6)


def shade(skin: Array, mask: Array, tint: Array, stubble: bool, rng: np.random.Generator) -> Array:
    """A skin (TEXTURE, TEXTURE, 3) with the grain of a beard of colour ``tint`` (3,) where ``mask`` is."""
    cover = .35 if stubble else .55
    mask = mask[..., None]
    grain = (.6 + .4 * rng.random((TEXTURE, TEXTURE, 1))).astype(np.float32)
    return skin * (1 - mask * cover * grain) + tint * mask * cover * grain


def grow_beard(head: Head, weights: Array, stubble: bool, rng: np.random.Generator) -> Array:
    """Strands (N, S, 3), downwards; a moustache is shorter, so that it leaves the lips free."""
    roots = sow(head.vertices, head.normals, head.base, head.template.triangles, weights, rng,
                2600 if stubble else 5000)
    count = len(roots.points)
    length = np.full(count, rng.uniform(.015, .04) if stubble else rng.uniform(.1, .35)) * rng.uniform(.7, 1.2, count)
    length = length * np.where(roots.base[:, 1] > 6.68, .4, 1)
    down = np.tile(head.axes @ np.array([0, -1, .2]), (count, 1))
    curl = 0. if stubble else .015
    style = Style(length, lambda points: down, steps=4 if stubble else 8, lift=.4, gravity=.5, volume=.04, curl=curl,
                  pitch=.25, clump=0 if stubble else .3)
    return grow(roots, style, head.skull, rng)
