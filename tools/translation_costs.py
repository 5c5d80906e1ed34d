"""Make book/results/anime_costs.csv: what one training step and one translation cost, for five ways to a drawing.

    OMP_NUM_THREADS=1 python tools/translation_costs.py        # two minutes on one free core

Tian's paper claims that a network in one direction saves networks, memory and time. Counted are, at the papers' width
and at the one of the preset "ours", parameters, multiplications and the bytes that wait for the backward pass; measured
is the processor time of a step, at a small width, as a multiple of CycleGAN's in the same round. CycleGAN and CUT have
the 6 residual blocks that their authors take for pictures of 128 pixels.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.flop_counter import FlopCounterMode

from avatarlib.models.vgg import VGGFeatures
from avatarlib.recipes import (
    CUT,
    CartoonGAN,
    CartoonGANConfig,
    ContentInvariance,
    ContentInvarianceConfig,
    CUTConfig,
    CycleGAN,
    CycleGANConfig,
)
from avatarlib.recipes.translation import Translation, TranslationConfig
from avatarlib.runs.cartoongan import depth_of
from avatarlib.training.files import write_atomically

OUT = Path(__file__).resolve().parent.parent / "book" / "results" / "anime_costs.csv"
PAIRS, ROUNDS = 2, 9
#: settings -> preset, pixels, width
SETTINGS = {"papers": ("full", 128, 64), "ours": ("ours", 128, 32), "papers, small": ("full", 64, 16)}
TIMED = "papers, small"
# What only some rounds have is left out: the warm-ups, and the slope penalty of every fourth.
PLAIN = {"warm_up_share": 0.0, "penalty_weight": 0.0, "initial_rounds": 0}


def main(arguments: Sequence[str] | None = None) -> None:
    """Count, measure, write the table, and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="steps of each way that are timed (default 9)")
    parser.add_argument("--out", type=Path, default=OUT, help="table to write (default book/results/anime_costs.csv)")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    table = pd.DataFrame([{"settings": name, "size": size, "width": width, "way": way, **costs(game)}
                          for name, (preset, size, width) in SETTINGS.items()
                          for way, game in games(preset, size, width).items()])
    ratios = times(games(*SETTINGS[TIMED]), options.rounds).assign(settings=TIMED)
    table = table.merge(ratios.rename_axis("way").reset_index(), "left", on=["settings", "way"])
    note = (f"{PAIRS} photographs and {PAIRS} drawings a step, without warm-up and slope penalty; GMAC of convolutions "
            f"and matrix products, forward and backward; time: processor time, {platform.machine()} with "
            f"{torch.backends.cpu.get_cpu_capability()}, one thread, torch {torch.__version__.split('+')[0]}, as a "
            f"multiple of the first way's in the same round: median, least and most of {options.rounds} rounds")
    text = f"# made by tools/translation_costs.py: {note}\n{table.round(3).to_csv(index=False)}"
    write_atomically(options.out, partial(Path.write_text, data=text, encoding="utf-8"))
    print(f"{table.round(3).to_string(index=False)}\n{note}")


def games(preset: str, size: int, width: int) -> dict[str, Translation]:
    """The five ways, CycleGAN first."""
    fit = partial(fitted, size=size, width=width)
    cycle = replace(fit(CycleGANConfig.preset(preset)), blocks=6)
    cartoon = fit(CartoonGANConfig.preset(preset))
    seen = VGGFeatures(depth_of(cartoon.content_layer), cartoon.content_layer)      # of random weights
    return {"CycleGAN": CycleGAN(cycle),
            "CycleGAN without identity": CycleGAN(replace(cycle, identity_weight=0.0, last_identity_weight=0.0)),
            "content invariance": ContentInvariance(fit(ContentInvarianceConfig.preset(preset))),
            "CUT": CUT(replace(fit(CUTConfig.preset(preset)), blocks=6)),
            "CartoonGAN": CartoonGAN(seen, cartoon)}


