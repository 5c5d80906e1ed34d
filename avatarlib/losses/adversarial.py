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
    of the two cross-entropies. ``real`` and ``fake`` are logits, any shapes; the result is a scalar of at least 0.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import bce_discriminator_loss
    >>> undecided, sure = torch.zeros(4), torch.full((4,), 20.0)
    >>> round(bce_discriminator_loss(undecided, undecided).item(), 3)      # 2 log 2
    1.386
    >>> round(bce_discriminator_loss(sure, -sure).item(), 3)               # right each time
    0.0
    """
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def non_saturating_loss(fake: Tensor) -> Tensor:
    """``-E log D(G(z))``, the generator's loss in practice (Goodfellow et al. 2014, section 3).

    ``fake`` holds logits, any shape; the result is a scalar of at least 0.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import non_saturating_loss
    >>> taken_for_real = torch.tensor([0.5, 0.25])
    >>> round(non_saturating_loss(torch.logit(taken_for_real)).item(), 3)      # (log 2 + log 4) / 2
    1.04
    """
    return F.softplus(-fake).mean()


def minimax_loss(fake: Tensor) -> Tensor:
    """``E log(1 - D(G(z)))``, the generator's side of the two-player game (Goodfellow et al. 2014, eq. 1).

    Of logits, any shape. Never positive, and flat where the discriminator is sure: see chapter 1.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import minimax_loss, non_saturating_loss
    >>> seen_through = torch.tensor(-5.0, requires_grad=True)      # D(G(z)) = 0.007
    >>> for loss in (minimax_loss, non_saturating_loss):           # only the second has a slope there
    ...     print(round(torch.autograd.grad(loss(seen_through), seen_through)[0].item(), 3))
    -0.007
    -0.993
    """
    return -F.softplus(fake).mean()


def relativistic_discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """``E softplus(-(D(x) - D(G(z))))``: of each pair the real one must seem more real (Jolicoeur-Martineau 2019).

    ``log 2`` where it cannot tell. ``real`` and ``fake`` are logits of one shape. (R3GAN, Huang et al. 2024, eq. 2.)

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import relativistic_discriminator_loss
    >>> real, fake = torch.tensor([5.0]), torch.tensor([2.0])
    >>> round(relativistic_discriminator_loss(real, fake).item(), 3)       # log(1 + exp(-3))
    0.049
    >>> round(relativistic_discriminator_loss(real, real).item(), 3)       # log 2
    0.693
    """
    return F.softplus(fake - real).mean()


def relativistic_loss(real: Tensor, fake: Tensor) -> Tensor:
    """``E softplus(-(D(G(z)) - D(x)))``, the generator's side: its picture must seem more real than the real one.

    Arguments and source are those of ``relativistic_discriminator_loss``.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import relativistic_loss
    >>> real, fake = torch.tensor([5.0]), torch.tensor([2.0])
    >>> round(relativistic_loss(real, fake).item(), 3)         # log(1 + exp(3))
    3.049
    """
    return F.softplus(real - fake).mean()


def least_squares_discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """``E (D(x) - 1)^2 / 2 + E D(G(z))^2 / 2`` on raw outputs (LSGAN, Mao et al. 2017, eq. 9).

    Of any shapes; the result is a scalar of at least 0.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import least_squares_discriminator_loss
    >>> half = torch.full((4,), 0.5)
    >>> least_squares_discriminator_loss(half, half).item()        # (1/4 + 1/4) / 2
    0.25
    >>> least_squares_discriminator_loss(real=torch.ones(4), fake=torch.zeros(4)).item()
    0.0
    """
    return 0.5 * ((real - 1).square().mean() + fake.square().mean())


def least_squares_loss(fake: Tensor) -> Tensor:
    """``E (D(G(z)) - 1)^2 / 2`` on raw outputs, any shape: at least 0 (LSGAN, Mao et al. 2017, eq. 9).

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import least_squares_loss
    >>> least_squares_loss(torch.tensor([0.0, 1.0])).item()        # of one seen through and one taken for real
    0.25
    """
    return 0.5 * (fake - 1).square().mean()


def hinge_discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """``E max(0, 1 - D(x)) + E max(0, 1 + D(G(z)))`` on raw outputs, any shapes: at least 0 (Lim and Ye 2017).

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import hinge_discriminator_loss
    >>> hinge_discriminator_loss(real=torch.tensor([3.0, 1.0]), fake=torch.tensor([-1.0])).item()     # sure enough
    0.0
    >>> hinge_discriminator_loss(real=torch.zeros(2), fake=torch.zeros(2)).item()
    2.0
    """
    return F.relu(1 - real).mean() + F.relu(1 + fake).mean()


def hinge_loss(fake: Tensor) -> Tensor:
    """``-E D(G(z))`` on raw outputs, any shape; the result may be any number (Lim and Ye 2017).

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import hinge_loss
    >>> hinge_loss(torch.tensor([1.0, 3.0])).item()
    -2.0
    """
    return -fake.mean()


class AdversarialLoss(NamedTuple):
    """The sides of one game, all minimised.

    ``discriminator(real, fake)`` is ``accept(real) + refuse(fake)``: what it pays for pictures that it must take for
    real, and for others, of which there may be several kinds. ``generator(fake)`` is the other player's. All take
    logits of any shapes and give a scalar.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import adversarial_loss
    >>> game, half = adversarial_loss("least_squares"), torch.tensor([0.5])
    >>> game.accept(half).item(), game.refuse(half).item(), game.discriminator(half, half).item()
    (0.125, 0.125, 0.25)
    >>> game.generator(half).item()
    0.125
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
    """The losses of the game called ``name``.

    Raises
    ------
    ValueError
        If there is none of this name; it lists those there are.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import adversarial_loss
    >>> adversarial_loss("hinge").generator(torch.tensor([2.0])).item()
    -2.0
    >>> adversarial_loss("wasserstein")
    Traceback (most recent call last):
        ...
    ValueError: name must be one of ['hinge', 'least_squares', 'minimax', 'non_saturating'], got 'wasserstein'
    """
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

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import edge_promoting_loss
    >>> undecided = torch.zeros(1, 1, 8, 8)        # a PatchGAN's map
    >>> round(edge_promoting_loss(undecided, undecided, undecided).item(), 3)      # 3 log 2
    2.079
    >>> one, zero = torch.ones(4), torch.zeros(4)
    >>> edge_promoting_loss(cartoon=one, smooth=one, fake=zero, kind="least_squares").item()   # blurs look real to it
    0.5
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

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import grey_adversarial_loss
    >>> one, zero = torch.ones(4), torch.zeros(4)
    >>> grey_adversarial_loss(cartoon=one, fake=zero, grey=zero, grey_smooth=zero).item()      # all four right
    0.0
    >>> grey_adversarial_loss(cartoon=one, fake=zero, grey=one, grey_smooth=zero).item()       # misses that one is grey
    0.5
    """
    game = adversarial_loss(kind)
    terms = game.accept(cartoon), game.refuse(fake), game.refuse(grey), game.refuse(grey_smooth)
    return torch.stack([weight * term for weight, term in zip(weights, terms, strict=True)]).sum()
