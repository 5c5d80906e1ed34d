"""``avatarlib evaluate``: numbers with all they depend on, pictures forgotten as they come, committed results."""

import argparse
import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from avatarlib import pretrained
from avatarlib.cli import build_parser, main
from avatarlib.data import TAGS, FaceSet
from avatarlib.metrics import density_coverage, frechet_distance, kernel_distance, precision_recall
from avatarlib.metrics.images import Images
from avatarlib.metrics.tags import wilson_interval
from avatarlib.runs import evaluation, translation, truth
from avatarlib.runs.base import Run
from avatarlib.runs.registry import RUNS

RESULTS = sorted((Path(__file__).resolve().parents[1] / "book" / "results" / "evaluations").glob("*.json"))


class Judge(nn.Module):
    """In place of the tagger: the mean colours are its features, and it sees the tags in the pixels."""

    size, tags, exclusive = 16, TAGS, ((0, 13), (24, 34))

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(3, 36)
        nn.init.zeros_(self.head.weight)
        with torch.no_grad():
            self.head.bias.copy_(torch.full((36,), -1.0))
            self.head.bias[[0, 19, 24, 35]] = 1.0      # it sees blonde hair, a smile, blue eyes and one style of hair

    def features(self, images):
        return images.mean((2, 3))

    def split(self, logits):
        return logits[:, :34], {"top": logits[:, 34:]}


class Dots(nn.Module):
    """Pictures of one random colour each; how many were alive at a time and in all is counted."""

    def __init__(self) -> None:
        super().__init__()
        self.most, self.total = 0, 0

    def sample(self, n, tags=None, *, generator):
        self.most, self.total = max(self.most, n), self.total + n
        return torch.rand(n, 3, 1, 1, generator=generator).mul(2).sub(1).expand(n, 3, 16, 16)


class DotsRun(Run):
    name, networks = "dots", (Dots,)


@pytest.fixture
def surroundings(monkeypatch, pictures):
    """Random pictures for data, and a judge that costs nothing."""
    judge = Judge()
    monkeypatch.setattr(pretrained, "load", lambda name: judge)
    sets = {"train": pictures(60, seed=1, size=16), "test": pictures(40, seed=2, size=16)}
    for data in sets.values():
        data.name = "AvatarSet avataaars (train)"
    monkeypatch.setattr(evaluation, "open_data", lambda options, count, split: sets[split])
    return judge, sets


def options(**changes):
    parsed = build_parser().parse_args(["evaluate", "dots"])
    return argparse.Namespace(**{**vars(parsed), "n": 20, "seeds": 2, "data": "avatarset", **changes})


def test_every_measure_comes_with_all_that_it_depends_on(surroundings):
    """Two backbones, of which one is not ours; an interval, a floor and the time of each number."""
    found = DotsRun().evaluate(Dots(), options(seed=3), {})
    assert {row["backbone"] for row in found.rows} == {"tagger-avatars", "random-conv-0"}
    names = [row["measure"] for row in found.rows if row["backbone"] == "random-conv-0"]
    assert names == ["Fréchet random-conv distance", "Fréchet random-conv distance, N to infinity",
                     "kernel random-conv distance", "sliced random-conv distance", "precision", "recall", "density",
                     "coverage", "different pictures (Vendi)"]
    for row in found.rows:
        assert row["n"] == 20
        assert row["seed"] == 3
        assert len(row["values"]) == 2
        assert row["low"] <= row["mean"] <= row["high"]
        assert row["mean"] == pytest.approx(sum(row["values"]) / 2)
        assert math.isfinite(row["real"])
        assert row["seconds"] >= 0
    record = found.record()
    assert record["backbones"] == {"tagger-avatars": "16 px",
                                   "random-conv-0": "64 px (from 16 px, antialiased bilinear)"}
    assert set(record["seconds"]) == {"drawing", "tagger-avatars", "random-conv-0", "all"}
    assert "n: 20\nseed: 3\nseeds: 2" in str(found)


def test_numbers_are_those_of_the_library_on_the_same_pictures(surroundings):
    """The features are mean colours, so both sides are known: the run's own drawing, and rows of the two sets."""
    _, sets = surroundings
    found = DotsRun().evaluate(Dots(), options(), {})
    rows = {row["measure"]: row for row in found.rows if row["backbone"] == "tagger-avatars"}
    chance = torch.Generator().manual_seed(0)
    real, other = (2 * Images(split, sets[split]).batch(
        torch.randperm(len(sets[split]), generator=chance)[:20]).mean((2, 3)) - 1 for split in ("train", "test"))
    fakes = [DotsRun().draw(Dots(), 20, seed=seed).float().mean((2, 3)) / 127.5 - 1 for seed in (0, 1)]
    for name, measure in (("Fréchet tagger distance", frechet_distance),
                          ("kernel tagger distance", lambda a, b: kernel_distance(a, b, seed=0).mean),
                          ("precision", lambda a, b: precision_recall(a, b).precision),
                          ("coverage", lambda a, b: density_coverage(a, b).coverage)):
        assert rows[name]["values"] == pytest.approx([measure(real, fake) for fake in fakes], rel=1e-3, abs=1e-6)
        assert rows[name]["real"] == pytest.approx(measure(real, other), rel=1e-3, abs=1e-6)
    assert rows["different hair styles"]["mean"] == pytest.approx(1)       # this judge knows but one


