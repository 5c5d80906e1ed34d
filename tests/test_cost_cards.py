"""The cards of costs: made of measured files, the same in the chapters, and every shipped network on one of them."""

import json

import chapter_costs
import cost_cards
import pytest
from stored_notebook import NOTEBOOKS

from avatarlib import pretrained

RUN = {"preset": "quick", "seconds_first": "90", "seconds_again": "60", "peak_mb": "1250", "machine": "A with B"}


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """Two networks of chapter 2 in a folder of their own, the second begun as the first was."""
    for name, rows in (("a", ["10,1.5", "20,3.0", "30,5.0"]), ("b", ["10,1.5", "20,3.0", "30,9.0"])):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "config.json").write_text('{"model_class": "dcgan.Generator"}')
        (folder / "history.csv").write_text("\n".join(["step,minutes", *rows]) + "\n")
        (folder / "model.safetensors").write_bytes(bytes(2_340_000))
        (folder / "README.md").write_text("Draws, 1,234\nparameters.\n\n| training | 30 rounds of 4 pairs, seed 0 |\n"
                                          "| time | 5 minutes on a CPU |\n")
    monkeypatch.setattr(cost_cards.pretrained, "names", lambda: ("a", "b"))
    monkeypatch.setattr(cost_cards.pretrained, "trained", lambda name: {"rounds": 30})
    monkeypatch.setattr(cost_cards.pretrained, "path", lambda name: tmp_path / name)
    return tmp_path


def test_a_card_tells_the_run_and_the_networks(shipped):
    lines = cost_cards.card("02_dcgan_cartoonset", RUN).splitlines()
    assert lines[2:7] == [
        "| what it costs | time | size |", "|---|---|---|",
        "| running it at preset `quick` | 90 s the first time, then 60 s | 1.2 GB of memory |",
        "| training `a` on 240 pictures | 5 minutes on a CPU | 1,234 parameters, 2.3 MB |",
        "| training `b` on 240 pictures | 5 minutes on a CPU, the first 3 of them together with `a` "
        "| 1,234 parameters, 2.3 MB |"]
    assert "one core (A with B)" in lines[8]
    assert "training" not in cost_cards.card("06_evaluation", RUN)


@pytest.mark.parametrize(("training", "rounds", "pictures"), [
    ("10,000 rounds of 64 (200 epochs, 640,000 pictures seen), seed 0", 5_000, 640_000),
    ("1,600 rounds of 4 pairs, seed 0", 1_600, 12_800), ("2,200 rounds of 8 pictures, seed 0", 2_200, 17_600),
    ("1,600 and 300 rounds of 4 pictures, seed 0", 1_900, 7_600)])
def test_pictures_are_counted_as_the_network_s_card_says(training, rounds, pictures):
    assert cost_cards.pictures_seen(training, rounds) == pictures


def test_runs_that_differ_from_the_first_row_on_share_nothing():
    assert cost_cards.shared_minutes(["step,minutes", "1,2.0"], ["step,minutes", "1,2.5"]) == 0


def test_a_network_without_a_chapter_is_named(shipped):
    (shipped / "b" / "config.json").write_text('{"model_class": "new.Generator"}')
    with pytest.raises(ValueError, match=r"model_class of b must be of tagger, .* got 'new.Generator'"):
        cost_cards.networks_of("data")


def test_a_card_is_the_second_cell_and_replaces_an_older_one():
    notebook = {"cells": [{"id": "title"}, {"id": "next"}], "nbformat": 4}
    once = cost_cards.with_card(notebook, "old")
    assert [cell["id"] for cell in once["cells"]] == ["title", cost_cards.CELL, "next"]
    again = cost_cards.with_card(once, "new\nlines")
    assert [cell.get("source") for cell in again["cells"]] == [None, ["new\n", "lines"], None]


def test_every_chapter_was_measured_and_its_card_is_up_to_date():
    runs = chapter_costs.read()
    assert sorted(runs) == sorted(path.stem for path in NOTEBOOKS)
    for path in NOTEBOOKS:
        cell = json.loads(path.read_text(encoding="utf-8"))["cells"][1]
        assert cell["id"] == cost_cards.CELL
        assert "".join(cell["source"]) == cost_cards.card(path.stem, runs[path.stem]), "run tools/cost_cards.py"
        assert 10 < float(runs[path.stem]["seconds_again"]) <= float(runs[path.stem]["seconds_first"]) < 600


def test_every_shipped_network_stands_on_one_card():
    told = [name for path in NOTEBOOKS for name in cost_cards.networks_of(path.stem)]
    assert sorted(told) == sorted(pretrained.names())
    assert len(told) >= 9


def test_a_run_counts_the_processor_time_of_the_kernel_and_tells_of_a_failure(tmp_path):
    def notebook(name, code):
        path = tmp_path / name
        cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": code, "outputs": [], "execution_count": None}
        path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
        return path

    busy = "import time\nblock = b'1' * 400_000_000\nwhile time.process_time() < 3: pass"
    own = b"1" * 1_200_000_000          # what this process has held is not the run's
    del own
    seconds, peak = chapter_costs.run(notebook("busy.ipynb", busy), tmp_path)
    assert seconds > 3
    assert 400e6 < peak < 1e9
    with pytest.raises(SystemExit, match=r"broken\.ipynb failed"):
        chapter_costs.run(notebook("broken.ipynb", "1 / 0"), tmp_path)
