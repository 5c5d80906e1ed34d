"""The costs of translations: multiplications and kept bytes by hand, and the committed table."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest
import torch
import translation_costs
from torch import nn
from torch.autograd.graph import saved_tensors_hooks

from avatarlib.recipes import CycleGAN, CycleGANConfig


def test_what_one_convolution_costs():
    """16 x 16 places, 8 x 3 channels, 3 x 3 weights: 55,296 products a picture, and as many for the weights' gradient.

    The picture, 3 x 16 x 16 floats, is all that waits for the backward pass.
    """
    layer = nn.Conv2d(3, 8, 3, padding=1, bias=False)
    game = SimpleNamespace(networks={"one": layer}, frozen={}, config=SimpleNamespace(size=16),
                           translator=lambda: layer, step=lambda batch: layer(batch["photo"]).sum().backward())
    found = translation_costs.costs(game)
    assert (found["networks"], found["parameters_trained"], found["parameters_shipped"]) == (1, 216, 216)
    assert found["gmac_translation"] == pytest.approx(55_296e-9)
    assert found["gmac_step"] == pytest.approx(2 * 55_296e-9)
    assert found["mb_kept"] == pytest.approx(3 * 16 * 16 * 4 / 1e6)


def test_a_storage_is_counted_once_and_only_while_it_is_kept():
    """x (4 floats) is kept by both products and the weight by none; after the backward pass nothing is."""
    kept, weight = translation_costs.Kept(), nn.Parameter(torch.ones(4))
    x = torch.ones(4)
    with saved_tensors_hooks(kept.pack, kept.unpack):
        loss = (x * weight + x * weight).sum()
        assert kept.now == 16
        loss.backward()
    assert (kept.now, kept.most) == (0, 16)
    assert weight.grad.tolist() == [2] * 4


def test_without_the_identity_term_a_cyclegan_does_less_with_as_many_networks():
    """A pass of each generator less, and the gradients of its weights and of all inputs but the picture's.

    That one would take the first layer's 32 x 32 places, 8 x 3 channels and 7 x 7 weights: 1,204,224 products.
    """
    config = translation_costs.fitted(CycleGANConfig.preset("smoke"), size=32, width=8)
    whole, without = (translation_costs.costs(CycleGAN(replace(config, identity_weight=weight,
                                                             last_identity_weight=weight)))
                      for weight in (config.identity_weight, 0.0))
    assert whole["networks"] == without["networks"] == 4
    assert whole["parameters_trained"] == without["parameters_trained"]
    assert whole["gmac_step"] - without["gmac_step"] == pytest.approx(
        2 * (3 * whole["gmac_translation"] - 1_204_224e-9))
    assert 0 < without["mb_kept"] < whole["mb_kept"]


def test_ways_are_timed_against_the_first(monkeypatch):
    """Steps of 1 and 2, of 1 and 3, of 2 and 2 seconds, after a first round that does not count."""
    seconds = iter([9.0, 9.0, 1.0, 2.0, 1.0, 3.0, 2.0, 2.0])
    monkeypatch.setattr(translation_costs, "seconds_of", lambda game: next(seconds))
    found = translation_costs.times({"one": None, "two": None}, 3).loc["two"]
    assert found.tolist() == [2, 1, 3]


def test_the_committed_table_has_the_papers_networks():
    """CycleGAN's generator with 6 blocks has 7,837,699 parameters and its discriminator 2,764,737."""
    table = pd.read_csv(translation_costs.OUT, comment="#").set_index(["settings", "way"])
    assert len(table) == 15
    assert table["networks"].tolist() == 3 * [4, 4, 4, 3, 2]
    cycle = table.loc[("papers", "CycleGAN")]
    assert cycle["parameters_shipped"] == 7_837_699
    assert cycle["parameters_trained"] == 2 * (7_837_699 + 2_764_737)
    assert table["time_ratio"].notna().sum() == 5
    assert table.loc[(translation_costs.TIMED, "CycleGAN"), "time_ratio"] == 1
