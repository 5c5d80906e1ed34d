"""What the book's two judges share in training: one network, AdamW, a learning rate that rises and falls."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from avatarlib.recipes.base import Recipe

__all__ = ["SupervisedRecipe", "one_cycle"]


def one_cycle(rounds: int, warm_up: float = 0.05) -> Callable[[int], float]:
    """Factor of the learning rate at a round: up in a line for the first 5 %, then down half a cosine to 0."""
    first = max(1, round(warm_up * rounds))

    def factor(step: int) -> float:
        done = min(1.0, (step - first) / max(1, rounds - first))
        return (step + 1) / first if step < first else (1 + math.cos(math.pi * done)) / 2
    return factor


class SupervisedRecipe(Recipe):
    """One network that learns from known answers. A subclass calls ``learn`` and writes ``step``.

    Its config needs ``learning_rate`` (the peak), ``weight_decay``, ``rounds``, ``ema_decay`` and ``size``.
    """

    def learn(self, name: str, network: nn.Module) -> None:
        """Make ``network`` the one player: AdamW, one cycle of the learning rate, a running average."""
        config = self.config
        self.networks[name] = network
        self.optimisers[name] = torch.optim.AdamW(network.parameters(), lr=config.learning_rate,
                                                  weight_decay=config.weight_decay, fused=True)
        self.schedulers[name] = torch.optim.lr_scheduler.LambdaLR(self.optimisers[name], one_cycle(config.rounds))
        self.average(name, config.ema_decay)
        self.seen = torch.ones(1, 3, config.size, config.size)

    def remember(self, images: Tensor) -> None:
        """Keep up to 64 pictures (N, 3, S, S) of a batch for the preview."""
        self.seen = images[:64].detach()

    def preview(self) -> Tensor:
        """The last batch as the network saw it, augmented."""
        return self.seen.float()
