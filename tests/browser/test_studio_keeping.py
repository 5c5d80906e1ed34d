"""The studio page's panel of words: links, gallery, files, keyboard, phone, figures. ``make browser``."""

import csv
import re
from collections import Counter

import numpy as np
import pytest
import torch
from PIL import Image

from avatarlib import pretrained
from avatarlib.data import TAGS, tag_names, tag_vector

pytest.importorskip("selenium", reason="needs selenium, which `make browser` installs")
from lab_page import NEEDS_BROWSER
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait
from studio_page import ROOT, SOURCE, normal, studio_address, studio_browser, studio_started  # noqa: F401 - fixtures

CARD = ROOT / "avatarlib" / "pretrained" / "acgan-adventurer-64"
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


@pytest.mark.parametrize(("name", "size"), [("small", 64), ("large", 512)])
def test_the_saved_file_is_the_avatar(page, tmp_path, name, size):
    page.browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    assert page.at(f"save-{name}").text == f"Save PNG, {size} pixels"
    page.press(f"save-{name}")
    path = tmp_path / f"avatar-{size}.png"
    WebDriverWait(page.browser, 20).until(lambda _: path.exists() and path.stat().st_size)
    noise, tags = page.drawn()
    with Image.open(path) as picture:
        pixels = np.array(picture.convert("L"), dtype=int)
    assert pixels.shape == (size, size)
    middle = slice(size // 32, None, size // 16)        # of the squares of the stand-in, 16 in a row
    squares, numbers = pixels[middle, middle].flatten(), np.concatenate([noise, tags])
    assert abs(squares[:numbers.size] - 127.5 * (np.tanh(numbers) + 1)).max() <= 2


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
    wanted = {"glasses that are none": "glasses", "long hair that is one loose tail": "long hair",
              "long hair that dissolves": "long hair", "two ribbons for one": "ribbon"}
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
    assert f"in {appear:.1%} of the pairs, and in {stay:.1%} no".replace("%", " %") in text
    worst = sorted(changes, key=lambda row: float(row["others stay"]))[:3]
    assert {(row["tag"], round(100 * float(row["others stay"])), row["most disturbed"]) for row in worst} == {
        ("long hair", 87, "ponytail"), ("blonde hair", 89, "hat"), ("ponytail", 89, "long hair")}
    moved = {row["tag"]: round(100 * (1 - float(row["others stay"]))) for row in changes}
    assert f"with a hat in {moved['hat']} pairs of 100, with long hair in {moved['long hair']}." in text
    measures = {row["tag"]: row for row in rows(CARD / "measures.csv")}
    assert {row["n"] for row in measures.values()} == {"200"}
    precision, uncalled = ({tag: float(row[name]) for tag, row in measures.items()}
                           for name in ("precision", "false positives"))
    assert set(sorted(precision, key=precision.__getitem__)[:3]) == {"long hair", "hat", "short hair"}
    for words in (f"sees some in {uncalled.pop('glasses'):.1%}", f"in at most {max(uncalled.values()):.1%}",
                  f"long hair comes out in {precision['long hair']:.1%}, a hat in {precision['hat']:.1%}, "
                  f"short hair in {precision['short hair']:.1%}",
                  f"all tags is {np.mean([*precision.values()]):.1%}"):
        assert words.replace("%", " %") in text
    real, drawn = rows(CARD / "quality.csv")
    for name, told in (("recall", "recall of (0.\\d+), where other real ones reach (0.\\d+)"),
                       ("Fréchet tagger distance", "distance is (\\d+.\\d), theirs (\\d+.\\d)")):
        found = re.search(told, text)
        assert found
        assert [float(number) for number in found.groups()] == pytest.approx(
            [float(row[name]) for row in (drawn, real)], abs=0.051 if "distance" in told else 0.0051)
    assert "| training | 19,450 rounds (622,400 pictures seen), seed 0; the paper has 60,000 rounds of 64 |" in (
        CARD / "README.md").read_text(encoding="utf-8")
    assert "learnt for 19,450 rounds of 32 pictures; the paper has 60,000 of 64." in text


def test_glasses_change_faces_of_dark_skin_as_little_as_the_page_tells():
    noise = torch.tensor(np.stack([normal(f"face {number}") for number in range(1, 49)])).float()
    plain = tag_vector(["short hair", "brown hair", "blue eyes"])
    generator = pretrained.load(CARD.name).eval()
    with torch.no_grad():
        without, glasses = (127.5 * generator(noise, tags.expand(48, -1))
                            for tags in (plain, plain + tag_vector(["glasses"])))
    red = without[:, 0, 44:50, 20:40].mean(dim=(1, 2)) + 127.5           # of the chin
    dark = red < 155
    assert red[dark].max() + 15 < red[~dark].min()                       # a gap, so the border does not decide
    moved = (glasses - without)[:, :, 28:46, 12:46].abs().mean(dim=(1, 2, 3))
    text = " ".join(SOURCE.read_text(encoding="utf-8").split())
    assert (f"by {moved[~dark].mean():.0f} of 255 steps on average on {(~dark).sum()} faces, and by only "
            f"{moved[dark].mean():.0f} on the {dark.sum()} with the darkest skin") in text
