"""Running CUT, the rival in one direction, after Park et al. 2020: photographs to anime drawings on FaceSet."""

from __future__ import annotations

from avatarlib.models.cyclegan import Generator
from avatarlib.recipes import CUT, CUTConfig
from avatarlib.runs.translation import TranslationRun

__all__ = ["CUTRun"]

CARD = """\
Redraws {photos} as {cartoons}, {parameters:,} parameters: pictures of 3 x H x W in [-1, 1], H and W
multiples of 4, in and out. Losses are those of CUT (Park et al. 2020), the network is CycleGAN's at width {width}
where the paper has 64, with {blocks} blocks. Weights: exponential moving average (decay {ema_decay}), float16.

| | |
|---|---|
| data | {data}{kept}: {count:,} pictures of {data_size} px |
| training | {rounds:,} rounds of {batch} pairs, seed {seed}; {patches} places a picture, temperature {temperature:g} |
| time | {minutes:.0f} minutes on {device} |
{truth}"""


class CUTRun(TranslationRun):
    """From photographs to drawings only."""

    name, recipe, config, card, networks = "cut", CUT, CUTConfig, CARD, (Generator,)
    topics = "gan, cut, image-to-image"
