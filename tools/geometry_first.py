"""Photograph to anime in two steps: a warp moves the face as drawings have it, then a network draws it.

    python tools/geometry_first.py avatarlib/pretrained/geometry-anime-128

The warp needs no training: its optimal transport is computed from the landmarks of FaceSet's photographs (first half)
and anime drawings (second half), as the shipped landmark network sees them. The network begins as chapter 3's small
one, which draws cel. It plays CartoonGAN's game against the anime drawings, held by an anchor, ours: away from the eyes
its picture must stay what the cel network makes of the warped photograph. In the first stage it finds the eyes; in a
short second one a firmer anchor takes back what the game has scratched elsewhere. Run it again to go on.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from avatarlib import pretrained
from avatarlib.data import FaceSet, ImageSet, smoothed, to_uint8
from avatarlib.models.frozen import tagger_features
from avatarlib.models.landmarks import LandmarkNet
from avatarlib.models.warp import GaussianTransport, WarpedGenerator, deform
from avatarlib.recipes import CartoonGAN, CartoonGANConfig
from avatarlib.runs.saved import markdown
from avatarlib.runs.translation import TRUTH, hidden_truth
from avatarlib.training import History, Trainer
from avatarlib.training.files import write_atomically
from avatarlib.training.identity import describe_device

SIZE, SOURCE, FACES, JUDGE = 128, "cartoongan-cel-128-light", "landmarks-faces", "tagger-avatars"
LAYER = "down4"             # of the tagger, through which content is seen
EYES = ((36, 42), (42, 48))     # landmarks of each
STAGES = ((1600, 8.0, 0.99), (300, 40.0, 0.98))     # rounds, weight of the anchor, decay of the average
PENALTY, EVERY = 1e-4, 4    # R1 on the discriminator
BATCH_OF_FACES = 50
CARD = """---
license: cc-by-4.0
library_name: avatarlib
tags: [gan, cartoongan, image-to-image, landmarks]
---
# {name}

Redraws photograph-like heads as anime drawings in two steps, after the division of labour of CariGANs (Cao et al.
2018): `{faces}` finds 68 landmarks, the optimal transport between two Gaussians and a thin-plate spline move them as
drawings have them, and a generator of CartoonGAN's layers at width {width} draws the warped photograph. {parameters:,}
parameters in all, {learnt:,} of them learnt here: pictures of 3 x H x W in [-1, 1], H and W multiples of 4, in and out.
Weights: exponential moving average (decay {ema_decay:g}), float16.

