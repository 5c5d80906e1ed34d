"""pix2pix, the yardstick that is told the answers: its two losses, its pairs, and the tool that trains it."""

import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
import with_answers
from torch.nn.functional import softplus

from avatarlib import pretrained
from avatarlib.data import FaceSet
from avatarlib.models.cyclegan import PatchDiscriminator
from avatarlib.recipes import Pix2Pix, Pix2PixConfig
from avatarlib.training import History

SMOKE = Pix2PixConfig.preset("smoke")


@pytest.fixture
def batch():
    rng = torch.Generator().manual_seed(0)
    return {name: torch.rand(2, 3, 32, 32, generator=rng) * 2 - 1 for name in ("photo", "photo/drawing")}


def weights(network):
    return torch.cat([values.flatten() for values in network.parameters()]).detach().clone()


def test_losses_are_of_pairs(batch):
    """Before the first update: what the discriminator says of photograph and drawing together, and L1."""
    game = Pix2Pix(SMOKE, seed=1)
    judge, photo, truth = game.networks["discriminator"], batch["photo"], batch["photo/drawing"]
    with torch.no_grad():
        fake = game.networks["generator"](photo)
        real, fooled = judge(torch.cat([photo, truth], 1)), judge(torch.cat([photo, fake], 1))
    told = game.step(batch)
    assert told["l1"].item() == pytest.approx((fake - truth).abs().mean().item(), rel=1e-5)
    assert told["discriminator"].item() == pytest.approx((softplus(-real).mean() + softplus(fooled).mean()).item(),
                                                         rel=1e-4)


def test_the_same_drawing_beside_another_photograph_is_judged_anew(batch):
    judge = Pix2Pix(SMOKE).networks["discriminator"]
    pair, mixed = (torch.cat([photo, batch["photo/drawing"]], 1) for photo in (batch["photo"], batch["photo"].flip(0)))
    assert not torch.allclose(judge(pair), judge(mixed), atol=1e-4)


@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_without_its_weight_there_is_no_game(batch, weight):
    game = Pix2Pix(replace(SMOKE, adversarial_weight=weight))
    judge, generator = (weights(game.networks[name]) for name in ("discriminator", "generator"))
    told = game.step(batch)
    assert torch.equal(weights(game.networks["discriminator"]), judge) == (weight == 0)
    assert not torch.equal(weights(game.networks["generator"]), generator)
    assert (told["adversarial"].item() > 0) == (told["discriminator"].item() > 0) == (weight > 0)


def test_l1_leads_to_the_drawing(batch):
    game = Pix2Pix(replace(SMOKE, adversarial_weight=0.0, generator_rate=3e-3, rounds=150))
    errors = [game.step(batch)["l1"].item() for _ in range(150)]
    assert errors[-1] < errors[0] / 2


def test_a_discriminator_of_pairs_refuses_a_picture_alone():
    with pytest.raises(ValueError, match=r"images must be \(N, 6, H, W\)"):
        PatchDiscriminator(8, 2, channels=6)(torch.zeros(1, 3, 32, 32))


def test_photographs_keep_their_drawings_when_mirrored():
    photos, drawings = (FaceSet(32, look=look, count=4, progress=False) for look in ("photo", "cel"))
    found = with_answers.pairs(photos, drawings)
    assert len(found) == 8
    assert np.array_equal(found.images[5], photos.images[1, ..., ::-1])
    assert np.array_equal(found.extras["drawing"][5], drawings.images[1, ..., ::-1])


@pytest.mark.parametrize("weight", ["0", "1"])
def test_the_tool_writes_a_model_that_says_it_was_told_the_answers(tmp_path, monkeypatch, weight):
    monkeypatch.setattr(Pix2PixConfig, "preset", lambda name=None: SMOKE)
    monkeypatch.setattr(with_answers, "FaceSet", lambda *a, **k: FaceSet(*a, **k, count=4, progress=False))
    folder = tmp_path / "pix2pix-anime-32"
    monkeypatch.setattr(sys, "argv", ["with_answers.py", str(folder), "--look", "anime", "--rounds", "2", "--run-dir",
                                      str(tmp_path / "run"), "--adversarial-weight", weight, "--precision", "float32"])
    with_answers.main()
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "told the answers" in card
    assert "4 pairs of 32 px" in card
    assert ("a game whose discriminator" in card) == (weight == "1")
    network = pretrained.load(str(folder))
    assert network(torch.zeros(1, 3, 32, 32)).shape == (1, 3, 32, 32)
    assert pretrained.data(str(folder))["size"] == {"photo": 32, "drawing": 32}


def test_the_tool_begins_where_another_model_stands(tmp_path, monkeypatch):
    first = Pix2Pix(SMOKE, seed=5).averaged("generator")
    pretrained.save(tmp_path / "first", first, trained={"rounds": 0}, card="",
                    history=History(pd.DataFrame({"step": [0]})))
    monkeypatch.setattr(Pix2PixConfig, "preset", lambda name=None: replace(SMOKE, generator_rate=1e-9, rounds=1))
    monkeypatch.setattr(with_answers, "FaceSet", lambda *a, **k: FaceSet(*a, **k, count=4, progress=False))
    monkeypatch.setattr(sys, "argv", ["with_answers.py", str(tmp_path / "second"), "--begin-from",
                                      str(tmp_path / "first"), "--rounds", "1", "--run-dir", str(tmp_path / "run")])
    with_answers.main()
    assert "begun with `first`" in (tmp_path / "second" / "README.md").read_text(encoding="utf-8")
    assert torch.allclose(weights(pretrained.load(str(tmp_path / "second"))), weights(first), atol=1e-2)
