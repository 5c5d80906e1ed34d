"""Model folders: what is saved comes back, and nothing but safetensors is read."""

import json
from pathlib import Path

import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from avatarlib import pretrained
from avatarlib.cli import generators
from avatarlib.data import sample_drawable
from avatarlib.models.dcgan import Discriminator, Generator
from avatarlib.training import CheckpointError, History

ROW = {"step": 10, "epoch": 0.5, "minutes": 0.1, "images_per_second": 9.0, "generator": 1 / 3}
SETTINGS = {"latent": 4, "width": 2}
TRAINED = {"epoch": 1, "epochs": 2, "rounds": 9}


@pytest.fixture
def generator():
    return Generator(**SETTINGS)


@pytest.fixture
def folder(tmp_path, generator):
    """A tiny generator, saved."""
    pretrained.save(tmp_path / "tiny", generator, trained=TRAINED, card="# Tiny\n\nÜbung.\n",
                    history=History(pd.DataFrame([ROW])))
    return tmp_path / "tiny"


def test_a_saved_network_comes_back_rounded_to_half_precision(folder, generator):
    """Stored in float16, used in float32; in evaluation mode, so that one avatar depends on no other."""
    loaded = pretrained.load(folder)
    assert isinstance(loaded, Generator)
    assert not loaded.training
    assert loaded.latent == 4
    stored, before = load_file(folder / "model.safetensors"), generator.state_dict()
    for key, value in loaded.state_dict().items():
        if value.is_floating_point():
            assert stored[key].dtype == torch.float16
            assert value.dtype == torch.float32
            assert torch.equal(value, before[key].half().float())
        else:
            assert torch.equal(value, before[key])


def test_samples_of_the_loaded_network_are_those_of_the_saved_one(folder, generator):
    """Half precision moves a weight by at most 2^-11 of itself; no pixel by more than one of 255 steps."""
    mine, theirs = (network.eval().sample(8, generator=torch.Generator().manual_seed(0))
                    for network in (generator, pretrained.load(str(folder))))
    assert (mine - theirs).abs().max() < 2 / 255
    assert not torch.equal(mine, theirs)


def test_the_folder_is_a_hub_repository(folder):
    """The Hub's own loader reads it, without this module."""
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md", "config.json", "history.csv", "model.safetensors"]
    assert json.loads((folder / "config.json").read_text()) == {
        "model_class": "dcgan.Generator", **SETTINGS, "trained": TRAINED}
    assert (folder / "README.md").read_text("utf-8") == "# Tiny\n\nÜbung.\n"
    assert History.read(folder / "history.csv").rows == [ROW]
    network = Generator.from_pretrained(str(folder))
    assert torch.equal(network.layers[4].weight, pretrained.load(folder).layers[4].weight)


def test_a_discriminator_can_be_saved_too(tmp_path):
    network = Discriminator(width=2)
    pretrained.save(tmp_path, network, trained=TRAINED, card="", history=History(pd.DataFrame([ROW])))
    assert isinstance(pretrained.load(tmp_path), Discriminator)


def test_an_unknown_name_is_answered_with_the_known_and_the_nearest(monkeypatch):
    monkeypatch.setattr(pretrained, "names", lambda: ("dcgan-avataaars-64", "tagger"))
    with pytest.raises(ValueError, match=r"name must be one of dcgan-avataaars-64, tagger, got 'dcgan-avatars-64'; "
                                         r"did you mean 'dcgan-avataaars-64'\?"):
        pretrained.load("dcgan-avatars-64")
    with pytest.raises(ValueError, match=r"got '\.\./secret'$"):
        pretrained.path("../secret")


