"""Chapter 4's stored studies: each run differs from the first in what it says, goes on, and fills its table."""

from __future__ import annotations

from dataclasses import asdict, replace

import anime_study
import pandas as pd
import pytest
import torch

from avatarlib.training import Trainer

MEASURES = ["ssim_drawing", "ssim_input", "change", "off_drawing", "likeness", "frechet", "way_back", "discriminator"]


@pytest.fixture
def small(monkeypatch, tmp_path):
    """Two rounds of two pairs on a few pictures of noise."""
    def noise(look, split, half=None):
        rng = torch.Generator().manual_seed(len(look + split))
        images = torch.randint(0, 256, (7, 3, 32, 32), dtype=torch.uint8, generator=rng)
        return anime_study.ImageSet(f"{look} {split}", images.numpy(), torch.zeros(7, 0, dtype=torch.long).numpy(), {})

    small = {"width": 8, "judge_width": 8, "blocks": 1}
    studies = {name: (replace(base, **small), changes, 1) for name, (base, changes, _) in anime_study.STUDIES.items()}
    values = {"OUT": tmp_path, "RUNS": tmp_path / "runs", "EVERY": 1, "ROW": 2, "STUDIES": studies,
              "BASE": replace(anime_study.BASE, **small), "TINY": studies["identity"][0], "reduced": noise}
    for name, value in values.items():
        monkeypatch.setattr(anime_study, name, value)
    return anime_study.Study(rounds=2, batch=2)


@pytest.mark.parametrize(("study", "differing"), [
    ("rates", [set(), {"learning_rate"}]),
    ("identity", [set(), {"width"}, {"cycle_weight", "last_cycle_weight", "identity_weight", "last_identity_weight"},
                  {"look"}]),
    ("losses", [set(), {"cycle_weight", "last_cycle_weight"}, {"identity_weight", "last_identity_weight"},
                {"adversarial_weight"}])])
def test_each_run_differs_from_the_first_in_the_one_thing_it_says(study, differing):
    settings = [asdict(trial.config) | {"look": trial.look} for trial in anime_study.trials(study) if not trial.seed]
    assert [{name for name, value in other.items() if value != settings[0][name]} for other in settings] == differing


def test_every_seed_plays_every_run():
    runs = [(trial.name, trial.seed) for trial in anime_study.trials("rates")]
    assert sorted(runs) == [("1.6e-3", 0), ("1.6e-3", 1), ("1.6e-3", 2), ("2e-4", 0), ("2e-4", 1), ("2e-4", 2)]


def test_tiny_runs_of_a_seed_begin_with_the_same_generators_that_have_learnt_to_copy(small, monkeypatch):
    begun = []
    fit = small.fit
    monkeypatch.setattr(small, "fit", lambda recipe, *rest: (
        begun.append(next(recipe.networks["to_cartoon"].parameters()).detach().clone()), fit(recipe, *rest))[1])
    for trial in (anime_study.trials("identity")[0], anime_study.trials("identity")[2]):
        small.play(trial)
    start, first, again, second = begun     # a start that has been played is begun anew, and read from its folder
    assert torch.equal(first, second)
    assert not torch.equal(start, first)
    assert torch.equal(start, again)


def test_the_other_runs_begin_as_copies():
    for trial in [*anime_study.trials("rates"), *anime_study.trials("losses")]:
        assert trial.config.skip


def test_a_study_stopped_between_goes_on_and_does_not_begin_anew(small, monkeypatch):
    trial = anime_study.trials("rates")[0]
    row, history, made = small.play(trial)
    monkeypatch.setattr(Trainer, "play_round", lambda self: pytest.fail("a finished round was played again"))
    row_again, history_again, made_again = small.play(trial)
    assert row == row_again
    assert history.equals(history_again)
    assert torch.equal(made, made_again)


@pytest.mark.parametrize("study", ["rates", "identity", "losses"])
def test_the_files_of_a_study_are_whole(small, study):
    results = anime_study.Results(study, small)
    for trial in anime_study.trials(study):
        results.add(trial)
    path = anime_study.OUT / f"cycle_{study}{'_summary' * (study == 'rates')}.csv"
    assert path.read_text().startswith("# made by tools/anime_study.py with torch")
    table = pd.read_csv(path, comment="#").set_index("run")
    assert [*table.index[:4]] == ["photograph", "cel drawing", "hidden drawing", "mean drawing"]
    assert [*table.index[4:]] == [*anime_study.STUDIES[study][1]]
    assert table.loc[[*table.index[4:]], MEASURES].notna().all(axis=None)
    assert (table["n"] == 7).all()
    assert table.loc["hidden drawing", "ssim_drawing"] == 1
    assert table.loc["photograph", "change"] == 0
    assert (anime_study.OUT / f"cycle_{study}.png").stat().st_size > 1000


def test_a_row_of_the_curves_is_the_mean_of_its_rounds(monkeypatch):
    monkeypatch.setattr(anime_study, "ROW", 10)
    losses = {name: [1.0, 3.0, 7.0] for name in ("adversarial", "cycle", "identity", "cartoon_discriminator",
                                                 "photo_discriminator", "change", "likeness")}
    rows = anime_study.averaged_rows(pd.DataFrame({"step": [5, 10, 15]} | losses))
    assert rows["round"].tolist() == [10, 20]
    assert rows["cycle"].tolist() == [2.0, 7.0]


def test_an_alarm_is_told_with_the_round_of_its_first_ring():
    """|G(x) - x| stays under 0.02 from round 5 on, so at round 105 it has for 100 rounds; light never turns dark."""
    steps = range(5, 205, 5)
    history = pd.DataFrame({"step": steps, "adversarial": 1.0, "cartoon_discriminator": 0.2, "change": 0.01,
                            "likeness": [-1.0] + [0.5] * (len(steps) - 1)})
    assert anime_study.rung(history) == "the output equals the input (105)"


def test_a_picture_is_measured_by_hand():
    """White made of black is 2 away from it, and as the drawing is grey, 1 from that."""
    black, grey, white = (torch.full((1, 3, 16, 16), value) for value in (-1.0, 0.0, 1.0))
    told = anime_study.measure(white, black, grey)
    assert (told["change"], told["off_drawing"]) == (2, 1)
    picture = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1
    assert anime_study.measure(-picture, picture, picture)["likeness"] == pytest.approx(-1)


def test_an_unknown_study_is_named(capsys):
    with pytest.raises(SystemExit):
        anime_study.main(["rate"])
    assert "studies must be among rates, identity, losses, got 'rate'" in capsys.readouterr().err


def test_the_run_that_two_studies_begin_with_is_played_once():
    folders = {study: [trial.folder for trial in anime_study.trials(study)] for study in anime_study.STUDIES}
    assert set(folders["rates"]) & set(folders["losses"]) == {"whole-0", "whole-1"}
    assert len({folder for several in folders.values() for folder in several}) == 6 + 8 + 8 - 2
