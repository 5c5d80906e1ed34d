"""The large shapes: clean masks of hair, beard, clothes and background, as smooth fields with even outlines."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter, label, median_filter

from avatarlib.data.faceset.heads import BACKGROUND, CLOTHES, HAIR, HOLE, LENS, SKIN, Head
from avatarlib.data.faceset.pen import inside
from avatarlib.data.faceset.places import Lens, ramp

__all__ = ["BEARDS", "Masks", "fields_of", "large", "masks_of", "outlines"]

BEARDS = ("full", "goatee", "mustache")
Masks = dict[str, np.ndarray]       # "hair", "beard", "clothes", "background": (n, n) bool


def large(mask: np.ndarray, least: int) -> np.ndarray:
    """The mask (n, n) without connected parts of fewer than ``least`` pixels."""
    parts, _ = label(mask)
    return (np.bincount(parts.ravel())[parts] >= least) & mask


def without(regions: np.ndarray, gone: np.ndarray) -> np.ndarray:
    """Regions (n, n) with the pixels ``gone`` given to the region of the nearest other pixel."""
    if not gone.any() or gone.all():
        return regions
    row, column = distance_transform_edt(gone, return_distances=False, return_indices=True)
    return regions[row, column]


def beard_of(head: Head) -> np.ndarray:
    """(n, n) bool: hair in the lower face of a head that has a beard."""
    zone = np.zeros(head.parts.shape, bool)
    if head.facts["beard"] in BEARDS:
        p = head.points
        center = p[[2, 14, 30]].mean(0)
        jaw = center + (p[1:16] - center) * np.array([1.18, 1.45], np.float32)
        zone[inside(np.concatenate([jaw, p[[35, 33, 31]]]), zone.shape)] = True
    return large(zone & (head.regions == HAIR), 12)


def masks_of(head: Head, lens: Lens) -> Masks:
    """Hair and dark scalp without loose strands, holes and islands; beard; clothes; background."""
    regions, u, v = head.regions, lens.u, lens.v
    bright = head.albedo.mean(2)
    face = (regions == SKIN) & (np.abs(u) < 0.6) & (v > 0.1) & (v < 0.6)
    level = np.median(bright[face]) if face.sum() > 20 else 150.0
    scalp = ((regions == SKIN) & (gaussian_filter(bright, 0.8) < 0.74 * level)
             & ((v < -0.62) | (np.abs(u) > 0.95) & (v < 0.2)))
    gaps = np.isin(head.parts, (LENS, HOLE))
    beard = beard_of(head)
    hair = median_filter(((regions == HAIR) & ~beard | scalp).astype(np.uint8), 5) > 0
    soft = gaussian_filter(hair.astype(np.float32), 2.2 if "curly" in head.facts["hair_style"] else 1.0)
    hair = (soft > 0.5) | gaps & (gaussian_filter(soft, 2) > 0.25) & (np.abs(v - 0.1) > 0.4)
    hair = ~large(~large(hair, 90), 250)
    rest = median_filter(without(regions, (regions == HAIR) & ~hair & ~beard), 5)
    clothes = large((rest == CLOTHES) & ~hair & (v > 1.25), 40)
    background = large((rest == BACKGROUND) & ~gaps & ~hair, 40)
    return {"hair": hair, "beard": beard & ~hair & ~background, "clothes": clothes, "background": background}


def fields_of(masks: Masks, lens: Lens, teeth: np.ndarray) -> np.ndarray:
    """Smooth fields (4, size, size) of background, skin, hair and clothes, which sum to 1 at the canvas's pixels.

    ``teeth`` (size, size) is added along the hair's border, which makes its tips.
    """
    skin, hair, clothes = (lens(mask) for mask in (
        ~(masks["hair"] | masks["clothes"] | masks["background"]), masks["hair"], masks["clothes"]))
    hair = hair + teeth * ramp(0.03, 0.4, hair)
    return np.stack([1 - skin - hair - clothes, skin, hair, clothes])


def outlines(fields: np.ndarray, width: float) -> np.ndarray:
    """(size, size) coverage by even lines at the borders of the fields (4, size, size)."""
    line = np.zeros(fields.shape[1:], np.float32)
    for i in (1, 2, 3):
        others = np.maximum.reduce([fields[j] for j in range(4) if j != i])
        line = np.maximum(line, border_line(fields[i] - others, width))
    return np.clip(line, 0, 1)


def border_line(field: np.ndarray, width: float) -> np.ndarray:
    """(size, size) coverage by a line of this width where the field is 0."""
    rows, columns = np.gradient(field)
    return np.clip(width / 2 + 0.5 - np.abs(field) / (np.hypot(rows, columns) + 1e-4), 0, 1)
