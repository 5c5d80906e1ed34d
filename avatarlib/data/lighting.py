"""Light on flat shapes: a height field without creases, its normals, and a small studio.

Pictures are float32 in linear light, (3, H, W); maps are (H, W). Lengths are in units of the picture's
width, so that the same numbers light 64 and 256 pixels alike. Axes: x to the right, y down, z to the viewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image
from scipy import fft, ndimage

__all__ = ["Light", "bump", "cast_shadow", "inflate", "normals", "occlusion", "random_light", "shade", "to_linear",
           "to_srgb"]

SCALES = (0.006, 0.012, 0.024, 0.048, 0.096)    # sigmas of the inflation, widths of the picture


def to_linear(srgb: np.ndarray) -> np.ndarray:
    """sRGB in [0, 1] to linear light in [0, 1] (IEC 61966-2-1), any shape."""
    return np.where(srgb <= 0.04045, srgb / 12.92, ((np.maximum(srgb, 0) + 0.055) / 1.055) ** 2.4)


def to_srgb(linear: np.ndarray) -> np.ndarray:
    """Linear light in [0, 1] to sRGB in [0, 1] (IEC 61966-2-1), any shape."""
    linear = np.clip(linear, 0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


@lru_cache(maxsize=64)
def gaussian_response(height: int, width: int, sigma: float) -> np.ndarray:
    """Fourier transform of a Gaussian of ``sigma`` pixels, (height, width // 2 + 1)."""
    rows, columns = fft.fftfreq(height)[:, None], fft.rfftfreq(width)[None]
    return np.exp(-2 * (np.pi * sigma) ** 2 * (rows**2 + columns**2)).astype(np.float32)


def blurs(picture: np.ndarray, sigmas: Sequence[float]) -> list[np.ndarray]:
    """Gaussian blurs of (H, W) with ``sigmas`` in pixels; the border repeats its edge."""
    pad = int(np.ceil(min(3 * max(sigmas), max(picture.shape) / 2)))
    height, width = (fft.next_fast_len(n + 2 * pad, real=True) for n in picture.shape)
    wide = np.pad(picture.astype(np.float32), ((pad, height - picture.shape[0] - pad),
                                               (pad, width - picture.shape[1] - pad)), mode="edge")
    spectrum, inner = fft.rfft2(wide), np.s_[pad:pad + picture.shape[0], pad:pad + picture.shape[1]]
    return [fft.irfft2(spectrum * gaussian_response(height, width, s), s=wide.shape)[inner] for s in sigmas]


def inflate(mask: np.ndarray, scales: Sequence[float] = SCALES) -> np.ndarray:
    """Blow a flat shape up like a balloon, without the creases of a distance transform.

    The sum over scales ``s`` of ``s * max(0, 2 G_s(mask) - 1)``, where G_s blurs with a Gaussian of sigma s (ours).

    Parameters
    ----------
    mask : ndarray
        (H, W), 0 outside to 1 inside; what it holds at the border goes on beyond it.
    scales : sequence of float
        Sigmas in units of the picture's width. Inside, the height rises to at most their sum.

    Returns
    -------
    ndarray
        float32 (H, W), in units of the picture's width.
    """
    width = mask.shape[-1]
    blurred = blurs(mask, [s * width for s in scales])
    return sum((s * np.maximum(0, 2 * b - 1) for s, b in zip(scales, blurred, strict=True)), start=np.float32(0))


def bump(shape: tuple[int, int], centre: tuple[float, float], radius: float, height: float) -> np.ndarray:
    """A Gaussian hill at ``centre`` (x, y) in pixels; radius and height in units of the picture's width; (H, W)."""
    rows, columns = np.ogrid[:shape[0], :shape[1]]
    squared = ((columns - centre[0]) ** 2 + (rows - centre[1]) ** 2) / (radius * shape[1]) ** 2
    return (height * np.exp(-squared / 2)).astype(np.float32)


def normals(height: np.ndarray) -> np.ndarray:
    """Unit normals (3, H, W) of a height field (H, W) in units of the picture's width."""
    down, right = np.gradient(height * np.float32(height.shape[-1]))
    z = 1 / np.sqrt(1 + down**2 + right**2)
    return np.stack([-right * z, -down * z, z])


def occlusion(height: np.ndarray, *, radius: float = 0.03, strength: float = 10.0) -> np.ndarray:
    """How much of the sky each point sees, (H, W) in (0, 1]: less where its surroundings stand above it."""
    around = blurs(height, [radius * height.shape[-1]])[0]
    return np.exp(-strength * np.maximum(0, around - height))


def cast_shadow(height: np.ndarray, direction: np.ndarray, *, reach: float = 0.16, steps: int = 8) -> np.ndarray:
    """How much key light arrives, (H, W) in [0, 1]: points behind a nearer height lie in soft shadow.

    Parameters
    ----------
    height : ndarray
        (H, W) in units of the picture's width.
    direction : ndarray
        (3,) unit vector towards the light.
    reach : float
        How far a shadow may fall, in units of the picture's width.
    steps : int
        Points looked at on the way to the light.
    """
    small = height[::2, ::2]
    x, y, z = direction
    flat = max(float(np.hypot(x, y)), 1e-6)
    above = np.zeros_like(small)
    for step in np.linspace(reach / steps, reach, steps):
        shift = (y / flat * step * small.shape[1], x / flat * step * small.shape[1])
        seen = translate(small, shift) - small - step * z / flat
        above = np.maximum(above, seen / (step + 0.02))
    lit = 1 - np.clip(above / 0.5, 0, 1)
    soft = ndimage.gaussian_filter(lit, 0.012 * small.shape[1], mode="nearest", truncate=2.5)
    return np.asarray(Image.fromarray(soft).resize(height.shape[::-1], Image.Resampling.BILINEAR))


def translate(picture: np.ndarray, shift: tuple[float, float]) -> np.ndarray:
    """The picture (H, W) read ``shift`` (rows, columns) whole pixels further; the border repeats its edge."""
    rows, columns = (np.clip(np.arange(n) + round(s), 0, n - 1) for n, s in zip(picture.shape, shift, strict=True))
    return picture[np.ix_(rows, columns)]


@dataclass(frozen=True)
class Light:
    """A warm key light, a cool sky above and a dim floor below; colours are linear RGB."""

    direction: np.ndarray       # (3,) unit vector towards the key light
    key: np.ndarray             # (3,)
    sky: np.ndarray             # (3,)
    floor: np.ndarray           # (3,)
    rim: np.ndarray             # (3,) light from behind, opposite to the key
    gloss: float                # share of the key light that is mirrored


def random_light(rng: np.random.Generator) -> Light:
    """A studio drawn at random: the key light from above, left or right, 38 to 63 degrees off the camera's axis."""
    side = rng.choice([-1.0, 1.0]) * np.deg2rad(rng.uniform(15, 70))    # from straight above to the side
    tilt = np.deg2rad(rng.uniform(38, 63))
    direction = np.array([np.sin(tilt) * np.sin(side), -np.sin(tilt) * np.cos(side), np.cos(tilt)])
    warm, cool = rng.uniform(0, 1, 2)
    return Light(direction=direction.astype(np.float32),
                 key=rng.uniform(1.05, 1.25) * np.array([1.06, 1.0 - 0.05 * warm, 0.94 - 0.16 * warm], np.float32),
                 sky=rng.uniform(0.22, 0.36) * np.array([1 - 0.18 * cool, 0.98, 1.06 + 0.12 * cool], np.float32),
                 floor=rng.uniform(0.10, 0.2) * np.array([1.05, 0.98, 0.9], np.float32),
                 rim=rng.uniform(0.05, 0.25) * np.array([0.85, 0.95, 1.1], np.float32),
                 gloss=float(rng.uniform(0.04, 0.12)))


def shade(albedo: np.ndarray, normal: np.ndarray, light: Light, *, shadow: np.ndarray | float = 1.0,
          openness: np.ndarray | float = 1.0) -> np.ndarray:
    """Light a surface: wrapped diffuse, a sky and a floor, a soft highlight, a rim.

    The diffuse light wraps around the edge, furthest in red, as under skin (after the wrap lighting of
    Green, GPU Gems, 2004, chapter 16); the highlight is Blinn's (1977).

    Parameters
    ----------
    albedo : ndarray
        (3, H, W) linear colour of the surface.
    normal : ndarray
        (3, H, W) unit normals.
    light : Light
        The studio.
    shadow, openness : ndarray or float
        Shares of key light and of sky that arrive, (H, W) in [0, 1].

    Returns
    -------
    ndarray
        (3, H, W) linear light, not clipped.
    """
    facing = np.tensordot(light.direction, normal, 1)
    half = light.direction + np.array([0, 0, 1], np.float32)
    half /= np.linalg.norm(half)
    glance = np.maximum(0, np.tensordot(half, normal, 1))
    glance = glance**2
    shine = light.gloss * (glance**16 + 0.35 * glance**4) * shadow
    up = 0.5 - 0.5 * normal[1]
    away = np.maximum(0, -(normal[0] * light.direction[0] + 0.4 * normal[1])) * (1 - normal[2]) ** 2 * openness
    lit = np.empty_like(albedo)
    for channel, wrap in enumerate((0.35, 0.22, 0.18)):
        diffuse = np.maximum(0, (facing + wrap) / (1 + wrap)) * shadow
        ambient = (light.floor[channel] + (light.sky[channel] - light.floor[channel]) * up) * openness
        lit[channel] = (albedo[channel] * (light.key[channel] * diffuse + ambient)
                        + light.key[channel] * shine + light.rim[channel] * away * (0.15 + albedo[channel]))
    return lit
