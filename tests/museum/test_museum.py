"""The failure museum: every game fails, its cure does not, by a margin, at the size a reader plays."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from avatarlib import museum


@pytest.mark.parametrize("seed", [0, 1])
def test_checkerboard_of_kernel_3(seed):
    """Kernel 3, stride 2: a pixel gets 1 or 2 taps a direction, so neighbours of a row differ by sqrt 2."""
    exhibit = museum.checkerboard(seed=seed)
    uneven, even = (rows.max() / rows.min() for rows in (exhibit.failed, exhibit.cured))
    assert uneven == pytest.approx(math.sqrt(2), abs=0.08)
    assert even == pytest.approx(1, abs=0.08)


@pytest.mark.parametrize("seed", [0, 1])
def test_a_joint_batch_leaks_and_separate_ones_do_not(seed):
    exhibit = museum.batch_norm_leak(seed=seed)
    assert exhibit.failed.iloc[-1] > 0.02
    assert (exhibit.cured == 0).all()


def test_separate_batches_hide_a_shift():
    """A coin's loss is 2 log 2 = 1.386; the shift of (1, 1) is easily seen without normalisation."""
    verdict = museum.hidden_shift(seed=0).verdict()
    assert verdict["failed"] == pytest.approx(2 * math.log(2), abs=0.02)
    assert verdict["cured"] < 1.2


def test_few_pictures_are_learnt_by_heart():
    verdict = museum.discriminator_overfitting(seed=0).verdict()
    assert verdict["failed"] > 4 > 1 > verdict["cured"]


def test_a_discriminator_alone_takes_the_minimax_slope():
    verdict = museum.vanishing_gradient(seed=0, lessons=400).verdict()
    assert verdict["cured"] > 30 * verdict["failed"]


def test_verdict_and_plot():
    index = pd.Index([1, 2], name="round")
    exhibit = museum.Exhibit("x", "y", pd.Series([1.0, 5.0], index), pd.Series([1.0, 2.0], index))
    assert exhibit.verdict() == {"failed": 5.0, "cured": 2.0}
    (axes,) = exhibit.plot().axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("round", "y")
