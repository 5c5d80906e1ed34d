"""The two judges: what they learn from, and how well they know it; the networks are in ``avatarlib.models``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import torch
from torch import Tensor
from tqdm.auto import tqdm

from avatarlib.data import TAGS, AvatarSet, ImageSet, PortraitSet, TaggedAvatarSet
from avatarlib.data.augment import degrade, random_pose
from avatarlib.data.avatarset import attribute_name, style_options
from avatarlib.data.landmarks import LANDMARKS, PORTRAIT_STYLES
from avatarlib.data.mixed import join
from avatarlib.models.landmarks import LandmarkNet
from avatarlib.models.tagger import Tagger
from avatarlib.recipes import LandmarkConfig, LandmarkRegression, TagEstimation, TaggerConfig

__all__ = ["examine_attributes", "examine_landmarks", "examine_tags", "landmark_recipe", "landmark_sets",
           "tagger_recipe", "tagger_sets"]

EXCLUSIVE = ((0, 13), (24, 34))             # hair colours and eye colours
ATTRIBUTE_STYLE = "avataaars"               # the tagger's attributes are this style's


def tagger_recipe(config: TaggerConfig, *, seed: int = 0) -> TagEstimation:
    """The tagger for the 34 tags and the attributes of avataaars, with its training."""
    attributes = {attribute_name(option): names for option, names in style_options(ATTRIBUTE_STYLE).items()}
    return TagEstimation(TAGS, EXCLUSIVE, attributes, config, seed=seed)


def tagger_sets(count: int, size: int, *, seed: int = 0, split: str = "train", progress: bool = True) -> list[ImageSet]:
    """Half of ``count`` as tagged avatars (the paper's prior), half as avataaars."""
    given: dict[str, Any] = {"size": size, "seed": seed, "split": split, "progress": progress}
    return [TaggedAvatarSet(count=count - count // 2, **given),
            AvatarSet(ATTRIBUTE_STYLE, count=count // 2, **given)]


def flawed(images: Tensor) -> Tensor:
    """Augmentation of the tagger: a small random pose, then the flaws of generated pictures."""
    return degrade(random_pose(images)[0])


def landmark_recipe(config: LandmarkConfig, *, seed: int = 0) -> LandmarkRegression:
    """The landmark network with its training."""
    return LandmarkRegression(LANDMARKS, config, augment=posed_and_flawed, seed=seed)


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


@torch.no_grad()
def in_batches(judge: Callable[[Tensor], Tensor], data: ImageSet, batch_size: int = 128,
               progress: bool = False) -> Tensor:
    """What ``judge`` says of every picture of a set."""
    starts = tqdm(range(0, len(data), batch_size), unit="batch", disable=not progress)
    return torch.cat([judge(data.batch(slice(start, start + batch_size))["image"]) for start in starts])


def examine_tags(tagger: Tagger, data: ImageSet) -> pd.DataFrame:
    """Precision, recall and F1 of every tag on pictures whose tags are known.

    Parameters
    ----------
    tagger : Tagger
    data : ImageSet
        Labels (N, tags) in the tagger's order, such as a TaggedAvatarSet's test split.

    Returns
    -------
    DataFrame
        One row a tag: ``n`` pictures with it, ``precision``, ``recall``, ``f1``, ``agreement`` (share of all
        pictures, with and without the tag, judged right). Not a number where a tag never occurs.
    """
    told, true = in_batches(tagger.estimate_tags, data).bool(), data.labels.bool()
    both, only_told, only_true = (told & true).sum(0), (told & ~true).sum(0), (~told & true).sum(0)
    return pd.DataFrame({"n": true.sum(0).numpy(), "precision": (both / (both + only_told)).numpy(),
                         "recall": (both / (both + only_true)).numpy(),
                         "f1": (2 * both / (2 * both + only_told + only_true)).numpy(),
                         "agreement": (told == true).double().mean(0).numpy()},
                        index=pd.Index(tagger.tags, name="tag"))


def examine_attributes(tagger: Tagger, data: ImageSet) -> pd.DataFrame:
    """Share of pictures of AvatarSet whose category is judged right, and what guessing the commonest gives.

    Categories that cannot be seen count too: the colour of a hat that is not worn is part of the labels only
    where DiceBear says so, and hair under a hat keeps its colour.
    """
    told = in_batches(lambda images: torch.stack(list(tagger.estimate_attributes(images).values()), 1), data)
    commonest = torch.stack([column.bincount().max() / len(column) for column in data.labels.T])
    return pd.DataFrame({"categories": [len(names) for names in data.schema.values()],
                         "accuracy": (told == data.labels).double().mean(0).numpy(),
                         "commonest": commonest.numpy()}, index=pd.Index(list(data.schema), name="attribute"))


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
