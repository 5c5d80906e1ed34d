"""Batches in an order that depends on the seed and the epoch alone, so that a run can go on anywhere."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from avatarlib.data.base import ImageSet, from_uint8

__all__ = ["Batches"]

Transform = Callable[[Tensor], Tensor]


class Batches:
    """Shuffled batches of an ImageSet, as float images in channels-last layout on ``device``.

    The whole set is kept as uint8 on the device where it fits in ``resident_bytes``: no worker processes, no
    decoding, one copy at the start. Larger sets are read from their memory map batch by batch.

    Parameters
    ----------
    data : ImageSet
        Pictures and labels.
    batch_size : int
        Pictures a batch in this process; the last incomplete batch of an epoch is left out.
    seed : int
        Fixes the order of every epoch.
    rank, world : int
        This process among how many; each sees its own share of every epoch.
    transform : callable, optional
        Augmentation of a float batch (n, 3, H, W) in [-1, 1], such as a torchvision v2 transform.

    Raises
    ------
    ValueError
        If the set is smaller than one batch.
    """

    def __init__(self, data: ImageSet, batch_size: int, *, seed: int, device: torch.device, rank: int = 0,
                 world: int = 1, transform: Transform | None = None, resident_bytes: int = 8 << 30) -> None:
        if not 1 <= batch_size * world <= len(data):
            raise ValueError(f"batch_size must be in [1, {len(data) // world}] for {len(data):,} pictures, "
                             f"got {batch_size}")
        self.data, self.batch_size, self.seed, self.device = data, batch_size, seed, device
        self.rank, self.world, self.transform = rank, world, transform
        resident = data.images.nbytes <= resident_bytes
        self.images = torch.from_numpy(np.array(data.images)).to(device) if resident else None
        self.labels = data.labels.to(device)
        self.epoch, self.order = -1, torch.empty(0, dtype=torch.long)

    @property
    def per_epoch(self) -> int:
        """Rounds in one epoch."""
        return len(self.data) // (self.batch_size * self.world)

    def __getitem__(self, step: int) -> dict[str, Tensor]:
        """The batch of round ``step``, counted from 0 over all epochs."""
        epoch, position = divmod(step, self.per_epoch)
        if epoch != self.epoch:
            rng = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
            self.epoch, self.order = epoch, torch.randperm(len(self.data), generator=rng)
        start = (position * self.world + self.rank) * self.batch_size
        rows = self.order[start:start + self.batch_size]
        image = self.read(rows).contiguous(memory_format=torch.channels_last)
        if self.transform is not None:
            image = self.transform(image)
        extras = {name: value.to(self.device) for name, value in self.data.extra_rows(rows.numpy()).items()}
        return {"image": image, "labels": self.labels[rows.to(self.device)], **extras}

    def read(self, rows: Tensor) -> Tensor:
        """Rows as floats in [-1, 1] on the device."""
        if self.images is not None:
            return from_uint8(self.images[rows.to(self.device)])
        picked = torch.from_numpy(self.data.images[rows.numpy()])
        return from_uint8(picked.to(self.device, non_blocking=True))
