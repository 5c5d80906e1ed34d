"""The two judges from the command line to a shipped folder, at smoke size; and the shipped ones themselves."""

import json

import numpy as np
import pandas as pd
import pytest
import torch
from torchvision.transforms import v2

from avatarlib import judges, pretrained, runs
from avatarlib.cli import main
from avatarlib.data import TAGS, FaceSet, ImageSet, TaggedAvatarSet
from avatarlib.models.landmarks import LandmarkNet
from avatarlib.models.tagger import Tagger
from avatarlib.training.checkpoint import CheckpointError


@pytest.fixture
def tiny_exam(monkeypatch):
    monkeypatch.setattr(runs.tagger, "HELD_OUT", 60)
    monkeypatch.setattr(runs.landmarks, "HELD_OUT", 4)


@pytest.mark.parametrize(("recipe", "count", "kind"), [("tagger", "48", "Tagger"), ("landmarks", "6", "LandmarkNet")])
def test_train_go_on_and_export(recipe, count, kind, tmp_path, tiny_exam, capsys):
    run, folder = tmp_path / "run", tmp_path / "judge"
    command = ["train", recipe, "--preset", "smoke", "--set", "rounds=5", "batch_size=8", "--count", count,
               "--log-every", "1", "--run-dir", str(run), "--sample-every", "1", "--minutes"]
    assert main([*command, "0.000001"]) == 0                    # one round, then the time is up
    assert main([*command, "5"]) == 0
    told = capsys.readouterr().out
    assert "going on at round 1" in told
    assert "5 rounds" in told
    assert len(list((run / "samples").glob("*.png"))) == 5
    assert main(["export", str(run), str(folder)]) == 0
    network = pretrained.load(folder)
    assert type(network).__name__ == kind
    card = (folder / "README.md").read_text()
    assert "5 rounds of 8 (40 pictures seen)" in card
    assert "{" not in card
    assert pd.read_csv(folder / "measures.csv").shape[0] == {"tagger": 34, "landmarks": 3 * 8}[recipe]
    assert json.loads((folder / "config.json").read_text())["trained"] == {"rounds": 5}
    with pytest.raises(CheckpointError, match="epoch is for runs of DCGAN, got 3"):
        export_judges_with_epoch(run, folder)


def export_judges_with_epoch(run, folder):
    from avatarlib.runs.export import export_run
    export_run(run, folder, epoch=3)


class Oracle(Tagger):
    """Says what it is told to say, picture by picture."""

    def answer(self, tags):
        self.answers = list(tags)
        return self

    def estimate_tags(self, images, threshold=0.5):
        return torch.stack([self.answers.pop(0) for _ in images])


def test_an_examination_counts_as_by_hand():
    """Ten pictures with 'smile', three of them missed, and one smile seen where there is none."""
    data = TaggedAvatarSet(count=40, size=32, progress=False)
    column = TAGS.index("smile")
    told, true = data.labels.float().clone(), data.labels[:, column].bool()
    smiling, others = true.nonzero().flatten(), (~true).nonzero().flatten()
    told[smiling[:3], column] = 0
    told[others[0], column] = 1
    row = judges.examine_tags(Oracle(TAGS, [], {}, width=8, size=16).answer(told), data).loc["smile"]
    n = len(smiling)
    assert n > 3
    assert row["n"] == n
    assert row["precision"] == pytest.approx((n - 3) / (n - 2))
    assert row["recall"] == pytest.approx((n - 3) / n)
    assert row["f1"] == pytest.approx(2 * (n - 3) / (2 * (n - 3) + 1 + 3))
    assert row["agreement"] == pytest.approx(36 / 40)


def test_landmark_sets_are_the_same_heads_in_every_look():
    sets = judges.landmark_sets(64, count=3, progress=False)
    assert list(sets) == ["photographs", "cel", "anime"]
    assert len({tuple(data.extras["seed"].tolist()) for data in sets.values()}) == 1
    assert len({data.images.tobytes() for data in sets.values()}) == len({data.look for data in sets.values()}) == 3
    assert len(sets["cel"]) == 3


class Still(LandmarkNet):
    """Finds the same points in every picture."""

    def landmarks(self, images):
        return torch.tensor([[10.0, 20.0], [30.0, 20.0], [20.0, 33.0]]).repeat(len(images), 1, 1)


def test_an_examination_of_landmarks_is_as_by_hand():
    """Eyes 20 apart in one picture and 10 in the other. Errors: 0, 0, 3 and 0, 10, 0 pixels; in per cent of the eyes'
    distance the nose's are 15 and 0, those of the eyes 0, 0, 0 and 100."""
    points = np.array([[[10, 20], [30, 20], [20, 30]], [[10, 20], [20, 20], [20, 33]]], np.float32)
    data = ImageSet("points", np.zeros((2, 3, 32, 32), np.uint8), np.zeros((2, 0), int), {}, {"landmarks": points})
    network = Still(("eye 1", "eye 2", "nose 1"), width=8, size=32)
    frame = judges.examine_landmarks(network, data, mean=torch.from_numpy(points[0]))
    assert frame.index.tolist() == ["eye", "nose", "all"]
    assert frame["pixels"].tolist() == pytest.approx([2.5, 1.5, 13 / 6])
    assert frame["percent"].tolist() == pytest.approx([25, 7.5, 115 / 6])
    assert frame["percent_mean_shape"].tolist() == pytest.approx([25, 15, 130 / 6])


