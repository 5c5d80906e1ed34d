"""TaggedAvatarSet: avatars drawn *from* the 34 tags, so that every label is seen in its picture.

The art is the style Adventurer by Lisa Wischofsky (CC BY 4.0). Changed by us: the iris is larger, hats, ribbons
and ringlets are pieces of our own (``avatarlib/data/art``, CC BY 4.0).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import resvg_py
import torch
from dicebear import Avatar
from joblib import Parallel, delayed
from PIL import Image
from torch import Tensor
from tqdm.auto import tqdm

from avatarlib.data import adventurer as art
from avatarlib.data.avatarset import CHUNK, PARALLEL_FROM, TEST_OFFSET, check_arguments, load_style
from avatarlib.data.base import ImageSet, Parts, build_cache
from avatarlib.data.tags import EYE_COLOURS, HAIR_COLOURS, HAIR_STYLES, PRIORS, TAGS, sample_tags, tag_names, tag_vector

__all__ = ["TaggedAvatarSet", "draw_tags", "drawable_tags"]

REVISION = 1             # of the mapping and the pieces: raise it when they change, so that caches are drawn anew
BLOCK = 1024             # tags are sampled in blocks of this many
IRIS = "#010203"         # stands for the eye colour until the iris is drawn larger
CHOICES = ("hair", "eyes", "mouth", "details", "details_kind", "eyebrows", "earrings", "earrings_kind", "skin",
           "glasses", "frame", "hat", "hat_colour", "ribbon", "ribbon_colour",
           "hair_light", "hair_r", "hair_g", "hair_b", "eyes_light", "eyes_r", "eyes_g", "eyes_b")
T = TypeVar("T")


def drawable_tags() -> tuple[str, ...]:
    """The tags that this art can show."""
    return tuple(tag for tag in TAGS if tag not in art.UNDRAWABLE)


def draw_tags(tags: Iterable[str] | Tensor, *, seed: int | Sequence[int], size: int = 128,
              background: str = "#ffffff") -> np.ndarray:
    """Draw one avatar that shows exactly the given tags.

    Parameters
    ----------
    tags : iterable of str, or Tensor
        Tag names, or a vector (34,): one hair colour, one eye colour, and any others that go together.
    seed : int or sequence of int
        Decides all that the tags leave open: which variant, skin, eyebrows, shade, earrings, freckles. Two drawings
        of one seed differ only where their tags do (a hat may ask for other hair).
    size : int
        Height and width in pixels.
    background : str
        CSS colour behind the avatar.

    Returns
    -------
    ndarray
        uint8 (3, size, size).

    Raises
    ------
    ValueError
        If a tag is unknown or cannot be drawn, or tags contradict one another.
    """
    names = frozenset(tag_names(tags if isinstance(tags, Tensor) else tag_vector(tags)))
    problem = contradiction(names)
    if problem:
        raise ValueError(problem)
    png = resvg_py.svg_to_bytes(svg_string=avatar_svg(names, seed), width=size, height=size, background=background,
                                skip_system_fonts=True)
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))


def contradiction(names: frozenset[str]) -> str:
    """Why these tags cannot be in one drawing; empty if they can."""
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


def pick(items: Sequence[T], number: float) -> T:
    """The item at a place in [0, 1) of a sequence."""
    return items[int(number * len(items))]


def shade(colour: str, light: float, red: float, green: float, blue: float) -> str:
    """A colour within 14 steps of the named one in each channel; all four numbers in [0, 1)."""
    channels = (int(colour[i:i + 2], 16) + round(20 * light - 10) + round(8 * part - 4)
                for i, part in zip((1, 3, 5), (red, green, blue), strict=True))
    return "#" + "".join(f"{min(max(channel, 0), 255):02x}" for channel in channels)


@lru_cache(maxsize=64)
def piece(name: str) -> str:
    """A piece of our own without its <svg> frame; ``currentColor`` is the colour it gets."""
    text = files("avatarlib.data").joinpath("art").joinpath(f"{name}.svg").read_text("utf-8")
    return re.sub(r"</?svg[^>]*>|<title>.*?</title>|\n", "", text)


def avatar_svg(names: frozenset[str], seed: int | Sequence[int]) -> str:
    """The drawing as SVG. Every choice has its own random number, so no tag disturbs another's choice."""
    number = dict(zip(CHOICES, np.random.default_rng(seed).random(len(CHOICES)), strict=True))
    hair_colour, eye_colour = (
        shade(colours[next(tag for tag in colours if tag in names)],
              *(number[f"{part}_{channel}"] for channel in ("light", "r", "g", "b")))
        for part, colours in (("hair", art.HAIR_SHADES), ("eyes", art.EYE_SHADES)))
    hair, tails = choose_hair(names, number["hair"])
    svg = Avatar(load_style(art.STYLE), dicebear_options(names, hair, hair_colour, number)).to_string()
    svg = larger_iris(svg.replace(*art.BLUSH), eye_colour)
    behind = [(tails, hair_colour)] if tails else []
    before = [(name, pick(art.CLOTH, number[f"{tag}_colour"]))
              for tag, kinds in (("hat", art.HATS), ("ribbon", art.RIBBONS)) if tag in names
              for name in [pick(kinds, number[tag])]]
    return with_pieces(svg, behind, before)


