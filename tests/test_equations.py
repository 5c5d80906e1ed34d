"""Numbered equations: tags count up within a chapter, and each "equation (2.1)" of a page leads to its tag."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from stored_notebook import NOTEBOOKS, StoredNotebook

BOOK = Path(__file__).resolve().parent.parent / "book"
TAG = re.compile(r"\\tag\{(.*?)\}")
DISPLAY = re.compile(r"\$\$(.+?)\$\$", re.S)
NUMBER = re.compile(r"\(([A-Z\d]\.\d+)\)")
REFERENCE = re.compile(rf"\bequations?\s+(?:(?:,| and| or| to)?\s*{NUMBER.pattern})+(?:[^\[\]]*\]\((\S+?)\))?", re.I)


def chapter_of(name):
    """What stands before the point in a notebook's numbers: "2" for 02_dcgan_cartoonset, "D" for data."""
    return str(int(name[:2])) if name[:2].isdigit() else name[0].upper()


def places(sections, name):
    """Number -> "NOTEBOOK.ipynb#ANCHOR" of each tag in the sections of a notebook."""
    return {number: f"{name}.ipynb#{anchor}" for anchor, text in sections.items() for number in TAG.findall(text)}


def dangling(text, own, where):
    """References of a page whose number has no tag, or, to another chapter, whose link does not lead to it."""
    lost = []
    for reference in REFERENCE.finditer(text):
        target = unquote(reference[2] or "").rpartition("/")[2]
        lost += [number for number in NUMBER.findall(reference[0])
                 if number not in where or (number.split(".")[0] != own and target != where[number])]
    return lost


WHERE = {number: place for path in NOTEBOOKS
         for number, place in places(StoredNotebook(path.stem).sections(), path.stem).items()}
PAGES = {**{path.stem: (chapter_of(path.stem), StoredNotebook(path.stem).prose) for path in NOTEBOOKS},
         **{path.stem: ("", path.read_text(encoding="utf-8")) for path in sorted(BOOK.glob("*.md"))}}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_equations_of_a_chapter_are_numbered_in_order(path):
    """Which also makes numbers unique: each begins with its chapter's own."""
    own, found = chapter_of(path.stem), TAG.findall(StoredNotebook(path.stem).prose)
    assert found == [f"{own}.{place}" for place in range(1, len(found) + 1)]
    assert found or not own.isdigit()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_number_ends_a_display_of_one_line(path):
    """Sphinx wraps a formula with line breaks in an environment in which MathJax refuses tags."""
    prose = StoredNotebook(path.stem).prose
    numbered = [formula for formula in DISPLAY.findall(prose) if TAG.search(formula)]
    assert len(numbered) == len(TAG.findall(prose))
    assert [formula for formula in numbered if not re.search(r"\\tag\{[^}]*\}\s*$", formula)] == []
    assert [formula for formula in numbered if r"\\" in formula] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_reference_leads_to_its_equation(page):
    own, text = PAGES[page]
    assert dangling(text, own, WHERE) == []


def test_the_chapters_do_refer_to_equations():
    assert sum(len(REFERENCE.findall(text)) for _, text in PAGES.values()) > 20


@pytest.mark.parametrize(("text", "lost"), [
    ("By equation (2.1) and (2.2), equations (2.1), (2.2) and (2.3).", ["2.3"]),
    ("Equation (1.1) of chapter 1", ["1.1"]),                                       # no link
    ("[equation (1.1)](01_a.ipynb#loss), [equations (1.1) and (1.2)](../notebooks/01_a.ipynb#loss)", ["1.2"]),
    ("[the loss, equation (1.1), again](01_a.ipynb#game) and [more](01_a.ipynb#loss)", ["1.1"]),
    ("[equation (1.3)](01_a.ipynb#d%C3%A9tour); exercise (2.9), equation 4, (3.3)", []),
])
def test_a_reference_without_its_equation_is_found(text, lost):
    where = places({"loss": r"$$x \tag{1.1}$$", "game": r"$$y \tag{1.2}$$", "détour": r"\tag{1.3}"}, "01_a")
    assert dangling(text, "2", {**where, **places({"a": r"\tag{2.1}", "b": r"\tag{2.2}"}, "02_b")}) == lost
