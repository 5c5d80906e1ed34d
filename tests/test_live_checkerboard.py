"""Chapter 2's piece on kernel and stride: how often each pixel is painted, against PyTorch's layers of ones."""

import itertools

import pytest
import torch
from live_script import NEEDS_NODE, ask
from torch.nn import functional

SCRIPTS = ("live-checkerboard.js",)
SETTINGS = list(itertools.product(range(2, 8), range(1, 4)))
INPUTS = 8
pytestmark = NEEDS_NODE


def ask_all(code):
    """(kernel, stride, resize) -> what the JavaScript expression ``code`` makes of ``one``, which is that setting."""
    asked = [(*setting, resize) for setting in SETTINGS for resize in (False, True)]
    found = ask(SCRIPTS, f"(asked) => asked.map((one) => AvatarStudio.checkerboard.{code})", asked)
    return dict(zip(asked, found, strict=True))


@pytest.fixture(scope="module")
def rows():
    """For each pixel of a row the inputs that paint it, by setting."""
    return ask_all(f"painters({INPUTS}, ...one)")


@pytest.fixture(scope="module")
def inside():
    """The counts that repeat away from the rim, by setting."""
    return ask_all("insideCounts(...one)")


def by_torch(inputs, kernel, stride, resize):
    """(1, inputs, length): what each input alone, being 1, makes of a row when all weights are 1."""
    each, ones = torch.eye(inputs)[:, None], torch.ones(1, 1, kernel)
    if resize:
        enlarged = each.repeat_interleave(stride, dim=-1)
        return functional.conv1d(enlarged, ones, padding=kernel - 1)[:, 0]
    return functional.conv_transpose1d(each, ones, stride=stride)[:, 0]


@pytest.mark.parametrize("resize", [False, True])
@pytest.mark.parametrize(("kernel", "stride"), SETTINGS)
def test_each_input_paints_the_pixels_that_torch_lets_it_reach(rows, kernel, stride, resize):
    found = [[layers.count(source) for layers in rows[kernel, stride, resize]] for source in range(INPUTS)]
    assert found == by_torch(INPUTS, kernel, stride, resize).int().tolist()


@pytest.mark.parametrize(("kernel", "stride"), SETTINGS)
def test_in_the_plane_the_counts_of_row_and_column_multiply(rows, kernel, stride):
    counts = torch.tensor([len(layers) for layers in rows[kernel, stride, False]])
    inputs, weights = torch.ones(1, 1, INPUTS, INPUTS), torch.ones(1, 1, kernel, kernel)
    plane = functional.conv_transpose2d(inputs, weights, stride=stride)
    assert torch.equal(torch.outer(counts, counts), plane[0, 0].int())


@pytest.mark.parametrize("resize", [False, True])
@pytest.mark.parametrize(("kernel", "stride"), SETTINGS)
def test_the_counts_inside_are_those_far_from_the_rim(inside, kernel, stride, resize):
    """In a long row: from the first pixel that the 21st of 40 inputs reaches, as many as the stride is long."""
    found = inside[kernel, stride, resize]
    middle = by_torch(40, kernel, stride, resize).sum(dim=0)[20 * stride:21 * stride].int().tolist()
    assert found * (stride // len(found)) == middle


@pytest.mark.parametrize(("kernel", "stride", "resize", "begins", "holds"), [
    (4, 2, False, "Even. 4 is a multiple of 2", "painted 2 times and each of the plane 4 times."),
    (3, 2, False, "A checkerboard. 3 is no", "2 and 1 times in turn, and those of the plane 1, 2 and 4 times."),
    (2, 3, False, "A checkerboard.", "Some get no paint at all."),
    (7, 3, False, "A checkerboard.", "3, 2 and 2 times in turn, and those of the plane 4, 6 and 9 times."),
    (3, 3, False, "Even.", "painted 1 time and each of the plane 1 time."),
    (3, 2, True, "Even. Every copy", "painted 3 times and each of the plane 9 times."),
])
def test_the_words_say_what_is_drawn(kernel, stride, resize, begins, holds):
    words = ask(SCRIPTS, "(asked) => AvatarStudio.checkerboard.inWords(...asked)", [kernel, stride, resize])
    assert words.startswith(begins)
    assert holds in words
