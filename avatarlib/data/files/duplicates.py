"""Pictures that are there twice, found by a perceptual hash and by their colours: scraped sets are full of them.

The hash is that of the package ImageHash (``phash``): 64 bits, which of the 8 x 8 lowest frequencies of the
cosine transform lie above their median. It is written here because it is five lines of SciPy on a whole batch;
the package works picture by picture and brings PyWavelets along.

The hash sees shapes of grey: of 1,500 random avataaars it takes 458 for copies of others, most with another hair
colour. So a copy must have the larger picture's colours, too, everywhere: see ``colour_grids``. What that is worth
was tried on 36 avatars of three styles and 5 photographs, at 256 pixels:

- Of 747 avatars in which one colour was another, none is taken for a copy (by the hash alone 348).
- Of 1,357 with other eyes, eyebrows or mouth, 81 are (962), most of them by eyebrows alone.
- Of 1,500 random avatars of any of the styles, none is.
- Of copies, all of half the size, all darker ones, all JPEGs from quality 50 up, 98 % at 30 and 93 % of a quarter
  the size are found; 5 to 15 % of those made so bright that white stays and the rest moves; none that lost a margin.

A raised eyebrow changes less than a poor JPEG does: where every expression of one face shall stay, do not look for
duplicates.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.fft import dctn

from avatarlib.data.files.images import CorruptImageError, open_picture
from avatarlib.data.parallel import in_threads

__all__ = ["colour_grids", "find_distinct", "hash_files", "keep_distinct", "perceptual_hashes"]

SIDE, BITS = 32, 8          # pixels that are transformed, frequencies that are kept, a side (Krawetz 2011)
THRESHOLD = 4               # bits that may differ, of 64; ours
CELLS = 16                  # of the grid of colours, a side
TOLERANCE = 0.15            # standard deviations of a picture by which a cell may differ; ours
BLOCK = 512                 # pictures compared at a time
PAIRS = 8192                # grids compared at a time


def perceptual_hashes(greys: np.ndarray) -> np.ndarray:
    """Hashes, bool (N, 64), of grey levels (N, 32, 32) of any range; a ValueError if the shape differs.

    Row by row of the 8 x 8 lowest frequencies: above their median or not.

    Examples
    --------
    >>> import numpy as np
    >>> from avatarlib.data.files.duplicates import perceptual_hashes
    >>> greys = np.random.default_rng(0).uniform(size=(2, 32, 32))         # two pictures of noise
    >>> hashes, brighter = perceptual_hashes(greys), perceptual_hashes(2 * greys)
    >>> hashes.shape, int((hashes != brighter).sum()), int((hashes[0] != hashes[1]).sum())
    ((2, 64), 0, 34)
    """
    if greys.ndim != 3 or greys.shape[1:] != (SIDE, SIDE):
        raise ValueError(f"greys must be (N, {SIDE}, {SIDE}), got {greys.shape}")
    low = dctn(greys.astype(np.float64), axes=(1, 2))[:, :BITS, :BITS].reshape(len(greys), BITS * BITS)
    return low > np.median(low, axis=1, keepdims=True)


def colour_grids(colours: np.ndarray) -> np.ndarray:
    """Mean colours of cells (N, 16, 16, 3), such that light and contrast of the whole picture make no difference.

    float32: less the picture's mean over all cells and channels, in its standard deviations.

    Examples
    --------
    >>> import numpy as np
    >>> from avatarlib.data.files.duplicates import colour_grids
    >>> colours = np.random.default_rng(0).integers(0, 256, (1, 16, 16, 3))
    >>> darker, mirrored = colours / 2 + 10, colours[:, :, ::-1]
    >>> apart = [np.abs(colour_grids(colours) - colour_grids(other)).max() for other in (darker, mirrored)]
    >>> [round(float(most), 1) for most in apart]
    [0.0, 3.4]
    """
    values = colours.astype(np.float32)
    spread = np.maximum(values.std(axis=(1, 2, 3), keepdims=True), 1)      # a flat picture is no noise
    return (values - values.mean(axis=(1, 2, 3), keepdims=True)) / spread


def find_distinct(hashes: np.ndarray, areas: Sequence[int] | np.ndarray, *, threshold: int = THRESHOLD,
                  grids: np.ndarray | None = None) -> np.ndarray:
    """Which pictures stay when those like a larger one go.

    Pictures are taken from the largest to the smallest (of equals the first); one stays unless its hash lies
    within ``threshold`` bits of one that stays, and its colours are the same. Unlike in a chain of pairs, two that
    stay are never alike, and one that goes is like one that stays. Distances are products of matrices of +1 and -1:
    30,000 pictures are 450 million pairs, seconds of work, with little memory.

    ``hashes`` are bool (N, bits), ``areas`` the pixels of each picture (N,), ``grids`` their ``colour_grids``
    (N, 16, 16, 3): two are alike if no cell differs by more than 0.15. Without them hashes alone decide, which know no
    colours. Returned are the rows that stay, int64, in ascending order; a ValueError if shapes do not fit or
    ``threshold`` is not in 0..bits.

    Examples
    --------
    >>> import numpy as np
    >>> from avatarlib.data.files.duplicates import find_distinct
    >>> hashes = np.zeros((3, 64), bool)
    >>> hashes[2, :10] = True                                              # ten bits from the others
    >>> find_distinct(hashes, areas=[100, 400, 100]).tolist()              # picture 0 goes: it is like the larger 1
    [1, 2]
    """
    if hashes.ndim != 2 or len(hashes) != len(areas):
        raise ValueError(f"hashes must be (N, bits) with N = {len(areas)} areas, got {hashes.shape}")
    bits = hashes.shape[1]
    if not 0 <= threshold <= bits:
        raise ValueError(f"threshold must be in [0, {bits}] bits, got {threshold}")
    if grids is not None and grids.shape != (len(hashes), CELLS, CELLS, 3):
        raise ValueError(f"grids must be ({len(hashes)}, {CELLS}, {CELLS}, 3), got {grids.shape}")
    order = np.argsort(-np.asarray(areas, np.int64), kind="stable")
    signs = np.where(hashes, 1, -1).astype(np.float32)[order]       # sums of 64 are exact in float32

    def alike(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Which of ``rows`` are like which of ``others``: bool (rows, others)."""
        found = signs[rows] @ signs[others].T >= bits - 2 * threshold
        if grids is not None:
            found[found] = same_colours(grids, order[rows], order[others], np.argwhere(found))
        return found

    stays = np.zeros(len(order), bool)
    for start in range(0, len(order), BLOCK):
        block = np.arange(start, min(start + BLOCK, len(order)))
        free = ~alike(block, np.flatnonzero(stays)).any(axis=1)
        near = alike(block, block)
        for row in np.flatnonzero(free):
            stays[start + row] = not (near[row, :row] & stays[start:start + row]).any()
    return np.sort(order[stays])


