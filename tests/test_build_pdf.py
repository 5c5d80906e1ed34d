"""What becomes of the pages on their way into one PDF; Chromium is not needed here."""

import doctest
import re
from pathlib import Path

import build_pdf
import pytest
import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[1]
SITE = "https://example.org/book/"
NAMES = ["book/intro", "notebooks/01"]
PAGE = """<html><nav>menu</nav><article class="bd-article"><section id="first">
<h1>1. First<a class="headerlink">#</a></h1>
<img loading="lazy" src="../_images/a.png"><img src="data:image/png;base64,AA">
<details class="hide above-input"><pre>plt.show()</pre></details>
<details><summary>Solution</summary><p>42</p></details>
<div class="cell_output"><script type="application/vnd.jupyter.widget-view+json">{"model_id": "a"}</script></div>
<section id="deep"><h2>1.1. Deep &amp; wide</h2><a href="../book/intro.html">i</a><a href="#first">f</a>
<a href="../book/studio.html#draw">s</a><a href="https://python.org/">p</a></section>
<style>#T_1 {color: red}</style><table id="T_1">
<tr><th id="T_1_col0"><b>hair_kept</b></th><td>a_b</td></tr></table></section></article></html>"""


@pytest.fixture
def article():
    return build_pdf.printable(PAGE, "notebooks/01", NAMES, SITE, Path("/html"))


def test_the_examples_are_true():
    assert doctest.testmod(build_pdf).failed == 0


def test_links_stay_in_the_book_where_it_has_the_page(article):
    assert article["id"] == "notebooks-01"
    assert [link["href"] for link in article.select("section section a")] == [
        "#book-intro", "#notebooks-01--first", f"{SITE}book/studio.html#draw", "https://python.org/"]
    assert article.section["id"] == "notebooks-01--first"
    assert article.table["id"] == "T_1"             # as its style says


def test_long_names_at_the_head_of_a_table_may_break_at_underscores(article):
    assert article.th["id"] == "T_1_col0"
    assert [cell.get_text().split("\u200b") for cell in article.select("th, td")] == [["hair_", "kept"], ["a_b"]]


def test_paper_has_all_unfolded_and_nothing_to_press(article):
    text = article.get_text()
    assert "42" in text
    assert article.details.has_attr("open")
    assert "plt.show" not in text
    assert "model_id" not in text
    assert article.select("script, .headerlink") == []
    assert article.select_one(".only-on-the-page a")["href"] == f"{SITE}notebooks/01.html"


def test_pictures_are_found_from_any_folder_and_loaded_at_once(article):
    first, second = article.select("img")
    assert first["src"] == Path("/_images/a.png").resolve().as_uri().replace("/_images", "/html/_images")
    assert "loading" not in first.attrs
    assert second["src"].startswith("data:")


def test_the_table_of_contents_numbers_pages_and_sections(article):
    nav = BeautifulSoup(build_pdf.contents([article], {"notebooks-01": 7, "notebooks-01--deep": 9}), "html.parser")
    assert [(item["class"], item.a["href"], item.a.span.get_text(), item.select_one(".number").get_text())
            for item in nav.select("li")] == [
        (["page"], "#notebooks-01", "1. First", "7"), (["section"], "#notebooks-01--deep", "1.1. Deep & wide", "9")]


def test_every_page_but_studio_and_reference_is_printed():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    names = build_pdf.page_names(toc)
    listed = re.findall(r"(?:root|file): (\S+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
    assert names == [name for name in listed if name not in ("book/studio", "book/api")]
    assert len(listed) - len(names) == 2


def test_a_page_without_an_article_is_refused():
    with pytest.raises(ValueError, match=r"article\.bd-article, got none in notebooks/01"):
        build_pdf.printable("<p>x</p>", "notebooks/01", NAMES, SITE, Path("/html"))


def test_without_chromium_the_message_names_the_package(monkeypatch):
    monkeypatch.setattr(build_pdf.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match="apt install chromium"):
        build_pdf.chromium("--version")


def test_a_missing_package_is_named_before_anything_is_printed(monkeypatch, tmp_path, capsys):
    (tmp_path / "index.html").touch()
    monkeypatch.setattr(build_pdf, "HTML", tmp_path)
    monkeypatch.setattr(build_pdf, "find_spec", lambda name: None)
    assert build_pdf.main() == 1
    assert "pypdf" in capsys.readouterr().err


def test_a_formula_that_was_not_drawn_stops_the_print(monkeypatch, tmp_path):
    monkeypatch.setattr(build_pdf, "chromium", lambda *a: r'<span class="math">\(x\)</span>')
    with pytest.raises(SystemExit, match="1 formulas were not drawn, the first is"):
        build_pdf.with_formulas(tmp_path / "a.html")
