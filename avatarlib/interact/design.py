"""An avatar as a few choices, without widgets: tags and a seed, how a click changes them, what a generator paints."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from avatarlib.data.drawn.adventurer import HAIR
from avatarlib.data.drawn.tag_drawing import contradiction
from avatarlib.data.tags import EYE_COLOURS, HAIR_COLOURS, HAIR_STYLES, TAGS, tag_names, tag_vector
from avatarlib.interact.latent import lerp, slerp
from avatarlib.text import Description
from avatarlib.training.files import write_atomically

__all__ = ["CHOICES", "SEEDS", "TOGGLES", "Design", "Spot", "between", "check_generator", "check_seed", "choice_of",
           "other_seeds", "paint", "reading_lines", "redesign", "save_picture", "told", "with_choice", "with_toggle"]

SEEDS = 100_000      # seeds are 0 to this number

CHOICES: dict[str, dict[str, frozenset[str]]] = {      # of each group exactly one: group -> name -> its tags
    "hair colour": {tag: frozenset({tag}) for tag in HAIR_COLOURS},
    "eye colour": {tag: frozenset({tag}) for tag in EYE_COLOURS},
    "hair style": {" with ".join(tag for tag in HAIR_STYLES if tag in styles) or "no hair style": styles
                   for styles in HAIR},
}
TOGGLES: tuple[str, ...] = tuple(tag for tag in TAGS if tag not in {*HAIR_COLOURS, *EYE_COLOURS, *HAIR_STYLES})


class Spot(NamedTuple):
    """A place among the generator's inputs: noise (latent,) and tags (34,), 0 to 1 with fractions allowed.

    Examples
    --------
    >>> from avatarlib.interact.design import Design
    >>> noise, tags = Design(frozenset({"pink hair", "blue eyes"}), seed=3).spot(latent=128)
    >>> tuple(noise.shape), tuple(tags.shape), tags.sum().item()
    ((128,), (34,), 2.0)
    """

    noise: Tensor
    tags: Tensor


@dataclass(frozen=True)
class Design:
    """All that decides an avatar.

    Parameters
    ----------
    tags : frozenset of str
        One hair colour, one eye colour, and any others that the drawn avatars combine.
    seed : int
        Which noise, 0 to 100,000.

    Raises
    ------
    ValueError
        If a tag is unknown, tags contradict one another, or the seed is out of range.

    Examples
    --------
    >>> design = Design(frozenset({"pink hair", "blue eyes", "hat"}), seed=3)
    >>> spot = design.spot(latent=128)
    >>> spot.noise.shape, spot.tags.sum().item()
    (torch.Size([128]), 3.0)
    """

    tags: frozenset[str]
    seed: int

    def __post_init__(self) -> None:
        tag_vector(self.tags)
        problem = contradiction(self.tags)
        if problem:
            raise ValueError(problem)
        check_seed(self.seed)

    def spot(self, latent: int) -> Spot:
        """The noise that ``Generator.sample`` draws from this seed, and the tags as 0 and 1."""
        return Spot(torch.randn(latent, generator=torch.Generator().manual_seed(self.seed)), tag_vector(self.tags))

    def __str__(self) -> str:
        return ", ".join(tag for tag in TAGS if tag in self.tags)


def check_seed(seed: int) -> None:
    """Raise a ValueError unless ``seed`` is an integer from 0 to 100,000.

    Examples
    --------
    >>> from avatarlib.interact.design import check_seed
    >>> check_seed(100_000)
    >>> check_seed(-1)
    Traceback (most recent call last):
        ...
    ValueError: seed must be an integer in [0, 100,000], got -1
    """
    if not isinstance(seed, int) or not 0 <= seed <= SEEDS:
        raise ValueError(f"seed must be an integer in [0, {SEEDS:,}], got {seed!r}")


def with_choice(tags: frozenset[str], group: str, name: str) -> frozenset[str]:
    """Tags with another choice in one group of ``CHOICES``; the rest stays.

    Raises
    ------
    ValueError
        If there is no such group, or no such choice in it.

    Examples
    --------
    >>> from avatarlib.interact.design import with_choice
    >>> sorted(with_choice(frozenset({"pink hair", "blue eyes", "hat"}), "hair colour", "red hair"))
    ['blue eyes', 'hat', 'red hair']
    """
    for argument, value, accepted in (("group", group, CHOICES), ("name", name, CHOICES.get(group, {}))):
        if value not in accepted:
            raise ValueError(f"{argument} must be one of {', '.join(accepted)}; got {value!r}")
    return tags - frozenset().union(*CHOICES[group].values()) | CHOICES[group][name]


def with_toggle(tags: frozenset[str], tag: str, on: bool) -> frozenset[str]:
    """Tags with one of ``TOGGLES`` put on or off; the rest stays. A ValueError for any other tag.

    Examples
    --------
    >>> from avatarlib.interact.design import with_toggle
    >>> tags = frozenset({"pink hair", "blue eyes", "hat"})
    >>> sorted(with_toggle(tags, "smile", True)), sorted(with_toggle(tags, "hat", False))
    (['blue eyes', 'hat', 'pink hair', 'smile'], ['blue eyes', 'pink hair'])
    """
    if tag not in TOGGLES:
        raise ValueError(f"tag must be one of {', '.join(TOGGLES)}; got {tag!r}")
    return tags | {tag} if on else tags - {tag}


def choice_of(tags: frozenset[str], group: str) -> str:
    """The name of the choice that a design's tags hold in a group.

    Examples
    --------
    >>> from avatarlib.interact.design import choice_of
    >>> tags = frozenset({"pink hair", "blue eyes", "long hair", "ponytail", "hat"})
    >>> choice_of(tags, "hair colour"), choice_of(tags, "hair style")
    ('pink hair', 'long hair with ponytail')
    """
    own = tags & frozenset().union(*CHOICES[group].values())
    return next(name for name, members in CHOICES[group].items() if members == own)


def redesign(design: Design, tags: frozenset[str], *, same_face: bool, dice: random.Random) -> Design:
    """A design with other tags: of the same noise, or else of new noise; without a change, the design itself.

    Examples
    --------
    >>> import random
    >>> from avatarlib.interact.design import Design, redesign
    >>> design = Design(frozenset({"pink hair", "blue eyes"}), seed=3)
    >>> hatted = redesign(design, design.tags | {"hat"}, same_face=True, dice=random.Random(0))
    >>> hatted.seed, str(hatted)
    (3, 'pink hair, hat, blue eyes')
    """
    if tags == design.tags:
        return design
    return Design(tags, design.seed if same_face else other_seeds(design.seed, 1, dice=dice)[0])


def other_seeds(seed: int, n: int, *, dice: random.Random) -> list[int]:
    """Draw ``n`` seeds, all different and none of them ``seed``.

    Examples
    --------
    >>> import random
    >>> from avatarlib.interact.design import other_seeds
    >>> seeds = other_seeds(7, 9, dice=random.Random(0))
    >>> len(set(seeds)), 7 in seeds
    (9, False)
    """
    return [drawn for drawn in dice.sample(range(SEEDS + 1), n + 1) if drawn != seed][:n]


def told(tags: frozenset[str], description: Description) -> frozenset[str]:
    """Tags changed as a description says; what it leaves open stays as it is.

    Examples
    --------
    >>> from avatarlib.text import parse
    >>> sorted(told(frozenset({"red hair", "blue eyes", "hat", "blush"}), parse("green eyes, no hat")))
    ['blush', 'green eyes', 'red hair']
    """
    return frozenset(tag_names(description.condition(tag_vector(tags))))


def between(a: Spot, b: Spot, share: float) -> Spot:
    """Part of the way from ``a`` (share 0) to ``b`` (share 1): the noise on the arc, the tags on the straight line.

    The ends are ``a`` and ``b`` themselves, to the last bit. For the arc see ``slerp``.

    Raises
    ------
    ValueError
        If ``share`` is outside [0, 1], or the spots have noise of different length.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.interact.design import Spot, between
    >>> a = Spot(noise=torch.tensor([2.0, 0.0]), tags=torch.tensor([1.0]))
    >>> b = Spot(noise=torch.tensor([0.0, 2.0]), tags=torch.tensor([0.0]))
    >>> half = between(a, b, 0.5)
    >>> round(half.noise.norm().item(), 3), half.tags.item()                   # on the circle of radius 2; half a tag
    (2.0, 0.5)
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share must be in [0, 1], got {share!r}")
    if share in (0, 1):
        return b if share else a
    return Spot(slerp(a.noise, b.noise, share), lerp(a.tags, b.tags, share))


