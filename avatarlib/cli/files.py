"""Picture files in, picture files out: what ``avatarlib data smooth`` and ``crop`` do to whole folders.

Every file is written beside its place and renamed into it, and what is done is not done again: a table beside the
results tells which bytes each was made of, so that after an interruption the same command goes on, and a picture
that was replaced, whatever its date, is done anew. A file that cannot be read is named and left out.
"""

from __future__ import annotations

import errno
import hashlib
import json
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import chain, count
from pathlib import Path
from typing import Any

import pandas as pd
from PIL import Image
from tqdm.auto import tqdm

from avatarlib.data import find_pictures, keep_distinct, load_image, open_picture, smoothing_steps
from avatarlib.data.files.faces import Detector, check_crop, crop_face
from avatarlib.data.files.images import MAX_SIZE
from avatarlib.data.files.paths import content_digest, fingerprint, shown
from avatarlib.data.files.tables import read_table
from avatarlib.data.parallel import in_threads
from avatarlib.training.files import remove_leftovers, write_atomically

__all__ = ["crop_folder", "smooth_folder"]

SAVE_EVERY = 500        # pictures between two notes of what is done
COLUMNS = ["file", "sha256", "found", "result", "left", "top", "width", "height"]
BAD_NAME = (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ)     # a disk that cannot hold this name, but others

Row = dict[str, str]                                            # of the table: column -> cell
Made = tuple[str, Image.Image | None, Row]                      # what was found, the result, further cells


def smooth_folder(source: Path, target: Path, *, size: int, progress: bool = True) -> Counter[str]:
    """Write every picture of ``source``, resized and with smoothed edges, as PNG under ``target``.

    Returns how many were "smoothed", "there" already, "unreadable" and "unwritable".

    ValueError if a folder does not fit, or ``target`` was made with another size.
    """
    if not 8 <= size <= MAX_SIZE:
        raise ValueError(f"size must be in [8, {MAX_SIZE:,}], got {size}")
    paths = prepare(source, target, {"command": "smooth", "size": size})

    def make(path: Path) -> Made:
        image = smoothing_steps(load_image(path, size)).result
        return "smoothed", Image.fromarray(image.transpose(1, 2, 0)), {}

    rows, new = convert(paths, source, target, "smoothed.csv", make, "smoothing edges", progress)
    return Counter(row["found"] if row["file"] in new else "there" for row in rows)


def crop_folder(source: Path, target: Path, detect: Detector, *, cascade: Path, size: int, scale: float,
                drop_duplicates: bool = False, progress: bool = True) -> Counter[str]:
    """Write the largest face of every picture of ``source`` as PNG under ``target``, and ``crops.csv``.

    The table has a row a picture: its file, what was found ("face", "no face", "unreadable", "unwritable"), the
    result's file and the box in pixels of the picture. Returns how many of each kind, "duplicate" among them: they are
    looked for and left out if asked (see ``keep_distinct``), and listed in ``duplicates.txt``. ``cascade`` is the file
    that ``detect``, uint8 (H, W, 3) -> boxes, came from; ``size`` and ``scale`` are those of ``crop_face``.

    ValueError if a folder does not fit, or ``target`` was made with other settings.
    """
    check_crop(size, scale)
    paths = prepare(source, target, {"command": "crop", "size": size, "scale": scale,
                                     "drop duplicates": drop_duplicates,
                                     "cascade": hashlib.sha256(cascade.read_bytes()).hexdigest()})
    gone = duplicates_of(paths, source, target, progress) if drop_duplicates else set()

    def make(path: Path) -> Made:
        found = crop_face(open_picture(path), detect, size=size, scale=scale)
        if found is None:
            return "no face", None, {}
        face, box = found
        return "face", face, dict(zip(COLUMNS[-4:], (f"{value:.1f}" for value in box), strict=True))

    rows, _ = convert([path for path in paths if path not in gone], source, target, "crops.csv", make,
                      "cropping faces", progress)
    return Counter({"duplicate": len(gone)}) + Counter(row["found"] for row in rows)


def prepare(source: Path, target: Path, settings: Mapping[str, Any]) -> list[Path]:
    """The pictures under ``source``; ``target`` is made, or known again by its settings."""
    if target.resolve() == source.resolve() or source.resolve() in target.resolve().parents:
        raise ValueError(f"OUT must lie outside IN, got {str(target)!r} in {str(source)!r}")
    paths = find_pictures(source)
    if not paths:
        raise ValueError(f"IN must hold pictures, got none in {str(source)!r}")
    note = target / "settings.json"
    try:
        made = dict(json.loads(note.read_text("utf-8"))) if note.exists() else None
    except (ValueError, TypeError) as error:
        raise ValueError(f"OUT must be new, empty or of an earlier run, got {str(note)!r}, which is damaged: "
                         f"{error}") from error
    if made is None and target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ValueError(f"OUT must be new, empty or of an earlier run, got {str(target)!r} with other files")
    for name, value in settings.items():
        if made is not None and made.get(name) != value:
            raise ValueError(f"OUT was made with {name} = {made.get(name)!r}, got {value!r}; give the same settings "
                             f"or another folder than {str(target)!r}")
    remove_leftovers(target)
    write_atomically(note, lambda partial: partial.write_text(json.dumps(settings, indent=2), "utf-8"))
    return paths


