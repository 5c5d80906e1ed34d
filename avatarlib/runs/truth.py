"""What ``avatarlib evaluate`` finds out about a network that redraws pictures: how near it comes to the hidden truth.

Every photograph of FaceSet has a drawing of the same head, which no training saw. So, unlike for a generator from
noise, each picture has its answer: the measures are taken pair by pair, and heads can be drawn again for an interval.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any, cast

import torch
from torch import Tensor

from avatarlib import pretrained
from avatarlib.metrics import bootstrap_interval, feature_distance, peak_signal_noise_ratio, structural_similarity
from avatarlib.metrics.backbones import RandomConv
from avatarlib.metrics.images import to_intensity
from avatarlib.models.frozen import tagger_features
from avatarlib.models.tagger import Tagger
from avatarlib.runs.evaluation import Evaluation

__all__ = ["PIXELS", "check_options", "evaluate_redrawing"]

LAYERS = ("down2", "down4", "down8", "down16")
INTERVAL = "95 % interval of the mean over the heads, by a bootstrap of 2,000 draws"
NOT_HERE = ("data", "style", "prior", "count", "backbone")      # options of generators from noise or tags

Measure = Callable[[Tensor, Tensor], Tensor]        # two (N, 3, H, W) in [-1, 1] -> (N,)


@torch.no_grad()
def evaluate_redrawing(pictures: Mapping[str, Tensor], truth: Tensor, options: argparse.Namespace,
                       data: str) -> Evaluation:
    """SSIM, PSNR and the distance in the maps of two networks, of each kind of pictures to the hidden drawings.

    Parameters
    ----------
    pictures : mapping
        What they are -> (N, 3, H, W) in [-1, 1]: the network's, and what it must beat.
    truth : Tensor
        The drawings of the same heads, in the same order.
    options : argparse.Namespace
        Of the command; ``n`` heads at most are compared.
    data : str
        Name of the drawings.

    Raises
    ------
    ValueError
        If there are fewer than two heads.
    """
    n, rows = min(options.n, len(truth)), []
    for (measure, backbone), compare in measures().items():
        for name, images in pictures.items():
            start = perf_counter()
            values = compare(images[:n], truth[:n])
            finite = bool(values.isfinite().all())      # a perfect picture has an infinite PSNR
            low, high = bootstrap_interval(values, seed=options.seed) if finite else (float("nan"), float("nan"))
            rows.append({"measure": measure, "picture": name, "backbone": backbone, "mean": values.mean().item(),
                         "low": low, "high": high, "n": n, "seed": options.seed, "seconds": perf_counter() - start})
    facts = {"model": str(options.model), "data": data, "n": n, "seed": options.seed, "low to high": INTERVAL}
    return Evaluation(f"beside {data}: {n:,} heads of {truth.shape[-1]} px", facts, rows)


def check_options(options: argparse.Namespace) -> None:
    """Raise a ValueError if an option is given that chooses data or a backbone: here both are fixed."""
    for name in NOT_HERE:
        if getattr(options, name) is not None:
            raise ValueError(f"--{name} is for models that draw from noise or tags, got it for {options.model!r}, "
                             "which redraws pictures")


# Of pixels alone.
PIXELS: dict[str, Measure] = {
    "SSIM": lambda a, b: structural_similarity(to_intensity(a), to_intensity(b), data_range=1.0),
    "PSNR": lambda a, b: peak_signal_noise_ratio(to_intensity(a), to_intensity(b), data_range=1.0)}


def measures() -> dict[tuple[str, str], Measure]:
    """Name and backbone -> values of the pairs, (N,)."""
    tagger = tagger_features(cast(Tagger, pretrained.load("tagger-avatars")), LAYERS)
    networks: dict[str, Any] = {"tagger-avatars": tagger, "random-conv-0": RandomConv(0).maps}
    return {**{(name, ""): compare for name, compare in PIXELS.items()},
            **{("feature distance", name): in_maps_of(network) for name, network in networks.items()}}


def in_maps_of(network: Any) -> Measure:
    """The feature distance in a network's maps."""
    return lambda a, b: feature_distance(a, b, network=network)
