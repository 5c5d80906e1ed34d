"""One safetensors file holds all that a run needs to go on: no pickle, written atomically."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim import Optimizer

from avatarlib.recipes.base import Recipe
from avatarlib.training.files import write_atomically

__all__ = ["CheckpointError", "bytes_needed", "follow_layout", "load_checkpoint", "load_tensors", "random_states",
           "read_progress", "save_checkpoint", "save_weights"]


class CheckpointError(ValueError):
    """A file that is no checkpoint, or one of another run.

    Examples
    --------
    >>> from pathlib import Path
    >>> from avatarlib.training import CheckpointError
    >>> from avatarlib.training.checkpoint import load_tensors
    >>> length = Path("weights.pt").write_text("a pickle")
    >>> try:
    ...     load_tensors("weights.pt")
    ... except CheckpointError as error:
    ...     print(error)
    path must be a whole safetensors file, got 'weights.pt' (...); pickled weights (.pt, .pth) are never loaded
    """


@contextlib.contextmanager
def opened(path: str | Path) -> Iterator[Any]:
    """A safetensors file, open for reading; anything else, a pickle say, is refused unread."""
    try:
        with safe_open(str(path), framework="pt") as file:
            yield file
    except SafetensorError as error:
        raise CheckpointError(f"path must be a whole safetensors file, got {str(path)!r} ({error}); "
                              "pickled weights (.pt, .pth) are never loaded") from error


def load_tensors(path: str | Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors and metadata of a safetensors file. The tensors are copies: the file may be replaced.

    CheckpointError if the file is damaged or of another format.
    """
    with opened(path) as file:
        return {key: file.get_tensor(key).clone() for key in file.keys()}, file.metadata() or {}   # noqa: SIM118


def save_tensors(path: Path, tensors: Mapping[str, Tensor], metadata: dict[str, str] | None = None) -> None:
    """Write tensors of any device and layout, and texts, to a safetensors file."""
    whole = {key: value.detach().cpu().contiguous().clone() for key, value in tensors.items()}

    def write(partial: Path) -> None:
        try:
            save_file(whole, partial, metadata=metadata)
        except SafetensorError as error:        # a full disk, say
            raise OSError(str(error)) from error
    write_atomically(path, write)


def save_weights(path: Path, network: nn.Module) -> None:
    """Write one network's weights in float16, for use and not for going on."""
    save_tensors(path, {key: value.half() if value.is_floating_point() else value
                        for key, value in network.state_dict().items()})


def modules(recipe: Recipe) -> dict[str, nn.Module]:
    """Every module of a recipe under the name it has in a checkpoint."""
    return {**{f"network/{k}": v for k, v in recipe.networks.items()},
            **{f"average/{k}": v for k, v in recipe.averages.items()},
            **{f"extra/{k}": v for k, v in recipe.extra_state.items()}}


def random_states(recipe: Recipe) -> dict[str, Tensor]:
    """The state of every random generator that this process of a run draws from."""
    states = {"random/torch": torch.get_rng_state(), "random/recipe": recipe.rng.get_state()}
    if recipe.device.type == "cuda":
        states["random/cuda"] = torch.cuda.get_rng_state(recipe.device)
    return states


def save_checkpoint(path: Path, recipe: Recipe, progress: dict[str, Any],
                    states: Sequence[dict[str, Tensor]] = ()) -> None:
    """Write networks, averages, optimisers, schedulers, random states and ``progress`` to ``path``.

    ``states`` are the ``random_states`` of all processes, in the order of their ranks; default: of this one.
    """
    tensors = {f"{name}/{key}": value for name, module in modules(recipe).items()
               for key, value in module.state_dict().items()}
    for rank, drawn in enumerate(states or [random_states(recipe)]):
        tensors |= {of_rank(name, rank): state for name, state in drawn.items()}
    optimisers = {name: optimiser.state_dict() for name, optimiser in recipe.optimisers.items()}
    for name, optimiser in optimisers.items():
        tensors |= {f"optimiser/{name}/{index}/{key}": torch.as_tensor(value)
                    for index, values in optimiser["state"].items() for key, value in values.items()}
    _, keys, *rest = np.random.get_state()    # noqa: NPY002
    meta = {"progress": progress, "python": random.getstate(), "numpy": [np.asarray(keys).tolist(), *rest],
            "groups": {name: optimiser["param_groups"] for name, optimiser in optimisers.items()},
            "schedulers": {name: scheduler.state_dict() for name, scheduler in recipe.schedulers.items()},
            "scaler": recipe.scaler.state_dict()}
    save_tensors(path, tensors, {"state": json.dumps(meta)})


