"""Hair, beard and stubble as strands grown on the head (NumPy, SciPy). Lengths are decimetres."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from geometry import Array, smoothstep, unit
from scipy.spatial import cKDTree

TURN = 6.28
Field = Callable[[Array], Array]      # points (N, 3) -> directions (N, 3)


def _barycentric(rng: np.random.Generator, count: int) -> Array:
    """Weights (count, 3) of places spread evenly over a triangle."""
    places = rng.random((count, 2))
    places[places.sum(1) > 1] = 1 - places[places.sum(1) > 1]
    return np.c_[1 - places.sum(1), places]


def _areas(vertices: Array, triangles: Array) -> Array:
    """Twice the areas of triangles (T, 3)."""
    a, b, c = (vertices[triangles[:, corner]] for corner in range(3))
    return np.linalg.norm(np.cross(b - a, c - a), axis=1)


def blend(values: Array, corners: Array, weights: Array) -> Array:
    """Values (V, 3) of vertices at places (N, 3) inside triangles whose corners (N, 3) have weights (N, 3)."""
    return (values[corners] * weights[:, :, None]).sum(1)


class Skull:
    """The sampled surface of a head, into which no strand may go: points (N, 3), unit normals (N, 3)."""

    def __init__(self, vertices: Array, normals: Array, triangles: Array, rng: np.random.Generator) -> None:
        area = _areas(vertices, triangles)
        chosen = triangles[rng.choice(len(triangles), 24_000, p=area / area.sum())]
        weights = _barycentric(rng, len(chosen))
        self.points = blend(vertices, chosen, weights)
        self.normals = unit(blend(normals, chosen, weights))
        self.tree = cKDTree(self.points)

    def push(self, points: Array, gap: Array) -> Array:
        """Points (N, 3), moved outwards until they are ``gap`` (N,) above the surface (by .25 at most)."""
        _, nearest = self.tree.query(points, workers=1)
        height = ((points - self.points[nearest]) * self.normals[nearest]).sum(1)
        return points + self.normals[nearest] * np.clip(gap - height, 0, .25)[:, None]


@dataclass(frozen=True)
class Roots:
    """Where strands begin: points and unit normals (N, 3), and the same places on the unmorphed base mesh."""

    points: Array
    normals: Array
    base: Array


def sow(vertices: Array, normals: Array, base: Array, triangles: Array, weight: Array, rng: np.random.Generator,
        count: int) -> Roots:
    """At most ``count`` random roots on triangles (T, 3), denser where the vertices' ``weight`` (V,) is high."""
    corners = weight[triangles]
    share = _areas(vertices, triangles) * corners.mean(1)
    chosen = rng.choice(len(triangles), count * 2, p=share / share.sum())
    places = _barycentric(rng, count * 2)
    kept = rng.random(len(chosen)) * corners[chosen].max(1) < (corners[chosen] * places).sum(1)
    chosen, places = triangles[chosen[kept][:count]], places[kept][:count]
    return Roots(blend(vertices, chosen, places), unit(blend(normals, chosen, places)), blend(base, chosen, places))


@dataclass(frozen=True)
class Style:
    """How strands grow.

    ``length`` of each strand (N,) or of all; ``comb``: the wished direction at points; ``lift`` 0 (along the comb) to
    1 (straight out); ``gravity``; ``stiff``: how much of the last direction is kept; ``jitter``: disorder; ``volume``:
    the highest layer above the skull; ``curl``: radius of a curl, ``pitch`` its length; ``clump``: how far the tips
    are pulled to the nearest of ``clumps`` guides; ``away``: a sideways push that keeps hair out of the face.
    """

    length: Array | float
    comb: Field
    steps: int = 14
    lift: float = .5
    gravity: float = .3
    stiff: float = .6
    jitter: float = .1
    volume: float = .1
    curl: float = 0.
    pitch: float = .3
    clump: float = .5
    clumps: int = 400
    away: Field | None = None


def layers(count: int, volume: float, rng: np.random.Generator) -> Array:
    """How high above the skull each strand lies, without the least gap."""
    return rng.random(count) ** 1.2 * volume


