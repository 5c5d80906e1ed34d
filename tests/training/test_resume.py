"""A run that stops and goes on repeats the losses of an unbroken one, to the last bit."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from avatarlib.recipes import DCGAN
from avatarlib.training import CheckpointError, History, files
from avatarlib.training.checkpoint import load_checkpoint, load_tensors, read_progress

ROUNDS = 12     # five an epoch: two epochs and two rounds


def weights(trainer):
    networks = {**trainer.recipe.networks, **trainer.recipe.averages}
    return {f"{name}.{key}": value for name, network in networks.items()
            for key, value in network.state_dict().items()}


@pytest.mark.parametrize("precision", ["float32", "bf16"])
@pytest.mark.parametrize("stops", [(1,), (5,), (7,), (3, 4, 10, 11)], ids=str)
def test_a_resumed_run_repeats_an_unbroken_one(start, tmp_path, precision, stops):
    """Stops after one round, at an epoch's end, within one, and four in a row."""
    unbroken = start(tmp_path / "whole", precision=precision)
    expected = unbroken.fit(steps=ROUNDS).losses
    for stop in stops:
        start(tmp_path / "cut", precision=precision).fit(steps=stop)
        torch.rand(3)       # another process would not find the generators where this one left them
    resumed = start(tmp_path / "cut", precision=precision)
    assert resumed.step == stops[-1]
    assert resumed.fit(steps=ROUNDS).losses == expected
    assert History.read(tmp_path / "cut" / "history.csv").losses == expected
    assert len({loss["generator"] for loss in expected}) == ROUNDS
    there = weights(resumed)
    for name, value in weights(unbroken).items():
        assert torch.equal(value, there[name]), name


def test_going_on_in_the_same_trainer_is_the_same_too(start, tmp_path):
    expected = start(tmp_path / "whole").fit(steps=ROUNDS).losses
    trainer = start(tmp_path / "cut")
    for steps in (4, 4, 9):
        trainer.fit(steps=steps)
    assert trainer.fit(steps=ROUNDS).losses == expected


def test_rounds_after_the_last_checkpoint_are_played_again_and_recorded_once(start, tmp_path):
    """The checkpoint is of round 4; the process dies at round 7, with seven rows in its history."""
    expected = start(tmp_path / "whole").fit(steps=ROUNDS).losses
    dying = start(tmp_path / "cut", checkpoint_every=4)
    save, dying.save = dying.save, lambda: save() if dying.step == 4 else None
    dying.fit(steps=7)
    dying.history.save()
    resumed = start(tmp_path / "cut")
    assert resumed.step == 4
    assert resumed.fit(steps=ROUNDS).losses == expected
    assert [row["step"] for row in resumed.history.rows] == list(range(1, ROUNDS + 1))


def test_a_run_stopped_before_its_first_row_goes_on(start, tmp_path):
    """With a row every ten rounds, three rounds leave a checkpoint and no history."""
    expected = start(tmp_path / "whole", log_every=10).fit(steps=ROUNDS).losses
    start(tmp_path / "cut", log_every=10).fit(steps=3)
    assert start(tmp_path / "cut", log_every=10).fit(steps=ROUNDS).losses == expected
    assert len(expected) == 1


def test_max_minutes_stops_with_a_checkpoint_and_the_next_call_goes_on(start, tmp_path):
    """No time at all is one round a call."""
    expected = start(tmp_path / "whole").fit(steps=3).losses
    for done in (1, 2):
        assert len(start(tmp_path / "cut").fit(steps=3, max_minutes=0).losses) == done
    trainer = start(tmp_path / "cut")
    assert trainer.fit(steps=3, max_minutes=60).losses == expected
    assert trainer.fit(steps=3, max_minutes=0).losses == expected       # nothing is left to do


