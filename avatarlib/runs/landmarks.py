"""Running the landmark network: photograph-like heads and their drawings, whose geometry is known."""

from __future__ import annotations

import argparse

import pandas as pd
import torch
from torch import Tensor, nn

from avatarlib.data import FaceSet, ImageSet
from avatarlib.data.augment import degrade, random_mirror, random_pose
from avatarlib.data.faceset.packs import find_packs, head_names, split_of
from avatarlib.data.landmarks import EYES, LANDMARKS, MIRRORED
from avatarlib.data.mixed import join
from avatarlib.models.landmarks import LandmarkNet
from avatarlib.recipes import LandmarkConfig, LandmarkRegression
from avatarlib.runs.base import Examination, SupervisedRun, in_batches
from avatarlib.runs.saved import SavedRun, markdown

__all__ = ["LandmarksRun", "examine_landmarks", "landmark_sets"]

HELD_OUT = 1_000_000    # heads at most that a card's figures come from
SIZE = 128      # of the pictures, as the chapters have them; the network resizes them
LOOKS = {"photographs": "photo", "cel": "cel", "anime": "anime"}

CARD = """\
Finds the 68 iBUG points in photograph-like heads and in their cel and anime drawings. A U-Net of {parameters:,}
parameters with a soft-argmax: differentiable from pixels to coordinates. Pictures of any size in [-1, 1] in, resized
to {size} px; landmarks in pixels of the input out. Weights: exponential moving average (decay {ema_decay}), float16.

| | |
|---|---|
| data | {count:,} pictures of {data_size} px: FaceSet's training heads as photographs, cel and anime drawings |
| augmentation | mirrored; turns to 15 degrees, scales, shifts; bent lines, grain, fewer pixels, blur, erased patches |
| training | {rounds:,} rounds of {batch} ({images:,} pictures seen), AdamW, seed {seed} |
| time | {minutes:.0f} minutes on {device} |

**Held out:** the {n:,} heads of the test split in each look, without flaws. Error in per cent of the distance between
the outer corners of the eyes: mean and 95th percentile, beside that of the validation heads' mean shape in that
look, which is one answer for all pictures.

{measures}

`measures.csv` holds this table, `history.csv` the losses.

**Limits.** Rendered heads like FaceSet's, in its crop, nearly upright and facing us. No photograph of a person was
seen in training.
"""


class LandmarksRun(SupervisedRun):
    """The landmark network, on FaceSet in all its looks.

    Examples
    --------
    >>> from argparse import Namespace
    >>> from avatarlib.runs.landmarks import LandmarksRun
    >>> run = LandmarksRun()
    >>> config = run.settings(Namespace(set=["width=8"], steps=None), "smoke")
    >>> recipe = run.build(config, Namespace(seed=0))
    >>> len(run.shipped(recipe).points), run.count("smoke", Namespace(count=None))         # 16 heads in every look
    (68, 16)
    """

    name, recipe, config, networks, card = "landmarks", LandmarkRegression, LandmarkConfig, (LandmarkNet,), CARD
    topics = "keypoint-detection, faces, cartoons, landmarks"
    player = "landmarks"
    counts = (16, 1_000_000, 1_000_000)     # heads at most, each in every look

    def build(self, config: LandmarkConfig, options: argparse.Namespace) -> LandmarkRegression:
        return LandmarkRegression(LANDMARKS, config, eyes=EYES, augment=posed_and_flawed, seed=options.seed)

    def open(self, config: LandmarkConfig, count: int, options: argparse.Namespace) -> ImageSet:
        return join("FaceSet, all looks", [*landmark_sets(options.size or SIZE, count=count).values()])

    def examine(self, saved: SavedRun, network: nn.Module) -> Examination:
        assert isinstance(network, LandmarkNet)
        measures, n = examine_looks(network, saved.identity["size"])
        return Examination({"n": n, "measures": markdown(measures)}, {"measures.csv": measures})