def test_ten_thousand_pictures_are_never_there_at_once(surroundings, monkeypatch):
    """What is alive of a generator's pictures: 64 at a time, and the 1,000 of the pairs; the rest are features."""
    _, sets = surroundings
    for data in sets.values():
        data.images = np.broadcast_to(data.images[:1], (10_000, 3, 16, 16))     # no memory
    few = {("distance",): lambda real, others: (float(len(others)),)}
    monkeypatch.setattr(evaluation, "measures_of", lambda *about: few)
    monkeypatch.setattr(evaluation, "random_features", lambda progress: evaluation.Features(
        "other", lambda images: images[:, :, 0, 0], size=None, progress=False))
    asked = []
    monkeypatch.setattr(evaluation, "compare", lambda fake, *sets, n, seed: asked.append((len(fake), n)) or
                        evaluation.pd.DataFrame({"n": [n]}))
    dots = Dots()
    found = DotsRun().evaluate(dots, options(n=10_000), {})
    assert found.rows[0]["values"] == [10_000.0, 10_000.0]
    assert dots.most == 64
    assert dots.total == 2 * 10_000 + 1_000 + 1
    assert asked == [(1_000, 500)]


def test_tags_of_pictures_are_counted_over_all_seeds(surroundings):
    """A judge that sees a smile everywhere and a blush nowhere: right for all who asked for the one, for none else."""
    _, sets = surroundings
    acgan = RUNS["acgan"]
    for data in sets.values():
        data.name = "TaggedAvatarSet, paper prior (train)"
        data.tags = torch.zeros(len(data), 34)
        data.tags[:, [0, 24]] = 1.0
        data.tags[0] = 0.0
        data.tags[0, [1, 19, 24]] = 1.0
    found = acgan.evaluate(Dots(), options(data="tagged"), {"name": "TaggedAvatarSet, paper prior (train)"})
    table = found.tables["tags, all seeds together"]
    wishes = torch.cat([torch.cat([tags for _, tags in acgan.stream(Dots(), 20, seed=seed)]) for seed in (0, 1)])
    assert table.loc["blonde hair", "n"] == wishes[:, 0].sum()
    assert table.loc["smile", "n"] == wishes[:, 19].sum()
    assert table.loc["smile", "precision"] == 1
    assert table.loc["smile", "low"] == pytest.approx(wilson_interval(int(wishes[:, 19].sum()),
                                                                      int(wishes[:, 19].sum()))[0])
    assert table.loc["blush", "precision"] == 0
    assert table.loc["brown hair", "precision"] == 0
    assert table.loc["smile", "false positives"] == 1
    row = next(row for row in found.rows if row["measure"] == "tag precision")
    per_seed = []
    for part in wishes.split(20):
        asked = part.sum(0) > 0
        seen = torch.zeros(34)
        seen[[0, 19, 24]] = 1
        per_seed.append(seen[asked].mean().item())
    assert row["values"] == pytest.approx(per_seed)


def test_a_stream_is_the_drawing():
    """Both ways to draw by tags give the same pictures, in parts of 64."""
    acgan = RUNS["acgan"]
    parts = list(acgan.stream(Dots(), 130, seed=2))
    assert [len(tags) for _, tags in parts] == [64, 64, 2]
    assert torch.cat([images for images, _ in parts]).equal(acgan.draw(Dots(), 130, seed=2))


def test_few_pictures_have_fewer_measures(surroundings):
    """Five neighbours need six pictures, a line in 1/N some twenty."""
    rows = DotsRun().evaluate(Dots(), options(n=5, seeds=1), {}).rows
    names = {row["measure"] for row in rows if row["backbone"] == "tagger-avatars"}
    assert names == {"Fréchet tagger distance", "kernel tagger distance", "sliced tagger distance",
                     "different pictures (Vendi)", "different hair styles"}
    assert all(math.isnan(row["low"]) for row in rows)


def test_the_record_has_no_nan_and_six_digits():
    found = evaluation.Evaluation("", {"seconds": {"all": 1.23456789}}, [{"mean": math.nan, "values": [math.inf, 0.5]}])
    assert found.record() == {"seconds": {"all": 1.23457}, "measures": [{"mean": None, "values": [None, 0.5]}]}


def test_inception_is_the_second_backbone_where_it_has_been_downloaded(surroundings, monkeypatch):
    def inception(progress):
        return evaluation.Features("inception-2015-12-05", lambda images: images.mean((2, 3)), size=None,
                                   kind="Inception", progress=False)
    monkeypatch.setattr(evaluation, "inception_features", inception)
    monkeypatch.setattr(evaluation, "has_inception", lambda: True)
    assert [each.name for each in evaluation.Eyes(None).backbones] == ["tagger-avatars", "inception-2015-12-05"]
    assert [each.name for each in evaluation.Eyes("random-conv").backbones] == ["tagger-avatars", "random-conv-0"]
    assert [*evaluation.measures_of("Inception", 30, 0)][:3] == [("FID",), ("FID, N to infinity",), ("KID",)]


