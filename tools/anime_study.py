"""Make book/results/cycle_*: chapter 4's small studies of CycleGAN, from photographs to anime drawings.

    OMP_NUM_THREADS=1 python tools/anime_study.py           # about an hour on one free core; goes on where it stopped
    OMP_NUM_THREADS=1 python tools/anime_study.py rates --rounds 300 --batch 1      # one of its three studies, shorter

All pictures have 32 pixels. Photographs are of one half of FaceSet's training heads and drawings of the other; what a
generator makes of the 60 validation heads is scored against their own drawings, which no run sees. All runs of a seed
begin with generators that copy: those of rates and losses add the picture to what they draw, the tiny ones have learnt
to. A run differs from the first of its study in one thing:

- rates: Tian's two learning rates;
- identity: the tiny network of Sun's report and each of three suspects for its having learnt the identity;
- losses: CycleGAN without each of its three losses.
"""

from __future__ import annotations

import argparse
import math
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor

from avatarlib import set_seed
from avatarlib.data import FaceSet, ImageSet, from_uint8, to_uint8
from avatarlib.data.faceset import half_of
from avatarlib.interact.grids import image_grid, png_bytes
from avatarlib.metrics import frechet_distance, structural_similarity
from avatarlib.recipes import CycleGAN, CycleGANConfig
from avatarlib.training import Trainer
from avatarlib.training.files import write_atomically
from avatarlib.training.history import SIGNS, alarms

ROOT = Path(__file__).resolve().parent.parent
OUT, RUNS = ROOT / "book" / "results", ROOT / "runs" / "anime_study"
DRAWN, SIZE = 128, 32           # pixels: FaceSet's pictures as the other tables have them, and reduced
EVERY, ROW = 5, 25              # rounds between rows of a run's history, and of our tables, which hold means
WRONG, LAST = 100, 100          # rounds: how long a sign must last to be an alarm, and over how many a mean is taken
SHOWN = 6                       # pictures a row of a sheet
BASE = CycleGANConfig(size=SIZE, width=16, judge_width=16, judge_layers=2, blocks=4, upsampling="resize", batch_size=4,
                      rounds=600, ema_decay=0.98, skip=True)
TINY = replace(BASE, width=8, judge_width=32, learning_rate=3e-4, skip=False)
WEAK = {"cycle_weight": 2.0, "last_cycle_weight": 2.0, "identity_weight": 1.0, "last_identity_weight": 1.0}
STUDIES: dict[str, tuple[CycleGANConfig, dict[str, dict[str, Any]], int]] = {     # first run, changes, seeds
    "rates": (BASE, {"2e-4": {}, "1.6e-3": {"learning_rate": 1.6e-3}}, 3),
    "identity": (TINY, {"tiny": {}, "wider": {"width": 24}, "weaker ties": WEAK, "smaller gap": {}}, 2),
    "losses": (BASE, {"whole": {}, "no cycle": {"cycle_weight": 0.0, "last_cycle_weight": 0.0},
                      "no identity": {"identity_weight": 0.0, "last_identity_weight": 0.0},
                      "no adversarial": {"adversarial_weight": 0.0}}, 2)}


@dataclass(frozen=True)
class Trial:
    """One run: what differs from the first run of its study, by study and name."""

    study: str
    name: str
    seed: int = 0
    changes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def config(self) -> CycleGANConfig:
        """The first run's settings with this run's changes."""
        return replace(STUDIES[self.study][0], **self.changes)

    @property
    def folder(self) -> str:
        """Of the run; that which two studies begin with is played once."""
        name = "whole" if self.config == BASE else f"{self.study}-{self.name}"
        return f"{name}-{self.seed}".replace(" ", "-")

    @property
    def look(self) -> str:
        """Domain A: photographs, or drawings in a photograph's proportions, which are nearer to anime."""
        return "cel" if self.name == "smaller gap" else "photo"


def trials(study: str) -> list[Trial]:
    """All runs of a study, seed by seed."""
    _, changes, seeds = STUDIES[study]
    return [Trial(study, name, seed, change) for seed in range(seeds) for name, change in changes.items()]


@cache
def reduced(look: str, split: str, half: str | None = None) -> ImageSet:
    """A look of FaceSet's heads at ``SIZE`` pixels: means of squares."""
    data = FaceSet(DRAWN, split, look=look, progress=False)
    rows = np.array([half in (None, half_of(int(number))) for number in data.extras["seed"]])
    small = F.interpolate(from_uint8(torch.from_numpy(np.array(data.images[rows]))), (SIZE, SIZE), mode="area")
    return ImageSet(f"FaceSet {look} ({split}, {half})", to_uint8(small).numpy(), data.labels.numpy()[rows],
                    data.schema)


