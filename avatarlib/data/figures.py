"""A drawn avatar as a clay figure: how far each of its parts stands out, and how the figure is posed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from scipy import ndimage

from avatarlib.data import lighting
from avatarlib.data.landmarks import Pose, part_svg, rasterise

__all__ = ["canvas_height", "random_pose", "warp"]

WORK = 192              # pixels a canvas for heights, and at which small portraits are lit before they are reduced
MARGIN = 0.125          # canvas widths beyond each edge of the canvas that a turned portrait may need

# How far each part bulges above what is below it, as a share of a full inflation.
BULGE = {
    "toon-head": {"rearHair": 0.25, "body": 0.35, "head": 0.75, "clothes": 0.22, "mouth": -0.1, "beard": 0.12,
                  "eyes": 0.12, "eyebrows": 0.25, "hair": 0.4},
    "avataaars": {"": 0.4, "clothes": 0.3, "mouth": -0.1, "nose": 0.2, "eyes": 0.15, "eyebrows": 0.2, "top": 0.4,
                  "facialHair": 0.15, "accessories": 0.3},
}
WHOLE = 0.45            # share of the whole figure's inflation
COVERS = ("clothes", "beard", "hair", "top")    # parts that smooth out what lies below them
# Where the artwork ends below, and what range of poses suits it, in canvas widths.
BOTTOM = {"toon-head": 1.115, "avataaars": 1.0}
SCALE = {"toon-head": (0.84, 1.02), "avataaars": (0.98, 1.2)}
HALF_WIDTH = 0.36       # of the bust at its lower edge


@lru_cache(maxsize=256)
def part_height(style: str, part: str, variant: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Alpha, inflated height and inner cover of one part alone on the canvas with its margin, float32 (H, W) each.

    The cover rises from 0 at the part's edge to 1 inside.
    """
    side = round(WORK * (1 + 2 * MARGIN))
    alpha = rasterise(part_svg(style, part, variant, margin=MARGIN), side)[3].astype(np.float32) / 255
    end = round(WORK * (MARGIN + BOTTOM[style])) - 2
    if alpha[end].any():        # the bust goes on below the picture
        alpha[end + 1:] = alpha[end]
    cover = np.maximum(0, 2 * lighting.blurs(alpha, [0.012 * WORK])[0] - 1)
    return alpha, inflate_canvas(alpha), cover


def inflate_canvas(mask: np.ndarray) -> np.ndarray:
    """Inflate a mask on the canvas with margin; scales and height in canvas widths."""
    wide = 1 + 2 * MARGIN
    return lighting.inflate(mask, [s / wide for s in lighting.SCALES]) * np.float32(wide)


def canvas_height(style: str, resolved: Mapping[str, Any]) -> np.ndarray:
    """Height field of a figure on its canvas with margin: part upon part, then the whole inflated."""
    height, empty = np.float32(0), np.float32(1)
    for part, bulge in BULGE[style].items():
        variant = resolved.get(f"{part}Variant") if part else "canvas"
        if variant:
            alpha, inflated, cover = part_height(style, part, str(variant))
            if part in COVERS:
                height = height + cover * (lighting.blurs(height, [0.05 * WORK])[0] - height)
            height, empty = height + np.float32(bulge) * inflated, empty * (1 - alpha)
    return height + np.float32(WHOLE) * inflate_canvas(1 - empty)


def warp(canvas: np.ndarray, pose: Pose, size: int) -> np.ndarray:
    """Carry a map on the canvas with margin, (H, W), into the picture (size, size).

    Cubic B-splines over the bare samples: a trifle softer than interpolation, but without its ripples, which
    light would show.
    """
    inverse = np.linalg.inv(np.vstack([pose.matrix(), [0, 0, 1]]))[:2] * WORK      # picture -> canvas pixels
    inverse[:, :2] /= size
    inverse[:, 2] += WORK * MARGIN - 0.5 + inverse[:, :2].sum(axis=1) / 2          # of pixel centres
    turn, start = inverse[::-1, 1::-1], inverse[::-1, 2]                           # SciPy has rows first
    return ndimage.affine_transform(canvas, turn, start, (size, size), order=3, prefilter=False, mode="nearest")


def random_pose(style: str, rng: np.random.Generator) -> Pose:
    """Turned by up to 12 degrees, scaled and shifted, and low enough that the bust's end is out of the picture."""
    rotation, scale = rng.uniform(-12, 12), rng.uniform(*SCALE[style])
    x, y = rng.uniform(-0.06, 0.06), rng.uniform(-0.03, 0.05)
    ends = np.array([[0.5 - HALF_WIDTH, BOTTOM[style]], [0.5 + HALF_WIDTH, BOTTOM[style]]])
    gap = 1.01 - Pose(rotation, scale, (x, y)).apply(ends)[:, 1].min()
    return Pose(rotation, scale, (float(x), float(y + max(gap, 0))))
