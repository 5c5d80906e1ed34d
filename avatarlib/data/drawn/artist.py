"""DiceBear, imported when the first avatar is drawn: that takes 1.7 seconds, and most commands draw none."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    """``artist.Avatar`` is ``dicebear.Avatar``, and so on for all its names."""
    return getattr(import_module("dicebear"), name)
