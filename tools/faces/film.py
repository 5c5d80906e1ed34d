"""From light to a photograph: exposure, white balance, vignette, blur, noise, tone curve, sharpening."""

from __future__ import annotations

import numpy as np
from geometry import Array
from pictures import blur

LUMINANCE = np.array([.21, .72, .07], np.float32)
SKIN_TONE = np.array([1.12, .98, .92])      # what a skin's light is divided by beside its albedo
MIDDLE = .19                                # the exposure aims at this for the face
LEAST_FACE = 50                             # pixels


def _logarithmic_mean(values: Array) -> float:
    return np.exp(np.log(values + 1e-3).mean())


def exposed(light: Array, face: Array, rng: np.random.Generator) -> Array:
    """Light (H, W, 3) scaled so that the ``face`` (H, W) bool is well exposed, if there is one."""
    luminance = light @ LUMINANCE
    whole = _logarithmic_mean(luminance)
    seen = _logarithmic_mean(luminance[face]) if face.sum() > LEAST_FACE else luminance.mean()
    return light * (MIDDLE * rng.uniform(.7, 1.04) / (seen ** .75 * whole ** .1 * MIDDLE ** .15 + 1e-4))


def white_balance(light: Array, albedo: Array, face: Array, rng: np.random.Generator) -> Array:
    """Factors (3,) that take most of the light's colour from the skin, as a camera's automatic does."""
    factors = 1 + rng.normal(0, .025, 3)
    if face.sum() > LEAST_FACE:
        lit = np.median(light[face], 0) / (np.median(albedo[face], 0) + .02) / SKIN_TONE
        factors = factors * np.clip((lit / lit.mean()) ** -rng.uniform(.8, 1.), .4, 2.5)
    return (factors / factors.mean()).astype(np.float32)


def tone(light: Array) -> Array:
    """A filmic curve and the display's gamma: light (any shape) to values from 0 to 1 (Narkowicz 2016, softened)."""
    curve = (light * (2.51 * light * .8 + .03)) / (light * (2.43 * light * .8 + .59) + .14)
    return curve.clip(0, 1) ** (1 / 2.2)


def _vignette(shape: tuple[int, ...], strength: float) -> Array:
    """Factors (H, W, 1): less light towards the corners."""
    height, width = shape[:2]
    y, x = np.mgrid[0:height, 0:width] / height - .5
    return (1 - strength * (x ** 2 + y ** 2))[..., None].astype(np.float32)


def develop(rendered: Array, face: Array, albedo: Array, rng: np.random.Generator) -> Array:
    """The photograph (H, W, 3), RGB, 0 to 1, of rendered light; ``face`` (H, W) bool is its skin."""
    height = rendered.shape[0]
    rendered = np.nan_to_num(rendered)
    light = exposed(rendered.clip(0, 60).astype(np.float32), face, rng)
    light *= white_balance(rendered, albedo, face, rng)
    light *= _vignette(light.shape, rng.uniform(0, .5))
    light = blur(light, rng.uniform(.15, .5) * height / 160)
    shot = rng.uniform(.00001, .00025)      # noise: of light, and of the chip
    noise = rng.normal(0, 1, light.shape).astype(np.float32)
    light = np.maximum(light + noise * np.sqrt(np.maximum(light, 0) * shot + shot * .002), 0)
    photo = tone(light)
    photo = .45 + (photo - .45) * rng.uniform(.98, 1.14)      # contrast
    grey = photo.mean(2, keepdims=True)
    photo = grey + (photo - grey) * rng.uniform(.9, 1.06)     # saturation
    if rng.random() < .5:
        photo = photo + (photo - blur(photo, height / 160)) * rng.uniform(.1, .5)      # sharpening
    return photo.clip(0, 1)
