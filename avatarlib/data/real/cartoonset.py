"""CartoonSet: Google's 10k and 100k labelled cartoon faces, 500 x 500 pixels (CC BY 4.0, Google LLC).

Each picture ``csX.png`` comes with ``csX.csv``, a line for each of 18 attributes: quoted name, index of the
chosen variant, number of variants. Source: https://google.github.io/cartoonset
"""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from avatarlib.data.base import ImageSet, cache_dir
from avatarlib.data.files.archives import ArchiveError, is_free
from avatarlib.data.files.folders import download_tree, read_pictures
from avatarlib.data.files.images import check_size
from avatarlib.data.files.paths import seen_in, user_path
from avatarlib.data.files.tables import read_table

__all__ = ["CARTOONSET_ATTRIBUTES", "CartoonSet"]

SUFFIXES = (".png", ".jpg", ".jpeg")
MERGED = "cartoon_image_attributes.csv"     # the attributes of a JPEG copy (Kaggle) in one table

# Attribute -> number of variants, in the order of the files.
CARTOONSET_ATTRIBUTES = {
    "eye_angle": 3, "eye_lashes": 2, "eye_lid": 2, "chin_length": 3, "eyebrow_weight": 2, "eyebrow_shape": 14,
    "eyebrow_thickness": 4, "face_shape": 7, "facial_hair": 15, "hair": 111, "eye_color": 5, "face_color": 11,
    "hair_color": 10, "glasses": 12, "glasses_color": 7, "eye_slant": 3, "eyebrow_width": 3,
    "eye_eyebrow_distance": 3,
}


@dataclass(frozen=True)
class Source:
    """Where a variant comes from. No checksum is published: ``fetch`` trusts the first download."""

    urls: tuple[str, ...]
    count: int


# Google's bucket, at the address that asks for no login, then a copy on the Hugging Face Hub.
MIRRORS = (
    "https://storage.googleapis.com/storage/v1/b/cartoonset_public_files/o/cartoonset{}.tgz?alt=media",
    "https://huggingface.co/datasets/cgarciae/cartoonset/resolve/main/data/cartoonset{}.tgz",
)
SOURCES = {variant: Source(tuple(url.format(variant) for url in MIRRORS), count)
           for variant, count in (("10k", 10_000), ("100k", 100_000))}


