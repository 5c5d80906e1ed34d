"""The skin's texture: two painted skins mixed, toned, with spots, lipstick and what hair leaves on it."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from geometry import Array
from pictures import TEXTURE, blur, saturate
from template import Template

FEMALE = ("middleage_darkskinned_female_diffuse", "middleage_lightskinned_female_diffuse2",
          "old_darkskinned_female_diffuse", "young_lightskinned_female_diffuse2", "young_lightskinned_female_diffuse3")
MALE = ("middleage_darkskinned_male_diffuse", "middleage_lightskinned_male_diffuse",
        "middleage_lightskinned_male_diffuse2", "old_darkskinned_male_diffuse", "old_lightskinned_male_diffuse2",
        "young_darkskinned_male_diffuse", "young_lightskinned_male_diffuse", "young_lightskinned_male_diffuse2",
        "young_lightskinned_male_diffuse3")
LIPSTICKS = np.array([[.18, .12, .55], [.25, .2, .62], [.16, .08, .38], [.38, .33, .68]], np.float32)      # BGR
FACE = (slice(480, 540), slice(790, 815))      # a patch of the texture: forehead and nose
OLD = 52                                       # years from which on an old skin is taken
MOST_SATURATED = .52


def face_colour(skin: Array) -> Array:
    """The colour (3,), BGR, that stands for a skin (TEXTURE, TEXTURE, 3)."""
    return np.median(skin[FACE].reshape(-1, 3), 0)


def _mixed(template: Template, told: dict[str, Any], rng: np.random.Generator) -> Array:
    """A dark and two light skins, mixed in the logarithm by the ancestry."""
    pool = FEMALE if told["gender"] == "female" else MALE
    dark, light = ([name for name in pool if ("dark" in name) == wanted] for wanted in (True, False))
    old = told["age_years"] > OLD

    def of_age(names: list[str]) -> str:
        return str(rng.choice([name for name in names if ("old" in name) == old] or names))

    deep, pale, other = (template.skin(name) for name in (of_age(dark), of_age(light), str(rng.choice(light))))
    mix = told["race_mix"]
    tone = np.clip(mix["african"] * 1.1 + .22 * mix["asian"] * rng.random() + rng.normal(0, .08), 0, 1)
    share = rng.random() * .5
    pale = (1 - share) * pale + share * other
    return np.exp(np.log(np.maximum(pale, 1e-3)) * (1 - tone) + np.log(np.maximum(deep, 1e-3)) * tone)


def _toned(skin: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Lighter or darker, warmer or cooler, greyer; never brick or orange. Also the face's colour, if it were."""
    skin = skin * np.float32(1 + .1 * rng.normal()) * (1 + rng.normal(0, .018, 3)).astype(np.float32)
    skin = saturate(skin.clip(0, 1), rng.uniform(.84, 1.02))
    face = face_colour(skin)
    saturation = 1 - face.min() / (face.max() + 1e-6)
    if saturation > MOST_SATURATED:
        skin = saturate(skin, MOST_SATURATED / saturation)
    return skin, face


def _spot(skin: Array, rng: np.random.Generator, factor: Array | float) -> None:
    """A dark spot of one pixel's radius somewhere on the face, in place."""
    x, y = int(rng.uniform(.78, .96) * TEXTURE), int(rng.uniform(.36, .62) * TEXTURE)
    cv2.circle(skin, (x, y), 1, (skin[y, x] * factor).tolist(), -1, cv2.LINE_AA)


def _blemished(skin: Array, rng: np.random.Generator) -> Array:
    """With blotches, in a quarter of all heads freckles, and moles."""
    coarse, fine = (cv2.resize(rng.normal(0, 1, (cells, cells)).astype(np.float32), (TEXTURE, TEXTURE),
                               interpolation=cv2.INTER_CUBIC) for cells in (40, 220))
    skin = skin * (1 + (.018 * coarse + .014 * fine)[..., None])
    skin[..., :2] *= 1 - (.02 * np.maximum(coarse, 0))[..., None]
    if rng.random() < .25:
        for _ in range(int(rng.integers(20, 300))):
            _spot(skin, rng, np.array([.84, .89, .95]))
    for _ in range(rng.poisson(.8)):
        _spot(skin, rng, .6)
    return skin


def _made_up(skin: Array, face: Array, template: Template, rng: np.random.Generator) -> Array:
    """With lipstick, no paler than the skin's colour ``face``, and shadow on the lids."""
    lips = template.lips_texture[..., None].astype(np.float32)
    stick = LIPSTICKS[rng.integers(len(LIPSTICKS))]
    cover = rng.uniform(.25, .75)
    stick = stick * np.float32(np.clip(face.mean() / .5, .5, 1))
    skin = skin * (1 - lips * cover) + lips * cover * stick
    lids = blur(template.lids_texture.astype(np.float32), 4)[..., None]
    return skin * (1 - lids * rng.uniform(.1, .35) * (1 - rng.random(3).astype(np.float32) * .4))


def paint_skin(template: Template, told: dict[str, Any], tint: Array, bald: bool, rng: np.random.Generator) -> Array:
    """The texture (TEXTURE, TEXTURE, 3), BGR, 0 to 1, of a head whose hair has the colour ``tint`` (3,)."""
    skin, face = _toned(_mixed(template, told, rng), rng)
    skin = _blemished(skin, rng)
    if told["makeup"]:
        skin = _made_up(skin, face, template, rng)
    scalp = blur(template.scalp_texture.astype(np.float32), 2)[..., None]
    if bald:      # the stubble that is painted on the skins goes
        skin = skin * (1 - .8 * scalp) + face_colour(skin) * .8 * scalp
    else:
        skin = skin * (1 - scalp * .75) + tint * scalp * .75
    return skin.clip(0, 1)
