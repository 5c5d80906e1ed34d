"""One avatar from its tags: choose what the tags leave open, let DiceBear draw, add our own pieces.

The art is the style Adventurer by Lisa Wischofsky (CC BY 4.0). Changed by us: the iris is wider, the blush is
redder, and hats, ribbons, ringlets and most tied hair are pieces of our own (``avatarlib/data/art``, CC BY 4.0).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, TypeVar

import numpy as np
from torch import Tensor

from avatarlib.data.drawn import adventurer as art
from avatarlib.data.drawn import artist
from avatarlib.data.drawn.avatarset import load_style, rasterise
from avatarlib.data.tags import EYE_COLOURS, HAIR_COLOURS, HAIR_STYLES, TAGS, tag_names, tag_vector

__all__ = ["Look", "choose_look", "contradiction", "draw_look", "draw_tags", "drawable_tags", "look_svg"]

IRIS = "#010203"         # stands for the eye colour until the iris is drawn wider
HAIR_USE = re.compile(r'(<use [^>]*href="#hair-[^>]*/>)')
MOUTH_USE = re.compile(r'(<use [^>]*href="#mouth-(\w+)-[^>]*/>)')
NUMBERS = ("hair", "eyes", "mouth", "details", "details_kind", "eyebrows", "earrings", "earrings_kind", "skin",
           "glasses", "frame", "hat", "hat_colour", "ribbon", "ribbon_colour",
           "hair_light", "hair_r", "hair_g", "hair_b", "eyes_light", "eyes_r", "eyes_g", "eyes_b")
T = TypeVar("T")


@dataclass(frozen=True)
class Look:
    """Every choice of a drawing: DiceBear's variants (empty text: none), colours, and our pieces with theirs."""

    hair: art.Hair
    hair_colour: str
    eyes: str
    eye_colour: str
    mouth: str
    eyebrows: str
    skin: str
    details: str = ""
    earrings: str = ""
    glasses: str = ""
    frame: str = "#000000"
    pieces: tuple[tuple[str, str], ...] = ()


def drawable_tags() -> tuple[str, ...]:
    """The tags that this art can show.

    Examples
    --------
    >>> from avatarlib.data import TAGS, drawable_tags
    >>> len(drawable_tags()), len(TAGS)                                    # this art shows them all
    (34, 34)
    """
    return tuple(tag for tag in TAGS if tag not in art.UNDRAWABLE)


def draw_tags(tags: Iterable[str] | Tensor, *, seed: int | Sequence[int], size: int = 128,
              background: str = "#ffffff") -> np.ndarray:
    """Draw one avatar that shows exactly the given tags: uint8 (3, size, size).

    Parameters
    ----------
    tags : iterable of str, or Tensor
        Tag names, or a vector (34,): one hair colour, one eye colour, and any others that go together.
    seed : int or sequence of int
        Decides all that the tags leave open: which variant, skin, eyebrows, shade, earrings, freckles. Two drawings
        of one seed differ only where their tags do (a hat may ask for other hair).
    size, background
        Height and width in pixels, and the CSS colour behind the avatar.

    Raises
    ------
    ValueError
        If a tag is unknown or cannot be drawn, or tags contradict one another.

    Examples
    --------
    >>> from avatarlib.data import draw_tags
    >>> avatar = draw_tags(["red hair", "green eyes", "long hair", "smile"], seed=0, size=64)
    >>> avatar.shape
    (3, 64, 64)
    >>> draw_tags(["red hair", "green eyes", "long hair", "short hair"], seed=0)
    Traceback (most recent call last):
        ...
    ValueError: tags must hold hair styles that can be drawn together: ...; got long hair with short hair
    """
    names = frozenset(tag_names(tags if isinstance(tags, Tensor) else tag_vector(tags)))
    problem = contradiction(names)
    if problem:
        raise ValueError(problem)
    return draw_look(choose_look(names, seed), size=size, background=background)


def contradiction(names: frozenset[str]) -> str:
    """Why these tags cannot be in one drawing; empty if they can.

    Examples
    --------
    >>> from avatarlib.data.drawn.tag_drawing import contradiction
    >>> contradiction(frozenset({"red hair", "green eyes", "blue eyes", "short hair"})).split("; ")[1]
    'got blue eyes and green eyes'
    """
    for tag, reason in art.UNDRAWABLE.items():
        if tag in names:
            return f"tags must be drawable, got {tag!r}: {reason}"
    for kind, group in (("hair colour", HAIR_COLOURS), ("eye colour", EYE_COLOURS)):
        found = [tag for tag in group if tag in names]
        if len(found) != 1:
            return f"tags must name one {kind} of {', '.join(group)}; got {' and '.join(found) or 'none'}"
    styles = names & frozenset(HAIR_STYLES)
    if styles not in art.HAIR:
        accepted = "; ".join(" with ".join(tag for tag in HAIR_STYLES if tag in key) for key in art.HAIR if key)
        return (f"tags must hold hair styles that can be drawn together: none; {accepted}; "
                f"got {' with '.join(tag for tag in HAIR_STYLES if tag in styles)}")
    return ""


