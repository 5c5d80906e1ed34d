"""The losses of a run, one CSV row every few rounds, and their curves."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from avatarlib.training.files import write_atomically

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["History"]

BOOKKEEPING = ("step", "epoch", "minutes", "images_per_second", "alarm")


def to_number(text: str) -> float:
    """A number of the CSV file; NaN where there is none."""
    return float(text or "nan")


READ: dict[str, Callable[[str], Any]] = {"step": int, "alarm": str}      # all else is a number


class History:
    """Rows of ``step, epoch, minutes, images_per_second`` and every loss, kept in ``history.csv``; with an ``alarm``
    where one rang."""

    def __init__(self, frame: pd.DataFrame, path: Path | None = None) -> None:
        self.rows: list[dict[str, Any]] = frame.to_dict("records")   # type: ignore[assignment]
        self.path = path

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> History:
        """Load a history from its CSV file."""
        with Path(path).open(encoding="utf-8", newline="") as file:     # float() is exact, pandas' parser is not
            rows = [{name: READ.get(name, to_number)(value) for name, value in row.items()}
                    for row in csv.DictReader(file)]
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
