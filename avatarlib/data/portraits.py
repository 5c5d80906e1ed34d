"""PortraitSet: drawn avatars lit as if they were clay figures in a studio, beside the drawings they hide.

A portrait looks like a photo, yet the flat drawing under it, its labels and its landmarks are known. An
unpaired translation of portraits into drawings can therefore be scored against a truth it never saw.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage import data as photos

from avatarlib.data import lighting
from avatarlib.data.base import ImageSet, Parts, build_cache
from avatarlib.data.drawn import artist
from avatarlib.data.drawn.avatarset import (
    TEST_OFFSET,
    attribute_name,
    check_arguments,
    label_row,
    load_style,
    style_options,
)
from avatarlib.data.figures import WORK, canvas_height, random_pose, warp
from avatarlib.data.landmarks import PORTRAIT_STYLES, avatar_landmarks, check_style, draw_posed, pinned_options
from avatarlib.data.parallel import in_chunks

__all__ = ["PortraitSet", "draw_portrait"]

PHOTOS = ("coffee", "chelsea", "rocket", "brick", "gravel", "grass")    # inside scikit-image, no download, no person
PHOTO_SHARES = (0.24, 0.24, 0.24, 0.1, 0.09, 0.09)
CHUNK = 50
PARALLEL_FROM = 200     # below this, starting processes takes longer than drawing
VERSION = 2             # of the look: raise it when pictures change, so that no cache answers with old ones


@lru_cache(maxsize=8)
def photo(name: str) -> np.ndarray:
    """A photo shipped with scikit-image, linear light, float32 (3, H, W), out of focus, at most 256 pixels high."""
    picture = Image.fromarray(getattr(photos, name)()).convert("RGB")
    picture.thumbnail((384, 256), Image.Resampling.BOX)
    linear = lighting.to_linear(np.asarray(picture, np.float32).transpose(2, 0, 1) / 255)
    return ndimage.gaussian_filter(linear, (0, 6.5, 6.5)).astype(np.float32)


def background(size: int, light: lighting.Light, rng: np.random.Generator) -> np.ndarray:
    """A random crop of a blurred photo, of random exposure, linear light (3, size, size)."""
    source = photo(rng.choice(PHOTOS, p=PHOTO_SHARES))
    height, width = source.shape[1:]
    side = rng.uniform(0.35, 0.8) * min(height, width)
    left, top = rng.uniform(0, width - side), rng.uniform(0, height - side)
    crop = np.stack([np.asarray(Image.fromarray(channel).resize(
        (size, size), Image.Resampling.BICUBIC, box=(left, top, left + side, top + side))) for channel in source])
    if rng.random() < 0.5:
        crop = crop[:, :, ::-1]
    wanted = rng.uniform(0.08, 0.4)
    crop = np.maximum(crop, 0) * (wanted / max(float(crop.mean()), 0.02))
    tint = 1 + rng.uniform(-0.3, 0.3, 3).astype(np.float32)
    across = np.linspace(-1, 1, size, dtype=np.float32)
    fall = 1 + 0.18 * (across[None] * light.direction[0] + across[:, None] * light.direction[1])
    return crop / (1 + 0.35 * crop) * tint[:, None, None] * fall


@lru_cache(maxsize=2)
def texture(side: int = 512) -> np.ndarray:
    """Fine grain of skin and clay, (side, side), mean 0 and standard deviation 1; it tiles."""
    grain = np.random.default_rng(0).standard_normal((side, side))
    bands = [ndimage.gaussian_filter(grain, s, mode="wrap") for s in (1.2, 3.0)]
    mixed = sum(band / band.std() for band in bands)
    return (mixed / mixed.std()).astype(np.float32)


def draw_portrait(style: str, options: Mapping[str, Any], *, size: int = 128, rng: np.random.Generator,
                  ) -> tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
    """Light one avatar.

    Parameters
    ----------
    style : {"toon-head", "avataaars"}
        Drawing style.
    options : mapping
        DiceBear options, such as ``{"seed": "7"}``; where parts are placed is held fixed.
    size : int
        Height and width in pixels.
    rng : numpy Generator
        Draws pose, light, background and camera.

    Returns
    -------
    (ndarray, ndarray, ndarray, dict)
        The portrait and the flat drawing in the same pose, uint8 (3, size, size); landmarks, float32 (6, 2);
        every choice as DiceBear resolved it.
    """
    check_style(style)
    avatar = artist.Avatar(load_style(style), {**options, **pinned_options(style)})
    resolved = avatar.to_json()["options"]
    pose, light = random_pose(style, rng), lighting.random_light(rng)
    lit = max(WORK, size)
    *colour, alpha = draw_posed(avatar.to_string(), pose, lit)
    flat, alpha = np.stack(colour), alpha.astype(np.float32) / 255
    height = warp(canvas_height(style, resolved), pose, lit)
    nose = avatar_landmarks(style, resolved, lit, pose)[2]
    height = height + lighting.bump(height.shape, nose, 0.028 * pose.scale, 0.02 * pose.scale) * alpha
    scene = light_figure(flat, alpha, height, light, rng)
    portrait = camera(resize(scene, size), rng)
    truth = resize(flat / np.float32(255) * alpha + 1 - alpha, size)
    return quantise(portrait), quantise(truth), avatar_landmarks(style, resolved, size, pose), resolved


@lru_cache(maxsize=1)
def linear_bytes() -> np.ndarray:
    """Linear light of the 256 steps of an sRGB channel, float32 (256,)."""
    return lighting.to_linear(np.arange(256) / 255).astype(np.float32)


def light_figure(flat: np.ndarray, alpha: np.ndarray, height: np.ndarray, light: lighting.Light,
                 rng: np.random.Generator) -> np.ndarray:
    """Put the figure, ``flat`` uint8 sRGB, before a background, linear light (3, H, W)."""
    size = alpha.shape[-1]
    row, column = rng.integers(0, 512 - size, 2) if size < 512 else (0, 0)
    grain = texture()[row:row + size, column:column + size] * alpha
    normal = lighting.normals(height + np.float32(0.00025) * grain)
    albedo = (linear_bytes()[flat] * 0.92 + 0.012) * (1 + 0.02 * grain)
    figure = lighting.shade(albedo, normal, light, shadow=lighting.cast_shadow(height, light.direction),
                            openness=lighting.occlusion(height))
    behind = background(size, light, rng)
    shift = (light.direction[1] * 0.06 * size, light.direction[0] * 0.06 * size)
    dark = lighting.translate(lighting.blurs(alpha, [0.035 * size])[0], shift)
    behind = behind * (1 - rng.uniform(0.35, 0.6) * dark)
    return figure * alpha + behind * (1 - alpha)


def camera(scene: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Exposure, a soft shoulder, a slightly soft lens and fine noise; linear light to sRGB in [0, 1]."""
    scene = np.maximum(scene, 0) * rng.uniform(0.9, 1.12)
    scene = np.where(scene > 0.6, 0.6 + 0.4 * (1 - np.exp(-(scene - 0.6) / 0.4)), scene)
    soft = ndimage.gaussian_filter(lighting.to_srgb(scene), (0, *[rng.uniform(0.35, 0.6)] * 2), truncate=3)
    noise = rng.standard_normal(scene.shape, np.float32) * rng.uniform(0.004, 0.009)
    return soft + noise * (1.2 - soft)


