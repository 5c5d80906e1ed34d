"""Ten bad inputs, one each: what is wrong is named, with the value and what is accepted."""

import hashlib
import io
import tarfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from avatarlib import pretrained
from avatarlib.data import AvatarSet, CorruptImageWarning, ImageSet, load_images
from avatarlib.data.files.archives import extract
from avatarlib.data.files.download import fetch
from avatarlib.metrics import random_pairs
from avatarlib.models.dcgan import Discriminator
from avatarlib.recipes import DCGAN
from avatarlib.training import NonFiniteLossError, Trainer


def wrong_shape(folder):
    """Pictures of 32 pixels for a network of 64."""
    Discriminator(width=2)(torch.zeros(4, 3, 32, 32))


def wrong_range(folder):
    """Floats from 0 to 255 where -1 to 1 is meant."""
    real = torch.rand(4, 3, 32, 32) * 2 - 1
    random_pairs(torch.full((4, 3, 32, 32), 255.0), real, metric="ssim", n=2, seed=0)


def wrong_dtype(folder):
    """Floats where bytes are meant."""
    ImageSet("floats", np.zeros((4, 3, 8, 8), np.float32), np.zeros((4, 0)), {})


def unknown_style(folder):
    AvatarSet("avatars", count=3, progress=False)


def negative_count(folder):
    AvatarSet(count=-3, progress=False)


def truncated_png(folder):
    """One whole picture and the first half of another: the half one is left out with a warning."""
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8))
    noise.save(folder / "whole.png")
    data = (folder / "whole.png").read_bytes()
    (folder / "cut.png").write_bytes(data[:len(data) // 2])
    images, kept = load_images([folder / "cut.png", folder / "whole.png"], 32, progress=False)
    assert kept.tolist() == [1]
    assert np.array_equal(images[0], np.asarray(noise).transpose(2, 0, 1))


def archive_that_climbs(folder):
    """A member that would be written beside the target folder; nothing at all is unpacked."""
    member = tarfile.TarInfo("pictures/../../outside.txt")
    member.size = 4
    with tarfile.open(folder / "set.tgz", "w:gz") as archive:
        archive.addfile(member, io.BytesIO(b"evil"))
    try:
        extract(folder / "set.tgz", folder / "inner" / "set", progress=False)
    finally:
        assert not list(folder.rglob("outside.txt"))
        assert not (folder / "inner" / "set").exists()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


def wrong_checksum(folder):
    """A server gives another file than the one asked for; nothing is kept under its name."""
    (folder / "web").mkdir()
    (folder / "web" / "set.tgz").write_bytes(b"another file")
    handler = partial(Quiet, directory=folder / "web")
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            fetch([f"http://127.0.0.1:{server.server_address[1]}/set.tgz"], folder / "set.tgz",
                  sha256=hashlib.sha256(b"the file").hexdigest(), progress=False)
        finally:
            server.shutdown()
            assert not (folder / "set.tgz").exists()


class Bomb:
    """Unpickling this leaves a mark."""

    def __reduce__(self):
        return Path.touch, (Path("was-unpickled"),)


def pickle_as_weights(folder):
    """A pickle under the name of a weights file; it is refused without being run."""
    (folder / "config.json").write_text('{"model_class": "dcgan.Generator"}')
    torch.save(Bomb(), folder / "model.safetensors")
    try:
        pretrained.load(folder)
    finally:
        assert not (folder / "was-unpickled").exists()


def nan_batch(folder, pictures, tiny):
    Trainer(DCGAN(tiny), pictures(), run_dir=folder, precision="float32", progress=False,
            transform=lambda images: images * float("nan")).fit(steps=10)


BAD_INPUTS = [
    (wrong_shape, ValueError, r"^images must be \(N, 3, 64, 64\), got \(4, 3, 32, 32\)$"),
    (wrong_range, ValueError, r"^fake must lie in \[-1, 1\], got values from 255\.0 to 255\.0$"),
    (wrong_dtype, ValueError, r"^images must be uint8 \(N, 3, H, W\), got float32 \(4, 3, 8, 8\)$"),
    (unknown_style, ValueError, r"^style must be one of .*, got 'avatars'; did you mean 'avataaars'\?$"),
    (negative_count, ValueError, r"^count must be an integer in \[1, 1,000,000,000\], got -3$"),
    (truncated_png, CorruptImageWarning, r"^1 of 2 picture files left out: cut\.png is unreadable: "),
    (archive_that_climbs, ValueError, r"^set\.tgz: member 'pictures/\.\./\.\./outside\.txt' leads out of the target "),
    (wrong_checksum, ValueError, r"expected sha256 [0-9a-f]{64}, got [0-9a-f]{64}"),
    (pickle_as_weights, ValueError, r"model\.safetensors' must be a whole safetensors file"),
    (nan_batch, NonFiniteLossError, r"^a loss is NaN or infinite at round 1; there is no checkpoint yet"),
]


@pytest.mark.parametrize(("attempt", "kind", "message"), BAD_INPUTS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_bad_input_is_named(attempt, kind, message, tmp_path, monkeypatch, request):
    """A clear error, or a named warning where the rest can be used."""
    assert len(BAD_INPUTS) == 10
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    fixtures = {name: request.getfixturevalue(name) for name in ("pictures", "tiny")} if attempt is nan_batch else {}
    caught = pytest.warns if issubclass(kind, Warning) else pytest.raises
    with caught(kind, match=message):
        attempt(tmp_path, **fixtures)


def test_the_bomb_of_this_test_does_go_off(tmp_path, monkeypatch):
    """The check above looks at something: an unsafe loader does leave the mark."""
    monkeypatch.chdir(tmp_path)
    torch.save(Bomb(), tmp_path / "bomb.pt")
    torch.load(tmp_path / "bomb.pt", weights_only=False)
    assert (tmp_path / "was-unpickled").exists()
