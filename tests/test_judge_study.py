"""Chapter 6's stored study: each network met once, and the truth told apart from the measures of sets."""

import judge_study
import pytest
import torch

MEASURES = ("frechet", "kernel", "sliced", "precision", "recall", "density", "coverage", "vendi")


def pictures(seed, n=9):
    """Smooth pictures of noise."""
    small = torch.rand(n, 3, 4, 4, generator=torch.Generator().manual_seed(seed)) * 2 - 1
    return torch.nn.functional.interpolate(small, (32, 32), mode="bilinear")


@pytest.fixture(scope="module")
def judges():
    return judge_study.Judges()


def test_a_network_that_draws_the_truth_is_at_no_distance_from_it(judges):
    truth, known = pictures(1), pictures(2, 20)
    row = judges.row(judge_study.Work("a study", "perfect", 0, truth, pictures(3), truth, known))
    assert row["n"] == 9
    assert row["ssim_drawing"] == pytest.approx(1)
    assert row["error_drawing"] == 0
    assert row["features_drawing"] == pytest.approx(0, abs=1e-5)
    assert row["ssim_photo"] < 0.9
    assert [name for name in row if " " in name] == [f"{name} {eye}" for eye in ("tagger", "random-conv")
                                                     for name in MEASURES]


def test_a_network_that_draws_the_known_is_at_no_distance_from_the_set_and_far_from_the_truth(judges):
    known = pictures(4)
    row = judges.row(judge_study.Work("another study", "copies", 0, known, pictures(3), pictures(1), known))
    for eye in ("tagger", "random-conv"):
        assert row[f"frechet {eye}"] == pytest.approx(0, abs=1e-6)
        assert row[f"precision {eye}"] == row[f"coverage {eye}"] == 1
    assert row["error_drawing"] > 0.1


def test_a_run_that_opens_two_studies_is_met_once():
    """Rates and losses begin with the same run, for two seeds of its three: 6 + 8 + 8 - 2 are 20."""
    anime = judge_study.anime_study
    trials = [trial.folder for name in anime.STUDIES for trial in anime.trials(name)]
    assert (len(trials), len(set(trials))) == (22, 20)


def test_without_the_runs_it_says_what_to_do(tmp_path):
    with pytest.raises(SystemExit, match=r"no finished run in whole-0: run tools/anime_study\.py"):
        judge_study.finished(tmp_path / "whole-0")
