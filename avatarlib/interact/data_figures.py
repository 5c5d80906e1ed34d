"""Figures of the data page: marks on pictures, shares of tags, and a map of avatars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor

from avatarlib.interact.figures import INK, SERIES, figure_pixels
from avatarlib.interact.grids import to_picture, with_palette

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_map", "mark_boxes", "mark_points", "share_figure", "small_picture"]

DOT, RING = 3, 3    # pixels from the centre of the topmost mark to its edge, and by how much each below it is larger
MARKERS = "osD^v"   # one shape a column, so that colour is not needed to tell them apart


def mark_points(images: Tensor, layers: Mapping[str, Tensor], *, scale: int = 2) -> Tensor:
    """Dots with a white rim on enlarged images: uint8 (N, 3, scale H, scale W).

    Parameters
    ----------
    images : Tensor
        (N, 3, H, W), float in [-1, 1] or uint8.
    layers : mapping
        Colour -> points (N, K, 2), (x, y) in pixels of ``images``, pixel centres at whole numbers. Later
        layers lie on top; earlier ones are larger, so that both are seen where they agree.
    scale : int
        Each pixel becomes ``scale`` x ``scale``, smoothly.

    Raises
    ------
    ValueError
        If points are not (N, K, 2).

    Examples
    --------
    >>> import torch
    >>> from avatarlib.interact.data_figures import mark_points
    >>> eye = torch.tensor([[[8.0, 4.0]]])                                      # of one image, one point (x, y)
    >>> marked = mark_points(torch.ones(1, 3, 16, 16), {"red": eye}, scale=2)
    >>> tuple(marked.shape), marked[0, :, 8, 16].tolist()
    ((1, 3, 32, 32), [255, 0, 0])
    """
    for colour, points in layers.items():
        if points.ndim != 3 or points.shape[0] != len(images) or points.shape[2] != 2:
            raise ValueError(f"layers[{colour!r}] must be ({len(images)}, K, 2), got {tuple(points.shape)}")
    marked = []
    for row, image in enumerate(images):
        small = to_picture(image)
        picture = small.resize((scale * small.width, scale * small.height), Image.Resampling.BICUBIC)
        pen = ImageDraw.Draw(picture)
        for below, (colour, points) in zip(reversed(range(len(layers))), layers.items(), strict=True):
            radius = DOT + below * RING
            for x, y in ((points[row] + 0.5) * scale - 0.5).tolist():
                pen.ellipse((x - radius, y - radius, x + radius, y + radius), colour, "white")
        marked.append(to_tensor(picture))
    return torch.stack(marked)


def mark_boxes(image: Tensor, boxes: Mapping[str, Sequence[float]], *, width: int = 3) -> Tensor:
    """Frames on an image (3, H, W): colour -> box (left, top, right, bottom) in pixels; uint8 (3, H, W).

    Examples
    --------
    >>> import torch
    >>> from avatarlib.interact.data_figures import mark_boxes
    >>> framed = mark_boxes(torch.ones(3, 16, 16), {"red": (2, 2, 13, 13)}, width=1)
    >>> framed[:, 2, 2].tolist(), framed[:, 8, 8].tolist()                     # the frame, and what it holds
    ([255, 0, 0], [255, 255, 255])
    """
    picture = to_picture(image)
    pen = ImageDraw.Draw(picture)
    for colour, box in boxes.items():
        pen.rectangle(tuple(box), outline=colour, width=width)
    return to_tensor(picture)


def to_tensor(picture: Image.Image) -> Tensor:
    """PIL to uint8 (3, H, W)."""
    return torch.from_numpy(np.array(picture.convert("RGB"))).permute(2, 0, 1).contiguous()


def share_figure(shares: pd.DataFrame) -> Figure:
    """One line a row, one mark a column, on a logarithmic axis; a share of 0 has no mark.

    Parameters
    ----------
    shares : pandas.DataFrame
        Shares in (0, 1], one row a tag, at most five columns; the columns' names are the legend.

    Raises
    ------
    ValueError
        If there are more columns than marks.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import pandas as pd
    >>> from avatarlib.interact.data_figures import share_figure
    >>> figure = share_figure(pd.DataFrame({"drawn": [0.5, 0.01], "real": [0.4, 0.0]}, index=["smile", "hat"]))
    >>> [(marks.get_label(), len(marks.get_offsets())) for marks in figure.axes[0].collections]
    [('drawn', 2), ('real', 1)]
    >>> plt.close(figure)
    """
    import matplotlib.pyplot as plt

    if shares.shape[1] > len(MARKERS):
        raise ValueError(f"shares must have at most {len(MARKERS)} columns, got {shares.shape[1]}")
    figure, axes = plt.subplots(figsize=(5.6, 0.6 + 0.22 * len(shares)))
    lines = np.arange(len(shares))
    for (name, column), marker, colour in zip(shares.items(), MARKERS, SERIES, strict=False):
        seen = column.to_numpy() > 0
        axes.scatter(column.to_numpy()[seen], lines[seen], marker=marker, s=26, label=str(name), zorder=3,
                     facecolors="white" if marker == "o" else colour, edgecolors=colour, linewidths=1.4)
    axes.set_yticks(lines, [str(name) for name in shares.index], fontsize=10)
    axes.set(xscale="log", xlabel="share of the pictures", ylim=(len(shares) - 0.4, -0.6))
    axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:g}%")
    figure.legend(loc="outside upper center", ncols=shares.shape[1], fontsize=10, handletextpad=0.1, columnspacing=1.0)
    return figure


def draw_map(axes: Axes, points: np.ndarray, labels: Sequence[int] | np.ndarray, colours: Mapping[str, str]) -> None:
    """Points in the plane, each in the colour of its label, without axes: in such a map only nearness counts.

    ``points`` are (N, 2), ``labels`` N indices into ``colours`` (name -> CSS colour); ``axes.legend()`` adds the names.

    Examples
    --------
    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> from avatarlib.interact.data_figures import draw_map
    >>> axes = Figure().add_subplot()
    >>> draw_map(axes, np.array([[0, 0], [0, 1], [5, 5]]), [0, 0, 1], {"fair hair": "gold", "dark hair": "black"})
    >>> [(dots.get_label(), len(dots.get_offsets())) for dots in axes.collections]
    [('fair hair', 2), ('dark hair', 1)]
    """
    numbers = np.asarray(labels)
    for index, (name, colour) in enumerate(colours.items()):
        x, y = points[numbers == index].T
        axes.scatter(x, y, s=14, color=colour, edgecolors=INK, linewidths=0.4, label=name)
    axes.set_aspect("equal")
    axes.axis("off")


def small_picture(figure: Figure, *, colours: int = 64) -> Image.Image:
    """A drawn figure as a picture with a palette, half the bytes of a figure with many dots; it is closed.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from avatarlib.interact.data_figures import small_picture
    >>> picture = small_picture(Figure(figsize=(2, 1), dpi=100))
    >>> picture.size, picture.mode
    ((200, 100), 'P')
    """
    import matplotlib.pyplot as plt

    pixels = figure_pixels(figure)
    plt.close(figure)
    return with_palette(to_picture(pixels), colours)