def test_minutes_add_up_over_the_parts_of_a_run(start, tmp_path):
    first = start(tmp_path)
    first.fit(steps=2)
    second = start(tmp_path)
    assert second.minutes == first.minutes > 0
    second.fit(steps=4)
    assert second.minutes > first.minutes


def test_moments_return_in_the_memory_layout_of_their_weights(start, tmp_path):
    """A fused Adam step walks weights and moments in memory order: layouts that differ pair wrong entries."""
    first = start(tmp_path)
    first.fit(steps=2)
    before, after = (t.recipe.optimisers["generator"] for t in (first, start(tmp_path)))
    old, new = (optimiser.param_groups[0]["params"] for optimiser in (before, after))
    assert sum(not weight.is_contiguous() for weight in new) == 5      # the convolutions
    for mine, theirs in zip(new, old, strict=True):
        for moment in ("exp_avg", "exp_avg_sq"):
            assert after.state[mine][moment].stride() == mine.stride()
            assert torch.equal(after.state[mine][moment], before.state[theirs][moment])


def test_schedulers_go_on_where_they_stood(start, tmp_path):
    def scheduled(run_dir):
        trainer = start(run_dir)
        for name, optimiser in trainer.recipe.optimisers.items():
            trainer.recipe.schedulers[name] = torch.optim.lr_scheduler.ExponentialLR(optimiser, 0.5)
        if trainer.checkpoint.exists():     # a recipe has its schedulers before the Trainer reads the checkpoint
            trainer.resume()
        return trainer

    expected = scheduled(tmp_path / "whole").fit(steps=6).losses
    scheduled(tmp_path / "cut").fit(steps=3)
    resumed = scheduled(tmp_path / "cut")
    assert resumed.recipe.optimisers["generator"].param_groups[0]["lr"] == pytest.approx(2e-4 / 8)
    assert resumed.fit(steps=6).losses == expected


@pytest.mark.parametrize(("changes", "message"), [
    ({"seed": 1}, r"holds a run with seed = 0, got 1; give the same settings or another run_dir"),
    ({"config": {"width": 4}}, r"config.width = 2, got 4"),
    ({"data": {"name": "others"}}, r"data = 'random', got 'others'"),
    ({"data": {"count": 41}}, r"count = 40, got 41"),
    ({"data": {"seed": 9}}, r"digest = '\w+', got '\w+'"),
], ids=str)
def test_a_run_with_other_settings_is_refused_and_kept(start, pictures, tiny, tmp_path, changes, message):
    start(tmp_path).fit(steps=2)
    before = (tmp_path / "checkpoint.safetensors").read_bytes()
    options = dict(changes)
    if "config" in options:
        options["config"] = replace(tiny, **options["config"])
    if "data" in options:
        options["data"] = pictures(**options["data"])
    with pytest.raises(CheckpointError, match=message):
        start(tmp_path, **options)
    assert (tmp_path / "checkpoint.safetensors").read_bytes() == before


def test_a_setting_that_a_checkpoint_does_not_know_was_at_its_default(start, tiny, tmp_path):
    """A run of before there were other losses was one of the default loss, and is not gone on with by another."""
    old = start(tmp_path)
    del old.identity["config"]["adversarial"]
    old.fit(steps=2)
    with pytest.raises(CheckpointError, match=r"config.adversarial = 'non_saturating', got 'hinge'"):
        start(tmp_path, config=replace(tiny, adversarial="hinge"))
    assert start(tmp_path).fit(steps=3).rows[-1]["step"] == 3


class Halving(DCGAN):
    """A DCGAN whose generator learns half as fast after every round."""

    def __init__(self, config):
        super().__init__(config)
        optimiser = self.optimisers["generator"]
        self.schedulers["generator"] = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 0.5 ** step)


