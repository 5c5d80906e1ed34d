"""Numbers on the command line, each with its bound: types for argparse, which names the option and stops."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable

__all__ = ["positive", "whole"]


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
