"""What ends badly: a loss that is no number, a folder that takes no files, a process that is killed."""

import json
import os
import random
import subprocess
import sys
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

from avatarlib.cli import main
from avatarlib.recipes import DCGAN, DCGANConfig
from avatarlib.training import CheckpointError, History, NonFiniteLossError, checkpoint, files
from avatarlib.training.checkpoint import load_tensors, read_progress, save_checkpoint


class Breaks:
    """An augmentation whose ``at``-th batch is NaN."""

    def __init__(self, at):
        self.at, self.calls = at, 0

    def __call__(self, images):
        self.calls += 1
        return images * float("nan") if self.calls == self.at else images


class WeightsBreak(DCGAN):
    """The generator's gradient overflows in its third round, although both losses of that round are finite."""

    def update(self, player, loss):
        self.rounds = getattr(self, "rounds", 0) + (player == "generator")
        super().update(player, loss * float("inf") if player == "generator" and self.rounds == 3 else loss)


def test_a_nan_batch_stops_the_run_and_the_checkpoint_is_from_before(start, tmp_path):
    """NaN in round 8, checkpoints every 3: that of round 6 stays, and from it the run goes on as if unharmed."""
    expected = start(tmp_path / "whole").fit(steps=12).losses
    run_dir = tmp_path / "cut"
    with pytest.raises(NonFiniteLossError, match=r"a loss is NaN or infinite at round 8; the last good checkpoint "
                                                 r"is '.*checkpoint\.safetensors'\. Lower the learning rate"):
        start(run_dir, checkpoint_every=3, transform=Breaks(at=8)).fit(steps=12)
    tensors, _ = load_tensors(run_dir / "checkpoint.safetensors")
    assert read_progress(run_dir / "checkpoint.safetensors")["step"] == 6
    assert all(value.isfinite().all() for value in tensors.values() if value.is_floating_point())
    assert start(run_dir).fit(steps=12).losses == expected


def test_the_round_is_named_although_rows_and_checkpoints_are_rarer(start, tmp_path):
    trainer = start(tmp_path, log_every=10, checkpoint_every=100, transform=Breaks(at=4))
    with pytest.raises(NonFiniteLossError, match="at round 4; there is no checkpoint yet"):
        trainer.fit(steps=20)
    assert trainer.step == 10       # the losses were first looked at here
    assert not trainer.checkpoint.exists()


def test_weights_that_are_no_numbers_never_reach_a_checkpoint(start, tmp_path):
    trainer = start(tmp_path, recipe=WeightsBreak, checkpoint_every=1)
    with pytest.raises(NonFiniteLossError, match="a weight of the generator is NaN or infinite at round 3; the last"):
        trainer.fit(steps=5)
    assert read_progress(trainer.checkpoint)["step"] == 2


def test_the_advice_can_be_followed_in_the_same_folder(start, tiny, tmp_path):
    """bf16 and a learning rate of 2e-4 end in NaN; gone on with in float32 at half of it from round 3."""
    with pytest.raises(NonFiniteLossError, match="Lower the learning rate, or train in float32: both may change in"):
        start(tmp_path, precision="bf16", checkpoint_every=3, transform=Breaks(at=5)).fit(steps=6)
    with pytest.warns(UserWarning, match="learning_rate = 0.0001 instead of 0.0002"):
        again = start(tmp_path, config=replace(tiny, learning_rate=1e-4))
    assert again.step == 3
    assert [row["step"] for row in again.fit(steps=6).rows] == [1, 2, 3, 4, 5, 6]


def test_a_run_dir_that_takes_no_files_is_told_before_the_first_round(start, tmp_path, monkeypatch):
    """A file, a folder below a file, a disk with less room than the weights alone need."""
    (tmp_path / "file").write_text("mine")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OSError, match=r"run_dir must be a folder that can be written to, got '.*file"):
            start(place)
    assert (tmp_path / "file").read_text() == "mine"
    monkeypatch.setattr(files.shutil, "disk_usage", lambda path: SimpleNamespace(free=1_000))
    with pytest.raises(OSError, match=r"run_dir must have [\d.]+ MB free for a checkpoint, got '.*full' with 0.0 MB"):
        start(tmp_path / "full")