def same_colours(grids: np.ndarray, rows: np.ndarray, others: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """For pairs (n, 2) of places in ``rows`` and in ``others`` whether all cells agree: bool (n,)."""
    found = np.zeros(len(pairs), bool)
    for start in range(0, len(pairs), PAIRS):
        first, second = pairs[start:start + PAIRS].T
        apart = np.abs(grids[rows[first]] - grids[others[second]]).max(axis=(1, 2, 3))
        found[start:start + PAIRS] = apart <= TOLERANCE
    return found


def hash_files(paths: Sequence[Path], *, workers: int = -1,
               progress: bool = True) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Hashes, colours and areas of picture files; unreadable ones are left out.

    The whole picture is squeezed to 32 x 32, whatever its shape, so that a crop is not taken for the whole. Returned
    are bool (n, 64); ``colour_grids`` (n, 16, 16, 3); pixels of each (n,); and which of ``paths`` these are (n,).
    """
    greys, areas = np.zeros((len(paths), SIDE, SIDE), np.uint8), np.zeros(len(paths), np.int64)
    colours = np.zeros((len(paths), CELLS, CELLS, 3), np.uint8)

    def read(row: int) -> None:
        try:
            picture = open_picture(paths[row])
        except (OSError, CorruptImageError):
            return              # its area stays 0
        areas[row] = picture.width * picture.height
        greys[row] = np.asarray(picture.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS))
        colours[row] = np.asarray(picture.resize((CELLS, CELLS), Image.Resampling.BOX))

    list(in_threads(read, range(len(paths)), "looking for duplicates", workers=workers, progress=progress))
    readable = np.flatnonzero(areas)
    return perceptual_hashes(greys[readable]), colour_grids(colours[readable]), areas[readable], readable


def keep_distinct(paths: Sequence[Path], *, threshold: int = THRESHOLD, workers: int = -1,
                  progress: bool = True) -> tuple[list[Path], list[Path]]:
    """Sort out duplicates among picture files: of pictures that look alike the largest stays.

    What differs in a colour stays, and most of what differs in expression; one that moves an eyebrow alone may be
    taken for a copy, and a copy that was cut or brightened may not (numbers stand at the head of the module).

    Parameters
    ----------
    paths : sequence of Path
        The files.
    threshold : int
        Bits of 64 in which two hashes of one picture may differ. Half the size, JPEG at quality 20 or 15 % more
        light change 0 to 4 bits. Faces that are drawn on one template are no further apart; colours tell them.
    workers, progress
        As in ``PictureFolder``.

    Returns
    -------
    (list of Path, list of Path)
        Files that stay, and files that are like one of those. Unreadable files stay: whoever reads them next
        names them.

    Examples
    --------
    >>> from pathlib import Path
    >>> from PIL import Image
    >>> from avatarlib.data import draw_avatar, keep_distinct
    >>> avatar = Image.fromarray(draw_avatar("avataaars", {"seed": "7"}, size=128)[0].transpose(1, 2, 0))
    >>> avatar.save("large.png")
    >>> avatar.resize((64, 64)).save("small.png")
    >>> stay, gone = keep_distinct([Path("small.png"), Path("large.png")], progress=False)
    >>> [path.name for path in stay], [path.name for path in gone]
    (['large.png'], ['small.png'])
    """
    hashes, grids, areas, readable = hash_files(paths, workers=workers, progress=progress)
    staying = set(readable[find_distinct(hashes, areas, threshold=threshold, grids=grids)].tolist())
    gone = set(readable.tolist()) - staying
    return [path for row, path in enumerate(paths) if row not in gone], [paths[row] for row in sorted(gone)]
