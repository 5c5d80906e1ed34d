"""Compare the branches of a long CycleGAN on FaceSet's validation heads: a row a run, as in ``branches.csv``.

    python tools/branches.py OUT.csv "as it began=runs/cycle-1" "lighter cycle=runs/cycle-2"

A branch is a run of ``avatarlib train cyclegan`` that began from another with ``--begin-from``, or that one itself,
where its checkpoint stands. ``rounds`` counts all stages; the settings are those of the last one, before any weight
falls. The scores compare drawings with the hidden ones of the same heads; ``way_back`` is the mean absolute error of
the photographs that return.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import cast

import pandas as pd
import torch
import translation_judges as judges

from avatarlib.data import FaceSet
from avatarlib.models.cyclegan import Translators
from avatarlib.recipes import CycleGANConfig
from avatarlib.runs.cyclegan import CycleGANRun
from avatarlib.runs.saved import SavedRun
from avatarlib.training.files import write_atomically


def main(arguments: Sequence[str] | None = None) -> None:
    """Score the runs and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="table to write")
    parser.add_argument("runs", nargs="+", metavar="NAME=FOLDER", help="a branch and its run folder")
    options = parser.parse_args(arguments)
    for run in options.runs:
        if "=" not in run:
            parser.error(f"runs must be NAME=FOLDER, got {run!r}")
    table = pd.DataFrame([row(*run.split("=", 1)) for run in options.runs])
    write_atomically(options.out, partial(Path.write_text, data=table.round(5).to_csv(index=False), encoding="utf-8"))
    print(table.round(3).to_string(index=False))


def row(branch: str, folder: str) -> dict[str, str | float]:
    """A run's settings, and its scores on the validation heads."""
    saved = SavedRun(Path(folder), [CycleGANRun()])
    config = cast(CycleGANConfig, saved.recipe.config)
    return {"branch": branch, "rounds": saved.rounds, "cycle_weight": config.cycle_weight,
            "slope_penalty": config.penalty_weight, "discriminators_rate": config.learning_rate,
            "discriminators_width": config.judge_width, **scores(cast(Translators, saved.exported()), config.size)}


@torch.no_grad()
def scores(network: Translators, size: int) -> dict[str, float]:
    """Likeness of the drawings to the hidden ones, and the error of the way back."""
    sets = [FaceSet(size, "validation", look=look, progress=False) for look in ("photo", "anime")]
    photos = judges.pictures_of(sets[0])
    network.eval()
    made = torch.cat([network.to_cartoon(part) for part in photos.split(16)])
    back = torch.cat([network.to_photo(part) for part in made.split(16)])
    values = judges.likeness(sets[1]).measures(made) | {"way_back": (back - photos).abs()}
    return {**{name: value.mean().item() for name, value in values.items()}, "n": len(photos)}


if __name__ == "__main__":
    main()
