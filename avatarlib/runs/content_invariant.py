"""Running the one-direction network with content invariance, after Tian: photographs to anime drawings on FaceSet."""

from __future__ import annotations

from avatarlib.models.content_invariant import Translator
from avatarlib.recipes import ContentInvariance, ContentInvarianceConfig
from avatarlib.runs.translation import TranslationRun

__all__ = ["ContentInvarianceRun"]

CARD = """\
Redraws {photos} as {cartoons}, in the mean style or in that of a given drawing, {parameters:,}
parameters: pictures of 3 x H x W in [-1, 1], H and W multiples of 4, in and out. The parts are those of Tian's
one-direction network, which gives no layer; the layers are MUNIT's (Huang et al. 2018) at width {width} where those
have 64, and the weights of the losses are ours. Weights: exponential moving average (decay {ema_decay}), float16.

| | |
|---|---|
| data | {data}{kept}: {count:,} pictures of {data_size} px |
| training | {rounds:,} rounds of {batch} pairs, seed {seed} |
| weights | reconstruction {reconstruction_weight:g}, content {content_weight:g}, style {style_weight:g}, \
autoencoding {autoencoding_weight:g} |
| time | {minutes:.0f} minutes on {device} |
{truth}"""


class ContentInvarianceRun(TranslationRun):
    """From photographs to drawings only."""

    name, recipe, config, card = "content-invariance", ContentInvariance, ContentInvarianceConfig, CARD
    networks = (Translator,)
    topics = "gan, image-to-image"
