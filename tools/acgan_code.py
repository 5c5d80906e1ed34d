"""Make book/results/acgan_code.csv: do a generator and its discriminator agree on a code for the tags?

    python tools/acgan_code.py        # about half an hour on one core; chapter 5 shows the table

Each seed plays the quick game of chapter 5 twice, with a discriminator that learns tags from fakes too (the papers)
and with one that learns them from real avatars only (``fake_tags_weight=0``, ours). Then the tagger, which met
neither, and the game's own class head say which of the tags asked for they find in new fakes.
"""

from __future__ import annotations

import platform
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from avatarlib import pretrained, set_seed
from avatarlib.data import TAGS, TaggedAvatarSet
from avatarlib.metrics import tag_agreement
from avatarlib.recipes import ACGANConfig
from avatarlib.text_to_avatar import acgan_recipe, draw_wishes
from avatarlib.training import Trainer
from avatarlib.training.files import write_atomically

OUT = Path(__file__).resolve().parent.parent / "book" / "results" / "acgan_code.csv"
SEEDS, ROUNDS, PICTURES, FAKES = (0, 1, 2), 1_000, 2_000, 200


def trial(seed: int, weight: float) -> dict[str, Any]:
    """Play once and ask both judges; shares of the tags asked for, the mean over tags."""
    set_seed(seed)
    config = replace(ACGANConfig.preset("quick"), fake_tags_weight=weight)
    data = TaggedAvatarSet(size=config.size, count=PICTURES, progress=False)
    recipe = acgan_recipe(config, seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        Trainer(recipe, data, run_dir=folder, seed=seed, precision="float32").fit(steps=ROUNDS)
    tagger: Any = pretrained.load("tagger-avatars")
    fakes, wanted = draw_wishes(recipe.averaged("generator"), FAKES, seed=seed + 1)      # type: ignore[arg-type]
    judges = {"tagger": tagger.tag_probabilities, "class_head": recipe.discriminator.eval().tag_probabilities}
    found = {name: tag_agreement(fakes, wanted, judge, TAGS, exclusive=tagger.exclusive).precision.mean()
             for name, judge in judges.items()}
    return {"seed": seed, "fake_tags_weight": weight, "rounds": ROUNDS, "n": FAKES, **found}


def main() -> None:
    """Play all trials and write the table, with the machine it was made on."""
    rows = [trial(seed, weight) for seed in SEEDS for weight in (1.0, 0.0)]
    note = f"# tools/acgan_code.py, torch {torch.__version__.split('+')[0]} on a CPU ({platform.machine()})\n"
    text = note + pd.DataFrame(rows).round(4).to_csv(index=False)
    write_atomically(OUT, partial(Path.write_text, data=text, encoding="utf-8"))
    print(text)


if __name__ == "__main__":
    main()
