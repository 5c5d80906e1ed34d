"""MakeHuman's base mesh, morph targets and fitted parts (``.mhclo``) in plain NumPy; it reads CC0 data only.

Lengths are decimetres, y is up, the face looks along +z (MakeHuman's convention).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from geometry import Array

SKIN_VERTICES = 13_380      # the first ones of the base mesh: the body; then come the helpers that parts are fitted to
FOLDERS = ("head", "forehead", "eyebrows", "eyes", "nose", "mouth", "ears", "chin", "cheek", "neck")
AGES = ((0, "baby"), (.1875, "child"), (.5, "young"), (1, "old"))     # 0, 10, 25 and 90 years
Pair = tuple[Path | None, Path]      # the target of the negative direction (if there is one) and of the positive one


@dataclass
class Mesh:
    """A mesh: vertices (V, 3), texture coordinates (T, 2), faces as lists of both's indices, each face's group."""

    vertices: Array
    texture: Array
    faces: list[list[int]]
    texture_faces: list[list[int]]
    groups: list[str]

    @property
    def map(self) -> tuple[Array, list[list[int]]]:
        """How a texture lies on it: coordinates (T, 2), and the indices of each face's corners."""
        return self.texture, self.texture_faces


def read_obj(path: Path) -> Mesh:
    """A Wavefront file. A face without texture indices gets zeros."""
    vertices: list[list[float]] = []
    texture: list[list[float]] = []
    mesh = Mesh(np.zeros((0, 3)), np.zeros((1, 2)), [], [], [])
    group = ""
    for line in path.read_text(errors="ignore").splitlines():
        kind, *words = line.split() or ["#"]
        if kind == "v":
            vertices.append([float(word) for word in words[:3]])
        elif kind == "vt":
            texture.append([float(word) for word in words[:2]])
        elif kind == "g":
            group = words[0] if words else ""
        elif kind == "f":
            corners = [[*word.split("/"), ""] for word in words]
            mesh.faces.append([int(corner[0]) - 1 for corner in corners])
            mesh.texture_faces.append([int(corner[1]) - 1 if corner[1] else 0 for corner in corners])
            mesh.groups.append(group)
    mesh.vertices = np.array(vertices)
    mesh.texture = np.array(texture) if texture else mesh.texture
    return mesh


@cache
def read_target(path: Path) -> tuple[Array, Array]:
    """The sparse shift of a morph target: indices of vertices (N,), vectors (N, 3)."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt") as file:
        rows = [line.split()[:4] for line in file if line.strip() and not line.startswith("#")]
    table = np.array(rows, float).reshape(-1, 4)
    return table[:, 0].astype(int), table[:, 1:]


def _ranges(words: list[str]) -> list[int]:
    """Vertices of a line like ``3 10 - 12``: 3, 10, 11, 12."""
    line = " ".join(words).replace(" - ", "-")
    spans = [[int(end) for end in word.split("-")] for word in line.split()]
    return [index for span in spans for index in range(span[0], span[-1] + 1)]


class Part:
    """A mesh that follows the base mesh: eyes, teeth, clothes ...

    Each of its vertices lies on a triangle of the base mesh (``corners`` (V, 3), ``weights`` (V, 3)) plus an
    ``offset`` (V, 3), which is scaled by distances on the base mesh. ``deleted`` are the base vertices it hides.
    """

    def __init__(self, path: Path) -> None:
        self.scale: dict[int, tuple[int, int, float]] = {}
        self.deleted: list[int] = []
        rows: list[list[float]] = []
        obj, section = path.with_suffix(".obj").name, ""
        for line in path.read_text(errors="ignore").splitlines():
            kind, *words = line.split() or ["#"]
            if kind in ("x_scale", "y_scale", "z_scale"):
                self.scale["xyz".index(kind[0])] = (int(words[0]), int(words[1]), float(words[2]))
            elif kind == "obj_file":
                obj = words[0]
            elif kind in ("verts", "delete_verts"):
                section = kind
            elif kind.lstrip("-").isdigit() and section == "verts":
                alone = [float(kind)] * 3 + [1.] + [0.] * 5      # a vertex of the base mesh itself
                rows.append([float(word) for word in (kind, *words[:8])] if words else alone)
            elif kind.isdigit() and section == "delete_verts":
                self.deleted += _ranges([kind, *words])
        table = np.array(rows, float)
        self.corners, self.weights, self.offset = table[:, :3].astype(int), table[:, 3:6], table[:, 6:9]
        self.mesh = read_obj(path.parent / obj)

    def fit(self, base: Array) -> Array:
        """Vertices (V, 3) of the part on a morphed base mesh."""
        scale = np.ones(3)
        for axis, (a, b, length) in self.scale.items():
            scale[axis] = abs(base[a, axis] - base[b, axis]) / length
        return (base[self.corners] * self.weights[:, :, None]).sum(1) + self.offset * scale


def age_weights(age: float) -> dict[str, float]:
    """How much of each age's target: 0 is a baby, .1875 a child of ten, .5 someone of 25 and 1 of 90 years."""
    for (low, younger), (high, older) in pairwise(AGES):
        if age <= high:
            t = (age - low) / (high - low)
            return {younger: 1 - t, older: t}
    return {"old": 1}


