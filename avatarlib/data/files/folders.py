"""Folders of pictures as ImageSets: any folder, CycleGAN's trainA/trainB trees, CartoonGAN's photo/cartoon trees."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import PIL
from filelock import FileLock

from avatarlib.data.base import ImageSet, Parts, build_cache, scratch
from avatarlib.data.files.archives import ArchiveError, check_kind, extract, is_free
from avatarlib.data.files.download import fetch, forget
from avatarlib.data.files.images import check_size, load_images
from avatarlib.data.files.paths import find_pictures, fingerprint, is_junk, seen_in, user_path
from avatarlib.data.files.smoothing import smoothed

__all__ = ["CartoonFolders", "PictureFolder", "UnpairedFolders", "download_tree", "read_pictures", "selfie2anime"]

CACHE_VERSION = 2
SELFIE2ANIME = """the tree trainA, trainB (3,400 pictures each), testA, testB (100 each); A are selfies, B anime faces.
Its authors publish no address that stays. Get it from kaggle.com/datasets/arnaud58/selfie2anime, or by the link in
github.com/taki0112/UGATIT, unpack it, and give that folder as root"""


def read_pictures(kind: str, paths: Sequence[Path], size: int, *, labels: np.ndarray | None = None,
                  schema: Mapping[str, Sequence[str]] | None = None, extras: Mapping[str, np.ndarray] | None = None,
                  workers: int = -1, progress: bool = True, cache: Path | None = None) -> tuple[Parts, list[Path]]:
    """Decode picture files once, into the cache; what belongs to unreadable ones is left out with them.

    The cache's folder is ``kind``, its key all that goes in: the files' places and bytes, the labels (N, attributes;
    default none), the extras. Returned are what an ImageSet is made of, and the files in it.
    """
    check_size(size)
    known = np.zeros((len(paths), 0), np.int64) if labels is None else labels
    given = {"labels": known, **{f"extra {name}": array for name, array in (extras or {}).items()}}

    def build() -> Parts:
        with scratch((len(paths), 3, size, size), cache) as out:
            images, kept = load_images(paths, size, workers=workers, progress=progress, out=out)
        rows = {name: array[kept] for name, array in (extras or {}).items()}
        return images, known[kept], schema or {}, {**rows, "row-in-folder": kept}

    key = {"size": size, "files": fingerprint(paths), "schema": {name: list(of) for name, of in (schema or {}).items()},
           **{name: hashlib.sha256(array.tobytes()).hexdigest() for name, array in given.items()},
           "pillow": PIL.__version__, "version": CACHE_VERSION}
    images, labels, schema, stored = build_cache(kind, key, build, root=cache)
    kept = stored["row-in-folder"]
    others = {name: array for name, array in stored.items() if name != "row-in-folder"}
    return (images, labels, schema, others), [paths[row] for row in kept]


class PictureFolder(ImageSet):
    """All pictures in a folder and its subfolders, cached as one memory-mapped array.

    Parameters
    ----------
    root : str or Path
        The folder; see ``find_pictures`` for what counts as a picture, and what is passed over.
    size : int
        Height and width in pixels to cut (the central square) and resize to, 1 to 4,096.
    labelled : bool
        True labels every picture with its first subfolder, in alphabetical order, as torchvision's ImageFolder:
        a schema with the one attribute ``folder``. False: no labels.
    name : str, optional
        Name of the set; default the folder's.
    workers : int
        Threads that decode; -1 takes one a processor.
    progress : bool
        Show a progress bar.
    cache : Path, optional
        Folder of the cache; default ``avatarlib.data.cache_dir()``.

    Attributes
    ----------
    files : list of Path
        The file of every picture.

    Raises
    ------
    ValueError
        If an argument is out of range, the folder is not there, or it holds no readable picture.

    Examples
    --------
    >>> from pathlib import Path
    >>> from PIL import Image
    >>> from avatarlib.data import PictureFolder
    >>> for place in (Path("hair", "bob"), Path("hair", "bun")):
    ...     place.mkdir(parents=True, exist_ok=True)
    ...     Image.new("RGB", (40, 30)).save(place / "1.png")
    >>> hair = PictureFolder("hair", size=16, labelled=True, progress=False)
    >>> hair.images.shape, hair.labels.tolist(), hair.schema
    ((2, 3, 16, 16), [[0], [1]], {'folder': ('bob', 'bun')})
    """

    def __init__(self, root: str | Path, *, size: int = 256, labelled: bool = False, name: str | None = None,
                 workers: int = -1, progress: bool = True, cache: Path | None = None) -> None:
        root = user_path(root)
        paths = find_pictures(root) if root.is_dir() else []
        if not paths:
            raise ValueError(f"root must be a folder of pictures, got {str(root)!r} without any, {seen_in(root)}")
        labels, schema = folder_labels(root, paths) if labelled else (None, None)
        parts, self.files = read_pictures("folder", paths, size, labels=labels, schema=schema, workers=workers,
                                          progress=progress, cache=cache)
        super().__init__(name or root.name, *parts)


def folder_labels(root: Path, paths: Sequence[Path]) -> tuple[np.ndarray, dict[str, list[str]]]:
    """Each picture's first subfolder as its label (N, 1)."""
    tops = [path.relative_to(root).parts[0] for path in paths]
    loose = [path.name for path in paths if path.parent == root]
    if loose:
        raise ValueError(f"root must hold its pictures in subfolders to be labelled, got {len(loose):,} directly in "
                         f"{str(root)!r}, such as {loose[0]}; labelled=False reads them without")
    classes = sorted(set(tops))
    return np.array([[classes.index(top)] for top in tops], np.int64), {"folder": classes}


