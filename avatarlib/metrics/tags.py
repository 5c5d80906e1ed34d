"""Does a generator draw what its tags ask for? A judge looks at the pictures, in place of the authors' eyes.

Jin et al. 2017 fixed one tag, drew 20 avatars and counted by eye. Here a classifier that had no part in the
training counts, and its own mistakes stand beside: no generator can be shown to do better than the judge
does on real images.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

import pandas as pd
import torch
from torch import Tensor

from avatarlib.metrics.images import Images, ImageSource

__all__ = ["estimated_tags", "tag_agreement", "tag_precision", "wilson_interval"]

Estimate: TypeAlias = Callable[[Tensor], Tensor]              # images (N, 3, H, W) -> probabilities (N, tags)
Generate: TypeAlias = Callable[[Tensor], Tensor]              # tags (N, tags) -> images (N, 3, H, W)
Prior: TypeAlias = Callable[..., Tensor]                      # (N, generator=...) -> tags (N, tags) in {0, 1}
Ranges: TypeAlias = Sequence[Sequence[int]]                   # columns [first, last) of which exactly one holds

BATCH = 256
MOST_DRAWS = 1000      # of the prior, in search of conditions without a tag
Z95 = 1.959964         # standard normal quantile of 0.975


def wilson_interval(successes: int, n: int) -> tuple[float, float]:
    """95 % confidence interval of a share (Wilson 1927): right also near 0 and 1, where ``p -+ 1.96 s`` is not.

    Of ``successes`` in ``n`` trials; without a trial it is (0, 1). A ValueError unless 0 <= successes <= n.

    Examples
    --------
    >>> [round(end, 3) for end in wilson_interval(20, 20)]
    [0.839, 1.0]
    """
    if not 0 <= successes <= n:
        raise ValueError(f"successes must be in 0..n={n}, got {successes}")
    if n == 0:
        return 0.0, 1.0
    share, square = successes / n, Z95**2
    centre = share + square / (2 * n)
    half = Z95 * math.sqrt(share * (1 - share) / n + square / (4 * n**2))
    low, high = (centre - half) / (1 + square / n), (centre + half) / (1 + square / n)
    return 0.0 if successes == 0 else low, 1.0 if successes == n else high   # exact there but for rounding


def estimated_tags(probabilities: Tensor, *, exclusive: Ranges = (), threshold: float = 0.5) -> Tensor:
    """Probabilities (N, tags) to booleans (N, tags): arg-max within each exclusive range, ``threshold`` elsewhere.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import estimated_tags
    >>> probabilities = torch.tensor([[0.4, 0.3, 0.4]])         # red hair, blue hair, hat
    >>> estimated_tags(probabilities, exclusive=[(0, 2)]).tolist()
    [[True, False, False]]
    """
    tags = probabilities > threshold
    for first, last in exclusive:
        best = probabilities[:, first:last].argmax(dim=1, keepdim=True)
        tags[:, first:last] = torch.arange(last - first) == best
    return tags


def tag_agreement(images: ImageSource, wanted: Tensor, estimate: Estimate, tags: Sequence[str], *,
                  exclusive: Ranges = (), threshold: float = 0.5) -> pd.DataFrame:
    """How often a judge finds the tags that images should have.

    Parameters
    ----------
    images : ImageSource
        (N, 3, H, W), floats in [-1, 1] or uint8, or a data set: generated for ``wanted``, or real with known tags.
    wanted : Tensor
        (N, tags), 0 or 1.
    estimate : callable
        The judge: images -> probabilities (N, tags). It must be independent of the generator (not its
        discriminator's head).
    tags : sequence of str
        Names of the columns.
    exclusive : sequence of (int, int)
        Ranges ``[first, last)`` of columns of which exactly one holds, such as the hair colours: judged by arg-max.
    threshold : float
        For the other tags.

    Returns
    -------
    pandas.DataFrame
        One row a tag: "precision" (share of the "n" images wanting it where it was found) with its 95 %
        interval "low", "high" (Wilson), and "false positives" (share of the "n without" that do not want it
        where it was found all the same). Not a number where there are no such images.

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import tag_agreement
    >>> def estimate(images):                                   # how red, how green
    ...     return (images[:, :2].mean((2, 3)) + 1) / 2
    >>> colours = torch.tensor([[1.0, -1.0, -1.0], [1.0, -1.0, -1.0], [-1.0, 1.0, -1.0]])
    >>> images = colours[:, :, None, None].expand(3, 3, 8, 8)  # red, red, green
    >>> wanted = torch.tensor([[1, 0], [1, 1], [0, 1]])
    >>> tag_agreement(images, wanted, estimate, ["red", "green"])["precision"].tolist()
    [1.0, 0.5]
    """
    check_ranges(exclusive, len(tags))
    source = Images("images", images)
    if wanted.shape != (len(source), len(tags)):
        raise ValueError(f"wanted must be ({len(source)}, {len(tags)}) for {len(source)} images and {len(tags)} "
                         f"tags, got {tuple(wanted.shape)}")
    found = judge(source, estimate, len(tags), exclusive, threshold)
    wants = wanted.cpu() > 0.5
    rows = [agreement_row(wants[:, column], found[:, column]) for column in range(len(tags))]
    return pd.DataFrame(rows, index=pd.Index(tags, name="tag"))


def tag_precision(generate: Generate, estimate: Estimate, prior: Prior, tags: Sequence[str], *, n: int = 200,
                  seed: int, exclusive: Ranges = (), threshold: float = 0.5,
                  real: tuple[ImageSource, Tensor] | None = None) -> pd.DataFrame:
    """Per-tag precision: of ``n`` avatars that should have the tag, the share where a judge sees it.

    For each tag ``n`` conditions with the tag are taken from ``prior``, all else as chance has it, and ``n``
    without it, for the false positives. None is made by hand: the tags of a condition may have to go together.

    Parameters
    ----------
    generate : callable
        Tags (m, tags), 0 or 1 -> images (m, 3, H, W) in [-1, 1], with noise of its own.
    estimate, tags, exclusive, threshold
        See ``tag_agreement``.
    prior : callable
        ``prior(m, generator=...)`` draws m conditions (m, tags), as ``avatarlib.data.sample_tags`` does.
    n : int
        Images a tag and side; 200 gives intervals of at most 7 points to either side.
    seed : int
        Of the conditions.
    real : (ImageSource, Tensor), optional
        Held-out real images and their tags, for the judge's own "ceiling" (the share of real images with the
        tag where it sees it) and "ceiling false positives".

    Returns
    -------
    pandas.DataFrame
        As from ``tag_agreement``, and with ``real`` the two columns of the judge. ``attrs`` has "n", "seed",
        "threshold" and "real" (how many real images).

    Raises
    ------
    ValueError
        If the shapes do not fit together, ``n`` is below 1, or the prior never has a tag or always.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import tag_precision
    >>> def prior(n, generator):
    ...     return torch.randint(0, 2, (n, 2), generator=generator).float()
    >>> def generate(tags):                                     # knows red, and makes everything green
    ...     return torch.stack([2 * tags[:, 0] - 1, *torch.ones(2, len(tags))], 1)[:, :, None, None].expand(-1, 3, 8, 8)
    >>> def estimate(images):
    ...     return (images[:, :2].mean((2, 3)) + 1) / 2
    >>> table = tag_precision(generate, estimate, prior, ["red", "green"], n=10, seed=0)
    >>> table[["precision", "false positives"]].values.tolist()
    [[1.0, 0.0], [1.0, 1.0]]
    """
    check_ranges(exclusive, len(tags))
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n!r}")
    draws = torch.Generator().manual_seed(seed)
    rows = []
    for column, tag in enumerate(tags):
        wanted = torch.cat([conditions_where(prior, n, draws, column, present, tag) for present in (True, False)])
        with torch.no_grad():
            images = torch.cat([generate(part).cpu() for part in wanted.split(BATCH)])
        table = tag_agreement(images, wanted, estimate, tags, exclusive=exclusive, threshold=threshold)
        rows.append(table.iloc[column])
    table = pd.DataFrame(rows).rename_axis("tag").astype({"n": int, "n without": int})
    if real is not None:
        judge_table = tag_agreement(*real, estimate, tags, exclusive=exclusive, threshold=threshold)
        table["ceiling"] = judge_table["precision"]
        table["ceiling false positives"] = judge_table["false positives"]
    table.attrs = {"n": n, "seed": seed, "threshold": threshold, "real": len(real[1]) if real is not None else 0}
    return table


def judge(images: Images, estimate: Estimate, tags: int, exclusive: Ranges, threshold: float) -> Tensor:
    """What the judge sees, booleans (N, tags), a batch at a time."""
    with torch.no_grad():
        probabilities = torch.cat([estimate(2 * images.batch(rows) - 1).float().cpu()
                                   for rows in torch.arange(len(images)).split(BATCH)])
    if probabilities.shape != (len(images), tags):
        raise ValueError(f"estimate must return ({len(images)}, {tags}) for {len(images)} images and {tags} tags, "
                         f"got {tuple(probabilities.shape)}")
    return estimated_tags(probabilities, exclusive=exclusive, threshold=threshold)


def agreement_row(wants: Tensor, found: Tensor) -> dict[str, float]:
    """One row of the table, from booleans (N,)."""
    n, without = int(wants.sum()), int((~wants).sum())
    hits, false = int(found[wants].sum()), int(found[~wants].sum())
    low, high = wilson_interval(hits, n)
    return {"precision": hits / n if n else math.nan, "low": low, "high": high, "n": n,
            "false positives": false / without if without else math.nan, "n without": without}


def conditions_where(prior: Prior, n: int, draws: torch.Generator, column: int, present: bool, tag: str) -> Tensor:
    """``n`` conditions of the prior that have the tag, or have it not."""
    kept: list[Tensor] = []
    for _ in range(MOST_DRAWS):
        conditions = prior(n, generator=draws)
        kept.append(conditions[(conditions[:, column] > 0.5) == present])
        if sum(map(len, kept)) >= n:
            return torch.cat(kept)[:n]
    verb = "ask for" if present else "leave out"
    raise ValueError(f"prior must {verb} {tag!r} at times, got {sum(map(len, kept))} such conditions, too few, in "
                     f"{MOST_DRAWS * n:,}")


def check_ranges(exclusive: Ranges, tags: int) -> None:
    """Raise a ValueError unless the ranges lie within the columns and do not meet."""
    end = 0
    for first, last in sorted(map(tuple, exclusive)):
        if not end <= first < last <= tags:
            raise ValueError(f"exclusive must hold separate ranges within 0..{tags}, got {list(exclusive)}")
        end = last