@pytest.fixture
def heads(monkeypatch):
    """Three held-out heads at 32 pixels."""
    def small(size, split="train", *, look="photo", progress=False):
        return FaceSet(size, split, look=look, count=3, progress=False, workers=1)
    monkeypatch.setattr(translation, "FaceSet", small)


def test_a_network_that_redraws_is_measured_against_the_hidden_drawings(heads, capsys):
    """Means are those of ``hidden_truth``; who gives the photograph back has the photograph's numbers."""
    run, network = RUNS["cyclegan"], nn.Identity()
    found = run.evaluate(network, options(data=None, size=32), {})
    rows = {(row["measure"], row["backbone"], row["picture"]): row for row in found.rows}
    expected = translation.hidden_truth(network, 32, "anime")
    for measure in ("SSIM", "PSNR"):
        for picture in expected.index:
            row = rows[measure, "", picture]
            assert row["mean"] == pytest.approx(expected.loc[picture, measure], rel=1e-5)
            assert row["low"] < row["mean"] < row["high"]
            assert row["n"] == 3
    for backbone in ("tagger-avatars", "random-conv-0"):
        same, photograph = (rows["feature distance", backbone, name] for name in ("this network", "photograph"))
        assert same["mean"] == photograph["mean"] > 0
    assert "beside FaceSet anime (test): 3 heads of 32 px" in str(found)
    json.dumps(found.record(), allow_nan=False)


def test_a_perfect_drawing_has_no_interval_of_its_infinite_psnr():
    drawings = torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    found = truth.evaluate_redrawing({"this network": drawings}, drawings, options(data=None), "drawings")
    rows = {row["measure"]: row for row in found.rows}
    assert math.isinf(rows["PSNR"]["mean"])
    assert math.isnan(rows["PSNR"]["low"])
    assert rows["SSIM"]["low"] == pytest.approx(1)
    assert rows["feature distance"]["mean"] == pytest.approx(0, abs=1e-5)


def test_options_that_do_not_fit_are_named(capsys):
    with pytest.raises(ValueError, match="--style is for models that draw from noise or tags, got it for 'dots'"):
        RUNS["cyclegan"].evaluate(nn.Identity(), options(data=None, style="lorelei"), {})
    with pytest.raises(ValueError, match="--size must be given for 'dots'"):
        RUNS["cyclegan"].evaluate(nn.Identity(), options(data=None), {})
    for out, message in (("x.txt", "must be a file that ends in .json, got 'x.txt'"),
                         ("README.md/x.json", "must be a file that can be written")):
        with pytest.raises(SystemExit):
            build_parser().parse_args(["evaluate", "x", "--out", out])
        assert f"argument --out: {message}" in capsys.readouterr().err


def test_the_command_writes_what_made_it(surroundings, monkeypatch, tmp_path, capsys):
    """The words of the command are in the file: whoever types them has the same numbers again."""
    from avatarlib.cli import evaluate as command

    monkeypatch.setattr(command, "opened", lambda model: (Dots(), DotsRun()))
    monkeypatch.setattr(pretrained, "data", lambda model: {})
    monkeypatch.setattr(pretrained, "trained", lambda model: {"rounds": 7})
    out = tmp_path / "dots.json"
    words = ["evaluate", "dots", "--n", "20", "--seeds", "2", "--data", "avatarset", "--out", str(out)]
    assert main(words) == 0
    assert "SSIM and PSNR of pairs, n = 20, seed 0" in capsys.readouterr().out
    first = json.loads(out.read_text(encoding="utf-8"))
    assert first["made by"].startswith("avatarlib evaluate dots --n 20 --seed 0 --seeds 2 --data avatarset --out ")
    assert first["trained"] == {"rounds": 7}
    assert main(first["made by"].split()[1:]) == 0
    again = json.loads(out.read_text(encoding="utf-8"))
    for record in (first, again):
        del record["seconds"]
        for row in record["measures"]:
            del row["seconds"]
    assert first == again


def test_results_are_committed():
    assert {path.stem for path in RESULTS} >= {"dcgan-avataaars-64", "acgan-adventurer-64"}


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_committed_results_are_of_the_shipped_weights(path):
    """Made by a command that is understood, of these weights, with all that a number needs."""
    record = json.loads(path.read_text(encoding="utf-8"))
    parsed = build_parser().parse_args(record["made by"].split()[1:])
    assert parsed.model == record["model"] == path.stem
    assert parsed.out.name == path.name
    assert record["trained"] == pretrained.trained(path.stem)
    assert (record["n"], record["seed"]) == (parsed.n, parsed.seed)
    assert len({row["backbone"] for row in record["measures"]} - {""}) == 2
    for row in record["measures"]:
        assert row["low"] <= row["mean"] <= row["high"]
        assert {"measure", "backbone", "n", "seed", "seconds"} <= set(row)
