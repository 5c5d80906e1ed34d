"""Chapter 2 as stored: executed, its listings the library's own, its figures described, small and up to date."""

import base64
import csv
import inspect
import io
import json
import re
import textwrap
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from avatarlib import pretrained
from avatarlib.exercises import EXERCISES
from avatarlib.interact import image_grid
from avatarlib.models.dcgan import up_block
from avatarlib.recipes import DCGAN

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "02_dcgan_cartoonset.ipynb"
CELLS = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
CODE = [cell for cell in CELLS if cell["cell_type"] == "code"]
PROSE = "\n\n".join("".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "markdown")


def pictures(cell):
    """Bytes of a cell's PNG outputs."""
    return [base64.b64decode(output["data"]["image/png"]) for output in cell["outputs"]
            if "image/png" in output.get("data", {})]


def figures():
    """Name -> (metadata, PNG) of every figure."""
    found = {}
    for cell in CODE:
        if cell["metadata"].get("mystnb"):
            (png,) = pictures(cell)
            found[cell["metadata"]["mystnb"]["figure"]["name"]] = cell["metadata"]["mystnb"], png
    return found


def test_every_cell_was_run_in_order_and_none_failed():
    assert [cell["execution_count"] for cell in CODE] == list(range(1, len(CODE) + 1))
    assert not [output for cell in CODE for output in cell["outputs"] if output["output_type"] == "error"]


def test_the_listings_are_the_librarys_own():
    listed = [block for block in re.findall(r"^```python\n(.*?)\n```$", PROSE, re.S | re.M) if "    " in block]
    own = {name: textwrap.dedent(inspect.getsource(item)).rstrip()
           for name, item in {"up_block": up_block, "step": DCGAN.step}.items()}
    assert [name for name, source in own.items() if source in listed] == ["up_block", "step"]


def test_every_picture_is_a_figure_with_caption_and_alt_text_and_small():
    found = figures()
    assert len(found) >= 12
    assert len(found) == sum(len(pictures(cell)) for cell in CODE)   # none stands without a caption
    for name, (meta, png) in found.items():
        assert len(meta["figure"]["caption"]) > 80, name
        assert len(meta["image"]["alt"]) > 40, name
        assert len(png) <= 100_000, f"{name} has {len(png):,} bytes"


def test_the_stored_samples_are_those_of_the_shipped_weights():
    """Fails if the weights were exchanged and the chapter was not run again."""
    _, png = figures()["fig-dcgan-samples"]
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


@pytest.mark.parametrize("number", sorted(name for name in EXERCISES if name.startswith("2.")))
def test_every_exercise_has_a_question_a_place_for_the_answer_and_a_solution(number):
    label = "ex-" + number.replace(".", "-")
    assert f":label: {label}\n" in PROSE
    assert f"{{solution}} {label}\n" in PROSE
    (cell,) = [cell for cell in CODE if f'check("{number}"' in "".join(cell["source"])]
    (output,) = cell["outputs"]
    assert "no answer yet" in "".join(output["data"]["text/plain"])


def test_there_is_more_prose_than_code_and_cells_are_short():
    lines = [len([line for line in "".join(cell["source"]).splitlines() if line.strip()]) for cell in CODE]
    words = len(PROSE.split())
    assert words / sum(lines) > 6
    assert sum(count <= 12 for count in lines) / len(lines) > 0.85
