"""The studio page's panel of words: links, gallery, files, keyboard, phone, figures. ``make browser``."""

import csv
import re
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from avatarlib.data import TAGS, tag_names

pytest.importorskip("selenium", reason="needs selenium, which `make browser` installs")
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait
from studio_page import NEEDS_BROWSER, ROOT, SOURCE, studio_address, studio_browser, studio_started  # noqa: F401 - fixtures

CARD = ROOT / "avatarlib" / "pretrained" / "acgan-adventurer-128"
pytestmark = NEEDS_BROWSER


def controls(page):
    """What decides the avatar, as it stands on the page."""
    return page.states(), *(page.at(name).get_attribute("value") for name in ("text", "face", "bold"))


def restored(page):
    """Make a link, open it in a fresh page, and return controls and inputs there."""
    page.press("link")
    link = page.at("address").get_attribute("value")
    page.open(link.removeprefix(page.address))
    page.start()
    return link, controls(page), page.drawn()


def test_a_link_restores_the_avatar(page):
    page.write("long teal hair, no hat, größer & 100 %")
    page.choose("smile")
    page.press("new-avatar")
    page.unfold("neighbours")
    page.do(page.at("neighbours").find_elements(By.TAG_NAME, "button")[4].click)
    page.browser.execute_script("document.getElementById('studio-wander').open = false")
    page.slide("bold", "0.8")
    before, inputs, picture = controls(page), page.drawn(), page.pixels("now")
    link, after, again = restored(page)
    assert len(link) - len(page.address) < 150
    assert after == before
    for one, other in zip(inputs, again, strict=True):
        np.testing.assert_array_equal(one, other)
    assert abs(page.pixels("now") - picture).max() <= 1         # enlarging need not round alike twice


def test_a_link_restores_a_place_on_the_way(page):
    page.unfold("way")
    page.press("pin-a")
    page.press("new-avatar")
    page.press("pin-b")
    inputs = page.slide("way", "0.3")
    _, _, again = restored(page)
    for one, other in zip(inputs, again, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_link_is_followed_on_the_open_page(page):
    page.browser.execute_script("location.hash = '#avatar?face=5&on=7'")
    WebDriverWait(page.browser, 20).until(lambda _: page.at("face").get_attribute("value") == "5")
    page.rest()
    assert page.states() == {"red hair": "on"}
    assert "red hair" in tag_names(page.drawn()[1])


@pytest.mark.parametrize(("mark", "told"), [
    ("#avatar?face=-1", 'face must be a whole number from 0 to 999999, got "-1"'),
    ("#avatar?face=2&on=34", 'on must be a whole number from 0 to 33, got "34"'),
    ("#avatar?bold=9", 'bold must be a number from 0.3 to 1.5, got "9"'),
    ("#avatar?share=2", 'share must be a number from 0 to 1, got "2"')])
def test_a_link_that_cannot_be_read_says_why_and_draws_all_the_same(page, mark, told):
    page.open(mark)
    page.start()
    assert page.at("note").text == f"The link cannot be followed: {told}"
    assert page.at("status").text


def test_the_gallery_brings_an_avatar_back(page):
    page.write("short red hair, a hat")
    noise, _ = page.press("new-face")
    told = controls(page)
    for _ in range(25):
        page.press("new-avatar")
    pictures = page.at("gallery").find_elements(By.TAG_NAME, "button")
    assert len(pictures) == 24
    page.press("previous")
    page.write("blonde")
    oldest = page.at("gallery").find_elements(By.TAG_NAME, "button")[-1]
    name = oldest.get_attribute("aria-label")
    page.do(oldest.click)
    assert page.at("status").text.lower().rstrip(".") in name
    assert page.browser.switch_to.active_element == oldest
    assert controls(page)[:2] == told[:2]
    assert (page.drawn()[0] != noise).any()             # the very first are gone: 24 newer ones came


@pytest.mark.parametrize("size", [128, 512])
def test_the_saved_file_is_the_avatar(page, tmp_path, size):
    page.browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    page.press(f"save-{size}")
    path = tmp_path / f"avatar-{size}.png"
    WebDriverWait(page.browser, 20).until(lambda _: path.exists() and path.stat().st_size)
    noise, tags = page.drawn()
    with Image.open(path) as picture:
        pixels = np.array(picture.convert("L").resize((128, 128), Image.Resampling.BOX), dtype=int)
        assert picture.size == (size, size)
    squares = pixels[5:125:10, 5:125:10].flatten()      # the middle of the squares of the stand-in, 13 in a row
    numbers = np.concatenate([noise, tags])[[13 * row + column for row in range(12) for column in range(12)]]
    assert abs(squares - 127.5 * (np.tanh(numbers) + 1)).max() <= 2


def test_all_can_be_done_with_the_keyboard(page):
    page.browser.execute_script("document.querySelectorAll('.studio details').forEach(one => { one.open = true; })")
    page.rest()
    page.browser.execute_script("arguments[0].focus()", page.at("new-avatar"))
    reached, keys = [], page.browser.switch_to
    while (element := keys.active_element).tag_name != "body":
        reached.append(element.get_attribute("id") or element.get_attribute("data-tag"))
        assert page.browser.execute_script("""const box = arguments[0].getBoundingClientRect();
          const hit = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height, 30) / 2);
          return arguments[0].contains(hit) || hit.contains(arguments[0])""", element), reached[-1]
        assert len(reached) < 200
        element.send_keys(Keys.TAB)
    assert {*TAGS, "studio-text", "studio-new-avatar", "studio-face", "studio-bold", "studio-link"} <= set(reached)
    page.browser.execute_script("arguments[0].focus()", page.switch("ribbon"))
    page.do(lambda: keys.active_element.send_keys(Keys.SPACE))
    assert page.states()["ribbon"] == "on"
    assert keys.active_element == page.switch("ribbon")


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_page_and_all_can_be_hit(page, width):
    page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                 {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 500})
    try:
        page.browser.execute_script("document.querySelectorAll('.studio details').forEach(one => { one.open = true; })")
        page.write("a very-long-word-" + 30 * "x" + " with red hair")
        page.press("link")
        wide = page.browser.execute_script("return document.documentElement.scrollWidth")
        assert wide <= width
        heights = page.browser.execute_script("""return [...document.querySelectorAll(
          ".studio :is(button, input, textarea, summary)")].filter(one => one.offsetParent && one.offsetHeight < 40)
          .map(one => one.id || one.className)""")
        assert heights == []
    finally:
        page.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_each_failure_can_be_looked_at(page):
    """Its tags leave nothing to chance, so it is the same avatar for everyone."""
    page.press("show-failures")
    assert page.browser.switch_to.active_element.text == "What it does badly"
    buttons = page.browser.find_elements(By.CSS_SELECTOR, "[data-avatar]")
    wanted = {"glasses that are none": "glasses", "long hair that became a ponytail": "long hair",
              "long hair that dissolves": "long hair", "broken eyes": "hat"}
    assert [button.text for button in buttons] == list(wanted)
    for button in buttons:
        _, tags = page.do(button.click)
        assert wanted[button.text] in tag_names(tags)
        assert set(tag_names(tags)) == {tag for tag, state in page.states().items() if state == "on"}
        assert set(TAGS[13:24]) <= set(page.states())


