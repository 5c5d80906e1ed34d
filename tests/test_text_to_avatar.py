"""From a description to a picture: the parts together, and the command line from training to a drawn wish."""

import json

import pandas as pd
import pytest
import torch
from PIL import Image

from avatarlib import export_acgan, pretrained, text_to_avatar
from avatarlib.cli import main
from avatarlib.data import TAGS, tag_names
from avatarlib.data.tag_drawing import contradiction
from avatarlib.export import export_run
from avatarlib.models.acgan import Generator
from avatarlib.stages import keep_before, samples, stages, whole_history
from avatarlib.text_to_avatar import acgan_from_run, draw_text, draw_wishes
from avatarlib.training import CheckpointError
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


def picture_size(path):
    with Image.open(path) as picture:
        return picture.size


def test_from_training_to_a_wish_on_the_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(export_acgan, "PER_TAG", 2)
    monkeypatch.setattr(export_acgan, "PAIRS", 2)
    monkeypatch.setattr(export_acgan, "COMPARED", 60)
    monkeypatch.setattr(export_acgan, "EARLY", (1, 3))
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
    assert acgan_from_run(big)[0].config.rounds_before == 1
    assert main([*arguments[:-1], "2", "--size", "32", "--run-dir", str(small)]) == 0
    capsys.readouterr()
    assert main([*arguments, "--begin-from", str(small), "--run-dir", str(big)]) == 0
    assert "going on at round 1" in capsys.readouterr().out
    assert main([*arguments[:-1], "3", "--run-dir", str(big)]) == 0
    assert acgan_from_run(big)[1]["step"] == 3
    assert main([*arguments, "--begin-from", str(big), "--run-dir", str(tmp_path / "on")]) == 0
    assert acgan_from_run(tmp_path / "on")[0].config.rounds_before == 1 + 3
    assert main([*arguments, "--size", "128", "--begin-from", str(small), "--run-dir", str(tmp_path / "no")]) == 2
    assert "other must be this game at 128 or 64 pixels, got one at 32 pixels" in capsys.readouterr().err
    assert not (tmp_path / "no").exists()


def test_a_run_begun_from_another_and_cut_short_is_begun_again_in_no_other_way(tmp_path, monkeypatch, capsys):
    """Without the flag it would start from scratch, and tell a stage it never had when it is exported."""
    small, cut = tmp_path / "small", tmp_path / "cut"
    arguments = ["train", "acgan", "--preset", "smoke", "--count", "32", "--size", "32", "--precision", "float32"]
    assert main([*arguments, "--steps", "2", "--sample-every", "1", "--run-dir", str(small)]) == 0

    def killed(*given, **more):
        raise KeyboardInterrupt
    with monkeypatch.context() as patch:
        patch.setattr("avatarlib.cli_train.Trainer", killed)
        assert main([*arguments, "--begin-from", str(small), "--run-dir", str(cut)]) == 130
    assert (cut / "before" / "stages.json").exists()
    assert not (cut / "checkpoint.safetensors").exists()
    capsys.readouterr()
    assert main([*arguments, "--steps", "1", "--run-dir", str(cut)]) == 2
    assert "--begin-from must be given again" in capsys.readouterr().err
    assert not (cut / "checkpoint.safetensors").exists()
    (cut / "before" / "samples" / "round-000009.png").write_bytes(b"of a third run")
    assert main([*arguments, "--steps", "1", "--begin-from", str(small), "--run-dir", str(cut)]) == 0
    assert [stage["step"] for stage in stages(cut)] == [2, 1]
    assert list(samples(cut)) == [1, 2]


def test_stages_that_a_run_never_had_are_refused(tmp_path):
    """A run from the beginning, into whose folder another's past was put."""
    runs = [tmp_path / name for name in ("one", "two")]
    for run in runs:
        assert main(["train", "acgan", "--preset", "smoke", "--count", "32", "--size", "32", "--steps", "1",
                     "--precision", "float32", "--run-dir", str(run)]) == 0
    keep_before(runs[1], runs[0])
    for tell in (stages, whole_history, export_run):
        with pytest.raises(CheckpointError, match="must have begun after the 1 rounds told in its folder 'before', "
                                                  "got a checkpoint of a run begun after 0"):
            tell(runs[1], *([tmp_path / "model"] if tell is export_run else []))


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
    for name, value in (("PER_TAG", 2), ("PAIRS", 2), ("COMPARED", 60), ("EARLY", (1, 3, 4, 9))):
        monkeypatch.setattr(export_acgan, name, value)
    runs = [tmp_path / name for name in ("one", "two", "three")]
    arguments = ["train", "acgan", "--preset", "smoke", "--count", "32", "--log-every", "1", "--sample-every", "1"]
    for i, run in enumerate(runs):
        begin = ["--begin-from", str(runs[i - 1])] if i else []
        changes = ["--set", f"adversarial_weight={i + 1}", f"batch_size={8 * (i + 1)}"]
        assert main([*arguments, "--steps", str(i + 1), "--run-dir", str(run), *begin, *changes]) == 0
    told, alone = stages(runs[2]), [History.read(run / "history.csv").frame for run in runs]
    assert [stage["step"] for stage in told] == [1, 2, 3]
    whole = whole_history(runs[2]).frame
    assert whole["step"].tolist() == [1, 2, 3, 4, 5, 6]
    assert whole["generator"].tolist() == pd.concat(alone)["generator"].tolist()
    assert whole["minutes"].iloc[-1] == pytest.approx(sum(stage["minutes"] for stage in told), abs=1e-3)
    assert whole["epoch"].is_monotonic_increasing
    assert list(samples(runs[2])) == [1, 2, 3, 4, 5, 6]
    assert samples(runs[2])[3].read_bytes() == (runs[1] / "samples" / "round-000002.png").read_bytes()
    assert main(["export", str(runs[2]), str(tmp_path / "shipped")]) == 0
    card = (tmp_path / "shipped" / "README.md").read_text()
    assert "6 rounds (112 pictures seen)" in card       # 1 of 8, 2 of 16, 3 of 24
    for i in range(3):
        assert f"| stage {i + 1} | {i + 1} rounds of {8 * (i + 1)} at 64 px; " in card
        assert f"adversarial_weight {i + 1}.0 (not 34.0)" in card
    assert History.read(tmp_path / "shipped" / "history.csv").frame["step"].tolist() == [1, 2, 3, 4, 5, 6]
    kept = sorted(path.name[-9:-4] for path in (tmp_path / "shipped").glob("samples-round-*.png"))
    assert kept == ["00001", "00003", "00004", "00006"]