def posed_and_flawed(images: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
    """Augmentation of the landmark network: mirrored by chance, a random pose for pictures and points, then flaws."""
    posed, moved = random_pose(*random_mirror(images, points, MIRRORED), degrees=15.0, scale=0.15, shift=0.06)
    assert moved is not None
    return degrade(posed), moved


def landmark_sets(size: int, *, split: str = "train", count: int | None = None,
                  progress: bool = True) -> dict[str, FaceSet]:
    """The same heads in every look, by what the table of a card calls it; ``count`` at most.

    Examples
    --------
    >>> from avatarlib.runs.landmarks import landmark_sets
    >>> sets = landmark_sets(32, count=1, progress=False)
    >>> list(sets), sets["cel"].extras["landmarks"].shape
    (['photographs', 'cel', 'anime'], (1, 68, 2))
    """
    there = sum(split_of(int(name)) == split for _, name in head_names(find_packs(progress=progress)))
    few = count if count is not None and count < there else None
    return {name: FaceSet(size, split, look=look, count=few, progress=progress) for name, look in LOOKS.items()}


def mean_shape(data: ImageSet) -> Tensor:
    """Mean landmarks of a set, (K, 2): the same answer for every picture."""
    return torch.from_numpy(data.extras["landmarks"].copy()).mean(0)


def examine_looks(network: LandmarkNet, size: int) -> tuple[pd.DataFrame, int]:
    """`examine_landmarks` on the held-out heads in every look, beside the mean shape; and how many heads these are."""
    sets, others = (landmark_sets(size, split=split, count=HELD_OUT) for split in ("test", "validation"))
    measures = pd.concat({look: examine_landmarks(network, sets[look], mean_shape(others[look])) for look in sets},
                         names=["look", "part"]).reset_index(level=1)
    return measures, len(sets["photographs"])


def examine_landmarks(network: LandmarkNet, data: ImageSet, mean: Tensor | None = None) -> pd.DataFrame:
    """Errors of every part of the face in pixels, and in per cent of the distance between the eyes.

    Parameters
    ----------
    network : LandmarkNet
    data : ImageSet
        With the network's landmarks as an extra.
    mean : Tensor, optional
        (K, 2): an answer for all pictures, whose error is told in a column of its own.

    Returns
    -------
    DataFrame
        A row a part, the last of all points: mean ``pixels`` and ``percent``, ``percent_mean_shape`` if there is a
        ``mean``, and the 95th percentile, ``percent_95``.

    Examples
    --------
    >>> import numpy as np
    >>> import torch
    >>> from avatarlib.data import ImageSet
    >>> from avatarlib.models.landmarks import LandmarkNet
    >>> from avatarlib.runs.landmarks import examine_landmarks
    >>> points = np.tile(np.float32([[8, 8], [24, 8], [16, 24]]), (2, 1, 1))
    >>> faces = ImageSet("faces", np.zeros((2, 3, 32, 32), np.uint8), np.zeros((2, 0), int), {}, {"landmarks": points})
    >>> network = LandmarkNet(["left eye 1", "right eye 1", "mouth 1"], width=8, size=32).eval()
    >>> table = examine_landmarks(network, faces, mean=torch.tensor([[8.0, 16.0], [24.0, 8.0], [16.0, 24.0]]))
    >>> table["percent_mean_shape"].round(1).to_dict()         # the left eye is off by half of what parts the eyes
    {'left eye': 50.0, 'right eye': 0.0, 'mouth': 0.0, 'all': 16.7}
    """
    true = torch.from_numpy(data.extras["landmarks"].copy())
    unit = (true[:, network.eyes[0]] - true[:, network.eyes[1]]).norm(dim=-1, keepdim=True)
    errors = (in_batches(network.landmarks, data) - true).norm(dim=-1)         # (N, K)
    told = {"pixels": errors, "percent": 100 * errors / unit}
    if mean is not None:
        told["percent_mean_shape"] = 100 * (mean - true).norm(dim=-1) / unit
    part_of = [name.rsplit(" ", 1)[0] for name in network.points]
    rows = {part: [name == part for name in part_of] for part in dict.fromkeys(part_of)}
    rows["all"] = [True] * len(part_of)
    return pd.DataFrame(
        [{**{name: values[:, where].mean().item() for name, values in told.items()},
          "percent_95": told["percent"][:, where].quantile(0.95).item()} for where in rows.values()],
        index=pd.Index(rows, name="part"))
