"""What "the SSIM of generated images" can mean without pairs: protocols P1, P2 and P4.

Xiao et al. print SSIM and PSNR of a generator whose images have no counterpart among the real ones. Each
protocol here makes pairs in one stated way. P1 pairs at random (with P1r, real against real, beside it),
P2 takes the nearest real image, P4 pairs the images among themselves. P3, the only truly paired one,
rebuilds real images and stands in ``avatarlib.metrics.inversion``.

Images are floats in [-1, 1] or uint8, (N, 3, H, W), or a data set with ``images``; they are compared as
intensities in [0, 1]. The number of images and the seed are the caller's to say. ``compare`` is the book's table:
all of these for one generator, always beside real against real.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from avatarlib.metrics.images import DATA_RANGE, Images, ImageSource, draw
from avatarlib.metrics.pairwise import METRICS
from avatarlib.metrics.score import Score, mean_score

__all__ = ["Nearest", "compare", "diversity", "find_nearest", "nearest_neighbours", "random_pairs", "real_pairs"]

PAIRS_AT_ONCE = 256
REFERENCES_AT_ONCE = 1024


def random_pairs(fake: ImageSource, real: ImageSource, *, metric: str, n: int, seed: int,
                 protocol: str = "P1 random pair") -> Score:
    """P1: mean of ``metric`` over ``n`` pairs of a fake and an unrelated real image.

    A consistency check, not a quality: pairs of two real images give some value too (``real_pairs``), and a
    generator that draws nothing but the mean face scores higher than either.

    Parameters
    ----------
    fake, real : ImageSource
        At least ``n`` images each; none is used twice, so the pairs are independent.
    metric : {"ssim", "psnr"}
    n, seed : int
        Pairs, and the seed of their draw. The real image of a pair depends on the number of real images and
        the seed alone, so two generators meet the same ones.
    protocol : str
        Label of the score.

    Raises
    ------
    ValueError
        If there are fewer than ``n`` images, their sizes differ, or ``metric`` is unknown.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import random_pairs
    >>> black, white = -torch.ones(2, 3, 16, 16), torch.ones(2, 3, 16, 16)
    >>> print(random_pairs(black, white, metric="psnr", n=2, seed=0))          # as far apart as pictures can be
    PSNR P1 random pair 0.00 dB (95 % CI 0.00 to 0.00; n = 2 pairs, seed 0, 16 px)
    """
    a, b = check_sets(metric, fake=fake, real=real)
    generator = torch.Generator().manual_seed(seed)
    right = draw(b, n, generator)
    left = draw(a, n, generator)
    return score(pair_values(a, left, b, right, metric), a, metric, seed, protocol)


def real_pairs(real: ImageSource, *, metric: str, n: int, seed: int) -> Score:
    """P1r: what P1 gives when the fakes are real: ``n`` pairs between two disjoint halves of ``real``.

    Needs at least ``2 n`` images. Raises a ValueError as ``random_pairs`` does.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import real_pairs
    >>> real = torch.rand(4, 3, 16, 16)
    >>> real_pairs(real, metric="psnr", n=2, seed=0).protocol
    'P1r random pair of reals'
    >>> real_pairs(real, metric="psnr", n=3, seed=0)
    Traceback (most recent call last):
        ...
    ValueError: real has 4 images, but 6 are needed
    """
    return inner_pairs(real, "real", metric, n, seed, "P1r random pair of reals")


def diversity(images: ImageSource, *, metric: str, n: int, seed: int) -> Score:
    """P4: mean of ``metric`` over ``n`` pairs of two images of the same set; lower is more diverse.

    Compare it with the same number for real images: a generator that repeats itself lies above. No image is
    used twice, so the pairs are independent, and at least ``2 n`` images are needed. Multi-scale SSIM, the
    usual choice at 128 pixels and more, is left out: its five scales need more than 160 pixels, and with the
    three that fit into 64 the number could not be compared with any published one.

    Raises a ValueError as ``random_pairs`` does.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import diversity
    >>> same_face = torch.rand(1, 3, 16, 16).expand(4, 3, 16, 16)
    >>> round(diversity(same_face, metric="ssim", n=2, seed=0).value, 3)       # the least diverse of all sets
    1.0
    """
    return inner_pairs(images, "images", metric, n, seed, "P4 pair within the set")


def inner_pairs(source: ImageSource, name: str, metric: str, n: int, seed: int, protocol: str) -> Score:
    """Score of ``n`` disjoint pairs inside one set."""
    (images,) = check_sets(metric, **{name: source})
    chosen = draw(images, 2 * n, torch.Generator().manual_seed(seed))
    return score(pair_values(images, chosen[:n], images, chosen[n:], metric), images, metric, seed, protocol)


class Nearest(NamedTuple):
    """For each query: ``values`` (n,) of the metric and ``indices`` (n,) of the best reference.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import Nearest
    >>> nearest = Nearest(values=torch.tensor([0.75, 0.5]), indices=torch.tensor([4, 0]))
    >>> nearest.values.mean().item(), nearest.indices.tolist()
    (0.625, [4, 0])
    """

    values: Tensor
    indices: Tensor


def find_nearest(queries: ImageSource, references: ImageSource, *, metric: str,
                 candidates: int = 10) -> Nearest:
    """The reference most like each query.

    For each query the ``candidates`` references of smallest mean squared error are found exactly, by matrix
    products; ``metric`` chooses among them. For the PSNR that is the true nearest neighbour. For SSIM a
    reference outside the candidates may score a little higher: for 50 avatars among 1,000 the default
    found a mean of 0.787 where comparing all pairs gave 0.797.

    Raises
    ------
    ValueError
        If ``metric`` is unknown, the sizes differ, or ``candidates`` is below 1.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import find_nearest
    >>> black_grey_white = torch.tensor([-1.0, 0.0, 1.0])[:, None, None, None].expand(3, 3, 16, 16)
    >>> nearest = find_nearest(torch.full((1, 3, 16, 16), 0.8), black_grey_white, metric="psnr")
    >>> nearest.indices.tolist(), round(nearest.values.item(), 2)              # off by 0.1 of the range: 20 dB
    ([2], 20.0)
    """
    a, b = check_sets(metric, queries=queries, references=references)
    return nearest_of(a, torch.arange(len(a)), b, torch.arange(len(b)), metric, candidates)


def nearest_neighbours(queries: ImageSource, references: ImageSource, *, metric: str, n: int, seed: int,
                       n_references: int | None = None, candidates: int = 10) -> Score:
    """P2: mean over ``n`` queries of the best ``metric`` any reference reaches (``find_nearest``).

    Fakes as queries: the references from training show memorisation, held-out ones show fidelity. Real
    images as queries and fakes as references: coverage. The value rises with the number of references, so
    compare only equal ones.

    Parameters
    ----------
    queries, references : ImageSource
        Two sets without common images (an image is its own nearest neighbour).
    metric : {"ssim", "psnr"}
    n, seed : int
        Queries, and the seed of the draw of both sides.
    n_references : int, optional
        References drawn; all by default.
    candidates : int
        See ``find_nearest``.

    Raises
    ------
    ValueError
        If there are fewer images than asked for, their sizes differ, or ``metric`` is unknown.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import nearest_neighbours
    >>> black_grey_white = torch.tensor([-1.0, 0.0, 1.0])[:, None, None, None].expand(3, 3, 16, 16)
    >>> print(nearest_neighbours(0.8 * black_grey_white[[0, 2]], black_grey_white, metric="psnr", n=2, seed=0))
    PSNR P2 nearest neighbour of 3 20.00 dB (95 % CI 20.00 to 20.00; n = 2 pairs, seed 0, 16 px)
    """
    a, b = check_sets(metric, queries=queries, references=references)
    generator = torch.Generator().manual_seed(seed)
    right = draw(b, len(b) if n_references is None else n_references, generator)
    left = draw(a, n, generator)
    nearest = nearest_of(a, left, b, right, metric, candidates)
    return score(nearest.values, a, metric, seed, f"P2 nearest neighbour of {len(right):,}")


def nearest_of(a: Images, left: Tensor, b: Images, right: Tensor, metric: str, candidates: int) -> Nearest:
    """Best of ``b[right]`` for each of ``a[left]``; the indices are those of ``b``."""
    if candidates < 1:
        raise ValueError(f"candidates must be at least 1, got {candidates!r}")
    candidates = min(candidates, len(right))
    close = right[closest_by_error(a, left, b, right, candidates)]   # (n, candidates)
    values = pair_values(a, left.repeat_interleave(candidates), b, close.flatten(), metric)
    best, position = values.view_as(close).max(dim=1)
    return Nearest(best, close.gather(1, position[:, None]).squeeze(1))


def closest_by_error(a: Images, left: Tensor, b: Images, right: Tensor, k: int) -> Tensor:
    """Positions (n, k) in ``right`` of the references with the smallest squared error to each query."""
    queries = a.batch(left).flatten(1).cpu()
    distance, position = torch.empty(len(left), 0), torch.empty(len(left), 0, dtype=torch.long)
    for start in range(0, len(right), REFERENCES_AT_ONCE):
        part = b.batch(right[start:start + REFERENCES_AT_ONCE]).flatten(1).cpu()
        # |q - r|^2 without the part that is the same for all references
        found = part.square().sum(dim=1) - 2 * queries @ part.T
        places = torch.arange(start, start + len(part)).expand_as(found)
        distance, position = torch.cat([distance, found], dim=1), torch.cat([position, places], dim=1)
        distance, best = distance.topk(min(k, distance.shape[1]), dim=1, largest=False)
        position = position.gather(1, best)
    return position


def pair_values(a: Images, left: Tensor, b: Images, right: Tensor, metric: str) -> Tensor:
    """``metric`` (n,) of the pairs ``a[left]``, ``b[right]``, a few at a time."""
    measure = METRICS[metric]
    parts = zip(left.split(PAIRS_AT_ONCE), right.split(PAIRS_AT_ONCE), strict=True)
    return torch.cat([measure(a.batch(i).cpu(), b.batch(j).cpu(), data_range=DATA_RANGE) for i, j in parts])


def check_sets(metric: str, **sets: ImageSource) -> list[Images]:
    """The sets as ``Images`` of one size; a ValueError names what is wrong."""
    if metric not in METRICS:
        raise ValueError(f"metric must be one of {sorted(METRICS)}, got {metric!r}")
    checked = [Images(name, source) for name, source in sets.items()]
    first = checked[0]
    for other in checked[1:]:
        if other.shape != first.shape:
            raise ValueError(f"{other.name} must have images of the shape of {first.name}, {first.shape}, "
                             f"got {other.shape}")
    return checked


def score(values: Tensor, images: Images, metric: str, seed: int, protocol: str) -> Score:
    """The Score of ``values`` (n,), with the size of ``images``."""
    return mean_score(values, metric=metric, seed=seed, size=images.shape[-1], data_range=DATA_RANGE,
                      protocol=protocol)


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

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import compare
    >>> fake, train, test = torch.rand(3, 4, 3, 16, 16)
    >>> table = compare(fake, train, test, n=2, seed=0)
    >>> table.shape, list(table.index[:2]), table.attrs["seed"]
    ((8, 7), ['P1 fake, real', 'P1r real, real'], 0)
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
