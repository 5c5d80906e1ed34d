"""Links to the glossary as a reader meets them: by mouse, by keyboard, on a phone. ``make browser``."""

import shutil
import time
from pathlib import Path

import glossary_tips
import pydata_sphinx_theme
import pytest
import sphinx_book_theme

pytest.importorskip("selenium", reason="needs selenium, which `make browser` installs")
from lab_page import NEEDS_BROWSER, PROGRAMS, chromium
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

pytestmark = NEEDS_BROWSER
STATIC = Path(__file__).resolve().parents[2] / "book" / "_static"
STYLES = [Path(sphinx_book_theme.__file__).parent.glob("theme/*/static/styles/*-theme.css"),
          Path(pydata_sphinx_theme.__file__).parent.glob("theme/*/static/styles/*-theme.css")]
SENTENCES = glossary_tips.sentences(glossary_tips.GLOSSARY.read_text(encoding="utf-8"))
PAGE = """<!DOCTYPE html><html lang="en" data-theme="light"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Tips</title>{styles}
<link rel="stylesheet" href="_static/custom.css"><script src="_static/tips.js"></script></head>
<body class="bd-content"><button id="other">Other</button><p>
Each is a <a id="left" href="glossary.html#term-mode">mode</a> of the data.</p><p style="text-align: right">
One that is linked by name is <a id="right" href="glossary.html">t-SNE</a></p>
<p>No term: <a id="page" href="glossary.html">Glossary</a></p>
<p style="margin-top: 120vh"><a id="low" href="glossary.html#term-mask">masks</a></p></body></html>"""
CONTRAST = """
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const light = (colour) => {
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).reduce((sum, value, i) => {
    const part = value / 255;
    return sum + [0.2126, 0.7152, 0.0722][i] * (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  }, 0);
};
const style = getComputedStyle(arguments[0]), pair = [light(style.color), light(style.backgroundColor)];
return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
"""


class TipsPage:
    """A page with four links to the glossary, and what a reader does with them."""

    def __init__(self, browser, address):
        self.browser = browser
        browser.get(address)
        self.tip = browser.find_element(By.ID, "glossary-tip")

    def link(self, name):
        return self.browser.find_element(By.ID, name)

    def rest_on(self, element):
        ActionChains(self.browser, duration=0).move_to_element(element).perform()

    def waits_for(self, term):
        """Whether the tip tells of the term, or nothing for None, within five seconds."""
        try:
            return WebDriverWait(self.browser, 5, 0.02).until(
                lambda _: self.tip.text == SENTENCES[term] if term else not self.tip.is_displayed())
        except TimeoutException:
            return False

    def loaded(self):
        return self.browser.execute_script("return !!AvatarStudio.glossary")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tips")
    (folder / "_static" / "studio").mkdir(parents=True)
    (folder / "_static" / "studio" / "glossary.js").write_text(glossary_tips.glossary_script(), encoding="utf-8")
    for name in ("tips.js", "custom.css"):
        shutil.copy(STATIC / name, folder / "_static")
    styles = [path.as_uri() for found in STYLES for path in found]
    assert len(styles) >= 2
    page = folder / "page.html"
    page.write_text(PAGE.format(styles="".join(f'<link rel="stylesheet" href="{style}">' for style in styles)),
                    encoding="utf-8")
    (folder / "glossary.html").write_text("<title>Glossary</title>", encoding="utf-8")
    return page.as_uri()


@pytest.fixture(scope="module")
def browser():
    with chromium(*PROGRAMS) as found:
        yield found


@pytest.fixture
def page(browser, address):
    """The page, freshly opened; nothing on it may log."""
    browser.get_log("browser")
    yield TipsPage(browser, address)
    assert [line["message"] for line in browser.get_log("browser")] == []


def test_a_mouse_that_rests_on_a_term_is_told_what_it_means(page):
    assert not page.loaded()
    assert not page.tip.is_displayed()
    page.rest_on(page.link("left"))
    assert page.waits_for("mode")
    assert page.tip.aria_role == "tooltip"
    assert page.link("left").get_attribute("aria-describedby") == page.tip.get_attribute("id")
    page.rest_on(page.link("right"))
    assert page.waits_for("t-SNE")
    assert page.link("left").get_attribute("aria-describedby") is None
    page.rest_on(page.link("other"))
    assert page.waits_for(None)


def test_the_tip_stays_while_the_mouse_is_on_it(page):
    page.rest_on(page.link("left"))
    assert page.waits_for("mode")
    page.rest_on(page.tip)
    time.sleep(1)
    assert page.tip.text == SENTENCES["mode"]
    page.rest_on(page.link("other"))
    assert page.waits_for(None)


def test_the_keyboard_shows_it_and_escape_ends_it(page):
    page.link("other").send_keys(Keys.TAB)
    assert page.browser.switch_to.active_element == page.link("left")
    assert page.waits_for("mode")
    assert page.link("left").get_attribute("aria-describedby") == "glossary-tip"
    page.link("left").send_keys(Keys.ESCAPE)
    assert not page.tip.is_displayed()
    assert page.link("left").get_attribute("aria-describedby") is None
    page.link("left").send_keys(Keys.TAB)
    assert page.waits_for("t-SNE")
    page.link("right").send_keys(Keys.TAB)
    assert page.waits_for(None)
    assert page.browser.switch_to.active_element == page.link("page")


def test_escape_ends_what_the_mouse_has_asked_for_until_it_comes_again(page):
    page.rest_on(page.link("left"))
    assert page.waits_for("mode")
    page.browser.find_element(By.TAG_NAME, "body").send_keys(Keys.ESCAPE)
    time.sleep(0.5)
    assert not page.tip.is_displayed()
    page.rest_on(page.link("other"))
    page.rest_on(page.link("left"))
    assert page.waits_for("mode")


def test_a_link_to_the_page_itself_has_none(page):
    page.rest_on(page.link("page"))
    time.sleep(0.5)
    assert page.loaded()
    assert not page.tip.is_displayed()


def test_a_tip_at_the_window_s_lower_end_stands_above_its_link(page):
    page.browser.execute_script("arguments[0].scrollIntoView(false)", page.link("low"))
    page.rest_on(page.link("low"))
    assert page.waits_for("mask")
    assert page.tip.rect["y"] + page.tip.rect["height"] == pytest.approx(page.link("low").rect["y"], abs=2)


@pytest.mark.parametrize("name", ["left", "right"])
def test_a_phone_s_edge_cuts_nothing(page, name):
    page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                 {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True})
    try:
        page.browser.execute_script("arguments[0].focus({ focusVisible: true })", page.link(name))
        assert page.waits_for({"left": "mode", "right": "t-SNE"}[name])
        assert page.tip.rect["x"] >= 8
        assert page.tip.rect["x"] + page.tip.rect["width"] <= 382
        assert page.browser.execute_script("return document.documentElement.scrollWidth") <= 390
    finally:
        page.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_a_tap_follows_the_link(page):
    box = page.link("left").rect
    touch = [{"x": box["x"] + 3, "y": box["y"] + 3}]
    page.browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    try:
        page.browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": touch})
        page.browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        WebDriverWait(page.browser, 5).until(lambda one: one.title == "Glossary")
    finally:
        page.browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_tip_can_be_read_in_both_themes(page, theme):
    """Beyond the 7 to 1 that WCAG asks for at its highest level."""
    page.browser.execute_script("document.documentElement.dataset.theme = arguments[0]", theme)
    page.rest_on(page.link("left"))
    assert page.waits_for("mode")
    assert page.browser.execute_script(CONTRAST, page.tip) > 7
