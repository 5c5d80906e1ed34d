"""What holds for every notebook of the book."""

import re

import nbformat
import pytest
import run_notebooks
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
    lines = [len([line for line in "".join(cell["source"]).splitlines() if line.strip()]) for cell in notebook.seen]
    assert len(notebook.prose.split()) / sum(lines) > 6
    assert sum(count <= 18 for count in lines) / len(lines) > 0.8
    assert max(lines) <= 45


def code_blocks(notebook):
    """The code of every cell, and every Python listing in the prose."""
    return ["".join(cell["source"]) for cell in notebook.code] + re.findall(
        r"^```python\n(.*?)^```", notebook.prose, flags=re.DOTALL | re.MULTILINE)


def test_no_line_of_code_is_wider_than_its_column(notebook):
    assert [line for code in code_blocks(notebook) for line in code.splitlines() if len(line) > 80] == []


def test_what_steers_the_tests_stands_in_metadata_and_not_in_the_code(notebook):
    assert [code for code in code_blocks(notebook) if re.search(r"#\s*NBVAL|#\s*PYTEST", code, re.IGNORECASE)] == []


def test_a_reader_meets_an_assert_only_where_it_is_exact(notebook):
    """What differs from machine to machine is a claim, which tells the reader more than an AssertionError does."""
    def checks(code):
        return re.findall(r"^\s*assert .*", code, re.MULTILINE)

    ignored = ["".join(cell["source"]) for cell in notebook.code
               if "nbval-ignore-output" in cell["metadata"].get("tags", [])]
    assert ignored
    assert [checks(code) for code in ignored if checks(code)] == []
    everywhere = [line for code in code_blocks(notebook) for line in checks(code)]
    assert len(everywhere) <= 4
    claims = [claim for code in code_blocks(notebook) for claim in re.findall(r"al\.claim\(.*?\"\)", code, re.DOTALL)]
    timed = re.compile(r"\b(seconds?|minutes?|time|perf_counter)\b")
    assert [text for text in everywhere + claims if timed.search(text)] == []


def test_plots_are_folded_away(notebook):
    """A figure that takes more than six lines to draw teaches drawing, not GANs."""
    drawing = re.compile(r"\s*(plt|figure|figures|axes|panels|left|right|upper|lower)\b")
    long = [cell["metadata"]["mystnb"]["figure"]["name"] for cell in notebook.seen
            if sum(drawing.match(line) is not None for line in cell["source"]) > 6]
    assert long == []


def test_the_prose_reads_as_plain_markdown(notebook):
    """JupyterLab, Colab and GitHub show no MyST: roles and directives stand there as raw text."""
    assert re.findall(r"\{[a-z:]+\}`[^`]*`|^`{3,}\{.*|^:{3,}.*|^\$\$ \(.*\)$", notebook.prose, re.MULTILINE) == []


def test_a_reader_without_the_book_has_the_captions_too(notebook):
    """Captions are metadata, which only the book shows; a cell that only the book leaves out repeats each."""
    (path,) = [path for path in NOTEBOOKS if path.stem == notebook.name]
    cells = nbformat.read(path, as_version=4).cells
    assert run_notebooks.with_captions(cells) == cells, "run make notebooks"
    repeated = [cell for cell in notebook.cells if cell not in notebook.written and cell not in notebook.code]
    assert len(repeated) == len(notebook.figures())


@pytest.mark.parametrize("number", sorted(EXERCISES))
def test_every_exercise_has_a_question_a_place_for_the_answer_and_a_solution(number):
    assert len(re.findall(rf"^> \*\*Exercise {re.escape(number)}: .+[.?]\*\* ", ALL_PROSE, re.MULTILINE)) == 1
    assert len(re.findall(rf'^check\("{re.escape(number)}"', ALL_PROSE, re.MULTILINE)) == 1
    (cell,) = [cell for path in NOTEBOOKS for cell in StoredNotebook(path.stem).code
               if f'check("{number}"' in "".join(cell["source"])]
    (output,) = cell["outputs"]
    assert "no answer yet" in "".join(output["data"]["text/plain"])


def test_every_solution_is_folded(notebook):
    solutions = re.findall(r"<details>\n<summary>Solution</summary>\n\n.*?\n\n</details>", notebook.prose, re.DOTALL)
    assert len(solutions) == notebook.prose.count("check(\"") == notebook.prose.count("**Exercise ")
    assert len(solutions) >= 3
