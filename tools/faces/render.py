"""Render heads and their buffers from numbers: the same number and size, the same head.

    python tools/faces/render.py OUT 16000 500 --assets ASSETS [--size 160] [--samples 16] [--threads 1] [--only FILE]

Of each number: ``NNNNN.jpg`` (the photograph), ``_albedo.jpg``, ``_normal.png``, ``_depth.png``, ``_parts.png`` and
``.json``; `pack.py` packs them. Numbers whose ``.json`` is there are left alone, so the same command goes on where it
was cut off; several may run at once on other numbers. data/faces/README.md says where the assets come from and
what to install (Python 3.11, ``bpy`` 4.2.0).
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from pathlib import Path

from assets import Assets


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="folder for the files; made if missing")
    parser.add_argument("first", type=int, help="first number")
    parser.add_argument("count", type=int, help="how many numbers")
    parser.add_argument("--assets", type=Path, required=True, help="folder of the assets")
    parser.add_argument("--size", type=int, default=160, help="pixels a side (160)")
    parser.add_argument("--samples", type=int, default=16, help="samples of a pixel at most (16)")
    parser.add_argument("--threads", type=int, default=1, help="processor threads (1)")
    parser.add_argument("--only", type=Path, metavar="FILE", help="of these numbers, only those that stand in FILE")
    options = parser.parse_args(words)
    for name in ("count", "size", "samples", "threads"):
        if getattr(options, name) < 1:
            parser.error(f"{name} must be at least 1, got {getattr(options, name)}")
    if not 0 <= options.first <= 100_000 - options.count:
        parser.error(f"numbers have at most five digits, got {options.first} to {options.first + options.count - 1}")
    return options


def wanted(options: argparse.Namespace) -> list[int]:
    """The numbers of the range, or those of them that the file names."""
    numbers = range(options.first, options.first + options.count)
    if options.only is None:
        return list(numbers)
    return sorted(set(numbers) & set(map(int, options.only.read_text("utf-8").split())))


def missing(folder: Path, numbers: list[int]) -> list[int]:
    """Those that are not yet rendered."""
    return [number for number in numbers if not (folder / f"{number:05d}.json").exists()]


def main() -> int:
    """Render; 0, or 1 if a head failed (it is named, the others are made)."""
    options = arguments()
    try:
        assets = Assets(options.assets).check()
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 2
    options.out.mkdir(parents=True, exist_ok=True)
    numbers = wanted(options)
    todo = missing(options.out, numbers)
    print(f"{len(numbers) - len(todo)} of {len(numbers)} heads are there", file=sys.stderr, flush=True)
    if not todo:
        return 0
    from heads import render_head  # not before: it needs Blender
    from template import Template

    template, begun, failed = Template(assets), time.perf_counter(), []
    for done, number in enumerate(todo, 1):
        try:
            built, rendered = render_head(template, number, options.out, options.size, options.samples, options.threads)
        except Exception:
            traceback.print_exc()
            failed.append(number)
            continue
        left = (time.perf_counter() - begun) / done * (len(todo) - done) / 60
        print(f"{number}: {done} of {len(todo)}, built in {built:.1f} s, rendered in {rendered:.1f} s, "
              f"{left:.0f} minutes left", file=sys.stderr, flush=True)
    if failed:
        print(f"failed: {', '.join(map(str, failed))}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
