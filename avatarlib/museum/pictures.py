"""Failures that one sees in pictures: checkerboards, a memory of few pictures, colours let go."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from avatarlib.losses import bce_discriminator_loss, colour_loss, grey, rgb_to_yuv
from avatarlib.museum.exhibit import Exhibit

__all__ = ["checkerboard", "colour_collapse", "discriminator_overfitting"]


def checkerboard(*, seed: int, filters: int = 4096) -> Exhibit:
    """A transposed convolution whose stride does not divide its kernel paints unevenly (Odena et al. 2016).

    A flat input goes through ``filters`` random kernels of stride 2. Measured: their root mean square along a row
    of the output, over the row's mean: 1 everywhere is even. Failed: kernel 3; cured: kernel 4.
    """
    draws = torch.Generator().manual_seed(seed)

    def row(kernel: int) -> pd.Series:
        weights = torch.randn(1, filters, kernel, kernel, generator=draws)
        strength = F.conv_transpose2d(torch.ones(1, 1, 12, 12), weights, stride=2).square().mean(1).sqrt()[0]
        middle = strength[8, 4:16]
        return pd.Series((middle / middle.mean()).numpy()).rename_axis("pixel of a row")

    return Exhibit("checkerboard", "strength of a pixel", row(3), row(4))


def discriminator_overfitting(*, seed: int, pictures: int = 32, rounds: int = 400) -> Exhibit:
    """A discriminator that sees few pictures learns them by heart; DiffAugment delays it (Zhao et al. 2020).

    Pictures are coloured discs of 16 pixels, and the fakes are discs too, always new: there is nothing to tell
    apart but memory. Measured: mean logit of the ``pictures`` it trains on, less that of 512 held-out ones. Cured:
    real and fake pictures are shifted and brightened by chance before each lesson.
    """
    def game(augment: Callable[[Tensor, torch.Generator], Tensor]) -> pd.Series:
        draws = torch.Generator().manual_seed(seed)
        real, held_out = discs(pictures, draws), discs(512, draws)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            judge = nn.Sequential(nn.Flatten(), nn.Linear(768, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))
        optimiser, drift = torch.optim.Adam(judge.parameters(), 1e-3), {}
        for number in range(1, rounds + 1):
            loss = bce_discriminator_loss(judge(augment(real, draws)), judge(augment(discs(pictures, draws), draws)))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            if number % (rounds // 20) == 0:
                with torch.no_grad():
                    drift[number] = (judge(real).mean() - judge(held_out).mean()).item()
        return pd.Series(drift).rename_axis("round")

    return Exhibit("discriminator overfitting", "logit: trained on, less held out",
                   game(lambda images, _: images), game(diff_augment))


def discs(n: int, draws: torch.Generator) -> Tensor:
    """Discs (n, 3, 16, 16) in [-1, 1] on white, of any place and colour."""
    line = torch.arange(16.0)
    x, y = (torch.rand(n, 1, 1, 1, generator=draws) * 8 + 4 for _ in range(2))
    inside = ((line[None, :] - x) ** 2 + (line[:, None] - y) ** 2) < 16
    return torch.where(inside, torch.rand(n, 3, 1, 1, generator=draws) * 2 - 1, 1.0)


def diff_augment(images: Tensor, draws: torch.Generator) -> Tensor:
    """Shift each picture by up to 4 pixels and brighten it by up to 0.5: two of DiffAugment's three steps."""
    size = images.shape[-1]
    padded = F.pad(images, (4, 4, 4, 4), value=1.0)
    places = torch.randint(9, (len(images), 2), generator=draws).tolist()
    moved = [picture[:, y:y + size, x:x + size] for picture, (y, x) in zip(padded, places, strict=True)]
    return torch.stack(moved) + torch.rand(len(images), 1, 1, 1, generator=draws) - 0.5


def colour_collapse(*, seed: int, rounds: int = 400) -> Exhibit:
    """A content loss that sees only grey lets colours go; a colour loss brings them back (AnimeGAN, Chen et al. 2020).

    A network of 1x1 convolutions redraws coloured discs. Measured: the mean distance of its U and V from the
    picture's. Failed: L1 of the grey pictures; cured: that and ``colour_loss`` with AnimeGAN's weight 10.
    """
    def game(weight: float) -> pd.Series:
        draws = torch.Generator().manual_seed(seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            painter = nn.Sequential(nn.Conv2d(3, 16, 1), nn.LeakyReLU(0.2), nn.Conv2d(16, 3, 1), nn.Tanh())
        optimiser, lost = torch.optim.Adam(painter.parameters(), 1e-2), {}
        for number in range(1, rounds + 1):
            photo = discs(32, draws)
            drawn = painter(photo)
            loss = F.l1_loss(grey(drawn), grey(photo)) + weight * colour_loss(drawn, photo)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            if number % (rounds // 20) == 0:
                ours, theirs = (rgb_to_yuv((images.detach() + 1) / 2)[:, 1:] for images in (drawn, photo))
                lost[number] = (ours - theirs).abs().mean().item()
        return pd.Series(lost).rename_axis("round")

    return Exhibit("colour collapse", "distance of colours", game(0.0), game(10.0))
