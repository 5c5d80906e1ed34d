"""The map of the papers: drawn by its tool, readable, and told in words beside it."""

import re
import xml.etree.ElementTree as ElementTree

import draw_papers
import pytest
from matplotlib import font_manager
from PIL import ImageFont

PAGE = (draw_papers.TARGET.parent.parent / "papers.md").read_text(encoding="utf-8")
SVG = "{http://www.w3.org/2000/svg}"
PAPERS = [name for name, (column, _, _) in draw_papers.BOXES.items() if column == 2]


def test_the_stored_map_is_the_tool_s():
    assert draw_papers.TARGET.read_text(encoding="utf-8") == draw_papers.draw(), "run tools/draw_papers.py"


def test_words_are_readable_on_a_phone_and_fit_their_boxes():
    """The map is narrow, so a phone shows it at its own size; DejaVu is the widest of the usual fonts."""
    picture = ElementTree.fromstring(draw_papers.draw())
    assert int(picture.get("width")) <= 366         # what a phone of 390 leaves
    words = picture.findall(f"{SVG}text")
    assert len(words) == 2 * len(draw_papers.BOXES) + 4
    for word in words[4:]:                          # the first four have no box of their own
        size, weight = int(word.get("font-size")), word.get("font-weight", "normal")
        font = ImageFont.truetype(font_manager.findfont(f"DejaVu Sans:{weight}"), size)
        assert 11 <= size <= 12
        assert font.getlength(word.text) <= draw_papers.BOX[0] - 2, word.text


def test_no_box_lies_on_another():
    places = [draw_papers.corner(name) for name in draw_papers.BOXES]
    assert len(set(places)) == len(places)
    assert draw_papers.BOX[0] < draw_papers.COLUMN
    assert draw_papers.BOX[1] < draw_papers.ROW


@pytest.mark.parametrize("pair", draw_papers.BUILDS_ON + draw_papers.NAMES_ONLY, ids=" to ".join)
def test_an_arrow_leads_right_or_down(pair):
    (x, y), (to_x, to_y) = map(draw_papers.corner, pair)
    assert x < to_x or (x == to_x and y < to_y)


@pytest.mark.parametrize("name", draw_papers.BOXES)
def test_every_box_is_in_the_alt_text_and_in_the_page(name):
    (alt,) = re.findall(r"^:alt: (.+)$", PAGE, re.M)
    for part in name.removesuffix(" et al.").split(", "):
        assert part.lower() in alt.lower()
        assert PAGE.lower().count(part.lower()) > 1 or part.startswith("Wu")       # Wu et al. is a citation


@pytest.mark.parametrize("name", PAPERS)
def test_every_paper_is_told_with_its_claims(name):
    section = re.search(rf"^### {name.split(' et al.')[0]}\b.*?(?=^##)", PAGE, re.M | re.S).group()
    assert "(reproduction.md#" in section
    for part in ("Networks", "Loss", "Data", "ain figure", "What held", "What did not|What cannot be told"):
        assert re.search(rf"\*\*[^*]*({part})", section), part


def test_no_count_of_verdicts_is_typed():
    """They stand on the page of claims, which reads them from result files."""
    assert re.findall(r"\d+ (?:of \d+ )?(?:claims|verdicts|hold)\b", PAGE) == []
