"""What an exercise is, and how an answer is compared without giving the right one away."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

__all__ = ["Exercise", "Unanswered", "WrongType", "cases", "matches_function", "matches_number",
           "matches_tensor", "matches_word"]

Checker = Callable[[Any], "str | None"]   # None if the answer is right, else a sentence on what is not


class Unanswered(Exception):
    """There is no answer yet: ``...`` or nothing."""


class WrongType(Exception):
    """The answer is not of the kind the exercise asks for; the message says what is."""


@dataclass(frozen=True)
class Exercise:
    """One exercise of a chapter.

    Attributes
    ----------
    id : str
        Chapter and number, "2.1".
    question : str
        What is asked, in one sentence.
    checker : callable
        Takes the answer; returns None if it is right, else a sentence on what is wrong. Raises Unanswered or
        WrongType.
    hints : tuple of str
        From a nudge to a signpost; none is the solution.
    remark : str
        What a right answer shows.

    Examples
    --------
    >>> from avatarlib.exercises.core import Exercise, matches_number
    >>> exercise = Exercise("9.1", "Half of 7.", matches_number(3.5, tolerance=0.01), ("Share it.",), "Odd.")
    >>> exercise.checker(3)
    '3 is not right'
    >>> exercise.checker(3.5)                                  # right: nothing to say
    """

    id: str
    question: str
    checker: Checker
    hints: tuple[str, ...]
    remark: str


def cases(names: str, *rows: Sequence[Any]) -> list[dict[str, Any]]:
    """The arguments of several calls: each row under the same names, which blanks part."""
    return [dict(zip(names.split(), row, strict=True)) for row in rows]


def demand(answer: Any) -> None:
    """Raise Unanswered for ``...`` and None."""
    if answer is None or answer is ...:
        raise Unanswered


def as_tensor(answer: Any, kind: str) -> Tensor:
    """A number, sequence, array or tensor as a float64 tensor; else WrongType, which names ``kind``."""
    demand(answer)
    try:
        if isinstance(answer, (str, bytes)) or callable(answer):
            raise TypeError
        return torch.as_tensor(answer).detach().to(torch.float64)
    except (TypeError, ValueError, RuntimeError):
        raise WrongType(f"the answer must be {kind}, got {type(answer).__name__}") from None


def compare_tensors(got: Tensor, expected: Tensor, tolerance: float) -> str | None:
    """None if equal within ``tolerance`` (relative, and absolute for small values), else what differs."""
    if got.shape != expected.shape:
        return f"the shape should be {tuple(expected.shape)}, but is {tuple(got.shape)}"
    if not got.isfinite().all():
        return "not every value is finite"
    if not torch.allclose(got, expected.to(got), rtol=tolerance, atol=tolerance):
        return f"{show(got)} is not right"
    return None


def show(value: Any) -> str:
    """A value in a few characters: whole numbers and small tensors in full, large tensors by their shape."""
    if isinstance(value, Tensor):
        if value.numel() > 6:
            return f"a tensor of shape {tuple(value.shape)}"
        value = value.tolist()
    if isinstance(value, list):
        return "[" + ", ".join(show(item) for item in value) + "]"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else f"{value:.4g}"
    return repr(value)


def matches_number(expected: float, *, tolerance: float) -> Checker:
    """Checker of a single number, right within the absolute ``tolerance``."""
    def checker(answer: Any) -> str | None:
        got = as_tensor(answer, "a number")
        if got.numel() != 1:
            raise WrongType(f"the answer must be one number, got {got.numel()} of them")
        value = got.item()
        return None if abs(value - expected) <= tolerance else f"{value:.4g} is not right"
    return checker


def matches_tensor(expected: Tensor, *, tolerance: float = 1e-4,
                   slips: Mapping[str, Sequence[float]] | None = None) -> Checker:
    """Checker of a tensor, array or list of the shape of ``expected``.

    ``slips`` are wrong answers to be expected, each under the sentence that names the mistake.
    """
    def checker(answer: Any) -> str | None:
        got = as_tensor(answer, "a tensor")
        problem = compare_tensors(got, expected.double(), tolerance)
        if problem is None:
            return None
        named = (sentence for sentence, wrong in (slips or {}).items()
                 if compare_tensors(got, torch.as_tensor(wrong), tolerance) is None)
        return "; ".join([problem, *list(named)[:1]])
    return checker


def matches_word(expected: str, choices: Sequence[str]) -> Checker:
    """Checker of one of the words ``choices``; case and outer blanks do not count."""
    def checker(answer: Any) -> str | None:
        demand(answer)
        word = answer.strip().lower() if isinstance(answer, str) else None
        if word not in choices:
            raise WrongType(f"the answer must be one of the words {list(choices)}, got {answer!r}")
        return None if word == expected else f"it is not {word!r}"
    return checker


def matches_function(reference: Callable[..., Any], cases: Sequence[dict[str, Any]], *, tolerance: float = 1e-4,
                     slips: Mapping[str, Callable[..., Any]] | None = None) -> Checker:
    """Checker of a function: it must agree with ``reference`` on every one of ``cases``.

    Each case is a dict of arguments, in order. They are passed by position, tensors as copies, so that a
    function may work in place. ``slips`` are wrong functions to be expected, each under the sentence that
    names the mistake, which is told if the answer agrees with that function on every case.
    """
    signature = ", ".join(cases[0])

    def checker(answer: Any) -> str | None:
        demand(answer)
        if not callable(answer):
            raise WrongType(f"the answer must be a function of ({signature}), got {type(answer).__name__}")
        check_signature(answer, len(cases[0]), signature)
        for case in cases:
            problem = problem_of_case(answer, reference, case, tolerance)
            if problem is not None:
                given = ", ".join(f"{name} = {show(value)}" for name, value in case.items())
                return "; ".join([f"for {given}: {problem}", *named_slip(answer, slips or {}, cases, tolerance)])
        return None
    return checker


def named_slip(answer: Callable[..., Any], slips: Mapping[str, Callable[..., Any]], cases: Sequence[dict[str, Any]],
               tolerance: float) -> list[str]:
    """The sentence of the first slip that agrees with the answer on every case; empty if none does."""
    named = (sentence for sentence, wrong in slips.items()
             if all(problem_of_case(answer, wrong, case, tolerance) is None for case in cases))
    return list(named)[:1]


def check_signature(function: Callable[..., Any], arguments: int, signature: str) -> None:
    """Raise WrongType unless ``function`` can be called with that many positional arguments."""
    try:
        inspect.signature(function).bind(*range(arguments))
    except TypeError:
        raise WrongType(f"the function must take ({signature})") from None
    except ValueError:   # a built-in without a signature: the call will tell
        return


def problem_of_case(answer: Callable[..., Any], reference: Callable[..., Any], case: dict[str, Any],
                    tolerance: float) -> str | None:
    """Call both functions with one case; None if they agree."""
    arguments = [copy(value) for value in case.values()]
    try:
        got = answer(*arguments)
    except Exception as error:   # whatever a first attempt raises is told, not thrown
        return f"it raised {type(error).__name__}: {error}"
    expected = torch.as_tensor(reference(*[copy(value) for value in case.values()]))
    kind = "a number" if expected.ndim == 0 else "a tensor"
    try:
        return compare_tensors(as_tensor(got, kind), expected.double(), tolerance)
    except WrongType as error:
        return str(error).replace("the answer must be", "it must return")


def copy(value: Any) -> Any:
    """A tensor's clone; anything else unchanged."""
    return value.clone() if isinstance(value, Tensor) else value