def test_the_learning_rate_may_change_and_the_change_is_noted(start, tiny, tmp_path):
    """2e-4 halved twice, then 1e-4 halved twice and a third time; without a schedule 2e-4 and 1e-4."""
    first = start(tmp_path, recipe=Halving)
    first.fit(steps=2)

    def rates(run):
        return [run.recipe.optimisers[name].param_groups[0]["lr"] for name in ("generator", "discriminator")]

    assert rates(first) == pytest.approx([0.5e-4, 2e-4])
    slower = replace(tiny, learning_rate=1e-4)
    with pytest.warns(UserWarning, match=r"goes on with config.learning_rate = 0.0001 instead of 0.0002"):
        resumed = start(tmp_path, recipe=Halving, config=slower)
    assert rates(resumed) == pytest.approx([0.25e-4, 1e-4])
    resumed.fit(steps=3)
    assert rates(resumed) == pytest.approx([0.125e-4, 1e-4])
    progress = read_progress(resumed.checkpoint)
    assert progress["identity"]["config"]["learning_rate"] == 1e-4
    assert progress["changes"] == [{"step": 2, "setting": "config.learning_rate", "before": 2e-4, "after": 1e-4}]
    assert rates(start(tmp_path, recipe=Halving, config=slower)) == rates(resumed)      # no longer a change


def test_the_precision_may_change_and_the_change_is_noted(start, tmp_path):
    start(tmp_path, precision="bf16").fit(steps=2)
    start(tmp_path, precision="float32").fit(steps=3)
    progress = read_progress(tmp_path / "checkpoint.safetensors")
    assert (progress["precision"], progress["layout"]) == ("float32", "channels_last")
    assert progress["changes"] == [{"step": 2, "setting": "precision", "before": "bf16", "after": "float32"}]


@pytest.mark.parametrize(("before", "after", "scale"), [(False, True, 512.0), (True, False, 1.0), (True, True, 2.0)])
def test_a_gradient_scale_is_taken_over_where_both_have_one(start, tmp_path, before, after, scale):
    """A run in float32 has none: gone on with in fp16, the scale begins as set; fp16 goes on with its own."""
    first, second = start(tmp_path), start(tmp_path / "other")
    first.recipe.scaler = torch.amp.GradScaler("cpu", init_scale=2.0, enabled=before)
    second.recipe.scaler = torch.amp.GradScaler("cpu", init_scale=512.0, enabled=after)
    first.save()
    load_checkpoint(first.checkpoint, second.recipe)
    assert second.recipe.scaler.get_scale() == scale


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="only Linux tells what is mapped")
def test_nothing_that_was_loaded_stays_in_the_file(start, tmp_path):
    """On Windows a file that is mapped cannot be replaced; Adam's count of steps used to stay there."""
    start(tmp_path).fit(steps=1)
    resumed = start(tmp_path)
    held, _ = load_tensors(resumed.checkpoint)
    assert held
    assert int(next(iter(resumed.recipe.optimisers["generator"].state.values()))["step"]) == 1
    assert str(resumed.checkpoint) not in Path("/proc/self/maps").read_text()


def test_a_process_that_dies_between_history_and_checkpoint_loses_no_row(start, tmp_path, monkeypatch):
    """Of the two files of round 4 only the first is written: whichever it is, all rows are there in the end."""
    expected = start(tmp_path / "whole").fit(steps=6).losses
    dying = start(tmp_path / "cut", checkpoint_every=2)
    replaced = []

    def replace_thrice(self, target):       # two files at round 2, and one of two at round 4
        if len(replaced) == 3:
            raise KeyboardInterrupt
        replaced.append(target)
        return moved(self, target)

    moved = Path.replace
    with monkeypatch.context() as patch:
        patch.setattr(files.Path, "replace", replace_thrice)
        with pytest.raises(KeyboardInterrupt):
            dying.fit(steps=6)
    assert len(replaced) == 3
    resumed = start(tmp_path / "cut")
    assert resumed.fit(steps=6).losses == expected
    assert [row["step"] for row in resumed.history.rows] == [1, 2, 3, 4, 5, 6]
