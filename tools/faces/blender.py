"""The one module that talks to Blender, by the package ``bpy`` (4.2): scene, materials, meshes, tubes, strands, lamps.

Points come in MakeHuman's axes and are turned here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from camera import SENSOR, Camera
from geometry import Array, to_blender
from mathutils import Matrix, Vector
from regions import Code

Texture = tuple[Array, Sequence[Any]]      # coordinates (T, 2) and, for each face, the indices of its corners


def _link(name: str, data: Any) -> Any:
    """A new object of the scene."""
    thing = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(thing)
    return thing


def image(name: str, picture: Array) -> Any:
    """A picture (H, W, 3 or 4), BGR(A), sRGB, 0 to 1, as an image of Blender's."""
    height, width, channels = picture.shape
    pixels = np.ones((height, width, 4), np.float32)
    pixels[..., :3] = picture[::-1, :, 2::-1]
    if channels == 4:
        pixels[..., 3] = picture[::-1, :, 3]
    made = bpy.data.images.new(name, width, height, alpha=channels == 4)
    made.pixels.foreach_set(pixels.ravel())
    made.update()
    return made


class Nodes:
    """A tree of shader nodes."""

    def __init__(self, tree: Any) -> None:
        self.tree = tree

    def node(self, kind: str, inputs: Mapping[str | int, Any] | None = None, **settings: Any) -> Any:
        """A new node ``ShaderNode<kind>`` with values of its inputs, by name or number, and settings."""
        node = self.tree.nodes.new(f"ShaderNode{kind}")
        for name, value in settings.items():
            setattr(node, name, value)
        for key, value in (inputs or {}).items():
            node.inputs[key].default_value = value
        return node

    def link(self, source: Any, target: Any, into: str | int, out: str | int = 0) -> None:
        """Connect an output of one node with an input of another."""
        self.tree.links.new(source.outputs[out], target.inputs[into])


class Material(Nodes):
    """A material with its region's code; `surface` says what it looks like."""

    def __init__(self, name: str, code: Code) -> None:
        self.data = bpy.data.materials.new(name)
        self.data.use_nodes = True
        super().__init__(self.data.node_tree)
        self.tree.nodes.clear()
        self.output = self.node("OutputMaterial")
        for layer, colour in code.items():
            self.node("OutputAOV", {"Color": (*colour, 1)}, aov_name=layer)

    def surface(self, shader: Any) -> None:
        """Let a shader node be the surface."""
        self.link(shader, self.output, 0)

    def principled(self, inputs: Mapping[str | int, Any]) -> Any:
        """Blender's general shader as the surface."""
        shader = self.node("BsdfPrincipled", inputs)
        self.surface(shader)
        return shader

    def picture(self, name: str, picture: Array) -> Any:
        """A texture node with a picture (H, W, 3 or 4); outputs: colour, alpha."""
        return self.node("TexImage", image=image(name, picture), extension="EXTEND")


def mesh(name: str, vertices: Array, faces: Sequence[Any], material: Material, texture: Texture | None = None,
         subdivisions: int = 0, values: Mapping[str, Array] | None = None) -> None:
    """A smooth mesh of those vertices (V, 3) that the faces use, with values (V,) or colours (V, 4) of vertices."""
    used = np.unique(np.concatenate([np.asarray(face) for face in faces]))
    new = -np.ones(len(vertices), int)
    new[used] = np.arange(len(used))
    data = bpy.data.meshes.new(name)
    data.from_pydata(to_blender(vertices[used]).tolist(), [], [[int(new[corner]) for corner in face] for face in faces])
    if texture is not None:
        coordinates, corners = texture
        flat = np.concatenate([coordinates[np.asarray(face)] for face in corners]).astype(np.float32)
        data.uv_layers.new(name="uv").data.foreach_set("uv", flat.ravel())
    data.polygons.foreach_set("use_smooth", np.ones(len(data.polygons), bool))
    data.update()
    thing = _link(name, data)
    data.materials.append(material.data)
    if subdivisions:
        modifier = thing.modifiers.new("s", "SUBSURF")
        modifier.levels = modifier.render_levels = subdivisions
    for key, value in (values or {}).items():
        kind, field = ("FLOAT", "value") if value.ndim == 1 else ("FLOAT_COLOR", "color")
        attribute = data.attributes.new(key, kind, "POINT")
        attribute.data.foreach_set(field, value[used].astype(np.float32).ravel())


