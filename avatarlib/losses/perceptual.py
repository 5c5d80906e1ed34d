"""Content and style: how near two pictures are to each other in what a frozen network sees in them.

The network is a VGG trained on photographs (``avatarlib.models.vgg``), or one of our own. Every loss here takes
pictures together with the network, or, without one, what the network saw: one map (N, C, H, W), or maps by layer,
whose losses are added. All is computed in float32, whatever precision the maps come in.

A weight belongs to the reduction *and* to the scale of the network's numbers. The same VGG trained with Caffe, as in
CartoonGAN's and AnimeGAN's own code, gives numbers some hundred times those of torchvision's, and their Gram matrices
ten thousand times; our own networks' are about 1. The reduction "relative" takes the scale away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["content_loss", "gram_matrix", "grey", "grey_style_loss", "style_loss"]

Seen: TypeAlias = Tensor | Mapping[str, Tensor]
Network: TypeAlias = Callable[[Tensor], Seen]

LUMA = (0.299, 0.587, 0.114)    # ITU-R BT.601


def content_loss(generated: Seen, photo: Seen, features: Network | None = None, *, reduction: str = "mean") -> Tensor:
    """L1 distance of what is seen in a picture and in its photograph (CartoonGAN; ArtifyGAN eq. 2).

    Parameters
    ----------
    generated, photo : Tensor, or mapping of str to Tensor
        Pictures (N, 3, H, W) in the range of ``features``, ours [-1, 1]; without ``features`` the maps that it saw.
        The photograph gets no gradient.
    features : callable, optional
        Pictures -> a map (N, C, H', W'), or maps by layer.
    reduction : {"mean", "sum", "relative"}
        "mean", over all numbers of a map, goes with CartoonGAN's weight 10, and with AnimeGAN's 1.5 beside an
        adversarial weight of 300. "sum", over them too, the batch included, goes with ArtifyGAN's 1e-5: for 16
        pictures of 256 pixels, in VGG-16's pool4, that is 2,097,152 numbers and so the same as 20.97 of "mean"; its
        weight 10 is 21 million of "mean". "relative", ours, is the mean over the mean size of the photograph's
        numbers: 0 for equal pictures, about 1 for two that have nothing in common, through whatever network.

    Raises
    ------
    ValueError
        If the reduction is unknown, or shapes or layers differ.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import content_loss
    >>> generated, photo = torch.full((1, 4, 2, 2), 3.0), torch.full((1, 4, 2, 2), 2.0)    # maps: what a VGG saw, say
    >>> [content_loss(generated, photo, reduction=how).item() for how in ("mean", "sum", "relative")]
    [1.0, 16.0, 0.5]
    """
    return torch.stack([distance(a.float(), b.float(), reduction)
                        for a, b in both_seen(generated, photo, features)]).sum()


def style_loss(generated: Seen, cartoon: Seen, features: Network | None = None, *, reduction: str = "mean") -> Tensor:
    """L1 distance of Gram matrices of a picture and a cartoon (Gatys et al. 2016; AnimeGAN, with L1).

    What is drawn where makes no difference, only which features go together; so the two may differ in height and
    width. The cartoon gets no gradient. Arguments are those of ``content_loss``; samples are compared one by one.

    Raises
    ------
    ValueError
        If numbers of samples or channels, or layers, differ.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import content_loss, style_loss
    >>> seen = torch.tensor([[[[1.0, 0.0]], [[0.0, 2.0]]]])                    # one channel left, another one right
    >>> mirrored = seen.flip(3)
    >>> content_loss(mirrored, seen).item(), style_loss(mirrored, seen).item() # elsewhere, but the same together
    (1.5, 0.0)
    """
    return torch.stack([distance(gram_matrix(a), gram_matrix(b), reduction)
                        for a, b in both_seen(generated, cartoon, features)]).sum()


def grey_style_loss(generated: Tensor, cartoon: Tensor, features: Network, *, reduction: str = "mean") -> Tensor:
    """``style_loss`` against the grey cartoon: its lines and shading, not its colours (AnimeGAN, Chen et al. 2020).

    Parameters
    ----------
    generated, cartoon : Tensor
        Pictures (N, 3, H, W); the generated one in its own colours.
    features, reduction
        As in ``content_loss``.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import grey, grey_style_loss, style_loss
    >>> cartoon = torch.tensor([1.0, -1.0, -1.0]).view(1, 3, 1, 1).expand(1, 3, 8, 8)      # red
    >>> pixels = torch.nn.Identity()                                           # in place of a VGG
    >>> grey_style_loss(grey(cartoon), cartoon, pixels).item()                 # colour is not asked for,
    0.0
    >>> round(style_loss(grey(cartoon), cartoon, pixels).item(), 3)            # as it is here
    0.327
    """
    return style_loss(generated, grey(cartoon), features, reduction=reduction)


def gram_matrix(features: Tensor) -> Tensor:
    """``F^T F / (H W C)`` of each sample's map F with H W rows: (N, C, H, W) -> (N, C, C), float32, symmetric.

    Divided as in AnimeGAN's code, so that neither the size of a picture nor the number of channels raises it.

    Raises
    ------
    ValueError
        If there is no map a sample.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import gram_matrix
    >>> seen = torch.tensor([[[[1.0, 0.0]], [[0.0, 2.0]]]])                    # two channels of two pixels
    >>> gram_matrix(seen).tolist()                                             # never seen together: no 1 * 2
    [[[0.25, 0.0], [0.0, 1.0]]]
    """
    if features.ndim != 4:
        raise ValueError(f"features must be (N, C, H, W), got {tuple(features.shape)}")
    with torch.autocast(features.device.type, enabled=False):     # products of thousands do not fit into fp16
        flat = features.float().flatten(2)
        return flat @ flat.transpose(1, 2) / flat[0].numel()


def grey(images: Tensor) -> Tensor:
    """The luma of pictures (N, 3, H, W) of any range in three equal channels: 0.299 R + 0.587 G + 0.114 B.

    Raises
    ------
    ValueError
        If the shape is another.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.losses import grey
    >>> red = torch.tensor([1.0, 0.0, 0.0]).view(1, 3, 1, 1)
    >>> [round(number, 3) for number in grey(red).flatten().tolist()]
    [0.299, 0.299, 0.299]
    """
    if images.ndim != 4 or images.shape[1] != 3:
        raise ValueError(f"images must be (N, 3, H, W), got {tuple(images.shape)}")
    luma = images.new_tensor(LUMA)[:, None, None]
    return (images * luma).sum(1, keepdim=True).expand_as(images)


def both_seen(generated: Seen, target: Seen, features: Network | None) -> list[tuple[Tensor, Tensor]]:
    """What is seen in both, layer by layer; the target's side without gradient."""
    if features is not None:
        if not isinstance(generated, Tensor) or not isinstance(target, Tensor):
            raise ValueError("with features, pictures must be given as tensors, got "
                             f"{type(generated).__name__} and {type(target).__name__}")
        generated = features(generated)
        with torch.no_grad():
            target = features(target)
    ours, theirs = ({"": seen} if isinstance(seen, Tensor) else seen for seen in (generated, target))
    if not ours or ours.keys() != theirs.keys():
        raise ValueError(f"both must have the same layers, at least one, got {list(ours)} and {list(theirs)}")
    return [(ours[name], theirs[name].detach()) for name in ours]


def distance(value: Tensor, target: Tensor, reduction: str) -> Tensor:
    """L1 distance of equal shapes, reduced as ``content_loss`` says."""
    if value.shape != target.shape:      # torch would stretch them to each other
        raise ValueError(f"both must have one shape, got {tuple(value.shape)} and {tuple(target.shape)}")
    if reduction == "relative":
        return F.l1_loss(value, target) / target.abs().mean().clamp(min=torch.finfo(target.dtype).tiny)
    if reduction not in ("mean", "sum"):
        raise ValueError(f"reduction must be 'mean', 'sum' or 'relative', got {reduction!r}")
    return F.l1_loss(value, target, reduction=reduction)
