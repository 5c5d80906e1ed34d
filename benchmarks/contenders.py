"""Training loops that take turns, each in a process of its own, so that each has its own peak of memory."""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import torch
from PIL import Image

from avatarlib.data import AvatarSet, ImageSet
from avatarlib.recipes import DCGAN, DCGANConfig
from avatarlib.training import Trainer
from benchmarks.textbook import textbook_rounds

__all__ = ["compare_training", "write_png_files"]

BATCH_SIZE = DCGANConfig().batch_size


def trainer_rounds(folder: Path, precision: str) -> Iterator[None]:
    """The library's loop: each ``next`` is one round, with a row of the history every ten."""
    data = read_set(folder)
    with tempfile.TemporaryDirectory() as run_dir:
        trainer = Trainer(DCGAN(DCGANConfig()), data, run_dir=run_dir, precision=precision, progress=False)
        while True:
            losses = trainer.play_round()
            trainer.images_per_second = math.nan
            if trainer.step % trainer.log_every == 0:
                trainer.log(losses)
            yield


def write_png_files(data: ImageSet, folder: Path) -> None:
    """The pictures for both sides: PNG files, as image folders have them, and one array."""
    (folder / "png" / "avatars").mkdir(parents=True)
    for index, picture in enumerate(data.images):
        Image.fromarray(picture.transpose(1, 2, 0)).save(folder / "png" / "avatars" / f"{index:05d}.png")
    np.save(folder / "images.npy", data.images)


def read_set(folder: Path) -> ImageSet:
    """The array as a set without labels."""
    images = np.load(folder / "images.npy", mmap_mode="r")
    return ImageSet("benchmark", images, np.zeros((len(images), 0), int), {})


LOOPS: dict[str, Callable[[Path], Iterator[object]]] = {
    "textbook loop: float32, NCHW, PNG files": lambda folder: textbook_rounds(folder / "png", BATCH_SIZE),
    "Trainer, float32": lambda folder: trainer_rounds(folder, "float32"),
    "Trainer, bf16": lambda folder: trainer_rounds(folder, "bf16"),
}


def serve(name: str, folder: Path, connection: Connection) -> None:
    """Play as many rounds as asked for and answer with the seconds a round; at 0, tell the memory and end."""
    loop = LOOPS[name](folder)
    with contextlib.suppress(EOFError):     # the asking process has gone
        while rounds := connection.recv():
            next(loop)      # wakes threads and caches; not counted
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
    def start(cls, name: str, folder: Path) -> Contender:
        """Start the process; it waits to be asked."""
        here, there = multiprocessing.get_context("spawn").Pipe()
        process = multiprocessing.get_context("spawn").Process(target=serve, args=(name, folder, there))
        process.start()
        there.close()
        return cls(name, here, process)

    def ask(self, rounds: int) -> float:
        """Seconds a round over ``rounds`` rounds, or, for 0, the peak of memory in MB."""
        self.connection.send(rounds)
        return self.connection.recv()


def compare_training(folder: Path, *, repeats: int, rounds: int) -> pd.DataFrame:
    """Let the loops take turns: a row each, with the ratio to the first as the median over the turns."""
    contenders = [Contender.start(name, folder) for name in LOOPS]
    try:
        for contender in contenders:
            contender.ask(1)    # imports, first allocations
        for _ in range(repeats):
            for contender in contenders:
                contender.seconds.append(contender.ask(rounds))
        memory = [contender.ask(0) for contender in contenders]
    finally:
        for contender in contenders:
            contender.connection.close()
            contender.process.join(10)
            contender.process.kill()
    yardstick = np.array(contenders[0].seconds)
    return pd.DataFrame({
        "times the textbook": [np.median(yardstick / contender.seconds) for contender in contenders],
        "median images/s": [BATCH_SIZE / np.median(contender.seconds) for contender in contenders],
        "median ms a round": [1000 * np.median(contender.seconds) for contender in contenders],
        "min ms a round": [1000 * min(contender.seconds) for contender in contenders],
        "peak MB": memory,
    }, index=pd.Index(LOOPS, name="training"))


def pictures_for(repeats: int, rounds: int, cache: Path) -> AvatarSet:
    """So many avatars that no loop comes to the end of an epoch, where a DataLoader pauses."""
    played = 2 + repeats * (rounds + 1)
    return AvatarSet(count=BATCH_SIZE * (played + 1), cache=cache, progress=False)
