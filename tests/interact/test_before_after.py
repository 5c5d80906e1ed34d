"""The handle between two pictures."""

import base64
import io
import re

import numpy as np
import pytest
import torch
from PIL import Image

from avatarlib.interact.before_after import BeforeAfter


def pair():
    return torch.full((3, 4, 6), -1.0), torch.full((3, 4, 6), 1.0)


def test_both_pictures_are_in_the_page_the_first_one_on_top():
    """The later of two stacked pictures lies above; it is the first one, clipped at the handle."""
    page = BeforeAfter(*pair(), labels=("black", "white"), alt="a test")._repr_html_()
    shown = [np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"))
             for data in re.findall(r'base64,([^"]+)"', page)]
    assert [picture.shape for picture in shown] == [(4, 6, 3)] * 2
    assert [int(picture.mean()) for picture in shown] == [255, 0]
    assert page.index("a test: white") < page.index("a test: black") < page.index("clip-path")


def test_it_can_be_read_without_seeing_it_and_texts_are_escaped():
    page = BeforeAfter(*pair(), labels=('"<b>"', "after"), alt='x" onload="y')._repr_html_()
    assert len(re.findall(r"<img alt=", page)) == 2
    assert 'aria-label="how much of: &quot;&lt;b&gt;&quot;"' in page
    assert "<b>" not in page
    assert ' onload="' not in page


def test_pictures_of_two_sizes_are_named():
    with pytest.raises(ValueError, match=r"before and after must be \(3, H, W\) of one size, got \(3, 4, 6\) and"):
        BeforeAfter(pair()[0], torch.zeros(3, 4, 4), alt="a test")
