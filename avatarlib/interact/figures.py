"""The book's figures: one style for light and dark pages, and the pictures of a game between points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from avatarlib.data.mixture import FAIR_SHARE, NEAR

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

    from avatarlib.data.mixture import Mixture
    from avatarlib.recipes.toy import Snapshot

__all__ = ["FAKE", "INK", "REAL", "draw_density", "draw_field", "draw_modes", "draw_points", "field_colours",
           "figure_pixels", "game_figure", "game_picture", "use_book_style"]

REAL, FAKE, INK = "#1f5f8b", "#d1552b", "#2b2b2b"    # blue and orange: apart for colour-blind eyes too
SERIES = (REAL, FAKE, "#3c8d5a", "#8a5aa8", "#b08a1e", "#6b6b6b")
LEVELS = 11     # flat steps of colour: easier to read than a smooth ramp, and a tenth of the PNG


def use_book_style() -> None:
    """Set matplotlib's defaults to the book's: white ground (fine on a dark page), large type, few lines.

    Examples
    --------
    >>> import matplotlib as mpl
    >>> from avatarlib.interact.figures import use_book_style
    >>> with mpl.rc_context():                                  # a notebook calls it once, without this
    ...     use_book_style()
    ...     print(mpl.rcParams["font.size"], mpl.rcParams["figure.dpi"])
    13.0 110.0
    """
    import matplotlib as mpl
    from cycler import cycler

    mpl.rcParams.update({
        "figure.dpi": 110, "figure.constrained_layout.use": True,
        "figure.facecolor": "white", "axes.facecolor": "white", "savefig.facecolor": "white",
        "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": "#8c8c8c",
        "xtick.color": INK, "ytick.color": INK,
        "font.size": 13.0, "axes.titlesize": 13.0, "axes.labelsize": 13.0, "legend.fontsize": 12.0,
        "axes.prop_cycle": cycler(color=SERIES), "lines.linewidth": 2.0,
        "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False,
        "axes.grid": True, "grid.color": "#e4e4e4", "grid.linewidth": 0.8, "axes.axisbelow": True,
    })


def field_colours() -> Colormap:
    """Colours of D: ``FAKE`` at 0, white at 1/2, ``REAL`` at 1.

    Examples
    --------
    >>> from matplotlib.colors import to_hex
    >>> from avatarlib.interact.figures import field_colours
    >>> colours = field_colours()
    >>> to_hex(colours(0.0)), to_hex(colours(1.0))              # FAKE and REAL
    ('#d1552b', '#1f5f8b')
    """
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("verdict", [FAKE, "white", REAL])


def bare_square(axes: Axes, extent: float) -> None:
    """A square [-extent, extent] x [-extent, extent] with a thin frame and no numbers."""
    axes.set(xlim=(-extent, extent), ylim=(-extent, extent), xticks=[], yticks=[], aspect="equal")
    axes.grid(False)
    for spine in axes.spines.values():
        spine.set(visible=True, color="#bdbdbd")


def draw_points(axes: Axes, points: Tensor, *, colour: str = FAKE, extent: float = 3.0, size: float = 5.0) -> None:
    """Scatter ``points`` (N, 2) on a bare square.

    Examples
    --------
    >>> import torch
    >>> from matplotlib.figure import Figure
    >>> from avatarlib.interact.figures import draw_points
    >>> axes = Figure().add_subplot()
    >>> draw_points(axes, torch.tensor([[0.0, 0.0], [1.0, 2.0]]))
    >>> axes.collections[0].get_offsets().tolist()
    [[0.0, 0.0], [1.0, 2.0]]
    """
    x, y = points.numpy().T
    axes.scatter(x, y, s=size, color=colour, alpha=0.5, linewidths=0)
    bare_square(axes, extent)


def draw_field(axes: Axes, field: Tensor, *, extent: float = 3.0) -> Any:
    """Colour the square by D (size, size), row 0 at the bottom: blue "real", orange "fake", white undecided.

    Examples
    --------
    >>> import torch
    >>> from matplotlib.figure import Figure
    >>> from avatarlib.interact.figures import draw_field
    >>> undecided = torch.full((64, 64), 0.5)
    >>> drawn = draw_field(Figure().add_subplot(), undecided)
    >>> len(drawn.levels)                                       # the ends of 11 steps of colour
    12
    """
    line = np.linspace(-extent, extent, len(field))
    drawn = axes.contourf(line, line, field.numpy(), levels=np.linspace(0, 1, LEVELS + 1), cmap=field_colours())
    bare_square(axes, extent)
    return drawn


def draw_density(axes: Axes, points: Tensor, *, extent: float = 3.0, size: int = 96, blur: float = 0.09) -> None:
    """Colour the square by the density of ``points`` (N, 2): a sum of Gaussians of width ``blur``.

    Examples
    --------
    >>> import torch
    >>> from matplotlib.figure import Figure
    >>> from avatarlib.interact.figures import draw_density
    >>> axes = Figure().add_subplot()
    >>> draw_density(axes, torch.randn(50, 2), extent=3.0)
    >>> [float(end) for end in axes.get_xlim()]
    [-3.0, 3.0]
    """
    line = torch.linspace(-extent, extent, size)
    bells = [torch.exp(-((line[:, None] - points[:, axis]) / blur).square() / 2) for axis in (0, 1)]
    density = (bells[1] @ bells[0].T) / (len(points) * 2 * np.pi * blur**2)     # (size, size)
    top = max(density.max().item(), 1e-9)
    levels = top * np.linspace(0.04, 1, LEVELS) ** 1.5
    axes.contourf(line, line, density.numpy(), levels=levels, cmap="Oranges")
    bare_square(axes, extent)


def draw_modes(axes: Axes, centres: Tensor, radius: float, *, covered: Iterable[bool] = ()) -> None:
    """A circle around each centre (K, 2); those not ``covered`` are dashed.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from avatarlib.data.mixture import ring
    >>> from avatarlib.interact.figures import draw_modes
    >>> axes = Figure().add_subplot()
    >>> draw_modes(axes, ring(4).centres, 0.3, covered=[True, False, True, True])
    >>> [circle.radius for circle in axes.patches]
    [0.3, 0.3, 0.3, 0.3]
    """
    from matplotlib.patches import Circle

    flags = list(covered) or [True] * len(centres)
    for (x, y), reached in zip(centres.tolist(), flags, strict=True):
        axes.add_patch(Circle((x, y), radius, fill=False, color=INK, linewidth=1.2,
                              linestyle="-" if reached else (0, (2, 2))))


def figure_pixels(figure: Figure) -> Tensor:
    """A drawn figure as an image: uint8 (3, H, W).

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from avatarlib.interact.figures import figure_pixels
    >>> tuple(figure_pixels(Figure(figsize=(2, 1), dpi=100)).shape)
    (3, 100, 200)
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[:, :, :3]
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))


