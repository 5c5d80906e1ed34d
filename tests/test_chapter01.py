"""Chapter 1: what it shows of the library is the library's own, and its figures and claims are guarded."""

import inspect
import re
import textwrap
from pathlib import Path

import nbformat
import pytest

from avatarlib.recipes.toy import PointGAN

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "01_gan_basics.ipynb"


@pytest.fixture(scope="module")
def cells():
    return nbformat.read(NOTEBOOK, as_version=4).cells


def test_the_listing_is_the_library_s_own_code(cells):
    """One python block in the prose before the exercises, and it is step, teach and generator_loss."""
    prose = [c.source for c in cells if c.cell_type == "markdown" and "{solution}" not in c.source]
    (listing,) = re.findall(r"^```python\n(.*?)^```", "\n".join(prose), flags=re.DOTALL | re.MULTILINE)
    methods = (PointGAN.step, PointGAN.teach, PointGAN.generator_loss)
    own = "\n".join(textwrap.dedent(inspect.getsource(method)) for method in methods)
    assert listing.strip() == own.strip()
    assert listing.count("def ") == 3


def test_every_picture_has_a_caption_that_says_where_to_look(cells):
    pictures = [cell for cell in cells if cell.cell_type == "code"
                and any("image/png" in output.get("data", {}) for output in cell.outputs)]
    assert len(pictures) >= 9
    for cell in pictures:
        figure = cell.metadata.mystnb.figure
        assert figure.name.startswith(("fig-toy-", "fig-optimal-", "fig-generator-", "fig-vanishing", "fig-collapse",
                                       "fig-four-"))
        assert "Look at" in figure.caption


def test_every_run_is_followed_by_a_claim_that_could_fail(cells):
    """Cells whose output nbval ignores and which train: a claim there, or in one of the next two."""
    code = [c.source for c in cells if c.cell_type == "code"]
    training = re.compile(r"\bplay\(|\bwake_up\(\"|\bhead_start\(lessons\)")
    trains = [i for i, source in enumerate(code) if training.search(source)]
    assert len(trains) >= 5
    for i in trains:
        assert "al.claim(" in "\n".join(code[i:i + 3]), code[i]
