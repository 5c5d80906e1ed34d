"""Several sets as one: pictures of two worlds in one batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from avatarlib.data.base import ImageSet

__all__ = ["join"]


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
