"""Tag probabilities of Illustration2Vec (Saito and Matsui 2015), read from CSV, and the 34 tags they stand for.

Its network (Caffe or Chainer) runs elsewhere; what is needed of it is a table: a row a picture, a column a tag.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from avatarlib.data.files.paths import user_path
from avatarlib.data.files.tables import read_table
from avatarlib.data.tags import EXCLUSIVE, TAGS

__all__ = ["read_probabilities", "tags_from_probabilities", "write_tags"]

FILE_COLUMNS = ("file", "filename", "image", "path", "name")
THRESHOLD = 0.25        # Xu and Jin et al. 2017


def tags_from_probabilities(probabilities: np.ndarray | Tensor, *, threshold: float = THRESHOLD) -> Tensor:
    """The tags of pictures, float32 (N, 34) of 0 and 1, from what a tagger thinks of each tag.

    Of the 13 hair colours and of the 10 eye colours the most probable is taken, even if it is not very
    probable, for every face has one; every other tag stands where its probability is above the threshold
    (Jin et al. 2017; Xu).

    Parameters
    ----------
    probabilities : ndarray or Tensor
        (N, 34) in [0, 1], in the order of ``TAGS``.
    threshold : float
        In [0, 1]; 0.25 in the papers.

    Raises
    ------
    ValueError
        If a shape, a value or the threshold does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from avatarlib.data import TAGS, tag_names, tags_from_probabilities
    >>> thought = {"red hair": 0.2, "pink hair": 0.1, "blue eyes": 0.9, "smile": 0.4, "hat": 0.2}
    >>> tags = tags_from_probabilities(np.array([[thought.get(tag, 0.0) for tag in TAGS]]))
    >>> tag_names(tags[0])                                                 # hair has some colour; a hat need not be
    ('red hair', 'smile', 'blue eyes')
    """
    values = torch.as_tensor(probabilities).double()
    if values.ndim != 2 or values.shape[1] != len(TAGS):
        raise ValueError(f"probabilities must be (N, {len(TAGS)}), got {tuple(values.shape)}")
    if not bool(((values >= 0) & (values <= 1)).all()):     # false for NaN, too
        raise ValueError(f"probabilities must be in [0, 1], got values from {values.min():g} to {values.max():g}")
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold must be in [0, 1], got {threshold}")
    tags = (values > threshold).float()
    for first, last in EXCLUSIVE:
        tags[:, first:last] = torch.nn.functional.one_hot(values[:, first:last].argmax(1), last - first).float()
    return tags


def read_probabilities(path: str | Path) -> tuple[list[str], np.ndarray]:
    """Read a table of probabilities or tags: file names, and float64 (N, 34) in the order of ``TAGS``.

    The file's name stands in a column ``file`` (or ``filename``, ``image``, ``path``, ``name``). The numbers
    stand in columns ``p_0`` to ``p_33``, or in columns named by the tags, in any order and among others: all
    1,539 tags of Illustration2Vec, say. Case, underscores and "gray" for "grey" make no difference.

    Raises
    ------
    ValueError
        If the file is no table, a column is missing or double, a file is named twice, or a number is none in [0, 1].

    Examples
    --------
    >>> import pandas as pd
    >>> from avatarlib.data import TAGS, read_probabilities
    >>> table = pd.DataFrame({"file": ["1.png"], **dict.fromkeys(TAGS, 0.1), "smile": 0.8})
    >>> table.to_csv("probabilities.csv", index=False)
    >>> files, probabilities = read_probabilities("probabilities.csv")
    >>> files, probabilities.shape, probabilities[0, TAGS.index("smile")].item()
    (['1.png'], (1, 34), 0.8)
    """
    path = user_path(path)
    whole = read_table(path, dtype=str, keep_default_na=False)      # with its header: pandas renames double columns
    table = whole.iloc[1:].set_axis(whole.iloc[0].tolist(), axis=1).reset_index(drop=True)
    places: dict[str, list[int]] = {}
    for place, column in enumerate(table.columns):
        places.setdefault(plain(column), []).append(place)
    name = next((column for column in FILE_COLUMNS if column in places), None)
    numbered = [f"p {tag}" for tag in range(len(TAGS))]
    wanted = numbered if numbered[0] in places else list(TAGS)
    missing = [column.replace("p ", "p_") for column in wanted if column not in places]
    if name is None or missing:
        need = "a column 'file'" if name is None else f"the columns {', '.join(missing)}"
        raise ValueError(f"{path.name} must have {need}, got {', '.join(table.columns[:8])}"
                         + (", ..." if len(table.columns) > 8 else ""))
    twice = [column for column in (name, *wanted) if len(places[column]) > 1]
    if twice:
        raise ValueError(f"{path.name} must have each column once, got several of "
                         f"{', '.join(column.replace('p ', 'p_') for column in twice)}")
    files = table.iloc[:, places[name][0]].tolist()
    double = table.index[pd.Series(files, dtype=str).duplicated()].tolist()
    if double:
        raise ValueError(f"{path.name} must name each file once, got {files[double[0]]!r} again in line "
                         f"{double[0] + 2}")
    return files, read_numbers(path.name, table.iloc[:, [places[column][0] for column in wanted]])


def read_numbers(source: str, table: pd.DataFrame) -> np.ndarray:
    """The cells as float64; a cell that is no number in [0, 1] is named by column and line."""
    values = table.apply(pd.to_numeric, errors="coerce").to_numpy(np.float64, copy=True)
    wrong = np.argwhere(~((values >= 0) & (values <= 1)))
    if len(wrong):
        row, column = wrong[0]
        raise ValueError(f"{source}: {table.columns[column]} must be a number in [0, 1], "
                         f"got {table.iat[row, column]!r} in line {row + 2}")
    return values


def write_tags(path: str | Path, files: Sequence[str], tags: Tensor) -> None:
    """Write a table that ``TagFolder`` reads: ``file`` and the 34 tags as 0 and 1."""
    table = pd.DataFrame(tags.int().numpy(), columns=list(TAGS))
    table.insert(0, "file", list(files))
    table.to_csv(path, index=False, lineterminator="\n", errors="surrogateescape")


def plain(column: str) -> str:
    """A column's name as ``TAGS`` spells it."""
    return re.sub(r"\bgray\b", "grey", re.sub(r"[\s_]+", " ", column.strip().lower()))
