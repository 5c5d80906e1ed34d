"""Failures of the game itself, on points in the plane: the games of chapter 1."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import torch
from torch import Tensor, nn

from avatarlib.data.mixture import ring
from avatarlib.losses import bce_discriminator_loss, minimax_loss, non_saturating_loss
from avatarlib.museum.exhibit import Exhibit
from avatarlib.recipes.toy import PointGAN

__all__ = ["batch_norm_leak", "hidden_shift", "mode_collapse", "vanishing_gradient"]


def mode_collapse(*, seed: int, rounds: int = 1200) -> Exhibit:
    """A generator that learns against a discriminator left behind: Goodfellow et al. 2014, section 3, "Helvetica".

    Both games have ``rounds`` lessons for the generator. In the failed one the discriminator has one to a hundred
    of them, in the cured one as many. Counted: modes reached out of eight.
    """
    def game(every: int) -> pd.Series:
        recipe, source, draws = PointGAN(seed=seed), ring(), torch.Generator().manual_seed(seed)
        found = {}
        for number in range(1, rounds + 1):
            if number % every == 1 % every:
                recipe.teach(source.sample(128, generator=draws))
            recipe.update("generator", recipe.generator_loss())
            if number % (rounds // 20) == 0:
                found[number] = source.coverage(recipe.samples()).modes
        return pd.Series(found).rename_axis("generator's lessons")

    return Exhibit("mode collapse", "modes reached", game(100), game(1))


def vanishing_gradient(*, seed: int, lessons: int = 1000) -> Exhibit:
    """A discriminator that is taught alone wins, and the minimax loss gives the generator no slope (section 3, too).

    Measured: the norm of the generator's gradient under the minimax loss, and under the non-saturating one.
    """
    recipe, source, draws = PointGAN(seed=seed), ring(), torch.Generator().manual_seed(seed)
    noise = torch.randn(512, recipe.config.latent, generator=torch.Generator().manual_seed(seed))

    def pull(loss: Callable[[Tensor], Tensor]) -> float:
        slopes = torch.autograd.grad(loss(recipe.discriminator(recipe.generator(noise))),
                                     list(recipe.generator.parameters()))
        return torch.cat([slope.flatten() for slope in slopes]).norm().item()

    rows = {}
    for lesson in range(lessons + 1):
        if lesson % (lessons // 20) == 0:
            rows[lesson] = {"failed": pull(minimax_loss), "cured": pull(non_saturating_loss)}
        recipe.teach(source.sample(128, generator=draws))
    frame = pd.DataFrame(rows).T.rename_axis("lessons of the discriminator alone")
    return Exhibit("vanishing gradient", "generator's gradient", frame["failed"], frame["cured"], logarithmic=True)


def batch_norm_leak(*, seed: int, swaps: int = 20) -> Exhibit:
    """In a joint batch under batch normalisation, a fake's logit depends on the real points beside it (ours).

    Measured: the mean change of the same fakes' logits when only the real half is swapped. Failed: one joint batch;
    cured: separate batches, where it is 0.
    """
    draws = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        judge = nn.Sequential(nn.Linear(2, 64), nn.BatchNorm1d(64), nn.LeakyReLU(0.2), nn.Linear(64, 1))
    fake = torch.randn(64, 2, generator=draws)
    reals = [ring(radius=2 + 0.1 * swap).sample(64, generator=draws) for swap in range(swaps + 1)]
    with torch.no_grad():
        joint = [judge(torch.cat([real, fake]))[64:] for real in reals]
        apart = [(judge(real), judge(fake))[1] for real in reals]
    index = pd.Index(range(1, swaps + 1), name="swap of the real half")
    failed, cured = (pd.Series([(other - logits[0]).abs().mean().item() for other in logits[1:]], index)
                     for logits in (joint, apart))
    return Exhibit("batch-norm leakage", "change of the fakes' logits", failed, cured)


def hidden_shift(*, seed: int, rounds: int = 300) -> Exhibit:
    """The reverse fault: separate batches under batch normalisation hide a difference of means (ours).

    Real points are N(0, 1), fakes N(1, 1). Measured: the discriminator's loss. Failed: separate batches, each
    normalised on its own, so the loss stays near that of a coin, 2 log 2; cured: no normalisation.
    """
    def game(norm: nn.Module) -> pd.Series:
        draws = torch.Generator().manual_seed(seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            judge = nn.Sequential(nn.Linear(2, 64), norm, nn.LeakyReLU(0.2), nn.Linear(64, 1))
        optimiser, losses = torch.optim.Adam(judge.parameters(), 1e-2), {}
        for number in range(1, rounds + 1):
            real, fake = (torch.randn(256, 2, generator=draws) + shift for shift in (0.0, 1.0))
            loss = bce_discriminator_loss(judge(real), judge(fake))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses[number] = loss.item()
        return pd.Series(losses).rename_axis("round")

    return Exhibit("hidden shift", "discriminator's loss", game(nn.BatchNorm1d(64)), game(nn.Identity()))