# The shipped judges. Their cards were written from the test split; these tests draw other pictures.

@pytest.fixture(scope="module")
def tagger():
    return pretrained.load("tagger-avatars").to(memory_format=torch.channels_last)     # answers a quarter sooner


@pytest.fixture(scope="module")
def landmarks():
    return pretrained.load("landmarks-faces")


def test_the_tagger_is_compact(tagger):
    assert sum(p.numel() for p in tagger.parameters()) <= 6_000_000
    assert tagger.tags == TAGS


@pytest.fixture(scope="module")
def avatars():
    """Drawn for these tests alone: another seed than the tagger's training, and the test half of the seeds."""
    return TaggedAvatarSet(count=3_200, size=128, seed=1, split="test", progress=False)


def test_on_200_avatars_a_tag_the_tagger_agrees_on_97_per_cent(tagger, avatars):
    """And in all on 99 %, which 6,800 answers a side tell from 98 % surely."""
    told, true = judges.in_batches(tagger.estimate_tags, avatars, batch_size=16).bool(), avatars.labels.bool()
    found, spared = {}, {}
    for column, tag in enumerate(TAGS):
        with_it, without = (rows.nonzero().flatten()[:200] for rows in (true[:, column], ~true[:, column]))
        assert len(with_it) == len(without) == 200, tag
        found[tag] = told[with_it, column].float().mean().item()
        spared[tag] = 1 - told[without, column].float().mean().item()
    assert {tag: share for tag, share in found.items() if share < 0.97} == {}
    assert {tag: share for tag, share in spared.items() if share < 0.97} == {}
    assert min(sum(shares.values()) / len(TAGS) for shares in (found, spared)) > 0.99


@pytest.mark.parametrize(("flaw", "least"), [
    (lambda images: v2.functional.resize(images, [64, 64], antialias=True), 0.95),
    (lambda images: v2.functional.gaussian_blur(images, [7, 7], [1.5, 1.5]), 0.95),
    (lambda images: (images + 0.1 * torch.randn(images.shape, generator=torch.Generator().manual_seed(0))), 0.9),
])
def test_the_tagger_sees_through_flaws(tagger, avatars, flaw, least):
    """Half the size, blur, noise: tags are still right, in all 34 on average."""
    flawed, tags = flaw(avatars.batch(slice(0, 128))["image"]), avatars.tags[:128]
    told = torch.cat([tagger.estimate_tags(part) for part in flawed.split(16)])
    both = (told * tags).sum(0)
    assert (2 * both / (told.sum(0) + tags.sum(0)))[tags.sum(0) > 0].mean() > least


def test_a_feature_of_the_tagger_is_not_a_constant(tagger, avatars):
    """Fréchet distances need features that differ between pictures and agree for the same picture."""
    images = avatars.batch(slice(0, 64))["image"]
    features = tagger.features(images)
    assert features.shape == (64, 256)
    assert (features.std(0) > 0).float().mean() > 0.9
    torch.testing.assert_close(tagger.features(images[:8]), features[:8], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("look", ["photo", "cel", "anime"])
def test_landmarks_are_much_nearer_than_the_mean_shape(landmarks, look):
    """On validation heads, which the card's figures do not come from."""
    data = FaceSet(128, "validation", look=look, count=24, progress=False)
    mean = torch.from_numpy(data.extras["landmarks"].copy()).mean(0)
    errors = judges.examine_landmarks(landmarks, data, mean).loc["all"]
    assert errors["percent"] < 5
    assert errors["percent"] < errors["percent_mean_shape"] / 3


def test_landmarks_follow_a_head_into_another_size(landmarks):
    """At 256 pixels every landmark lies where it did at 128, twice as far from the upper left corner."""
    images = FaceSet(256, "validation", look="cel", count=4, progress=False).batch(slice(None))["image"]
    small = v2.functional.resize(images, [128, 128], antialias=True)
    expected = (landmarks.landmarks(small) + 0.5) * 2 - 0.5
    assert (landmarks.landmarks(images) - expected).norm(dim=-1).max() < 2.0


def test_the_cards_say_what_the_tables_hold():
    """Every figure of a card's table stands in measures.csv, so the page and the card cannot disagree."""
    for name in ("tagger-avatars", "landmarks-faces"):
        table, card = pd.read_csv(pretrained.path(name) / "measures.csv"), pretrained.card(name)
        figures = [f"{value:.4f}" for column in table.select_dtypes("float") for value in table[column]]
        assert len(figures) > 30
        assert all(figure in card for figure in figures)
    tags = pd.read_csv(pretrained.path("tagger-avatars") / "measures.csv")
    assert tags["f1"].mean() >= 0.97
    assert f"**{tags['f1'].mean():.4f}**" in pretrained.card("tagger-avatars")
