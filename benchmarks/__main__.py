"""Nine tables: training of three papers, sampling, cartoons, designer, parsing, judging, drawing (``--csv`` too)."""

from __future__ import annotations

import argparse
import platform
import tempfile
from pathlib import Path

import pandas as pd
import torch

from benchmarks.contenders import GROUPS, compare_training, write_pictures
from benchmarks.library import (
    cartoon_latency,
    designer_latency,
    drawing_speed,
    judging_speed,
    parsing_latency,
    sampling_latency,
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Speed and memory of avatarlib.")
    parser.add_argument("--repeats", type=int, default=4, help="turns of each training loop (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=4, help="rounds a turn (default %(default)s)")
    parser.add_argument("--csv", type=Path, help="also write all rows to this file")
    options = parser.parse_args()

    where = torch.cuda.get_device_name() if torch.cuda.is_available() else f"{torch.get_num_threads()} CPU threads"
    print(f"torch {torch.__version__}, Python {platform.python_version()}, {where}\n"
          f"training: {options.repeats} turns of {options.rounds} rounds, in turn\n")
    tables = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_pictures(folder)
        for group in GROUPS:
            tables.append(compare_training(group, folder, repeats=options.repeats, rounds=options.rounds))
            print(tables[-1].round(2).to_string(), end="\n\n")
        tables.append(sampling_latency(repeats=30))
        print(tables[-1].round(2).to_string(), end="\n\n")
        tables.append(cartoon_latency(repeats=3))
        print(tables[-1].round(2).to_string(), end="\n\n")
        tables.append(designer_latency(repeats=20))
        print(tables[-1].round(1).to_string(), end="\n\n")
        tables.append(parsing_latency(repeats=5))
        print(tables[-1].round(3).to_string(), end="\n\n")
        tables.append(judging_speed(repeats=10))
        print(tables[-1].round(0).to_string(), end="\n\n")
        tables.append(drawing_speed(folder, repeats=3))
        print(tables[-1].round(0).to_string())
    if options.csv:
        rows = pd.concat([table.melt(var_name="measure", ignore_index=False).rename_axis("what").reset_index()
                          for table in tables])
        rows.to_csv(options.csv, index=False)


if __name__ == "__main__":
    main()
