"""What a run leaves in its folder, how long it is, and its options."""

import math

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.utils import make_grid

from avatarlib.data import to_uint8
from avatarlib.recipes import DCGAN
from avatarlib.training import trainer
from avatarlib.training.checkpoint import load_tensors


def test_the_length_of_a_run(start, tmp_path):
    """Forty pictures in batches of eight: five rounds an epoch; the config's three epochs are the default."""
    assert start(tmp_path / "a").fit(steps=2).rows[-1]["step"] == 2
    assert start(tmp_path / "b").fit(epochs=0.8).rows[-1]["step"] == 4
    last = start(tmp_path / "c")
    row = last.fit().rows[-1]
    assert (row["step"], row["epoch"], last.epoch) == (15, 3.0, 3)
    assert row["images_per_second"] == pytest.approx(15 * 8 / (60 * last.minutes), rel=0.2)


def test_rows_come_every_so_many_rounds(start, tmp_path):
    history = start(tmp_path, log_every=3).fit(steps=10)
    assert [row["step"] for row in history.rows] == [3, 6, 9]
    assert set(history.losses[0]) == {"discriminator", "generator"}


def test_the_sample_grid_is_the_preview(start, tmp_path):
    """Eight rows of eight at fixed noise, 64 pixels and 2 between: 8 * 66 + 2 = 530 a side."""
    run = start(tmp_path, sample_every=3)
    run.fit(steps=6)
    assert sorted(path.name for path in (tmp_path / "samples").iterdir()) == ["round-000003.png", "round-000006.png"]
    pixels = np.asarray(Image.open(tmp_path / "samples" / "round-000006.png"))
    assert pixels.shape == (530, 530, 3)
    expected = to_uint8(make_grid(run.recipe.preview(), nrow=8, pad_value=-1)).permute(1, 2, 0)
    assert np.abs(pixels.astype(int) - expected.numpy()).max() <= 1


def test_looking_at_samples_changes_nothing(start, tmp_path):
    assert start(tmp_path / "a", sample_every=1).fit(steps=6).losses == start(tmp_path / "b").fit(steps=6).losses


def test_snapshots_are_the_averaged_generator_in_half_precision(start, tmp_path):
    run = start(tmp_path, snapshot_epochs=[1, 2])
    run.fit(epochs=2)
    folder = tmp_path / "snapshots"
    names = [f"generator-epoch-00{epoch}.safetensors" for epoch in (1, 2)]
    assert sorted(path.name for path in folder.iterdir()) == names
    first, second = (load_tensors(folder / name)[0] for name in names)
    expected = run.recipe.averaged("generator").state_dict()
    assert second.keys() == expected.keys()
    for key, value in second.items():
        assert torch.equal(value, expected[key].half() if value.is_floating_point() else expected[key])
    assert any(not torch.equal(first[key], second[key]) for key in first)


def test_the_progress_bar_shows_speed_and_losses(start, tmp_path, capsys):
    start(tmp_path, progress=True).fit(steps=3)
    shown = capsys.readouterr().err
    assert "3/3" in shown
    assert "images/s, discriminator " in shown


@pytest.mark.parametrize("name", ["log_every", "checkpoint_every", "sample_every"])
def test_an_interval_below_one_is_named(start, tmp_path, name):
    with pytest.raises(ValueError, match=f"{name} must be at least 1, got 0"):
        start(tmp_path, **{name: 0})


@pytest.mark.parametrize(("length", "message"), [
    ({"steps": 0}, "steps must be at least 1, got 0"),
    ({"steps": -3}, "steps must be at least 1, got -3"),
    ({"epochs": 0}, "epochs must be above 0, got 0"),
    ({"epochs": math.nan}, "epochs must be above 0, got nan"),
    ({"steps": 1, "max_minutes": -1}, "max_minutes must be at least 0, got -1"),
    ({"steps": 1, "max_minutes": math.nan}, "max_minutes must be at least 0, got nan"),
], ids=str)
def test_a_length_out_of_range_is_named_before_the_first_round(start, tmp_path, length, message):
    run = start(tmp_path)
    with pytest.raises(ValueError, match=message):
        run.fit(**length)
    assert run.step == 0


def test_a_small_part_of_an_epoch_is_one_round(start, tmp_path):
    """A hundredth of five rounds would be none."""
    assert start(tmp_path).fit(epochs=0.01).rows[-1]["step"] == 1


def test_a_clock_that_stands_still_is_no_error(start, tmp_path, monkeypatch):
    """Windows' clock may tell the same time twice: a speed is then not known."""
    monkeypatch.setattr(trainer.time, "perf_counter", lambda: 7.0)
    monkeypatch.setattr(trainer.time, "monotonic", lambda: 7.0)
    assert math.isnan(start(tmp_path).fit(steps=1).rows[0]["images_per_second"])


def test_the_recipes_noise_is_its_own(start, tiny, tmp_path):
    """A recipe of seed 3 draws the noise of seed 3, whatever the Trainer's seed."""
    class Seeded(DCGAN):
        def __init__(self, config):
            super().__init__(config, seed=3)

    run = start(tmp_path, recipe=Seeded, seed=5)
    assert torch.equal(run.recipe.noise(8), torch.randn(8, generator=torch.Generator().manual_seed(3)))


def test_the_batch_is_made_outside_autocast(start, tmp_path):
    """Poses and labels computed in bf16 would be off; the networks are in it."""
    seen = []

    def transform(images):
        seen.append((torch.is_autocast_enabled("cpu"), images.dtype))
        return images

    start(tmp_path, precision="bf16", transform=transform).fit(steps=2)
    assert seen == [(False, torch.float32)] * 2


def test_bf16_computes_in_bf16_and_keeps_weights_in_float32(start, tmp_path):
    run, seen = start(tmp_path, precision="bf16"), set()
    run.recipe.generator.layers[0][0].register_forward_hook(lambda _, __, output: seen.add(output.dtype))
    losses = run.fit(steps=2).losses
    assert seen == {torch.bfloat16}
    assert {p.dtype for network in run.recipe.networks.values() for p in network.parameters()} == {torch.float32}
    exact = start(tmp_path / "exact").fit(steps=2).losses
    assert losses != exact
    for rough, fine in zip(losses, exact, strict=True):
        assert rough == pytest.approx(fine, rel=0.05)
