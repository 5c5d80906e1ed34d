"""Folders of drawn faces with a table of tags: what Getchu or Safebooru pictures are once they are prepared."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from avatarlib.data.base import ImageSet
from avatarlib.data.files.folders import read_pictures
from avatarlib.data.files.images import check_size
from avatarlib.data.files.paths import user_path
from avatarlib.data.real.illustration2vec import THRESHOLD, read_probabilities, tags_from_probabilities
from avatarlib.data.tags import TAGS

__all__ = ["TagFolder"]


class TagFolder(ImageSet):
    """Pictures with the 34 tags as labels (0 no, 1 yes), as TaggedAvatarSet has them.

    Parameters
    ----------
    root : str or Path
        Folder of the pictures.
    table : str or Path
        CSV file, absolute or under ``root``, with a column ``file`` (names under ``root``) and either ``p_0`` to
        ``p_33`` or the tags' names as columns; see ``read_probabilities``. A table of nothing but 0 and 1 is
        taken as it is; probabilities become tags by the papers' rule, ``tags_from_probabilities``. Pictures that
        the table does not name are not in the set.
    size : int
        Height and width in pixels to cut and resize to.
    threshold : float
        Of the tags outside the colour groups, for probabilities.
    name : str, optional
        Name of the set; default the folder's.
    workers, progress, cache
        As in ``PictureFolder``.

    Attributes
    ----------
    files : list of Path
        The file of every picture.

    Raises
    ------
    ValueError
        If an argument is out of range, the table is malformed, or names files that are not there.

    Examples
    --------
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> from PIL import Image
    >>> from avatarlib.data import TAGS, TagFolder
    >>> Path("drawings").mkdir(exist_ok=True)
    >>> Image.new("RGB", (40, 40)).save("drawings/1.png")
    >>> table = pd.DataFrame({"file": ["1.png"], **dict.fromkeys(TAGS, 0), "red hair": 1, "blue eyes": 1, "smile": 1})
    >>> table.to_csv("drawings/tags.csv", index=False)
    >>> drawings = TagFolder("drawings", size=16, progress=False)
    >>> tuple(drawings.tags.shape), drawings.describe(0)["smile"], drawings.tags.sum().item()
    ((1, 34), 'yes', 3.0)
    """

    def __init__(self, root: str | Path, table: str | Path = "tags.csv", *, size: int = 128,
                 threshold: float = THRESHOLD, name: str | None = None, workers: int = -1, progress: bool = True,
                 cache: Path | None = None) -> None:
        check_size(size)
        root = user_path(root)
        table = root / user_path(table)
        if not table.is_file():
            raise ValueError(f"table must be a CSV file, got {str(table)!r}, which is not there; "
                             "avatarlib data tags --from-csv makes one")
        names, values = read_probabilities(table)
        missing = [file for file in names if not os.path.isfile(root / file)]    # noqa: PTH113 (raises nothing)
        if missing or not names:
            told = f"{len(missing):,} that are not there, such as {missing[0]!r}" if missing else "none"
            raise ValueError(f"{table.name} must name files under root, got {told}")
        tags = torch.from_numpy(values) if np.isin(values, (0, 1)).all() else \
            tags_from_probabilities(values, threshold=threshold)
        parts, self.files = read_pictures(
            "tag-folder", [root / file for file in names], size, labels=tags.long().numpy(),
            schema=dict.fromkeys(TAGS, ("no", "yes")), workers=workers, progress=progress, cache=cache)
        super().__init__(name or root.name, *parts)

    @property
    def tags(self) -> Tensor:
        """The labels as float32 (N, 34) of 0 and 1."""
        return self.labels.float()
