"""What holds for every notebook of the book."""

import pytest
from stored_notebook import NOTEBOOKS, StoredNotebook

from avatarlib.exercises import EXERCISES

ALL_PROSE = "\n".join(StoredNotebook(path.stem).prose for path in NOTEBOOKS)


@pytest.fixture(params=[path.stem for path in NOTEBOOKS])
def notebook(request):
    return StoredNotebook(request.param)


def test_there_are_notebooks():
    assert len(NOTEBOOKS) >= 3


def test_every_cell_was_run_in_order_and_none_failed(notebook):
    assert [cell["execution_count"] for cell in notebook.code] == list(range(1, len(notebook.code) + 1))
    assert not [output for cell in notebook.code for output in cell["outputs"] if output["output_type"] == "error"]


def test_every_picture_is_a_figure_with_caption_and_alt_text_and_small(notebook):
    found = notebook.figures()
    assert len(found) >= 9
    assert len(found) == len(notebook.pictures())       # none stands without a caption
    for name, (about, png) in found.items():
        assert len(about["figure"]["caption"]) > 80, name
        assert len(about["image"]["alt"]) > 40, name
        assert len(png) <= 100_000, f"{name} has {len(png):,} bytes"


def test_there_is_more_prose_than_code_and_cells_are_short(notebook):
    lines = [len([line for line in "".join(cell["source"]).splitlines() if line.strip()]) for cell in notebook.code]
    assert len(notebook.prose.split()) / sum(lines) > 6
    share = 0.8 if notebook.name == "01_gan_basics" else 0.85       # the first chapter plots more by hand
    assert sum(count <= 12 for count in lines) / len(lines) > share


@pytest.mark.parametrize("number", sorted(EXERCISES))
def test_every_exercise_has_a_question_a_place_for_the_answer_and_a_solution(number):
    label = "ex-" + number.lower().replace(".", "-")
    assert ALL_PROSE.count(f":label: {label}\n") == 1
    assert ALL_PROSE.count(f"{{solution}} {label}\n") == 1
    (cell,) = [cell for path in NOTEBOOKS for cell in StoredNotebook(path.stem).code
               if f'check("{number}"' in "".join(cell["source"])]
    (output,) = cell["outputs"]
    assert "no answer yet" in "".join(output["data"]["text/plain"])