class UnpairedFolders(dict[str, ImageSet]):
    """Two unpaired sets from a tree ``trainA``, ``trainB``, ``testA``, ``testB`` (CycleGAN, U-GAT-IT).

    A dictionary with the keys "a" and "b", which the Trainer takes as it is; also ``folders.a`` and
    ``folders.b``. The tree may lie in a single subfolder of ``root``, as archives often have it.

    Parameters
    ----------
    root : str or Path
        Folder of the tree.
    split : {"train", "test"}
        Which half of it.
    size : int
        Height and width in pixels to cut and resize to.
    names : pair of str
        Keys of the sets, for a recipe that calls them otherwise: ``names=("photo", "cartoon")``.
    urls : sequence of str
        Addresses of an archive (tar or zip) of the tree, tried in order when ``root`` is not there or empty.
    sha256 : str, optional
        Of the archive; without it the first download is trusted.
    workers, progress, cache
        As in ``PictureFolder``.

    Raises
    ------
    ValueError
        If an argument is out of range or the tree is not there.
    DownloadError, ArchiveError
        If the archive cannot be had, or does not hold the tree.

    Examples
    --------
    >>> from pathlib import Path
    >>> from PIL import Image
    >>> from avatarlib.data import UnpairedFolders
    >>> for place in (Path("horses", "trainA"), Path("horses", "trainB")):
    ...     place.mkdir(parents=True, exist_ok=True)
    ...     Image.new("RGB", (40, 40)).save(place / "1.png")
    >>> folders = UnpairedFolders("horses", size=16, names=("photo", "cartoon"), progress=False)
    >>> list(folders), folders.a.name, folders.b.images.shape
    (['photo', 'cartoon'], 'horses trainA', (1, 3, 16, 16))
    """

    def __init__(self, root: str | Path, split: str = "train", *, size: int = 256,
                 names: tuple[str, str] = ("a", "b"), urls: Sequence[str] = (), sha256: str | None = None,
                 workers: int = -1, progress: bool = True, cache: Path | None = None) -> None:
        if split not in ("train", "test"):
            raise ValueError(f"split must be 'train' or 'test', got {split!r}")
        if len(set(names)) != 2:
            raise ValueError(f"names must be two different names, got {names!r}")
        check_size(size)
        root = user_path(root)
        if urls and is_free(root):
            download_tree(urls, root, sha256=sha256, progress=progress, validate=require_tree)
        tree = find_tree(root, (f"{split}A", f"{split}B"))
        super().__init__({name: PictureFolder(tree / f"{split}{side}", size=size, workers=workers, progress=progress,
                                              name=f"{tree.name} {split}{side}", cache=cache)
                          for name, side in zip(names, "AB", strict=True)})

    @property
    def a(self) -> ImageSet:
        """The set from the folder with A."""
        return next(iter(self.values()))

    @property
    def b(self) -> ImageSet:
        """The set from the folder with B."""
        return list(self.values())[1]


