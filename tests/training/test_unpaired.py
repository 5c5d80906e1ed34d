"""Several sets at once: each in an order of its own, an epoch of the largest, and exact resume."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pytest
import torch
from torch import nn

from avatarlib.data import ImageSet
from avatarlib.recipes import Recipe
from avatarlib.training import CheckpointError, Trainer
from avatarlib.training.batches import Batches, UnpairedBatches

CPU = torch.device("cpu")


def numbered(count, first=0):
    """Pictures of one colour each: first, first + 1, ..."""
    values = np.arange(first, first + count, dtype=np.uint8)
    images = np.broadcast_to(values[:, None, None, None], (count, 3, 8, 8)).copy()
    return ImageSet(f"from {first}", images, np.zeros((count, 0), int), {})


def numbers(pictures):
    """Which pictures a batch (n, 3, H, W) holds, by their colour."""
    return ((pictures[:, 0, 0, 0] + 1) * 127.5).round().int().tolist()


@pytest.fixture
def sets():
    """Twenty photos and twelve cartoons: five rounds of four, and three."""
    return {"photo": numbered(20), "cartoon": numbered(12, first=100)}


def seen(batches, name, steps):
    return [numbers(batches[step][name]) for step in steps]


def test_a_batch_has_the_names_of_the_sets(sets):
    batch = UnpairedBatches(sets, 4, seed=0, device=CPU)[0]
    assert set(batch) == {"photo", "photo/labels", "cartoon", "cartoon/labels"}
    assert batch["photo"].shape == (4, 3, 8, 8)
    assert set(numbers(batch["photo"])) <= set(range(20))
    assert set(numbers(batch["cartoon"])) <= set(range(100, 112))


def test_an_epoch_is_that_of_the_largest_set_and_a_smaller_one_begins_anew(sets):
    """max(20, 12) pictures in fours are five rounds; fifteen rounds are three and five epochs."""
    batches = UnpairedBatches(sets, 4, seed=0, device=CPU)
    assert batches.per_epoch == 5
    assert batches.images_per_round == 8
    photos, cartoons = (list(chain(*seen(batches, name, range(15)))) for name in ("photo", "cartoon"))
    assert set(Counter(photos).values()) == {3}
    assert set(Counter(cartoons).values()) == {5}
    assert sorted(cartoons[:12]) == sorted(cartoons[12:24]) == list(range(100, 112))
    assert cartoons[:12] != cartoons[12:24]


def test_equal_sets_under_two_names_are_not_paired():
    """Twenty pairs, shuffled apart: by chance one in twenty would meet again, in four epochs four of eighty."""
    batches = UnpairedBatches({"cartoon": numbered(20), "smooth": numbered(20)}, 4, seed=0, device=CPU)
    pairs = [(a, b) for step in range(20) for a, b in
             zip(numbers(batches[step]["cartoon"]), numbers(batches[step]["smooth"]), strict=True)]
    assert sum(a == b for a, b in pairs) < 16


def test_the_order_depends_on_seed_name_and_round_alone(sets):
    """Read backwards, with the sets named in another order, and beside a further set: the same batches."""
    forwards = seen(UnpairedBatches(sets, 4, seed=3, device=CPU), "photo", range(12))
    torch.rand(5)
    more = {**dict(reversed(sets.items())), "smooth": numbered(16)}
    other = UnpairedBatches(more, 4, seed=3, device=CPU)
    assert seen(other, "photo", reversed(range(12)))[::-1] == forwards
    assert seen(UnpairedBatches(sets, 4, seed=4, device=CPU), "photo", range(12)) != forwards


def test_processes_share_every_set_without_overlap(sets):
    """Two processes with batches of 2 see together what one with batches of 4 sees, round by round."""
    for name in sets:
        alone = seen(UnpairedBatches(sets, 4, seed=0, device=CPU), name, range(10))
        shares = [seen(UnpairedBatches(sets, 2, seed=0, device=CPU, rank=rank, world=2), name, range(10))
                  for rank in (0, 1)]
        assert [left + right for left, right in zip(*shares, strict=True)] == alone


def test_one_transform_for_all_or_one_by_name(sets):
    plain = UnpairedBatches(sets, 4, seed=0, device=CPU)[2]
    every = UnpairedBatches(sets, 4, seed=0, device=CPU, transform=torch.neg)[2]
    named = UnpairedBatches(sets, 4, seed=0, device=CPU, transform={"photo": torch.neg})[2]
    assert all(torch.equal(every[name], -plain[name]) for name in sets)
    assert torch.equal(named["photo"], -plain["photo"])
    assert torch.equal(named["cartoon"], plain["cartoon"])


@pytest.mark.parametrize(("options", "message"), [
    ({"sets": {}}, "data must hold at least one ImageSet, got an empty mapping"),
    ({"batch_size": 13}, r"batch_size must be in \[1, 12\] for the 12 pictures of data\['cartoon'\], got 13"),
    ({"batch_size": 8, "world": 2}, r"batch_size must be in \[1, 6\] for the 12 pictures of data\['cartoon'\], got 8"),
    ({"batch_size": 0}, r"batch_size must be in \[1, 20\] for the 20 pictures of data\['photo'\], got 0"),
    ({"transform": {"photos": torch.neg}}, r"transform must name sets among \['cartoon', 'photo'\], got \['photos'\]"),
])
def test_what_does_not_fit_is_named(sets, options, message):
    settings = {"sets": sets, "batch_size": 4, **options}
    with pytest.raises(ValueError, match=message):
        UnpairedBatches(settings.pop("sets"), settings.pop("batch_size"), seed=0, device=CPU, **settings)


@dataclass(frozen=True)
class MeansConfig:
    batch_size: int = 4
    epochs: int = 3


class Means(Recipe):
    """Learns the mean colour of each set, and tells which pictures it saw."""

    def __init__(self):
        super().__init__()
        self.config = MeansConfig()
        self.network = nn.Conv2d(3, 2, 1)
        for parameter in self.network.parameters():
            nn.init.zeros_(parameter)
        self.networks = {"network": self.network}
        self.optimisers = {"network": torch.optim.Adam(self.network.parameters(), lr=0.05)}
        self.seen = []

    def step(self, batch):
        self.seen.append({name: numbers(batch[name]) for name in ("photo", "cartoon")})
        photo, cartoon = (batch[name].mean((0, 2, 3)) for name in ("photo", "cartoon"))
        loss = (self.network(photo[:, None, None])[0] - 1).square().mean() \
            + (self.network(cartoon[:, None, None])[1] + self.noise(1)).square().mean()
        self.update("network", loss)
        return {"loss": loss.detach()}

    def preview(self):
        return torch.zeros(2, 3, 8, 8)


def start(run_dir, sets, **options):
    settings = {"precision": "float32", "log_every": 1, "progress": False, **options}
    return Trainer(Means(), sets, run_dir=run_dir, **settings)


def test_the_trainer_plays_the_largest_sets_epochs(tmp_path, sets):
    run = start(tmp_path, sets)
    row = run.fit(epochs=2).rows[-1]
    assert (row["step"], row["epoch"], run.epoch) == (10, 2.0, 2)
    photos = list(chain(*(batch["photo"] for batch in run.recipe.seen)))
    assert set(Counter(photos).values()) == {2}
    assert run.batches.images_per_round == 8


@pytest.mark.parametrize("stops", [(1,), (3, 5), (7,)], ids=str)
def test_a_resumed_run_sees_the_same_pictures_and_has_the_same_losses(tmp_path, sets, stops):
    """Three rounds are an epoch of the cartoons, five one of the photos; seven is within both."""
    whole = start(tmp_path / "whole", sets)
    expected = whole.fit(steps=12).losses
    for stop in stops:
        start(tmp_path / "cut", sets).fit(steps=stop)
        torch.rand(3)
    resumed = start(tmp_path / "cut", sets)
    assert resumed.fit(steps=12).losses == expected
    assert resumed.recipe.seen == whole.recipe.seen[stops[-1]:]
    for mine, theirs in zip(resumed.recipe.network.parameters(), whole.recipe.network.parameters(), strict=True):
        assert torch.equal(mine, theirs)


@pytest.mark.parametrize(("changed", "message"), [
    ({"cartoon": numbered(12, first=50)}, r"data = \{'cartoon': 'from 100', 'photo': 'from 0'\}, got"),
    ({"photo": numbered(21)}, r"count = \{'cartoon': 12, 'photo': 20\}, got \{'cartoon': 12, 'photo': 21\}"),
    ({"smooth": numbered(12)}, r"data = \{'cartoon': 'from 100', 'photo': 'from 0'\}, got .*'smooth'"),
])
def test_a_run_knows_all_its_sets_again(tmp_path, sets, changed, message):
    start(tmp_path, sets).fit(steps=1)
    with pytest.raises(CheckpointError, match=message):
        start(tmp_path, {**sets, **changed})


def test_changed_pictures_under_the_old_name_are_noticed(tmp_path, sets):
    start(tmp_path, sets).fit(steps=1)
    changed = numbered(12, first=101)
    changed.name = sets["cartoon"].name
    with pytest.raises(CheckpointError, match=r"digest = \{'cartoon': '\w+', 'photo': '\w+'\}, got"):
        start(tmp_path, {**sets, "cartoon": changed})


def test_one_set_in_a_mapping_has_the_single_sets_pictures_per_round(sets):
    single = Batches(sets["photo"], 4, seed=0, device=CPU)
    mapped = UnpairedBatches({"photo": sets["photo"]}, 4, seed=0, device=CPU)
    assert (single.per_epoch, single.images_per_round) == (mapped.per_epoch, mapped.images_per_round) == (5, 4)
