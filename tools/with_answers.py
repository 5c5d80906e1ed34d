r"""Photographs to drawings, and each photograph comes with its own: how far could a network come at all?

    python tools/with_answers.py avatarlib/pretrained/regression-cel-128 --adversarial-weight 0 --rounds 4000
    python tools/with_answers.py avatarlib/pretrained/pix2pix-cel-128 --begin-from regression-cel-128
    python tools/with_answers.py avatarlib/pretrained/pix2pix-anime-128 --begin-from pix2pix-cel-128 --look anime \
        --rounds 4500

A yardstick for the unpaired translations of chapters 3 and 4, which no such training can be: FaceSet's heads have been
drawn by rule, selfies have not. Half an hour of one core each. Run it again to go on.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from avatarlib import pretrained
from avatarlib.data import FaceSet, ImageSet
from avatarlib.recipes import Pix2Pix, Pix2PixConfig
from avatarlib.runs.saved import markdown
from avatarlib.runs.translation import TRUTH, hidden_truth
from avatarlib.training import History, Trainer
from avatarlib.training.files import write_atomically
from avatarlib.training.identity import describe_device

LOOKS = ("cel", "anime")
CARD = """---
license: cc-by-4.0
library_name: avatarlib
tags: [gan, pix2pix, image-to-image]
---
# {name}

Redraws photograph-like heads as {look} drawings, {parameters:,} parameters: pictures of 3 x H x W in [-1, 1], H and W
multiples of 4, in and out. Unlike its neighbours it was told the answers: every photograph of its training came with
its own drawing. It is a yardstick for them: what of a drawing can be known from a photograph at all.
{losses}
The network is CartoonGAN's at width {width}. Weights: exponential moving average (decay {ema_decay:g}), float16.

| | |
|---|---|
| data | {photos} with {drawings} of the same heads: {count:,} pairs of {size} px, each also mirrored |
| training | {rounds:,} rounds of {batch} pairs, seed {seed}{began}; {weights} |
| time | {minutes:.0f} minutes on {device} |
""" + TRUTH
GAME = "Losses are pix2pix's (Isola et al. 2017): a game whose discriminator sees photograph and drawing, and L1."
ALONE = "Its only loss is L1, the mean absolute error: pix2pix (Isola et al. 2017) without its game."


def pairs(photos: FaceSet, drawings: FaceSet) -> ImageSet:
    """The photographs, then the same mirrored, each with its drawing as the extra ``drawing``."""
    images, answers = (np.concatenate([one.images, one.images[..., ::-1]]) for one in (photos, drawings))
    return ImageSet(photos.name, images, np.zeros((len(images), 1), np.int64), {"kind": ("face",)},
                    {"drawing": answers})


def main() -> None:
    """Train, or go on, and write the model's folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--look", choices=LOOKS, default="cel")
    parser.add_argument("--adversarial-weight", type=float, default=1.0)
    parser.add_argument("--begin-from", metavar="MODEL", help="shipped model or folder whose weights are the first")
    parser.add_argument("--rounds", type=int, default=Pix2PixConfig.preset("ours").rounds)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--run-dir", type=Path)
    parser.add_argument("--precision", default="auto")
    options = parser.parse_args()
    pretrained.check_folder(options.folder)
    config = replace(Pix2PixConfig.preset("ours"), rounds=options.rounds,
                     adversarial_weight=options.adversarial_weight)
    photos, drawings = FaceSet(config.size), FaceSet(config.size, look=options.look)
    game = Pix2Pix(config, seed=options.seed)
    if options.begin_from:
        for network in (game.networks["generator"], game.averages["generator"].module):
            network.load_state_dict(pretrained.load(options.begin_from).state_dict())
    run_dir = options.run_dir or Path("runs", options.folder.name)
    trainer = Trainer(game, {"photo": pairs(photos, drawings)}, run_dir=run_dir, seed=options.seed,
                      log_every=min(50, config.rounds), checkpoint_every=200, precision=options.precision)
    history = trainer.fit(steps=config.rounds)
    began = f"; begun with `{Path(options.begin_from).name}`" if options.begin_from else ""
    export(options.folder, game, history, photos, drawings, {"seed": options.seed, "began": began})


def export(folder: Path, game: Pix2Pix, history: History, photos: FaceSet, drawings: FaceSet,
           told: Mapping[str, object]) -> None:
    """Write weights, card, history and measures."""
    network, config, last = game.averaged("generator"), game.config, history.rows[-1]
    measures = hidden_truth(network, config.size, drawings.look)
    played = config.adversarial_weight > 0
    weights = f"weight of L1 {config.l1_weight:g}, R1 {config.penalty_weight:g}" if played else "L1 alone"
    facts = {"name": folder.name, "look": drawings.look, "photos": photos.name, "drawings": drawings.name,
             "count": len(photos), "losses": GAME if played else ALONE, "weights": weights,
             "batch": config.batch_size, "minutes": last["minutes"], "device": describe_device(game.device),
             "parameters": sum(values.numel() for values in network.parameters()),
             "n": int(measures["n"].iloc[0]), "measures": markdown(measures)}
    names = {"photo": photos.name, "drawing": drawings.name}
    pretrained.save(folder, network, trained={"rounds": int(last["step"])},
                    data={"data": names, "size": dict.fromkeys(names, config.size)},
                    card=CARD.format(**asdict(config) | facts | told), history=history)
    write_atomically(folder / "measures.csv", measures.to_csv)


if __name__ == "__main__":
    main()
