"""Write book/reproduction.md: every claim of the papers that can be checked, beside what came out in this book.

    python tools/reproduction.py

The rows stand in ``reproduction.yml`` beside this file: what a paper says is typed there; each number of ours is a
reference in braces, ``{cel/photograph/ssim:.3f}``, and is read from a result file or from a stored output of a chapter.
A row's ``rises`` are numbers that must rise for its verdict to stand: where they no longer do, no page is written.
"""

from __future__ import annotations

import functools
import json
import math
import re
import string
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from avatarlib.data import HAIR_COLOURS, TRAINING_COUNTS
from avatarlib.data.real.cartoonset import CARTOONSET_ATTRIBUTES

ROOT = Path(__file__).resolve().parent.parent
CLAIMS = Path(__file__).with_suffix(".yml")
PAGE = ROOT / "book" / "reproduction.md"
PRETRAINED = "avatarlib/pretrained"
VERDICTS = {"holds": "bdg-success", "does not hold": "bdg-danger", "cannot be told": "bdg-secondary"}
JIN_FACES = sum(TRAINING_COUNTS[colour] for colour in HAIR_COLOURS)     # each face has one


@functools.cache
def claims() -> dict[str, Any]:
    """What reproduction.yml holds: tables, found, papers, before."""
    return yaml.safe_load(CLAIMS.read_text(encoding="utf-8"))


# Where numbers come from ----------------------------------------------------------------------------------------------

@functools.cache
def table(name: str) -> pd.DataFrame:
    """A result file under its name in reproduction.yml, indexed by the columns named there."""
    file, *index = claims()["tables"][name]
    if file.endswith(".json"):
        frame = pd.DataFrame(json.loads((ROOT / file).read_text(encoding="utf-8"))["measures"])
    else:
        frame = pd.read_csv(ROOT / file, comment="#", dtype=dict.fromkeys(index, str))
    return frame.set_index(index).sort_index()


@functools.cache
def history(model: str) -> pd.DataFrame:
    """The losses of a shipped model's training."""
    return pd.read_csv(ROOT / PRETRAINED / model / "history.csv")


@functools.cache
def cells(notebook: str) -> dict[str, dict[str, Any]]:
    """The cells of a notebook by their id."""
    stored = json.loads((ROOT / "notebooks" / f"{notebook}.ipynb").read_text(encoding="utf-8"))
    return {cell["id"]: cell for cell in stored["cells"]}


def printed(notebook: str, cell: str) -> str:
    """All text that a cell of a stored notebook printed."""
    outputs = cells(notebook)[cell]["outputs"]
    return "".join("".join(o.get("text", o.get("data", {}).get("text/plain", ""))) for o in outputs)


def found(name: str) -> float | str:
    """What a pattern of reproduction.yml finds in a file, or in what a cell printed (``notebook#cell``)."""
    place, pattern = claims()["found"][name]
    notebook, _, cell = place.partition("#")
    text = printed(notebook, cell) if cell else (ROOT / place).read_text(encoding="utf-8")
    match = re.search(pattern, text)
    if match is None:
        raise ValueError(f"found {name!r} must occur in {place}, got nothing for {pattern!r}")
    try:
        return float(match[1].replace(",", ""))
    except ValueError:
        return match[1]


def some_rows(frame: pd.DataFrame, rows: Iterable[str]) -> pd.DataFrame:
    """The rows of these names, or all."""
    return frame.loc[list(rows)] if rows else frame


def median(model: str, loss: str, after: str, until: str) -> float:
    """The median of a loss between two epochs."""
    run = history(model)
    return run[(run.epoch > float(after)) & (run.epoch <= float(until))][loss].median()


def least_apart(name: str, count: str) -> str:
    """The tags least told apart, asked for or not."""
    frame = table(name)
    return ", ".join((frame["precision"] - frame["false positives"]).sort_values().index[:int(count)])


def moved_by_one(name: str) -> tuple[float, float]:
    """How often a tag that is switched on appears, and how often no other tag changes, over all tags."""
    frame = table(name)
    return frame["appears"].mean(), frame["others stay"].mean()


FUNCTIONS: dict[str, Callable[..., float | str]] = {
    "median": median,
    "highest": lambda model, loss: history(model)[loss].max(),
    "lowest of": lambda name, column, *rows: some_rows(table(name), rows)[column].min(),
    "highest of": lambda name, column, *rows: some_rows(table(name), rows)[column].max(),
    "mean of": lambda name, column, *rows: some_rows(table(name), rows)[column].mean(),
    "lowest": lambda model, loss: history(model)[loss].min(),
    "rows over": lambda model, loss, least: int((history(model)[loss] > float(least)).sum()),
    "rows": lambda model: len(history(model)),
    "count": lambda name, row, column, value: int((table(name).loc[row, column] == value).sum()),
    "length": lambda name, row: len(table(name).loc[row]),
    "ratio": lambda name, column, a, b: table(name).loc[a, column] / table(name).loc[b, column],
    "millions": lambda *reference: float(look_up("/".join(reference))) / 1e6,
    "ms a picture": lambda model: 1000 / history(model).images_per_second.tail(50).median(),
    "least apart": least_apart,
    "appears": lambda name: moved_by_one(name)[0],
    "others stay": lambda name: moved_by_one(name)[1],
    "share at Jin": lambda tag: TRAINING_COUNTS[tag] / JIN_FACES,
    "combinations": lambda: math.prod(CARTOONSET_ATTRIBUTES.values()),
    "attributes": lambda: len(CARTOONSET_ATTRIBUTES),
    "believed": lambda loss: math.exp(-float(loss)),
    "decibels of bits": lambda bits: 20 * math.log10((2 ** int(bits) - 1) / 255),
}


