"""Exercises of chapter 4, CycleGAN and content invariance."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from avatarlib.exercises.core import Exercise, matches_function, matches_number, matches_word
from avatarlib.losses import patch_nce_loss

__all__ = ["EXERCISES"]


def field(kernels: list[int], strides: list[int]) -> int:
    """From the last layer back: one number sees ``kernel`` of the layer below, which lie ``stride`` apart."""
    pixels = 1
    for kernel, stride in zip(reversed(kernels), reversed(strides), strict=True):
        pixels = (pixels - 1) * stride + kernel
    return pixels


def generator_loss(logits: Tensor, back: Tensor, original: Tensor, weight: float) -> Tensor:
    """Tian's, with the sign that the game needs."""
    fooling = F.binary_cross_entropy_with_logits(logits, torch.ones_like(logits))
    return fooling + weight * F.l1_loss(back, original)


def printed_loss(logits: Tensor, back: Tensor, original: Tensor, weight: float) -> Tensor:
    """Tian's, as it is printed."""
    return F.logsigmoid(logits).mean() + weight * F.l1_loss(back, original)


def factor(epoch: int) -> float:
    """CycleGAN's reference: 100 epochs at 1, 100 falling (its scheduler's ``lambda_rule``)."""
    return 1.0 - max(0, epoch + 1 - 100) / 101


def patch_nce(queries: Tensor, keys: Tensor, temperature: float) -> Tensor:
    return patch_nce_loss(queries[None], keys[None], temperature)


def frechet(mean_a: Tensor, variance_a: Tensor, mean_b: Tensor, variance_b: Tensor) -> Tensor:
    """Of independent features: one dimension's distance, summed (Dowson and Landau 1982)."""
    return F.mse_loss(mean_a, mean_b, reduction="sum") + F.mse_loss(variance_a.sqrt(), variance_b.sqrt(),
                                                                    reduction="sum")


def printed_frechet(mean_a: Tensor, variance_a: Tensor, mean_b: Tensor, variance_b: Tensor) -> Tensor:
    """As Tian's paper prints it."""
    return (mean_a - mean_b).square().sum() - (variance_a + variance_b - 2 * variance_a * variance_b).sum()


def layer_cases() -> list[dict[str, Any]]:
    """One layer, two, and odd ones for exercise 4.1."""
    rows = (([4], [2]), ([4, 4], [2, 1]), ([7, 3, 3], [1, 2, 2]), ([4, 4, 4, 4], [2, 2, 2, 2]), ([3, 1, 5], [3, 1, 2]))
    return [{"kernels": list(kernels), "strides": list(strides)} for kernels, strides in rows]


def game_cases() -> list[dict[str, Any]]:
    """An undecided discriminator and a perfect way back, then any, for exercise 4.2."""
    source = torch.Generator().manual_seed(42)
    plain = torch.full((1, 3, 4, 4), 0.5)
    cases: list[dict[str, Any]] = [{"logits": torch.zeros(1, 1, 2, 2), "back": plain, "original": plain.clone(),
                                    "weight": 10.0}]
    for weight in (10.0, 0.5):
        logits, back, original = (torch.randn(shape, generator=source)
                                  for shape in ((2, 1, 3, 3), (2, 3, 4, 4), (2, 3, 4, 4)))
        cases.append({"logits": logits, "back": back, "original": original, "weight": weight})
    return cases


def place_cases() -> list[dict[str, Any]]:
    """Vectors of length 1 for exercise 4.4; the first all orthogonal, each equal to its own."""
    source = torch.Generator().manual_seed(44)
    cases = [{"queries": torch.eye(3), "keys": torch.eye(3), "temperature": 0.5}]
    for places, width in ((5, 4), (2, 8)):
        queries, keys = F.normalize(torch.randn(2, places, width, generator=source), dim=2)
        cases.append({"queries": queries, "keys": keys, "temperature": 0.07})
    return cases


