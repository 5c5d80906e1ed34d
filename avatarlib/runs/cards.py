"""What the model cards share: facts of a run, and tables."""

from __future__ import annotations

from typing import Any

import pandas as pd
from torch import nn

from avatarlib.runs.saved import SavedRun, devices, images_a_round

__all__ = ["facts", "markdown"]


def facts(saved: SavedRun, network: nn.Module) -> dict[str, Any]:
    """What any card may say: the settings of the run's config by name, and these facts of all its stages.

    Of several sets ``data`` has all names, ``count`` all pictures, and ``data_size`` the largest size.
    """
    names, counts, sizes = ([*value.values()] if isinstance(value, dict) else [value]
                            for value in (saved.identity[key] for key in ("data", "count", "size")))
    return {**saved.identity["config"], "parameters": sum(p.numel() for p in network.parameters()),
            "data": " and ".join(names), "count": sum(counts), "data_size": max(sizes),
            "seed": saved.identity["seed"], "rounds": saved.rounds, "batch": saved.images_a_round,
            "images": sum(stage["step"] * images_a_round(stage) for stage in saved.stages),
            "minutes": sum(stage["minutes"] for stage in saved.stages), "device": devices(saved.stages)}


def markdown(frame: pd.DataFrame) -> str:
    """A table in Markdown, fractions to four digits."""
    columns = [str(frame.index.name or ""), *map(str, frame.columns)]
    rows = [[str(index), *(f"{value:.4f}" if isinstance(value, float) else str(value) for value in row)]
            for index, row in zip(frame.index, frame.itertuples(index=False), strict=True)]
    return "\n".join("| " + " | ".join(row) + " |" for row in [columns, ["---"] * len(columns), *rows])
