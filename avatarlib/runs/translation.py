"""What runs from FaceSet's photographs to its drawings share: the two halves, and the drawings held back as truth."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, cast

import pandas as pd
import torch
from torch import Tensor, nn
from torchvision.transforms import v2

from avatarlib.data import FaceSet, ImageSet
from avatarlib.data.files.folders import PictureFolder
from avatarlib.data.files.paths import user_path
from avatarlib.data.mixed import oversampled
from avatarlib.recipes import Recipe
from avatarlib.recipes.translation import Translation
from avatarlib.runs.base import Examination, Run
from avatarlib.runs.evaluation import Evaluation
from avatarlib.runs.options import BEGIN_FROM, DATA, SETS, Options, whole
from avatarlib.runs.saved import SavedRun, begin_from, markdown
from avatarlib.runs.truth import PIXELS, check_options, evaluate_redrawing
from avatarlib.training.batches import Transform

__all__ = ["TRANSLATION", "TRUTH", "TranslationRun", "hidden_truth"]

TRANSLATION: Options = {"data": DATA["data"], **BEGIN_FROM, "wearers": {
    "type": whole(1), "metavar": "TIMES",
    "help": "translations: FaceSet's heads with glasses stand so often in both sets"}}
OURS = "FaceSet"                                    # how the names of its sets begin

# The end of every such card, for networks trained on FaceSet and for those trained on folders.
TRUTH = """
**Against the hidden truth**, {n} held-out heads: how like the drawing of the same head, which no training saw, is the
photograph itself, the mean of other heads' drawings, and what this network made of the photograph.

{measures}

**Limits.** Heads like FaceSet's: rendered, nearly upright. No photograph of a person was seen in training.
"""
NO_TRUTH = """
**Limits.** Nothing was measured: these pictures have no hidden truth. Whether this network may be passed on is for
those to say whose pictures it learnt from.
"""


class TranslationRun(Run):
    """Photographs of one half of FaceSet, drawings of the other half's heads; or two folders of pictures."""

    takes = "image"
    options: ClassVar[Options] = TRANSLATION
    counts = (24, 300, 1_000_000)                   # of each half at most
    look: ClassVar[str] = "anime"                   #: of the drawings

    def settings(self, options: argparse.Namespace, preset: str) -> Any:
        config = super().settings(options, preset)
        return replace(config, size=options.size) if options.size else config

    def begin(self, recipe: Recipe, options: argparse.Namespace) -> None:
        begin_from(self, recipe, options.begin_from)

    def shipped(self, recipe: Recipe) -> nn.Module:
        return cast(Translation, recipe).translator()

    def open(self, config: Any, count: int, options: argparse.Namespace) -> Mapping[str, ImageSet]:
        if options.data:
            return folders(config.size, options)
        photos = FaceSet(config.size, half="first")
        cartoons = FaceSet(config.size, look=self.look, half="second")
        if count < min(len(photos), len(cartoons)):
            photos = FaceSet(config.size, half="first", count=count)
            cartoons = FaceSet(config.size, look=self.look, half="second", count=count)
        sets: dict[str, ImageSet] = {"photo": photos, "cartoon": cartoons}
        if (options.wearers or 1) > 1:
            column = list(photos.schema).index("glasses")
            sets = {name: oversampled(data, data.labels[:, column] > 0, options.wearers)
                    for name, data in sets.items()}
        return sets

    def transform(self) -> Mapping[str, Transform]:
        """Batches are mirrored by chance, each domain's alone, as in CycleGAN's reference."""
        return {"photo": v2.RandomHorizontalFlip(), "cartoon": v2.RandomHorizontalFlip()}

    def examine(self, saved: SavedRun, network: nn.Module) -> Examination:
        names = saved.identity["data"]
        if not all(name.startswith(OURS) for name in names.values()):
            return Examination({"photos": f"pictures like those of {names['photo']}",
                                "cartoons": f"pictures like those of {names['cartoon']}", "kept": "",
                                "license": "other", "truth": NO_TRUTH})
        measures = hidden_truth(network, max(saved.identity["size"].values()), self.look)
        truth = TRUTH.format(n=int(measures["n"].iloc[0]), measures=markdown(measures))
        return Examination({"photos": "photograph-like heads", "cartoons": f"{self.look} drawings",
                            "kept": ", each photograph and drawing of another head", "truth": truth},
                           {"measures.csv": measures})

    def evaluate(self, network: nn.Module, options: argparse.Namespace, data: Mapping[str, Any]) -> Evaluation:
        """Against the hidden drawings of held-out heads, by default at the size of the training."""
        check_options(options)
        if any(not name.startswith(OURS) for name in dict(data.get("name", {})).values()):
            raise ValueError(f"model must be trained on {OURS} to be scored against its hidden drawings, got "
                             f"{options.model!r}, trained on {' and '.join(data['name'].values())}")
        size = options.size or max(dict(data.get("size", {})).values(), default=0)
        if not size:
            raise ValueError(f"--size must be given for {options.model!r}: it does not tell that of its training")
        pictures, truth = beside_truth(network, size, self.look)
        return evaluate_redrawing(pictures, truth, options, f"FaceSet {self.look} (test)")


def folders(size: int, options: argparse.Namespace) -> dict[str, ImageSet]:
    """The two sets of ``--data A,B``, photographs and cartoons, cut to squares of ``size`` pixels.

    ValueError if they are no folders with pictures, or another option chooses among FaceSet's heads.
    """
    for name in ("count", "wearers"):
        if getattr(options, name) is not None:
            raise ValueError(f"--{name} is for {OURS}, got it with --data {options.data}")
    if options.data in SETS:
        raise ValueError(f"--data must be two folders as A,B for {options.recipe}, got {options.data!r}")
    roots = [user_path(name) for name in options.data.split(",") if name]
    return {part: PictureFolder(root, size=size, name=f"folder {root.resolve().name}")
            for part, root in zip(("photo", "cartoon"), roots, strict=True)}


def hidden_truth(network: nn.Module, size: int, look: str = "cel", split: str = "test") -> pd.DataFrame:
    """SSIM and PSNR to the drawing of the same head: of its photograph, of the mean drawing, of the network's picture.

    Means over all heads of the split; ``n`` says how many. The mean is that of the validation heads' drawings.
    """
    pictures, truth = beside_truth(network, size, look, split)
    rows = [{**{name: compare(images, truth).mean().item() for name, compare in PIXELS.items()}, "n": len(truth)}
            for images in pictures.values()]
    return pd.DataFrame(rows, index=pd.Index(pictures, name="picture"))


@torch.no_grad()
def beside_truth(network: nn.Module, size: int, look: str, split: str = "test") -> tuple[dict[str, Tensor], Tensor]:
    """What ``hidden_truth`` compares, and the drawings with which: all (N, 3, size, size) in [-1, 1]."""
    def seen(kind: str, part: str = split) -> Tensor:
        return FaceSet(size, part, look=kind, progress=False).batch(slice(None))["image"]

    photos, truth = seen("photo"), seen(look)
    return {"photograph": photos, "mean drawing": seen(look, "validation").mean(0).expand_as(truth),
            "this network": torch.cat([network(part) for part in photos.split(16)])}, truth
