"""Adversarial losses on logits: what each player of a GAN minimises.

Every function takes the discriminator's raw outputs (logits, any shape; a PatchGAN's map counts each
patch as one judgement) and returns the mean as a scalar. ``sigmoid(logit)`` is the probability D(x) of
the papers; working on logits keeps ``log D`` finite where a probability would round to 0 or 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor

__all__ = [
    "AdversarialLoss", "adversarial_loss", "ADVERSARIAL_LOSSES",
    "bce_discriminator_loss", "non_saturating_loss", "minimax_loss",
    "least_squares_discriminator_loss", "least_squares_loss",
    "hinge_discriminator_loss", "hinge_loss",
]


def bce_discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """``-E log D(x) - E log(1 - D(G(z)))`` (Goodfellow et al. 2014, eq. 1; Xiao et al., eq. 1).

    Two answers of 1/2 cost ``2 log 2 = 1.386``, the value at equilibrium; it is the sum, not the mean,
    of the two cross-entropies.
    """
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def non_saturating_loss(fake: Tensor) -> Tensor:
    """``-E log D(G(z))``, the generator's loss in practice (Goodfellow et al. 2014, section 3)."""
    return F.softplus(-fake).mean()


def minimax_loss(fake: Tensor) -> Tensor:
    """``E log(1 - D(G(z)))``, the generator's side of the two-player game (Goodfellow et al. 2014, eq. 1).

    Never positive, and flat where the discriminator is sure: see chapter 1.
    """
    return -F.softplus(fake).mean()


def least_squares_discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """``E (D(x) - 1)^2 / 2 + E D(G(z))^2 / 2`` on raw outputs (LSGAN, Mao et al. 2017, eq. 9)."""
    return 0.5 * ((real - 1).square().mean() + fake.square().mean())


def least_squares_loss(fake: Tensor) -> Tensor:
    """``E (D(G(z)) - 1)^2 / 2`` on raw outputs (LSGAN, Mao et al. 2017, eq. 9)."""
    return 0.5 * (fake - 1).square().mean()


def hinge_discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """``E max(0, 1 - D(x)) + E max(0, 1 + D(G(z)))`` on raw outputs (Lim and Ye 2017)."""
    return F.relu(1 - real).mean() + F.relu(1 + fake).mean()


def hinge_loss(fake: Tensor) -> Tensor:
    """``-E D(G(z))`` on raw outputs (Lim and Ye 2017)."""
    return -fake.mean()


class AdversarialLoss(NamedTuple):
    """The two sides of one game: ``discriminator(real, fake)`` and ``generator(fake)``, both minimised."""

    discriminator: Callable[[Tensor, Tensor], Tensor]
    generator: Callable[[Tensor], Tensor]


ADVERSARIAL_LOSSES = {
    "non_saturating": AdversarialLoss(bce_discriminator_loss, non_saturating_loss),
    "minimax": AdversarialLoss(bce_discriminator_loss, minimax_loss),
    "least_squares": AdversarialLoss(least_squares_discriminator_loss, least_squares_loss),
    "hinge": AdversarialLoss(hinge_discriminator_loss, hinge_loss),
}


def adversarial_loss(name: str) -> AdversarialLoss:
    """The pair of losses called ``name``; a ValueError lists the names there are."""
    if name not in ADVERSARIAL_LOSSES:
        raise ValueError(f"name must be one of {sorted(ADVERSARIAL_LOSSES)}, got {name!r}")
    return ADVERSARIAL_LOSSES[name]
