"""From a run of ACGAN to a shipped generator: averaged weights, what the tagger says of them, model card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms.v2.functional import to_pil_image
from torchvision.utils import make_grid

from avatarlib import pretrained
from avatarlib.data import TAGS, TaggedAvatarSet, drawable, sample_drawable, to_uint8
from avatarlib.export_judges import markdown, write_table
from avatarlib.metrics import Features, caption, quality_table, tag_changes, tag_precision
from avatarlib.models.acgan import Generator
from avatarlib.models.tagger import Tagger
from avatarlib.recipes import ACGANConfig
from avatarlib.stages import devices, images_a_round, samples, stages
from avatarlib.text_to_avatar import acgan_from_run, draw_tags
from avatarlib.training.files import write_atomically
from avatarlib.training.history import History

__all__ = ["export_acgan"]

PER_TAG, PAIRS, COMPARED = 200, 100, 2_000      # pictures a tag and side, pairs a tag, pictures a side of Fréchet's
EARLY = (500, 1_000, 1_500)     # rounds whose samples Xu shows
CLEAR = 0.9                     # a tag counts as apart if it alone changed in this share of pairs
SHOWN = 16                      # avatars of the preview in a picture of samples, 8 a row

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
| training | {rounds:,} rounds ({images:,} pictures seen), seed {seed}; the paper has 60,000 rounds of 64 |
| time | {minutes:.0f} minutes on {device} |
| settings that are not the papers' | {changes} |{stages}

**Does it draw what it is asked for?** `tagger-avatars` looked at {per_tag} avatars a tag that should have it
(precision, with its 95 % interval) and at {per_tag} that should not (false positives); "ceiling" is what it finds on
held-out real avatars. Mean precision over the tags: **{precision:.3f}**.

{tags}

**Are the tags apart?** One tag was switched on at fixed noise, {pairs} times a tag: it appeared in **{appears:.1%}** of
the pairs, and in **{stay:.1%}** no other tag changed. In {apart} of 34 tags both happened at least 9 times in 10.

**Do they look like real ones?** {caption}

{quality}

`measures.csv`, `changes.csv` and `quality.csv` hold these measures, `history.csv` the losses; the pictures
`samples-round-*.png` show the same noise and tags at several rounds.

**Artwork.** adventurer by Lisa Wischofsky, CC BY 4.0, with pieces of our own. The weights are CC BY 4.0.

**Limits.** One drawing style; the tags above and no others; the tagger that judges was trained on the same kind of
drawings. It cannot draw a real person.
"""


