"""The book's figures: right way up, right colours, small; and the game table without a browser."""

import io

import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

from avatarlib.data.mixture import Mixture, ring
from avatarlib.interact import figures
from avatarlib.interact.game import GameTable
from avatarlib.recipes.toy import PointGAN, PointGANConfig, Snapshot


def drawn(draw, *arguments, **options):
    """Pixels (100, 100, 3) in [0, 1] of a square filled by one drawing function."""
    figure = Figure(figsize=(1, 1), dpi=100)
    figure.set_layout_engine("none")
    draw(figure.add_axes((0, 0, 1, 1)), *arguments, **options)
    return figures.figure_pixels(figure).permute(1, 2, 0) / 255


def test_figure_pixels_is_a_picture_in_the_contract_s_order():
    figure = Figure(figsize=(2, 1), dpi=50, facecolor="#ff8000")
    pixels = figures.figure_pixels(figure)
    assert pixels.dtype == torch.uint8
    assert pixels.shape == (3, 50, 100)
    assert pixels[:, 25, 50].tolist() == [255, 128, 0]


def test_the_field_is_orange_for_fake_blue_for_real_and_upright():
    """Rows of the field go up, columns to the right: real (1) only in the upper right quarter."""
    field = torch.zeros(40, 40)
    field[20:, 20:] = 1
    pixels = drawn(figures.draw_field, field)
    for (row, column), colour in {(25, 75): figures.REAL, (25, 25): figures.FAKE, (75, 75): figures.FAKE}.items():
        torch.testing.assert_close(pixels[row, column], torch.tensor(to_rgb(colour)), atol=0.12, rtol=0)


def test_an_undecided_field_is_white():
    assert drawn(figures.draw_field, torch.full((40, 40), 0.5))[10:-10, 10:-10].min() > 0.98


def test_density_is_dark_where_the_points_are_and_blank_elsewhere():
    points = torch.tensor([[1.5, 1.5]]).repeat(50, 1)     # a quarter from the right, a quarter from the top
    pixels = drawn(figures.draw_density, points).mean(dim=-1)
    darkest = np.unravel_index(int(pixels[3:-3, 3:-3].argmin()), (94, 94))
    assert np.abs(np.array(darkest) + 3 - [25, 75]).max() <= 3
    assert pixels[75, 25] == 1


def test_a_missed_mode_is_dashed():
    figure = Figure()
    axes = figure.add_subplot()
    figures.draw_modes(axes, torch.tensor([[0.0, 0.0], [1.0, 0.0]]), 0.2, covered=[True, False])
    reached, missed = axes.patches
    assert reached.get_linestyle() == "-"
    assert missed.get_linestyle() != "-"
    assert [patch.center for patch in axes.patches] == [(0.0, 0.0), (1.0, 0.0)]


def test_a_game_picture_is_square_and_shows_the_points():
    snapshot = Snapshot(PointGAN(PointGANConfig(width=8)), 0)
    with_points = figures.game_picture(snapshot, ring(), pixels=160)
    assert with_points.shape == (3, 160, 160)
    snapshot.samples = snapshot.samples + 100     # all outside
    assert not torch.equal(with_points, figures.game_picture(snapshot, ring(), pixels=160))


def test_a_game_figure_has_a_column_a_snapshot():
    snapshots = [Snapshot(PointGAN(PointGANConfig(width=8)), number) for number in (0, 1200)]
    figure = figures.game_figure(snapshots, ring())
    assert [axes.get_title() for axes in figure.axes] == ["round 0", "round 1,200", "", ""]


# ---- the table

@pytest.fixture
def table():
    return GameTable(Mixture(torch.zeros(1, 2), 5.0), rounds=3, size=120)


def pixels(table):
    return np.array(Image.open(io.BytesIO(table.picture.value)).convert("RGB"))


def test_a_click_plays_that_many_rounds_and_changes_the_picture(table):
    before, weights = pixels(table), table.recipe.generator.layers[0].weight.clone()
    table.go.click()
    assert table.played == 3
    assert not torch.equal(weights, table.recipe.generator.layers[0].weight)
    assert (before != pixels(table)).any()
    assert table.words.value.startswith("1 of 1 modes reached")     # the one mode is 15 wide to each side


@pytest.mark.parametrize(("rule", "value", "setting"), [
    ("loss", "hinge", ("adversarial", "hinge")), ("momentum", 0.9, ("betas", (0.9, 0.999))),
    ("lessons", 5, ("discriminator_steps", 5)), ("dragan", 1.0, ("dragan_weight", 1.0))])
def test_a_changed_rule_starts_a_new_game_by_that_rule(table, rule, value, setting):
    table.go.click()
    getattr(table, rule).value = value
    assert table.played == 0
    assert getattr(table.recipe.config, setting[0]) == setting[1]
    table.go.click()
    assert table.played == 3


def test_start_again_repeats_the_game(table):
    table.go.click()
    first = pixels(table)
    table.again.click()
    assert table.played == 0
    table.go.click()
    assert (first == pixels(table)).all()
