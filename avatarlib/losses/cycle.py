"""Losses of translation between two domains without pairs: there and back, leave your own alone, keep the codes.

All are mean absolute differences over every number of pictures or codes, so a weight means the same at every size.
They take what networks gave, not the networks: which picture went where is written in the recipe's step.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

__all__ = ["content_code_loss", "cycle_loss", "identity_loss", "style_code_loss"]


def cycle_loss(back: Tensor, original: Tensor) -> Tensor:
    """``||F(G(x)) - x||_1``: who goes there and back must be who set out (CycleGAN, Zhu et al. 2017, eq. 2; Tian).

    One direction; the reference weighs each with 10. Gradients reach ``back`` and through it both generators.

    Parameters
    ----------
    back, original : Tensor
        (N, 3, H, W) in [-1, 1]; the greatest distance is 2.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import cycle_loss
    >>> white = torch.ones(1, 3, 8, 8)
    >>> cycle_loss(white, white).item(), cycle_loss(-white, white).item()      # come back, or turned to black
    (0.0, 2.0)
    """
    return mean_distance("back", back, "original", original)


def identity_loss(translated: Tensor, own: Tensor) -> Tensor:
    """``||G(y) - y||_1``: a picture that is in the target domain already stays as it is (Zhu et al. 2017, section 5.2).

    It keeps colours from being turned round. The reference weighs it with half of the cycle's weight, 5; Tian's paper
    has none.

    Parameters
    ----------
    translated, own : Tensor
        (N, 3, H, W) in [-1, 1]: what the generator made of a picture of its *target* domain, and that picture.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import identity_loss
    >>> cartoon = torch.zeros(1, 3, 8, 8)
    >>> identity_loss(translated=cartoon + 0.25, own=cartoon).item()           # the generator made it brighter
    0.25
    """
    return mean_distance("translated", translated, "own", own)


def content_code_loss(generated: Tensor, photo: Tensor) -> Tensor:
    """``||E_c(g) - sg(E_c(x))||_1``: the cartoon g has the content of its photograph x (Tian, section 5.3; MUNIT).

    The photograph's code is the goal and is not moved (sg, stop gradient): else both could agree on nothing. Tian
    gives no weight; MUNIT's is 1.

    Parameters
    ----------
    generated, photo : Tensor
        Content codes of equal shapes, such as (N, 256, H / 4, W / 4).

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import content_code_loss
    >>> generated, photo = torch.ones(1, 4, 2, 2, requires_grad=True), torch.zeros(1, 4, 2, 2, requires_grad=True)
    >>> loss = content_code_loss(generated, photo)
    >>> loss.backward()
    >>> loss.item(), generated.grad.sum().item(), photo.grad                   # the photograph's code is not moved
    (1.0, 1.0, None)
    """
    return mean_distance("generated", generated, "photo", photo.detach())


def style_code_loss(generated: Tensor, cartoon: Tensor) -> Tensor:
    """``||E_s(g) - sg(s_y)||_1``: the cartoon g has the style that it was given, y's (Tian, section 5.3; MUNIT).

    For codes of two pictures of one style, which "should be as similar as possible", too. The second is the goal and
    is not moved: else one code for everything were the best. Tian gives no weight; MUNIT's is 1.

    Parameters
    ----------
    generated, cartoon : Tensor
        Style codes of equal shapes, such as (N, 8).

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import style_code_loss
    >>> style_code_loss(torch.tensor([[0.0, 1.0]]), torch.tensor([[1.0, 1.0]])).item()     # (1 + 0) / 2
    0.5
    """
    return mean_distance("generated", generated, "cartoon", cartoon.detach())


def mean_distance(name: str, value: Tensor, goal_name: str, goal: Tensor) -> Tensor:
    """The mean absolute difference in float32, of shapes that must be equal."""
    if value.shape != goal.shape:
        raise ValueError(f"{name} and {goal_name} must have one shape, "
                         f"got {tuple(value.shape)} and {tuple(goal.shape)}")
    return F.l1_loss(value.float(), goal.float())
