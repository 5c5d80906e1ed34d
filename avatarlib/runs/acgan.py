"""Running ACGAN: avatars from tags and noise, after Xu and Jin et al."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import Any, ClassVar

import pandas as pd
import torch
from torch import Tensor, nn
from torchvision.transforms.v2.functional import to_pil_image
from torchvision.utils import make_grid

from avatarlib import pretrained
from avatarlib.data import TAGS, ImageSet, TaggedAvatarSet, drawable, sample_drawable, to_uint8
from avatarlib.metrics import Features, caption, quality_table, tag_changes, tag_precision
from avatarlib.models.acgan import Generator
from avatarlib.models.tagger import Tagger
from avatarlib.recipes import ACGAN, ACGANConfig, Recipe
from avatarlib.runs.base import AT_ONCE, Examination, Run
from avatarlib.runs.options import BEGIN_FROM, DATA, Options, options_for
from avatarlib.runs.saved import SavedRun, begin_from, images_a_round, markdown, small_png
from avatarlib.text_to_avatar import acgan_recipe, draw_tags, draw_text

__all__ = ["ACGANRun"]

PER_TAG, PAIRS, COMPARED = 200, 100, 2_000      # pictures a tag and side, pairs a tag, pictures a side of Fréchet's
CLEAR = 0.9                     # a tag counts as apart if it alone changed in this share of pairs
SHOWN = 16                      # avatars of the preview in a picture of samples, 8 a row

CARD = """\
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


class ACGANRun(Run):
    """ACGAN on avatars drawn from tags; fakes are asked for what can be drawn, by the same rule."""

    name, recipe, config, networks, card, takes = "acgan", ACGAN, ACGANConfig, (Generator,), CARD, "tags"
    topics = "gan, acgan, avatars, text-to-image"
    options: ClassVar[Options] = {"prior": DATA["prior"], **BEGIN_FROM}
    counts = (256, 6_000, 60_000)

    def settings(self, options: argparse.Namespace, preset: str) -> ACGANConfig:
        config = super().settings(options, preset)
        return replace(config, size=options.size or config.size)

    def build(self, config: ACGANConfig, options: argparse.Namespace) -> ACGAN:
        return acgan_recipe(config, seed=options.seed, prior=options.prior or "paper")

    def begin(self, recipe: Recipe, options: argparse.Namespace) -> None:
        begin_from(self, recipe, options.begin_from)

    def open(self, config: ACGANConfig, count: int, options: argparse.Namespace) -> ImageSet:
        return TaggedAvatarSet(size=config.size, count=count, seed=options.seed, prior=options.prior or "paper")

    def draw(self, network: Any, n: int, *, seed: int = 0, text: str | None = None, data: str = "") -> Tensor:
        if text is None:
            return super().draw(network, n, seed=seed, data=data)
        prior = options_for(data)["prior"] or "paper"
        return to_uint8(draw_text(network, text, n, seed=seed, prior=prior).images)

    def stream(self, network: Any, n: int, *, seed: int = 0, data: str = "") -> Iterator[tuple[Tensor, Tensor | None]]:
        rng = torch.Generator().manual_seed(seed)
        tags = sample_drawable(n, options_for(data)["prior"] or "paper", generator=rng)
        for part in tags.split(AT_ONCE):
            yield to_uint8(network.sample(len(part), part, generator=rng)), part

    def examine(self, saved: SavedRun, network: nn.Module) -> Examination:
        assert isinstance(network, Generator)
        prior = options_for(saved.identity["data"])["prior"] or "paper"
        tags, changes, quality = assess(network, prior, saved.identity["seed"])
        pictures = saved.early_samples
        pictures[saved.rounds] = small_png(to_pil_image(to_uint8(make_grid(
            saved.recipe.preview()[:SHOWN].cpu(), nrow=8, pad_value=-1))))      # as the Trainer lays out its samples
        apart = (changes["appears"] >= CLEAR) & (changes["others stay"] >= CLEAR)
        settings = own_settings(saved.identity["config"])
        facts = {"prior": prior, "per_tag": PER_TAG, "precision": tags["precision"].mean(), "tags": markdown(tags),
                 "changes": settings if len(saved.stages) == 1 else "see the stages, each begun from the last",
                 "stages": in_stages(saved.stages), "pairs": PAIRS, "appears": changes["appears"].mean(),
                 "stay": changes["others stay"].mean(), "apart": int(apart.sum()), "caption": caption(quality),
                 "quality": markdown(quality)}
        return Examination(facts,
                           {"measures.csv": tags, "changes.csv": changes, "quality.csv": quality.rename_axis("set")},
                           {f"samples-round-{number:05d}.png": png for number, png in pictures.items()})


def own_settings(config: Mapping[str, Any]) -> str:
    """What differs from the papers' settings, as text."""
    papers, own = asdict(ACGANConfig()), {**config, "betas": tuple(config["betas"])}
    return ", ".join(f"{name} {own[name]} (not {value})" for name, value in papers.items()
                     if own.get(name, value) != value and name != "rounds") or "none"


def in_stages(stages: list[dict[str, Any]]) -> str:
    """A row of the card for each stage of a run that began where others stood; nothing for a run in one go."""
    rows = []
    for i, stage in enumerate(stages, 1):
        config = {**stage["identity"]["config"]}
        size, batch = config.pop("size"), images_a_round(stage)
        del config["batch_size"]
        rows.append(f"\n| stage {i} | {stage['step']:,} rounds of {batch} at {size} px; {own_settings(config)} |")
    return "".join(rows) if len(rows) > 1 else ""


def assess(generator: Generator, prior: str, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Precision of every tag, what a changed tag changes, and the measures on features; all by the tagger."""
    tagger = pretrained.load("tagger-avatars")
    assert isinstance(tagger, Tagger)
    size, noise = generator.size, torch.Generator().manual_seed(seed)
    held_out = TaggedAvatarSet(size=size, count=COMPARED, seed=seed, split="test", prior=prior)
    tags = tag_precision(lambda wanted: generator.sample(len(wanted), wanted, generator=noise),
                         tagger.tag_probabilities, partial(sample_drawable, prior=prior), TAGS, n=PER_TAG, seed=seed,
                         exclusive=tagger.exclusive, real=(held_out, held_out.tags))
    fixed = torch.randn(PAIRS, generator.latent, generator=torch.Generator().manual_seed(seed))     # of both in a pair
    changes = tag_changes(lambda tags, samples: generator(fixed[samples], tags), tagger.tag_probabilities,
                          partial(sample_drawable, prior=prior), TAGS, n=PAIRS, seed=seed, exclusive=tagger.exclusive,
                          allowed=drawable)
    reference = TaggedAvatarSet(size=size, count=COMPARED, seed=seed, prior=prior)
    wishes = sample_drawable(COMPARED, prior, generator=noise)
    fakes = draw_tags(generator, wishes, noise)
    features = Features("tagger-avatars", tagger.features, size=tagger.size, progress=False)
    return tags, changes, quality_table({"generated": fakes}, reference, features, n=COMPARED, seed=seed,
                                        held_out=held_out)
