"""In which precision and memory layout a run computes: as asked for, as it did before, or as is fastest here."""

from __future__ import annotations

import contextlib
import copy
import math
import os
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor
from torch.nn.modules.module import register_module_forward_pre_hook

from avatarlib.recipes.base import Recipe
from avatarlib.training.batches import Batches, UnpairedBatches
from avatarlib.training.checkpoint import follow_layout
from avatarlib.training.processes import told_by_first

__all__ = ["Format", "candidates", "choose_format"]

PRECISIONS = {"float32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
LAYOUTS = {"channels_last": torch.channels_last, "contiguous": torch.contiguous_format}
HOPELESS = 3.0      # a round that takes so many times the best one's time is not waited for
MARGIN = 0.9        # of the first one's time: a choice must not hang on noise


class Format(NamedTuple):
    """Precision of the fast layers, weights staying in float32, and memory layout of weights and pictures."""

    precision: str = "float32"
    layout: str = "channels_last"

    def autocast(self, device: torch.device) -> torch.autocast:
        """The context in which a recipe's step is played."""
        return torch.autocast(device.type, PRECISIONS[self.precision], enabled=self.precision != "float32")

    def arrange(self, recipe: Recipe, device: torch.device) -> None:
        """Put all networks, what else is kept, and optimisers' moments on ``device``, convolutions in this layout."""
        for kind in (recipe.networks, recipe.averages, recipe.frozen, recipe.extra_state):
            for network in kind.values():
                network.to(device, memory_format=LAYOUTS[self.layout])      # type: ignore[call-overload]
        for optimiser in recipe.optimisers.values():
            follow_layout(optimiser)

    def lay_out(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """A batch whose pictures, all that has four dimensions, are in this layout."""
        return {name: value.contiguous(memory_format=LAYOUTS[self.layout]) if value.ndim == 4 else value
                for name, value in batch.items()}


def candidates(precision: str, layout: str, before: Mapping[str, Any]) -> list[Format]:
    """The formats to choose from: one, unless precision is "auto" in a new run.

    "auto" is for the precision the environment's AVATARLIB_PRECISION, else what the run had ``before``, else float32 or
    bf16; for the layout what the run had, else any if the precision is to be chosen, else channels_last.

    ValueError if a name is unknown, or fp16 is asked for without CUDA.
    """
    check_name("precision", precision, PRECISIONS)
    check_name("layout", layout, LAYOUTS)
    if precision == "auto":
        precision = os.environ.get("AVATARLIB_PRECISION") or "auto"
        check_name("AVATARLIB_PRECISION", precision, PRECISIONS)
    if precision == "auto":
        precision = before.get("precision", "auto")
    if precision == "fp16" and not torch.cuda.is_available():
        raise ValueError("precision 'fp16' needs a CUDA GPU; use 'bf16' or 'float32' on a CPU")
    if layout == "auto":
        layout = before.get("layout", "auto" if precision == "auto" else "channels_last")
    return [Format(name, memory) for name in (("float32", "bf16") if precision == "auto" else (precision,))
            for memory in (LAYOUTS if layout == "auto" else (layout,))]


def check_name(name: str, value: str, known: Mapping[str, Any]) -> None:
    """Raise a ValueError unless ``value`` is "auto" or known."""
    if value not in ("auto", *known):
        raise ValueError(f"{name} must be one of {('auto', *known)}, got {value!r}")


def choose_format(recipe: Recipe, batches: Batches | UnpairedBatches, accelerator: Accelerator,
                  formats: Sequence[Format]) -> Format:
    """One for all processes: the only one there is, or what the first process finds fastest."""
    measured = len(formats) > 1 and accelerator.is_main_process
    return told_by_first(fastest(recipe, batches, accelerator.device, formats) if measured else formats[0])


def fastest(recipe: Recipe, batches: Batches | UnpairedBatches, device: torch.device,
            formats: Sequence[Format]) -> Format:
    """The format in which two rounds are played fastest here; the first one unless another is clearly faster.

    No flag of the processor decides: bf16 without hardware is up to 26 times slower than float32, some layers undo
    channels last, and versions of torch differ. A copy of ``recipe`` plays; the recipe and all generators stay as
    they are. A precision that is hopeless in one layout is not tried in the next. A recipe that cannot be copied,
    since it holds an open file, say, is not measured.
    """
    seconds: dict[Format, float] = {}
    with generators_kept(device):
        try:        # with None in place of the accelerator a copy waits for no other process
            player, reader = copy.deepcopy((recipe, batches), {id(recipe.accelerator): None})
        except (TypeError, RuntimeError):
            return formats[0]
        batch = reader[0]
        for one in formats:
            if all(seconds[other] < math.inf for other in seconds if other.precision == one.precision):
                limit = HOPELESS * min(seconds.values(), default=math.inf)
                seconds[one] = time_rounds(player, batch, device, one, limit)
    best = min(seconds, key=lambda one: seconds[one])
    return best if seconds[best] < MARGIN * seconds[formats[0]] else formats[0]


def time_rounds(player: Recipe, batch: dict[str, Tensor], device: torch.device, one: Format, limit: float) -> float:
    """Seconds of the faster of two rounds; infinite if one takes longer than ``limit``, or torch cannot."""
    def look_at_the_clock(*_: object) -> None:
        if time.perf_counter() > started + limit:
            raise RuntimeError("too slow to wait for the end of the round")

    one.arrange(player, device)
    laid_out, rounds = one.lay_out(batch), []
    for network in player.networks.values():
        network.train()
    for _ in range(2):
        wait_for(device)
        started = time.perf_counter()
        try:
            with register_module_forward_pre_hook(look_at_the_clock), one.autocast(device):
                player.step(laid_out)
        except RuntimeError:
            if limit == math.inf:       # the recipe's own: there is no limit yet
                raise
            return math.inf
        wait_for(device)
        rounds.append(time.perf_counter() - started)
        if rounds[-1] > limit:
            return math.inf
    return min(rounds)


def wait_for(device: torch.device) -> None:
    """A GPU works on after a call has returned."""
    if device.type != "cpu":
        getattr(torch, device.type).synchronize()


@contextlib.contextmanager
def generators_kept(device: torch.device) -> Iterator[None]:
    """Python's, NumPy's and torch's global generators are afterwards as they were."""
    python, arrays = random.getstate(), np.random.get_state()       # noqa: NPY002
    try:
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            yield
    finally:
        random.setstate(python)
        np.random.set_state(arrays)     # noqa: NPY002
