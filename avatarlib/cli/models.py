"""Models by name for the commands that use one."""

from __future__ import annotations

from torch import nn

from avatarlib import pretrained
from avatarlib.runs.base import Run
from avatarlib.runs.registry import run_of

__all__ = ["generators", "opened"]


def generators() -> tuple[str, ...]:
    """The shipped models that draw pictures from noise or tags."""
    return tuple(name for name in pretrained.names()
                 if (run := run_of(pretrained.model_class(name))) and run.takes in ("noise", "tags"))


def opened(model: str) -> tuple[nn.Module, Run]:
    """A model that makes pictures, and what is to be known of it."""
    network = pretrained.load(model)
    run = run_of(network)
    if run is None or not run.takes:
        raise ValueError(f"model must be a generator, one of {', '.join(generators())} or a folder "
                         f"with one, got {model!r}, a {type(network).__name__}")
    return network, run
