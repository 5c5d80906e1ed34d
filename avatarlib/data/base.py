"""What every labelled picture set of the book has in common, and where caches live."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pooch
import torch
from torch import Tensor
from torch.utils.data import Dataset

from avatarlib.data.files.paths import user_path

__all__ = ["ImageSet", "build_cache", "cache_dir", "from_uint8", "scratch", "to_uint8"]


def cache_dir() -> Path:
    """Folder for drawn and downloaded data: ``AVATARLIB_CACHE``, else the system's cache folder.

    Examples
    --------
    >>> from unittest.mock import patch
    >>> from avatarlib.data import cache_dir
    >>> with patch.dict("os.environ", AVATARLIB_CACHE="pictures"):
    ...     cache_dir().name
    'pictures'
    """
    return user_path(os.environ.get("AVATARLIB_CACHE") or pooch.os_cache("avatarlib"))


def from_uint8(images: Tensor) -> Tensor:
    """Pictures 0..255 of any shape to float32 in [-1, 1], the range of the tanh generators.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.data import from_uint8
    >>> floats = from_uint8(torch.tensor([0, 51, 255], dtype=torch.uint8))
    >>> [round(value, 3) for value in floats.tolist()]
    [-1.0, -0.6, 1.0]
    """
    return images.float().div(127.5).sub_(1.0)


def to_uint8(images: Tensor) -> Tensor:
    """Floats in [-1, 1] (values outside are clipped) of any shape to uint8, rounded to the nearest step.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.data import to_uint8
    >>> to_uint8(torch.tensor([-1.0, -0.6, 1.0, 7.0])).tolist()            # 7 is no colour: white
    [0, 51, 255, 255]
    """
    return images.float().add(1.0).mul_(127.5).round_().clamp_(0, 255).to(torch.uint8)


class ImageSet(Dataset):
    """Pictures with labels: the one shape in which the book's data sets come.

    Parameters
    ----------
    name : str
        Name for captions and model cards.
    images : ndarray
        uint8 (N, 3, H, W), in memory or memory-mapped.
    labels : ndarray
        Integers (N, attributes), each an index into the attribute's categories.
    schema : mapping
        Attribute name -> its category names, in the order of the label columns.
    extras : mapping, optional
        What else is known of each picture, by name: arrays (N, ...), in memory or memory-mapped, such as
        ``landmarks`` (N, points, 2). ``batch`` returns their rows; uint8 pictures (N, 3, H, W) as floats in [-1, 1].

    Raises
    ------
    ValueError
        If shapes, dtype or label values do not fit together.

    Examples
    --------
    >>> import numpy as np
    >>> from avatarlib.data import ImageSet
    >>> pixels = np.zeros((2, 3, 8, 8), np.uint8)                          # two black pictures
    >>> pictures = ImageSet("hats", pixels, np.array([[0], [1]]), {"hat": ("none", "cap")})
    >>> pictures
    hats: 2 pictures of 8 px, 1 attributes
    >>> pictures.describe(1), pictures[1]["labels"].tolist(), pictures[1]["image"].max().item()
    ({'hat': 'cap'}, [1], -1.0)
    >>> {name: tuple(rows.shape) for name, rows in pictures.batch([0, 1]).items()}
    {'image': (2, 3, 8, 8), 'labels': (2, 1)}
    """

    def __init__(self, name: str, images: np.ndarray, labels: np.ndarray, schema: Mapping[str, Sequence[str]],
                 extras: Mapping[str, np.ndarray] | None = None) -> None:
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1] != 3:
            raise ValueError(f"images must be uint8 (N, 3, H, W), got {images.dtype} {images.shape}")
        if labels.shape != (len(images), len(schema)):
            raise ValueError(f"labels must be ({len(images)}, {len(schema)}) for {len(images)} images and "
                             f"{len(schema)} attributes, got {labels.shape}")
        self.name = name
        self.images = images
        self.labels = torch.from_numpy(np.array(labels, dtype=np.int64))
        self.schema = {attribute: tuple(names) for attribute, names in schema.items()}
        for column, (attribute, names) in enumerate(self.schema.items()):
            values = self.labels[:, column]
            if len(values) and not 0 <= int(values.min()) <= int(values.max()) < len(names):
                raise ValueError(f"labels of {attribute!r} must be in 0..{len(names) - 1}, "
                                 f"got {int(values.min())}..{int(values.max())}")
        self.extras = dict(extras or {})
        for extra, array in self.extras.items():
            if extra in ("image", "labels"):
                raise ValueError(f"extras must not be called 'image' or 'labels', got {extra!r}")
            if len(array) != len(images):
                raise ValueError(f"extras[{extra!r}] must have {len(images)} rows, as there are images, "
                                 f"got {len(array)}")

    @property
    def size(self) -> int:
        """Height and width of the pictures in pixels."""
        return self.images.shape[-1]

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        if not -len(self) <= index < len(self):
            raise IndexError(f"index must be in 0..{len(self) - 1}, got {index}")
        return {key: value[0] for key, value in self.batch([index]).items()}

    def batch(self, indices: Sequence[int] | Tensor | slice) -> dict[str, Tensor]:
        """``image`` (n, 3, H, W) in [-1, 1], ``labels`` (n, attributes) and any extras of the given rows."""
        rows = np.asarray(indices) if not isinstance(indices, slice) else indices
        images = torch.from_numpy(np.array(self.images[rows]))
        return {"image": from_uint8(images), "labels": self.labels[rows], **self.extra_rows(rows)}

    def extra_rows(self, rows: np.ndarray | slice) -> dict[str, Tensor]:
        """The given rows of every extra; pictures as floats in [-1, 1]."""
        picked = {name: torch.from_numpy(np.array(array[rows])) for name, array in self.extras.items()}
        return {name: from_uint8(rows) if rows.dtype == torch.uint8 and rows.ndim == 4 else rows
                for name, rows in picked.items()}

    def digest(self) -> str:
        """Twelve hexadecimal digits that tell this set from others: of all labels and 64 pictures across it."""
        rows = np.linspace(0, len(self) - 1, min(len(self), 64)).astype(int)
        content = hashlib.sha256(self.labels.numpy().tobytes())
        content.update(np.ascontiguousarray(self.images[rows]).tobytes())
        return content.hexdigest()[:12]

    def describe(self, index: int) -> dict[str, str]:
        """The attributes of one picture in words."""
        row = self.labels[index].tolist()
        return {attribute: names[value] for (attribute, names), value in zip(self.schema.items(), row, strict=True)}

    def __repr__(self) -> str:
        return f"{self.name}: {len(self):,} pictures of {self.size} px, {len(self.schema)} attributes"


Parts = tuple[np.ndarray, np.ndarray, Mapping[str, Sequence[str]], Mapping[str, np.ndarray]]


@contextmanager
def scratch(shape: tuple[int, ...], root: Path | None = None) -> Iterator[np.ndarray]:
    """A uint8 array on the cache's disk, gone at the end of the block: large sets exceed memory."""
    folder = user_path(root or cache_dir())
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as buffer:
        yield np.memmap(buffer, np.uint8, "w+", shape=shape)


