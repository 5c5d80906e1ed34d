"""pix2pix (Isola et al. 2017): each photograph comes with its drawing, the answer, as in none of the five papers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from avatarlib.models import cartoongan
from avatarlib.models.cyclegan import PatchDiscriminator
from avatarlib.recipes.translation import Translation, TranslationConfig

__all__ = ["Pix2Pix", "Pix2PixConfig"]


@dataclass(frozen=True)
class Pix2PixConfig(TranslationConfig):
    """Settings of pix2pix; the defaults are its authors' code, with CartoonGAN's generator instead of their U-Net.

    Examples
    --------
    >>> from avatarlib.recipes import Pix2PixConfig
    >>> Pix2PixConfig().l1_weight, Pix2PixConfig.preset("ours").l1_weight
    (100.0, 30.0)
    """

    adversarial: str = "non_saturating"
    adversarial_weight: float = 1.0
    blocks: int = 8
    upsampling: str = "transposed"                # "resize" is ours
    judge_layers: int = 3
    l1_weight: float = 100.0
    penalty_weight: float = 0.0                   # ours, as in CycleGANConfig
    penalty_every: int = 4

    @classmethod
    def presets(cls) -> dict[str, Pix2PixConfig]:
        """``full`` is the authors' code; ``ours`` for little time, ``quick`` smaller for a CPU, ``smoke`` tiny."""
        ours = cls(size=128, width=16, judge_width=24, upsampling="resize", batch_size=4, rounds=5_000, l1_weight=30.0,
                   generator_rate=5e-4, penalty_weight=1e-4)
        return {"full": cls(), "ours": ours,
                "quick": replace(ours, size=64, blocks=4, judge_width=16, judge_layers=2, rounds=400, ema_decay=0.99),
                "smoke": replace(ours, size=32, width=8, judge_width=8, judge_layers=2, blocks=1, batch_size=2,
                                 rounds=6, ema_decay=0.9)}


class Pix2Pix(Translation):
    """A generator that knows the answers, and a discriminator that sees photograph and drawing together; see ``step``.

    Batches hold "photo" and "photo/drawing", both (n, 3, S, S) in [-1, 1]: the drawings are an extra of the set of
    photographs.

    Parameters
    ----------
    config : Pix2PixConfig, optional
    seed : int
        Seeds the weights.

    Raises
    ------
    ValueError
        If ``config`` names an unknown loss or upsampling.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.recipes import Pix2Pix, Pix2PixConfig
    >>> game = Pix2Pix(Pix2PixConfig.preset("smoke"))
    >>> losses = game.step({"photo": torch.zeros(2, 3, 32, 32), "photo/drawing": torch.ones(2, 3, 32, 32)})
    >>> list(losses)
    ['adversarial', 'l1', 'discriminator', 'change', 'likeness']
    """

    config: Pix2PixConfig

    def __init__(self, config: Pix2PixConfig | None = None, *, seed: int = 0) -> None:
        super().__init__(config or Pix2PixConfig())
        settings = self.config
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.networks = {
                "generator": cartoongan.Generator(settings.width, settings.blocks, upsampling=settings.upsampling),
                "discriminator": PatchDiscriminator(settings.judge_width, settings.judge_layers, channels=6)}
        self.begin({"discriminator": ("discriminator",), "generator": ("generator",)}, ("generator",), seed=seed,
                   shown=("photo",))

    def step(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """One round: the discriminator on pairs, true and drawn, then the generator.

        The generator's loss is that of the game plus ``l1_weight`` times the mean absolute error (Isola et al. 2017,
        equation 4). At an ``adversarial_weight`` of 0 there is no game, and what is not computed is 0.
        """
        config = self.config
        photo, truth = self.begin_round(batch, "photo", "photo/drawing")
        fake = self.draw("generator", photo)
        told = {name: photo.new_zeros(()) for name in ("adversarial", "l1", "discriminator")}
        if config.adversarial_weight:
            real_pair, fake_pair = torch.cat([photo, truth], 1), torch.cat([photo, fake], 1)
            told["discriminator"] = self.telling_apart("discriminator", real_pair, fake_pair.detach())
            self.update("discriminator", told["discriminator"] + self.slope_penalty(
                "discriminator", real_pair, config.penalty_weight, config.penalty_every))
            told["adversarial"] = self.fooling("discriminator", fake_pair)
        told["l1"] = (fake - truth).abs().mean()
        self.update("generator", config.adversarial_weight * told["adversarial"] + config.l1_weight * told["l1"])
        return {**{name: loss.detach() for name, loss in told.items()}, **self.compare(photo, fake)}

    @torch.no_grad()
    def translate(self, photos: Tensor) -> Tensor:
        """Drawings (N, 3, H, W) of ``photos`` in [-1, 1] by the averaged generator."""
        return self.averaged("generator")(photos).float()
