"""What is the same for all heads: the body, and on its base mesh where hair, beard, ears and neck are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from assets import Assets
from body import Body, Part
from geometry import Array, smoothstep, texels
from landmarks import JOINTS, Marks
from pictures import TEXTURE, read, scaled

PAINTED_SCALPS = ("young_darkskinned_male_diffuse", "middleage_darkskinned_female_diffuse")


def scalp_texture(assets: Assets) -> Array:
    """Where hair grows (TEXTURE, TEXTURE), 0 to 1, read off the painted scalps of two dark skins."""
    found = []
    for name in PAINTED_SCALPS:
        grey = read(assets.skin(name), TEXTURE, shrink=True).astype(float).mean(2)
        grey = cv2.GaussianBlur(grey, (0, 0), 2.5)
        hair, skin = np.percentile(grey[300:700, 640:700], 40), 62
        found.append(1 - smoothstep(hair + 8, skin + 4, grey))
    scalp = cv2.GaussianBlur(cv2.dilate(np.mean(found, 0), np.ones((7, 7))), (0, 0), 2)
    scalp[:, :int(.6 * TEXTURE)] = 0
    return scalp


def beard_weights(base: Array) -> dict[str, Array]:
    """Where a moustache, a chin beard and a full beard grow: weights (V,) of the base mesh's vertices, 0 to 1."""
    x, y, z = np.abs(base[:, 0]), base[:, 1], base[:, 2]
    line = 6.44 + .66 * smoothstep(.40, .74, x)      # the upper edge of the cheeks' beard rises towards the ears
    across = smoothstep(.0, .16, .37 - x)
    return {"mustache": across * smoothstep(6.71, 6.76, y) * smoothstep(6.86, 6.81, y) * (z > 1.2),
            "chin": smoothstep(.40, .14, x) * smoothstep(6.50, 6.40, y) * smoothstep(6.08, 6.22, y) * (z > .9),
            "cheeks": smoothstep(line + .05, line - .14, y) * smoothstep(6.0, 6.2, y) * smoothstep(.32, .5, z)}


class Template:
    """The body and everything that depends on the base mesh and its textures alone; reads each asset once.

    ``faces``, ``texture_faces`` (F, 4) and ``triangles`` (2F, 3) are those of the head and shoulders; ``scalp``,
    ``beard``, ``ear`` and ``neck`` are weights (V,) of the vertices; ``lips_texture``, ``lids_texture`` and
    ``scalp_texture`` are masks (TEXTURE, TEXTURE), 0 to 1.
    """

    def __init__(self, assets: Assets) -> None:
        self.assets = assets
        self.body = Body(assets.mpfb, assets.units)
        self.scalp_texture = scalp_texture(assets)
        self.lips_texture, self.lids_texture, ears = (
            read(assets.mpfb / f"textures/mpfb_{name}.jpg", TEXTURE, flags=cv2.IMREAD_GRAYSCALE) / 255.
            for name in ("lips", "eyelids", "ears"))
        mesh, base = self.body.mesh, self.body.vertices
        chosen = [face for face in self.body.skin_faces
                  if base[mesh.faces[face]][:, 1].min() > 2.6 and np.abs(base[mesh.faces[face]][:, 0]).max() < 3.4]
        self.faces = np.array([mesh.faces[face] for face in chosen])
        self.texture_faces = np.array([mesh.texture_faces[face] for face in chosen])
        self.triangles = np.concatenate([self.faces[:, [0, 1, 2]], self.faces[:, [0, 2, 3]]])
        self.marks = Marks.find(self.body, np.unique(self.faces))
        self.joints = {name: self.body.group(name) for name in JOINTS}
        self._weigh(ears)
        self._parts: dict[Path, Part] = {}
        self._skins: dict[str, Array] = {}

    def _weigh(self, ears: Array) -> None:
        """Weights of the vertices, from masks in texture space and from places on the base mesh."""
        base = self.body.vertices
        uv = np.zeros((len(base), 2))
        uv[self.faces.ravel()] = self.body.mesh.texture[self.texture_faces.ravel()]
        at: Callable[[Array], Array] = lambda mask: mask[texels(uv, TEXTURE, TEXTURE)]      # noqa: E731
        y, z = base[:, 1], base[:, 2]
        self.scalp = at(self.scalp_texture) * (y > 6.4) * (uv[:, 0] > .6) * (1 - at(cv2.dilate(ears, np.ones((9, 9)))))
        self.scalp *= ~((y < 6.95) & (z > .1)) & ~((z > .95) & (y < 7.72))
        bare = (at(self.lips_texture) < .2) * (uv[:, 0] > .6) * (1 - at(ears))
        areas = {name: weight * bare for name, weight in beard_weights(base).items()}
        goatee = areas["chin"] + areas["mustache"]
        full = areas["cheeks"] + areas["mustache"] + areas["chin"]
        self.beard = {"stubble": full, "full": full, "goatee": goatee, "mustache": areas["mustache"]}
        self.ear = at(ears) * (uv[:, 0] > .5)
        edge = 6.12 + .68 * np.clip(1.40 - z, 0, .9)
        self.neck = smoothstep(edge + .02, edge - .05, y) * (self.ear < .5)

    def part(self, folder: str, name: str = "") -> Part:
        """A part of MakeHuman's by folder and name, or the eyeballs: ``part("eyes")``."""
        path = self.assets.parts / folder / name / f"{name}.mhclo" if name else self.assets.eyeballs
        if path not in self._parts:
            self._parts[path] = Part(path)
        return self._parts[path]

    def skin(self, name: str) -> Array:
        """A painted skin (TEXTURE, TEXTURE, 3), BGR, float32, 0 to 1."""
        if name not in self._skins:
            self._skins[name] = scaled(self.assets.skin(name), TEXTURE)
        return self._skins[name]
