"""AvatarSet: labelled cartoon avatars drawn on this machine, any number of them, without a network.

DiceBear draws an avatar as SVG from a seed and tells every choice it made; resvg turns the drawing into
pixels. The choices are the labels. The default style, ``avataaars``, stands in for CartoonSet.
"""

from __future__ import annotations

import difflib
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import resvg_py
from PIL import Image

from avatarlib.data.base import ImageSet, Parts, build_cache
from avatarlib.data.drawn import artist
from avatarlib.data.parallel import in_chunks

__all__ = ["AvatarSet", "avatar_styles", "draw_avatar", "style_credits"]

NONE = "none"                       # category 0 of every attribute: the avatar does not have it
TEST_OFFSET = 1_000_000_000         # test avatars start here in the sequence of seeds: no overlap with train
PARALLEL_FROM = 3_000               # below this, starting processes takes longer than drawing
CHUNK = 250


def avatar_styles() -> tuple[str, ...]:
    """Names of the drawing styles that are installed.

    Examples
    --------
    >>> from avatarlib.data import avatar_styles
    >>> avatar_styles()
    ('adventurer', 'adventurer-neutral', 'avataaars', ...)
    """
    found = (path.name for path in files("dicebear_styles").iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in found if name.endswith(".json")))


def read_style(name: str) -> dict[str, Any]:
    """A style's definition; an unknown name is a ValueError that suggests the nearest."""
    if name not in avatar_styles():
        near = difflib.get_close_matches(str(name), avatar_styles(), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"style must be one of {', '.join(avatar_styles())}, got {name!r}{hint}")
    return json.loads(files("dicebear_styles").joinpath(f"{name}.json").read_text("utf-8"))


@lru_cache(maxsize=8)
def load_style(name: str) -> Any:
    """A style as DiceBear draws it."""
    return artist.Style(read_style(name))


def style_credits(style: str) -> dict[str, str]:
    """Creator, source, licence and licence_url of a style's artwork, as its authors state them.

    Empty where they do not. ValueError if the style is unknown.

    Examples
    --------
    >>> from avatarlib.data import style_credits
    >>> style_credits("avataaars")["creator"], style_credits("adventurer")["licence"]
    ('Pablo Stanley', 'CC BY 4.0')
    """
    meta = read_style(style)["meta"]
    pick = {"creator": ("creator", "name"), "source": ("source", "url"),
            "licence": ("license", "name"), "licence_url": ("license", "url")}
    return {key: meta.get(part, {}).get(field, "") for key, (part, field) in pick.items()}


def attribute_name(option: str) -> str:
    """DiceBear's option name in our spelling: ``topVariant`` is ``top``, ``hairColor`` is ``hair_color``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", option.removesuffix("Variant")).lower()


@lru_cache(maxsize=8)
def style_options(style: str) -> dict[str, tuple[str, ...]]:
    """Each labelled option of a style -> its categories (``none`` first), where there is a choice."""
    definition = load_style(style)
    found: dict[str, tuple[str, ...]] = {}
    for option, info in artist.OptionsDescriptor(definition).to_json().items():
        if option.endswith("Variant") and len(info["values"]) > 1:
            found[option] = (NONE, *info["values"])
        elif option.endswith("Color") and info["type"] == "color" and option != "backgroundColor":
            colours = definition.colors()[option.removesuffix("Color")].values()
            if len(colours) > 1:
                found[option] = (NONE, *colours)
    return found


def draw_avatar(style: str, options: Mapping[str, Any], *, size: int = 64,
                background: str = "#ffffff") -> tuple[np.ndarray, dict[str, Any]]:
    """Draw one avatar.

    ``style`` is one of ``avatar_styles()``; ``options`` are DiceBear's, such as ``{"seed": "7", "topVariant":
    ["bun"], "hairColor": ["#c93305"]}``. Returned are uint8 (3, size, size), and every choice as DiceBear resolved it.
    ValueError if the style is unknown.

    Examples
    --------
    >>> from avatarlib.data import draw_avatar
    >>> pixels, choices = draw_avatar("avataaars", {"seed": "7", "topVariant": ["bun"]}, size=32)
    >>> pixels.shape, pixels[:, 0, 0].tolist(), choices["topVariant"]      # the corner is white
    ((3, 32, 32), [255, 255, 255], 'bun')
    """
    avatar = artist.Avatar(load_style(style), dict(options))
    return rasterise(avatar.to_string(), size, background), avatar.to_json()["options"]


def rasterise(svg: str, size: int, background: str) -> np.ndarray:
    """Turn a drawing into pixels: uint8 (3, size, size)."""
    png = resvg_py.svg_to_bytes(svg_string=svg, width=size, height=size, background=background,
                                skip_system_fonts=True)
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))


def label_row(style: str, resolved: Mapping[str, Any]) -> list[int]:
    """The labels of an avatar, from DiceBear's choices; 0 (none) for a part that it does not have."""
    row = []
    for option, names in style_options(style).items():
        value = resolved.get(option)
        value = value[0] if isinstance(value, list) and value else value
        row.append(names.index(value) if value in names else 0)
    return row