def test_a_bare_name_is_the_shipped_model_whatever_lies_in_the_working_directory(folder, monkeypatch):
    """With its place, or as a Path, the folder of the same name is meant: here one of 4 random numbers, not of 100."""
    monkeypatch.chdir(folder.parent)
    folder.rename("dcgan-avataaars-64")
    assert pretrained.load("dcgan-avataaars-64").latent == 100
    assert pretrained.trained("dcgan-avataaars-64")["rounds"] == 10_000
    for named in ("./dcgan-avataaars-64", Path("dcgan-avataaars-64"), str(folder.parent / "dcgan-avataaars-64")):
        assert pretrained.load(named).latent == 4
        assert pretrained.trained(named) == TRAINED
    Path("dcgan-avataaars-64").rename("mine")
    assert pretrained.load("mine").latent == 4


def test_what_a_model_was_trained_on_is_kept_and_a_folder_may_not_tell(folder, generator, tmp_path):
    assert pretrained.data(folder) == {}
    pretrained.save(tmp_path / "told", generator, trained=TRAINED,
                    data={"data": "squares", "size": 64, "count": 9, "seed": 0}, card="",
                    history=History(pd.DataFrame([ROW])))
    assert pretrained.data(tmp_path / "told") == {"name": "squares", "size": 64}
    assert pretrained.load(tmp_path / "told").latent == 4


def test_an_unknown_class_is_named(folder):
    with pytest.raises(ValueError,
                       match=r"model_class must be one of \[.*'dcgan.Discriminator', .*\], got 'linear.Linear'"):
        pretrained.save(folder, torch.nn.Linear(2, 2), trained=TRAINED, card="", history=History(pd.DataFrame([ROW])))
    (folder / "config.json").write_text(json.dumps({"model_class": "os.system"}))
    with pytest.raises(ValueError, match=r"model_class in config.json must be one of .*, got 'os.system'"):
        pretrained.load(folder)


def test_pickled_weights_alone_are_refused(folder, generator):
    (folder / "model.safetensors").unlink()
    torch.save(generator.state_dict(), folder / "model.pt")
    with pytest.raises(CheckpointError, match=r"must hold model.safetensors, got \[.*'model.pt'\]; pickled weights"):
        pretrained.load(folder)


@pytest.mark.parametrize("content", ["pickle", "half", "nothing"])
def test_weights_that_are_no_whole_safetensors_file_are_refused(folder, generator, content):
    weights = folder / "model.safetensors"
    if content == "pickle":
        torch.save(generator.state_dict(), weights)
    else:
        weights.write_bytes(weights.read_bytes()[:2000] if content == "half" else b"")
    with pytest.raises(CheckpointError, match=r"model.safetensors' must be a whole safetensors file"):
        pretrained.load(folder)


def test_loading_prints_nothing(folder, capsys):
    pretrained.load(folder)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("changes", [{"width": 4}, {"height": 4}])
def test_weights_of_another_network_are_refused(folder, changes):
    (folder / "config.json").write_text(json.dumps({"model_class": "dcgan.Generator", **SETTINGS, **changes}))
    with pytest.raises(CheckpointError, match=r"that fits config.json"):
        pretrained.load(folder)


def test_every_shipped_generator_draws():
    """Weights that are numbers, samples in range that differ."""
    names = generators()
    assert {"dcgan-avataaars-64", "acgan-adventurer-64", "acgan-adventurer-128"} <= set(names)
    for name in names:
        generator, rng = pretrained.load(name), torch.Generator().manual_seed(0)
        wishes = (sample_drawable(4, generator=rng),) if hasattr(generator, "tags") else ()
        images = generator.sample(4, *wishes, generator=rng)
        assert images.isfinite().all()
        assert images.abs().max() <= 1
        assert images.std(dim=0).mean() > 0.1


def test_every_shipped_model_has_finite_weights_a_card_and_a_history():
    assert {*pretrained.names("Generator"), "tagger-avatars", "landmarks-faces"} <= set(pretrained.names())
    for name in pretrained.names():
        assert all(weight.isfinite().all() for weight in pretrained.load(name).parameters())
        *_, before, last = (row["step"] for row in pretrained.history(name).rows)   # less than a row short of the end
        assert last <= pretrained.trained(name)["rounds"] < last + (last - before)
        assert all(word in pretrained.card(name) for word in ("license: cc-by-4.0", "Limits"))
