"""The names of the 68 points and their mirror image, against FaceSet's heads."""

import numpy as np

from avatarlib.data import FaceSet
from avatarlib.data.landmarks import EYES, LANDMARK_PARTS, LANDMARKS, MIRRORED


def test_there_are_68_names_and_the_eyes_are_their_outer_corners():
    assert len(set(LANDMARKS)) == sum(LANDMARK_PARTS.values()) == 68
    assert [LANDMARKS[point] for point in EYES] == ["left eye 1", "right eye 4"]


def test_a_mirror_exchanges_left_and_right_and_twice_is_nothing():
    assert [MIRRORED[point] for point in MIRRORED] == list(range(68))
    words = {"left": "right", "right": "left"}
    for name, other in zip(LANDMARKS, MIRRORED, strict=True):
        side, *rest = name.rsplit(" ", 1)[0].split()
        assert LANDMARKS[other].rsplit(" ", 1)[0].split() == [words.get(side, side), *rest]
    assert [point for point in range(68) if MIRRORED[point] == point] == [8, 27, 28, 29, 30, 33, 51, 57, 62, 66]


def test_a_mirrored_head_is_near_itself_only_with_its_points_exchanged():
    """The mean of some heads is almost symmetric: within 3 of 64 pixels, and several without the exchange."""
    points = FaceSet(64, "test", count=12, progress=False).extras["landmarks"].mean(axis=0)
    turned = points * [-1, 1] + [63, 0]
    apart = [np.linalg.norm(points - other, axis=1).mean() for other in (turned[list(MIRRORED)], turned)]
    assert apart[0] < 3
    assert apart[1] > 9
