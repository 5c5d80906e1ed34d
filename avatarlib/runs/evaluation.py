"""What ``avatarlib evaluate`` finds out: every measure that fits a model, each with all that its number depends on.

A generator is measured in the features of two networks, our tagger and one that is not ours, so that none can be
learned by heart: against pictures of the training split, for several seeds of its noise, beside held-out pictures at
the same N, which say what any number can reach. Pictures are drawn a few at a time and forgotten; what stays of each
is its features. A network that redraws pictures is measured against the drawing that was held back from it.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import pandas as pd
import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot
from tqdm.auto import tqdm

from avatarlib import pretrained
from avatarlib.data import ImageSet
from avatarlib.data.tags import HAIR_STYLES
from avatarlib.metrics import (
    Features,
    compare,
    density_coverage,
    estimated_tags,
    frechet_at_infinity,
    frechet_distance,
    has_inception,
    inception_features,
    kernel_distance,
    precision_recall,
    random_features,
    seed_interval,
    sliced_distance,
    vendi_score,
)
from avatarlib.metrics.images import Images, draw
from avatarlib.metrics.score import number
from avatarlib.metrics.tags import agreement_row
from avatarlib.models.tagger import Tagger
from avatarlib.runs.options import open_data, options_for

if TYPE_CHECKING:
    from avatarlib.runs.base import Run

__all__ = ["AT_ONCE", "BACKBONES", "Evaluation", "evaluate_generator"]

BACKBONES = ("random-conv", "inception")
PAIRS = 500             # of the table of SSIM and PSNR at most: it says no more with more of them
AT_ONCE = 64            # pictures drawn at a time: one takes some 10 MB on its way at 128 px
NEIGHBOURS = 5          # more pictures are needed where neighbours count
LINE_FROM = 20          # pictures from which a line in 1/N is fitted
INTERVAL = "95 % interval of the mean over the seeds, by Student's t"
SHARES = ("precision", "recall", "coverage", "tag precision")
FLOOR = "the same number for held-out real pictures in place of the generated ones"

Parts = Iterable[tuple[Tensor, Tensor | None]]      # pictures uint8 (m, 3, H, W), and the tags they were drawn for


@dataclass
class Evaluation:
    """A table on the screen, a record for a file.

    ``facts`` is what all rows share; ``rows`` are the measures, plain numbers by column; ``tables`` are further ones.
    """

    title: str
    facts: dict[str, Any]
    rows: list[dict[str, Any]]
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)

    def __str__(self) -> str:
        shown = pd.DataFrame(self.rows).drop(columns=["n", "seed", "values"], errors="ignore")
        shown = shown.map(lambda cell: number(cell) if isinstance(cell, float) else cell)
        facts = "\n".join(f"{name}: {value}" for name, value in self.facts.items() if isinstance(value, str | int))
        parts = [f"{title}\n{table.round(3).to_string()}" for title, table in self.tables.items()]
        return "\n\n".join([f"{self.title}\n{facts}", shown.to_string(index=False), *parts])

    def record(self) -> dict[str, Any]:
        """For JSON: what is not a number there is null."""
        tables = {title: [{str(table.index.name or "row"): index, **row} for index, row
                          in zip(table.index, table.to_dict("records"), strict=True)]
                  for title, table in self.tables.items()}
        return cast(dict[str, Any], plain({**self.facts, "measures": self.rows, **tables}))


def plain(value: Any) -> Any:
    """Numbers to six digits, no nan or infinity, however deep."""
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value


class Eyes:
    """The networks that look: our tagger, which also judges tags and hair, and a second one that is not ours."""

    def __init__(self, second: str | None) -> None:
        self.tagger = cast(Tagger, pretrained.load("tagger-avatars"))
        self.width = self.tagger.head.in_features
        if second is None:
            second = "inception" if has_inception() else "random-conv"
        own = Features("tagger-avatars", self.features_and_logits, size=self.tagger.size, progress=False)
        other = inception_features(progress=False) if second == "inception" else random_features(progress=False)
        self.backbones = (own, other)
        self.seconds: dict[str, float] = {each.name: 0.0 for each in self.backbones}

    def features_and_logits(self, images: Tensor) -> Tensor:
        """One pass of the tagger for both, side by side."""
        found = self.tagger.features(images)
        return torch.cat([found, self.tagger.head(found)], 1)

    @torch.no_grad()
    def see(self, parts: Parts) -> Seen:
        """What is left of pictures that are drawn a few at a time."""
        found: dict[str, list[Tensor]] = {each.name: [] for each in self.backbones}
        tags = []
        for images, wishes in parts:
            for each in self.backbones:
                start = perf_counter()
                found[each.name].append(each(images))
                self.seconds[each.name] += perf_counter() - start
            tags += [] if wishes is None else [wishes > 0.5]
        features = {name: torch.cat(chunks) for name, chunks in found.items()}
        own, logits = features["tagger-avatars"].split([self.width, self.tagger.head.out_features], 1)
        return Seen({**features, "tagger-avatars": own}, logits, torch.cat(tags) if tags else None)


class Seen(NamedTuple):
    """Features (n, D) by backbone, the tagger's logits (n, outputs), and the tags asked for, booleans (n, 34)."""

    features: dict[str, Tensor]
    logits: Tensor
    wishes: Tensor | None


