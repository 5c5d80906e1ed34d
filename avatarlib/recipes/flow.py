"""Flow matching (Lipman et al. 2023; Liu et al. 2023): the modern yardstick of chapter 6, without a discriminator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from avatarlib.losses import flow_matching_loss
from avatarlib.models.flow import VelocityNet
from avatarlib.recipes.base import Recipe, fused_adam
from avatarlib.recipes.bounds import Bounded

__all__ = ["FlowMatching", "FlowMatchingConfig"]


@dataclass(frozen=True)
class FlowMatchingConfig(Bounded):
    """Settings of a flow; the network's are those of Keras's small denoiser, as is the batch, others are ours.

    Examples
    --------
    >>> from avatarlib.recipes import FlowMatchingConfig
    >>> {name: (config.width, config.levels, config.steps) for name, config in FlowMatchingConfig.presets().items()}
    {'full': (64, 4, 20), 'quick': (32, 3, 20), 'smoke': (16, 2, 2)}
    """

    size: int = 64                                # pixels a side
    width: int = 64                               # so it has about DCGAN's generator's parameters
    levels: int = 4
    depth: int = 2
    patch: int = 1                                # pixels a side of one position; 2 for a quarter of the work
    batch_size: int = 64
    epochs: int = 300                             # as DCGAN's
    learning_rate: float = 5e-4
    betas: tuple[float, float] = (0.9, 0.99)
    warm_up_rounds: int = 500                     # in which the learning rate rises from 0
    steps: int = 20                               # of Euler's method, for the preview
    ema_decay: float = 0.999

    @classmethod
    def presets(cls) -> dict[str, FlowMatchingConfig]:
        """``full`` has about as many parameters as DCGAN's generator; ``quick`` and ``smoke`` are for a CPU."""
        return {"full": cls(),
                "quick": cls(width=32, levels=3, depth=1, epochs=10, warm_up_rounds=50, ema_decay=0.99),
                "smoke": cls(size=32, width=16, levels=2, depth=1, batch_size=8, epochs=1, warm_up_rounds=2, steps=2,
                             ema_decay=0.9)}


class FlowMatching(Recipe):
    """One network that learns the way from noise to pictures; ``seed`` fixes weights and noise, the preview's too.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.recipes import FlowMatching, FlowMatchingConfig
    >>> flow = FlowMatching(FlowMatchingConfig.preset("smoke"))
    >>> losses = flow.step({"image": torch.zeros(8, 3, 32, 32)})
    >>> round(losses["flow"].item(), 1)                        # it stands still at first: the mean square of N(0, 1)
    1.0
    >>> tuple(flow.averaged("flow").sample(2, steps=2).shape)
    (2, 3, 32, 32)
    """

    def __init__(self, config: FlowMatchingConfig | None = None, *, seed: int = 0) -> None:
        super().__init__()
        self.config = config or FlowMatchingConfig()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.networks = {"flow": VelocityNet(self.config.width, self.config.levels, self.config.depth,
                                                 self.config.size, self.config.patch)}
        self.optimisers = {"flow": fused_adam([self.networks["flow"]], self.config.learning_rate, self.config.betas)}
        self.average("flow", self.config.ema_decay)
        self.rng.manual_seed(seed)
        self.seed = seed

    def step(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """One round: each picture at a time of its own, most often in the middle (Esser et al. 2024, logit-normal)."""
        for group in self.optimisers["flow"].param_groups:
            group["initial_lr"] = self.config.learning_rate
            group["lr"] = self.config.learning_rate * min(1.0, (self.round + 1) / self.config.warm_up_rounds)
        clean = batch["image"]
        loss = flow_matching_loss(self.networks["flow"], clean, self.noise(*clean.shape),
                                  self.noise(len(clean)).sigmoid())
        self.update("flow", loss)
        return {"flow": loss.detach()}

    @torch.no_grad()
    def preview(self) -> Tensor:
        """64 pictures from fixed noise by the averaged network."""
        network = self.averaged("flow")
        assert isinstance(network, VelocityNet)
        return network.sample(64, steps=self.config.steps, generator=torch.Generator().manual_seed(self.seed))
