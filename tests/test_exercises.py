"""Every exercise against a solution, frequent mistakes and nonsense; and the solutions hidden in the notebooks."""

import json
import math
import re
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from answers_04 import MISTAKES as MISTAKES_04
from answers_04 import SLIPS as SLIPS_04
from answers_04 import SOLUTIONS as SOLUTIONS_04
from answers_05 import MISTAKES as MISTAKES_05
from answers_05 import SOLUTIONS as SOLUTIONS_05
from answers_06 import MISTAKES as MISTAKES_06
from answers_06 import SLIPS as SLIPS_06
from answers_06 import SOLUTIONS as SOLUTIONS_06
from answers_museum import MISTAKES as MISTAKES_MUSEUM
from answers_museum import SLIPS as SLIPS_MUSEUM
from answers_museum import SOLUTIONS as SOLUTIONS_MUSEUM

from avatarlib import exercises
from avatarlib.exercises import EXERCISES, check, hint
from avatarlib.exercises.core import matches_tensor

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


@pytest.fixture(autouse=True)
def no_hints_given_yet(monkeypatch):
    monkeypatch.setattr(exercises, "_hints_given", {})


def ema_in_place(average, weights, decay):
    average.mul_(decay).add_(weights, alpha=1 - decay)
    return average


def slerp(a, b, t):
    angle = torch.acos(F.normalize(a, dim=0) @ F.normalize(b, dim=0))
    return ((1 - t) * angle).sin() / angle.sin() * a + (t * angle).sin() / angle.sin() * b


def modes_by_loop(samples, centres, radius, minimum):
    found = 0
    for x, y in centres.tolist():
        reach = sum(math.dist((x, y), sample) <= radius for sample in samples.tolist())
        found += reach >= minimum
    return found


def square_about(left, top, width, height, scale):
    more = scale * max(width, height)
    return [left - (more - width) / 2, top - (more - height) / 2, left + (more + width) / 2, top + (more + height) / 2]


def both_rules(colours, others):
    return [float(p == max(colours)) for p in colours] + [float(p > 0.25) for p in others]


def frechet_by_sums(a, b):
    (m, v), (n, w) = ((x.mean(), ((x - x.mean()) ** 2).sum() / (len(x) - 1)) for x in (a, b))
    return (m - n) ** 2 + v + w - 2 * (v * w) ** 0.5


SOLUTIONS = {   # written apart from the checkers' own references
    "D.1": square_about,
    "D.2": both_rules,
    "D.3": frechet_by_sums,
    "D.4": "another picture", "D.5": "falls",
    **SOLUTIONS_MUSEUM,
    "1.1": lambda p, q: 1 / (1 + q / p),
    "1.2": lambda logits: F.logsigmoid(-logits).mean(),
    "1.3": torch.tensor([-0.01, -0.99]),
    "1.4": 1.3863,
    "1.5": modes_by_loop,
    "1.6": "Winning discriminator ",
    "1.7": "Momentum", "1.8": "falls",
    "2.1": lambda size, kernel, stride, padding: stride * size - stride - 2 * padding + kernel,
    "2.2": lambda latent, width: 128 * width * latent + 16 * (32 + 8 + 2) * width**2 + 48 * width + 30 * width,
    "2.3": ema_in_place,
    "2.4": slerp,
    "2.5": 3.01,
    "2.6": "p4", "2.7": torch.tensor(3),
    "3.1": 0.32768,
    "3.2": lambda cartoon, smooth, fake: (-F.logsigmoid(cartoon).mean() - F.logsigmoid(-smooth).mean()
                                          - F.logsigmoid(-fake).mean()),
    "3.3": lambda inputs, outputs, kernel, size, stride: inputs * outputs * (kernel * math.ceil(size / stride))**2,
    "3.4": lambda features: torch.tensordot(features, features, ([1, 2], [1, 2])) / features.numel(),
    "3.5": 128, "3.6": "Content",
    **SOLUTIONS_04,
    **{id: answers[0] for id, answers in SOLUTIONS_05.items()},
    "5.7": 0.4, "5.8": "Generator",
    **SOLUTIONS_06,
}

