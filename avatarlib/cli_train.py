"""The command ``avatarlib train``: which recipe, on which pictures, for how long."""

from __future__ import annotations

import argparse
import ast
import difflib
import re
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from avatarlib import judges
from avatarlib.cli_types import positive, whole
from avatarlib.data import AvatarSet, CartoonSet, ImageSet, TaggedAvatarSet
from avatarlib.data.files import user_path
from avatarlib.data.mixed import join
from avatarlib.data.tags import PRIORS
from avatarlib.presets import PRESETS, preset, set_seed
from avatarlib.recipes import DCGAN, ACGANConfig, DCGANConfig, LandmarkConfig, Recipe, TaggerConfig
from avatarlib.stages import keep_before, stages, stages_before
from avatarlib.text_to_avatar import acgan_from_run, acgan_recipe
from avatarlib.training import Trainer
from avatarlib.training.checkpoint import bytes_needed
from avatarlib.training.files import make_ready

__all__ = ["add_data_options", "add_train", "open_data"]

# --data -> how the names of such sets begin
SETS = {"avatarset": r"AvatarSet (?P<style>\S+)", "tagged": r"TaggedAvatarSet, (?P<prior>\S+) prior",
        "cartoonset10k": "CartoonSet 10k", "cartoonset100k": "CartoonSet 100k"}
OWNERS = {"begin_from": ("acgan",), "data": ("dcgan",), "style": ("dcgan",), "prior": ("acgan", "dcgan")}

# the recipe, what opens its pictures (the slow part), more arguments of the Trainer
Plan = tuple[Recipe, Callable[[], ImageSet], dict[str, Any]]


def add_data_options(command: argparse.ArgumentParser) -> None:
    """Options that choose the pictures; what is not given is None, and ``open_data`` has the defaults."""
    command.add_argument("--data", choices=tuple(SETS), help="(default avatarset; for evaluate: the model's own)")
    command.add_argument("--style", help="drawing style of AvatarSet (default avataaars)")
    command.add_argument("--prior", choices=PRIORS, help="how tags are drawn (default paper)")
    command.add_argument("--count", type=whole(1), help="pictures to draw (default: by preset)")
    command.add_argument("--size", type=whole(1), help="pixels a side (default: 64, and 128 for the judges)")
    command.add_argument("--seed", type=whole(0), default=0, help="of everything random (default %(default)s)")


def open_data(options: argparse.Namespace, count: int, split: str = "train") -> ImageSet:
    """The set that the options name."""
    size, kind = options.size or 64, options.data or "avatarset"
    if kind == "avatarset":
        return AvatarSet(options.style or "avataaars", size=size, count=count, seed=options.seed, split=split)
    if kind == "tagged":
        return TaggedAvatarSet(size=size, count=count, seed=options.seed, split=split, prior=options.prior or "paper")
    return CartoonSet(variant=kind.removeprefix("cartoonset"), size=size, split=split, download=True)


def options_for(name: str) -> dict[str, str]:
    """The options that open a set again, from its name as a run and a model note it; none for a set of one's own."""
    for kind, pattern in SETS.items():
        if found := re.match(pattern, name):
            return {"data": kind, **found.groupdict()}
    return {}


def changed(config: Any, options: argparse.Namespace) -> Any:
    """The preset's config with the changes of the command line."""
    return replace(config, **dict(setting(config, text) for text in options.set))


def planned(config: Any, options: argparse.Namespace) -> Any:
    """The same for a judge, whose learning rate is planned over all its rounds; a game just stops after them."""
    config = changed(config, options)
    return replace(config, rounds=options.steps or config.rounds)


def setting(config: Any, text: str) -> tuple[str, Any]:
    """Name and value of ``NAME=VALUE``, for a field of this config; the value must be of the field's kind."""
    name, equals, value = text.partition("=")
    names = [field.name for field in fields(config)]
    if not equals or name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"--set must be NAME=VALUE with a name of {', '.join(names)}, got {text!r}{hint}")
    old = getattr(config, name)
    try:
        new = value if isinstance(old, str) else ast.literal_eval(value)
    except (ValueError, SyntaxError):
        new = ...                                           # of no field's kind
    if isinstance(old, float | None) and type(new) is int:
        new = float(new)
    if not isinstance(new, float if old is None else type(old)) or isinstance(new, bool) != isinstance(old, bool):
        raise ValueError(f"{name} must be a value like {0.5 if old is None else old!r}, got {value!r}")
    return name, new


