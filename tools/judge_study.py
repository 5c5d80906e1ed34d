"""Make book/results/judges.csv: what every measure says of the networks of chapters 3 and 4, beside the hidden truth.

    OMP_NUM_THREADS=1 python tools/judge_study.py      # some minutes, after tools/anime_study.py and cartoon_study.py

No network is trained here: the runs of both studies are read from ``runs/``. What each network makes of held-out
photographs is compared with the drawings that were held back (the truth), and, as if there were no truth, with the
drawings of other heads that it learnt from (the measures of sets), and with the photographs.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import anime_study
import cartoon_study
import pandas as pd
import torch
from torch import Tensor

from avatarlib import pretrained
from avatarlib.metrics import (
    Features,
    density_coverage,
    feature_distance,
    frechet_distance,
    kernel_distance,
    precision_recall,
    random_features,
    sliced_distance,
    structural_similarity,
    vendi_score,
)
from avatarlib.models.frozen import tagger_features
from avatarlib.recipes import CycleGAN
from avatarlib.training.files import write_atomically

OUT = Path(__file__).resolve().parent.parent / "book" / "results" / "judges.csv"
LAYERS = ("down2", "down4", "down8", "down16")


class Work(NamedTuple):
    """One network's pictures (n, 3, H, W), what it was given, the hidden drawings, and other heads' drawings."""

    study: str
    run: str
    seed: int
    made: Tensor
    given: Tensor
    truth: Tensor
    known: Tensor


def finished(folder: Path) -> Path:
    """A run's folder, if it is there."""
    if not (folder / "checkpoint.safetensors").is_file():
        raise SystemExit(f"no finished run in {folder.name}: run tools/anime_study.py and tools/cartoon_study.py first")
    return folder


def anime_works() -> Iterator[Work]:
    """Chapter 4's CycleGANs of 32 pixels, each once: a run that opens two studies is met in both."""
    study, met = anime_study.Study(), set[str]()
    known = study.data["anime"].batch(slice(None))["image"]
    for trial in (trial for name in anime_study.STUDIES for trial in anime_study.trials(name)):
        if trial.folder in met:
            continue
        met.add(trial.folder)
        finished(study.folder / trial.folder)
        recipe = CycleGAN(replace(trial.config, rounds=study.rounds, batch_size=study.batch), seed=trial.seed)
        study.fit(recipe, trial.folder, trial.look, trial.seed)         # only read: the run has ended
        given = study.heads[trial.look]
        yield Work("CycleGAN, 32 px", trial.name, trial.seed, study.translated(recipe, "to_cartoon", given), given,
                   study.heads["anime"], known)


def cartoon_works() -> Iterator[Work]:
    """Chapter 3's CartoonGANs of 64 pixels."""
    study = cartoon_study.Study("tagger", "down4")
    known = study.data["cartoon"].batch(slice(None))["image"]
    for trial in cartoon_study.trials():
        name = "".join(c if c.isalnum() else "-" for c in f"{trial.study}-{trial.name}-{trial.seed}")
        recipe = study.recipe(trial)
        study.fit(recipe, finished(cartoon_study.RUNS / name), trial.seed, cartoon_study.GAME)
        yield Work("CartoonGAN, 64 px", trial.name, trial.seed, study.drawn(recipe.averaged("generator")),
                   study.photos, study.truth, known)


class Judges:
    """Two backbones, and what each made of the drawings that it has seen before."""

    def __init__(self) -> None:
        tagger = pretrained.load("tagger-avatars")
        self.seen = tagger_features(tagger, LAYERS)
        self.backbones = (Features("tagger-avatars", tagger.features, size=tagger.size, progress=False),
                          random_features(progress=False))
        self.kept: dict[tuple[str, str], Tensor] = {}

    def truths(self, work: Work) -> dict[str, float]:
        """Likeness to the hidden drawings: means over pictures."""
        unit = [((x + 1) / 2).clamp(0, 1) for x in (work.made, work.truth, work.given)]
        return {"ssim_drawing": structural_similarity(unit[0], unit[1], data_range=1.0).mean().item(),
                "error_drawing": (work.made - work.truth).abs().mean().item(),
                "features_drawing": feature_distance(work.made, work.truth, network=self.seen).mean().item(),
                "ssim_photo": structural_similarity(unit[0], unit[2], data_range=1.0).mean().item()}

    def sets(self, work: Work, features: Features) -> dict[str, float]:
        """The measures of sets; all but the Fréchet distance on equally many drawings, the first."""
        key = (work.study, features.name)
        if key not in self.kept:
            self.kept[key] = features(work.known)
        known, made = self.kept[key], features(work.made)
        equal = known[:len(made)]
        near, dense = precision_recall(equal, made), density_coverage(equal, made)
        return {"frechet": frechet_distance(known, made), "kernel": kernel_distance(equal, made, seed=0).mean,
                "sliced": sliced_distance(equal, made, seed=0), "precision": near.precision, "recall": near.recall,
                "density": dense.density, "coverage": dense.coverage, "vendi": vendi_score(made - known.mean(0))}

    @torch.no_grad()
    def row(self, work: Work) -> dict[str, float | str | int]:
        """All that is told of one network."""
        row: dict[str, float | str | int] = {"study": work.study, "run": work.run, "seed": work.seed,
                                             "n": len(work.made), **self.truths(work)}
        for features in self.backbones:
            row |= {f"{name} {features.kind}": value for name, value in self.sets(work, features).items()}
        return row


def write(rows: list[dict[str, float | str | int]]) -> None:
    """The table, and how it was made."""
    note = (f"# made by tools/judge_study.py with torch {torch.__version__.split('+')[0]} on a CPU "
            f"({platform.machine()}, {torch.backends.cpu.get_cpu_capability()}), {torch.get_num_threads()} thread; "
            f"no network was trained for it; _drawing: mean over n held-out heads beside their hidden drawings "
            f"(features: tagger-avatars, {' '.join(LAYERS)}); sets: beside drawings of other heads, of the training\n")
    text = note + pd.DataFrame(rows).to_csv(index=False, float_format="%.5g")
    write_atomically(OUT, partial(Path.write_text, data=text, encoding="utf-8"))


def main() -> None:
    """Judge every network of both studies; the file is written anew after each."""
    judges, rows = Judges(), list[dict[str, float | str | int]]()
    for works in (cartoon_works(), anime_works()):
        for work in works:
            rows.append(judges.row(work))
            print(work.study, work.run, work.seed, f"{rows[-1]['ssim_drawing']:.4g}", flush=True)
            write(rows)


if __name__ == "__main__":
    main()