def look_up(reference: str) -> float | str:
    """A number by its reference: ``table/row/.../column``, ``function/argument/...``, or a name of ``found``."""
    name, *rest = reference.split("/")
    if name in FUNCTIONS:
        return FUNCTIONS[name](*rest)
    if name in claims()["found"] and not rest:
        return found(name)
    if name not in claims()["tables"]:
        raise ValueError(f"reference must begin with a table, a function or a name of found, got {reference!r}")
    *rows, column = rest
    value = table(name).loc[tuple(rows) if len(rows) > 1 else rows[0], column]
    if isinstance(value, pd.Series):
        raise ValueError(f"reference must name one row of {name}, got {reference!r} for {len(value)}")
    return value


class Filler(string.Formatter):
    """Format strings whose fields are references."""

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> tuple[float | str, str]:
        return look_up(field_name), field_name


def fill(text: str) -> str:
    """A text of reproduction.yml with our numbers in place of the references."""
    return re.sub(r"-(0\.0+)(?!\d)", r"\1", Filler().format(text)).strip()      # no minus before a rounded zero


# The page -------------------------------------------------------------------------------------------------------------

def slug(title: str) -> str:
    """The anchor that the book gives a heading."""
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")


def headings(text: str) -> dict[str, str]:
    """Anchor -> heading, of a text in Markdown."""
    return {slug(title): title for title in re.findall(r"^#{1,3} (.+)$", text, re.M)}


def link(source: str) -> str:
    """A link to a section (``2#the-loss``, ``data#...``, ``datasets#...``) or to a file below the root."""
    if "#" not in source:
        if not (ROOT / source).is_file():
            raise ValueError(f"from must name a file or a section, got {source!r}, which is not there")
        name = source.removeprefix(f"{PRETRAINED}/").removeprefix("book/results/")
        return f"[{name}]({source.removeprefix('book/') if source.startswith('book/') else f'../{source}'})"
    page, _, anchor = source.partition("#")
    if page == "datasets":
        path, address, text = ROOT / "book" / "datasets.md", "datasets.md", ""
        text = path.read_text(encoding="utf-8")
    else:
        path = next((ROOT / "notebooks").glob(f"0{page}_*.ipynb" if page.isdigit() else f"{page}.ipynb"))
        address = f"../notebooks/{path.name}"
        text = "\n".join("".join(cell["source"]) for cell in cells(path.stem).values()
                         if cell["cell_type"] == "markdown")
    if anchor not in headings(text):
        raise ValueError(f"from must name a section of {path.name}, got {anchor!r}")
    chapter = f"chapter {page}, " if page.isdigit() else ""
    return f"{chapter}[{headings(text)[anchor]}]({address}#{anchor})"


def check(row: dict[str, Any]) -> None:
    """Whether the verdict is one of the three, and the numbers that must rise for it do."""
    if row["verdict"] not in VERDICTS:
        raise ValueError(f"verdict must be one of {', '.join(VERDICTS)}, got {row['verdict']!r}: {row['says']}")
    for chain in row.get("rises", []):
        numbers = [float(look_up(step)) if isinstance(step, str) else step for step in chain]
        if sorted(set(numbers)) != numbers:
            raise ValueError(f"these numbers must rise, or the verdict changes, got {numbers}: {row['says']}")


def as_row(row: dict[str, Any]) -> str:
    """A row of the table: claim and place; ours, protocol and source; verdict."""
    check(row)
    sources = "; ".join(link(source) for source in row["from"])
    how = f"{fill(row.get('how', ''))} From: {sources}.".strip()
    return (f"* - {row['says']}\n\n    *{row['where']}*\n  - {fill(row['ours'])}\n\n    {how}\n"
            f"  - {{{VERDICTS[row['verdict']]}}}`{row['verdict']}`")


def as_section(paper: dict[str, Any]) -> str:
    """A paper's heading, table and what stands out."""
    head = "* - the paper says\n  - here\n  - verdict"
    rows = "\n".join(as_row(row) for row in paper["rows"])
    return (f"## {paper['title']}\n\n{paper['about'].strip()}\n\n:::{{list-table}}\n:header-rows: 1\n"
            f":widths: 28 54 18\n:class: claims\n\n{head}\n{rows}\n:::\n\n{fill(paper['after'])}\n")


def summary(papers: list[dict[str, Any]]) -> str:
    """A table of how many claims of each paper got which verdict."""
    lines = [f"| paper | claims | {' | '.join(VERDICTS)} |", "|---" * (2 + len(VERDICTS)) + "|"]
    for name, rows in [*((f"[{paper['short']}](#{slug(paper['title'])})", paper["rows"]) for paper in papers),
                       ("all", [row for paper in papers for row in paper["rows"]])]:
        counts = [sum(row["verdict"] == verdict for row in rows) for verdict in VERDICTS]
        lines.append(f"| {name} | {len(rows)} | {' | '.join(map(str, counts))} |")
    return "\n".join(lines)


def page() -> str:
    """The whole page as Markdown."""
    papers = claims()["papers"]
    parts = [claims()["before"].strip().replace("SUMMARY", summary(papers)) + "\n", *map(as_section, papers)]
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
    print(f"{PAGE.name}: {sum(len(paper['rows']) for paper in claims()['papers'])} claims")
