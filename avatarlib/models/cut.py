"""The heads of CUT (Park et al. 2020): places of a generator's own feature maps as vectors that can be compared."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["PatchHeads"]


class PatchHeads(nn.Module):
    """Feature maps, each (N, C, H, W) -> vectors of P of their places, each (N, P, width) of length 1.

    A head a map: linear, ReLU, linear, and division by the length. In float32 whatever precision surrounds it.

    Parameters
    ----------
    channels : sequence of int
        C of each map.
    width : int
        Numbers of a vector.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.cut import PatchHeads
    >>> heads, maps = PatchHeads([4, 8], width=16), [torch.rand(2, 4, 8, 8), torch.rand(2, 8, 2, 2)]
    >>> vectors, places = heads(maps, patches=6)
    >>> [tuple(vector.shape) for vector in vectors]            # the second map has 4 places only
    [(2, 6, 16), (2, 4, 16)]
    >>> round(vectors[0].norm(dim=2).mean().item(), 3)
    1.0
    >>> again, _ = heads(maps, places)                         # at these places, as of the other picture
    >>> round((again[0] - vectors[0]).abs().max().item(), 3)
    0.0
    """

    def __init__(self, channels: Sequence[int], width: int = 256) -> None:
        super().__init__()
        self.heads = nn.ModuleList(nn.Sequential(nn.Linear(count, width), nn.ReLU(), nn.Linear(width, width))
                                   for count in channels)
        for head in self.heads.modules():
            if isinstance(head, nn.Linear):
                nn.init.xavier_normal_(head.weight, gain=0.02)     # the authors' code
                nn.init.zeros_(head.bias)

    def forward(self, maps: Sequence[Tensor], places: Sequence[Tensor] | None = None, *, patches: int = 256,
                generator: torch.Generator | None = None) -> tuple[list[Tensor], list[Tensor]]:
        """The vectors, and where they were taken: a list of int64 (P,), row by row, for the other picture's maps.

        Parameters
        ----------
        maps : sequence of Tensor
            One a head.
        places : sequence of Tensor, optional
            As returned. Default: drawn without repetition, the same for all pictures of a batch; all places of a map
            that has fewer than ``patches``.
        generator : torch.Generator, optional
            On the CPU, so that every device gets the same places. Default: torch's own.

        Raises
        ------
        ValueError
            If there is not a map, or not a list of places, for each head.
        """
        for name, given in {"maps": maps, "places": places}.items():
            if given is not None and len(given) != len(self.heads):
                raise ValueError(f"{name} must be {len(self.heads)}, one a head, got {len(given)}")
        if places is None:
            places = [torch.randperm(seen[0, 0].numel(), generator=generator)[:patches].to(seen.device)
                      for seen in maps]
        with torch.autocast(maps[0].device.type, enabled=False):
            vectors = [F.normalize(head(seen.flatten(2)[:, :, chosen].transpose(1, 2).float()), dim=2)
                       for head, seen, chosen in zip(self.heads, maps, places, strict=True)]
        return vectors, list(places)
