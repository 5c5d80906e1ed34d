"""The failure museum as stored: what its text says is true of its outputs, and its numbers measure what they should."""

import re

import pandas as pd
import pytest
import torch
import torch.nn.functional as F
from stored_notebook import StoredNotebook
from torch import nn

from avatarlib import losses, pretrained
from avatarlib.losses import rgb_to_yuv
from avatarlib.metrics import random_features, vendi_score
from avatarlib.models.dcgan import Discriminator
from avatarlib.models.r3 import UnnormalisedDiscriminator
from avatarlib.training.history import ROUNDS, UNCHANGED

PAGE = StoredNotebook("museum")
ROOMS = {anchor: text for anchor, text in PAGE.sections().items() if anchor.startswith("room-")}
FAKES = torch.rand(4, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1


def source(words):
    """The code of the one cell that holds ``words``."""
    (code,) = [code for cell in PAGE.code if words in (code := "".join(cell["source"]))]
    return code


def defined(*cells, **names):
    """What the page's cells with these words define, run with ``names`` beside what its first cell imports."""
    space = {"torch": torch, "nn": nn, "F": F, "losses": losses, "rgb_to_yuv": rgb_to_yuv, **names}
    for words in cells:
        exec(compile(source(words), "cell", "exec"), space)
    return space


def printed(words):
    """What the one cell that holds ``words`` printed."""
    (cell,) = [cell for cell in PAGE.code if words in "".join(cell["source"])]
    return "".join("".join(output.get("text", [])) for output in cell["outputs"])


def test_no_claim_of_the_stored_run_failed():
    told = ["".join(output.get("text", [])) for cell in PAGE.code for output in cell["outputs"]]
    assert sum("al.claim(" in "".join(cell["source"]) for cell in PAGE.code) >= 7
    assert not [text for text in told if "came out differently" in text]


def test_there_are_seven_rooms_of_one_plan():
    """What one sees, why, what to measure, the cure, a claim, and a figure of pictures and one of the number."""
    assert [anchor.split("-")[1] for anchor in ROOMS] == list("1234567")
    for text in ROOMS.values():
        for part in ("*Why?*", "*What to measure?*", "**The cure**"):
            assert part in text
    captions = [about["figure"]["caption"] for about, _ in PAGE.figures().values()]
    assert sum("he number to watch in this room" in caption for caption in captions) == 7
    assert len(captions) >= 14
    rows = re.findall(r"^\| (\d) \|", PAGE.prose, re.M)
    assert rows == list("1234567")


def test_the_numbers_of_settings_in_the_text_are_those_of_the_code_and_the_library():
    assert f"below {UNCHANGED}," in PAGE.prose
    assert f"for {ROUNDS} rounds" in PAGE.prose
    assert "game(every=20)" in source("collapsed, falls")
    assert "game(every=1)" in source("collapsed, falls")
    assert "twenty times as many lessons" in PAGE.prose
    assert "colour_weight=50.0" in source("kept, keeps")
    assert "we take 50" in PAGE.prose
    assert "lessons=25" in source("def copier")
    assert "In 25 rounds" in PAGE.prose
    assert "(500, 1_000)" in source("count, more")
    assert "pick(company, draws, 24)" in source("def verdicts")
    assert "other 24 guests" in PAGE.prose
    assert "cycle=100.0, identity=50.0" in source("copied, same")


def test_the_stamps_that_the_page_prints_are_as_its_text_says():
    first, second = re.findall(r"tensor\((.*?)dtype", printed("flat, kernel ="), re.DOTALL)
    assert sorted(set(re.findall(r"\d+", first))) == ["1", "2", "4"]
    assert set(re.findall(r"\d+", second)) == {"9"}


def test_the_chequer_is_high_for_a_chessboard_and_low_without():
    space = defined("def chequer")
    draws = torch.Generator().manual_seed(1)
    soft = F.avg_pool2d(torch.randn(8, 3, 74, 74, generator=draws), 11, 1)      # long waves above all
    place = torch.arange(64)
    board = (place[:, None] + place) % 2 * 2.0 - 1
    assert space["chequer"](soft + 0.001 * torch.randn(soft.shape, generator=draws)) < 3
    assert space["chequer"](soft + 0.1 * board) > 1e3


def test_the_chooser_begins_by_changing_nothing_and_leaves_the_drawer_alone():
    drawer = pretrained.load("r3-dcgan-avataaars-64").requires_grad_(False)
    chooser = defined("class Chooser")["Chooser"](drawer)
    noise = torch.randn(3, 100, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(chooser(noise), drawer(10 * F.normalize(noise)))
    chooser(noise).sum().backward()
    assert {name.split(".")[0] for name, weight in chooser.named_parameters() if weight.grad is not None} == {"steer"}


def test_the_variety_is_one_for_equal_pictures_and_more_for_others():
    drawer = pretrained.load("r3-dcgan-avataaars-64")
    avatars = drawer.sample(200, generator=torch.Generator().manual_seed(3))
    space = defined("def variety", random_features=random_features, vendi_score=vendi_score, avatars=avatars,
                    held_out=avatars, drawer=drawer, seed=0)
    assert space["variety"](avatars[:1].expand(50, -1, -1, -1)) == pytest.approx(1, abs=1e-3)
    assert space["variety"](avatars[:50]) > 8


@pytest.mark.parametrize(("kind", "leaks"), [(Discriminator, True), (UnnormalisedDiscriminator, False)])
def test_company_counts_under_batch_normalisation_alone(kind, leaks):
    torch.manual_seed(4)
    judge = kind(8)
    with torch.no_grad():
        alone, dark, light = (judge(torch.cat([FAKES, company]))[:4]
                              for company in (FAKES, FAKES - 1, FAKES * 0.1))
    for other in (dark, light):
        assert ((alone - other).abs().max() > 1e-3) == leaks
    if not leaks:
        torch.testing.assert_close(alone, dark, atol=1e-5, rtol=1e-5)


def test_colourfulness_is_the_length_of_the_two_colour_numbers():
    """Grey has none. Pure red has U = -0.147 and V = 0.615, by the matrix of ``rgb_to_yuv``."""
    code = source("def colourfulness")
    space = {"rgb_to_yuv": rgb_to_yuv}
    exec(code[code.index("def colourfulness"):], space)
    red = torch.tensor([1.0, -1.0, -1.0]).view(1, 3, 1, 1).expand(2, 3, 4, 4)
    assert space["colourfulness"](red) == pytest.approx((0.14714119**2 + 0.61497538**2) ** 0.5, abs=1e-5)
    assert space["colourfulness"](torch.full((2, 3, 4, 4), 0.3)) == pytest.approx(0, abs=1e-6)


def test_equation_m1_is_the_slope_of_the_two_losses():
    logit = torch.linspace(-6, 6, 13, requires_grad=True)
    for loss, slope in ((losses.minimax_loss, -logit.sigmoid()), (losses.non_saturating_loss, logit.sigmoid() - 1)):
        (found,) = torch.autograd.grad(loss(logit), logit)
        torch.testing.assert_close(len(logit) * found, slope.detach())


def test_every_claim_held_in_all_counted_runs():
    counted = pd.read_csv(PAGE.path.parents[1] / "book" / "results" / "steady.csv", comment="#")
    mine = counted[counted.chapter == "museum"]
    assert len(mine) == sum("".join(cell["source"]).count("al.claim(") for cell in PAGE.code)
    assert (mine.held == mine.runs).all()
    assert mine.worst_margin.dropna().min() > 0.1


def test_the_text_types_no_result():
    """Decimal fractions in the prose are settings, not results of ours."""
    prose = re.sub(r"```.*?```|<details>.*?</details>|`[^`\n]+`|^[|>][^\n]*$|\\tag\{[^}]*\}", "", PAGE.prose,
                   flags=re.DOTALL | re.MULTILINE)
    assert "\n## Summary\n" in prose
    found = re.findall(r"(?<![\d.])\d+\.\d+(?!\d*\.)(?!\))", prose)
    assert found == [str(UNCHANGED)]
