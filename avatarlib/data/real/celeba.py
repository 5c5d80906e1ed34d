"""CelebA: 202,599 photographs of faces with 40 attributes and five landmarks (Liu et al. 2015)."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
from torchvision import datasets

from avatarlib.data.base import ImageSet, cache_dir
from avatarlib.data.files.download import DownloadError
from avatarlib.data.files.folders import read_pictures
from avatarlib.data.files.images import check_size
from avatarlib.data.files.paths import SUFFIXES, seen_in, user_path
from avatarlib.data.files.tables import read_table

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
    workers, progress, cache
        As in ``PictureFolder``.

    Attributes
    ----------
    files : list of Path
        The file of every picture.

    Raises
    ------
    ValueError
        If an argument is out of range, or pictures or lists are not there or do not fit together; a list that is
        none is named, with what is wrong in it.
    DownloadError
        If torchvision could not fetch it.

    Examples
    --------
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> from PIL import Image
    >>> from avatarlib.data import CelebA
    >>> folder = Path("faces", "celeba")                                   # as Kaggle's copy has it
    >>> (folder / "img_align_celeba").mkdir(parents=True, exist_ok=True)
    >>> Image.new("RGB", (178, 218)).save(folder / "img_align_celeba" / "000001.jpg")
    >>> for name, columns in {"eval_partition": {"partition": 0}, "attr_celeba": {"Hat": -1, "Smiling": 1}}.items():
    ...     pd.DataFrame(columns, index=["000001.jpg"]).to_csv(folder / f"list_{name}.csv", index_label="image_id")
    >>> faces = CelebA("faces", size=32, progress=False)
    >>> faces, faces.describe(0)
    (CelebA (train): 1 pictures of 32 px, 2 attributes, {'Hat': 'no', 'Smiling': 'yes'})
    """

    def __init__(self, root: str | Path | None = None, *, split: str = "train", size: int = 128,
                 count: int | None = None, download: bool = False, workers: int = -1, progress: bool = True,
                 cache: Path | None = None) -> None:
        check_size(size)
        if split not in (*SPLITS, "all"):
            raise ValueError(f"split must be one of {(*SPLITS, 'all')}, got {split!r}")
        if count is not None and count < 1:
            raise ValueError(f"count must be at least 1, got {count}")
        root = user_path(root) if root else cache_dir()
        if download and not is_complete(root):
            fetch_celeba(root)
        folder, pictures = find_folders(root)
        attributes, landmarks = (table if table is None else table.iloc[:count] for table in read_lists(folder, split))
        if attributes is None or attributes.empty:
            raise ValueError(f"root must list pictures for the split {split!r}, got none in {str(folder)!r}")
        check_pictures(pictures, attributes.index)
        extras = {} if landmarks is None else {
            "landmarks": to_square(landmarks.to_numpy(np.float32).reshape(len(landmarks), -1, 2), size)}
        parts, self.files = read_pictures(
            "celeba", [pictures / name for name in attributes.index], size,
            labels=(attributes.to_numpy() > 0).astype(np.int64), schema=dict.fromkeys(attributes, ("no", "yes")),
            extras=extras, workers=workers, progress=progress, cache=cache)
        super().__init__(f"CelebA ({split})", *parts)


def is_complete(root: Path) -> bool:
    """Whether pictures and lists are already there."""
    try:
        read_lists(find_folders(root)[0], "all")
    except ValueError:
        return False
    return True


def fetch_celeba(root: Path) -> None:
    """Let torchvision download CelebA, which it does with gdown; it checks MD5 sums."""
    try:
        datasets.CelebA(str(root), split="all", download=True)
    except Exception as error:      # of gdown, requests, zipfile, torchvision: whatever they throw
        raise DownloadError(f"torchvision could not fetch CelebA into {str(root)!r}: {error}; Google Drive refuses "
                            "when too many have asked that day: try again later, or unpack a copy from "
                            "mmlab.ie.cuhk.edu.hk/projects/CelebA.html there") from error


def find_folders(root: Path) -> tuple[Path, Path]:
    """Where the lists are, and where the pictures; Kaggle's copy has the pictures one folder deeper."""
    for folder in (root / "celeba", root / "celeba" / "celeba", root):
        for pictures in (folder / "img_align_celeba" / "img_align_celeba", folder / "img_align_celeba"):
            if pictures.is_dir():
                return folder, pictures
    place = root / "celeba" if (root / "celeba").is_dir() else root
    raise ValueError(f"root must hold celeba/img_align_celeba, got {str(place)!r}, {seen_in(place)}; download=True "
                     "fetches it, or unpack a copy from mmlab.ie.cuhk.edu.hk/projects/CelebA.html there")


