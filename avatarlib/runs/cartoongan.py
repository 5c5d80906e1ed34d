"""Running CartoonGAN and ArtifyGAN: photographs become cartoons, on FaceSet, after Chen et al. and Bismi et al."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

import pandas as pd
import torch
from torch import Tensor, nn

from avatarlib import pretrained
from avatarlib.data import FaceSet, ImageSet, smoothed
from avatarlib.metrics import peak_signal_noise_ratio, structural_similarity
from avatarlib.models import artifygan, cartoongan
from avatarlib.models.frozen import tagger_features
from avatarlib.models.tagger import Tagger
from avatarlib.models.vgg import VGGFeatures
from avatarlib.recipes import CartoonGAN, CartoonGANConfig
from avatarlib.runs.base import Examination, Run
from avatarlib.runs.options import Options
from avatarlib.runs.saved import SavedRun, markdown

__all__ = ["CartoonGANRun", "hidden_truth"]

TAGGER_LAYER = "down4"
FEATURES: Options = {"features": {
    "metavar": "FILE", "help": "cartoongan: VGG weights in safetensors, or tagger (default: torchvision's VGG)"}}

CARD = """\
Redraws photograph-like heads as cartoons, {parameters:,} parameters: pictures of 3 x H x W in [-1, 1], H and W
multiples of 4, in and out. Layers and losses are those of CartoonGAN (Chen et al. 2018) and ArtifyGAN (Bismi et al.)
at width {width} where the papers have 64. Weights: exponential moving average (decay {ema_decay}), float16.

| | |
|---|---|
| data | {data}, each photograph and drawing of another head: {count:,} pictures of {data_size} px |
| training | {rounds:,} rounds of {batch} pictures, seed {seed}; content weight {content_weight:g} |
| time | {minutes:.0f} minutes on {device} |

**Against the hidden truth**, {n} held-out heads: how like the drawing of the same head, which no training saw, is the
photograph itself, the mean of other heads' drawings, and what this network made of the photograph.

{measures}

**Limits.** Heads like FaceSet's: rendered, nearly upright, 128 pixels. No photograph of a person was seen in training.
Backgrounds and pale hair can turn blotchy.
"""


class CartoonGANRun(Run):
    """Photographs of one half of FaceSet, cel drawings of the other half."""

    name, recipe, config, card, takes = "cartoongan", CartoonGAN, CartoonGANConfig, CARD, "image"
    topics = "gan, cartoongan, image-to-image"
    networks = (cartoongan.Generator, artifygan.Generator)
    options = FEATURES
    counts = (24, 300, 1_000_000)       # of each half at most

    def settings(self, options: argparse.Namespace, preset: str) -> CartoonGANConfig:
        config = super().settings(options, preset)
        config = replace(config, content_layer=TAGGER_LAYER) if options.features == "tagger" else config
        return replace(config, size=options.size) if options.size else config

    def build(self, config: CartoonGANConfig, options: argparse.Namespace) -> CartoonGAN:
        return CartoonGAN(features(config.content_layer, options.features), config, seed=options.seed)

    def rebuild(self, identity: Mapping[str, object]) -> CartoonGAN:
        """As of any run, with features of random weights: no checkpoint holds them, and no export needs them."""
        settings = {name: tuple(value) if isinstance(value, list) else value
                    for name, value in cast(Mapping[str, object], identity["config"]).items()}
        config = CartoonGANConfig(**settings)       # type: ignore[arg-type]    # as it was noted
        layer = config.content_layer
        seen = features(layer, "tagger") if layer.startswith("down") else VGGFeatures(depth_of(layer), layer)
        return CartoonGAN(seen, config, seed=cast(int, identity["seed"]))

    def open(self, config: CartoonGANConfig, count: int, options: argparse.Namespace) -> Mapping[str, ImageSet]:
        photos = FaceSet(config.size, half="first")
        cartoons = FaceSet(config.size, look="cel", half="second")
        if count < min(len(photos), len(cartoons)):
            photos = FaceSet(config.size, half="first", count=count)
            cartoons = FaceSet(config.size, look="cel", half="second", count=count)
        return {"photo": photos, "cartoon": cartoons, "smooth": smoothed(cartoons)}

    def examine(self, saved: SavedRun, network: nn.Module) -> Examination:
        measures = hidden_truth(network, max(saved.identity["size"].values()))
        return Examination({"n": int(measures["n"].iloc[0]), "measures": markdown(measures)},
                           {"measures.csv": measures})


def depth_of(layer: str) -> int:
    """Of the VGG that has this layer: conv4_4 is of the deeper one only."""
    return 19 if layer.endswith("_4") else 16


def features(layer: str, source: str | None) -> nn.Module:
    """The frozen network through which content is seen: torchvision's VGG, one from a file, or our own tagger."""
    if source == "tagger":
        return tagger_features(cast(Tagger, pretrained.load("tagger-avatars")), layer)
    if source is not None:
        return VGGFeatures.from_file(Path(source), depth_of(layer), layer)
    return VGGFeatures.from_torchvision(depth_of(layer), layer)


@torch.no_grad()
def hidden_truth(network: nn.Module, size: int, look: str = "cel", split: str = "test") -> pd.DataFrame:
    """SSIM and PSNR to the drawing of the same head: of its photograph, of the mean drawing, of the network's picture.

    Means over all heads of the split; ``n`` says how many. The mean is that of the validation heads' drawings.
    """
    def seen(kind: str, part: str = split) -> Tensor:
        return FaceSet(size, part, look=kind, progress=False).batch(slice(None))["image"]

    photos, truth = seen("photo"), seen(look)
    pictures = {"photograph": photos, "mean drawing": seen(look, "validation").mean(0).expand_as(truth),
                "this network": torch.cat([network(part) for part in photos.split(16)])}
    rows = []
    for one in pictures.values():
        pair = ((one + 1) / 2).clamp(0, 1), ((truth + 1) / 2).clamp(0, 1)
        rows.append({"SSIM": structural_similarity(*pair, data_range=1.0).mean().item(),
                     "PSNR": peak_signal_noise_ratio(*pair, data_range=1.0).mean().item(), "n": len(truth)})
    return pd.DataFrame(rows, index=pd.Index(pictures, name="picture"))
