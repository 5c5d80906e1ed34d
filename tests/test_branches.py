"""The table of a long run's branches: settings and scores of a run, told by its folder."""

import branches
import pandas as pd
import pytest
import torch

from avatarlib.cli import main
from avatarlib.models.cyclegan import Translators


def test_a_run_and_what_began_from_it_are_counted_through(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    smoke = ["train", "cyclegan", "--preset", "smoke", "--count", "4", "--precision", "float32"]
    main([*smoke, "--steps", "2", "--run-dir", "first"])
    main([*smoke, "--steps", "3", "--run-dir", "second", "--begin-from", "first", "--set", "cycle_weight=2",
          "penalty_weight=1e-4"])
    branches.main(["table.csv", "begun=first", "lighter=second"])
    table = pd.read_csv("table.csv")
    assert table.branch.tolist() == ["begun", "lighter"]
    assert table.rounds.tolist() == [2, 5]
    assert table.cycle_weight.tolist() == [10, 2]
    assert table.slope_penalty.tolist() == [0, 1e-4]
    assert (table.n == 60).all()


def test_a_model_has_a_row_and_so_has_a_run_that_began_with_it(tmp_path, monkeypatch):
    """Of other papers, too: each has the settings of its own, and no way back."""
    monkeypatch.chdir(tmp_path)
    smoke = ["train", "cut", "--preset", "smoke", "--count", "4", "--precision", "float32", "--log-every", "1"]
    main([*smoke, "--steps", "2", "--run-dir", "first"])
    main(["export", "first", "model"])
    main([*smoke, "--steps", "3", "--run-dir", "second", "--begin-from", "model", "--set", "nce_weight=0.5"])
    branches.main(["table.csv", "shipped=model", "went on=second", "--size", "32"])
    table = pd.read_csv("table.csv")
    assert table.rounds.tolist() == [2, 5]
    assert table["size"].tolist() == [32, 32]
    assert table.nce_weight.tolist()[1] == 0.5
    assert table.nce_weight.isna().tolist() == [True, False]
    assert "way_back" not in table


def test_networks_that_copy_come_back_without_error_and_are_as_like_as_the_photographs(monkeypatch):
    class Copies(Translators):
        def __init__(self):
            super().__init__(width=1, blocks=1)
            self.to_cartoon = self.to_photo = torch.nn.Identity()

    found = branches.scores(Copies(), 32)
    assert found["way_back"] == 0
    assert 0.2 < found["ssim"] < 0.6
    assert found["n"] == 60


def test_a_run_without_a_name_is_refused(capsys):
    with pytest.raises(SystemExit):
        branches.main(["table.csv", "runs/cycle-1"])
    assert "runs must be NAME=RUN, got 'runs/cycle-1'" in capsys.readouterr().err
