"""Make book/results/cel_scores.csv: which translation comes nearest to the drawings that no training saw?

    python tools/translation_scores.py                      # every shipped model that draws cel; two minutes on a core
    python tools/translation_scores.py cartoongan-cel-128 runs/exported --out scores.csv

Every held-out head of FaceSet is scored against its own cel drawing at 128 pixels: the drawing itself (the ceiling),
the untouched photograph, two baselines that learn nothing of faces, and the models. Each number is a mean over the
heads with its 95 % bootstrap interval.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import cast

import pandas as pd
import torch
from torch import Tensor

from avatarlib import metrics, pretrained
from avatarlib.data import FaceSet
from avatarlib.data.faceset import REGIONS
from avatarlib.models.frozen import tagger_features
from avatarlib.models.tagger import Tagger
from avatarlib.runs.registry import run_of
from avatarlib.training.files import write_atomically

OUT = Path(__file__).resolve().parent.parent / "book" / "results" / "cel_scores.csv"
SIZE, SEED, STEPS, BATCH = 128, 0, 300, 16
LAYERS = ("down2", "down4", "down8", "down16")
# Of the labels' nine colours, those that the drawings do not tell apart have one name here.
HAIR = {"black": "dark", "dark brown": "dark", "brown": "brown", "light brown": "brown", "red": "red", "blond": "blond",
        "light blond": "blond", "grey": "grey or white", "white": "grey or white"}
Measures = dict[str, Tensor]        # name -> a value a head (n,), not a number where it does not apply


def main(arguments: Sequence[str] | None = None) -> None:
    """Score, write the table, and print it."""
    cels = [name for name in pretrained.names("Generator") if "-cel-" in name]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=cels, help=f"shipped models or folders (default {' '.join(cels)})")
    parser.add_argument("--out", type=Path, default=OUT, help="table to write (default book/results/cel_scores.csv)")
    options = parser.parse_args(arguments)
    table, note = score(options.models)
    text = f"# made by tools/translation_scores.py: {note}\n{table.round(4).to_csv(index=False)}"
    write_atomically(options.out, partial(Path.write_text, data=text, encoding="utf-8"))
    print(f"{readable(table).to_string(index=False)}\n{note}")


def score(models: Sequence[str]) -> tuple[pd.DataFrame, str]:
    """A row a kind of pictures, with intervals; and how good the judges are on the true drawings."""
    networks = {str(model): drawer(str(model)) for model in models}
    photos, truth = heads("test", "photo"), heads("test", "cel")
    shots, drawings = (data.batch(slice(None))["image"] for data in (photos, truth))
    learnt = {look: heads("train", look) for look in ("photo", "cel")}
    means = [mean_picture(data) for data in learnt.values()]
    hair, hair_right, n_hair = hair_judge(learnt["cel"], truth)
    glasses = glasses_judge(learnt["cel"], truth)
    pictures: dict[str, Callable[[], Tensor]] = {
        "hidden drawing": lambda: drawings, "photograph": lambda: shots,
        "classical cartoon": lambda: metrics.classical_cartoon(shots),
        "recoloured mean": lambda: metrics.recoloured_mean(shots, *means),
        **{name: partial(draw_all, network, shots) for name, network in networks.items()}}
    like = partial(likeness, drawings=drawings)
    rows = []
    for name, make in pictures.items():
        images = make()
        rows.append({"picture": name, "n": len(images),
                     **summary({**like(images), **hair(images), **glasses(images)})})
    note = (f"N = {len(drawings)} held-out heads of {SIZE} px; the drawings' hair is named as its label on "
            f"{hair_right:.3f} of {n_hair} heads; feature distance: tagger-avatars, {' '.join(LAYERS)}, unweighted")
    return pd.DataFrame(rows), note


def heads(split: str, look: str) -> FaceSet:
    """One look of a split."""
    return FaceSet(SIZE, split, look=look)


def mean_picture(data: FaceSet) -> Tensor:
    """The mean (3, H, W) in [-1, 1] of a set."""
    return torch.from_numpy(data.images.mean(0) / 127.5 - 1).float()


def drawer(name: str) -> torch.nn.Module:
    """A model from photographs to drawings."""
    network = pretrained.load(name)
    run = run_of(network)
    if run is None or run.takes != "image":
        raise ValueError(f"models must turn pictures into pictures, got {name!r}, a {type(network).__name__}")
    return network


@torch.no_grad()
def draw_all(network: torch.nn.Module, photos: Tensor) -> Tensor:
    """What a network makes of photographs."""
    return torch.cat([network(part) for part in photos.split(BATCH)]).clamp(-1, 1)


def likeness(images: Tensor, drawings: Tensor) -> Measures:
    """How like their drawings pictures are; the drawing's own PSNR is infinite, and left out."""
    pair = (images + 1) / 2, (drawings + 1) / 2
    seen = tagger_features(cast(Tagger, pretrained.load("tagger-avatars")), LAYERS)
    psnr = metrics.peak_signal_noise_ratio(*pair, data_range=1.0)
    with torch.no_grad():
        distance = metrics.feature_distance(images, drawings, network=seen)
    return {"ssim": metrics.structural_similarity(*pair, data_range=1.0),
            "psnr": torch.where(psnr.isinf(), torch.nan, psnr), "feature_distance": distance,
            "edge_f1": metrics.edge_f1(images, drawings)}


