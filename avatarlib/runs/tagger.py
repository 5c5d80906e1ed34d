"""Running the tagger: the 34 tags and the attributes of avataaars, learned from drawings that were made from them."""

from __future__ import annotations

import argparse
from typing import Any

import pandas as pd
import torch
from torch import nn

from avatarlib.data import TAGS, AvatarSet, ImageSet, TaggedAvatarSet
from avatarlib.data.augment import degrade, random_pose
from avatarlib.data.drawn.avatarset import attribute_name, style_options
from avatarlib.data.mixed import join
from avatarlib.data.tags import EXCLUSIVE
from avatarlib.models.tagger import Tagger
from avatarlib.recipes import TagEstimation, TaggerConfig
from avatarlib.runs.base import Examination, SupervisedRun, in_batches
from avatarlib.runs.saved import SavedRun, markdown
from avatarlib.training.batches import Transform

__all__ = ["TaggerRun", "examine_attributes", "examine_tags", "tagger_sets"]

HELD_OUT = 6_000                            # pictures of the test split that a card's figures come from
ATTRIBUTE_STYLE = "avataaars"               # the tagger's attributes are this style's

CARD = """\
Estimates the 34 tags of an avatar (hair and eye colour, hair style, blush, smile, open mouth, hat, ribbon,
glasses) and the {attributes} attributes of the style avataaars; its last layer's input is {features} features
for t-SNE and Fréchet distances. A residual network of {parameters:,} parameters: pictures of any size in
[-1, 1] in, resized to {size} px, antialiased. Weights: exponential moving average (decay {ema_decay}), float16.

| | |
|---|---|
| data | {count:,} drawn pictures of {data_size} px: half TaggedAvatarSet (adventurer), half avataaars |
| augmentation | small turns, scales and shifts; bent lines, grain, lower resolution, blur, erased patches, noise |
| training | {rounds:,} rounds of {batch} ({images:,} pictures seen), AdamW, seed {seed} |
| time | {minutes:.0f} minutes on {device} |

**Held out:** {n_tags:,} tagged avatars and {n_attributes:,} avataaars of the test split, never seen in training,
drawn without flaws, seed {seed}. Macro F1 over the {drawable} tags that occur: **{macro:.4f}**; mean accuracy over
attributes: {accuracy:.4f}.

{tags}

{attribute_table}

`measures.csv` and `attributes.csv` hold these tables, `history.csv` the losses.

**Artwork.** adventurer by Lisa Wischofsky, CC BY 4.0; avataaars by Pablo Stanley, free for personal and
commercial use. The weights are CC BY 4.0.

**Limits.** It knows these two drawing styles. On other art its answers mean little, and so do its features. It
has seen drawings with mild flaws, and no generated pictures. An attribute that cannot be seen (the colour of a
hat that is not worn) cannot be judged. Its Fréchet distance is not an FID: the numbers cannot be compared.
"""


class TaggerRun(SupervisedRun):
    """The tagger, on tagged avatars and avataaars.

    Examples
    --------
    >>> from argparse import Namespace
    >>> from avatarlib.runs.tagger import TaggerRun
    >>> run = TaggerRun()
    >>> config = run.settings(Namespace(set=["width=8"], steps=None), "smoke")
    >>> tagger = run.shipped(run.build(config, Namespace(seed=0)))
    >>> len(tagger.tags), run.count("quick", Namespace(count=None))
    (34, 30000)
    """

    name, recipe, config, networks, card = "tagger", TagEstimation, TaggerConfig, (Tagger,), CARD
    topics = "image-classification, avatars, tags"
    player = "tagger"
    counts = (256, 30_000, 90_000)

    def build(self, config: TaggerConfig, options: argparse.Namespace) -> TagEstimation:
        attributes = {attribute_name(option): names for option, names in style_options(ATTRIBUTE_STYLE).items()}
        return TagEstimation(TAGS, EXCLUSIVE, attributes, config, seed=options.seed)

    def transform(self) -> Transform:
        return lambda images: degrade(random_pose(images)[0])       # the flaws are those of generated pictures

    def open(self, config: TaggerConfig, count: int, options: argparse.Namespace) -> ImageSet:
        return join("tagged avatars and avataaars", tagger_sets(count, options.size or config.size, seed=options.seed))

    def examine(self, saved: SavedRun, network: nn.Module) -> Examination:
        assert isinstance(network, Tagger)
        tagged, avatars = tagger_sets(HELD_OUT, saved.identity["size"], seed=saved.identity["seed"], split="test")
        tags, attributes = examine_tags(network, tagged), examine_attributes(network, avatars)
        seen = tags[tags["n"] > 0]
        return Examination({"attributes": len(attributes), "features": network.head.in_features,
                            "n_tags": len(tagged), "n_attributes": len(avatars), "drawable": len(seen),
                            "macro": seen["f1"].mean(), "accuracy": attributes["accuracy"].mean(),
                            "tags": markdown(tags), "attribute_table": markdown(attributes)},
                           {"measures.csv": tags, "attributes.csv": attributes})


