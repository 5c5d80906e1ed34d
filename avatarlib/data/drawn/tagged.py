"""TaggedAvatarSet: avatars drawn *from* the 34 tags, so that every label is seen in its picture."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from avatarlib.data.base import ImageSet
from avatarlib.data.drawn.adventurer import REVISION, STYLE
from avatarlib.data.drawn.avatarset import TEST_OFFSET, check_arguments, draw_or_load
from avatarlib.data.drawn.tag_drawing import contradiction, draw_tags
from avatarlib.data.tags import PRIORS, TAGS, sample_tags, tag_names

__all__ = ["TaggedAvatarSet", "drawable", "sample_drawable"]

BLOCK = 1024             # tags are sampled in blocks of this many


def drawable(tags: Tensor) -> Tensor:
    """Which rows of tags (n, 34) can be drawn: booleans (n,); ValueError if a row has not 34 entries.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.data import drawable, tag_vector
    >>> long = tag_vector(["red hair", "green eyes", "long hair"])
    >>> drawable(torch.stack([long, long + tag_vector(["short hair"])])).tolist()
    [True, False]
    """
    return torch.tensor([not contradiction(frozenset(tag_names(row))) for row in tags], dtype=torch.bool)


def sample_drawable(n: int, prior: str = "paper", *, generator: torch.Generator) -> Tensor:
    """Draw n tag vectors (n, 34) that can be drawn: as ``sample_tags``, but rows that contradict themselves go.

    These are the conditions of a TaggedAvatarSet; a generator that learns from one should be asked for no others.
    Errors as in ``sample_tags``.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.data import drawable, sample_drawable, sample_tags
    >>> rng = torch.Generator().manual_seed(0)
    >>> drawable(sample_drawable(200, generator=rng)).float().mean().item()
    1.0
    >>> round(drawable(sample_tags(2_000, generator=rng)).float().mean().item(), 1)        # of all that the prior draws
    0.7
    """
    kept: list[Tensor] = []
    while len(kept) < n:
        rows = sample_tags(n, prior, generator=generator)
        kept += rows[drawable(rows)]
    return torch.stack(kept[:n]) if n else sample_tags(0, prior, generator=generator)


def tags_of(count: int, prior: str, seed: int, split: str) -> Tensor:
    """The tags (count, 34) of a set, in blocks with a seed each, so that a larger set begins with a smaller one."""
    blocks = []
    for block in range(-(-count // BLOCK)):
        words = np.random.SeedSequence([seed, split == "test", block]).generate_state(2)
        generator = torch.Generator().manual_seed(int(words[0]) << 31 | int(words[1]) >> 1)
        blocks.append(sample_drawable(BLOCK, prior, generator=generator))
    return torch.cat(blocks)[:count]


def draw_rows(start: int, number: int, *, tags: np.ndarray, first: int, seed: int, size: int,
              background: str) -> tuple[np.ndarray, np.ndarray]:
    """Rows ``start ...`` of tags (n, 34) as avatars of the sequence, uint8 (number, 3, size, size), and as labels."""
    rows = range(start, start + number)
    return np.stack([draw_tags(torch.from_numpy(tags[row]), seed=[seed, first + row], size=size, background=background)
                     for row in rows]), tags[start:start + number].astype(np.int16)


class TaggedAvatarSet(ImageSet):
    """Avatars drawn from sampled tags, cached; the same arguments give the same bytes.

    Labels are the 34 tags in their order (0 no, 1 yes). Tags are sampled from the prior on condition that they can
    be drawn: of the prior's rows, those with hair styles that exclude one another are thrown away, which makes two
    styles at once rarer and leaves every tag outside the hair styles as likely as before.

    Parameters
    ----------
    size, count, seed, split, background, workers, progress, cache
        As in ``AvatarSet``.
    prior : {"paper", "empirical"}
        How tags are sampled, see ``sample_tags``.

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
        check_arguments(STYLE, size, count, seed, split)
        if prior not in PRIORS:
            raise ValueError(f"prior must be one of {', '.join(PRIORS)}, got {prior!r}")
        self.seed, self.split, self.prior = seed, split, prior
        drawing: dict[str, Any] = {"seed": seed, "size": size, "background": background,
                                   "first": TEST_OFFSET if split == "test" else 0}
        super().__init__(f"TaggedAvatarSet, {prior} prior ({split})", *draw_or_load(
            "tagged", lambda: partial(draw_rows, tags=tags_of(count, prior, seed, split).numpy(), **drawing), count,
            dict.fromkeys(TAGS, ("no", "yes")), {**drawing, "prior": prior, "revision": REVISION},
            task="drawing avatars", workers=workers, progress=progress, cache=cache))

    @property
    def tags(self) -> Tensor:
        """The labels as float32 (N, 34) of 0 and 1."""
        return self.labels.float()
