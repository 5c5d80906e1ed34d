"""The game as a drawing: who gets what, who answers what, and where what is learnt flows back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from avatarlib.interact.figures import FAKE, INK, REAL

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["game_diagram"]

Place = tuple[float, float]         # the centre, in inches
BOX, GAP = (1.42, 0.62), 0.06       # width and height of a box; from a box to an arrow


def game_diagram(*, tags: bool = False) -> Figure:
    """Generator and discriminator, what goes in and what comes out.

    Parameters
    ----------
    tags : bool
        With the tags that the generator is told, and the discriminator's second head that must name them (ACGAN).

    Examples
    --------
    >>> from avatarlib.interact.diagrams import game_diagram
    >>> [text.get_text() for text in game_diagram().axes[0].texts][:2]
    ['noise', 'generator']
    """
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(7.6, 3.2), layout="none")
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, 7.6), ylim=(0, 3.2), xticks=[], yticks=[], frame_on=False)
    told, head = (1.75, 0.75) if tags else (1.25, 1.25)
    noise, generator, fake = (0.85, told), (2.75, 1.25), (4.45, 1.25)
    data, judge, verdict = (2.75, 2.6), (5.05, 2.6), (6.8, 2.6)
    word(axes, noise, "noise", INK)
    box(axes, generator, "generator", FAKE)
    word(axes, fake, "fakes", FAKE)
    word(axes, data, "real pictures\nand their tags" if tags else "real pictures", REAL)
    box(axes, judge, "discriminator", REAL)
    word(axes, verdict, "real\nor fake?", INK)
    arrow(axes, (1.35, told), (2.0, 1.42 if tags else 1.25))
    arrow(axes, (3.46, 1.25), (4.1, 1.25))
    arrow(axes, (4.6, 1.45), (5.0, 2.25))
    arrow(axes, (3.5, 2.6), (4.3, 2.6))
    arrow(axes, (5.8, 2.6), (6.35, 2.6))
    if tags:
        word(axes, (0.85, head), "tags: teal hair,\nsmile, ...", INK)
        arrow(axes, (1.55, head), (2.0, 1.08))
        word(axes, (6.8, 1.55), "which tags?", INK)
        arrow(axes, (5.6, 2.25), (6.35, 1.75))
    arrow(axes, (6.6, 1.3 if tags else 2.2), (3.0, 0.9), bend=-0.28, dashed=True)
    axes.text(5.0, 0.2, "in which direction would it look better?", ha="center", fontsize=11, color="#555555")
    return figure


def box(axes: Axes, at: Place, text: str, colour: str) -> None:
    """A network."""
    from matplotlib.patches import FancyBboxPatch

    corner = at[0] - BOX[0] / 2, at[1] - BOX[1] / 2
    axes.add_patch(FancyBboxPatch(corner, *BOX, boxstyle="round,pad=0,rounding_size=0.12", color=colour))
    axes.text(*at, text, ha="center", va="center", color="white", weight="bold", fontsize=12)


def word(axes: Axes, at: Place, text: str, colour: str) -> None:
    """What goes from one to another."""
    axes.text(*at, text, ha="center", va="center", color=colour, fontsize=12)


def arrow(axes: Axes, start: Place, end: Place, *, bend: float = 0.0, dashed: bool = False) -> None:
    """From here to there; dashed is what is learnt."""
    look = {"arrowstyle": "-|>", "color": "#888888" if dashed else INK, "linewidth": 1.6, "shrinkA": 0, "shrinkB": 0,
            "linestyle": "--" if dashed else "-", "mutation_scale": 14, "connectionstyle": f"arc3,rad={bend}"}
    axes.annotate("", end, start, arrowprops=look)
