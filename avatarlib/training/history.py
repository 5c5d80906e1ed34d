"""The losses of a run, one CSV row every few rounds, and their curves."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from avatarlib.training.files import write_atomically

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["History"]

BOOKKEEPING = ("step", "epoch", "minutes", "images_per_second")


class History:
    """Rows of ``step, epoch, minutes, images_per_second`` and every loss, kept in ``history.csv``.

    Attributes
    ----------
    frame : pandas.DataFrame
        All rows so far.
    """

    def __init__(self, frame: pd.DataFrame, path: Path | None = None) -> None:
        self.frame = frame
        self.path = path

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> History:
        """Load a history from its CSV file."""
        return cls(pd.read_csv(path, float_precision="round_trip"), Path(path))

    @property
    def losses(self) -> list[dict[str, float]]:
        """The losses alone, row by row: what a resumed run must repeat."""
        columns = [c for c in self.frame.columns if c not in BOOKKEEPING]
        return self.frame[columns].to_dict("records")   # type: ignore[return-value]

    def append(self, rows: Sequence[dict[str, Any]]) -> None:
        """Add rows in memory; ``save`` writes them."""
        self.frame = pd.concat([self.frame, pd.DataFrame(rows)], ignore_index=True) if len(self.frame) \
            else pd.DataFrame(rows)

    def cut(self, step: int) -> None:
        """Forget rows after ``step``: rounds that a resumed run will play again."""
        if len(self.frame):
            self.frame = self.frame[self.frame["step"] <= step].reset_index(drop=True)

    def save(self) -> None:
        """Write the CSV beside the old one and rename it over."""
        if self.path is not None:
            text = self.frame.to_csv(index=False)
            write_atomically(self.path, lambda partial: partial.write_text(text))

    def plot(self, *names: str, ax: Axes | None = None, smooth: int = 25) -> Axes:
        """Draw loss curves over rounds: each row faintly, the running median of ``smooth`` rows boldly.

        Raises
        ------
        ValueError
            If a name is no loss of this run.
        """
        import matplotlib.pyplot as plt   # here, so that training needs no drawing library

        known = [c for c in self.frame.columns if c not in BOOKKEEPING]
        for name in names:
            if name not in known:
                raise ValueError(f"names must be among {known}, got {name!r}")
        axes = ax if ax is not None else plt.subplots(figsize=(7, 3.2), layout="constrained")[1]
        for i, name in enumerate(names or known):
            values = self.frame[name]
            axes.plot(self.frame["step"], values, color=f"C{i}", alpha=0.2, linewidth=0.8)
            axes.plot(self.frame["step"], values.rolling(smooth, min_periods=1).median(), color=f"C{i}", label=name)
        axes.set(xlabel="round", ylabel="loss")
        axes.legend(frameon=False)
        return axes
