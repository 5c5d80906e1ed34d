"""Generated images against real ones, by every measure that works on features, beside real against real."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
import torch
from torch import Tensor

from avatarlib.metrics.distances import frechet_distance, kernel_distance
from avatarlib.metrics.features import Features
from avatarlib.metrics.images import Images, ImageSource, draw
from avatarlib.metrics.manifold import density_coverage, precision_recall
from avatarlib.metrics.score import SetScore

__all__ = ["BASELINE", "LOWER_IS_BETTER", "caption", "quality", "quality_table"]

BASELINE = "real (held out)"
LOWER_IS_BETTER = ("frechet", "kernel")     # of the others, more is better
SUBSETS, SUBSET_SIZE = 100, 1000            # of the kernel distance
K_PRECISION, K_DENSITY = 3, 5               # neighbours, as in the papers


def quality(images: ImageSource, reference: ImageSource, features: Features, *, n: int, seed: int,
            held_out: ImageSource | None = None) -> dict[str, SetScore]:
    """All measures of one set: "frechet", "kernel", "precision", "recall", "density", "coverage".

    The arguments and errors are those of ``quality_table``; each score also has the real images' as ``baseline``.

    Examples
    --------
    >>> scores = quality(fakes, avatars, features, n=1_000, seed=0)     # doctest: +SKIP
    >>> print(scores["frechet"])                                        # doctest: +SKIP
    Fréchet tagger distance 8.4 (real against real 1.0); n = 1,000 a side, seed 0, tagger-avatars at 64 px
    """
    return score_rows({"images": images}, reference, features, n, seed, held_out)["images"]


def quality_table(sets: Mapping[str, ImageSource], reference: ImageSource, features: Features, *, n: int, seed: int,
                  held_out: ImageSource | None = None) -> pd.DataFrame:
    """One row a set of images, under the row of held-out real ones, which says what each measure can reach.

    Parameters
    ----------
    sets : mapping
        Name -> images, at least ``n`` each. None may be in ``reference``, nor made from images in it.
    reference : ImageSource
        Real images: ``n``, or ``2 n`` without ``held_out``.
    features : Features
        The backbone and its resize.
    n, seed : int
        Images a side, and the seed of their draw: the same images of ``reference`` for every row.
    held_out : ImageSource, optional
        Other real images, at least ``n``, for the first row; by default another part of ``reference``.

    Returns
    -------
    pandas.DataFrame
        Columns: the Fréchet distance, 1,000 times the kernel distance (both under the backbone's name: "FID"
        and "KID" for Inception's features only), "precision", "recall", "density" and "coverage". ``attrs`` has
        "n", "seed", "backbone", "at" (width and resize) and "scores": row -> measure -> SetScore.

    Raises
    ------
    ValueError
        If a set has fewer images than asked for, images of another size, or is called "real (held out)".

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import Features, quality_table
    >>> mean_colour = Features("mean colour", lambda images: images.mean((2, 3)), size=None, progress=False)
    >>> real, black = torch.rand(16, 3, 8, 8), -torch.ones(8, 3, 8, 8)
    >>> table = quality_table({"black": black}, real, mean_colour, n=8, seed=0)
    >>> list(table.index), float(table.loc["black", "precision"])              # no real picture is near black
    (['real (held out)', 'black'], 0.0)
    """
    if BASELINE in sets:
        raise ValueError(f"sets must not have a set called {BASELINE!r}, the name of the first row")
    rows = score_rows(sets, reference, features, n, seed, held_out)
    columns = {}
    for key, score in rows[BASELINE].items():
        name, factor = (f"{score.name} x 1000", 1000) if key == "kernel" else (score.name, 1)
        columns[name] = [factor * row[key].value for row in rows.values()]
    table, one = pd.DataFrame(columns, index=list(rows)), rows[BASELINE]["frechet"]
    table.attrs = {"n": n, "seed": seed, "backbone": one.backbone, "at": one.at, "scores": rows}
    return table


def caption(table: pd.DataFrame) -> str:
    """What a figure's or table's caption must say about a ``quality_table``: how its numbers were made.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import Features, caption, quality_table
    >>> mean_colour = Features("mean colour", lambda images: images.mean((2, 3)), size=None, progress=False)
    >>> table = quality_table({"noise": torch.rand(8, 3, 8, 8)}, torch.rand(16, 3, 8, 8), mean_colour, n=8, seed=0)
    >>> caption(table).split(". ")[0]
    'n = 8 a side, seed 0, features of mean colour at 8 px'
    """
    facts = table.attrs
    subsets = f"{SUBSETS} subsets of {SUBSET_SIZE:,}" if facts["n"] > SUBSET_SIZE else "all images at once"
    return (f"n = {facts['n']:,} a side, seed {facts['seed']}, features of {facts['backbone']} at {facts['at']}. "
            f"Kernel distance: {subsets}; precision and recall: k = {K_PRECISION}; density and coverage: "
            f"k = {K_DENSITY}.")


def score_rows(sets: Mapping[str, ImageSource], reference: ImageSource, features: Features, n: int, seed: int,
               held_out: ImageSource | None) -> dict[str, dict[str, SetScore]]:
    """Row name -> measure -> score, the held-out real images first."""
    needed = 2 * n if held_out is None else n
    checked = {"reference": (reference, needed), **{name: (images, n) for name, images in sets.items()}}
    if held_out is not None:
        checked["held_out"] = (held_out, n)
    shape = Images("reference", reference).shape
    for name, (images, least) in checked.items():
        found = Images(name, images)
        if len(found) < least:
            raise ValueError(f"{name} has {len(found):,} images, but {least:,} are needed for n={n:,}")
        if found.shape != shape:
            raise ValueError(f"{name} must have images of the shape of reference, {shape}, got {found.shape}")
    chosen = chosen_rows(reference, needed, seed)
    real = features(reference, chosen[:n])
    # With the reference's own seed, sets of its length would be drawn in its order, and a changed copy of it would
    # meet its own originals.
    again = features(reference, chosen[n:]) if held_out is None else \
        features(held_out, chosen_rows(held_out, n, seed + 1))
    rows = {BASELINE: measure(real, again, features, n, seed, shape[-1])}
    for name, images in sets.items():
        scores = measure(real, features(images, chosen_rows(images, n, seed + 1)), features, n, seed, shape[-1])
        rows[name] = {key: replace(score, baseline=rows[BASELINE][key].value) for key, score in scores.items()}
    return rows


def chosen_rows(images: ImageSource, n: int, seed: int) -> Tensor:
    """``n`` different rows at random."""
    return draw(Images("images", images), n, torch.Generator().manual_seed(seed))


def measure(real: Tensor, found: Tensor, features: Features, n: int, seed: int, width: int) -> dict[str, SetScore]:
    """All scores of features (n, D) against the real images'."""
    kernel = kernel_distance(real, found, seed=seed, subsets=SUBSETS, subset_size=SUBSET_SIZE)
    precision, recall = precision_recall(real, found, k=K_PRECISION)
    density, coverage = density_coverage(real, found, k=K_DENSITY)
    inception = features.kind == "Inception"
    named = {"frechet": ("FID" if inception else f"Fréchet {features.kind} distance", frechet_distance(real, found)),
             "kernel": ("KID" if inception else f"kernel {features.kind} distance", kernel.mean),
             "precision": ("precision", precision), "recall": ("recall", recall),
             "density": ("density", density), "coverage": ("coverage", coverage)}
    scores = {key: SetScore(name, value, n=n, seed=seed, backbone=features.name, at=features.at(width))
              for key, (name, value) in named.items()}
    if math.isfinite(kernel.spread):
        scores["kernel"] = replace(scores["kernel"], spread=kernel.spread)
    return scores
