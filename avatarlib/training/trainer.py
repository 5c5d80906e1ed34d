"""Trains any recipe: where, how long, in which precision; what is learned stays in the recipe."""

from __future__ import annotations

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
    bytes_needed,
    load_checkpoint,
    random_states,
    read_progress,
    save_checkpoint,
    save_weights,
)
from avatarlib.training.files import make_ready, remove_leftovers, write_atomically
from avatarlib.training.formats import candidates, choose_format
from avatarlib.training.history import History, alarms
from avatarlib.training.identity import (
    changed_settings,
    describe_device,
    identify,
    learning_rates,
    noted_changes,
    set_learning_rates,
)
from avatarlib.training.processes import FiniteWatch, on_first, told_by_first

__all__ = ["Trainer"]


class Trainer:
    """Plays a recipe's rounds and keeps everything a reader wants to see or to go on from.

    The folder ``run_dir`` receives ``history.csv``, ``checkpoint.safetensors`` (the whole state, always
    complete), ``samples/`` (the preview at fixed noise) and ``snapshots/`` (averaged networks at chosen
    epochs). A new Trainer on the same folder goes on where the checkpoint stands, with the same losses as
    if nothing had happened. Learning rates and precision may then be others; the checkpoint notes the change.

    Parameters
    ----------
    recipe : Recipe
        Networks, losses, optimisers.
    data : ImageSet or mapping of str to ImageSet
        What to learn from. Several sets by name, such as ``{"photo": photos, "cartoon": cartoons}``, give the
        recipe batches of the same names, each set in an order of its own; see ``UnpairedBatches``.
    run_dir : path
    seed : int
        Order of the data, and the global generators.
    precision : {"auto", "float32", "bf16", "fp16"}
        ``auto`` is the environment's AVATARLIB_PRECISION, else what the run had so far, else float32 or bf16,
        whichever plays two rounds faster here, which takes a few seconds to find out.
    layout : {"auto", "channels_last", "contiguous"}
        Of weights and pictures in memory. ``auto`` is found out with the precision, else channels_last.
    log_every, checkpoint_every, sample_every : int
        Rounds between rows of the history, checkpoints and sample grids.
    snapshot_epochs : sequence of int
        Epochs after which the averaged networks are kept.
    transform : callable, optional
        Augmentation of a batch (n, 3, H, W) on the device; with several sets, of each, or by name.
    compile : bool
        Compile the networks with ``torch.compile``: slow to start, faster on a GPU.
    progress : bool
        Show a bar with images a second and the losses.

    Raises
    ------
    ValueError
        If an option is out of range, or the folder holds a run with other settings.
    OSError
        If ``run_dir`` cannot be written to, or its disk has no room for a checkpoint.

    Examples
    --------
    >>> from avatarlib.data import AvatarSet
    >>> from avatarlib.recipes import DCGAN, DCGANConfig
    >>> from avatarlib.training import Trainer
    >>> avatars, config = AvatarSet(count=8, size=64, progress=False), DCGANConfig(width=2, batch_size=4)
    >>> options = {"run_dir": "run", "precision": "float32", "log_every": 1, "progress": False}
    >>> history = Trainer(DCGAN(config), avatars, **options).fit(epochs=1)         # two rounds of four pictures
    >>> history.frame["step"].tolist(), list(history.losses[0])
    ([1, 2], ['discriminator', 'generator'])
    >>> again = Trainer(DCGAN(config), avatars, **options)                 # goes on where the folder's run stands
    >>> again.step, again.epoch, len(again.fit(steps=3).rows)
    (2, 1, 3)
    """

    def __init__(self, recipe: Recipe, data: ImageSet | Mapping[str, ImageSet], *,
                 run_dir: str | os.PathLike[str], seed: int = 0, precision: str = "auto", layout: str = "auto",
                 log_every: int = 10, checkpoint_every: int = 500, sample_every: int = 500,
                 snapshot_epochs: Sequence[int] = (), transform: Transform | Mapping[str, Transform] | None = None,
                 compile: bool = False, progress: bool = True) -> None:
        every = {"log_every": log_every, "checkpoint_every": checkpoint_every, "sample_every": sample_every}
        for name, value in every.items():
            if value < 1:
                raise ValueError(f"{name} must be at least 1, got {value}")
        make_ready(Path(run_dir), bytes_needed(recipe))
        self.accelerator = Accelerator(mixed_precision="no")   # precision is set a run, not a process: see below
        self.recipe, self.run_dir, self.seed, self.progress = recipe, Path(run_dir), seed, progress
        self.log_every, self.checkpoint_every, self.sample_every = log_every, checkpoint_every, sample_every
        self.snapshot_epochs = tuple(snapshot_epochs)
        world, rank = self.accelerator.num_processes, self.accelerator.process_index
        kind: Any = UnpairedBatches if isinstance(data, Mapping) else Batches
        self.batches: Batches | UnpairedBatches = kind(
            data, recipe.config.batch_size, seed=seed, device=self.accelerator.device, rank=rank, world=world,
            transform=transform)
        self.identity = identify(recipe, self.batches, seed, world)
        self.step, self.minutes, self.images_per_second = 0, 0.0, math.nan
        recipe.rounds_per_epoch = self.batches.per_epoch
        for network in recipe.frozen.values():
            network.eval().requires_grad_(False)
        self.watch = FiniteWatch(self.accelerator, self.checkpoint)
        self.history = History(pd.DataFrame(), self.run_dir / "history.csv")
        self.begin(precision, layout, compile)

    def begin(self, precision: str, layout: str, compile: bool) -> None:
        """Choose precision and layout, and load the checkpoint if there is one of this very run."""
        device, rank = self.accelerator.device, self.accelerator.process_index
        before = read_progress(self.checkpoint) if self.checkpoint.exists() else {}
        changed = changed_settings(before, self.identity, self.recipe.config, self.run_dir)
        self.format = choose_format(self.recipe, self.batches, self.accelerator, candidates(precision, layout, before))
        self.conditions = {**self.format._asdict(), "device": describe_device(device)}
        self.changes = noted_changes(before, changed, self.conditions)
        self.recipe.parents = before.get("parents", self.recipe.parents)
        self.format.arrange(self.recipe, device)
        if compile:
            for network in self.recipe.networks.values():
                network.compile()
        self.recipe.accelerator = self.accelerator
        self.recipe.scaler = torch.amp.GradScaler(device.type, enabled=self.format.precision == "fp16")
        if before:
            rates = learning_rates(self.recipe)
            self.resume()
            if changed:
                set_learning_rates(self.recipe, rates)
        else:
            torch.manual_seed(self.seed + rank)
            if rank:        # noise of its own
                self.recipe.rng.manual_seed(self.recipe.rng.initial_seed() + 1_000_003 * rank)

    @property
    def checkpoint(self) -> Path:
        """The run's one checkpoint file."""
        return self.run_dir / "checkpoint.safetensors"

    @property
    def epoch(self) -> int:
        """Whole epochs played so far."""
        return self.step // self.batches.per_epoch

    def resume(self) -> None:
        """Load the checkpoint and the history up to it."""
        progress = load_checkpoint(self.checkpoint, self.recipe, self.accelerator.process_index)
        self.step, self.minutes = progress["step"], progress["minutes"]
        if (path := self.run_dir / "history.csv").exists():
            self.history = History.read(path)
            self.history.cut(self.step)

    def fit(self, *, epochs: float | None = None, steps: int | None = None,
            max_minutes: float | None = None) -> History:
        """Train until ``epochs`` or ``steps`` in all are played, or for ``max_minutes`` from now; return all losses.

        Parameters
        ----------
        epochs, steps : number, optional
            Totals, counted from the run's beginning; without either, the recipe's own ``config.rounds`` or
            ``config.epochs``, whichever it has.
        max_minutes : float, optional
            Stop after this time, with a checkpoint: call again to go on. Several processes stop together, by the
            first one's clock, which is looked at every ``log_every`` rounds.

        Raises
        ------
        ValueError
            If a number is out of range.
        NonFiniteLossError
            If a loss is NaN or infinite, in any process.
        """
        if max_minutes is not None and not max_minutes >= 0:
            raise ValueError(f"max_minutes must be at least 0, got {max_minutes!r}")
        target = self.rounds(epochs, steps)
        started, first, before = time.perf_counter(), self.step, self.minutes
        for network in self.recipe.networks.values():
            network.train()
        bar = tqdm(total=target, initial=self.step, unit="round", smoothing=0.05,
                   disable=not (self.progress and self.accelerator.is_main_process))
        with bar:
            while self.step < target:
                losses = self.play_round()
                elapsed = time.perf_counter() - started
                self.minutes = before + elapsed / 60
                seen = (self.step - first) * self.batches.images_per_round
                self.images_per_second = seen / elapsed if elapsed else math.nan
                bar.update()
                if self.step % self.log_every == 0:
                    bar.set_postfix_str(self.log(losses))
                self.keep_pictures()
                if self.step % self.checkpoint_every == 0:
                    self.save()
                if self.time_is_up(elapsed, max_minutes):
                    break
        self.save()
        return self.history

    def rounds(self, epochs: float | None, steps: int | None) -> int:
        """The total of rounds asked for: in rounds, in epochs, or by the recipe's own config."""
        if steps is None and epochs is None:
            config = self.recipe.config
            steps, epochs = getattr(config, "rounds", None), getattr(config, "epochs", None)
        if steps is not None:
            if steps < 1:
                raise ValueError(f"steps must be at least 1, got {steps!r}")
            return steps
        if epochs is None or not 0 < epochs < math.inf:
            raise ValueError(f"epochs must be above 0, got {epochs!r}")
        return max(1, round(epochs * self.batches.per_epoch))

    def time_is_up(self, seconds: float, max_minutes: float | None) -> bool:
        """Whether to stop; several processes decide together, as ``fit`` says."""
        if max_minutes is None or (self.accelerator.num_processes > 1 and self.step % self.log_every):
            return False
        return told_by_first(seconds >= 60 * max_minutes)

    def play_round(self) -> dict[str, Tensor]:
        """One step of the recipe; losses stay on the device until a row is due."""
        self.recipe.round = self.step
        batch = self.format.lay_out(self.batches[self.step])        # poses and labels are exact: in float32
        with self.format.autocast(self.accelerator.device):
            losses = self.recipe.step(batch)
        for scheduler in self.recipe.schedulers.values():
            scheduler.step()
        self.step += 1
        self.watch.note(losses, self.step)
        return losses

    def log(self, losses: dict[str, Tensor]) -> str:
        """Add a row to the history and say it in short, alarms first; stop at a loss that is no number."""
        self.watch.check_losses()
        values = {name: loss.item() for name, loss in losses.items()}
        row = {"step": self.step, "epoch": round(self.step / self.batches.per_epoch, 4),
               "minutes": round(self.minutes, 4), "images_per_second": round(self.images_per_second, 1), **values}
        wrong = "; ".join(alarms([*self.history.rows, row]))
        self.history.append({**row, "alarm": wrong} if wrong else row)
        told = ", ".join(f"{name} {value:.3f}" for name, value in values.items())
        return f"{wrong and wrong + ' | '}{self.images_per_second:,.0f} images/s, {told}"

    def save(self) -> None:
        """History and checkpoint, in this order: rows beyond a checkpoint are played again on resume."""
        self.watch.check_losses()
        self.watch.check_weights(self.recipe.networks, self.step)
        states = gather_object([random_states(self.recipe)])    # each process draws its own noise
        progress = {"identity": self.identity, "step": self.step, "minutes": self.minutes, **self.conditions,
                    "changes": self.changes, "parents": self.recipe.parents}

        def write() -> None:
            remove_leftovers(self.run_dir)
            self.history.save()
            save_checkpoint(self.checkpoint, self.recipe, progress, states)
        on_first(self.accelerator, write)

    def keep_pictures(self) -> None:
        """The sample grid every ``sample_every`` rounds, and the averaged networks at snapshot epochs."""
        if self.step % self.sample_every == 0:
            on_first(self.accelerator, self.write_samples)
        if self.step % self.batches.per_epoch == 0 and self.epoch in self.snapshot_epochs:
            on_first(self.accelerator, self.write_snapshots)

    def write_samples(self) -> None:
        """The preview as a grid; networks that it set to evaluation train on."""
        grid = make_grid(self.recipe.preview().cpu(), nrow=8, normalize=True, value_range=(-1, 1))
        write_atomically(self.run_dir / "samples" / f"round-{self.step:06d}.png",
                         lambda partial: save_image(grid, partial))
        for network in self.recipe.networks.values():
            network.train()

    def write_snapshots(self) -> None:
        """The averaged networks in half precision."""
        for name in self.recipe.averages:
            save_weights(self.run_dir / "snapshots" / f"{name}-epoch-{self.epoch:03d}.safetensors",
                         self.recipe.averaged(name))
