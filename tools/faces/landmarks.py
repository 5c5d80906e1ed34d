"""Places on the face: the 68 usual points, lids, brows and irises, in decimetres (NumPy alone).

The face of the base mesh looks along +z; *left* is the person's, which is +x and the right side of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from geometry import Array, texels, unit

if TYPE_CHECKING:
    from body import Body, Part

NAMES = ("left_eye", "right_eye", "mouth", "top_of_head", *(f"p{number:02d}" for number in range(68)))
CORNERS = {"left": (42, 45), "right": (39, 36)}      # inner and outer corner of each eye among the 68
IRISES = ((150.5, 360), (361.5, 152))                # pixels (x, y) of the irises in an eye's texture of 512 x 512
JOINTS = ("joint-neck", "joint-l-eye", "joint-r-eye", "joint-jaw", "joint-head", "joint-mouth")
LASHES = {("left", "lower"): "helper-l-eyelashes-1", ("right", "lower"): "helper-r-eyelashes-1",
          ("left", "upper"): "helper-l-eyelashes-2", ("right", "upper"): "helper-r-eyelashes-2"}
Place = tuple[float, float, float]
JAW: list[Place] = [(.73, 7.30, .45), (.73, 7.08, .50), (.70, 6.86, .56), (.66, 6.66, .68), (.58, 6.48, .86),
                    (.46, 6.34, 1.06), (.31, 6.23, 1.25), (.15, 6.18, 1.37)]
CHIN: Place = (0, 6.16, 1.40)
BROW: list[Place] = [(.52, 7.47, 1.28), (.43, 7.54, 1.38), (.33, 7.56, 1.45), (.22, 7.54, 1.50), (.11, 7.49, 1.53)]
BRIDGE: list[Place] = [(0, 7.29, 1.51), (0, 7.18, 1.55), (0, 7.06, 1.61), (0, 6.94, 1.68)]
NOSTRILS: list[Place] = [(-.16, 6.86, 1.48), (-.08, 6.84, 1.55), (0, 6.83, 1.60), (.08, 6.84, 1.55), (.16, 6.86, 1.48)]
EYE: list[Place] = [(.17, 7.25, 1.34), (.26, 7.33, 1.43), (.38, 7.34, 1.42), (.49, 7.27, 1.33), (.39, 7.20, 1.39),
                    (.27, 7.20, 1.41)]
UPPER_LIP: list[Place] = [(.25, 6.61, 1.40), (.16, 6.68, 1.52), (.06, 6.72, 1.58), (0, 6.71, 1.59)]
LOWER_LIP: list[Place] = [(.17, 6.53, 1.48), (.08, 6.49, 1.54), (0, 6.48, 1.55)]
INNER_LIPS: list[Place] = [(-.22, 6.615, 1.42), (-.08, 6.64, 1.56), (0, 6.64, 1.58), (.08, 6.64, 1.56),
                           (.22, 6.615, 1.42), (.08, 6.60, 1.54), (0, 6.595, 1.55), (-.08, 6.60, 1.54)]


def mirrored(places: list[Place]) -> list[Place]:
    """The same places on the other side of the face."""
    return [(-x, y, z) for x, y, z in places]


def points68() -> Array:
    """The 68 points (68, 3) on the base mesh, in the usual order: from the picture's left along the jaw, brows,
    nose, eyes, outer and inner lips."""
    right_eye = [mirrored(EYE)[corner] for corner in (3, 2, 1, 0, 5, 4)]
    lips = [*mirrored(UPPER_LIP)[:3], *UPPER_LIP[::-1], *LOWER_LIP, *mirrored(LOWER_LIP)[1::-1]]
    return np.array([*mirrored(JAW), CHIN, *JAW[::-1], *mirrored(BROW), *BROW[::-1], *BRIDGE, *NOSTRILS,
                     *right_eye, *EYE, *lips, *INNER_LIPS])


@dataclass(frozen=True)
class Marks:
    """Vertices of the base mesh: of the 68 points (68,), the crown, and each lid from its inner to its outer end."""

    points: Array
    crown: int
    lids: dict[tuple[str, str], list[int]]

    @classmethod
    def find(cls, body: Body, skin: Array) -> Marks:
        """The vertices among ``skin`` (N,) that are nearest to the points."""
        base = body.vertices
        distance = np.linalg.norm(base[skin][None] - points68()[:, None], axis=2)
        middle = skin[(np.abs(base[skin, 0]) < .02) & (base[skin, 1] > 6)]
        lids = {key: _lid(base, body.group(group), body.group(f"joint-{key[0][0]}-eye"))
                for key, group in LASHES.items()}
        return cls(skin[distance.argmin(1)], int(middle[base[middle, 1].argmax()]), lids)


def _lid(base: Array, lashes: Array, joint: Array) -> list[int]:
    """The roots of a strip of lashes: of nine sections across, the vertex that is nearest to the eyeball's centre."""
    x = np.abs(base[lashes, 0])
    distance = np.linalg.norm(base[lashes] - base[joint].mean(0), axis=1)
    edges = np.linspace(x.min() + .01, .475, 10)
    sections = [np.flatnonzero((x >= low) & (x < high)) for low, high in pairwise(edges)]
    return [int(lashes[section[distance[section].argmin()]]) for section in sections if len(section)]