def measure(made: Tensor, given: Tensor, truth: Tensor) -> dict[str, float]:
    """Means over pictures (N, 3, H, W): how far from what was given, and how like it and like the drawing."""
    unit = [((x + 1) / 2).clamp(0, 1) for x in (made, given, truth)]
    return {"ssim_drawing": structural_similarity(unit[0], unit[2], data_range=1.0).mean().item(),
            "ssim_input": structural_similarity(unit[0], unit[1], data_range=1.0).mean().item(),
            "change": (made - given).abs().mean().item(),
            "off_drawing": (made - truth).abs().mean().item(),
            "likeness": likeness(made, given)}


class Study:
    """The data, and what every run needs of them."""

    def __init__(self, rounds: int = BASE.rounds or 1, batch: int = BASE.batch_size) -> None:
        self.rounds, self.batch, self.copying = rounds, batch, math.ceil(rounds / 2)
        self.folder = RUNS / f"{rounds}x{batch}"
        self.data = {look: reduced(look, "train", "second" if look == "anime" else "first")
                     for look in ("photo", "cel", "anime")}
        self.heads = {look: reduced(look, "validation").batch(slice(None))["image"]
                      for look in ("photo", "cel", "anime")}
        self.known = layout(self.data["anime"].batch(slice(None))["image"])

    def fit(self, recipe: CycleGAN, name: str, look: str, seed: int) -> pd.DataFrame:
        """Train, or go on where the run's checkpoint stands; its history."""
        set_seed(seed)
        trainer = Trainer(recipe, {"photo": self.data[look], "cartoon": self.data["anime"]}, run_dir=self.folder / name,
                          seed=seed, precision="float32", layout="contiguous", log_every=EVERY, checkpoint_every=50,
                          sample_every=1_000_000, progress=False)
        trainer.fit()
        return pd.DataFrame(trainer.history.rows)

    def start(self, trial: Trial) -> CycleGAN:
        """Generators that have learnt to copy both domains, the same for all runs of a width, look and seed."""
        config = replace(TINY, width=trial.config.width, batch_size=self.batch, rounds=self.copying,
                         warm_up_share=0.999, learning_rate=1e-3)
        recipe = CycleGAN(config, seed=trial.seed)
        self.fit(recipe, f"start-{config.width}-{trial.look}-{trial.seed}", trial.look, trial.seed)
        return recipe

    def play(self, trial: Trial) -> tuple[dict[str, Any], pd.DataFrame, Tensor]:
        """One run: its row of the table, its history, its pictures of the first heads."""
        config = replace(trial.config, rounds=self.rounds, batch_size=self.batch)
        recipe = CycleGAN(config, seed=trial.seed)
        if not config.skip:
            start = self.start(trial)
            for name in ("to_cartoon", "to_photo"):
                for network in (recipe.networks[name], recipe.averages[name].module):
                    network.load_state_dict(start.averaged(name).state_dict())
        history = self.fit(recipe, trial.folder, trial.look, trial.seed)
        made = self.translated(recipe, "to_cartoon", given := self.heads[trial.look])
        back = (self.translated(recipe, "to_photo", made) - given).abs().mean().item()
        judged = history["step"] > history["step"].max() - LAST
        key: dict[str, Any] = {"study": trial.study, "run": trial.name, "seed": trial.seed}
        row = key | {"rounds": self.rounds, "n": len(made)} | measure(made, given, self.heads["anime"]) | {
            "frechet": frechet_distance(layout(made), self.known), "way_back": back,
            "discriminator": history["cartoon_discriminator"][judged].mean(), "alarms": rung(history)}
        return row, averaged_rows(history).assign(**key), made[:SHOWN]

    @torch.no_grad()
    def translated(self, recipe: CycleGAN, name: str, images: Tensor) -> Tensor:
        """What an averaged generator makes of pictures."""
        return torch.cat([recipe.averaged(name)(part).float() for part in images.split(20)])

    def references(self, study: str) -> list[dict[str, Any]]:
        """What is measured of pictures that no run made, each as if made of the photograph."""
        photos, truth = self.heads["photo"], self.heads["anime"]
        mean = from_uint8(torch.from_numpy(self.data["anime"].images.mean(0))).expand_as(truth)
        pictures = {"photograph": photos, "cel drawing": self.heads["cel"], "hidden drawing": truth,
                    "mean drawing": mean}
        return [{"study": study, "run": name, "n": len(photos)} | measure(made, photos, truth)
                | {"frechet": frechet_distance(layout(made), self.known)} for name, made in pictures.items()]


def likeness(a: Tensor, b: Tensor) -> float:
    """The correlation of two sets of pictures (N, 3, H, W), a mean of the three channels, as the alarms have it."""
    pairs = zip(a.transpose(0, 1).flatten(1), b.transpose(0, 1).flatten(1), strict=True)
    return torch.stack([torch.corrcoef(torch.stack(pair))[0, 1] for pair in pairs]).mean().item()


