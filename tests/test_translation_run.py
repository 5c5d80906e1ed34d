"""A paper whose network redraws pictures, with several sets, a frozen network and two generators, fits as well."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping

import pytest
import torch
from torch import Tensor, nn

from avatarlib import pretrained
from avatarlib.cli import main
from avatarlib.data import AvatarSet, ImageSet, smoothed
from avatarlib.models import artifygan, cartoongan
from avatarlib.recipes import CartoonGAN, CartoonGANConfig, Recipe
from avatarlib.runs.base import Run
from avatarlib.runs.registry import RUNS, open_run


class Lens(nn.Module):
    """In place of a VGG: one convolution, under the name of the config's layer."""

    def __init__(self, layer: str) -> None:
        super().__init__()
        self.layer, self.convolution = layer, nn.Conv2d(3, 8, 3, 2)

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        return {self.layer: self.convolution(images)}


class CartoonRun(Run):
    """CartoonGAN between two drawing styles."""

    name, recipe, config, takes = "cartoongan", CartoonGAN, CartoonGANConfig, "image"
    networks = (cartoongan.Generator, artifygan.Generator)
    counts = (8, 8, 8)
    card = "{parameters:,} parameters, {count} pictures of {data_size} px from {data}, {norm} norm\n"

    def build(self, config: CartoonGANConfig, options: argparse.Namespace) -> Recipe:
        return CartoonGAN(Lens(config.content_layer), config, seed=options.seed)

    def open(self, config: CartoonGANConfig, count: int, options: argparse.Namespace) -> Mapping[str, ImageSet]:
        photos, cartoons = (AvatarSet(style, size=config.size, count=count, seed=options.seed, progress=False)
                            for style in ("avataaars", "adventurer"))
        return {"photo": photos, "cartoon": cartoons, "smooth": smoothed(cartoons, progress=False)}


@pytest.mark.parametrize(("generator", "kind"), [("cartoongan", cartoongan.Generator),
                                                 ("artifygan", artifygan.Generator)])
def test_it_trains_goes_on_exports_and_loads(generator, kind, monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(RUNS, "cartoongan", CartoonRun())        # in the place of the run with the same networks
    run, model = tmp_path / "run", tmp_path / "model"
    command = ["train", "cartoongan", "--preset", "smoke", "--set", f"generator={generator}", "--log-every", "1",
               "--run-dir", str(run), "--steps"]
    assert main([*command, "2"]) == 0
    assert main([*command, "3"]) == 0
    assert "going on at round 2" in capsys.readouterr().out
    assert main(["export", str(run), str(model)]) == 0
    names = {"photo": "AvatarSet avataaars (train)", "cartoon": "AvatarSet adventurer (train)",
             "smooth": "AvatarSet adventurer (train), edges smoothed"}
    assert json.loads((model / "config.json").read_text())["data"]["name"] == names
    assert "24 pictures of 32 px from " in pretrained.card(model)
    network = pretrained.load(model)
    assert type(network) is kind
    trained = open_run(run).exported()
    photos = AvatarSet(size=32, count=2, progress=False).batch(slice(0, 2))["image"]
    with torch.no_grad():
        assert (network(photos) - trained(photos)).abs().max() < 0.05       # float16 on the way
    for arguments in (["sample", str(model), "--out", str(tmp_path / "x.png")], ["evaluate", str(model)]):
        assert main(arguments) == 2
        assert "model must draw from noise or tags, got one of cartoongan, which redraws" in capsys.readouterr().err
