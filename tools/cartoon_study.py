"""Make book/results/cartoon_study.csv, its history and its sheet: chapter 3's small studies of CartoonGAN's losses.

    OMP_NUM_THREADS=1 python tools/cartoon_study.py        # about an hour on one core; goes on where it was stopped

Every run is a narrow network at 64 pixels on FaceSet and sees its content through our own tagger, so nothing is
downloaded (``--features FILE`` takes a VGG-16). All runs of a generator and seed begin where one common first phase
ended, and differ from the base run in one thing:

- weights: ArtifyGAN's generator and its content weights 10, 0 and 1e-5, turned into means as at the paper's size, and
  one between them;
- losses: each of the report's losses alone, added to the base run, and all of them;
- edges: with and without smoothed cartoons as a class that the discriminator refuses, three seeds.
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from avatarlib import pretrained, set_seed
from avatarlib.data import FaceSet, from_uint8, smooth_edges, smoothed, to_uint8
from avatarlib.interact.grids import image_grid, png_bytes
from avatarlib.losses import adversarial_loss, content_loss
from avatarlib.metrics import peak_signal_noise_ratio, structural_similarity
from avatarlib.recipes import CartoonGAN, CartoonGANConfig
from avatarlib.runs.cartoongan import features
from avatarlib.training import Trainer
from avatarlib.training.files import write_atomically

ROOT = Path(__file__).resolve().parent.parent
OUT, RUNS = ROOT / "book" / "results", ROOT / "runs" / "cartoon_study"
SIZE, FIRST, GAME, SHOWN, STEEP = 64, 150, 450, 6, 0.05
NUMBERS = 16 * 512 * 16 * 16        # in pool4's map of ArtifyGAN's batch: a sum is so many times a mean
BASE = CartoonGANConfig(size=SIZE, width=16, judge_width=16, batch_size=4, rounds=FIRST + GAME, initial_rounds=0,
                        upsampling="resize", generator_rate=4e-4, learning_rate=2e-4, decay_share=0.3, ema_decay=0.98,
                        content_weight=5.0)
REPORT = {"style": 1.0, "grey_style": 1.0, "grey_adversarial": 1.0, "colour": 1.0, "landmark": 1.0}


@dataclass(frozen=True)
class Trial:
    """One run: what differs from ``BASE``, by study and name."""

    study: str
    name: str
    seed: int = 0
    edges: bool = True              # refuse smoothed cartoons
    changes: Mapping[str, Any] = field(default_factory=dict)


class WithoutEdges(CartoonGAN):
    """The plain game: the discriminator sees no smoothed cartoons."""

    def refusing(self, cartoon: Tensor, smooth: Tensor, fake: Tensor) -> Tensor:
        """Cartoons are real, fakes are not."""
        game = adversarial_loss(self.config.adversarial)
        (real,), (drawn,) = (self.judge("discriminator", images) for images in (cartoon, fake))
        return game.accept(real) + game.refuse(drawn)


def trials() -> list[Trial]:
    """All runs, the most telling first."""
    artify = {"generator": "artifygan", "blocks": 10}
    weights = {"1: 10": 10.0 * NUMBERS, "3: 1e-5": 1e-5 * NUMBERS, "ours: 5 of the mean": 5.0, "2: 0": 0.0}
    style = {"style_reduction": "relative"}
    losses = {name: {f"{name}_weight": weight, **style} for name, weight in REPORT.items()}
    losses["all five"] = {f"{name}_weight": weight for name, weight in REPORT.items()} | style
    edges = [Trial("edges", name, seed, edges=name == "with") for seed in (0, 1, 2) for name in ("with", "without")]
    return [*(Trial("weights", name, changes={**artify, "content_weight": weight}) for name, weight in weights.items()),
            *edges[:2], *(Trial("losses", name, changes=changes) for name, changes in losses.items()), *edges[2:]]


def steepness(images: Tensor) -> Tensor:
    """How steep the steepest 5 % of all steps between neighbours are: (N, 3, H, W) in [-1, 1] -> (N,), at most 1."""
    grey = (images.float().mean(1) + 1) / 2
    steps = torch.cat([grey.diff(dim=axis).abs().flatten(1) for axis in (1, 2)], 1)
    return steps.topk(round(STEEP * steps.shape[1]), dim=1).values.mean(1)


def measure(images: Tensor, photos: Tensor, truth: Tensor, look: Any) -> dict[str, float]:
    """Means over pictures: likeness to the drawing and to the photograph, edges, and content that is lost."""
    unit = [((x + 1) / 2).clamp(0, 1) for x in (images, photos, truth)]
    return {"ssim_drawing": structural_similarity(unit[0], unit[2], data_range=1.0).mean().item(),
            "psnr_drawing": peak_signal_noise_ratio(unit[0], unit[2], data_range=1.0).mean().item(),
            "ssim_photo": structural_similarity(unit[0], unit[1], data_range=1.0).mean().item(),
            "steepness": steepness(images).mean().item(),
            "content": content_loss(look(images), look(photos), reduction="mean").item()}


class Study:
    """The data, the frozen networks, and what every run needs of them."""

    def __init__(self, source: str, layer: str) -> None:
        self.config = replace(BASE, content_layer=layer)
        self.features = features(layer, source)
        photos = FaceSet(SIZE, half="first", progress=False)
        cartoons = FaceSet(SIZE, look="cel", half="second", progress=False)
        self.data = {"photo": photos, "cartoon": cartoons, "smooth": smoothed(cartoons, progress=False)}
        self.photos, self.truth = (FaceSet(SIZE, "test", look=look, progress=False).batch(slice(None))["image"]
                                   for look in ("photo", "cel"))

    def look(self, images: Tensor) -> Tensor:
        """What the frozen network sees."""
        with torch.no_grad():
            return self.features(images)[self.config.content_layer]

    def recipe(self, trial: Trial) -> CartoonGAN:
        """The game of a trial, where its first phase ended."""
        config = replace(self.config, **trial.changes)
        landmarks = pretrained.load("landmarks-avatars") if config.landmark_weight else None
        kind = CartoonGAN if trial.edges else WithoutEdges
        return kind(self.features, config, landmarks=landmarks, seed=trial.seed)

    def first_phase(self, trial: Trial) -> CartoonGAN:
        """Content alone, once for each generator and seed."""
        own = {name: value for name, value in trial.changes.items() if name in ("generator", "blocks")}
        config = replace(self.config, **own, rounds=FIRST, initial_rounds=FIRST, decay_share=0.0, content_weight=10.0)
        recipe = CartoonGAN(self.features, config, seed=trial.seed)
        self.fit(recipe, RUNS / f"first-{config.generator}-{trial.seed}", trial.seed, FIRST)
        return recipe

    def fit(self, recipe: CartoonGAN, folder: Path, seed: int, rounds: int) -> pd.DataFrame:
        """Train, or go on where the folder's checkpoint stands; the history."""
        set_seed(seed)
        trainer = Trainer(recipe, self.data, run_dir=folder, seed=seed, precision="float32", layout="contiguous",
                          checkpoint_every=100, sample_every=10_000, progress=False)
        trainer.fit(steps=rounds)
        return pd.DataFrame(trainer.history.rows)

    def play(self, trial: Trial) -> tuple[dict[str, Any], pd.DataFrame, Tensor]:
        """One run: its row of the table, its history, its pictures of the first heads."""
        recipe = self.recipe(trial)
        recipe.begin_from(self.first_phase(trial))
        name = "".join(c if c.isalnum() else "-" for c in f"{trial.study}-{trial.name}-{trial.seed}")
        history = self.fit(recipe, RUNS / name, trial.seed, GAME)
        made = torch.cat([recipe.translate(part) for part in self.photos.split(16)])
        key = {"study": trial.study, "run": trial.name, "seed": trial.seed}
        row = key | {"rounds": GAME, "n": len(made)} | measure(made, self.photos, self.truth, self.look)
        history = history[["step", "discriminator", "adversarial", "content", "change"]].assign(**key)
        return row, history, made[:SHOWN]

    def references(self) -> list[dict[str, Any]]:
        """What is measured of pictures that no network made."""
        blurred = from_uint8(torch.from_numpy(smooth_edges(to_uint8(self.truth).numpy())))
        mean = FaceSet(SIZE, "validation", look="cel", progress=False).batch(slice(None))["image"].mean(0)
        pictures = {"photograph": self.photos, "drawing": self.truth, "mean drawing": mean.expand_as(self.truth),
                    "smoothed drawing": blurred}
        return [{"study": "references", "run": name, "n": len(made)}
                | measure(made, self.photos, self.truth, self.look) for name, made in pictures.items()]


