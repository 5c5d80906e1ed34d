"""Trains any recipe: where, how long, in which precision; what is learned stays in the recipe."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from accelerate import Accelerator
from accelerate.utils import gather_object
from torch import Tensor
from torchvision.utils import make_grid, save_image
from tqdm.auto import tqdm

from avatarlib.data.base import ImageSet
from avatarlib.recipes.base import Recipe
from avatarlib.training.batches import Batches, Transform, UnpairedBatches
from avatarlib.training.checkpoint import (
    CheckpointError,
    load_checkpoint,
    random_states,
    read_progress,
    save_checkpoint,
    save_weights,
)
from avatarlib.training.files import write_atomically
from avatarlib.training.history import History

__all__ = ["NonFiniteLossError", "Trainer"]

PRECISIONS = {"auto": torch.float32, "float32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


class NonFiniteLossError(RuntimeError):
    """A loss became NaN or infinite; the message names the round and the last good checkpoint."""


class Trainer:
    """Plays a recipe's rounds and keeps everything a reader wants to see or to go on from.

    The folder ``run_dir`` receives ``history.csv``, ``checkpoint.safetensors`` (the whole state, always
    complete), ``samples/`` (the preview at fixed noise) and ``snapshots/`` (averaged networks at chosen
    epochs). A new Trainer on the same folder goes on where the checkpoint stands, with the same losses as
    if nothing had happened.

    Parameters
    ----------
    recipe : Recipe
        Networks, losses, optimisers.
    data : ImageSet or mapping of str to ImageSet
        What to learn from. Several sets by name, such as ``{"photo": photos, "cartoon": cartoons}``, give the
        recipe batches of the same names, each set in an order of its own; see ``UnpairedBatches``.
    run_dir : path
        Where the run lives.
    seed : int
        Order of the data, and the global generators.
    precision : {"auto", "float32", "bf16", "fp16"}
        ``auto`` is bf16 where the processor has it, else float32.
    log_every, checkpoint_every, sample_every : int
        Rounds between rows of the history, checkpoints and sample grids.
    snapshot_epochs : sequence of int
        Epochs after which the averaged networks are kept.
    transform : callable, optional
        Augmentation of a batch (n, 3, H, W) on the device; with several sets, of each, or by name.
    compile : bool
        Compile the networks with ``torch.compile``: slow to start, faster on a GPU.
    progress : bool
        Show a progress bar with images a second and the losses.

    Raises
    ------
    ValueError
        If an option is out of range, or the folder holds a run with other settings.
    """

    def __init__(self, recipe: Recipe, data: ImageSet | Mapping[str, ImageSet], *,
                 run_dir: str | os.PathLike[str], seed: int = 0, precision: str = "auto", log_every: int = 10,
                 checkpoint_every: int = 500, sample_every: int = 500, snapshot_epochs: Sequence[int] = (),
                 transform: Transform | Mapping[str, Transform] | None = None, compile: bool = False,
                 progress: bool = True) -> None:
        for name, value in (("log_every", log_every), ("checkpoint_every", checkpoint_every),
                            ("sample_every", sample_every)):
            if value < 1:
                raise ValueError(f"{name} must be at least 1, got {value}")
        self.accelerator = Accelerator(mixed_precision="no")   # precision is set a run, not a process: see below
        self.dtype = choose_dtype(precision)
        self.recipe, self.run_dir, self.seed, self.progress = recipe, Path(run_dir), seed, progress
        self.log_every, self.checkpoint_every, self.sample_every = log_every, checkpoint_every, sample_every
        self.snapshot_epochs = tuple(snapshot_epochs)
        world, rank = self.accelerator.num_processes, self.accelerator.process_index
        kind: Any = UnpairedBatches if isinstance(data, Mapping) else Batches
        self.batches: Batches | UnpairedBatches = kind(
            data, recipe.config.batch_size, seed=seed, device=self.accelerator.device, rank=rank, world=world,
            transform=transform)
        self.identity = {"recipe": type(recipe).__name__, "config": dataclasses.asdict(recipe.config),
                         **self.batches.identity, "seed": seed, "world": world}
        self.move_networks(compile)
        self.step, self.minutes, self.images_per_second = 0, 0.0, math.nan
        self.first_bad = torch.full((), -1, device=self.accelerator.device)
        self.history = History(pd.DataFrame(), self.run_dir / "history.csv")
        if self.checkpoint.exists():
            self.resume()
        else:
            torch.manual_seed(seed + rank)
            recipe.rng.manual_seed(seed * 1_000 + rank)

    @property
    def checkpoint(self) -> Path:
        """The run's one checkpoint file."""
        return self.run_dir / "checkpoint.safetensors"

    @property
    def epoch(self) -> int:
        """Whole epochs played so far."""
        return self.step // self.batches.per_epoch

    def move_networks(self, compile: bool) -> None:
        """Networks and averages to the device, convolutions channels last; gradients scaled if in fp16."""
        for network in (*self.recipe.networks.values(), *self.recipe.averages.values()):
            network.to(self.accelerator.device, memory_format=torch.channels_last)   # type: ignore[call-overload]
        if compile:
            for network in self.recipe.networks.values():
                network.compile()
        self.recipe.accelerator = self.accelerator
        self.recipe.scaler = torch.amp.GradScaler(self.accelerator.device.type, enabled=self.dtype == torch.float16)

    def resume(self) -> None:
        """Load the checkpoint, after making sure that it is of this very run."""
        progress = read_progress(self.checkpoint)
        here = settings(json.loads(json.dumps(self.identity)))
        for key, value in settings(progress["identity"]).items():
            if here.get(key) != value:
                raise CheckpointError(f"run_dir {str(self.run_dir)!r} holds a run with {key} = {value!r}, got "
                                      f"{here.get(key)!r}; give the same settings or another run_dir")
        load_checkpoint(self.checkpoint, self.recipe, self.accelerator.process_index)
        self.step, self.minutes = progress["step"], progress["minutes"]
        if self.history.path is not None and self.history.path.exists():
            self.history = History.read(self.history.path)
            self.history.cut(self.step)

    def fit(self, *, epochs: float | None = None, steps: int | None = None,
            max_minutes: float | None = None) -> History:
        """Train until ``epochs`` or ``steps`` in all are played, or for ``max_minutes`` from now.

        Parameters
        ----------
        epochs, steps : number, optional
            Totals, counted from the run's beginning; without either, the recipe's own ``config.rounds`` or
            ``config.epochs``, whichever it has.
        max_minutes : float, optional
            Stop after this time, with a checkpoint: call again to go on.

        Returns
        -------
        History
            All losses so far.

        Raises
        ------
        NonFiniteLossError
            If a loss is NaN or infinite.
        """
        target = self.rounds(epochs, steps)
        started, first, before = time.monotonic(), self.step, self.minutes
        for network in self.recipe.networks.values():
            network.train()
        bar = tqdm(total=target, initial=self.step, unit="round", smoothing=0.05,
                   disable=not (self.progress and self.accelerator.is_main_process))
        with bar:
            while self.step < target:
                losses = self.play_round()
                elapsed = time.monotonic() - started
                self.minutes = before + elapsed / 60
                self.images_per_second = (self.step - first) * self.images_per_round / elapsed
                bar.update()
                if self.step % self.log_every == 0:
                    bar.set_postfix_str(self.log(losses))
                self.keep_pictures()
                if self.step % self.checkpoint_every == 0:
                    self.save()
                if max_minutes is not None and elapsed >= 60 * max_minutes:
                    break
        self.save()
        return self.history

    def rounds(self, epochs: float | None, steps: int | None) -> int:
        """The total of rounds asked for: in rounds, in epochs, or by the recipe's own config."""
        if steps is None and epochs is None:
            steps = getattr(self.recipe.config, "rounds", None)
        if steps is not None:
            return steps
        return round((self.recipe.config.epochs if epochs is None else epochs) * self.batches.per_epoch)

    @property
    def images_per_round(self) -> int:
        """Real pictures seen in one round by all processes, of all sets."""
        return self.batches.images_per_round

    def play_round(self) -> dict[str, Tensor]:
        """One step of the recipe; losses stay on the device until a row is due."""
        device = self.accelerator.device.type
        with torch.autocast(device, dtype=self.dtype, enabled=self.dtype != torch.float32):
            losses = self.recipe.step(self.batches[self.step])
        for scheduler in self.recipe.schedulers.values():
            scheduler.step()
        self.step += 1
        finite = torch.stack([loss.detach().float() for loss in losses.values()]).isfinite().all()
        self.first_bad = torch.where((self.first_bad < 0) & ~finite, self.step, self.first_bad)
        return losses

    def log(self, losses: dict[str, Tensor]) -> str:
        """Add a row to the history and say it in short; stop at a loss that is no number."""
        self.check_finite()
        values = {name: loss.item() for name, loss in losses.items()}
        self.history.append({"step": self.step, "epoch": round(self.step / self.batches.per_epoch, 4),
                             "minutes": round(self.minutes, 4),
                             "images_per_second": round(self.images_per_second, 1), **values})
        told = ", ".join(f"{name} {value:.3f}" for name, value in values.items())
        return f"{self.images_per_second:,.0f} images/s, {told}"

    def check_finite(self) -> None:
        """Raise if any loss since the start was NaN or infinite."""
        if int(self.first_bad) >= 0:
            raise self.non_finite("a loss", int(self.first_bad))

    def check_weights(self) -> None:
        """Raise if a network has gone NaN or infinite: its losses tell that only in the next round."""
        for name, network in self.recipe.networks.items():
            if not torch.stack([p.isfinite().all() for p in network.parameters()]).all():
                raise self.non_finite(f"a weight of the {name}", self.step)

    def non_finite(self, what: str, step: int) -> NonFiniteLossError:
        """The error to raise, with the way back."""
        good = f"the last good checkpoint is {str(self.checkpoint)!r}" if self.checkpoint.exists() \
            else "there is no checkpoint yet"
        return NonFiniteLossError(f"{what} is NaN or infinite at round {step}; {good}. "
                                  "Lower the learning rate, or train in float32.")

    def save(self) -> None:
        """Checkpoint and history, in this order: rows beyond a checkpoint are played again on resume."""
        self.check_finite()
        self.check_weights()
        states = gather_object([random_states(self.recipe)])    # each process draws its own noise
        if self.accelerator.is_main_process:
            progress = {"identity": self.identity, "step": self.step, "minutes": self.minutes}
            self.history.save()
            save_checkpoint(self.checkpoint, self.recipe, progress, states)
        self.accelerator.wait_for_everyone()

    def keep_pictures(self) -> None:
        """The sample grid every ``sample_every`` rounds, and the averaged networks at snapshot epochs."""
        if not self.accelerator.is_main_process:
            return
        if self.step % self.sample_every == 0:
            grid = make_grid(self.recipe.preview().cpu(), nrow=8, normalize=True, value_range=(-1, 1))
            write_atomically(self.run_dir / "samples" / f"round-{self.step:06d}.png",
                             lambda partial: save_image(grid, partial))
            for network in self.recipe.networks.values():
                network.train()
        if self.step % self.batches.per_epoch == 0 and self.epoch in self.snapshot_epochs:
            for name in self.recipe.averages:
                save_weights(self.run_dir / "snapshots" / f"{name}-epoch-{self.epoch:03d}.safetensors",
                             self.recipe.averaged(name))


def settings(identity: dict[str, Any]) -> dict[str, Any]:
    """A run's identity with each setting of its config by name."""
    config = {f"config.{name}": value for name, value in identity["config"].items()}
    return {**{key: value for key, value in identity.items() if key != "config"}, **config}


def choose_dtype(precision: str) -> torch.dtype:
    """The dtype of a precision's fast layers; ``auto`` asks the processor.

    Raises
    ------
    ValueError
        If the name is unknown, or fp16 is asked for without CUDA.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"precision must be one of {tuple(PRECISIONS)}, got {precision!r}")
    if precision == "fp16" and not torch.cuda.is_available():
        raise ValueError("precision 'fp16' needs a CUDA GPU; use 'bf16' or 'float32' on a CPU")
    return (torch.bfloat16 if has_bf16() else torch.float32) if precision == "auto" else PRECISIONS[precision]


def has_bf16() -> bool:
    """Whether bf16 is computed in hardware here: on the GPU, else by the CPU's vector unit."""
    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported(including_emulation=False)
    check: Any = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    return bool(check())
