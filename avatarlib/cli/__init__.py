"""The command ``avatarlib``: train, sample, cartoonize, evaluate, data, export; each explains itself by ``--help``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from torchvision.transforms.v2.functional import to_pil_image
from torchvision.utils import make_grid

from avatarlib import pretrained
from avatarlib.cli.cartoonize import add_cartoonize
from avatarlib.cli.data import add_data, png_file
from avatarlib.cli.evaluate import add_evaluate
from avatarlib.cli.export import add_export
from avatarlib.cli.models import generators, opened
from avatarlib.cli.train import add_train
from avatarlib.runs.options import whole
from avatarlib.text import parse
from avatarlib.training import NonFiniteLossError
from avatarlib.training.files import write_atomically
from avatarlib.version import __version__

__all__ = ["build_parser", "generate", "generators", "main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a bad input ends with its message and status 2, not with a traceback."""
    options = build_parser().parse_args(arguments)
    try:
        options.run(options)
    except (ValueError, OSError, ImportError, NonFiniteLossError) as error:
        print(f"avatarlib: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("avatarlib: interrupted; run the same command to go on from the last checkpoint", file=sys.stderr)
        return 130
    return 0


def build_parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    parser = argparse.ArgumentParser(prog="avatarlib", description="Cartoon avatars with GANs.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for add in (add_train, add_sample, add_cartoonize, add_evaluate, add_data, add_export):
        add(commands)
    return parser


def add_sample(commands: argparse._SubParsersAction) -> None:
    """avatarlib sample NAME"""
    command = commands.add_parser("sample", help="draw avatars from a shipped or exported model")
    command.add_argument("model", help=f"a folder, or one of: {', '.join(generators())}")
    command.add_argument("--n", type=whole(1), default=16, help="how many (default %(default)s)")
    command.add_argument("--seed", type=whole(0), default=0)
    command.add_argument("--text", help="what the avatars should look like, for a generator that takes tags")
    command.add_argument("--out", type=png_file, default=Path("avatars.png"), help="PNG file (default %(default)s)")
    command.set_defaults(run=sample)


def generate(model: str, n: int, seed: int, text: str | None = None) -> torch.Tensor:
    """``n`` pictures of a generator, from a description where it takes tags: uint8."""
    network, run = opened(model)
    if text is not None:
        if run.takes != "tags":
            raise ValueError(f"--text needs a generator that takes tags, got {model!r}, a {type(network).__name__}")
        print(parse(text))
    return run.draw(network, n, seed=seed, text=text, data=pretrained.data(model).get("name", ""))


def sample(options: argparse.Namespace) -> None:
    """Write a grid of generated avatars."""
    images = generate(options.model, options.n, options.seed, options.text)
    grid = to_pil_image(make_grid(images, nrow=max(1, round(options.n ** 0.5)), pad_value=255))
    write_atomically(options.out, grid.save)
    print(options.out)
