"""What a run leaves in its folder, its options, and two processes that train one model."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.utils import make_grid

from avatarlib.data import to_uint8
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


def test_precisions(monkeypatch):
    assert trainer.choose_dtype("float32") == torch.float32
    assert trainer.choose_dtype("bf16") == torch.bfloat16
    for has, expected in ((True, torch.bfloat16), (False, torch.float32)):
        monkeypatch.setattr(trainer, "has_bf16", lambda has=has: has)
        assert trainer.choose_dtype("auto") == expected
    with pytest.raises(ValueError, match=r"precision must be one of \('auto', .*\), got 'int8'"):
        trainer.choose_dtype("int8")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="precision 'fp16' needs a CUDA GPU"):
        trainer.choose_dtype("fp16")


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


def test_two_processes_train_one_model(tmp_path):
    """Each on its own pictures and noise, with averaged gradients: equal weights, other losses; so resumed."""
    (tmp_path / "train.py").write_text(TWO_PROCESSES)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2",
               str(tmp_path / "train.py"), str(tmp_path)]
    surroundings = {**os.environ, "OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true"}
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    first, second = (np.load(tmp_path / f"rank{rank}.npz") for rank in (0, 1))
    assert np.array_equal(first["weights"], second["weights"])
    assert not np.array_equal(first["noise"], second["noise"])
    assert not np.array_equal(first["losses"], second["losses"])
    assert load_tensors(tmp_path / "whole" / "checkpoint.safetensors")[0]["random/recipe/1"].numel() > 0
