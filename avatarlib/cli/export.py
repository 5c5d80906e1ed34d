"""The command ``avatarlib export``: a run as a folder with a model, or a model as an ONNX file."""

from __future__ import annotations

import argparse
from pathlib import Path

from avatarlib import pretrained
from avatarlib.data.files.paths import shown, user_path
from avatarlib.onnx_export import DIRECTIONS, WEIGHTS, export_onnx
from avatarlib.runs.export import export_run
from avatarlib.runs.options import whole

__all__ = ["add_export"]

ONNX = "onnx"
OPTIONS = {"run": ("epoch",), ONNX: ("out", "weights", "direction")}        # which form of the command takes which


def add_export(commands: argparse._SubParsersAction) -> None:
    """avatarlib export RUN FOLDER | avatarlib export onnx MODEL"""
    command = commands.add_parser(
        "export", help="turn a run into a folder that load() and the Hub read, or a model into an ONNX file",
        usage="avatarlib export RUN FOLDER [--epoch EPOCH]\n       avatarlib export onnx MODEL [--out FILE] "
              f"[--weights {{{','.join(WEIGHTS)}}}] [--direction {{{','.join(DIRECTIONS)}}}]")
    command.add_argument("run_dir", metavar="RUN | onnx", help="a run; one in a folder called onnx as ./onnx")
    command.add_argument("folder", metavar="FOLDER | MODEL",
                         help="folder to write; after onnx a model, of a folder or shipped: a generator or landmarks")
    command.add_argument("--epoch", type=whole(1), help="a snapshot of this epoch instead of the last weights")
    small = command.add_argument_group("after onnx", "Needs pip install 'avatarlib[onnx]'. The file is compared with "
                                                     "PyTorch, and tells its difference.")
    small.add_argument("--out", type=user_path, metavar="FILE", help="file to write (default MODEL.onnx, here)")
    small.add_argument("--weights", choices=WEIGHTS, help="how weights are stored (default float32): float16 takes "
                                                          "half of the room, int8 a quarter")
    small.add_argument("--direction", choices=DIRECTIONS, help="for a CycleGAN (default cartoon)")
    command.set_defaults(run=export)


def export(options: argparse.Namespace) -> None:
    """Write what is asked for."""
    form, other = (ONNX, "run") if options.run_dir == ONNX else ("run", ONNX)
    foreign = [f"--{name}" for name in OPTIONS[other] if getattr(options, name) is not None]
    if foreign:
        raise ValueError(f"avatarlib export {'onnx MODEL' if form == ONNX else 'RUN FOLDER'} takes "
                         f"{', '.join(f'--{name}' for name in OPTIONS[form])}, got {', '.join(foreign)}")
    if form == ONNX:
        write_onnx(options)
    else:
        print(export_run(user_path(options.run_dir), user_path(options.folder), epoch=options.epoch))


def write_onnx(options: argparse.Namespace) -> None:
    """Write the file, and tell how near to PyTorch it is."""
    model = options.folder if options.folder in pretrained.names() else user_path(options.folder)
    out = options.out or Path(f"{pretrained.folder_of(model).resolve().name}.onnx")
    facts = export_onnx(model, out, weights=options.weights or WEIGHTS[0],
                        direction=options.direction or DIRECTIONS[0])
    largest, mean = (f"{float(facts[f'{which} difference']):.2g}" for which in ("largest", "mean"))
    print(f"{shown(out)}: {out.stat().st_size / 1e6:.1f} MB, weights in {facts['weights']}; from PyTorch it differs "
          f"by at most {largest} {facts['unit']}, on average {mean}")
