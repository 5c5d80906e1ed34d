"""The command ``avatarlib train``: which paper, on which pictures, for how long."""

from __future__ import annotations

import argparse
from pathlib import Path

from avatarlib.data.files.paths import user_path
from avatarlib.presets import PRESETS, preset, set_seed
from avatarlib.runs.options import add_options, positive, whole
from avatarlib.runs.registry import RUNS
from avatarlib.training import Trainer
from avatarlib.training.checkpoint import bytes_needed
from avatarlib.training.files import make_ready

__all__ = ["add_train"]


def add_train(commands: argparse._SubParsersAction) -> None:
    """avatarlib train RECIPE"""
    command = commands.add_parser("train", help="train a model; run it again to go on")
    command.add_argument("recipe", choices=tuple(RUNS))
    own = [name for run in RUNS.values() for name in run.config.presets()]
    command.add_argument("--preset", choices=dict.fromkeys([*PRESETS, *own]),
                         help="default: full with CUDA, else quick")
    add_options(command, {name: option for run in RUNS.values() for name, option in run.options.items()})
    command.add_argument("--run-dir", type=user_path, help="default runs/RECIPE-PRESET")
    command.add_argument("--epochs", type=whole(1), help="stop after so many in all (default: the preset's)")
    command.add_argument("--steps", type=whole(1), help="rounds in all, instead of epochs")
    command.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE",
                         help="change settings of the recipe, such as adversarial_weight=2")
    command.add_argument("--minutes", type=positive, help="stop after this time, with a checkpoint")
    command.add_argument("--precision", choices=("auto", "float32", "bf16", "fp16"), default="auto")
    command.add_argument("--log-every", type=whole(1), default=10, help="rounds a row of history.csv")
    command.add_argument("--checkpoint-every", type=whole(1), default=500, help="rounds between checkpoints")
    command.add_argument("--sample-every", type=whole(1), default=500, help="rounds between sample grids")
    command.add_argument("--snapshot-epochs", type=whole(1), nargs="*", default=[], metavar="EPOCH",
                         help="epochs after which the averaged networks are kept")
    command.add_argument("--compile", action="store_true", help="compile the networks: pays on a GPU")
    command.set_defaults(run=train)


def train(options: argparse.Namespace) -> None:
    """Train, or go on with, one run."""
    chosen, run = options.preset or preset(), RUNS[options.recipe]
    set_seed(options.seed)
    for option in {name for other in RUNS.values() for name in other.options} - {*run.options}:
        if getattr(options, option) is not None:
            owners = " and ".join(name for name, other in RUNS.items() if option in other.options)
            raise ValueError(f"--{option.replace('_', '-')} is for {owners}, got it for {options.recipe}")
    options.run_dir = options.run_dir or Path("runs") / f"{options.recipe}-{chosen}"
    config = run.settings(options, chosen)
    recipe = run.build(config, options)
    if not (options.run_dir / "checkpoint.safetensors").exists():
        run.begin(recipe, options)
    make_ready(options.run_dir, bytes_needed(recipe))       # before the pictures are drawn, which takes long
    pictures = run.open(config, run.count(chosen, options), options)
    trainer = Trainer(recipe, pictures, run_dir=options.run_dir, seed=options.seed, transform=run.transform(),
                      precision=options.precision, log_every=options.log_every,
                      checkpoint_every=options.checkpoint_every, sample_every=options.sample_every,
                      snapshot_epochs=options.snapshot_epochs, compile=options.compile)
    if trainer.step:
        print(f"going on at round {trainer.step:,}")
    trainer.fit(epochs=options.epochs, steps=options.steps, max_minutes=options.minutes)
    print(f"{trainer.step:,} rounds, {trainer.epoch} epochs, {trainer.minutes:.1f} minutes: {options.run_dir}")
