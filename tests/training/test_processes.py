"""Several processes that train one model, and that stop together, whatever one of them meets."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from avatarlib.training.checkpoint import load_tensors

TWO_PROCESSES = """
import sys
from pathlib import Path
import numpy as np, torch
torch.set_num_threads(1)
from avatarlib.data import ImageSet
from avatarlib.recipes import DCGAN, DCGANConfig
from avatarlib.recipes.base import share_gradients
from avatarlib.training import Trainer

folder = Path(sys.argv[1])
data = ImageSet("noise", np.random.default_rng(0).integers(0, 256, (48, 3, 64, 64), np.uint8),
                np.zeros((48, 0), int), {})

def start(name):
    config = DCGANConfig(latent=4, width=2, batch_size=4)
    return Trainer(DCGAN(config), data, run_dir=folder / name, precision="float32", log_every=1, progress=False)

whole = start("whole")
rank = whole.accelerator.process_index
assert whole.accelerator.num_processes == 2
expected = whole.fit(steps=4).losses
start("cut").fit(steps=2)
resumed = start("cut")
assert resumed.step == 2
assert resumed.fit(steps=4).losses[2:] == expected[2:]

gradient = torch.nn.Parameter(torch.zeros(3))
gradient.grad = torch.full((3,), rank + 1.0)
share_gradients(whole.accelerator, [gradient])
assert gradient.grad.tolist() == [1.5, 1.5, 1.5]       # the mean of 1 and 2

weights = torch.cat([p.detach().flatten() for n in whole.recipe.networks.values() for p in n.parameters()])
np.savez(folder / f"rank{rank}.npz", weights=weights, noise=whole.recipe.noise(8),
         losses=[loss["generator"] for loss in expected])
"""

SEVERAL_SETS = """
import sys
from pathlib import Path
import numpy as np, torch
torch.set_num_threads(1)
from avatarlib.training import Trainer
from avatarlib.training.batches import UnpairedBatches
from test_unpaired import CPU, Means, numbered, numbers

folder = Path(sys.argv[1])
sets = {"photo": numbered(20), "cartoon": numbered(12, first=100)}

def start(name):
    recipe = Means()
    recipe.config = type(recipe.config)(batch_size=2)
    return Trainer(recipe, sets, run_dir=folder / name, precision="float32", log_every=1, progress=False)

whole = start("whole")
assert whole.accelerator.num_processes == 2
expected = whole.fit(steps=5).losses
start("cut").fit(steps=2)
assert start("cut").fit(steps=5).losses[2:] == expected[2:]
weights = torch.cat([p.detach().flatten() for p in whole.recipe.network.parameters()])
seen = [whole.recipe.seen[step][name] for step in range(5) for name in ("cartoon", "photo")]
alone = UnpairedBatches(sets, 4, seed=0, device=CPU)
alone = [numbers(alone[step][name]) for step in range(5) for name in ("cartoon", "photo")]
np.savez(folder / f"rank{whole.accelerator.process_index}.npz", weights=weights, seen=seen, alone=alone)
"""

STOPS = """
import os, sys
from pathlib import Path
from types import SimpleNamespace
import numpy as np, torch
torch.set_num_threads(1)
from avatarlib.data import ImageSet
from avatarlib.recipes import DCGAN, DCGANConfig
from avatarlib.training import NonFiniteLossError, Trainer, formats, trainer
from avatarlib.training.checkpoint import read_progress

folder, rank = Path(sys.argv[1]), int(os.environ["RANK"])
data = ImageSet("noise", np.random.default_rng(0).integers(0, 256, (48, 3, 64, 64), np.uint8),
                np.zeros((48, 0), int), {})

def start(name, game=DCGAN, **options):
    settings = {"precision": "float32", "log_every": 1, "progress": False, **options}
    return Trainer(game(DCGANConfig(latent=4, width=2, batch_size=4)), data, run_dir=folder / name, **settings)

class Clock:                    # a look at it takes a minute in the first process and ten in the other
    now = 0.0
    def look(self):
        self.now += 60.0 * (10 if rank else 1)
        return self.now

trainer.time = SimpleNamespace(perf_counter=Clock().look, monotonic=Clock().look)
run = start("minutes")
run.fit(steps=9, max_minutes=2.5)
assert run.step == 3, run.step

class Breaks(DCGAN):            # the last loss of the second round is NaN in one process only
    calls = 0
    def step(self, batch):
        self.calls += 1
        losses = super().step(batch)
        return {**losses, "generator": losses["generator"] * (float("nan") if rank and self.calls == 2 else 1)}

try:
    start("broken", Breaks).fit(steps=9)
except NonFiniteLossError as error:
    assert "at round 2;" in str(error), error
else:
    raise AssertionError("trained on with NaN")

def full(*_):
    raise OSError("No space left on device")

run = start("full")
trainer.save_checkpoint = full          # only the first process writes
try:
    run.fit(steps=1)
except OSError as error:
    assert "No space left" in str(error), error
else:
    raise AssertionError("saved to a full disk")

def preference(recipe, batches, device, found):
    assert rank == 0, "measured by the first process only"
    return formats.Format("bf16", "contiguous")

formats.fastest = preference
os.environ.pop("AVATARLIB_PRECISION", None)
assert start("measured", precision="auto").format == ("bf16", "contiguous")
(folder / f"done-{rank}").touch()
"""

# One start of two processes for all: a process that waits for one that has gone ends by itself, and tells where it
# stood. STOPS comes last, for it exchanges parts of the library.
SCRIPTS = {"pictures": TWO_PROCESSES, "several sets": SEVERAL_SETS, "stops": STOPS}
ALL = """
import faulthandler, runpy, sys
faulthandler.dump_traceback_later(200, exit=True)
for folder in sys.argv[1:]:
    sys.argv[1:] = [folder]
    runpy.run_path(folder + "/train.py")
"""


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """The folders of the scripts above, by name, after two processes of one training have run them."""
    root = tmp_path_factory.mktemp("processes")
    for name, script in SCRIPTS.items():
        (root / name).mkdir()
        (root / name / "train.py").write_text(script)
    (root / "all.py").write_text(ALL)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2",
               str(root / "all.py"), *(str(root / name) for name in SCRIPTS)]
    surroundings = {**os.environ, "OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true",
                    "PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return {name: root / name for name in SCRIPTS}


def test_two_processes_train_one_model(folders):
    """Each on its own pictures and noise, with averaged gradients: equal weights, other losses; so resumed."""
    first, second = (np.load(folders["pictures"] / f"rank{rank}.npz") for rank in (0, 1))
    assert np.array_equal(first["weights"], second["weights"])
    assert not np.array_equal(first["noise"], second["noise"])
    assert not np.array_equal(first["losses"], second["losses"])
    assert load_tensors(folders["pictures"] / "whole" / "checkpoint.safetensors")[0]["random/recipe/1"].numel() > 0


def test_two_processes_share_several_sets_and_train_one_model(folders):
    first, second = (np.load(folders["several sets"] / f"rank{rank}.npz") for rank in (0, 1))
    assert np.array_equal(first["weights"], second["weights"])
    assert np.concatenate([first["seen"], second["seen"]], axis=1).tolist() == first["alone"].tolist()


def test_processes_stop_together_and_choose_one_precision(folders):
    """By the first one's clock, at any one's NaN, at an error in writing; and none waits for another."""
    assert {path.name for path in folders["stops"].glob("done-*")} == {"done-0", "done-1"}
