"""Measure shipped networks on FaceSet's held-out heads again, after heads were added, and renew their cards.

    python tools/measure_again.py                       # all that were measured on FaceSet; three minutes on a core
    python tools/measure_again.py cyclegan-anime-64

The measures are those of the networks' own exports: likeness to the hidden drawings, or the errors of landmarks.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import cast

import pandas as pd

from avatarlib import pretrained
from avatarlib.models.landmarks import LandmarkNet
from avatarlib.runs.landmarks import examine_looks
from avatarlib.runs.saved import markdown
from avatarlib.runs.translation import hidden_truth
from avatarlib.training.files import write_atomically

HEADS = re.compile(r"\b[\d,]+( held-out)? heads\b")     # how a card says on how many it was measured
TABLE = re.compile(r"^\| (?:picture|look) \|.*?(?=\n\n)", re.MULTILINE | re.DOTALL)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, write, and say what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", help="shipped models (default: all whose cards hold such a table)")
    for name in parser.parse_args(arguments).models or [name for name in pretrained.names()
                                                        if TABLE.search(pretrained.card(name))]:
        measures, n = measure(name)
        folder = pretrained.path(name)
        card = renewed((folder / "README.md").read_text("utf-8"), measures, n)
        write_atomically(folder / "README.md", partial(Path.write_text, data=card, encoding="utf-8"))
        write_atomically(folder / "measures.csv", measures.to_csv)
        print(f"{name}, {n} heads\n{measures.round(4).to_string()}")


def measure(name: str) -> tuple[pd.DataFrame, int]:
    """The table of a network's card, and the number of held-out heads."""
    network, size = pretrained.load(name), pretrained.data(name)["size"]
    if isinstance(network, LandmarkNet):
        return examine_looks(network, size)
    measures = hidden_truth(network, max(size.values()), look_of(name))
    return measures, int(measures["n"].iloc[0])


def look_of(name: str) -> str:
    """The look of the drawings that a network was trained on: the second word of "FaceSet LOOK (train)"."""
    drawings = next(told for kind, told in pretrained.data(name)["name"].items() if kind != "photo")
    return cast(str, drawings.split()[1])


def renewed(card: str, measures: pd.DataFrame, n: int) -> str:
    """A card with a new table, and with the new number of heads."""
    told = HEADS.sub(lambda found: f"{n:,}{found[1] or ''} heads", card)
    return TABLE.sub(lambda _: markdown(measures).rstrip(), told, count=1)


if __name__ == "__main__":
    main()
