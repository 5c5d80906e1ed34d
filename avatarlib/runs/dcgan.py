"""Running DCGAN: avatars from noise, after Xiao et al."""

from __future__ import annotations

import argparse
from typing import Any

from torch import nn

from avatarlib.data import ImageSet
from avatarlib.models.dcgan import Generator
from avatarlib.recipes import DCGAN, DCGANConfig
from avatarlib.runs.base import Examination, Run
from avatarlib.runs.options import DATA, open_data
from avatarlib.runs.saved import SavedRun

__all__ = ["DCGANRun"]

CARD = """\
A DCGAN generator of cartoon avatars, {parameters:,} parameters: noise of length {latent} in, pictures of
3 x 64 x 64 in [-1, 1] out. Architecture, loss, batch size and learning rate are those of Xiao et al.
(Research on Digital Virtual Human Head Avatar Generation Technology with Cartoon Style); the weights are an
exponential moving average (decay {ema_decay}), stored in float16.

| | |
|---|---|
| data | {data}: {count:,} pictures of {data_size} px, drawn by DiceBear |
| training | {rounds:,} rounds of {batch} ({epochs} epochs, {images:,} pictures seen), seed {seed} |
| weights | averaged generator after epoch {epoch} |
| time | {minutes:.0f} minutes on {device} |
| last losses (median of 50 rows) | generator {generator:.2f}, discriminator {discriminator:.2f} |

**Artwork.** avataaars by Pablo Stanley, free for personal and commercial use. The weights are CC BY 4.0.

**Measures** of samples at several epochs, with N and seed, are in `epochs.csv` where this folder has one;
chapter 2 of the book explains them. `history.csv` holds the losses of the run.

**Limits.** 64 pixels; only the drawing style it was trained on; no control over attributes; outlines of hair
and fine parts (graphics on shirts, glasses) are the least reliable, the more so after a short run. It cannot
draw a real person.
"""


class DCGANRun(Run):
    """DCGAN on AvatarSet, TaggedAvatarSet or CartoonSet."""

    name, recipe, config, networks, card = "dcgan", DCGAN, DCGANConfig, (Generator,), CARD
    topics = "gan, dcgan, avatars, image-generation"
    options = DATA
    counts = (256, 2_000, 10_000)
    by_epoch = True

    def settings(self, options: argparse.Namespace, preset: str) -> DCGANConfig:
        if options.size not in (None, 64):
            raise ValueError(f"--size must be 64 for dcgan, got {options.size}")
        return super().settings(options, preset)

    def open(self, config: DCGANConfig, count: int, options: argparse.Namespace) -> ImageSet:
        return open_data(options, count)

    def examine(self, saved: SavedRun, network: nn.Module) -> Examination:
        tail: Any = saved.history.frame.tail(50)
        return Examination({name: tail[name].median() for name in ("generator", "discriminator")})