def layout(images: Tensor) -> Tensor:
    """Mean colours of 4 x 4 squares of pictures (N, 3, H, W): (N, 48), for a Fréchet distance that is cheap."""
    return F.adaptive_avg_pool2d(images, 4).flatten(1)


def averaged_rows(history: pd.DataFrame) -> pd.DataFrame:
    """Means of every ``ROW`` rounds of a history."""
    losses = ["adversarial", "cycle", "identity", "cartoon_discriminator", "photo_discriminator", "change", "likeness"]
    block = (history["step"] / ROW).map(math.ceil) * ROW
    return history.groupby(block.rename("round"))[losses].mean().reset_index()


def rung(history: pd.DataFrame) -> str:
    """The alarms that rang at any time, with the round of the first ring, if a sign need last ``WRONG`` rounds only."""
    rows, first = history.to_dict("records"), dict[str, int]()
    for end in range(1, len(rows) + 1):
        for told in alarms(cast(Any, rows[:end]), rounds=WRONG):
            first.setdefault(next(sign for sign in SIGNS if told.startswith(sign)), rows[end - 1]["step"])
    return "; ".join(f"{sign} ({step})" for sign, step in first.items())


def note(study: str, scale: Study) -> str:
    """The first line of a table: how and on what it was made."""
    base, changes, seeds = STUDIES[study]
    begun = "add their picture" if base.skip else f"have copied for {scale.copying} rounds"
    return (f"# made by tools/anime_study.py with torch {torch.__version__.split('+')[0]} on a CPU "
            f"({platform.machine()}, {torch.backends.cpu.get_cpu_capability()}), {torch.get_num_threads()} thread; "
            f"{SIZE} px, {scale.rounds} rounds of {scale.batch} pair{'s' * (scale.batch > 1)}, seeds 0 to {seeds - 1}; "
            f"generators {begun} and begin as copies; "
            f"first run {next(iter(changes))!r}: width {base.width}, {base.blocks} blocks, discriminators' width "
            f"{base.judge_width}, learning rate {base.learning_rate:g}; alarms if a sign lasts {WRONG} rounds; "
            f"frechet: mean colours of 4 x 4 squares, to the {len(scale.known)} drawings of the training\n")


class Results:
    """All results of one study so far, and their files."""

    def __init__(self, name: str, study: Study) -> None:
        self.name, self.study, self.histories = name, study, list[pd.DataFrame]()
        self.rows = study.references(name)
        looks = {"photograph": "photo", "hidden drawing": "anime"} | (
            {"cel drawing": "cel"} if name == "identity" else {})
        self.pictures = {label: study.heads[look][:SHOWN] for label, look in looks.items()}

    def add(self, trial: Trial) -> None:
        """Play a run, or read it from its folder; the files are written anew."""
        row, history, made = self.study.play(trial)
        self.rows.append(row)
        self.histories.append(history)
        self.pictures[f"{trial.name}, seed {trial.seed}"] = made
        self.write()
        print(" ".join(f"{key}={value:.4g}" if isinstance(value, float) else f"{key}={value}"
                       for key, value in row.items()), flush=True)

    def write(self) -> None:
        """The tables, and the sheet of pictures."""
        tables = {f"cycle_{self.name}.csv": pd.DataFrame(self.rows)}
        if self.name == "rates":
            tables = {"cycle_rates_summary.csv": pd.DataFrame(self.rows), "cycle_rates.csv": pd.concat(self.histories)}
        for name, table in tables.items():
            text = note(self.name, self.study) + table.drop(columns="study").to_csv(index=False, float_format="%.4g")
            write_atomically(OUT / name, partial(Path.write_text, data=text, encoding="utf-8"))
        sheet = image_grid(torch.cat(list(self.pictures.values())), columns=SHOWN, scale=2, gap=2,
                           row_labels=list(self.pictures))
        write_atomically(OUT / f"cycle_{self.name}.png", partial(Path.write_bytes, data=png_bytes(sheet, colours=128)))


def main(arguments: Sequence[str] | None = None) -> None:
    """Play the studies that are named, or all: all runs of a seed, then those of the next."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("studies", nargs="*", default=list(STUDIES), metavar="STUDY",
                        help=f"{', '.join(STUDIES)}; all by default")
    parser.add_argument("--rounds", type=int, default=BASE.rounds, help="of each run (default %(default)s)")
    parser.add_argument("--batch", type=int, default=BASE.batch_size, help="pairs a round (default %(default)s)")
    options = parser.parse_args(arguments)
    for name in options.studies:
        if name not in STUDIES:
            parser.error(f"studies must be among {', '.join(STUDIES)}, got {name!r}")
    study = Study(options.rounds, options.batch)
    results = {name: Results(name, study) for name in options.studies}
    for trial in sorted((trial for name in results for trial in trials(name)), key=lambda trial: trial.seed):
        results[trial.study].add(trial)


if __name__ == "__main__":
    main()
