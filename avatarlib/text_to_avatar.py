"""From words to avatars: the parser, the prior of the tags and a generator, put together (Xu; Jin et al. 2017)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from avatarlib.data import sample_drawable
from avatarlib.models.acgan import Generator
from avatarlib.recipes import ACGAN, ACGANConfig
from avatarlib.text import Description, parse

__all__ = ["Drawn", "acgan_recipe", "draw_tags", "draw_text", "draw_wishes"]

AT_ONCE = 64        # avatars


class Drawn(NamedTuple):
    """Avatars, the tags they were asked for, and what was read in the text.

    Examples
    --------
    >>> from avatarlib.models.acgan import Generator
    >>> from avatarlib.text_to_avatar import draw_text
    >>> generator = Generator(blocks=1, width=8, size=32).eval()           # small, and not trained
    >>> drawn = draw_text(generator, "green eyes and a hat", n=2)
    >>> tuple(drawn.images.shape), tuple(drawn.tags.shape), sorted(drawn.description.on)
    ((2, 3, 32, 32), (2, 34), ['green eyes', 'hat'])
    """

    images: Tensor                  # (n, 3, size, size) in [-1, 1]
    tags: Tensor                    # (n, 34) of 0 and 1
    description: Description


def acgan_recipe(config: ACGANConfig, *, seed: int = 0, prior: str = "paper") -> ACGAN:
    """ACGAN whose fakes are asked for what the drawn set can show; ``prior`` as for that set.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.data import drawable
    >>> from avatarlib.recipes import ACGANConfig
    >>> from avatarlib.text_to_avatar import acgan_recipe
    >>> recipe = acgan_recipe(ACGANConfig.preset("smoke"))
    >>> wishes = recipe.sample_tags(100, torch.Generator().manual_seed(0))
    >>> tuple(wishes.shape), drawable(wishes).sum().item()                 # all of them can be drawn
    ((100, 34), 100)
    """
    def wishes(n: int, generator: torch.Generator) -> Tensor:
        return sample_drawable(n, prior, generator=generator)
    return ACGAN(wishes, config, seed=seed)


def draw_wishes(generator: Generator, n: int, *, seed: int = 0, prior: str = "paper") -> tuple[Tensor, Tensor]:
    """``n`` avatars (n, 3, size, size) with tags of the prior, and these tags (n, 34).

    Examples
    --------
    >>> from avatarlib.data import HAIR_COLOURS
    >>> from avatarlib.models.acgan import Generator
    >>> from avatarlib.text_to_avatar import draw_wishes
    >>> images, tags = draw_wishes(Generator(blocks=1, width=8, size=32).eval(), 4)        # small, and not trained
    >>> tuple(images.shape), tags[:, :len(HAIR_COLOURS)].sum(1).tolist()   # each wish has one hair colour
    ((4, 3, 32, 32), [1.0, 1.0, 1.0, 1.0])
    """
    rng = torch.Generator().manual_seed(seed)
    tags = sample_drawable(n, prior, generator=rng)
    return draw_tags(generator, tags, rng), tags


def draw_tags(generator: Generator, tags: Tensor, rng: torch.Generator) -> Tensor:
    """Avatars (n, 3, size, size) with tags (n, 34), a few at a time: one takes some 10 MB on its way at 128 px.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.data import tag_vector
    >>> from avatarlib.models.acgan import Generator
    >>> from avatarlib.text_to_avatar import draw_tags
    >>> generator = Generator(blocks=1, width=8, size=32).eval()           # small, and not trained
    >>> wishes = tag_vector(["red hair", "blue eyes", "smile"]).expand(3, -1)
    >>> tuple(draw_tags(generator, wishes, torch.Generator().manual_seed(0)).shape)        # three from different noise
    (3, 3, 32, 32)
    """
    return torch.cat([generator.sample(len(part), part, generator=rng) for part in tags.split(AT_ONCE)])


def draw_text(generator: Generator, text: str, n: int = 1, *, seed: int = 0, prior: str = "paper") -> Drawn:
    """``n`` avatars from a description, such as "a smiling girl with long teal hair, green eyes, no glasses".

    What it leaves open is left to chance: tags drawn by the ``prior``, "paper" or "empirical" (see ``sample_tags``),
    and, with the noise, fixed by ``seed``.

    Raises
    ------
    ValueError
        If the text is blank, or an argument is out of range.

    Examples
    --------
    >>> from avatarlib.data import TAGS
    >>> from avatarlib.models.acgan import Generator
    >>> from avatarlib.text_to_avatar import draw_text
    >>> generator = Generator(blocks=1, width=8, size=32).eval()           # or pretrained.load("acgan-adventurer-64")
    >>> images, tags, description = draw_text(generator, "a girl with red hair, no glasses", n=3)
    >>> {tag: tags[:, TAGS.index(tag)].tolist() for tag in ("red hair", "glasses")}
    {'red hair': [1.0, 1.0, 1.0], 'glasses': [0.0, 0.0, 0.0]}
    """
    description, rng = parse(text), torch.Generator().manual_seed(seed)
    tags = description.condition(sample_drawable(n, prior, generator=rng), generator=rng)
    return Drawn(draw_tags(generator, tags, rng), tags, description)