def _levels(x: float) -> dict[str, float]:
    """How much of the least, the mean and the greatest muscle or weight, for ``x`` in [0, 1]."""
    return {"min": max(0, 1 - 2 * x), "average": 1 - abs(2 * x - 1), "max": max(0, 2 * x - 1)}


def _details(targets: Path) -> dict[str, list[Pair]]:
    """Detail targets by name, ``nose/nose-hump-decr-incr``; two pairs (left, right) where the sides are apart."""
    listed = json.loads((targets / "target.json").read_text("utf-8"))
    found: dict[str, list[Pair]] = {}
    for folder in FOLDERS:
        for category in listed[folder]["categories"]:
            ends: dict[str, Any] = category.get("opposites") or {}
            if category.get("has_left_and_right") and ends:
                names = [(ends[f"negative-{side}"], ends[f"positive-{side}"]) for side in ("left", "right")]
            elif any(ends.values()):
                names = [(ends.get("negative-unsided"), ends.get("positive-unsided"))]
            else:
                names = [(None, name) for name in category["targets"]]
            paths = [[targets / folder / f"{name}.target.gz" if name else None for name in pair] for pair in names]
            found[f"{folder}/{category['name']}"] = [(low, high) for low, high in paths if high and high.exists()]
    return found


class Body:
    """The base mesh with its macro targets, detail targets and facial units."""

    def __init__(self, mpfb: Path, units: Path) -> None:
        self.mesh = read_obj(mpfb / "3dobjs/base.obj")
        self.vertices = self.mesh.vertices
        self._groups = np.array(self.mesh.groups)
        self.skin_faces = np.flatnonzero(self._groups == "body")
        self.macro, self.units = mpfb / "targets/macrodetails", units
        self.details = _details(mpfb / "targets")
        self.quads = np.array([face for face in (self.mesh.faces[i] for i in self.skin_faces) if len(face) == 4])

    def group(self, name: str) -> Array:
        """Vertices (N,) of a group of faces: a joint's helper cube, a strip of lashes."""
        return np.unique(np.concatenate([self.mesh.faces[face] for face in np.flatnonzero(self._groups == name)]))

    def shape(self, gender: float, age: float, ancestry: Mapping[str, float], build: tuple[float, float],
              details: Mapping[str, Array], units: Mapping[str, float]) -> Array:
        """Vertices (V, 3) of a person.

        ``gender`` is 0 (female) to 1 (male); ``age`` as in `age_weights`; ``ancestry`` weights that add up to 1;
        ``build`` muscle and weight in [0, 1]; ``details`` name -> value in [-1, 1] of each of its pairs; ``units``
        facial unit -> [0, 1].
        """
        parts: list[tuple[Path | None, float]] = []
        for sex, share in (("female", 1 - gender), ("male", gender)):
            for years, weight in age_weights(age).items():
                parts += [(self.macro / f"{race}-{sex}-{years}.target.gz", share * weight * part)
                          for race, part in ancestry.items()]
                parts += [(self.macro / f"universal-{sex}-{years}-{m}muscle-{w}weight.target.gz",
                           share * weight * muscle * heavy)
                          for m, muscle in _levels(build[0]).items() for w, heavy in _levels(build[1]).items()]
        for name, values in details.items():
            pairs = self.details[name]
            parts += [(high if value > 0 else low, abs(value))
                      for (low, high), value in zip(pairs, np.broadcast_to(values, len(pairs)), strict=True)]
        parts += [(self.units / f"{name}.target", value) for name, value in units.items()]
        vertices = self.vertices.copy()
        for path, value in parts:
            if abs(value) > 1e-4 and path and path.exists():
                indices, shifts = read_target(path)
                vertices[indices] += value * shifts
        return vertices

    def normals(self, vertices: Array) -> Array:
        """Unit normals (V, 3) of the skin (zeros for other vertices)."""
        found, quads = np.zeros_like(vertices), self.quads
        across = np.cross(vertices[quads[:, 2]] - vertices[quads[:, 0]], vertices[quads[:, 3]] - vertices[quads[:, 1]])
        for corner in range(4):
            np.add.at(found, quads[:, corner], across)
        return found / (np.linalg.norm(found, axis=1, keepdims=True) + 1e-9)