def write(rows: list[dict[str, Any]], histories: list[pd.DataFrame], pictures: dict[str, Tensor]) -> None:
    """All results so far, with the machine they were made on."""
    note = (f"# made by tools/cartoon_study.py with torch {torch.__version__.split('+')[0]} on a CPU "
            f"({platform.machine()}, {torch.backends.cpu.get_cpu_capability()}), {torch.get_num_threads()} thread\n")
    tables = {"cartoon_study.csv": pd.DataFrame(rows)}
    if histories:
        tables["cartoon_study_history.csv"] = pd.concat(histories)
    for name, table in tables.items():
        text = note + table.to_csv(index=False, float_format="%.5g")
        write_atomically(OUT / name, partial(Path.write_text, data=text, encoding="utf-8"))
    sheet = image_grid(torch.cat(list(pictures.values())), columns=SHOWN, gap=2, row_labels=list(pictures), colours=64)
    write_atomically(OUT / "cartoon_study.png", partial(Path.write_bytes, data=png_bytes(sheet, colours=64)))


def main() -> None:
    """Play all trials; the files are written anew after each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--features", default="tagger", metavar="FILE", help="VGG-16 weights in safetensors")
    parser.add_argument("--layer", default="down4", help="whose map is compared (default %(default)s)")
    options = parser.parse_args()
    study = Study(options.features, options.layer)
    rows, histories = study.references(), []
    pictures = {"photograph": study.photos[:SHOWN], "hidden drawing": study.truth[:SHOWN]}
    for trial in trials():
        row, history, made = study.play(trial)
        rows.append(row)
        histories.append(history.iloc[::2])
        if trial.seed == 0:
            pictures[f"{trial.study} {trial.name}"] = made
        write(rows, histories, pictures)
        print(" ".join(f"{key}={value:.4g}" if isinstance(value, float) else f"{key}={value}"
                       for key, value in row.items()), flush=True)


if __name__ == "__main__":
    main()
