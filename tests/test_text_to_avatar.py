"""From a description to a picture: the parts together, and the command line from training to a drawn wish."""

import json
import shutil

import pandas as pd
import pytest
import torch
from PIL import Image

from avatarlib import pretrained, text_to_avatar
from avatarlib.cli import main
from avatarlib.data import TAGS, tag_names
from avatarlib.data.drawn.tag_drawing import contradiction
from avatarlib.models.acgan import Generator
from avatarlib.runs import acgan, saved
from avatarlib.runs.registry import open_run
from avatarlib.text_to_avatar import draw_text, draw_wishes
from avatarlib.training.checkpoint import read_progress
from avatarlib.training.history import History


@pytest.fixture(scope="module")
def generator():
    torch.manual_seed(0)
    return Generator(latent=8, blocks=1, width=4, size=32).eval()


def test_what_the_text_says_is_in_every_row_of_tags_and_the_rest_varies(generator):
    drawn = draw_text(generator, "a smiling girl with pink hair, twintails, no hat", 40, seed=1)
    assert drawn.images.shape == (40, 3, 32, 32)
    rows = [set(tag_names(row)) for row in drawn.tags]
    assert all({"smile", "pink hair", "twintails"} <= row and "hat" not in row for row in rows)
    assert all(contradiction(frozenset(row)) == "" for row in rows)
    assert len({frozenset(row) for row in rows}) > 20
    assert drawn.description.on == {"smile", "pink hair", "twintails"}


def test_the_same_seed_draws_the_same_and_another_does_not(generator):
    one, same, other = (draw_text(generator, "blue eyes", 2, seed=seed).images for seed in (0, 0, 1))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    images, tags = draw_wishes(generator, 3, seed=0)
    assert images.shape == (3, 3, 32, 32)
    assert tags.shape == (3, 34)


def shorten(monkeypatch, *, early):
    """An examination of seconds, and samples of other rounds."""
    for name, value in (("PER_TAG", 1), ("PAIRS", 1), ("COMPARED", 20)):
        monkeypatch.setattr(acgan, name, value)
    monkeypatch.setattr(saved, "EARLY", early)


def rounds_of_stages(run_dir):
    return [stage["step"] for stage in open_run(run_dir).stages]


def picture_size(path):
    with Image.open(path) as picture:
        return picture.size


def test_from_training_to_a_wish_on_the_command_line(tmp_path, monkeypatch, capsys):
    shorten(monkeypatch, early=(1, 3))
    run, folder, out = tmp_path / "run", tmp_path / "acgan-tiny", tmp_path / "wish.png"
    assert main(["train", "acgan", "--preset", "smoke", "--count", "32", "--steps", "2", "--log-every", "1",
                 "--sample-every", "1", "--set", "judge_init=he", "--run-dir", str(run)]) == 0
    assert main(["export", str(run), str(folder)]) == 0
    card = (folder / "README.md").read_text()
    assert "2 rounds (32 pictures seen)" in card
    assert "{" not in card
    assert pd.read_csv(folder / "measures.csv")["tag"].tolist() == list(TAGS)
    assert pd.read_csv(folder / "quality.csv")["set"].tolist() == ["real (held out)", "generated"]
    assert "judge_init he (not paper)" in card
    assert pd.read_csv(folder / "changes.csv")["tag"].tolist() == list(TAGS)
    samples = sorted(folder.glob("samples-round-*.png"))
    assert [path.name[-9:-4] for path in samples] == ["00001", "00002"]     # round 3 was never reached
    sizes = {picture_size(path) for path in samples}
    assert sizes == {(8 * 66 + 2, 2 * 66 + 2)}
    assert json.loads((folder / "config.json").read_text())["model_class"] == "acgan.Generator"
    assert pretrained.load(folder).size == 64
    capsys.readouterr()
    assert main(["sample", str(folder), "--text", "a girl with a red bow", "--n", "4", "--out", str(out)]) == 0
    assert "ribbon" in capsys.readouterr().out
    assert picture_size(out) == (2 * 66 + 2, 2 * 66 + 2)


def test_a_generator_without_tags_refuses_a_text(tmp_path, capsys):
    assert main(["sample", "dcgan-avataaars-64", "--text", "blue eyes", "--out", str(tmp_path / "x.png")]) == 2
    assert "--text needs a generator that takes tags, got 'dcgan-avataaars-64'" in capsys.readouterr().err


def test_a_run_begins_from_one_of_the_same_or_half_the_size(tmp_path, capsys):
    """All rounds before are noted; begun again it goes on, even if the other did too; a quarter the size is refused."""
    small, big = tmp_path / "small", tmp_path / "big"
    arguments = ["train", "acgan", "--preset", "smoke", "--count", "32", "--steps", "1"]
    assert main([*arguments, "--size", "32", "--run-dir", str(small)]) == 0
    assert main([*arguments, "--begin-from", str(small), "--run-dir", str(big)]) == 0
    assert rounds_of_stages(big) == [1, 1]
    assert main([*arguments[:-1], "2", "--size", "32", "--run-dir", str(small)]) == 0
    capsys.readouterr()
    assert main([*arguments, "--begin-from", str(small), "--run-dir", str(big)]) == 0
    assert "going on at round 1" in capsys.readouterr().out
    assert main([*arguments[:-1], "3", "--run-dir", str(big)]) == 0
    assert rounds_of_stages(big) == [1, 3]       # as its parent stood when it began
    assert main([*arguments, "--begin-from", str(big), "--run-dir", str(tmp_path / "on")]) == 0
    assert rounds_of_stages(tmp_path / "on") == [1, 3, 1]
    assert main([*arguments, "--size", "128", "--begin-from", str(small), "--run-dir", str(tmp_path / "no")]) == 2
    assert "other must be this game at 128 or 64 pixels, got one at 32 pixels" in capsys.readouterr().err
    assert not (tmp_path / "no").exists()


