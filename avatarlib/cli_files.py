"""Picture files in, picture files out: what ``avatarlib data smooth`` and ``crop`` do to whole folders.

Every file is written beside its place and renamed into it, and what is done is not done again: after an
interruption the same command goes on.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
from PIL import Image
from tqdm.auto import tqdm

from avatarlib.data import find_pictures, keep_distinct, load_image, open_picture, smoothing_steps
from avatarlib.data.faces import Detector, check_crop, crop_face
from avatarlib.data.images import MAX_SIZE, CorruptImageError, fingerprint
from avatarlib.training.files import write_atomically

__all__ = ["crop_folder", "smooth_folder"]

SAVE_EVERY = 500        # pictures between two notes of what is done
COLUMNS = ["file", "modified", "found", "crop", "left", "top", "width", "height"]


def smooth_folder(source: Path, target: Path, *, size: int, progress: bool = True) -> Counter[str]:
    """Write every picture of ``source``, resized and with smoothed edges, as PNG under ``target``.

    Returns
    -------
    Counter
        How many were "smoothed", "there" already, and "unreadable".

    Raises
    ------
    ValueError
        If a folder does not fit, or ``target`` was made with another size.
    """
    if not 8 <= size <= MAX_SIZE:
        raise ValueError(f"size must be in [8, {MAX_SIZE:,}], got {size}")
    places = plan(source, target, {"command": "smooth", "size": size})

    def work(path: Path) -> str:
        place = places[path]
        try:
            if place.exists() and place.stat().st_mtime_ns >= path.stat().st_mtime_ns:
                return "there"
            image = smoothing_steps(load_image(path, size)).result
        except CorruptImageError as error:
            tqdm.write(str(error))
            return "unreadable"
        save(Image.fromarray(image.transpose(1, 2, 0)), place)
        return "smoothed"

    return Counter(each(list(places), work, "smoothing edges", progress))


def crop_folder(source: Path, target: Path, detect: Detector, *, cascade: Path, size: int, scale: float,
                keep_duplicates: bool, progress: bool = True) -> Counter[str]:
    """Write the largest face of every picture of ``source`` as PNG under ``target``, and ``crops.csv``.

    The table has a row a picture: its file, what was found ("face", "no face" or "unreadable"), the crop's file
    and the box in pixels of the picture. Duplicates are listed in ``duplicates.txt``.

    Parameters
    ----------
    source, target : Path
        Folders.
    detect : callable
        uint8 (H, W, 3) -> boxes.
    cascade : Path
        The file that ``detect`` came from; part of the settings.
    size, scale
        As in ``crop_face``.
    keep_duplicates : bool
        False looks for duplicates first and leaves them out.

    Returns
    -------
    Counter
        How many of each kind, "duplicate" among them.

    Raises
    ------
    ValueError
        If a folder does not fit, or ``target`` was made with other settings.
    """
    check_crop(size, scale)
    places = plan(source, target, {"command": "crop", "size": size, "scale": scale, "keep duplicates": keep_duplicates,
                                   "cascade": hashlib.sha256(cascade.read_bytes()).hexdigest()})
    gone = set() if keep_duplicates else duplicates_of(list(places), source, target, progress)
    rows = read_rows(target / "crops.csv")
    wanted = {path.relative_to(source).as_posix(): path for path in places if path not in gone}
    rows = {file: row for file, row in rows.items() if file in wanted and row["modified"] == modified(wanted[file])}

    def work(path: Path) -> dict[str, Any]:
        return crop_file(path, places[path], source, target, detect, size, scale)

    todo = [path for file, path in wanted.items() if file not in rows]
    try:
        for row in each(todo, work, "cropping faces", progress):
            rows[row["file"]] = row
            if len(rows) % SAVE_EVERY == 0:
                write_rows(target / "crops.csv", rows)
    finally:
        write_rows(target / "crops.csv", rows)
    return Counter({"duplicate": len(gone)}) + Counter(row["found"] for row in rows.values())


def crop_file(path: Path, place: Path, source: Path, target: Path, detect: Detector, size: int,
              scale: float) -> dict[str, Any]:
    """One picture's row of ``crops.csv``, after its face, if there is one, has been written."""
    row = dict.fromkeys(COLUMNS, "") | {"file": path.relative_to(source).as_posix(), "modified": modified(path)}
    try:
        found = crop_face(open_picture(path), detect, size=size, scale=scale)
    except CorruptImageError as error:
        tqdm.write(str(error))
        return row | {"found": "unreadable"}
    if found is None:
        return row | {"found": "no face"}
    face, box = found
    save(face, place)
    sides = dict(zip(COLUMNS[-4:], (f"{value:.1f}" for value in box), strict=True))
    return row | {"found": "face", "crop": place.relative_to(target).as_posix()} | sides


