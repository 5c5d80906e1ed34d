"""Translations as drawings: the cycle there and back, and the one-direction network with its codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from avatarlib.interact.diagrams import arrow, box, word
from avatarlib.interact.figures import FAKE, INK, REAL

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["codes_diagram", "cycle_diagram"]

PALE = "#6b6b6b"


def cycle_diagram() -> Figure:
    """CycleGAN: a photograph and a drawing, each sent to the other domain and back (Zhu et al. 2017, Figure 3).

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from avatarlib.interact.translation_diagrams import cycle_diagram
    >>> figure = cycle_diagram()
    >>> figure.get_size_inches().tolist(), len(figure.axes[0].patches)         # two networks, each used twice
    ([7.8, 4.3], 4)
    >>> plt.close(figure)
    """
    figure, axes = page(4.3)
    for y, names, colours in (
            (3.2, ("photograph\nx", "to cartoon\n$G_{AB}$", "$G_{AB}(x)$", "to photo\n$G_{BA}$", "x again"),
             (REAL, FAKE)),
            (1.15, ("drawing\ny", "to photo\n$G_{BA}$", "$G_{BA}(y)$", "to cartoon\n$G_{AB}$", "y again"),
             (FAKE, REAL))):
        there, back = colours[1], colours[0]
        for x, text, colour in zip((0.6, 3.85, 7.0), names[::2], (colours[0], colours[1], colours[0]), strict=True):
            word(axes, (x, y), text, colour)
        box(axes, (2.2, y), names[1], there)
        box(axes, (5.4, y), names[3], back)
        for start, end in ((1.15, 1.45), (2.95, 3.45), (4.2, 4.65), (6.15, 6.5)):
            arrow(axes, (start, y), (end, y))
        arrow(axes, (6.9, y - 0.25), (0.7, y - 0.3), bend=-0.12, dashed=True)
        note(axes, (3.85, y - 0.9), "cycle: must be the picture that set out")
        judge = "a cartoon?" if there == FAKE else "a photograph?"
        note(axes, (3.85, y + 0.75), f"discriminator: {judge}")
        arrow(axes, (3.85, y + 0.2), (3.85, y + 0.58))
    return figure


def codes_diagram() -> Figure:
    """Tian's one-direction network (section 5.3): content of x, style of a drawing y, and the way back by codes.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from avatarlib.interact.translation_diagrams import codes_diagram
    >>> figure = codes_diagram()
    >>> figure.get_size_inches().tolist(), len(figure.axes[0].patches)         # six boxes
    ([7.8, 3.45], 6)
    >>> plt.close(figure)
    """
    figure, axes = page(3.45)
    word(axes, (0.6, 2.6), "photograph\nx", REAL)
    word(axes, (0.6, 1.4), "drawing\ny", FAKE)
    box(axes, (2.0, 2.6), "content $E_c$", INK)
    box(axes, (2.0, 1.4), "style $E_s$", INK)
    box(axes, (3.9, 2.0), "decoder R", FAKE)
    word(axes, (5.15, 2.0), "cartoon\ng", FAKE)
    box(axes, (6.6, 2.6), "content $E_c$", INK)
    box(axes, (6.6, 0.75), "decoder R", REAL)
    word(axes, (3.15, 0.75), "another\nphotograph x'", REAL)
    box(axes, (4.75, 0.75), "style $E_s$", INK)
    word(axes, (7.35, 0.1), "x again", REAL)
    for start, end in (((1.1, 2.6), (1.25, 2.6)), ((1.0, 1.4), (1.25, 1.4)), ((2.75, 2.5), (3.2, 2.15)),
                       ((2.75, 1.5), (3.2, 1.85)), ((4.65, 2.0), (4.8, 2.0)), ((5.5, 2.2), (5.9, 2.4)),
                       ((6.6, 2.25), (6.6, 1.1)), ((3.85, 0.75), (4.0, 0.75)), ((5.5, 0.75), (5.85, 0.75)),
                       ((7.0, 0.42), (7.25, 0.22))):
        arrow(axes, start, end)
    arrow(axes, (6.4, 2.95), (2.2, 2.95), bend=0.08, dashed=True)
    note(axes, (4.3, 3.3), "content code: must be the same")
    return figure


def page(height: float) -> tuple[Figure, Axes]:
    """A bare page of 7.8 inches' width."""
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(7.8, height), layout="none")
    return figure, figure.add_axes((0, 0, 1, 1), xlim=(0, 7.8), ylim=(0, height), xticks=[], yticks=[], frame_on=False)


def note(axes: Axes, at: tuple[float, float], text: str) -> None:
    """What a dashed arrow, or a judge, asks."""
    axes.text(*at, text, ha="center", va="center", color=PALE, fontsize=11)
