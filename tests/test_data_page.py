"""The data page as stored: executed, its figures described and up to date, its tables those of the shipped judges."""

import io
import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from stored_notebook import StoredNotebook

from avatarlib import pretrained
from avatarlib.cli import build_parser
from avatarlib.data import TAGS, style_credits
from avatarlib.interact.tag_sheets import tag_sheet

ROOT = Path(__file__).resolve().parents[1]
PAGE = StoredNotebook("data")


@pytest.mark.parametrize(("name", "which", "layout"), [
    ("fig-data-hair", "hair", {"size": 106, "columns": 5}), ("fig-data-mouths", "mouths", {"size": 150, "columns": 5}),
    ("fig-data-others", "others", {"size": 126, "columns": 6}),
    ("fig-data-colours", "colours", {"size": 80, "columns": 6})])
def test_the_stored_contact_sheets_are_those_of_the_library(name, which, layout):
    """Fails if the mapping of parts to tags was changed and the page was not run again."""
    stored = np.asarray(Image.open(io.BytesIO(PAGE.figures()[name][1])).convert("RGB")).astype(int)
    fresh = np.asarray(tag_sheet(which, **layout).convert("RGB"))
    assert stored.shape == fresh.shape
    assert np.abs(stored - fresh).mean() < 0.5


def test_the_tables_of_the_judges_are_those_of_the_shipped_weights():
    """Fails if the weights were exchanged and the page was not run again."""
    tagger = pd.read_csv(pretrained.path("tagger-avatars") / "measures.csv", index_col="tag")
    assert list(tagger.index) == list(TAGS)
    assert PAGE.table_after('measures.drop(columns="group")') == repr(tagger.round(3))
    finder = pd.read_csv(pretrained.path("landmarks-faces") / "measures.csv")
    overall = finder[finder["part"] == "all"].set_index("look")[["percent", "percent_95", "percent_mean_shape"]]
    assert PAGE.table_after("overall[[") == repr(overall.round(1))


def test_every_style_of_the_embedded_sets_is_credited_on_the_page_and_among_the_licences():
    page = PAGE.table_after("style_credits(style)")
    licences = (ROOT / "book" / "datasets.md").read_text(encoding="utf-8")
    for style in ("avataaars", "adventurer"):
        creator = style_credits(style)["creator"]
        assert creator in page
        assert creator in licences
        assert creator in " ".join(meta["figure"]["caption"] for meta, _ in PAGE.figures().values())


def test_the_loaders_and_commands_that_are_shown_exist():
    (imports,) = re.findall(r"^from avatarlib\.data import \(CartoonFolders.*?\)$", PAGE.prose, re.M | re.S)
    names: dict[str, object] = {}
    exec(imports, names)
    used = re.findall(r"^(\w+)\(\"data", PAGE.prose, re.M)
    assert len(used) >= 6
    assert set(used) <= names.keys()
    commands = [line.split("#")[0] for line in re.findall(r"^avatarlib (data .*)$", PAGE.prose, re.M)]
    assert len(commands) >= 3
    for command in commands:
        build_parser().parse_args(shlex.split(command))
