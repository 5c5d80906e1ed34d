"""The edge-promoting game of CartoonGAN (Chen et al. 2018), ArtifyGAN (Bismi et al.) and Wang et al.'s report.

One generator draws; what the photograph shows must still be seen by a frozen network (content), and the discriminator
refuses cartoons with blurred edges, too. The report adds losses on style, grey pictures, colours and landmarks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from avatarlib.losses import (
    colour_loss,
    content_loss,
    edge_promoting_loss,
    grey,
    landmark_consistency,
    style_loss,
    total_variation,
)
from avatarlib.models import artifygan, cartoongan
from avatarlib.recipes.first_phase import FirstPhase
from avatarlib.recipes.translation import Translation, TranslationConfig

__all__ = ["CartoonGAN", "CartoonGANConfig"]


@dataclass(frozen=True)
class CartoonGANConfig(TranslationConfig):
    """Settings of the edge-promoting game; the defaults are CartoonGAN's, from its ports where the paper is silent.

    Examples
    --------
    >>> from avatarlib.recipes import CartoonGANConfig
    >>> for name in ("full", "artify_3", "ours"):
    ...     config = CartoonGANConfig.preset(name)
    ...     print(name, config.content_weight, config.content_reduction, config.content_layer)
    full 10.0 mean conv4_4
    artify_3 1e-05 sum pool4
    ours 5.0 relative relu3_3
    """

    generator: str = "cartoongan"                 # or "artifygan"
    blocks: int = 8
    kernel: int = 7                               # of the first layer
    norm: str = "instance"                        # of both networks; the paper's text says batch, its weights do not
    upsampling: str = "transposed"                # "resize" is ours
    gate: bool = False                            # the report: squeeze and excitation in each block
    judge_width: int = 32
    batch_size: int = 8                           # ports
    epochs: int = 110                             # ports: 10 of the first phase and 100
    decay_share: float = 0.0                      # not in the paper
    epoch_decay: float = 1.0                      # factor of the rates every epoch
    adversarial: str = "non_saturating"
    adversarial_weight: float = 1.0
    content_weight: float = 10.0
    content_reduction: str = "mean"               # "sum" is ArtifyGAN's, "relative" ours: see ``content_loss``
    content_layer: str = "conv4_4"                # CartoonGAN: of VGG-19, before ReLU
    initial_epochs: int = 10                      # content alone
    initial_rounds: int | None = None             # ours: the same in rounds
    initial_fall: float = 0.0                     # ours: or until 200 rounds lower the loss by less than this share
    initial_judge: bool = False                   # ArtifyGAN: its discriminator learns in the first phase, too
    style_weight: float = 0.0                     # the report, and all below: Gram matrices of cartoon and fake
    style_reduction: str = "mean"                 # "relative" is ours
    grey_style_weight: float = 0.0                # of the grey cartoon and the fake
    grey_adversarial_weight: float = 0.0          # grey cartoons are no cartoons
    colour_weight: float = 0.0                    # YUV of photograph and fake
    total_variation_weight: float = 0.0
    landmark_weight: float = 0.0

    @classmethod
    def presets(cls) -> dict[str, CartoonGANConfig]:
        """``full`` is CartoonGAN as printed; ``artify_1`` to ``artify_3`` are ArtifyGAN's rounds; ``report`` has all
        losses of the report, whose weights are ours; ``ours`` is for little time, ``quick`` smaller for a CPU,
        ``smoke`` tiny."""
        artify = cls(generator="artifygan", blocks=10, norm="batch", batch_size=16, epochs=210, content_layer="pool4",
                     content_reduction="sum", initial_judge=True)
        ours = cls(size=128, width=32, upsampling="resize", learning_rate=1e-4, generator_rate=2e-4, rounds=15_000,
                   decay_share=0.5, initial_rounds=1_000, initial_fall=0.02, content_layer="relu3_3",
                   content_reduction="relative", content_weight=5.0, style_reduction="relative")
        return {"full": cls(), "ours": ours,
                "artify_1": replace(artify, blocks=8, epochs=240, learning_rate=5e-3, content_weight=10.0),
                "artify_2": replace(artify, kernel=3, learning_rate=0.1, epoch_decay=0.95, content_weight=0.0),
                "artify_3": replace(artify, learning_rate=1e-3, content_weight=1e-5),
                "report": cls(gate=True, adversarial="least_squares", adversarial_weight=2.0, content_weight=3.0,
                              content_reduction="relative", grey_style_weight=1.0, style_reduction="relative",
                              grey_adversarial_weight=1.0, colour_weight=1.0, landmark_weight=1.0),
                "quick": replace(ours, size=64, width=16, judge_width=16, blocks=4, batch_size=4, rounds=400,
                                 initial_rounds=60, ema_decay=0.99),
                "smoke": replace(ours, size=32, width=8, judge_width=8, blocks=1, batch_size=2, rounds=6,
                                 initial_rounds=2, ema_decay=0.9)}


class CartoonGAN(Translation):
    """A generator against a discriminator that wants clear edges; see ``step``.

    Batches hold "photo", "cartoon" and "smooth": cartoons with smoothed edges (``avatarlib.data.smoothed``), drawn
    independently of the cartoons.

    Parameters
    ----------
    features : nn.Module
        Pictures (N, 3, H, W) in [-1, 1] -> feature maps by name of layer; frozen. Content and style are seen in the
        one that ``config.content_layer`` names.
    config : CartoonGANConfig, optional
        Default: CartoonGAN as printed.
    landmarks : nn.Module, optional
        A ``LandmarkNet``, frozen; needed if ``config.landmark_weight`` is above 0.
    seed : int
        Seeds the weights.

    Raises
    ------
    ValueError
        If ``config`` names an unknown generator, or the landmark network is missing.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.vgg import VGGFeatures
    >>> from avatarlib.recipes import CartoonGAN, CartoonGANConfig
    >>> game = CartoonGAN(VGGFeatures(16, "relu3_3"), CartoonGANConfig.preset("smoke"))    # a VGG with random weights
    >>> batch = {name: torch.rand(2, 3, 32, 32) for name in ("photo", "cartoon", "smooth")}
    >>> game.in_first_phase, game.step(batch)["discriminator"].item()      # content alone
    (True, 0.0)
    >>> game.round = 2                                                     # the Trainer counts
    >>> game.in_first_phase, game.weights
    (False, {'adversarial': 1.0, 'content': 5.0})
    """

    config: CartoonGANConfig

    def __init__(self, features: nn.Module, config: CartoonGANConfig | None = None, *,
                 landmarks: nn.Module | None = None, seed: int = 0) -> None:
        super().__init__(config or CartoonGANConfig())
        settings = self.config
        self.freeze_landmarks(landmarks, settings.landmark_weight)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.networks = {"generator": make_generator(settings),
                             "discriminator": cartoongan.Discriminator(settings.judge_width, settings.norm)}
        self.frozen["features"] = features
        self.begin({"discriminator": ("discriminator",), "generator": ("generator",)}, ("generator",), seed=seed,
                   shown=("photo",))
        self.first = self.extra_state["first_phase"] = FirstPhase(200, settings.initial_fall)

    def rate_factor(self) -> float:
        """As for all translations, and ``epoch_decay`` times smaller after every epoch."""
        return super().rate_factor() * self.config.epoch_decay ** int(self.epoch)

    @property
    def in_first_phase(self) -> bool:
        """Whether this round is one of content alone."""
        config = self.config
        last = config.initial_epochs * self.rounds_per_epoch if config.initial_rounds is None else config.initial_rounds
        return self.round < last and not self.first.flat

    @property
    def weights(self) -> dict[str, float]:
        """The generator's terms in the game, and their weights."""
        config = self.config
        optional = {name: float(getattr(config, f"{name}_weight"))
                    for name in ("style", "grey_style", "colour", "total_variation", "landmark")}
        return {"adversarial": config.adversarial_weight, "content": config.content_weight,
                **{name: weight for name, weight in optional.items() if weight}}

    def step(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """One round: the discriminator on cartoons, smoothed cartoons and fakes, then the generator.

        In the first phase the generator learns the content alone; what is not computed is 0.
        """
        photo, cartoon, smooth = self.begin_round(batch, "photo", "cartoon", "smooth")
        fake, first = self.draw("generator", photo), self.in_first_phase
        told = {name: photo.new_zeros(()) for name in ("discriminator", *self.weights)}
        if not first or self.config.initial_judge:
            told["discriminator"] = self.refusing(cartoon, smooth, fake.detach())
            self.update("discriminator", told["discriminator"])

        weights = {"content": self.config.content_weight or 1.0} if first else self.weights
        told |= self.terms(weights, photo, cartoon, fake)
        self.update("generator", torch.stack([weight * told[name] for name, weight in weights.items()]).sum())
        if first:
            self.first.note(told["content"], self.round, self.accelerator)
        return {**{name: loss.detach() for name, loss in told.items()}, **self.compare(photo, fake)}

    def refusing(self, cartoon: Tensor, smooth: Tensor, fake: Tensor) -> Tensor:
        """The discriminator's loss: cartoons are real; blurred edges, fakes and, by weight, grey cartoons are not."""
        (real,), (blurred,), (drawn,) = (self.judge("discriminator", images) for images in (cartoon, smooth, fake))
        loss = edge_promoting_loss(real, blurred, drawn, self.config.adversarial)
        if self.config.grey_adversarial_weight:
            (colourless,) = self.judge("discriminator", grey(cartoon))
            loss = loss + self.config.grey_adversarial_weight * self.losses.refuse(colourless)
        return loss

    def terms(self, names: Iterable[str], photo: Tensor, cartoon: Tensor, fake: Tensor) -> dict[str, Tensor]:
        """The generator's terms of these names, unweighted."""
        seen = self.look(fake)
        ways: dict[str, Callable[[], Tensor]] = {
            "adversarial": lambda: self.fooling("discriminator", fake),
            "content": lambda: content_loss(seen, self.look(photo), reduction=self.config.content_reduction),
            "style": lambda: style_loss(seen, self.look(cartoon), reduction=self.config.style_reduction),
            "grey_style": lambda: style_loss(seen, self.look(grey(cartoon)),
                                             reduction=self.config.style_reduction),
            "colour": lambda: colour_loss(fake, photo),
            "total_variation": lambda: total_variation(fake),
            "landmark": lambda: landmark_consistency(self.frozen["landmarks"], fake, photo)}
        return {name: ways[name]() for name in names}

    def look(self, images: Tensor) -> Tensor:
        """What the frozen network sees in pictures, in the config's layer, in float32."""
        return self.frozen["features"](images)[self.config.content_layer].float()

    @torch.no_grad()
    def translate(self, photos: Tensor) -> Tensor:
        """Cartoons (N, 3, H, W) of ``photos`` in [-1, 1] by the averaged generator."""
        return self.averaged("generator")(photos).float()


def make_generator(config: CartoonGANConfig) -> nn.Module:
    """The generator that ``config`` names."""
    kinds = {"cartoongan": cartoongan.Generator, "artifygan": artifygan.Generator}
    if config.generator not in kinds:
        raise ValueError(f"generator must be one of {tuple(kinds)}, got {config.generator!r}")
    return kinds[config.generator](config.width, config.blocks, kernel=config.kernel, norm=config.norm,
                                   upsampling=config.upsampling, gate=config.gate)