def test_a_run_begun_from_another_and_cut_short_leaves_nothing_of_it(tmp_path, monkeypatch):
    """What came before stands in the checkpoint: a start that reached none is begun anew, in whatever way."""
    small, cut = tmp_path / "small", tmp_path / "cut"
    arguments = ["train", "acgan", "--preset", "smoke", "--count", "32", "--size", "32", "--precision", "float32"]
    assert main([*arguments, "--steps", "2", "--run-dir", str(small)]) == 0

    def killed(*given, **more):
        raise KeyboardInterrupt
    with monkeypatch.context() as patch:
        patch.setattr("avatarlib.cli.train.Trainer", killed)
        assert main([*arguments, "--begin-from", str(small), "--run-dir", str(cut)]) == 130
    assert list(cut.iterdir()) == []
    assert main([*arguments, "--steps", "1", "--run-dir", str(cut)]) == 0
    assert rounds_of_stages(cut) == [1]


def test_avatars_of_wishes_are_drawn_a_few_at_a_time_from_one_stream_of_noise(generator, monkeypatch):
    """Ten in parts of 4, 4 and 2 are ten in one: 16 or more numbers a part, drawn one after another."""
    whole = draw_wishes(generator, 10, seed=3)[0], draw_text(generator, "red hair", 10, seed=3).images
    monkeypatch.setattr(text_to_avatar, "AT_ONCE", 4)
    parts, forward = [], Generator.forward
    monkeypatch.setattr(Generator, "forward", lambda self, noise, tags: parts.append(len(noise))
                        or forward(self, noise, tags))
    again = draw_wishes(generator, 10, seed=3)[0], draw_text(generator, "red hair", 10, seed=3).images
    assert parts == [4, 4, 2] * 2
    for first, second in zip(whole, again, strict=True):
        torch.testing.assert_close(first, second, rtol=0, atol=1e-5)


def test_what_came_before_a_run_is_counted_through(tmp_path, monkeypatch):
    """Three runs, each begun from the one before: losses, minutes, samples and settings of all are exported."""
    shorten(monkeypatch, early=(1, 3, 4, 9))
    runs = [tmp_path / name for name in ("one", "two", "three")]
    arguments = ["train", "acgan", "--preset", "smoke", "--size", "32", "--count", "32", "--log-every", "1",
                 "--sample-every", "1"]
    for i, run in enumerate(runs):
        begin = ["--begin-from", str(runs[i - 1])] if i else []
        changes = ["--set", f"adversarial_weight={i + 1}", f"batch_size={8 * (i + 1)}"]
        assert main([*arguments, "--steps", str(i + 1), "--run-dir", str(run), *begin, *changes]) == 0
    whole, alone = open_run(runs[2]), [History.read(run / "history.csv").frame for run in runs]
    assert rounds_of_stages(runs[2]) == [1, 2, 3]
    told = whole.history.frame
    assert told["step"].tolist() == [1, 2, 3, 4, 5, 6]
    assert told["generator"].tolist() == pd.concat(alone)["generator"].tolist()
    assert told["minutes"].iloc[-1] == pytest.approx(sum(stage["minutes"] for stage in whole.stages), abs=1e-3)
    assert told["epoch"].is_monotonic_increasing
    assert sorted(whole.early_samples) == [1, 3, 4]     # 9 was never reached
    assert whole.early_samples[3] == open_run(runs[1]).early_samples[3]
    for run in runs[:2]:
        shutil.rmtree(run)                              # the last one knows enough
    assert [list(stage) for stage in read_progress(runs[2] / "checkpoint.safetensors")["parents"]] == 2 * [
        ["identity", "step", "minutes", "precision", "layout", "device", "changes", "losses", "samples"]]
    assert main(["export", str(runs[2]), str(tmp_path / "shipped")]) == 0
    card = (tmp_path / "shipped" / "README.md").read_text()
    assert "6 rounds (112 pictures seen)" in card       # 1 of 8, 2 of 16, 3 of 24
    for i in range(3):
        assert f"| stage {i + 1} | {i + 1} rounds of {8 * (i + 1)} at 32 px; " in card
        assert f"adversarial_weight {i + 1}.0 (not 34.0)" in card
    assert History.read(tmp_path / "shipped" / "history.csv").frame["step"].tolist() == [1, 2, 3, 4, 5, 6]
    kept = sorted(path.name[-9:-4] for path in (tmp_path / "shipped").glob("samples-round-*.png"))
    assert kept == ["00001", "00003", "00004", "00006"]
