"""Where eyes, nose, mouth and chin of a drawn avatar are, measured on the style's own artwork.

Every part of a drawing (DiceBear calls it a component) sits at a fixed place of the style's canvas, so a
part drawn alone, large, tells where its points are; a pose then carries them into the picture. Points are
(x, y) in pixels, pixel centres at whole numbers: (0, 0) is the centre of the upper left pixel. Left and right
are the picture's, not the person's.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree

import numpy as np
import resvg_py
from PIL import Image
from scipy import ndimage

from avatarlib.data.drawn import artist
from avatarlib.data.drawn.avatarset import load_style

__all__ = ["LANDMARKS", "PORTRAIT_STYLES", "Pose", "avatar_landmarks", "draw_posed"]

LANDMARKS = ("left eye", "right eye", "nose", "left mouth corner", "right mouth corner", "chin")
PORTRAIT_STYLES = ("toon-head", "avataaars")
SVG = "{http://www.w3.org/2000/svg}"
DETAIL = 512            # pixels a canvas on which points are measured
STILL = {"scale": 1, "rotate": 0, "translateX": 0, "translateY": 0, "flip": "none", "borderRadius": 0}


@dataclass(frozen=True)
class Pose:
    """Turn and scale a canvas about a pivot, then shift it. Lengths in canvas widths, y down, clockwise degrees."""

    rotation: float = 0.0
    scale: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    pivot: tuple[float, float] = (0.5, 0.65)

    def matrix(self) -> np.ndarray:
        """(2, 3) affine matrix from canvas to picture, both in canvas widths from the upper left corner."""
        angle = np.deg2rad(self.rotation)
        turn = self.scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        pivot = np.array(self.pivot)
        return np.column_stack([turn, pivot + self.shift - turn @ pivot])

    def apply(self, points: np.ndarray) -> np.ndarray:
        """Carry points (..., 2) from the canvas into the picture, in canvas widths."""
        matrix = self.matrix()
        return points @ matrix[:, :2].T + matrix[:, 2]


def check_style(style: str) -> None:
    """Only styles whose faces we know how to measure."""
    if style not in PORTRAIT_STYLES:
        raise ValueError(f"style must be one of {', '.join(PORTRAIT_STYLES)}, got {style!r}")


@lru_cache(maxsize=8)
def pinned_options(style: str) -> dict[str, Any]:
    """Options that keep every part of a style where its canvas puts it."""
    moving = ("Rotate", "TranslateX", "TranslateY", "Scale")
    known = artist.OptionsDescriptor(load_style(style)).to_json()
    still = {option: 1 if option.endswith("Scale") else 0 for option in known if option.endswith(moving)}
    return {**still, **{option: value for option, value in STILL.items() if option in known}}


def rasterise(svg: str, size: int) -> np.ndarray:
    """SVG to uint8 (4, size, size), straight RGBA."""
    png = resvg_py.svg_to_bytes(svg_string=svg, width=size, height=size, skip_system_fonts=True)
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA")).transpose(2, 0, 1)


def draw_posed(svg: str, pose: Pose, size: int) -> np.ndarray:
    """Draw a DiceBear SVG in a pose, uint8 (4, size, size) straight RGBA; parts reach beyond the canvas' edge."""
    width = float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1])      # type: ignore[index]
    (a, b, tx), (c, d, ty) = pose.matrix()
    place = f'<g transform="matrix({a:.6f} {c:.6f} {b:.6f} {d:.6f} {tx * width:.4f} {ty * width:.4f})">'
    return rasterise(re.sub(r'<g clip-path="url\(#clip-[^)]*\)">', place, svg, count=1), size)


def part_name(element: ElementTree.Element) -> str:
    """Component of a canvas child; '' for a path that belongs to the canvas itself."""
    return element.get("href", "").lstrip("#").split("-")[0]


def part_svg(style: str, part: str, variant: str, path: int | None = None, margin: float = 0.0) -> str:
    """SVG of one part alone, on the canvas widened by ``margin`` canvas widths on each side.

    ``part`` "" means the canvas' own paths. ``path`` picks a single path of the part.
    """
    ElementTree.register_namespace("", SVG[1:-1])
    choice = {f"{part}Variant": [variant], f"{part}Probability": 100} if part else {}
    known = artist.OptionsDescriptor(load_style(style)).to_json()
    options = {"seed": "0", **pinned_options(style), **{o: v for o, v in choice.items() if o in known}}
    root = ElementTree.fromstring(artist.Avatar(load_style(style), options).to_string())
    group = next(child for child in root if child.tag == f"{SVG}g")
    del group.attrib["clip-path"]
    for child in list(group):
        if part_name(child) != part:
            group.remove(child)
    if path is not None:
        home = group if not part else next(e for e in root.iter(f"{SVG}g") if e.get("id", "").startswith(f"{part}-"))
        for child in [e for i, e in enumerate(home) if i != path]:
            home.remove(child)
    width = float(root.attrib["viewBox"].split()[2])
    root.set("viewBox", f"{-margin * width} {-margin * width} {(1 + 2 * margin) * width} {(1 + 2 * margin) * width}")
    return ElementTree.tostring(root, encoding="unicode")


