"""What a chapter claims of a live run: checked, told to readers, an error in CI, noted for `make steady`."""

import json

import pytest
import steady

import avatarlib as al
from avatarlib.claims import margin


@pytest.fixture(autouse=True)
def reader(monkeypatch):
    """A reader's machine, not CI."""
    monkeypatch.setenv("AVATARLIB_PRESET", "quick")
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("AVATARLIB_CLAIMS", raising=False)


@pytest.mark.parametrize("holds", [True, (1, 2), (-1.0, 0.0, 5.0)])
def test_a_claim_that_holds_says_nothing(monkeypatch, capsys, holds):
    monkeypatch.setenv("CI", "true")
    al.claim(holds, "two is more than one")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("holds", [False, (2, 1), (1, 1), (0, 2, 1), (float("nan"), 1)])
def test_a_claim_that_fails_is_told_to_a_reader_and_stops_ci(monkeypatch, capsys, holds):
    al.claim(holds, "the second is larger")
    told = capsys.readouterr().out
    assert told.startswith("the second is larger: here it came out differently")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(AssertionError, match="the second is larger: here it came out differently"):
        al.claim(holds, "the second is larger")


def test_nothing_is_claimed_of_a_run_that_learnt_nothing(monkeypatch, capsys):
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("AVATARLIB_PRESET", "smoke")
    al.claim((2, 1), "the second is larger")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("numbers", [(), (1.0,)])
def test_one_number_cannot_rise(numbers):
    with pytest.raises(ValueError, match="holds must be true, false, or at least two numbers that rise, got"):
        al.claim(numbers, "x")


@pytest.mark.parametrize(("values", "expected"), [
    ((1, 2), 0.5),              # a step of 1 is half of 2
    ((1, 2, 2.5), 0.2),         # the smaller of 1/2 and 0.5/2.5
    ((-4, -1), 0.75),           # 3 of 4
    ((2, 1), -0.5),
])
def test_the_margin_is_the_smallest_step_relative_to_the_larger_neighbour(values, expected):
    assert margin(values) == pytest.approx(expected)


def test_steady_counts_claims_and_keeps_the_worst_margin(monkeypatch, tmp_path):
    notes = [tmp_path / f"01_x-aa-native-threads1-seed{seed}.jsonl" for seed in range(3)]
    monkeypatch.setenv("CI", "true")
    for path, value in zip(notes, (4, 2, 0.5), strict=True):
        monkeypatch.setenv("AVATARLIB_CLAIMS", str(path))
        al.claim((1, value), "more than one")                       # noted even where it fails
        al.claim(value > 0, "positive")
    assert json.loads(notes[0].read_text().splitlines()[0])["values"] == [1.0, 4.0]
    for path, instructions in zip(notes, ("AVX2", "AVX512", "AVX2"), strict=True):       # as a whole run notes it
        machine = {"torch": "2.9.0", "instructions": instructions, "processor": "x86_64"}
        path.write_text(f"{json.dumps(machine)}\n{path.read_text()}")
    found = steady.table(notes)
    assert found.claim.tolist() == ["more than one", "positive"]
    assert found.held.tolist() == [2, 3]
    assert found.runs.tolist() == [3, 3]
    assert found.worst_margin[0] == -0.5                            # 0.5 after 1
    assert set(found.code) == {"aa"}
    text = steady.page(found)
    assert "one or more of: PyTorch 2.9.0 with AVX2 (x86_64), PyTorch 2.9.0 with AVX512 (x86_64);" in text
    assert "| 01_x | more than one | 2 of 3 | -50% |" in text
    assert "| 01_x | positive | 3 of 3 |  |" in text


def test_steady_runs_only_the_chapters_that_are_not_counted_yet(monkeypatch, tmp_path):
    for name, code in (("01_old", "x = 1"), ("02_new", "y = 2")):
        (tmp_path / "notebooks").mkdir(exist_ok=True)
        (tmp_path / "notebooks" / f"{name}.ipynb").write_text(json.dumps(
            {"cells": [{"cell_type": "code", "source": [code]}]}))
    old, new = (steady.code_digest(path) for path in sorted((tmp_path / "notebooks").iterdir()))
    out = tmp_path / "steady.csv"
    out.write_text("chapter,code,claim,held,runs,worst_margin,places\n"
                   f"01_old,{old},stands,12,12,0.5,PyTorch 2.9.0 with AVX2 (x86_64)\n"
                   "02_new,00000000,of an older text,12,12,,PyTorch 2.9.0 with AVX2 (x86_64)\n")
    played = []

    def play(job):
        played.append(job[0].stem)
        note = tmp_path / f"{job[0].stem}-{new}-{job[2]}-threads{job[3]}-seed{job[1]}.jsonl"
        note.write_text(json.dumps({"torch": "2.9.0", "instructions": "AVX2", "processor": "x86_64"}) + "\n"
                        + json.dumps({"claim": "new one", "held": job[1] < 2, "margin": None, "values": None}) + "\n")
        return note

    for name, value in (("ROOT", tmp_path), ("NOTES", tmp_path / "notes"), ("OUT", out), ("play", play)):
        monkeypatch.setattr(steady, name, value)
    assert steady.main() == 1                                       # one seed in three did not hold
    assert played == ["02_new"] * 12
    text = out.with_suffix(".md").read_text()
    assert "| 01_old | stands | 12 of 12 | 50% |" in text
    assert "| 02_new | new one | 8 of 12 |  |" in text
    assert "older text" not in text
    assert steady.main() == 1
    assert len(played) == 12                                        # counted: not run again
