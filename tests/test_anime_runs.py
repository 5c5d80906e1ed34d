"""CycleGAN, content invariance and CUT on the command line, on real heads: they train, go on, grow and export."""

import json

import pytest
import torch
from PIL import Image

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


@pytest.fixture
def two_folders(tmp_path):
    """Pictures of many sizes, some upright and some not, and a file that is none."""
    shades = torch.Generator().manual_seed(0)
    for name, sides in (("people", ((40, 90), (64, 64), (33, 200))), ("manga", ((300, 150), (50, 50)))):
        (tmp_path / name).mkdir()
        for number, (height, width) in enumerate(sides):
            pixels = torch.randint(256, (height, width, 3), generator=shades, dtype=torch.uint8)
            Image.fromarray(pixels.numpy()).save(tmp_path / name / f"{number}.png")
    (tmp_path / "manga" / "notes.txt").write_text("no picture")
    return tmp_path / "people", tmp_path / "manga"


@pytest.mark.parametrize("recipe", [*CLASSES, "cartoongan"])
def test_any_two_folders_are_enough(recipe, two_folders, tmp_path, capsys):
    run, model = tmp_path / "run", tmp_path / "model"
    given = ["--data", ",".join(map(str, two_folders)), *(["--features", "tagger"] if recipe == "cartoongan" else [])]
    assert main([*command(recipe, run, *given), "--steps", "2"]) == 0
    assert main([*command(recipe, run, *given), "--steps", "3"]) == 0
    assert "going on at round 2" in capsys.readouterr().out
    assert main(["export", str(run), str(model)]) == 0
    card = pretrained.card(model)
    assert "Redraws pictures like those of folder people as pictures like those of folder manga" in card
    assert "license: other" in card
    assert "Against the hidden truth" not in card
    assert not (model / "measures.csv").exists()
    assert main(["cartoonize", str(two_folders[0] / "0.png"), "--model", str(model), "--out",
                 str(tmp_path / "x.png")]) == 0
    with Image.open(tmp_path / "x.png") as drawn:
        assert drawn.size == (90, 40)
    assert main(["evaluate", str(model)]) == 2
    assert "model must be trained on FaceSet to be scored against its hidden drawings" in capsys.readouterr().err


@pytest.mark.parametrize(("change", "told"), [
    (lambda people, manga: ["--data", f"{people},{manga}x"], "root must be a folder of pictures, got"),
    (lambda people, manga: ["--data", f"{people},{manga}", "--set", "batch_size=3"],
     "batch_size must be in [1, 2] for"),
    (lambda people, manga: ["--data", f"{people},{manga}", "--count", "2"], "--count is for FaceSet, got it with"),
    (lambda people, manga: ["--data", f"{people},{manga}", "--wearers", "2"], "--wearers is for FaceSet, got it with"),
    (lambda people, manga: ["--data", "avatarset"], "--data must be two folders as A,B for cyclegan, got 'avatarset'")])
def test_folders_that_will_not_do_are_named(change, told, two_folders, tmp_path, capsys):
    assert main(command("cyclegan", tmp_path / "run", *change(*two_folders), "--steps", "1")) == 2
    assert told in capsys.readouterr().err


def test_two_folders_are_for_translations(two_folders, tmp_path, capsys):
    both = ",".join(map(str, two_folders))
    assert main(["train", "dcgan", "--preset", "smoke", "--data", both, "--run-dir", str(tmp_path / "run")]) == 2
    assert "--data must be one of avatarset, tagged, cartoonset10k, cartoonset100k" in capsys.readouterr().err
    for text in ("people", "people,", "a,b,c"):
        with pytest.raises(SystemExit):
            main(["train", "cyclegan", "--data", text])
        assert f"or two folders as A,B, got {text!r}" in capsys.readouterr().err


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


@pytest.mark.parametrize("recipe", CLASSES)
def test_a_run_begins_with_a_model(recipe, tmp_path, capsys):
    """In a folder here; a shipped one by its name is refused, for the smoke preset has other widths."""
    first, model, second, again = (tmp_path / name for name in ("first", "model", "second", "again"))
    assert main(command(recipe, first, "--steps", "2")) == 0
    assert main(["export", str(first), str(model)]) == 0
    assert main(command(recipe, second, "--steps", "1", "--size", "64", "--begin-from", str(model))) == 0
    saved = open_run(second)
    assert (saved.rounds, [stage["step"] for stage in saved.stages]) == (3, [2, 1])
    assert [row["step"] for row in saved.history.rows] == [1, 2, 3]
    assert main(["export", str(second), str(again)]) == 0
    before, after = (pretrained.load(folder) for folder in (model, again))
    assert sum((a - b).abs().mean().item() for a, b in zip(before.parameters(), after.parameters(), strict=True)) < 1
    capsys.readouterr()
    shipped = f"{recipe.replace('content-invariance', 'content-invariant')}-anime-64"
    assert main(command(recipe, tmp_path / "refused", "--steps", "1", "--begin-from", shipped)) == 2
    told = capsys.readouterr().err
    assert "network must be a translator of" in told
    assert "with {'width': 8, 'blocks': " in told
    assert "with {'width': 24, 'blocks': " in told
    assert main(command(recipe, tmp_path / "refused", "--steps", "1", "--begin-from", shipped[:-3])) == 2
    assert f"did you mean '{shipped}'?" in capsys.readouterr().err


def test_a_run_of_another_paper_is_no_beginning(tmp_path, capsys):
    assert main(command("cut", tmp_path / "cut", "--steps", "1")) == 0
    assert main(command("cyclegan", tmp_path / "new", "--steps", "1", "--begin-from", str(tmp_path / "cut"))) == 2
    assert "run_dir must hold a run of CycleGAN" in capsys.readouterr().err
