"""DCGAN's networks under R3GAN's loss (Huang et al. 2024): relativistic pairs, and both penalties on slopes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from avatarlib.losses import r1_penalty, relativistic_discriminator_loss, relativistic_loss
from avatarlib.models.r3 import UnnormalisedDiscriminator
from avatarlib.recipes.base import Recipe
from avatarlib.recipes.bounds import Bounded
from avatarlib.recipes.dcgan import DCGAN

__all__ = ["R3DCGAN", "R3DCGANConfig"]


@dataclass(frozen=True)
class R3DCGANConfig(Bounded):
    """Settings of a DCGAN with R3GAN's loss; rates, betas and weights follow its authors' code, except where marked.

    Examples
    --------
    >>> from avatarlib.recipes import R3DCGANConfig
    >>> config = R3DCGANConfig()
    >>> config.penalty_weight, config.last_penalty_weight, config.burn_in_share * config.epochs    # falls in 60 epochs
    (2.0, 0.2, 60.0)
    """

    latent: int = 100
    width: int = 64
    batch_size: int = 64                          # ours, DCGAN's; R3GAN: 256 and more
    epochs: int = 300                             # ours, DCGAN's
    learning_rate: float = 2e-4                   # R3GAN: falling to 5e-5
    betas: tuple[float, float] = (0.0, 0.99)
    penalty_weight: float = 2.0                   # gamma, falling along a cosine
    last_penalty_weight: float = 0.2              # of FFHQ at 64 pixels
    burn_in_share: float = 0.2                    # of the run, in which it falls
    penalty_share: float = 0.25                   # ours: of each batch, for the penalties
    ema_decay: float = 0.999                      # ours

    @classmethod
    def presets(cls) -> dict[str, R3DCGANConfig]:
        """As DCGAN's: ``full``, ``quick`` of half the width, and ``smoke``."""
        return {"full": cls(),
                "quick": cls(width=32, epochs=30, ema_decay=0.99),
                "smoke": cls(width=8, epochs=1, ema_decay=0.9)}


class R3DCGAN(DCGAN):
    """DCGAN's generator, its discriminator without batch normalisation, and a loss that compares pairs.

    ``seed`` fixes weights and noise, the preview's too.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.recipes import R3DCGAN, R3DCGANConfig
    >>> game = R3DCGAN(R3DCGANConfig(width=8, epochs=300))
    >>> list(game.step({"image": torch.rand(4, 3, 64, 64)}))
    ['discriminator', 'generator', 'slopes']
    >>> weights = []
    >>> for game.round in (0, 30, 60):                         # rounds, here one an epoch
    ...     weights.append(round(game.gamma, 3))
    >>> weights
    [2.0, 1.1, 0.2]
    """

    def __init__(self, config: R3DCGANConfig | None = None, *, seed: int = 0) -> None:
        Recipe.__init__(self)
        self.config = config or R3DCGANConfig()
        self.begin(UnnormalisedDiscriminator, seed)

    @property
    def gamma(self) -> float:
        """The weight of the penalties in this round."""
        config = self.config
        passed = min(1.0, self.epoch / (config.burn_in_share * config.epochs)) if config.burn_in_share else 1.0
        fall = (1 + math.cos(math.pi * passed)) / 2
        return config.last_penalty_weight + (config.penalty_weight - config.last_penalty_weight) * fall

    def step(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """One round: the discriminator, with both penalties, then the generator against the same real pictures."""
        real = batch["image"]
        fake = self.generator(self.noise(len(real), self.config.latent))
        d_loss = relativistic_discriminator_loss(self.judge(real), self.judge(fake.detach()))
        slopes = self.slopes(real, fake.detach())
        self.update("discriminator", d_loss + self.gamma * slopes)
        g_loss = relativistic_loss(self.judge(real), self.judge(fake))
        self.update("generator", g_loss)
        return {"discriminator": d_loss.detach(), "generator": g_loss.detach(), "slopes": slopes.detach()}

    def slopes(self, real: Tensor, fake: Tensor) -> Tensor:
        """R1 and R2: half the squared slopes at real pictures and at fakes, in float32, on a share of the batch."""
        n = max(1, round(self.config.penalty_share * len(real)))
        with torch.autocast(real.device.type, enabled=False):
            return r1_penalty(self.judge, real[:n].float()) + r1_penalty(self.judge, fake[:n].float())
