"""Chapter 5 as stored: its listing the library's own, its samples those of the shipped weights, its claims true."""

import hashlib
import io
import re

import numpy as np
import pandas as pd
import pytest
import torch
from listing import differing, names
from PIL import Image
from stored_notebook import StoredNotebook

from avatarlib import pretrained
from avatarlib.data import TAGS, sample_drawable, tag_vector
from avatarlib.interact import image_grid
from avatarlib.models import acgan
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


def test_the_listings_are_the_librarys_own():
    blocks = [block for block in re.findall(r"^```python\n(.*?)\n```$", PAGE.prose, re.S | re.M) if "self." in block]
    own = (ACGAN.step, acgan.NormalisedResidual, acgan.sub_pixel, acgan.Generator, acgan.Discriminator)
    assert [name for block in blocks for name in names(block)] == [
        "NormalisedResidual.__init__", "NormalisedResidual.forward", "sub_pixel", "Generator.forward",
        "Discriminator.forward", "step"]
    assert [name for block in blocks for name in differing(block, *own)] == []


@pytest.mark.parametrize(("figure", "name", "texts", "n", "seed", "layout"), [
    ("fig-acgan-text", SMALL, ["a smiling girl with long teal hair and green eyes, no glasses"], 16, 1,
     {"columns": 4, "scale": 2, "colours": 96}),
    ("fig-acgan-large", LARGE, ["blonde twintails, blue eyes, ribbon, smile", "short black hair, glasses"], 4, 4,
     {"columns": 4, "colours": 112}),
])
def test_the_stored_samples_are_those_of_the_shipped_weights(figure, name, texts, n, seed, layout):
    """Fails if the weights were exchanged and the chapter was not run again."""
    _, png = PAGE.figures()[figure]
    stored = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
    generator = pretrained.load(name)
    drawn = [image for text in texts for image in draw_text(generator, text, n=n, seed=seed).images]
    fresh = image_grid(torch.stack(drawn), **layout)
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


@pytest.mark.parametrize(("name", "size"), [(SMALL, 64), (LARGE, 128)])
def test_the_stored_count_of_obedient_tags_is_that_of_the_shipped_file(name, size):
    """The page's thresholds: a tag appears in 90 % of the pairs, and no other tag moves in 90 %."""
    changes = table(name, "changes", "tag")
    good = (changes["appears"] >= 0.9) & (changes["others stay"] >= 0.9)
    line = (f"{size:3d} px: appears {changes.appears.mean():.2f}, others stay {changes['others stay'].mean():.2f}; "
            f"both at least 0.9 for {good.sum()} of 34 tags")
    assert line in output_of('(changes["appears"] >= 0.9)')


def test_what_the_prose_says_of_single_tags_is_true_of_the_shipped_files():
    measures, changes, large = table(SMALL, "measures", "tag"), table(SMALL, "changes", "tag"), table(LARGE, "changes",
                                                                                                     "tag")
    assert measures["false positives"].idxmax() == "glasses"
    margin = (measures.precision - measures["false positives"]).sort_values()
    assert set(margin.index[:4]) == {"long hair", "hat", "short hair", "glasses"}
    assert changes.appears.idxmin() == "long hair"
    assert min(changes.appears.mean(), changes["others stay"].mean()) > 0.9     # both aims on average
    assert changes["most disturbed"].mode()[0] == "glasses"
    assert (large["others stay"] < 0.9).mean() > 0.5                            # more than half move too much
    assert large.appears.mean() > 0.9


def test_the_count_by_eye_is_of_the_shipped_weights():
    """With other weights the faces are others: count again (the file says how)."""
    eye = pd.read_csv(PAGE.path.parents[1] / "book" / "results" / "eye_count.csv", comment="#")
    assert set(eye.eye) == {"clear", "faint", "none"}
    for name in (SMALL, LARGE):
        (weights,) = set(eye[eye.generator == name].weights)
        assert hashlib.sha256((pretrained.path(name) / "model.safetensors").read_bytes()).hexdigest()[:12] == weights
        assert list(eye[eye.generator == name].face) == list(range(1, 21))


def test_the_judge_is_fooled_and_the_page_says_so():
    """On the 20 faces of the count the tagger sees more glasses than the eye does, clear and faint together."""
    draws = torch.Generator().manual_seed(20)
    glasses = TAGS.index("glasses")
    wishes = sample_drawable(60, generator=draws)
    wishes = wishes[wishes[:, glasses] == 0][:20] + tag_vector(["glasses"])
    noises = torch.randn(20, 128, generator=draws)
    eye = pd.read_csv(PAGE.path.parents[1] / "book" / "results" / "eye_count.csv", comment="#")
    with torch.no_grad():
        seen = pretrained.load("tagger-avatars").estimate_tags(pretrained.load(LARGE)(noises, wishes))[:, glasses].sum()
    assert seen > (eye[eye.generator == LARGE].eye != "none").sum() + 4
    assert "So the judge is fooled, too" in PAGE.prose
    assert "cannot be\nflattered" not in PAGE.prose


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
