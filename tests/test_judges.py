"""The two judges from the command line to a shipped folder, at smoke size; and the shipped ones themselves."""

import json

import pandas as pd
import pytest
import torch

from avatarlib import export_judges, judges, pretrained
from avatarlib.cli import main
from avatarlib.data import TAGS, AvatarSet, PortraitSet, TaggedAvatarSet
from avatarlib.models.tagger import Tagger
from avatarlib.training.checkpoint import CheckpointError


@pytest.fixture
def tiny_exam(monkeypatch):
    monkeypatch.setattr(export_judges, "HELD_OUT", 60)


@pytest.mark.parametrize(("recipe", "count", "kind"), [("tagger", "48", "Tagger"), ("landmarks", "32", "LandmarkNet")])
def test_train_go_on_and_export(recipe, count, kind, tmp_path, tiny_exam, capsys):
    run, folder = tmp_path / "run", tmp_path / "judge"
    command = ["train", recipe, "--preset", "smoke", "--count", count, "--log-every", "1", "--run-dir", str(run),
               "--sample-every", "1", "--minutes"]
    assert main([*command, "0"]) == 0                    # one round, then the time is up
    assert main([*command, "5"]) == 0
    told = capsys.readouterr().out
    assert "going on at round 1" in told
    assert "20 rounds" in told
    assert len(list((run / "samples").glob("*.png"))) == 20
    assert main(["export", str(run), str(folder)]) == 0
    network = pretrained.load(folder)
    assert type(network).__name__ == kind
    card = (folder / "README.md").read_text()
    assert "20 rounds of 16 (320 pictures seen)" in card
    assert "{" not in card
    assert pd.read_csv(folder / "measures.csv").shape[0] == {"tagger": 34, "landmarks": 14}[recipe]
    assert json.loads((folder / "config.json").read_text())["trained"] == {"rounds": 20}
    with pytest.raises(CheckpointError, match="epoch is for runs of DCGAN, got 3"):
        export_judges_with_epoch(run, folder)


def export_judges_with_epoch(run, folder):
    from avatarlib.export import export_run
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
    row = judges.examine_tags(Oracle(TAGS, [], {}, width=1, size=16).answer(told), data).loc["smile"]
    n = len(smiling)
    assert n > 3
    assert row["n"] == n
    assert row["precision"] == pytest.approx((n - 3) / (n - 2))
    assert row["recall"] == pytest.approx((n - 3) / n)
    assert row["f1"] == pytest.approx(2 * (n - 3) / (2 * (n - 3) + 1 + 3))
    assert row["agreement"] == pytest.approx(36 / 40)


def test_landmark_sets_are_the_same_people_lit_and_drawn():
    sets = judges.landmark_sets(6, 64, progress=False)
    assert list(sets) == ["portraits", "drawings"]
    assert (sets["portraits"].extras["landmarks"] == sets["drawings"].extras["landmarks"]).all()
    assert sets["portraits"].extras["source"].tolist() == [0, 0, 0, 1, 1, 1]
    assert (sets["portraits"].images != sets["drawings"].images).any()
    truth = PortraitSet("toon-head", size=64, count=3, progress=False).extras["truth"]
    assert (sets["drawings"].images[:3] == truth).all()


# The shipped judges. Their cards were written from the test split; these tests draw other pictures.

@pytest.fixture(scope="module")
def tagger():
    return pretrained.load("tagger-avatars")


@pytest.fixture(scope="module")
def landmarks():
    return pretrained.load("landmarks-avatars")
