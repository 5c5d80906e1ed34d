"""Contrastive translation (CUT, Park et al. 2020): a place of the cartoon knows its place in the photograph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from avatarlib.losses import patch_nce_loss
from avatarlib.models.cut import PatchHeads
from avatarlib.models.cyclegan import Generator, PatchDiscriminator
from avatarlib.recipes.translation import Translation, TranslationConfig

__all__ = ["CUT", "CUTConfig"]


@dataclass(frozen=True)
class CUTConfig(TranslationConfig):
    """Settings of CUT; the defaults are those of its authors' code, except where marked.

    Both networks are CycleGAN's as they stand. The authors' code blurs at each change of size, which makes those layers
    about four times as costly; here all methods share one generator, so that only the games differ.

    Examples
    --------
    >>> from avatarlib.recipes import CUTConfig
    >>> CUTConfig(temperature=0.0)
    Traceback (most recent call last):
        ...
    ValueError: temperature must be above 0 and finite, got 0.0
    >>> CUTConfig.preset("quick").size
    64
    """

    epochs: int = 400                             # 200 at the full rate, 200 falling
    blocks: int = 9
    upsampling: str = "transposed"                # "resize" is ours
    skip: bool = False                            # ours, as in CycleGANConfig
    judge_layers: int = 3
    nce_weight: float = 1.0
    identity_nce: bool = True                     # cartoons, drawn again, must keep their places too
    patches: int = 256                            # places of a picture
    temperature: float = 0.07
    penalty_weight: float = 0.0                   # ours, as in CycleGANConfig
    penalty_every: int = 4

    @classmethod
    def presets(cls) -> dict[str, CUTConfig]:
        """``full`` is the authors' code; ``ours`` for little time, ``quick`` smaller for a CPU, ``smoke`` tiny."""
        ours = cls(size=128, width=32, judge_width=32, blocks=6, upsampling="resize", batch_size=8, rounds=15_000)
        return {"full": cls(), "ours": ours,
                "quick": replace(ours, size=64, width=16, judge_width=16, judge_layers=2, batch_size=4, rounds=400,
                                 ema_decay=0.99),
                "smoke": replace(ours, size=32, width=8, judge_width=8, judge_layers=2, blocks=2, batch_size=2,
                                 rounds=6, patches=16, ema_decay=0.9)}


class CUT(Translation):
    """One generator, one discriminator, and heads that compare places of two pictures; see ``step``.

    Parameters
    ----------
    config : CUTConfig, optional
    seed : int
        Seeds the weights and the places.

    Raises
    ------
    ValueError
        If ``config`` names an unknown loss or upsampling.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.recipes import CUT, CUTConfig
    >>> game = CUT(CUTConfig.preset("smoke"))
    >>> losses = game.step({"photo": torch.rand(2, 3, 32, 32), "cartoon": torch.rand(2, 3, 32, 32)})
    >>> list(losses)
    ['adversarial', 'nce', 'identity', 'discriminator', 'change', 'likeness']
    >>> tuple(game.translate(torch.zeros(1, 3, 32, 32)).shape)
    (1, 3, 32, 32)
    """

    config: CUTConfig

    def __init__(self, config: CUTConfig | None = None, *, seed: int = 0) -> None:
        super().__init__(config or CUTConfig())
        settings = self.config
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.generator = Generator(settings.width, settings.blocks, settings.upsampling, settings.skip)
            self.heads = PatchHeads(self.generator.channels)
            self.networks = {"generator": self.generator, "heads": self.heads,
                             "discriminator": PatchDiscriminator(settings.judge_width, settings.judge_layers)}
        self.begin({"discriminator": ("discriminator",), "generator": ("generator", "heads")}, ("generator",),
                   seed=seed)

    def step(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """One round: the discriminator, then the generator with the heads (the authors' order).

        The generator's encoder sees the cartoon and the photograph; a place of the one must be more like the same
        place of the other than like 255 others of the same photograph.
        """
        config = self.config
        photo, cartoon = self.begin_round(batch, "photo", "cartoon")
        drawn = self.draw("generator", torch.cat([photo, cartoon]) if config.identity_nce else photo)
        fake, same = drawn[:len(photo)], drawn[len(photo):]
        d_loss = self.telling_apart("discriminator", cartoon, fake.detach())
        self.update("discriminator", d_loss + self.slope_penalty("discriminator", cartoon, config.penalty_weight,
                                                                 config.penalty_every))

        adversarial, nce = self.fooling("discriminator", fake), self.contrast(photo, fake)
        identity = self.contrast(cartoon, same) if config.identity_nce else nce
        self.update("generator", config.adversarial_weight * adversarial + config.nce_weight * (nce + identity) / 2)
        return {"adversarial": adversarial.detach(), "nce": nce.detach(), "identity": identity.detach(),
                "discriminator": d_loss.detach(), **self.compare(photo, fake)}

    def contrast(self, original: Tensor, drawn: Tensor) -> Tensor:
        """The contrastive loss of a picture and what became of it, a mean over layers; the original's side is fixed.

        The learning side comes first, for some versions of torch keep autocast's copies of weights from a pass
        without gradients, and the next pass would then leave none.
        """
        queries, places = self.heads(self.generator.features(drawn), patches=self.config.patches, generator=self.rng)
        with torch.no_grad():
            keys, _ = self.heads(self.generator.features(original), places)
        return torch.stack([patch_nce_loss(query, key, self.config.temperature)
                            for query, key in zip(queries, keys, strict=True)]).mean()

    @torch.no_grad()
    def translate(self, photos: Tensor) -> Tensor:
        """Cartoons (N, 3, H, W) of ``photos`` in [-1, 1] by the averaged generator."""
        return self.averaged("generator")(photos).float()
