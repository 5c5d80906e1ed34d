"""Running DCGAN under R3GAN's loss: the same pictures, networks and rounds, another game."""

from __future__ import annotations

from avatarlib.recipes import R3DCGAN, R3DCGANConfig
from avatarlib.runs.base import Run
from avatarlib.runs.dcgan import DCGANRun

__all__ = ["R3DCGANRun"]

CARD = """\
DCGAN's generator of cartoon avatars at width {width} (the paper's is 64), {parameters:,} parameters, trained with the
loss of R3GAN (Huang et al. 2024): noise of length {latent} in, pictures of 3 x 64 x 64 in [-1, 1] out. The
discriminator is DCGAN's without batch normalisation; the penalties' weight falls from {penalty_weight:g} to
{last_penalty_weight:g} in the first {burn_in_share:.0%} of {epochs} epochs. Weights: exponential moving average (decay
{ema_decay}), float16.

| | |
|---|---|
| data | {data}: {count:,} pictures of {data_size} px |
| training | {rounds:,} rounds of {batch} ({images:,} pictures seen), seed {seed} |
| time | {minutes:.0f} minutes on {device} |

**Artwork.** avataaars by Pablo Stanley, free for personal and commercial use. The weights are CC BY 4.0.

**Limits.** One drawing style; after a short run, rough edges of hair and mouths; no control over
attributes. It cannot draw a real person.
"""


class R3DCGANRun(DCGANRun):
    """On the sets of DCGAN; its network is DCGAN's, and is used as that."""

    name, recipe, config, card = "r3-dcgan", R3DCGAN, R3DCGANConfig, CARD   # type: ignore[assignment]    # beside it
    by_epoch = False
    examine = Run.examine
