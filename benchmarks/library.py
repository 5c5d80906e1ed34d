"""Drawing avatars and sampling from a generator."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from avatarlib.data import AvatarSet
from avatarlib.data.avatarset import PARALLEL_FROM
from avatarlib.models.dcgan import Generator

__all__ = ["drawing_speed", "sampling_latency"]


def timed(action: Callable[[int], object], repeats: int) -> np.ndarray:
    """Seconds of ``action(0)``, ``action(1)``, ... after one that does not count."""
    action(repeats)
    seconds = []
    for turn in range(repeats):
        started = time.perf_counter()
        action(turn)
        seconds.append(time.perf_counter() - started)
    return np.array(seconds)


def drawing_speed(cache: Path, *, repeats: int) -> pd.DataFrame:
    """Avatars of 64 pixels a second, in one process and on all processors; each turn has its own seed."""
    rows = {}
    for name, count, workers in (("one process", 500, 1), ("all processors", PARALLEL_FROM, -1)):
        def draw(seed: int, count: int = count, workers: int = workers) -> None:
            AvatarSet(count=count, seed=seed, workers=workers, cache=cache, progress=False)
        rate = count / timed(draw, repeats)
        rows[name] = {"median avatars/s": np.median(rate), "max avatars/s": rate.max()}
    return pd.DataFrame(rows).T.rename_axis("drawing, 64 px")


def sampling_latency(*, repeats: int) -> pd.DataFrame:
    """Milliseconds an avatar of the paper's generator, one at a time and 64 at a time."""
    generator, rows = Generator().eval(), {}
    for n in (1, 64):
        def sample(_: int, n: int = n) -> None:
            generator.sample(n)
        milliseconds = 1000 * timed(sample, repeats) / n
        rows[f"batch {n}"] = {"median ms an avatar": np.median(milliseconds), "min ms an avatar": milliseconds.min()}
    return pd.DataFrame(rows).T.rename_axis("sampling, width 64")
