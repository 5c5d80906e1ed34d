"""The table of translations: what is averaged over what, how it is shown, and that the committed one is whole."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
import translation_judges
import translation_scores

from avatarlib.data.faceset import REGIONS
from avatarlib.data.faceset.attributes import SCHEMA

CEL, ANIME = (translation_scores.RESULTS / f"{look}_scores.csv" for look in ("cel", "anime"))


def plain_heads(*levels: float, side: int = 16) -> SimpleNamespace:
    """A set of grey pictures, all skin, a grey in [-1, 1] each."""
    images = torch.tensor(levels)[:, None, None, None].expand(-1, 3, side, side)
    return SimpleNamespace(batch=lambda rows: {"image": images, "landmarks": torch.zeros(len(levels), 68, 2)},
                           extras={"mask": np.full((len(levels), side, side), REGIONS.index("skin"), np.uint8)})


def test_a_measure_is_averaged_over_the_heads_it_applies_to():
    row = translation_scores.summary({"kept": torch.tensor([1.0, torch.nan, 0.0, 1.0, 1.0]),
                                      "psnr": torch.full((5,), torch.nan)})
    assert (row["kept"], row["kept_n"], row["psnr_n"]) == (0.75, 4, 0)
    assert row["kept_low"] <= 0.75 <= row["kept_high"] == 1
    assert row["psnr"] != row["psnr"]
    assert translation_scores.readable(pd.DataFrame([{"picture": "x", "n": 5, **row}])).loc[0, "kept"].startswith(
        "0.750 (")


def test_every_colour_of_hair_has_a_name():
    assert set(translation_judges.HAIR) == set(SCHEMA["hair_color"])


def test_a_model_of_another_kind_is_named():
    with pytest.raises(ValueError, match="models must turn pictures into pictures, got 'tagger-avatars', a Tagger"):
        translation_scores.drawer("tagger-avatars")


def test_heights_of_eyes_are_a_mean_over_lids_and_eyes():
    """Lids 3 pixels apart at one eye, and 5 at the other: 4."""
    points = torch.zeros(1, 68, 2)
    points[:, [40, 41], 1], points[:, [46, 47], 1] = 3, 5
    assert translation_judges.gaps(points, translation_judges.LIDS).tolist() == [4]


def test_a_mouth_is_open_from_a_tenth_of_its_width():
    heads = plain_heads(0.0, 0.0)
    points = heads.batch(0)["landmarks"]
    points[:, 54, 0], points[0, 65:68, 1], points[1, 65:68, 1] = 20, 1.9, 2.1
    heads.batch = lambda rows: {"landmarks": points}
    assert translation_judges.mouth_open(heads).tolist() == [False, True]


def test_skin_is_kept_where_a_picture_falls_in_the_drawings_third():
    """Three training drawings make three steps; the true drawings are the dark, the middle and the fair one."""
    truth = plain_heads(-0.5, 0.0, 0.5)
    judge = translation_judges.skin(plain_heads(-0.5, 0.0, 0.5), truth, plain_heads(-0.5, 0.0, 0.0))
    assert judge.measures(plain_heads(-0.4, 0.4, 0.9).batch(0)["image"])["skin_kept"].tolist() == [1, 0, 1]
    assert "0.667" in judge.note


def test_a_thing_is_kept_by_those_who_have_it_and_added_to_those_who_have_not(monkeypatch):
    monkeypatch.setattr(translation_judges.metrics, "train_judge", lambda *_, **__: SimpleNamespace(
        sees=lambda images, _: images[:, 0, 0, 0] > 0))
    heads = plain_heads(-0.5, -0.5, 0.5, 0.5)
    judge = translation_judges.presence("hat", lambda _: torch.tensor([True, False, True, False]), heads, heads)
    found = {name: value.nan_to_num(-1).tolist() for name, value in judge.measures(heads.batch(0)["image"]).items()}
    assert found == {"hat_right": [0, 1, 1, 0], "hat_kept": [0, -1, 1, -1], "hat_added": [-1, 0, -1, 1]}


def test_a_model_of_another_size_draws_at_its_own(monkeypatch):
    monkeypatch.setattr(translation_scores.pretrained, "data", lambda name: {"size": {"photo": 32, "cartoon": 32}})
    monkeypatch.setattr(translation_scores, "FaceSet", lambda size, split: plain_heads(0.25, side=size))
    seen = []
    drawn = translation_scores.draw_all(lambda images: seen.append(images.shape[-1]) or images, "one", 16)
    assert seen == [32]
    torch.testing.assert_close(drawn, torch.full((1, 3, 16, 16), 0.25))


def test_each_look_has_its_models():
    cel = ["artifygan-cel-128", "cartoongan-cel-128", "cartoongan-cel-128-light", "pix2pix-cel-128",
           "regression-cel-128"]
    assert translation_scores.models_of("cel") == cel
    assert "cartoongan-cel-128" in translation_scores.models_of("anime")


def test_the_committed_table_of_anime_has_every_row_and_what_must_hold_of_them():
    """The hidden drawings' own measures are the judges' errors; a photograph is farther from the set than they are."""
    table = pd.read_csv(ANIME, comment="#").set_index("picture")
    assert {"hidden drawing", "photograph", "classical cartoon", "recoloured mean", "colour transfer",
            "cartoongan-cel-128"} <= {*table.index}
    drawn, photo = table.loc["hidden drawing"], table.loc["photograph"]
    assert min(drawn[["skin_kept", "hair_kept", "glasses_right", "beard_right", "open_mouth_right",
                      "landmarks_near"]]) > 0.9
    assert drawn["eye_height"] > 1.3 > photo["eye_height"]
    assert photo["frechet"] > 3 * drawn["frechet"]


@pytest.mark.parametrize("path", [CEL, ANIME])
def test_the_committed_tables_have_intervals_and_n(path):
    table = pd.read_csv(path, comment="#")
    for measure in [name.removesuffix("_low") for name in table if name.endswith("_low")]:
        shown = table[table[f"{measure}_n"] > 0]                # a drawing has no PSNR to itself
        assert len(shown) >= len(table) - 1
        assert (shown[f"{measure}_low"] <= shown[measure]).all()
        assert (shown[measure] <= shown[f"{measure}_high"]).all()
        assert (shown[f"{measure}_n"] > 20).all()
