"""Write into each chapter what it costs: its run, and the training of the networks that belong to it, as measured.

    python tools/cost_cards.py     # from book/results/costs.csv and the cards of the shipped networks

The card is a cell of its own below the chapter's first. ``tools/chapter_costs.py`` measures the runs.
"""

from __future__ import annotations

import json
import re
from itertools import takewhile

import chapter_costs

from avatarlib import pretrained
from avatarlib.training.files import write_atomically

NOTEBOOKS = chapter_costs.ROOT / "notebooks"
CELL = "cost-card"
BEGIN, END = "<!-- written by tools/cost_cards.py -->", "<!-- end of the card -->"
# Module of avatarlib.models -> the chapter to which its shipped networks belong.
HOMES = {"tagger": "data", "landmarks": "data", "dcgan": "02_dcgan_cartoonset", "cartoongan": "03_cartoongan_artifygan",
         "artifygan": "03_cartoongan_artifygan",
         "cyclegan": "04_cyclegan_selfie2anime", "warp": "04_cyclegan_selfie2anime",
         "content_invariant": "04_cyclegan_selfie2anime",
         "acgan": "05_acgan_text_to_avatar", "flow": "06_evaluation"}
ELSEWHERE = {"pix2pix-anime-128": "04_cyclegan_selfie2anime"}      # its layers are chapter 3's


def networks_of(chapter: str) -> list[str]:
    """The shipped networks that belong to a chapter. ValueError if one belongs to none."""
    homes = {}
    for name in pretrained.names():
        config = json.loads((pretrained.path(name) / "config.json").read_text(encoding="utf-8"))
        module = config["model_class"].partition(".")[0]
        if module not in HOMES:
            raise ValueError(f"model_class of {name} must be of {', '.join(HOMES)}, got {config['model_class']!r}: "
                             "give its module a chapter in HOMES in tools/cost_cards.py")
        homes[name] = ELSEWHERE.get(name, HOMES[module])
    return [name for name, home in homes.items() if home == chapter]


def pictures_seen(training: str, rounds: int) -> int:
    """How many pictures a run of so many rounds saw, from the row "training" of its network's card."""
    told = re.search(r"([\d,]+) pictures seen", training)
    if told:
        return int(told[1].replace(",", ""))
    batch, kind = re.search(r"rounds of (\d+) (pairs|pictures)", training).groups()
    return rounds * int(batch) * (2 if kind == "pairs" else 1)


def shared_minutes(history: list[str], other: list[str]) -> float:
    """How long two runs were one, from the lines of their histories: 0 unless they begin with the same rows."""
    same = [one for one, _ in takewhile(lambda pair: pair[0] == pair[1], zip(history, other, strict=False))]
    return float(same[-1].split(",")[history[0].split(",").index("minutes")]) if len(same) > 1 else 0.0


def training_row(name: str, before: str | None) -> str:
    """The row of a shipped network; ``before`` is the network above it, whose run it may have shared."""
    folder = pretrained.path(name)
    text = (folder / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (\w+) \| (.*) \|$", text, re.M))
    time, seen = rows["time"], pictures_seen(rows["training"], pretrained.trained(name)["rounds"])
    if before:
        histories = [(pretrained.path(one) / "history.csv").read_text().splitlines() for one in (name, before)]
        shared = shared_minutes(*histories)
        time += f", the first {shared:.0f} of them together with `{before}`" if shared else ""
    parameters = re.search(r"([\d,]+)\s+parameters", text)[1]
    size = (folder / "model.safetensors").stat().st_size / 1e6
    return (f"| training `{name}` on {seen:,} pictures | {time} "
            f"| {parameters} parameters, {size:.1f} MB |")


def card(chapter: str, run: dict[str, str]) -> str:
    """The card of a chapter in plain Markdown; ``run`` is its row of book/results/costs.csv."""
    networks = networks_of(chapter)
    rows = [training_row(name, before) for name, before in zip(networks, [None, *networks], strict=False)]
    given = " The trained networks come with the book: you need not train them." if networks else ""
    lines = [BEGIN, "", "| what it costs | time | size |", "|---|---|---|",
             f"| running it at preset `{run['preset']}` | {run['seconds_first']} s the first time, then "
             f"{run['seconds_again']} s | {float(run['peak_mb']) / 1000:.1f} GB of memory |", *rows, "",
             f"Running it was measured in seconds of processor time, on one core ({run['machine']}) and without a GPU; "
             f"a laptop and Colab were not measured.{given}", "", END]
    return "\n".join(lines)


def with_card(notebook: dict, text: str) -> dict:
    """The notebook with the card as its second cell, in place of an older one."""
    cells = [cell for cell in notebook["cells"] if cell["id"] != CELL]
    cells.insert(1, {"cell_type": "markdown", "id": CELL, "metadata": {}, "source": text.splitlines(keepends=True)})
    return notebook | {"cells": cells}


def main() -> None:
    """Write all cards."""
    for chapter, run in chapter_costs.read().items():
        path, text = NOTEBOOKS / f"{chapter}.ipynb", card(chapter, run)
        notebook = with_card(json.loads(path.read_text(encoding="utf-8")), text)
        stored = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
        write_atomically(path, lambda partial, stored=stored: partial.write_bytes(stored.encode()))


if __name__ == "__main__":
    main()
