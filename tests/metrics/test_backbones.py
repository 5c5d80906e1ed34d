"""Inception and VGG-16: our borders around them, and what is said when they can not be had. No download."""

import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.error import URLError

import pytest
import requests
import torch
from torch import nn

from avatarlib.metrics import backbones, inception_features, vgg16_features


def test_inception_gets_bytes():
    """-1, 0 and 1 are 0, 128 (127.5 rounds to even) and 255; out comes the first of its outputs."""
    seen = []

    def extractor(pixels):
        seen.append(pixels)
        return (pixels.float().flatten(1), "unused")

    network = backbones.Inception(extractor)
    found = network(torch.tensor([-1.0, 0.0, 1.0]).view(1, 3, 1, 1))
    assert seen[0].dtype == torch.uint8
    assert found.tolist() == [[0, 128, 255]]


def test_inception_without_torch_fidelity_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch_fidelity.feature_extractor_inceptionv3", None)
    with pytest.raises(ImportError, match=r"needs torch-fidelity: pip install 'avatarlib\[evaluation\]'"):
        inception_features()


def test_inception_offline_says_so(monkeypatch):
    def retrieve(*args, **options):
        raise requests.ConnectionError("no route to host")

    monkeypatch.setattr(backbones.pooch, "retrieve", retrieve)
    with pytest.raises(ConnectionError, match=r"could not download Inception's weights from https://github\.com/.*"
                                              r"no route to host\); pass weights= .* shipped tagger"):
        backbones.inception_weights(None, progress=False)


def test_other_weights_for_inception_are_refused(tmp_path):
    other = tmp_path / "other.pth"
    other.write_bytes(b"something else")
    with pytest.raises(ValueError, match=r"weights must have the SHA-256 6726825d0af5f729.*, got [0-9a-f]{64} in"):
        backbones.inception_weights(other, progress=False)
    with pytest.raises(ValueError, match="weights must be a file, got"):
        backbones.inception_weights(tmp_path / "missing.pth", progress=False)
    with pytest.raises(ValueError, match="resize must be 'bicubic', 'bilinear' or 'tensorflow', got 'nearest'"):
        inception_features(resize="nearest")


def test_a_changed_download_is_refused(tmp_path, monkeypatch):
    """pooch checks the digest before the file gets its name."""
    def downloader(url, output_file, pooch):
        Path(output_file).write_bytes(b"not the weights")

    monkeypatch.setenv("AVATARLIB_CACHE", str(tmp_path))
    monkeypatch.setattr("pooch.core.choose_downloader", lambda *args, **options: downloader)
    with pytest.raises(ValueError, match=r"SHA256 hash of downloaded file .* does not match"):
        backbones.inception_weights(None, progress=False)
    assert list(tmp_path.rglob("*.pth")) == []


def small_vgg():
    """The same parts as torchvision's, with few weights."""
    torch.manual_seed(0)
    dense = nn.Sequential(nn.Linear(12, 6), nn.ReLU(), nn.Dropout(), nn.Linear(6, 5), nn.ReLU(), nn.Dropout(),
                          nn.Linear(5, 4))
    return SimpleNamespace(features=nn.Conv2d(3, 3, 3), avgpool=nn.AdaptiveAvgPool2d(2), classifier=dense)


def test_vgg_stops_behind_its_second_dense_layer():
    """By hand: ImageNet's mean and deviation on [0, 1], the convolutions, two dense layers with their ReLUs."""
    network = small_vgg()
    images = 2 * torch.rand(2, 3, 224, 224) - 1
    features = vgg16_features(network=network, progress=False)
    mean, std = (torch.tensor(x).view(3, 1, 1) for x in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    with torch.no_grad():
        x = network.avgpool(network.features(((images + 1) / 2 - mean) / std)).flatten(1)
        expected = network.classifier[3](network.classifier[0](x).relu()).relu()
    torch.testing.assert_close(features(images), expected)
    assert expected.shape == (2, 5)
    assert (features.name, features.kind, features.size) == ("vgg-16", "VGG-16", 224)


def test_vgg_offline_says_so(monkeypatch):
    def download(**options):
        raise URLError("no route to host")

    monkeypatch.setattr(backbones.models, "vgg16", download)
    with pytest.raises(ConnectionError, match=r"could not download VGG-16's weights .*no route .*pass network="):
        vgg16_features()
