"""Compare the branches of a long translation on FaceSet's validation heads: a row a run, as in ``branches.csv``.

    python tools/branches.py OUT.csv "as it began=runs/cycle-1" "lighter cycle=runs/cycle-2" "shipped=cyclegan-anime-64"

A branch is a run of ``avatarlib train cyclegan``, ``cut`` or ``content-invariance``, where its checkpoint stands, or a
model. ``rounds`` counts all stages; the settings are those of the last one, before any weight falls, and a model has
none. The scores compare drawings with the hidden ones of the same heads at the size of the run, or at ``--size`` for a
model; ``way_back`` is the mean absolute error of the photographs that return, where there is a way back.
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
from torch import nn

from avatarlib import pretrained
from avatarlib.data import FaceSet
from avatarlib.models.cyclegan import Translators
from avatarlib.recipes import ContentInvarianceConfig, CUTConfig, CycleGANConfig
from avatarlib.recipes.translation import TranslationConfig
from avatarlib.runs.content_invariant import ContentInvarianceRun
from avatarlib.runs.cut import CUTRun
from avatarlib.runs.cyclegan import CycleGANRun
from avatarlib.runs.saved import SavedRun, is_model
from avatarlib.training.files import write_atomically

TOLD = {     # by config: column -> setting
    CycleGANConfig: {"cycle_weight": "cycle_weight", "slope_penalty": "penalty_weight",
                     "discriminators_rate": "learning_rate", "discriminators_width": "judge_width"},
    CUTConfig: {"nce_weight": "nce_weight", "slope_penalty": "penalty_weight", "discriminators_rate": "learning_rate"},
    ContentInvarianceConfig: {
        "reconstruction_weight": "reconstruction_weight", "content_weight": "content_weight",
        "style_weight": "style_weight", "autoencoding_weight": "autoencoding_weight",
        "slope_penalty": "penalty_weight", "discriminators_rate": "learning_rate"}}
RUNS = (CycleGANRun(), CUTRun(), ContentInvarianceRun())


def main(arguments: Sequence[str] | None = None) -> None:
    """Score the runs and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="table to write")
    parser.add_argument("runs", nargs="+", metavar="NAME=RUN", help="a branch and its run folder, or a model")
    parser.add_argument("--size", type=int, default=64, help="pixels a side for models (default %(default)s)")
    options = parser.parse_args(arguments)
    for run in options.runs:
        if "=" not in run:
            parser.error(f"runs must be NAME=RUN, got {run!r}")
    table = pd.DataFrame([row(*run.split("=", 1), options.size) for run in options.runs])
    write_atomically(options.out, partial(Path.write_text, data=table.round(5).to_csv(index=False), encoding="utf-8"))
    print(table.round(3).to_string(index=False))


def row(branch: str, place: str, size: int) -> dict[str, str | float]:
    """A run's settings, and its scores on the validation heads."""
    if is_model(Path(place)):
        return {"branch": branch, "rounds": pretrained.trained(place)["rounds"], "size": size,
                **scores(pretrained.load(place), size)}
    saved = SavedRun(Path(place), RUNS)
    config = cast(TranslationConfig, saved.recipe.config)
    told = {column: getattr(config, name) for column, name in TOLD[type(config)].items()}
    return {"branch": branch, "rounds": saved.rounds, "size": config.size, **told,
            **scores(saved.exported(), config.size)}


@torch.no_grad()
def scores(network: nn.Module, size: int) -> dict[str, float]:
    """Likeness of the drawings to the hidden ones, and the error of the way back."""
    sets = [FaceSet(size, "validation", look=look, progress=False) for look in ("photo", "anime")]
    photos = judges.pictures_of(sets[0])
    network.eval()
    made = torch.cat([network(part) for part in photos.split(16)])
    values = judges.likeness(sets[1]).measures(made)
    if isinstance(network, Translators):
        back = torch.cat([network.to_photo(part) for part in made.split(16)])
        values["way_back"] = (back - photos).abs()
    return {**{name: value.mean().item() for name, value in values.items()}, "n": len(photos)}


if __name__ == "__main__":
    main()
