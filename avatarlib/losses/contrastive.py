"""Contrastive losses: a place must be told from others by what it shows (CUT, Park et al. 2020)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["patch_nce_loss"]


def patch_nce_loss(queries: Tensor, keys: Tensor, temperature: float = 0.07) -> Tensor:
    """``-E log softmax(q_i . k / tau)_i``: a place of the new picture finds its own in the old one (CUT, eq. 2).

    The other places of the *same* old picture are the wrong answers. Vectors that are all orthogonal, each equal to its
    own, cost ``log(1 + (P - 1) exp(-1 / tau))``, 0.00016 for 256 places; guessing costs ``log P``, 5.545. CUT adds
    such a loss a layer, each a mean, with a weight of 1 for their mean (10 in FastCUT).

    Parameters
    ----------
    queries, keys : Tensor
        (N, P, D) of length 1, as from ``avatarlib.models.cut.PatchHeads``: P places of N generated pictures and, in
        the same order, of the pictures that these were made of. The keys get no gradient.
    temperature : float
        tau; the smaller, the more the most similar wrong answers count.

    Returns
    -------
    Tensor
        A scalar, the mean over places and pictures, in float32.

    Raises
    ------
    ValueError
        If the shapes differ, or the temperature is not positive.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import patch_nce_loss
    >>> distinct, alike = torch.eye(4)[None], torch.tensor([1.0, 0.0]).expand(1, 4, 2)     # four places of one picture
    >>> round(patch_nce_loss(distinct, distinct).item(), 3), round(patch_nce_loss(alike, alike).item(), 3)     # log 4
    (0.0, 1.386)
    """
    if queries.ndim != 3 or queries.shape != keys.shape:
        raise ValueError("queries and keys must have one shape (N, P, D), "
                         f"got {tuple(queries.shape)} and {tuple(keys.shape)}")
    if not temperature > 0:
        raise ValueError(f"temperature must be above 0, got {temperature}")
    with torch.autocast(queries.device.type, enabled=False):      # a rounded product would be divided by 0.07
        logits = queries.float() @ keys.detach().float().transpose(1, 2) / temperature      # (N, P, P)
    own = torch.arange(logits.shape[1], device=logits.device).expand(len(logits), -1)
    return F.cross_entropy(logits.flatten(0, 1), own.flatten())