def bytes_needed(recipe: Recipe) -> int:
    """About what a checkpoint of ``recipe`` takes on disk: all entries, and two moments a trained weight."""
    kept = [value for module in modules(recipe).values() for value in module.state_dict().values()]
    moments = [p for optimiser in recipe.optimisers.values() for g in optimiser.param_groups for p in g["params"]] * 2
    return sum(value.nbytes for value in (*kept, *moments))


def of_rank(name: str, rank: int) -> str:
    """Under which name a checkpoint keeps a random state of process ``rank``."""
    return f"{name}/{rank}" if rank else name


def read_state(path: Path, metadata: dict[str, str] | None) -> dict[str, Any]:
    """What a checkpoint holds beside tensors."""
    if not metadata or "state" not in metadata:
        raise CheckpointError(f"path must be a checkpoint of a training run, got {str(path)!r}")
    return json.loads(metadata["state"])


def read_progress(path: Path) -> dict[str, Any]:
    """The ``progress`` that a checkpoint was saved with; nothing is changed, and no tensor read."""
    with opened(path) as file:
        return read_state(path, file.metadata())["progress"]


def load_checkpoint(path: Path, recipe: Recipe, rank: int = 0) -> dict[str, Any]:
    """Put a checkpoint's state into ``recipe`` and the generators of process ``rank``; return its ``progress``."""
    tensors, metadata = load_tensors(path)
    meta = read_state(path, metadata)
    for name, module in modules(recipe).items():
        module.load_state_dict(under(tensors, name))
    for name, optimiser in recipe.optimisers.items():
        state: dict[int, dict[str, Tensor]] = {}
        for key, value in under(tensors, f"optimiser/{name}").items():
            index, field = key.split("/")
            state.setdefault(int(index), {})[field] = value
        optimiser.load_state_dict({"state": state, "param_groups": meta["groups"][name]})
        follow_layout(optimiser)
    for name, scheduler in recipe.schedulers.items():
        scheduler.load_state_dict(meta["schedulers"][name])
    if meta["scaler"]:      # empty unless the run was in fp16 so far
        recipe.scaler.load_state_dict(meta["scaler"])
    torch.set_rng_state(tensors[of_rank("random/torch", rank)])
    recipe.rng.set_state(tensors[of_rank("random/recipe", rank)])
    if recipe.device.type == "cuda" and of_rank("random/cuda", rank) in tensors:
        torch.cuda.set_rng_state(tensors[of_rank("random/cuda", rank)], recipe.device)
    version, internal, gauss = meta["python"]
    random.setstate((version, tuple(internal), gauss))
    np.random.set_state(("MT19937", *meta["numpy"]))   # noqa: NPY002
    return meta["progress"]


def under(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors whose names begin with ``prefix/``, without it."""
    return {key[len(prefix) + 1:]: value for key, value in tensors.items() if key.startswith(f"{prefix}/")}


def follow_layout(optimiser: Optimizer) -> None:
    """Put the moments into the memory layout of their weights (channels last, say).

    A fused step walks both in memory order and would pair wrong entries otherwise.
    """
    for weight, state in optimiser.state.items():
        for name, value in state.items():
            if isinstance(value, Tensor) and value.ndim and value.shape == weight.shape:
                state[name] = torch.empty_like(weight, dtype=value.dtype, requires_grad=False).copy_(value)
