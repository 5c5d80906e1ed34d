"""Hairstyles: where hair grows on the scalp, how each style combs it, and what is tied at the back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from camera import Camera
from clearing import clear_face
from geometry import Array, smoothstep, unit
from shape import Head
from strands import TURN, Field, Roots, Style, flat_at, grow, layers, ruffle, sow

COUNTS = {"buzz": 14_000, "crop": 14_000, "receding": 14_000}      # strands; others have 17,000
COMBED = ("ponytail", "bun", "slick back")
PARTED = ("bob", "long straight", "long wavy", "side part", "pixie")      # they lie flat along the parting
LEAST_GAP = .012
TIED_STRANDS, TIED_STEPS = 1500, 26


@dataclass(frozen=True)
class Scalp:
    """The roots of a head's hair. For each of them (N,): how far up it is (``top``, 0 to 1) and on which ``side`` of
    the ``parting`` (1 the person's left, -1). ``vary`` is how much longer than usual the hair is."""

    head: Head
    roots: Roots
    parting: float
    top: Array
    side: Array
    vary: float
    female: bool

    def __len__(self) -> int:
        return len(self.top)

    @property
    def local(self) -> Array:
        """The roots (N, 3) in the head's axes."""
        return self.head.local(self.roots.points)

    def steady(self, *direction: float) -> Field:
        """A comb that draws all hair in one direction, given in the head's axes."""
        return lambda points: self.head.way(np.tile(np.array(direction, float), (len(points), 1)))

    def each(self, directions: Array) -> Field:
        """A comb that draws each strand in its own direction (N, 3), given in the head's axes."""
        ways = self.head.way(directions)
        return lambda points: ways

    def aside(self, down: float, back: float) -> Field:
        """A comb from the parting to the sides, and backwards where the hair is in front."""
        def comb(points: Array) -> Array:
            behind = back * (self.head.local(points)[:, 2] > -.2)
            return self.head.way(unit(np.c_[self.side, down + 0 * self.side, behind]))
        return comb

    def away(self, points: Array) -> Array:
        """A push (N, 3) out of the face for the parts of strands at ``points`` (N, 3)."""
        local, half = self.head.local(points), self.head.size[1] * .5
        inside = smoothstep(half * 1.12, half * .75, np.abs(local[:, 0])) * smoothstep(.75, .45, local[:, 1])
        push = np.sign(local[:, :1]) * np.array([1, 0, -.35])[None] * 2.2
        return self.head.way(push * ((local[:, 2] > .25) * inside)[:, None])


def _weights(head: Head, style: str, rng: np.random.Generator) -> Array:
    """How densely hair grows at each vertex (V,)."""
    weight = head.template.scalp.copy()
    x, y, z = head.base.T
    if style == "receding":
        weight *= smoothstep(.2, -.3, z - .5)
        weight *= 1 - .97 * smoothstep(.7, .35, np.hypot(x, z - .35)) * smoothstep(7.7, 8.0, y)
    waves = .8 * np.sin(x * 23 + rng.uniform(0, 6)) * np.sin(x * 41 + y * 17 + rng.uniform(0, 6))
    if style in COMBED:
        return weight * smoothstep(.3, .6, weight)
    uneven = np.clip(1 + waves, 0, 1.2) * (weight < .8)      # the hairline is
    return weight * (.55 + .45 * uneven + .45 * (weight >= .8))


def _scalp(head: Head, style: str, female: bool, rng: np.random.Generator) -> Scalp:
    """The roots of a hairstyle and its parting."""
    parting = rng.choice([-1, 1]) * rng.uniform(.1, .45) if rng.random() < .7 else 0.
    roots = sow(head.vertices, head.normals, head.base, head.template.triangles, _weights(head, style, rng), rng,
                COUNTS.get(style, 17_000))
    side = np.where(head.local(roots.points)[:, 0] > parting * .8, 1., -1.)
    return Scalp(head, roots, parting, smoothstep(7.55, 8.0, roots.base[:, 1]), side, rng.uniform(.8, 1.25), female)


def _buzz(s: Scalp, rng: np.random.Generator) -> Style:
    return Style(.05 * s.vary + .03 * s.top, s.steady(0, -.3, -.3), steps=4, lift=.8, gravity=0, volume=0, clump=0)


def _receding(s: Scalp, rng: np.random.Generator) -> Style:
    return Style((.14 + .2 * s.top) * s.vary, s.steady(0, -.6, -.7), lift=.35, gravity=.4, volume=.06)


def _crop(s: Scalp, rng: np.random.Generator) -> Style:
    ways = [(rng.normal(0, .3), -.1, .7), (rng.choice([-.8, .8]), 0, .3), (rng.normal(0, .3), .2, -.6),
            (rng.normal(0, .5), .8, .2)]
    way = s.head.way(unit(np.array(ways[rng.integers(4)], float)))
    length = (.09 + .26 * s.top * rng.uniform(.7, 1.2)) * s.vary * rng.uniform(.7, 1.15, len(s))
    ways_of_all = np.where(s.top[:, None] > .3, way, s.head.way(np.array([0, -.6, -.35])))
    return Style(length, lambda points: ways_of_all, gravity=.2, volume=.12, clump=.45, jitter=.16)


def _short(s: Scalp, rng: np.random.Generator, long: float, least: float, away: Field | None) -> Style:
    """To both sides of a parting."""
    length = (.12 + long * s.top + least) * s.vary * rng.uniform(.8, 1.2, len(s))
    comb = s.each(unit(np.c_[s.side * (.2 + .7 * s.top), 0 * s.side - .35, -.45 + 0 * s.side]))
    return Style(length, comb, lift=.4, gravity=.75, volume=.15, clump=.55, jitter=.16, away=away)


def _side_part(s: Scalp, rng: np.random.Generator) -> Style:
    return _short(s, rng, .34, 0, s.away)


def _pixie(s: Scalp, rng: np.random.Generator) -> Style:
    return _short(s, rng, .42, .2, None)


def _slick_back(s: Scalp, rng: np.random.Generator) -> Style:
    comb = s.steady(*unit(np.array([0, -.15, -1])))
    return Style((.25 + .7 * s.top) * s.vary, comb, lift=.3, gravity=.25, clump=.6, stiff=.5)


def _messy(s: Scalp, rng: np.random.Generator) -> Style:
    """Ninety tufts, each in a direction of its own."""
    length = (.2 + .42 * s.top) * s.vary * rng.uniform(.7, 1.3, len(s))
    ways = s.head.way(unit(rng.normal(0, 1, (90, 3)) * np.array([1, .4, 1]) + np.array([.2, .1, .3])))
    x, y, z = s.local.T
    tuft = ((np.arctan2(x, z) * 3).astype(int) * 7 + (y * 9).astype(int)) % 90
    return Style(length, lambda points: ways[tuft], lift=.55, gravity=.2, volume=.2, clump=.7, jitter=.18)


def _curly(s: Scalp, rng: np.random.Generator) -> Style:
    head = s.head
    length = rng.uniform(.45, 1.0) * (1 + .3 * s.top) * (1.7 if s.female else 1)

    def outwards(points: Array) -> Array:
        return head.way(unit(head.local(points) * np.array([1, .2, .6]) + np.array([0, -.3, 0])))

    return Style(length, outwards, steps=22, lift=.75, gravity=.5 if s.female else .22, volume=.35,
                 clump=.75, clumps=500, curl=rng.uniform(.05, .1), pitch=rng.uniform(.2, .4), away=s.away)


def _bob(s: Scalp, rng: np.random.Generator) -> Style:
    length = np.clip((s.local[:, 1] + rng.uniform(.35, .8)) * 1.1, .5, 2.6) * rng.uniform(.93, 1.05, len(s))
    return Style(length + .5 * s.top, s.aside(-.5, -.55), steps=18, lift=.18, gravity=.9, volume=.18, stiff=.55,
                 curl=float(rng.choice([0, .05])), pitch=.9, away=s.away)


def _long(name: str) -> Callable[[Scalp, np.random.Generator], Style]:
    def style(s: Scalp, rng: np.random.Generator) -> Style:
        length = rng.uniform(2.6, 4.2) * rng.uniform(.85, 1.05, len(s))
        curls = {"straight": (rng.uniform(.015, .04), rng.uniform(1., 1.8)),
                 "wavy": (rng.uniform(.05, .1), rng.uniform(.7, 1.1)),
                 "curly": (rng.uniform(.08, .14), rng.uniform(.3, .5))}
        curl, pitch = curls[name]
        lift, volume = (.4, .35) if name == "curly" else (.16, .2)
        return Style(length, s.aside(-.4, -.6), steps=26, lift=lift, gravity=1., stiff=.55, jitter=.15, volume=volume,
                     curl=curl, pitch=pitch, clump=.65, clumps=300, away=s.away)
    return style


STYLES: dict[str, Callable[[Scalp, np.random.Generator], Style]] = {
    "buzz": _buzz, "receding": _receding, "crop": _crop, "side part": _side_part, "pixie": _pixie,
    "slick back": _slick_back, "messy": _messy, "curly": _curly, "bob": _bob, "long straight": _long("straight"),
    "long wavy": _long("wavy"), "long curly": _long("curly")}


def _tied(s: Scalp, rng: np.random.Generator) -> tuple[Style, Array]:
    """All hair combed to a knot (3,) at the back."""
    height = rng.uniform(.15, .8)
    depth = s.head.size[2] * (.5 if height < .6 else .42)
    knot = s.head.center + s.head.way(np.array([0, height, -depth])[None])[0]
    length = np.linalg.norm(s.roots.points - knot, axis=1) * 1.25
    return Style(length, lambda points: unit(knot - points), lift=.2, gravity=0, volume=.13, clump=.35, stiff=.4), knot


def _tail(head: Head, knot: Array, rng: np.random.Generator) -> Array:
    """The strands (N, S, 3) of a ponytail."""
    starts = head.way(rng.normal(0, .07, (TIED_STRANDS, 3)))
    ways = np.array([[rng.normal(0, .3), -.2, -1]]) + rng.normal(0, .12, (TIED_STRANDS, 3))
    ways = head.way(unit(ways))
    style = Style(rng.uniform(1.5, 3), lambda points: ways, steps=TIED_STEPS, lift=.9, gravity=1., volume=.3, curl=.06,
                  pitch=.9, clump=.4)
    return grow(Roots(knot + starts, ways, knot + starts), style, head.skull, rng)


def _bun(head: Head, knot: Array, rng: np.random.Generator) -> Array:
    """The strands (N, S, 3) of a bun, wound about many axes."""
    radius = rng.uniform(.28, .42)
    axis = unit(rng.normal(0, 1, (TIED_STRANDS, 3)) * .5 + np.array([0, .3, -1]))
    u = unit(np.cross(axis, rng.normal(0, 1, (TIED_STRANDS, 3))))
    v = np.cross(axis, u)
    angle = rng.random((TIED_STRANDS, 1)) * TURN + np.linspace(0, 1, TIED_STEPS)[None] * 5
    radii = radius * rng.uniform(.75, 1.05, (TIED_STRANDS, 1))
    loops = (u[:, None] * np.cos(angle)[..., None] + v[:, None] * np.sin(angle)[..., None]) * radii[..., None]
    return knot + head.way(loops + np.array([0, .1, -.12]))


def _thin_out(strands: Array, head: Head, share: float, rng: np.random.Generator) -> Array:
    """Only a ``share`` of the strands that hang over the face."""
    local, half = head.local(strands), head.size[1] * .5
    x, y, z = np.abs(local[..., 0]), local[..., 1], local[..., 2]
    over = ((z > .45) & (x < half * .8) & (y < .8)).any(1) | ((z > .2) & (x < .38) & (y < -.2)).any(1)
    return strands[~over | (rng.random(len(strands)) < share)]


def draw_hair(head: Head, camera: Camera, name: str, female: bool, rng: np.random.Generator) -> list[Array]:
    """Bundles of strands (N, S, 3) of a hairstyle: the hair of the scalp and what is tied; none for a bald head."""
    if name == "bald":
        return []
    scalp = _scalp(head, name, female, rng)
    style, knot = _tied(scalp, rng) if name in ("ponytail", "bun") else (STYLES[name](scalp, rng), head.center)
    gap = None
    if name in PARTED:
        gap = layers(len(scalp), style.volume, rng) * flat_at(scalp.parting, scalp.local[:, 0]) + LEAST_GAP
    strands = grow(scalp.roots, style, head.skull, rng, gap)
    strands = ruffle(strands, np.broadcast_to(style.length, len(scalp)), rng)
    if style.away is not None:
        strands = _thin_out(strands, head, .3 if name == "curly" else .03, rng)
    strands = clear_face(strands, head, camera, name, rng)
    tied = {"ponytail": _tail, "bun": _bun}
    return [strands, tied[name](head, knot, rng)] if name in tied else [strands]
