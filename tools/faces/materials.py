"""What surfaces are made of: skin, hair, eyes, cards of brows and lashes, cloth, lenses."""

from __future__ import annotations

from typing import Any

import numpy as np
from blender import Material
from colour import HairColour
from geometry import Array
from regions import CODES


def plain(name: str, region: str, colour: Array, **inputs: float) -> Material:
    """One linear RGB colour (3,); inputs of the general shader by name, with underscores for spaces."""
    material = Material(name, CODES[region])
    material.principled({**_named(inputs), "Base Color": (*colour, 1)})
    return material


def textured(name: str, region: str, picture: Array, **inputs: float) -> Material:
    """A picture (H, W, 3 or 4), BGR(A), 0 to 1; where its alpha is 0 it cannot be seen."""
    material = Material(name, CODES[region])
    texture, shader = material.picture(name, picture), material.principled(_named(inputs))
    material.link(texture, shader, "Base Color")
    if picture.shape[2] == 4:
        material.link(texture, shader, "Alpha", out=1)
    return material


def _named(inputs: dict[str, float]) -> dict[str | int, float]:
    return {name.replace("_", " "): value for name, value in inputs.items()}


def hair(colour: HairColour, roughness: float) -> Material:
    """Strands after Chiang et al. 2016, each a little different."""
    material = Material("hair", CODES["hair"])
    inputs: dict[str | int, Any] = {"Roughness": roughness, "Radial Roughness": .45, "Random Roughness": .2}
    if colour.dye is None:
        inputs |= {"Melanin": colour.melanin, "Melanin Redness": colour.redness, "Random Color": .12}
    else:      # a dye has no random colour in Blender
        inputs |= {"Color": (*colour.dye, 1)}
    material.surface(material.node("BsdfHairPrincipled", inputs, model="CHIANG",
                                   parametrization="MELANIN" if colour.dye is None else "COLOR"))
    return material


def _skin_code(material: Material, lips: Array) -> None:
    """Layer B is the lips' mask (H, W), layer C the vertices' colour ``part``: ear and neck."""
    mask = material.picture("lips", np.repeat(lips[..., None], 3, 2).astype(np.float32))
    mix = material.node("Mix", {6: (0, 0, 0, 1), 7: (1, 0, 0, 1)}, data_type="RGBA")
    material.link(mask, mix, 0)
    material.link(mix, material.node("OutputAOV", aov_name="B"), 0, out=2)
    part = material.node("Attribute", attribute_name="part")
    material.link(part, material.node("OutputAOV", aov_name="C"), 0, out="Color")


def skin(picture: Array, lips: Array, rng: np.random.Generator) -> Material:
    """Skin that light enters, with uneven gloss and, from its brightness and from noise, pores."""
    material = Material("skin", CODES["skin"])
    texture = material.picture("skin", picture)
    _skin_code(material, lips)
    rng.uniform(.38, .55)      # once the gloss; drawn still, as a number stands for one head
    shader = material.principled({"Subsurface Weight": .85, "Subsurface Scale": .055,
                                  "Subsurface Radius": (1, .34, .18), "Specular IOR Level": rng.uniform(.2, .4)})
    material.link(texture, shader, "Base Color")
    rough = rng.uniform(.42, .58)
    gloss = material.node("MapRange", {3: rough - .07, 4: rough + .15})
    material.link(material.node("TexNoise", {"Scale": 14, "Detail": 5}), gloss, 0)
    material.link(gloss, shader, "Roughness")
    grey, height = material.node("RGBToBW"), material.node("Math", {1: .35}, operation="MULTIPLY_ADD")
    material.link(texture, grey, 0)
    material.link(material.node("TexNoise", {"Scale": 45, "Detail": 3}), height, 0)
    material.link(grey, height, 2)
    bump = material.node("Bump", {"Strength": .35, "Distance": .03})
    material.link(height, bump, "Height")
    material.link(bump, shader, "Normal")
    return material


def _clear(material: Material, tint: tuple[float, float, float], gloss: float, index: float, roughness: float) -> Any:
    """A shader for thin glass: transparent, and glossy where it is seen at a flat angle."""
    through = material.node("BsdfTransparent", {0: (*tint, 1)})
    mirror = material.node("BsdfGlossy", {"Roughness": roughness, 0: (gloss, gloss, gloss, 1)})
    mix = material.node("MixShader")
    material.link(material.node("Fresnel", {0: index}), mix, 0)
    material.link(through, mix, 1)
    material.link(mirror, mix, 2)
    return mix


def lens(tint: float) -> Material:
    """Glass through which ``tint`` of the light goes."""
    material = Material("lens", CODES["lens"])
    material.surface(_clear(material, (tint, tint, tint * .98), .4, 1.4, .02))
    return material


def eye(picture: Array) -> Material:
    """An eyeball (H, W, 4) under a cornea where its alpha is 0; dull, else a bright lamp hides iris and pupil."""
    material = Material("eye", CODES["eye"])
    texture = material.picture("eye", picture)
    ball = material.node("BsdfPrincipled", {"Roughness": .3, "Specular IOR Level": .3, "Subsurface Weight": .2,
                                            "Subsurface Scale": .03})
    material.link(texture, ball, "Base Color")
    mix = material.node("MixShader")
    material.link(texture, mix, 0, out=1)
    material.link(_clear(material, (1, 1, 1), .1, 1.38, .03), mix, 1)
    material.link(ball, mix, 2)
    material.surface(mix)
    return material


def shirt(colour: Array) -> Material:
    """Wrinkled cloth of one linear colour (3,), seen where the vertices' value ``cover`` is above 0."""
    material = Material("cloth", CODES["clothes"])
    shader = material.principled({"Roughness": .85, "Sheen Weight": .3, "Specular IOR Level": .2,
                                  "Base Color": (*colour, 1)})
    above = material.node("Math", {1: 0}, operation="GREATER_THAN")
    material.link(material.node("Attribute", attribute_name="cover"), above, 0, out="Fac")
    material.link(above, shader, "Alpha")
    bump = material.node("Bump", {"Distance": .25, "Strength": .7})
    material.link(material.node("TexNoise", {"Scale": 1.5, "Detail": 4}), bump, "Height")
    material.link(bump, shader, "Normal")
    return material


def wall(colour: Array, scale: float, backdrop: Array | None) -> Material:
    """Clouds of a linear colour (3,), ``scale`` of them a decimetre, or a picture (H, W, 3)."""
    material = Material("wall", CODES["wall"])
    shader = material.principled({"Roughness": .9})
    if backdrop is not None:
        texture = material.picture("backdrop", backdrop)
        material.link(material.node("TexCoord"), texture, 0, out="UV")
        material.link(texture, shader, "Base Color")
        return material
    dark, light = ((*np.clip(colour * factor, 0, 1), 1) for factor in (.8, 1.15))
    mix = material.node("Mix", {6: dark, 7: light}, data_type="RGBA")
    material.link(material.node("TexNoise", {"Scale": scale}), mix, 0)
    material.link(mix, shader, "Base Color", out=2)
    return material
