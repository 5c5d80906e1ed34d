"""The 34 tags of the text-to-avatar papers: names, order, how often they occur, and how to draw them at random.

Order and counts are those of Jin et al. 2017 ("MakeGirls.moe"), whose network Xu follows.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

__all__ = ["EXCLUSIVE", "EYE_COLOURS", "HAIR_COLOURS", "HAIR_STYLES", "PRIORS", "TAGS", "TRAINING_COUNTS",
           "TRAINING_IMAGES", "sample_tags", "tag_names", "tag_vector"]

TRAINING_IMAGES = 31_255    # Jin et al.

TRAINING_COUNTS: dict[str, int] = {    # in how many of Jin et al.'s training images a tag was found
    "blonde hair": 4991, "brown hair": 6659, "black hair": 4842, "blue hair": 3289, "pink hair": 2486,
    "purple hair": 2972, "green hair": 1115, "red hair": 2417, "silver hair": 987, "white hair": 573,
    "orange hair": 699, "aqua hair": 168, "grey hair": 57,
    "long hair": 16562, "short hair": 11596, "twintails": 3928, "drill hair": 91, "ponytail": 265,
    "blush": 10441, "smile": 9571, "open mouth": 3758, "hat": 1403, "ribbon": 5360, "glasses": 1683,
    "blue eyes": 8861, "red eyes": 4926, "brown eyes": 5583, "green eyes": 4192, "purple eyes": 4442,
    "yellow eyes": 1700, "pink eyes": 319, "aqua eyes": 193, "black eyes": 990, "orange eyes": 49,
}

TAGS: tuple[str, ...] = tuple(TRAINING_COUNTS)
EXCLUSIVE: tuple[tuple[int, int], ...] = ((0, 13), (24, 34))    # groups of which every picture has exactly one
HAIR_COLOURS, EYE_COLOURS = (TAGS[first:last] for first, last in EXCLUSIVE)
HAIR_STYLES: tuple[str, ...] = TAGS[13:18]     # any number: counts add up to 1.04 a picture
PRIORS: tuple[str, ...] = ("paper", "empirical")
PAPER_PROBABILITY = 0.25                       # Xu: each tag outside the two colour groups


def tag_vector(names: Iterable[str]) -> Tensor:
    """Tag names as float32 (34,), 1 where the tag is named and 0 elsewhere.

    Raises
    ------
    ValueError
        If a name is not one of the 34.

    Examples
    --------
    >>> tag_vector(["blonde hair", "smile"]).nonzero().flatten().tolist()
    [0, 19]
    """
    if isinstance(names, str):
        raise ValueError(f"names must be several tag names, such as ['smile'], got the one text {names!r}")
    vector = torch.zeros(len(TAGS))
    for tag in names:
        vector[tag_index(tag)] = 1.0
    return vector


def tag_index(tag: str) -> int:
    """Place of a tag among the 34; an unknown name is a ValueError that suggests the nearest."""
    if tag not in TAGS:
        near = difflib.get_close_matches(str(tag), TAGS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"tag must be one of the {len(TAGS)} names in avatarlib.data.TAGS, got {tag!r}{hint}")
    return TAGS.index(tag)


def tag_names(vector: Tensor | Sequence[float]) -> tuple[str, ...]:
    """Names of the tags whose entry in a vector (34,) is above 0.5, in the order of ``TAGS``.

    Raises
    ------
    ValueError
        If the vector does not have 34 entries.

    Examples
    --------
    >>> from avatarlib.data import tag_names, tag_vector
    >>> tag_names(tag_vector(["smile", "blonde hair"]))
    ('blonde hair', 'smile')
    """
    values = torch.as_tensor(vector)
    if values.shape != (len(TAGS),):
        raise ValueError(f"vector must have shape ({len(TAGS)},), got {tuple(values.shape)}")
    return tuple(tag for tag, value in zip(TAGS, values.tolist(), strict=True) if value > 0.5)


def sample_tags(n: int, prior: str = "paper", *, generator: torch.Generator) -> Tensor:
    """Draw n tag vectors, float32 (n, 34) of 0 and 1.

    Parameters
    ----------
    n : int
        How many, 0 or more.
    prior : {"paper", "empirical"}
        "paper" is the rule of Xu (ACGAN): one hair colour and one eye colour, all equally likely; each other
        tag independently with probability 0.25. "empirical" follows Jin et al.'s training images: one hair and
        one eye colour with probability in proportion to ``TRAINING_COUNTS``, each other tag independently with
        its share of the 31,255 images. Neither knows that, say, long hair is seldom short: a set of drawn
        avatars keeps only what can be drawn (see ``TaggedAvatarSet``).
    generator : torch.Generator
        Where the random numbers come from.

    Raises
    ------
    ValueError
        If n is negative or the prior is unknown.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.data import TAGS, sample_tags
    >>> tags = sample_tags(10_000, generator=torch.Generator().manual_seed(0))
    >>> tags[:, :13].sum(1).unique().tolist()                              # 13 hair colours, of which everyone has one
    [1.0]
    >>> round(tags[:, TAGS.index("smile")].mean().item(), 2)               # a quarter smiles
    0.25
    """
    if not isinstance(n, int) or n < 0:
        raise ValueError(f"n must be an integer of 0 or more, got {n!r}")
    if prior not in PRIORS:
        raise ValueError(f"prior must be one of {', '.join(PRIORS)}, got {prior!r}")
    counts = torch.tensor(list(TRAINING_COUNTS.values()), dtype=torch.float64)
    share = counts / TRAINING_IMAGES if prior == "empirical" else torch.full_like(counts, PAPER_PROBABILITY)
    weight = counts if prior == "empirical" else torch.ones_like(counts)
    tags = (torch.rand(n, len(TAGS), dtype=torch.float64, generator=generator) < share).float()
    for first, last in EXCLUSIVE:
        edges = weight[first:last].cumsum(0) / weight[first:last].sum()
        chosen = torch.searchsorted(edges, torch.rand(n, dtype=torch.float64, generator=generator), right=True)
        tags[:, first:last] = torch.nn.functional.one_hot(chosen, len(edges)).float()
    return tags
