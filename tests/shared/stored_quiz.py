"""The quiz of a chapter as it is stored in its notebook."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from typing import NamedTuple

from stored_notebook import StoredNotebook

HTML = re.compile(r'<div data-live="quiz">\n.*\n</div>', re.DOTALL)


class Question(NamedTuple):
    """A question, its answers, a sentence for each, and the places of those that are marked as right."""

    text: str
    answers: list[str]
    sentences: list[str]
    right: list[int]


def words(element: ElementTree.Element) -> str:
    """The text of an element and of all within it."""
    return "".join(element.itertext()).strip()


def read_question(item: ElementTree.Element) -> Question:
    """The question of a list item: a <p>, an <ol> of answers and, folded away, an <ol> of sentences."""
    text, answers, (summary, sentences) = item
    assert [text.tag, answers.tag, summary.tag, sentences.tag] == ["p", "ol", "summary", "ol"]
    assert words(summary) == "Answer"
    marks = [[words(mark) for mark in sentence.iter("strong")] for sentence in sentences]
    return Question(words(text), list(map(words, answers)), list(map(words, sentences)),
                    [place for place, mark in enumerate(marks) if mark == ["Right."]])


class StoredQuiz:
    """The one quiz of ``notebooks/NAME.ipynb``: the text of its cell, its HTML, and its questions."""

    def __init__(self, name: str) -> None:
        (self.cell,) = [source for cell in StoredNotebook(name).cells
                        if 'data-live="quiz"' in (source := "".join(cell["source"]))]
        (self.html,) = HTML.findall(self.cell)
        (items,) = ElementTree.fromstring(self.html)
        self.questions = list(map(read_question, items))
