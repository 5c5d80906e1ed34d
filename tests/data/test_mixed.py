"""Several sets as one, and rare pictures more often."""

import numpy as np
import pytest
import torch

from avatarlib.data import ImageSet
from avatarlib.data.mixed import join, oversampled


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


def test_chosen_pictures_stand_more_often_with_all_that_belongs_to_them():
    data = ImageSet("heads", np.arange(3 * 48, dtype=np.uint8).reshape(3, 3, 4, 4), np.array([[0], [2], [1]]),
                    {"glasses": ("none", "round", "oval")}, {"seed": np.array([7, 8, 9])})
    more = oversampled(data, data.labels[:, 0] > 0, 3)
    assert more.labels[:, 0].tolist() == [0, 2, 1, 2, 1, 2, 1]
    assert more.extras["seed"].tolist() == [7, 8, 9, 8, 9, 8, 9]
    assert all((more.images[place] == data.images[row]).all() for place, row in enumerate([0, 1, 2, 1, 2, 1, 2]))
    assert (more.name, more.schema) == ("heads, 2 of them 3 times", data.schema)
    once = oversampled(data, data.labels[:, 0] > 0, 1)
    assert (once.name, once.labels.tolist()) == (data.name, data.labels.tolist())


def test_what_cannot_be_chosen_is_named():
    data = a_set("a", 2, 0, {}, 0)
    with pytest.raises(ValueError, match=r"chosen must be booleans \(2,\), got torch.int64 \(2,\)"):
        oversampled(data, torch.tensor([0, 1]), 2)
    with pytest.raises(ValueError, match=r"booleans \(2,\), got torch.bool \(3,\)"):
        oversampled(data, torch.ones(3, dtype=torch.bool), 2)
    with pytest.raises(ValueError, match="times must be at least 1, got 0"):
        oversampled(data, torch.ones(2, dtype=torch.bool), 0)
