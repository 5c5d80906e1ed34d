"""One head from a number: drawn, built, rendered, developed, written."""

from __future__ import annotations

import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import blender
import buffers
import cv2
import materials
import numpy as np
from attributes import choose
from beard import grow_beard, shade, splat
from blender import Scene
from buffers import Passes, rounded
from camera import Camera, draw_camera
from colour import HairColour, srgb
from dress import dress, wear_earrings
from eyes import set_brows, set_eyes, set_mouth
from film import develop
from geometry import Array
from glasses import Glasses, wear_glasses
from hair import draw_hair
from landmarks import NAMES, Iris, places
from light import light_up, put_wall
from regions import CLOTHES, HAIR, coarse, fine
from shape import Head, draw_head
from skin import face_colour, paint_skin
from template import Template

FILES = (".jpg", "_albedo.jpg", "_normal.png", "_depth.png", "_parts.png", ".json")      # the last is written last


@dataclass
class Sitting:
    """A head before its camera: what is ``told`` of it, its true ``colours`` (sRGB), and places to be described."""

    told: dict[str, Any]
    colours: dict[str, Any]
    head: Head
    camera: Camera
    irises: dict[str, Iris]
    brows: dict[str, tuple[Array, Array]]
    glasses: Glasses | None


def _bytes(colour: Array) -> list[int]:
    """A colour (3,), 0 to 1, as whole numbers, 0 to 255."""
    return (colour * 255).round().astype(int).tolist()


def _grow_hair(head: Head, camera: Camera, told: dict[str, Any], colour: HairColour, rng: np.random.Generator) -> bool:
    """Hair on the scalp; whether there is none."""
    bundles = draw_hair(head, camera, told["hair_style"], told["gender"] == "female", rng)
    material = materials.hair(colour, rng.uniform(.18, .34))
    radii = (.003 if told["hair_style"] == "buzz" else .0045, .006)
    for strands, radius in zip(bundles, radii, strict=False):
        blender.strands("hair", strands, radius, material)
    return not bundles


def _grow_beard(head: Head, kind: str, skin: Array, colour: HairColour, rng: np.random.Generator) -> Array:
    """A beard; the skin (TEXTURE, TEXTURE, 3) with what it leaves there."""
    stubble, weights = kind == "stubble", head.template.beard[kind].clip(0, 1)
    skin = shade(skin, splat(head.template, weights), colour.tint(), stubble, rng)
    warmer = HairColour(float(np.clip(colour.melanin - .03, 0, 1)), min(1, colour.redness + .15), colour.dye)
    blender.strands("beard", grow_beard(head, weights, stubble, rng), .0022 if stubble else .0035,
                    materials.hair(warmer, .35))
    return skin


def _build_body(head: Head, told: dict[str, Any], skin: Array, rng: np.random.Generator) -> None:
    """Clothes, and the skin where they do not hide it."""
    template = head.template
    material = materials.skin(skin, template.lips_texture, rng)
    told["clothes"], covered = dress(head, told, rng)
    seen = ~np.isin(template.faces, covered).any(1)
    part = np.c_[template.ear, template.neck, np.zeros(len(template.ear)), np.ones(len(template.ear))]
    blender.mesh("body", head.vertices, template.faces[seen].tolist(), material,
                 (template.body.mesh.texture, template.texture_faces[seen].tolist()), subdivisions=2,
                 values={"part": part})


