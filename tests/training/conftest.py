"""A trainer on tiny networks and random pictures, made anew for each start of a run."""

import pytest

from avatarlib.recipes import DCGAN
from avatarlib.training import Trainer


@pytest.fixture
def start(pictures, tiny):
    """``start(run_dir, ...)``: what a new process would build for the run in that folder."""
    def make(run_dir, *, config=tiny, data=None, recipe=DCGAN, **options):
        settings = {"precision": "float32", "log_every": 1, "progress": False, **options}
        return Trainer(recipe(config), pictures() if data is None else data, run_dir=run_dir, **settings)
    return make
