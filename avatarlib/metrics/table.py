"""The book's default table: a generator under P1, P2 and P4, always beside real against real."""

from __future__ import annotations

from functools import partial

import pandas as pd

from avatarlib.metrics.images import ImageSource
from avatarlib.metrics.pairwise import METRICS
from avatarlib.metrics.protocols import check_sets, diversity, nearest_neighbours, random_pairs
from avatarlib.metrics.score import Score

__all__ = ["compare"]


def compare(fake: ImageSource, real_train: ImageSource, real_test: ImageSource, *, n: int,
            seed: int) -> pd.DataFrame:
    """SSIM and PSNR of generated images under every protocol that needs no search in the latent space.

    All numbers are unpaired: P1 and P4 say whether fakes vary as the real images do, not how good they are.
    In P2 all sides are given the same number of references, that of the smallest set.

    Parameters
    ----------
    fake, real_train : ImageSource
        At least ``2 n`` images each: generated ones, and real ones the generator was trained on.
    real_test : ImageSource
        At least ``n`` real images it has not seen.
    n, seed : int
        Pairs a row, and the seed of their draw.

    Returns
    -------
    pandas.DataFrame
        One row a protocol, named; columns "SSIM", "SSIM low", "SSIM high", the same for "PSNR" (in dB; low
        and high are the 95 % interval's ends), and "n". ``attrs["scores"]`` has the Score objects, row by
        row, as a dict of ("ssim", "psnr"), and ``attrs["seed"]`` the seed.

    Raises
    ------
    ValueError
        If a set is too small, or the sets differ in size or range.
    """
    sets = check_sets("ssim", fake=fake, real_train=real_train, real_test=real_test)
    for images, needed in zip(sets, (2 * n, 2 * n, n), strict=True):
        images.require(needed)
    rows = {metric: protocol_rows(fake, real_train, real_test, metric, n, seed, min(map(len, sets)))
            for metric in METRICS}
    table = pd.concat([columns(metric, rows[metric]) for metric in METRICS], axis=1)
    table["n"] = n
    table.attrs = {"seed": seed, "scores": {row: {metric: rows[metric][row] for metric in METRICS}
                                            for row in rows["ssim"]}}
    return table


def protocol_rows(fake: ImageSource, train: ImageSource, test: ImageSource, metric: str, n: int, seed: int,
                  references: int) -> dict[str, Score]:
    """Row name -> Score, in the order of the table."""
    pairs = partial(random_pairs, metric=metric, n=n, seed=seed)
    near = partial(nearest_neighbours, metric=metric, n=n, seed=seed, n_references=references)
    return {
        "P1 fake, real": pairs(fake, test),
        "P1r real, real": pairs(train, test, protocol="P1r random pair of reals"),
        "P2 fake to nearest training image": near(fake, train),
        "P2 fake to nearest held-out image": near(fake, test),
        "P2 held-out to nearest fake": near(test, fake),
        "P2r held-out to nearest training image": near(test, train),
        "P4 within fakes": diversity(fake, metric=metric, n=n, seed=seed),
        "P4 within reals": diversity(train, metric=metric, n=n, seed=seed),
    }


def columns(metric: str, scores: dict[str, Score]) -> pd.DataFrame:
    """The three columns of one metric."""
    name = metric.upper()
    values = [(score.value, score.low, score.high) for score in scores.values()]
    return pd.DataFrame(values, index=list(scores), columns=[name, f"{name} low", f"{name} high"])