| | |
|---|---|
| data | FaceSet photo and anime (train), each photograph and drawing of another head: {photos:,} and {drawings:,} \
pictures of {size} px, each also mirrored |
| training | {rounds} rounds of {batch} pictures, seed {seed}; begun with `{source}`; content weight \
{content_weight:g} on `{judge}`'s {layer}, anchor {anchor} away from the eyes, R1 {penalty:g} |
| time | {minutes:.0f} minutes on {device} |
""" + TRUTH + """\
Where no face is seen, whatever is in its place is warped.
"""


@torch.no_grad()
def points_of(landmarks: LandmarkNet, images: np.ndarray) -> Tensor:
    """Landmarks of pictures uint8 (N, 3, S, S): (N, 68, 2) in shares of the sides."""
    parts = torch.from_numpy(np.array(images)).split(BATCH_OF_FACES)
    return (torch.cat([landmarks.landmarks(part.float() / 127.5 - 1) for part in parts]) + 0.5) / images.shape[-1]


def away_from_eyes(points: Tensor, size: int) -> Tensor:
    """(N, 1, size, size): 0 in the middle of each eye, 1 from about one and a half of its widths on."""
    place = (torch.arange(size) + 0.5) / size
    away = torch.ones(len(points), size, size)
    for first, last in EYES:
        eye = points[:, first:last]
        middle, width = eye.mean(1), (eye[:, 0] - eye[:, 3]).norm(dim=1)[:, None, None]
        squares = (place - middle[:, :1, None]) ** 2 + (place[:, None] - middle[:, 1:, None]) ** 2
        away = torch.minimum(away, 1 - (-(squares / (0.8 * width) ** 2) ** 2).exp())
    return away[:, None]


def both_ways(name: str, images: np.ndarray, extras: Mapping[str, np.ndarray] | None = None) -> ImageSet:
    """Pictures uint8 (N, 3, S, S), then the same mirrored."""
    images = np.concatenate([images, images[..., ::-1]])
    return ImageSet(name, images, np.zeros((len(images), 1), np.int64), {"kind": ("face",)}, extras)


class Anchored(CartoonGAN):
    """CartoonGAN's game from photographs that are warped already, near to what the cel network draws of them."""

    def __init__(self, config: CartoonGANConfig, *, anchor: float, seed: int) -> None:
        features: Any = pretrained.load(JUDGE)
        self.anchor = anchor
        super().__init__(tagger_features(features, LAYER), config, seed=seed)
        self.frozen["cel"] = pretrained.load(SOURCE)
        for network in (self.networks["generator"], self.averages["generator"].module):
            network.load_state_dict(self.frozen["cel"].state_dict())

    @property
    def weights(self) -> dict[str, float]:
        return {**super().weights, "anchor": self.anchor}

    def step(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """One round; ``photo/away`` tells where the anchor holds."""
        self.away = batch["photo/away"]
        return super().step(batch)

    def refusing(self, cartoon: Tensor, smooth: Tensor, fake: Tensor) -> Tensor:
        penalty = self.slope_penalty("discriminator", cartoon, PENALTY, EVERY)
        return super().refusing(cartoon, smooth, fake) + penalty

    def terms(self, names: Iterable[str], photo: Tensor, cartoon: Tensor, fake: Tensor) -> dict[str, Tensor]:
        """Content and anchor are those of the cel drawing."""
        with torch.no_grad():
            drawn = self.frozen["cel"](photo).float()
        told = super().terms([name for name in names if name != "anchor"], drawn, cartoon, fake)
        return {**told, "anchor": ((fake - drawn).abs() * self.away).mean()}


def settings(rounds: int, decay: float, size: int = SIZE) -> CartoonGANConfig:
    """A stage's, for so many rounds and such an average."""
    source = pretrained.load(SOURCE)._hub_mixin_config      # type: ignore[operator, union-attr]
    return CartoonGANConfig(
        size=size, width=source["width"], blocks=source["blocks"], upsampling=source["upsampling"], judge_width=24,
        batch_size=4, rounds=rounds, initial_rounds=0, learning_rate=1e-4, generator_rate=2e-4, ema_decay=decay,
        content_layer=LAYER, content_weight=0.3, content_reduction="relative")


def open_sets(photos: FaceSet, drawings: FaceSet, landmarks: LandmarkNet,
              transport: GaussianTransport) -> dict[str, ImageSet]:
    """Warped photographs with the places of the anchor, and the drawings, as they are and with blurred edges."""
    parts = torch.from_numpy(np.array(photos.images)).split(BATCH_OF_FACES)
    warped = torch.cat([to_uint8(deform(part.float() / 127.5 - 1, landmarks, transport)) for part in parts]).numpy()
    size = warped.shape[-1]
    away = away_from_eyes(points_of(landmarks, np.concatenate([warped, warped[..., ::-1]])), size).numpy()
    cartoons = both_ways(drawings.name, drawings.images)
    return {"photo": both_ways(f"{photos.name}, warped", warped, {"away": away}), "cartoon": cartoons,
            "smooth": smoothed(cartoons)}


def assembled(generator: nn.Module, landmarks: LandmarkNet, transport: GaussianTransport) -> WarpedGenerator:
    """All parts as one network."""
    drawing = dict(generator._hub_mixin_config)             # type: ignore[call-overload]
    network = WarpedGenerator(landmarks.points, landmarks.stem[0].out_channels, landmarks.size, landmarks.eyes,
                              **drawing)
    network.landmarks.load_state_dict(landmarks.state_dict())
    network.transport.load_state_dict(transport.state_dict())
    network.generator.load_state_dict(generator.state_dict())
    return network.eval()


def train(sets: Mapping[str, ImageSet], run_dir: Path, seed: int, precision: str,
          stages: Sequence[tuple[int, float, float]] = STAGES) -> tuple[Anchored, History]:
    """Play the stages, each from where the one before it stands; give the last game, and the history of all."""
    game, frames, done, minutes = None, [], 0, 0.0
    for number, (rounds, anchor, decay) in enumerate(stages, 1):
        before, game = game, Anchored(settings(rounds, decay, sets["photo"].images.shape[-1]), anchor=anchor, seed=seed)
        if before:
            game.begin_from(before)
        trainer = Trainer(game, sets, run_dir=run_dir / f"stage-{number}", seed=seed, log_every=min(20, rounds),
                          checkpoint_every=100, precision=precision)
        frame = trainer.fit(steps=rounds).frame
        frames.append(frame.assign(step=frame.step + done, minutes=frame.minutes + minutes))
        done, minutes = done + rounds, frames[-1].minutes.iloc[-1]
    assert game is not None
    return game, History(pd.concat(frames, ignore_index=True))


def main() -> None:
    """Train, or go on, and write the model's folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--run-dir", type=Path, default=Path("runs/geometry-first"))
    parser.add_argument("--precision", default="auto")
    options = parser.parse_args()
    pretrained.check_folder(options.folder)
    landmarks: Any = pretrained.load(FACES)
    photos, drawings = FaceSet(SIZE, half="first"), FaceSet(SIZE, look="anime", half="second")
    transport = GaussianTransport(len(landmarks.points)).fit(*(points_of(landmarks, faces.images)
                                                               for faces in (photos, drawings)))
    game, history = train(open_sets(photos, drawings, landmarks, transport), options.run_dir, options.seed,
                          options.precision)
    export(options.folder, assembled(game.averaged("generator"), landmarks, transport), history, game.config,
           {"photos": len(photos), "drawings": len(drawings), "seed": options.seed})


def export(folder: Path, network: WarpedGenerator, history: History, config: CartoonGANConfig,
           facts: Mapping[str, int]) -> None:
    """Write weights, card, history and measures."""
    measures, last = hidden_truth(network, SIZE, "anime"), history.rows[-1]
    own = {"name": folder.name, "faces": FACES, "source": SOURCE, "judge": JUDGE, "layer": LAYER,
           "penalty": PENALTY, "anchor": " then ".join(f"{anchor:g}" for _, anchor, _ in STAGES),
           "rounds": " and ".join(f"{rounds:,}" for rounds, _, _ in STAGES), "batch": config.batch_size,
           "ema_decay": STAGES[-1][2], "minutes": last["minutes"], "device": describe_device(torch.device("cpu")),
           "parameters": sum(values.numel() for values in network.parameters()),
           "learnt": sum(values.numel() for values in network.generator.parameters()),
           "n": int(measures["n"].iloc[0]), "measures": markdown(measures)}
    names = {"photo": "FaceSet photo (train)", "cartoon": "FaceSet anime (train)"}
    pretrained.save(folder, network, trained={"rounds": int(last["step"])},
                    data={"data": names, "size": dict.fromkeys(names, SIZE)},
                    card=CARD.format(**asdict(config) | own | facts), history=history)
    write_atomically(folder / "measures.csv", measures.to_csv)


if __name__ == "__main__":
    main()
