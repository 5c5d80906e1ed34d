"""The book's sources, and its pages where they are built (`make book` checks those itself, too)."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import check_book
import nbformat
import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
HTML = ROOT / "_build" / "html"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LARGEST_PICTURE = 100_000   # bytes


def files_in_toc() -> list[str]:
    """All pages that _toc.yml names."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    return [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]


def code_cells(path: Path) -> list:
    """The code cells of a notebook."""
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def test_the_table_of_contents_holds_every_notebook_and_nothing_else():
    listed = [name for name in files_in_toc() if name.startswith("notebooks/")]
    assert sorted(listed) == [f"notebooks/{path.stem}" for path in NOTEBOOKS]
    assert len(listed) >= 2


def test_the_table_of_contents_holds_every_prose_page():
    included = {"styles"}   # a part of the datasets page
    pages = {path.stem for path in (ROOT / "book").glob("*.md")} - included
    assert {name.removeprefix("book/") for name in files_in_toc() if name.startswith("book/")} == pages


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_as_a_whole_run_without_an_error(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1)), "run make notebooks"
    assert not [o for cell in code_cells(path) for o in cell.outputs if o.output_type == "error"]
    assert notebook.metadata.kernelspec.name == "python3"
    assert "widgets" not in notebook.metadata


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_has_small_pictures_with_alt_text_and_tells_no_machine_path(path):
    assert check_book.machine_paths(path.read_text(encoding="utf-8")) == []
    for cell in code_cells(path):
        pictures = [o.data["image/png"] for o in cell.outputs if "image/png" in o.get("data", {})]
        sizes = [len(base64.b64decode(picture)) for picture in pictures]
        assert all(size <= LARGEST_PICTURE for size in sizes), f"{sizes} bytes after\n{cell.source}"
        if pictures:
            assert cell.metadata.get("mystnb", {}).get("image", {}).get("alt"), f"no alt text for\n{cell.source}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_line_of_a_notebook_ends_in_a_semicolon(path):
    """Strict comparison runs cells without history, where a final semicolon does not hide the value."""
    found = [line for cell in code_cells(path) for line in cell.source.splitlines() if re.search(r";\s*$", line)]
    assert found == []


def test_every_cited_work_is_in_the_bibliography():
    keys = re.findall(r"^@\w+\{(\w+),", (ROOT / "book" / "references.bib").read_text(encoding="utf-8"), re.M)
    assert len(keys) == len(set(keys))
    text = "\n".join(path.read_text(encoding="utf-8") for path in [*(ROOT / "book").glob("*.md"), *NOTEBOOKS])
    cited = {key.strip() for group in re.findall(r"\{cite:\w+\}`([^`]+)`", text) for key in group.split(",")}
    assert len(cited) > 5
    assert cited <= set(keys)


@pytest.mark.skipif(not (HTML / "index.html").exists(), reason="the book is not built; make book checks its pages")
def test_the_built_pages_need_no_network_and_miss_nothing():
    assert check_book.check(HTML) == []
