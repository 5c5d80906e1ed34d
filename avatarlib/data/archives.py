"""Unpacking archives: nothing lands outside the target folder, and no half-unpacked folder stays."""

from __future__ import annotations

import gzip
import lzma
import re
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from tqdm.auto import tqdm

__all__ = ["ArchiveError", "extract"]

DAMAGE = (tarfile.ReadError, tarfile.HeaderError, zipfile.BadZipFile, gzip.BadGzipFile, lzma.LZMAError,
          zlib.error, EOFError)


class ArchiveError(ValueError):
    """An archive that is damaged, or would write where it must not."""


def extract(archive: str | Path, folder: str | Path, *, progress: bool = True,
            validate: Callable[[Path], None] | None = None) -> Path:
    """Unpack a tar (plain, gzip, bzip2, xz) or zip archive into a new folder.

    The work is done in ``FOLDER.partial``, which is renamed at the end. If everything in the archive lies in
    one top folder, that folder becomes ``folder``. Links are refused altogether: no picture set needs them,
    and the known ways around tarfile's own filter lead over links.

    Parameters
    ----------
    archive : str or Path
        The archive.
    folder : str or Path
        Must not exist yet.
    progress : bool
        Show a progress bar.
    validate : callable, optional
        Gets the unpacked folder before it is accepted; if it raises, nothing stays.

    Returns
    -------
    Path
        ``folder``.

    Raises
    ------
    ArchiveError
        If the archive is damaged, cut short, of an unknown kind, or has a member with an absolute name, with
        ``..`` in it, or that is a link or a device. A ValueError.
    ValueError
        If ``folder`` exists.
    """
    archive, folder = Path(archive), Path(folder)
    if folder.exists():
        raise ValueError(f"folder must not exist yet, got {str(folder)!r}")
    unpack = unpack_zip if zipfile.is_zipfile(archive) else unpack_tar
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)      # left by a run that was killed
    partial.mkdir(parents=True)
    try:
        unpack(archive, partial, progress)
        content = only_folder(partial)
        if validate:
            validate(content)
        content.rename(folder)
    except DAMAGE as error:
        raise ArchiveError(f"{archive.name} is damaged, cut short or no archive: {error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def only_folder(folder: Path) -> Path:
    """The one folder inside ``folder``, if that is all there is; else ``folder`` itself."""
    content = list(folder.iterdir())
    return content[0] if len(content) == 1 and content[0].is_dir() else folder


def unpack_tar(archive: Path, folder: Path, progress: bool) -> None:
    """Unpack with tarfile's data filter behind our own."""
    if not hasattr(tarfile, "data_filter"):
        raise RuntimeError("this Python cannot unpack tar archives safely; "
                           "use 3.10.12, 3.11.4, 3.12 or any later release")

    def allow(member: tarfile.TarInfo, target: str) -> tarfile.TarInfo | None:
        check_name(archive, member.name)
        if not (member.isreg() or member.isdir()):
            raise ArchiveError(f"{archive.name}: member {member.name!r} is a link or a device; only files "
                               "and folders are accepted")
        return tarfile.data_filter(member, target)

    with tarfile.open(archive) as tar:
        members = tqdm(tar, desc=f"unpacking {archive.name}", unit=" files", disable=not progress)
        tar.extractall(folder, members=members, filter=allow)


def unpack_zip(archive: Path, folder: Path, progress: bool) -> None:
    """Unpack, with every name looked at first: zipfile would silently drop ``..`` and write the rest."""
    with zipfile.ZipFile(archive) as zipped:
        for member in zipped.infolist():
            check_name(archive, member.filename)
            if stat.S_ISLNK(member.external_attr >> 16):    # the upper half holds the Unix mode
                raise ArchiveError(f"{archive.name}: member {member.filename!r} is a link; only files and "
                                   "folders are accepted")
        for member in tqdm(zipped.infolist(), desc=f"unpacking {archive.name}", unit=" files",
                           disable=not progress):
            zipped.extract(member, folder)


def check_name(archive: Path, name: str) -> None:
    """Refuse a member that leads out of the target folder on any system."""
    parts = re.split(r"[/\\]", name)
    if ".." in parts or parts[0] == "" or re.match(r"[A-Za-z]:", name):
        raise ArchiveError(f"{archive.name}: member {name!r} leads out of the target folder; only names "
                           "relative to it, without '..', are accepted")