def find_tree(root: Path, names: Sequence[str]) -> Path:
    """``root``, or its one subfolder, that holds the folders ``names``; an error tells how it must look."""
    inside = [path for path in root.iterdir() if path.is_dir() and not is_junk(path.name)] if root.is_dir() else []
    for tree in (root, *inside):
        if all((tree / name).is_dir() for name in names):
            return tree
    found = sorted(path.name for path in inside)
    raise ValueError(f"root must hold the folders {' and '.join(names)}, got {str(root)!r} "
                     + (f"with {', '.join(found[:6])}" if found else "without any folder"))


def require_tree(folder: Path) -> None:
    """Refuse an archive without the training half of the tree."""
    try:
        find_tree(folder, ("trainA", "trainB"))
    except ValueError as error:
        raise ArchiveError(f"archive: {error}") from error


def selfie2anime(root: str | Path, split: str = "train", **options: object) -> UnpairedFolders:
    """The selfies (a) and anime faces (b) of U-GAT-IT (Kim et al. 2020), from an unpacked copy.

    Options as in ``UnpairedFolders``; ``urls`` may name a copy of one's own.

    Raises
    ------
    ValueError
        If the tree is not there; the message says where it can be had.

    Examples
    --------
    >>> from avatarlib.data import selfie2anime
    >>> selfie2anime("not-yet-there")
    Traceback (most recent call last):
        ...
    ValueError: root must hold the folders trainA and trainB, got 'not-yet-there' ... Selfie2anime is the tree ...
    """
    try:
        return UnpairedFolders(root, split, **options)      # type: ignore[arg-type]
    except ValueError as error:
        if "root must" not in str(error):
            raise
        raise ValueError(f"{error}. Selfie2anime is {SELFIE2ANIME}.") from error


class CartoonFolders(dict[str, ImageSet]):
    """CartoonGAN's three sets: keys "photo", "cartoon" and "smooth", from folders of these names.

    Parameters
    ----------
    root : str or Path
        Holds ``photo`` and ``cartoon``, and maybe ``cartoon_smooth``; if that is not there, the cartoons' edges
        are smoothed here (see ``smoothed``) and cached.
    size : int
        Height and width in pixels to cut and resize to; 256 in the paper.
    workers, progress, cache
        As in ``PictureFolder``.

    Raises
    ------
    ValueError
        If an argument is out of range or a folder is not there.

    Examples
    --------
    >>> from pathlib import Path
    >>> from PIL import Image
    >>> from avatarlib.data import CartoonFolders
    >>> for place in (Path("comic", "photo"), Path("comic", "cartoon")):
    ...     place.mkdir(parents=True, exist_ok=True)
    ...     Image.new("RGB", (40, 40)).save(place / "1.png")
    >>> {key: pictures.name for key, pictures in CartoonFolders("comic", size=16, progress=False).items()}
    {'photo': 'comic photo', 'cartoon': 'comic cartoon', 'smooth': 'comic cartoon, edges smoothed'}
    """

    def __init__(self, root: str | Path, *, size: int = 256, workers: int = -1, progress: bool = True,
                 cache: Path | None = None) -> None:
        tree = find_tree(user_path(root), ("photo", "cartoon"))

        def read(name: str) -> ImageSet:
            return PictureFolder(tree / name, size=size, workers=workers, progress=progress,
                                 name=f"{tree.name} {name}", cache=cache)

        super().__init__(photo=read("photo"), cartoon=read("cartoon"))
        self["smooth"] = read("cartoon_smooth") if (tree / "cartoon_smooth").is_dir() else \
            smoothed(self["cartoon"], workers=workers, progress=progress, cache=cache)


def download_tree(urls: Sequence[str], folder: str | Path, *, sha256: str | None = None, progress: bool = True,
                  validate: Callable[[Path], None] | None = None) -> Path:
    """Fetch an archive, check it, unpack it into ``folder``, and remove it; go on where a killed call stopped.

    Arguments are those of ``fetch`` and ``extract``. A folder that is there and not empty is left alone.

    Raises
    ------
    DownloadError
        If no address gave an archive.
    ArchiveError
        If it is damaged, or ``validate`` refuses it; it is removed, so that the next call starts anew.
    """
    folder = user_path(folder)
    archive = folder.with_name(f"{folder.name}.archive")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_name(f"{folder.name}.lock")):
        if is_free(folder):
            fetch(urls, archive, sha256=sha256, progress=progress, validate=check_kind)
            try:
                extract(archive, folder, progress=progress, validate=validate)
            except ArchiveError:
                forget(archive)
                raise
            archive.unlink()
    return folder
