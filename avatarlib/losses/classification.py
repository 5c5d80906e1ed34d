"""Losses of a classifier beside the judgement real or fake (Odena et al. 2017)."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

__all__ = ["tag_cross_entropy"]


def tag_cross_entropy(logits: Tensor, tags: Tensor, *, reduction: str = "sum") -> Tensor:
    """``-E log P(tags | image)`` of tags that are judged one by one (ACGAN, Odena et al. 2017, eq. 3; Xu).

    Parameters
    ----------
    logits : Tensor
        (N, tags), before the sigmoid.
    tags : Tensor
        (N, tags) of 0 and 1, whole or floating-point; numbers between are accepted as probabilities.
    reduction : {"sum", "mean"}
        Over the tags of a picture; over pictures it is always the mean. The sum is the log-likelihood of the
        whole tag vector and goes with an adversarial weight of 34 (the number of tags); the mean goes with 1.

    Returns
    -------
    Tensor
        A scalar of at least 0. An undecided classifier pays ``log 2`` a tag, ``34 log 2 = 23.57`` for all.

    Raises
    ------
    ValueError
        If the shapes differ or the reduction is unknown.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import tag_cross_entropy
    >>> undecided, tags = torch.zeros(2, 34), torch.ones(2, 34)
    >>> round(tag_cross_entropy(undecided, tags).item(), 2)                        # 34 log 2
    23.57
    >>> round(tag_cross_entropy(undecided, tags, reduction="mean").item(), 3)      # log 2
    0.693
    """
    if logits.ndim != 2 or logits.shape != tags.shape:
        raise ValueError("logits and tags must have one shape (N, tags), "
                         f"got {tuple(logits.shape)} and {tuple(tags.shape)}")
    if reduction not in ("sum", "mean"):
        raise ValueError(f"reduction must be 'sum' or 'mean', got {reduction!r}")
    each = F.binary_cross_entropy_with_logits(logits, tags.to(logits.dtype), reduction="none")
    return (each.sum(dim=1) if reduction == "sum" else each.mean(dim=1)).mean()
