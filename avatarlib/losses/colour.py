"""Losses on pixels: keep the photograph's colours, and keep the picture calm (AnimeGAN, Chen et al. 2020)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["colour_loss", "rgb_to_yuv", "total_variation"]

YUV = ((0.299, 0.587, 0.114),                       # lightness
       (-0.14714119, -0.28886916, 0.43601035),      # blue minus lightness, scaled
       (0.61497538, -0.51496512, -0.10001026))      # red minus lightness, scaled


def rgb_to_yuv(images: Tensor) -> Tensor:
    """Pictures (N, 3, H, W) in [0, 1] -> Y in [0, 1], U in [-0.436, 0.436] and V in [-0.615, 0.615], float32.

    Grey has U = V = 0.

    Raises
    ------
    ValueError
        If the shape is another.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import rgb_to_yuv
    >>> red = torch.tensor([1.0, 0.0, 0.0]).view(1, 3, 1, 1)
    >>> [round(number, 3) for number in rgb_to_yuv(red).flatten().tolist()]        # rather dark, and far from grey
    [0.299, -0.147, 0.615]
    """
    if images.ndim != 4 or images.shape[1] != 3:
        raise ValueError(f"images must be (N, 3, H, W), got {tuple(images.shape)}")
    weights = torch.tensor(YUV, device=images.device)[:, :, None, None]
    with torch.autocast(images.device.type, enabled=False):
        return (images.float()[:, None] * weights).sum(2)


def colour_loss(generated: Tensor, photo: Tensor) -> Tensor:
    """``|Y - Y'| + H(U - U') + H(V - V')``: lightness in L1, colours by Huber's function (AnimeGAN).

    H is ``d^2 / 2`` up to 1 and ``|d| - 1/2`` beyond, so small differences of colour are forgiven more than of
    lightness. Three means, added; AnimeGAN weighs the sum with 10, its second version with 10 to 50.

    Parameters
    ----------
    generated, photo : Tensor
        (N, 3, H, W) in [-1, 1], compared in [0, 1]. The photograph gets no gradient.

    Returns
    -------
    Tensor
        A scalar: 0 for equal colours, 1 for white against black.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import colour_loss
    >>> white, black = torch.ones(1, 3, 8, 8), -torch.ones(1, 3, 8, 8)
    >>> round(colour_loss(white, black).item(), 3), colour_loss(white, white).item()
    (1.0, 0.0)
    """
    if generated.shape != photo.shape:
        raise ValueError(f"generated and photo must have one shape, got {tuple(generated.shape)} "
                         f"and {tuple(photo.shape)}")
    ours, theirs = (rgb_to_yuv((images.float() + 1) / 2) for images in (generated, photo.detach()))
    (y, u, v), (other_y, other_u, other_v) = ours.unbind(1), theirs.unbind(1)
    return F.l1_loss(y, other_y) + F.huber_loss(u, other_u) + F.huber_loss(v, other_v)


def total_variation(images: Tensor) -> Tensor:
    """Half the mean squared step to the pixel below, and half of that to the right (AnimeGAN's second version).

    A flat picture has 0, a chessboard of -1 and 1 has 4. Its weight there is 1, or 0.1 for Paprika.

    Parameters
    ----------
    images : Tensor
        (N, C, H, W) in [-1, 1], at least two pixels high and wide.

    Raises
    ------
    ValueError
        If there is no pixel below or to the right.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import total_variation
    >>> total_variation(torch.tensor([[[[-1.0, 1.0], [1.0, -1.0]]]])).item()       # every step is 2, its square 4
    4.0
    >>> total_variation(torch.ones(1, 3, 8, 8)).item()
    0.0
    """
    if images.ndim != 4 or min(images.shape[-2:]) < 2:
        raise ValueError(f"images must be (N, C, H, W) with H and W at least 2, got {tuple(images.shape)}")
    below, right = (images.float().diff(dim=axis).square().mean() for axis in (2, 3))
    return (below + right) / 2
