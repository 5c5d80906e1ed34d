"""A paper is one file in each room and one line in the registry: a game made up here does all that the others do."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn

from avatarlib import pretrained
from avatarlib.cli import main
from avatarlib.data import AvatarSet, ImageSet
from avatarlib.recipes import Recipe
from avatarlib.recipes.base import fused_adam
from avatarlib.recipes.bounds import Bounded
from avatarlib.runs.base import Examination, Run
from avatarlib.runs.registry import RUNS, open_run
from avatarlib.training import History
from avatarlib.training.checkpoint import load_tensors

# The three files of a new paper: models/fog.py, recipes/fog.py, runs/fog.py.


class Fog(nn.Module, PyTorchModelHubMixin):
    """Noise (N, latent) -> pictures (N, 3, size, size) in [-1, 1]: a mean picture, and a shade by the noise."""

    def __init__(self, latent: int, size: int = 16) -> None:
        super().__init__()
        self.latent = latent
        self.mean = nn.Parameter(torch.zeros(3, size, size))
        self.shade = nn.Linear(latent, 3)

    def forward(self, noise: Tensor) -> Tensor:
        return torch.tanh(self.mean + self.shade(noise)[:, :, None, None])

    @torch.no_grad()
    def sample(self, n: int, *, generator: torch.Generator) -> Tensor:
        return self(torch.randn(n, self.latent, generator=generator))


@dataclass(frozen=True)
class FogConfig(Bounded):
    """Settings."""

    latent: int = 4
    batch_size: int = 8
    rounds: int = 6
    learning_rate: float = 0.05

    @classmethod
    def presets(cls) -> dict[str, FogConfig]:
        return {"smoke": cls(), "misty": cls(latent=7)}


class FogGame(Recipe):
    """The mean picture is learned through a frozen lens, with the help of a number that must be remembered."""

    def __init__(self, config: FogConfig, *, seed: int = 0) -> None:
        super().__init__()
        self.config = config
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.networks["fog"] = Fog(config.latent)
            self.frozen["lens"] = nn.Conv2d(3, 8, 3)
        self.optimisers["fog"] = fused_adam([self.networks["fog"]], config.learning_rate, (0.5, 0.99))
        self.average("fog", 0.5)
        self.extra_state["seen"] = nn.BatchNorm1d(1)        # its buffers count and average; a pool would do the same

    def step(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        fake = self.networks["fog"](self.noise(len(batch["image"]), self.config.latent))
        difference = self.frozen["lens"](fake) - self.frozen["lens"](batch["image"])
        brightness = batch["image"].mean((1, 2, 3))[:, None]
        self.extra_state["seen"](brightness)
        loss = difference.abs().mean() * (1 + self.extra_state["seen"].running_mean.square().sum())
        self.update("fog", loss)
        return {"distance": loss.detach()}

    @torch.no_grad()
    def preview(self) -> Tensor:
        return self.averaged("fog")(torch.zeros(2, self.config.latent, device=self.device))


class FogRun(Run):
    """Fog on avataaars of 16 px."""

    name, recipe, config, networks, player = "fog", FogGame, FogConfig, (Fog,), "fog"
    counts = (32, 32, 32)
    card = "{parameters} parameters after {rounds} rounds on {data}; darkest {darkest:.2f}\n"

    def open(self, config: FogConfig, count: int, options: argparse.Namespace) -> ImageSet:
        return AvatarSet("avataaars", size=16, count=count, seed=options.seed, progress=False)

    def examine(self, saved, network: nn.Module) -> Examination:
        return Examination({"darkest": network(torch.zeros(1, saved.recipe.config.latent)).min().item()})


@pytest.fixture
def fog(monkeypatch):
    """The line in the registry; and the networks of models/ are found by themselves, but this one is not there."""
    monkeypatch.setitem(RUNS, "fog", FogRun())
    monkeypatch.setitem(pretrained.MODELS, pretrained.class_name(Fog), Fog)


def train(folder, steps, *more):
    return main(["train", "fog", "--preset", "smoke", "--run-dir", str(folder), "--steps", str(steps),
                 "--log-every", "1", "--sample-every", "3", *more])


def test_it_trains_and_goes_on_as_if_nothing_had_happened(fog, tmp_path, capsys):
    assert train(tmp_path / "whole", 6) == 0
    assert train(tmp_path / "cut", 3) == 0
    assert train(tmp_path / "cut", 6) == 0
    assert "going on at round 3" in capsys.readouterr().out
    whole, cut = (History.read(tmp_path / name / "history.csv").losses for name in ("whole", "cut"))
    assert len(whole) == 6
    assert whole == cut
    assert len(list((tmp_path / "whole" / "samples").glob("*.png"))) == 2


def test_a_preset_of_its_own_can_be_asked_for(fog, tmp_path, capsys):
    assert train(tmp_path / "run", 1, "--preset", "misty", "--count", "16") == 0
    assert open_run(tmp_path / "run").recipe.config.latent == 7
    assert main(["train", "dcgan", "--preset", "misty"]) == 2
    assert "name must be one of ('full', 'quick', 'smoke'), got 'misty'" in capsys.readouterr().err


def test_its_settings_and_options_are_looked_at_like_the_others(fog, tmp_path, capsys):
    for arguments, message in ((["--set", "latnt=3"], "did you mean 'latent'?"),
                               (["--set", "latent=0"], "latent must be at least 1, got 0"),
                               (["--style", "lorelei"], "--style is for dcgan and r3-dcgan and flow, got it for fog")):
        assert train(tmp_path / "run", 1, *arguments) == 2
        assert message in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_it_is_exported_loaded_sampled_and_evaluated(fog, tmp_path, capsys):
    run, model, png = tmp_path / "run", tmp_path / "model", tmp_path / "fog.png"
    assert train(run, 6, "--set", "latent=3") == 0
    assert main(["export", str(run), str(model)]) == 0
    config = json.loads((model / "config.json").read_text())
    assert config == {"model_class": "test_toy_recipe.Fog", "latent": 3, "size": 16, "trained": {"rounds": 6},
                      "data": {"name": "AvatarSet avataaars (train)", "size": 16}}
    assert "780 parameters after 6 rounds on AvatarSet avataaars (train); darkest" in pretrained.card(model)
    weights, _ = load_tensors(run / "checkpoint.safetensors")
    assert not any("lens" in name for name in weights)
    network = pretrained.load(model)
    assert isinstance(network, Fog)
    assert network.mean.half().equal(weights["average/fog/module.mean"].half())
    assert main(["sample", str(model), "--n", "4", "--out", str(png)]) == 0
    assert png.exists()
    assert main(["sample", str(model), "--text", "blue hair", "--out", str(png)]) == 2
    capsys.readouterr()
    assert main(["evaluate", str(model), "--n", "11"]) == 0
    told = capsys.readouterr().out
    assert "beside AvatarSet avataaars (train): 22 pictures of 16 px" in told
    assert "P1r" in told
    assert open_run(run).rounds == 6