def cloud_cases() -> list[dict[str, Any]]:
    """Equal clouds first, then any, for exercise 4.5."""
    source = torch.Generator().manual_seed(45)
    means, variances = torch.tensor([1.0, -2.0]), torch.tensor([4.0, 0.25])
    cases = [dict(zip(("mean_a", "variance_a", "mean_b", "variance_b"), (means, variances) * 2, strict=True))]
    for width in (1, 4):
        a, b = torch.randn(2, width, generator=source)
        u, v = torch.rand(2, width, generator=source) + 0.1
        cases.append({"mean_a": a, "variance_a": u, "mean_b": b, "variance_b": v})
    return cases


EXERCISES = (
    Exercise(
        "4.1", "How many pixels a side one number at the end of a stack of convolutions sees.",
        matches_function(field, layer_cases(), tolerance=0),
        ("Begin at the end: one number of the last layer sees `kernel` numbers of the layer below.",
         "n neighbours of a layer, `stride` apart below, see (n - 1) * stride + kernel. Go from the last layer to the "
         "first."),
        "Every stride doubles what all later layers add: depth is cheap sight."),
    Exercise(
        "4.2", "Tian's loss of a generator with its sign corrected, from logits.",
        matches_function(generator_loss, game_cases(), slips={
            "that is the loss as printed: the more convincing the fake, the higher it is": printed_loss}),
        ("The generator minimises. Which sign makes the loss small where the discriminator takes the fake for real?",
         "-log(sigmoid(x)) is softplus(-x). Add the weight times the mean absolute difference of the picture that came "
         "back."),
        "With the printed sign a generator would learn to be caught."),
    Exercise(
        "4.3", "CycleGAN's learning rate, as a factor: 100 epochs at 1, then 100 falling.",
        matches_function(factor, [{"epoch": epoch} for epoch in (0, 98, 99, 100, 150, 199)], slips={
            "a fall by hundredths would reach 0 in the last epoch, and the reference's does not":
                lambda epoch: 1 - max(0, epoch + 1 - 100) / 100}),
        ("Epochs are counted from 0. The hundred-and-first, number 100, is the first that is slower.",
         "It falls by equal steps and would be 0 in the epoch after the last: 100 steps lead to 1/101."),
        "The last epoch still learns a little: the fall would reach 0 one epoch later."),
    Exercise(
        "4.4", "The contrastive loss of places, from vectors of length 1.",
        matches_function(patch_nce, place_cases(), slips={
            "the likenesses were not divided by the temperature": lambda queries, keys, temperature:
                patch_nce(queries, keys, 1.0)}),
        ("Row i of queries @ keys.T holds the likeness of place i to every place; entry i is the right answer.",
         "Divide by the temperature, take the softmax of each row, and average -log of the entries on the diagonal."),
        "It is a classification with as many classes as places, and nobody wrote a label."),
    Exercise(
        "4.5", "The Fréchet distance of two clouds whose features are independent.",
        matches_function(frechet, cloud_cases(), slips={
            "that is the formula as printed, which is not 0 for equal clouds": printed_frechet}),
        ("For one feature it is the squared difference of the means plus that of the standard deviations.",
         "The covariances are diagonal, so the trace is a sum: of both variances minus twice the root of their "
         "product, feature by feature."),
        "The root is what makes equal clouds cost nothing."),
    Exercise(
        "4.6", "On how many columns of 128 a logit depends if the discriminator's norms are left in.",
        matches_number(128, tolerance=0.5),
        ("Call `measured_field` with 3 and `norms=True`.",
         "A mean over a whole map depends on every number of the map. Which pixels do those numbers see?"),
        "The field of the convolutions stays; but what counts as bright, the whole picture decides."),
    Exercise(
        "4.7", "Which step costs less if CycleGAN has no identity loss, as Tian prints it.",
        matches_word("cyclegan", ("cyclegan", "content")),
        ("Call `step_cost` with the passes of both.",
         "Without the identity loss two of CycleGAN's six passes are gone. What is left of the saving?"),
        "Whether one direction saves time depends on how dear its parts are."),
)
