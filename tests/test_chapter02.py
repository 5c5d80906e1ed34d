"""Chapter 2 as stored: executed, its listings the library's own, its figures described, small and up to date."""

import csv
import io
import re

import numpy as np
import torch
from listing import differing, names
from PIL import Image
from stored_notebook import StoredNotebook

from avatarlib import pretrained
from avatarlib.interact import image_grid
from avatarlib.models import dcgan
from avatarlib.recipes import DCGAN

PAGE = StoredNotebook("02_dcgan_cartoonset")


def test_the_listings_are_the_librarys_own():
    blocks = [block for block in re.findall(r"^```python\n(.*?)\n```$", PAGE.prose, re.S | re.M)
              if "nn." in block or "self." in block]
    own = (dcgan.up_block, dcgan.down_block, dcgan.Generator, dcgan.Discriminator, DCGAN.step)
    assert [name for block in blocks for name in names(block)] == [
        "up_block", "Generator.__init__", "Generator.forward", "down_block", "Discriminator.__init__",
        "Discriminator.forward", "step"]
    assert [name for block in blocks for name in differing(block, *own)] == []


def test_what_the_prose_says_of_the_tables_is_true_of_the_shipped_file():
    """P1 ends above the real pairs, the fakes grow alike from snapshot to snapshot, and nothing was copied."""
    with (pretrained.path("dcgan-avataaars-64") / "epochs.csv").open(newline="") as file:
        ssim = {(int(row["epoch"]), row["protocol"]): float(row["SSIM"]) for row in csv.DictReader(file)}
    epochs = sorted({epoch for epoch, _ in ssim})
    alike = [ssim[epoch, "P4 within fakes"] for epoch in epochs]
    assert alike == sorted(alike)
    assert ssim[epochs[-1], "P1 fake, real"] > ssim[epochs[-1], "P1r real, real"]
    shipped = pretrained.trained("dcgan-avataaars-64")["epoch"]
    assert abs(ssim[shipped, "P2 fake to nearest training image"]
               - ssim[shipped, "P2 fake to nearest held-out image"]) < 0.04


def test_the_stored_samples_are_those_of_the_shipped_weights():
    """Fails if the weights were exchanged and the chapter was not run again."""
    _, png = PAGE.figures()["fig-dcgan-samples"]
    stored = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
    generator = pretrained.load("dcgan-avataaars-64")
    fresh = image_grid(generator.sample(24, generator=torch.Generator().manual_seed(5)), columns=6, scale=2,
                       colours=96)
    assert np.abs(stored - np.asarray(fresh.convert("RGB"))).mean() < 1


def test_the_report_beside_the_weights_has_every_protocol_and_picture():
    folder = pretrained.path("dcgan-avataaars-64")
    with (folder / "epochs.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    epochs = sorted({int(row["epoch"]) for row in rows})
    assert len(rows) == 8 * len(epochs)
    assert [int(path.stem[-3:]) for path in sorted(folder.glob("samples-epoch-*.png"))] == epochs
    last = pretrained.history("dcgan-avataaars-64").rows[-1]["epoch"]
    assert epochs[-1] == round(last)
    assert all(path.stat().st_size < 60_000 for path in folder.glob("samples-epoch-*.png"))
