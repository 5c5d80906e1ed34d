"""The 68 points of a face in the order of iBUG's 300-W (Sagonas et al. 2013). Left and right are the picture's."""

from __future__ import annotations

__all__ = ["EYES", "LANDMARKS", "LANDMARK_PARTS", "MIRRORED"]

# Parts in order: the jaw from left to right, each brow and each lid from left to right, the nose downwards and then
# from wing to wing, outer and inner lips from the left corner; eyes and lips go on below from right to left.
LANDMARK_PARTS = {"jaw": 17, "left brow": 5, "right brow": 5, "nose": 9, "left eye": 6, "right eye": 6, "mouth": 20}
LANDMARKS = tuple(f"{part} {number}" for part, count in LANDMARK_PARTS.items() for number in range(1, count + 1))
EYES = (36, 45)         # the outer corners; errors are told in their distance, as in 300-W

# In a mirrored picture, the point that is now at a place of the list: point 0 is where point 16 was.
MIRRORED = (*range(16, -1, -1), *range(26, 16, -1), *range(27, 31), *range(35, 30, -1),
            45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40,
            *range(54, 47, -1), *range(59, 54, -1), *range(64, 59, -1), 67, 66, 65)
