"""Gradient penalties: keep the discriminator's slope in check, so that its judgement stays useful.

All take ``discriminator``, a callable from images (N, ...) to logits (first axis N), and return a scalar
whose graph leads back to the discriminator's weights (double backward). Each is the plain expectation;
the weight (10 in the papers, 0.5 in the ACGAN of Xu) is the caller's.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["dragan_penalty", "r1_penalty"]

Critic = Callable[[Tensor], Tensor]


def input_gradient(discriminator: Critic, x: Tensor) -> Tensor:
    """Gradient of each sample's summed logits with respect to that sample, flattened: (N, D)."""
    x = x.detach().requires_grad_(True)
    (gradient,) = torch.autograd.grad(discriminator(x).sum(), x, create_graph=True)
    return gradient.flatten(1)


def per_sample(like: Tensor, generator: torch.Generator | None) -> Tensor:
    """One uniform number a sample, shaped to multiply ``like``."""
    draw = torch.rand(len(like), generator=generator, device=like.device, dtype=like.dtype)
    return draw.view(-1, *[1] * (like.ndim - 1))


def dragan_penalty(discriminator: Critic, real: Tensor, *, scale: float = 0.5,
                   generator: torch.Generator | None = None) -> Tensor:
    """``E (||grad D(x_hat)|| - 1)^2`` close around the real samples (DRAGAN, Kodali et al. 2017).

    The perturbation is the one of the ACGAN ports: ``x_hat = x + (1 - alpha) * delta`` with
    ``delta = scale * std(x over the whole batch) * U(0, 1)`` per element and ``alpha ~ U(0, 1)`` per sample.
    The norm runs over all axes but the first.

    Parameters
    ----------
    discriminator : callable
        Samples (N, ...) -> logits (N,); each must depend on its own sample alone.
    real : Tensor
        (N, ...), any range.
    scale : float
        Of the perturbation, in deviations of ``real``; 0.5 is the ports'.
    generator : torch.Generator, optional
        Of the perturbation, on the device of ``real``. Default: torch's own.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import dragan_penalty
    >>> real = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    >>> [dragan_penalty(lambda x, a=a: a * x[:, 0], real).item() for a in (1, 3)]      # slopes 1 and 3: (3 - 1)^2
    [0.0, 4.0]
    """
    noise = torch.rand(real.shape, generator=generator, device=real.device, dtype=real.dtype)
    delta = scale * real.std() * noise
    perturbed = real + (1 - per_sample(real, generator)) * delta
    return (input_gradient(discriminator, perturbed).norm(dim=1) - 1).square().mean()


def r1_penalty(discriminator: Critic, real: Tensor) -> Tensor:
    """``E ||grad D(x)||^2 / 2`` on real samples (Mescheder et al. 2018, eq. 9, with gamma = 1).

    ``discriminator`` and ``real`` are as in ``dragan_penalty``.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import r1_penalty
    >>> r1_penalty(lambda x: 3 * x[:, 0], torch.zeros(4, 3)).item()            # slope 3 everywhere: 3^2 / 2
    4.5
    """
    return 0.5 * input_gradient(discriminator, real).square().sum(dim=1).mean()
