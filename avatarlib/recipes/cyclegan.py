"""CycleGAN's game (Zhu et al. 2017; Tian): two translators, and each picture must find its way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from avatarlib.losses import cycle_loss, identity_loss, landmark_consistency
from avatarlib.models.cyclegan import Generator, PatchDiscriminator, Translators
from avatarlib.recipes.pool import ImagePool
from avatarlib.recipes.translation import Translation, TranslationConfig

__all__ = ["CycleGAN", "CycleGANConfig"]


@dataclass(frozen=True)
class CycleGANConfig(TranslationConfig):
    """Settings of a CycleGAN; the defaults are those of its authors' code, except where marked.

    Examples
    --------
    >>> from avatarlib.recipes import CycleGANConfig
    >>> {name: (config.adversarial, config.identity_weight) for name, config in CycleGANConfig.presets().items()
    ...  if name in ("full", "printed")}
    {'full': ('least_squares', 5.0), 'printed': ('non_saturating', 0.0)}
    """

    blocks: int = 9                               # 6 for pictures of 128 pixels
    upsampling: str = "transposed"                # "resize" is ours: no checkerboard
    skip: bool = False                            # ours: the picture is added before the last tanh
    judge_layers: int = 3                         # of stride 2: each logit sees 70 x 70 pixels
    cycle_weight: float = 10.0
    last_cycle_weight: float = 10.0               # ours: the weight falls to this in the second half of the run
    identity_weight: float = 5.0                  # 0.5 times the cycle weight
    last_identity_weight: float = 5.0             # ours: as above
    pool_size: int = 50
    warm_up_share: float = 0.0                    # ours: of the run, in which the generators copy their inputs
    penalty_weight: float = 0.0                   # ours: of the discriminators' squared slopes at real pictures
    penalty_every: int = 4                        # ours: rounds
    landmark_weight: float = 0.0                  # after Wu et al. 2019: a face keeps its landmarks

    @classmethod
    def presets(cls) -> dict[str, CycleGANConfig]:
        """``full`` is the authors' code; ``printed`` what Tian's paper prints, with its sign corrected: logarithms,
        no identity term. ``ours`` is for little time; ``quick`` smaller still for a CPU; ``smoke`` tiny."""
        ours = cls(size=128, width=32, judge_width=32, blocks=6, upsampling="resize", batch_size=8, rounds=15_000,
                   last_cycle_weight=3.0, last_identity_weight=0.5, warm_up_share=0.07)
        return {"full": cls(), "ours": ours,
                "printed": cls(adversarial="non_saturating", adversarial_weight=1.0, identity_weight=0.0,
                               last_identity_weight=0.0),
                "quick": replace(ours, size=64, width=16, judge_width=16, judge_layers=2, batch_size=4, rounds=400,
                                 ema_decay=0.99),
                "smoke": replace(ours, size=32, width=8, judge_width=8, judge_layers=2, blocks=1, batch_size=2,
                                 rounds=6, pool_size=4, warm_up_share=0.2, ema_decay=0.9)}


class CycleGAN(Translation):
    """Photographs to cartoons and cartoons to photographs, each against a discriminator of its own; see ``step``.

    Parameters
    ----------
    config : CycleGANConfig, optional
        Default: the authors' settings.
    landmarks : nn.Module, optional
        A ``LandmarkNet`` that knows both domains, frozen; needed if ``config.landmark_weight`` is above 0.
    seed : int
        Seeds the weights and the draws from the pools.

    Raises
    ------
    ValueError
        If ``config`` names an unknown loss or upsampling, or the landmark network is missing.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.recipes import CycleGAN, CycleGANConfig
    >>> game = CycleGAN(CycleGANConfig.preset("smoke"))
    >>> batch = {"photo": torch.zeros(2, 3, 32, 32), "cartoon": torch.zeros(2, 3, 32, 32)}
    >>> game.step(batch)["cycle"].item()                       # the first of 6 rounds is for copying
    0.0
    >>> game.round = 1                                         # the Trainer counts
    >>> list(game.step(batch))[:5]
    ['adversarial', 'cycle', 'identity', 'landmarks', 'cartoon_discriminator']
    >>> tuple(game.translate(batch["photo"]).shape)
    (2, 3, 32, 32)
    """

    config: CycleGANConfig

    def __init__(self, config: CycleGANConfig | None = None, *, landmarks: nn.Module | None = None,
                 seed: int = 0) -> None:
        super().__init__(config or CycleGANConfig())
        settings = self.config
        self.freeze_landmarks(landmarks, settings.landmark_weight)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            for name in ("to_cartoon", "to_photo"):
                self.networks[name] = Generator(settings.width, settings.blocks, settings.upsampling, settings.skip)
            for name in ("cartoon_discriminator", "photo_discriminator"):
                self.networks[name] = PatchDiscriminator(settings.judge_width, settings.judge_layers)
        generators, discriminators = ("to_cartoon", "to_photo"), ("cartoon_discriminator", "photo_discriminator")
        self.begin({"generators": generators, "discriminators": discriminators}, generators, seed=seed)
        self.cartoon_pool, self.photo_pool = (ImagePool(settings.pool_size, (3, settings.size, settings.size))
                                              for _ in range(2))
        self.extra_state |= {"cartoons": self.cartoon_pool, "photos": self.photo_pool}

    def step(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """One round: both generators, then both discriminators on fakes from the pools.

        A fake must convince, lead back to its picture, and a picture that is a cartoon already must stay as it is.
        In the warm-up the generators only copy, and the losses of the game are 0.
        """
        config = self.config
        photo, cartoon = self.begin_round(batch, "photo", "cartoon")
        if self.round < round(config.warm_up_share * self.total_rounds):
            return self.copy(photo, cartoon)
        fake_cartoon, changed_cartoon = self.draw_and_keep("to_cartoon", photo, cartoon)
        fake_photo, changed_photo = self.draw_and_keep("to_photo", cartoon, photo)
        adversarial = self.fooling("cartoon_discriminator", fake_cartoon) \
            + self.fooling("photo_discriminator", fake_photo)
        cycle = cycle_loss(self.draw("to_photo", fake_cartoon), photo) \
            + cycle_loss(self.draw("to_cartoon", fake_photo), cartoon)
        identity = changed_cartoon + changed_photo
        moved = self.moved_landmarks(fake_cartoon, photo) + self.moved_landmarks(fake_photo, cartoon)
        self.update("generators", config.adversarial_weight * adversarial
                    + self.falling(config.cycle_weight, config.last_cycle_weight) * cycle
                    + self.falling(config.identity_weight, config.last_identity_weight) * identity
                    + config.landmark_weight * moved)

        d_cartoon = self.telling_apart("cartoon_discriminator", cartoon,
                                       self.cartoon_pool.exchange(fake_cartoon, self.rng))
        d_photo = self.telling_apart("photo_discriminator", photo, self.photo_pool.exchange(fake_photo, self.rng))
        slopes = self.slope_penalty("cartoon_discriminator", cartoon, config.penalty_weight, config.penalty_every) \
            + self.slope_penalty("photo_discriminator", photo, config.penalty_weight, config.penalty_every)
        self.update("discriminators", d_cartoon + d_photo + slopes)
        told = {"adversarial": adversarial, "cycle": cycle, "identity": identity, "landmarks": moved,
                "cartoon_discriminator": d_cartoon, "photo_discriminator": d_photo}
        return {**{name: loss.detach() for name, loss in told.items()}, **self.compare(photo, fake_cartoon)}

    def draw_and_keep(self, name: str, foreign: Tensor, own: Tensor) -> tuple[Tensor, Tensor]:
        """Translations of ``foreign`` pictures, and how much it changes its ``own``, which need none; 0 at weight 0."""
        if not self.falling(self.config.identity_weight, self.config.last_identity_weight):
            return self.draw(name, foreign), foreign.new_zeros(())
        translated, kept = self.draw(name, torch.cat([foreign, own])).split([len(foreign), len(own)])
        return translated, identity_loss(kept, own)

    def moved_landmarks(self, drawn: Tensor, original: Tensor) -> Tensor:
        """How far the landmarks have gone; 0, uncomputed, at weight 0."""
        if not self.config.landmark_weight:
            return drawn.new_zeros(())
        return landmark_consistency(self.frozen["landmarks"], drawn, original)

    def copy(self, photo: Tensor, cartoon: Tensor) -> dict[str, Tensor]:
        """A round of the warm-up: both generators learn to copy pictures of both domains."""
        both = torch.cat([photo, cartoon])
        copied = self.draw("to_cartoon", both)
        loss = identity_loss(copied, both) + identity_loss(self.draw("to_photo", both), both)
        self.update("generators", loss)
        zero = loss.new_zeros(())
        return {"adversarial": zero, "cycle": zero, "identity": loss.detach(), "landmarks": zero,
                "cartoon_discriminator": zero, "photo_discriminator": zero, **self.compare(photo, copied[:len(photo)])}

    def translator(self) -> Translators:
        """Both averaged generators, as one network for use."""
        both = Translators(self.config.width, self.config.blocks, self.config.upsampling,
                           self.config.skip).to(self.device)
        for name in ("to_cartoon", "to_photo"):
            getattr(both, name).load_state_dict(self.averaged(name).state_dict())
        return both.eval()

    @torch.no_grad()
    def translate(self, photos: Tensor) -> Tensor:
        """Cartoons (N, 3, H, W) of ``photos`` in [-1, 1] by the averaged generator."""
        return self.averaged("to_cartoon")(photos).float()

    @torch.no_grad()
    def preview(self) -> Tensor:
        """Rows of eight: the run's first photographs, their cartoons, the way back; then the same of cartoons."""
        photos, cartoons = (self.gallery.get_buffer(name) for name in ("photo", "cartoon"))
        to_cartoon, to_photo = (self.averaged(name) for name in ("to_cartoon", "to_photo"))
        drawn, shot = to_cartoon(photos), to_photo(cartoons)
        return torch.cat([row.float() for row in (photos, drawn, to_photo(drawn), cartoons, shot, to_cartoon(shot))])