def choose_look(names: frozenset[str], seed: int | Sequence[int]) -> Look:
    """A look that shows the tags. Every choice has its own random number, so no tag disturbs another's choice."""
    number = dict(zip(NUMBERS, np.random.default_rng(seed).random(len(NUMBERS)), strict=True))
    hair_colour, eye_colour = (
        shade(colours[next(tag for tag in colours if tag in names)],
              *(number[f"{part}_{channel}"] for channel in ("light", "r", "g", "b")))
        for part, colours in (("hair", art.HAIR_SHADES), ("eyes", art.EYE_SHADES)))
    details = pick(art.DETAILS, number["details_kind"]) if number["details"] < art.SELDOM else ""
    pieces = ((pick(kinds, number[tag]), pick(art.CLOTH, number[f"{tag}_colour"]))
              for tag, kinds in (("hat", art.HATS), ("ribbon", art.RIBBONS)) if tag in names)
    return Look(hair=choose_hair(names, number["hair"]), hair_colour=hair_colour,
                eyes=pick(art.EYES, number["eyes"]), eye_colour=eye_colour,
                mouth=pick(art.MOUTHS["smile" in names, "open mouth" in names], number["mouth"]),
                eyebrows=pick(art.EYEBROWS, number["eyebrows"]), skin=pick(art.SKINS, number["skin"]),
                details="blush" if "blush" in names else details,
                earrings=pick(art.EARRINGS, number["earrings_kind"]) if number["earrings"] < art.SELDOM else "",
                glasses=pick(art.GLASSES, number["glasses"]) if "glasses" in names else "",
                frame=pick(art.FRAMES, number["frame"]), pieces=tuple(pieces))


def choose_hair(names: frozenset[str], number: float) -> art.Hair:
    """The hair for these tags; under a hat only hair of which enough is left to see."""
    kinds = art.HAIR[names & frozenset(HAIR_STYLES)]
    hair = pick(kinds, number)
    if "hat" in names and hair in art.NOT_UNDER_A_HAT:
        hair = pick([kind for kind in kinds if kind not in art.NOT_UNDER_A_HAT], number)
    return hair


def pick(items: Sequence[T], number: float) -> T:
    """The item at a place in [0, 1) of a sequence."""
    return items[int(number * len(items))]


def shade(colour: str, light: float, red: float, green: float, blue: float) -> str:
    """A colour within ``art.SPREAD`` steps of the named one in each channel; all four numbers in [0, 1)."""
    channels = (int(colour[i:i + 2], 16) + round(20 * light - 10) + round(8 * part - 4)
                for i, part in zip((1, 3, 5), (red, green, blue), strict=True))
    return "#" + "".join(f"{min(max(channel, 0), 255):02x}" for channel in channels)


def draw_look(look: Look, *, size: int = 128, background: str = "#ffffff") -> np.ndarray:
    """Turn a look into pixels: uint8 (3, size, size)."""
    return rasterise(look_svg(look), size, background)


def look_svg(look: Look) -> str:
    """The drawing as SVG."""
    svg = artist.Avatar(load_style(art.STYLE), dicebear_options(look)).to_string().replace(*art.BLUSH)
    behind = [(look.hair[1], look.hair_colour)] if look.hair[1] else []
    return with_pieces(larger_mouth(wider_iris(svg, look.eye_colour)), behind, look.pieces)


def dicebear_options(look: Look) -> dict[str, Any]:
    """DiceBear's options of a look; nothing is left to its own dice."""
    options: dict[str, Any] = {
        "seed": "0", "hairVariant": [look.hair[0]], "hairColor": [look.hair_colour], "eyesVariant": [look.eyes],
        "eyesColor": [IRIS], "mouthVariant": [look.mouth], "eyebrowsVariant": [look.eyebrows],
        "skinColor": [look.skin], "glassesColor": [look.frame]}
    for part, variant in (("details", look.details), ("earrings", look.earrings), ("glasses", look.glasses)):
        options[f"{part}Probability"] = 100 if variant else 0
        if variant:
            options[f"{part}Variant"] = [variant]
    return options


def wider_iris(svg: str, colour: str) -> str:
    """Draw the iris wider and with an outline, so that its colour is seen at 64 pixels."""
    def iris(match: re.Match[str]) -> str:
        path = f'<path d="{match[1]}"'
        return (f'{path} fill="#000" stroke="#000" stroke-width="20"/>'
                f'{path} fill="{colour}" stroke="{colour}" stroke-width="10"/>')

    return re.sub(rf'<path d="([^"]*)" fill="{IRIS}"/>', iris, svg)


def larger_mouth(svg: str) -> str:
    """Let the small open mouths grow, so that they are seen to be open."""
    def grown(match: re.Match[str]) -> str:
        origin, growth = art.SMALL_MOUTHS.get(match[2]), art.MOUTH_GROWTH
        if origin is None:
            return match[0]
        x, y = (round(place * (1 - growth), 1) for place in origin)
        return f'<g transform="translate({x} {y}) scale({growth})">{match[1]}</g>'

    return MOUTH_USE.sub(grown, svg)


@lru_cache(maxsize=64)
def piece(name: str) -> str:
    """A piece of our own without its <svg> frame; ``currentColor`` is the colour it gets."""
    text = files("avatarlib.data").joinpath("art").joinpath(f"{name}.svg").read_text("utf-8")
    return re.sub(r"</?svg[^>]*>|<title>.*?</title>|\n", "", text)


def with_pieces(svg: str, behind: Iterable[tuple[str, str]], before: Iterable[tuple[str, str]]) -> str:
    """Put our pieces (name, colour) behind the head and before all else; hair above a hat's brim is cut away.

    DiceBear's clip to the canvas goes: the picture ends there anyway, and it takes a fifth of the drawing time.
    """
    head, body = svg.split("<g clip-path=", 1)
    body = body[body.index(">") + 1:body.rindex("</g></svg>")]
    back, front = ("".join(f'<g color="{colour}">{piece(name)}</g>' for name, colour in group)
                   for group in (behind, before))
    if 'id="under-hat"' in front:
        body = HAIR_USE.sub(r'<g clip-path="url(#under-hat)">\1</g>', body)
    return f"{head}<g>{back}{body}{front}</g></svg>"
