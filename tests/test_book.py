"""The book's sources, and its pages where they are built (`make book` checks those itself, too)."""

from __future__ import annotations

import base64
import re
import unicodedata
from pathlib import Path
from urllib.parse import unquote

import build_book
import check_book
import nbformat
import pytest
import run_notebooks
import yaml
from jupyter_cache import get_cache
from PIL import Image

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


def authors(text: str) -> str:
    """A bibliography entry's authors as the notebooks name them: one, two, or the first of several; no accents."""
    names = [name.split(",")[0].strip() for name in re.search(r"author = \{(.*)\},?\n", text)[1].split(" and ")]
    first = names[0] if len(names) == 1 else " and ".join(names) if len(names) == 2 else f"{names[0]} et al."
    return plain(re.sub(r"\\i\b", "i", re.sub(r"\\l\b", "l", re.sub(r"\\['\"c]\s?", "", first.replace("{", "")))
                        .replace("}", "")))


def plain(text: str) -> str:
    """Letters without accents."""
    return unicodedata.normalize("NFKD", text.replace("ł", "l").replace("ı", "i")).encode("ascii", "ignore").decode()


def test_every_cited_work_is_in_the_bibliography():
    """By key in the book's pages, by authors and year in the notebooks, which are plain Markdown."""
    entries = re.findall(r"^@\w+\{(\w+),(.*?)^\}", (ROOT / "book" / "references.bib").read_text(encoding="utf-8"),
                         re.M | re.S)
    keys = [key for key, _ in entries]
    assert len(keys) == len(set(keys))
    pages = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "book").glob("*.md"))
    cited = {key.strip() for group in re.findall(r"\{cite:\w+\}`([^`]+)`", pages) for key in group.split(",")}
    assert len(cited) > 5
    assert cited <= set(keys)
    known = {(authors(text), re.search(r"year = \{(.*?)\}", text)[1]) for _, text in entries}
    prose = "\n".join("".join(cell.source) for path in NOTEBOOKS for cell in nbformat.read(path, as_version=4).cells)
    linked = set(re.findall(r"\[([^\[\]]+?),? \(?((?:19|20)\d\d|n\.d\.)\)?\]\(\.\./book/bibliography\.md\)", prose))
    assert len(linked) > 30
    assert {(plain(name), year) for name, year in linked} <= known


def test_every_term_that_a_notebook_links_is_in_the_glossary():
    terms = {line for line in (ROOT / "book" / "glossary.md").read_text(encoding="utf-8").splitlines()
             if line and not line.startswith((" ", "#", "`"))}
    for path in NOTEBOOKS:
        notebook = nbformat.read(path, as_version=4)
        prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        figures = {cell.metadata.get("mystnb", {}).get("figure", {}).get("name") for cell in notebook.cells}
        linked = {unquote(target) for target in re.findall(r"\]\(#(?!avatarlib\.)([^)]+)\)", prose)}
        assert linked
        assert linked <= terms | figures
        page = re.findall(r"\[([^\]]+)\]\(\.\./book/glossary\.md\)", prose)      # terms with capital letters
        assert set(page) <= terms


def test_captions_are_repeated_below_their_figures_once():
    figure = nbformat.v4.new_code_cell("draw()", id="a", metadata={"mystnb": {"figure": {"caption": "What is seen."}}})
    cells = run_notebooks.with_captions([figure, nbformat.v4.new_markdown_cell("b", id="b")])
    assert [(cell.id, cell.source) for cell in cells] == [
        ("a", "draw()"), ("a-caption", "**Figure.** What is seen."), ("b", "b")]
    assert cells[1].metadata.tags == ["remove-cell"]
    figure.metadata.mystnb.figure.caption = "Another."
    assert [cell.source for cell in run_notebooks.with_captions(cells)] == ["draw()", "**Figure.** Another.", "b"]


