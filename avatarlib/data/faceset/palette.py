"""Colours of a drawing from the head's true ones: brighter and cleaner, the same for every look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from avatarlib.data.faceset.heads import BACKGROUND, CLOTHES, SKIN, Head
from avatarlib.data.faceset.pen import INK, WHITE, mix, shade, vivid
from avatarlib.data.faceset.places import ramp

__all__ = ["Palette", "cloth_colors", "palette_of"]

# Brightest channel of true hair -> of drawn hair: true hair is far darker than anyone draws it.
COLORED_HAIR = ([28, 33, 40, 55, 74, 105, 135, 255], [54, 60, 84, 116, 162, 230, 246, 255])
GREY_HAIR = ([28, 33, 60, 120, 200, 255], [56, 64, 100, 172, 236, 250])


@dataclass(frozen=True)
class Palette:
    """Drawn colours, float32 (3,) each in 0..255."""

    skin: np.ndarray
    lips: np.ndarray
    hair: np.ndarray
    brows: np.ndarray
    iris: np.ndarray
    glasses: np.ndarray
    background: np.ndarray


def palette_of(head: Head) -> Palette:
    """The colours in which a head is drawn."""
    skin, hair = skin_color(head.color("skin")), hair_color(seen_hair(head))
    lips = head.color("lips")
    glow = mix(skin, (214, 84, 92), 0.22) if lips is None else vivid(lips, 1.35) * skin.mean() / head_mean(head)
    lips = mix(shade(skin, 0.88), np.clip(glow, 0, 250), 0.65 if head.facts["makeup"] else 0.3)
    brows = mix(shade(hair, 0.62), INK, 0.35)
    glasses = head.color("glasses")
    if glasses is None:
        glasses = INK
    alike = float(ramp(90, 20, np.abs(glasses.mean() - skin.mean())))   # rims as bright as the skin would not be seen
    away = WHITE if skin.mean() < min(150, float(glasses.mean())) else INK
    glasses = mix(vivid(glasses, 1.3), away, 0.15 + 0.45 * alike)
    return Palette(skin, lips, hair, brows, iris_color(head.color("iris")), glasses, background_color(head))


def head_mean(head: Head) -> float:
    """Mean of the true skin's channels, at least 20."""
    skin = head.color("skin")
    return max(float(skin.mean()) if skin is not None else 120.0, 20.0)


def skin_color(true: np.ndarray | None) -> np.ndarray:
    """Skin as it is drawn: brightness raised, most where it is dark, and neither orange nor dull."""
    true = np.array([190, 140, 115], np.float32) if true is None else true
    level = float(true.mean()) / 255
    bright = 0.36 + 0.58 * level ** 0.62 - 0.04
    color = true / max(float(true.mean()), 1) * bright * 255
    spread = float(color.max() - color.min())
    wanted = float(np.clip(spread, 58, 84)) - 14 * float(ramp(0.55, 0.85, np.float32(level)))
    color = color.mean() + (color - color.mean()) * wanted / max(spread, 1)
    return np.clip(mix(color, (255, 226, 208), 0.12), 0, 252).astype(np.float32)


def seen_hair(head: Head) -> np.ndarray | None:
    """The true colour of the hair, darker where the photograph shows it far darker than its light explains."""
    true, seen, skin = head.color("hair"), head.color("hair_seen"), head.color("skin")
    face = head.parts == SKIN
    if true is None or seen is None or skin is None or face.sum() < 50:
        return true
    light = np.median(head.photo[face], 0).mean() / skin.mean()
    return true * np.clip(seen.mean() / max(light, 0.05) / max(true.mean(), 1) / 0.6, 0.55, 1)


def hair_color(true: np.ndarray | None) -> np.ndarray:
    """Hair as it is drawn; black has a little blue in it."""
    true = np.array([33, 29, 29], np.float32) if true is None else true
    top = float(true.max())
    colored = ramp(0.08, 0.3, np.float32((top - float(true.min())) / max(top, 1)))
    target = float(mix(np.array([np.interp(top, *GREY_HAIR)]), np.array([np.interp(top, *COLORED_HAIR)]), colored)[0])
    color = true / max(top, 1) * target
    fair = ramp(60, 105, np.float32(top))                           # blond is yellow, not orange
    color = color.max() - (color.max() - color) * mix((1, 1.1, 1.15), (1, 0.72, 0.95), fair)
    return np.clip(color + (1 - colored) * np.array([-4, -4, 8], np.float32), 12, 252).astype(np.float32)


def iris_color(true: np.ndarray | None) -> np.ndarray:
    """Irises as they are drawn: as bright as dark eyes are seldom."""
    true = np.array([72, 46, 29], np.float32) if true is None else true
    return np.clip(vivid(true * (130 / max(float(true.max()), 40)) ** 0.85, 1.35), 0, 235)


def background_color(head: Head) -> np.ndarray:
    """A pastel of the photograph's background."""
    seen = head.regions == BACKGROUND
    mean = head.photo[seen].mean(0) if seen.sum() > 50 else np.array([200.0, 210.0, 230.0])
    hue = mean - mean.mean()
    return np.clip(226 + hue * (24 / max(np.abs(hue).max(), 12)), 0, 255).astype(np.float32)


def cloth_colors(head: Head, count: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Up to ``count`` flat colours of the clothes by k-means: numbers (n, n), colours (count, 3)."""
    where = head.regions == CLOTHES
    numbers = np.zeros(where.shape, int)
    if where.sum() < 30:
        return numbers, np.array([[120.0, 130.0, 160.0]])
    share = gaussian_filter(where.astype(np.float32), 2.5)[where]       # stripes become one colour
    cloth = head.albedo * where[..., None].astype(np.float32)
    pixels = np.stack([gaussian_filter(cloth[..., i], 2.5)[where] / share for i in range(3)], -1)
    centers = np.quantile(pixels, np.linspace(0.1, 0.9, count), axis=0)
    for _ in range(5):
        nearest = ((pixels[:, None] - centers) ** 2).sum(2).argmin(1)
        centers = np.array([pixels[nearest == i].mean(0) if (nearest == i).any() else centers[i]
                            for i in range(count)])
    for i in range(1, count):
        if np.abs(centers[i] - centers[i - 1]).max() < 45:
            centers[i] = centers[i - 1]
    numbers[where] = nearest
    return numbers, np.clip(vivid(centers, 1.0) * 1.1 + 14, 0, 250)
