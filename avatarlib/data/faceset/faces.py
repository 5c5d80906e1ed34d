"""FaceSet: rendered heads as photographs, and the drawings hidden in their buffers."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np

from avatarlib.data.base import ImageSet, Parts, build_cache
from avatarlib.data.faceset import drawing
from avatarlib.data.faceset.attributes import SCHEMA, label_row
from avatarlib.data.faceset.heads import read_head
from avatarlib.data.faceset.packs import HALVES, SPLITS, find_packs, half_of, head_names, pack_digest, split_of
from avatarlib.data.faceset.places import LOOKS
from avatarlib.data.parallel import in_chunks

__all__ = ["FaceSet"]

CHUNK = 20
PARALLEL_FROM = 100     # below this, starting processes takes longer than drawing
SIZES = (32, 512)


def picture_many(start: int, number: int, *, heads: Sequence[tuple[Path, str]], look: str,
                 size: int) -> tuple[np.ndarray, ...]:
    """Pictures, labels, landmarks, regions and numbers of ``heads[start:start + number]``."""
    images, regions = np.empty((number, 3, size, size), np.uint8), np.empty((number, size, size), np.uint8)
    labels, points = np.zeros((number, len(SCHEMA)), np.int16), np.empty((number, 68, 2), np.float32)
    chunk = heads[start:start + number]
    with ExitStack() as stack:
        archives = {pack: stack.enter_context(zipfile.ZipFile(pack)) for pack in {pack for pack, _ in chunk}}
        for row, (pack, name) in enumerate(chunk):
            head = read_head(archives[pack], name)
            picture = drawing.photograph(head, size) if look == "photo" else drawing.draw(head, look, size)
            images[row], regions[row], points[row] = picture.pixels, picture.regions, picture.landmarks
            labels[row] = label_row(head.facts)
    return images, labels, points, regions, np.array([int(name) for _, name in chunk])


class FaceSet(ImageSet):
    """Photograph-like heads, or a drawing of each of them, with the same crop in every look; cached.

    The heads are rendered: none shows a person who lives. The drawings are computed from what the renderer knew of
    each pixel; they differ from the photograph in proportions only, so the drawing of a head is the truth that a
    translation of its photograph can be scored against. Which split and which half a head belongs to depends on its
    number alone: it stays when packs are added.

    ``extras`` holds ``landmarks``, float32 (N, 68, 2), the iBUG points (x, y) of what the picture shows in pixels,
    pixel centres at whole numbers, some outside where a part is cut off; ``mask``, uint8 (N, size, size), indices into
    ``avatarlib.data.faceset.REGIONS``; ``seed``, int64 (N,), the heads' numbers.

    Parameters
    ----------
    size : int
        Height and width in pixels, 32 to 512; the photographs have 160.
    split : {"train", "validation", "test"}
        Heads that never meet: of a run of numbers about 82, 5 and 13 %; one of the shipped packs has test heads only.
    look : {"photo", "cel", "anime"}
        The photograph; a drawing of its proportions; one with large eyes, small nose and mouth, and narrow jaw.
    half : {"first", "second"}, optional
        Half of the split only: photographs of one and drawings of the other show different heads.
    count : int, optional
        How many heads; default all. A larger set begins with the smaller one.
    root : str or Path, optional
        Folder of the packs; see ``avatarlib.data.faceset.find_packs``.
    workers : int
        Processes that draw; -1 takes all processors.
    progress : bool
        Show progress bars.
    cache : Path, optional
        Folder of the cache; default ``avatarlib.data.cache_dir()``.

    Raises
    ------
    ValueError
        If an argument is unknown or out of range, there are no packs, or a pack is damaged.
    DownloadError
        If there is no checkout and the packs could not be fetched.

    Examples
    --------
    >>> faces = FaceSet(64, "test", look="cel", count=2, progress=False)
    >>> faces[0]["landmarks"].shape
    torch.Size([68, 2])
    """

    def __init__(self, size: int = 128, split: str = "train", *, look: str = "photo", half: str | None = None,
                 count: int | None = None, root: str | Path | None = None, workers: int = -1, progress: bool = True,
                 cache: Path | None = None) -> None:
        check_arguments(size, split, look, half, count)
        self.split, self.look, self.half = split, look, half
        packs = find_packs(root, progress=progress)
        heads = [(pack, name) for pack, name in head_names(packs)
                 if split_of(int(name)) == split and half in (None, half_of(int(name)))][:count]
        if len(heads) < (count or 1):
            raise ValueError(f"count must be at most {len(heads):,}, the heads of this split and half, got {count}")

        def build() -> Parts:
            chunks = in_chunks(partial(picture_many, heads=heads, look=look, size=size), len(heads), chunk=CHUNK,
                               parallel_from=PARALLEL_FROM, workers=workers, progress=progress,
                               task=f"heads, {look}", unit="picture")
            images, labels, points, regions, numbers = (np.concatenate(part) for part in zip(*chunks, strict=True))
            return images, labels, SCHEMA, {"landmarks": points, "mask": regions, "seed": numbers}

        key = {"packs": pack_digest(packs), "split": split, "half": half, "count": count, "look": look, "size": size,
               "drawing": drawing.VERSION,
               "packages": {name: version(name) for name in ("numpy", "scipy", "pillow")}}
        super().__init__(f"FaceSet {look} ({split})", *build_cache("faceset", key, build, root=cache))


def check_arguments(size: int, split: str, look: str, half: str | None, count: int | None) -> None:
    """Name the first argument that is unknown or out of range."""
    for name, value, known in (("split", split, SPLITS), ("look", look, ("photo", *LOOKS)),
                               ("half", half, (None, *HALVES))):
        if value not in known:
            raise ValueError(f"{name} must be one of {', '.join(map(repr, known))}, got {value!r}")
    if not isinstance(size, int) or not SIZES[0] <= size <= SIZES[1]:
        raise ValueError(f"size must be an integer in [{SIZES[0]}, {SIZES[1]}], got {size!r}")
    if count is not None and (not isinstance(count, int) or count < 1):
        raise ValueError(f"count must be a positive integer or None, got {count!r}")
