"""Exercises with a checker: ``check("2.1", answer)`` says whether an answer is right, and helps if not.

A wrong answer gets a hint, a second wrong one a more telling hint; ``hint("2.1")`` gives them without an
answer. Neither ever shows the solution, which is hidden in the page below the exercise.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from avatarlib.exercises.core import Exercise, Unanswered, WrongType

__all__ = ["EXERCISES", "Exercise", "Result", "check", "hint"]

_names = sorted((found.name for found in pkgutil.iter_modules(__path__)),
                key=lambda name: (name.startswith("chapter"), name))
_modules = [import_module(f"{__name__}.{name}") for name in _names]      # pages, then chapters
EXERCISES: dict[str, Exercise] = {exercise.id: exercise for module in _modules
                                  for exercise in getattr(module, "EXERCISES", ())}
_hints_given: dict[str, int] = {}   # in this session of Python


@dataclass(frozen=True)
class Result:
    """The verdict on an answer; true if it is right.

    Attributes
    ----------
    id : str
        The exercise.
    status : {"right", "wrong", "type", "open"}
        "type" is an answer of the wrong kind, "open" none at all; neither costs a hint.
    message : str
        The verdict in words, with a hint if the answer was wrong.

    Examples
    --------
    >>> from avatarlib.exercises import check
    >>> verdict = check("2.5", "a lot")
    >>> verdict
    Exercise 2.5: the answer must be a number, got str.
    >>> verdict.status, bool(verdict)
    ('type', False)
    """

    id: str
    status: str
    message: str

    def __bool__(self) -> bool:
        return self.status == "right"

    def __repr__(self) -> str:
        return f"Exercise {self.id}: {self.message}"


def check(id: str, answer: Any) -> Result:
    """Say whether ``answer`` solves the exercise; a notebook shows it when it is the last line of a cell.

    Parameters
    ----------
    id : str
        The exercise's number, such as "2.1".
    answer : number, str, Tensor or callable
        What the exercise asks for; ``...`` is "no answer yet". Functions are tried on several inputs.

    Raises
    ------
    ValueError
        If there is no such exercise.

    Examples
    --------
    >>> from avatarlib.exercises import check
    >>> check("2.1", ...)
    Exercise 2.1: no answer yet. Put yours in place of the dots; hint("2.1") helps.
    >>> check("2.1", lambda size, kernel, stride, padding: size * stride)
    Exercise 2.1: not yet: for size = 1, kernel = 4, stride = 1, padding = 0: 1 is not right.
    Hint ... of 2: ...
    """
    exercise = find(id)
    try:
        problem = exercise.checker(answer)
    except Unanswered:
        return Result(id, "open", f'no answer yet. Put yours in place of the dots; hint("{id}") helps.')
    except WrongType as error:
        return Result(id, "type", f"{error}.")
    if problem is None:
        _hints_given.pop(id, None)
        return Result(id, "right", f"right. {exercise.remark}")
    return Result(id, "wrong", f"not yet: {problem}.\n{next_hint(exercise)}")


def hint(id: str) -> Result:
    """The next hint of an exercise; after the last one, the last again. ValueError if there is none such.

    Examples
    --------
    >>> from avatarlib.exercises import hint
    >>> hint("2.5")                                            # asked again it tells the second
    Exercise 2.5: Hint ... of 2: ...
    """
    return Result(id, "open", next_hint(find(id)))


def next_hint(exercise: Exercise) -> str:
    """The hint after those already given, and where to look after the last."""
    given = _hints_given.get(exercise.id, 0)
    _hints_given[exercise.id] = given + 1
    position = min(given, len(exercise.hints) - 1)
    text = f"Hint {position + 1} of {len(exercise.hints)}: {exercise.hints[position]}"
    if given >= len(exercise.hints):
        text += " (That was the last hint; the solution is folded away below the exercise.)"
    return text


def find(id: str) -> Exercise:
    """The exercise called ``id``; a ValueError lists those there are."""
    if id not in EXERCISES:
        raise ValueError(f"id must be one of {', '.join(EXERCISES)}, got {id!r}")
    return EXERCISES[id]