def check_pictures(pictures: Path, names: pd.Index) -> None:
    """Refuse a folder that lacks listed pictures: an interrupted unpacking, say."""
    missing = names.difference([path.name for path in pictures.iterdir()])
    if len(missing):
        raise ValueError(f"root must hold the pictures that its lists name, got {len(missing):,} of {len(names):,} "
                         f"missing in {str(pictures)!r}, such as {missing[0]}")


def read_lists(folder: Path, split: str) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Attributes and, if listed, the 10 coordinates of landmarks: a row a picture of the split, by file name."""
    partition, attributes = (read_list(folder, name, columns) for name, columns in
                             (("eval_partition", 1), ("attr_celeba", None)))
    landmarks = read_list(folder, "landmarks_align_celeba", 2 * len(CELEBA_LANDMARKS))
    if attributes is None or partition is None:
        missing = "attr_celeba" if attributes is None else "eval_partition"
        raise ValueError(f"root must hold list_{missing}.txt or .csv beside the pictures, got {str(folder)!r}, "
                         f"{seen_in(folder)}")
    for name, table in (("attr_celeba", attributes), ("landmarks_align_celeba", landmarks)):
        unknown = [] if table is None else partition.index.difference(table.index).tolist()
        if unknown:
            raise ValueError(f"root must hold lists of the same pictures, got {len(unknown):,} without a row in "
                             f"list_{name}, such as {unknown[0]}")
    part = partition.iloc[:, 0]
    names = partition.index if split == "all" else partition.index[part == SPLITS.index(split)]
    return attributes.loc[names], None if landmarks is None else landmarks.loc[names]


def read_list(folder: Path, name: str, width: int | None) -> pd.DataFrame | None:
    """One list of ``width`` numbers by file name, or None: CSV (Kaggle), or text as its authors give it.

    A CSV file has a header; a text file has two lines before its rows, the count and the columns, and the
    partition has none. Whatever else a file may hold is named.
    """
    path = next((path for path in (folder / f"list_{name}.csv", folder / f"list_{name}.txt") if path.exists()), None)
    if path is None:
        return None
    separator, skipped = (",", 1) if path.suffix == ".csv" else (r"\s+", 0 if name == "eval_partition" else 2)
    table = read_table(path, separator, skiprows=skipped, skipinitialspace=True)
    files, numbers = table[0].astype(str), table.iloc[:, 1:].apply(pd.to_numeric, errors="coerce")
    columns = header(path, skipped) or ["partition"]
    unnamed = ~files.str.lower().str.endswith(SUFFIXES)
    fault = ""
    if unnamed.any():
        fault = f"must have file names in its first column, got {files[unnamed].iloc[0][:40]!r}"
        if len(table.columns) > 1 and str(table[1].iloc[0]).lower().endswith(SUFFIXES):
            fault += " before them: an index that pandas wrote; write it with index=False"
    elif len(columns) != numbers.shape[1] or width not in (None, len(columns)):
        fault = f"must have {width or len(columns)} numbers a row, as many as columns, got {numbers.shape[1]} and " \
                f"{len(columns)} columns"
    elif numbers.isna().any(axis=None):
        row, column = np.argwhere(numbers.isna().to_numpy())[0].tolist()
        fault = f"must have numbers, got {str(table.iat[row, column + 1])!r} for {files[row]}, {columns[column]}"
    elif files.duplicated().any():
        fault = f"must have one row a picture, got several of {files[files.duplicated()].iloc[0]}"
    if fault:
        raise ValueError(f"{path.name} {fault}")
    return numbers.set_axis(columns, axis=1).set_axis(files, axis=0)


def header(path: Path, lines: int) -> list[str]:
    """The columns of numbers, from the last of the lines before a list's rows."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        head = [file.readline() for _ in range(lines)]
    if path.suffix == ".csv":
        return next(csv.reader(head))[1:]
    return head[-1].split() if head else []


def to_square(points: np.ndarray, size: int) -> np.ndarray:
    """Points (N, 5, 2) of the aligned picture in the resized central square, pixel centres at whole numbers."""
    width, height = ALIGNED
    side = min(ALIGNED)
    corner = np.array([(width - side) / 2, (height - side) / 2], np.float32)
    return ((points - corner + 0.5) * (size / side) - 0.5).astype(np.float32)
