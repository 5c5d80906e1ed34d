"""A run that began where another stood: what came before it, kept in its folder and told when it is exported."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from avatarlib.training.checkpoint import CheckpointError, read_progress
from avatarlib.training.files import write_atomically
from avatarlib.training.history import History

__all__ = ["devices", "images_a_round", "keep_before", "samples", "stages", "stages_before", "whole_history"]

Progress = dict[str, Any]       # a run's "identity", "step" and "minutes", as its checkpoint has them


def keep_before(run_dir: Path, other_dir: Path) -> None:
    """Keep in ``run_dir/before`` what a run begun from ``other_dir`` has behind it.

    The folder receives ``stages.json`` (the progress of every earlier run), ``history.csv`` (their losses, rounds
    and minutes counted through) and ``samples/``. It is a copy: the other run may go on or be deleted.

    Raises
    ------
    CheckpointError
        If ``other_dir`` holds no whole checkpoint.
    """
    before, told = run_dir / "before", stages(other_dir)
    for left in (before / "samples").glob("round-*.png"):      # by a start that was cut short, from another run
        left.unlink()
    for number, picture in samples(other_dir).items():
        write_atomically(before / "samples" / f"round-{number:06d}.png", partial(shutil.copy, picture))
    History(whole_history(other_dir).frame, before / "history.csv").save()
    text = json.dumps(told, indent=2) + "\n"
    write_atomically(before / "stages.json", lambda path: path.write_text(text, encoding="utf-8"))


def stages_before(run_dir: Path) -> list[Progress]:
    """Progress of the runs before this one, the first one first; none if it began at the beginning."""
    path = run_dir / "before" / "stages.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def stages(run_dir: Path) -> list[Progress]:
    """Progress of the runs before this one, and of itself as its checkpoint stands.

    Raises
    ------
    CheckpointError
        If there is no whole checkpoint, or it did not begin after the rounds that ``run_dir/before`` tells.
    """
    before, progress = stages_before(run_dir), read_progress(run_dir / "checkpoint.safetensors")
    told, noted = sum(stage["step"] for stage in before), progress["identity"]["config"].get("rounds_before", 0)
    if told != noted:
        raise CheckpointError(f"run_dir {str(run_dir)!r} must have begun after the {told:,} rounds told in its folder "
                              f"'before', got a checkpoint of a run begun after {noted:,}")
    return [*before, progress]


def images_a_round(progress: Progress) -> int:
    """Pictures that all processes of a run saw in one round."""
    return progress["identity"]["config"]["batch_size"] * progress["identity"].get("world", 1)


def devices(told: list[Progress]) -> str:
    """What the stages of a run were trained on, in words; runs of older versions did not note it."""
    names = [f"{world} x {device}" if (world := stage["identity"].get("world", 1)) > 1 else device
             for stage in told for device in [stage.get("device", "a device not recorded")]]
    return ", then ".join(dict.fromkeys(names))


def samples(run_dir: Path) -> dict[int, Path]:
    """Sample grids of the runs before this one and of itself, by the round counted through."""
    earlier = sum(stage["step"] for stage in stages_before(run_dir))
    return {first + int(picture.stem[-6:]): picture for folder, first in ((run_dir / "before", 0), (run_dir, earlier))
            for picture in sorted((folder / "samples").glob("round-*.png"))}


def whole_history(run_dir: Path) -> History:
    """Losses of the runs before this one and of itself; rounds, epochs and minutes are counted through."""
    *before, progress = stages(run_dir)
    earlier, own = (History.read(path).rows if path.exists() else []
                    for path in (run_dir / "before" / "history.csv", run_dir / "history.csv"))
    offsets = {"step": sum(stage["step"] for stage in before), "minutes": sum(stage["minutes"] for stage in before),
               "epoch": earlier[-1]["epoch"] if earlier else 0}
    later = [{**row, **{name: round(row[name] + offset, 4) for name, offset in offsets.items()}}
             for row in own if row["step"] <= progress["step"]]
    return History(pd.DataFrame([*earlier, *later]))
