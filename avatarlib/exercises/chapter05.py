"""Exercises of chapter 5, text to avatar."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from avatarlib.data import TAGS, tag_vector
from avatarlib.exercises import chapter05_slips as known
from avatarlib.exercises.core import (
    Exercise,
    WrongType,
    cases,
    matches_function,
    matches_number,
    matches_tensor,
    matches_word,
)

__all__ = ["EXERCISES"]

SIZES = cases("latent tags blocks width stages", (128, 34, 16, 64, 3), (128, 34, 4, 32, 2), (10, 5, 1, 8, 1),
              (64, 3, 2, 1, 4))      # the paper's generator first, for exercise 5.5


def channel_cases() -> list[dict[str, Any]]:
    """One square that can be read off, then several channels and pictures, for exercise 5.1."""
    source = torch.Generator().manual_seed(51)
    inputs = [torch.randn(shape, generator=source) for shape in ((2, 12, 3, 5), (1, 8, 4, 2), (3, 4, 1, 6))]
    return [{"x": x} for x in (torch.arange(4.0).view(1, 4, 1, 1), *inputs)]


def probability_cases() -> list[dict[str, Any]]:
    """Two tags of two pictures first, then batches, also of one picture, for exercise 5.2."""
    source = torch.Generator().manual_seed(52)
    rows = [(torch.tensor([[0.9, 0.2, 0.5], [0.6, 0.7, 0.1]]), torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]))]
    rows += [(0.05 + 0.9 * torch.rand(n, len(TAGS), generator=source),
              (torch.rand(n, len(TAGS), generator=source) < 0.3).float()) for n in (1, 5, 16)]
    return cases("probabilities tags", *rows)


def picture_cases() -> list[dict[str, Any]]:
    """As many pictures as columns, so that an alpha without further axes goes unnoticed, for exercise 5.3.

    So many numbers that N or N - 1 in the standard deviation makes no difference.
    """
    source = torch.Generator().manual_seed(53)
    contrast = torch.linspace(0.2, 1, 16).view(16, 1, 1, 1)
    rows = []
    for scale in (0.6, 0.3):
        tint = torch.tensor([0.8, 0.4, 0.1]).view(3, 1, 1) * torch.linspace(0.5, 1.5, 16)
        real = (scale * tint * contrast * torch.randn(16, 3, 20, 16, generator=source)).clamp(-1, 1)
        rows.append((real, torch.rand(16, generator=source), torch.rand(real.shape, generator=source)))
    return cases("real alpha noise", *rows)


def change_cases() -> list[dict[str, Any]]:
    """New colours, also the first and last of a group, further styles and a tag that is on, for exercise 5.4."""
    face = ("blonde hair", "long hair", "smile", "ribbon", "blue eyes")
    rows = ((face, "pink hair"), (face, "green eyes"), (face, "twintails"), (face, "hat"), (face, "smile"),
            (face, "blonde hair"), (("grey hair", "short hair", "orange eyes"), "blonde hair"),
            (("grey hair", "short hair", "orange eyes"), "blue eyes"), (("glasses",), "grey hair"))
    return [{"tags": tag_vector(names), "tag": tag} for names, tag in rows]


def changed_copy(answer: Any) -> str | None:
    """Checker of exercise 5.4, which also looks whether the tensor given is as it was."""
    tried = change_cases()
    if callable(answer) and any(returns_nothing_but_changes(answer, **case) for case in tried):
        return "it changes the tensor it is given and returns nothing; return a changed copy"
    problem = matches_function(known.changed, tried, tolerance=0, slips=known.CHANGE_SLIPS)(answer)
    if problem is not None:
        return problem
    for case in tried:
        given = case["tags"].clone()
        answer(given, case["tag"])
        if not torch.equal(given, case["tags"]):
            return f"for tag = {case['tag']!r}: what it returns is right, but the tensor it was given has changed too"
    return None


def returns_nothing_but_changes(answer: Callable[..., Any], tags: Tensor, tag: str) -> bool:
    """Whether the work was done in place and the return forgotten."""
    given = tags.clone()
    try:
        return answer(given, tag) is None and not torch.equal(given, tags)
    except Exception:       # told by the checker that comes next
        return False


def table_row(answer: Any) -> str | None:
    """Checker of exercise 5.6; a single number gets told that there are two."""
    problem = matches_tensor(torch.tensor([known.SEEN, known.SEEN]), tolerance=1e-3, slips=known.ROW_SLIPS)(answer)
    if problem is not None and "the shape should be" in problem:
        raise WrongType("the answer must be two numbers, torch.tensor([precision, false_positives])")
    return problem


EXERCISES = (
    Exercise(
        "5.1", "Four channels laid out as a square of 2x2 pixels, for every channel of the result.",
        matches_function(partial(F.pixel_shuffle, upscale_factor=2), channel_cases(), slips=known.SHUFFLE_SLIPS),
        ("Take one picture of four channels and one pixel: channel 0 becomes the pixel at the top left, 1 the one to "
         "its right, 2 the one below it, 3 the last. Then a picture of eight channels: 4 to 7 make a square of their "
         "own.",
         "Pixel (2 y + i, 2 x + j) of channel c comes from pixel (y, x) of channel 4 c + 2 i + j. Either fill four "
         "slices of step 2, or split the channels into (C, 2, 2), bring the axes into the order N, C, H, 2, W, 2 and "
         "join them."),
        "Nothing is computed here: the convolution before it has made all four pixels at once."),
    Exercise(
        "5.2", "Binary cross-entropy of tags: summed over the tags of a picture, averaged over pictures.",
        matches_function(known.class_loss, probability_cases(), slips=known.CLASS_LOSS_SLIPS),
        ("What does one tag cost? -log p if it is there, -log(1 - p) if it is not. For one formula use the tag, 0 or "
         "1, as a switch.",
         "-(t log p + (1 - t) log(1 - p)) is a table (N, tags). Add up each row, then take the mean of the N sums."),
        "Undecided about all 34 tags it is 34 log 2; the weight of 34 lets the adversarial loss keep up with that."),
    Exercise(
        "5.3", "The points near real pictures where DRAGAN asks for the discriminator's slope.",
        matches_function(known.dragan_points, picture_cases(), slips=known.DRAGAN_SLIPS),
        ("Three factors make the step away from a real picture: 1 - alpha is one number a picture; half the standard "
         "deviation is one number in all; noise is one number for each pixel and channel.",
         "real.std() without axes runs over the whole batch. alpha has the shape (N,); to multiply pictures it needs "
         "(N, 1, 1, 1)."),
        "As the noise is never negative, no point is darker than its picture: DRAGAN looks on the bright side only."),
    Exercise(
        "5.4", "A tag vector with one tag switched on and, for colours, the rest of its group off.",
        changed_copy,
        ("Which groups exclude one another? Everyone has one colour of hair and one of eyes; all else may come "
         "together.",
         "Work on tags.clone(). If the tag is in HAIR_COLOURS or EYE_COLOURS, first set all tags of that group to 0; "
         "then set the tag to 1, wherever it belongs. TAGS.index(name) is a tag's place."),
        "With the noise kept, such a pair of vectors shows what one tag does."),
    Exercise(
        "5.5", "The number of parameters of the generator for any sizes.",
        matches_function(known.count_parameters, SIZES, tolerance=0, slips=known.COUNT_SLIPS),
        ("Go through the generator from top to bottom. A dense layer from a to b numbers has a b weights and b "
         "biases, a k x k convolution from a to b channels k k a b and b, a normalisation 2 a channel.",
         "Dense layer: latent + tags numbers to 16 * 16 * width, then a normalisation. A block: two 3x3 convolutions, "
         "two normalisations. After the blocks: one more of each. A stage: a 3x3 convolution from width to 4 width, a "
         "normalisation of width. Last: 9x9 from width to 3."),
        "Three fifths of the paper's make the first 16 x 16 pixels from noise and tags; doubling the size adds 3 %."),
    Exercise(
        "5.6", "Precision and false positives in the table, of a tag the generator does not listen to.",
        table_row,
        ("The generator does not hear what is asked. So the avatars asked to smile and those not asked to are alike: "
         "in what share of such a set does the judge see a smile?",
         "Of 100 avatars, how many smile, and how many of these does the judge find? How many do not, and in how many "
         "of these does it see a smile all the same? Add up."),
        "The precision alone looks respectable; that the false positives equal it shows that the tag does nothing."),
    Exercise(
        "5.7", "The share of avatars with long hair, if the hair is left open and chance follows Jin et al.'s faces.",
        matches_number(0.41, tolerance=0.06),
        ("Call `share_of_long_hair` with each of the two rules; the paper's gives about a fifth.",
         'The rule that follows the counts of Jin et al.\'s faces is called "empirical".'),
        "What a text leaves open is filled by a rule, and the rule is a choice; the paper's evens out what is rare."),
    Exercise(
        "5.8", "Which network, in training mode, answers otherwise in other company?",
        matches_word("generator", ("generator", "discriminator", "both", "neither")),
        ("Call `differs` with each of the two networks. Zero means that the company makes no difference.",
         "Which of the two has batch normalisation in it?"),
        "Batch normalisation lets pictures of a batch speak to one another; the discriminator must do without."),
)