def tube(name: str, points: Array, radius: float, closed: bool, material: Material, caps: bool = False) -> None:
    """A round tube along points (N, 3)."""
    curve = bpy.data.curves.new(name, "CURVE")
    curve.dimensions, curve.bevel_depth, curve.bevel_resolution, curve.use_fill_caps = "3D", radius, 2, caps
    spline = curve.splines.new("POLY")
    spline.points.add(len(points) - 1)
    homogeneous = np.c_[to_blender(points), np.ones(len(points))].astype(np.float32)
    spline.points.foreach_set("co", homogeneous.ravel())
    spline.use_cyclic_u = closed
    curve.materials.append(material.data)
    _link(name, curve)


def strands(name: str, points: Array, radius: float, material: Material, tip: float = .4) -> None:
    """Hair (N, S, 3), ``tip`` times as thick at its ends."""
    count, steps = points.shape[:2]
    data = bpy.data.hair_curves.new(name)
    data.add_curves([steps] * count)
    data.attributes["position"].data.foreach_set("vector", to_blender(points).astype(np.float32).ravel())
    radii = data.attributes.get("radius") or data.attributes.new("radius", "FLOAT", "POINT")
    radii.data.foreach_set("value", np.tile(radius * np.linspace(1, tip, steps), count).astype(np.float32))
    data.materials.append(material.data)
    _link(name, data)


def lamp(name: str, place: Array, target: Array, size: float, energy: float,
         colour: tuple[float, float, float] = (1, 1, 1), mirrored: bool = True) -> None:
    """A square lamp of ``size`` decimetres that shines from a place to a target (3,), seen in mirrors or not."""
    data = bpy.data.lights.new(name, "AREA")
    data.size, data.energy, data.color = size, energy, colour
    thing = _link(name, data)
    thing.location = to_blender(place).tolist()
    thing.rotation_euler = Vector(to_blender(target - place).tolist()).to_track_quat("-Z", "Y").to_euler()
    thing.visible_glossy = mirrored


class Scene:
    """An empty scene for one picture of ``size`` pixels a side, made by Cycles on the processor."""

    def __init__(self, size: int, samples: int, threads: int, seed: int) -> None:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        self.data = bpy.context.scene
        render = self.data.render
        render.engine = "CYCLES"
        render.threads_mode, render.threads = "FIXED", threads
        render.resolution_x = render.resolution_y = size
        self.data.view_settings.view_transform = "Raw"
        self.data.cycles_curves.shape = "RIBBONS"
        self._sample(samples, seed)
        layer = self.data.view_layers[0]
        layer.use_pass_normal = layer.use_pass_diffuse_color = layer.use_pass_z = True
        for name in "ABC":
            output = layer.aovs.add()
            output.name, output.type = name, "COLOR"

    def _sample(self, samples: int, seed: int) -> None:
        """How Cycles samples: few bounces, adaptive, denoised."""
        cycles = self.data.cycles
        settings: dict[str, Any] = {
            "seed": seed, "samples": samples, "use_adaptive_sampling": True, "adaptive_threshold": .03,
            "use_denoising": True, "denoiser": "OPENIMAGEDENOISE", "denoising_prefilter": "ACCURATE",
            "denoising_input_passes": "RGB_ALBEDO_NORMAL", "max_bounces": 5, "diffuse_bounces": 2, "glossy_bounces": 2,
            "transmission_bounces": 4, "transparent_max_bounces": 12, "sample_clamp_indirect": 4, "blur_glossy": 1,
            "caustics_reflective": False, "caustics_refractive": False}
        for name, value in settings.items():
            setattr(cycles, name, value)

    def look(self, camera: Camera, stop: float | None) -> None:
        """Set the camera; ``stop`` is the f-number of a lens that blurs what is out of focus."""
        data = bpy.data.cameras.new("cam")
        data.sensor_width, data.lens, data.clip_end = SENSOR, camera.lens, 500
        thing = _link("cam", data)
        matrix = np.eye(4)
        for axis in range(3):
            matrix[:3, axis] = to_blender(camera.axes[:, axis])
        matrix[:3, 3] = to_blender(camera.position)
        thing.matrix_world = Matrix(matrix.tolist())
        self.data.camera = thing
        if stop is not None:
            data.dof.use_dof, data.dof.focus_distance, data.dof.aperture_fstop = True, camera.distance - .15, stop

    def world(self) -> Nodes:
        """The nodes of a new world, with one called ``Background``."""
        self.data.world = bpy.data.worlds.new("w")
        self.data.world.use_nodes = True
        return Nodes(self.data.world.node_tree)

    def render(self, path: Path) -> None:
        """Render all layers into an EXR file."""
        settings = self.data.render
        settings.image_settings.file_format, settings.image_settings.color_depth = "OPEN_EXR_MULTILAYER", "32"
        settings.filepath, settings.use_compositing = str(path), False
        bpy.ops.render.render(write_still=True)


def load_image(path: Path) -> Any:
    """An image file as Blender reads it."""
    return bpy.data.images.load(str(path))
