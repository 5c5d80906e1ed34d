"""The command line: every command runs, and a bad input ends with a message instead of a traceback."""

import argparse
import json
from collections import Counter
from dataclasses import replace

import pytest
import torch
from PIL import Image

from avatarlib import pretrained
from avatarlib.cli import build_parser, generate, generators, main
from avatarlib.data import to_uint8
from avatarlib.data.real import cartoonset
from avatarlib.models import dcgan
from avatarlib.recipes import ACGANConfig, ContentInvarianceConfig
from avatarlib.runs.options import positive, setting
from avatarlib.training import History
from avatarlib.training.checkpoint import CheckpointError


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    """A finished smoke run of 12 rounds."""
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    assert main(train_arguments(folder, steps=12)) == 0
    return folder


def train_arguments(folder, *, steps):
    return ["train", "dcgan", "--preset", "smoke", "--set", "batch_size=20", "--count", "40",
            "--run-dir", str(folder), "--steps", str(steps), "--log-every", "2", "--checkpoint-every", "4",
            "--precision", "float32", "--snapshot-epochs", "2"]


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
    assert "12 rounds of 20 (6 epochs, 240 pictures seen), seed 0" in card
    for name in ("a.png", "b.png"):
        out = str(tmp_path / name)
        assert main(["sample", str(tmp_path / "model"), "--n", "4", "--seed", "3", "--out", out]) == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert picture_size(tmp_path / "a.png") == (2 * 66 + 2, 2 * 66 + 2)


def test_exported_weights_are_the_averaged_generator(tmp_path, run_dir):
    from avatarlib.runs.export import export_run
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


def test_settings_without_a_value_take_one_of_their_kind():
    """A whole number stays whole where the field wants one, and becomes a float where it does not."""
    config = replace(ContentInvarianceConfig(), **dict(setting(ContentInvarianceConfig(), text) for text in (
        "rounds=300", "judge_layers=2", "generator_rate=1")))
    assert (config.rounds, config.judge_layers, config.generator_rate) == (300, 2, 1.0)
    assert [type(value) for value in (config.rounds, config.judge_layers, config.generator_rate)] == [int, int, float]


@pytest.mark.parametrize(("drawn", "name"), [
    ([], "AvatarSet avataaars"), (["--style", "adventurer"], "AvatarSet adventurer"),
    (["--data", "tagged"], "TaggedAvatarSet, paper prior"),
    (["--data", "tagged", "--prior", "empirical"], "TaggedAvatarSet, empirical prior")])
def test_evaluate_prints_a_model_beside_the_set_it_was_trained_on(drawn, name, tmp_path, capsys):
    """From the command line alone; another set can be chosen."""
    run, model = str(tmp_path / "run"), str(tmp_path / "model")
    arguments = ["--preset", "smoke", "--set", "batch_size=40", "--count", "40", "--steps", "1", "--log-every", "1"]
    assert main(["train", "dcgan", *arguments, "--precision", "float32", "--run-dir", run, *drawn]) == 0
    assert main(["export", run, model]) == 0
    assert pretrained.data(model) == {"name": f"{name} (train)", "size": 64}
    capsys.readouterr()
    assert main(["evaluate", model, "--n", "20"]) == 0
    told = capsys.readouterr().out
    assert f"beside {name} (train): 40 pictures of 64 px" in told
    assert "P1r" in told
    assert "PSNR" in told
    assert main(["evaluate", model, "--n", "2", "--style", "lorelei"]) == 0
    assert "beside AvatarSet lorelei (train): 4 pictures" in capsys.readouterr().out


def test_evaluate_opens_the_data_of_a_shipped_generator_at_its_size(capsys):
    assert main(["evaluate", "acgan-adventurer-64", "--n", "11"]) == 0
    assert "beside TaggedAvatarSet, paper prior (train): 22 pictures of 64 px" in capsys.readouterr().out
    assert [pretrained.data(name) for name in generators()] == [
        {"name": "TaggedAvatarSet, paper prior (train)", "size": 128},
        {"name": "TaggedAvatarSet, paper prior (train)", "size": 64},
        *[{"name": "AvatarSet avataaars (train)", "size": 64}] * 3]


