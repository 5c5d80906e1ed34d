"""Chapter 2's generators in the page, with their real weights: what a reader draws is what the library draws.

``make browser``.
"""

import base64
import io
import re
import shutil

import numpy as np
import pytest
import torch

pytest.importorskip("selenium", reason="needs selenium, which `make browser` installs")
pytest.importorskip("onnx", reason="needs onnx: pip install 'avatarlib[onnx]'")
from lab_page import NEEDS_BROWSER
from live_script import write_live_page
from PIL import Image
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait
from studio_assets import TARGET, write_assets
from studio_page import normal, studio_browser  # noqa: F401 - fixture

from avatarlib import pretrained
from avatarlib.data.base import from_uint8
from avatarlib.interact import lerp, slerp

pytestmark = NEEDS_BROWSER
OWN, OTHER = "dcgan-avataaars-64", "r3-dcgan-avataaars-64"
PATIENCE = 60           # seconds
NEAR = 0.04             # mean difference of pixels in [-1, 1] that shrinking a canvas and small weights leave
RESTED = """const { painter, pictures } = AvatarStudio.faces || {};
return Boolean(painter) && !painter.waiting.size && !painter.working && "sum" in pictures"""


class FacesPage:
    """The piece as a reader meets it."""

    def __init__(self, browser, address):
        self.browser = browser
        browser.get("about:blank")
        browser.get_log("browser")
        browser.get(address)
        WebDriverWait(browser, PATIENCE).until(lambda one: one.find_elements(By.CSS_SELECTOR, ".live button"))

    def at(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def press(self, selector):
        self.at(selector).click()
        self.rest()

    def rest(self):
        """Wait until all is drawn."""
        WebDriverWait(self.browser, PATIENCE).until(lambda one: one.execute_script(RESTED))

    def slide(self, name, value):
        """Put a slider to a value as a hand does."""
        self.browser.execute_script("arguments[0].value = arguments[1]; "
                                    "arguments[0].dispatchEvent(new Event('input', {bubbles: true}))",
                                    self.at(f"[name={name}]"), value)
        self.rest()

    def told(self, name):
        return self.at(f"[data-of={name}]").text

    def seen(self, selector):
        """What a canvas shows, (3, 64, 64) in [-1, 1]."""
        png = self.browser.execute_script("return arguments[0].toDataURL()", self.at(selector)).split(",")[1]
        with Image.open(io.BytesIO(base64.b64decode(png))) as picture:
            small = picture.convert("RGB").resize((64, 64), Image.Resampling.BOX)
        return from_uint8(torch.tensor(np.array(small)).permute(2, 0, 1))


def face(number):
    """The noise of a face, as noise.js has it."""
    return torch.tensor(normal(f"face {number}", 100), dtype=torch.float32)


def drawn(noise, name=OWN):
    """What the library's generator makes of a noise vector."""
    with torch.no_grad():
        return pretrained.load(name).eval()(noise[None])[0]


def same(page, selector, noise, name=OWN):
    """Whether a canvas shows the face of a noise vector."""
    return (page.seen(selector) - drawn(noise, name)).abs().mean() < NEAR


def sheet(place):
    return f".faces-twelve button:nth-child({place}) canvas"


def canvas(name):
    return f"canvas[data-of={name}]"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="module")
def address(folder):
    write_assets()
    found = write_live_page(folder, "02_dcgan_cartoonset", "faces")
    for name in ("runtime", OWN, OTHER):
        shutil.copy(TARGET / f"{name}.js", folder / "_static" / "studio")
    return found


@pytest.fixture
def page(browser, address):
    """The piece, started; whatever a test does on it must log nothing."""
    found = FacesPage(browser, address)
    found.press("button")
    yield found
    assert [line["message"] for line in browser.get_log("browser")] == []


def test_nothing_is_loaded_before_start_and_a_missing_file_is_named(browser, address, folder):
    page = FacesPage(browser, address)
    assert browser.execute_script("return performance.getEntriesByType('resource').filter("
                                  "one => /runtime|dcgan/.test(one.name)).length") == 0
    script = folder / "_static" / "studio" / f"{OWN}.js"
    script.rename(script.with_suffix(".away"))
    try:
        page.at("button").click()
        WebDriverWait(browser, PATIENCE).until(lambda _: "could not be loaded" in page.at("[role=status]").text)
        assert f"{OWN}.js" in page.at("[role=status]").text
    finally:
        script.with_suffix(".away").rename(script)
    page.press("button")                                            # and now it is there
    assert same(page, sheet(1), face(1))


def test_both_generators_draw_the_faces_that_the_library_draws(page):
    for name in (OWN, OTHER):
        page.at(f"[value={name}]").click()
        WebDriverWait(page.browser, PATIENCE).until(lambda _, name=name: page.browser.execute_script(
            "return AvatarStudio.faces.painter.network.facts.name") == name)
        page.rest()
        assert all(same(page, sheet(number), face(number), name) for number in range(1, 13))
    assert not same(page, sheet(1), face(2), OTHER)
    page.press("[data-do=others]")
    assert same(page, sheet(12), face(24), OTHER)


