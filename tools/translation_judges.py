"""Judges of tools/translation_scores.py: each turns pictures of the held-out heads into measures, a value a head."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, cast

import torch
from torch import Tensor

from avatarlib import metrics, pretrained
from avatarlib.data import FaceSet
from avatarlib.data.faceset import REGIONS
from avatarlib.data.landmarks import EYES
from avatarlib.models.frozen import tagger_features
from avatarlib.models.landmarks import LandmarkNet
from avatarlib.models.tagger import Tagger

LAYERS = ("down2", "down4", "down8", "down16")
SEED, STEPS, BATCH = 0, 300, 32
LEAST = 100 / 128 ** 2              # share of a picture that a region must have for its colour to be told
NEAR = 0.1                          # of the distance between the outer corners of the eyes
# Landmarks one above the other, of both eyes and of the inner lips; the share of its width at which a mouth is open.
LIDS, LIPS, OPEN = ((37, 38, 43, 44), (41, 40, 47, 46)), ((61, 62, 63), (67, 66, 65)), 0.1
# Of the labels' nine colours, those that the drawings do not tell apart have one name here.
HAIR = {"black": "dark", "dark brown": "dark", "brown": "brown", "light brown": "brown", "red": "red", "blond": "blond",
        "light blond": "blond", "grey": "grey or white", "white": "grey or white"}
SKIN = ("dark", "brown", "fair")    # thirds of the training drawings, by lightness
Measures = dict[str, Tensor]        # name -> a value a head (n,), not a number where it does not apply


class Judge(NamedTuple):
    """Pictures (n, 3, H, W) of the held-out heads -> measures; and how often it is right about the true drawings."""

    measures: Callable[[Tensor], Measures]
    note: str = ""


def likeness(truth: FaceSet) -> Judge:
    """How like their drawings pictures are; the drawing's own PSNR is infinite, and left out."""
    drawings = pictures_of(truth)
    seen = tagger_features(cast(Tagger, pretrained.load("tagger-avatars")), LAYERS)

    def measures(images: Tensor) -> Measures:
        pair = (images + 1) / 2, (drawings + 1) / 2
        psnr = metrics.peak_signal_noise_ratio(*pair, data_range=1.0)
        with torch.no_grad():
            distance = metrics.feature_distance(images, drawings, network=seen)
        return {"ssim": metrics.structural_similarity(*pair, data_range=1.0),
                "psnr": torch.where(psnr.isinf(), torch.nan, psnr), "feature_distance": distance,
                "edge_f1": metrics.edge_f1(images, drawings)}
    return Judge(measures)


def hair(learnt: FaceSet, truth: FaceSet) -> Judge:
    """Whether hair has the drawing's colour, by name, inside the drawing's hair; and how well names fit the labels."""
    families = torch.tensor([sorted(set(HAIR.values())).index(HAIR[name]) for name in learnt.schema["hair_color"]])
    seen, labels = region_colours(pictures_of(learnt), learnt, "hair"), label(learnt, "hair_color")
    known = torch.stack([seen[labels == one].nanmedian(0).values for one in range(len(families))])

    def named(images: Tensor) -> Tensor:
        nearest = metrics.nearest_colours(region_colours(images, truth, "hair"), known)
        return torch.where(nearest < 0, -1, families[nearest])

    drawn = named(pictures_of(truth))
    has = drawn >= 0
    right = (drawn == families[label(truth, "hair_color")])[has].float().mean().item()
    return Judge(lambda images: {"hair_kept": torch.where(has, (named(images) == drawn).float(), torch.nan)},
                 f"the drawings' hair is named as its label on {right:.3f} of {int(has.sum())} heads")


def region_colours(images: Tensor, data: FaceSet, region: str) -> Tensor:
    """The colour (n, 3) of pictures inside a region of the set's pictures; see ``metrics.region_colours``."""
    where = torch.from_numpy(data.extras["mask"] == REGIONS.index(region))
    return metrics.region_colours(images, where, least=round(LEAST * where[0].numel()))


def pictures_of(data: FaceSet) -> Tensor:
    """All pictures of a set, (n, 3, H, W) in [-1, 1]."""
    return data.batch(slice(None))["image"]


