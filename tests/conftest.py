"""What several tests share: a cache of their own, one thread, and pictures that need no drawing."""

import os

import matplotlib as mpl
import numpy as np
import pytest
import torch
from hard_limit import pytest_configure  # noqa: F401 - a hook: the whole run ends in time

from avatarlib.data import ImageSet
from avatarlib.recipes import DCGANConfig

mpl.use("agg")              # no windows; set in the process, not the environment, which notebooks would inherit
torch.set_num_threads(1)    # tiny tensors, and two test processes must not fight for the processor
os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")    # nor start others to draw in, each of which imports torch


@pytest.fixture(scope="session")
def cache_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True, scope="module")
def own_surroundings(cache_folder):
    """No test reads or fills the reader's cache, sees a preset chosen outside, or takes time to measure a precision.

    Nor does a fixture that a whole module shares; the notebooks' cells, which run beside, see the reader's own.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AVATARLIB_CACHE", str(cache_folder))
        patch.setenv("AVATARLIB_PRECISION", "float32")
        patch.delenv("AVATARLIB_PRESET", raising=False)
        yield


@pytest.fixture
def pictures():
    """Make an ImageSet of random pixels: ``pictures(count, seed=...)``."""
    def make(count=40, *, seed=0, size=64, name="random"):
        draws = np.random.default_rng(seed)
        images = draws.integers(0, 256, (count, 3, size, size), np.uint8)
        labels = draws.integers(0, 2, (count, 2))
        return ImageSet(name, images, labels, {"hair": ("none", "bun"), "eyes": ("none", "wink")})
    return make


@pytest.fixture(scope="session")
def tiny():
    """A DCGAN of some thousand weights, five rounds an epoch on 40 pictures; every option in use."""
    return DCGANConfig(latent=4, width=2, batch_size=8, epochs=3, ema_decay=0.5, dragan_weight=1.0)
