"""Chapter 1: what it shows of the library is the library's own, and its figures and claims are guarded."""

import re
from pathlib import Path

import nbformat
import pytest
from listing import differing, names

from avatarlib.models.toy import PointDiscriminator, PointGenerator
from avatarlib.recipes.toy import PointGAN

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "01_gan_basics.ipynb"


@pytest.fixture(scope="module")
def cells():
    return nbformat.read(NOTEBOOK, as_version=4).cells


def test_the_listings_are_the_library_s_own_code(cells):
    """The python blocks in the prose before the exercises: the two players, then step, teach and generator_loss."""
    prose = "\n".join(c.source for c in cells if c.cell_type == "markdown" and "<details>" not in c.source)
    blocks = re.findall(r"^```python\n(.*?)^```", prose, flags=re.DOTALL | re.MULTILINE)
    assert [name for block in blocks for name in names(block)] == [
        "PointGenerator.__init__", "PointGenerator.forward", "PointDiscriminator.__init__",
        "PointDiscriminator.forward", "step", "teach", "generator_loss"]
    own = (PointGenerator, PointDiscriminator, PointGAN.step, PointGAN.teach, PointGAN.generator_loss)
    assert [name for block in blocks for name in differing(block, *own)] == []


def test_every_picture_has_a_caption_that_says_where_to_look(cells):
    pictures = [cell for cell in cells if cell.cell_type == "code"
                and any("image/png" in output.get("data", {}) for output in cell.outputs)]
    assert len(pictures) >= 9
    for cell in pictures:
        figure = cell.metadata.mystnb.figure
        assert figure.name.startswith(("fig-game", "fig-toy-", "fig-optimal-", "fig-generator-", "fig-vanishing",
                                       "fig-collapse", "fig-four-"))
        assert "Look at" in figure.caption


def test_every_run_is_followed_by_a_claim_that_could_fail(cells):
    """Cells whose output nbval ignores and which train: a claim there, or in one of the next two."""
    code = [c.source for c in cells if c.cell_type == "code" and "for-solutions" not in c.metadata.get("tags", [])]
    training = re.compile(r"\bplay\(|\bplay_eagerly\(|\bwake_up\(winner|\bhead_start\(lessons\)")
    trains = [i for i, source in enumerate(code) if training.search(source)]
    assert len(trains) >= 5
    for i in trains:
        assert "al.claim(" in "\n".join(code[i:i + 3]), code[i]
