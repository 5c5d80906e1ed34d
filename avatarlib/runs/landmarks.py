"""Running the landmark network: portraits and drawings whose geometry is known."""

from __future__ import annotations

import argparse

import pandas as pd
import torch
from torch import Tensor, nn

from avatarlib.data import ImageSet, PortraitSet
from avatarlib.data.augment import degrade, random_pose
from avatarlib.data.landmarks import LANDMARKS, PORTRAIT_STYLES
from avatarlib.data.mixed import join
from avatarlib.models.landmarks import LandmarkNet
from avatarlib.recipes import LandmarkConfig, LandmarkRegression
from avatarlib.runs.base import Examination
from avatarlib.runs.cards import markdown
from avatarlib.runs.saved import SavedRun
from avatarlib.runs.supervised import SupervisedRun, in_batches

__all__ = ["LandmarksRun", "examine_landmarks", "landmark_sets"]

HELD_OUT = 1_000        # people of the test split that a card's figures come from

CARD = """---
license: cc-by-4.0
library_name: avatarlib
tags: [keypoint-detection, avatars, landmarks]
---
# {name}

Finds {points} in portraits and in drawn avatars. A U-Net of {parameters:,} parameters with a soft-argmax:
differentiable from pixels to coordinates. Pictures of any size in [-1, 1] in, resized to {size} px; landmarks in
pixels of the input out. Weights: exponential moving average (decay {ema_decay}), float16.

| | |
|---|---|
| data | {count:,} pictures of {data_size} px: PortraitSet (toon-head, avataaars) and the drawings under it |
| augmentation | turns to 15 degrees, scales, shifts; bent lines, grain, lower resolution, blur, erased patches, noise |
| training | {rounds:,} rounds of {batch} ({images:,} pictures seen), AdamW, seed {seed} |
| time | {minutes:.0f} minutes on {device} |

**Held out:** {n:,} portraits and {n:,} drawings of people of the test split, seed {seed}, without flaws. Error as
distance in pixels at {data_size} px, and in per cent of the distance between the eyes (mean, and 95th percentile):

{measures}

`measures.csv` holds this table, `history.csv` the losses.

**Artwork.** toon-head by Johan Melin, CC BY 4.0; avataaars by Pablo Stanley, free for personal and commercial
use. The weights are CC BY 4.0.

**Limits.** It knows these two styles, drawn and lit as portraits, nearly upright and facing us. It has seen no
photograph of a person and finds nothing sensible in one.
"""


class LandmarksRun(SupervisedRun):
    """The landmark network, on portraits and the drawings under them."""

    name, recipe, config, networks, card = "landmarks", LandmarkRegression, LandmarkConfig, (LandmarkNet,), CARD
    player = "landmarks"
    counts = (64, 8_000, 30_000)

    def build(self, config: LandmarkConfig, options: argparse.Namespace) -> LandmarkRegression:
        return LandmarkRegression(LANDMARKS, config, augment=posed_and_flawed, seed=options.seed)

    def open(self, config: LandmarkConfig, count: int, options: argparse.Namespace) -> ImageSet:
        sets = landmark_sets(count, options.size or config.size, seed=options.seed)
        return join("portraits and drawings", [*sets.values()])

    def examine(self, saved: SavedRun, network: nn.Module) -> Examination:
        assert isinstance(network, LandmarkNet)
        sets = landmark_sets(HELD_OUT, saved.identity["size"], seed=saved.identity["seed"], split="test")
        measures = pd.concat({name: examine_landmarks(network, data) for name, data in sets.items()},
                             names=["set", "landmark"]).reset_index(level=1)
        return Examination({"points": ", ".join(network.points), "n": len(sets["portraits"]),
                            "measures": markdown(measures)}, {"measures.csv": measures})


def posed_and_flawed(images: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
    """Augmentation of the landmark network: a random pose for pictures and points, then flaws."""
    posed, moved = random_pose(images, points, degrees=15.0, scale=0.15, shift=0.06)
    assert moved is not None
    return degrade(posed), moved


def landmark_sets(count: int, size: int, *, seed: int = 0, split: str = "train",
                  progress: bool = True) -> dict[str, ImageSet]:
    """``portraits`` and ``drawings`` of the same ``count`` people, of both styles in equal parts."""
    sets = [PortraitSet(style, size=size, count=count // len(PORTRAIT_STYLES), seed=seed, split=split,
                        progress=progress) for style in PORTRAIT_STYLES]
    drawings = [ImageSet(f"{data.name}, drawn", data.extras["truth"], data.labels.numpy(), data.schema,
                         {"landmarks": data.extras["landmarks"]}) for data in sets]
    return {"portraits": join("portraits", sets), "drawings": join("drawings", drawings)}


def examine_landmarks(network: LandmarkNet, data: ImageSet) -> pd.DataFrame:
    """Mean error of every landmark in pixels, and in per cent of the distance between the eyes."""
    true = torch.from_numpy(data.extras["landmarks"].copy())
    errors = (in_batches(network.landmarks, data) - true).norm(dim=-1)         # (N, K)
    relative = 100 * errors / (true[:, 0] - true[:, 1]).norm(dim=-1, keepdim=True)
    frame = pd.DataFrame({"pixels": errors.mean(0).numpy(), "percent": relative.mean(0).numpy(),
                          "percent_95": relative.quantile(0.95, dim=0).numpy()},
                         index=pd.Index(network.points, name="landmark"))
    frame.loc["all"] = [errors.mean().item(), relative.mean().item(), relative.quantile(0.95).item()]
    return frame