def test_evaluate_refuses_another_size_and_data_that_it_cannot_open(tmp_path, run_dir, capsys):
    assert main(["evaluate", "dcgan-avataaars-64", "--size", "128"]) == 2
    assert "--size must be 64, that of the model's pictures, got 128" in capsys.readouterr().err
    model = tmp_path / "model"
    main(["export", str(run_dir), str(model)])
    for data, told in (({"data": {"name": "my pictures", "size": 64}}, "my pictures"), ({}, "a set that it does not")):
        config = json.loads((model / "config.json").read_text())
        (model / "config.json").write_text(json.dumps({**{k: v for k, v in config.items() if k != "data"}, **data}))
        assert main(["evaluate", str(model)]) == 2
        assert f"--data must be given for '{model}': it was trained on {told}" in capsys.readouterr().err


def test_data_avatarset_lists_attributes_and_draws_a_grid(tmp_path, capsys):
    grid = tmp_path / "grid.png"
    assert main(["data", "avatarset", "--count", "64", "--size", "16", "--grid", str(grid)]) == 0
    assert "64 pictures of 16 px" in capsys.readouterr().out
    assert picture_size(grid) == (8 * 18 + 2, 8 * 18 + 2)


@pytest.mark.parametrize(("arguments", "message"), [
    (["data", "avatarset", "--style", "avataars"], "did you mean 'avataaars'"),
    (["sample", "no-such-model"], "name must be one of"),
    (["train", "dcgan", "--preset", "smoke", "--count", "64", "--precision", "fp16"], "needs a CUDA GPU"),
    (["train", "acgan", "--set", "adversarial_wait=2"], "did you mean 'adversarial_weight'"),
    (["train", "acgan", "--set", "judge_init"], "--set must be NAME=VALUE"),
    (["train", "acgan", "--preset", "full", "--set", "adversarial_weight=much"],
     "must be a value like 34.0, got 'much'"),
    (["train", "acgan", "--preset", "full", "--set", "generator_rate=much"], "must be a value like 0.5, got 'much'"),
    (["train", "cyclegan", "--preset", "full", "--set", "rounds=many"], "must be a value like 1, got 'many'"),
    (["train", "acgan", "--set", "fresh_fakes=1"], "must be a value like False, got '1'"),
    (["train", "acgan", "--preset", "full", "--set", "blocks=True"], "must be a value like 16, got 'True'"),
    (["train", "acgan", "--set", "judge_init=best"], "init must be one of paper, he, got 'best'"),
    (["train", "dcgan", "--set", "latent=0"], "latent must be at least 1, got 0"),
    (["train", "acgan", "--set", "width=0"], "width must be at least 1, got 0"),
    (["train", "tagger", "--set", "learning_rate=-1"], "learning_rate must be above 0 and finite, got -1.0"),
    (["train", "dcgan", "--set", "betas=(0.5,1.0)"], "betas must be in [0, 1), got 1.0"),
    (["train", "landmarks", "--set", "batch_size=0"], "batch_size must be at least 1, got 0"),
    (["train", "dcgan", "--size", "32"], "--size must be 64 for dcgan, got 32"),
    (["train", "acgan", "--size", "48"], "size must be a power of two of at least 32, got 48"),
    (["train", "dcgan", "--begin-from", "runs/x"], "--begin-from is for acgan and cartoongan and cyclegan and "
     "content-invariance and cut, got it for dcgan"),
    (["train", "tagger", "--style", "lorelei"], "--style is for dcgan and r3-dcgan and flow, got it for tagger"),
])
def test_a_bad_input_ends_with_its_message(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert main(arguments) == 2
    told = capsys.readouterr().err
    assert message in told
    assert "Traceback" not in told
    assert "drawing" not in told or "fp16" in arguments     # told before the pictures are drawn


def number_options():
    """Every option of the commands that is a number: the command's words, the option, its type."""
    def walk(parser, words):
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                for name, command in action.choices.items():
                    yield from walk(command, [*words, name])
            elif action.type in (int, float, positive) or getattr(action.type, "__name__", "") == "integer":
                yield words, action.option_strings[0], action.type
    return list(walk(build_parser(), []))


# Numbers of "data" and "cartoonize" are refused by what they are for: see test_cli_data.py and test_cartoonize.py
@pytest.mark.parametrize(("words", "option", "kind"),
                         [n for n in number_options() if n[0][0] not in ("data", "cartoonize")])
def test_a_number_below_its_bound_is_refused_by_its_option(words, option, kind, capsys):
    """None may be negative; which of them may be 0 is said by hand."""
    more = {"train": ["dcgan"], "sample": ["x"], "evaluate": ["x"], "export": ["x", "y"]}[words[0]]
    least = {"--seed": 0, "--minutes": None}.get(option, 2 if words == ["evaluate"] and option == "--n" else 1)
    for wrong in ("-3", "0") if option != "--seed" else ("-3",):
        with pytest.raises(SystemExit) as stopped:
            main([*words, *more, option, wrong])
        assert stopped.value.code == 2
        bound = "above 0 and finite" if least is None else f"at least {least}"
        assert f"argument {option}: must be {bound}, got {wrong}" in capsys.readouterr().err


def test_the_walk_meets_every_number_of_a_command():
    """Counted by hand."""
    counts = Counter(words[0] for words, _, _ in number_options())
    assert {name: counts[name] for name in ("train", "sample", "evaluate", "export")} == {
        "train": 11, "sample": 2, "evaluate": 5, "export": 1}


@pytest.mark.parametrize("recipe", ["dcgan", "acgan", "tagger", "landmarks"])
def test_a_run_dir_that_cannot_be_written_is_told_before_pictures_are_drawn(recipe, tmp_path, capsys):
    (tmp_path / "taken").write_text("mine")
    for place in ("taken", "taken/run"):
        assert main(["train", recipe, "--preset", "smoke", "--run-dir", str(tmp_path / place)]) == 2
        told = capsys.readouterr().err
        assert "run_dir must be a folder that can be written to" in told
        assert "drawing" not in told
    assert (tmp_path / "taken").read_text() == "mine"


def test_a_picture_that_cannot_be_written_is_told_before_it_is_drawn(tmp_path, monkeypatch, capsys):
    (tmp_path / "taken").write_text("mine")
    (tmp_path / "folder.png").mkdir()
    monkeypatch.setattr(pretrained, "load", lambda name: pytest.fail("drawn first"))
    for out in ("taken/x.png", "folder.png", "x.doc"):
        with pytest.raises(SystemExit):
            main(["sample", "dcgan-avataaars-64", "--out", str(tmp_path / out)])
        assert "argument --out: must be a file that " in capsys.readouterr().err


def test_samples_are_drawn_a_few_at_a_time_and_are_those_of_one_draw(monkeypatch):
    """150 in parts of 64, 64 and 22, each part's noise going on where the last one ended."""
    seen, forward = [], dcgan.Generator.forward
    monkeypatch.setattr(dcgan.Generator, "forward",
                        lambda self, noise: seen.append(len(noise)) or forward(self, noise))
    images = generate("dcgan-avataaars-64", 150, 3)
    assert seen == [64, 64, 22]
    whole = pretrained.load("dcgan-avataaars-64").sample(150, generator=torch.Generator().manual_seed(3))
    assert images.dtype == torch.uint8
    assert (images.int() - to_uint8(whole).int()).abs().max() <= 1


def test_a_judge_cannot_be_sampled(tmp_path, capsys):
    assert main(["sample", "tagger-avatars", "--out", str(tmp_path / "x.png")]) == 2
    assert f"model must be a generator, one of {', '.join(generators())} or a folder with one, " \
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
