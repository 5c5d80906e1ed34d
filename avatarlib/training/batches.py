"""Batches in an order that depends on the seed and the epoch alone, so that a run can go on anywhere."""

from __future__ import annotations

import copy
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from avatarlib.data.base import ImageSet, from_uint8

__all__ = ["Batches", "UnpairedBatches"]

Transform = Callable[[Tensor], Tensor]


class Batches:
    """Shuffled batches of an ImageSet, as float images on ``device``.

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

    def __deepcopy__(self, memo: dict[int, Any]) -> Batches:
        """Another reader of the same pictures, with a transform of its own."""
        other = copy.copy(self)
        other.transform = copy.deepcopy(self.transform, memo)
        return other

    @property
    def per_epoch(self) -> int:
        """Rounds in one epoch."""
        return len(self.data) // (self.batch_size * self.world)

    @property
    def images_per_round(self) -> int:
        """Real pictures in one round, of all processes."""
        return self.batch_size * self.world

    @property
    def identity(self) -> dict[str, Any]:
        """What a checkpoint notes of the data, to know it again."""
        return {"data": self.data.name, "count": len(self.data), "size": self.data.size,
                "digest": self.data.digest()}

    def __getitem__(self, step: int) -> dict[str, Tensor]:
        """The batch of round ``step``, counted from 0 over all epochs."""
        rows = self.rows(step)
        return {"image": self.pictures(rows), **self.known(rows)}

    def known(self, rows: Tensor) -> dict[str, Tensor]:
        """What the set knows of the pictures in these rows: labels, and each extra by its name."""
        extras = {name: value.to(self.device) for name, value in self.data.extra_rows(rows.numpy()).items()}
        return {"labels": self.labels[rows.to(self.device)], **extras}

    def rows(self, step: int) -> Tensor:
        """Which pictures (batch_size,) this process sees in round ``step``."""
        epoch, position = divmod(step, self.per_epoch)
        if epoch != self.epoch:
            rng = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
            self.epoch, self.order = epoch, torch.randperm(len(self.data), generator=rng)
        start = (position * self.world + self.rank) * self.batch_size
        return self.order[start:start + self.batch_size]

    def pictures(self, rows: Tensor) -> Tensor:
        """Rows as the network sees them: (n, 3, H, W) in [-1, 1], augmented."""
        image = self.read(rows)
        return image if self.transform is None else self.transform(image)

    def read(self, rows: Tensor) -> Tensor:
        """Rows as floats in [-1, 1] on the device."""
        if self.images is not None:
            return from_uint8(self.images[rows.to(self.device)])
        picked = torch.from_numpy(self.data.images[rows.numpy()])
        return from_uint8(picked.to(self.device, non_blocking=True))


class UnpairedBatches:
    """Batches of several sets at once, such as photos and cartoons, each shuffled on its own.

    No picture of one set belongs to a picture of another. Every set has its own seeded order, new at each of
    its own epochs; a smaller set begins anew while a larger one goes on. An epoch of the whole is an epoch of
    the largest set, max(|A|, |B|) as in the authors' code of CycleGAN (Zhu et al. 2017). The batch of a round
    depends on the seed and the round alone.

    Parameters
    ----------
    sets : mapping of str to ImageSet
        Name -> set; sizes may differ.
    batch_size : int
        Pictures of each set in a batch of this process.
    seed : int
        Fixes all orders; each set draws from the seed and its name, so equal sets are not paired.
    transform : callable or mapping of str to callable, optional
        Augmentation of every set's batch (n, 3, H, W), or of those named.
    device, rank, world, resident_bytes
        As in ``Batches``; the bytes are for all sets together.

    Raises
    ------
    ValueError
        If there is no set, one is smaller than a batch, or ``transform`` names one that is not there.
    """

    def __init__(self, sets: Mapping[str, ImageSet], batch_size: int, *, seed: int, device: torch.device,
                 rank: int = 0, world: int = 1, transform: Transform | Mapping[str, Transform] | None = None,
                 resident_bytes: int = 8 << 30) -> None:
        if not sets:
            raise ValueError("data must hold at least one ImageSet, got an empty mapping")
        for name, data in sets.items():
            if not 1 <= batch_size * world <= len(data):
                raise ValueError(f"batch_size must be in [1, {len(data) // world}] for the {len(data):,} pictures of "
                                 f"data[{name!r}], got {batch_size}")
        transforms = transform if isinstance(transform, Mapping) else dict.fromkeys(sets, transform)
        if transforms.keys() - sets.keys():
            raise ValueError(f"transform must name sets among {sorted(sets)}, "
                             f"got {sorted(transforms.keys() - sets.keys())}")
        self.batch_size, self.world = batch_size, world
        self.sets = {name: Batches(data, batch_size, seed=seed + zlib.crc32(name.encode()), device=device, rank=rank,
                                   world=world, transform=transforms.get(name),
                                   resident_bytes=resident_bytes // len(sets))
                     for name, data in sorted(sets.items())}     # sorted: augmentation draws in this order

    @property
    def per_epoch(self) -> int:
        """Rounds in one epoch: those of the largest set."""
        return max(batches.per_epoch for batches in self.sets.values())

    @property
    def images_per_round(self) -> int:
        """Real pictures in one round, of all sets and processes."""
        return len(self.sets) * self.batch_size * self.world

    @property
    def identity(self) -> dict[str, Any]:
        """What a checkpoint notes of the data, each by the set's name."""
        each = {name: batches.identity for name, batches in self.sets.items()}
        return {key: {name: told[key] for name, told in each.items()} for key in ("data", "count", "size", "digest")}

    def __getitem__(self, step: int) -> dict[str, Tensor]:
        """Round ``step``, counted from 0 over all epochs: under a set's name its pictures (n, 3, H, W), and under
        ``name/labels``, ``name/landmarks`` and so on what the set knows of them."""
        batch: dict[str, Tensor] = {}
        for name, batches in self.sets.items():
            rows = batches.rows(step)
            batch |= {name: batches.pictures(rows),
                      **{f"{name}/{key}": value for key, value in batches.known(rows).items()}}
        return batch
