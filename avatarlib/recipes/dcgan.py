"""DCGAN's game (Xiao et al., section III; Radford et al. 2016): one discriminator step, one generator step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from avatarlib.losses import adversarial_loss, dragan_penalty
from avatarlib.models.dcgan import Discriminator, Generator
from avatarlib.recipes.base import Recipe, fused_adam
from avatarlib.recipes.bounds import Bounded

__all__ = ["DCGAN", "DCGANConfig"]


@dataclass(frozen=True)
class DCGANConfig(Bounded):
    """Settings of a DCGAN; the defaults are the paper's, except where marked.

    Examples
    --------
    >>> from avatarlib.recipes import DCGANConfig
    >>> {name: config.width for name, config in DCGANConfig.presets().items()}
    {'full': 64, 'quick': 32, 'smoke': 8}
    >>> DCGANConfig(learning_rate=0)
    Traceback (most recent call last):
        ...
    ValueError: learning_rate must be above 0 and finite, got 0
    """

    latent: int = 100                             # paper
    width: int = 64                               # paper, Fig. 2 and 3
    batch_size: int = 64                          # paper
    epochs: int = 300                             # paper
    learning_rate: float = 2e-4                   # paper, both networks
    betas: tuple[float, float] = (0.5, 0.999)     # Radford et al.; the paper says "ensemble-based optimizer"
    adversarial: str = "non_saturating"           # paper: binary cross-entropy
    dragan_weight: float = 0.0                    # ours, off: 10 cures a discriminator that wins
    ema_decay: float = 0.999                      # ours: samples come from the averaged generator

    @classmethod
    def presets(cls) -> dict[str, DCGANConfig]:
        """``full`` is the paper's; ``quick`` halves the width and ``smoke`` makes it tiny, for a CPU."""
        return {"full": cls(),
                "quick": cls(width=32, epochs=30, ema_decay=0.99),
                "smoke": cls(width=8, epochs=1, ema_decay=0.9)}


class DCGAN(Recipe):
    """Generator against discriminator on real avatars; ``seed`` fixes weights and noise, the preview's too.

    Raises
    ------
    ValueError
        If ``config.adversarial`` is no name of ``avatarlib.losses.ADVERSARIAL_LOSSES``.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.recipes import DCGAN, DCGANConfig
    >>> game = DCGAN(DCGANConfig.preset("smoke"))
    >>> losses = game.step({"image": torch.rand(4, 3, 64, 64)})            # one round; a Trainer plays them all
    >>> list(losses)
    ['discriminator', 'generator']
    >>> tuple(game.preview().shape)
    (64, 3, 64, 64)
    """

    def __init__(self, config: DCGANConfig | None = None, *, seed: int = 0) -> None:
        super().__init__()
        self.config = config or DCGANConfig()
        self.losses = adversarial_loss(self.config.adversarial)
        self.begin(Discriminator, seed)

    def begin(self, judge: type[Discriminator], seed: int) -> None:
        """Networks, the discriminator of this class, with what trains them; noise, the preview's too."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.generator = Generator(self.config.latent, self.config.width)
            self.discriminator = judge(self.config.width)
        self.networks = {"generator": self.generator, "discriminator": self.discriminator}
        self.optimisers = {name: fused_adam([network], self.config.learning_rate, self.config.betas)
                           for name, network in self.networks.items()}
        self.average("generator", self.config.ema_decay)
        self.rng.manual_seed(seed)
        self.preview_noise = torch.randn(64, self.config.latent, generator=torch.Generator().manual_seed(seed))

    def step(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """One round: the discriminator, then the generator on the same fakes (Xiao et al., section III.B)."""
        real = batch["image"]
        fake = self.generator(self.noise(len(real), self.config.latent))
        d_loss = self.losses.discriminator(self.judge(real), self.judge(fake.detach()))
        if self.config.dragan_weight:
            d_loss = d_loss + self.config.dragan_weight * dragan_penalty(self.judge, real)
        self.update("discriminator", d_loss)
        g_loss = self.losses.generator(self.judge(fake))
        self.update("generator", g_loss)
        return {"discriminator": d_loss.detach(), "generator": g_loss.detach()}

    def judge(self, images: Tensor) -> Tensor:
        """The discriminator's logits (N,) in float32, whatever precision computed them."""
        return self.discriminator(images).float()

    @torch.no_grad()
    def preview(self) -> Tensor:
        """64 avatars from fixed noise by the averaged generator."""
        return self.averaged("generator")(self.preview_noise.to(self.device)).float()
