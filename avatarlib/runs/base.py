"""What one paper says about running it; everything that trains, exports or evaluates asks this and nothing else."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
import torch
from torch import Tensor, nn

from avatarlib.data import ImageSet, to_uint8
from avatarlib.metrics import compare
from avatarlib.presets import PRESETS
from avatarlib.recipes import Recipe
from avatarlib.runs.options import Options, changed, open_data, options_for
from avatarlib.training.batches import Transform

if TYPE_CHECKING:
    from avatarlib.runs.saved import SavedRun

__all__ = ["AT_ONCE", "Examination", "Run"]

AT_ONCE = 64        # pictures drawn at a time: one takes some 10 MB on its way at 128 px


@dataclass
class Examination:
    """What is found out about a network before it is exported.

    Attributes
    ----------
    facts : dict
        What the card's template asks for beside ``cards.facts`` and the config's settings.
    tables : dict of str to DataFrame
        Each is written as a CSV file of this name.
    pictures : dict of str to bytes
        Each is written as a PNG file of this name; see ``saved.small_png``.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)


class Run:
    """One paper: which recipe on which data, what is shipped of it, and how that is used, examined and described.

    A subclass fills the attributes and writes ``open``; one line in ``avatarlib.runs.registry`` makes it known.

    Attributes
    ----------
    name : str
        What the command line calls it.
    recipe : type
        Its class; ``recipe(config, seed=seed)`` makes it unless ``build`` says otherwise.
    networks : tuple of type
        Of which class the network of an export may be; it rebuilds itself from ``config.json``.
    player : str
        Which of the recipe's networks that is; the averaged one is taken.
    takes : {"noise", "tags", "image", ""}
        What the network makes pictures from; "" is one that makes none.
    options : dict
        Options of ``avatarlib train`` that not every run takes; see ``runs.options``.
    counts : tuple of int
        How many pictures are drawn for each of ``PRESETS``, if the command line does not say; for a preset of the
        paper's own as many as for "full".
    by_epoch : bool
        Whether an epoch's snapshot may be exported.
    card : str
        The model card, with places for ``cards.facts``, the config's settings and what ``examine`` finds.
    """

    name: ClassVar[str]
    recipe: ClassVar[type[Recipe]]
    config: ClassVar[Any]
    networks: ClassVar[tuple[type[nn.Module], ...]]
    player: ClassVar[str] = "generator"
    takes: ClassVar[str] = "noise"
    options: ClassVar[Options] = {}
    counts: ClassVar[tuple[int, int, int]]
    by_epoch: ClassVar[bool] = False
    card: ClassVar[str]

    def settings(self, options: argparse.Namespace, preset: str) -> Any:
        """The config of a new run: the preset's, with the changes of the command line."""
        return changed(self.config.preset(preset), options.set)

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

        Parameters
        ----------
        text : str, optional
            What they should look like; for runs that take tags.
        data : str
            Name of the set that the network was trained on.

        Raises
        ------
        ValueError
            If the network redraws pictures, and none are given here.
        """
        if self.takes == "image":
            raise ValueError(f"model must draw from noise or tags, got one of {self.name}, which redraws pictures")
        rng = torch.Generator().manual_seed(seed)
        return torch.cat([to_uint8(network.sample(min(AT_ONCE, n - start), generator=rng))
                          for start in range(0, n, AT_ONCE)])

    def evaluate(self, network: nn.Module, options: argparse.Namespace, data: Mapping[str, Any]) -> str:
        """A table of a model beside real against real, by default of the set that it was trained on.

        ``data`` is ``pretrained.data`` of the model; ``options.model`` is its name.
        """
        known = data.get("name", "a set that it does not tell")
        size = self.draw(network, 1, seed=options.seed, data=known).shape[-1]
        if options.size not in (None, size):
            raise ValueError(f"--size must be {size}, that of the model's pictures, got {options.size}")
        if options.data is None and options.style is None:
            if not options_for(known)["data"]:
                raise ValueError(f"--data must be given for {options.model!r}: it was trained on {known}")
            vars(options).update(options_for(known))
        options.size, count = size, options.count or 2 * options.n
        train_set, test_set = open_data(options, count), open_data(options, count, "test")
        fake = self.draw(network, 2 * options.n, seed=options.seed, data=known)
        table = compare(fake, train_set, test_set, n=options.n, seed=options.seed)
        return f"beside {train_set}\n{table.round(3).to_string()}"
