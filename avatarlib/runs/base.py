"""What one paper says about running it; everything that trains, exports or evaluates asks this and nothing else."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from avatarlib.data import ImageSet, to_uint8
from avatarlib.presets import PRESETS
from avatarlib.recipes import Recipe
from avatarlib.runs.evaluation import AT_ONCE, Evaluation, evaluate_generator
from avatarlib.runs.options import Options, options_for, setting
from avatarlib.training.batches import Transform

if TYPE_CHECKING:
    from avatarlib.runs.saved import SavedRun

__all__ = ["AT_ONCE", "Examination", "Run", "SupervisedRun", "in_batches"]



@dataclass
class Examination:
    """What is found out about a network before it is exported: facts for the card beside ``saved.facts`` and the
    config's settings, and by their file's name tables (CSV) and pictures (PNG, see ``saved.small_png``).

    Examples
    --------
    >>> import pandas as pd
    >>> from avatarlib.runs.base import Examination
    >>> table = pd.DataFrame({"f1": [0.5]}, index=["smile"])
    >>> found = Examination({"macro": table["f1"].mean().item()}, {"measures.csv": table})
    >>> found.facts, list(found.tables), found.pictures
    ({'macro': 0.5}, ['measures.csv'], {})
    """

    facts: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)


class Run:
    """One paper: which recipe on which data, what is shipped of it, and how that is used, examined and described.

    A subclass fills the attributes and writes ``open``; one line in ``avatarlib.runs.registry`` makes it known.

    Examples
    --------
    >>> from argparse import Namespace
    >>> from avatarlib.runs.registry import RUNS
    >>> run = RUNS["dcgan"]
    >>> run.takes, run.player, run.count("quick", Namespace(count=None))
    ('noise', 'generator', 2000)
    >>> config = run.settings(Namespace(size=None, set=["width=2"]), "smoke")      # avatarlib train dcgan --set ...
    >>> generator = run.shipped(run.build(config, Namespace(seed=0)))
    >>> tuple(run.draw(generator, 3).shape)                                # not trained yet
    (3, 3, 64, 64)
    """

    name: ClassVar[str]                             #: what the command line calls it
    recipe: ClassVar[type[Recipe]]                  #: ``recipe(config, seed=seed)`` unless ``build`` says otherwise
    config: ClassVar[Any]                           #: class of the recipe's settings, with presets
    networks: ClassVar[tuple[type[nn.Module], ...]]     #: classes of an exported network, rebuilt from ``config.json``
    player: ClassVar[str] = "generator"             #: which of the recipe's networks that is; its average is taken
    takes: ClassVar[str] = "noise"                  #: what it makes pictures of: "noise", "tags", "image", or ""
    options: ClassVar[Options] = {}                 #: of ``avatarlib train``, not of every run; see ``runs.options``
    #: how many pictures are drawn for each of ``PRESETS``, if not told; for a paper's own preset as many as for "full"
    counts: ClassVar[tuple[int, int, int]]
    by_epoch: ClassVar[bool] = False                #: whether an epoch's snapshot may be exported
    topics: ClassVar[str] = "avatars"               #: in the head of the card, for those who search the Hub
    card: ClassVar[str]     #: with places for ``saved.facts``, the config's settings and what ``examine`` finds

    def settings(self, options: argparse.Namespace, preset: str) -> Any:
        """The config of a new run: the preset's, with the changes of the command line."""
        config = self.config.preset(preset)
        return replace(config, **dict(setting(config, text) for text in options.set))

    def count(self, preset: str, options: argparse.Namespace) -> int:
        """How many pictures to draw."""
        return options.count or dict(zip(PRESETS, self.counts, strict=True)).get(preset, self.counts[-1])

    def build(self, config: Any, options: argparse.Namespace) -> Recipe:
        """The recipe, at its beginning."""
        return self.recipe(config, seed=options.seed)       # type: ignore[call-arg]    # every recipe takes these

    def rebuild(self, identity: Mapping[str, Any]) -> Recipe:
        """The recipe of a run, at its beginning, from the identity in its checkpoint."""
        settings = {name: tuple(value) if isinstance(value, list) else value
                    for name, value in identity["config"].items()}
        options = argparse.Namespace(seed=identity["seed"], **options_for(identity["data"]))
        return self.build(self.config(**settings), options)

    def begin(self, recipe: Recipe, options: argparse.Namespace) -> None:
        """What a new run does before its first round; nothing, unless its options ask for it."""

    def open(self, config: Any, count: int, options: argparse.Namespace) -> ImageSet | Mapping[str, ImageSet]:
        """The pictures to learn from; drawing or reading them is the slow part."""
        raise NotImplementedError(f"{type(self).__name__} must define open(config, count, options)")

    def transform(self) -> Transform | Mapping[str, Transform] | None:
        """Augmentation of the batches, for the Trainer."""
        return None

    def shipped(self, recipe: Recipe) -> nn.Module:
        """The network that an export holds."""
        return recipe.averaged(self.player)

    def trained(self, saved: SavedRun, epoch: int | None) -> dict[str, int]:
        """How far the exported weights were trained: what ``pretrained.trained`` tells."""
        if not self.by_epoch:
            return {"rounds": saved.rounds}
        epochs = saved.progress["step"] // (saved.identity["count"] // saved.images_a_round)
        return {"epoch": epochs if epoch is None else epoch, "epochs": epochs, "rounds": saved.rounds}

    def examine(self, saved: SavedRun, network: nn.Module) -> Examination:
        """What the card, the tables and the pictures of an export show; nothing, unless a run has an examination."""
        return Examination()

    def draw(self, network: Any, n: int, *, seed: int = 0, text: str | None = None, data: str = "") -> Tensor:
        """``n`` pictures by an exported network, from new noise: uint8 (n, 3, H, W), drawn a few at a time.

        ``text`` is for runs that take tags; ``data`` names the set that the network was trained on. ValueError if the
        network redraws pictures, for none are given here.
        """
        return torch.cat([images for images, _ in self.stream(network, n, seed=seed, data=data)])

    def stream(self, network: Any, n: int, *, seed: int = 0, data: str = "") -> Iterator[tuple[Tensor, Tensor | None]]:
        """The pictures of ``draw`` a few at a time, and the tags (m, 34) they were asked for, if any."""
        if self.takes == "image":
            raise ValueError(f"model must draw from noise or tags, got one of {self.name}, which redraws pictures")
        rng = torch.Generator().manual_seed(seed)
        for start in range(0, n, AT_ONCE):
            yield to_uint8(network.sample(min(AT_ONCE, n - start), generator=rng)), None

    def evaluate(self, network: nn.Module, options: argparse.Namespace, data: Mapping[str, Any]) -> Evaluation:
        """Measures of a model beside real pictures, by default of the set that it was trained on.

        ``data`` is ``pretrained.data`` of the model; ``options`` are those of ``avatarlib evaluate``.
        """
        return evaluate_generator(self, network, options, data)