def plan_dcgan(options: argparse.Namespace, name: str) -> Plan:
    """DCGAN on AvatarSet, TaggedAvatarSet or CartoonSet."""
    if options.size not in (None, 64):
        raise ValueError(f"--size must be 64 for dcgan, got {options.size}")
    count = options.count or {"smoke": 256, "quick": 2_000, "full": 10_000}[name]
    recipe = DCGAN(changed(DCGANConfig.preset(name), options), seed=options.seed)
    return recipe, lambda: open_data(options, count), {}


def plan_acgan(options: argparse.Namespace, name: str) -> Plan:
    """ACGAN on avatars drawn from tags; fakes are asked for what can be drawn, by the same rule."""
    config, prior = changed(ACGANConfig.preset(name), options), options.prior or "paper"
    going_on = (options.run_dir / "checkpoint.safetensors").exists()
    other = None if going_on else options.begin_from
    if not going_on and other is None and (options.run_dir / "before").exists():
        raise ValueError(f"--begin-from must be given again: {str(options.run_dir)!r} holds what came before a run "
                         "that has no checkpoint yet; or give another --run-dir")
    before = stages_before(options.run_dir) if going_on else stages(other) if other is not None else []
    config = replace(config, size=options.size or config.size, prior=prior,
                     rounds_before=sum(stage["step"] for stage in before))
    recipe = acgan_recipe(config, seed=options.seed)
    if other is not None:
        recipe.begin_from(acgan_from_run(other)[0])
        make_ready(options.run_dir)
        keep_before(options.run_dir, other)
    count = options.count or {"smoke": 256, "quick": 6_000, "full": 60_000}[name]
    return recipe, lambda: TaggedAvatarSet(size=config.size, count=count, seed=options.seed, prior=prior), {}


def plan_tagger(options: argparse.Namespace, name: str) -> Plan:
    """The tagger, on tagged avatars and avataaars."""
    config = planned(TaggerConfig.preset(name), options)
    recipe = judges.tagger_recipe(config, seed=options.seed)
    count = options.count or {"smoke": 256, "quick": 30_000, "full": 90_000}[name]
    size, seed = options.size or config.size, options.seed
    return recipe, lambda: join("tagged avatars and avataaars", judges.tagger_sets(count, size, seed=seed)), {
        "transform": judges.flawed}


def plan_landmarks(options: argparse.Namespace, name: str) -> Plan:
    """The landmark network, on portraits and the drawings under them."""
    config = planned(LandmarkConfig.preset(name), options)
    recipe = judges.landmark_recipe(config, seed=options.seed)
    count = options.count or {"smoke": 64, "quick": 8_000, "full": 30_000}[name]
    size, seed = options.size or config.size, options.seed
    return recipe, lambda: join("portraits and drawings", [*judges.landmark_sets(count, size, seed=seed).values()]), {}


PLANS: dict[str, Callable[[argparse.Namespace, str], Plan]] = {
    "dcgan": plan_dcgan, "acgan": plan_acgan, "tagger": plan_tagger, "landmarks": plan_landmarks}


def add_train(commands: argparse._SubParsersAction) -> None:
    """avatarlib train dcgan | acgan | tagger | landmarks"""
    command = commands.add_parser("train", help="train a model; run it again to go on")
    command.add_argument("recipe", choices=tuple(PLANS))
    command.add_argument("--preset", choices=PRESETS, help="default: full with CUDA, else quick")
    add_data_options(command)
    command.add_argument("--begin-from", type=user_path, metavar="RUN",
                         help="acgan: a new run begins where this one, of the same or half the size, stands")
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
    name = preset(options.preset)
    set_seed(options.seed)
    for option, owners in OWNERS.items():
        if getattr(options, option) is not None and options.recipe not in owners:
            raise ValueError(f"--{option.replace('_', '-')} is for {' and '.join(owners)}, got it for {options.recipe}")
    options.run_dir = options.run_dir or Path("runs") / f"{options.recipe}-{name}"
    recipe, open_pictures, more = PLANS[options.recipe](options, name)
    make_ready(options.run_dir, bytes_needed(recipe))
    trainer = Trainer(recipe, open_pictures(), run_dir=options.run_dir, seed=options.seed,
                      precision=options.precision, log_every=options.log_every,
                      checkpoint_every=options.checkpoint_every, sample_every=options.sample_every,
                      snapshot_epochs=options.snapshot_epochs, compile=options.compile, **more)
    if trainer.step:
        print(f"going on at round {trainer.step:,}")
    trainer.fit(epochs=options.epochs, steps=options.steps, max_minutes=options.minutes)
    print(f"{trainer.step:,} rounds, {trainer.epoch} epochs, {trainer.minutes:.1f} minutes: {options.run_dir}")
