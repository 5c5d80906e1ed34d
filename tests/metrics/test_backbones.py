"""Inception: our border around it, and what is said when it can not be had. No download."""

import sys
from pathlib import Path

import pytest
import requests
import torch

from avatarlib.metrics import backbones, inception_features


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
