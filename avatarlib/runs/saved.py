"""A run as its folder holds it: opened once, for its export, its card, and a run that begins where it stands."""

from __future__ import annotations

import base64
import difflib
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
from PIL import Image
from torch import nn

from avatarlib import pretrained
from avatarlib.recipes import Recipe
from avatarlib.runs.base import Run
from avatarlib.training.checkpoint import CheckpointError, load_checkpoint, load_tensors, read_progress
from avatarlib.training.history import History

__all__ = ["SavedRun", "begin_from", "devices", "facts", "images_a_round", "markdown", "small_png"]

EARLY = (500, 1_000, 1_500)     # rounds whose samples Xu shows; they are kept over all stages of a run

Progress = dict[str, Any]       # a stage's "identity", "step", "minutes" and more, as its checkpoint has them


class SavedRun:
    """A run with its checkpoint's recipe and progress, its history, and what came before it.

    A run that began where another stood has that one's progress, losses and early samples in its own checkpoint,
    and so on back to the first: its *stages*. The other runs may go on or be deleted.

    CheckpointError if ``folder`` holds no whole checkpoint, or one that is of none of ``runs``.

    Examples
    --------
    >>> from pathlib import Path
    >>> from avatarlib.data import AvatarSet
    >>> from avatarlib.recipes import DCGAN, DCGANConfig
    >>> from avatarlib.runs.dcgan import DCGANRun
    >>> from avatarlib.runs.saved import SavedRun
    >>> from avatarlib.training import Trainer
    >>> avatars, recipe = AvatarSet(count=4, size=64, progress=False), DCGAN(DCGANConfig(width=2, batch_size=4))
    >>> history = Trainer(recipe, avatars, run_dir="run", precision="float32", log_every=1, progress=False).fit(steps=2)
    >>> saved = SavedRun(Path("run"), [DCGANRun()])
    >>> saved.rounds, saved.images_a_round, len(saved.stages), saved.history.losses == history.losses
    (2, 4, 1, True)
    >>> tuple(saved.exported().sample(1).shape)
    (1, 3, 64, 64)
    """

    def __init__(self, folder: Path, runs: Iterable[Run]) -> None:
        checkpoint, known = folder / "checkpoint.safetensors", {run.recipe.__name__: run for run in runs}
        if not checkpoint.exists():
            raise CheckpointError(f"run_dir must hold checkpoint.safetensors, got {str(folder)!r} without one")
        self.folder, self.progress = folder, read_progress(checkpoint)
        self.identity = self.progress["identity"]
        if self.identity["recipe"] not in known:
            raise CheckpointError(f"run_dir must hold a run of {' or '.join(known)}, got {str(folder)!r} with one of "
                                  f"{self.identity['recipe']}")
        self.run = known[self.identity["recipe"]]
        self.recipe = self.run.rebuild(self.identity)
        load_checkpoint(checkpoint, self.recipe)
        self.stages: list[Progress] = [*self.progress["parents"], self.progress]
        path = folder / "history.csv"
        self.own_history = History.read(path) if path.exists() else History(pd.DataFrame())
        self.own_history.cut(self.progress["step"])

    @property
    def rounds(self) -> int:
        """Rounds of all stages."""
        return sum(stage["step"] for stage in self.stages)

    @property
    def images_a_round(self) -> int:
        """Pictures a round of the last stage."""
        return images_a_round(self.progress)

    @property
    def history(self) -> History:
        """Losses of all stages; rounds, epochs and minutes are counted through."""
        rows: list[dict[str, Any]] = []
        step, minutes = 0, 0.0
        for stage in self.stages:
            own = self.own_history.rows if stage is self.progress else pd.DataFrame(stage["losses"]).to_dict("records")
            offsets = {"step": step, "minutes": minutes, "epoch": rows[-1]["epoch"] if rows else 0}
            rows += [{**row, **{name: round(row[name] + offset, 4) for name, offset in offsets.items()}}
                     for row in own]
            step, minutes = step + stage["step"], minutes + stage["minutes"]
        return History(pd.DataFrame(rows))

    @property
    def early_samples(self) -> dict[int, bytes]:
        """Two rows of samples as PNG, by the round counted through, for each of ``EARLY`` that has some."""
        first = self.rounds - self.progress["step"]
        own = {first + int(path.stem[-6:]): path for path in sorted((self.folder / "samples").glob("round-*.png"))}
        found = {int(number): base64.b64decode(png) for stage in self.progress["parents"]
                 for number, png in stage["samples"].items()}
        for number in own.keys() & {*EARLY}:
            with Image.open(own[number]) as grid:
                found[number] = small_png(grid.crop((0, 0, grid.width, 2 * (grid.width - 2) // 8 + 2)))
        return found

    def as_parents(self) -> list[Progress]:
        """The stages as a run that begins here keeps them in its own checkpoint."""
        samples = {number: base64.b64encode(png).decode() for number, png in self.early_samples.items()}
        own = {**self.progress, "losses": self.own_history.frame.to_dict("list"), "samples": samples}
        return [*self.progress["parents"], {name: value for name, value in own.items() if name != "parents"}]

    def exported(self, epoch: int | None = None) -> nn.Module:
        """The averaged network that the run ships: the checkpoint's, or a snapshot's."""
        network = self.run.shipped(self.recipe)
        if epoch is not None:
            folder, name = self.folder / "snapshots", f"{self.run.player}-epoch-"
            path = folder / f"{name}{epoch:03d}.safetensors"
            if not path.exists():
                kept = sorted(int(other.stem[-3:]) for other in folder.glob(f"{name}*.safetensors"))
                raise CheckpointError(f"epoch must be one with a snapshot ({kept}), got {epoch}")
            network.load_state_dict(load_tensors(path)[0])
        return network


def begin_from(run: Run, recipe: Recipe, folder: Path | None) -> None:
    """Let a new run's recipe begin where the one in ``folder`` stands, and remember its stages; nothing without one.

    The recipe's own ``begin_from`` says what is taken over. ``folder`` may also be a model, by its name or place:
    ``begin_with`` takes the network, its judges begin anew, and the model counts as one stage.

    Raises
    ------
    CheckpointError
        If ``folder`` is neither a run of the same paper nor a model.
    ValueError
        If its networks have other shapes.

    Examples
    --------
    >>> from pathlib import Path
    >>> from avatarlib.data import TaggedAvatarSet
    >>> from avatarlib.recipes import ACGANConfig
    >>> from avatarlib.runs.acgan import ACGANRun
    >>> from avatarlib.runs.saved import begin_from
    >>> from avatarlib.text_to_avatar import acgan_recipe
    >>> from avatarlib.training import Trainer
    >>> config = ACGANConfig(size=32, blocks=1, width=8, judge_width=2, batch_size=4)
    >>> avatars = TaggedAvatarSet(count=4, size=32, progress=False)
    >>> first = Trainer(acgan_recipe(config), avatars, run_dir="first", precision="float32", progress=False)
    >>> history, recipe = first.fit(steps=1), acgan_recipe(config, seed=1)
    >>> begin_from(ACGANRun(), recipe, Path("first"))
    >>> [stage["step"] for stage in recipe.parents]                        # one stage of one round came before
    [1]
    """
    if folder is None:
        return
    if hasattr(recipe, "begin_with") and is_model(folder):
        name = str(folder) if str(folder) in pretrained.names() else folder
        recipe.begin_with(pretrained.load(name))
        recipe.parents = [model_stage(name)]
    elif not folder.exists() and (near := difflib.get_close_matches(str(folder), pretrained.names(), n=1)):
        raise ValueError(f"--begin-from must be the folder of a run, or a model, got {str(folder)!r}; did you mean "
                         f"{near[0]!r}?")
    else:
        other = SavedRun(folder, [run])
        recipe.begin_from(other.recipe)     # type: ignore[attr-defined]    # whose run has the option has the method
        recipe.parents = other.as_parents()


def is_model(folder: Path) -> bool:
    """Whether this is a model, shipped or in a folder, and not a run."""
    inside = folder.is_dir() and not (folder / "checkpoint.safetensors").exists() \
        and (folder / "model.safetensors").exists()
    return inside or str(folder) in pretrained.names()


def model_stage(name: str | Path) -> Progress:
    """What a model tells of its own training, as a stage; pictures a round and device are not among it."""
    losses = pretrained.history(name).frame
    return {"identity": {"model": Path(name).name}, "step": pretrained.trained(name)["rounds"],
            "minutes": float(losses["minutes"].iloc[-1]), "losses": losses.to_dict("list"), "samples": {}}


def images_a_round(progress: Progress) -> int:
    """Pictures that all processes of a run saw in one round.

    Examples
    --------
    >>> from avatarlib.runs.saved import images_a_round
    >>> images_a_round({"identity": {"config": {"batch_size": 16}, "world": 2}})   # two processes
    32
    """
    return progress["identity"]["config"]["batch_size"] * progress["identity"].get("world", 1)


def devices(stages: list[Progress]) -> str:
    """What the stages of a run were trained on, in words; runs of older versions did not note it.

    Examples
    --------
    >>> from avatarlib.runs.saved import devices
    >>> devices([{"identity": {}, "device": "a CPU"}, {"identity": {"world": 2}, "device": "H100"}])
    'a CPU, then 2 x H100'
    """
    names = [f"{world} x {device}" if (world := stage["identity"].get("world", 1)) > 1 else device
             for stage in stages for device in [stage.get("device", "a device not recorded")]]
    return ", then ".join(dict.fromkeys(names))


def small_png(picture: Image.Image) -> bytes:
    """A picture as PNG in 128 colours, so that a model's folder stays small.

    Examples
    --------
    >>> import io
    >>> from PIL import Image
    >>> from avatarlib.runs.saved import small_png
    >>> picture = Image.open(io.BytesIO(small_png(Image.new("RGB", (64, 32), "red"))))
    >>> picture.format, picture.mode, picture.size                         # P: a palette
    ('PNG', 'P', (64, 32))
    """
    file = io.BytesIO()
    picture.convert("RGB").quantize(128).save(file, "PNG", optimize=True)
    return file.getvalue()


def facts(saved: SavedRun, network: nn.Module) -> dict[str, Any]:
    """What any card may say: the settings of the run's config by name, and these facts of all its stages.

    Of several sets ``data`` has all names, ``count`` all pictures, and ``data_size`` the largest size.

    Examples
    --------
    >>> from pathlib import Path
    >>> from avatarlib.data import AvatarSet
    >>> from avatarlib.recipes import DCGAN, DCGANConfig
    >>> from avatarlib.runs.registry import open_run
    >>> from avatarlib.runs.saved import facts
    >>> from avatarlib.training import Trainer
    >>> avatars, recipe = AvatarSet(count=8, size=64, progress=False), DCGAN(DCGANConfig(width=2, batch_size=4))
    >>> history = Trainer(recipe, avatars, run_dir="facts", precision="float32", progress=False).fit(steps=3)
    >>> saved = open_run(Path("facts"))
    >>> told = facts(saved, saved.exported())
    >>> told["width"], told["count"], told["rounds"], told["images"]       # 3 rounds of 4 pictures
    (2, 8, 3, 12)
    """
    names, counts, sizes = ([*value.values()] if isinstance(value, dict) else [value]
                            for value in (saved.identity[key] for key in ("data", "count", "size")))
    return {**saved.identity["config"], "parameters": sum(p.numel() for p in network.parameters()),
            "data": " and ".join(names), "count": sum(counts), "data_size": max(sizes),
            "seed": saved.identity["seed"], "rounds": saved.rounds, "batch": saved.images_a_round,
            "images": sum(stage["step"] * images_a_round(stage) for stage in saved.stages
                          if "config" in stage["identity"]),        # a model does not tell how many it saw
            "minutes": sum(stage["minutes"] for stage in saved.stages), "device": devices(saved.stages)}


def markdown(frame: pd.DataFrame) -> str:
    """A table in Markdown, fractions to four digits.

    Examples
    --------
    >>> import pandas as pd
    >>> from avatarlib.runs.saved import markdown
    >>> print(markdown(pd.DataFrame({"n": [3], "f1": [2 / 3]}, index=pd.Index(["smile"], name="tag"))))
    | tag | n | f1 |
    | --- | --- | --- |
    | smile | 3 | 0.6667 |
    """
    columns = [str(frame.index.name or ""), *map(str, frame.columns)]
    rows = [[str(index), *(f"{value:.4f}" if isinstance(value, float) else str(value) for value in row)]
            for index, row in zip(frame.index, frame.itertuples(index=False), strict=True)]
    return "\n".join("| " + " | ".join(row) + " |" for row in [columns, ["---"] * len(columns), *rows])
