"""Which size of run a reader gets, and the seed that makes it repeatable."""

from __future__ import annotations

import os
import random

import numpy as np
import torch

__all__ = ["PRESETS", "preset", "set_seed"]

PRESETS = ("smoke", "quick", "full")


def preset(name: str | None = None) -> str:
    """Choose a preset: ``name``, else the variable ``AVATARLIB_PRESET``, else by the machine.

    ``smoke`` takes seconds (tests), ``quick`` about two minutes a chapter on a laptop's CPU, ``full`` is the
    paper's setting for a GPU. Without a choice it is ``full`` where CUDA is available, else ``quick``.

    Raises
    ------
    ValueError
        If the choice is none of the three.

    Examples
    --------
    >>> from avatarlib import preset
    >>> preset("smoke")
    'smoke'
    >>> preset("fast")
    Traceback (most recent call last):
        ...
    ValueError: name must be one of ('smoke', 'quick', 'full'), got 'fast'
    """
    choice = name or os.environ.get("AVATARLIB_PRESET")
    if choice is None:
        return "full" if torch.cuda.is_available() else "quick"
    if choice not in PRESETS:
        source = "name" if name else "AVATARLIB_PRESET"
        raise ValueError(f"{source} must be one of {PRESETS}, got {choice!r}")
    return choice


def set_seed(seed: int | None = None) -> int:
    """Seed Python's, NumPy's and torch's global generators (torch's on every device); returns the seed.

    Without ``seed`` it is the variable ``AVATARLIB_SEED``, else 0. Chapters leave it out, so that ``make steady`` can
    repeat what they do with other seeds.

    Raises
    ------
    ValueError
        If it is not an integer in [0, 2**32 - 1].

    Examples
    --------
    >>> import torch
    >>> from avatarlib import set_seed
    >>> set_seed(7)
    7
    >>> first, seed = torch.rand(3), set_seed(7)               # from the beginning again
    >>> (torch.rand(3) - first).tolist()
    [0.0, 0.0, 0.0]
    """
    if seed is None:
        text = os.environ.get("AVATARLIB_SEED", "0")
        if not text.isdecimal():
            raise ValueError(f"AVATARLIB_SEED must be an integer in [0, 4294967295], got {text!r}")
        seed = int(text)
    if not isinstance(seed, int) or not 0 <= seed < 2**32:
        raise ValueError(f"seed must be an integer in [0, 4294967295], got {seed!r}")
    random.seed(seed)
    np.random.seed(seed)   # noqa: NPY002 - the global generator is what libraries read
    torch.manual_seed(seed)
    return seed
