"""Running CycleGAN: photographs to anime drawings and back, on FaceSet, after Zhu et al. and Tian."""

from __future__ import annotations

from avatarlib.models.cyclegan import Translators
from avatarlib.models.warp import WarpedGenerator
from avatarlib.recipes import CycleGAN, CycleGANConfig
from avatarlib.runs.translation import TranslationRun

__all__ = ["CycleGANRun"]

CARD = """\
Redraws {photos} as {cartoons} and those as these, {parameters:,} parameters in both directions:
pictures of 3 x H x W in [-1, 1], H and W multiples of 4, in and out. Layers and losses are those of CycleGAN (Zhu et
al. 2017) at width {width} where the paper has 64, with {blocks} blocks. Weights: exponential moving average (decay
{ema_decay}), float16.

| | |
|---|---|
| data | {data}{kept}: {count:,} pictures of {data_size} px |
| training | {rounds:,} rounds of {batch} pairs, seed {seed} |
| weights | cycle {cycle_weight:g} falling to {last_cycle_weight:g}, identity {identity_weight:g} falling to \
{last_identity_weight:g} |
| time | {minutes:.0f} minutes on {device} |
{truth}"""


class CycleGANRun(TranslationRun):
    """Both directions at once; the shipped network holds both."""

    name, recipe, config, card = "cyclegan", CycleGAN, CycleGANConfig, CARD
    networks = (Translators, WarpedGenerator)       # the second, of tools/geometry_first.py, is judged as the first
    topics = "gan, cyclegan, image-to-image"
