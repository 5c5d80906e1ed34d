"""Chapter 2's generator in the page: its arithmetic against the chapter's own cells and PyTorch."""

import functools

import pytest
import torch
from live_script import NEEDS_NODE, ask
from stored_notebook import StoredNotebook

SCRIPTS = ("latent.js",)
CHAPTER = StoredNotebook("02_dcgan_cartoonset")
pytestmark = NEEDS_NODE


@functools.cache
def chapter():
    """The functions of the chapter's cell on vectors, for 40 scored pictures."""
    torch.manual_seed(0)
    noise, fakes = torch.randn(40, 100), torch.rand(40, 3, 64, 64) * 2 - 1
    (code,) = [code for cell in CHAPTER.code if "def long_hair" in (code := "".join(cell["source"]))]
    names = {"torch": torch, "preset": "smoke", "noise": noise, "fakes": fakes}
    exec(code, names)
    return names


def compute(code, **data):
    """What JavaScript makes of arrays; it knows their names and the functions of ``AvatarStudio.latent``."""
    arrays = {name: value.tolist() if isinstance(value, torch.Tensor) else value for name, value in data.items()}
    return torch.tensor(ask(SCRIPTS, f"""({{ {', '.join(data)} }}) => {{
      const {{ near, lengthOf, added, longHair, redShirt, contrast, direction }} = AvatarStudio.latent;
      return {code}; }}""", arrays), dtype=torch.float32)


@pytest.mark.parametrize(("here", "there"), [("longHair", "long_hair"), ("redShirt", "red_shirt")])
def test_pictures_score_as_in_the_chapter(here, there):
    pictures = chapter()["fakes"][:3]
    found = compute(f"pictures.map({here})", pictures=pictures.flatten(1))
    torch.testing.assert_close(found, chapter()[there](pictures))


@pytest.mark.parametrize(("vector", "score"), [("hair", "long_hair"), ("red", "red_shirt")])
def test_a_vector_is_the_chapter_s(vector, score):
    """Of the preset "smoke": from the 16 pictures with the highest and the 16 with the lowest score of 40."""
    names = chapter()
    scores = names[score](names["fakes"])
    assert scores.unique().numel() == 40
    found = compute("[...direction(noise.map((row) => Float32Array.from(row)), scores, 16)]", noise=names["noise"],
                    scores=scores)
    torch.testing.assert_close(found, names[vector], atol=1e-6, rtol=1e-5)


def test_contrast_is_the_deviation_of_all_numbers():
    pictures = chapter()["fakes"][:3]
    torch.testing.assert_close(compute("pictures.map(contrast)", pictures=pictures.flatten(1)),
                               pictures.std(dim=(1, 2, 3)))


def test_vectors_are_added_by_their_amounts():
    found = compute("[[0.5, -1], [0, 0]].map((amounts) => added(z, [hair, shirt], amounts))",
                    **dict(zip(("z", "hair", "shirt"), torch.eye(3), strict=True)))
    assert found.tolist() == [[1, 0.5, -1], [1, 0, 0]]


def test_a_neighbour_lies_on_the_shell_and_a_farther_one_is_less_like_the_centre():
    """For z and e at right angles and of length 5: the length stays 5, and the cosine to z is sqrt(1 - s^2)."""
    z, e = torch.tensor([3.0, 4.0]), torch.tensor([-4.0, 3.0])
    distances = [0, 0.6, 0.8, 1]
    found = compute("distances.map((s) => near(z, e, s))", z=z, e=e, distances=distances)
    torch.testing.assert_close(found @ z / 25, torch.tensor([1, 0.8, 0.6, 0]))
    assert found[-1].tolist() == e.tolist()
    lengths = compute("distances.map((s) => lengthOf(near(z, e, s)))", z=z, e=e, distances=distances)
    torch.testing.assert_close(lengths, torch.full((4,), 5.0))
