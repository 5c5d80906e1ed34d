"""The table of translations: what is averaged over what, how it is shown, and that the committed one is whole."""

from __future__ import annotations

import pandas as pd
import pytest
import torch
import translation_scores

from avatarlib.data.faceset.attributes import SCHEMA


def test_a_measure_is_averaged_over_the_heads_it_applies_to():
    row = translation_scores.summary({"kept": torch.tensor([1.0, torch.nan, 0.0, 1.0, 1.0]),
                                      "psnr": torch.full((5,), torch.nan)})
    assert (row["kept"], row["kept_n"], row["psnr_n"]) == (0.75, 4, 0)
    assert row["kept_low"] <= 0.75 <= row["kept_high"] == 1
    assert row["psnr"] != row["psnr"]
    assert translation_scores.readable(pd.DataFrame([{"picture": "x", "n": 5, **row}])).loc[0, "kept"].startswith(
        "0.750 (")


def test_every_colour_of_hair_has_a_name():
    assert set(translation_scores.HAIR) == set(SCHEMA["hair_color"])


def test_a_model_of_another_kind_is_named():
    with pytest.raises(ValueError, match="models must turn pictures into pictures, got 'tagger-avatars', a Tagger"):
        translation_scores.drawer("tagger-avatars")


def test_the_committed_table_has_every_row_with_its_interval_and_n():
    table = pd.read_csv(translation_scores.OUT, comment="#").set_index("picture")
    assert {"hidden drawing", "photograph", "classical cartoon", "recoloured mean",
            "cartoongan-cel-128"} <= {*table.index}
    for measure in ("ssim", "feature_distance", "edge_f1", "hair_kept", "glasses_right", "glasses_kept"):
        assert (table[f"{measure}_low"] <= table[measure]).all()
        assert (table[measure] <= table[f"{measure}_high"]).all()
        assert (table[f"{measure}_n"] > 20).all()