def tagger_sets(count: int, size: int, *, seed: int = 0, split: str = "train", progress: bool = True) -> list[ImageSet]:
    """Half of ``count`` as tagged avatars (the paper's prior), half as avataaars.

    Examples
    --------
    >>> from avatarlib.runs.tagger import tagger_sets
    >>> tagger_sets(5, 32, progress=False)
    [TaggedAvatarSet, paper prior (train): 3 pictures of 32 px, 34 attributes, AvatarSet avataaars ...]
    """
    given: dict[str, Any] = {"size": size, "seed": seed, "split": split, "progress": progress}
    return [TaggedAvatarSet(count=count - count // 2, **given),
            AvatarSet(ATTRIBUTE_STYLE, count=count // 2, **given)]


def examine_tags(tagger: Tagger, data: ImageSet) -> pd.DataFrame:
    """Precision, recall and F1 of every tag on pictures with labels (N, tags) in the tagger's order.

    Beside them ``n``, how many pictures have the tag, and ``agreement``, the share of all pictures, with and without
    it, that are judged right. Not a number where a tag never occurs.

    Examples
    --------
    >>> from avatarlib.data import TAGS, TaggedAvatarSet
    >>> from avatarlib.data.tags import EXCLUSIVE
    >>> from avatarlib.models.tagger import Tagger
    >>> from avatarlib.runs.tagger import examine_tags
    >>> tagger = Tagger(TAGS, EXCLUSIVE, attributes={"eyes": ["open", "shut"]}, width=8, size=32).eval()   # not trained
    >>> table = examine_tags(tagger, TaggedAvatarSet(count=3, size=32, progress=False))
    >>> table.shape, list(table), int(table["n"].iloc[:13].sum())          # three pictures, three hair colours
    ((34, 5), ['n', 'precision', 'recall', 'f1', 'agreement'], 3)
    """
    found, true = in_batches(tagger.estimate_tags, data).bool(), data.labels.bool()
    both, only_found, only_true = (found & true).sum(0), (found & ~true).sum(0), (~found & true).sum(0)
    return pd.DataFrame({"n": true.sum(0).numpy(), "precision": (both / (both + only_found)).numpy(),
                         "recall": (both / (both + only_true)).numpy(),
                         "f1": (2 * both / (2 * both + only_found + only_true)).numpy(),
                         "agreement": (found == true).double().mean(0).numpy()},
                        index=pd.Index(tagger.tags, name="tag"))


def examine_attributes(tagger: Tagger, data: ImageSet) -> pd.DataFrame:
    """Share of pictures of AvatarSet whose category is judged right, and what guessing the commonest gives.

    Categories that cannot be seen count too: the colour of a hat that is not worn is part of the labels only
    where DiceBear says so, and hair under a hat keeps its colour.

    Examples
    --------
    >>> from avatarlib.data import TAGS, AvatarSet
    >>> from avatarlib.data.tags import EXCLUSIVE
    >>> from avatarlib.models.tagger import Tagger
    >>> from avatarlib.runs.tagger import examine_attributes
    >>> avatars = AvatarSet(count=2, size=32, options={"topVariant": ["bun"]}, progress=False)
    >>> tagger = Tagger(TAGS, EXCLUSIVE, attributes=avatars.schema, width=8, size=32).eval()               # not trained
    >>> table = examine_attributes(tagger, avatars)
    >>> list(table), table.loc["top", "commonest"].item()                  # both have a bun: to guess it is right
    (['categories', 'accuracy', 'commonest'], 1.0)
    """
    found = in_batches(lambda images: torch.stack(list(tagger.estimate_attributes(images).values()), 1), data)
    commonest = torch.stack([column.bincount().max() / len(column) for column in data.labels.T])
    return pd.DataFrame({"categories": [len(names) for names in data.schema.values()],
                         "accuracy": (found == data.labels).double().mean(0).numpy(),
                         "commonest": commonest.numpy()}, index=pd.Index(list(data.schema), name="attribute"))
