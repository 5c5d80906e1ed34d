"""The command line: every command runs, and a bad input ends with a message instead of a traceback."""

from dataclasses import replace

import pytest
from PIL import Image

from avatarlib import pretrained
from avatarlib.cli import main
from avatarlib.cli_train import setting
from avatarlib.data import cartoonset
from avatarlib.recipes import ACGANConfig
from avatarlib.training import History
from avatarlib.training.checkpoint import CheckpointError


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    """A finished smoke run of 12 rounds."""
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    assert main(train_arguments(folder, steps=12)) == 0
    return folder


def train_arguments(folder, *, steps):
    return ["train", "dcgan", "--preset", "smoke", "--count", "128", "--run-dir", str(folder), "--steps", str(steps),
            "--log-every", "2", "--checkpoint-every", "4", "--precision", "float32", "--snapshot-epochs", "2"]


def picture_size(path):
    with Image.open(path) as picture:
        return picture.size


def test_train_shows_images_a_second_and_writes_a_run(tmp_path, capsys):
    assert main(train_arguments(tmp_path / "run", steps=4)) == 0
    told = capsys.readouterr()
    assert "images/s" in told.err
    assert "4 rounds, 2 epochs" in told.out
    assert {"checkpoint.safetensors", "history.csv"} <= {p.name for p in (tmp_path / "run").iterdir()}


def test_train_goes_on_from_where_it_stopped(tmp_path, run_dir, capsys):
    main(train_arguments(tmp_path / "cut", steps=6))
    capsys.readouterr()
    assert main(train_arguments(tmp_path / "cut", steps=12)) == 0
    assert "going on at round 6" in capsys.readouterr().out
    whole, cut = (History.read(folder / "history.csv") for folder in (run_dir, tmp_path / "cut"))
    assert len(whole.losses) == 6
    assert cut.losses == whole.losses


def test_export_then_sample_draws_the_same_avatars_for_a_seed(tmp_path, run_dir):
    assert main(["export", str(run_dir), str(tmp_path / "model")]) == 0
    assert {p.name for p in (tmp_path / "model").iterdir()} == {"config.json", "model.safetensors", "README.md",
                                                                "history.csv"}
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert "12 rounds of 64 (6 epochs, 768 pictures seen), seed 0" in card
    for name in ("a.png", "b.png"):
        out = str(tmp_path / name)
        assert main(["sample", str(tmp_path / "model"), "--n", "4", "--seed", "3", "--out", out]) == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert picture_size(tmp_path / "a.png") == (2 * 66 + 2, 2 * 66 + 2)


def test_exported_weights_are_the_averaged_generator(tmp_path, run_dir):
    from avatarlib.export import export_run
    from avatarlib.training.checkpoint import load_tensors

    generator = pretrained.load(export_run(run_dir, tmp_path / "model"))
    tensors, _ = load_tensors(run_dir / "checkpoint.safetensors")
    weight = generator.state_dict()["layers.0.0.weight"].half()
    assert weight.equal(tensors["average/generator/module.layers.0.0.weight"].half())   # float16 on the way
    assert not weight.equal(tensors["network/generator/layers.0.0.weight"].half())


