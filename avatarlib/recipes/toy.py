"""The game of chapter 1: a GAN for points in the plane, small enough to watch while it learns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import pandas as pd
import torch
from torch import Tensor

from avatarlib.losses import adversarial_loss, dragan_penalty
from avatarlib.models.toy import PointDiscriminator, PointGenerator
from avatarlib.recipes.base import Recipe, fused_adam
from avatarlib.recipes.bounds import Bounded

__all__ = ["PointGAN", "PointGANConfig", "Run", "Snapshot", "play"]

EXTENT = 3.0    # snapshots show the square [-3, 3] x [-3, 3]


class Source(Protocol):
    """Real points on demand, as from ``avatarlib.data.mixture``."""

    def sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        """Draw (n, 2) points."""


@dataclass(frozen=True)
class PointGANConfig(Bounded):
    """Settings of the toy game; the optimiser is DCGAN's but for a five times larger step.

    Examples
    --------
    >>> from avatarlib.recipes.toy import PointGANConfig
    >>> PointGANConfig(adversarial="hinge", discriminator_steps=0)
    Traceback (most recent call last):
        ...
    ValueError: discriminator_steps must be at least 1, got 0
    """

    latent: int = 2                            # ours: as many numbers as a point has
    width: int = 64                            # ours
    batch_size: int = 128                      # Radford et al. 2016
    learning_rate: float = 1e-3                # ours; 2e-4 in Radford et al.
    betas: tuple[float, float] = (0.5, 0.999)  # Radford et al. 2016
    adversarial: str = "non_saturating"        # Goodfellow et al. 2014, section 3
    discriminator_steps: int = 1               # Goodfellow et al. 2014: k = 1
    dragan_weight: float = 0.0                 # off; 1 in this chapter's cure (Kodali et al. 2017: 10)


class PointGAN(Recipe):
    """Generator against discriminator on points (N, 2); ``seed`` fixes the weights and the noise.

    Examples
    --------
    >>> from avatarlib.data.mixture import ring
    >>> from avatarlib.recipes.toy import PointGAN
    >>> game = PointGAN(seed=0)
    >>> list(game.step({"points": ring().sample(128)}))        # one round
    ['discriminator', 'generator']
    >>> tuple(game.samples(500).shape)
    (500, 2)
    """

    def __init__(self, config: PointGANConfig | None = None, *, seed: int = 0) -> None:
        super().__init__()
        self.config = config or PointGANConfig()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.generator = PointGenerator(self.config.latent, self.config.width)
            self.discriminator = PointDiscriminator(self.config.width)
        self.networks = {"generator": self.generator, "discriminator": self.discriminator}
        self.losses = adversarial_loss(self.config.adversarial)
        self.optimisers = {name: fused_adam([network], self.config.learning_rate, self.config.betas)
                           for name, network in self.networks.items()}
        self.rng.manual_seed(seed)

    def step(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """One round on ``batch["points"]`` (N, 2): k lessons for the discriminator, one for the generator."""
        for real in batch["points"].chunk(self.config.discriminator_steps):
            d_loss = self.teach(real)
        g_loss = self.generator_loss()
        self.update("generator", g_loss)
        return {"discriminator": d_loss, "generator": g_loss.detach()}

    def teach(self, real: Tensor) -> Tensor:
        """One lesson for the discriminator: ``real`` (n, 2) against as many fakes. Returns its loss."""
        fake = self.generator(self.noise(len(real), self.config.latent)).detach()
        loss = self.losses.discriminator(self.discriminator(real), self.discriminator(fake))
        if self.config.dragan_weight:
            penalty = dragan_penalty(self.discriminator, real, generator=self.rng)
            loss = loss + self.config.dragan_weight * penalty
        self.update("discriminator", loss)
        return loss.detach()

    def generator_loss(self) -> Tensor:
        """What the generator minimises, on a batch of new fakes."""
        fake = self.generator(self.noise(self.config.batch_size, self.config.latent))
        return self.losses.generator(self.discriminator(fake))

    @torch.no_grad()
    def samples(self, n: int = 2000, *, seed: int = 0) -> Tensor:
        """Points (n, 2) of the generator from fixed noise."""
        noise = torch.randn(n, self.config.latent, generator=torch.Generator().manual_seed(seed))
        return self.generator(noise.to(self.device)).cpu()


class Snapshot:
    """The state of a game at one moment: ``round``, ``samples`` (n, 2) and ``field`` (size, size).

    Examples
    --------
    >>> from avatarlib.recipes.toy import PointGAN, Snapshot
    >>> before = Snapshot(PointGAN(seed=0), round=0)
    >>> tuple(before.samples.shape), tuple(before.field.shape)
    ((2000, 2), (64, 64))
    """

    def __init__(self, recipe: PointGAN, round: int) -> None:
        self.round = round
        self.samples = recipe.samples()
        self.field = recipe.discriminator.field(EXTENT)


@dataclass
class Run:
    """A game that was played: the last networks, a row a round, and the snapshots.

    Examples
    --------
    >>> from avatarlib.data.mixture import ring
    >>> from avatarlib.recipes.toy import PointGANConfig, play
    >>> run = play(PointGANConfig(width=16), ring(), rounds=3, seed=0, snapshots=[0, 3])
    >>> run.history.shape, list(run.history)
    ((3, 4), ['round', 'discriminator', 'generator', 'gradient'])
    >>> [snapshot.round for snapshot in run.snapshots]
    [0, 3]
    """

    recipe: PointGAN
    rows: list[dict[str, float]] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)

    @property
    def history(self) -> pd.DataFrame:
        """Losses of both players and the norm of the generator's gradient, a row a round."""
        return pd.DataFrame(self.rows)


def play(config: PointGANConfig, source: Source, rounds: int, *, seed: int,
         snapshots: Iterable[int] = ()) -> Run:
    """Play ``rounds`` rounds from ``seed`` and look at the game after those listed in ``snapshots``.

    Round 0 is before the first. The same arguments give the same run on the same machine.

    Raises
    ------
    ValueError
        If ``rounds`` is below 1, or a snapshot lies outside 0 to ``rounds``.

    Examples
    --------
    >>> from avatarlib.data.mixture import ring
    >>> from avatarlib.recipes.toy import PointGANConfig, play
    >>> first, again = (play(PointGANConfig(), ring(), rounds=5, seed=0).history for _ in range(2))
    >>> len(first), float((first - again).abs().to_numpy().max())      # five rounds, the same both times
    (5, 0.0)
    >>> play(PointGANConfig(), ring(), rounds=2, seed=0, snapshots=[5])
    Traceback (most recent call last):
        ...
    ValueError: snapshots must lie in 0 to 2, got [5]
    """
    wanted = set(snapshots)
    if rounds < 1:
        raise ValueError(f"rounds must be at least 1, got {rounds}")
    if wanted and not 0 <= min(wanted) <= max(wanted) <= rounds:
        raise ValueError(f"snapshots must lie in 0 to {rounds}, got {sorted(wanted)}")
    recipe = PointGAN(config, seed=seed)
    draws = torch.Generator().manual_seed(seed)
    run = Run(recipe)
    for number in range(rounds + 1):
        if number:
            points = source.sample(config.discriminator_steps * config.batch_size, generator=draws)
            losses = recipe.step({"points": points})
            gradient = torch.cat([p.grad.flatten() for p in recipe.generator.parameters() if p.grad is not None])
            run.rows.append({"round": number, **{name: loss.item() for name, loss in losses.items()},
                             "gradient": gradient.norm().item()})
        if number in wanted:
            run.snapshots.append(Snapshot(recipe, number))
    return run
