"""Drawing avatars, sampling from a generator, cartoons of photographs, reading descriptions, and judging pictures."""

from __future__ import annotations

import csv
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from avatarlib import pretrained
from avatarlib.cartoonize import TILE, cartoonize, load_cartoonist
from avatarlib.data import AvatarSet, FaceSet, TaggedAvatarSet
from avatarlib.data.drawn import avatarset, tagged
from avatarlib.data.faceset import faces
from avatarlib.interact import AvatarDesigner
from avatarlib.models import acgan
from avatarlib.models.dcgan import Generator
from avatarlib.text import parse
from benchmarks.contenders import peak_memory

__all__ = ["cartoon_latency", "designer_latency", "drawing_speed", "judging_speed", "parsing_latency",
           "sampling_latency"]


def timed(action: Callable[[int], object], repeats: int) -> np.ndarray:
    """Seconds of ``action(0)``, ``action(1)``, ... after one that does not count."""
    action(repeats)
    seconds = []
    for turn in range(repeats):
        started = time.perf_counter()
        action(turn)
        seconds.append(time.perf_counter() - started)
    return np.array(seconds)


def cel_drawings(*, seed: int, cache: Path, **options: Any) -> FaceSet:
    """Heads are numbered, not drawn from a seed: each turn has a cache of its own."""
    return FaceSet(look="cel", cache=cache / f"turn-{seed}", **options)


def drawing_speed(cache: Path, *, repeats: int) -> pd.DataFrame:
    """Pictures a second of every drawn set, in one process and on all processors; each turn has its own seed."""
    sets = {"AvatarSet, 64 px": (partial(AvatarSet, size=64), avatarset.PARALLEL_FROM),
            "TaggedAvatarSet, 128 px": (partial(TaggedAvatarSet, size=128), tagged.PARALLEL_FROM),
            "FaceSet, cel, 128 px": (cel_drawings, faces.PARALLEL_FROM)}
    rows = {}
    for name, (kind, whole) in sets.items():
        for where, count, workers in (("one process", whole // 8, 1), ("all processors", whole, -1)):
            def draw(seed: int, kind: Callable[..., object] = kind, count: int = count, workers: int = workers) -> None:
                kind(count=count, seed=seed, workers=workers, cache=cache, progress=False)
            rate = count / timed(draw, repeats)
            rows[f"{name}, {where}"] = {"median pictures/s": np.median(rate), "max pictures/s": rate.max()}
    return pd.DataFrame(rows).T.rename_axis("drawing")


def judging_speed(*, repeats: int, count: int = 64) -> pd.DataFrame:
    """Pictures of 128 pixels a second through the tagger and the landmark network, ``count`` at a time."""
    images = torch.rand(count, 3, 128, 128) * 2 - 1
    rows = {}
    for name, method in (("tagger-avatars", "features"), ("landmarks-faces", "landmarks")):
        judge = getattr(pretrained.load(name), method)

        @torch.no_grad()
        def look(_: int, judge: Callable[[torch.Tensor], object] = judge) -> None:
            judge(images)
        rate = count / timed(look, repeats)
        rows[name] = {"median pictures/s": np.median(rate), "max pictures/s": rate.max()}
    return pd.DataFrame(rows).T.rename_axis("judging, 128 px")


CARTOONS = ((256, TILE), (1024, TILE), (1024, 512))     # pixels a side of the photograph, and of a tile


def cartoon_latency(*, repeats: int) -> pd.DataFrame:
    """Seconds a cartoon of the shipped CartoonGAN, and the memory of a process that draws nothing else."""
    rows = {}
    for side, tile in CARTOONS:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
            row = process.submit(draw_cartoons, side, tile, repeats).result()
        rows[f"{side} px" + (f", in tiles of {tile}" if side > tile else "")] = row
    return pd.DataFrame(rows).T.rename_axis("cartoonize, cartoongan-cel-128")


def draw_cartoons(side: int, tile: int, repeats: int) -> dict[str, float]:
    """One row, measured in this process."""
    network = load_cartoonist("cartoongan-cel-128").to("cuda" if torch.cuda.is_available() else "cpu")
    photo = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    seconds = timed(lambda _: cartoonize(photo, network, tile=tile), repeats)
    return {"median s": float(np.median(seconds)), "min s": seconds.min(), "peak MB": peak_memory()}


def parsing_latency(*, repeats: int) -> pd.DataFrame:
    """Milliseconds a description, over those of the parser's tests."""
    with (Path(__file__).parent.parent / "tests" / "text" / "descriptions.csv").open(encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file)]

    def read(_: int) -> None:
        for text in texts:
            parse(text)
    milliseconds = 1000 * timed(read, repeats) / len(texts)
    row = {"median ms a description": np.median(milliseconds), "min ms a description": milliseconds.min()}
    return pd.DataFrame({f"{len(texts)} descriptions": row}).T.rename_axis("parsing")


def designer_latency(*, repeats: int) -> pd.DataFrame:
    """Milliseconds from a control to the PNG in AvatarDesigner, with ACGAN's full generator at 128 pixels."""
    designer = AvatarDesigner(acgan.Generator().eval())

    def new_face(_: int) -> None:
        designer.new_face.click()
    milliseconds = 1000 * timed(new_face, repeats)
    row = {"median ms a click": np.median(milliseconds), "min ms a click": milliseconds.min()}
    return pd.DataFrame({"new face": row}).T.rename_axis("designer, 128 px")


def sampling_latency(*, repeats: int) -> pd.DataFrame:
    """Milliseconds an avatar of the paper's generator, one at a time and 64 at a time."""
    generator, rows = Generator().eval(), {}
    for n in (1, 64):
        def sample(_: int, n: int = n) -> None:
            generator.sample(n)
        milliseconds = 1000 * timed(sample, repeats) / n
        rows[f"batch {n}"] = {"median ms an avatar": np.median(milliseconds), "min ms an avatar": milliseconds.min()}
    return pd.DataFrame(rows).T.rename_axis("sampling, width 64")
