"""How many different images are in a set, said as a number of images: the Vendi score."""

from __future__ import annotations

import torch

from avatarlib.metrics.distances import FeatureArray, pair_of_features

__all__ = ["vendi_score"]


def vendi_score(features: FeatureArray) -> float:
    """Effective number of different rows (Friedman and Dieng 2023, eq. 1): 1 if all are alike, N if none has to do
    with another.

    ``exp(-sum p log p)`` over the eigenvalues ``p`` of ``K / N``, where ``K`` is the cosine similarity of all pairs.
    K is never formed: its eigenvalues are the squared singular values of the N x D rows of length 1, so there can be no
    more than D. Of categories as indicator rows it is the exponential of their entropy: the effective number of hair
    styles, say.

    Parameters
    ----------
    features : Tensor or ndarray
        (N, D), N at least 2, no row of zeros. Features that are never negative are all alike to the cosine: take off
        the mean of a reference set first.

    Raises
    ------
    ValueError
        If the shape is none of these, or a value is not finite, or a row is zero.

    Examples
    --------
    >>> round(vendi_score(torch.eye(3)[[0, 0, 1, 1, 2, 2]]), 6)
    3.0
    """
    rows, _ = pair_of_features(features=features, same=features)
    lengths = rows.norm(dim=1, keepdim=True)
    if not lengths.all():
        raise ValueError(f"features must have no row of zeros, got {int((lengths == 0).sum())}")
    shares = torch.linalg.svdvals(rows / lengths / len(rows) ** 0.5).square()
    return torch.special.entr(shares).sum().exp().item()
