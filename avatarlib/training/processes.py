"""What the processes of one run settle together: none waits for another, and all stop at a number that is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast_object_list
from torch import Tensor, nn

__all__ = ["FiniteWatch", "NonFiniteLossError", "on_first", "told_by_first"]

Told = TypeVar("Told")


def told_by_first(told: Told) -> Told:
    """What the first process has here, in every process."""
    return broadcast_object_list([told])[0]


def on_first(accelerator: Accelerator, work: Callable[[], object]) -> None:
    """Let the first process write files while the others wait; all raise its OSError."""
    failed: OSError | None = None
    if accelerator.is_main_process:
        try:
            work()
        except OSError as error:
            failed = error
    if (failed := told_by_first(failed)) is not None:
        raise failed


class NonFiniteLossError(RuntimeError):
    """A loss became NaN or infinite; the message names the round and the last good checkpoint.

    Examples
    --------
    >>> from avatarlib.data import AvatarSet
    >>> from avatarlib.recipes import DCGAN, DCGANConfig
    >>> from avatarlib.training import NonFiniteLossError, Trainer
    >>> rash = DCGAN(DCGANConfig(width=2, batch_size=4, learning_rate=1e30))
    >>> avatars = AvatarSet(count=4, size=64, progress=False)
    >>> trainer = Trainer(rash, avatars, run_dir="rash", precision="float32", log_every=1, progress=False)
    >>> try:
    ...     history = trainer.fit(steps=5)
    ... except NonFiniteLossError as error:
    ...     print(error)
    a loss is NaN or infinite at round ...; there is no checkpoint yet. Lower the learning rate, ...
    """


class FiniteWatch:
    """Notes the first round with a loss that is NaN or infinite, without waiting for the device.

    A check is made by all processes of a run at once, and fails in all; ``checkpoint`` is where to go back to.
    """

    def __init__(self, accelerator: Accelerator, checkpoint: Path) -> None:
        self.accelerator, self.checkpoint = accelerator, checkpoint
        self.first_bad = torch.full((), -1, device=accelerator.device)

    def note(self, losses: Mapping[str, Tensor], step: int) -> None:
        """Look at the losses of round ``step``."""
        finite = torch.stack([loss.detach().float() for loss in losses.values()]).isfinite().all()
        self.first_bad = torch.where((self.first_bad < 0) & ~finite, step, self.first_bad)

    def check_losses(self) -> None:
        """Raise if any loss since the start was NaN or infinite."""
        self.stop_at("a loss", self.first_bad)

    def check_weights(self, networks: Mapping[str, nn.Module], step: int) -> None:
        """Raise if a network has gone NaN or infinite: its losses tell that only in the next round."""
        for name, network in networks.items():
            finite = torch.stack([p.isfinite().all() for p in network.parameters()]).all()
            self.stop_at(f"a weight of the {name}", torch.where(finite, -1, step))

    def stop_at(self, what: str, step: Tensor) -> None:
        """Raise, with the way back, if ``step`` is a round and not -1, in any process."""
        every = self.accelerator.gather(step[None])
        if bool((every >= 0).any()):
            good = f"the last good checkpoint is {str(self.checkpoint)!r}" if self.checkpoint.exists() \
                else "there is no checkpoint yet"
            raise NonFiniteLossError(f"{what} is NaN or infinite at round {int(every[every >= 0].min())}; {good}. Lower"
                                     " the learning rate, or train in float32: both may change in the same run_dir.")
