"""Does a measure rank networks as the truth does? Kendall's tau within studies, with an interval."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["RankAgreement", "rank_agreement"]


class RankAgreement(NamedTuple):
    """``tau`` in [-1, 1]: 1 if every pair of networks is ranked as by the truth, -1 if none is; 0 is what chance gives.

    ``low`` and ``high`` are the ends of its 95 % interval, ``networks`` and ``pairs`` what it was counted on.

    Examples
    --------
    >>> from avatarlib.metrics import rank_agreement
    >>> found = rank_agreement([1, 2, 30, 20], [0.1, 0.2, 0.3, 0.4], groups=["a", "a", "b", "b"], seed=0)
    >>> found.tau, found.networks, found.pairs         # one pair of each study, one right and one wrong
    (0.0, 4, 2)
    """

    tau: float
    low: float
    high: float
    networks: int
    pairs: int


def rank_agreement(measure: Sequence[float], truth: Sequence[float], groups: Sequence[Hashable], *, seed: int,
                   draws: int = 2_000) -> RankAgreement:
    """Kendall's tau-b (1945) over all pairs of networks of the same group.

    Networks of different studies have other data and sizes, so their numbers are not compared. With one group it is
    ``scipy.stats.kendalltau``. The interval is a percentile bootstrap (Efron 1979) of the networks within each group; a
    network drawn twice makes no pair with itself. It does not know that runs of one seed resemble one another.

    Parameters
    ----------
    measure, truth : sequence of float
        A number each for N networks, N at least 3; of both, more is better.
    groups : sequence
        N names: the study of each.
    seed, draws : int
        Of the bootstrap.

    Raises
    ------
    ValueError
        If the lengths differ, a number is not finite, or no pair is left to be ranked.

    Examples
    --------
    >>> round(rank_agreement([1, 2, 3, 4], [1, 3, 2, 4], "aaaa", seed=0).tau, 3)     # five pairs of six agree
    0.667
    """
    x, y = (torch.tensor(list(values), dtype=torch.float64) for values in (measure, truth))
    if not len(x) == len(y) == len(groups) or len(x) < 3:
        raise ValueError("measure, truth and groups must have one entry a network, at least 3, "
                         f"got {len(x)}, {len(y)} and {len(groups)}")
    if not (x.isfinite().all() and y.isfinite().all()):
        raise ValueError("measure and truth must be finite")
    names = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    group = torch.tensor([names[name] for name in groups])
    together = (group[:, None] == group).triu(1)
    sides = [(values[:, None] - values).sign() * together for values in (x, y)]     # (N, N), upper triangle
    once = torch.ones(len(x), dtype=torch.float64)
    tau = weighted_tau(once[None], *sides)[0]
    if tau.isnan():
        raise ValueError("measure and truth must differ in at least one pair of networks of a group")
    found = weighted_tau(resampled(group, draws, seed), *sides)
    low, high = found[~found.isnan()].quantile(torch.tensor([0.025, 0.975], dtype=torch.float64)).tolist()
    return RankAgreement(tau.item(), low, high, len(x), int(together.sum()))


def weighted_tau(counts: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Tau-b (draws,) where network i counts ``counts[:, i]`` times; not a number where all pairs are tied."""
    def total(pairs: Tensor) -> Tensor:
        return ((counts @ pairs) * counts).sum(1)

    return total(x * y) / (total(x.abs()) * total(y.abs())).sqrt()


def resampled(group: Tensor, draws: int, seed: int) -> Tensor:
    """How often each network comes up (draws, N) when each group is drawn anew with replacement."""
    chance = torch.Generator().manual_seed(seed)
    counts = torch.zeros(draws, len(group), dtype=torch.float64)
    for number in group.unique():
        members = (group == number).nonzero()[:, 0]
        picked = members[torch.randint(len(members), (draws, len(members)), generator=chance)]
        counts.scatter_add_(1, picked, torch.ones_like(picked, dtype=torch.float64))
    return counts