MISTAKES = {
    "D.1": [lambda left, top, width, height, scale: [left, top, left + scale * width, top + scale * height],
            lambda left, top, width, height, scale: [left - width / 4, top - height / 4, left + 1.25 * width,
                                                     top + 1.25 * height],
            lambda *box: [15.0, 25.0, 60.0, 60.0]],
    "D.2": [lambda colours, others: torch.cat([colours, others]) > 0.25,
            lambda colours, others: torch.cat([F.one_hot(colours.argmax(), len(colours)), others > 0.5]),
            lambda colours, others: F.one_hot(torch.cat([colours, others]).argmax(), len(colours) + len(others))],
    "D.3": [lambda a, b: (a.mean() - b.mean()) ** 2, lambda a, b: (a.mean() - b.mean()) ** 2 + (a.var() - b.var()) ** 2,
            lambda a, b: (a.mean() - b.mean()) ** 2 - (a.var() + b.var() - 2 * a.var() * b.var()),
            lambda a, b: (a.mean() - b.mean()) ** 2 + (a.std(correction=0) - b.std(correction=0)) ** 2],
    "D.4": ["a copy", "A copy "], "D.5": ["stays", "rises"],
    **MISTAKES_MUSEUM,
    "1.1": [lambda p, q: q / (p + q), lambda p, q: torch.full_like(p, 0.75), lambda p, q: p, lambda p, q: 0.75,
            lambda p, q: p / q],
    "1.2": [lambda logits: torch.log(1 - torch.sigmoid(logits)).mean(), lambda logits: F.softplus(logits).mean(),
            lambda logits: -F.softplus(logits).sum(), lambda logits: F.softplus(-logits).mean(),
            lambda logits: -F.softplus(logits)],
    "1.3": [[-0.99, -0.01], [0.01, 0.99], [-1.0101, -100.0], torch.tensor([-0.99]), [-0.01, -0.98]],
    "1.4": [0.6931, 0.5, 0.0, 2 * math.log10(2), -1.3863],
    "1.5": [lambda s, c, r, m: int((torch.bincount(torch.cdist(s, c).argmin(1), minlength=len(c)) >= m).sum()),
            lambda s, c, r, m: int(((torch.cdist(s, c) <= r).sum(0) > m).sum()),
            lambda s, c, r, m: int((torch.cdist(s, c) <= r).any(0).sum()), lambda s, c, r, m: 5,
            lambda s, c, r, m: int((torch.cdist(s, c) <= r).sum())],
    "1.6": ["equilibrium", "mode collapse"],
    "1.7": ["lessons", "both alike"], "1.8": ["stays", "rises"],
    "2.1": [lambda size, kernel, stride, padding: size * stride, lambda size, kernel, stride, padding: 8,
            lambda size, kernel, stride, padding: (size + 2 * padding - kernel) // stride + 1],
    "2.2": [lambda latent, width: 3_576_704, lambda latent, width: 3_576_704 - 1920,
            lambda latent, width: 128 * width * latent + 16 * 42 * width**2 + 48 * width],
    "2.3": [lambda a, w, d: (1 - d) * a + d * w, lambda a, w, d: a, lambda a, w, d: a + w, lambda a, w, d: a * d],
    "2.4": [lambda a, b, t: torch.lerp(a, b, t), lambda a, b, t: slerp(b, a, t),
            lambda a, b, t: slerp(F.normalize(a, dim=0), F.normalize(b, dim=0), t),
            lambda a, b, t: torch.acos(a @ b) * a],
    "2.5": [6.02, -3.01, 2.0, 0.0],
    "2.6": ["P1", "P1"], "2.7": [1, 2, 4],
    "3.1": [20.97, 1e-5, 0.08192],
    "3.2": [lambda c, s, f: F.softplus(-c).mean() + F.softplus(f).mean(),
            lambda c, s, f: F.softplus(-c).mean() + F.softplus(-s).mean() + F.softplus(f).mean(),
            lambda c, s, f: F.softplus(-c).sum() + F.softplus(s).sum() + F.softplus(f).sum()],
    "3.3": [lambda i, o, k, size, stride: i * o * k * k, lambda i, o, k, size, stride: i * o * k * k * size**2,
            lambda i, o, k, size, stride: o * (k * (1 + (size - 1) // stride))**2],
    "3.4": [lambda features: features.flatten(1) @ features.flatten(1).T, lambda features: features.mean((1, 2)),
            lambda features: features.flatten(1).T @ features.flatten(1) / features.numel()],
    "3.5": [64, 96], "3.6": ["style", "Style "],
    **MISTAKES_04,
    **{id: [answer for answer, _ in mistakes] for id, mistakes in MISTAKES_05.items()},
    "5.7": [0.2, 0.25, 1.0], "5.8": ["discriminator", "both", "neither"],
    **MISTAKES_06,
}


def test_solutions_and_mistakes_cover_every_exercise():
    assert list(SOLUTIONS) == list(MISTAKES) == list(EXERCISES)
    assert [id for id in EXERCISES if id.startswith("D.")] == [f"D.{i}" for i in range(1, 6)]
    assert [id for id in EXERCISES if id.startswith("M.")] == [f"M.{i}" for i in range(1, 5)]
    assert [id for id in EXERCISES if id.startswith("1.")] == [f"1.{i}" for i in range(1, 9)]
    assert [id for id in EXERCISES if id.startswith("2.")] == [f"2.{i}" for i in range(1, 8)]
    assert [id for id in EXERCISES if id.startswith("3.")] == [f"3.{i}" for i in range(1, 7)]
    assert [id for id in EXERCISES if id.startswith("4.")] == [f"4.{i}" for i in range(1, 8)]
    assert [id for id in EXERCISES if id.startswith("5.")] == [f"5.{i}" for i in range(1, 9)]
    assert [id for id in EXERCISES if id.startswith("6.")] == [f"6.{i}" for i in range(1, 7)]


@pytest.mark.parametrize("id", EXERCISES)
def test_a_solution_is_right(id):
    result = check(id, SOLUTIONS[id])
    assert result, result
    assert repr(result) == f"Exercise {id}: right. {EXERCISES[id].remark}"


@pytest.mark.parametrize("id", EXERCISES)
def test_mistakes_are_wrong_and_earn_a_hint_each(id):
    hints = EXERCISES[id].hints
    for attempt, mistake in enumerate(MISTAKES[id]):
        result = check(id, mistake)
        assert not result
        assert result.status == "wrong"
        assert hints[min(attempt, len(hints) - 1)] in result.message
    assert len(MISTAKES[id]) >= len(hints) >= 2


def test_the_checker_of_the_gradients_knows_two_slips():
    assert "which of the two losses comes first" in check("1.3", [-0.99, -0.01]).message
    assert "mind the signs" in check("1.3", [0.01, 0.99]).message


@pytest.mark.parametrize(("id", "name"), [*SLIPS_04.items(), *SLIPS_06.items(), *SLIPS_MUSEUM.items()])
def test_the_first_mistake_of_some_exercises_is_named(id, name):
    assert name in check(id, MISTAKES[id][0]).message


@pytest.mark.parametrize("id", EXERCISES)
def test_no_answer_yet_costs_no_hint(id):
    def unfinished(*arguments):
        ...

    for answer in (..., None):
        assert check(id, answer).status == "open"
    if callable(SOLUTIONS[id]):
        assert check(id, unfinished).status == "open"
    assert "Hint 1 of" in hint(id).message


WRONG_TYPES = {
    "D.1": (1.5, r"must be a function of \(left, top, width, height, scale\), got float"),
    "1.1": (0.75, r"must be a function of \(p_data, p_g\), got float"),
    "1.2": (lambda: 0.0, r"the function must take \(logits\)"),
    "1.3": ("-0.01", "must be a tensor, got str"),
    "1.4": ([1.386, 1.386], "must be one number, got 2 of them"),
    "1.5": ("8", r"must be a function of \(samples, centres, radius, minimum\), got str"),
    "1.6": ("vanishing", r"must be one of the words \['equilibrium', .*\], got 'vanishing'"),
    "2.1": (lambda size: size, r"the function must take \(size, kernel, stride, padding\)"),
    "2.5": (print, "must be a number, got builtin_function_or_method"),
    "5.1": (torch.zeros(1), r"must be a function of \(x\), got Tensor"),
    "5.4": (lambda tags: tags, r"the function must take \(tags, tag\)"),
    "5.6": ([0.78], r"must be two numbers, torch\.tensor\(\[precision, false_positives\]\)"),
}


@pytest.mark.parametrize("id", WRONG_TYPES)
def test_an_answer_of_the_wrong_kind_is_named_and_costs_no_hint(id):
    answer, message = WRONG_TYPES[id]
    result = check(id, answer)
    assert result.status == "type"
    assert re.search(message, result.message)
    assert "Hint 1 of" in hint(id).message


def test_what_a_function_raises_or_returns_is_told():
    assert "it raised ZeroDivisionError: division by zero" in check("2.1", lambda *a: 1 / 0).message
    assert "for size = 1, kernel = 4, stride = 1, padding = 0: " in check("2.1", lambda *a: 1 / 0).message
    assert "it must return a number, got str" in check("2.1", lambda *a: "8").message
    assert "the shape should be (), but is (4,)" in check("1.2", lambda logits: logits).message
    assert "not every value is finite" in check("1.1", lambda p, q: p / 0).message


def test_hints_come_one_after_the_other_and_start_anew_after_success():
    first, second = EXERCISES["2.5"].hints
    assert hint("2.5").message == f"Hint 1 of 2: {first}"
    assert check("2.5", 1.0).message == f"not yet: 1 is not right.\nHint 2 of 2: {second}"
    assert hint("2.5").message.startswith(f"Hint 2 of 2: {second} (That was the last hint")
    assert hint("2.4").message.startswith("Hint 1 of 2"), "each exercise counts its own"
    assert check("2.5", 3.01)
    assert hint("2.5").message == f"Hint 1 of 2: {first}"


@pytest.mark.parametrize("id", ["1.3", "1.4", "2.5", "5.6"])
def test_no_hint_contains_the_number_asked_for(id):
    numbers = {"1.3": ["-0.01", "-0.99", "0.99", "99"], "1.4": ["1.38", "2 log"], "2.5": ["3.01", "3 dB"],
               "5.6": ["0.78", "78"]}[id]
    text = " ".join(EXERCISES[id].hints)
    assert not [number for number in numbers if number in text]


def test_answers_may_come_as_arrays_tensors_or_lists():
    for answer in (np.array([-0.01, -0.99]), [-0.01, -0.99], torch.tensor([-0.01, -0.99], requires_grad=True)):
        assert check("1.3", answer)
    assert check("1.4", torch.tensor(2.0).log() * 2)
    assert matches_tensor(torch.zeros(2))([0.0, 0.0]) is None


@pytest.mark.parametrize("call", [lambda id: check(id, 1.0), hint])
def test_an_unknown_exercise_is_named_with_those_there_are(call):
    with pytest.raises(ValueError, match=r"id must be one of D\.1, .*1\.1, 1\.2, .*2\.7, .*6\.6, got '9\.9'"):
        call("9.9")


# ---- the solutions folded away in the notebooks

def folded_solutions(cells):
    """Code of the python blocks inside ``<details>``."""
    for cell in cells:
        if cell["cell_type"] == "markdown" and "<summary>Solution</summary>" in (source := "".join(cell["source"])):
            yield from re.findall(r"^```python\n(.*?)^```", source, flags=re.DOTALL | re.MULTILINE)


def results_of(cells, monkeypatch):
    """What ``check`` says to each solution, run as a reader would: after the setup cell, one after the other.

    Of the other cells only those tagged ``for-solutions`` are run, at the preset ``smoke``.
    """
    results = []

    def recording_check(id, answer):
        results.append(check(id, answer))
        return results[-1]

    monkeypatch.setenv("AVATARLIB_PRESET", "smoke")
    monkeypatch.setattr(exercises, "check", recording_check)
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    before = [code[0], *(cell for cell in code[1:] if "for-solutions" in cell["metadata"].get("tags", []))]
    names = {"__name__": "notebook"}
    with mpl.rc_context():
        for source in [*("".join(cell["source"]) for cell in before), *folded_solutions(cells)]:
            found = len(results)
            exec(compile(source, "solution", "exec"), names)
            assert "check(" not in source or len(results) > found, f"a solution checks nothing:\n{source}"
    return results


@pytest.mark.parametrize("chapter", sorted({id.split(".")[0] for id in EXERCISES}))
def test_the_solutions_in_a_notebook_are_right(chapter, monkeypatch):
    """Each block runs as it stands and checks something; together they solve every exercise of the chapter."""
    (notebook,) = NOTEBOOKS.glob({"D": "data.ipynb", "M": "museum.ipynb"}.get(chapter, f"{chapter:>02}_*.ipynb"))
    results = results_of(json.loads(notebook.read_text(encoding="utf-8"))["cells"], monkeypatch)
    assert all(results), [result for result in results if not result]
    assert [result.id for result in results] == [id for id in EXERCISES if id.startswith(f"{chapter}.")]


def cell(kind, source, *tags):
    return {"cell_type": kind, "source": source.splitlines(keepends=True), "metadata": {"tags": list(tags)}}


def folded(code):
    return cell("markdown", f"<details>\n<summary>Solution</summary>\n\n```python\n{code}\n```\n\n</details>")


SETUP = cell("code", "from avatarlib.exercises import check")


def test_folded_solutions_are_found_and_judged(monkeypatch):
    """What the test above relies on: right and wrong solutions, of which the second needs what the first defines."""
    cells = [SETUP, cell("code", "half = 0.5", "for-solutions"), cell("code", "raise ValueError"),
             folded("import math\ncheck('1.4', 2 * math.log(2))"), folded("check('2.5', half * math.log(2))")]
    assert [(r.id, r.status) for r in results_of(cells, monkeypatch)] == [("1.4", "right"), ("2.5", "wrong")]


def test_a_solution_that_needs_what_the_reader_lacks_fails(monkeypatch):
    with pytest.raises(NameError, match="math"):
        results_of([SETUP, folded("check('2.5', 10 * math.log10(2))")], monkeypatch)
