"""ACGAN's game (Xu; Jin et al. 2017): real or fake, with which tags, and a slope near 1 around real avatars."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor

from avatarlib.losses import bce_discriminator_loss, dragan_penalty, non_saturating_loss, tag_cross_entropy
from avatarlib.models.acgan import Discriminator, Generator
from avatarlib.models.growing import grow_discriminator, grow_generator, take_matching
from avatarlib.recipes.base import Recipe, fused_adam
from avatarlib.recipes.bounds import Bounded

__all__ = ["ACGAN", "ACGANConfig", "exponential_decay"]

SampleTags = Callable[[int, torch.Generator], Tensor]


@dataclass(frozen=True)
class ACGANConfig(Bounded):
    """Settings of an ACGAN; the defaults are the papers', except where marked.

    Xu gives networks, initial weights and conditions; what else is Jin et al.'s was read from
    reimplementations of their paper ("ports").

    Examples
    --------
    >>> from dataclasses import replace
    >>> from avatarlib.recipes import ACGANConfig
    >>> quick = ACGANConfig.preset("quick")
    >>> quick.size, quick.rounds, replace(quick, rounds=2_000).rounds
    (32, 1000, 2000)
    """

    latent: int = 128                             # Jin et al.'s published generator
    tags: int = 34                                # likewise
    size: int = 128                               # Xu; 64 is ours
    blocks: int = 16                              # Xu, Fig. 5
    width: int = 64                               # Jin et al., Fig. 3: of the generator
    judge_width: int = 32                         # Jin et al., Fig. 4: of the discriminator's first stage
    kernel: int = 3                               # Fig. 4; two ports: 4, see Discriminator
    judge_init: str = "paper"                     # Xu: all weights from N(0, 0.02); "he" is ours, see Discriminator
    batch_size: int = 64                          # ports
    rounds: int = 60_000                          # Xu, who calls them epochs
    learning_rate: float = 2e-4                   # ports, both networks
    generator_rate: float | None = None           # ours: the generator's own learning rate, if not the same
    betas: tuple[float, float] = (0.5, 0.999)     # ports
    decay_after: int = 50_000                     # a port: exponential decay from this round on,
    decay_rounds: int = 50_000                    # ours: by a factor of 10 in so many rounds (rate unstated)
    adversarial_weight: float = 34.0              # ports: the number of tags, beside a class loss summed over tags
    fake_tags_weight: float = 1.0                 # ports: of D's class loss on fakes; 0 is ours, see ``step``
    dragan_weight: float = 0.5                    # ports
    dragan_share: float = 1.0                     # all; less is ours: the penalty on this share of a batch only
    fresh_fakes: bool = False                     # ours: one batch of fakes a round serves both; ports: new ones
    ema_decay: float = 0.999                      # ours: samples come from the averaged generator

    @classmethod
    def presets(cls) -> dict[str, ACGANConfig]:
        """``full`` is the papers'; ``quick`` is small and begins fast, for a CPU (ours); ``smoke`` is tiny."""
        return {"full": cls(),
                "quick": cls(size=32, blocks=2, width=32, judge_width=24, judge_init="he", batch_size=16,
                             rounds=1_000, learning_rate=5e-4, generator_rate=1.5e-3, adversarial_weight=4.0,
                             dragan_share=0.25, ema_decay=0.99),
                "smoke": cls(size=64, blocks=1, width=8, judge_width=6, batch_size=16, rounds=20, ema_decay=0.9)}


def exponential_decay(after: int, rounds: int) -> Callable[[int], float]:
    """Factor of the learning rate at a round: 1 up to ``after``, then ten times smaller every ``rounds``."""
    def factor(step: int) -> float:
        return 0.1 ** (max(0, step - after) / rounds)
    return factor


