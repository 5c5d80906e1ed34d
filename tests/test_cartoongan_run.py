"""CartoonGAN on the command line, on real heads: trains, goes on, exports, and is scored against the hidden truth."""

from functools import partial

import pytest
import torch
from torch import nn

from avatarlib import pretrained
from avatarlib.cli import build_parser, main
from avatarlib.data import FaceSet
from avatarlib.recipes import CartoonGANConfig
from avatarlib.runs import translation
from avatarlib.runs.registry import RUNS


@pytest.fixture
def few_heads(monkeypatch):
    """Four heads of every split, drawn in this process."""
    def small(*arguments, count=4, **options):
        return FaceSet(*arguments, **{**options, "count": min(count, 4), "progress": False, "workers": 1})
    monkeypatch.setattr(translation, "FaceSet", small)


def test_it_trains_goes_on_and_exports(few_heads, tmp_path, capsys):
    run, model = tmp_path / "run", tmp_path / "model"
    command = ["train", "cartoongan", "--preset", "smoke", "--features", "tagger", "--log-every", "1", "--run-dir",
               str(run), "--steps"]
    assert main([*command, "3"]) == 0
    assert main([*command, "4"]) == 0
    assert "going on at round 3" in capsys.readouterr().out
    assert main(["export", str(run), str(model)]) == 0
    card = pretrained.card(model)
    assert "**Against the hidden truth**, 4 held-out heads" in card
    assert "FaceSet photo (train)" in card
    assert pretrained.model_class(model).__module__ == "avatarlib.models.cartoongan"


def test_the_truth_itself_scores_best_and_a_photograph_scores_as_a_photograph(few_heads):
    """Who gives the photograph back has the photograph's own score; who knows the drawing has SSIM 1."""
    same = translation.hidden_truth(nn.Identity(), 32)
    assert same.loc["this network"].tolist() == pytest.approx(same.loc["photograph"].tolist())
    assert (same["n"] == 4).all()
    truth = FaceSet(32, "test", look="cel", count=4, progress=False, workers=1).batch(slice(None))["image"]

    class Knows(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return truth
    assert translation.hidden_truth(Knows(), 32).loc["this network", "SSIM"] == pytest.approx(1.0)


def test_wearers_of_glasses_stand_as_often_as_asked_in_every_set():
    options = build_parser().parse_args(["train", "cartoongan", "--wearers", "3"])
    config = CartoonGANConfig.preset("smoke")
    once, often = (RUNS["cartoongan"].open(config, 24, given)
                   for given in (build_parser().parse_args(["train", "cartoongan"]), options))
    column = list(once["photo"].schema).index("glasses")
    for name in ("photo", "cartoon", "smooth"):
        wearers = (once[name].labels[:, column] > 0).sum().item()
        assert wearers, name
        assert f"{wearers} of them 3 times" in often[name].name
        assert len(often[name]) == 24 + 2 * wearers, name
        assert (often[name].labels[:, column] > 0).sum().item() == 3 * wearers, name


def test_the_features_are_for_cartoongan_alone(tmp_path, capsys):
    assert main(["train", "dcgan", "--features", "tagger", "--run-dir", str(tmp_path)]) == 2
    assert "--features is for cartoongan, got it for dcgan" in capsys.readouterr().err


def test_the_shipped_cartoonist_is_nearer_to_the_drawings_than_the_photographs_are():
    """Eight held-out heads; its card has all. It was chosen on no head of these."""
    network = pretrained.load("cartoongan-cel-128")
    sets = {look: FaceSet(128, "test", look=look, count=8, progress=False, workers=1) for look in ("photo", "cel")}
    photo, cel = (data.batch(slice(None))["image"] for data in sets.values())
    with torch.no_grad():
        made = network(photo)
    distance = partial(torch.nn.functional.l1_loss, target=cel)
    assert distance(made) < 0.85 * distance(photo)
