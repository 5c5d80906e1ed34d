"""Precision and memory layout: what is asked for, what a run had before, and what is measured to be fastest."""

import contextlib
import copy
import math
import random

import numpy as np
import pytest
import torch

from avatarlib.recipes import DCGAN
from avatarlib.training import Trainer, formats
from avatarlib.training.checkpoint import load_tensors, read_progress
from avatarlib.training.formats import Format, candidates

CPU = torch.device("cpu")
ALL = [Format(precision, layout) for precision in ("float32", "bf16") for layout in ("channels_last", "contiguous")]


@pytest.fixture(autouse=True)
def no_wish(monkeypatch):
    monkeypatch.delenv("AVATARLIB_PRECISION", raising=False)


@pytest.mark.parametrize(("asked", "wish", "before", "expected"), [
    (("auto", "auto"), "", {}, ALL),
    (("auto", "contiguous"), "", {}, [Format("float32", "contiguous"), Format("bf16", "contiguous")]),
    (("bf16", "auto"), "", {}, [Format("bf16", "channels_last")]),
    (("float32", "contiguous"), "bf16", {"precision": "bf16", "layout": "channels_last"},
     [Format("float32", "contiguous")]),
    (("auto", "auto"), "", {"precision": "bf16", "layout": "contiguous"}, [Format("bf16", "contiguous")]),
    (("auto", "auto"), "float32", {"precision": "bf16", "layout": "contiguous"}, [Format("float32", "contiguous")]),
    (("auto", "auto"), "float32", {}, [Format("float32", "channels_last")]),
    (("auto", "auto"), "auto", {}, ALL),
], ids=str)
def test_what_is_asked_for_comes_first_then_the_environment_then_what_the_run_had(monkeypatch, asked, wish, before,
                                                                                 expected):
    monkeypatch.setenv("AVATARLIB_PRECISION", wish)
    assert candidates(*asked, before) == expected


def test_unknown_names_are_told(monkeypatch):
    with pytest.raises(ValueError, match=r"precision must be one of \('auto', 'float32', .*\), got 'int8'"):
        candidates("int8", "auto", {})
    with pytest.raises(ValueError, match=r"layout must be one of \('auto', 'channels_last', .*\), got 'NHWC'"):
        candidates("auto", "NHWC", {})
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="precision 'fp16' needs a CUDA GPU"):
        candidates("fp16", "auto", {})
    monkeypatch.setenv("AVATARLIB_PRECISION", "half")
    with pytest.raises(ValueError, match=r"AVATARLIB_PRECISION must be one of .*, got 'half'"):
        candidates("auto", "auto", {})


def prefer(monkeypatch, seconds):
    """Let every probe end with these seconds a round, after real rounds; returns the formats that were tried."""
    tried, really = [], formats.time_rounds

    def measure(player, batch, device, one, limit):
        assert really(player, batch, device, one, math.inf) > 0
        tried.append(one)
        return seconds[ALL.index(one)]

    monkeypatch.setattr(formats, "time_rounds", measure)
    return tried


@pytest.mark.parametrize(("seconds", "tried", "expected"), [
    ((4, 3, 2, 1), 4, ALL[3]),
    ((4, 3, 2, 5), 4, ALL[2]),
    ((1.0, 0.95, 0.95, 1.0), 4, ALL[0]),            # faster by a hair is no reason
    ((1, 0.5, math.inf, 0.1), 3, ALL[1]),           # bf16 that is hopeless in one layout is not tried in the other
    ((1, 1, math.inf, 0.1), 3, ALL[0]),
], ids=str)
def test_the_clearly_fastest_is_chosen(start, tmp_path, monkeypatch, seconds, tried, expected):
    seen = prefer(monkeypatch, seconds)
    assert start(tmp_path, precision="auto").format == expected
    assert seen == ALL[:tried]


class Remembers(DCGAN):
    """A game that keeps things of its own: what it saw, and a count in its generator."""

    def __init__(self, config):
        super().__init__(config)
        self.seen = []
        self.generator.register_buffer("rounds", torch.zeros(()))
        for name, optimiser in self.optimisers.items():
            self.schedulers[name] = torch.optim.lr_scheduler.ExponentialLR(optimiser, 0.9)

    def step(self, batch):
        self.seen.append(batch["image"].mean().item() + random.random() + np.random.rand())     # noqa: NPY002
        self.generator.rounds += torch.rand(())
        return super().step(batch)


def everything(recipe):
    """All that a round changes."""
    return copy.deepcopy({
        "modules": [list(module.state_dict().items()) for module in (*recipe.networks.values(),
                                                                     *recipe.averages.values())],
        "modes": [module.training for network in recipe.networks.values() for module in network.modules()],
        "gradients": [p.grad for network in recipe.networks.values() for p in network.parameters()],
        "optimisers": [optimiser.state_dict() for optimiser in recipe.optimisers.values()],
        "schedulers": [scheduler.state_dict() for scheduler in recipe.schedulers.values()],
        "scaler": recipe.scaler.state_dict(), "seen": recipe.seen,
        "random": [recipe.rng.get_state(), torch.get_rng_state(), random.getstate(), np.random.get_state()],  # noqa: NPY002
    })


def same(left, right):
    if isinstance(left, torch.Tensor | np.ndarray):
        return left.shape == right.shape and bool((left == right).all())
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
    return left == right


@pytest.mark.parametrize("used", [False, True])
def test_a_probe_leaves_no_trace(start, tmp_path, used):
    """Of a new game, and of one with gradients and moments."""
    run = start(tmp_path, recipe=Remembers)
    if used:
        run.fit(steps=2)
    before = everything(run.recipe)
    assert formats.fastest(run.recipe, run.batches, CPU, ALL) in ALL
    assert same(everything(run.recipe), before)
    run.fit(steps=3)
    assert not same(everything(run.recipe), before)     # the comparison sees a round