def convert(paths: Sequence[Path], source: Path, target: Path, table: str, make: Callable[[Path], Made], what: str,
            progress: bool, save_every: int = SAVE_EVERY) -> tuple[list[Row], set[str]]:
    """Make what is not made yet of every picture, and keep the table: its rows, and which files were done now."""
    rows = read_rows(target / table)
    files = {path.relative_to(source).as_posix(): path for path in paths}
    places = name_results(list(files), rows)

    def work(file: str) -> Row:
        digest, known = content_digest(files[file]), rows.get(file)
        result = target / known["result"] if known and known["result"] else None
        if known and digest and known["sha256"] == digest and (
                result.exists() if result else not known["found"].startswith("un")):
            return known
        if result:
            result.unlink(missing_ok=True)      # of other bytes
        return {**dict.fromkeys(COLUMNS, ""), "file": file, "sha256": digest,
                **make_file(files[file], target, places[file], make)}

    def write_rows() -> None:
        known = pd.DataFrame([rows[file] for file in sorted(rows)], columns=COLUMNS)
        write_atomically(target / table, lambda partial: known.to_csv(partial, index=False, errors="surrogateescape"))

    new = set()
    try:
        for row in in_threads(work, list(files), what, progress=progress):
            if rows.get(row["file"]) is not row:
                new.add(row["file"])
                rows[row["file"]] = row
                if len(new) % save_every == 0:
                    write_rows()
    finally:
        write_rows()
    return [rows[file] for file in files], new


def make_file(path: Path, target: Path, place: str, make: Callable[[Path], Made]) -> Row:
    """Write the result of one picture; what is wrong with this file alone is said, and becomes what was found."""
    try:
        found, picture, cells = make(path)
    except (OSError, ValueError) as error:
        reason = shown(str(error))
        tqdm.write(reason if shown(path.name) in reason else f"{shown(path.name)} is unreadable: {reason}")
        return {"found": "unreadable"}
    if picture is None:
        return {"found": found, **cells}
    try:
        write_atomically(target / place, lambda partial: picture.save(partial, format="PNG"))
    except OSError as error:
        if error.errno not in BAD_NAME:
            raise
        tqdm.write(shown(f"{place}: {error.strerror}"))
        return {"found": "unwritable"}
    return {"found": found, "result": place, **cells}


def name_results(files: Sequence[str], rows: Mapping[str, Row]) -> dict[str, str]:
    """Where each file's result goes: under its own name, ending in .png, or under a longer one where that is taken.

    A result keeps its name, whatever is added to the folder later.
    """
    places = {file: row["result"] for file, row in rows.items() if row["result"]}
    taken = {one_name(place) for place in places.values()}
    for file in sorted(set(files) - set(places), key=lambda file: (not file.endswith(".png"), file)):
        names = chain((f"{file.rpartition('.')[0]}.png", f"{file}.png"), (f"{file}-{n}.png" for n in count(2)))
        places[file] = next(name for name in names if one_name(name) not in taken)
        taken.add(one_name(places[file]))
    return places


def one_name(name: str) -> str:
    """The same text for names that differ in case or in how accents are stored: many a disk takes them for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def duplicates_of(paths: Sequence[Path], source: Path, target: Path, progress: bool) -> set[Path]:
    """Pictures that are like a larger one; looked for once, and again when the files have changed."""
    note, state = target / "duplicates.txt", f"# {fingerprint(paths)}"
    lines = note.read_text("utf-8", errors="surrogateescape").split("\n") if note.exists() else [""]
    if lines[0] != state:
        _, gone = keep_distinct(paths, progress=progress)
        lines = [state, *(path.relative_to(source).as_posix() for path in gone)]
        write_atomically(note, lambda partial: partial.write_text("\n".join(lines), "utf-8", errors="surrogateescape"))
    return {source / line for line in lines[1:]}


def read_rows(path: Path) -> dict[str, Row]:
    """The table of results by file; empty if there is none yet, or none that can be read: all is done again."""
    try:
        cells = read_table(path, dtype=str, keep_default_na=False)
    except (FileNotFoundError, ValueError):
        return {}
    if cells.iloc[0].tolist() != COLUMNS:
        return {}
    return {row[0]: dict(zip(COLUMNS, row, strict=True)) for row in cells.iloc[1:].itertuples(index=False, name=None)}
