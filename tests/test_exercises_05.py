"""Chapter 5's exercises: other ways to write a right answer pass, and every usual mistake is called by its name."""

import pytest
import torch
from answers_05 import MISTAKES, SOLUTIONS, UNNAMED

from avatarlib import exercises
from avatarlib.exercises import EXERCISES, chapter05_slips, check, hint
from avatarlib.exercises.core import matches_function, matches_tensor
from avatarlib.models.acgan import Generator

HERE = [f"5.{i}" for i in range(1, 7)]          # the two that follow ask for what an experiment shows
NAMED = [(id, answer, name) for id in HERE for answer, name in MISTAKES[id]]


@pytest.fixture(autouse=True)
def no_hints_given_yet(monkeypatch):
    monkeypatch.setattr(exercises, "_hints_given", {})


def test_there_are_six():
    assert HERE == list(SOLUTIONS) == list(MISTAKES) == list(UNNAMED)
    assert [id for id in EXERCISES if id.startswith("5.")] == [*HERE, "5.7", "5.8"]


@pytest.mark.parametrize(("id", "way"), [(id, way) for id in HERE for way in range(len(SOLUTIONS[id]))])
def test_a_right_answer_passes_however_it_is_written(id, way):
    result = check(id, SOLUTIONS[id][way])
    assert result, result


@pytest.mark.parametrize(("id", "answer", "name"), NAMED, ids=[f"{id} {name}" for id, _, name in NAMED])
def test_a_usual_mistake_is_wrong_and_called_by_its_name(id, answer, name):
    result = check(id, answer)
    assert result.status == "wrong"
    assert name in result.message
    others = {other for _, other in MISTAKES[id]} - {name}
    assert not [other for other in others if other in result.message], "one name only"


def test_every_sentence_on_a_mistake_is_tried_above():
    """Each of the six tables is matched by one mistake a sentence at least."""
    tables = (chapter05_slips.SHUFFLE_SLIPS, chapter05_slips.CLASS_LOSS_SLIPS, chapter05_slips.DRAGAN_SLIPS,
              chapter05_slips.CHANGE_SLIPS, chapter05_slips.COUNT_SLIPS, chapter05_slips.ROW_SLIPS)
    for id, table in zip(HERE, tables, strict=True):
        said = "\n".join(check(id, answer).message for answer, _ in MISTAKES[id])
        assert len(table) >= 4
        assert not [sentence for sentence in table if sentence not in said]


@pytest.mark.parametrize("id", HERE)
def test_any_other_wrong_answer_is_refused_without_a_name(id):
    result = check(id, UNNAMED[id])
    assert result.status == "wrong"
    assert not [name for _, name in MISTAKES[id] if name in result.message]
    assert EXERCISES[id].hints[0] in result.message


def test_the_paper_s_count():
    """4,352,643 of Jin et al.'s Figure 3 by the formula of the answers, and by the network itself."""
    (formula, *_), sizes = SOLUTIONS["5.5"], (128, 34, 16, 64, 3)
    assert formula(*sizes) == 4_352_643
    assert sum(parameter.numel() for parameter in Generator().parameters()) == 4_352_643


def test_the_row_of_the_table_by_counting_avatars():
    """400 conditions, 100 with a smile; of any 100 avatars 80 smile, and the judge sees 76 of them and 2 more."""
    asked = torch.arange(400) < 100
    smiles = torch.arange(400) % 100 < 80
    seen = torch.where(smiles, torch.arange(400) % 100 < 76, torch.arange(400) % 100 >= 98)
    assert seen[smiles].float().mean() == pytest.approx(chapter05_slips.HIT)
    assert seen[~smiles].float().mean() == pytest.approx(chapter05_slips.FALSE)
    assert check("5.6", [seen[asked].double().mean(), seen[~asked].double().mean()])


def test_a_single_number_for_the_row_costs_no_hint():
    result = check("5.6", 0.78)
    assert result.status == "type"
    assert "two numbers, torch.tensor([precision, false_positives])" in result.message
    assert "Hint 1 of 2" in hint("5.6").message


def test_a_mistake_must_agree_everywhere_to_be_named():
    """Twice the number and its square are one for 2, apart for 3."""
    doubled = {"that is twice the number": lambda x: 2 * x}
    checker = matches_function(lambda x: x + 1, [{"x": 2.0}, {"x": 3.0}], slips=doubled)
    assert checker(lambda x: 2 * x) == "for x = 2: 4 is not right; that is twice the number"
    assert checker(lambda x: x**2) == "for x = 2: 4 is not right"
    assert checker(lambda x: x + 1) is None


def test_the_first_name_that_fits_a_wrong_tensor_is_told():
    checker = matches_tensor(torch.tensor([1.0, 2.0]), slips={"exchanged": (2.0, 1.0), "too large": (3.0, 3.0)})
    assert checker([2, 1]).endswith("is not right; exchanged")
    assert checker([3, 3]).endswith("is not right; too large")
    assert checker([0, 0]).endswith("is not right")
    assert checker([1, 2]) is None
