"""What the translations from photographs to cartoons share: their length, fading rates, pools and previews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from avatarlib.losses import AdversarialLoss, adversarial_loss, r1_penalty
from avatarlib.recipes.base import Recipe, fused_adam
from avatarlib.recipes.bounds import Bounded
from avatarlib.recipes.pool import Gallery

__all__ = ["Translation", "TranslationConfig"]

@dataclass(frozen=True)
class TranslationConfig(Bounded):
    """Settings that all translations have; the defaults are CycleGAN's reference, except where marked."""

    size: int = 256                               # pixels a side
    width: int = 64                               # of the generators' first layer
    judge_width: int = 64                         # of the discriminators' first layer
    batch_size: int = 1                           # pictures of each domain
    epochs: int = 200                             # unless there are ``rounds``
    rounds: int | None = None                     # ours: the length in rounds
    decay_share: float = 0.5                      # at the end of the run, the rates fall in a line to 0
    learning_rate: float = 2e-4                   # all networks
    generator_rate: float | None = None           # ours: the generators' own learning rate, if not the same
    betas: tuple[float, float] = (0.5, 0.999)
    adversarial: str = "least_squares"
    adversarial_weight: float = 2.0               # reference: 1, of a square that ``least_squares_loss`` halves
    ema_decay: float = 0.999                      # ours: pictures come from the averaged generators


