"""Inception, the network of 2015-12-05 that FID is defined with, in torch-fidelity's port, downloaded when needed."""

from __future__ import annotations

import os
from pathlib import Path

import pooch
import torch
from requests import RequestException
from torch import Tensor, nn

from avatarlib.metrics.features import Features

__all__ = ["inception_features"]

INCEPTION_URL = ("https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/"
                 "weights-inception-2015-12-05-6726825d.pth")
INCEPTION_SHA256 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"
OFFLINE = "pass weights= to use a copy, or use the shipped tagger, which needs no download"


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


def inception_weights(weights: str | Path | None, *, progress: bool) -> Path:
    """The checked file: ``weights``, or one in the cache, downloaded if need be."""
    if weights is not None:
        if not Path(weights).is_file():
            raise ValueError(f"weights must be a file, got {str(weights)!r}")
        if (found := pooch.file_hash(str(weights))) != INCEPTION_SHA256:
            raise ValueError(f"weights must have the SHA-256 {INCEPTION_SHA256}, got {found} in {str(weights)!r}")
        return Path(weights)
    folder = Path(os.environ.get("AVATARLIB_CACHE") or pooch.os_cache("avatarlib")).expanduser() / "backbones"
    try:
        return Path(pooch.retrieve(INCEPTION_URL, INCEPTION_SHA256, path=folder, fname="inception-2015-12-05.pth",
                                   progressbar=progress))
    except (RequestException, OSError) as error:
        raise ConnectionError(f"could not download Inception's weights from {INCEPTION_URL} ({error}); "
                              f"{OFFLINE}") from error