class SupervisedRun(Run):
    """One of the two networks that learn from known answers; its learning rate is planned over all its rounds.

    Examples
    --------
    >>> from argparse import Namespace
    >>> from avatarlib.runs.registry import RUNS
    >>> config = RUNS["landmarks"].settings(Namespace(set=[], steps=50), "quick")
    >>> config.rounds                                                      # its learning rate ends with them
    50
    """

    takes = ""

    def settings(self, options: argparse.Namespace, preset: str) -> Any:
        config = super().settings(options, preset)
        return replace(config, rounds=options.steps or config.rounds)       # a game just stops after them


@torch.no_grad()
def in_batches(judge: Callable[[Tensor], Tensor], data: ImageSet, batch_size: int = 128,
               progress: bool = False) -> Tensor:
    """What ``judge`` says of every picture of a set, (N, ...), from batches (n, 3, H, W) in [-1, 1]; no gradients.

    Examples
    --------
    >>> import numpy as np
    >>> from avatarlib.data import ImageSet
    >>> from avatarlib.runs.base import in_batches
    >>> pixels = np.zeros((3, 3, 8, 8), np.uint8)
    >>> pixels[2] = 255                                                    # two black pictures and a white one
    >>> pictures = ImageSet("plain", pixels, np.zeros((3, 0), int), {})
    >>> in_batches(lambda images: images.mean((1, 2, 3)), pictures, batch_size=2).tolist()
    [-1.0, -1.0, 1.0]
    """
    starts = tqdm(range(0, len(data), batch_size), unit="batch", disable=not progress)
    return torch.cat([judge(data.batch(slice(start, start + batch_size))["image"]) for start in starts])
