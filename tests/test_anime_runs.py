"""CycleGAN, content invariance and CUT on the command line, on real heads: they train, go on, grow and export."""

import json

import pytest
import torch

from avatarlib import pretrained
from avatarlib.cartoonize import cartoonize
from avatarlib.cli import main
from avatarlib.data import FaceSet, to_uint8
from avatarlib.runs import translation
from avatarlib.runs.registry import open_run

CLASSES = {"cyclegan": "cyclegan.Translators", "content-invariance": "content_invariant.Translator",
           "cut": "cyclegan.Generator"}


@pytest.fixture(autouse=True)
def few_heads(monkeypatch):
    """Four heads of every split, drawn in this process."""
    def small(*arguments, count=4, **options):
        return FaceSet(*arguments, **{**options, "count": min(count, 4), "progress": False, "workers": 1})
    monkeypatch.setattr(translation, "FaceSet", small)


def command(recipe, run, *more):
    return ["train", recipe, "--preset", "smoke", "--log-every", "1", "--run-dir", str(run), *more]


@pytest.mark.parametrize("recipe", CLASSES)
def test_it_trains_goes_on_exports_and_translates(recipe, tmp_path, capsys):
    run, model = tmp_path / "run", tmp_path / "model"
    assert main(command(recipe, run, "--steps", "2")) == 0
    assert main(command(recipe, run, "--steps", "3")) == 0
    assert "going on at round 2" in capsys.readouterr().out
    assert main(["export", str(run), str(model)]) == 0
    config = json.loads((model / "config.json").read_text())
    assert config["model_class"] == CLASSES[recipe]
    assert config["data"]["name"] == {"cartoon": "FaceSet anime (train)", "photo": "FaceSet photo (train)"}
    card = pretrained.card(model)
    assert "**Against the hidden truth**, 4 held-out heads" in card
    assert "3 rounds of 2 pairs" in card
    network, photos = pretrained.load(model), FaceSet(32, "test", count=2, progress=False, workers=1)
    trained = open_run(run).recipe.translate(photos.batch(slice(0, 2))["image"])
    with torch.no_grad():
        assert (network(photos.batch(slice(0, 2))["image"]) - trained).abs().max() < 0.05       # float16 on the way
    picture = to_uint8(photos[0]["image"]).permute(1, 2, 0).numpy()
    assert cartoonize(picture, model).size == (32, 32)


def test_a_cyclegan_ships_both_ways(tmp_path):
    run, model = tmp_path / "run", tmp_path / "model"
    assert main([*command("cyclegan", run), "--steps", "2"]) == 0
    assert main(["export", str(run), str(model)]) == 0
    network, averages = pretrained.load(model), open_run(run).recipe.averages
    for name in ("to_cartoon", "to_photo"):
        for kept, trained in zip(getattr(network, name).parameters(), averages[name].module.parameters(), strict=True):
            assert torch.allclose(kept, trained, atol=1e-3)


@pytest.mark.parametrize("recipe", CLASSES)
def test_a_run_grows_from_a_smaller_one(recipe, tmp_path, capsys):
    small, large = tmp_path / "small", tmp_path / "large"
    assert main(command(recipe, small, "--steps", "2")) == 0
    assert main(command(recipe, large, "--steps", "1", "--size", "64", "--begin-from", str(small))) == 0
    saved = open_run(large)
    assert saved.rounds == 3
    assert [stage["identity"]["size"]["photo"] for stage in saved.stages] == [32, 64]
    before, after = (open_run(folder).exported() for folder in (small, large))
    assert sum((a - b).abs().mean().item() for a, b in zip(before.parameters(), after.parameters(), strict=True)) < 1


def test_a_run_of_another_paper_is_no_beginning(tmp_path, capsys):
    assert main(command("cut", tmp_path / "cut", "--steps", "1")) == 0
    assert main(command("cyclegan", tmp_path / "new", "--steps", "1", "--begin-from", str(tmp_path / "cut"))) == 2
    assert "run_dir must hold a run of CycleGAN" in capsys.readouterr().err
