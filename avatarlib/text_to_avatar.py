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
    """Avatars, the tags they were asked for, and what was read in the text."""

    images: Tensor                  # (n, 3, size, size) in [-1, 1]
    tags: Tensor                    # (n, 34) of 0 and 1
    description: Description


def acgan_recipe(config: ACGANConfig, *, seed: int = 0, prior: str = "paper") -> ACGAN:
    """ACGAN whose fakes are asked for what the drawn set can show; ``prior`` as for that set."""
    def wishes(n: int, generator: torch.Generator) -> Tensor:
        return sample_drawable(n, prior, generator=generator)
    return ACGAN(wishes, config, seed=seed)


def draw_wishes(generator: Generator, n: int, *, seed: int = 0, prior: str = "paper") -> tuple[Tensor, Tensor]:
    """``n`` avatars (n, 3, size, size) with tags of the prior, and these tags (n, 34)."""
    rng = torch.Generator().manual_seed(seed)
    tags = sample_drawable(n, prior, generator=rng)
    return draw_tags(generator, tags, rng), tags


def draw_tags(generator: Generator, tags: Tensor, rng: torch.Generator) -> Tensor:
    """Avatars (n, 3, size, size) with tags (n, 34), a few at a time: one takes some 10 MB on its way at 128 px."""
    return torch.cat([generator.sample(len(part), part, generator=rng) for part in tags.split(AT_ONCE)])


def draw_text(generator: Generator, text: str, n: int = 1, *, seed: int = 0, prior: str = "paper") -> Drawn:
    """``n`` avatars from a description, such as "a smiling girl with long teal hair, green eyes, no glasses".

    What it leaves open is left to chance: tags drawn by the ``prior``, "paper" or "empirical" (see ``sample_tags``),
    and, with the noise, fixed by ``seed``.

    Raises
    ------
    ValueError
        If the text is blank, or an argument is out of range.
    """
    description, rng = parse(text), torch.Generator().manual_seed(seed)
    tags = description.condition(sample_drawable(n, prior, generator=rng), generator=rng)
    return Drawn(draw_tags(generator, tags, rng), tags, description)
