"""Several sets as one, and rare pictures more often."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from avatarlib.data.base import ImageSet

__all__ = ["join", "oversampled"]


def join(name: str, sets: Sequence[ImageSet]) -> ImageSet:
    """One set with the pictures of several, one set after the other, in memory.

    Labels stand side by side: the schema is that of all sets, and pictures of one set have category 0 in the
    attributes of the others. The extra ``source`` (N,) says from which set a picture comes, counted from 0;
    other extras are kept where every set has them. uint8 pictures of one size are expected.

    Raises
    ------
    ValueError
        If there is no set, or the pictures' sizes differ.
    """
    if not sets:
        raise ValueError("sets must hold at least one ImageSet, got none")
    sizes = sorted({data.size for data in sets})
    if len(sizes) > 1:
        raise ValueError(f"sets must have pictures of one size, got {sizes} pixels")
    schema: dict[str, tuple[str, ...]] = {}
    for data in sets:
        schema |= data.schema
    columns = list(schema)
    labels = np.zeros((sum(map(len, sets)), len(columns)), np.int64)
    start = 0
    for data in sets:
        labels[start:start + len(data), [columns.index(name) for name in data.schema]] = data.labels.numpy()
        start += len(data)
    shared = set.intersection(*(set(data.extras) for data in sets))
    extras = {extra: np.concatenate([data.extras[extra] for data in sets]) for extra in sorted(shared)}
    extras["source"] = np.repeat(np.arange(len(sets)), [len(data) for data in sets])
    return ImageSet(name, np.concatenate([data.images for data in sets]), labels, schema, extras)


def oversampled(data: ImageSet, chosen: Tensor, times: int) -> ImageSet:
    """``data`` in which the ``chosen`` pictures stand ``times`` times: what is rare in a set is met more often.

    A game between two sets needs it in both, or the discriminator learns that the rarer set has less of it.

    Parameters
    ----------
    data : ImageSet
    chosen : Tensor
        Booleans (N,), one a picture.
    times : int
        At least 1. The further copies stand at the end, one run of them after the other; the name tells of them.

    Raises
    ------
    ValueError
        If ``chosen`` is not (N,) booleans, or ``times`` is below 1.

    Examples
    --------
    >>> import numpy as np
    >>> import torch
    >>> from avatarlib.data import ImageSet
    >>> from avatarlib.data.mixed import oversampled
    >>> hats = ImageSet("hats", np.zeros((3, 3, 8, 8), np.uint8), np.array([[0], [1], [0]]), {"hat": ("none", "cap")})
    >>> more = oversampled(hats, hats.labels[:, 0] > 0, times=3)
    >>> more, more.labels[:, 0].tolist()
    (hats, 1 of them 3 times: 5 pictures of 8 px, 1 attributes, [0, 1, 0, 1, 1])
    """
    if chosen.shape != (len(data),) or chosen.dtype != torch.bool:
        raise ValueError(f"chosen must be booleans ({len(data)},), got {chosen.dtype} {tuple(chosen.shape)}")
    if times < 1:
        raise ValueError(f"times must be at least 1, got {times}")
    rows = np.concatenate([np.arange(len(data)), np.tile(chosen.nonzero().flatten().numpy(), times - 1)])
    name = f"{data.name}, {chosen.sum():,} of them {times} times" if times > 1 else data.name
    return ImageSet(name, data.images[rows], data.labels.numpy()[rows], data.schema,
                    {extra: array[rows] for extra, array in data.extras.items()})
