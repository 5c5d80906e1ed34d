"""Chapter 5 as stored: its listing the library's own, its samples those of the shipped weights, its claims true."""

import inspect
import io
import re
import textwrap

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from stored_notebook import StoredNotebook

from avatarlib import pretrained
from avatarlib.data import TAGS
from avatarlib.exercises import EXERCISES
from avatarlib.interact import image_grid
from avatarlib.recipes import ACGAN
from avatarlib.text_to_avatar import draw_text

PAGE = StoredNotebook("05_acgan_text_to_avatar")
SMALL, LARGE = "acgan-adventurer-64", "acgan-adventurer-128"


def table(name, file, index):
    return pd.read_csv(pretrained.path(name) / f"{file}.csv", index_col=index)


def output_of(words):
    """All text that the one cell whose source holds ``words`` printed."""
    (cell,) = [cell for cell in PAGE.code if words in "".join(cell["source"])]
    return "".join("".join(output.get("text", "")) for output in cell["outputs"])


def test_the_listing_is_the_librarys_own():
    listed = [block for block in re.findall(r"^```python\n(.*?)\n```$", PAGE.prose, re.S | re.M) if "self." in block]
    assert listed == [textwrap.dedent(inspect.getsource(ACGAN.step)).rstrip()]


@pytest.mark.parametrize(("figure", "name", "texts", "n", "seed", "columns", "colours"), [
    ("fig-acgan-text", SMALL, ["a smiling girl with long teal hair and green eyes, no glasses"], 16, 1, 8, 128),
    ("fig-acgan-large", LARGE, ["blonde twintails, blue eyes, ribbon, smile", "short black hair, glasses"],
     4, 4, 4, 112),
])
def test_the_stored_samples_are_those_of_the_shipped_weights(figure, name, texts, n, seed, columns, colours):
    """Fails if the weights were exchanged and the chapter was not run again."""
    _, png = PAGE.figures()[figure]
    stored = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
    generator = pretrained.load(name)
    drawn = [image for text in texts for image in draw_text(generator, text, n=n, seed=seed).images]
    fresh = image_grid(torch.stack(drawn), columns=columns, colours=colours)
    assert np.abs(stored - np.asarray(fresh.convert("RGB"))).mean() < 1


@pytest.mark.parametrize("name", [SMALL, LARGE])
def test_the_measures_beside_the_weights_speak_of_every_tag(name):
    measures, changes = table(name, "measures", "tag"), table(name, "changes", "tag")
    assert list(measures.index) == list(changes.index) == list(TAGS)
    assert measures.ceiling.mean() > 0.97
    assert measures.precision.mean() > 3 * measures["false positives"].mean()
    for column, low, high in ((measures.precision, measures.low, measures.high),
                              (changes.appears, changes.low, changes.high)):
        assert ((low <= column) & (column <= high)).all()
    real, generated = table(name, "quality", "set").iloc[:, 0]
    assert generated > real


def test_the_stored_count_of_obedient_tags_is_that_of_the_shipped_file():
    """The page's thresholds: a tag appears in 90 % of the pairs, and no other tag moves in 90 %."""
    changes = table(SMALL, "changes", "tag")
    good = (changes["appears"] >= 0.9) & (changes["others stay"] >= 0.9)
    printed = output_of('good = (moved["appears"] >= 0.9)')
    assert f"both at least 0.9 for {good.sum()} tags; not for: {', '.join(changes.index[~good])}" in printed
    assert f"appears {changes.appears.mean():.2f}, others stay {changes['others stay'].mean():.2f}" in printed


def test_rounds_on_the_page_are_those_of_the_pictures():
    rounds = [int(path.stem[-5:]) for path in sorted(pretrained.path(SMALL).glob("samples-round-*.png"))]
    assert rounds[:2] == [500, 1_000]
    assert rounds[-1] <= pretrained.trained(SMALL)["rounds"]


@pytest.mark.parametrize("name", [SMALL, LARGE])
def test_the_stages_of_the_card_add_up(name):
    """Rounds of all stages are those of the history and of the settings; the page prints the small one's."""
    stages = re.findall(r"\| stage \d+ \| ([\d,]+) rounds", pretrained.card(name))
    rounds = [int(number.replace(",", "")) for number in stages]
    assert len(rounds) > 1
    assert sum(rounds) == pretrained.trained(name)["rounds"] == pretrained.history(name).frame["step"].iloc[-1]
    printed = output_of('row.startswith("| stage")')
    assert (f"stage {len(rounds)}: {rounds[-1]:,} rounds" in printed) == (name == SMALL)


def test_there_are_six_exercises():
    assert sorted(name for name in EXERCISES if name.startswith("5.")) == [f"5.{k}" for k in range(1, 7)]
