"""The shape of a head: who it is (MakeHuman's targets), its expression (face units) and how it is turned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from attributes import EXPRESSIONS
from body import SKIN_VERTICES, Pair
from geometry import Array, rotation, smoothstep
from strands import Skull
from template import Template

SPREAD = {"nose": .26, "mouth": .24, "chin": .2, "eyes": .22, "cheek": .2, "head": .14, "neck": .12, "forehead": .18,
          "eyebrows": .25, "ears": .2}      # standard deviation of the detail targets of a folder
RARE = ("pointed", "age", "epicanthus", "eyefold-concave", "double")      # targets that disfigure soon
MILD_IN_WOMEN = ("head/head-square", "head/head-rectangular", "head/head-diamond", "chin/chin-jaw-drop-decr-incr",
                 "chin/chin-prognathism-decr-incr", "chin/chin-cleft-decr-incr")
MEANS = {"eyes/eye-scale-decr-incr": .22, "eyes/eye-height1-decr-incr": .12, "eyes/eye-height2-decr-incr": .3,
         "eyes/eye-height3-decr-incr": .12, "head/head-fat-decr-incr": -.1}
MEANS_OF_WOMEN = {
    "chin/chin-width-decr-incr": -.2, "cheek/cheek-volume-decr-incr": -.12, "chin/chin-bones-decr-incr": -.25,
    "chin/chin-prominent-decr-incr": -.1, "head/head-oval": .2, "eyebrows/eyebrows-trans-backward-forward": -.3,
    "eyebrows/eyebrows-trans-down-up": .2, "eyebrows/eyebrows-angle-down-up": .3,
    "nose/nose-scale-horiz-decr-incr": -.12, "nose/nose-hump-decr-incr": -.1,
    "mouth/mouth-lowerlip-volume-decr-incr": .12, "mouth/mouth-upperlip-volume-decr-incr": .1}
MEANS_OF_BARE_SKULLS = {      # lower and broader: no egg
    "head/head-scale-vert-decr-incr": -.22, "head/head-scale-horiz-decr-incr": .12,
    "forehead/forehead-scale-vert-decr-incr": -.35, "forehead/forehead-nubian-decr-incr": -.1, "head/head-round": .1,
    "head/head-back-scale-depth-decr-incr": .1}
SIDED = {"mouthSmile", "cheekSquint", "mouthUpperUp", "mouthLowerDown", "eyeSquint", "eyeWide", "browOuterUp",
         "browDown", "mouthFrown", "noseSneer", "mouthPress", "mouthDimple", "eyeBlink", "mouthStretch"}
RESTLESS = {"eyeBlink": .05, "browDown": .03, "browOuterUp": .15, "eyeSquint": .05, "eyeWide": .1, "mouthSmile": .12,
            "browInnerUp": .22}      # units that are never quite at rest
RAISED_BROWS = .18      # without them the base mesh looks stern


def _spread(name: str, female: bool) -> float:
    """Standard deviation of a detail target."""
    folder = name.split("/")[0]
    spread = SPREAD[folder]
    if any(word in name for word in RARE):
        spread *= .4
    if female:
        spread *= .75 * (.55 if folder in ("chin", "eyebrows", "forehead", "cheek") else 1)
    elif folder in ("chin", "eyebrows"):
        spread *= .8
    if folder in ("head", "forehead"):
        spread *= .7
    return spread * .3 if female and name in MILD_IN_WOMEN else spread


def details(targets: dict[str, list[Pair]], female: bool, bare: bool, rng: np.random.Generator) -> dict[str, Array]:
    """Value of each detail target in [-.8, .8]: (1,) or, where the sides or targets are apart, one each."""
    drawn = {}
    for name, pairs in targets.items():
        if "trans-in-out" in name and not name.startswith("eyes"):
            continue
        value = rng.normal(0, _spread(name, female)) + MEANS.get(name, 0)
        if female:
            value += MEANS_OF_WOMEN.get(name, 0)
        if bare:
            value += MEANS_OF_BARE_SKULLS.get(name, 0)
        if not pairs:
            continue
        uneven = rng.normal(0, .06, len(pairs)) if len(pairs) > 1 else np.zeros(1)
        drawn[name] = np.clip(value + uneven, -.8, .8)
        if all(low is None for low, _ in pairs):
            drawn[name] = np.abs(drawn[name])
    return drawn


def _sides(unit: str) -> list[str]:
    """The face units of a movement: one, or left and right."""
    return [f"{unit}Left", f"{unit}Right"] if unit in SIDED else [unit]


def expression(name: str, female: bool, rng: np.random.Generator) -> dict[str, float]:
    """Face units in [0, 1] of an expression, uneven and a little restless."""
    units: dict[str, float] = {}
    strength = rng.uniform(.7, 1.1)
    for movement, value in EXPRESSIONS[name].items():
        for side in _sides(movement):
            units[side] = float(np.clip(value * strength * rng.uniform(.85, 1.15), 0, 1))
    for movement, spread in RESTLESS.items():
        value = abs(rng.normal(0, .01 if female and movement == "browDown" else spread))
        for side in _sides(movement):
            units[side] = min(1, units.get(side, 0) + value)
    if name != "angry":
        units["browInnerUp"] = min(1, units.get("browInnerUp", 0) + RAISED_BROWS)
    return units


def turned(base: Array, vertices: Array, neck: Array, axes: Array) -> Array:
    """Vertices (V, 3) with the head turned about the neck; on the ``base`` mesh the turn fades out towards 5.35 dm."""
    share = smoothstep(5.35, 6.1, base[:, 1])[:, None]
    share[SKIN_VERTICES:] = np.where(base[SKIN_VERTICES:, 1:2] > 6.35, 1, share[SKIN_VERTICES:])
    return vertices + share * ((vertices - neck) @ axes.T + neck - vertices)


@dataclass(frozen=True)
class Head:
    """A shaped head, in decimetres: ``vertices`` and ``normals`` (V, 3), ``joints`` by name (3,), its own ``axes``
    (columns: to its left, up, forwards), face ``units``, the surface that hair lies on, and its ``size``: from the
    centre to the crown, width, depth."""

    template: Template
    vertices: Array
    normals: Array
    joints: dict[str, Array]
    axes: Array
    units: dict[str, float]
    skull: Skull
    size: tuple[float, float, float]

    @property
    def base(self) -> Array:
        """The unmorphed base mesh (V, 3), on which places have fixed coordinates."""
        return self.template.body.vertices

    @property
    def center(self) -> Array:
        """About the middle of the skull (3,)."""
        return self.joints["joint-head"]

    @property
    def eyes(self) -> Array:
        """The left and the right eyeball (2, 3)."""
        return np.array([self.joints["joint-l-eye"], self.joints["joint-r-eye"]])

    @property
    def middle(self) -> Array:
        """The place between the eyes (3,)."""
        return self.eyes.mean(0)

    def local(self, points: Array) -> Array:
        """Points (..., 3) in the head's axes about its centre."""
        return (points - self.center) @ self.axes

    def way(self, directions: Array) -> Array:
        """Directions (..., 3) given in the head's axes."""
        return directions @ self.axes.T