def draw_many(start: int, number: int, *, style: str, first: int, seed: int, size: int, options: Mapping[str, Any],
              background: str) -> tuple[np.ndarray, np.ndarray]:
    """Draw ``number`` avatars of a sequence from ``first + start`` on: images and label rows."""
    images = np.empty((number, 3, size, size), np.uint8)
    labels = np.zeros((number, len(style_options(style))), np.int16)
    for row in range(number):
        drawn = {**options, "seed": f"{seed}/{first + start + row}"}
        images[row], resolved = draw_avatar(style, drawn, size=size, background=background)
        labels[row] = label_row(style, resolved)
    return images, labels


class AvatarSet(ImageSet):
    """Avatars drawn from a seed, cached as one memory-mapped array; the same arguments give the same bytes.

    Parameters
    ----------
    style : str
        One of ``avatar_styles()``. ``avataaars`` (Pablo Stanley) is the book's stand-in for CartoonSet.
    size : int
        Height and width in pixels, 8 to 1,024.
    count : int
        How many avatars; a larger set begins with the smaller one.
    seed : int
        Which sequence of avatars.
    split : {"train", "test"}
        Two ranges of the sequence that never meet.
    options : mapping, optional
        DiceBear options to hold fixed or to narrow, such as ``{"topVariant": ["bun", "bob"]}``. Variants and
        colours must be the style's own, for they become labels.
    background : str
        CSS colour behind each avatar.
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
    >>> avatars = AvatarSet(count=3, size=32, progress=False)
    >>> avatars[0]["image"].shape
    torch.Size([3, 32, 32])
    """

    def __init__(self, style: str = "avataaars", *, size: int = 64, count: int = 10_000, seed: int = 0,
                 split: str = "train", options: Mapping[str, Any] | None = None, background: str = "#ffffff",
                 workers: int = -1, progress: bool = True, cache: Path | None = None) -> None:
        check_arguments(style, size, count, seed, split)
        check_options(style, options or {})
        self.style, self.seed, self.split = style, seed, split
        arguments: dict[str, Any] = {"style": style, "seed": seed, "size": size, "options": dict(options or {}),
                                     "background": background, "first": TEST_OFFSET if split == "test" else 0}
        schema = {attribute_name(option): names for option, names in style_options(style).items()}
        super().__init__(f"AvatarSet {style} ({split})", *draw_or_load(
            "avatarset", lambda: partial(draw_many, **arguments), count, schema, arguments, task=f"drawing {style}",
            workers=workers, progress=progress, cache=cache))


def draw_or_load(kind: str, drawer: Callable[[], Callable[[int, int], tuple[np.ndarray, np.ndarray]]], count: int,
                 schema: Mapping[str, Sequence[str]], key: Mapping[str, Any], *, task: str, workers: int,
                 progress: bool, cache: Path | None) -> Parts:
    """A drawn set's parts, from the cache or made by ``drawer()``: (start, number) -> pictures and label rows.

    ``key`` is all that decides about them but ``count`` and the drawing packages' versions.
    """
    packages = {name: version(name) for name in ("dicebear-core", "dicebear-styles", "resvg-py")}

    def build() -> Parts:
        chunks = in_chunks(drawer(), count, chunk=CHUNK, parallel_from=PARALLEL_FROM, workers=workers,
                           progress=progress, task=task, unit="avatar")
        images, labels = (np.concatenate(part) for part in zip(*chunks, strict=True))
        return images, labels, schema, {}
    return build_cache(kind, {**key, "count": count, "packages": packages}, build, root=cache)


def check_arguments(style: str, size: int, count: int, seed: int, split: str, *,
                    sizes: tuple[int, int] = (8, 1024)) -> None:
    """Name the first argument of a drawn set that is out of range."""
    load_style(style)
    for name, value, low, high in (("size", size, *sizes), ("count", count, 1, TEST_OFFSET),
                                   ("seed", seed, 0, 2**32 - 1)):
        if not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"{name} must be an integer in [{low:,}, {high:,}], got {value!r}")
    if split not in ("train", "test"):
        raise ValueError(f"split must be 'train' or 'test', got {split!r}")


def check_options(style: str, options: Mapping[str, Any]) -> None:
    """Name the first option or value that the style does not have.

    DiceBear leaves out a part whose variant it does not know; a colour of one's own would have no category.
    """
    known = artist.OptionsDescriptor(load_style(style)).to_json()
    for option, values in options.items():
        if option not in known:
            near = difflib.get_close_matches(option, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"options must be among those of DiceBear's style {style!r}, got {option!r}{hint}")
        names = style_options(style).get(option, ())
        for value in [values] if isinstance(values, str) else values if names else ():
            if names and value not in names[1:]:
                raise ValueError(f"options[{option!r}] must be among {', '.join(names[1:])}, got {value!r}")
