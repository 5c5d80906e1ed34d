"""Chapter 1's live game as a reader of the page meets it. ``make browser``."""

import base64
import io
import re
import shutil

import numpy as np
import pytest

pytest.importorskip("selenium", reason="needs selenium, which `make browser` installs")
from lab_page import NEEDS_BROWSER
from PIL import Image
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait
from stored_notebook import StoredNotebook
from studio_page import ROOT, studio_browser  # noqa: F401 - fixture

pytestmark = NEEDS_BROWSER
PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Game</title><script src="_static/live.js"></script></head><body>{}</body></html>"""
PLACE = re.compile(r'<div data-live="toy-game">.*?</div>', re.DOTALL)
PATIENCE = 60       # seconds


class GamePage:
    """The game, and what a reader does with it and sees of it."""

    def __init__(self, browser, address):
        self.browser = browser
        browser.get(address)
        self.wait(lambda: browser.find_elements(By.CSS_SELECTOR, "[role=status]"))
        self.wait(lambda: self.told())

    def wait(self, condition):
        WebDriverWait(self.browser, PATIENCE).until(lambda _: condition())

    def at(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def told(self):
        return self.at("[role=status]").text

    def dial(self, name):
        return self.at(f"[data-dial={name}]").text

    def press(self, move):
        self.at(f"[data-move={move}]").click()

    def choose(self, name, words):
        Select(self.at(f"[name={name}]")).select_by_visible_text(words)

    def after(self, lessons, steps):
        """Wait until so many moves were made, and all is told and drawn."""
        self.wait(lambda: f"After {lessons} lessons for D and {steps} steps of G" in self.told())

    def pixels(self, name):
        address = self.browser.execute_script("return arguments[0].toDataURL()", self.at(f".toy-{name}"))
        with Image.open(io.BytesIO(base64.b64decode(address.split(",")[1]))) as picture:
            return np.array(picture.convert("RGB")).astype(int)

    def arrows(self):
        """Pixels of the arrows' black, darker than any other ink, in the middle ninth, where the first fakes lie."""
        picture = self.pixels("plane")
        third = len(picture) // 3
        return int((picture[third:-third, third:-third].max(axis=2) < 16).sum())


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A page of the chapter's own element, with the book's own scripts, and prose before and after it."""
    site = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "book" / "_static" / "studio", site / "_static" / "studio")
    shutil.copy(ROOT / "book" / "_static" / "live.js", site / "_static")
    (place,) = PLACE.findall(StoredNotebook("01_gan_basics").prose)
    (site / "game.html").write_text(PAGE.format(f"{place}<p style='height: 3000px'>More</p>"), encoding="utf-8")
    return (site / "game.html").as_uri()


@pytest.fixture
def page(browser, address):
    """The page as it is first seen; nothing on it may log."""
    browser.get_log("browser")
    yield GamePage(browser, address)
    assert [line["message"] for line in browser.get_log("browser")] == []


def test_nothing_moves_before_a_press_and_a_press_makes_as_many_moves_as_it_says(page):
    page.after(0, 0)
    assert page.dial("moves") == "0 and 0"
    page.choose("times", "1 move")
    page.press("d")
    page.after(1, 0)
    page.choose("times", "10 moves")
    page.press("g")
    page.after(1, 10)
    page.choose("lessons", "2")
    page.press("round")
    page.after(21, 20)


def test_the_arrows_vanish_under_minimax_and_come_back_under_the_other_loss(page):
    page.press("d")
    page.after(50, 0)
    seen = page.arrows()
    for _ in range(9):
        page.press("d")
    page.after(500, 0)
    assert float(page.dial("onReal")) > 0.99
    assert float(page.dial("onFake")) < 0.01
    assert "too little for an arrow" in page.told()
    assert page.arrows() < seen / 5
    page.press("round")
    page.after(550, 50)
    still = page.pixels("plane")
    page.choose("loss", "non-saturating")
    page.wait(lambda: "too little" not in page.told())
    assert float(page.dial("pull")) > 1
    assert page.arrows() > 2 * seen
    assert np.abs(page.pixels("plane")[:20] - still[:20]).max() == 0        # the ground is D's, and D is the same


def test_the_keyboard_runs_and_pauses_and_a_seed_starts_a_new_game(page):
    button = page.at("[data-move=run]")
    button.send_keys(Keys.ENTER)
    assert button.text == "Pause"
    assert page.told() == "The game runs."
    page.wait(lambda: int(page.dial("moves").split()[0]) > 30)
    button.send_keys(Keys.SPACE)
    page.wait(lambda: page.told().startswith("After "))
    assert button.text == "Run"
    made = page.dial("moves")
    assert page.browser.execute_async_script("""const done = arguments[0];
      requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() =>
        done(document.querySelector("[data-dial=moves]").textContent), 100)))""") == made
    before = page.pixels("plane")
    page.at("[name=seed]").send_keys(Keys.CONTROL, "a", Keys.NULL, "7", Keys.TAB)
    page.after(0, 0)
    assert np.abs(page.pixels("plane") - before).max() > 50


def test_the_game_rests_out_of_sight(page):
    page.press("run")
    page.wait(lambda: page.dial("moves") != "0 and 0")
    page.browser.execute_script("window.scrollTo(0, 2500)")
    moves = "return AvatarStudio.toyPanel.made.d"
    waited = "const done = arguments[0]; setTimeout(() => done(AvatarStudio.toyPanel.made.d), 300)"
    page.wait(lambda: page.browser.execute_script(moves) == page.browser.execute_async_script(waited))
    away = page.browser.execute_script(moves)
    page.browser.execute_script("window.scrollTo(0, 0)")
    page.wait(lambda: page.browser.execute_script(moves) > away)


def test_a_game_that_runs_to_infinity_says_so_and_can_be_started_anew(page):
    """Minimax pulls without end: a generator that walks plainly on a detective who has stopped learning is lost."""
    page.press("d")
    page.after(50, 0)
    for _ in range(4):
        page.press("g")
    page.wait(lambda: "run off to infinity" in page.told())
    assert page.dial("pull") == "–"
    assert page.dial("outside") == "100 %"
    page.press("round")
    page.press("run")
    assert "run off to infinity" in page.told()
    page.press("anew")
    page.after(0, 0)
    page.press("d")
    page.after(50, 0)


def test_it_is_one_column_on_a_phone_and_nothing_is_cut_off(page):
    page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                 {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True})
    try:
        page.wait(lambda: page.at(".toy-controls").rect["y"] > page.at(".toy-plane").rect["y"] + 300)
        assert page.browser.execute_script("return document.documentElement.scrollWidth") <= 390
        heights = [one.rect["height"] for one in
                   page.browser.find_elements(By.CSS_SELECTOR, ".toy-stage :is(button, select, input)")]
        assert len(heights) == 10
        assert min(heights) >= 40
    finally:
        page.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_who_asked_for_less_motion_gets_few_pictures(browser, address):
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia",
                            {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]})
    try:
        GamePage(browser, address)
        counted = """const done = arguments[0], panel = AvatarStudio.toyPanel, draw = panel.draw.bind(panel);
          let [pictures, start] = [0, performance.now()];
          panel.draw = (now) => { pictures += 1; draw(now); };
          panel.press("run");
          setTimeout(() => done([pictures, performance.now() - start, panel.made.g]), 2000);"""
        pictures, milliseconds, rounds = browser.execute_async_script(counted)
        assert 1 <= pictures <= milliseconds / 500 + 1
        assert rounds > pictures
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
