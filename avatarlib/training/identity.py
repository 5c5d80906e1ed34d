"""Which run a folder holds: what must be the same when it goes on, and what may change and is noted."""

from __future__ import annotations

import dataclasses
import json
import platform
import warnings
from pathlib import Path
from typing import Any

import torch

from avatarlib.recipes.base import Recipe
from avatarlib.training.batches import Batches, UnpairedBatches
from avatarlib.training.checkpoint import CheckpointError

__all__ = ["changed_settings", "describe_device", "identify", "learning_rates", "noted_changes", "set_learning_rates"]

MAY_CHANGE = ("config.learning_rate", "config.generator_rate")      # the way out of losses that are no numbers


def identify(recipe: Recipe, batches: Batches | UnpairedBatches, seed: int, world: int) -> dict[str, Any]:
    """What a run is known by: recipe, config, data, seed, number of processes; as a checkpoint keeps it."""
    return json.loads(json.dumps({"recipe": type(recipe).__name__, "config": dataclasses.asdict(recipe.config),
                                  **batches.identity, "seed": seed, "world": world}))


def settings(identity: dict[str, Any], config: Any) -> dict[str, Any]:
    """A run's identity with each setting of its config by name; one it did not know yet has its default."""
    defaults = {field.name: field.default for field in dataclasses.fields(config)
                if field.default is not dataclasses.MISSING}
    known = {**json.loads(json.dumps(defaults)), **identity["config"]}
    return {**{key: value for key, value in identity.items() if key != "config"},
            **{f"config.{name}": value for name, value in known.items()}}


def changed_settings(progress: dict[str, Any], here: dict[str, Any], config: Any, run_dir: Path) -> dict[str, Any]:
    """Settings that differ from the identity in a checkpoint's progress and may: name -> (before, now), with a warning.

    CheckpointError if anything else differs.
    """
    changed, now = {}, settings(here, config)
    for key, value in settings(progress.get("identity", here), config).items():
        if now.get(key) == value:
            continue
        if key not in MAY_CHANGE:
            raise CheckpointError(f"run_dir {str(run_dir)!r} holds a run with {key} = {value!r}, got "
                                  f"{now.get(key)!r}; give the same settings or another run_dir")
        warnings.warn(f"the run in {str(run_dir)!r} goes on with {key} = {now[key]!r} instead of {value!r}",
                      stacklevel=4)
        changed[key] = (value, now[key])
    return changed


def noted_changes(progress: dict[str, Any], changed: dict[str, Any], conditions: dict[str, str]) -> list[Any]:
    """The changes that a checkpoint's progress tells, and a line for each of now, in settings or conditions."""
    changed = {**changed, **{key: (progress[key], value) for key, value in conditions.items()
                             if progress.get(key, value) != value}}
    return [*progress.get("changes", []), *({"step": progress["step"], "setting": key, "before": old, "after": new}
                                            for key, (old, new) in changed.items())]


def learning_rates(recipe: Recipe) -> dict[str, list[float]]:
    """Player -> the learning rates of its parameters, before any schedule."""
    return {name: [group.get("initial_lr", group["lr"]) for group in optimiser.param_groups]
            for name, optimiser in recipe.optimisers.items()}


def set_learning_rates(recipe: Recipe, rates: dict[str, list[float]]) -> None:
    """Change the learning rates; schedules go on where they stand."""
    for name, optimiser in recipe.optimisers.items():
        for group, rate in zip(optimiser.param_groups, rates[name], strict=True):
            group["lr"] *= rate / group.get("initial_lr", group["lr"])
            if "initial_lr" in group:
                group["initial_lr"] = rate
        if name in recipe.schedulers:
            recipe.schedulers[name].base_lrs = list(rates[name])


def describe_device(device: torch.device) -> str:
    """What one process of a run computes on, in words for a model card."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"a CPU ({platform.machine()})" if device.type == "cpu" else f"a GPU ({device.type})"
