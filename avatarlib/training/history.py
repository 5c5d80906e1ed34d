"""The losses of a run, one CSV row every few rounds, their curves, and what goes wrong though none of them says so."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from avatarlib.training.files import write_atomically

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["History", "alarms"]

BOOKKEEPING = ("step", "epoch", "minutes", "images_per_second", "alarm")


class History:
    """Rows of ``step, epoch, minutes, images_per_second`` and every loss, kept in ``history.csv``; with an ``alarm``
    where one rang.

    Parameters
    ----------
    frame : DataFrame
        Rows to begin with; empty for a new run.
    path : Path, optional
        The file that ``save`` writes; without it nothing is written.

    Examples
    --------
    >>> import pandas as pd
    >>> from avatarlib.training import History
    >>> history = History(pd.DataFrame({"step": [10, 20], "epoch": [0.5, 1.0], "generator": [0.9, 0.7]}))
    >>> history.append({"step": 30, "epoch": 1.5, "generator": 0.6})
    >>> history.losses
    [{'generator': 0.9}, {'generator': 0.7}, {'generator': 0.6}]
    >>> history.cut(20)                                        # rounds 21 to 30 are to be played again
    >>> history.frame["step"].tolist(), history.plot("generator").get_xlabel()
    ([10, 20], 'round')
    """

    def __init__(self, frame: pd.DataFrame, path: Path | None = None) -> None:
        self.rows: list[dict[str, Any]] = frame.to_dict("records")   # type: ignore[assignment]
        self.path = path

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> History:
        """Load a history from its CSV file."""
        def cell(name: str, text: str) -> Any:      # float() is exact, pandas' parser is not
            return text if name == "alarm" else int(text) if name == "step" else float(text or "nan")

        with Path(path).open(encoding="utf-8", newline="") as file:
            rows = [{name: cell(name, text) for name, text in row.items()} for row in csv.DictReader(file)]
        return cls(pd.DataFrame(rows), Path(path))

    @property
    def frame(self) -> pd.DataFrame:
        """All rows so far as a table."""
        return pd.DataFrame(self.rows)

    @property
    def losses(self) -> list[dict[str, float]]:
        """The losses alone, row by row: what a resumed run must repeat."""
        return [{name: value for name, value in row.items() if name not in BOOKKEEPING} for row in self.rows]

    def append(self, row: dict[str, Any]) -> None:
        """Add one row in memory; ``save`` writes them all."""
        self.rows.append(row)

    def cut(self, step: int) -> None:
        """Forget rows after ``step``: rounds that a resumed run will play again."""
        self.rows = [row for row in self.rows if row["step"] <= step]

    def save(self) -> None:
        """Write the CSV beside the old one and rename it over."""
        if self.path is not None and self.rows:
            text = self.frame.to_csv(index=False)
            write_atomically(self.path, lambda partial: partial.write_text(text))

    def plot(self, *names: str, ax: Axes | None = None, smooth: int = 25) -> Axes:
        """Draw loss curves over rounds: each row faintly, the running median of ``smooth`` rows boldly.

        Raises
        ------
        ValueError
            If a name is no loss of this run.
        """
        import matplotlib.pyplot as plt  # here, so that training needs no drawing library

        frame = self.frame
        known = [c for c in frame.columns if c not in BOOKKEEPING]
        for name in names:
            if name not in known:
                raise ValueError(f"names must be among {known}, got {name!r}")
        axes = ax if ax is not None else plt.subplots(figsize=(7, 3.2), layout="constrained")[1]
        for i, name in enumerate(names or known):
            values = frame[name]
            axes.plot(frame["step"], values, color=f"C{i}", alpha=0.2, linewidth=0.8)
            axes.plot(frame["step"], values.rolling(smooth, min_periods=1).median(), color=f"C{i}", label=name)
        axes.set(xlabel="round", ylabel="loss")
        axes.legend(frameon=False)
        return axes


ROUNDS = 500            # a sign that something is wrong must last so long
WINNING = 0.05          # a discriminator's loss; 0.25 (least squares) or 1.386 (logarithms) is a draw
UNCHANGED = 0.02        # mean |G(x) - x| of pictures in [-1, 1]: five grey levels in 255 are 0.04

Row = Mapping[str, Any]

SIGNS: dict[str, tuple[Callable[[Row], bool], str]] = {
    "the discriminator wins": (
        lambda row: any(value < WINNING for name, value in row.items() if name.endswith("discriminator")),
        "a shorter or narrower discriminator (judge_layers, judge_width), or a learning_rate below the "
        "generator_rate"),
    "the output equals the input": (
        lambda row: row["change"] < UNCHANGED,
        "a lower cycle_weight, identity_weight, content_weight or nce_weight, a higher adversarial_weight, a wider "
        "generator, a shorter first phase"),
    "light has become dark": (
        lambda row: row["likeness"] < 0,
        "begin anew with a warm-up (warm_up_share, initial_rounds) or a higher identity_weight or content_weight")}


def alarms(rows: Sequence[Row], *, rounds: int = ROUNDS) -> list[str]:
    """What has been wrong in every row of the last ``rounds`` rounds, each with its cures.

    Only a recipe that tells ``change`` and ``likeness`` is looked at, and only rounds in which there was a game: before
    it, ``adversarial`` is 0.

    Examples
    --------
    >>> from avatarlib.training.history import alarms
    >>> rows = [{"step": step, "discriminator": 0.5, "change": 0.001, "likeness": 1.0} for step in (0, 100, 200)]
    >>> [told.split(":")[0] for told in alarms(rows, rounds=200)]
    ['the output equals the input for 200 rounds']
    """
    if not rows or "change" not in rows[-1] or rows[0]["step"] > (first := rows[-1]["step"] - rounds):
        return []
    since = [row for row in rows if row["step"] >= first]
    if any(not row.get("adversarial", 1.0) for row in since):
        return []
    return [f"{name} for {rounds} rounds: try {cure}" for name, (sign, cure) in SIGNS.items() if all(map(sign, since))]
