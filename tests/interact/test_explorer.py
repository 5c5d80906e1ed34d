"""The sliders without a browser: set their values, look at the picture."""

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from avatarlib.interact import ImageSlider, LatentExplorer, slerp
from avatarlib.models.dcgan import Generator


@pytest.fixture(scope="module")
def generator():
    torch.manual_seed(0)
    return Generator(latent=16, width=8).eval()


@pytest.fixture
def explorer(generator):
    return LatentExplorer(generator, seed=3)


def pixels(explorer):
    return np.array(Image.open(io.BytesIO(explorer.picture.value)).convert("RGB")).astype(int)


def test_the_first_picture_is_the_generators_own(explorer, generator):
    noise = torch.randn(16, generator=torch.Generator().manual_seed(3))
    torch.testing.assert_close(explorer.noise(), noise)
    assert pixels(explorer).shape == (256, 256, 3)
    with torch.no_grad():
        mean = (generator(noise[None]).mean().item() + 1) * 127.5
    assert pixels(explorer).mean() == pytest.approx(mean, abs=1)   # resizing moves it a little


@pytest.mark.parametrize("control", ["seed_a", "between", "direction"])
def test_every_control_changes_the_picture_and_reset_brings_it_back(explorer, control):
    before = explorer.picture.value
    widget = explorer.sliders[0] if control == "direction" else getattr(explorer, control)
    widget.value = {"seed_a": 9, "between": 1.0, "direction": 6.0}[control]
    assert explorer.picture.value != before
    explorer.set(seeds=(3, 4))
    assert explorer.picture.value == before


def test_the_way_between_two_seeds_is_the_arc(explorer):
    explorer.between.value = 0.5
    a, b = (torch.randn(16, generator=torch.Generator().manual_seed(seed)) for seed in (3, 4))
    torch.testing.assert_close(explorer.noise(), slerp(a, b, 0.5))


def test_a_direction_slider_walks_that_far_along_its_direction(generator):
    along = torch.eye(16)[:2]
    explorer = LatentExplorer(generator, directions=along)
    start = explorer.noise()
    explorer.sliders[1].value = 2.5
    torch.testing.assert_close(explorer.noise() - start, 2.5 * along[1])


def test_the_buttons_draw_once(explorer, monkeypatch):
    drawn = []
    monkeypatch.setattr(explorer, "draw", lambda change=None: drawn.append(explorer.quiet))
    explorer.surprise.click()
    explorer.home.click()
    assert drawn == [False, False]   # the setters are quiet, then one picture each


def test_image_slider_holds_its_pictures_and_is_joined_in_the_browser():
    ramp = torch.linspace(-1, 1, 5)[:, None, None, None].expand(5, 3, 64, 64)
    slider = ImageSlider(ramp, ends=("dark", "light"))
    assert (slider.slider.min, slider.slider.max, len(slider.stack.children)) == (0, 4, 5)
    assert slider.link.source == (slider.slider, "value")
    assert slider.link.target == (slider.stack, "selected_index")
    levels = [np.array(Image.open(io.BytesIO(png)).convert("L")).mean() for png in slider.pictures]
    assert levels == sorted(levels)
    assert len(set(levels)) == 5
    assert slider.stored_bytes == sum(map(len, slider.pictures)) > 0


def test_who_sees_no_picture_hears_what_it_is_and_where_the_slider_leads():
    slider = ImageSlider(torch.zeros(3, 3, 8, 8), ends=("a & b", "c"), alt='a "face"')
    frames = [frame.value for frame in slider.stack.children]
    assert [re.search(r'alt="([^"]*)"', frame)[1] for frame in frames] == [
        f"a &quot;face&quot;, {number} of 3" for number in (1, 2, 3)]
    assert all(base64.b64encode(png).decode() in frame for png, frame in zip(slider.pictures, frames, strict=True))
    assert slider.slider.tooltip == 'a "face", from a & b to c'


def test_pictures_that_are_no_squares_keep_their_shape():
    tag = ImageSlider(torch.zeros(2, 3, 8, 16), size=40).stack.children[0].value
    assert 'width="40" height="20"' in tag
    assert "aspect-ratio: 16 / 8" in tag


def test_what_needs_a_kernel_is_marked_and_what_lives_on_the_page_is_not(explorer):
    assert "needs-kernel" in explorer._dom_classes
    assert "needs-kernel" not in ImageSlider(torch.zeros(2, 3, 8, 8))._dom_classes
    css = (Path(__file__).parents[2] / "book" / "_static" / "custom.css").read_text(encoding="utf-8")
    assert ".needs-kernel::before" in css


def test_one_picture_is_no_slider():
    with pytest.raises(ValueError, match=r"N at least 2, got \(1, 3, 8, 8\)"):
        ImageSlider(torch.zeros(1, 3, 8, 8))