def part_alpha(style: str, part: str, variant: str, path: int | None = None) -> np.ndarray:
    """Where one part alone is seen, float32 (DETAIL, DETAIL) in [0, 1], the strongest pixel 1."""
    alpha = rasterise(part_svg(style, part, variant, path), DETAIL)[3].astype(np.float32)
    return alpha / max(alpha.max(), 1)


def centre(mask: np.ndarray) -> np.ndarray:
    """Centre of mass (x, y) of a map, in canvas widths."""
    row, column = ndimage.center_of_mass(mask)
    return (np.array([column, row]) + 0.5) / DETAIL


@lru_cache(maxsize=64)
def eye_points(style: str, variant: str) -> np.ndarray:
    """Centres of the left and the right eye, (2, 2); a tear is no eye."""
    red, _, blue, _ = rasterise(part_svg(style, "eyes", variant), DETAIL).astype(int)
    alpha = part_alpha(style, "eyes", variant) * (blue - red < 60)
    middle = round(float(nose_point(style)[0]) * DETAIL)
    right = alpha.copy()
    right[:, :middle] = 0
    return np.stack([centre(alpha - right), centre(right)])


@lru_cache(maxsize=64)
def mouth_points(style: str, variant: str) -> np.ndarray:
    """Left and right end of the mouth, (2, 2): of what is dark, not of cheeks, teeth or a lip's faint shade."""
    *colour, alpha = rasterise(part_svg(style, "mouth", variant), DETAIL)
    seen = (np.max(colour, axis=0) < 120) & (alpha > 0.4 * alpha.max())
    columns = np.flatnonzero(seen.any(axis=0))
    ends = (columns[0], columns[-1])
    rows = [np.flatnonzero(seen[:, max(c - 1, 0):c + 2].any(axis=1)).mean() for c in ends]
    return (np.array([[ends[0], rows[0] + 0.5], [ends[1] + 1, rows[1] + 0.5]])) / DETAIL


@lru_cache(maxsize=8)
def nose_point(style: str) -> np.ndarray:
    """Centre of the nose, (2,): toon-head paints it as the middle one of the head's three shades."""
    if style == "avataaars":
        return centre(part_alpha(style, "nose", "default"))
    blobs, count = ndimage.label(part_alpha(style, "head", "head", 1) > 0.5)
    centres = [centre(blobs == blob) for blob in range(1, count + 1)]
    return sorted(centres, key=lambda point: point[0])[count // 2]


@lru_cache(maxsize=8)
def chin_point(style: str) -> np.ndarray:
    """Lowest point of the face, (2,): in avataaars, where the neck's shade begins below it."""
    if style == "toon-head":
        rows = np.flatnonzero((part_alpha(style, "head", "head") > 0.5).any(axis=1))
        bottom = rows[-1] + 1
        columns = np.flatnonzero(part_alpha(style, "head", "head")[rows[-1] - 1] > 0.5)
        return np.array([columns.mean() + 0.5, bottom]) / DETAIL
    shade = part_alpha(style, "", "", 1) > 0.5
    columns = np.flatnonzero(shade.any(axis=0))
    x = (columns[0] + columns[-1] + 1) / 2
    return np.array([x, shade[:, int(x)].argmax()]) / DETAIL


def avatar_landmarks(style: str, resolved_options: Mapping[str, Any], size: int,
                     pose: Pose | None = None) -> np.ndarray:
    """Landmarks of an avatar as ``draw_avatar`` draws it, or in a pose.

    Parameters
    ----------
    style : {"toon-head", "avataaars"}
        Drawing style.
    resolved_options : mapping
        What DiceBear chose, as ``draw_avatar`` returns it.
    size : int
        Height and width of the picture in pixels.
    pose : Pose, optional
        How the drawing is turned, scaled and shifted.

    Returns
    -------
    ndarray
        float32 (6, 2), (x, y) in pixels in the order of ``LANDMARKS``; pixel centres at whole numbers.

    Raises
    ------
    ValueError
        If the style has no measured face, the size is not positive, or the eyes or mouth are missing or unknown.
    """
    check_style(style)
    if not isinstance(size, int) or size < 1:
        raise ValueError(f"size must be a positive integer, got {size!r}")
    points = np.concatenate([eye_points(style, chosen(style, "eyes", resolved_options)), nose_point(style)[None],
                             mouth_points(style, chosen(style, "mouth", resolved_options)), chin_point(style)[None]])
    placed = (pose or Pose()).apply(points)
    return (placed * size - 0.5).astype(np.float32)


@lru_cache(maxsize=32)
def variants(style: str, part: str) -> tuple[str, ...]:
    """The variants of a part."""
    return tuple(artist.OptionsDescriptor(load_style(style)).to_json()[f"{part}Variant"]["values"])


def chosen(style: str, part: str, options: Mapping[str, Any]) -> str:
    """The variant of a part that every face has."""
    variant, names = options.get(f"{part}Variant"), variants(style, part)
    if variant not in names:
        raise ValueError(f"resolved_options[{part + 'Variant'!r}] must be one of {', '.join(names)}, got {variant!r}")
    return str(variant)
