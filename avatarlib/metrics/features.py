"""What a backbone sees in a set of images: the arrays that the measures of quality are computed from.

A number means something only with its backbone and its resize, so ``Features`` carries both into every result.
The network is handed in; ``inception_features`` makes the one that papers use.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional
from tqdm.auto import tqdm

from avatarlib.metrics.images import Images, ImageSource

__all__ = ["RESIZES", "Features"]

RESIZES = ("bilinear", "bicubic")


class Features:
    """A backbone, and how images are brought to it.

    Parameters
    ----------
    name : str
        For captions, such as "tagger-avatars".
    network : callable
        Images (N, 3, size, size) in [-1, 1] -> features (N, D): a module, or a method of one. A module is put
        into evaluation mode for the call and left as it was.
    size : int or None
        Width in pixels at which the network looks. Images of another size are resized; None hands them on as they are.
    resize : str
        "bilinear" or "bicubic", both antialiased (a reduced image is blurred first, as PIL does). Without
        ``size`` it is a text that says what the network does by itself, for the captions.
    kind : str, optional
        The word in the names of the measures: "tagger" gives "Fréchet tagger distance". By default what
        stands before the first hyphen of ``name``. Only "Inception" gives FID and KID.
    batch_size : int
        Images at a time.
    device : str or torch.device, optional
        Where to compute, moving the module there; by default where its weights are.
    progress : bool
        Show a progress bar.

    Raises
    ------
    ValueError
        If ``size``, ``resize`` or ``batch_size`` is none of these.

    Examples
    --------
    >>> mean_colour = Features("mean colour", lambda images: images.mean(dim=(2, 3)), size=None, progress=False)
    >>> mean_colour(torch.zeros(5, 3, 8, 8)).shape
    torch.Size([5, 3])
    """

    def __init__(self, name: str, network: Callable[[Tensor], Tensor], *, size: int | None, resize: str = "bilinear",
                 kind: str | None = None, batch_size: int = 64, device: str | torch.device | None = None,
                 progress: bool = True) -> None:
        if size is not None and size < 1:
            raise ValueError(f"size must be a positive number of pixels or None, got {size!r}")
        if size is not None and resize not in RESIZES:
            raise ValueError(f"resize must be one of {RESIZES}, got {resize!r}")
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size!r}")
        self.name, self.network, self.size, self.resize = name, network, size, resize
        self.kind = name.split("-")[0] if kind is None else kind
        self.batch_size, self.progress = batch_size, progress
        owner = getattr(network, "__self__", network)   # the module behind a method
        self.module = owner if isinstance(owner, nn.Module) else None
        self.device = torch.device(device) if device is not None else None

    def __call__(self, images: ImageSource, rows: Tensor | None = None) -> Tensor:
        """Features (n, D), float32 on the CPU, without gradient, of all images or of the ``rows`` (n,).

        Raises
        ------
        ValueError
            If ``images`` are no ImageSource, or the network does not return (n, D).
        """
        source = Images("images", images)
        rows = torch.arange(len(source)) if rows is None else rows
        if len(rows) == 0:
            raise ValueError("images must hold at least one image, got none")
        device = self.place()
        was_training = self.module is not None and self.module.training
        if self.module is not None:
            self.module.eval()
        bar = tqdm(rows.split(self.batch_size), desc=self.name, unit="batch", disable=not self.progress, leave=False)
        try:
            with torch.no_grad():
                parts = [self.see(2 * source.batch(part).to(device) - 1) for part in bar]
        finally:
            if self.module is not None:
                self.module.train(was_training)
        return torch.cat(parts)

    def place(self) -> torch.device:
        """Where to compute; the module is moved there if a device was asked for."""
        if self.module is None:
            return self.device or torch.device("cpu")
        if self.device is not None:
            self.module.to(self.device)
        weight = next(self.module.parameters(), None)
        return weight.device if weight is not None else self.device or torch.device("cpu")

    def see(self, batch: Tensor) -> Tensor:
        """Features (n, D) of one batch in [-1, 1]."""
        found = self.network(self.fit(batch))
        if found.ndim != 2 or len(found) != len(batch):
            raise ValueError(f"network of {self.name!r} must return ({len(batch)}, D) for {len(batch)} images, "
                             f"got {tuple(found.shape)}")
        return found.float().cpu()

    def fit(self, batch: Tensor) -> Tensor:
        """The batch at the network's size; values that bicubic carries out of [-1, 1] are cut off."""
        if self.size is None or tuple(batch.shape[-2:]) == (self.size, self.size):
            return batch
        return functional.interpolate(batch, (self.size, self.size), mode=self.resize, antialias=True).clamp(-1, 1)

    def at(self, width: int) -> str:
        """How images of a width are seen, for captions: "64 px (from 128 px, antialiased bilinear)"."""
        if self.size is None:
            return f"{width} px" + (f" ({self.resize})" if self.resize not in RESIZES else "")
        if self.size == width:
            return f"{width} px"
        return f"{self.size} px (from {width} px, antialiased {self.resize})"

    def __repr__(self) -> str:
        return f"Features({self.name!r}, size={self.size}, resize={self.resize!r})"
