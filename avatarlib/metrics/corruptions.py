"""Ways to spoil a set of real images, each in one respect: a measure of quality must notice.

Each takes images as every metric does and returns uint8 (N, 3, H, W), so the result can be measured in turn.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torchvision.transforms.functional import gaussian_blur

from avatarlib.metrics.images import Images, ImageSource, draw

__all__ = ["blurred", "collapsed", "corruptions", "shuffled_colours"]

BATCH = 256
PERMUTATIONS = torch.tensor([p for p in itertools.permutations(range(3)) if p != (0, 1, 2)])


def blurred(images: ImageSource, *, sigma: float = 1.5) -> np.ndarray:
    """Every image under a Gaussian of ``sigma`` pixels: what fakes without fine detail look like.

    Raises
    ------
    ValueError
        If ``sigma`` is not positive.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import blurred
    >>> dot = torch.full((1, 3, 9, 9), -1.0)
    >>> dot[..., 4, 4] = 1.0
    >>> blurred(dot, sigma=1.0)[0, 0, 4, 3:6].tolist()              # 255 / 2 pi, and exp(-1/2) of it
    [25, 41, 25]
    """
    if not sigma > 0:
        raise ValueError(f"sigma must be positive, in pixels, got {sigma!r}")
    width = 2 * int(np.ceil(3 * sigma)) + 1
    return by_batch(images, lambda batch, _: gaussian_blur(batch, [width, width], [sigma, sigma]))


def collapsed(images: ImageSource, *, seed: int, modes: int = 10) -> np.ndarray:
    """As many images as before, all copies of ``modes`` of them: a generator that has collapsed.

    Raises
    ------
    ValueError
        If there are fewer than ``modes`` images, or ``modes`` is below 2.

    Examples
    --------
    >>> import numpy as np
    >>> import torch
    >>> from avatarlib.metrics import collapsed
    >>> greys = torch.linspace(-1, 1, 6)[:, None, None, None].expand(6, 3, 8, 8)
    >>> copies = collapsed(greys, seed=0, modes=2)
    >>> copies.shape, len(np.unique(copies, axis=0))
    ((6, 3, 8, 8), 2)
    """
    source = Images("images", images)
    kept = draw(source, modes, torch.Generator().manual_seed(seed))
    return to_byte(source.batch(kept))[np.arange(len(source)) % modes]


def shuffled_colours(images: ImageSource, *, seed: int) -> np.ndarray:
    """Every image with red, green and blue in another order, one of the five at random for each.

    Shapes, black and white stay as they are; skin becomes green or blue, and hair any colour.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import shuffled_colours
    >>> orange = torch.tensor([255, 128, 0], dtype=torch.uint8)[:, None, None].expand(1, 3, 8, 8)
    >>> colour = shuffled_colours(orange, seed=0)[0, :, 0, 0].tolist()
    >>> sorted(colour), colour != [255, 128, 0]
    ([0, 128, 255], True)
    """
    draws = torch.Generator().manual_seed(seed)
    order = PERMUTATIONS[torch.randint(len(PERMUTATIONS), (len(Images("images", images)),), generator=draws)]
    return by_batch(images, lambda batch, rows: batch.gather(1, order[rows][:, :, None, None].expand_as(batch)))


def corruptions(images: ImageSource, *, seed: int, sigma: float = 1.5, modes: int = 10) -> dict[str, np.ndarray]:
    """All three, by name, for ``quality_table``.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import corruptions
    >>> list(corruptions(torch.rand(4, 3, 16, 16), seed=0, modes=2))
    ['blurred', '2 images repeated', 'shuffled colours']
    """
    return {"blurred": blurred(images, sigma=sigma),
            f"{modes} images repeated": collapsed(images, seed=seed, modes=modes),
            "shuffled colours": shuffled_colours(images, seed=seed)}


def by_batch(images: ImageSource, change: Callable[[Tensor, Tensor], Tensor]) -> np.ndarray:
    """``change(batch in [0, 1], its rows)`` of all images, uint8."""
    source = Images("images", images)
    return np.concatenate([to_byte(change(source.batch(rows).cpu(), rows))
                           for rows in torch.arange(len(source)).split(BATCH)])


def to_byte(images: Tensor) -> np.ndarray:
    """[0, 1] -> uint8."""
    return (images * 255).round().to(torch.uint8).cpu().numpy()
