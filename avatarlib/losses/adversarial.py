"""Adversarial losses on logits: what each player of a GAN minimises.

Every function takes the discriminator's raw outputs (logits, any shape; a PatchGAN's map counts each
patch as one judgement) and returns the mean as a scalar. ``sigmoid(logit)`` is the probability D(x) of
the papers; working on logits keeps ``log D`` finite where a probability would round to 0 or 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = [
    "AdversarialLoss", "adversarial_loss", "ADVERSARIAL_LOSSES",
    "bce_discriminator_loss", "non_saturating_loss", "minimax_loss",
    "least_squares_discriminator_loss", "least_squares_loss",
    "hinge_discriminator_loss", "hinge_loss",
    "edge_promoting_loss", "grey_adversarial_loss",
    "relativistic_discriminator_loss", "relativistic_loss",
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


def relativistic_discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """``E softplus(-(D(x) - D(G(z))))``: of each pair the real one must seem more real (Jolicoeur-Martineau 2019).

    ``log 2`` where it cannot tell. ``real`` and ``fake`` have one shape. (R3GAN, Huang et al. 2024, eq. 2.)
    """
    return F.softplus(fake - real).mean()


def relativistic_loss(real: Tensor, fake: Tensor) -> Tensor:
    """``E softplus(-(D(G(z)) - D(x)))``, the generator's side: its picture must seem more real than the real one."""
    return F.softplus(real - fake).mean()


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
    """The sides of one game, all minimised.

    ``discriminator(real, fake)`` is ``accept(real) + refuse(fake)``: what it pays for pictures that it must take for
    real, and for others, of which there may be several kinds. ``generator(fake)`` is the other player's.
    """

    discriminator: Callable[[Tensor, Tensor], Tensor]
    generator: Callable[[Tensor], Tensor]
    accept: Callable[[Tensor], Tensor]
    refuse: Callable[[Tensor], Tensor]


def refuse_by_logarithm(fake: Tensor) -> Tensor:
    """``-E log(1 - D(x))``."""
    return F.softplus(fake).mean()


def refuse_by_square(fake: Tensor) -> Tensor:
    """``E D(x)^2 / 2`` on raw outputs."""
    return 0.5 * fake.square().mean()


def accept_by_hinge(real: Tensor) -> Tensor:
    """``E max(0, 1 - D(x))`` on raw outputs."""
    return F.relu(1 - real).mean()


def refuse_by_hinge(fake: Tensor) -> Tensor:
    """``E max(0, 1 + D(x))`` on raw outputs."""
    return F.relu(1 + fake).mean()


ADVERSARIAL_LOSSES = {
    "non_saturating": AdversarialLoss(bce_discriminator_loss, non_saturating_loss, non_saturating_loss,
                                      refuse_by_logarithm),
    "minimax": AdversarialLoss(bce_discriminator_loss, minimax_loss, non_saturating_loss, refuse_by_logarithm),
    "least_squares": AdversarialLoss(least_squares_discriminator_loss, least_squares_loss, least_squares_loss,
                                     refuse_by_square),
    "hinge": AdversarialLoss(hinge_discriminator_loss, hinge_loss, accept_by_hinge, refuse_by_hinge),
}


def adversarial_loss(name: str) -> AdversarialLoss:
    """The losses of the game called ``name``; a ValueError lists the names there are."""
    if name not in ADVERSARIAL_LOSSES:
        raise ValueError(f"name must be one of {sorted(ADVERSARIAL_LOSSES)}, got {name!r}")
    return ADVERSARIAL_LOSSES[name]


def edge_promoting_loss(cartoon: Tensor, smooth: Tensor, fake: Tensor, kind: str = "non_saturating") -> Tensor:
    """The discriminator's loss in CartoonGAN: cartoons with blurred edges are no cartoons either (Chen et al. 2018).

    ``-E log D(c) - E log(1 - D(e)) - E log(1 - D(G(p)))``, three means of one weight, so each kind of picture counts
    alike whatever their numbers; an undecided discriminator pays ``3 log 2 = 2.079``. (ArtifyGAN, eq. 4; the authors'
    code has ``kind="least_squares"``.) The generator's loss is that of the plain game: it never sees the blurred ones.

    Parameters
    ----------
    cartoon, smooth, fake : Tensor
        Logits, any shapes, of cartoons, of *other* cartoons with smoothed edges, and of generated pictures.
    kind : str
        A name of ``ADVERSARIAL_LOSSES``. The squares are halved there.

    Raises
    ------
    ValueError
        If ``kind`` is unknown.
    """
    game = adversarial_loss(kind)
    return game.accept(cartoon) + game.refuse(smooth) + game.refuse(fake)


def grey_adversarial_loss(cartoon: Tensor, fake: Tensor, grey: Tensor, grey_smooth: Tensor, *,
                          weights: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 0.1),
                          kind: str = "least_squares") -> Tensor:
    """The discriminator's loss in AnimeGAN: grey cartoons are refused, so colour is asked for (Chen et al. 2020).

    ``w1 (D(a) - 1)^2 + w2 D(G(p))^2 + w3 D(grey a)^2 + w4 D(grey smooth)^2``, means, each halved as everywhere here:
    AnimeGAN's weight of 300 in front of it all is 600 of this.

    Parameters
    ----------
    cartoon, fake, grey, grey_smooth : Tensor
        Logits, any shapes, of cartoons, generated pictures, grey cartoons and grey cartoons with smoothed edges.
    weights : (float, float, float, float)
        Of the four in this order: AnimeGAN's. Its second version has (1.7, 1.7, 1.7, 1.0) by default,
        (1.2, 1.2, 1.2, 0.8) for Hayao's films and (1.0, 1.0, 1.0, 0.005) for Paprika.
    kind : str
        A name of ``ADVERSARIAL_LOSSES``.

    Raises
    ------
    ValueError
        If ``kind`` is unknown.
    """
    game = adversarial_loss(kind)
    terms = game.accept(cartoon), game.refuse(fake), game.refuse(grey), game.refuse(grey_smooth)
    return torch.stack([weight * term for weight, term in zip(weights, terms, strict=True)]).sum()
