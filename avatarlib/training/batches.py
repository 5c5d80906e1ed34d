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
    batch_size : int
        Pictures a batch in this process; the last incomplete batch of an epoch is left out.
    seed : int
        Fixes the order of every epoch.
    rank, world : int
        This process among how many; each sees its own share of every epoch.
    transform : callable, optional
        Augmentation of a float batch (n, 3, H, W) in [-1, 1], such as a torchvision v2 transform.
    name : str
        Of this set among several, for the message.

    ValueError if the set is smaller than one batch.
    """

    def __init__(self, data: ImageSet, batch_size: int, *, seed: int, device: torch.device, rank: int = 0,
                 world: int = 1, transform: Transform | None = None, resident_bytes: int = 8 << 30,
                 name: str = "") -> None:
        if not 1 <= batch_size * world <= len(data):
            pictures = f"the {len(data):,} pictures of data[{name!r}]" if name else f"{len(data):,} pictures"
            raise ValueError(f"batch_size must be in [1, {len(data) // world}] for {pictures}, got {batch_size}")
        self.data, self.batch_size, self.seed, self.device = data, batch_size, seed, device
        self.rank, self.world, self.transform = rank, world, transform
        self.images_per_round = batch_size * world      # of all processes
        self.per_epoch = len(data) // self.images_per_round
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
    def identity(self) -> dict[str, Any]:
        """What a checkpoint notes of the data, to know it again."""
        return {"data": self.data.name, "count": len(self.data), "size": self.data.size,
                "digest": self.data.digest()}

    def __getitem__(self, step: int) -> dict[str, Tensor]:
        """The batch of round ``step``, counted from 0 over all epochs.

        ``image`` (n, 3, H, W) in [-1, 1], augmented, ``labels``, and each extra of the set by its name.
        """
        rows = self.rows(step)
        here = rows.to(self.device)
        image = from_uint8(self.images[here] if self.images is not None else
                           torch.from_numpy(self.data.images[rows.numpy()]).to(self.device, non_blocking=True))
        extras = {name: value.to(self.device) for name, value in self.data.extra_rows(rows.numpy()).items()}
        return {"image": image if self.transform is None else self.transform(image), "labels": self.labels[here],
                **extras}

    def rows(self, step: int) -> Tensor:
        """Which pictures (batch_size,) this process sees in round ``step``."""
        epoch, position = divmod(step, self.per_epoch)
        if epoch != self.epoch:
            rng = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
            self.epoch, self.order = epoch, torch.randperm(len(self.data), generator=rng)
        start = (position * self.world + self.rank) * self.batch_size
        return self.order[start:start + self.batch_size]


class UnpairedBatches:
    """Batches of several sets at once, such as photos and cartoons, each shuffled on its own.

    Every set has its own order, drawn from the seed and its name, so equal sets are not paired, and new at each of
    its own epochs; a smaller set begins anew while a larger one goes on. An epoch of the whole is an epoch of the
    largest set, max(|A|, |B|) as in the authors' code of CycleGAN (Zhu et al. 2017).

    Parameters
    ----------
    sets : mapping of str to ImageSet
        Name -> set; sizes may differ.
    transform : callable or mapping of str to callable, optional
        Augmentation of every set's batch, or of those named.
    batch_size, seed, device, rank, world, resident_bytes
        As in ``Batches``: pictures of each set, bytes of all together.

    ValueError if there is no set, one is smaller than a batch, or ``transform`` names one that is not there.
    """

    def __init__(self, sets: Mapping[str, ImageSet], batch_size: int, *, seed: int, device: torch.device,
                 rank: int = 0, world: int = 1, transform: Transform | Mapping[str, Transform] | None = None,
                 resident_bytes: int = 8 << 30) -> None:
        if not sets:
            raise ValueError("data must hold at least one ImageSet, got an empty mapping")
        transforms = transform if isinstance(transform, Mapping) else dict.fromkeys(sets, transform)
        if transforms.keys() - sets.keys():
            raise ValueError(f"transform must name sets among {sorted(sets)}, "
                             f"got {sorted(transforms.keys() - sets.keys())}")
        each = {name: Batches(data, batch_size, seed=seed + zlib.crc32(name.encode()), device=device, rank=rank,
                              world=world, transform=transforms.get(name), name=name,
                              resident_bytes=resident_bytes // len(sets)) for name, data in sets.items()}
        self.sets = dict(sorted(each.items()))                  # augmentation draws in this order
        self.per_epoch = max(batches.per_epoch for batches in each.values())
        self.images_per_round = sum(batches.images_per_round for batches in each.values())

    @property
    def identity(self) -> dict[str, Any]:
        """What a checkpoint notes of the data, each by the set's name."""
        each = {name: batches.identity for name, batches in self.sets.items()}
        return {key: {name: told[key] for name, told in each.items()} for key in ("data", "count", "size", "digest")}

    def __getitem__(self, step: int) -> dict[str, Tensor]:
        """Round ``step``, counted from 0 over all epochs: under a set's name its pictures (n, 3, H, W), and under
        ``name/labels``, ``name/landmarks`` and so on what the set knows of them."""
        parts = {name: batches[step] for name, batches in self.sets.items()}
        return {name if key == "image" else f"{name}/{key}": value
                for name, part in parts.items() for key, value in part.items()}