def resize(picture: np.ndarray, size: int) -> np.ndarray:
    """(3, H, W) reduced to (3, size, size) without aliasing."""
    if picture.shape[-1] == size:
        return picture
    return np.stack([np.asarray(Image.fromarray(channel).resize((size, size), Image.Resampling.HAMMING))
                     for channel in picture.astype(np.float32)])


def quantise(picture: np.ndarray) -> np.ndarray:
    """[0, 1] to uint8, rounded."""
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)


def draw_many(start: int, number: int, *, style: str, first: int, seed: int, size: int) -> tuple[np.ndarray, ...]:
    """Light ``number`` avatars of AvatarSet's sequence from ``first + start`` on: portraits, labels, truths, landmarks.
    """
    images, truths = np.empty((2, number, 3, size, size), np.uint8)
    labels, points = np.zeros((number, len(style_options(style))), np.int16), np.empty((number, 6, 2), np.float32)
    for row in range(number):
        place = first + start + row
        rng = np.random.default_rng([seed, place, PORTRAIT_STYLES.index(style)])
        images[row], truths[row], points[row], resolved = draw_portrait(
            style, {"seed": f"{seed}/{place}"}, size=size, rng=rng)
        labels[row] = label_row(style, resolved)
    return images, labels, truths, points


class PortraitSet(ImageSet):
    """Lit portraits of the same identities as ``AvatarSet`` of that style, seed and split; cached.

    ``extras`` holds ``truth``, uint8 (N, 3, size, size), the flat drawing in the same pose on white, and
    ``landmarks``, float32 (N, 6, 2), (x, y) in pixels in the order of ``LANDMARKS``, pixel centres at whole numbers.

    Parameters
    ----------
    style : {"toon-head", "avataaars"}
        Drawing style: toon-head is by Johan Melin (CC BY 4.0), avataaars by Pablo Stanley (free for personal and
        commercial use).
    size : int
        Height and width in pixels, 64 to 256.
    count : int
        How many portraits; a larger set begins with the smaller one.
    seed : int
        Which sequence of identities, poses and lights.
    split : {"train", "test"}
        Two ranges of the sequence that never meet.
    workers : int
        Processes that draw; -1 takes all processors.
    progress : bool
        Show a progress bar while drawing.
    cache : Path, optional
        Folder of the cache; default ``avatarlib.data.cache_dir()``.

    Raises
    ------
    ValueError
        If an argument is out of its range or the style is unknown.

    Examples
    --------
    >>> portraits = PortraitSet(count=2, size=64, progress=False)
    >>> portraits[0]["landmarks"].shape
    torch.Size([6, 2])
    """

    def __init__(self, style: str = "toon-head", *, size: int = 128, count: int = 2_000, seed: int = 0,
                 split: str = "train", workers: int = -1, progress: bool = True, cache: Path | None = None) -> None:
        check_style(style)
        check_arguments(style, size, count, seed, split, sizes=(64, 256))
        self.style, self.seed, self.split = style, seed, split
        first = TEST_OFFSET if split == "test" else 0
        arguments: dict[str, Any] = {"style": style, "seed": seed, "size": size}
        packages = {name: version(name) for name in ("dicebear-core", "dicebear-styles", "resvg-py", "scikit-image",
                                                     "numpy", "scipy", "pillow")}

        def build() -> Parts:
            chunks = in_chunks(partial(draw_many, first=first, **arguments), count, chunk=CHUNK,
                               parallel_from=PARALLEL_FROM, workers=workers, progress=progress,
                               task=f"lighting {style}", unit="portrait")
            images, labels, truths, points = (np.concatenate(part) for part in zip(*chunks, strict=True))
            schema = {attribute_name(option): names for option, names in style_options(style).items()}
            return images, labels, schema, {"truth": truths, "landmarks": points}

        key = {**arguments, "first": first, "count": count, "look": VERSION, "packages": packages}
        super().__init__(f"PortraitSet {style} ({split})", *build_cache("portraits", key, build, root=cache))
