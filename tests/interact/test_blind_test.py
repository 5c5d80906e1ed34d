"""The blind test of chapter 6, as a page without a kernel."""

import base64
import html
import io
import re

import numpy as np
import pytest
import torch
from PIL import Image

from avatarlib.interact.blind_test import BlindTest

SHADES = torch.tensor([-1.0, 0.0, 1.0, 0.5]).view(4, 1, 1, 1).expand(4, 3, 4, 4)
GENERATED, JUDGE = [True, False, False, True], [True, True, False, True]


def page(**how):
    return BlindTest(SHADES, GENERATED, JUDGE, **{"alt": "a test", **how})._repr_html_()


def test_every_picture_is_there_in_order_with_two_answers():
    shown = [int(np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("L")).mean())
             for data in re.findall(r'base64,([^"]+)"', page())]
    assert shown == pytest.approx([0, 128, 255, 191], abs=1)
    groups = re.findall(r'type="radio" name="(blind-\w+-\d)" value="([01])"', page())
    assert len(groups) == 8
    assert len({name for name, _ in groups}) == 4
    assert [value for _, value in groups] == ["0", "1"] * 4


def test_the_key_and_the_judge_are_stored_and_the_judge_is_counted():
    """The judge errs on the second picture: 3 right. Of 4 tosses, 0 to 4 are likely."""
    assert 'data-key="1001"' in page()
    assert 'data-judge="1101"' in page()
    test = BlindTest(SHADES, GENERATED, JUDGE, alt="a test")
    assert test.judge_right == 3
    assert "1 generated, 2 drawn, 3 drawn, 4 generated. The judge has 3 right." in page()


def test_a_coin_gets_4_to_12_of_16():
    """Two-sided: P(3 or fewer of 16) = 0.011, P(4 or fewer) = 0.038 > 0.025."""
    many = BlindTest(SHADES.repeat(4, 1, 1, 1), GENERATED * 4, JUDGE * 4, alt="a test")
    assert many.chance == (4, 12)
    assert "A tossed coin gets 4 to 12, mostly." in many._repr_html_()


def test_alternative_texts_do_not_give_the_answer_away_and_texts_are_escaped():
    told = page(alt='x" onload="y', words=("<b>", "made"))
    assert re.findall(r'<img alt="([^"]*)"', told) == [f"picture {i}" for i in range(1, 5)]
    assert ' onload="' not in told
    assert "<b>" not in told


def test_the_script_is_one_attribute_and_counts_by_the_names_the_page_has():
    (script,) = re.findall(r'onclick="([^"]*)"', page())
    script = html.unescape(script)
    assert script.count("{") == script.count("}")
    assert script.count("(") == script.count(")")
    for used in re.findall(r"dataset\.(\w+)", script):
        assert f"data-{used}=" in page()


def test_two_tests_on_a_page_do_not_share_their_buttons():
    names = {re.search(r'name="(blind-\w+)-1"', BlindTest(images, GENERATED, JUDGE, alt="a test")._repr_html_())[1]
             for images in (SHADES, SHADES.flip(0))}
    assert len(names) == 2


def test_what_is_wrong_is_named():
    with pytest.raises(ValueError, match=r"images must be \(N, 3, H, W\), got \(3, 4, 4\)"):
        BlindTest(SHADES[0], GENERATED, JUDGE, alt="a test")
    with pytest.raises(ValueError, match="one entry for each of the 4 images, got 4 and 3"):
        BlindTest(SHADES, GENERATED, JUDGE[:3], alt="a test")
    with pytest.raises(ValueError, match="generated must be true of some images and false of others"):
        BlindTest(SHADES, [True] * 4, JUDGE, alt="a test")
