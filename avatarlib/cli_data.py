"""The command ``avatarlib data``: prepare a data set. ``avatarlib data SET --help`` explains each."""

from __future__ import annotations

import argparse
from pathlib import Path

from torchvision.utils import make_grid, save_image

from avatarlib.data import AvatarSet, CartoonSet, ImageSet, avatar_styles
from avatarlib.training.files import write_atomically

__all__ = ["add_data"]


def add_data(commands: argparse._SubParsersAction) -> None:
    """avatarlib data avatarset | cartoonset"""
    command = commands.add_parser("data", help="prepare a data set")
    sets = command.add_subparsers(title="data sets", required=True, metavar="SET")
    drawn = sets.add_parser("avatarset", help="draw avatars, offline")
    drawn.add_argument("--style", default="avataaars", help=f"one of: {', '.join(avatar_styles())}")
    drawn.add_argument("--count", type=int, default=10_000)
    drawn.add_argument("--size", type=int, default=64)
    drawn.add_argument("--seed", type=int, default=0)
    drawn.add_argument("--split", choices=("train", "test"), default="train")
    drawn.add_argument("--grid", type=Path, help="also write the first 64 as this PNG")
    drawn.set_defaults(run=lambda o: show(AvatarSet(o.style, size=o.size, count=o.count, seed=o.seed, split=o.split),
                                          o.grid))
    real = sets.add_parser("cartoonset", help="download Google's CartoonSet (CC BY 4.0)")
    real.add_argument("--variant", choices=("10k", "100k"), default="10k")
    real.add_argument("--size", type=int, default=64)
    real.add_argument("--grid", type=Path, help="also write the first 64 as this PNG")
    real.set_defaults(run=lambda o: show(CartoonSet(variant=o.variant, size=o.size, download=True), o.grid))


def show(data: ImageSet, grid: Path | None) -> None:
    """Say what a set holds; draw its beginning if asked."""
    print(data)
    for attribute, names in data.schema.items():
        print(f"  {attribute}: {len(names)} categories")
    if grid is not None:
        pictures = make_grid(data.batch(slice(0, 64))["image"], normalize=True, value_range=(-1, 1), pad_value=1)
        write_atomically(grid, lambda partial: save_image(pictures, partial))
        print(grid)
