"""Tables of others: what is wrong with a file is said with its name, before and instead of what pandas would say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

__all__ = ["read_table"]

HEAD = 4096     # bytes that are looked at first


def read_table(path: Path, separator: str = ",", **options: Any) -> pd.DataFrame:
    """The cells of a table, its header among them unless ``options`` for ``pandas.read_csv`` skip it.

    Names of files that are no UTF-8 come as Python has them elsewhere, with surrogates.

    Raises
    ------
    ValueError
        If the file is empty, a web page, no text, separated otherwise or of rows that do not fit; it is named.
    """
    with path.open("rb") as file:
        head = file.read(HEAD).decode("utf-8-sig", "replace")
    first = head.lstrip().partition("\n")[0]
    fault = "is empty" if not first else \
        "is a web page, not a table; servers send one where a file is not to be had: fetch it again" \
        if first.startswith("<") else \
        "is no text in UTF-8" if "\0" in head else \
        f"must be separated by commas, got {first[:40]!r}" if separator == "," and "," not in first else ""
    if fault:
        raise ValueError(f"{path.name} {fault}")
    try:
        return pd.read_csv(path, sep=separator, header=None, encoding_errors="surrogateescape", **options)
    except (ValueError, OverflowError) as error:        # pandas' own errors are ValueErrors
        raise ValueError(f"{path.name} is no table that can be read: {error}") from error
