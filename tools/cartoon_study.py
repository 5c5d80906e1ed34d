"""Make book/results/cartoon_study.csv, its history and its sheet: chapter 3's small studies of CartoonGAN's losses.

    OMP_NUM_THREADS=1 python tools/cartoon_study.py        # ten minutes on one free core; goes on where it stopped

Every run goes on where the shipped generator stands, at 64 pixels on FaceSet, with a new discriminator, and sees its
content through our own tagger, so nothing is downloaded (``--features FILE`` takes a VGG-16). All runs of a seed
differ from the base run in one thing:

- losses: each of the report's losses alone, added to the base run;
- edges: with (the base run) and without smoothed cartoons as a class that the discriminator refuses, three seeds.
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
SIZE, GAME, SHOWN, STEEP, START = 64, 60, 6, 0.05, "cartoongan-cel-128"
HELD_OUT = 152          # the first heads of the test split; more came when these tables stood
BASE = CartoonGANConfig(size=SIZE, width=32, judge_width=16, batch_size=2, rounds=GAME, initial_rounds=0,
                        upsampling="resize", generator_rate=3e-4, learning_rate=3e-4, ema_decay=0.9,
                        content_weight=1.0, style_reduction="relative")
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
    losses = [Trial("losses", name, changes={f"{name}_weight": weight}) for name, weight in REPORT.items()]
    edges = [Trial("edges", name, seed, edges=name == "with") for seed in (0, 1, 2) for name in ("with", "without")]
    return [*edges[:2], *losses, *edges[2:]]


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
        self.features, self.start = features(layer, source), pretrained.load(START)
        photos = FaceSet(SIZE, half="first", progress=False)
        cartoons = FaceSet(SIZE, look="cel", half="second", progress=False)
        self.data = {"photo": photos, "cartoon": cartoons, "smooth": smoothed(cartoons, progress=False)}
        self.photos, self.truth = (
            FaceSet(SIZE, "test", look=look, count=HELD_OUT, progress=False).batch(slice(None))["image"]
            for look in ("photo", "cel"))

    def look(self, images: Tensor) -> Tensor:
        """What the frozen network sees."""
        with torch.no_grad():
            return self.features(images)[self.config.content_layer]

    def recipe(self, trial: Trial) -> CartoonGAN:
        """The game of a trial, where the shipped generator stands."""
        config = replace(self.config, **trial.changes)
        landmarks = pretrained.load("landmarks-faces") if config.landmark_weight else None
        recipe = (CartoonGAN if trial.edges else WithoutEdges)(self.features, config, landmarks=landmarks,
                                                               seed=trial.seed)
        for network in (recipe.networks["generator"], recipe.averages["generator"].module):
            network.load_state_dict(self.start.state_dict())
        return recipe

    def fit(self, recipe: CartoonGAN, folder: Path, seed: int, rounds: int) -> pd.DataFrame:
        """Train, or go on where the folder's checkpoint stands; the history."""
        set_seed(seed)
        trainer = Trainer(recipe, self.data, run_dir=folder, seed=seed, precision="float32", layout="contiguous",
                          log_every=2, checkpoint_every=20, sample_every=10_000, progress=False)
        trainer.fit(steps=rounds)
        return pd.DataFrame(trainer.history.rows)

    def play(self, trial: Trial) -> tuple[dict[str, Any], pd.DataFrame, Tensor]:
        """One run: its row of the table, its history, its pictures of the first heads."""
        recipe = self.recipe(trial)
        name = "".join(c if c.isalnum() else "-" for c in f"{trial.study}-{trial.name}-{trial.seed}")
        history = self.fit(recipe, RUNS / name, trial.seed, GAME)
        made = self.drawn(recipe.averaged("generator"))
        key = {"study": trial.study, "run": trial.name, "seed": trial.seed}
        row = key | {"rounds": GAME, "n": len(made)} | measure(made, self.photos, self.truth, self.look)
        history = history[["step", "discriminator", "adversarial", "content", "change"]].assign(**key)
        return row, history, made[:SHOWN]

    @torch.no_grad()
    def drawn(self, generator: Any) -> Tensor:
        """What a generator makes of the held-out photographs."""
        return torch.cat([generator(part) for part in self.photos.split(16)])

    def references(self) -> list[dict[str, Any]]:
        """What is measured of pictures that no network made."""
        blurred = from_uint8(torch.from_numpy(smooth_edges(to_uint8(self.truth).numpy())))
        mean = FaceSet(SIZE, "validation", look="cel", progress=False).batch(slice(None))["image"].mean(0)
        pictures = {"photograph": self.photos, "drawing": self.truth, "mean drawing": mean.expand_as(self.truth),
                    "smoothed drawing": blurred, "shipped generator": self.drawn(self.start)}
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
    sheet = image_grid(torch.cat(list(pictures.values())), columns=SHOWN, gap=2, row_labels=list(pictures), colours=32)
    write_atomically(OUT / "cartoon_study.png", partial(Path.write_bytes, data=png_bytes(sheet, colours=32)))


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