def test_the_room_asked_for_is_that_of_the_checkpoint(start, tmp_path):
    """Within a tenth of a network that is large beside names and counts."""
    trainer = start(tmp_path, config=DCGANConfig(latent=4, width=8, batch_size=8))
    trainer.fit(steps=1)
    assert checkpoint.bytes_needed(trainer.recipe) == pytest.approx(trainer.checkpoint.stat().st_size, rel=0.1)


def train_arguments(run_dir, steps):
    return ["train", "dcgan", "--preset", "smoke", "--set", "batch_size=8", "--count", "40", "--run-dir", str(run_dir),
            "--precision", "float32", "--steps", str(steps), "--log-every", "1", "--checkpoint-every", "2",
            "--sample-every", "3"]


def checkpoints_seen(path, count, deadline):
    """Wait until ``path`` has been renewed ``count`` times."""
    seen, last = 0, None
    while seen < count:
        assert time.monotonic() < deadline, f"{path.name} was renewed {seen} times, not {count}"
        now = path.stat().st_mtime_ns if path.exists() else None
        if now != last:
            seen, last = seen + 1, now
        time.sleep(0.005)


def kill_at_a_random_moment(run_dir, draws, log):
    """Start an endless run and kill it one to four checkpoints later, somewhere between two of them."""
    command = [sys.executable, "-m", "avatarlib.cli", *train_arguments(run_dir, 1_000_000)]
    surroundings = {**os.environ, "OMP_NUM_THREADS": "1"}       # as in this process: the same sums
    process = subprocess.Popen(command, env=surroundings, stdout=log, stderr=log)
    try:
        renewals = draws.randint(1, 4) + (run_dir / "checkpoint.safetensors").exists()    # the old one counts
        checkpoints_seen(run_dir / "checkpoint.safetensors", renewals, time.monotonic() + 300)
        time.sleep(draws.uniform(0, 0.2))
        assert process.poll() is None
    finally:
        process.kill()
    assert process.wait() != 0
    return read_progress(run_dir / "checkpoint.safetensors")["step"]     # it is whole: it can be read


def test_killed_three_times_and_resumed_the_losses_are_those_of_an_unbroken_run(tmp_path, capsys):
    """The command line, ``kill -9`` at three random moments; then to five rounds past the last checkpoint."""
    draws, cut, whole = random.Random(), tmp_path / "cut", tmp_path / "whole"
    with (tmp_path / "log.txt").open("w") as log:
        reached = [kill_at_a_random_moment(cut, draws, log) for _ in range(3)]
    assert 0 < reached[0] < reached[1] < reached[2]
    assert main(train_arguments(cut, reached[-1] + 5)) == 0
    assert f"going on at round {reached[-1]}\n" in capsys.readouterr().out
    assert main(train_arguments(whole, reached[-1] + 5)) == 0
    assert "going on" not in capsys.readouterr().out
    resumed, unbroken = (History.read(folder / "history.csv") for folder in (cut, whole))
    assert [row["step"] for row in resumed.rows] == list(range(1, reached[-1] + 6))
    assert resumed.losses == unbroken.losses


def test_a_pickle_and_other_files_are_no_checkpoint(start, tmp_path):
    trainer = start(tmp_path / "run")
    trainer.fit(steps=1)
    pickled, cut, weights = tmp_path / "a.pt", tmp_path / "b.safetensors", tmp_path / "c.safetensors"
    torch.save({"weight": torch.zeros(3)}, pickled)
    cut.write_bytes(trainer.checkpoint.read_bytes()[:-100])
    checkpoint.save_weights(weights, trainer.recipe.generator)
    for path in (pickled, cut):
        with pytest.raises(CheckpointError, match=r"path must be a whole safetensors file, got .*never loaded"):
            load_tensors(path)
    with pytest.raises(CheckpointError, match="path must be a checkpoint of a training run, got"):
        read_progress(weights)


def test_a_checkpoint_holds_no_pickle_and_says_what_it_is_of(start, tiny, tmp_path):
    """safetensors is a length, JSON and raw numbers; the JSON tells the run's identity."""
    trainer = start(tmp_path)
    save_checkpoint(tmp_path / "alone.safetensors", trainer.recipe, {"identity": trainer.identity, "step": 0})
    raw = (tmp_path / "alone.safetensors").read_bytes()
    header = json.loads(raw[8:8 + int.from_bytes(raw[:8], "little")])
    identity = json.loads(header["__metadata__"]["state"])["progress"]["identity"]
    assert identity["recipe"] == "DCGAN"
    assert identity["config"]["width"] == tiny.width
