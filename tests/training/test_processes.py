"""Several processes that train one model, and that stop together, whatever one of them meets."""

import numpy as np

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


def test_two_processes_train_one_model(tmp_path, two_processes):
    """Each on its own pictures and noise, with averaged gradients: equal weights, other losses; so resumed."""
    two_processes(TWO_PROCESSES)
    first, second = (np.load(tmp_path / f"rank{rank}.npz") for rank in (0, 1))
    assert np.array_equal(first["weights"], second["weights"])
    assert not np.array_equal(first["noise"], second["noise"])
    assert not np.array_equal(first["losses"], second["losses"])
    assert load_tensors(tmp_path / "whole" / "checkpoint.safetensors")[0]["random/recipe/1"].numel() > 0


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


def test_processes_stop_together_and_choose_one_precision(tmp_path, two_processes):
    """By the first one's clock, at any one's NaN, at an error in writing; and none waits for another."""
    two_processes(STOPS)
    assert {path.name for path in tmp_path.glob("done-*")} == {"done-0", "done-1"}