def evaluate_generator(run: Run, network: nn.Module, options: argparse.Namespace,
                       data: Mapping[str, Any]) -> Evaluation:
    """All measures of a generator from noise or tags, by default beside the set that it was trained on.

    ``data`` is ``pretrained.data`` of the model; ``options`` are those of the command.
    """
    begin = perf_counter()
    known = choose_data(run, network, options, data)
    m = min(options.n, PAIRS)
    real, held_out = (open_data(options, options.count or least, split)
                      for split, least in (("train", max(options.n, 2 * m)), ("test", options.n)))
    eyes, chance = Eyes(options.backbone), torch.Generator().manual_seed(options.seed)
    reference, other = (eyes.see(some_of(name, source, options.n, chance))
                        for name, source in (("reference", real), ("held-out", held_out)))
    generated, start, before = [], perf_counter(), sum(eyes.seconds.values())
    for seed in tqdm(range(options.seed, options.seed + options.seeds), desc="drawing", unit="seed", leave=False):
        generated.append(eyes.see(run.stream(network, options.n, seed=seed, data=known)))
    drawing = perf_counter() - start - sum(eyes.seconds.values()) + before
    rows = measure_all(eyes, reference, other, generated, options, real.name)
    pairs = compare(run.draw(network, 2 * m, seed=options.seed, data=known), real, held_out, n=m, seed=options.seed)
    tables = {f"SSIM and PSNR of pairs, n = {m:,}, seed {options.seed}": pairs}
    if generated[0].wishes is not None:
        tables = {"tags, all seeds together": tag_table(eyes.tagger, generated, other), **tables}
    facts = {"model": str(options.model), "data": real.name, "n": options.n, "seed": options.seed,
             "seeds": options.seeds, "low to high": INTERVAL, "real": FLOOR,
             "backbones": {each.name: each.at(real.size) for each in eyes.backbones},
             "seconds": {"drawing": drawing, **eyes.seconds, "all": perf_counter() - begin}}
    return Evaluation(f"beside {real}", facts, rows, tables)


def choose_data(run: Run, network: nn.Module, options: argparse.Namespace, data: Mapping[str, Any]) -> str:
    """Fill in the options that open the model's own data; returns the name that is known of them."""
    known = data.get("name", "a set that it does not tell")
    size = run.draw(network, 1, seed=options.seed, data=known).shape[-1]
    if options.size not in (None, size):
        raise ValueError(f"--size must be {size}, that of the model's pictures, got {options.size}")
    if options.data is None and options.style is None:
        if not options_for(known)["data"]:
            raise ValueError(f"--data must be given for {options.model!r}: it was trained on {known}")
        vars(options).update(options_for(known))
    options.size = size
    return str(known)


def some_of(name: str, source: ImageSet, n: int, chance: torch.Generator) -> Iterator[tuple[Tensor, Tensor | None]]:
    """``n`` different pictures of a set and, where it has them, their tags, a few at a time."""
    tags = getattr(source, "tags", None)
    images = Images(name, source)
    for rows in draw(images, n, chance).split(AT_ONCE):
        yield 2 * images.batch(rows) - 1, None if tags is None else tags[rows]


