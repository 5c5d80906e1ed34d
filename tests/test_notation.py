"""The table of notation against the formulas of the chapters, in both directions."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from stored_notebook import NOTEBOOKS, StoredNotebook

BOOK = Path(__file__).resolve().parent.parent / "book"
ROW = re.compile(r"^\| (\$.+?) \| (.+?) \| (.*?) ?\| .+\]\((\S+?)#(\S+?)\) \|$", re.M)
ROWS = ROW.findall((BOOK / "notation.md").read_text(encoding="utf-8"))
FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$]+)\$", re.S)
TOKEN = re.compile(r"\\(?:text|operatorname|begin|end)\{[^{}]*\}|\\mathbb\{E\}|\{[a-z]{3,}\}|\\[A-Za-z]+|\\.|\S")
MOVES = re.compile(r"\\(?:[,;!]|q?quad|[bB]ig[lr]?)")         # these only move signs about
GREEK = {rf"\{name}" for name in (
    "alpha", "beta", "gamma", "delta", "ell", "lambda", "mu", "sigma", "Sigma", "tau", "omega", "nabla")}


def formulas(text):
    """What stands between dollars, outside of code."""
    text = re.sub(r"^```.*?^```|`[^`\n]+`", "", text, flags=re.S | re.M)
    return [display or inline for display, inline in FORMULA.findall(text)]


def tokens(formula):
    """The signs of a formula: letters, commands, words in braces; without spaces."""
    return [token for token in TOKEN.findall(formula) if not MOVES.fullmatch(token)]


def letters(formula):
    """The letters of a formula, Latin and Greek."""
    return {token for token in tokens(formula) if token in GREEK or re.fullmatch("[A-Za-z]", token)}


def holds(formula, symbol):
    """Whether the signs of a symbol follow one another in a formula."""
    here, wanted = tokens(formula), tokens(symbol)
    return any(here[start:start + len(wanted)] == wanted for start in range(len(here)))


def section(page, anchor):
    """The part of a notebook's text from one heading to the next."""
    return StoredNotebook(Path(page).stem).sections()[anchor]


def test_every_line_of_the_table_is_read():
    text = (BOOK / "notation.md").read_text(encoding="utf-8")
    assert len(ROWS) == text.count("\n| ") - 1          # all but the head
    assert len(ROWS) > 80


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} {row[4]}")
def test_a_symbol_stands_in_the_section_that_its_row_links_to(row):
    symbols, meaning, _, page, anchor = row
    there = formulas(section(page, unquote(anchor)))
    assert len(meaning) > 5
    for symbol in formulas(symbols):
        assert [formula for formula in there if holds(formula, symbol)], f"{symbol} is not in {page}#{anchor}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_letter_of_a_formula_has_a_row(path):
    known = set().union(*(letters(symbol) for row in ROWS for symbol in formulas(row[0])))
    used = set().union(*map(letters, formulas(StoredNotebook(path.stem).prose)))
    assert len(used) > 3
    assert used - known == set()


def test_the_table_is_in_the_order_of_the_alphabet():
    """Latin letters first, whatever their case; no meaning stands twice."""
    latin = [row[0].replace(r"\mathbb{E}", "E").replace(r"\operatorname{E}", "E") for row in ROWS]
    firsts = [symbol[1].lower() for symbol in latin if symbol[1].isalpha()]
    assert len(firsts) > 50
    assert firsts == sorted(firsts)
    assert len({row[:2] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize(("formula", "found"), [
    (r"L_{adv}+w\,L_{content}", {"L", "w"}),
    (r"\text{PSNR} = 10 \log_{10} \frac{L^2}{\text{MSE}}", {"L"}),
    (r"\operatorname{E}_{x\in P_{B2A}}\log D_A(x)", {"x", "P", "A", "B", "D"}),
    (r"(1+\gamma(s))\,\hat h+\beta(s)", {r"\gamma", "s", "h", r"\beta"}),
])
def test_letters_are_told_from_words(formula, found):
    assert letters(formula) == found
