"""CelebA: 202,599 photographs of faces with 40 attributes and five landmarks (Liu et al. 2015)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from torchvision import datasets

from avatarlib.data.base import ImageSet, cache_dir
from avatarlib.data.folders import read_pictures
from avatarlib.data.images import check_size, fingerprint

__all__ = ["CELEBA_LANDMARKS", "CelebA"]

SPLITS = ("train", "valid", "test")             # 0, 1, 2 in the partition file
CELEBA_LANDMARKS = ("left eye", "right eye", "nose", "left mouth corner", "right mouth corner")   # of the picture
ALIGNED = (178, 218)                            # width and height of the aligned pictures


class CelebA(ImageSet):
    """CelebA's aligned faces, cut to their central square of 178 pixels and resized, with their labels.

    Read from torchvision's folder, ``root/celeba`` with ``img_align_celeba`` and the ``list_*.txt`` files, or
    from the Kaggle copy, where the lists are CSV files. Labels are the 40 attributes, 0 no and 1 yes. The extra
    ``landmarks``, float32 (N, 5, 2), holds (x, y) of ``CELEBA_LANDMARKS`` in pixels of the resized picture,
    pixel centres at whole numbers; it is there if the landmark list is. For research that is not commercial:
    never ship weights trained on it.

    Parameters
    ----------
    root : str or Path, optional
        Folder that holds ``celeba``, or is it; default ``avatarlib.data.cache_dir()``.
    split : {"train", "valid", "test", "all"}
        162,770, 19,867, 19,962 or all 202,599 pictures.
    size : int
        Height and width in pixels.
    count : int, optional
        Only the first so many of the split; all of them at 128 pixels are 10 GB.
    download : bool
        Let torchvision fetch what is missing, from Google Drive, which needs ``pip install gdown`` and often
        refuses because too many have asked that day.
    workers : int
        Threads that decode; -1 takes one a processor.
    progress : bool
        Show a progress bar.
    cache : Path, optional
        Folder of the cache; default ``avatarlib.data.cache_dir()``.

    Attributes
    ----------
    files : list of Path
        The file of every picture.

    Raises
    ------
    ValueError
        If an argument is out of range, or pictures or lists are not there or do not fit together.
    """

    def __init__(self, root: str | Path | None = None, *, split: str = "train", size: int = 128,
                 count: int | None = None, download: bool = False, workers: int = -1, progress: bool = True,
                 cache: Path | None = None) -> None:
        check_size(size)
        if split not in (*SPLITS, "all"):
            raise ValueError(f"split must be one of {(*SPLITS, 'all')}, got {split!r}")
        if count is not None and count < 1:
            raise ValueError(f"count must be at least 1, got {count}")
        root = Path(root).expanduser() if root else cache_dir()
        if download and not is_complete(root):
            datasets.CelebA(str(root), split="all", download=True)      # torchvision checks its MD5 sums
        folder, pictures = find_folders(root)
        table = read_table(folder, split).iloc[:count]
        if table.empty:
            raise ValueError(f"root must list pictures for the split {split!r}, got none in {str(folder)!r}")
        check_pictures(pictures, table.index)
        attributes = [name for name in table if not name.startswith(("partition", *POINT_PREFIXES))]
        points = [name for name in table if name.startswith(POINT_PREFIXES)]
        extras = {"landmarks": to_square(table[points].to_numpy(np.float32).reshape(len(table), -1, 2), size)} \
            if points else {}
        lists = [path for path in sorted(folder.glob("list_*")) if path.is_file()]
        parts, self.files = read_pictures(
            "celeba", [pictures / name for name in table.index], size,
            labels=(table[attributes].to_numpy() > 0).astype(np.int64),
            schema=dict.fromkeys(attributes, ("no", "yes")), extras=extras,
            key={"split": split, "lists": fingerprint(lists)}, workers=workers, progress=progress, cache=cache)
        super().__init__(f"CelebA ({split})", *parts)


POINT_PREFIXES = ("lefteye_", "righteye_", "nose_", "leftmouth_", "rightmouth_")


def is_complete(root: Path) -> bool:
    """Whether pictures and lists are already there."""
    try:
        read_table(find_folders(root)[0], "all")
    except ValueError:
        return False
    return True


def find_folders(root: Path) -> tuple[Path, Path]:
    """Where the lists are, and where the pictures; Kaggle's copy has the pictures one folder deeper."""
    for folder in (root / "celeba", root):
        for pictures in (folder / "img_align_celeba" / "img_align_celeba", folder / "img_align_celeba"):
            if pictures.is_dir():
                return folder, pictures
    raise ValueError(f"root must hold celeba/img_align_celeba, got {str(root)!r} without it; download=True fetches "
                     "it, or unpack a copy from mmlab.ie.cuhk.edu.hk/projects/CelebA.html there")


def check_pictures(pictures: Path, names: pd.Index) -> None:
    """Refuse a folder that lacks listed pictures: an interrupted unpacking, say."""
    missing = names.difference([path.name for path in pictures.iterdir()])
    if len(missing):
        raise ValueError(f"root must hold the pictures that its lists name, got {len(missing):,} of {len(names):,} "
                         f"missing in {str(pictures)!r}, such as {missing[0]}")


def read_table(folder: Path, split: str) -> pd.DataFrame:
    """A row a picture of the split, by file name: partition, 40 attributes and, if listed, 10 coordinates."""
    attributes, partition = read_list(folder, "attr_celeba"), read_list(folder, "eval_partition")
    landmarks = read_list(folder, "landmarks_align_celeba")
    if attributes is None or partition is None:
        missing = "attr_celeba" if attributes is None else "eval_partition"
        raise ValueError(f"root must hold list_{missing}.txt or .csv beside the pictures, got {str(folder)!r} "
                         "without it")
    partition.columns = ["partition"]
    tables = [partition, attributes, *([landmarks] if landmarks is not None else [])]
    for table in tables[1:]:
        unknown = partition.index.difference(table.index)
        if len(unknown):
            raise ValueError(f"root must hold lists of the same pictures, got {len(unknown):,} without a row in one "
                             f"of them, such as {unknown[0]}")
    whole = pd.concat([partition, *(table.loc[partition.index] for table in tables[1:])], axis=1)
    return whole if split == "all" else whole[whole["partition"] == SPLITS.index(split)]


def read_list(folder: Path, name: str) -> pd.DataFrame | None:
    """One list by file name: CSV (Kaggle) or text, whose first line is the count and second the columns."""
    if (folder / f"list_{name}.csv").exists():
        return pd.read_csv(folder / f"list_{name}.csv", index_col=0)
    path = folder / f"list_{name}.txt"
    if not path.exists():
        return None
    if name == "eval_partition":
        return pd.read_csv(path, sep=r"\s+", header=None, index_col=0)
    with path.open(encoding="utf-8") as lines:
        next(lines, None)
        columns = next(lines, "").split()
    return pd.read_csv(path, sep=r"\s+", header=None, skiprows=2, names=["file", *columns], index_col=0)


def to_square(points: np.ndarray, size: int) -> np.ndarray:
    """Points (N, 5, 2) of the aligned picture in the resized central square, pixel centres at whole numbers."""
    width, height = ALIGNED
    side = min(ALIGNED)
    corner = np.array([(width - side) / 2, (height - side) / 2], np.float32)
    return ((points - corner + 0.5) * (size / side) - 0.5).astype(np.float32)
