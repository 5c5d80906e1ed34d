"""Running CartoonGAN and ArtifyGAN: photographs become cartoons, on FaceSet, after Chen et al. and Bismi et al."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, cast

from torch import nn

from avatarlib import pretrained
from avatarlib.data import ImageSet, smoothed
from avatarlib.models import artifygan, cartoongan
from avatarlib.models.frozen import tagger_features
from avatarlib.models.tagger import Tagger
from avatarlib.models.vgg import VGGFeatures
from avatarlib.recipes import CartoonGAN, CartoonGANConfig
from avatarlib.runs.options import Options
from avatarlib.runs.translation import TRANSLATION, TranslationRun
from avatarlib.training.batches import Transform

__all__ = ["CartoonGANRun"]

TAGGER_LAYER = "down4"
FEATURES: Options = {"features": {
    "metavar": "FILE", "help": "cartoongan: VGG weights in safetensors, or tagger (default: torchvision's VGG)"}}

CARD = """\
Redraws {photos} as {cartoons}, {parameters:,} parameters: pictures of 3 x H x W in [-1, 1], H and W
multiples of 4, in and out. Layers and losses are those of CartoonGAN (Chen et al. 2018) and ArtifyGAN (Bismi et al.)
at width {width} where the papers have 64. Weights: exponential moving average (decay {ema_decay}), float16.

| | |
|---|---|
| data | {data}{kept}: {count:,} pictures of {data_size} px |
| training | {rounds:,} rounds of {batch} pictures, seed {seed}; content weight {content_weight:g} |
| time | {minutes:.0f} minutes on {device} |
{truth}"""


class CartoonGANRun(TranslationRun):
    """Photographs of one half of FaceSet, cel drawings of the other half."""

    name, recipe, config, card, look = "cartoongan", CartoonGAN, CartoonGANConfig, CARD, "cel"
    topics = "gan, cartoongan, image-to-image"
    networks = (cartoongan.Generator, artifygan.Generator)
    options: ClassVar[Options] = {**FEATURES, **TRANSLATION}

    def settings(self, options: argparse.Namespace, preset: str) -> CartoonGANConfig:
        config = super().settings(options, preset)
        return replace(config, content_layer=TAGGER_LAYER) if options.features == "tagger" else config

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
        sets = super().open(config, count, options)
        return {**sets, "smooth": smoothed(sets["cartoon"])}

    def transform(self) -> dict[str, Transform]:
        """None: the published ports mirror nothing."""
        return {}


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
