"""Do the chapters' claims hold elsewhere? Run all chapters over seeds, instruction sets and threads; count.

    python tools/steady.py        # what `make steady` calls: hours on two cores; run again to go on

Each run of a chapter notes its claims (``avatarlib.claim``) and their margins, and fails none. What is done is kept
in ``_build/steady`` for as long as the chapter's code stays as it is. The counts go to ``book/results/steady.csv``: a
chapter whose code is counted there is not run again. Their table goes to ``book/results/steady.md``, which the
troubleshooting page shows.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import platform
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import product
from pathlib import Path

import pandas as pd
import torch

from avatarlib.training.files import write_atomically

ROOT = Path(__file__).resolve().parent.parent
NOTES, OUT = ROOT / "_build" / "steady", ROOT / "book" / "results" / "steady.csv"
SEEDS, THREADS = (0, 1, 2), (1, 2)
MACHINES: dict[str, list[str]] = {"native": [], "older": [str(ROOT / "tools" / "older_cpu.sh")]}
EXECUTE = """
import sys, nbformat
from nbclient import NotebookClient
path = sys.argv[1]
NotebookClient(nbformat.read(path, 4), timeout=1800, kernel_name="python3",
               resources={"metadata": {"path": "notebooks"}}).execute()
"""


def play(job: tuple[Path, int, str, int]) -> Path:
    """Run one chapter once, unless its notes are there; return where they are."""
    chapter, seed, machine, threads = job
    done = NOTES / f"{chapter.stem}-{code_digest(chapter)}-{machine}-threads{threads}-seed{seed}.jsonl"
    if not done.exists():
        partial_notes = done.with_suffix(".partial")
        partial_notes.unlink(missing_ok=True)
        environment = {**os.environ, "AVATARLIB_PRESET": "quick", "AVATARLIB_SEED": str(seed),
                       "AVATARLIB_CLAIMS": str(partial_notes), "OMP_NUM_THREADS": str(threads),
                       "OMP_WAIT_POLICY": "passive", "JUPYTER_PREFER_ENV_PATH": "1"}
        command = [*MACHINES[machine], sys.executable, "-c", EXECUTE, str(chapter)]
        found = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
        if found.returncode:
            raise SystemExit(f"{done.stem} stopped:\n{found.stderr[-3000:]}")
        claims = partial_notes.read_text(encoding="utf-8") if partial_notes.exists() else ""
        told = f"{json.dumps(this_machine())}\n{claims}"
        write_atomically(done, partial(Path.write_text, data=told, encoding="utf-8"))
        partial_notes.unlink(missing_ok=True)
        print(done.stem, flush=True)
    return done


def code_digest(chapter: Path) -> str:
    """Eight hexadecimal digits of a chapter's code: its prose and outputs may change, and the notes stay good."""
    cells = json.loads(chapter.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return hashlib.sha256(json.dumps(code).encode()).hexdigest()[:8]


def this_machine() -> dict[str, str]:
    """What a run notes of the machine it was made on."""
    return {"torch": torch.__version__.split("+")[0], "instructions": torch.backends.cpu.get_cpu_capability(),
            "processor": platform.machine()}


def table(notes: list[Path]) -> pd.DataFrame:
    """A row a claim: its chapter and code, in how many of the runs it held, the worst margin, where it was run."""
    rows: list[dict[str, object]] = []
    for path in notes:
        chapter, code = path.stem.split("-")[:2]
        machine, *claims = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        place = "PyTorch {torch} with {instructions} ({processor})".format(**machine)
        rows += [{"chapter": chapter, "code": code, "place": place, **claim} for claim in claims]
    groups = pd.DataFrame(rows).groupby(["chapter", "code", "claim"], sort=False)
    found = groups.agg(held=("held", "sum"), runs=("held", "size"), worst_margin=("margin", "min"),
                       places=("place", lambda places: "; ".join(sorted(set(places)))))
    return found.reset_index().round({"worst_margin": 3})


def page(found: pd.DataFrame) -> str:
    """The table in Markdown, under a line that says what was run where."""
    places = sorted({place for cell in found.places for place in cell.split("; ")})
    head = (f"{len(SEEDS)} seeds, {len(MACHINES)} instruction sets, {len(THREADS)} numbers of threads: "
            f"{len(SEEDS) * len(MACHINES) * len(THREADS)} runs of every chapter at `quick`, made by `make steady`. "
            f"Each chapter was run on one or more of: {', '.join(places)}; the second instruction set is AVX2.")
    rows = [f"| {row.chapter} | {row.claim} | {row.held} of {row.runs} | "
            f"{'' if math.isnan(row.worst_margin) else f'{row.worst_margin:.0%}'} |" for row in found.itertuples()]
    return "\n".join([head, "", "| chapter | claim | held | worst margin |", "|---|---|---|---|", *rows, ""])


def main() -> int:
    """Run what is not counted yet, one-thread runs two at a time; 0 if every claim held in every run."""
    NOTES.mkdir(parents=True, exist_ok=True)
    counted = pd.read_csv(OUT, dtype={"code": str}) if OUT.exists() else pd.DataFrame({"code": []})
    now = {code_digest(chapter): chapter for chapter in sorted(ROOT.glob("notebooks/*.ipynb"))}
    notes: list[Path] = []
    for threads in THREADS:
        jobs = list(product([now[code] for code in now if code not in set(counted.code)], SEEDS, MACHINES, (threads,)))
        with ThreadPoolExecutor(max(1, (os.cpu_count() or 1) // threads)) as pool:
            notes += pool.map(play, jobs)
    rows = counted[counted.code.isin(list(now))].to_dict("records")
    rows += table(notes).to_dict("records") if notes else []
    found = pd.DataFrame(rows).sort_values("chapter", kind="stable")
    write_atomically(OUT, partial(found.to_csv, index=False))
    text = page(found)
    write_atomically(OUT.with_suffix(".md"), partial(Path.write_text, data=text, encoding="utf-8"))
    print(text)
    return 0 if (found.held == found.runs).all() else 1


if __name__ == "__main__":
    sys.exit(main())
