"""Chapter 2 as stored: executed, its listings the library's own, its figures described, small and up to date."""

import csv
import inspect
import io
import re
import textwrap

import numpy as np
import torch
from PIL import Image
from stored_notebook import StoredNotebook

from avatarlib import pretrained
from avatarlib.interact import image_grid
from avatarlib.models.dcgan import up_block
from avatarlib.recipes import DCGAN

PAGE = StoredNotebook("02_dcgan_cartoonset")


def test_the_listings_are_the_librarys_own():
    listed = [block for block in re.findall(r"^```python\n(.*?)\n```$", PAGE.prose, re.S | re.M) if "    " in block]
    own = {name: textwrap.dedent(inspect.getsource(item)).rstrip()
           for name, item in {"up_block": up_block, "step": DCGAN.step}.items()}
    assert [name for name, source in own.items() if source in listed] == ["up_block", "step"]


def test_the_stored_samples_are_those_of_the_shipped_weights():
    """Fails if the weights were exchanged and the chapter was not run again."""
    _, png = PAGE.figures()["fig-dcgan-samples"]
    stored = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
    generator = pretrained.load("dcgan-avataaars-64")
    fresh = image_grid(generator.sample(32, generator=torch.Generator().manual_seed(5)), columns=8, colours=128)
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
