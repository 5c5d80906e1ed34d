"""DiffAugment: what a discriminator sees is changed by chance, real pictures and fakes alike (Zhao et al. 2020)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["POLICIES", "diff_augment"]

SHIFT = 1 / 8       # of the picture's side, either way
HOLE = 1 / 2        # side of the square that is cut out


def draw(images: Tensor, generator: torch.Generator | None) -> Tensor:
    """A number in [0, 1) for each picture, (N, 1, 1, 1), from a CPU generator."""
    return torch.rand(len(images), 1, 1, 1, generator=generator).to(images)


def colour(images: Tensor, generator: torch.Generator | None) -> Tensor:
    """Brightness moved by up to 1/2 (a quarter of the range), saturation times 0 to 2, contrast times 1/2 to 3/2."""
    images = images + draw(images, generator) - 0.5
    grey = images.mean(1, keepdim=True)
    images = grey + (images - grey) * 2 * draw(images, generator)
    mean = images.mean((1, 2, 3), keepdim=True)
    return mean + (images - mean) * (0.5 + draw(images, generator))


def positions(images: Tensor, offset: Tensor, axis: int) -> Tensor:
    """Row (axis 2) or column (3) of each pixel, less a whole number (N, 1, 1, 1) for each picture."""
    shape = [1, 1, 1, 1]
    shape[axis] = images.shape[axis]
    return torch.arange(images.shape[axis], device=images.device).view(shape) - offset


def whole(images: Tensor, low: int, high: int, generator: torch.Generator | None) -> Tensor:
    """A whole number from ``low`` to ``high``, both included, for each picture: int64 (N, 1, 1, 1)."""
    return low + (draw(images, generator).double() * (high - low + 1)).long().clamp(max=high - low)


def translation(images: Tensor, generator: torch.Generator | None) -> Tensor:
    """Each picture shifted by whole pixels, up to an eighth of its side either way; 0 comes in."""
    for axis in (2, 3):
        size = images.shape[axis]
        most = int(size * SHIFT + 0.5)
        source = positions(images, whole(images, -most, most, generator), axis)
        inside = (source >= 0) & (source < size)
        images = images.gather(axis, source.clamp(0, size - 1).expand(images.shape)) * inside
    return images


def cutout(images: Tensor, generator: torch.Generator | None) -> Tensor:
    """A square of half the side, somewhere or across the border, becomes 0."""
    hidden = torch.ones((), dtype=torch.bool, device=images.device)
    for axis in (2, 3):
        side = int(images.shape[axis] * HOLE + 0.5)
        centre = whole(images, 0, images.shape[axis] - side % 2, generator)
        place = positions(images, centre - side // 2, axis)
        hidden = hidden & (place >= 0) & (place < side)
    return images * ~hidden


POLICIES: dict[str, Callable[[Tensor, torch.Generator | None], Tensor]] = {
    "colour": colour, "translation": translation, "cutout": cutout}


def diff_augment(images: Tensor, policy: str = "colour,translation,cutout", *,
                 generator: torch.Generator | None = None) -> Tensor:
    """Change every picture on its own by chance, so that a gradient still flows through the change to a generator.

    A discriminator must see nothing else, neither of real pictures nor of fakes: in its own step, and when the
    generator asks it. Were only the real ones changed, the generator would learn to draw changed pictures
    (Zhao et al. 2020, section 3.1).

    Parameters
    ----------
    images : Tensor
        (N, 3, H, W) in [-1, 1].
    policy : str
        Names of ``POLICIES``, with commas between, done in this order; "" changes nothing. The paper has all three
        for few pictures.
    generator : torch.Generator, optional
        A CPU one; default is torch's global.

    Returns
    -------
    Tensor
        (N, 3, H, W). Colours may leave [-1, 1], as in the authors' code; what is shifted in or cut out is 0, grey.

    Raises
    ------
    ValueError
        If the shape is another, or a name unknown.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import diff_augment
    >>> white, source = torch.ones(1, 3, 16, 16), torch.Generator().manual_seed(0)
    >>> diff_augment(white, "cutout", generator=source).mean().item() < 1      # a part of it is grey
    True
    >>> torch.equal(diff_augment(white, ""), white)
    True
    >>> diff_augment(white, "color")
    Traceback (most recent call last):
        ...
    ValueError: policy must have names of colour, translation, cutout, with commas between, got 'color'
    """
    if images.ndim != 4 or images.shape[1] != 3:
        raise ValueError(f"images must be (N, 3, H, W), got {tuple(images.shape)}")
    names = policy.split(",") if policy else []
    if not set(names) <= set(POLICIES):
        raise ValueError(f"policy must have names of {', '.join(POLICIES)}, with commas between, got {policy!r}")
    for name in names:
        images = POLICIES[name](images, generator)
    return images
