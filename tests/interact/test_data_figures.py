"""Figures of the data page: marks where they belong, shares where the axis says, every avatar on the map."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from avatarlib.interact import data_figures as figures


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_a_dot_lies_on_its_point_in_the_enlarged_picture():
    """Pixel (x, y) covers scale x scale pixels from (scale x, scale y); the dot is centred on them."""
    points = torch.tensor([[[10.0, 20.0]], [[30.0, 5.0]]])
    marked = figures.mark_points(-torch.ones(2, 3, 40, 40), {"#ff0000": points}, scale=3)
    assert marked.shape == (2, 3, 120, 120)
    for image, (x, y) in zip(marked, points[:, 0].tolist(), strict=True):
        red = (image[0] > 200) & (image[1] < 50)
        rows, columns = torch.nonzero(red, as_tuple=True)
        assert (columns.float().mean().item(), rows.float().mean().item()) == pytest.approx((3 * x + 1, 3 * y + 1),
                                                                                           abs=0.6)
    assert marked.amax(dim=1).amax(dim=0)[0, 0] == 0        # the rest is as black as before


def test_a_later_layer_lies_on_top_and_leaves_a_ring_of_the_earlier_one():
    point = torch.tensor([[[8.0, 8.0]]])
    marked = figures.mark_points(torch.zeros(1, 3, 17, 17), {"#ff0000": point, "#0000ff": point}, scale=1)
    assert marked[0, :, 8, 8].tolist() == [0, 0, 255]
    assert marked[0, :, 8, 8 + figures.DOT + 1].tolist() == [255, 0, 0]


@pytest.mark.parametrize("shape", [(2, 2), (1, 4, 2), (2, 4, 3)])
def test_points_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"layers\['red'\] must be \(2, K, 2\), got"):
        figures.mark_points(torch.zeros(2, 3, 8, 8), {"red": torch.zeros(shape)})


def test_a_box_frames_its_pixels_and_leaves_the_inside_alone():
    marked = figures.mark_boxes(torch.ones(3, 20, 30), {"#0000ff": (5, 4, 24, 15)}, width=1)
    assert marked.shape == (3, 20, 30)
    blue = (marked[0] == 0) & (marked[2] == 255)
    rows, columns = torch.nonzero(blue, as_tuple=True)
    assert (columns.min(), rows.min(), columns.max(), rows.max()) == (5, 4, 24, 15)
    assert not blue[6:13, 7:22].any()


def test_shares_stand_at_their_value_and_nothing_stands_for_zero():
    shares = pd.DataFrame({"paper": [0.25, 0.25, 0.1], "sample": [0.2, 0.0, 0.001]}, index=["a", "b", "c"])
    figure = figures.share_figure(shares)
    (axes,) = figure.axes
    assert axes.get_xscale() == "log"
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b", "c"]
    paper, sample = (np.asarray(marks.get_offsets()) for marks in axes.collections)
    np.testing.assert_allclose(paper, [(0.25, 0), (0.25, 1), (0.1, 2)])
    np.testing.assert_allclose(sample, [(0.2, 0), (0.001, 2)])
    assert axes.get_ylim()[0] > axes.get_ylim()[1]          # the first row on top
    assert axes.xaxis.get_major_formatter()(0.01) == "1%"


def test_more_columns_than_marks_are_refused():
    with pytest.raises(ValueError, match="shares must have at most 5 columns, got 6"):
        figures.share_figure(pd.DataFrame(np.ones((2, 6))))


def test_the_map_shows_every_point_in_the_colour_of_its_label():
    points, labels = np.arange(10.0).reshape(5, 2), [0, 1, 0, 2, 1]
    axes = Figure().add_subplot()
    figures.draw_map(axes, points, labels, {"red": "#ff0000", "blue": "#0000ff", "green": "#00ff00"})
    drawn = {to_hex(marks.get_facecolor()[0]): np.asarray(marks.get_offsets()) for marks in axes.collections}
    np.testing.assert_array_equal(drawn["#ff0000"], points[[0, 2]])
    np.testing.assert_array_equal(drawn["#0000ff"], points[[1, 4]])
    np.testing.assert_array_equal(drawn["#00ff00"], points[[3]])


def test_a_small_picture_has_the_figure_s_pixels_in_a_palette_and_is_not_shown_twice():
    figure, axes = plt.subplots(figsize=(2, 1), dpi=50)
    axes.scatter(range(5), range(5), color="#ff0000")
    picture = figures.small_picture(figure, colours=16)
    assert picture.size == (100, 50)
    assert picture.mode == "P"
    assert len(picture.convert("RGB").getcolors()) <= 16
    assert plt.get_fignums() == []