def measures_of(kind: str, n: int, seed: int) -> dict[tuple[str, ...], Callable[[Tensor, Tensor], tuple[float, ...]]]:
    """Names -> what gives their values from features of real pictures and of others; what n pictures allow."""
    inception = kind == "Inception"
    frechet = "FID" if inception else f"Fréchet {kind} distance"
    found: dict[tuple[str, ...], Callable[[Tensor, Tensor], tuple[float, ...]]] = {
        (frechet,): lambda real, others: (frechet_distance(real, others),)}
    if n >= LINE_FROM:
        found[f"{frechet}, N to infinity",] = lambda real, others: (frechet_at_infinity(real, others, seed=seed),)
    found["KID" if inception else f"kernel {kind} distance",] = \
        lambda real, others: (kernel_distance(real, others, seed=seed).mean,)
    found[f"sliced {kind} distance",] = lambda real, others: (sliced_distance(real, others, seed=seed),)
    if n > NEIGHBOURS:
        found["precision", "recall"] = precision_recall
        found["density", "coverage"] = density_coverage
    found["different pictures (Vendi)",] = lambda real, others: (vendi_score(others - real.mean(0)),)
    return found


def measure_all(eyes: Eyes, reference: Seen, other: Seen, generated: list[Seen], options: argparse.Namespace,
                data: str) -> list[dict[str, Any]]:
    """A row a measure and backbone."""
    rows = []
    for each in eyes.backbones:
        name = each.name
        for names, measure in measures_of(each.kind, options.n, options.seed).items():
            floor, start = measure(reference.features[name], other.features[name]), perf_counter()
            values = [measure(reference.features[name], seen.features[name]) for seen in generated]
            seconds = perf_counter() - start
            rows += [row(one, name, column, real, seconds, options)
                     for one, real, column in zip(names, floor, zip(*values, strict=True), strict=True)]
    judged: dict[str, Callable[[Seen], float]] = {
        "different hair styles": lambda seen: hair_styles(eyes.tagger, seen, data),
        "tag precision": lambda seen: mean_tag_precision(eyes.tagger, seen)}
    for name, judge in judged.items():
        start = perf_counter()
        found = [judge(seen) for seen in generated]
        if not math.isnan(found[0]):
            rows.append(row(name, "tagger-avatars", found, judge(other), perf_counter() - start, options))
    return rows


def row(measure: str, backbone: str, values: Sequence[float], real: float, seconds: float,
        options: argparse.Namespace) -> dict[str, Any]:
    """What is told of one measure; the interval of a share ends at 0 and 1."""
    mean, low, high = seed_interval(values)
    if measure in SHARES:
        low, high = max(low, 0.0), min(high, 1.0)
    return {"measure": measure, "backbone": backbone, "mean": mean, "low": low, "high": high, "real": real,
            "n": options.n, "seed": options.seed, "seconds": seconds, "values": list(values)}


def verdicts(tagger: Tagger, seen: Seen) -> Tensor:
    """The tagger's verdict on every tag, booleans (n, 34): a logit of 0 is a probability of a half."""
    return estimated_tags(tagger.split(seen.logits)[0], exclusive=tagger.exclusive, threshold=0.0)


def hair_styles(tagger: Tagger, seen: Seen, data: str) -> float:
    """Effective number of hair styles that the tagger sees: 35 of avataaars; with tags, the ways to
    combine five. Not a number for other data."""
    if data.startswith("AvatarSet avataaars"):
        style = tagger.split(seen.logits)[1]["top"].argmax(1)
    elif data.startswith("TaggedAvatarSet"):
        columns = [tagger.tags.index(tag) for tag in HAIR_STYLES]
        style = (verdicts(tagger, seen)[:, columns].long() << torch.arange(len(columns))).sum(1)
    else:
        return math.nan
    return vendi_score(one_hot(style).double())


def mean_tag_precision(tagger: Tagger, seen: Seen) -> float:
    """Mean over the tags of the share of pictures asked for a tag in which the tagger sees it; nan without wishes."""
    if seen.wishes is None:
        return math.nan
    hits, asked = (seen.wishes & verdicts(tagger, seen)).sum(0), seen.wishes.sum(0)
    return (hits / asked)[asked > 0].mean().item()


def tag_table(tagger: Tagger, generated: list[Seen], other: Seen) -> pd.DataFrame:
    """Precision of each tag over the pictures of all seeds, its Wilson interval, and the judge's on real pictures."""
    wishes = torch.cat([cast(Tensor, seen.wishes) for seen in generated])
    found = torch.cat([verdicts(tagger, seen) for seen in generated])
    table = pd.DataFrame([agreement_row(wishes[:, column], found[:, column]) for column in range(len(tagger.tags))],
                         index=pd.Index(tagger.tags, name="tag"))
    if other.wishes is not None:
        real = verdicts(tagger, other)
        table["ceiling"] = [agreement_row(other.wishes[:, column], real[:, column])["precision"]
                            for column in range(len(tagger.tags))]
    return table
