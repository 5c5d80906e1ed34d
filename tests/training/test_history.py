"""The table of losses: what goes into the file comes out of it, bit by bit."""

import math

import matplotlib.pyplot as plt
import pandas as pd
import pytest
import torch

from avatarlib.training import History


def row(step, generator, discriminator=0.5):
    return {"step": step, "epoch": step / 3, "minutes": 0.1 * step, "images_per_second": 100.0,
            "discriminator": discriminator, "generator": generator}


@pytest.fixture
def history(tmp_path):
    """Losses that need all their digits: thirds, and float32 numbers as a loss has them."""
    made = History(pd.DataFrame(), tmp_path / "history.csv")
    draws = torch.randn(50, generator=torch.Generator().manual_seed(0))
    for step in range(1, 51):
        made.append(row(step, draws[step - 1].item(), 1 / (3 * step)))
    return made


def test_every_digit_survives_the_file(history):
    history.save()
    again = History.read(history.path)
    assert again.rows == history.rows
    assert again.path == history.path
    assert isinstance(again.rows[0]["step"], int)


def test_an_infinite_or_missing_number_survives_too(tmp_path):
    made = History(pd.DataFrame([row(1, math.inf), row(2, math.nan)]), tmp_path / "history.csv")
    made.save()
    values = [loss["generator"] for loss in History.read(made.path).losses]
    assert values[0] == math.inf
    assert math.isnan(values[1])


def test_losses_leave_out_where_and_when(history):
    assert history.losses[0] == {"discriminator": history.rows[0]["discriminator"],
                                 "generator": history.rows[0]["generator"]}
    assert list(history.frame.columns) == [
        "step", "epoch", "minutes", "images_per_second", "discriminator", "generator"]


def test_cut_forgets_what_comes_after_a_round(history):
    history.cut(7)
    assert [entry["step"] for entry in history.rows] == list(range(1, 8))
    history.cut(0)
    assert history.rows == []


def test_an_empty_history_writes_no_file_and_one_in_memory_none_either(tmp_path):
    empty = History(pd.DataFrame(), tmp_path / "history.csv")
    empty.save()
    assert not empty.path.exists()
    History(pd.DataFrame([row(1, 0.5)])).save()
    assert list(tmp_path.iterdir()) == []


def test_a_plot_shows_the_losses_and_their_running_median(history):
    """Two lines a loss: its values, and the median of the last 25; at row 50 that is of rows 26 to 50."""
    axes = history.plot("generator")
    faint, bold = axes.lines
    values = [loss["generator"] for loss in history.losses]
    assert list(faint.get_ydata()) == values
    assert list(faint.get_xdata()) == list(range(1, 51))
    assert bold.get_ydata()[-1] == sorted(values[25:])[12]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["generator"]
    plt.close("all")


def test_a_plot_of_everything_goes_where_it_is_told(history):
    axes = plt.figure().subplots()
    assert history.plot(ax=axes) is axes
    assert len(axes.lines) == 4
    plt.close("all")


def test_a_plot_of_an_unknown_loss_names_the_known_ones(history):
    with pytest.raises(ValueError, match=r"names must be among \['discriminator', 'generator'\], got 'style'"):
        history.plot("generator", "style")
    plt.close("all")
