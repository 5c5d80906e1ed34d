"""What a recipe may have beside trained networks: frozen ones, pools of pictures, a first phase, labels of two sets."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import nn

from avatarlib.data import ImageSet
from avatarlib.recipes import Recipe
from avatarlib.training import Trainer
from avatarlib.training.batches import UnpairedBatches
from avatarlib.training.checkpoint import load_tensors

ROUNDS, PHASE = 14, 1.5     # five rounds an epoch: the phase ends within the second


@dataclass(frozen=True)
class Config:
    batch_size: int = 4
    epochs: int = 3


class Pool(nn.Module):
    """The last picture of every round, and how many there were."""

    def __init__(self):
        super().__init__()
        self.register_buffer("kept", torch.zeros(3, 8, 8))
        self.register_buffer("count", torch.zeros((), dtype=torch.long))


class Translation(Recipe):
    """Photos become what a frozen network sees in cartoons; after a first phase also like the pool's picture."""

    def __init__(self):
        super().__init__()
        self.config = Config()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.networks["generator"] = nn.Conv2d(3, 3, 1)
            self.frozen["eye"] = nn.Sequential(nn.Conv2d(3, 2, 1), nn.BatchNorm2d(2))
        self.optimisers["generator"] = torch.optim.Adam(self.networks["generator"].parameters(), lr=0.01)
        self.extra_state["pool"] = Pool()
        self.phases = []

    def step(self, batch):
        pool, eye = self.extra_state["pool"], self.frozen["eye"]
        fake = self.networks["generator"](batch["photo"])
        loss = (eye(fake) - eye(batch["cartoon"])).abs().mean()
        self.phases.append(self.epoch < PHASE)
        if self.epoch >= PHASE:
            loss = loss + (fake - pool.kept).square().mean()
        self.update("generator", loss)
        pool.kept.copy_(fake[-1].detach())
        pool.count += 1
        return {"generator": loss.detach()}

    def preview(self):
        return torch.zeros(1, 3, 8, 8)


@pytest.fixture
def sets(pictures):
    return {"photo": pictures(20, size=8), "cartoon": pictures(12, seed=1, size=8)}


@pytest.fixture
def begin(sets):
    return lambda run_dir: Trainer(Translation(), sets, run_dir=run_dir, precision="float32", log_every=1,
                                   progress=False)


def test_a_resumed_run_with_a_pool_and_a_phase_repeats_the_unbroken_one(begin, tmp_path):
    """Stops within the first phase, at its end (round 8 of five an epoch), and after it."""
    unbroken = begin(tmp_path / "whole")
    expected = unbroken.fit(steps=ROUNDS).losses
    assert unbroken.recipe.phases == [True] * 8 + [False] * 6
    for stop in (3, 8, 11):
        begin(tmp_path / "cut").fit(steps=stop)
    resumed = begin(tmp_path / "cut")
    assert resumed.recipe.extra_state["pool"].count == 11
    assert resumed.fit(steps=ROUNDS).losses == expected
    pool, there = unbroken.recipe.extra_state["pool"], resumed.recipe.extra_state["pool"]
    assert torch.equal(pool.kept, there.kept)
    assert there.count == ROUNDS


def test_frozen_networks_stay_as_they_are_and_out_of_the_checkpoint(begin, tmp_path):
    trainer = begin(tmp_path)
    before = {name: value.clone() for name, value in trainer.recipe.frozen["eye"].state_dict().items()}
    trainer.fit(steps=3)
    eye = trainer.recipe.frozen["eye"]
    assert not eye.training
    assert not any(p.requires_grad for p in eye.parameters())
    assert all(torch.equal(before[name], value) for name, value in eye.state_dict().items())    # statistics too
    names = {name.split("/")[0] for name in load_tensors(trainer.checkpoint)[0]}
    assert names == {"network", "optimiser", "extra", "random"}


def test_unpaired_batches_keep_what_each_set_knows_of_its_pictures():
    """Picture k has label k and its landmark at (k, k): they stay together in every order."""
    images = np.arange(12, dtype=np.uint8)[:, None, None, None].repeat(3, 1).repeat(8, 2).repeat(8, 3)
    labels = np.arange(12)[:, None]
    landmarks = np.arange(12, dtype=np.float32)[:, None, None].repeat(2, 2)
    data = ImageSet("numbered", images, labels, {"number": tuple(map(str, range(12)))}, {"landmarks": landmarks})
    batches = UnpairedBatches({"photo": data, "cartoon": data}, 4, seed=0, device=torch.device("cpu"))
    for step in range(6):
        batch = batches[step]
        for name in ("photo", "cartoon"):
            number = ((batch[name][:, 0, 0, 0] + 1) * 127.5).round().long()
            assert torch.equal(batch[f"{name}/labels"][:, 0], number)
            assert torch.equal(batch[f"{name}/landmarks"][:, 0, 0].long(), number)
