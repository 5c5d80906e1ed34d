"""Writing files so that a reader finds the old one or the new one, never half of either."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

__all__ = ["make_ready", "remove_leftovers", "write_atomically"]

PARTIAL = ".partial-"       # how the names of unfinished files begin
ABANDONED = 3600.0          # seconds after which nobody writes to a file any more
LONGEST_ENDING = 20         # bytes; a longer one tells no writer what to write


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` make a file beside ``path``, push it to the disk, and rename it into place.

    The temporary name is this call's own, so that several may write one file at once (the last one stays); it is
    short, and ends as ``path`` does, because picture writers go by the ending. If ``write`` fails or the process
    dies, the file at ``path`` is untouched.

    OSError if the file cannot be written, with the reason.
    """
    ending = path.suffix if len(os.fsencode(path.suffix)) <= LONGEST_ENDING else ""
    partial = path.with_name(f"{PARTIAL}{os.getpid()}-{secrets.token_hex(6)}{ending}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(partial)
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        message = f"could not write {str(path)!r}: {error.strerror or error}"
        raise OSError(*(message,) if error.errno is None else (error.errno, message)) from error
    finally:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            partial.unlink()


def remove_leftovers(folder: Path) -> None:
    """Delete what processes that were killed while they wrote have left in ``folder`` and below it an hour ago."""
    for partial in folder.rglob(f"{PARTIAL}*"):
        with contextlib.suppress(FileNotFoundError):        # finished meanwhile
            if time.time() - partial.stat().st_mtime > ABANDONED:
                partial.unlink()


def make_ready(folder: Path, size: int = 0, name: str = "run_dir") -> None:
    """Make ``folder``, and make sure that a file of ``size`` bytes can be written into it; ``name`` is for the message.

    OSError if it is a file, cannot be made or written to, or its disk is too full.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OSError(error.errno, f"{name} must be a folder that can be written to, got {str(folder)!r} "
                                   f"({error.strerror})") from error
    free = shutil.disk_usage(folder).free
    if free < size:
        raise OSError(errno.ENOSPC, f"{name} must have {size / 1e6:,.1f} MB free for a checkpoint, "
                                    f"got {str(folder)!r} with {free / 1e6:,.1f} MB")
