"""Networks to see images with that are not ours: Inception, as FID is defined with it, and one with random weights.

Inception is that of 2015-12-05 in torch-fidelity's port, downloaded when needed. The random network needs no download,
and nobody trained a generator to please it.
"""

from __future__ import annotations

import importlib.util
import math
import os
from pathlib import Path

import pooch
import torch
from requests import RequestException
from torch import Tensor, nn

from avatarlib.metrics.features import Features

__all__ = ["RandomConv", "has_inception", "inception_features", "random_features"]

INCEPTION_URL = ("https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/"
                 "weights-inception-2015-12-05-6726825d.pth")
INCEPTION_SHA256 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"
OFFLINE = "pass weights= to use a copy, or use the shipped tagger, which needs no download"
RANDOM_SIZE, RANDOM_WIDTHS, RANDOM_FEATURES = 64, (32, 64, 128, 256), 256


class RandomConv(nn.Module):
    """Four convolutions and a projection whose weights are drawn once and never trained (after Naeem et al. 2020).

    Naeem et al. compare sets in the features of a VGG-16 with random weights: such a network knows no data set, so no
    training can have been guided by it, nor by one like it. This one is small: 64 pixels in, each convolution
    3 x 3 with stride 2 and a ReLU, the 4 x 4 places of the last all kept, and 256 mixtures of them as features. Weights
    are He's (2015), from ``seed``, without biases: the same on every machine.
    """

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        steps: list[nn.Module] = []
        for inputs, outputs in zip((3, *RANDOM_WIDTHS), RANDOM_WIDTHS, strict=False):
            steps.append(nn.Sequential(nn.Conv2d(inputs, outputs, 3, 2, 1, bias=False), nn.ReLU()))
        self.steps = nn.ModuleList(steps)               # (N, 32, 32, 32) ... (N, 256, 4, 4)
        self.mix = nn.Linear(RANDOM_WIDTHS[-1] * (RANDOM_SIZE // 2 ** len(RANDOM_WIDTHS)) ** 2, RANDOM_FEATURES,
                             bias=False)
        draws = torch.Generator().manual_seed(seed)
        for weight in self.parameters():
            with torch.no_grad():
                weight.copy_(torch.randn(weight.shape, generator=draws) * math.sqrt(2 / weight[0].numel()))
        self.requires_grad_(False).eval()

    def maps(self, images: Tensor) -> dict[str, Tensor]:
        """What each convolution sees, "down2" (N, 32, H / 2, W / 2) to "down16", for ``feature_distance``."""
        seen = {}
        for i, step in enumerate(self.steps, 1):
            images = step(images)
            seen[f"down{2 ** i}"] = images
        return seen

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, 64, 64) in [-1, 1] -> (N, 256)."""
        return self.mix(self.maps(images)["down16"].flatten(1))


def random_features(*, seed: int = 0, batch_size: int = 64, device: str | torch.device | None = None,
                    progress: bool = True) -> Features:
    """``RandomConv`` as a backbone beside a trained one, named by its seed; the rest as for ``Features``.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import random_features
    >>> features = random_features(seed=1, progress=False)
    >>> features.name, tuple(features(torch.zeros(2, 3, 64, 64)).shape)
    ('random-conv-1', (2, 256))
    """
    return Features(f"random-conv-{seed}", RandomConv(seed), size=RANDOM_SIZE, kind="random-conv",
                    batch_size=batch_size, device=device, progress=progress)


class Inception(nn.Module):
    """torch-fidelity's extractor behind our border: floats (N, 3, H, W) in [-1, 1] -> (N, 2048)."""

    def __init__(self, extractor: nn.Module) -> None:
        super().__init__()
        self.extractor = extractor

    def forward(self, images: Tensor) -> Tensor:
        pixels = ((images + 1) * 127.5).round().to(torch.uint8)   # it takes nothing else
        return self.extractor(pixels)[0]


