"""Make book/results/flow_steps.csv: how many of Euler's steps does the flow need, and what does a picture cost?

    OMP_NUM_THREADS=1 python tools/flow_steps.py       # about ten minutes on a core

Every number of steps draws from the same noise. The GANs beside it draw in one pass. Times are the processor's own, for
batches of 20.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from avatarlib import pretrained
from avatarlib.data import AvatarSet
from avatarlib.metrics import Features, frechet_distance, precision_recall, random_features
from avatarlib.training.files import write_atomically
from avatarlib.training.identity import describe_device

OUT = Path(__file__).resolve().parent.parent / "book" / "results" / "flow_steps.csv"
FLOW, GANS = "flow-avataaars-64", ("dcgan-avataaars-64", "r3-dcgan-avataaars-64")
STEPS, N, BATCH, SEED = (1, 2, 3, 5, 10, 20, 50), 300, 20, 0

Draw = Callable[[int, torch.Generator], Tensor]


def drawn(draw: Draw, n: int) -> tuple[Tensor, float]:
    """Pictures (n, 3, 64, 64) in [-1, 1], and milliseconds of the processor for one of them."""
    rng, parts, start = torch.Generator().manual_seed(SEED), [], process_time()
    with torch.no_grad():
        for _ in range(n // BATCH):
            parts.append(draw(BATCH, rng))
    return torch.cat(parts), (process_time() - start) * 1000 / n


def steps_table(n: int = N) -> pd.DataFrame:
    """A row a way to draw: quality and variety to the eyes of two networks, and time."""
    tagger: Any = pretrained.load("tagger-avatars")
    eyes = {"tagger": Features("tagger-avatars", tagger.features, size=tagger.size, progress=False),
            "random": random_features(progress=False)}
    real, other = ({name: eye(AvatarSet(count=n, split=split, progress=False).batch(slice(None))["image"])
                    for name, eye in eyes.items()} for split in ("train", "test"))
    flow: Any = pretrained.load(FLOW)
    ways: dict[str, tuple[str, int, Draw]] = {
        f"{FLOW}, {steps} steps": (FLOW, steps, partial(call, flow, steps=steps)) for steps in STEPS}
    ways |= {name: (name, 1, partial(call, pretrained.load(name))) for name in GANS}
    rows = [measured("held-out real", 0, float("nan"), real, other)]
    for model, steps, draw in ways.values():
        images, milliseconds = drawn(draw, n)
        rows.append(measured(model, steps, milliseconds, real, {name: eye(images) for name, eye in eyes.items()}))
        print(rows[-1], flush=True)
    return pd.DataFrame(rows)


def call(network: Any, n: int, rng: torch.Generator, **how: int) -> Tensor:
    """Draw with a network."""
    return network.sample(n, generator=rng, **how)


def measured(model: str, steps: int, milliseconds: float, real: dict[str, Tensor],
             others: dict[str, Tensor]) -> dict[str, float | str]:
    """Distances and recall, by features of real pictures and of others."""
    row: dict[str, float | str] = {"model": model, "steps": steps, "milliseconds": milliseconds}
    for name, features in others.items():
        precision, recall = precision_recall(real[name], features)
        row |= {f"frechet_{name}": frechet_distance(real[name], features), f"precision_{name}": precision,
                f"recall_{name}": recall}
    return row


def main() -> None:
    """Measure, and write the table."""
    table = steps_table()
    text = (f"# made by tools/flow_steps.py: N = {N}, seed {SEED}, one core of {describe_device(torch.device('cpu'))}\n"
            + table.round(4).to_csv(index=False))
    write_atomically(OUT, partial(Path.write_text, data=text, encoding="utf-8"))


if __name__ == "__main__":
    main()
