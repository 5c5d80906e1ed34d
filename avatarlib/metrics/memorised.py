"""Does a generator draw new pictures, or those it was shown? Distances to both kinds, beside one another."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from avatarlib.metrics.distances import FeatureArray, pair_of_features
from avatarlib.metrics.tags import wilson_interval

__all__ = ["Memorised", "memorised"]

CHUNK = 512


class Memorised(NamedTuple):
    """How much nearer pictures lie to the training pictures than to others of the same kind.

    ``closer`` is the share whose nearest training picture is nearer than their nearest held-out one, with its 95 %
    interval ``low``, ``high`` (Wilson); ``ratio`` the median of the one distance divided by the other. New pictures
    have a share of about 1/2 and a ratio of about 1; copies come to 1 and 0.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import memorised
    >>> train, held_out = torch.tensor([[0.0], [10.0]]), torch.tensor([[1.0], [11.0]])
    >>> copies = memorised(train, train, held_out)
    >>> copies.closer, copies.ratio
    (1.0, 0.0)
    """

    closer: float
    low: float
    high: float
    ratio: float


def memorised(images: FeatureArray, train: FeatureArray, held_out: FeatureArray) -> Memorised:
    """Compare the distance to the nearest training picture with that to the nearest held-out one.

    After Meehan, Chaudhuri and Dasgupta 2020, who compare a generator's and held-out pictures' distances to the
    training pictures by ranks. Here each picture is its own yardstick: a blurred picture is far from both kinds alike.
    Euclidean distances, of pixels or of a network's features. Only as many training pictures are looked at as there are
    held-out ones: where the generator learnt from more, copies of the others count as new, and the share falls.

    Parameters
    ----------
    images : Tensor or ndarray
        Generated pictures as rows (N, D).
    train, held_out : Tensor or ndarray
        (M, D) each: what the generator learnt from, or M of it at random; and pictures it never saw.

    Raises
    ------
    ValueError
        If the shapes do not fit, ``train`` and ``held_out`` are not equally many, or a picture equals one of both.

    Examples
    --------
    >>> memorised(torch.tensor([[0.0], [5.0]]), torch.tensor([[1.0], [7.0]]), torch.tensor([[2.0], [9.0]])).ratio
    0.5
    """
    rows, known = pair_of_features(images=images, train=train)
    _, others = pair_of_features(images=images, held_out=held_out)
    if len(known) != len(others):
        raise ValueError(f"held_out must have as many rows as train, {len(known)}, got {len(others)}")
    to_known, to_others = nearest(rows, known), nearest(rows, others)
    both = int(((to_known == 0) & (to_others == 0)).sum())
    if both:
        raise ValueError(f"held_out must have no picture in common with train, got {both} images equal to one of both")
    nearer = int((to_known < to_others).sum())
    low, high = wilson_interval(nearer, len(rows))
    return Memorised(nearer / len(rows), low, high, (to_known / to_others).median().item())


def nearest(rows: Tensor, references: Tensor) -> Tensor:
    """Distance (N,) of each row to the nearest reference, by differences: exact where they are equal."""
    return torch.cat([torch.cdist(part, references, compute_mode="donot_use_mm_for_euclid_dist").amin(1)
                      for part in rows.split(CHUNK)])
