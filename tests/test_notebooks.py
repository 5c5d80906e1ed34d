"""What holds for every notebook of the book."""

import pytest
from stored_notebook import NOTEBOOKS, StoredNotebook


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
