"""Networks that are looked through and never trained: what they see, layer by layer, for losses on content and style.

A VGG (``avatarlib.models.vgg``) is the papers' choice; the shipped tagger and landmark network need no download.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from avatarlib.models.landmarks import LandmarkNet
from avatarlib.models.tagger import Tagger

__all__ = ["FrozenFeatures", "landmark_features", "tagger_features"]


class Resize(nn.Module):
    """Pictures of any size -> ``size`` pixels a side, antialiased; equal size passes through."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, images: Tensor) -> Tensor:
        if images.shape[-2:] == (self.size, self.size):
            return images
        return F.interpolate(images, (self.size, self.size), mode="bilinear", align_corners=False, antialias=True)


class FrozenFeatures(nn.Module):
    """Pictures (N, 3, H, W) in [-1, 1] -> what some layers see in them, by name; gradients reach the pictures.

    Its weights take no gradient, and it stays in evaluation mode whatever ``train`` is told.

    Parameters
    ----------
    prepare : nn.Module
        Pictures in [-1, 1] -> the input of the first layer.
    chain : mapping of str to nn.Module
        The layers in order, each fed by the one before it. Those behind the last one needed are left out.
    layers : str or sequence of str
        Whose outputs are wanted.

    Raises
    ------
    ValueError
        If a layer is not in the chain, or none is wanted.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.frozen import FrozenFeatures
    >>> layers = {"conv": torch.nn.Conv2d(3, 8, 3), "relu": torch.nn.ReLU(), "pool": torch.nn.MaxPool2d(2)}
    >>> network = FrozenFeatures(torch.nn.Identity(), layers, "relu")
    >>> list(network.chain)                                    # what is behind the last one needed goes
    ['conv', 'relu']
    >>> {name: tuple(seen.shape) for name, seen in network(torch.zeros(1, 3, 32, 32)).items()}
    {'relu': (1, 8, 30, 30)}
    >>> network.train().training
    False
    """

    def __init__(self, prepare: nn.Module, chain: Mapping[str, nn.Module], layers: str | Sequence[str]) -> None:
        super().__init__()
        self.layers = (layers,) if isinstance(layers, str) else tuple(layers)
        names = list(chain)
        for layer in self.layers:
            if layer not in chain:
                raise ValueError(f"layers must be of {', '.join(names)}, got {layer!r}")
        if not self.layers:
            raise ValueError(f"layers must name at least one of {', '.join(names)}, got none")
        self.prepare = prepare
        last = max(names.index(layer) for layer in self.layers)
        self.chain = nn.ModuleDict({name: chain[name] for name in names[:last + 1]})
        self.requires_grad_(False).eval()

    def train(self, mode: bool = True) -> FrozenFeatures:
        """Stay in evaluation mode."""
        return super().train(False)

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """Layer -> its output (N, C, H', W'), in the order of ``layers``."""
        if images.ndim != 4 or images.shape[1] != 3:
            raise ValueError(f"images must be (N, 3, H, W), got {tuple(images.shape)}")
        x, seen = self.prepare(images), {}
        for name, step in self.chain.items():
            x = step(x)
            seen[name] = x
        return {layer: seen[layer] for layer in self.layers}


def tagger_features(tagger: Tagger, layers: str | Sequence[str] = "down8") -> FrozenFeatures:
    """The maps of a copy of our tagger, in place of a VGG's where nothing can be downloaded.

    Pictures are first resized to the tagger's own size S.

    Parameters
    ----------
    tagger : Tagger
    layers : str or sequence of str
        "down2" (N, width, S / 2, S / 2), "down4", "down8" and "down16" (N, 8 * width, S / 16, S / 16), all after
        ReLU. At 128 pixels "down8" has the 16 x 16 places that ArtifyGAN's pool4 has at 256.

    Raises
    ------
    ValueError
        If a layer is unknown.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.frozen import tagger_features
    >>> from avatarlib.models.tagger import Tagger
    >>> tagger = Tagger(["smile"], exclusive=[], attributes={}, width=8, size=64)      # or load("tagger-avatars")
    >>> features = tagger_features(tagger, ["down2", "down8"])
    >>> {name: tuple(seen.shape) for name, seen in features(torch.zeros(1, 3, 128, 128)).items()}
    {'down2': (1, 8, 32, 32), 'down8': (1, 32, 8, 8)}
    """
    trunk = copy.deepcopy(tagger.trunk)
    chain = {"down2": trunk[:3], "down4": trunk[3], "down8": trunk[4:6], "down16": trunk[6:8]}
    return FrozenFeatures(Resize(tagger.size), chain, layers)


def landmark_features(network: LandmarkNet, layers: str | Sequence[str] = "down8") -> FrozenFeatures:
    """The maps of a copy of our landmark network's way down, as in ``tagger_features``.

    "down16" has 4 * width channels here, as many as "down8".

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.frozen import landmark_features
    >>> from avatarlib.models.landmarks import LandmarkNet
    >>> network = LandmarkNet(["left eye", "right eye"], width=8, size=64)             # or load("landmarks-faces")
    >>> features = landmark_features(network, ["down8", "down16"])
    >>> {name: tuple(seen.shape) for name, seen in features(torch.zeros(1, 3, 128, 128)).items()}
    {'down8': (1, 32, 8, 8), 'down16': (1, 32, 4, 4)}
    """
    network = copy.deepcopy(network)
    chain = {"down2": network.stem, **{f"down{4 * 2 ** i}": step for i, step in enumerate(network.down)}}
    return FrozenFeatures(Resize(network.size), chain, layers)
