"""From a run of ACGAN to a shipped generator: averaged weights, what the tagger says of them, model card."""

from __future__ import annotations

import platform
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from avatarlib import pretrained
from avatarlib.data import TAGS, TaggedAvatarSet, sample_drawable
from avatarlib.export_judges import markdown, write_table
from avatarlib.metrics import Features, caption, quality_table, tag_precision
from avatarlib.models.acgan import Generator
from avatarlib.models.tagger import Tagger
from avatarlib.recipes import ACGANConfig
from avatarlib.text_to_avatar import acgan_recipe
from avatarlib.training.checkpoint import load_checkpoint
from avatarlib.training.history import History

__all__ = ["export_acgan"]

PER_TAG, COMPARED = 200, 2_000      # pictures a tag and side, and a side of the Fréchet distance

CARD = """---
license: cc-by-4.0
library_name: avatarlib
tags: [gan, acgan, avatars, text-to-image]
---
# {name}

Draws an avatar from {latent} random numbers and 34 tags (hair and eye colour, hair style, blush, smile, open mouth,
hat, ribbon, glasses), {parameters:,} parameters, pictures of 3 x {size} x {size} in [-1, 1]. Networks and losses are
those of Xu (Personalized Avatar Generation through Text Description) and Jin et al. 2017; conditions are drawn by the
{prior} rule among tags that go together. Weights: exponential moving average (decay {ema_decay}), float16.

| | |
|---|---|
| data | {data}: {count:,} pictures of {size} px, drawn from tags |
| training | {rounds:,} rounds of {batch_size} ({images:,} pictures seen), seed {seed}; the paper has 60,000 rounds |
| time | {minutes:.0f} minutes on {device} |

**Does it draw what it is asked for?** `tagger-avatars` looked at {per_tag} avatars a tag that should have it
(precision, with its 95 % interval) and at {per_tag} that should not (false positives); "ceiling" is what it finds on
held-out real avatars. Mean precision over the tags: **{precision:.3f}**.

{tags}

**Do they look like real ones?** {caption}

{quality}

`measures.csv` and `quality.csv` hold these tables, `history.csv` the losses.

**Artwork.** adventurer by Lisa Wischofsky, CC BY 4.0, with pieces of our own. The weights are CC BY 4.0.

**Limits.** One drawing style; the tags above and no others; the tagger that judges was trained on the same kind of
drawings. It cannot draw a real person.
"""


def export_acgan(run_dir: Path, folder: Path, progress: dict[str, Any], history: History) -> Path:
    """Examine the averaged generator of a run and write its folder."""
    identity = progress["identity"]
    config = ACGANConfig(**{**identity["config"], "betas": tuple(identity["config"]["betas"])})
    recipe = acgan_recipe(config, seed=identity["seed"])
    load_checkpoint(run_dir / "checkpoint.safetensors", recipe)
    generator = recipe.averaged("generator")
    assert isinstance(generator, Generator)
    tags, quality = examine(generator, config.prior, identity["seed"])
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else f"a CPU ({platform.machine()})"
    card = CARD.format(
        name=folder.name, latent=config.latent, parameters=sum(p.numel() for p in generator.parameters()),
        size=config.size, prior=config.prior, ema_decay=config.ema_decay, data=identity["data"],
        count=identity["count"], rounds=progress["step"], batch_size=config.batch_size, seed=identity["seed"],
        images=progress["step"] * config.batch_size, minutes=progress["minutes"], device=device, per_tag=PER_TAG,
        precision=tags["precision"].mean(), tags=markdown(tags), caption=caption(quality), quality=markdown(quality))
    settings = {name: getattr(config, name) for name in ("latent", "tags", "blocks", "width", "size", "middle_conv")}
    pretrained.save(folder, generator, model_class="acgan.Generator", settings=settings,
                    trained={"rounds": progress["step"]}, card=card, history=history)
    write_table(folder / "measures.csv", tags)
    write_table(folder / "quality.csv", quality.rename_axis("set"))
    return folder


def examine(generator: Generator, prior: str, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Precision of every tag, and the measures on features beside real against real, all by the tagger."""
    tagger = pretrained.load("tagger-avatars")
    assert isinstance(tagger, Tagger)
    size, noise = generator.size, torch.Generator().manual_seed(seed)
    held_out = TaggedAvatarSet(size=size, count=COMPARED, seed=seed, split="test", prior=prior)
    tags = tag_precision(lambda wanted: generator.sample(len(wanted), wanted, generator=noise),
                         tagger.tag_probabilities, partial(sample_drawable, prior=prior), TAGS, n=PER_TAG, seed=seed,
                         exclusive=tagger.exclusive, real=(held_out, held_out.tags))
    reference = TaggedAvatarSet(size=size, count=COMPARED, seed=seed, prior=prior)
    wishes = sample_drawable(COMPARED, prior, generator=noise)
    fakes = torch.cat([generator.sample(len(part), part, generator=noise) for part in wishes.split(100)])
    features = Features("tagger-avatars", tagger.features, size=tagger.size, progress=False)
    return tags, quality_table({"generated": fakes}, reference, features, n=COMPARED, seed=seed, held_out=held_out)
