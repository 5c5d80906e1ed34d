"""What a head is to look like: all its attributes, drawn from one generator of random numbers.

The order of the draws is part of the data: another one makes other pictures of the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

# Movements of the face (Apple's names), each in [0, 1], that make an expression; how often it is drawn
EXPRESSIONS: dict[str, dict[str, float]] = {
    "neutral": {},
    "smile": {"mouthSmile": .6, "cheekSquint": .3},
    "grin": {"mouthSmile": .8, "jawOpen": .14, "mouthUpperUp": .4, "cheekSquint": .5, "mouthLowerDown": .25},
    "toothy": {"mouthSmile": .85, "jawOpen": .1, "mouthUpperUp": .5, "mouthLowerDown": .3, "cheekSquint": .35},
    "laugh": {"mouthSmile": .9, "jawOpen": .38, "cheekSquint": .7, "eyeSquint": .5, "mouthUpperUp": .45},
    "surprise": {"jawOpen": .45, "browInnerUp": .8, "browOuterUp": .8, "eyeWide": .6},
    "sad": {"mouthFrown": .7, "browInnerUp": .7, "eyeSquint": .2},
    "angry": {"browDown": .9, "noseSneer": .35, "mouthPress": .5, "eyeSquint": .4},
    "talk": {"jawOpen": .2, "mouthFunnel": .3},
    "pout": {"mouthPucker": .6},
    "smirk": {"mouthSmileLeft": .7, "cheekSquintLeft": .3},
    "press": {"mouthPress": .6, "mouthSmile": .15, "mouthDimple": .4},
    "closed": {"eyeBlink": .95, "mouthSmile": .2},
}
EXPRESSION_SHARES = (4.6, 5, 5, 4, 3.4, .7, .5, .3, 1.2, .4, 1, .9, .4)
WOMENS_HAIR = {"long straight": 4, "long wavy": 4, "bob": 3, "curly": 2, "ponytail": 2, "pixie": 1.5, "long curly": 2,
               "bun": 1.5}
MENS_HAIR = {"buzz": 2, "crop": 4, "side part": 4, "slick back": 2, "messy": 3, "curly": 2, "receding": 1.2, "bald": .6,
             "long wavy": .7}
BEARDS = {"none": .45, "stubble": .25, "full": .16, "goatee": .08, "mustache": .06}
GLASSES = {"none": .82, "round": .035, "rectangular": .04, "aviator": .025, "rimless": .02, "oval": .02,
           "square": .025, "large": .015}


def pick(rng: np.random.Generator, options: Sequence[str], shares: Sequence[float]) -> str:
    """One of the options, as often as its share of all shares says."""
    weights = np.array(shares, float)
    return str(rng.choice(options, p=weights / weights.sum()))


def _age(rng: np.random.Generator) -> float:
    """Years, 9 to 85."""
    years = [rng.uniform(9, 16), rng.uniform(18, 40), rng.uniform(40, 60), rng.uniform(60, 85)]
    return float(np.clip(rng.choice(years, p=[.06, .54, .25, .15]), 8, 85))


def _hair_color(rng: np.random.Generator, ancestry: np.ndarray, fair: float, years: float) -> str:
    """The darker the ancestry, the more often black; the older, the more often grey or white."""
    european, dark, asian = ancestry
    shares = {"black": 1.2 + 12 * dark + 8 * asian, "dark brown": 3, "brown": 2.5 * (1 - dark) ** 2,
              "light brown": 2 * fair + .2 * (1 - dark) * european, "blond": 1.8 * fair, "light blond": 1. * fair,
              "red": 1. * fair}
    color = pick(rng, list(shares), list(shares.values()))
    if years > 50 and rng.random() < (years - 45) / 35:
        color = str(rng.choice(["grey", "white"]))
    return color


def _hair_style(rng: np.random.Generator, female: bool, years: float) -> str:
    """The young have no receding hair and no bald head."""
    shares = dict(WOMENS_HAIR if female else MENS_HAIR)
    if not female:
        shares["receding"] *= years > 28
        shares["bald"] *= years > 25
    return pick(rng, list(shares), list(shares.values()))


def _eyes(rng: np.random.Generator, dark: float, fair: float) -> str:
    """The colour of the irises."""
    shares = {"brown": 3 + 12 * (1 - fair), "brownlight": 2 * (1 - dark), "blue": 2. * fair, "green": 1.3 * fair,
              "grey": 1. * fair, "bluegreen": .6 * fair, "lightblue": .8 * fair, "deepblue": .6 * fair,
              "ice": .03 * fair}
    return pick(rng, list(shares), list(shares.values()))


def choose(rng: np.random.Generator) -> dict[str, Any]:
    """All attributes of a head. Angles are degrees (``yaw``, ``pitch``, ``roll``: of the camera about the head)."""
    female = rng.random() < .5
    years = _age(rng)
    ancestry = rng.dirichlet([.5, .5, .5])
    dark = float(ancestry[1])
    fair = float(np.clip((ancestry[0] - .45) / .4, 0, 1)) * float(dark < .3)
    adult = years > 17
    told: dict[str, Any] = {
        "gender": "female" if female else "male", "age_years": years,
        "race_mix": dict(zip(("caucasian", "african", "asian"), ancestry.round(3).tolist(), strict=True))}
    told["expression"] = pick(rng, list(EXPRESSIONS), EXPRESSION_SHARES)
    told["hair_color"] = _hair_color(rng, ancestry, fair, years)
    told["hair_style"] = _hair_style(rng, female, years)
    told["beard"] = str(rng.choice(list(BEARDS), p=list(BEARDS.values()))) if adult and not female else "none"
    told["glasses"] = str(rng.choice(list(GLASSES), p=list(GLASSES.values())))
    told["eyes"] = _eyes(rng, dark, fair)
    told["makeup"] = bool(female and adult and rng.random() < .5)
    told["yaw"] = float(np.clip(rng.normal(0, 16), -42, 42))
    told["pitch"], told["roll"] = float(rng.normal(0, 6)), float(rng.normal(0, 5))
    told["gaze_to_camera"] = bool(rng.random() < .75)
    told["background"] = str(rng.choice(["environment", "wall"], p=[.5, .5]))
    return told
