"""Make book/results/cel_scores.csv or anime_scores.csv: which translation comes nearest to the hidden drawings?

    python tools/translation_scores.py                      # every shipped model that draws cel; two minutes on a core
    python tools/translation_scores.py --look anime         # at 64 pixels, with more measures
    python tools/translation_scores.py cartoongan-cel-128 runs/exported --out scores.csv

Every held-out head of FaceSet is scored against its own drawing, which no training saw: the drawing itself (the
ceiling), the untouched photograph, baselines that learn nothing of faces, and the models. Each number is a mean over
the heads with its 95 % bootstrap interval; a Fréchet distance, of all pictures at once, has none. A model of another
size draws at its own, and its pictures are then resized, antialiased.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pandas as pd
import torch
import translation_judges as judges
from torch import Tensor
from torch.nn import functional as F

from avatarlib import metrics, pretrained
from avatarlib.data import FaceSet
from avatarlib.runs.registry import run_of
from avatarlib.training.files import write_atomically

RESULTS = Path(__file__).resolve().parent.parent / "book" / "results"
SIZES = {"cel": 128, "anime": 64}
OTHERS = {"cel": (), "anime": ("cartoongan-cel-128",)}      # models of another look that are scored, too
BATCH = 16


def main(arguments: Sequence[str] | None = None) -> None:
    """Score, write the table, and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", help="shipped models or folders (default: all shipped ones of the look)")
    parser.add_argument("--look", choices=SIZES, default="cel", help="of the drawings (default cel)")
    parser.add_argument("--size", type=int, help="pixels a side (default 128 for cel, 64 for anime)")
    parser.add_argument("--out", type=Path, help="table to write (default book/results/LOOK_scores.csv)")
    options = parser.parse_args(arguments)
    look, out = options.look, options.out or RESULTS / f"{options.look}_scores.csv"
    table, note = score(options.models or models_of(look), look, options.size or SIZES[look])
    text = f"# made by tools/translation_scores.py: {note}\n{table.round(4).to_csv(index=False)}"
    write_atomically(out, partial(Path.write_text, data=text, encoding="utf-8"))
    print(f"{readable(table).to_string(index=False)}\n{note}")


def models_of(look: str) -> list[str]:
    """The shipped models that are scored in a look."""
    return [*OTHERS[look], *(name for name in pretrained.names() if f"-{look}-" in name)]


def score(models: Sequence[str], look: str = "cel", size: int = 128) -> tuple[pd.DataFrame, str]:
    """A row a kind of pictures, with intervals; and how good the judges are on the true drawings."""
    networks = {str(model): drawer(str(model)) for model in models}
    photos, truth = FaceSet(size, "test"), FaceSet(size, "test", look=look)
    known, learnt = (FaceSet(size, look=kind) for kind in ("photo", look))
    shots = judges.pictures_of(photos)
    asked = judges_of(look, photos, learnt, truth)
    distances: dict[str, Callable[[Tensor], float]] = {}
    pictures: dict[str, Callable[[], Tensor]] = {
        "hidden drawing": lambda: judges.pictures_of(truth), "photograph": lambda: shots,
        "classical cartoon": lambda: metrics.classical_cartoon(shots),
        "recoloured mean": lambda: metrics.recoloured_mean(shots, mean_picture(known), mean_picture(learnt))}
    if look != "cel":
        distances["frechet"] = judges.frechet(taught := FaceSet(size, look=look, half="second"))
        pictures["colour transfer"] = lambda: metrics.colour_transfer(shots, *map(judges.pictures_of, (known, learnt)))
    pictures |= {name: partial(draw_all, network, name, size) for name, network in networks.items()}
    rows = []
    for name, make in pictures.items():
        images = make()
        values = {key: value for judge in asked for key, value in judge.measures(images).items()}
        rows.append({"picture": name, "n": len(images), **summary(values),
                     **{key: distance(images) for key, distance in distances.items()}})
    notes = [f"N = {len(truth)} held-out heads of {size} px", *(judge.note for judge in asked if judge.note),
             f"feature distance: tagger-avatars, {' '.join(judges.LAYERS)}, unweighted"]
    if distances:
        notes.append(f"Fréchet distance: tagger-avatars, {len(truth)} pictures to the {len(taught)} drawings that the "
                     "models learn from; the hidden drawings' row is real against real")
    return pd.DataFrame(rows), "; ".join(notes)


def judges_of(look: str, photos: FaceSet, learnt: FaceSet, truth: FaceSet) -> list[judges.Judge]:
    """Who is asked about the pictures of a look."""
    asked = [judges.likeness(truth), judges.hair(learnt, truth),
             judges.presence("glasses", lambda data: judges.label(data, "glasses") > 0, learnt, truth)]
    if look == "cel":
        return asked
    return [*asked,
            judges.presence("beard", lambda data: judges.label(data, "beard") > 1, learnt, truth,   # no stubble
                            metrics.AT_MOUTH),
            judges.presence("open_mouth", judges.mouth_open, learnt, truth, metrics.AT_MOUTH),
            judges.skin(learnt, truth, FaceSet(truth.images.shape[-1], "test", look="cel")),
            judges.landmarks(photos, truth)]


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
def draw_all(network: torch.nn.Module, name: str, size: int) -> Tensor:
    """What a model makes of the held-out photographs, at its own size, then at ``size``."""
    own = max(pretrained.data(name).get("size", {"": size}).values())
    photos = judges.pictures_of(FaceSet(own, "test"))
    drawn = torch.cat([network(part) for part in photos.split(BATCH)])
    if own != size:
        drawn = F.interpolate(drawn, (size, size), mode="bilinear", antialias=True)
    return drawn.clamp(-1, 1)


def summary(values: judges.Measures) -> dict[str, float]:
    """Mean and 95 % interval of each measure, over the heads it applies to, and how many those are."""
    row: dict[str, float] = {}
    for name, value in values.items():
        given = value[~value.isnan()].double()
        low, high = metrics.bootstrap_interval(given, seed=judges.SEED) if len(given) > 1 else (torch.nan, torch.nan)
        row |= {name: given.mean().item(), f"{name}_low": low, f"{name}_high": high, f"{name}_n": len(given)}
    return row


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """One cell a measure: mean (low to high); what has no interval comes first."""
    measures = [name.removesuffix("_low") for name in table if name.endswith("_low")]
    cells = {name: [f"{value:.3f} ({low:.3f} to {high:.3f})" for value, low, high in
                    table[[name, f"{name}_low", f"{name}_high"]].itertuples(index=False)] for name in measures}
    others = [name for name in table if name not in cells and not name.endswith(("_low", "_high", "_n"))]
    return table[others].round(3).assign(**cells)


if __name__ == "__main__":
    main()
