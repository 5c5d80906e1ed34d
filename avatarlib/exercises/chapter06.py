"""Exercises of chapter 6, judging."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from avatarlib.exercises.core import Exercise, cases, matches_function, matches_number, matches_word
from avatarlib.metrics import precision_recall, rank_agreement, vendi_score

__all__ = ["EXERCISES"]


def precision(real: Tensor, fake: Tensor, k: int) -> float:
    return precision_recall(real, fake, k=k).precision


def recall_instead(real: Tensor, fake: Tensor, k: int) -> float:
    """The other question."""
    return precision_recall(real, fake, k=k).recall


def with_itself(real: Tensor, fake: Tensor, k: int) -> float:
    """Each point counted as its own first neighbour."""
    radius = torch.cdist(real, real).sort(1).values[:, k - 1]
    return (torch.cdist(fake, real) <= radius).any(1).double().mean().item()


def cloud_cases() -> list[dict[str, Any]]:
    """A few points on a line, then clouds in two and five dimensions, for exercise 6.1."""
    source = torch.Generator().manual_seed(61)
    line = (torch.tensor([[0.0], [1.0], [3.0], [7.0]]), torch.tensor([[1.5], [12.0], [5.2], [-0.7]]), 1)
    clouds = [(torch.randn(n, width, generator=source), 1.5 * torch.randn(m, width, generator=source), k)
              for n, m, width, k in ((20, 15, 2, 3), (12, 30, 5, 2))]
    return cases("real fake k", line, *clouds)


def effective_number(counts: Sequence[int]) -> float:
    rows = torch.eye(len(counts)).repeat_interleave(torch.tensor(counts), 0)
    return vendi_score(rows)


def shares(counts: Sequence[int]) -> Tensor:
    found = torch.tensor(counts, dtype=torch.float64)
    return found / found.sum()


def tau(a: Sequence[float], b: Sequence[float]) -> float:
    return rank_agreement(a, b, [0] * len(a), seed=0, draws=100).tau


def agreeing_share(a: Sequence[float], b: Sequence[float]) -> float:
    """From 0 to 1 where tau goes from -1 to 1."""
    return (tau(a, b) + 1) / 2


EXERCISES = (
    Exercise(
        "6.1", "Precision: the share of fakes that lie in the ball of at least one real point.",
        matches_function(precision, cloud_cases(), slips={
            "the share of real points in a fake's ball is the recall": recall_instead,
            "the distance of a point to itself, 0, was counted as the first neighbour's": with_itself}),
        ("Three steps: the radius of each real point, the distance from each fake to each real point, and whether any "
         "of these is at most the radius.",
         "torch.cdist(real, real) has zeros on the diagonal, so the k-th nearest other point is at place k of the "
         "sorted row, counted from 0. `.any(dim=1)` asks for at least one ball."),
        "For the recall exchange the two sets: that is all."),
    Exercise(
        "6.2", "The effective number of kinds from their counts: the exponential of the entropy.",
        matches_function(effective_number, cases("counts", ([5, 5, 5],), ([10],), ([90, 10],), ([1, 2, 3, 4],),
                                                 ([50, 25, 25],)),
                         slips={"that is the entropy; its exponential is wanted":
                                lambda counts: torch.special.entr(shares(counts)).sum().item(),
                                "that is how many kinds there are, however rare":
                                lambda counts: float(len(counts)),
                                "that is the inverse of the sum of squares, Simpson's number: another way to count":
                                lambda counts: 1 / shares(counts).square().sum().item()}),
        ("Turn the counts into shares p first. What should come out of three equal counts? 3.",
         "The entropy is the sum of -p log p with the natural logarithm; then torch.exp or math.exp of it."),
        "The Vendi score of pictures is the same, with the eigenvalues of their similarities as shares."),
    Exercise(
        "6.3", "Where the line through two distances, drawn over 1/N, ends at N without end.",
        matches_function(lambda n, at_n, m, at_m: (n * at_n - m * at_m) / (n - m),
                         cases("n at_n m at_m", (100, 8.0, 200, 5.0), (500, 12.5, 1000, 11.0), (1000, 1.1, 250, 4.4)),
                         slips={"that is a line over N; the bias falls with 1/N":
                                lambda n, at_n, m, at_m: at_n - n * (at_m - at_n) / (m - n)}),
        ("On paper: the horizontal axis is 1/N, so the two points lie at 1/n and 1/m. Which value of the axis belongs "
         "to N without end?",
         "The slope is (at_n - at_m) / (1/n - 1/m). Go from the point at 1/n back to 0."),
        "The library takes more than two points, since each of them scatters."),
    Exercise(
        "6.4", "Kendall's tau of two lists: pairs ranked alike minus pairs ranked otherwise, over all pairs.",
        matches_function(tau, cases("a b", ([1, 2, 3, 4], [1, 3, 2, 4]), ([1, 2, 3], [3, 2, 1]),
                                    ([0.3, 0.9, 0.1, 0.5, 0.7], [10, 30, 20, 50, 40]), ([4, 2, 3, 1], [1, 2, 4, 8])),
                         slips={"that is the share of pairs ranked alike; take off the share of the others":
                                agreeing_share}),
        ("Go over all pairs i < j, and for each ask: is a[i] - a[j] of the same sign as b[i] - b[j]?",
         "Count +1 if the product of the two differences is positive and -1 if it is negative; divide by "
         "n (n - 1) / 2."),
        "1 is full agreement, 0 what chance gives, -1 a measure to be read upside down."),
    Exercise(
        "6.5", "What larger balls do to the gap between precision and recall on two spheres.",
        matches_word("it closes", ("it closes", "it stays", "it widens")),
        ("Call `gap` with k = 3, 10 and 30.", "Compare the third number with the first."),
        "With balls that hold everything the two spheres look equal: the gap is gone, and so is the measure."),
    Exercise(
        "6.6", "The smallest share of copies, in steps of 5 %, that the test of the chapter catches.",
        matches_number(0.15, tolerance=0.001),
        ("Call `lower_end` with 0.05, 0.10, 0.15 and so on.",
         "A copier is caught where even the lower end of the interval is above one half."),
        "Each copy counts for half a picture only: it would have been nearer by chance half of the time."),
)