def test_a_pressed_face_is_the_centre_and_neighbours_lie_as_far_as_the_slider_says(page):
    page.press(".faces-twelve button:nth-child(3)")
    assert same(page, canvas("centre"), face(3))
    assert page.told("distance") == "0.40"
    assert page.at(".faces-twelve button").accessible_name == "Neighbour 1"
    for distance in (0.4, 0.75):
        page.slide("distance", distance)
        assert same(page, sheet(5), (1 - distance**2) ** 0.5 * face(3) + distance * face(17))
    page.slide("distance", 0)
    assert all(same(page, sheet(place), face(3)) for place in (1, 12))
    page.slide("distance", 1)
    assert same(page, sheet(5), face(17))
    assert page.at(".faces-twelve button:nth-child(5)").accessible_name == "Face 17"


def test_the_way_between_two_faces_is_the_chapter_s_arc_or_line(page):
    page.press(".faces-twelve button:nth-child(2)")
    page.press("[data-do=pinA]")
    page.slide("distance", 1)
    page.press(".faces-twelve button:nth-child(12)")                # of the second sheet
    page.press("[data-do=pinB]")
    a, b = face(2), face(24)
    assert same(page, canvas("a"), a)
    assert same(page, canvas("b"), b)
    for name, path in (("slerp", slerp), ("lerp", lerp)):
        page.press(f"[value={name}]")
        point = path(a, b, 0.5)
        assert same(page, canvas("way"), point)
        length, *ends = map(float, re.findall(r"\d+\.\d", page.told("walked"))[:3])
        assert [length, *ends] == pytest.approx([one.norm().item() for one in (point, a, b)], abs=0.06)
        contrast = float(re.search(r"picture (\d\.\d\d)\.", page.told("walked"))[1])
        assert contrast == pytest.approx(drawn(point).std().item(), abs=0.02)
    for share, end in ((0, a), (1, b)):
        page.slide("share", share)
        assert same(page, canvas("way"), end)


def test_the_vectors_that_are_found_grow_hair_and_redden_the_shirt(page):
    assert not page.at("[name=hair]").is_enabled()
    page.at("[data-do=survey]").click()
    WebDriverWait(page.browser, PATIENCE).until(lambda _: page.at("[name=hair]").is_enabled())
    page.rest()
    assert page.browser.switch_to.active_element == page.at("[name=hair]")
    assert not page.at("[data-do=survey]").is_displayed()
    for name, moves, stays in (("hair", 0, 1), ("shirt", 1, 0)):
        page.slide(name, 1)
        before, after = np.array(re.findall(r"-?\d\.\d\d", page.told("scores")), dtype=float).reshape(2, 2).T
        assert after[moves] - before[moves] > max(0.5, 2 * abs(after[stays] - before[stays]))
        shown = page.seen(canvas("sum"))
        beside = shown[:, 36:46, [*range(14, 19), *range(45, 50)]].mean()
        assert after[0] == pytest.approx(1 - beside.item(), abs=0.06)
        page.slide(name, 0)
    assert same(page, canvas("sum"), face(5))


def test_nothing_is_drawn_while_it_is_out_of_sight(page):
    page.browser.execute_script("const space = document.createElement('div'); space.style.height = '6000px'; "
                                "document.body.prepend(space); scrollTo(0, 0)")
    WebDriverWait(page.browser, PATIENCE).until(lambda one: one.execute_script(
        "return AvatarStudio.faces.painter.inSight") is False)
    page.browser.execute_script("AvatarStudio.faces.others()")
    page.browser.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
    assert page.browser.execute_script("return AvatarStudio.faces.painter.waiting.size") == 12
    assert same(page, sheet(1), face(1))                            # the old one
    page.browser.execute_script("arguments[0].scrollIntoView()", page.at(".faces-twelve"))
    page.rest()
    assert same(page, sheet(1), face(13))


def test_it_can_be_used_by_keys_and_fits_a_phone(page):
    page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                 {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True})
    try:
        assert page.browser.execute_script("return document.documentElement.scrollWidth") <= 390
        controls = page.browser.find_elements(By.CSS_SELECTOR, ".faces :is(button, input, canvas[role])")
        assert len(controls) > 25
        assert all(one.accessible_name for one in controls)
        assert page.browser.execute_script("return [...document.querySelectorAll('.faces :is(button, label)')].filter("
                                           "one => one.offsetHeight < 40).map(one => one.textContent)") == []
        assert page.browser.switch_to.active_element == page.at("[name=network]")
        page.browser.switch_to.active_element.send_keys(Keys.TAB, Keys.NULL)
        page.browser.switch_to.active_element.send_keys(Keys.ENTER)
        page.rest()
        assert same(page, canvas("centre"), face(1))
    finally:
        page.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
