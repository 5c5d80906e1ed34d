"""Where the packs of heads are, which heads they hold, and which split a head belongs to."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from pathlib import Path

from avatarlib.data.base import cache_dir
from avatarlib.data.faceset.heads import Head, read_head
from avatarlib.data.faceset.shipped import PACKS
from avatarlib.data.files.download import DownloadError, fetch
from avatarlib.data.files.paths import content_digest, seen_in, user_path

__all__ = ["SPLITS", "find_packs", "half_of", "head_names", "load_head", "pack_digest", "split_of"]

ADDRESSES = ("https://github.com/OWNER/avatar-gans/raw/HEAD/data/faces/{}",)
SPLITS = ("train", "validation", "test")
HALVES = ("first", "second")
CHECKOUT = Path(__file__).parents[3] / "data" / "faces"


def fate(number: int) -> int:
    """A whole number in 0..9,999 that depends on nothing but the head's number."""
    return int(hashlib.sha256(f"head {number}".encode()).hexdigest(), 16) % 10_000


def split_of(number: int) -> str:
    """The split of a head: of 100 heads, 13 are for the test and 5 for validation."""
    share = fate(number) % 100
    return "test" if share < 13 else "validation" if share < 18 else "train"


def half_of(number: int) -> str:
    """The half of a head: photographs of one half and drawings of the other never show the same head."""
    return HALVES[fate(number) // 100 % 2]


def find_packs(root: str | Path | None = None, *, download: bool = True, progress: bool = True,
               addresses: Sequence[str] = ADDRESSES) -> list[Path]:
    """The packs, in the order of their names.

    Parameters
    ----------
    root : str or Path, optional
        Folder of the packs. Default: ``data/faces`` of a checkout of this project; without one, ``faces`` in
        ``cache_dir()``, where the packs that belong to this version are fetched and checked by SHA-256.
    download : bool
        Fetch what is missing there.
    progress : bool
        Show a progress bar while fetching.
    addresses : sequence of str
        Mirrors; ``{}`` stands for the name of a pack.

    Raises
    ------
    ValueError
        If there are no packs, or one is no archive.
    DownloadError
        If a pack could not be fetched.
    """
    folder = user_path(root) if root else CHECKOUT if any(CHECKOUT.glob("*.zip")) else cache_dir() / "faces"
    if not root and folder != CHECKOUT and download:
        for name, sha256 in PACKS.items():
            try:
                fetch([address.format(name) for address in addresses], folder / name, sha256=sha256, progress=progress)
            except DownloadError as error:
                raise DownloadError(f"{error}; or give the folder of the packs as root=") from error
    packs = sorted(folder.glob("*.zip"))
    if not packs:
        raise ValueError(f"root must be a folder of packs of heads (*.zip), got {str(folder)!r}, {seen_in(folder)}")
    return packs


def head_names(packs: Sequence[Path]) -> list[tuple[Path, str]]:
    """Each head of the packs as its pack and its name (five digits); of a number that comes twice, the first."""
    found: dict[str, Path] = {}
    for pack in packs:
        try:
            with zipfile.ZipFile(pack) as archive:
                names = sorted(name for name in archive.namelist() if name.endswith(".json"))
        except (zipfile.BadZipFile, OSError) as error:
            raise ValueError(f"the pack {pack.name!r} can not be read ({error}); fetch it again") from error
        for name in names:
            found.setdefault(name.removesuffix(".json"), pack)
    return [(pack, name) for name, pack in found.items()]


def load_head(number: int, root: str | Path | None = None) -> Head:
    """One head with all its buffers, by its number.

    Raises
    ------
    ValueError
        If no pack has it.

    Examples
    --------
    >>> load_head(10000).photo.shape
    (160, 160, 3)
    """
    heads = {int(name): (pack, name) for pack, name in head_names(find_packs(root))}
    if number not in heads:
        raise ValueError(f"number must be one of the {len(heads):,} heads' from {min(heads)} to {max(heads)}, "
                         f"got {number!r}")
    pack, name = heads[number]
    with zipfile.ZipFile(pack) as archive:
        return read_head(archive, name)


def pack_digest(packs: Sequence[Path]) -> str:
    """A digest of all packs, whatever folder they are in."""
    return hashlib.sha256("\n".join(f"{pack.name} {content_digest(pack)}" for pack in packs).encode()).hexdigest()
