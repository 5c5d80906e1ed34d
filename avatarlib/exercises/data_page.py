"""Exercises of the data page."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from avatarlib.exercises.core import Exercise, cases, matches_function, matches_word
from avatarlib.metrics import frechet_distance

__all__ = ["EXERCISES"]

BOXES = cases("left top width height scale", (10.0, 20.0, 40.0, 40.0, 1.5), (0.0, 0.0, 60.0, 40.0, 1.5),
              (30.0, 5.0, 20.0, 50.0, 2.0), (7.0, 9.0, 30.0, 24.0, 1.0))     # a square, a wide and a tall box first


def wider_square(left: float, top: float, width: float, height: float, scale: float) -> Tensor:
    """Left, top, right and bottom of the square about a box's centre."""
    centre = torch.tensor([left + width / 2, top + height / 2], dtype=torch.float64)
    half = scale * max(width, height) / 2
    return torch.cat([centre - half, centre + half])


def estimated(colours: Tensor, others: Tensor) -> Tensor:
    """The papers' two rules: one of the colours, any of the others."""
    return torch.cat([torch.nn.functional.one_hot(colours.argmax(), len(colours)), (others > 0.25).long()])


def probability_cases() -> list[dict[str, Any]]:
    """A sure colour, an unsure one, and probabilities at random, for exercise D.2."""
    source = torch.Generator().manual_seed(32)
    rows = [(torch.tensor([0.7, 0.2, 0.1]), torch.tensor([0.3, 0.2])),
            (torch.tensor([0.05, 0.12, 0.09]), torch.tensor([0.24, 0.26]))]
    rows += [(torch.rand(13, generator=source), torch.rand(6, generator=source)) for _ in range(4)]
    return cases("colours others", *rows)


def feature_cases() -> list[dict[str, Any]]:
    """Two that can be done in the head, then samples of unequal size, for exercise D.3."""
    source = torch.Generator().manual_seed(33)
    rows = [(torch.tensor([1.0, 3.0]), torch.tensor([1.0, 3.0])),
            (torch.tensor([0.0, 1.0, 2.0]), torch.tensor([2.0, 4.0, 6.0]))]
    rows += [(torch.randn(n, generator=source), 2 + 3 * torch.randn(m, generator=source)) for n, m in ((5, 5), (9, 4))]
    return cases("a b", *rows)


EXERCISES = (
    Exercise(
        "D.1", "The square about a box's centre, so many times as wide as the box's longer side.",
        matches_function(wider_square, BOXES),
        ("The centre stays where it is. Where is it, seen from the left edge?",
         "The new side is scale * max(width, height); half of it lies on either side of the centre."),
        "A box of a face becomes a cut with hair and chin; clipping at the picture's border comes after it."),
    Exercise(
        "D.2", "Tags from probabilities: one of the colours, any of the others.",
        matches_function(estimated, probability_cases(), tolerance=0),
        ("A face has exactly one hair colour. Does your answer have exactly one 1 among the colours, even if all of "
         "them are improbable?",
         "The largest of the colours wins whatever its value; the limit of 0.25 is for the others alone."),
        "An arg-max never says \"none\", a threshold may: each suits what it is used for."),
    Exercise(
        "D.3", "The squared Fréchet distance of two samples of one feature.",
        matches_function(lambda a, b: frechet_distance(a[:, None], b[:, None]), feature_cases()),
        ("Two things can differ between bell curves: where they stand and how wide they are.",
         "It is the squared difference of the means plus that of the standard deviations (not of the variances), "
         "with N - 1 in the standard deviation, as torch has it."),
        "It is zero for equal samples: the first thing to try on any formula of a distance."),
    Exercise(
        "D.4", "What the perceptual hash makes of a mirrored copy.",
        matches_word("another picture", ("a copy", "another picture")),
        ("Call `bits_apart` with the picture and its mirror image, and compare with the table of copies above.",
         "Copies differ in a few bits of 64, different pictures in about half."),
        "The hash knows places: what is left must stay left. A set with mirrored copies needs another remedy."),
    Exercise(
        "D.5", "How the Fréchet distance of two samples of one and the same set changes with more pictures.",
        matches_word("falls", ("falls", "stays", "rises")),
        ("Call `by_chance` with 100 and with 1,600.",
         "Means and covariances of a sample are estimates. What becomes of their errors in larger samples?"),
        "So a distance without its n says nothing, and distances of different n cannot be compared."),
)
