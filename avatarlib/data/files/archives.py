"""Unpacking archives: nothing lands outside the target folder, and no half-unpacked folder stays."""

from __future__ import annotations

import gzip
import lzma
import re
import shutil
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from tqdm.auto import tqdm

from avatarlib.data.files.paths import is_junk, user_path

__all__ = ["ArchiveError", "check_kind", "extract", "is_free"]

DAMAGE = (tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, lzma.LZMAError, zlib.error, struct.error, EOFError,
          UnicodeDecodeError)


class ArchiveError(ValueError):
    """An archive that is damaged, or would write where it must not."""


def extract(archive: str | Path, folder: str | Path, *, progress: bool = True,
            validate: Callable[[Path], None] | None = None) -> Path:
    """Unpack a tar (plain, gzip, bzip2, xz) or zip archive into a new folder.

    The work is done in ``FOLDER.partial``, which is renamed at the end. If everything in the archive lies in
    one top folder, macOS's shadows beside it apart, that folder becomes ``folder``. Links are refused altogether: no
    picture set needs them, and the known ways around tarfile's own filter lead over links.

    Parameters
    ----------
    archive, folder : str or Path
        What is unpacked, and where to; the folder must not exist yet, or be empty. It is returned.
    progress : bool
        Show a progress bar.
    validate : callable, optional
        Gets the unpacked folder before it is accepted; if it raises, nothing stays.

    Raises
    ------
    ArchiveError
        If the archive is damaged, cut short, of an unknown kind, or has a member with an absolute name, with
        ``..`` in it, or that is a link or a device. A ValueError.
    ValueError
        If ``folder`` exists and is not empty.
    """
    archive, folder = user_path(archive), user_path(folder)
    if not is_free(folder):
        raise ValueError(f"folder must not exist yet, or be empty, got {str(folder)!r}")
    unpack = unpack_zip if zipfile.is_zipfile(archive) else unpack_tar
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)      # left by a run that was killed
    partial.mkdir(parents=True)
    try:
        unpack(archive, partial, progress)
        content = only_folder(partial)
        if validate:
            validate(content)
        if folder.exists():
            folder.rmdir()          # Windows renames nothing onto a folder, not even an empty one
        content.rename(folder)
    except DAMAGE as error:
        raise ArchiveError(f"{archive.name} is damaged, cut short or no archive: {error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def check_kind(path: Path) -> None:
    """Refuse what is no archive: a login or error page that a server sends in its place."""
    if not (tarfile.is_tarfile(path) or zipfile.is_zipfile(path)):
        with path.open("rb") as file:
            raise ArchiveError(f"expected a tar or zip archive, got a file that begins with {file.read(16)!r}")


def is_free(folder: Path) -> bool:
    """Whether nothing is there, or an empty folder: a place to unpack into."""
    return not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))


def only_folder(folder: Path) -> Path:
    """The one folder inside ``folder``, if that is all there is; else ``folder`` itself."""
    content = [path for path in folder.iterdir() if not is_junk(path.name)]
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
            try:
                zipped.extract(member, folder)
            except RuntimeError as error:       # encrypted, or compressed in a way that zipfile does not know
                raise ArchiveError(f"{archive.name}: {error}") from error


def check_name(archive: Path, name: str) -> None:
    """Refuse a member that leads out of the target folder on any system."""
    parts = re.split(r"[/\\]", name)
    if ".." in parts or parts[0] == "" or re.match(r"[A-Za-z]:", name):
        raise ArchiveError(f"{archive.name}: member {name!r} leads out of the target folder; only names "
                           "relative to it, without '..', are accepted")