def inception_features(*, resize: str = "bicubic", weights: str | Path | None = None, batch_size: int = 64,
                       device: str | torch.device | None = None, progress: bool = True) -> Features:
    """The 2,048 numbers of Inception's last pooling layer, with which FID and KID are defined.

    Needs ``pip install 'avatarlib[evaluation]'``, and at first use a download of 96 MB, checked by SHA-256.

    Parameters
    ----------
    resize : {"bicubic", "bilinear", "tensorflow"}
        How images come to 299 pixels. "bicubic", antialiased, is the choice of Parmar et al. 2022 (clean-fid),
        here rounded to 256 levels afterwards; "tensorflow" leaves it to the extractor, whose bilinear is that
        of TensorFlow 1 (no antialiasing), so the number is torch-fidelity's. They are not comparable.
    weights : str or Path, optional
        A copy of the weights' file on this machine; it must have the same SHA-256.
    batch_size, device, progress
        See ``Features``.

    Raises
    ------
    ValueError
        If ``resize`` is unknown, or ``weights`` is another file.
    ImportError
        If torch-fidelity is missing.
    ConnectionError
        If the weights can not be downloaded.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import inception_features
    >>> features = inception_features()                             # doctest: +SKIP
    >>> tuple(features(torch.zeros(2, 3, 64, 64)).shape)            # doctest: +SKIP
    (2, 2048)
    >>> inception_features(resize="nearest")
    Traceback (most recent call last):
        ...
    ValueError: resize must be 'bicubic', 'bilinear' or 'tensorflow', got 'nearest'
    """
    if resize not in ("bicubic", "bilinear", "tensorflow"):
        raise ValueError(f"resize must be 'bicubic', 'bilinear' or 'tensorflow', got {resize!r}")
    try:
        from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
    except ImportError as error:
        raise ImportError("inception_features needs torch-fidelity: pip install 'avatarlib[evaluation]'") from error
    path = inception_weights(weights, progress=progress)   # checked before torch-fidelity unpickles it
    network = Inception(FeatureExtractorInceptionV3("inception", ["2048"], feature_extractor_weights_path=str(path)))
    own = resize == "tensorflow"
    return Features("inception-2015-12-05", network, size=None if own else 299, kind="Inception",
                    resize="TensorFlow 1 bilinear to 299 px" if own else resize, batch_size=batch_size,
                    device=device, progress=progress)


def has_inception() -> bool:
    """Whether ``inception_features`` would need no download: torch-fidelity is installed, the weights are there.

    Examples
    --------
    >>> import os
    >>> from unittest.mock import patch
    >>> from avatarlib.metrics import has_inception
    >>> with patch.dict(os.environ, AVATARLIB_CACHE="an/empty/folder"):
    ...     print(has_inception())
    False
    """
    return importlib.util.find_spec("torch_fidelity") is not None and inception_file().is_file()


def inception_file() -> Path:
    """Where the weights lie once they have been downloaded."""
    folder = Path(os.environ.get("AVATARLIB_CACHE") or pooch.os_cache("avatarlib")).expanduser() / "backbones"
    return folder / "inception-2015-12-05.pth"


def inception_weights(weights: str | Path | None, *, progress: bool) -> Path:
    """The checked file: ``weights``, or one in the cache, downloaded if need be."""
    if weights is not None:
        if not Path(weights).is_file():
            raise ValueError(f"weights must be a file, got {str(weights)!r}")
        if (found := pooch.file_hash(str(weights))) != INCEPTION_SHA256:
            raise ValueError(f"weights must have the SHA-256 {INCEPTION_SHA256}, got {found} in {str(weights)!r}")
        return Path(weights)
    place = inception_file()
    try:
        return Path(pooch.retrieve(INCEPTION_URL, INCEPTION_SHA256, path=place.parent, fname=place.name,
                                   progressbar=progress))
    except (RequestException, OSError) as error:
        raise ConnectionError(f"could not download Inception's weights from {INCEPTION_URL} ({error}); "
                              f"{OFFLINE}") from error