def landmarks_of(data: FaceSet) -> Tensor:
    """The true landmarks (n, 68, 2) of a set's pictures."""
    return data.batch(slice(None))["landmarks"]


def label(data: FaceSet, name: str) -> Tensor:
    """A label (n,) of every head."""
    return data.labels[:, list(data.schema).index(name)]


def skin(learnt: FaceSet, truth: FaceSet, again: FaceSet) -> Judge:
    """Whether skin has the drawing's step of lightness, by the nearest colour, inside the drawing's skin.

    Drawings of the same heads in another look, which has the same colours, say how well a step is told.
    """
    seen = region_colours(pictures_of(learnt), learnt, "skin")
    thirds = seen[:, 0].nanquantile(torch.tensor([1 / 3, 2 / 3]))
    step = torch.bucketize(seen[:, 0].contiguous(), thirds)
    known = torch.stack([seen[step == one].nanmedian(0).values for one in range(len(SKIN))])

    def named(images: Tensor, data: FaceSet) -> Tensor:
        return metrics.nearest_colours(region_colours(images, data, "skin"), known)

    drawn = named(pictures_of(truth), truth)
    right = (drawn == named(pictures_of(again), again)).float().mean().item()
    return Judge(lambda images: {"skin_kept": (named(images, truth) == drawn).float()},
                 f"skin in {len(SKIN)} steps ({', '.join(SKIN)}), those of the cel drawing on {right:.3f} of the heads")


def presence(name: str, present: Callable[[FaceSet], Tensor], learnt: FaceSet, truth: FaceSet,
             places: tuple[slice, slice] = metrics.AT_EYES) -> Judge:
    """Whether a judge that learnt from training drawings sees a thing where, and only where, it is."""
    landmarks, has = landmarks_of(truth), present(truth)
    judge = metrics.train_judge(pictures_of(learnt), landmarks_of(learnt), present(learnt), steps=STEPS, seed=SEED,
                                places=places)

    def measures(images: Tensor) -> Measures:
        right = (judge.sees(images, landmarks) == has).float()
        return {f"{name}_right": right, f"{name}_kept": torch.where(has, right, torch.nan),
                f"{name}_added": torch.where(has, torch.nan, 1 - right)}
    return Judge(measures)


def landmarks(photos: FaceSet, truth: FaceSet) -> Judge:
    """The share of the 68 landmarks that are where the drawing has them, and the eyes' height, by our own network.

    A height is told as a multiple of the photographs' mean height, so that its mean is the ratio of the means.
    """
    network = cast(LandmarkNet, pretrained.load("landmarks-faces"))
    true = landmarks_of(truth)
    near = NEAR * (true[:, EYES[0]] - true[:, EYES[1]]).norm(dim=1)

    @torch.no_grad()
    def found(images: Tensor) -> Tensor:
        return torch.cat([network.landmarks(part) for part in images.split(BATCH)])

    usual = gaps(found(pictures_of(photos)), LIDS).mean()

    def measures(images: Tensor) -> Measures:
        points = found(images)
        return {"landmarks_near": ((points - true).norm(dim=2) < near[:, None]).float().mean(1),
                "eye_height": gaps(points, LIDS) / usual}
    return Judge(measures, "landmarks: landmarks-faces")


def gaps(points: Tensor, pairs: tuple[tuple[int, ...], tuple[int, ...]]) -> Tensor:
    """Mean distance (n,) between upper and lower ones of landmarks (n, 68, 2), such as ``LIDS``."""
    upper, lower = (points[:, list(row)] for row in pairs)
    return (upper - lower).norm(dim=2).mean(1)


def mouth_open(data: FaceSet) -> Tensor:
    """Whose mouth (n,) is open in a set's pictures."""
    points = landmarks_of(data)
    return gaps(points, LIPS) > OPEN * (points[:, 54] - points[:, 48]).norm(dim=1)


def frechet(learnt: FaceSet) -> Callable[[Tensor], float]:
    """The Fréchet distance of pictures to the training drawings, in the features of tagger-avatars."""
    tagger = cast(Tagger, pretrained.load("tagger-avatars"))
    seen = metrics.Features("tagger-avatars", tagger.features, size=None, progress=False)
    known = seen(learnt)
    return lambda images: metrics.frechet_distance(known, seen(images))
