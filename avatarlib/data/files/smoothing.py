"""Edge smoothing (CartoonGAN, Chen, Lai and Liu 2018): cartoons whose outlines are blurred away.

The discriminator gets them as a third class, "not a cartoon", and so learns that a cartoon has clear edges.
Canny finds the edges, a dilation widens them to a mask, and a Gaussian replaces the pixels inside the mask.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np
from scipy import ndimage
from skimage.feature import canny

from avatarlib.data.base import ImageSet, Parts, build_cache, scratch
from avatarlib.data.parallel import in_chunks

__all__ = ["EdgeSmoothing", "smooth_edges", "smoothed", "smoothing_steps"]

CACHE_VERSION = 1
LUMA = (0.299, 0.587, 0.114)        # ITU-R BT.601, the grey of OpenCV
THRESHOLDS = (100.0, 200.0)         # of OpenCV's Canny in the scripts that CartoonGAN's ports share
L1_PER_L2 = 4 / math.pi             # mean of |cos a| + |sin a| over all directions a
FOOTPRINT = 5                       # pixels a side of the dilation and of the Gaussian, in the same scripts
SIGMA = 1.1                         # 0.3 * ((5 - 1) / 2 - 1) + 0.8, OpenCV's rule for a kernel of 5
PARALLEL_FROM = 1_000               # pictures; below this, starting processes takes longer than the work
CHUNK = 32


@dataclass(frozen=True)
class EdgeSmoothing:
    """What happens to one picture: ``edges`` and ``mask`` bool (H, W), the others uint8 (3, H, W).

    Examples
    --------
    >>> import numpy as np
    >>> from avatarlib.data import smoothing_steps
    >>> steps = smoothing_steps(np.full((3, 16, 16), 255, np.uint8))       # a white picture: no edge, nothing changes
    >>> int(steps.edges.sum()), int(steps.mask.sum()), steps.result.min().item()
    (0, 0, 255)
    """

    image: np.ndarray
    edges: np.ndarray
    mask: np.ndarray
    blurred: np.ndarray
    result: np.ndarray


def smoothing_steps(image: np.ndarray) -> EdgeSmoothing:
    """Smooth the edges of one picture and keep every step.

    The scripts that CartoonGAN's ports share call OpenCV: ``Canny(grey, 100, 200)``, a dilation by 5 x 5 ones,
    a 5 x 5 Gaussian with reflected borders. scikit-image's Canny is made to see the same edges:

    - It blurs first; OpenCV does not: ``sigma=0``.
    - Both measure edges with the unscaled Sobel kernels (1, 2, 1) x (-1, 0, 1), so on grey levels 0..255 the
      thresholds keep their unit. On [0, 1] they would be divided by 255.
    - OpenCV adds the two gradients, \\|g_x\\| + \\|g_y\\|; scikit-image takes their Euclidean norm. The sum is 1
      to 1.41 times the norm, by the edge's direction, and 4 / pi times on average: 100 and 200 become 78.5 and
      157.1. With OpenCV 4.14 beside it, masks of drawn pictures overlap to 0.98 (intersection over union;
      CartoonSet), against 0.97 with the thresholds unchanged; of photographs to 0.95 against 0.90.

    For a kernel of 5 without a sigma OpenCV documents 1.1 and computes with a table, (1, 4, 6, 4, 1) / 16;
    its weights and those of 1.1 differ by less than 0.009. The authors of CartoonGAN averaged instead, and
    say that either is fine.

    Parameters
    ----------
    image : ndarray
        uint8 (3, H, W), at least 5 x 5; anything else is a ValueError.

    Examples
    --------
    >>> import numpy as np
    >>> from avatarlib.data import smoothing_steps
    >>> image = np.zeros((3, 9, 16), np.uint8)
    >>> image[:, :, 8:] = 255                                              # black to the left, white to the right
    >>> steps = smoothing_steps(image)
    >>> np.flatnonzero(steps.mask[4]).tolist()                             # of the middle row
    [5, 6, 7, 8, 9, 10]
    >>> steps.result[0, 4, 5:11].tolist()
    [0, 18, 80, 175, 237, 255]
    """
    check(image, "image", "(3, H, W)")
    grey = np.round(np.tensordot(LUMA, image.astype(np.float64), 1))
    low, high = (threshold / L1_PER_L2 for threshold in THRESHOLDS)
    edges = canny(grey, sigma=0, low_threshold=low, high_threshold=high)
    mask = ndimage.maximum_filter(edges, FOOTPRINT, mode="constant", cval=False)
    blurred = blur(image)
    return EdgeSmoothing(image, edges, mask, blurred, np.where(mask, blurred, image))


def blur(image: np.ndarray) -> np.ndarray:
    """The 5 x 5 Gaussian of every colour, borders reflected about the outermost pixel; uint8 (3, H, W)."""
    smooth = ndimage.gaussian_filter(image.astype(np.float64), (0, SIGMA, SIGMA), mode="mirror",
                                     truncate=(FOOTPRINT // 2) / SIGMA)
    return np.round(smooth).astype(np.uint8)


def smooth_edges(images: np.ndarray) -> np.ndarray:
    """Smooth the edges of a batch: where an edge is near, the 5 x 5 Gaussian; elsewhere the picture itself.

    uint8 (N, 3, H, W), at least 5 x 5 pixels; anything else is a ValueError. ``smoothing_steps`` tells how.

    Examples
    --------
    >>> import numpy as np
    >>> from avatarlib.data import smooth_edges
    >>> images = np.zeros((1, 3, 9, 16), np.uint8)
    >>> images[..., 8:] = 255                                              # black to the left, white to the right
    >>> smooth = smooth_edges(images)
    >>> [int(np.diff(row.astype(int)).max()) for row in (images[0, 0, 4], smooth[0, 0, 4])]        # the steepest step
    [255, 95]
    """
    check(images, "images", "(N, 3, H, W)")
    return np.stack([smoothing_steps(image).result for image in images]) if len(images) else images.copy()


def smoothed(data: ImageSet, *, workers: int = -1, progress: bool = True, cache: Path | None = None) -> ImageSet:
    """The same set with smoothed edges: same order, labels and schema, no extras.

    Computed once, in several processes, and cached by the set's content: the digest is of all its pictures,
    not of the 64 that ``ImageSet.digest`` looks at, so one changed cartoon is noticed.

    Parameters
    ----------
    data : ImageSet
        Usually the cartoons.
    workers, progress, cache
        As in ``AvatarSet``.

    Raises
    ------
    ValueError
        If the set is empty or ``workers`` is neither -1 nor at least 1.

    Examples
    --------
    >>> from avatarlib.data import AvatarSet, smoothed
    >>> avatars = AvatarSet(count=2, size=32, progress=False)
    >>> soft = smoothed(avatars, progress=False)
    >>> soft.name, soft.images.shape, int((soft.labels != avatars.labels).sum())
    ('AvatarSet avataaars (train), edges smoothed', (2, 3, 32, 32), 0)
    """
    if not len(data):
        raise ValueError(f"data must hold at least one picture, got none in {data.name!r}")
    if workers != -1 and workers < 1:
        raise ValueError(f"workers must be -1 or at least 1, got {workers!r}")
    key = {"pictures": content_digest(data), "count": len(data), "size": data.size, "thresholds": THRESHOLDS,
           "footprint": FOOTPRINT, "sigma": SIGMA, "scikit-image": version("scikit-image"),
           "version": CACHE_VERSION}

    def build() -> Parts:
        with scratch(data.images.shape, cache) as out:
            start = 0
            for part in in_chunks(partial(smooth_rows, data.images), len(data), chunk=CHUNK,
                                  parallel_from=PARALLEL_FROM, workers=workers, progress=progress,
                                  task="smoothing edges", unit="picture"):
                out[start:start + len(part)] = part
                start += len(part)
            return out, np.zeros((len(data), 0), np.int64), {}, {}

    images, *_ = build_cache("smoothed", key, build, root=cache)
    return ImageSet(f"{data.name}, edges smoothed", images, data.labels.numpy(), data.schema)


def smooth_rows(images: np.ndarray, start: int, number: int) -> np.ndarray:
    """``smooth_edges`` of some rows of a set."""
    return smooth_edges(np.array(images[start:start + number]))


def content_digest(data: ImageSet) -> str:
    """Digest of every pixel of a set; about a gigabyte a second."""
    digest = hashlib.blake2b(digest_size=16)
    for start in range(0, len(data), 1024):
        digest.update(data.images[start:start + 1024].tobytes())
    return digest.hexdigest()


def check(pixels: np.ndarray, name: str, shape: str) -> None:
    """Refuse what is no uint8 colour picture, or batch of them, of at least 5 x 5 pixels."""
    axes = shape.count(",") + 1
    if pixels.dtype != np.uint8 or pixels.ndim != axes or pixels.shape[-3] != 3 or min(pixels.shape[-2:]) < FOOTPRINT:
        raise ValueError(f"{name} must be uint8 {shape} of at least {FOOTPRINT} x {FOOTPRINT} pixels, "
                         f"got {pixels.dtype} {pixels.shape}")
