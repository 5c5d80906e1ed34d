"""What a chapter claims of a run made on the reader's machine, checked there and kept for ``make steady``."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from avatarlib.presets import preset

__all__ = ["claim"]


def claim(holds: bool | Sequence[float], text: str) -> None:
    """Check what the text beside a cell says of its result.

    Training differs in its last digits from processor to processor, so a claim about a run made here is shown
    beforehand to hold over seeds, instruction sets and threads (``make steady``). Should it fail on a reader's
    machine all the same, this says so plainly and the chapter goes on; where the variable ``CI`` is set, it is an
    error. At the preset ``smoke`` nothing has been learnt, and nothing is checked.

    Parameters
    ----------
    holds : bool or sequence of float
        Whether the claim is true; or numbers that must rise, such as ``(loss_of_one, 0.1, loss_of_the_other)``, of
        which the margin is noted, too.
    text : str
        The claim, as a sentence without a full stop.

    Raises
    ------
    AssertionError
        If the claim does not hold and ``CI`` is set.
    ValueError
        If numbers are fewer than two.

    Examples
    --------
    >>> from unittest.mock import patch
    >>> from avatarlib import claim
    >>> claim((0.25, 0.5), "the loss rises")                   # it does: nothing is said
    >>> with patch.dict("os.environ", CI="true"):              # as where the book is built
    ...     claim((0.5, 0.25), "the loss rises")
    Traceback (most recent call last):
        ...
    AssertionError: the loss rises: here it came out differently (these should rise: 0.5, 0.25)
    """
    values = None if isinstance(holds, bool) else [float(value) for value in holds]
    if values is not None and len(values) < 2:
        raise ValueError(f"holds must be true, false, or at least two numbers that rise, got {values}")
    if preset() == "smoke":
        return
    good = bool(holds) if values is None else all(a < b for a, b in pairwise(values))
    if os.environ.get("AVATARLIB_CLAIMS"):
        row = {"claim": text, "held": good, "margin": None if values is None else margin(values), "values": values}
        with Path(os.environ["AVATARLIB_CLAIMS"]).open("a", encoding="utf-8") as file:     # ``make steady`` reads it
            file.write(json.dumps(row) + "\n")
    elif not good:
        seen = "" if values is None else " (these should rise: " + ", ".join(f"{value:.4g}" for value in values) + ")"
        message = f"{text}: here it came out differently{seen}"
        if os.environ.get("CI"):
            raise AssertionError(message)
        print(f"{message}. The text describes how it goes as a rule; see the troubleshooting page.")


def margin(values: Sequence[float]) -> float:
    """The smallest step between neighbours as a share of the larger one's size; negative where they fall."""
    return min((b - a) / max(abs(a), abs(b), 1e-12) if math.isfinite(a) and math.isfinite(b) else -math.inf
               for a, b in pairwise(values))