@pytest.mark.parametrize("chosen", ALL, ids=str)
def test_a_measured_run_has_the_losses_of_one_that_was_told(start, tmp_path, monkeypatch, chosen):
    """Also resumed, without measuring again, and with augmentation that draws random numbers."""
    def noisy(images):
        return images + 0.1 * torch.rand(()) + 0.1 * random.random()

    random.seed(0)
    told = start(tmp_path / "told", recipe=Remembers, precision=chosen.precision, layout=chosen.layout,
                 transform=noisy).fit(steps=4).losses
    tried = prefer(monkeypatch, [1 if one == chosen else 2 for one in ALL])
    random.seed(0)
    start(tmp_path / "measured", recipe=Remembers, precision="auto", transform=noisy).fit(steps=2)
    assert tried == ALL
    resumed = start(tmp_path / "measured", recipe=Remembers, precision="auto", transform=noisy)
    assert resumed.format == chosen
    assert resumed.fit(steps=4).losses == told
    assert tried == ALL
    progress = read_progress(resumed.checkpoint)
    assert (progress["precision"], progress["layout"], progress["changes"]) == (*chosen, [])
    assert progress["device"].startswith("a CPU (")


def test_nothing_is_measured_where_the_precision_is_given(start, tmp_path, monkeypatch):
    monkeypatch.setattr(formats, "fastest", None)
    assert start(tmp_path / "a", precision="float32").format == Format("float32", "channels_last")
    monkeypatch.setenv("AVATARLIB_PRECISION", "bf16")
    assert start(tmp_path / "b", precision="auto").format == Format("bf16", "channels_last")


@pytest.mark.parametrize("layout", ["channels_last", "contiguous"])
def test_pictures_weights_averages_and_moments_are_in_the_layout(start, tmp_path, layout):
    """In a new run, resumed from the other layout, and with a recipe that was used in the other."""
    def layouts(run):
        recipe, memory = run.recipe, formats.LAYOUTS[layout]
        networks = (*recipe.networks.values(), *recipe.averages.values())
        weights = [p for network in networks for p in network.parameters()]
        moments = [state[name] for optimiser in recipe.optimisers.values() for state in optimiser.state.values()
                   for name in ("exp_avg", "exp_avg_sq")]
        return {value.is_contiguous(memory_format=memory) for value in (*weights, *moments) if value.ndim == 4}

    new, seen = start(tmp_path / layout, layout=layout), []
    new.recipe.discriminator.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    assert layouts(new) == {True}
    new.fit(steps=2)
    assert layouts(new) == {True}
    assert seen[0].is_contiguous(memory_format=formats.LAYOUTS[layout])      # the real pictures
    other = start(tmp_path / "other", layout="contiguous" if layout == "channels_last" else "channels_last")
    other.fit(steps=2)
    assert layouts(start(tmp_path / "other", layout=layout)) == {True}
    assert layouts(Trainer(other.recipe, other.batches.data, run_dir=tmp_path / "again", precision="float32",
                           layout=layout, progress=False)) == {True}
    first, second = (load_tensors(tmp_path / name / "checkpoint.safetensors")[0] for name in (layout, "other"))
    for name, value in first.items():
        if name.startswith("network/"):
            torch.testing.assert_close(value, second[name], atol=1e-4, rtol=1e-3)


def test_a_round_that_takes_too_long_is_not_waited_for(start, tmp_path):
    """With no time at all the first layer already stops it: the generator's and the discriminator's others stay."""
    run, layers = start(tmp_path), []
    for module in run.recipe.generator.layers.modules():
        module.register_forward_hook(lambda *_: layers.append(1))
    assert formats.time_rounds(run.recipe, run.batches[0], CPU, ALL[0], 0.0) == math.inf
    assert layers == []
    assert 0 < formats.time_rounds(run.recipe, run.batches[0], CPU, ALL[0], math.inf) < math.inf
    assert layers


class Fails(DCGAN):
    """A game whose layers have no bf16, as some processors'; or that fails anyway."""

    always = False

    def step(self, batch):
        if self.always or torch.is_autocast_enabled("cpu"):
            raise RuntimeError("not implemented")
        return super().step(batch)


def test_a_precision_that_torch_cannot_is_out_and_an_error_of_the_recipe_is_told(start, tmp_path):
    assert start(tmp_path / "a", recipe=Fails, precision="auto").format.precision == "float32"
    with pytest.raises(RuntimeError, match="not implemented"):
        start(tmp_path / "b", recipe=type("Always", (Fails,), {"always": True}), precision="auto")


def test_a_recipe_that_cannot_be_copied_is_not_measured(start, tmp_path):
    class Logs(DCGAN):
        def __init__(self, config):
            super().__init__(config)
            self.log = (tmp_path / "log.txt").open("w")

    run = start(tmp_path / "run", recipe=Logs, precision="auto")
    with contextlib.closing(run.recipe.log):
        assert run.format == Format("float32", "channels_last")


def test_what_is_no_picture_has_no_layout():
    batch = {"image": torch.zeros(4, 3, 8, 8), "labels": torch.zeros(4, 5), "landmarks": torch.zeros(4, 5, 2)}
    for one in ALL:
        laid_out = one.lay_out(batch)
        assert laid_out["image"].is_contiguous(memory_format=formats.LAYOUTS[one.layout])
        assert all(laid_out[name] is batch[name] for name in ("labels", "landmarks"))