def _sit(template: Template, told: dict[str, Any], rng: np.random.Generator) -> Sitting:
    """Draw and build a head in the empty scene."""
    head = draw_head(template, told, rng)
    colour = HairColour.draw(told["hair_color"], rng)
    camera = draw_camera(head, told, rng)
    colour = colour.dyed(told["hair_color"], rng)
    bald = _grow_hair(head, camera, told, colour, rng)
    skin = paint_skin(template, told, colour.tint(), bald, rng)
    if told["beard"] != "none":
        skin = _grow_beard(head, told["beard"], skin, colour, rng)
    true: dict[str, Any] = {"skin": _bytes(face_colour(skin)[::-1]),
                            "lips": _bytes(np.median(skin[template.lips_texture > .6], 0)[::-1]),
                            "hair": colour.shown(), "glasses": None}
    _build_body(head, told, skin, rng)
    irises, true["iris"] = set_eyes(head, camera, told, true["skin"], rng)
    told["eyebrow"], brows = set_brows(head, told, colour.tint() * np.float32(.35 if colour.dye else .6), rng)
    set_mouth(head, rng)
    told["earrings"] = wear_earrings(head, told["gender"] == "female", rng)
    glasses = None
    if told["glasses"] != "none":
        glasses = wear_glasses(head, told["glasses"], rng)
        told["sunglasses"], true["glasses"] = glasses.dark, glasses.colour
    return Sitting(told, true, head, camera, irises, brows, glasses)


def _describe(sitting: Sitting, passes: Passes, photo: Array, found: Array, parts: Array) -> None:
    """Add to what is told: depth range, eyes, lenses, colours, landmarks, expression."""
    told, head, camera, size = sitting.told, sitting.head, sitting.camera, len(parts)
    told["depth_range"] = [round(end, 3) for end in buffers.depth_range(camera)]
    told["eyes_px"] = {side: buffers.describe_eye(head, camera, side, iris, sitting.colours["iris"],
                                                  sitting.brows[side], parts) for side, iris in sitting.irises.items()}
    told["eyes_hidden"] = buffers.hidden(told["eyes_px"])
    lenses = sitting.glasses.lenses if sitting.glasses else []
    told["lenses_px"] = [rounded(camera.project(lens, size)[::2]) for lens in lenses]
    cloth, hair = found == CLOTHES, parts == HAIR
    sitting.colours["clothes"] = srgb(passes.albedo[cloth].mean(0)) if cloth.any() else None
    sitting.colours["hair_seen"] = _bytes(np.median(photo[hair], 0)) if hair.sum() > 30 else None
    told["colors"] = sitting.colours
    points = camera.project(places(head.template.marks, head.vertices, head.joints), size)
    told["landmarks"] = dict(zip(NAMES, rounded(points), strict=True))
    told["units"] = {name: round(float(value), 3) for name, value in head.units.items()}


def render_head(template: Template, number: int, folder: Path, size: int, samples: int,
                threads: int) -> tuple[float, float]:
    """Make the head of a number and write its `FILES`: seconds that building and rendering took."""
    begun = time.perf_counter()
    rng = np.random.default_rng(number)
    told = {**choose(rng), "seed": number}
    scene = Scene(size, samples, threads, number)
    sitting = _sit(template, told, rng)
    camera = sitting.camera
    scene.look(camera, rng.uniform(.35, 1.2) if rng.random() < .6 else None)
    told["hdri"], told["key"] = light_up(scene, template.assets, camera, rng)
    if told["background"] == "wall":
        put_wall(camera, rng)
    built = time.perf_counter()
    with tempfile.TemporaryDirectory() as temporary:
        scene.render(Path(temporary) / "head.exr")
        passes = Passes.read(Path(temporary) / "head.exr")
    rendered = time.perf_counter()
    photo = develop(passes.light, passes.face, passes.albedo, rng)
    stem = folder / f"{number:05d}"
    cv2.imwrite(f"{stem}.jpg", buffers.picture_8bit(photo), [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(86, 96))])
    dark = sitting.glasses.lenses if sitting.glasses and sitting.glasses.dark else []
    found, covered = coarse(passes.a, passes.b, passes.behind(camera), [camera.project(lens, size) for lens in dark])
    parts = fine(found, covered, passes.c)
    buffers.write(passes, camera, parts, stem)
    _describe(sitting, passes, photo, found, parts)
    Path(f"{stem}.json").write_text(json.dumps(told), "utf-8")
    return built - begun, rendered - built