class Translation(Recipe):
    """A game in which photographs become cartoons, and no cartoon belongs to a photograph.

    Batches hold "photo" and "cartoon", each (n, 3, S, S) with S = ``config.size``. A subclass makes its networks,
    calls ``begin``, and writes ``step`` and ``translate``.

    Attributes
    ----------
    losses : AdversarialLoss
        Both sides of the adversarial game, by ``config.adversarial``.
    """

    config: TranslationConfig

    def __init__(self, config: TranslationConfig) -> None:
        super().__init__()
        self.config = config
        self.losses: AdversarialLoss = adversarial_loss(config.adversarial)

    def begin(self, players: Mapping[str, Sequence[str]], averaged: Sequence[str], *, seed: int,
              shown: Sequence[str] = ("photo", "cartoon")) -> None:
        """Optimisers and averages of the networks, and a gallery of what is ``shown``.

        Parameters
        ----------
        players : mapping of str to sequence of str
            Player -> the networks it owns. Whose name begins with "generator" learns at ``generator_rate``.
        averaged : sequence of str
            Networks of which a running average is kept.
        """
        for player, names in players.items():
            self.optimisers[player] = fused_adam([self.networks[name] for name in names], self.rate(player),
                                                 self.config.betas)
        for name in averaged:
            self.average(name, self.config.ema_decay)
        self.rng.manual_seed(seed)
        self.gallery = self.extra_state["gallery"] = Gallery(*shown, size=self.config.size)

    def freeze_landmarks(self, network: nn.Module | None, weight: float) -> None:
        """Keep a frozen ``LandmarkNet``, if there is one.

        Raises
        ------
        ValueError
            If there is none and the landmarks have a weight.
        """
        if network is not None:
            self.frozen["landmarks"] = network
        elif weight:
            raise ValueError(f"landmarks must be a network at landmark_weight {weight}, got None")

    @property
    def total_rounds(self) -> int:
        """Rounds in the whole run, by its config."""
        return self.config.rounds or self.config.epochs * self.rounds_per_epoch

    def rate(self, player: str) -> float:
        """A player's learning rate before it fades."""
        own = self.config.generator_rate if player.startswith("generator") else None
        return own or self.config.learning_rate

    def rate_factor(self) -> float:
        """Factor of the learning rates in this round: 1, then by equal steps to almost 0.

        A step is an epoch, as in CycleGAN's reference, or a round where the config counts rounds.
        """
        total, unit = (self.config.rounds, 1) if self.config.rounds else (self.config.epochs, self.rounds_per_epoch)
        decaying = round(self.config.decay_share * total)
        return max(0.0, 1 - max(0, self.round // unit + 1 - (total - decaying)) / (decaying + 1))

    def falling(self, first: float, last: float) -> float:
        """A weight that is ``first`` in the first half of the run and goes in a line to ``last`` in the second."""
        return first + (last - first) * min(1.0, max(0.0, 2 * self.round / self.total_rounds - 1))

    def begin_round(self, batch: Mapping[str, Tensor], *names: str) -> list[Tensor]:
        """The pictures of these names; the run's first ones are kept for the preview, and learning rates set.

        The rates follow from the round and the config alone. torch's schedulers warn of players that pause.

        Raises
        ------
        ValueError
            If a picture has not the size of the config.
        """
        size = self.config.size
        for name in names:
            if batch[name].ndim != 4 or batch[name].shape[1:] != (3, size, size):
                raise ValueError(f"batch[{name!r}] must be (n, 3, {size}, {size}) as config.size says, "
                                 f"got {tuple(batch[name].shape)}")
        self.gallery.keep(batch, self.round)
        for player, optimiser in self.optimisers.items():
            for group in optimiser.param_groups:
                group["lr"], group["initial_lr"] = self.rate(player) * self.rate_factor(), self.rate(player)
        return [batch[name] for name in names]

    def draw(self, name: str, images: Tensor) -> Tensor:
        """Pictures by network ``name`` in float32, whatever precision computed them."""
        return self.networks[name](images).float()

    def judge(self, name: str, images: Tensor) -> list[Tensor]:
        """Logits of discriminator ``name`` in float32, whatever precision computed them; a map a scale."""
        logits = self.networks[name](images)
        return [one.float() for one in ([logits] if isinstance(logits, Tensor) else logits)]

    def telling_apart(self, name: str, real: Tensor, fake: Tensor) -> Tensor:
        """The loss of discriminator ``name``, a mean over its scales."""
        pairs = zip(self.judge(name, real), self.judge(name, fake), strict=True)
        return torch.stack([self.losses.discriminator(*pair) for pair in pairs]).mean()

    def fooling(self, name: str, fake: Tensor) -> Tensor:
        """The generator's adversarial loss before discriminator ``name``, a mean over its scales."""
        return torch.stack([self.losses.generator(logits) for logits in self.judge(name, fake)]).mean()

    def slope_penalty(self, name: str, real: Tensor, weight: float, every: int) -> Tensor | float:
        """Every so many rounds ``weight * every`` times half the squared slope of a real picture's mean logit, else 0.

        Of the mean, not the sum, over a map of patches: that of 14 x 14 equal logits is 38,416 times as large, and a
        weight of 0.01 on it kept a discriminator from telling photographs from drawings for 1,600 rounds. Of one that
        could tell them at 64 pixels, without a penalty, this half square was 760 and 2,700 in the two domains, so even
        here a weight of 1e-4 is of the size of its loss. In float32; the factor makes up for the rounds without
        (Karras et al. 2020).
        """
        if not weight or self.round % every:
            return 0.0
        with torch.autocast(real.device.type, enabled=False):
            return weight * every * r1_penalty(
                lambda images: torch.stack([one.flatten(1).mean(1) for one in self.judge(name, images)]).mean(0),
                real.float())

    @torch.no_grad()
    def compare(self, photo: Tensor, fake: Tensor) -> dict[str, Tensor]:
        """What ``avatarlib.training.history.alarms`` looks at, of photographs and their cartoons (N, 3, H, W).

        ``change`` is the mean absolute difference; ``likeness`` the correlation of colours over the batch, a mean
        of the three channels: 1 if equal, negative if light has become dark.
        """
        x, y = (images.float() - images.float().mean((0, 2, 3), keepdim=True) for images in (photo, fake))
        norms = (x.square().sum((0, 2, 3)) * y.square().sum((0, 2, 3))).sqrt()
        return {"change": (fake.float() - photo.float()).abs().mean(),
                "likeness": ((x * y).sum((0, 2, 3)) / norms.clamp(min=1e-6)).mean()}

    def translator(self) -> nn.Module:
        """The averaged networks as one for use, from photographs to cartoons."""
        return self.averaged("generator")

    def translate(self, photos: Tensor) -> Tensor:
        """Cartoons (N, 3, H, W) of ``photos`` in [-1, 1] by the averaged networks."""
        raise NotImplementedError(f"{type(self).__name__} must define translate(photos)")

    @torch.no_grad()
    def preview(self) -> Tensor:
        """Rows of eight: the run's first photographs and what has become of them."""
        photos = self.gallery.get_buffer("photo")
        return torch.cat([photos, self.translate(photos).float()])

    def begin_from(self, other: Translation) -> None:
        """Begin where another run stands, at another size perhaps: with its averaged networks, where shapes agree.

        Raises
        ------
        ValueError
            If no network of ``other`` has the shapes of the one of its name here.
        """
        kept = {name: other.averages[name].module if name in other.averages else network
                for name, network in other.networks.items()}
        if not self.take(kept):
            raise ValueError(f"other must have networks of these shapes, got none among {sorted(kept)}")

    def begin_with(self, network: nn.Module) -> None:
        """Begin with a translator such as ``translator()`` returns: what drew is there, the judges begin anew.

        Raises
        ------
        ValueError
            If no network of this game has the shapes of ``network`` or of its part of the same name.
        """
        if not self.take({"generator": network, **dict(network.named_children())}):
            settings = {name: value for name, value in getattr(network, "_hub_mixin_config", {}).items()
                        if hasattr(self.config, name)}
            own = {name: getattr(self.config, name) for name in settings}
            raise ValueError(f"network must be a translator of {type(self).__name__} with {own}, got a "
                             f"{type(network).__name__} with {settings}")

    def take(self, others: Mapping[str, nn.Module]) -> int:
        """Copy the weights of ``others`` into the networks of their names and shapes, and say into how many."""
        alike = {name: others[name].state_dict() for name, network in self.networks.items()
                 if name in others and shapes(others[name]) == shapes(network)}
        for name, weights in alike.items():
            self.networks[name].load_state_dict(weights)
            if name in self.averages:
                self.averages[name].module.load_state_dict(weights)
        return len(alike)


def shapes(network: nn.Module) -> dict[str, torch.Size]:
    """Name -> shape of all that a network keeps."""
    return {name: value.shape for name, value in network.state_dict().items()}
