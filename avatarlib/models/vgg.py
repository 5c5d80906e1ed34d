"""VGG-16 and VGG-19, as the frozen network through which content and style are seen (Simonyan and Zisserman 2015).

CartoonGAN and AnimeGAN look at conv4_4 of VGG-19 before its ReLU, ArtifyGAN at the fourth pooling of VGG-16.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.error import URLError

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from avatarlib.models.frozen import FrozenFeatures

__all__ = ["VGGFeatures"]

WIDTHS = (64, 128, 256, 512, 512)                               # channels of the five blocks; a pooling ends each
CONVOLUTIONS = {16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}       # depth -> convolutions of each block
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Normalise(nn.Module):
    """Pictures in [-1, 1] -> the range ImageNet's networks of torchvision were trained in, about [-2.1, 2.6]."""

    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        for name, numbers in {"mean": IMAGENET_MEAN, "std": IMAGENET_STD}.items():
            self.register_buffer(name, torch.tensor(numbers)[:, None, None], persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        return ((images + 1) / 2 - self.mean) / self.std


class VGGFeatures(FrozenFeatures):
    """Pictures (N, 3, H, W) in [-1, 1] -> what some layers of a VGG see in them, by name.

    Random weights, for tests; ``from_torchvision`` and ``from_file`` have those trained on ImageNet, whose mean and
    deviation are taken care of here. Height and width must be at least 2 to the number of poolings.

    Parameters
    ----------
    depth : {16, 19}
    layers : str or sequence of str
        "conv1_1", "relu1_1", ..., "pool5": the second convolution of the third block is "conv3_2", before its
        ReLU. "pool4" of VGG-16 is what torchvision's ``features[:24]`` gives.
    seed : int
        Of the random weights.

    Raises
    ------
    ValueError
        If there is no such depth or layer.

    Examples
    --------
    >>> vgg = VGGFeatures(16, ("relu1_2", "relu3_3"))
    >>> {layer: tuple(seen.shape) for layer, seen in vgg(torch.zeros(1, 3, 32, 32)).items()}
    {'relu1_2': (1, 64, 32, 32), 'relu3_3': (1, 256, 8, 8)}
    """

    def __init__(self, depth: int = 19, layers: str | Sequence[str] = "conv4_4", *, seed: int = 0) -> None:
        if depth not in CONVOLUTIONS:
            raise ValueError(f"depth must be one of {tuple(CONVOLUTIONS)}, got {depth!r}")
        super().__init__(Normalise(), make_layers(depth), layers)
        self.depth = depth
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            for layer in self.chain.values():
                if isinstance(layer, nn.Conv2d):
                    nn.init.kaiming_normal_(layer.weight)    # keeps the signal's size (He et al. 2015)
                    nn.init.zeros_(layer.get_parameter("bias"))

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """Layer -> its output (N, C, H', W'), in the order of ``layers``."""
        least = 2 ** sum(name.startswith("pool") for name in self.chain)
        if images.ndim == 4 and min(images.shape[-2:]) < least:
            raise ValueError(f"images must be at least {least} pixels high and wide, got {tuple(images.shape)}")
        return super().forward(images)

    @classmethod
    def from_torchvision(cls, depth: int = 19, layers: str | Sequence[str] = "conv4_4") -> VGGFeatures:
        """With torchvision's ImageNet weights, downloaded at first use (528 or 548 MB).

        Raises
        ------
        ConnectionError
            If they can not be downloaded.
        """
        from torchvision.models import get_model_weights

        network = cls(depth, layers)
        try:
            state = get_model_weights(f"vgg{depth}")["IMAGENET1K_V1"].get_state_dict(progress=True, check_hash=True)
        except (URLError, OSError) as error:
            raise ConnectionError(f"could not download VGG-{depth}'s weights ({error}); load a copy with "
                                  "VGGFeatures.from_file, or look through avatarlib's own tagger with "
                                  "avatarlib.models.frozen.tagger_features") from error
        network.take(state, "torchvision's weights")
        return network

    @classmethod
    def from_file(cls, path: str | Path, depth: int = 16, layers: str | Sequence[str] = "relu3_3") -> VGGFeatures:
        """With the weights of a safetensors file, of any floating-point type, named as in torchvision.

        Names are "features.0.weight" or "0.weight"; layers that are not needed may be missing. Weights from Caffe
        work, too, with the first layer rescaled to ImageNet's normalised RGB; but what they see has numbers some
        hundred times as large, and so has a loss (see ``avatarlib.losses.perceptual``).

        Raises
        ------
        ValueError
            If the file can not be read, is of the other depth, or lacks a layer.
        """
        network = cls(depth, layers)
        try:
            state = load_file(path)
        except (OSError, SafetensorError) as error:
            raise ValueError(f"path must be a readable safetensors file, got {str(path)!r} ({error})") from error
        network.take(state, repr(str(path)))
        return network

    def take(self, state: Mapping[str, Tensor], source: str) -> None:
        """Copy the weights of ``state``, whose convolutions are numbered as in torchvision."""
        found = {key.removeprefix("features."): value for key, value in state.items()
                 if not key.startswith("classifier.")}
        places = {f"{number}.{kind}": f"{name}.{kind}" for number, name in enumerate(layer_names(self.depth))
                  if name.startswith("conv") for kind in ("weight", "bias")}
        if foreign := found.keys() - places.keys():
            raise ValueError(f"{source} must hold the convolutions of VGG-{self.depth}, got {min(foreign)!r}")
        own = self.chain.state_dict()
        given = {places[key]: value for key, value in found.items() if places[key] in own}
        for name, parameter in own.items():
            if name not in given or given[name].shape != parameter.shape:
                shape = tuple(given[name].shape) if name in given else None
                raise ValueError(f"{source} must hold {name} {tuple(parameter.shape)}, got {shape}")
        self.chain.load_state_dict(given)


def layer_names(depth: int) -> list[str]:
    """All layers in order; a layer's place is its number in torchvision's ``features``."""
    found = []
    for block, convolutions in enumerate(CONVOLUTIONS[depth], 1):
        for number in range(1, convolutions + 1):
            found += [f"conv{block}_{number}", f"relu{block}_{number}"]
        found.append(f"pool{block}")
    return found


def make_layers(depth: int) -> dict[str, nn.Module]:
    """All layers by name, the convolutions without numbers yet."""
    layers: dict[str, nn.Module] = {}
    inputs = 3
    for name in layer_names(depth):
        if name.startswith("conv"):
            outputs = WIDTHS[int(name[4]) - 1]
            layers[name], inputs = nn.utils.skip_init(nn.Conv2d, inputs, outputs, 3, padding=1), outputs
        else:
            layers[name] = nn.MaxPool2d(2) if name.startswith("pool") else nn.ReLU()
    return layers
