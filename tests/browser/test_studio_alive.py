"""The studio page with its real networks: what it draws is judged as the library's pictures are. ``make browser``."""

import base64
import io

import numpy as np
import pytest
import torch

pytest.importorskip("selenium", reason="needs selenium, which `make browser` installs")
pytest.importorskip("onnx", reason="needs onnx: pip install 'avatarlib[onnx]'")
from lab_page import NEEDS_BROWSER, PROGRAMS, chromium
from PIL import Image
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait
from skimage.data import astronaut
from studio_assets import TARGET, write_assets
from studio_page import write_page

from avatarlib import pretrained
from avatarlib.data import TAGS, FaceSet
from avatarlib.data.base import from_uint8

pytestmark = NEEDS_BROWSER
CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")     # Chromium's test picture, moving
PATIENCE = 60       # seconds
OPENING = 5         # the head with which the panel opens: photo.js


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    write_assets()
    scripts = {path.name: path.read_text(encoding="utf-8") for path in TARGET.glob("*.js")}
    return write_page(tmp_path_factory.mktemp("studio"), scripts)


@pytest.fixture(scope="module")
def browser():
    with chromium(*PROGRAMS, extra=CAMERA) as found:
        found.set_script_timeout(PATIENCE)
        yield found


@pytest.fixture
def page(browser, address):
    browser.get("about:blank")
    browser.get_log("browser")
    browser.get(address)
    yield browser
    assert [line["message"] for line in browser.get_log("browser")] == []


def pixels(page, name):
    """A canvas as uint8 (H, W, 3)."""
    address = page.execute_script("return document.getElementById(arguments[0]).toDataURL()", name)
    with Image.open(io.BytesIO(base64.b64decode(address.split(",")[1]))) as picture:
        return np.array(picture.convert("RGB"))


def wait_for(page, words, name="photo-status"):
    """Wait until a status says these words."""
    WebDriverWait(page, PATIENCE).until(lambda one: words in one.find_element(By.ID, name).text)


def begin(page):
    page.find_element(By.ID, "photo-start").click()
    wait_for(page, "drawn in")


def drawn(page):
    """What the network drew last, float (3, H, W) in [-1, 1]."""
    image = page.execute_script("const { data, width } = AvatarStudio.photo.drawn; return [[...data], width]")
    colours = np.array(image[0], dtype=np.uint8).reshape(image[1], image[1], 4)[..., :3]
    return from_uint8(torch.tensor(colours).permute(2, 0, 1))


def test_a_description_becomes_an_avatar_in_which_the_tagger_sees_it(page):
    page.find_element(By.ID, "studio-start").click()
    WebDriverWait(page, PATIENCE).until(lambda one: one.execute_script(
        "const panel = document.getElementById('studio-panel'); return !panel.hidden && !panel.ariaBusy"))
    before = pixels(page, "studio-now")
    page.find_element(By.ID, "studio-text").send_keys(
        Keys.CONTROL, "a", Keys.NULL, "short blonde hair, blue eyes, an open mouth, no glasses, no hat", Keys.TAB)
    WebDriverWait(page, PATIENCE).until(lambda one: one.execute_script(
        "return !document.getElementById('studio-panel').ariaBusy"))
    assert "londe" in page.find_element(By.ID, "studio-status").text, page.find_element(By.ID, "studio-status").text
    after = pixels(page, "studio-now")
    assert np.abs(after.astype(int) - before).mean() > 10                           # another avatar
    small = Image.fromarray(after).resize((64, 64), Image.Resampling.BOX)
    tagger = pretrained.load("tagger-avatars").eval()
    seen = tagger.estimate_tags(from_uint8(torch.tensor(np.array(small)).permute(2, 0, 1)[None]))[0]
    found = {tag for tag, there in zip(TAGS, seen.tolist(), strict=True) if there}
    assert {"blonde hair", "short hair", "blue eyes", "open mouth"} <= found
    assert not {"glasses", "hat"} & found


