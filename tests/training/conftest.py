"""A trainer on tiny networks and random pictures, made anew for each start of a run; and a run of two processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from avatarlib.recipes import DCGAN
from avatarlib.training import Trainer

# a process that waits for one that has gone ends by itself, and tells where it stood
PROLOGUE = "import faulthandler; faulthandler.dump_traceback_later(200, exit=True)\n"


@pytest.fixture
def start(pictures, tiny):
    """``start(run_dir, ...)``: what a new process would build for the run in that folder."""
    def make(run_dir, *, config=tiny, data=None, recipe=DCGAN, **options):
        settings = {"precision": "float32", "log_every": 1, "progress": False, **options}
        return Trainer(recipe(config), pictures() if data is None else data, run_dir=run_dir, **settings)
    return make


@pytest.fixture
def two_processes(tmp_path):
    """``two_processes(script)``: run the text in two processes of one training, with ``tmp_path`` as its argument."""
    def run(script):
        (tmp_path / "train.py").write_text(PROLOGUE + script)
        command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2",
                   str(tmp_path / "train.py"), str(tmp_path)]
        surroundings = {**os.environ, "OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true",
                        "PYTHONPATH": str(Path(__file__).parent)}
        done = subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr
    return run
