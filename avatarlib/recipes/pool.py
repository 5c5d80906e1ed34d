"""Pictures that a run remembers: old fakes for a discriminator (Shrivastava et al. 2017), fixed ones to look at."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

__all__ = ["Gallery", "ImagePool"]


class ImagePool(nn.Module):
    """A history of fakes: the discriminator sees old ones too, and the players do not chase each other in circles.

    The first ``size`` fakes fill the pool. From then on each is passed on with probability 1/2; else a picture of
    the pool goes in its stead and the new one takes its place (Zhu et al. 2017). The pictures of one batch take
    different places. All is kept in a checkpoint; places and coins are drawn on the CPU, so a GPU never waits.

    Parameters
    ----------
    size : int
        Pictures kept; 0 passes every fake on.
    shape : (int, int, int)
        Of one picture.

    Raises
    ------
    ValueError
        If ``size`` is negative.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.recipes.pool import ImagePool
    >>> pool, rng = ImagePool(2, shape=(3, 4, 4)), torch.Generator().manual_seed(0)
    >>> shown = [pool.exchange(torch.full((1, 3, 4, 4), float(number)), rng)[0, 0, 0, 0].item() for number in range(9)]
    >>> shown[:2], all(value <= number for number, value in enumerate(shown))
    ([0.0, 1.0], True)
    """

    pictures: Tensor

    def __init__(self, size: int = 50, shape: tuple[int, int, int] = (3, 256, 256)) -> None:
        super().__init__()
        if size < 0:
            raise ValueError(f"size must be at least 0, got {size}")
        self.count = 0      # pictures there, a number of Python's: a tensor on a GPU would have to be waited for
        self.register_buffer("pictures", torch.zeros(size, *shape))

    def get_extra_state(self) -> Tensor:
        """The count, for a checkpoint."""
        return torch.tensor(self.count)

    def set_extra_state(self, state: Tensor) -> None:
        """The count of a checkpoint."""
        self.count = int(state)

    @torch.no_grad()
    def exchange(self, fakes: Tensor, rng: torch.Generator) -> Tensor:
        """What the discriminator shall see instead of ``fakes`` (n, 3, H, W), without gradients.

        Raises
        ------
        ValueError
            If a pool has fewer places than the batch has pictures.
        """
        size, n, device = len(self.pictures), len(fakes), fakes.device
        if not size:
            return fakes.detach()
        if n > size:
            raise ValueError(f"fakes must be at most {size}, the size of the pool, got {n}")
        new = min(n, size - self.count)
        self.pictures[self.count:self.count + new] = fakes[:new].to(self.pictures.dtype)
        self.count += new
        places = torch.randperm(size, generator=rng)[:n - new].to(device, non_blocking=True)
        swapped = (torch.rand(n - new, 1, 1, 1, generator=rng) < 0.5).to(device, non_blocking=True)
        fresh, old = fakes[new:].to(self.pictures.dtype), self.pictures[places]
        self.pictures[places] = torch.where(swapped, fresh, old)
        return torch.cat([fakes[:new], torch.where(swapped, old, fresh)]).detach()


class Gallery(nn.Module):
    """The first ``count`` pictures of a run of each name, for previews that can be compared, also after a resume.

    Parameters
    ----------
    names : sequence of str
        Names in a batch, such as "photo".
    size, count : int
        Pixels a side, and how many of each.
    """

    def __init__(self, *names: str, size: int, count: int = 8) -> None:
        super().__init__()
        for name in names:
            self.register_buffer(name, torch.zeros(count, 3, size, size))

    def keep(self, batch: Mapping[str, Tensor], round: int) -> None:
        """Take what is still missing from the batch of round ``round``, counted from 0."""
        for name, kept in self.named_buffers():
            pictures = batch[name]
            places = kept[round * len(pictures):(round + 1) * len(pictures)]
            if len(places):
                places.copy_(pictures[:len(places)])