def game_figure(snapshots: Sequence[Snapshot], mixture: Mixture, *, titles: Sequence[str] = ()) -> Figure:
    """A column a snapshot: the density of the generator's points above, the discriminator's field below.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from avatarlib.data.mixture import ring
    >>> from avatarlib.interact.figures import game_figure
    >>> from avatarlib.recipes.toy import PointGANConfig, play
    >>> run = play(PointGANConfig(width=16), ring(), rounds=1, seed=0, snapshots=[0, 1])
    >>> figure = game_figure(run.snapshots, ring())
    >>> [axes.get_title() for axes in figure.axes[:2]], len(figure.axes)
    (['round 0', 'round 1'], 4)
    >>> plt.close(figure)
    """
    import matplotlib.pyplot as plt

    columns = len(snapshots)
    figure, axes = plt.subplots(2, columns, figsize=(1.72 * columns + 0.3, 3.9), squeeze=False)
    for column, snapshot in enumerate(snapshots):
        upper, lower = axes[:, column]
        draw_density(upper, snapshot.samples)
        shares = mixture.coverage(snapshot.samples).shares
        draw_modes(upper, mixture.centres, NEAR * mixture.spread, covered=shares >= FAIR_SHARE / len(shares))
        draw_field(lower, snapshot.field)
        draw_modes(lower, mixture.centres, NEAR * mixture.spread)
        upper.set_title(titles[column] if titles else f"round {snapshot.round:,}")
    axes[0, 0].set_ylabel("generator")
    axes[1, 0].set_ylabel("discriminator")
    return figure


def game_picture(snapshot: Snapshot, mixture: Mixture, *, pixels: int = 320) -> Tensor:
    """One snapshot as a square image, uint8 (3, pixels, pixels): field, modes, points, and the round.

    Examples
    --------
    >>> from avatarlib.data.mixture import ring
    >>> from avatarlib.interact.figures import game_picture
    >>> from avatarlib.recipes.toy import PointGAN, Snapshot
    >>> tuple(game_picture(Snapshot(PointGAN(seed=0), round=0), ring(), pixels=160).shape)
    (3, 160, 160)
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.2, 3.2), dpi=pixels / 3.2)
    figure.set_layout_engine("none")
    axes = figure.add_axes((0.01, 0.01, 0.98, 0.88))
    draw_field(axes, snapshot.field)
    draw_modes(axes, mixture.centres, NEAR * mixture.spread)
    draw_points(axes, snapshot.samples[:600], colour=INK, size=4.0)
    axes.set_title(f"round {snapshot.round:,}")
    return figure_pixels(figure)
