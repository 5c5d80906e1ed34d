"""Cards whose networks are measured again: the table and the number of heads are new, all else stays."""

import measure_again
import pandas as pd

from avatarlib import pretrained

MEASURES = pd.DataFrame({"SSIM": [0.25, 0.5], "n": [3, 3]},
                        index=pd.Index(["photograph", "this network"], name="picture"))


def test_a_card_keeps_all_but_its_table_and_the_number_of_heads():
    card = pretrained.card("cyclegan-anime-64")
    told = measure_again.renewed(card, MEASURES, 3)
    before, after = card.splitlines(), told.splitlines()
    assert "| this network | 0.5000 | 3 |" in after
    assert next(line for line in after if "held-out heads" in line).startswith("**Against the hidden truth**, 3 held")
    changed = [line for line in before if line not in after]
    assert all(line.startswith(("| p", "| m", "| t", "| -", "**Against")) for line in changed)
    assert not any(line.startswith("| data") for line in changed)
    assert told.count("| picture |") == 1


def test_the_landmark_network_is_told_in_its_own_words():
    told = measure_again.renewed(pretrained.card("landmarks-faces"), MEASURES, 1_234)
    assert "the 1,234 heads of the test split" in told
    assert "3,015 pictures" in told
    assert "| look |" not in told


def test_the_look_is_that_of_the_drawings():
    assert {name: measure_again.look_of(name) for name in ("artifygan-cel-128", "pix2pix-anime-128")} == {
        "artifygan-cel-128": "cel", "pix2pix-anime-128": "anime"}