def check_generator(generator: nn.Module) -> None:
    """Raise a ValueError unless ``generator`` turns noise and the 34 tags into avatars.

    Examples
    --------
    >>> from avatarlib.interact.design import check_generator
    >>> from avatarlib.models import acgan, dcgan
    >>> check_generator(acgan.Generator(blocks=1, width=8, size=64))
    >>> check_generator(dcgan.Generator(latent=4, width=2))
    Traceback (most recent call last):
        ...
    ValueError: generator must make avatars of noise and tags ..., got Generator without tags
    """
    missing = [name for name in ("sample", "latent", "tags") if not hasattr(generator, name)]
    if not isinstance(generator, nn.Module) or missing:
        without = f" without {', '.join(missing)}" if missing else ""
        raise ValueError("generator must make avatars of noise and tags as avatarlib.models.acgan.Generator does, "
                         f"got {type(generator).__name__}{without}")
    if generator.tags != len(TAGS):
        raise ValueError(f"generator must take the {len(TAGS)} tags of avatarlib.data.TAGS, got one of "
                         f"{generator.tags}")


def paint(generator: nn.Module, spots: Sequence[Spot]) -> Tensor:
    """Avatars (N, 3, H, W) in [-1, 1] at N spots, in evaluation mode; a generator in training is put back into it.

    Examples
    --------
    >>> from avatarlib.interact.design import Design, paint
    >>> from avatarlib.models.acgan import Generator
    >>> generator = Generator(latent=8, blocks=1, width=8, size=64)
    >>> spots = [Design(frozenset({"pink hair", "blue eyes"}), seed=seed).spot(generator.latent) for seed in (0, 1)]
    >>> tuple(paint(generator, spots).shape)
    (2, 3, 64, 64)
    """
    weight = next(generator.parameters())
    noise, tags = (torch.stack(part).to(weight.device, weight.dtype) for part in zip(*spots, strict=True))
    training = generator.training
    if training:
        generator.eval()
    try:
        with torch.no_grad():
            return generator(noise, tags)
    finally:
        if training:
            generator.train()


