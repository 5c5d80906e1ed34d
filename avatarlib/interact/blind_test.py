"""A blind test on the page: drawn by a program, or generated? Plain HTML that needs no kernel and no library."""

from __future__ import annotations

import base64
import hashlib
import html
import math
from collections.abc import Sequence

from torch import Tensor

from avatarlib.interact.grids import png_bytes, to_picture

__all__ = ["BlindTest"]

COUNT = """var box = this.closest('[data-key]'), told = box.querySelector('output');
var key = box.dataset.key, judge = box.dataset.judge, words = box.dataset.words.split('|');
var all = Array.from(box.querySelectorAll('figure'));
var said = all.map(function (one) { return one.querySelector('input:checked'); });
var open = said.filter(function (answer) { return !answer; }).length;
if (open) { told.textContent = 'Not answered yet: ' + open + '.'; return false; }
function mark(answer, i) { return answer === key[i] ? '\\u2713' : '\\u2717'; }
var mine = 0, his = 0;
all.forEach(function (one, i) {
  mine += said[i].value === key[i]; his += judge[i] === key[i];
  one.querySelector('figcaption').textContent = mark(said[i].value, i) + ' ' + words[+key[i]] +
    ' (judge ' + mark(judge[i], i) + ')';
});
told.textContent = 'You: ' + mine + ' of ' + key.length + ' right. The judge: ' + his + '. ' + box.dataset.chance;"""
PAGE = """<div role="group" aria-label="{alt}" data-key="{key}" data-judge="{judge}" data-words="{words}"
 data-chance="{chance}" style="max-width: 100%">
<div style="display: flex; flex-wrap: wrap; gap: 14px 10px">{pictures}</div>
<p style="margin: 12px 0"><button type="button" style="padding: 4px 14px; font: inherit; cursor: pointer"
 onclick="{count}">Count</button> <output aria-live="polite" style="margin-left: 8px"></output></p>
<details><summary>Answers, for a page that runs no scripts</summary><p>{answers}</p></details></div>"""
PICTURE = """<figure style="margin: 0; width: {width}px">
<img alt="picture {number}" src="{source}" width="{width}" height="{width}" style="display: block">
<fieldset style="border: 0; margin: 4px 0 0; padding: 0; font-size: 0.85em">
<legend style="float: left; width: 100%; margin: 0; padding: 0; font-size: inherit">picture {number}</legend>\
{choices}</fieldset>
<figcaption style="margin: 2px 0 0; font-size: 0.85em; min-height: 1.3em"></figcaption></figure>"""
CHOICE = """<label style="display: block; margin: 0; cursor: pointer"><input type="radio" name="{name}" value="{value}">
 {word}</label>"""


class BlindTest:
    """Pictures in a row, two answers below each, and a count beside that of a judge who answered before.

    Plain HTML with radio buttons, so the keyboard serves as well as the mouse; without scripts the answers can
    be unfolded.

    Parameters
    ----------
    images : Tensor
        (N, 3, H, W), float in [-1, 1] or uint8.
    generated : sequence of bool
        Which of them a network made.
    judge : sequence of bool
        Which of them the judge takes for generated.
    words : (str, str)
        What to call the two kinds; the generated come second.
    size, colours : int
        Width of a picture on the page in pixels, and its palette.
    alt : str
        What the test is, for those who do not see it.

    Raises
    ------
    ValueError
        If the three are not equally many, or all pictures are of one kind.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.interact.blind_test import BlindTest
    >>> test = BlindTest(torch.zeros(2, 3, 8, 8), [True, False], [True, True], alt="two black squares")
    >>> test.judge_right
    1
    """

    def __init__(self, images: Tensor, generated: Sequence[bool], judge: Sequence[bool], *,
                 words: tuple[str, str] = ("drawn", "generated"), size: int = 96, colours: int = 128,
                 alt: str) -> None:
        if images.ndim != 4 or images.shape[1] != 3:
            raise ValueError(f"images must be (N, 3, H, W), got {tuple(images.shape)}")
        if not len(images) == len(generated) == len(judge):
            raise ValueError("generated and judge must have one entry for each of the "
                             f"{len(images)} images, got {len(generated)} and {len(judge)}")
        if len(set(map(bool, generated))) < 2:
            raise ValueError("generated must be true of some images and false of others")
        self.generated, self.judge = [bool(one) for one in generated], [bool(one) for one in judge]
        self.words, self.size, self.alt = words, size, alt
        self.pictures = [png_bytes(to_picture(image), colours=colours) for image in images]

    @property
    def judge_right(self) -> int:
        """How many answers of the judge are right."""
        return sum(a == b for a, b in zip(self.generated, self.judge, strict=True))

    @property
    def chance(self) -> tuple[int, int]:
        """Numbers of right answers between which a tossed coin stays 95 times in 100, at least."""
        n, low, outside = len(self.generated), 0, 1       # outside: tosses of all 2^n that give ``low`` or fewer
        while outside < 0.025 * 2**n:
            low += 1
            outside += math.comb(n, low)
        return low, n - low

    def _repr_html_(self) -> str:
        name = "blind-" + hashlib.sha256(b"".join(self.pictures)).hexdigest()[:8]
        words = [html.escape(word) for word in self.words]
        figures = []
        for number, png in enumerate(self.pictures, 1):
            choices = "".join(CHOICE.format(name=f"{name}-{number}", value=value, word=word)
                              for value, word in enumerate(words))
            source = "data:image/png;base64," + base64.b64encode(png).decode()
            figures.append(PICTURE.format(number=number, source=source, width=self.size, choices=choices))
        key, judge = ("".join(str(int(one)) for one in row) for row in (self.generated, self.judge))
        chance = "A tossed coin gets {} to {}, mostly.".format(*self.chance)
        answers = ", ".join(f"{number} {words[one]}" for number, one in enumerate(self.generated, 1))
        return PAGE.format(alt=html.escape(self.alt), key=key, judge=judge, words="|".join(words), chance=chance,
                           pictures="".join(figures), count=html.escape(COUNT),
                           answers=f"{answers}. The judge has {self.judge_right} right.")

    def __repr__(self) -> str:
        return f"BlindTest: {len(self.generated)} pictures to be told apart"
