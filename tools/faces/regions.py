"""What a pixel shows. Each material writes a code into three colour layers, A, B and C; the codes are read here.

A is skin, eye, hair (red, green, blue); B is lips, brows, teeth; C is ear, neck, jewels. The skin's B and C come from
textures and vertices. Mixed colours are codes of their own.
"""

from __future__ import annotations

import cv2
import numpy as np
from geometry import Array
from pictures import polygon
from scipy.ndimage import distance_transform_edt

Code = dict[str, tuple[float, float, float]]
OFF = (0, 0, 0)
CODES: dict[str, Code] = {
    "skin": {"A": (1, 0, 0)}, "hair": {"A": (0, 0, 1), "B": OFF}, "eye": {"A": (0, 1, 0), "B": OFF},
    "clothes": {"A": (.4, .4, .4), "B": OFF}, "brow": {"A": (.5, 0, 0), "B": (0, 1, 0)},
    "lash": {"A": (.5, 0, 0), "B": OFF}, "mouth": {"A": OFF, "B": (0, 0, 1)},
    "jewel": {"A": OFF, "B": OFF, "C": (0, 0, 1)}, "frame": {"A": OFF, "B": (.5, .5, 0)}, "lens": {},
    "wall": {"A": OFF, "B": OFF}}
SKIN, HAIR, EYES, LIPS, BROWS, CLOTHES, TEETH, GLASSES, DARK_LENS, GAP, EAR, NECK, EARRING = range(1, 14)
LEAST_GAP = 5       # pixels; smaller holes in the hair stay background


def _decoded(a: Array, b: Array) -> Array:
    """Regions (H, W) by the codes of layers A and B (H, W, 3), 0 where none fits; later ones cover earlier ones."""
    found = np.zeros(a.shape[:2], np.uint8)
    found[(a > .3).all(-1)] = CLOTHES
    found[a[..., 0] > .5] = SKIN
    found[a[..., 2] > .5] = HAIR
    found[a[..., 1] > .5] = EYES
    found[(b[..., 0] > .5) & (b[..., 1] < .4)] = LIPS
    found[b[..., 1] > .6] = BROWS
    found[b[..., 2] > .5] = TEETH
    found[(b[..., 0] > .3) & (b[..., 1] > .3) & (a.sum(-1) < .5)] = GLASSES
    return found


def _dark(found: Array, a: Array, b: Array, lenses: list[Array]) -> Array:
    """Where dark lenses, polygons in pixels (N, 2), hide what is behind them."""
    inside = np.zeros(found.shape, bool)
    for lens in lenses:
        inside |= polygon(found.shape, lens)
    return inside & ((found == 0) | (a.sum(-1) + b.sum(-1) < .6)) & (found != GLASSES)


def coarse(a: Array, b: Array, behind: Array, dark_lenses: list[Array]) -> tuple[Array, Array]:
    """Regions 0 to 8 (H, W) of layers A and B, and where a dark lens is (bool).

    Blurred edges, lashes and lenses have no code: they get their nearest neighbour's region unless they are far
    ``behind`` the head (H, W).
    """
    found = _decoded(a, b)
    dark = _dark(found, a, b, dark_lenses)
    odd = (found == 0) & ~behind
    if odd.any() and found.any():
        row, column = distance_transform_edt(found == 0, return_distances=False, return_indices=True)
        found = np.where(odd & ~dark, found[row, column], found)
    return found, dark


def fine(found: Array, dark: Array, c: Array) -> Array:
    """Regions 0 to 13: with dark lenses, gaps through which the background is seen, ears, neck and earrings."""
    parts = found.copy()
    parts[(found == SKIN) & (c[..., 0] > .5)] = EAR
    parts[(found == SKIN) & (c[..., 1] > .5)] = NECK
    parts[c[..., 2] > .5] = EARRING
    _, holes = cv2.connectedComponents((found == 0).astype(np.uint8) * ~dark)
    rim = np.unique(np.concatenate([holes[0], holes[:, 0], holes[:, -1]]))
    parts[(holes > 0) & ~np.isin(holes, rim) & (np.bincount(holes.ravel())[holes] > LEAST_GAP)] = GAP
    parts[dark] = DARK_LENS
    return parts
