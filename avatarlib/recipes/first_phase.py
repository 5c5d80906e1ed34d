"""A first phase of a run that ends after a number of rounds, or as soon as its loss is flat."""

from __future__ import annotations

import math

import torch
from accelerate import Accelerator
from torch import Tensor, nn

__all__ = ["FirstPhase"]


class FirstPhase(nn.Module):
    """Says when a loss no longer falls: over a window of rounds, its mean is hardly below that of the window before.

    The device is waited for once a window. All is kept in a checkpoint.

    Parameters
    ----------
    window : int
        Rounds in a window.
    least_fall : float
        The loss is flat if a window's mean is not below ``1 - least_fall`` times the one before; at 0 it is never
        called flat, and only the number of rounds ends the phase.
    """

    total: Tensor

    def __init__(self, window: int, least_fall: float) -> None:
        super().__init__()
        self.window, self.least_fall = window, least_fall
        self.before, self.flat = math.inf, False
        self.register_buffer("total", torch.zeros(()))

    def get_extra_state(self) -> Tensor:
        """The mean of the window before, and whether the loss is flat, for a checkpoint."""
        return torch.tensor([self.before, float(self.flat)], dtype=torch.float64)

    def set_extra_state(self, state: Tensor) -> None:
        """What a checkpoint kept."""
        self.before, self.flat = float(state[0]), bool(state[1])

    @torch.no_grad()
    def note(self, loss: Tensor, round: int, accelerator: Accelerator | None = None) -> None:
        """Take in the loss of a round, counted from 0; several processes look at their common mean."""
        if not self.least_fall:
            return
        self.total += loss
        if (round + 1) % self.window == 0:
            total = self.total if accelerator is None else accelerator.reduce(self.total, reduction="mean")
            mean = float(total) / self.window
            self.before, self.flat = mean, self.flat or mean > (1 - self.least_fall) * self.before
            self.total.zero_()
