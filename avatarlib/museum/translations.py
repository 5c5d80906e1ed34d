"""A failure of translations: the output equals the input."""

from __future__ import annotations

import pandas as pd
import torch
from torch import nn

from avatarlib.losses import bce_discriminator_loss, cycle_loss, non_saturating_loss
from avatarlib.models.toy import PointDiscriminator, PointGenerator
from avatarlib.museum.exhibit import Exhibit

__all__ = ["identity_map"]


def identity_map(*, seed: int, rounds: int = 600) -> Exhibit:
    """Without a judge, the cheapest way through a cycle is to change nothing (Zhu et al. 2017, section 3.2).

    Two translators add a step to points: N(0, 0.3) has to become N((2, 0), 0.3), and come back. Measured: how far
    from the target's centre the translated points' mean ends. Failed: the cycle loss alone; cured: a judge of the
    target beside it.
    """
    def game(judged: float) -> pd.Series:
        draws = torch.Generator().manual_seed(seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            there, back, judge = PointGenerator(), PointGenerator(), PointDiscriminator()
        for step in (there, back):
            nn.init.zeros_(list(step.parameters())[-2])
        movers = torch.optim.Adam([*there.parameters(), *back.parameters()], 1e-3, betas=(0.5, 0.999))
        teacher = torch.optim.Adam(judge.parameters(), 1e-3, betas=(0.5, 0.999))
        centre, missed = torch.tensor([2.0, 0.0]), {}
        for number in range(1, rounds + 1):
            photo, cartoon = (0.3 * torch.randn(128, 2, generator=draws) + shift for shift in (0 * centre, centre))
            fake = photo + there(photo)
            loss = cycle_loss(fake + back(fake), photo) + judged * non_saturating_loss(judge(fake))
            movers.zero_grad()
            loss.backward()
            movers.step()
            teacher.zero_grad()
            bce_discriminator_loss(judge(cartoon), judge(fake.detach())).backward()
            teacher.step()
            if number % (rounds // 20) == 0:
                missed[number] = (fake.detach().mean(0) - centre).norm().item()
        return pd.Series(missed).rename_axis("round")

    return Exhibit("identity map", "distance from the target", game(0.0), game(1.0))