def choose_hair(names: frozenset[str], number: float) -> art.Hair:
    """The hair for these tags; under a hat only hair of which enough is left to see."""
    kinds = art.HAIR[names & frozenset(HAIR_STYLES)]
    hair = pick(kinds, number)
    if "hat" in names and hair in art.NOT_UNDER_A_HAT:
        hair = pick([kind for kind in kinds if kind not in art.NOT_UNDER_A_HAT], number)
    return hair


def dicebear_options(names: frozenset[str], hair: str, hair_colour: str, number: Mapping[str, float]) -> dict[str, Any]:
    """DiceBear's options for these tags; nothing is left to its own dice."""
    details = "blush" if "blush" in names else pick(art.DETAILS, number["details_kind"])
    return {"seed": "0", "hairVariant": [hair], "hairColor": [hair_colour], "eyesColor": [IRIS],
            "eyesVariant": [pick(art.EYES, number["eyes"])],
            "mouthVariant": [pick(art.MOUTHS["smile" in names, "open mouth" in names], number["mouth"])],
            "eyebrowsVariant": [pick(art.EYEBROWS, number["eyebrows"])],
            "skinColor": [pick(art.SKINS, number["skin"])],
            "detailsVariant": [details],
            "detailsProbability": 100 if "blush" in names or number["details"] < 0.2 else 0,
            "earringsVariant": [pick(art.EARRINGS, number["earrings_kind"])],
            "earringsProbability": 100 if number["earrings"] < 0.2 else 0,
            "glassesVariant": [pick(art.GLASSES, number["glasses"])],
            "glassesColor": [pick(art.FRAMES, number["frame"])],
            "glassesProbability": 100 if "glasses" in names else 0}


def larger_iris(svg: str, colour: str) -> str:
    """Draw the iris wider and with an outline, so that its colour is seen at 64 pixels."""
    def iris(match: re.Match[str]) -> str:
        path = f'<path d="{match[1]}"'
        return (f'{path} fill="#000" stroke="#000" stroke-width="20"/>'
                f'{path} fill="{colour}" stroke="{colour}" stroke-width="10"/>')

    return re.sub(rf'<path d="([^"]*)" fill="{IRIS}"/>', iris, svg)


def with_pieces(svg: str, behind: Sequence[tuple[str, str]], before: Sequence[tuple[str, str]]) -> str:
    """Put our pieces (name, colour) behind the head and before all else; hair above a hat's brim is cut away."""
    start = svg.index(">", svg.index("<g clip-path=")) + 1
    end = svg.rindex("</g></svg>")
    back, front = ("".join(f'<g color="{colour}">{piece(name)}</g>' for name, colour in group)
                   for group in (behind, before))
    body = svg[start:end]
    if 'id="under-hat"' in front:
        body = re.sub(r'(<use [^>]*href="#hair-[^>]*/>)', r'<g clip-path="url(#under-hat)">\1</g>', body)
    return svg[:start] + back + body + front + svg[end:]