class CartoonSet(ImageSet):
    """The pictures of CartoonSet with their 18 attributes, cached as one memory-mapped array.

    Found under ``root`` are the unpacked archives (``cartoonset10k/`` flat, ``cartoonset100k/0`` to ``9``),
    JPEG copies in either layout (``cartoonset100k_jpg/``, labelled by ``cartoon_image_attributes.csv`` beside
    it), either of them one folder deeper, as unpacking programs leave it (``cartoonset10k/cartoonset10k/``), and
    ``root`` itself as such a folder. There is no official split; here a picture is a test picture if
    the SHA-256 of its name without ending, read as a number, is divisible by 10. That is one in ten, in 10k
    and 100k alike, and does not depend on which other files are there. Variants have no names, only numbers:
    the categories are called "0", "1", ...

    Parameters
    ----------
    root : str or Path, optional
        Folder of the pictures; default ``cartoonset`` in ``avatarlib.data.cache_dir()``.
    variant : {"10k", "100k"}
        Which of the two disjoint sets.
    size : int
        Height and width in pixels to resize to, 1 to 4,096.
    split : {"train", "test"}
        Nine tenths, or the remaining tenth.
    download : bool
        Fetch the archive if the folder is not there or empty, continue it if it was cut, and unpack it.
    labelled : bool
        False reads pictures that have no attribute files: labels (N, 0), an empty schema.
    workers, progress, cache
        As in ``PictureFolder``.

    Raises
    ------
    ValueError
        If an argument is out of range, the folder or an attribute file is missing, or the attributes are not
        those above.
    DownloadError, ArchiveError
        If the archive cannot be had, or is not what it should be.

    Examples
    --------
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> from PIL import Image
    >>> from avatarlib.data import CARTOONSET_ATTRIBUTES, CartoonSet
    >>> folder = Path("cartoons", "cartoonset10k")                         # as the unpacked archive has it
    >>> folder.mkdir(parents=True, exist_ok=True)
    >>> Image.new("RGB", (500, 500)).save(folder / "cs1.png")
    >>> pd.DataFrame({"variant": 1, "of": CARTOONSET_ATTRIBUTES}).to_csv(folder / "cs1.csv", header=False)
    >>> cartoons = CartoonSet("cartoons", size=32, progress=False)
    >>> cartoons, cartoons.describe(0)["hair"]
    (CartoonSet 10k (train): 1 pictures of 32 px, 18 attributes, '1')
    """

    def __init__(self, root: str | Path | None = None, *, variant: str = "10k", size: int = 64,
                 split: str = "train", download: bool = False, labelled: bool = True, workers: int = -1,
                 progress: bool = True, cache: Path | None = None) -> None:
        check_size(size)
        if variant not in SOURCES:
            raise ValueError(f"variant must be one of {tuple(SOURCES)}, got {variant!r}")
        if split not in ("train", "test"):
            raise ValueError(f"split must be 'train' or 'test', got {split!r}")
        self.variant, self.split = variant, split
        root = user_path(root) if root else cache_dir() / "cartoonset"
        folder = find_folder(root, variant)
        if folder is None and download:
            folder = download_cartoonset(variant, root, progress=progress)
        if folder is None:
            raise ValueError(f"root must hold the folder cartoonset{variant}, got {str(root)!r}, "
                             f"{seen_in(root)}; download=True fetches it")
        pictures = [path for path in list_pictures(folder) if in_split(path, split)]
        if not pictures:
            raise ValueError(f"root must hold pictures for the split {split!r}, got none in {str(folder)!r}")
        labels = read_labels(folder, pictures) if labelled else None
        schema = {name: tuple(map(str, range(count))) for name, count in CARTOONSET_ATTRIBUTES.items()}
        parts, _ = read_pictures("cartoonset", pictures, size, labels=labels, schema=schema if labelled else None,
                                 workers=workers, progress=progress, cache=cache)
        super().__init__(f"CartoonSet {variant} ({split})", *parts)


def find_folder(root: Path, variant: str) -> Path | None:
    """The folder under ``root``, or ``root`` itself, that holds a variant's pictures."""
    others = {f"cartoonset{other}" for other in SOURCES if other != variant}
    names = (f"cartoonset{variant}", f"cartoonset{variant}_jpg")
    for folder in (*(root / name for name in names), *(root / name / name for name in names), root):
        if folder.name.removesuffix("_jpg") not in others and next(list_files(folder), None):
            return folder
    return None


def list_files(folder: Path) -> Iterator[Path]:
    """Picture files in a folder and in its subfolders ``0`` to ``9``."""
    for place in (folder, *(folder / str(digit) for digit in range(10))):
        if place.is_dir():
            yield from (path for path in place.iterdir()
                        if path.suffix.lower() in SUFFIXES and not path.name.startswith("."))


def list_pictures(folder: Path) -> list[Path]:
    """All picture files, in the order of their names."""
    return sorted(list_files(folder), key=lambda path: (path.stem, path.as_posix()))


def in_split(path: Path, split: str) -> bool:
    """Whether a picture belongs to a split, by the digest of its name alone."""
    number = int(hashlib.sha256(os.fsencode(path.stem)).hexdigest(), 16)
    return (number % 10 == 0) == (split == "test")


def read_labels(folder: Path, pictures: Sequence[Path]) -> np.ndarray:
    """Label rows (N, 18) in the order of CARTOONSET_ATTRIBUTES, from the merged table or each picture's own CSV."""
    merged = next((place / MERGED for place in (folder, folder.parent) if (place / MERGED).exists()), None)
    if merged:
        return read_merged(pictures, merged)
    files = [path.with_suffix(".csv") for path in pictures]
    missing = [file.relative_to(folder).as_posix() for file in files if not file.exists()]
    if missing:
        raise ValueError(f"{len(missing):,} of {len(pictures):,} pictures in {str(folder)!r} lack their "
                         f"attribute file: {', '.join(missing[:5])}{', ...' if len(missing) > 5 else ''}; "
                         "labelled=False reads the pictures alone")
    return np.array([read_attributes(file) for file in files])


