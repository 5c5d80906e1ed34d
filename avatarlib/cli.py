"""The command ``avatarlib``: train, sample, evaluate, data, export. ``avatarlib COMMAND --help`` explains each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torchvision.utils import make_grid, save_image

from avatarlib import pretrained
from avatarlib.cli_data import add_data
from avatarlib.data import AvatarSet, CartoonSet, ImageSet
from avatarlib.export import export_run
from avatarlib.metrics import compare
from avatarlib.presets import PRESETS, preset, set_seed
from avatarlib.recipes import DCGAN, DCGANConfig
from avatarlib.training import NonFiniteLossError, Trainer
from avatarlib.training.files import write_atomically
from avatarlib.version import __version__

COUNTS = {"smoke": 256, "quick": 2_000, "full": 10_000}   # avatars to train on, by preset


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a bad input ends with its message and status 2, not with a traceback."""
    options = build_parser().parse_args(arguments)
    try:
        options.run(options)
    except (ValueError, FileNotFoundError, NonFiniteLossError) as error:
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
    for add in (add_train, add_sample, add_evaluate, add_data, add_export):
        add(commands)
    return parser


def add_data_options(command: argparse.ArgumentParser) -> None:
    """Options that choose the pictures."""
    command.add_argument("--data", choices=("avatarset", "cartoonset10k", "cartoonset100k"), default="avatarset")
    command.add_argument("--style", default="avataaars", help="drawing style of AvatarSet (default %(default)s)")
    command.add_argument("--count", type=int, help="avatars of AvatarSet (default: by preset)")
    command.add_argument("--size", type=int, default=64, help="pixels a side (default %(default)s)")
    command.add_argument("--seed", type=int, default=0, help="of everything random (default %(default)s)")


def open_data(options: argparse.Namespace, count: int, split: str = "train") -> ImageSet:
    """The set that the options name."""
    if options.data == "avatarset":
        return AvatarSet(options.style, size=options.size, count=count, seed=options.seed, split=split)
    return CartoonSet(variant=options.data.removeprefix("cartoonset"), size=options.size, split=split, download=True)


def add_train(commands: argparse._SubParsersAction) -> None:
    """avatarlib train dcgan"""
    command = commands.add_parser("train", help="train a model; run it again to go on")
    command.add_argument("recipe", choices=("dcgan",))
    command.add_argument("--preset", choices=PRESETS, help="default: full with CUDA, else quick")
    add_data_options(command)
    command.add_argument("--run-dir", type=Path, help="default runs/RECIPE-PRESET")
    command.add_argument("--epochs", type=int, help="default: the preset's")
    command.add_argument("--steps", type=int, help="rounds in all, instead of epochs")
    command.add_argument("--minutes", type=float, help="stop after this time, with a checkpoint")
    command.add_argument("--precision", choices=("auto", "float32", "bf16", "fp16"), default="auto")
    command.add_argument("--log-every", type=int, default=10, help="rounds a row of history.csv")
    command.add_argument("--checkpoint-every", type=int, default=500, help="rounds between checkpoints")
    command.add_argument("--sample-every", type=int, default=500, help="rounds between sample grids")
    command.add_argument("--snapshot-epochs", type=int, nargs="*", default=[], metavar="EPOCH",
                         help="epochs after which the averaged networks are kept")
    command.add_argument("--compile", action="store_true", help="compile the networks: pays on a GPU")
    command.set_defaults(run=train)


def train(options: argparse.Namespace) -> None:
    """Train, or go on with, one run."""
    name = preset(options.preset)
    set_seed(options.seed)
    config = DCGANConfig.preset(name)
    if options.epochs:
        config = replace(config, epochs=options.epochs)
    data = open_data(options, options.count or COUNTS[name])
    run_dir = options.run_dir or Path("runs") / f"{options.recipe}-{name}"
    trainer = Trainer(DCGAN(config, seed=options.seed), data, run_dir=run_dir, seed=options.seed,
                      precision=options.precision, log_every=options.log_every,
                      checkpoint_every=options.checkpoint_every, sample_every=options.sample_every,
                      snapshot_epochs=options.snapshot_epochs, compile=options.compile)
    if trainer.step:
        print(f"going on at round {trainer.step:,}")
    trainer.fit(steps=options.steps, max_minutes=options.minutes)
    print(f"{trainer.step:,} rounds, {trainer.epoch} epochs, {trainer.minutes:.1f} minutes: {run_dir}")


def add_sample(commands: argparse._SubParsersAction) -> None:
    """avatarlib sample NAME"""
    command = commands.add_parser("sample", help="draw avatars from a shipped or exported model")
    command.add_argument("model", help=f"a folder, or one of: {', '.join(pretrained.names())}")
    command.add_argument("--n", type=int, default=16, help="how many (default %(default)s)")
    command.add_argument("--seed", type=int, default=0)
    command.add_argument("--out", type=Path, default=Path("avatars.png"), help="PNG file (default %(default)s)")
    command.set_defaults(run=sample)


def sample(options: argparse.Namespace) -> None:
    """Write a grid of generated avatars."""
    images = pretrained.load(options.model).sample(   # type: ignore[operator]
        options.n, generator=torch.Generator().manual_seed(options.seed))
    grid = make_grid(images, nrow=max(1, round(options.n ** 0.5)), normalize=True, value_range=(-1, 1), pad_value=1)
    write_atomically(options.out, lambda partial: save_image(grid, partial))
    print(options.out)


def add_evaluate(commands: argparse._SubParsersAction) -> None:
    """avatarlib evaluate NAME"""
    command = commands.add_parser("evaluate", help="SSIM and PSNR under protocols P1, P2 and P4")
    command.add_argument("model", help=f"a folder, or one of: {', '.join(pretrained.names())}")
    add_data_options(command)
    command.add_argument("--n", type=int, default=500, help="pairs a row (default %(default)s)")
    command.set_defaults(run=evaluate)


def evaluate(options: argparse.Namespace) -> None:
    """Print the table of a model beside real against real."""
    count = options.count or 2 * options.n
    train_set, test_set = open_data(options, count), open_data(options, count, "test")
    rng = torch.Generator().manual_seed(options.seed)
    fake = pretrained.load(options.model).sample(2 * options.n, generator=rng)   # type: ignore[operator]
    print(compare(fake, train_set, test_set, n=options.n, seed=options.seed).round(3).to_string())


def add_export(commands: argparse._SubParsersAction) -> None:
    """avatarlib export RUN FOLDER"""
    command = commands.add_parser("export", help="turn a run into a folder that load() and the Hub read")
    command.add_argument("run_dir", type=Path)
    command.add_argument("folder", type=Path)
    command.add_argument("--epoch", type=int, help="a snapshot of this epoch instead of the last weights")
    command.set_defaults(run=lambda o: print(export_run(o.run_dir, o.folder, epoch=o.epoch)))


if __name__ == "__main__":
    sys.exit(main())