def rows(path):
    """Rows of a CSV file without its comments."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


def test_the_failures_told_are_those_of_the_model_card():
    text = " ".join(SOURCE.read_text(encoding="utf-8").replace("&nbsp;", " ").split())
    eyes = Counter(row["eye"] for row in rows(ROOT / "book" / "results" / "eye_count.csv")
                   if row["generator"] == CARD.name)
    assert f"in {eyes['clear']}, faintly in {eyes['faint']} and not at all in {eyes['none']};" in text
    changes = rows(CARD / "changes.csv")
    appear, stay = (np.mean([float(row[name]) for row in changes]) for name in ("appears", "others stay"))
    assert f"in {appear:.1%} of the pairs, but only in {stay:.1%} did".replace("%", " %") in text
    worst = sorted(changes, key=lambda row: float(row["others stay"]))[:3]
    assert {(row["tag"], round(100 * float(row["others stay"])), row["most disturbed"]) for row in worst} == {
        ("long hair", 81, "ponytail"), ("green hair", 82, "ribbon"), ("hat", 82, "ribbon")}
    measures = {row["tag"]: row for row in rows(CARD / "measures.csv")}
    assert {row["n"] for row in measures.values()} == {"200"}
    for words in (f"ribbon in {float(measures['ribbon']['false positives']):.1%}",
                  f"glasses in {float(measures['glasses']['false positives']):.1%}",
                  f"grey hair comes out in {float(measures['grey hair']['precision']):.1%}",
                  f"silver hair in {float(measures['silver hair']['precision']):.1%}",
                  f"all tags is {np.mean([float(row['precision']) for row in measures.values()]):.1%}"):
        assert words.replace("%", " %") in text
    real, drawn = rows(CARD / "quality.csv")
    for name, told in (("recall", "recall of (0.\\d+), where other real ones reach (0.\\d+)"),
                       ("Fréchet tagger distance", "distance is (\\d+.\\d), theirs (\\d+.\\d)")):
        found = re.search(told, text)
        assert found
        assert [float(number) for number in found.groups()] == pytest.approx(
            [float(row[name]) for row in (drawn, real)], abs=0.051 if "distance" in told else 0.0051)