def _paths(roots: Roots, style: Style, skull: Skull, rng: np.random.Generator, gap: Array | None) -> Array:
    """Strands (N, steps, 3), neither clumped nor curled."""
    count, steps = len(roots.points), style.steps
    wish = style.comb(roots.points)
    wish = unit(wish - (wish * roots.normals).sum(1, keepdims=True) * roots.normals)
    way = unit(roots.normals * style.lift + wish * (1 - style.lift) + rng.normal(0, style.jitter, (count, 3)))
    gap = layers(count, style.volume, rng) + .012 if gap is None else gap
    path = [roots.points + roots.normals * .005]
    stride = (np.broadcast_to(style.length, count) / (steps - 1))[:, None]
    for step in range(1, steps):
        pull = np.array([0, -1, 0.]) * style.gravity * (1 + step / steps)
        wish = style.comb(path[-1]) * max(0, 1 - 1.2 * step / steps)
        way = unit(way * style.stiff + (1 - style.stiff) * (wish + pull)
                   + rng.normal(0, style.jitter * .3, (count, 3)))
        point = path[-1] + way * stride
        if style.away is not None:
            point = point + style.away(point) * stride
        way = unit(skull.push(point, gap * min(1, step / 3)) - path[-1])
        path.append(path[-1] + way * stride)
    return np.stack(path, 1)


def _curled(strands: Array, style: Style, phase: Array, size: Array) -> Array:
    """Strands (N, S, 3) wound around themselves; ``phase`` (N,) in radians, ``size`` (N,) times the radius."""
    along = unit(np.gradient(strands, axis=1))
    side = unit(np.cross(along, np.array([.3, .2, 1.])))
    up = np.cross(along, side)
    run = np.linspace(0, 1, style.steps)[None] * np.broadcast_to(style.length, len(strands))[:, None]
    angle = run / style.pitch * TURN + phase[:, None]
    radius = style.curl * size[:, None] * np.minimum(1, run / (style.pitch * .7))
    return strands + (side * np.cos(angle)[..., None] + up * np.sin(angle)[..., None]) * radius[..., None]


def grow(roots: Roots, style: Style, skull: Skull, rng: np.random.Generator, gap: Array | None = None) -> Array:
    """Strands (N, steps, 3) from roots; ``gap`` (N,): how high above the skull each lies (drawn if not given)."""
    strands = _paths(roots, style, skull, rng, gap)
    count = len(strands)
    if style.clump > 0:
        guides = rng.choice(count, min(style.clumps, count), replace=False)
        _, nearest = cKDTree(roots.points[guides]).query(roots.points)
        t = np.linspace(0, 1, style.steps)[None, :, None]
        strands = strands + (strands[guides][nearest] - strands) * (style.clump * t)
        phase = rng.random(len(guides))[nearest] * TURN + rng.normal(0, .35, count)
        size = (.6 + .8 * rng.random(len(guides)))[nearest]
    else:
        phase, size = rng.random(count) * TURN, .6 + .8 * rng.random(count)
    return _curled(strands, style, phase, size) if style.curl > 0 else strands


def shorten(strands: Array, ends: Array) -> Array:
    """Strands (N, S, 3) up to their point number ``ends`` (N,), which need not be whole, with S points again."""
    steps = strands.shape[1]
    places = np.linspace(0, 1, steps)[None] * ends[:, None]
    before = np.minimum(places.astype(int), steps - 2)
    weight = (places - before)[..., None]
    rows = np.arange(len(strands))[:, None]
    return strands[rows, before] * (1 - weight) + strands[rows, before + 1] * weight


def ruffle(strands: Array, length: Array, rng: np.random.Generator) -> Array:
    """Strands (N, S, 3) made uneven, so that they are no helmet; one in twenty flies away."""
    steps = strands.shape[1]
    t = np.linspace(0, 1, steps)[None, :, None]
    wild = np.where(rng.random(len(strands)) < .05, 2.6, .7)[:, None, None]
    walk = np.cumsum(rng.normal(0, 1, strands.shape), 1) / np.sqrt(steps)
    return strands + walk * t * wild * .035 * np.minimum(1, length / .5)[:, None, None]


def flat_at(parting: float, x: Array) -> Array:
    """How much of its height hair keeps at ``x`` (N,), so that it lies flat along a parting."""
    return .25 + .75 * smoothstep(0, .5, np.abs(x - parting * .8))
