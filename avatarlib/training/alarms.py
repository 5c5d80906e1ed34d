"""What goes wrong in a translation without any loss saying so, and what helps; looked for at every row of a history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = ["alarms"]

ROUNDS = 500            # a sign must last so long
WINNING = 0.05          # a discriminator's loss; 0.25 (least squares) or 1.386 (logarithms) is a draw
UNCHANGED = 0.02        # mean |G(x) - x| of pictures in [-1, 1]: five grey levels in 255 are 0.04

Row = Mapping[str, Any]

SIGNS: dict[str, tuple[Callable[[Row], bool], str]] = {
    "the discriminator wins": (
        lambda row: any(value < WINNING for name, value in row.items() if name.endswith("discriminator")),
        "penalty_weight=0.01, a shorter or narrower discriminator (judge_layers, judge_width), or a learning_rate "
        "below the generator_rate"),
    "the output equals the input": (
        lambda row: row["change"] < UNCHANGED,
        "a lower cycle_weight, identity_weight, content_weight or nce_weight, a higher adversarial_weight, a wider "
        "generator, a shorter first phase"),
    "light has become dark": (
        lambda row: row["likeness"] < 0,
        "begin anew with a warm-up (warm_up_share, initial_rounds) or a higher identity_weight or content_weight")}


def alarms(rows: Sequence[Row], *, rounds: int = ROUNDS) -> list[str]:
    """What has been wrong in every row of the last ``rounds`` rounds, each with its cures.

    Parameters
    ----------
    rows : sequence of mapping
        Of a history, each with its ``step``. Only a recipe that tells ``change`` and ``likeness`` is looked at, and
        only rounds in which there was a game: before it, ``adversarial`` is 0.
    rounds : int
        How long a sign must last.
    """
    if not rows or "change" not in rows[-1]:
        return []
    first = rows[-1]["step"] - rounds
    if rows[0]["step"] > first:
        return []
    since = [row for row in rows if row["step"] >= first]
    if any(not row.get("adversarial", 1.0) for row in since):
        return []
    return [f"{name} for {rounds} rounds: try {cure}" for name, (sign, cure) in SIGNS.items() if all(map(sign, since))]
