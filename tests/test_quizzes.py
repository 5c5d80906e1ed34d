"""The quiz of every chapter: five questions with one right answer each, and a sentence to every answer."""

import re

import pytest
from stored_notebook import NOTEBOOKS, StoredNotebook
from stored_quiz import StoredQuiz

SENTENCE = re.compile(r"[A-Z1][^.?!]*(\.\d[^.?!]*)*\.")      # one, which may hold decimals


@pytest.fixture(params=[path.stem for path in NOTEBOOKS])
def name(request):
    return request.param


@pytest.fixture
def quiz(name):
    return StoredQuiz(name)


def test_the_quiz_stands_before_the_exercises(name, quiz):
    headings = re.findall(r"^## (.*)$", StoredNotebook(name).prose, re.MULTILINE)
    assert headings.count("Check yourself") == 1
    assert headings[headings.index("Check yourself") + 1] == "Exercises"
    assert quiz.cell.startswith("## Check yourself\n\n")


def test_the_quiz_reads_as_plain_html_in_every_notebook_program(quiz):
    """An empty line would end the HTML for Markdown, and signs of Markdown or TeX would stand there as they are."""
    assert quiz.cell.endswith(quiz.html)
    assert re.findall(r"\n\s*\n|[$*`_]", quiz.html) == []


def test_a_quiz_has_five_questions_with_three_or_four_answers(quiz):
    assert len({question.text for question in quiz.questions}) == len(quiz.questions) == 5
    for question in quiz.questions:
        assert question.text.endswith("?")
        assert len(question.answers) in (3, 4), question.text
        assert len(set(question.answers)) == len(question.answers)
        assert max(map(len, question.answers)) <= 160


def test_one_answer_is_right_and_each_has_its_one_sentence(quiz):
    for question in quiz.questions:
        assert len(question.right) == 1, question.text
        assert len(set(question.sentences)) == len(question.sentences) == len(question.answers)
        for place, sentence in enumerate(question.sentences):
            verdict, _, reason = sentence.partition(" ")
            assert verdict == ("Right." if place in question.right else "No.")
            assert 20 <= len(reason) <= 160
            assert SENTENCE.fullmatch(reason), reason


def test_neither_place_nor_length_gives_the_right_answers_away(quiz):
    assert len({question.right[0] for question in quiz.questions}) >= 3
    lengths = [list(map(len, question.answers)) for question in quiz.questions]
    longest = [each[question.right[0]] == max(each) for each, question in zip(lengths, quiz.questions, strict=True)]
    assert sum(longest) <= 2