def save_picture(png: bytes, name: str) -> Path:
    """Write a PNG file, whole or not at all, and return its absolute path.

    ``name`` ends in ``.png``; a file that is there is replaced, missing folders are made.

    Raises
    ------
    ValueError
        If the name does not end in ``.png``.
    OSError
        If the place cannot be written.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.interact.design import save_picture
    >>> from avatarlib.interact.grids import png_bytes, to_picture
    >>> png = png_bytes(to_picture(torch.zeros(3, 64, 64)))
    >>> saved = save_picture(png, "avatars/first.png")                          # makes the folder
    >>> saved.name, saved.read_bytes() == png
    ('first.png', True)
    """
    path = Path(name.strip()).expanduser()
    if path.suffix.lower() != ".png":
        raise ValueError(f"name must be a file that ends in .png, such as avatar.png; got {name!r}")
    path = path.absolute()
    write_atomically(path, lambda partial: partial.write_bytes(png))
    return path


def reading_lines(description: Description, kept: frozenset[str] = frozenset()) -> dict[str, str]:
    """What a text asks for, denies and leaves open, and how it was read: heading -> text, without empty ones.

    ``kept`` are tags that it does not name and that are on all the same, from an earlier wish.

    Examples
    --------
    >>> from avatarlib.interact.design import reading_lines
    >>> from avatarlib.text import parse
    >>> lines = reading_lines(parse("pink hair, no hat"), kept=frozenset({"blue eyes"}))
    >>> lines["on"], lines["off"], lines["not named, kept as it was"]
    ('pink hair', 'hat', 'blue eyes')
    """
    on, off, left = (", ".join(tag for tag in TAGS if tag in tags) for tags in (description.on, description.off, kept))
    steps = [step for step in description.explanation if step.kind != "no tag"]
    lines = {"on": on, "off": off, "not named, kept as it was": left, "left open": ", ".join(description.free),
             "because": "; ".join(dict.fromkeys(f"“{step.words}”: {step.why}" for step in steps)),
             "no tag": ", ".join(dict.fromkeys(step.words for step in description.explanation if step not in steps))}
    return {heading: text for heading, text in lines.items() if text}
