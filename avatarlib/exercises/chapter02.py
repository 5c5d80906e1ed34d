"""Exercises of chapter 2, DCGAN on cartoon avatars."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from avatarlib.exercises.core import Exercise, cases, matches_function, matches_number, matches_word
from avatarlib.models.dcgan import Generator

__all__ = ["EXERCISES"]

LAYERS = cases("size kernel stride padding", (1, 4, 1, 0), (4, 4, 2, 1), (32, 4, 2, 1), (7, 3, 2, 1), (5, 5, 3, 0),
               (16, 3, 1, 1))       # the generator's two kinds first, for exercise 2.1


def layer_size(size: int, kernel: int, stride: int, padding: int) -> int:
    """Height that PyTorch's own layer gives; the meta device computes shapes only."""
    layer = nn.ConvTranspose2d(1, 1, kernel, stride, padding, device="meta")
    return layer(torch.empty(1, 1, size, size, device="meta")).shape[-1]


def count_parameters(latent: int, width: int) -> int:
    """Parameters of the library's generator, built without memory."""
    with torch.device("meta"):
        generator = Generator(latent, width)
    return sum(parameter.numel() for parameter in generator.parameters())


def spherical(a: Tensor, b: Tensor, t: float) -> Tensor:
    """Shoemake 1985, with the angle between vectors of any length."""
    angle = math.acos(float(torch.nn.functional.cosine_similarity(a.double(), b.double(), dim=0)))
    return (math.sin((1 - t) * angle) * a + math.sin(t * angle) * b) / math.sin(angle)


def weight_cases() -> list[dict[str, Any]]:
    source = torch.Generator().manual_seed(23)
    return [{"average": torch.randn(shape, generator=source), "weights": torch.randn(shape, generator=source),
             "decay": decay} for shape, decay in (((2,), 0.9), ((5,), 0.999), ((3, 4), 0.5), ((2, 2), 0.0))]


def latent_cases() -> list[dict[str, Any]]:
    """A right angle first, then random directions and lengths, for exercise 2.4."""
    source = torch.Generator().manual_seed(24)
    rows = [(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0]), 0.5)]
    for length, t in ((2, 0.25), (100, 0.3), (100, 0.0), (100, 1.0)):
        a, b = torch.randn(2, length, generator=source)
        rows.append((a, 3 * b, t))
    return cases("a b t", *rows)


EXERCISES = (
    Exercise(
        "2.1", "The height after a transposed convolution.",
        matches_function(layer_size, LAYERS),
        ("Each input pixel stamps a kernel onto the output, and neighbouring stamps lie `stride` apart. How "
         "far from the first stamp does the last one begin?",
         "The last stamp begins (size - 1) * stride pixels after the first and is `kernel` wide. Padding then "
         "cuts something off at both sides."),
        "With kernel 4, stride 2, padding 1 every size doubles."),
    Exercise(
        "2.2", "The number of parameters of the generator for any latent length and width.",
        matches_function(count_parameters, cases("latent width", (100, 64), (100, 32), (64, 16), (10, 1)), tolerance=0),
        ("Write the channels along the network as a list: latent, 8 width, 4 width, 2 width, width, 3. A "
         "convolution lies between each two neighbours.",
         "A 4x4 convolution from a to b channels has 16 a b weights. Batch normalisation follows every "
         "convolution but the last, with two numbers a channel."),
        "Most of them sit in the first two layers, where the picture is smallest."),
    Exercise(
        "2.3", "The exponential moving average after one more look at the weights.",
        matches_function(lambda average, weights, decay: torch.lerp(weights, average, decay), weight_cases()),
        ("The new average lies on the line from the old average to the weights. How far along for decay "
         "0.999?",
         "The old average and the weights are added with factors that sum to 1; `decay` belongs to the old "
         "average."),
        "With decay 0.999 the average looks back over about the last thousand steps."),
    Exercise(
        "2.4", "The point at fraction t of the arc between two latent vectors.",
        matches_function(spherical, latent_cases(), tolerance=1e-3),
        ("Find the angle first. The dot product gives its cosine, but only after the lengths are taken out.",
         "cos(angle) = a . b / (|a| |b|), in [-1, 1]; the angle is its arccos. Only the angle needs vectors of "
         "length 1: the formula then weighs a and b as they are."),
        "The straight line passes nearer the origin, where noise of 100 numbers hardly ever lies."),
    Exercise(
        "2.5", "By how many dB the PSNR rises when one image of each random pair becomes the mean image.",
        matches_number(10 * math.log10(2), tolerance=0.01),
        ("Look at one pixel: x and y are independent draws with variance v. What is the mean of (x - y)^2, "
         "and what is that of (mean - y)^2?",
         "The first is the sum of two variances, the second is one. By what factor does the error fall, and "
         "what does 10 log10 make of that factor?"),
        "A generator of one grey blur beats real avatars under P1: the score is no measure of quality."),
    Exercise(
        "2.6", "Which of P1 and P4 tells that half the noise gives poorer sets of avatars?",
        matches_word("p4", ("p1", "p4")),
        ("Call `two_protocols` with 1.0 and with 0.5, and look at which number would be praised for its change.",
         "P1 calls a rise good. P4 compares avatars of one set: what does a rise mean there?"),
        "Both rise; only inside one set does a high SSIM say what it is, a lack of variety."),
    Exercise(
        "2.7", "The smallest number of avatars whose mean picture wins at least 1.5 dB over a random partner.",
        matches_number(3, tolerance=0.1),
        ("Call `won` with 1, 2, 3 and so on. With one avatar nothing is won: it is a random partner itself.",
         "The mean of k avatars has the error (1 + 1/k) v where a random partner has 2 v. At which k do the decibels "
         "pass 1.5?"),
        "A few avatars are enough: the blur need not even be perfect to win."),
)
