"""The one-direction game of Tian, section 5.3: a cartoon must have the content of its photograph, code for code.

The paper gives the idea and no number: which parts there are, which are shared, and that the photograph is built
again from its cartoon with the style of *another* face. Layers are MUNIT's (Huang et al. 2018), weights are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from avatarlib.losses import content_code_loss, cycle_loss, style_code_loss
from avatarlib.models.content_invariant import (
    ContentEncoder,
    Decoder,
    MultiScaleDiscriminator,
    StyleEncoder,
    Translator,
)
from avatarlib.recipes.translation import Translation, TranslationConfig

__all__ = ["ContentInvariance", "ContentInvarianceConfig", "StyleMean"]


@dataclass(frozen=True)
class ContentInvarianceConfig(TranslationConfig):
    """Settings of the content-invariance network; layers are MUNIT's, all weights are ours.

    Examples
    --------
    >>> from avatarlib.recipes import ContentInvarianceConfig
    >>> {name: config.autoencoding_weight for name, config in ContentInvarianceConfig.presets().items()}
    {'full': 0.0, 'ours': 5.0, 'printed': 0.0, 'quick': 5.0, 'smoke': 5.0}
    """

    batch_size: int = 2                           # ours: at least 2, for another face must be there
    style: int = 8                                # numbers in a style code
    blocks: int = 4                               # residual, of the content encoder and of the decoder
    scales: int = 3                               # of the discriminator
    judge_layers: int | None = None               # ours: its scales are PatchGANs of so many layers, not MUNIT's
    separate_decoders: bool = False               # a decoder of its own for photographs
    adversarial: str = "least_squares"            # Tian: logarithms
    reconstruction_weight: float = 10.0           # of the photograph built again
    content_weight: float = 1.0                   # of the content code, kept by the cartoon
    style_weight: float = 1.0                     # of the style code, kept likewise
    autoencoding_weight: float = 0.0              # of each picture built from its own two codes; not in the paper
    warm_up_share: float = 0.0                    # ours: of the run, in which each picture is only built from its codes
    penalty_weight: float = 0.0                   # ours, as in CycleGANConfig
    penalty_every: int = 4

    @classmethod
    def presets(cls) -> dict[str, ContentInvarianceConfig]:
        """``full`` at MUNIT's width; ``printed`` with the paper's logarithms; ``ours`` is for little time, ``quick``
        smaller still for a CPU, ``smoke`` tiny."""
        ours = cls(size=128, width=32, judge_width=32, batch_size=8, rounds=15_000, autoencoding_weight=5.0)
        return {"full": cls(), "ours": ours, "printed": cls(adversarial="non_saturating", adversarial_weight=1.0),
                "quick": replace(ours, size=64, width=16, judge_width=16, scales=2, batch_size=4, rounds=400,
                                 ema_decay=0.99),
                "smoke": replace(ours, size=32, width=8, judge_width=8, blocks=1, scales=1, batch_size=2, rounds=6,
                                 ema_decay=0.9)}


class StyleMean(nn.Module):
    """The mean style code of the cartoons of late, (style,), for a translation without a cartoon to copy from."""

    mean: Tensor
    rounds: Tensor

    def __init__(self, style: int, decay: float) -> None:
        super().__init__()
        self.decay = decay
        self.register_buffer("mean", torch.zeros(style))
        self.register_buffer("rounds", torch.zeros(()))

    @torch.no_grad()
    def update(self, codes: Tensor) -> None:
        """Take in codes (n, style): the plain mean over batches at first, later one that forgets by ``decay``."""
        self.rounds += 1
        self.mean.lerp_(codes.float().mean(0), (1 / self.rounds).clamp(min=1 - self.decay))


class ContentInvariance(Translation):
    """One content encoder and one style encoder for both domains, a decoder, and a judge of cartoons; see ``step``.

    Parameters
    ----------
    config : ContentInvarianceConfig, optional
    seed : int
        Seeds the weights.

    Raises
    ------
    ValueError
        If ``config.batch_size`` is below 2, or its loss is unknown.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.recipes import ContentInvariance, ContentInvarianceConfig
    >>> game = ContentInvariance(ContentInvarianceConfig.preset("smoke"))
    >>> photos, cartoons = torch.rand(2, 3, 32, 32), torch.rand(2, 3, 32, 32)
    >>> list(game.step({"photo": photos, "cartoon": cartoons}))[:5]
    ['adversarial', 'reconstruction', 'content', 'style', 'autoencoding']
    >>> tuple(game.style_of(cartoons).shape), tuple(game.translate(photos, game.style_of(cartoons)).shape)
    ((2, 8), (2, 3, 32, 32))
    """

    config: ContentInvarianceConfig

    def __init__(self, config: ContentInvarianceConfig | None = None, *, seed: int = 0) -> None:
        super().__init__(config or ContentInvarianceConfig())
        settings = self.config
        if settings.batch_size < 2:
            raise ValueError(f"batch_size must be at least 2, for each face needs another's style, "
                             f"got {settings.batch_size}")
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.networks["content_encoder"] = ContentEncoder(settings.width, settings.blocks)
            self.networks["style_encoder"] = StyleEncoder(settings.width, settings.style)
            self.networks["decoder"] = Decoder(settings.width, settings.blocks, settings.style)
            if settings.separate_decoders:
                self.networks["photo_decoder"] = Decoder(settings.width, settings.blocks, settings.style)
            drawing = tuple(self.networks)
            self.networks["discriminator"] = MultiScaleDiscriminator(
                settings.judge_width, settings.scales, settings.judge_layers)
        self.begin({"generator": drawing, "discriminator": ("discriminator",)}, drawing, seed=seed)
        self.style = self.extra_state["style"] = StyleMean(settings.style, settings.ema_decay)

    def step(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """One round: the encoders and the decoder, then the discriminator.

        x is a photograph, x' another face's, y a cartoon; c and s are content and style codes, R the decoder.
        The cartoon is g = R(c(x), s(y)), the photograph again R(c(g), s(x')). The codes that g must keep are not
        moved by its loss: else they could agree on nothing.
        """
        config = self.config
        photo, cartoon = self.begin_round(batch, "photo", "cartoon")
        content, photo_style, cartoon_style = self.content(photo), self.style_of(photo), self.style_of(cartoon)
        if self.round < round(config.warm_up_share * self.total_rounds):
            return self.warm_up(photo, cartoon, content, photo_style, cartoon_style)
        fake = self.decode(content, cartoon_style)
        again = self.content(fake)
        rebuilt = self.decode(again, photo_style.roll(1, 0), photo=True)
        adversarial = self.fooling("discriminator", fake)
        reconstruction = cycle_loss(rebuilt, photo)
        kept_content = content_code_loss(again, content)
        kept_style = style_code_loss(self.style_of(fake), cartoon_style)
        copies = self.copies(photo, cartoon, content, photo_style, cartoon_style) if config.autoencoding_weight \
            else photo.new_zeros(())
        self.update("generator", config.adversarial_weight * adversarial
                    + config.reconstruction_weight * reconstruction + config.content_weight * kept_content
                    + config.style_weight * kept_style + config.autoencoding_weight * copies)

        d_loss = self.telling_apart("discriminator", cartoon, fake.detach())
        self.update("discriminator", d_loss + self.slope_penalty("discriminator", cartoon, config.penalty_weight,
                                                                 config.penalty_every))
        self.style.update(cartoon_style)
        return {"adversarial": adversarial.detach(), "reconstruction": reconstruction.detach(),
                "content": kept_content.detach(), "style": kept_style.detach(), "autoencoding": copies.detach(),
                "discriminator": d_loss.detach(), **self.compare(photo, fake)}

    def warm_up(self, photo: Tensor, cartoon: Tensor, content: Tensor, photo_style: Tensor,
                cartoon_style: Tensor) -> dict[str, Tensor]:
        """A round before the game: encoders and decoder learn to build pictures of both domains from their codes.

        The loss has its weight in the game already: Adam divides by what gradients were of late, and the step after
        a sudden change of scale would throw the networks back by hundreds of rounds.
        """
        copies, zero = self.copies(photo, cartoon, content, photo_style, cartoon_style), photo.new_zeros(())
        self.update("generator", (self.config.autoencoding_weight or 1.0) * copies)
        self.style.update(cartoon_style)
        return {"adversarial": zero, "reconstruction": zero, "content": zero, "style": zero,
                "autoencoding": copies.detach(), "discriminator": zero,
                **self.compare(photo, self.translate(photo, cartoon_style))}

    def content(self, images: Tensor) -> Tensor:
        """Content codes, maps (n, C, S / 4, S / 4) in float32."""
        return self.networks["content_encoder"](images).float()

    def style_of(self, images: Tensor) -> Tensor:
        """Style codes (n, style) in float32."""
        return self.networks["style_encoder"](images).float()

    def decode(self, content: Tensor, style: Tensor, *, photo: bool = False) -> Tensor:
        """Pictures of these codes; photographs by the decoder of their own where there is one."""
        name = "photo_decoder" if photo and self.config.separate_decoders else "decoder"
        return self.networks[name](content, style).float()

    def copies(self, photo: Tensor, cartoon: Tensor, content: Tensor, photo_style: Tensor,
               cartoon_style: Tensor) -> Tensor:
        """Distance of each picture from the one built of its own codes."""
        return cycle_loss(self.decode(content, photo_style, photo=True), photo) \
            + cycle_loss(self.decode(self.content(cartoon), cartoon_style), cartoon)

    @torch.no_grad()
    def translate(self, photos: Tensor, style: Tensor | None = None) -> Tensor:
        """Cartoons (N, 3, H, W) of ``photos`` in a style (style,) or (N, style); default: the cartoons' mean one."""
        chosen = (self.style.mean if style is None else style).expand(len(photos), -1)
        return self.averaged("decoder")(self.averaged("content_encoder")(photos), chosen).float()

    def translator(self) -> Translator:
        """The averaged encoders and decoder with the mean style, as one network for use."""
        whole = Translator(self.config.width, self.config.blocks, self.config.style).to(self.device)
        for name in ("content_encoder", "style_encoder", "decoder"):
            getattr(whole, name).load_state_dict(self.averaged(name).state_dict())
        whole.mean_style.copy_(self.style.mean)
        return whole.eval()

    @torch.no_grad()
    def preview(self) -> Tensor:
        """Rows of eight: the run's first photographs, their cartoons in the mean style, its first cartoons, and the
        photographs in the styles of these."""
        photos, cartoons = (self.gallery.get_buffer(name) for name in ("photo", "cartoon"))
        own = self.averaged("style_encoder")(cartoons)
        return torch.cat([photos, self.translate(photos), cartoons, self.translate(photos, own)])

    def begin_from(self, other: Translation) -> None:
        """As ``Translation.begin_from``, with the mean style."""
        super().begin_from(other)
        if isinstance(other, ContentInvariance):
            self.style.load_state_dict(other.style.state_dict())

    def begin_with(self, network: nn.Module) -> None:
        """As ``Translation.begin_with``, with the mean style."""
        super().begin_with(network)
        self.style.mean.copy_(network.get_buffer("mean_style"))
        self.style.rounds.fill_(1 / (1 - self.config.ema_decay))
