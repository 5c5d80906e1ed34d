"""Write book/styles.md: the licence and the artist of every drawing style that DiceBear's package holds.

    python tools/list_styles.py

The datasets page includes the table. It says what each style's own description says, word for word.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from importlib.resources import files
from itertools import groupby
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "book" / "styles.md"


def read_styles() -> list[tuple[str, str, str, str, str]]:
    """(licence, its address, creator, creator's address, style) of every installed style, sorted."""
    rows = []
    for file in files("dicebear_styles").iterdir():
        if file.name.endswith(".json"):
            meta = json.loads(file.read_text("utf-8"))["meta"]
            licence, creator = meta["license"], meta["creator"]
            rows.append((licence["name"].rstrip("."), licence["url"], creator["name"], creator["url"],
                         file.name.removesuffix(".json")))
    return sorted(rows)


def table() -> str:
    """The table as Markdown: one row for each licence and artist."""
    rows = read_styles()
    lines = [f"The {len(rows)} styles of dicebear-styles {version('dicebear-styles')}, by licence and artist:", "",
             "| licence | artist | styles |", "|---|---|---|"]
    for (licence, address, creator, home), group in groupby(rows, key=lambda row: row[:4]):
        styles = ", ".join(f"`{row[4]}`" for row in group)
        lines.append(f"| [{licence}]({address}) | [{creator}]({home}) | {styles} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8", newline="\n")
    print(f"{TABLE.name}: {len(read_styles())} styles")
