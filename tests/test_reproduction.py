"""The reproduction page: written by its tool, its links in place, its verdicts borne out, no number of ours typed."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
import reproduction

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "book" / "reproduction.md"
PAPERS = reproduction.claims()["papers"]
ROWS = [row for paper in PAPERS for row in paper["rows"]]
NAMES = r"P[124]r?\b|VGG-16|StyleGAN2|Illustration2Vec|F1\b|equation \d"      # digits that belong to a name


def test_the_committed_page_is_what_the_tool_writes():
    assert PAGE.read_text(encoding="utf-8") == reproduction.page(), "run python tools/reproduction.py"


def test_each_of_the_five_papers_and_the_sequel_has_rows_with_a_verdict():
    assert [paper["short"] for paper in PAPERS] == ["Xiao et al.", "Bismi et al.", "Wang et al.", "Sun's account",
                                                    "Tian", "Xu"]
    assert all(len(paper["rows"]) >= 5 for paper in PAPERS)
    assert {row["verdict"] for row in ROWS} == {"holds", "does not hold", "cannot be told"}
    assert all(row["says"] and row["where"] and row["ours"] and row["from"] for row in ROWS)
    page = PAGE.read_text(encoding="utf-8")
    shown = re.findall(r"^  - \{bdg-[a-z]+\}`(.+)`$", page, re.M)
    assert shown == [row["verdict"] for row in ROWS]
    assert page.count("{list-table}") == len(PAPERS)


def heading_anchors(path: Path) -> set[str]:
    """The anchors of all headings of a page or notebook, down to the third level."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = nbformat.reads(text, as_version=4).cells
        text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    titles = re.findall(r"^#{1,3} (.+)$", text, re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_linked_file_and_section_is_there():
    links = set(re.findall(r"\]\(([^)]+)\)", PAGE.read_text(encoding="utf-8")))
    local = [link for link in links if "://" not in link]
    assert len(local) > 40
    for link in local:
        file, _, anchor = link.partition("#")
        path = (PAGE.parent / file).resolve() if file else PAGE
        assert path.is_file(), link
        assert not anchor or anchor in heading_anchors(path), link


def test_no_number_of_ours_is_typed():
    """Outside the references there are no digits, but for those in names."""
    texts = [row[part] for row in ROWS for part in ("ours", "how") if part in row]
    texts += [paper["after"] for paper in PAPERS]
    typed = [text for text in texts if re.search(r"\d", re.sub(NAMES, "", re.sub(r"\{[^}]*\}", "", text)))]
    assert typed == []
    assert sum("{" in text for text in texts) > 80


def test_every_reference_of_the_table_of_patterns_is_used():
    used = reproduction.CLAIMS.read_text(encoding="utf-8").partition("\npapers:")[2]
    spare = [name for name in (*reproduction.claims()["found"], *reproduction.claims()["tables"]) if name not in used]
    assert spare == []


@pytest.mark.parametrize(("numbers", "holds"), [([1, 2, 3], True), ([0.1, "share at Jin/hat"], False), ([2, 2], False)])
def test_a_verdict_falls_with_its_numbers(numbers, holds):
    """Hats are 1,403 of 31,255, about 0.045: not above 0.1."""
    row = {"says": "x", "verdict": "holds", "rises": [numbers]}
    if holds:
        reproduction.check(row)
    else:
        with pytest.raises(ValueError, match="these numbers must rise, or the verdict changes"):
            reproduction.check(row)


def test_another_verdict_is_refused():
    with pytest.raises(ValueError, match="verdict must be one of holds, does not hold, cannot be told, got 'perhaps'"):
        reproduction.check({"says": "x", "verdict": "perhaps"})


@pytest.mark.parametrize(("source", "message"), [
    ("2#no-such-section", "from must name a section of 02_dcgan_cartoonset.ipynb, got 'no-such-section'"),
    ("book/results/no_such.csv", "from must name a file or a section"),
])
def test_a_source_that_is_not_there_is_refused(source, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        reproduction.link(source)


def test_references_read_the_files(tmp_path, monkeypatch):
    """By hand: the 18 attributes' variants begin 3 x 2 x 2 x 3; a loss of 5 is a belief of exp(-5) = 0.0067."""
    assert reproduction.fill("{attributes} and {believed/5:.4f}") == "18 and 0.0067"
    (tmp_path / "a.csv").write_text("# made by hand\nrun,seed,x\nfirst,0,0.25\nfirst,1,0.5\n", encoding="utf-8")
    monkeypatch.setattr(reproduction, "ROOT", tmp_path)
    monkeypatch.setattr(reproduction, "claims", lambda: {
        "tables": {"mine": ["a.csv", "run", "seed"]}, "found": {"maker": ["a.csv", "made by (.+)"]}})
    reproduction.table.cache_clear()
    assert reproduction.fill("{mine/first/1/x:.2f} {maker}") == "0.50 hand"
    with pytest.raises(ValueError, match="reference must begin with a table, a function or a name of found, got 'y/z'"):
        reproduction.look_up("y/z")
    reproduction.table.cache_clear()