def test_export_of_an_epoch_takes_its_snapshot(tmp_path, run_dir, capsys):
    from avatarlib.training.checkpoint import load_tensors

    assert main(["export", str(run_dir), str(tmp_path / "model"), "--epoch", "2"]) == 0
    snapshot, _ = load_tensors(run_dir / "snapshots" / "generator-epoch-002.safetensors")
    weights, _ = load_tensors(tmp_path / "model" / "model.safetensors")
    last, _ = load_tensors(run_dir / "checkpoint.safetensors")
    key = "layers.0.0.weight"
    assert weights[key].equal(snapshot[key])
    assert not weights[key].equal(last[f"average/generator/module.{key}"].half())
    assert "averaged generator after epoch 2" in (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert main(["export", str(run_dir), str(tmp_path / "none"), "--epoch", "3"]) == 2
    assert "epoch must be one with a snapshot ([2]), got 3" in capsys.readouterr().err


def test_export_of_a_folder_without_a_run_says_so(tmp_path, capsys):
    assert main(["export", str(tmp_path), str(tmp_path / "model")]) == 2
    assert "must hold checkpoint.safetensors" in capsys.readouterr().err
    with pytest.raises(CheckpointError):
        pretrained.load(tmp_path)


def test_settings_of_the_recipe_can_be_changed():
    """Text, whole numbers for floats, tuples; what is not named stays."""
    config = replace(ACGANConfig(), **dict(setting(ACGANConfig(), text) for text in (
        "adversarial_weight=2", "judge_init=he", "betas=(0.0, 0.9)", "generator_rate=1e-3", "fresh_fakes=True")))
    assert config == ACGANConfig(adversarial_weight=2.0, judge_init="he", betas=(0.0, 0.9), generator_rate=1e-3,
                                 fresh_fakes=True)
    assert isinstance(config.adversarial_weight, float)


def test_evaluate_prints_a_model_beside_real_against_real(tmp_path, run_dir, capsys):
    main(["export", str(run_dir), str(tmp_path / "model")])
    assert main(["evaluate", str(tmp_path / "model"), "--n", "20"]) == 0
    told = capsys.readouterr().out
    assert "P1r" in told
    assert "PSNR" in told


def test_data_avatarset_lists_attributes_and_draws_a_grid(tmp_path, capsys):
    grid = tmp_path / "grid.png"
    assert main(["data", "avatarset", "--count", "64", "--size", "16", "--grid", str(grid)]) == 0
    assert "64 pictures of 16 px" in capsys.readouterr().out
    assert picture_size(grid) == (8 * 18 + 2, 8 * 18 + 2)


@pytest.mark.parametrize(("arguments", "message"), [
    (["data", "avatarset", "--style", "avataars"], "did you mean 'avataaars'"),
    (["data", "avatarset", "--count", "-3"], "count must be an integer in [1, "),
    (["sample", "no-such-model"], "name must be one of"),
    (["train", "dcgan", "--preset", "smoke", "--count", "64", "--precision", "fp16"], "needs a CUDA GPU"),
    (["train", "acgan", "--set", "adversarial_wait=2"], "did you mean 'adversarial_weight'"),
    (["train", "acgan", "--set", "judge_init"], "--set must be NAME=VALUE"),
    (["train", "acgan", "--preset", "full", "--set", "adversarial_weight=much"],
     "must be a value like 34.0, got 'much'"),
    (["train", "acgan", "--preset", "full", "--set", "generator_rate=much"], "must be a value like 0.5, got 'much'"),
    (["train", "acgan", "--set", "fresh_fakes=1"], "must be a value like False, got '1'"),
    (["train", "acgan", "--preset", "full", "--set", "blocks=True"], "must be a value like 16, got 'True'"),
    (["train", "acgan", "--set", "judge_init=best"], "init must be one of paper, he, got 'best'"),
])
def test_a_bad_input_ends_with_its_message(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert main(arguments) == 2
    told = capsys.readouterr().err
    assert message in told
    assert "Traceback" not in told


def test_a_judge_cannot_be_sampled(tmp_path, capsys):
    assert main(["sample", "tagger-avatars", "--out", str(tmp_path / "x.png")]) == 2
    assert f"model must be a generator, one of {', '.join(pretrained.names('Generator'))} or a folder with one, " \
        "got 'tagger-avatars', a Tagger" in capsys.readouterr().err


def test_a_download_that_fails_ends_with_its_message(monkeypatch, tmp_path, capsys):
    """Nothing listens on port 1: the addresses are named, and there is no traceback."""
    monkeypatch.setenv("AVATARLIB_CACHE", str(tmp_path))
    nowhere = cartoonset.Source(("http://127.0.0.1:1/cartoonset10k.tgz",), 10_000)
    monkeypatch.setitem(cartoonset.SOURCES, "10k", nowhere)
    assert main(["data", "cartoonset", "--size", "16"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("avatarlib: ")
    assert "127.0.0.1:1" in told