def fitted(config: Any, *, size: int, width: int) -> Any:
    """A config at a size and width, its discriminators narrowed as much, of plain rounds."""
    judges = config.judge_width * width // config.width
    plain = {name: value for name, value in PLAIN.items() if hasattr(config, name)}
    return replace(config, size=size, width=width, judge_width=judges, batch_size=PAIRS, **plain)


def costs(game: Translation) -> dict[str, float]:
    """Networks, parameters, and what one step and one translation need; nothing is computed, only counted."""
    shipped = game.translator()
    config: TranslationConfig = game.config
    directions = 2 if isinstance(game, CycleGAN) else 1
    kept = Kept()
    with FakeTensorMode(allow_non_fake_inputs=True):
        with FlopCounterMode(display=False) as step, saved_tensors_hooks(kept.pack, kept.unpack):
            game.step(batch_of(game))
        with FlopCounterMode(display=False) as translation, torch.no_grad():
            shipped(torch.zeros(1, 3, config.size, config.size))
    return {"networks": len(game.networks), "parameters_trained": parameters(*game.networks.values()),
            "parameters_frozen": parameters(*game.frozen.values()),
            "parameters_shipped": parameters(shipped) // directions,
            "gmac_step": step.get_total_flops() / 2e9 / PAIRS, "gmac_translation": translation.get_total_flops() / 2e9,
            "mb_kept": kept.most / 1e6 / PAIRS}


def batch_of(game: Translation) -> dict[str, Tensor]:
    """A batch for any of the games, of grey pictures."""
    size = game.config.size
    return {name: torch.zeros(PAIRS, 3, size, size) for name in ("photo", "cartoon", "smooth")}


def parameters(*networks: nn.Module) -> int:
    """Of all networks together."""
    return sum(p.numel() for network in networks for p in network.parameters())


class Kept:
    """The bytes that wait for a backward pass, weights aside: a storage counts once, as long as it is held."""

    def __init__(self) -> None:
        self.holders: Counter[int] = Counter()
        self.now = self.most = 0

    def pack(self, tensor: Tensor) -> Tensor | Held:
        """Note what the graph keeps."""
        source = tensor if tensor._base is None else tensor._base
        return tensor if isinstance(source, nn.Parameter) else Held(self, tensor)

    def unpack(self, packed: Tensor | Held) -> Tensor:
        """Give it back."""
        return packed.tensor if isinstance(packed, Held) else packed


class Held:
    """A kept tensor; when the graph lets it go, its bytes are free unless another holds the same storage."""

    def __init__(self, kept: Kept, tensor: Tensor) -> None:
        storage = tensor.untyped_storage()
        self.kept, self.tensor, self.key, self.bytes = kept, tensor, storage._cdata, storage.nbytes()
        self.count(1)

    def count(self, change: int) -> None:
        """One holder more or fewer."""
        before = self.kept.holders[self.key]
        self.kept.holders[self.key] += change
        self.kept.now += self.bytes * ((before + change > 0) - (before > 0))
        self.kept.most = max(self.kept.most, self.kept.now)

    def __del__(self) -> None:
        self.count(-1)


def times(ways: dict[str, Translation], rounds: int) -> pd.DataFrame:
    """Processor time of a step by way, a multiple of the first way's: median, least and most of the rounds.

    The ways take turns, so that whatever else the machine does meets all of them; a first round is not counted.
    """
    seconds = np.array([[seconds_of(game) for game in ways.values()] for _ in range(rounds + 1)])[1:]
    ratios = seconds / seconds[:, :1]
    return pd.DataFrame({"time_ratio": np.median(ratios, 0), "time_ratio_least": ratios.min(0),
                         "time_ratio_most": ratios.max(0)}, index=list(ways))


def seconds_of(game: Translation) -> float:
    """Processor time of one step."""
    batch = batch_of(game)
    start = time.process_time()
    game.step(batch)
    return time.process_time() - start


if __name__ == "__main__":
    main()