def read_attributes(file: Path) -> list[int]:
    """One picture's attributes; an error names the file, the line and what CartoonSet has there."""
    found: dict[str, int] = {}
    with file.open(newline="", encoding="utf-8-sig", errors="replace") as lines:
        try:
            rows = list(filter(None, csv.reader(lines, skipinitialspace=True)))
        except csv.Error as error:
            raise ValueError(f"{file.name} is no attribute file: {error}") from error
    for row in rows:
        name, *numbers = (cell.strip() for cell in row)
        count = CARTOONSET_ATTRIBUTES.get(name)
        if count is None or len(numbers) != 2 or numbers[1] != str(count):
            names = ", ".join(CARTOONSET_ATTRIBUTES)
            expected = f'"{name}", INDEX, {count}' if count else f"one of the attributes {names}"
            raise ValueError(f"{file.name}: expected {expected}, got {', '.join(row)[:80]!r}")
        if name in found:
            raise ValueError(f"{file.name} must name each attribute once, got {name} twice")
        found[name] = index_of(numbers[0], name, file.name)
    missing = CARTOONSET_ATTRIBUTES.keys() - found.keys()
    if missing:
        raise ValueError(f"{file.name} lacks {', '.join(sorted(missing))}")
    return [found[name] for name in CARTOONSET_ATTRIBUTES]


def read_merged(pictures: Sequence[Path], path: Path) -> np.ndarray:
    """Attributes from one table with a column ``filename`` (such as ``0/csX.jpg``) and one an attribute."""
    cells = read_table(path, dtype=str, keep_default_na=False, skipinitialspace=True)
    table = cells.iloc[1:].set_axis(cells.iloc[0].str.strip().tolist(), axis=1)
    missing = {"filename", *CARTOONSET_ATTRIBUTES} - set(table.columns)
    if missing:
        raise ValueError(f"{path.name} lacks the columns {', '.join(sorted(missing))}")
    table.index = pd.Index([Path(name).stem for name in table["filename"]])
    twice = table.index[table.index.duplicated()]
    if len(twice):
        raise ValueError(f"{path.name} must have one row a picture, got several of {twice[0]}")
    unknown = [picture.name for picture in pictures if picture.stem not in table.index]
    if unknown:
        raise ValueError(f"{path.name} has no row for {len(unknown):,} pictures: {', '.join(unknown[:5])}")
    rows = table.loc[[picture.stem for picture in pictures], list(CARTOONSET_ATTRIBUTES)].to_numpy()
    return np.array([[index_of(text, name, f"{path.name}, {picture.name}")
                      for text, name in zip(row, CARTOONSET_ATTRIBUTES, strict=True)]
                     for picture, row in zip(pictures, rows, strict=True)])


def index_of(text: str, name: str, place: str) -> int:
    """A variant's index, in range."""
    count = CARTOONSET_ATTRIBUTES[name]
    if not text.isdecimal() or int(text) >= count:
        raise ValueError(f"{place}: index of {name} must be in 0..{count - 1}, got {text!r}")
    return int(text)


def download_cartoonset(variant: str, root: Path, *, progress: bool) -> Path:
    """Download and unpack one variant into ``root/cartoonset10k`` or ``100k``; errors as in ``CartoonSet``."""
    source, folder = SOURCES[variant], root / f"cartoonset{variant}"
    if not is_free(folder) and not next(list_files(folder), None):
        raise ValueError(f"root must hold no folder {folder.name} or an empty one to download into, got "
                         f"{str(folder)!r}, {seen_in(folder)}")
    return download_tree(source.urls, folder, progress=progress, validate=partial(check_count, count=source.count))


def check_count(folder: Path, count: int) -> None:
    """Refuse an archive that does not hold as many pictures, and as many CSV files, as it should."""
    pictures = list_pictures(folder)
    pairs = sum(path.with_suffix(".csv").exists() for path in pictures)
    if (len(pictures), pairs) != (count, count):
        raise ArchiveError(f"expected {count:,} pictures with a CSV each, got {len(pictures):,} pictures and "
                           f"{pairs:,} CSV files")