def build_cache(kind: str, key: Mapping[str, object], build: Callable[[], Parts], *, root: Path | None = None) -> Parts:
    """Load ``(images, labels, schema, extras)`` from the cache; ``build`` and store them first if absent or damaged.

    The folder's name is a digest of ``key``, which must hold all that changes the content. It is written
    beside its place and renamed into it, so a reader finds a whole cache or none. Images and extras come
    back memory-mapped.

    Raises
    ------
    ValueError
        If an entry is damaged and cannot be removed; the message names the folder to delete.
    """
    text = json.dumps(dict(key), sort_keys=True)
    folder = user_path(root or cache_dir()) / kind / hashlib.sha256(text.encode()).hexdigest()[:16]
    if folder.exists():
        try:
            return read_entry(folder)
        except (FileNotFoundError, ValueError, TypeError, KeyError, EOFError) as error:     # not: too many open files
            remove_entry(folder, error)
    write_entry(folder, key, build())
    return read_entry(folder)


def read_entry(folder: Path) -> Parts:
    """What ``write_entry`` stored; an array that is missing, cut short or another than noted is an error."""
    meta = json.loads((folder / "meta.json").read_text("utf-8"))
    arrays = {}
    for name, (dtype, *shape) in meta["arrays"].items():
        arrays[name] = np.load(folder / f"{name}.npy", mmap_mode="r" if name != "labels" else None, allow_pickle=False)
        if (arrays[name].dtype.str, *arrays[name].shape) != (dtype, *shape):
            raise ValueError(f"{name}.npy must be {dtype} {shape}")
    return arrays.pop("images"), arrays.pop("labels"), meta["schema"], {
        name.removeprefix("extra-"): array for name, array in arrays.items()}


def write_entry(folder: Path, key: Mapping[str, object], parts: Parts) -> None:
    """Store a set beside its folder and rename it; if another process was faster, its equal result stays."""
    images, labels, schema, extras = parts
    arrays = {"images": images, "labels": labels, **{f"extra-{name}": array for name, array in extras.items()}}
    meta = {"key": dict(key), "schema": dict(schema),
            "arrays": {name: [array.dtype.str, *array.shape] for name, array in arrays.items()}}
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=folder.parent))
    try:
        for name, array in arrays.items():
            np.save(partial / f"{name}.npy", array, allow_pickle=False)
        (partial / "meta.json").write_text(json.dumps(meta), "utf-8")
        partial.rename(folder)
    except OSError:
        if not folder.exists():
            raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def remove_entry(folder: Path, reason: Exception) -> None:
    """Clear a damaged entry away, at once for other processes, so that it can be built again."""
    grave = Path(tempfile.mkdtemp(prefix=".damaged-", dir=folder.parent))
    try:
        folder.rename(grave / folder.name)
    except FileNotFoundError:
        pass                        # another process was faster
    except OSError as error:
        raise ValueError(f"the cache is damaged ({reason}) and could not be removed ({error}); delete the folder "
                         f"{str(folder)!r}") from error
    finally:
        shutil.rmtree(grave, ignore_errors=True)
