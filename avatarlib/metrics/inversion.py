"""P3: rebuild held-out real images with the generator, then compare each with its own copy."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from avatarlib.metrics.images import DATA_RANGE, Images, ImageSource, draw, to_intensity
from avatarlib.metrics.pairwise import METRICS, mean_squared_error
from avatarlib.metrics.score import Score, mean_score

__all__ = ["Inversion", "inversion", "rebuild"]


@dataclass(frozen=True)
class Inversion:
    """Real images, what the generator makes of them, and how close that is.

    Attributes
    ----------
    real, images : Tensor
        The targets and their copies, (n, 3, H, W) in [-1, 1].
    noise : Tensor
        The vectors found, (n, latent). Nothing holds them to N(0, 1): a norm far above ``sqrt(latent)``
        says that the copy lies where the generator is never sampled.
    ssim, psnr : Score
        Paired, over the ``n`` images.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import inversion
    >>> from avatarlib.models.dcgan import Generator
    >>> found = inversion(Generator(latent=4, width=2), torch.zeros(3, 3, 64, 64), n=2, seed=0, steps=1)
    >>> tuple(found.images.shape), tuple(found.noise.shape), found.ssim.protocol
    ((2, 3, 64, 64), (2, 4), 'P3 inversion in 1 steps')
    """

    real: Tensor
    images: Tensor
    noise: Tensor
    ssim: Score
    psnr: Score


def inversion(generator: nn.Module, real: ImageSource, *, n: int, seed: int, steps: int = 500,
              learning_rate: float = 0.05, latent: int | None = None) -> Inversion:
    """P3: how well can the generator draw ``n`` real images it has never seen?

    For each image Adam looks for the noise whose avatar has the smallest mean squared error, from a random
    start (``rebuild``); then SSIM and PSNR compare each image with its own copy. A lower bound: a better
    search may find a better copy.

    Parameters
    ----------
    generator : nn.Module
        Noise (n, latent) -> images (n, 3, H, W) in [-1, 1]. Used in evaluation mode and left as it was.
    real : ImageSource
        Held-out images, at least ``n``.
    n, seed : int
        Images to rebuild, and the seed of their draw and of the first noise.
    steps : int
        Updates of Adam.
    learning_rate : float
        Of Adam (our choice).
    latent : int, optional
        Length of the noise vector; ``generator.latent`` by default.

    Raises
    ------
    ValueError
        If there are fewer than ``n`` images, ``steps`` is below 1, or the noise's length is unknown.

    Examples
    --------
    >>> import torch
    >>> from torch import nn
    >>> from avatarlib.metrics import inversion
    >>> generator = nn.Sequential(nn.Linear(2, 3 * 16 * 16), nn.Tanh(), nn.Unflatten(1, (3, 16, 16)))
    >>> own = generator(torch.randn(3, 2)).detach()             # pictures of its own, to be found again
    >>> round(inversion(generator, own, n=3, seed=0, steps=100, learning_rate=0.1, latent=2).ssim.value, 2)
    1.0
    """
    images = Images("real", real)
    draws = torch.Generator().manual_seed(seed)
    target = 2 * images.batch(draw(images, n, draws)) - 1   # the generator's range
    length = latent if latent is not None else getattr(generator, "latent", None)
    if not isinstance(length, int):
        raise ValueError(f"latent must be given for a generator without the attribute, got {latent!r}")
    noise, copies = rebuild(generator, target, torch.randn(n, length, generator=draws), steps=steps,
                            learning_rate=learning_rate)
    target, copies = target.cpu(), copies.cpu()
    pair = to_intensity(copies), to_intensity(target)
    ssim, psnr = (
        mean_score(METRICS[metric](*pair, data_range=DATA_RANGE), metric=metric, seed=seed,
                   size=target.shape[-1], data_range=DATA_RANGE, protocol=f"P3 inversion in {steps} steps")
        for metric in ("ssim", "psnr"))
    return Inversion(target, copies, noise.cpu(), ssim, psnr)


def rebuild(generator: nn.Module, target: Tensor, start: Tensor, *, steps: int,
            learning_rate: float) -> tuple[Tensor, Tensor]:
    """Noise (n, latent) and images (n, 3, H, W) after ``steps`` of Adam on the squared error to ``target``.

    The images do not influence one another: the losses are summed, Adam scales each number by its own
    history, and in evaluation mode batch normalisation uses stored statistics.
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps!r}")
    device = next(generator.parameters()).device
    target = target.to(device)
    noise = start.clone().to(device).requires_grad_(True)
    optimiser = torch.optim.Adam([noise], lr=learning_rate)
    was_training = generator.training
    generator.eval()
    try:
        for _ in range(steps):
            loss = mean_squared_error(generator(noise), target).sum()
            (noise.grad,) = torch.autograd.grad(loss, noise)   # the generator's weights get no gradient
            optimiser.step()
        with torch.no_grad():
            return noise.detach(), generator(noise)
    finally:
        generator.train(was_training)