def places(marks: Marks, vertices: Array, joints: dict[str, Array]) -> Array:
    """The landmarks (72, 3) in the order of `NAMES`: eyeballs, mouth, crown, the 68 points."""
    points = vertices[marks.points]
    return np.array([joints["joint-l-eye"], joints["joint-r-eye"], (points[62] + points[66]) / 2,
                     vertices[marks.crown], *points])


def even_curve(points: Array, axes: Array, count: int = 11) -> Array:
    """A smooth curve (count, 3) from the first to the last point, near those between.

    In the head's ``axes`` (columns, 3 x 3) it is a quintic in x without the ends' free terms, fitted by least squares.
    """
    local = (points - points[0]) @ axes
    x = local[:, 0] / (local[-1, 0] or 1)
    between = (x > -.01) & (x < 1.01)
    x, local, t = x[between], local[between], np.linspace(0, 1, count)

    def basis(x: Array) -> Array:
        return np.c_[x * (1 - x), x * (1 - x) * (2 * x - 1), x * (1 - x) * (1 - 2 * x) ** 2]

    factors = np.linalg.lstsq(basis(x), local - x[:, None] * local[-1:], rcond=None)[0]
    return points[0] + (t[:, None] * local[-1:] + basis(t) @ factors) @ axes.T


@dataclass(frozen=True)
class Iris:
    """Centre (3,), radius, and the unit vector (3,) along which the eye looks."""

    center: Array
    radius: float
    axis: Array


def find_iris(eyes: Part, vertices: Array, mine: Array) -> Iris:
    """The iris of one of two eyeballs: the texture says which of its vertices (``mine``, (V,) bool) lie on a ring."""
    uv = np.zeros((len(vertices), 2))
    for face, corners in zip(eyes.mesh.faces, eyes.mesh.texture_faces, strict=True):
        uv[face] = eyes.mesh.texture[corners]
    centers = ((x / 512, 1 - y / 512) for x, y in IRISES)
    distance = np.minimum(*(np.linalg.norm(uv - center, axis=1) for center in centers))
    ring = mine & (distance > .08) & (distance < .14)
    center = vertices[ring].mean(0)
    radii = np.linalg.norm(vertices[ring] - center, axis=1)
    axis = unit(vertices[mine & (distance < .06)].mean(0) - vertices[mine].mean(0))
    return Iris(center, float((radii * (.113 / distance[ring])).mean()), axis)


def _scatter(card: Part, vertices: Array) -> tuple[Array, Array]:
    """Sixty-four places on each face of a card: in space (N, 3) and in its texture (N, 2)."""
    steps = np.linspace(.05, .95, 8)
    grid = np.array([((1 - i) * (1 - j), i * (1 - j), i * j, (1 - i) * j) for i in steps for j in steps])
    triangle = np.random.default_rng(0).dirichlet([1, 1, 1], 64)
    weights = {4: grid, 3: triangle}
    points = [weights[len(face)] @ vertices[face] for face in card.mesh.faces]
    uv = [weights[len(face)] @ card.mesh.texture[face] for face in card.mesh.texture_faces]
    return np.concatenate(points), np.concatenate(uv)


def _brow(points: Array, local: Array, weight: Array, sections: int) -> tuple[Array, Array]:
    """Centre line and half thickness of one brow; its points (N, 3) also in the head's axes; their opacity (N,)."""
    x = np.abs(local[:, 0])
    low, high = np.percentile(x, [1, 99])
    edges = np.linspace(low, high, sections + 1)
    line, width = [], []
    for low, high in pairwise(edges):
        here = (x >= low) & (x <= high)
        if here.sum() < 3:
            continue
        w, y = weight[here], local[here, 1]
        line.append((points[here] * w[:, None]).sum(0) / w.sum())
        width.append(1.7 * np.sqrt((w * (y - np.average(y, weights=w)) ** 2).sum() / w.sum()))
    return np.array(line), np.array(width)


def brow_curves(card: Part, vertices: Array, alpha: Array, middle: Array, axes: Array,
                sections: int = 9) -> dict[str, tuple[Array, Array]]:
    """Centre line (sections, 3), inner end first, and half thickness (sections,) of each brow.

    They are measured on the opaque part of the brows' card: its ``vertices`` (V, 3) and the ``alpha`` (H, W) of its
    texture; ``middle`` (3,) is the place between the eyes, ``axes`` (3, 3) the head's.
    """
    points, uv = _scatter(card, vertices)
    opacity = alpha[texels(uv, *alpha.shape)]
    local = (points - middle) @ axes
    found = {}
    for side, sign in (("left", 1), ("right", -1)):
        mine = local[:, 0] * sign > .02
        opaque = mine & (opacity > .15)
        mine = opaque if opaque.sum() >= 50 else mine
        found[side] = _brow(points[mine], local[mine], opacity[mine] + 1e-3, sections)
    return found
