"""Several sets as one."""

import numpy as np
import pytest

from avatarlib.data import ImageSet
from avatarlib.data.mixed import join


def a_set(name, count, value, schema, label, size=4, **extras):
    images = np.full((count, 3, size, size), value, np.uint8)
    return ImageSet(name, images, np.full((count, len(schema)), label), schema, extras)


def test_labels_stand_side_by_side_and_the_source_is_told():
    hats = a_set("hats", 2, 1, {"hat": ("no", "yes"), "colour": ("red", "blue")}, 1, points=np.ones((2, 3)))
    hair = a_set("hair", 1, 9, {"colour": ("red", "blue"), "hair": ("no", "short", "long")}, 1,
                 points=np.zeros((1, 3)), other=np.zeros(1))
    both = join("both", [hats, hair])
    assert list(both.schema) == ["hat", "colour", "hair"]
    assert both.labels.tolist() == [[1, 1, 0], [1, 1, 0], [0, 1, 1]]
    assert both.images[:, 0, 0, 0].tolist() == [1, 1, 9]
    assert sorted(both.extras) == ["points", "source"]
    assert both.extras["source"].tolist() == [0, 0, 1]
    assert both.extras["points"][:, 0].tolist() == [1, 1, 0]


def test_sizes_that_differ_are_named():
    with pytest.raises(ValueError, match=r"pictures of one size, got \[4, 8\] pixels"):
        join("both", [a_set("a", 1, 0, {}, 0), a_set("b", 1, 0, {}, 0, size=8)])
    with pytest.raises(ValueError, match="at least one ImageSet, got none"):
        join("none", [])
