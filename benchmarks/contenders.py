"""Training loops that take turns, each in a process of its own, so that each has its own peak of memory."""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import torch
from PIL import Image

from avatarlib.data import ImageSet, draw_avatar, load_images
from avatarlib.recipes import DCGAN, DCGANConfig, Recipe
from avatarlib.training import Trainer
from benchmarks import translation
from benchmarks.textbook import textbook_rounds

__all__ = ["GROUPS", "compare_training", "write_pictures"]

BATCH_SIZE = DCGANConfig().batch_size
PICTURES = 512
WARM_UP = 4    # rounds of a turn that do not count: a DataLoader has as many batches ready from before


def trainer_rounds(recipe: Recipe, data: ImageSet | Mapping[str, ImageSet], precision: str) -> Iterator[None]:
    """The library's loop: each ``next`` is one round, with a row of the history every ten."""
    with tempfile.TemporaryDirectory() as run_dir:
        trainer = Trainer(recipe, data, run_dir=run_dir, precision=precision, progress=False)
        while True:
            losses = trainer.play_round()
            trainer.images_per_second = math.nan
            if trainer.step % trainer.log_every == 0:
                trainer.log(losses)
            yield


def dcgan_rounds(folder: Path, precision: str) -> Iterator[None]:
    """The library's DCGAN."""
    return trainer_rounds(DCGAN(DCGANConfig()), read_set(folder), precision)


def translation_rounds(folder: Path, paper: str, precision: str) -> Iterator[None]:
    """The library's CycleGAN or CartoonGAN."""
    recipe = translation.recipe_of(paper)
    return trainer_rounds(recipe, translation.open_sets(folder, recipe), precision)


def write_pictures(folder: Path) -> None:
    """Avatars as CartoonSet has them, PNG files of 500 pixels, the same reduced to the network's 64, and heads."""
    translation.write_heads(folder)
    paths = {size: folder / str(size) / "avatars" for size in (500, 64)}
    for path in paths.values():
        path.mkdir(parents=True)
    for index in range(PICTURES):
        picture, _ = draw_avatar("avataaars", {"seed": str(index)}, size=500)
        Image.fromarray(picture.transpose(1, 2, 0)).save(paths[500] / f"{index:03d}.png")
    small, _ = load_images(sorted(paths[500].iterdir()), 64, progress=False)
    for index, picture in enumerate(small):
        Image.fromarray(picture.transpose(1, 2, 0)).save(paths[64] / f"{index:03d}.png")


def read_set(folder: Path) -> ImageSet:
    """The pictures as a set without labels, decoded and reduced once, as the library's loaders do."""
    images, _ = load_images(sorted((folder / "500" / "avatars").iterdir()), 64, progress=False)
    return ImageSet("benchmark", images, np.zeros((len(images), 0), int), {})


Loop = Callable[[Path], Iterator[object]]
# What is compared -> (pictures a round, name -> loop); those that begin with "textbook" are the yardsticks.
GROUPS: dict[str, tuple[int, dict[str, Loop]]] = {
    "DCGAN, width 64, batches of 64": (BATCH_SIZE, {
        "textbook, PNG files of 500 px": lambda folder: textbook_rounds(folder / "500", BATCH_SIZE),
        "textbook, PNG files of 64 px": lambda folder: textbook_rounds(folder / "64", BATCH_SIZE),
        "Trainer, float32": partial(dcgan_rounds, precision="float32"),
        "Trainer, auto": partial(dcgan_rounds, precision="auto")}),
    "CycleGAN, width 16, 64 px, batches of 4": (translation.BATCH, {
        "textbook": translation.textbook_cyclegan,
        "Trainer, float32": partial(translation_rounds, paper="CycleGAN", precision="float32"),
        "Trainer, auto": partial(translation_rounds, paper="CycleGAN", precision="auto")}),
    "CartoonGAN, width 16, 64 px, batches of 4": (translation.BATCH, {
        "textbook": translation.textbook_cartoongan,
        "Trainer, float32": partial(translation_rounds, paper="CartoonGAN", precision="float32"),
        "Trainer, auto": partial(translation_rounds, paper="CartoonGAN", precision="auto")}),
}


def serve(group: str, name: str, folder: Path, connection: Connection) -> None:
    """Play as many rounds as asked for and answer with the seconds a round; at 0, tell the memory and end."""
    loop = GROUPS[group][1][name](folder)
    with contextlib.suppress(EOFError):     # the asking process has gone
        while rounds := connection.recv():
            for _ in range(WARM_UP):
                next(loop)
            wait_for_device()
            started = time.perf_counter()
            for _ in range(rounds):
                next(loop)
            wait_for_device()
            connection.send((time.perf_counter() - started) / rounds)
        connection.send(peak_memory())


def wait_for_device() -> None:
    """A GPU works on after a call has returned."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def peak_memory() -> float:
    """Largest resident memory of this process in MB, without worker processes; on a GPU that of the GPU."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 1e6
    if sys.platform == "win32":
        return psutil.Process().memory_info().peak_wset / 1e6
    import resource  # POSIX only

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3     # bytes there, kilobytes elsewhere


@dataclass
class Contender:
    """One loop in its process."""

    name: str
    connection: Connection
    process: multiprocessing.process.BaseProcess
    seconds: list[float] = field(default_factory=list)

    @classmethod
    def start(cls, group: str, name: str, folder: Path) -> Contender:
        """Start the process; it waits to be asked."""
        here, there = multiprocessing.get_context("spawn").Pipe()
        process = multiprocessing.get_context("spawn").Process(target=serve, args=(group, name, folder, there))
        process.start()
        there.close()
        return cls(name, here, process)

    def ask(self, rounds: int) -> float:
        """Seconds a round over ``rounds`` rounds, or, for 0, the peak of memory in MB."""
        self.connection.send(rounds)
        return self.connection.recv()


def compare_training(group: str, folder: Path, *, repeats: int, rounds: int) -> pd.DataFrame:
    """Let the loops of a group take turns: a row each, with the speed relative to each textbook loop turn by turn
    (median)."""
    images, loops = GROUPS[group]
    contenders = [Contender.start(group, name, folder) for name in loops]
    try:
        for contender in contenders:
            contender.ask(1)    # imports
        for _ in range(repeats):
            for contender in contenders:
                contender.seconds.append(contender.ask(rounds))
        memory = [contender.ask(0) for contender in contenders]
    finally:
        for contender in contenders:
            contender.connection.close()
            contender.process.join(10)
            contender.process.kill()
    seconds = np.array([contender.seconds for contender in contenders])
    ratios = {f"x {name}": np.median(seconds[row] / seconds, axis=1) for row, name in enumerate(loops)
              if name.startswith("textbook")}
    return pd.DataFrame({**ratios, "images/s": images / np.median(seconds, axis=1),
                         "median ms a round": 1000 * np.median(seconds, axis=1),
                         "min ms a round": 1000 * seconds.min(axis=1), "peak MB": memory},
                        index=pd.Index(loops, name=group))