def _size(base: Array, local: Array) -> tuple[float, float, float]:
    """Height above the centre, width at the temples, depth of a head whose skin (N, 3) is ``local`` in its axes."""
    temples = np.abs(base[:, 1] - 7.4) < .12
    return local[:, 1].max(), np.ptp(local[temples][:, 0]) * .93, np.ptp(local[base[:, 1] > 7.2][:, 2])


def draw_head(template: Template, told: dict[str, Any], rng: np.random.Generator) -> Head:
    """The head that has the attributes ``told``; what they leave open is drawn."""
    body, female = template.body, told["gender"] == "female"
    age = float(np.interp(told["age_years"], [1, 10, 25, 90], [0, .1875, .5, 1]))
    gender = .02 + abs(rng.normal(0, .03)) if female else .9 + rng.normal(0, .05)
    bare = told["hair_style"] in ("bald", "buzz", "receding")
    drawn = details(body.details, female, bare, rng)
    units = expression(told["expression"], female, rng)
    muscle = float(np.clip(rng.normal(.5, .15), 0, 1))
    weight = float(np.clip(rng.normal(.42 if female else .48, .15), .05, .95))
    vertices = body.shape(float(np.clip(gender, 0, 1)), age, told["race_mix"], (muscle, weight), drawn, units)
    neck = vertices[template.joints["joint-neck"]].mean(0)
    axes = rotation(rng.normal(0, 8), rng.normal(0, 4), rng.normal(0, 5))
    vertices = turned(body.vertices, vertices, neck, axes)
    normals = body.normals(vertices)
    joints = {name: vertices[group].mean(0) for name, group in template.joints.items()}
    skin = np.flatnonzero(body.vertices[:SKIN_VERTICES, 1] > 6.12)
    size = _size(body.vertices[skin], (vertices[skin] - joints["joint-head"]) @ axes)
    skull = Skull(vertices, normals, template.triangles, rng)
    return Head(template, vertices, normals, joints, axes, units, skull, size)
