"""The data page as stored: executed, its figures described and up to date, its tables those of the shipped judges."""

import base64
import io
import json
import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from avatarlib import pretrained
from avatarlib.cli import build_parser
from avatarlib.data import TAGS, style_credits
from avatarlib.exercises import EXERCISES
from avatarlib.interact.tag_sheets import tag_sheet

ROOT = Path(__file__).resolve().parents[1]
CELLS = json.loads((ROOT / "notebooks" / "data.ipynb").read_text(encoding="utf-8"))["cells"]
CODE = [cell for cell in CELLS if cell["cell_type"] == "code"]
PROSE = "\n\n".join("".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "markdown")


def pictures(cell):
    """Bytes of a cell's PNG outputs."""
    return [base64.b64decode(output["data"]["image/png"]) for output in cell["outputs"]
            if "image/png" in output.get("data", {})]


def figures():
    """Name -> (metadata, PNG) of every figure."""
    found = {}
    for cell in CODE:
        if cell["metadata"].get("mystnb"):
            (png,) = pictures(cell)
            found[cell["metadata"]["mystnb"]["figure"]["name"]] = cell["metadata"]["mystnb"], png
    return found


def table_after(words):
    """Text of the table that the one cell whose source holds ``words`` shows."""
    (cell,) = [cell for cell in CODE if words in "".join(cell["source"])]
    (text,) = ["".join(output["data"]["text/plain"]) for output in cell["outputs"] if "data" in output]
    return text


def test_every_cell_was_run_in_order_and_none_failed():
    assert [cell["execution_count"] for cell in CODE] == list(range(1, len(CODE) + 1))
    assert not [output for cell in CODE for output in cell["outputs"] if output["output_type"] == "error"]


def test_every_picture_is_a_figure_with_caption_and_alt_text_and_small():
    found = figures()
    assert len(found) >= 14
    assert len(found) == sum(len(pictures(cell)) for cell in CODE)   # none stands without a caption
    for name, (meta, png) in found.items():
        assert len(meta["figure"]["caption"]) > 80, name
        assert len(meta["image"]["alt"]) > 40, name
        assert len(png) <= 100_000, f"{name} has {len(png):,} bytes"


@pytest.mark.parametrize(("name", "which", "layout"), [
    ("fig-data-hair", "hair", {"size": 106, "columns": 5}), ("fig-data-mouths", "mouths", {"size": 104, "columns": 5}),
    ("fig-data-others", "others", {"size": 80, "columns": 6}),
    ("fig-data-colours", "colours", {"size": 80, "columns": 6})])
def test_the_stored_contact_sheets_are_those_of_the_library(name, which, layout):
    """Fails if the mapping of parts to tags was changed and the page was not run again."""
    stored = np.asarray(Image.open(io.BytesIO(figures()[name][1])).convert("RGB")).astype(int)
    fresh = np.asarray(tag_sheet(which, **layout).convert("RGB"))
    assert stored.shape == fresh.shape
    assert np.abs(stored - fresh).mean() < 0.5


def test_the_tables_of_the_judges_are_those_of_the_shipped_weights():
    """Fails if the weights were exchanged and the page was not run again."""
    tagger = pd.read_csv(pretrained.path("tagger-avatars") / "measures.csv", index_col="tag")
    assert list(tagger.index) == list(TAGS)
    assert table_after('measures.drop(columns="group")') == repr(tagger.round(3))
    finder = pd.read_csv(pretrained.path("landmarks-avatars") / "measures.csv")
    overall = finder[finder["landmark"] == "all"].set_index("set")[["pixels", "percent", "percent_95"]]
    assert table_after("overall[[") == repr(overall.round(2))


def test_every_style_of_the_embedded_sets_is_credited_on_the_page_and_among_the_licences():
    page, licences = table_after("style_credits(style)"), (ROOT / "book" / "datasets.md").read_text(encoding="utf-8")
    for style in ("avataaars", "adventurer", "toon-head"):
        creator = style_credits(style)["creator"]
        assert creator in page
        assert creator in licences
        assert creator in " ".join(meta["figure"]["caption"] for meta, _ in figures().values())


def test_the_loaders_and_commands_that_are_shown_exist():
    (imports,) = re.findall(r"^from avatarlib\.data import .*CartoonFolders.*$", PROSE, re.M)
    names: dict[str, object] = {}
    exec(imports, names)
    used = re.findall(r"^(\w+)\(\"data", PROSE, re.M)
    assert len(used) >= 6
    assert set(used) <= names.keys()
    commands = [line.split("#")[0] for line in re.findall(r"^avatarlib (data .*)$", PROSE, re.M)]
    assert len(commands) >= 3
    for command in commands:
        build_parser().parse_args(shlex.split(command))


@pytest.mark.parametrize("number", sorted(name for name in EXERCISES if name.startswith("D.")))
def test_every_exercise_has_a_question_a_place_for_the_answer_and_a_solution(number):
    label = "ex-" + number.lower().replace(".", "-")
    assert f":label: {label}\n" in PROSE
    assert f"{{solution}} {label}\n" in PROSE
    (cell,) = [cell for cell in CODE if f'check("{number}"' in "".join(cell["source"])]
    (output,) = cell["outputs"]
    assert "no answer yet" in "".join(output["data"]["text/plain"])


def test_there_is_more_prose_than_code_and_cells_are_short():
    lines = [len([line for line in "".join(cell["source"]).splitlines() if line.strip()]) for cell in CODE]
    assert len(PROSE.split()) / sum(lines) > 6
    assert sum(count <= 12 for count in lines) / len(lines) > 0.85
