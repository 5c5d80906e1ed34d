"""Are the tags apart? Change one, keep the noise, and see what else changes in the picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import pandas as pd
import torch
from torch import Tensor

from avatarlib.metrics.images import Images
from avatarlib.metrics.tags import BATCH, MOST_DRAWS, Estimate, Prior, Ranges, check_ranges, judge, wilson_interval

__all__ = ["tag_changes"]

Redraw: TypeAlias = Callable[[Tensor, Tensor], Tensor]     # tags (m, tags), samples (m,) -> images (m, 3, H, W)
Allowed: TypeAlias = Callable[[Tensor], Tensor]            # tags (m, tags) -> booleans (m,)


def tag_changes(redraw: Redraw, estimate: Estimate, prior: Prior, tags: Sequence[str], *, n: int = 100, seed: int,
                exclusive: Ranges = (), threshold: float = 0.5, allowed: Allowed | None = None) -> pd.DataFrame:
    """Switch one tag on at fixed noise: does it appear, and does everything else stay? (ours)

    For each tag ``n`` conditions without it are drawn from ``prior``. Each is drawn twice with the same noise, as
    it is and with the tag switched on (the rest of its exclusive range off), and the judge compares the two.

    Parameters
    ----------
    redraw : callable
        ``redraw(tags, samples)``: tags (m, tags), 0 or 1, and sample numbers (m,) in 0..n-1 -> images
        (m, 3, H, W) in [-1, 1]. The same number must mean the same noise.
    estimate, prior, tags, exclusive, threshold
        See ``tag_precision``.
    n : int
        Pairs a tag.
    seed : int
        Of the conditions.
    allowed : callable, optional
        Tags (m, tags) -> booleans (m,): which conditions may be asked for at all; others are drawn anew.

    Returns
    -------
    pandas.DataFrame
        One row a tag. "appears": share of pairs where the judge sees the tag in the second picture and not in the
        first, with its 95 % interval "low", "high" (Wilson). "others stay": share of pairs where its verdict on
        every other tag outside the range is the same. "most disturbed": the other tag whose verdict changed most
        often, empty if none, and "disturbed", how often. "n": pairs.

    Raises
    ------
    ValueError
        If ``n`` is below 1, the shapes do not fit together, or the prior has too few conditions without a tag to
        which it may be added.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import tag_changes
    >>> def prior(n, generator):
    ...     return torch.randint(0, 2, (n, 2), generator=generator).float()
    >>> def redraw(tags, samples):                              # red and green are the tags, blue is the noise
    ...     colours = torch.cat([2 * tags - 1, samples[:, None] / 10], 1)
    ...     return colours[:, :, None, None].expand(-1, 3, 8, 8)
    >>> def estimate(images):
    ...     return (images[:, :2].mean((2, 3)) + 1) / 2
    >>> tag_changes(redraw, estimate, prior, ["red", "green"], n=10, seed=0)[["appears", "others stay"]].values.tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    check_ranges(exclusive, len(tags))
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n!r}")
    draws = torch.Generator().manual_seed(seed)
    rows = []
    for column, tag in enumerate(tags):
        before, after = pairs(prior, n, draws, column, tag, exclusive, allowed)
        seen, then = (verdicts(redraw, wanted, estimate, len(tags), exclusive, threshold) for wanted in (before, after))
        rows.append(change_row(seen, then, column, tags, exclusive))
    table = pd.DataFrame(rows, index=pd.Index(tags, name="tag"))
    table.attrs = {"n": n, "seed": seed, "threshold": threshold}
    return table


def siblings(column: int, exclusive: Ranges) -> list[int]:
    """The columns of a tag's exclusive range, or just its own."""
    return next((list(range(first, last)) for first, last in exclusive if first <= column < last), [column])


def pairs(prior: Prior, n: int, draws: torch.Generator, column: int, tag: str, exclusive: Ranges,
          allowed: Allowed | None) -> tuple[Tensor, Tensor]:
    """``n`` conditions without the tag, and the same with it, both allowed."""
    kept: list[tuple[Tensor, Tensor]] = []
    for _ in range(MOST_DRAWS):
        before = prior(n, generator=draws)
        before = before[before[:, column] < 0.5]
        after = before.clone()
        after[:, siblings(column, exclusive)] = 0
        after[:, column] = 1
        fits = allowed(after) if allowed is not None else torch.ones(len(after), dtype=torch.bool)
        kept.append((before[fits], after[fits]))
        if sum(len(rows) for rows, _ in kept) >= n:
            return tuple(torch.cat(rows)[:n] for rows in zip(*kept, strict=True))     # type: ignore[return-value]
    raise ValueError(f"prior must have conditions to which {tag!r} may be added, got fewer than n={n} of them in "
                     f"{MOST_DRAWS * n:,}")


def verdicts(redraw: Redraw, wanted: Tensor, estimate: Estimate, tags: int, exclusive: Ranges,
             threshold: float) -> Tensor:
    """What the judge sees in the pictures of these conditions: booleans (n, tags)."""
    samples = torch.arange(len(wanted))
    with torch.no_grad():
        images = torch.cat([redraw(wanted[part], part).cpu() for part in samples.split(BATCH)])
    return judge(Images("images", images), estimate, tags, exclusive, threshold)


def change_row(before: Tensor, after: Tensor, column: int, tags: Sequence[str], exclusive: Ranges) -> dict[str, object]:
    """One row of the table, from the judge's booleans (n, tags) before and after."""
    n = len(before)
    appears = int((after[:, column] & ~before[:, column]).sum())
    others = [other for other in range(len(tags)) if other not in siblings(column, exclusive)]
    moved = (before != after)[:, others]
    shares = moved.double().mean(dim=0)
    worst = int(shares.argmax())
    low, high = wilson_interval(appears, n)
    return {"appears": appears / n, "low": low, "high": high, "others stay": float((~moved.any(dim=1)).double().mean()),
            "most disturbed": tags[others[worst]] if shares[worst] > 0 else "", "disturbed": float(shares[worst]),
            "n": n}