def duplicates_of(paths: Sequence[Path], source: Path, target: Path, progress: bool) -> set[Path]:
    """Pictures that are like a larger one; looked for once, and again when the files have changed."""
    note, state = target / "duplicates.txt", f"# {fingerprint(paths)}"
    lines = note.read_text("utf-8", errors="surrogateescape").split("\n") if note.exists() else [""]
    if lines[0] != state:
        _, gone = keep_distinct(paths, progress=progress)
        lines = [state, *(path.relative_to(source).as_posix() for path in gone)]
        write_atomically(note, lambda partial: partial.write_text("\n".join(lines), "utf-8", errors="surrogateescape"))
    return {source / line for line in lines[1:]}


def plan(source: Path, target: Path, settings: dict[str, Any]) -> dict[Path, Path]:
    """Each picture under ``source`` and where its result goes; ``target`` is made, or known again.

    A result has its picture's name, ending in .png; where two would share it, the old ending stays before.
    """
    if target.resolve() == source.resolve() or source.resolve() in target.resolve().parents:
        raise ValueError(f"OUT must lie outside IN, got {str(target)!r} in {str(source)!r}")
    paths = find_pictures(source)
    if not paths:
        raise ValueError(f"IN must hold pictures, got none in {str(source)!r}")
    note = target / "settings.json"
    made = json.loads(note.read_text("utf-8")) if note.exists() else None
    if made is None and target.exists() and any(target.iterdir()):
        raise ValueError(f"OUT must be new, empty or of an earlier run, got {str(target)!r} with other files")
    for name, value in settings.items():
        if made is not None and made.get(name) != value:
            raise ValueError(f"OUT was made with {name} = {made.get(name)!r}, got {value!r}; give the same settings "
                             f"or another folder than {str(target)!r}")
    write_atomically(note, lambda partial: partial.write_text(json.dumps(settings, indent=2), "utf-8"))
    names = Counter(path.with_suffix("") for path in paths)
    return {path: target / path.relative_to(source).with_suffix(
        ".png" if names[path.with_suffix("")] == 1 else f"{path.suffix}.png") for path in paths}


def each(paths: Sequence[Path], work: Callable[[Path], Any], what: str, progress: bool) -> Iterator[Any]:
    """Results of ``work`` in order, computed in threads; an interruption does not wait for the queue."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = tqdm(pool.map(work, paths), total=len(paths), desc=what, unit="file", disable=not progress)
        try:
            yield from results
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def save(picture: Image.Image, place: Path) -> None:
    """Write a PNG whole or not at all."""
    write_atomically(place, lambda partial: picture.save(partial, format="PNG"))


def modified(path: Path) -> str:
    """When a file was last changed, in nanoseconds; empty for a link to nothing."""
    return str(path.stat().st_mtime_ns) if path.exists() else ""


def read_rows(path: Path) -> dict[str, dict[str, Any]]:
    """The table of crops by file; empty if there is none yet."""
    if not path.exists():
        return {}
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding_errors="surrogateescape")
    return {row["file"]: row for row in table.to_dict("records")}      # type: ignore[misc]


def write_rows(path: Path, rows: dict[str, dict[str, Any]]) -> None:
    """Write the table of crops in the order of the files."""
    table = pd.DataFrame([rows[file] for file in sorted(rows)], columns=COLUMNS)
    write_atomically(path, lambda partial: table.to_csv(partial, index=False, errors="surrogateescape"))