class ACGAN(Recipe):
    """A generator that is told the tags against a discriminator that must also name them; see ``step``.

    ``sample_tags(n, generator)`` draws the conditions of n fakes, (n, tags) of 0 and 1, with random numbers of a CPU
    generator; ``seed`` fixes the weights, and noise and conditions of training and preview.

    Raises
    ------
    ValueError
        If ``sample_tags`` returns another shape, or the networks refuse a setting of ``config``.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.data import sample_drawable
    >>> from avatarlib.recipes import ACGAN, ACGANConfig
    >>> game = ACGAN(lambda n, generator: sample_drawable(n, generator=generator), ACGANConfig.preset("smoke"))
    >>> losses = game.step({"image": torch.rand(2, 3, 64, 64), "labels": torch.zeros(2, 34)})
    >>> round(losses["real_tags"].item(), 1)                   # it knows nothing yet: 34 log 2
    23.6
    >>> tuple(game.preview_tags.shape)                         # of the 64 avatars of game.preview()
    (64, 34)
    """

    def __init__(self, sample_tags: SampleTags, config: ACGANConfig | None = None, *, seed: int = 0) -> None:
        super().__init__()
        self.config = settings = config or ACGANConfig()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.generator = Generator(settings.latent, settings.tags, settings.blocks, settings.width, settings.size)
            self.discriminator = Discriminator(settings.tags, settings.judge_width, settings.size,
                                               settings.kernel, init=settings.judge_init)
        self.networks = {"generator": self.generator, "discriminator": self.discriminator}
        rates = {"discriminator": settings.learning_rate,
                 "generator": settings.generator_rate or settings.learning_rate}
        for name, network in self.networks.items():
            self.optimisers[name] = fused_adam([network], rates[name], settings.betas)
            self.schedulers[name] = torch.optim.lr_scheduler.LambdaLR(
                self.optimisers[name], exponential_decay(settings.decay_after, settings.decay_rounds))
        self.average("generator", settings.ema_decay)
        self.sample_tags = sample_tags
        self.rng.manual_seed(seed)
        fixed = torch.Generator().manual_seed(seed)
        self.preview_noise = torch.randn(64, settings.latent, generator=fixed)
        self.preview_tags = sample_tags(64, fixed)
        if self.preview_tags.shape != (64, settings.tags):
            raise ValueError(f"sample_tags(64, generator) must be (64, {settings.tags}), "
                             f"got {tuple(self.preview_tags.shape)}")

    def begin_from(self, other: ACGAN) -> None:
        """Begin with another game's averaged generator and its discriminator, enlarged if this one is twice its size.

        ValueError if the networks of ``other`` are not those of this game, at its size or half of it.
        """
        averaged, size = cast(Generator, other.averaged("generator")), self.config.size
        growing = 2 * other.config.size == size
        taken = (grow_generator(averaged) if growing else averaged).state_dict()
        wanted = {name: value.shape for name, value in self.generator.state_dict().items()}
        if other.config.size not in (size, size // 2) or {n: v.shape for n, v in taken.items()} != wanted:
            weights = sum(p.numel() for p in averaged.parameters())
            raise ValueError(f"other must be this game at {size} or {size // 2} pixels, got one at "
                             f"{other.config.size} pixels with a generator of {weights:,} parameters")
        self.generator.load_state_dict(taken)
        self.averages["generator"].module.load_state_dict(taken)
        (grow_discriminator if growing else take_matching)(self.discriminator, other.discriminator)

    def step(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """One round: the discriminator on real avatars and fakes, then the generator.

        Both classify with the tags that belong to the picture: a real one's labels, a fake's conditions. If the
        discriminator learns from the latter too, the players may agree on marks that no real avatar has, and the
        loss is small for glasses that nobody sees; at ``fake_tags_weight`` 0 it learns tags from real ones only.
        """
        real, tags = batch["image"], batch["labels"]
        fake, wanted = self.fakes(len(real))
        real_logits, real_tags = self.judge(real)
        fake_logits, fake_tags = self.judge(fake.detach())
        d_loss = bce_discriminator_loss(real_logits, fake_logits)
        d_tags, d_fake_tags = tag_cross_entropy(real_tags, tags), tag_cross_entropy(fake_tags, wanted)
        penalty = self.penalty(real)
        self.update("discriminator", self.config.adversarial_weight * d_loss + d_tags
                    + self.config.fake_tags_weight * d_fake_tags + self.config.dragan_weight * penalty)

        if self.config.fresh_fakes:
            fake, wanted = self.fakes(len(real))
        fake_logits, fake_tags = self.judge(fake)
        g_loss, g_tags = non_saturating_loss(fake_logits), tag_cross_entropy(fake_tags, wanted)
        self.update("generator", self.config.adversarial_weight * g_loss + g_tags)
        return {"discriminator": d_loss.detach(), "real_tags": d_tags.detach(), "fake_tags": d_fake_tags.detach(),
                "penalty": penalty.detach(), "generator": g_loss.detach(), "generator_tags": g_tags.detach()}

    def fakes(self, n: int) -> tuple[Tensor, Tensor]:
        """n avatars of new noise and conditions, and those conditions (n, tags)."""
        wanted = self.sample_tags(n, self.rng).to(self.device, non_blocking=True)
        return self.generator(self.noise(n, self.config.latent), wanted), wanted

    def judge(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """The discriminator's logits (N,) and tag logits (N, tags) in float32, whatever precision computed them."""
        logits, tags = self.discriminator(images)
        return logits.float(), tags.float()

    def penalty(self, real: Tensor) -> Tensor:
        """DRAGAN's penalty on the adversarial logits around ``real``, unweighted; 0, uncomputed, at weight 0.

        The slopes at the pictures are computed in bf16 where the run is: its exponents are float32's, and the
        error is far below the change from one draw of the noise to the next. In fp16 they would vanish, since
        loss scaling comes only after them; there the penalty is computed in float32.
        """
        if not self.config.dragan_weight:
            return real.new_zeros(())
        seen = real[:max(1, round(self.config.dragan_share * len(real)))]
        with torch.autocast(real.device.type, enabled=False) if self.scaler.is_enabled() else nullcontext():
            return dragan_penalty(lambda images: self.discriminator.logits(images).float(), seen)

    @torch.no_grad()
    def preview(self) -> Tensor:
        """64 avatars from fixed noise and fixed conditions by the averaged generator."""
        generator = self.averaged("generator")
        return generator(self.preview_noise.to(self.device), self.preview_tags.to(self.device)).float()
