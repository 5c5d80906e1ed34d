"""Exercises of chapter 1, GAN basics."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from avatarlib.exercises.core import (
    Exercise,
    matches_function,
    matches_number,
    matches_tensor,
    matches_word,
)
from avatarlib.losses import minimax_loss

__all__ = ["EXERCISES"]


def density_cases() -> list[dict[str, Any]]:
    """Positive densities, also above 1, for exercise 1.1."""
    source = torch.Generator().manual_seed(11)
    first = {"p_data": torch.tensor([0.6]), "p_g": torch.tensor([0.2])}
    return [first] + [{"p_data": 0.05 + 3 * torch.rand(n, generator=source),
                       "p_g": 0.05 + 3 * torch.rand(n, generator=source)} for n in (3, 20, 20)]


def logit_cases() -> list[dict[str, Any]]:
    """Ordinary logits, then the ones that overflow, for exercise 1.2."""
    source = torch.Generator().manual_seed(12)
    ordinary = [{"logits": 2 * torch.randn(n, generator=source)} for n in (4, 32)]
    return [*ordinary, {"logits": torch.tensor([100.0, 100.0])}, {"logits": torch.tensor([-100.0, 100.0])}]


GRADIENT_SLIPS = {"mind which of the two losses comes first": (-0.99, -0.01), "mind the signs": (0.01, 0.99),
                  "mind the sign of the first": (0.01, -0.99), "mind the sign of the second": (-0.01, 0.99)}


def count_covered(samples: Tensor, centres: Tensor, radius: float, minimum: int) -> int:
    """Centres with enough samples in reach, one at a time."""
    return sum(int(((samples - centre).norm(dim=1) <= radius).sum()) >= minimum for centre in centres)


def mixture_cases() -> list[dict[str, Any]]:
    """Rings of eight centres of which 5, 8, 0 and 6 are covered, with strays between, for exercise 1.5."""
    source = torch.Generator().manual_seed(15)
    angles = torch.arange(8) * math.pi / 4
    centres = torch.stack([angles.cos(), angles.sin()], dim=1)
    cases = []
    for kept, each, minimum in ((5, 30, 10), (8, 12, 12), (3, 5, 8), (6, 20, 1)):
        near = centres[torch.randperm(8, generator=source)[:kept]].repeat(each, 1)
        near = near + 0.02 * torch.randn(near.shape, generator=source)
        stray = 0.1 * torch.randn(50, 2, generator=source)   # in the middle, near no centre
        cases.append({"samples": torch.cat([near, stray]), "centres": centres, "radius": 0.2,
                      "minimum": minimum})
    return cases


EXERCISES = (
    Exercise(
        "1.1", "The value D(x) that minimises -p_data log D - p_g log(1 - D) at one point.",
        matches_function(lambda p_data, p_g: p_data / (p_data + p_g), density_cases()),
        ("Hold the two densities fixed and treat D as the only unknown: where is the derivative zero?",
         "The derivative is -p_data / D + p_g / (1 - D). Set it to zero and solve for D."),
        "Where both densities are equal, the best answer is 1/2."),
    Exercise(
        "1.2", "The mean of log(1 - sigmoid(logit)), finite for logits of 100 and -100.",
        matches_function(minimax_loss, logit_cases()),
        ("At logit 100 the sigmoid rounds to 1, and log(1 - 1) is minus infinity. Write 1 - sigmoid(logit) "
         "as one sigmoid.",
         "1 - sigmoid(l) = sigmoid(-l), and torch.nn.functional has the logarithm of a sigmoid as one stable "
         "function."),
        "Every loss of avatarlib.losses takes logits for this reason."),
    Exercise(
        "1.3", "Derivatives with respect to the logit of log(1 - D) and of -log D at D = 0.01.",
        matches_tensor(torch.tensor([-0.01, -0.99]), tolerance=1e-3, slips=GRADIENT_SLIPS),
        ("Use dD/dl = D (1 - D) and the chain rule; or let torch.autograd.grad do it.",
         "Differentiate each loss with respect to D, then multiply by D (1 - D): one of the two factors cancels, "
         "a different one in (a) and in (b)."),
        "The second is 99 times the first: that is why the non-saturating loss is used."),
    Exercise(
        "1.4", "The discriminator's loss at equilibrium.",
        matches_number(2 * math.log(2), tolerance=1e-3),
        ("What does the best discriminator answer where both densities are equal (exercise 1.1)?",
         "It answers 1/2 everywhere, for real and fake samples alike. Insert this into both terms, and use "
         "the natural logarithm."),
        "A loss that stays there can mean equilibrium, or a discriminator that has learnt nothing."),
    Exercise(
        "1.5", "How many centres have at least `minimum` samples within `radius`.",
        matches_function(count_covered, mixture_cases()),
        ("Samples that are near no centre count for none, so the nearest centre alone does not tell. Compare "
         "distances with the radius.",
         "torch.cdist gives all distances as an (N, K) table. Count per column how many are small enough, "
         "then count the columns that have enough."),
        "Counting modes finds a collapse that no loss curve shows."),
    Exercise(
        "1.6", "D(x) = 0.99, D(G(z)) = 0.01, loss 0.02, and the generator stands still: what is this?",
        matches_word("winning discriminator", ("equilibrium", "mode collapse", "winning discriminator")),
        ("At equilibrium D would answer 1/2 to everything. Does it?",
         "Think of exercise 1.3: what gradient reaches the generator under the minimax loss when D is this "
         "sure?"),
        "The cures: the non-saturating loss, or a penalty on the discriminator's slope."),
    Exercise(
        "1.7", "Which of the two changes alone makes the generator lose its modes: five lessons, or momentum 0.9?",
        matches_word("momentum", ("lessons", "momentum", "both alike")),
        ("Call `modes_won` twice, each time with one of the changes alone, and compare with the game that went well.",
         "modes_won(discriminator_steps=5) and modes_won(betas=(0.9, 0.999)): which of the two has fewer modes?"),
        "Momentum keeps the points running past the place to which the discriminator points."),
    Exercise(
        "1.8", "What happens to the share of points near a mode if the noise is a single random number?",
        matches_word("falls", ("falls", "stays", "rises")),
        ("Call `share_near` with latent=2 and with latent=1.",
         "A continuous function of one number draws a line. What must lie between two clouds that it visits?"),
        "A line that visits eight clouds has to cross the gaps between them; with two numbers it can make them thin."),
)