def test_screen_readers_are_told_what_can_be_seen(tmp_path):
    page = tmp_path / "a.html"
    page.write_text('<summary aria-label="Toggle hidden content">Show</summary>'
                    '<button class="btn search-button-field x" title="Search" aria-label="Search" id="a">Search Ctrl+K'
                    '<button class="btn search-button" title="Search" aria-label="Search">'
                    '<i class="theme-switch fa-sun   fa-lg" data-mode="light" title="Light"></i>', encoding="utf-8")
    assert build_book.mend(tmp_path) == 1
    assert page.read_text(encoding="utf-8") == (
        '<summary>Show</summary><button class="btn search-button-field x" title="Search" id="a">Search Ctrl+K'
        '<button class="btn search-button" title="Search" aria-label="Search">'       # an icon alone keeps its name
        '<i class="theme-switch fa-sun   fa-lg" data-mode="light"></i>')


def test_pictures_are_loaded_when_seen_and_keep_their_place(tmp_path):
    (tmp_path / "_images").mkdir()
    (tmp_path / "notebooks").mkdir()
    Image.new("RGB", (30, 20)).save(tmp_path / "_images" / "a.png")
    page = tmp_path / "notebooks" / "a.html"
    own = '<img alt="y" style="width: 3px" src="../_images/a.png"><img src="../_static/logo.png"><img src="data:x">'
    page.write_text(f'<img alt="x" src="../_images/a.png">{own}', encoding="utf-8")
    assert build_book.load_when_seen(tmp_path) == 1
    assert page.read_text(encoding="utf-8") == (
        f'<img loading="lazy" width="30" height="20" alt="x" src="../_images/a.png">{own}')
    assert build_book.load_when_seen(tmp_path) == 0


def test_a_bibliography_is_no_list_without_entries(tmp_path):
    (tmp_path / "a.html").write_text('<div role="list" class="citation-list"><div role="doc-biblioentry">',
                                     encoding="utf-8")
    (tmp_path / "b.html").write_text('<div role="list"><div role="listitem">', encoding="utf-8")
    assert build_book.mend(tmp_path) == 1
    assert (tmp_path / "a.html").read_text(encoding="utf-8").startswith('<div class="citation-list"><div role')
    assert build_book.mend(tmp_path) == 0


def test_the_picture_for_other_sites_must_be_there(tmp_path):
    (tmp_path / "_static").mkdir()
    (tmp_path / "a.html").write_text('<meta property="og:image" content="https://a.org/b/_static/face.png">',
                                     encoding="utf-8")
    assert check_book.check(tmp_path) == ["a.html loads /_static/face.png, which is not there"]
    (tmp_path / "_static" / "face.png").write_bytes(b"")
    assert check_book.check(tmp_path) == []
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["sphinx"]["config"]
    assert (ROOT / "book" / "_static" / config["ogp_image"].rpartition("/_static/")[2]).is_file()


@pytest.mark.skipif(not (HTML / "index.html").exists(), reason="the book is not built; make book checks its pages")
def test_the_built_pages_need_no_network_and_miss_nothing():
    assert check_book.check(HTML) == []


def test_chapters_run_side_by_side_and_failed_ones_are_not_kept(tmp_path, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "_config.yml").write_text("execute: {timeout: 60}\n", encoding="utf-8")
    code = {"good": "import os\nprint(os.environ['OMP_NUM_THREADS'])", "bad": "1 / 0"}
    for name, source in code.items():
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, tmp_path / "notebooks" / f"{name}.ipynb")

    build_book.run_chapters(tmp_path / "_build", tmp_path)

    cache = get_cache(str(tmp_path / "_build" / ".jupyter_cache"))
    good, bad = (nbformat.read(tmp_path / "notebooks" / f"{name}.ipynb", 4) for name in code)
    _, executed = cache.merge_match_into_notebook(good)
    assert executed.cells[0].outputs[0]["text"] == "1\n"
    with pytest.raises(KeyError):
        cache.match_cache_notebook(bad)