def sample_drawable(count: int, prior: str, seed: int, split: str) -> Tensor:
    """Tags (count, 34) from the prior, given that they can be drawn: the others are thrown away, row by row."""
    blocks = []
    for block in range(-(-count // BLOCK)):
        words = np.random.SeedSequence([seed, split == "test", block]).generate_state(2)
        generator = torch.Generator().manual_seed(int(words[0]) << 31 | int(words[1]) >> 1)
        kept: list[Tensor] = []
        while len(kept) < BLOCK:
            rows = sample_tags(BLOCK, prior, generator=generator)
            kept += [row for row in rows if not contradiction(frozenset(tag_names(row)))]
        blocks.append(torch.stack(kept[:BLOCK]))
    return torch.cat(blocks)[:count]


def draw_rows(tags: np.ndarray, first: int, seed: int, size: int, background: str) -> np.ndarray:
    """Draw rows of tags (n, 34) as avatars ``first ...`` of the sequence: uint8 (n, 3, size, size)."""
    return np.stack([draw_tags(torch.from_numpy(row), seed=[seed, first + i], size=size, background=background)
                     for i, row in enumerate(tags)])


class TaggedAvatarSet(ImageSet):
    """Avatars drawn from sampled tags, cached; the same arguments give the same bytes.

    Labels are the 34 tags in their order (0 no, 1 yes). Tags are sampled from the prior on condition that they can
    be drawn: of the prior's rows, those with hair styles that exclude one another are thrown away, which makes two
    styles at once rarer and leaves every tag outside the hair styles as likely as before.

    Parameters
    ----------
    size : int
        Height and width in pixels, 8 to 1,024.
    count : int
        How many avatars; a larger set begins with the smaller one.
    seed : int
        Which sequence of avatars.
    split : {"train", "test"}
        Two ranges of the sequence that never meet.
    prior : {"paper", "empirical"}
        How tags are sampled, see ``sample_tags``.
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
        If an argument is out of its range.

    Examples
    --------
    >>> avatars = TaggedAvatarSet(count=3, size=32, progress=False)
    >>> avatars.tags.shape
    torch.Size([3, 34])
    """

    def __init__(self, *, size: int = 128, count: int = 10_000, seed: int = 0, split: str = "train",
                 prior: str = "paper", background: str = "#ffffff", workers: int = -1, progress: bool = True,
                 cache: Path | None = None) -> None:
        check_arguments(art.STYLE, size, count, seed, split)
        if prior not in PRIORS:
            raise ValueError(f"prior must be one of {', '.join(PRIORS)}, got {prior!r}")
        self.seed, self.split, self.prior = seed, split, prior
        first = TEST_OFFSET if split == "test" else 0
        packages = {name: version(name) for name in ("dicebear-core", "dicebear-styles", "resvg-py")}

        def build() -> Parts:
            tags = sample_drawable(count, prior, seed, split).numpy()
            arguments = {"seed": seed, "size": size, "background": background}
            images = np.concatenate(list(draw_chunks(tags, first, arguments, workers, progress)))
            return images, tags.astype(np.int16), dict.fromkeys(TAGS, ("no", "yes")), {}

        key = {"size": size, "count": count, "seed": seed, "first": first, "prior": prior, "background": background,
               "packages": packages, "revision": REVISION}
        super().__init__(f"TaggedAvatarSet, {prior} prior ({split})",
                         *build_cache("tagged", key, build, root=cache))

    @property
    def tags(self) -> Tensor:
        """The labels as float32 (N, 34) of 0 and 1."""
        return self.labels.float()


def draw_chunks(tags: np.ndarray, first: int, arguments: Mapping[str, Any], workers: int,
                progress: bool) -> Iterator[np.ndarray]:
    """Draw in chunks, in order; in processes when it is worth starting them."""
    jobs = (delayed(draw_rows)(tags[start:start + CHUNK], first + start, **arguments)
            for start in range(0, len(tags), CHUNK))
    results = Parallel(n_jobs=workers if len(tags) >= PARALLEL_FROM else 1, return_as="generator")(jobs)
    with tqdm(total=len(tags), desc="drawing avatars", unit="avatar", disable=not progress) as bar:
        for images in results:
            bar.update(len(images))
            yield images