def export_acgan(run_dir: Path, folder: Path, progress: dict[str, Any], history: History) -> Path:
    """Examine the averaged generator of a run and write its folder."""
    recipe, _ = acgan_from_run(run_dir)
    config, generator = recipe.config, recipe.averaged("generator")
    assert isinstance(generator, Generator)
    told = stages(run_dir)
    rounds = sum(stage["step"] for stage in told)
    tags, changes, quality = examine(generator, config.prior, progress["identity"]["seed"])
    text = card(folder.name, config, told, sum(p.numel() for p in generator.parameters()), tags, changes, quality)
    settings = {name: getattr(config, name) for name in ("latent", "tags", "blocks", "width", "size", "middle_conv")}
    pretrained.save(folder, generator, model_class="acgan.Generator", settings=settings,
                    trained={"rounds": rounds}, data=progress["identity"], card=text, history=history)
    write_table(folder / "measures.csv", tags)
    write_table(folder / "changes.csv", changes)
    write_table(folder / "quality.csv", quality.rename_axis("set"))
    kept = samples(run_dir)
    for early in kept.keys() & {*EARLY}:
        with Image.open(kept[early]) as picture:
            write_samples(folder, early, picture.crop((0, 0, picture.width, 2 * (picture.width - 2) // 8 + 2)))
    write_samples(folder, rounds, grid(recipe.preview()[:SHOWN].cpu()))
    return folder


def card(name: str, config: ACGANConfig, told: list[dict[str, Any]], parameters: int, tags: pd.DataFrame,
         changes: pd.DataFrame, quality: pd.DataFrame) -> str:
    """The model card; ``told`` is the progress of all stages of the run."""
    identity = told[-1]["identity"]
    images = sum(stage["step"] * images_a_round(stage) for stage in told)
    apart = (changes["appears"] >= CLEAR) & (changes["others stay"] >= CLEAR)
    return CARD.format(
        name=name, latent=config.latent, parameters=parameters, size=config.size, prior=config.prior,
        ema_decay=config.ema_decay, data=identity["data"], count=identity["count"],
        rounds=sum(stage["step"] for stage in told), seed=identity["seed"], images=images,
        minutes=sum(stage["minutes"] for stage in told), device=devices(told), per_tag=PER_TAG,
        changes=own_settings(identity["config"]) if len(told) == 1 else "see the stages, each begun from the last",
        stages=in_stages(told),
        precision=tags["precision"].mean(), tags=markdown(tags), pairs=PAIRS, appears=changes["appears"].mean(),
        stay=changes["others stay"].mean(), apart=int(apart.sum()), caption=caption(quality), quality=markdown(quality))


def own_settings(config: Mapping[str, Any]) -> str:
    """What differs from the papers' settings, as text."""
    papers, own = asdict(ACGANConfig()), {**config, "betas": tuple(config["betas"])}
    return ", ".join(f"{name} {own[name]} (not {value})" for name, value in papers.items()
                     if own.get(name, value) != value and name not in ("rounds", "rounds_before")) or "none"


def in_stages(told: list[dict[str, Any]]) -> str:
    """A row of the card for each stage of a run that began where others stood; nothing for a run in one go."""
    rows = []
    for i, stage in enumerate(told, 1):
        config = {**stage["identity"]["config"]}
        size, batch = config.pop("size"), images_a_round(stage)
        del config["batch_size"]
        rows.append(f"\n| stage {i} | {stage['step']:,} rounds of {batch} at {size} px; {own_settings(config)} |")
    return "".join(rows) if len(rows) > 1 else ""


def grid(images: Tensor) -> Image.Image:
    """Pictures, 8 a row, as the Trainer lays out its samples."""
    return to_pil_image(to_uint8(make_grid(images, nrow=8, pad_value=-1)))


def write_samples(folder: Path, rounds: int, picture: Image.Image) -> None:
    """One picture of samples, in 128 colours, so that a model's folder stays small."""
    small = picture.convert("RGB").quantize(128)
    write_atomically(folder / f"samples-round-{rounds:05d}.png",
                     lambda partial: small.save(partial, "PNG", optimize=True))


def examine(generator: Generator, prior: str, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Precision of every tag, what a changed tag changes, and the measures on features; all by the tagger."""
    tagger = pretrained.load("tagger-avatars")
    assert isinstance(tagger, Tagger)
    size, noise = generator.size, torch.Generator().manual_seed(seed)
    held_out = TaggedAvatarSet(size=size, count=COMPARED, seed=seed, split="test", prior=prior)
    tags = tag_precision(lambda wanted: generator.sample(len(wanted), wanted, generator=noise),
                         tagger.tag_probabilities, partial(sample_drawable, prior=prior), TAGS, n=PER_TAG, seed=seed,
                         exclusive=tagger.exclusive, real=(held_out, held_out.tags))
    changes = changes_of(generator, tagger, prior, seed)
    reference = TaggedAvatarSet(size=size, count=COMPARED, seed=seed, prior=prior)
    wishes = sample_drawable(COMPARED, prior, generator=noise)
    fakes = draw_tags(generator, wishes, noise)
    features = Features("tagger-avatars", tagger.features, size=tagger.size, progress=False)
    return tags, changes, quality_table({"generated": fakes}, reference, features, n=COMPARED, seed=seed,
                                        held_out=held_out)


def changes_of(generator: Generator, tagger: Tagger, prior: str, seed: int) -> pd.DataFrame:
    """``tag_changes`` of a generator: sample number i has the same noise in both pictures of a pair."""
    noise = torch.randn(PAIRS, generator.latent, generator=torch.Generator().manual_seed(seed))
    return tag_changes(lambda tags, samples: generator(noise[samples], tags), tagger.tag_probabilities,
                       partial(sample_drawable, prior=prior), TAGS, n=PAIRS, seed=seed, exclusive=tagger.exclusive,
                       allowed=drawable)
