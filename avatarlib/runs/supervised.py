"""What running the two networks that learn from known answers has in common."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from tqdm.auto import tqdm

from avatarlib.data import ImageSet
from avatarlib.runs.base import Run

__all__ = ["SupervisedRun", "in_batches"]


class SupervisedRun(Run):
    """A network that makes no pictures; its learning rate is planned over all its rounds."""

    takes = ""

    def settings(self, options: argparse.Namespace, preset: str) -> Any:
        config = super().settings(options, preset)
        return replace(config, rounds=options.steps or config.rounds)       # a game just stops after them


@torch.no_grad()
def in_batches(judge: Callable[[Tensor], Tensor], data: ImageSet, batch_size: int = 128,
               progress: bool = False) -> Tensor:
    """What ``judge`` says of every picture of a set."""
    starts = tqdm(range(0, len(data), batch_size), unit="batch", disable=not progress)
    return torch.cat([judge(data.batch(slice(start, start + batch_size))["image"]) for start in starts])
