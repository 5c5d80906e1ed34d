"""The command ``avatarlib cartoonize``: one photograph, or a folder of them, as cartoons."""

from __future__ import annotations

import argparse
import hashlib
from collections import Counter
from pathlib import Path
from threading import Lock
from typing import Any

import torch
from safetensors.torch import save
from torch import nn

from avatarlib.cartoonize import OVERLAP, TILE, cartoonists, cartoonize, load_cartoonist
from avatarlib.cli.files import Made, convert, prepare
from avatarlib.data.files.paths import shown, user_path
from avatarlib.training.files import write_atomically

__all__ = ["add_cartoonize", "cartoonize_folder"]

SAVE_EVERY = 10         # pictures between two notes of what is done
COLOURS = {".png": None, ".webp": None, ".jpg": "RGB", ".jpeg": "RGB"}      # endings of OUT -> the only mode they hold


def add_cartoonize(commands: argparse._SubParsersAction) -> None:
    """avatarlib cartoonize IN --model NAME --out OUT"""
    command = commands.add_parser(
        "cartoonize", help="redraw photographs as cartoons",
        description="Redraw a photograph, or every picture of a folder, as a cartoon. The networks learnt from heads "
                    "of 128 pixels: if a large photograph turns out restless, try --size 256.")
    command.add_argument("source", type=user_path, metavar="IN", help="a picture, or a folder of them with subfolders")
    command.add_argument("--model", required=True, help=f"a folder, or one of: {', '.join(cartoonists())}")
    command.add_argument("--out", type=user_path, required=True, metavar="OUT",
                         help="picture to write (.png, .jpg, .webp), or, for a folder, the folder of the results; run "
                              "again to go on")
    command.add_argument("--size", type=int, help="pixels of the result's short side (default: the photograph's)")
    command.add_argument("--tile", type=int, default=TILE,
                         help="side of the largest square that is drawn in one piece (default %(default)s); less takes "
                              "less memory")
    command.add_argument("--overlap", type=int, default=OVERLAP, help="pixels tiles share (default %(default)s)")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Draw what IN is."""
    settings = {"size": options.size, "tile": options.tile, "overlap": options.overlap}
    if options.source.is_dir():
        counts = cartoonize_folder(options.source, options.out, on_device(options.model), **settings)
        print(", ".join(f"{count:,} {what}" for what, count in sorted(counts.items())), f"-> {shown(options.out)}")
        return
    ending = options.out.suffix.lower()
    if ending not in COLOURS or options.out.is_dir():
        raise ValueError(f"--out must be a file that ends in {', '.join(COLOURS)} for one picture, "
                         f"got {shown(options.out)!r}")
    drawn = cartoonize(options.source, on_device(options.model), **settings)
    if COLOURS[ending] and drawn.mode != COLOURS[ending]:
        raise ValueError(f"--out must end in .png or .webp for a picture with transparency, got {shown(options.out)!r}")
    write_atomically(options.out, lambda partial: drawn.save(partial))
    print(shown(options.out))


def on_device(model: str) -> nn.Module:
    """The network, on a GPU if there is one."""
    return load_cartoonist(model).to("cuda" if torch.cuda.is_available() else "cpu")


def cartoonize_folder(source: Path, target: Path, network: nn.Module, *, progress: bool = True,
                      **settings: Any) -> Counter[str]:
    """Write a cartoon of every picture of ``source`` as PNG under ``target``; go on where an earlier call stopped.

    While one picture is drawn, the last is written. Settings are those of ``cartoonize``.
    Returns how many were "drawn", "there" already, "unreadable" and "unwritable".

    ValueError if a folder does not fit, or ``target`` was made with another network or other settings.
    """
    weights = hashlib.sha256(save({name: value.cpu() for name, value in network.state_dict().items()})).hexdigest()
    paths = prepare(source, target, {"command": "cartoonize", "network": weights, **settings})
    turn = Lock()       # the network's own threads fill the processor, and memory is bounded

    def make(path: Path) -> Made:
        with turn:
            drawn = cartoonize(path, network, **settings)
        return "drawn", drawn, {}

    rows, new = convert(paths, source, target, "cartoons.csv", make, "drawing cartoons", progress,
                        save_every=SAVE_EVERY)
    return Counter(row["found"] if row["file"] in new else "there" for row in rows)
