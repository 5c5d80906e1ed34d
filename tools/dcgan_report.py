"""Measure a DCGAN run epoch by epoch: what chapter 2 puts beside Table I of Xiao et al.

    python tools/dcgan_report.py runs/dcgan-avataaars-64 avatarlib/pretrained/dcgan-avataaars-64

Reads the run's snapshots, draws avatars from the same noise with each, and writes into the model's folder
``epochs.csv`` (SSIM and PSNR under protocols P1, P2 and P4, one row an epoch and protocol) and
``samples-epoch-050.png`` and so on.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from avatarlib.data import AvatarSet
from avatarlib.interact.grids import image_grid, png_bytes
from avatarlib.metrics import compare
from avatarlib.models.dcgan import Generator
from avatarlib.training.checkpoint import load_tensors
from avatarlib.training.files import write_atomically

SHOWN = 16            # avatars in each picture
PICTURE_SEED = 1      # of their noise
SNAPSHOT = re.compile(r"generator-epoch-(\d+)\.safetensors")


def load_snapshot(path: Path) -> Generator:
    """A generator from a snapshot's weights; their shapes tell its size."""
    weights = load_tensors(path)[0]
    latent, first = weights["layers.0.0.weight"].shape[:2]
    generator = Generator(latent, first // 8)
    generator.load_state_dict({name: value.float() if value.is_floating_point() else value
                               for name, value in weights.items()})
    return generator.eval()


def generators(run_dir: Path, step: int) -> dict[int, Generator]:
    """Epoch -> averaged generator, for the snapshots at multiples of ``step``."""
    found = {}
    for path in sorted((run_dir / "snapshots").glob("generator-epoch-*.safetensors")):
        match = SNAPSHOT.fullmatch(path.name)
        if match and int(match[1]) % step == 0:
            found[int(match[1])] = load_snapshot(path)
    return found


def sample(generator: Generator, n: int, seed: int) -> Tensor:
    """``n`` avatars, a few at a time: the noise is that of ``generator.sample(n)`` in one piece."""
    noise = torch.randn(n, generator.latent, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        return torch.cat([generator(part) for part in noise.split(100)])


def measure(generator: Generator, train: AvatarSet, test: AvatarSet, n: int, seed: int) -> pd.DataFrame:
    """The metrics' default table for one generator, with all that says how it was made."""
    table = compare(sample(generator, 2 * n, seed), train, test, n=n, seed=seed)
    table.insert(0, "protocol", table.index)
    return table.assign(seed=seed, size=train.size, train_count=len(train), test_count=len(test))


def main() -> None:
    """Write epochs.csv and the sample pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run_dir", type=Path)
    parser.add_argument("model_dir", type=Path, help="the exported model; the report is written here")
    parser.add_argument("--n", type=int, default=1_000, help="pairs a row (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of noise and pairs (default %(default)s)")
    parser.add_argument("--every", type=int, default=50, help="measure snapshots at multiples of this epoch")
    options = parser.parse_args()
    _, metadata = load_tensors(options.run_dir / "checkpoint.safetensors")
    identity = json.loads(metadata["state"])["progress"]["identity"]
    style = identity["data"].split()[1]         # "AvatarSet avataaars (train)"
    train = AvatarSet(style, count=identity["count"], size=identity["size"], seed=identity["seed"])
    test = AvatarSet(style, count=options.n, size=identity["size"], seed=identity["seed"], split="test")
    tables = []
    for epoch, generator in generators(options.run_dir, options.every).items():
        grid = image_grid(sample(generator, SHOWN, PICTURE_SEED), columns=8, colours=128)
        write_atomically(options.model_dir / f"samples-epoch-{epoch:03d}.png",
                         lambda partial, grid=grid: partial.write_bytes(png_bytes(grid, colours=128)))
        tables.append(measure(generator, train, test, options.n, options.seed))
        tables[-1].insert(0, "epoch", epoch)
        print(tables[-1][["epoch", "SSIM", "PSNR"]].round(3).to_string(), flush=True)
    text = pd.concat(tables).to_csv(index=False, float_format="%.6g")
    write_atomically(options.model_dir / "epochs.csv", lambda partial: partial.write_text(text))


if __name__ == "__main__":
    main()