def hair_judge(learnt: FaceSet, truth: FaceSet) -> tuple[Callable[[Tensor], Measures], float, int]:
    """Whether hair has the drawing's colour, by name, inside the drawing's hair; and how well names fit the labels."""
    names = learnt.schema["hair_color"]
    families = torch.tensor([sorted(set(HAIR.values())).index(HAIR[name]) for name in names])

    def colours(images: Tensor, data: FaceSet) -> Tensor:
        return metrics.region_colours(images, torch.from_numpy(data.extras["mask"] == REGIONS.index("hair")))

    def labels(data: FaceSet) -> Tensor:
        return data.labels[:, list(data.schema).index("hair_color")]

    seen = colours(learnt.batch(slice(None))["image"], learnt)
    known = torch.stack([seen[labels(learnt) == label].nanmedian(0).values for label in range(len(names))])

    def named(images: Tensor) -> Tensor:
        nearest = metrics.nearest_colours(colours(images, truth), known)
        return torch.where(nearest < 0, -1, families[nearest])

    drawn = named(truth.batch(slice(None))["image"])
    has = drawn >= 0
    right = (drawn == families[labels(truth)])[has].float().mean().item()

    def kept(images: Tensor) -> Measures:
        return {"hair_kept": torch.where(has, (named(images) == drawn).float(), torch.nan)}
    return kept, right, int(has.sum())


def glasses_judge(learnt: FaceSet, truth: FaceSet) -> Callable[[Tensor], Measures]:
    """Whether a judge that learnt from training drawings sees glasses where, and only where, there are some."""
    def worn(data: FaceSet) -> Tensor:
        return data.labels[:, list(data.schema).index("glasses")] > 0

    batch = learnt.batch(slice(None))
    judge = metrics.train_glasses_judge(batch["image"], batch["landmarks"], worn(learnt), steps=STEPS, seed=SEED)
    landmarks, wears = truth.batch(slice(None))["landmarks"], worn(truth)

    def kept(images: Tensor) -> Measures:
        right = (judge.sees(images, landmarks) == wears).float()
        return {"glasses_right": right, "glasses_kept": torch.where(wears, right, torch.nan),
                "glasses_added": torch.where(wears, torch.nan, 1 - right)}
    return kept


def summary(values: Measures) -> dict[str, float]:
    """Mean and 95 % interval of each measure, over the heads it applies to, and how many those are."""
    row: dict[str, float] = {}
    for name, value in values.items():
        given = value[~value.isnan()].double()
        low, high = metrics.bootstrap_interval(given, seed=SEED) if len(given) > 1 else (torch.nan, torch.nan)
        row |= {name: given.mean().item(), f"{name}_low": low, f"{name}_high": high, f"{name}_n": len(given)}
    return row


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """One cell a measure: mean (low to high)."""
    measures = [name.removesuffix("_low") for name in table if name.endswith("_low")]
    cells = {name: [f"{value:.3f} ({low:.3f} to {high:.3f})" for value, low, high in
                    table[[name, f"{name}_low", f"{name}_high"]].itertuples(index=False)] for name in measures}
    return pd.DataFrame({"picture": table["picture"], "n": table["n"], **cells})


if __name__ == "__main__":
    main()
