"""Exercises of chapter 3, CartoonGAN and ArtifyGAN."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from avatarlib.exercises.core import Exercise, matches_function, matches_number, matches_word

__all__ = ["EXERCISES"]


def three_terms(cartoon: Tensor, smooth: Tensor, fake: Tensor) -> Tensor:
    """Binary cross-entropy against 1, 0 and 0 (Chen et al. 2018)."""
    return sum((F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, wanted))
                for logits, wanted in ((cartoon, 1.0), (smooth, 0.0), (fake, 0.0))), torch.zeros(()))


def multiply_adds(inputs: int, outputs: int, kernel: int, size: int, stride: int) -> int:
    """As many products as PyTorch's own layer computes; the meta device computes shapes only."""
    layer = torch.nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False, device="meta")
    return layer.weight.numel() * layer(torch.empty(1, inputs, size, size, device="meta"))[0, 0].numel()


def gram(features: Tensor) -> Tensor:
    """Gatys et al. 2016, divided as in AnimeGAN's code."""
    return torch.einsum("chw,dhw->cd", features, features) / features.numel()


def logit_cases() -> list[dict[str, Any]]:
    """An undecided discriminator first, then batches of different sizes, for exercise 3.2."""
    source = torch.Generator().manual_seed(32)
    cases = [{name: torch.zeros(2, 1, 4, 4) for name in ("cartoon", "smooth", "fake")}]
    for counts in ((2, 2, 2), (4, 1, 2)):
        cases.append({name: 2 * torch.randn(count, 1, 4, 4, generator=source)
                      for name, count in zip(("cartoon", "smooth", "fake"), counts, strict=True)})
    return cases


def layer_cases() -> list[dict[str, Any]]:
    """Layers of the two generators, then odd sizes, for exercise 3.3."""
    rows = ((3, 64, 7, 128, 1), (64, 128, 3, 128, 2), (256, 256, 3, 32, 1), (5, 7, 3, 9, 2), (2, 3, 1, 10, 3))
    return [dict(zip(("inputs", "outputs", "kernel", "size", "stride"), row, strict=True)) for row in rows]


def map_cases() -> list[dict[str, Any]]:
    source = torch.Generator().manual_seed(34)
    return [{"features": torch.randn(shape, generator=source)} for shape in ((2, 3, 3), (4, 2, 5), (1, 1, 1))]


EXERCISES = (
    Exercise(
        "3.1", "Which content weight of the mean equals 1e-5 of the sum, for 4 pictures of 64 pixels through pool4.",
        matches_number(0.32768, tolerance=0.001),
        ("The sum is the mean times a number: that of all entries of the feature map, the batch included.",
         "Four poolings halve 64 four times. How many places are left, and how many numbers has each in each picture?"),
        "The weight that balanced at 256 pixels and 16 pictures is 64 times smaller here: a sum hides the size."),
    Exercise(
        "3.2", "The discriminator's loss with three terms, from logits.",
        matches_function(three_terms, logit_cases()),
        ("A logit becomes a probability by the sigmoid. Which of the three kinds should get probability 1?",
         "Take the mean of -log D over cartoons, and the means of -log(1 - D) over the two others, and add the three; "
         "-log(sigmoid(x)) is softplus(-x), -log(1 - sigmoid(x)) is softplus(x)."),
        "Three means of one weight: a batch may hold more of one kind than of another."),
    Exercise(
        "3.3", "The multiply-adds of a convolution.",
        matches_function(multiply_adds, layer_cases(), tolerance=0),
        ("Each number of the output is a sum of products. How many products, and how many numbers?",
         "A number needs inputs * kernel^2 products. With this padding the output has (size - 1) // stride + 1 pixels "
         "a side, and `outputs` numbers a pixel."),
        "Two numbers of layers say little about speed; where in the picture's pyramid they stand says more."),
    Exercise(
        "3.4", "The Gram matrix of one feature map.",
        matches_function(gram, map_cases()),
        ("Entry (i, j) is the sum over all places of channel i times channel j.",
         "Flatten each channel to a row: F has C rows and H W columns. Then F times its transpose, over C H W."),
        "The places are summed away: a Gram matrix knows what goes together, not where."),
    Exercise(
        "3.5", "At which of 64 and 128 pixels the shipped generator comes nearer to the hidden drawing.",
        matches_number(128, tolerance=0.5),
        ("Call `likeness` with 64 and with 128.",
         "A network of convolutions takes any size. But which size of eyes, lines and strands has it met?"),
        "Fully convolutional means that it runs at any size, not that it draws well there."),
    Exercise(
        "3.6", "Which loss notices that a feature map was moved by five places?",
        matches_word("content", ("content", "style")),
        ("Call `moved` and compare the two numbers with 0.",
         "Which of the two compares place by place, and which sums over all places first?"),
        "That is why the content loss keeps the portrait, and why style alone forgets it."),
)
