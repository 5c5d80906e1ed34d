"""How different two pictures look to a network: LPIPS, and its plain form for a network of one's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias, get_args
from urllib.error import URLError

import torch
from torch import Tensor, nn
from torch.nn import functional

from avatarlib.metrics.images import check_unit_range

__all__ = ["feature_distance", "lpips", "lpips_network"]

Backbone: TypeAlias = Literal["alex", "vgg", "squeeze"]
BACKBONES = get_args(Backbone)
CHUNK = 32      # pairs at a time


def lpips_network(backbone: Backbone = "alex", *, trunk: nn.Module | None = None) -> nn.Module:
    """The network behind ``lpips``: a trunk, and the learned weights of its channels (version 0.1).

    torchmetrics ships the weights of the channels (6 to 11 kB). torchvision downloads the trunk at first use,
    checked by its digest: AlexNet 233 MB, VGG-16 528 MB, SqueezeNet 5 MB.

    Parameters
    ----------
    backbone : {"alex", "vgg", "squeeze"}
        "alex" is the published default for measuring, "vgg" the usual one as a loss.
    trunk : nn.Module, optional
        A network to use in place of the download: images (N, 3, H, W), already shifted and scaled -> the list
        of its layers' activations, with as many channels as the backbone's. It is frozen and put
        into evaluation mode.

    Raises
    ------
    ValueError
        If ``backbone`` is unknown.
    ConnectionError
        If the trunk can not be downloaded.

    Examples
    --------
    >>> import torch
    >>> from torch import nn
    >>> from avatarlib.metrics import lpips, lpips_network
    >>> class Colours(nn.Module):                       # in place of SqueezeNet's seven layers
    ...     def forward(self, images):
    ...         return [images[:, :1].repeat(1, n, 1, 1) for n in (64, 128, 256, 384, 384, 512, 512)]
    >>> network = lpips_network("squeeze", trunk=Colours())
    >>> lpips(torch.ones(1, 3, 32, 32), torch.ones(1, 3, 32, 32), network=network).item()
    0.0
    """
    if backbone not in BACKBONES:
        raise ValueError(f"backbone must be one of {BACKBONES}, got {backbone!r}")
    from torchmetrics.functional.image.lpips import _NoTrainLpips  # here: importing takes a second

    try:
        # torchmetrics' public class takes no trunk
        network: nn.Module = _NoTrainLpips(net=backbone, pnet_rand=trunk is not None)
    except (URLError, OSError) as error:
        raise ConnectionError(f"could not download the trunk {backbone!r} of LPIPS ({error}); "
                              "pass trunk= to use a network of your own") from error
    if trunk is not None:
        network.net = trunk.eval().requires_grad_(False)
    return network


def lpips(a: Tensor, b: Tensor, *, network: nn.Module) -> Tensor:
    """Perceptual distance of each pair (Zhang et al. 2018, eq. 1): 0 is equal, unrelated pictures reach about 0.7.

    The activations of five layers are scaled to length 1 at every place; their squared differences, weighted
    by channel, are averaged over the places and summed over the layers.

    Parameters
    ----------
    a, b : Tensor
        Equal shapes (N, 3, H, W) in [-1, 1], at least 32 pixels high and wide.
    network : nn.Module
        From ``lpips_network``.

    Returns
    -------
    Tensor
        (N,), on the device of ``a``; gradients reach ``a`` and ``b``.

    Raises
    ------
    ValueError
        If shape or range is none of these.

    Examples
    --------
    >>> network = lpips_network()                       # doctest: +SKIP
    >>> lpips(fakes, photos, network=network).mean()    # doctest: +SKIP
    """
    check_pairs(a, b)
    parts = zip(a.split(CHUNK), b.split(CHUNK), strict=True)
    return torch.cat([network(left, right).flatten() for left, right in parts])


def feature_distance(a: Tensor, b: Tensor, *, network: Callable[[Tensor], Mapping[str, Tensor]]) -> Tensor:
    """Perceptual distance of each pair in the maps of any network, unweighted: 0 is equal.

    Zhang et al. 2018, eq. 1, with every weight 1: the activations of each layer are scaled to length 1 at every place,
    their squared differences summed over channels and averaged over places, and the layers' means added, so that a
    layer adds at most 4. It is not LPIPS, whose weights were learned from people: name it by its network.

    Parameters
    ----------
    a, b : Tensor
        Equal shapes (N, 3, H, W) in [-1, 1], at least 32 pixels high and wide.
    network : callable
        Pictures -> layer -> its output (N, C, H', W'), as ``avatarlib.models.frozen.tagger_features`` makes it.

    Returns
    -------
    Tensor
        (N,), on the device of ``a``; gradients reach ``a`` and ``b``.

    Raises
    ------
    ValueError
        If shape or range is none of these.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import feature_distance
    >>> red, green = torch.eye(3)[:2, :, None, None].expand(2, 3, 32, 32).split(1)
    >>> feature_distance(red, green, network=lambda images: {"pixels": images}).tolist()       # |(1, -1, 0)|^2
    [2.0]
    """
    check_pairs(a, b)
    return torch.cat([distance_of_chunk(network(left), network(right))
                      for left, right in zip(a.split(CHUNK), b.split(CHUNK), strict=True)])


def distance_of_chunk(left: Mapping[str, Tensor], right: Mapping[str, Tensor]) -> Tensor:
    """Distance (N,) of pairs by what the layers see in them."""
    gaps = [functional.normalize(left[layer], dim=1) - functional.normalize(right[layer], dim=1) for layer in left]
    return torch.stack([gap.square().sum(1).mean((1, 2)) for gap in gaps]).sum(0)


def check_pairs(a: Tensor, b: Tensor) -> None:
    """Raise a ValueError unless these are pairs of pictures of at least 32 pixels in [-1, 1]."""
    if a.ndim != 4 or a.shape[1] != 3 or len(a) == 0 or min(a.shape[-2:]) < 32:
        raise ValueError(f"a must be (N, 3, H, W) with N at least 1, H and W at least 32, got {tuple(a.shape)}")
    if a.shape != b.shape:
        raise ValueError(f"b must have the shape of a, {tuple(a.shape)}, got {tuple(b.shape)}")
    check_unit_range("a", a)
    check_unit_range("b", b)
