"""Measure what running each chapter costs, in book/results/costs.csv: seconds of processor time, and memory.

    python tools/chapter_costs.py [NAME ...]     # all chapters, or those named; some minutes each

A chapter runs twice at preset ``quick`` with one thread: with an empty cache, as on a new machine, where its pictures
are drawn first, and again with what is then there. Processor time is counted, not the clock, so that other work on the
machine changes little. ``tools/cost_cards.py`` puts the numbers into the chapters.
"""

from __future__ import annotations

import csv
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import torch

from avatarlib.training.files import write_atomically

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "book" / "results" / "costs.csv"
COLUMNS = ("chapter", "preset", "seconds_first", "seconds_again", "peak_mb", "torch", "machine")
RUN = (sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--stdout",
       "--ExecutePreprocessor.timeout=1800")
# Who starts a process passes the peak of its own memory on to it; so a small one starts the run, and counts.
COUNT = """import json, resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([code, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024]))"""


def machine() -> str:
    """The processor in words, as far as the system says which it is."""
    info = Path("/proc/cpuinfo")
    named = re.search(r"^model name\s*: (.+)$", info.read_text(), re.M) if info.exists() else None
    return f"{named[1] if named else platform.machine()} with {torch.backends.cpu.get_cpu_capability()}"


def run(path: Path, cache: Path) -> tuple[float, int]:
    """Run a notebook in processes of its own; their seconds of processor time, and the largest one's peak in bytes."""
    environment = os.environ | {"AVATARLIB_PRESET": "quick", "AVATARLIB_CACHE": str(cache), "OMP_NUM_THREADS": "1",
                                "JUPYTER_PREFER_ENV_PATH": "1"}
    told = subprocess.run([sys.executable, "-c", COUNT, *RUN, str(path)], env=environment, stdout=subprocess.PIPE,
                          check=True).stdout
    code, seconds, peak = json.loads(told)          # of the kernel, too, which has ended by then
    if code:
        raise SystemExit(f"{path.name} failed: see above")
    return seconds, peak


def measure(path: Path) -> dict[str, str]:
    """A row of the table: the chapter run on a machine that is new to it, and once more."""
    with tempfile.TemporaryDirectory() as cache:
        first, again = run(path, Path(cache)), run(path, Path(cache))
    return dict(zip(COLUMNS, (path.stem, "quick", f"{first[0]:.0f}", f"{again[0]:.0f}",
                              f"{max(first[1], again[1]) / 1e6:.0f}", torch.__version__.split("+")[0], machine()),
                    strict=True))


def read() -> dict[str, dict[str, str]]:
    """Chapter -> row of the table; nothing where there is no table yet."""
    if not TABLE.exists():
        return {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["chapter"]: row for row in csv.DictReader(file)}


def write(rows: dict[str, dict[str, str]]) -> None:
    """Replace the table, sorted by chapter."""
    def table(partial: Path) -> None:
        with partial.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows[name] for name in sorted(rows))

    write_atomically(TABLE, table)


def main() -> None:
    """Measure the chapters named on the command line, or all."""
    paths = {path.stem: path for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}
    wanted = sys.argv[1:] or list(paths)
    unknown = sorted(set(wanted) - set(paths))
    if unknown:
        raise SystemExit(f"NAME must be one of {', '.join(paths)}, got {', '.join(unknown)}")
    for name in wanted:
        row = measure(paths[name])
        write(read() | {name: row})     # each at once: a stop loses one chapter only
        print(f"{name}: {row['seconds_first']} s, again {row['seconds_again']} s, {row['peak_mb']} MB", flush=True)


if __name__ == "__main__":
    main()
