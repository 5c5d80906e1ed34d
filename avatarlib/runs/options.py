"""What the command line may say of a run, and what becomes of it: a recipe's settings, and the pictures."""

from __future__ import annotations

import argparse
import ast
import difflib
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from avatarlib.data import AvatarSet, CartoonSet, ImageSet, TaggedAvatarSet
from avatarlib.data.files.paths import user_path
from avatarlib.data.tags import PRIORS

__all__ = ["BEGIN_FROM", "DATA", "SETS", "Options", "add_options", "open_data", "options_for", "positive", "setting",
           "whole"]

# --data -> how the names of such sets begin
SETS = {"avatarset": r"AvatarSet (?P<style>\S+)", "tagged": r"TaggedAvatarSet, (?P<prior>\S+) prior",
        "cartoonset10k": "CartoonSet 10k", "cartoonset100k": "CartoonSet 100k"}

Options = Mapping[str, Mapping[str, Any]]       # an option's name -> what argparse must know of it


def data_name(text: str) -> str:
    """The type of ``--data``: the name of a set, or two folders with a comma between them."""
    if text not in SETS and sum(map(bool, text.split(","))) != 2:
        raise argparse.ArgumentTypeError(f"must be one of {', '.join(SETS)}, or two folders as A,B, got {text!r}")
    return text


# Options that are for some runs only: a run names those it takes.
DATA: Options = {
    "data": {"type": data_name, "metavar": "DATA",
             "help": f"{', '.join(SETS)} (default avatarset; for evaluate: the model's own); translations take two "
                     "folders, of photographs and of cartoons, as A,B (default FaceSet)"},
    "style": {"help": "drawing style of AvatarSet (default avataaars)"},
    "prior": {"choices": PRIORS, "help": "how tags are drawn (default paper)"}}

BEGIN_FROM: Options = {"begin_from": {
    "type": user_path, "metavar": "RUN",
    "help": "acgan and translations: a new run begins where this one of the same paper stands, maybe at another size; "
            "translations also begin with a model, such as cut-anime-64, and a fresh discriminator"}}


def whole(least: int) -> Callable[[str], int]:
    """The type of an option that is a whole number of at least ``least``."""
    def integer(text: str) -> int:      # argparse shows this name where the text is none
        if (value := int(text)) < least:
            raise argparse.ArgumentTypeError(f"must be at least {least}, got {text}")
        return value
    return integer


def positive(text: str) -> float:
    """The type of an option that is a finite number above 0."""
    if not 0 < (value := float(text)) < math.inf:
        raise argparse.ArgumentTypeError(f"must be above 0 and finite, got {text}")
    return value


def add_options(command: argparse.ArgumentParser, special: Options) -> None:
    """Options that choose the pictures; what is not given is None, and who opens the pictures has the defaults."""
    for name, described in special.items():
        command.add_argument(f"--{name.replace('_', '-')}", **described)
    command.add_argument("--count", type=whole(1), help="pictures to draw (default: by preset)")
    command.add_argument("--size", type=whole(1), help="pixels a side (default: 64, and 128 for the judges)")
    command.add_argument("--seed", type=whole(0), default=0, help="of everything random (default %(default)s)")


def open_data(options: argparse.Namespace, count: int, split: str = "train") -> ImageSet:
    """The set that the options of ``DATA`` name."""
    size, kind = options.size or 64, options.data or "avatarset"
    if kind not in SETS:
        raise ValueError(f"--data must be one of {', '.join(SETS)} for what draws from noise or tags, got {kind!r}")
    if kind == "avatarset":
        return AvatarSet(options.style or "avataaars", size=size, count=count, seed=options.seed, split=split)
    if kind == "tagged":
        return TaggedAvatarSet(size=size, count=count, seed=options.seed, split=split, prior=options.prior or "paper")
    return CartoonSet(variant=kind.removeprefix("cartoonset"), size=size, split=split, download=True)


def options_for(name: Any) -> dict[str, str | None]:
    """The options of ``DATA`` that open a set again, from its name as a run notes it; None for any other set."""
    found = {kind: match for kind, pattern in SETS.items() if (match := re.match(pattern, str(name)))}
    kind = next(iter(found), None)
    return {**dict.fromkeys(DATA), "data": kind, **(found[kind].groupdict() if kind else {})}


def setting(config: Any, text: str) -> tuple[str, Any]:
    """Name and value of ``NAME=VALUE``, for a field of this config; the value must be of the field's kind."""
    name, equals, value = text.partition("=")
    types = {field.name: field.type for field in fields(config)}
    if not equals or name not in types:
        near = difflib.get_close_matches(name, types, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"--set must be NAME=VALUE with a name of {', '.join(types)}, got {text!r}{hint}")
    old = getattr(config, name)
    example = old if old is not None else 1 if types[name] == "int | None" else 0.5
    kind = type(example)
    try:
        new = value if isinstance(old, str) else ast.literal_eval(value)
    except (ValueError, SyntaxError):
        new = ...                                           # of no field's kind
    if kind is float and type(new) is int:
        new = float(new)
    if not isinstance(new, kind) or isinstance(new, bool) != isinstance(old, bool):
        raise ValueError(f"{name} must be a value like {example!r}, got {value!r}")
    return name, new