@pytest.mark.parametrize(("look", "model"), [("cel", "artifygan-cel-128"), ("anime", "geometry-anime-128")])
def test_a_rendered_head_is_drawn_as_the_library_draws_it(page, look, model):
    begin(page)
    page.find_element(By.CSS_SELECTOR, f"input[value={look}]").click()
    side = 128
    wait_for(page, "A rendered head, drawn")
    faces = FaceSet(160, "validation", look="photo", progress=False)
    photo = Image.fromarray(faces.images[OPENING].transpose(1, 2, 0)).resize((side, side), Image.Resampling.BICUBIC)
    network = pretrained.load(model).eval()
    with torch.no_grad():
        expected = network(from_uint8(torch.tensor(np.array(photo)).permute(2, 0, 1)[None]))[0]
    assert (drawn(page) - expected).abs().mean() < 0.08         # the page resizes a compressed copy by its own filter
    hidden = FaceSet(160, "validation", look=look, progress=False).images[OPENING].transpose(1, 2, 0)
    shown = Image.fromarray(pixels(page, "photo-hidden-drawing")).resize((160, 160), Image.Resampling.BOX)
    assert np.abs(np.array(shown).astype(int) - hidden).mean() < 8


def test_a_face_in_a_file_is_found_and_drawn(page, tmp_path):
    Image.fromarray(astronaut()).save(tmp_path / "astronaut.png")
    begin(page)
    page.find_element(By.ID, "photo-file").send_keys(str(tmp_path / "astronaut.png"))
    wait_for(page, "A face was found")
    square = page.execute_script("return AvatarStudio.photo.square")
    middle = [square["x"] + square["side"] / 2, square["y"] + square["side"] / 2]
    assert np.hypot(middle[0] - 225, middle[1] - 120) < 30      # her face fills about x 175 to 275, y 60 to 180
    assert 120 < square["side"] < 260
    assert not page.find_element(By.ID, "photo-hidden").is_displayed()
    photo = np.array(Image.fromarray(pixels(page, "photo-source")).resize((128, 128)))
    changed = (drawn(page) - from_uint8(torch.tensor(photo).permute(2, 0, 1))).abs().mean()
    assert 0.06 < changed < 0.7                                 # a drawing, and still of this picture


def test_a_file_that_is_no_picture_is_refused_in_words(page, tmp_path):
    (tmp_path / "notes.png").write_text("no picture")
    begin(page)
    page.find_element(By.ID, "photo-file").send_keys(str(tmp_path / "notes.png"))
    wait_for(page, "notes.png is no picture")


def test_the_square_moves_by_keys_and_stays_in_the_picture(page, tmp_path):
    Image.fromarray(astronaut()).save(tmp_path / "astronaut.png")
    begin(page)
    page.find_element(By.ID, "photo-file").send_keys(str(tmp_path / "astronaut.png"))
    wait_for(page, "A face was found")
    before = page.execute_script("return AvatarStudio.photo.square")
    canvas = page.find_element(By.ID, "photo-source")
    canvas.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    after = page.execute_script("return AvatarStudio.photo.square")
    assert after["x"] == pytest.approx(before["x"] + 0.04 * before["side"])
    canvas.send_keys(*[Keys.ARROW_UP] * 30)
    assert page.execute_script("return AvatarStudio.photo.square.y") == 0


def test_a_camera_is_drawn_live_until_it_is_stopped(page):
    begin(page)
    page.find_element(By.ID, "photo-camera").click()
    wait_for(page, "pictures a second", "photo-speed")
    first = drawn(page)
    WebDriverWait(page, PATIENCE).until(lambda _: (drawn(page) - first).abs().mean() > 0.01)      # the picture moves
    button = page.find_element(By.ID, "photo-camera")
    assert button.text == "Stop the camera"
    button.click()
    assert button.text == "Camera, live"
    assert page.execute_script("return AvatarStudio.photo.camera") is None
