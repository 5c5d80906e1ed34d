"""What the processes of one run settle together, so that none waits for another that has stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast_object_list
from torch import Tensor

from avatarlib.recipes.base import Recipe

__all__ = ["on_first", "seed_process", "smallest_of_all", "told_by_first"]

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


def smallest_of_all(accelerator: Accelerator, steps: Tensor) -> int:
    """The smallest number that is not negative, of one scalar in each process; -1 if all are negative."""
    every = accelerator.gather(steps[None])
    return int(every[every >= 0].min()) if bool((every >= 0).any()) else -1


def seed_process(recipe: Recipe, seed: int, rank: int) -> None:
    """Seed torch's generator, and let every process but the first draw noise of its own from the recipe's."""
    torch.manual_seed(seed + rank)
    if rank:
        recipe.rng.manual_seed(recipe.rng.initial_seed() + 1_000_003 * rank)
