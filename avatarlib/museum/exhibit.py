"""What every exhibit of the museum hands back: the failed game, the cured one, and what tells them apart."""

from __future__ import annotations

from dataclasses import dataclass

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from avatarlib.interact.figures import FAKE, REAL

__all__ = ["Exhibit"]


@dataclass(frozen=True)
class Exhibit:
    """A failure beside its cure.

    Attributes
    ----------
    name, measured : str
        Which failure, and what the curves and the verdict count.
    failed, cured : Series
        The measure along the game; the index, whose name labels the axis, is the round or the place.
    logarithmic : bool
        Whether ``plot`` shows the measure on a logarithmic axis.
    """

    name: str
    measured: str
    failed: pd.Series
    cured: pd.Series
    logarithmic: bool = False

    def verdict(self) -> dict[str, float]:
        """The measure of the failed game and of the cured one at their ends."""
        return {"failed": float(self.failed.iloc[-1]), "cured": float(self.cured.iloc[-1])}

    def plot(self) -> Figure:
        """Both games in one picture: ``avatarlib.interact.figures.use_book_style`` sets its look."""
        figure, axes = plt.subplots(figsize=(6.8, 3.2))
        for values, colour, label in ((self.failed, FAKE, "failed"), (self.cured, REAL, "cured")):
            axes.plot(values.index, values, color=colour, label=label)
        if self.logarithmic:
            axes.set_yscale("log")
        axes.set(xlabel=self.failed.index.name, ylabel=self.measured)
        axes.legend()
        return figure
