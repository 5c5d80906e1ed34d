"""Exercises of the failure museum."""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from avatarlib.exercises.core import Exercise, cases, matches_function, matches_number, matches_word

__all__ = ["EXERCISES"]

CHOICES = ("changed pictures", "clean pictures", "one picture")


def taps(size: int, kernel: int, stride: int) -> Tensor:
    """How many kernels cover each place of a transposed convolution's output, along one axis and without padding."""
    ones = torch.ones(1, 1, size, dtype=torch.float64)
    return F.conv_transpose1d(ones, torch.ones(1, 1, kernel, dtype=torch.float64), stride=stride).flatten()


def spread_evenly(size: int, kernel: int, stride: int) -> Tensor:
    """A frequent mistake: every place gets as many."""
    return torch.full(((size - 1) * stride + kernel,), kernel / stride)


def among(fakes: Tensor, company: Tensor) -> Tensor:
    """The numbers of ``fakes`` after batch normalisation of the joint batch, whose variance divides by its size."""
    return F.batch_norm(torch.cat([fakes, company])[:, None], None, None, training=True, eps=1e-12)[:len(fakes), 0]


def alone(fakes: Tensor, company: Tensor) -> Tensor:
    """A frequent mistake: the company is left out of the mean and the deviation."""
    return (fakes - fakes.mean()) / fakes.std(unbiased=False)


def parties() -> list[dict[str, Any]]:
    """One that can be done in the head, then fakes among pictures of another kind, for exercise M.2."""
    source = torch.Generator().manual_seed(41)
    rows = [(torch.tensor([1.0, 3.0]), torch.tensor([-1.0, -3.0]))]
    rows += [(torch.randn(n, generator=source), 2 + 3 * torch.randn(m, generator=source)) for n, m in ((4, 6), (8, 24))]
    return cases("fakes company", *rows)


EXERCISES = (
    Exercise(
        "M.1", "How many kernels cover each place of a transposed convolution's output, along one axis.",
        matches_function(taps, cases("size kernel stride", (3, 3, 2), (3, 4, 2), (4, 5, 3), (5, 2, 1), (2, 6, 3)),
                         slips={"that is the mean; the places differ": spread_evenly}),
        ("Input place j puts its kernel on the output places j * stride to j * stride + kernel - 1. How long is the "
         "output, then?",
         "Begin with zeros of length (size - 1) * stride + kernel, and add 1 to a slice for every input place."),
        "Away from the borders all are alike just when the stride divides the kernel."),
    Exercise(
        "M.2", "What batch normalisation makes of the numbers of fakes in one batch with company.",
        matches_function(among, parties(),
                         slips={"the company belongs to the batch: its numbers count in the mean and the deviation":
                                alone}),
        ("The mean and the standard deviation are those of all numbers in the batch, fakes and company.",
         "torch.cat puts both together; the standard deviation divides by the number of pictures: unbiased=False."),
        "Other company, other numbers: what a discriminator says after it is a verdict on the whole batch."),
    Exercise(
        "M.3", "How many times as hard the non-saturating loss pulls as minimax at a fake's logit of -6.",
        matches_number(math.exp(6), tolerance=1.0),
        ("Divide the size of one slope of equation (M.1) by that of the other.",
         "(1 - sigmoid(l)) / sigmoid(l) is 1 / sigmoid(l) - 1; write the sigmoid out."),
        "The ratio is the odds of being found out: with every step of the logit it grows almost threefold."),
    Exercise(
        "M.4", "What a generator learns to draw if only the real pictures are augmented.",
        matches_word("changed pictures", CHOICES),
        ("What does the discriminator take for real, if it never sees a real picture as it is?",
         "The generator is paid for looking like what the discriminator is shown as real, squares and all."),
        "That is why DiffAugment changes both kinds, with the same policy, before the discriminator sees them."),
)
