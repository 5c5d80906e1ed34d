"""The command ``avatarlib evaluate``: how good a model's pictures are, by every measure that fits it."""

from __future__ import annotations

import argparse
import json
import shlex
from functools import partial
from pathlib import Path

from avatarlib import pretrained
from avatarlib.cli.data import new_file
from avatarlib.cli.models import generators, opened
from avatarlib.runs.evaluation import BACKBONES
from avatarlib.runs.options import DATA, add_options, whole
from avatarlib.training.files import write_atomically
from avatarlib.version import __version__

__all__ = ["add_evaluate"]


def add_evaluate(commands: argparse._SubParsersAction) -> None:
    """avatarlib evaluate NAME"""
    command = commands.add_parser("evaluate", help="all measures that fit a model, beside real against real")
    command.add_argument("model", help=f"a folder, or one of: {', '.join(generators())}; or one that redraws pictures")
    add_options(command, DATA)
    command.add_argument("--n", type=whole(2), default=500, help="pictures a side, or heads (default %(default)s)")
    command.add_argument("--seeds", type=whole(1), default=5,
                         help="how many seeds of a generator's noise, from --seed on (default %(default)s)")
    command.add_argument("--backbone", choices=BACKBONES,
                         help="beside the tagger (default: inception where it has been downloaded, else random-conv)")
    command.add_argument("--out", type=json_file, help="also write all of it as this JSON")
    command.set_defaults(run=evaluate)


def json_file(text: str) -> Path:
    """The type of an option that names a JSON file to write."""
    if not text.lower().endswith(".json"):
        raise argparse.ArgumentTypeError(f"must be a file that ends in .json, got {text!r}")
    return new_file(text)


def evaluate(options: argparse.Namespace) -> None:
    """Print what is found out about a model's pictures, and write it down if asked."""
    words = {name: getattr(options, name) for name in
             ("n", "seed", "seeds", "size", "count", "data", "style", "prior", "backbone", "out")}
    network, run = opened(options.model)
    found = run.evaluate(network, options, pretrained.data(options.model))
    print(found)
    if options.out:
        command = shlex.join(["avatarlib", "evaluate", options.model, *(
            word for name, value in words.items() if value is not None for word in (f"--{name}", str(value)))])
        record = {"made by": command, "avatarlib": __version__, "trained": pretrained.trained(options.model),
                  **found.record()}
        text = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        write_atomically(options.out, partial(Path.write_text, data=text, encoding="utf-8"))
        print(options.out)
