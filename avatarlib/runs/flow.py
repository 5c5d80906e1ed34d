"""Running flow matching, the modern yardstick: pictures from noise without a discriminator."""

from __future__ import annotations

import argparse
from dataclasses import replace

from avatarlib.data import ImageSet
from avatarlib.models.flow import VelocityNet
from avatarlib.recipes import FlowMatching, FlowMatchingConfig
from avatarlib.runs.base import Run
from avatarlib.runs.options import DATA, open_data

__all__ = ["FlowRun"]

CARD = """\
Draws cartoon avatars by flow matching (Lipman et al. 2023; Liu et al. 2023), {parameters:,} parameters: a U-Net, which
sees {patch} x {patch} pixels as one position, tells the velocity of every pixel, and some steps of Euler's method carry
noise to a picture of 3 x {size} x {size} in [-1, 1]. It is the yardstick beside this library's GANs. Weights:
exponential moving average (decay {ema_decay}), float16.

| | |
|---|---|
| data | {data}: {count:,} pictures of {data_size} px |
| training | {rounds:,} rounds of {batch} ({images:,} pictures seen), seed {seed} |
| time | {minutes:.0f} minutes on {device} |

**Artwork.** avataaars by Pablo Stanley, free for personal and commercial use. The weights are CC BY 4.0.

**Limits.** One drawing style; no control over attributes. It cannot draw a real person.
"""


class FlowRun(Run):
    """Flow matching on AvatarSet, TaggedAvatarSet or CartoonSet."""

    name, recipe, config, networks, card = "flow", FlowMatching, FlowMatchingConfig, (VelocityNet,), CARD
    player = "flow"
    topics = "flow-matching, avatars, image-generation"
    options = DATA
    counts = (256, 2_000, 10_000)

    def settings(self, options: argparse.Namespace, preset: str) -> FlowMatchingConfig:
        config = super().settings(options, preset)
        return replace(config, size=options.size or config.size)

    def open(self, config: FlowMatchingConfig, count: int, options: argparse.Namespace) -> ImageSet:
        options.size = config.size
        return open_data(options, count)
