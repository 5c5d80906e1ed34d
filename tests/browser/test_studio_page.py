"""The studio page's panel of words: description, switches, faces, walks. ``make browser``; see ``studio_page``."""

import json
import math

import numpy as np
import pytest
import torch

from avatarlib.data import TAGS, tag_names
from avatarlib.data.drawn.tag_drawing import contradiction
from avatarlib.interact.latent import slerp

pytest.importorskip("selenium", reason="needs selenium, which `make browser` installs")
from lab_page import NEEDS_BROWSER
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait
from studio_page import StudioPage, normal, studio_address, studio_browser, studio_started  # noqa: F401 - fixtures

pytestmark = NEEDS_BROWSER


def test_nothing_is_drawn_before_start_and_start_needs_no_mouse(browser, address):
    page = StudioPage(browser, address)
    page.open()
    assert not page.at("panel").is_displayed()
    assert browser.execute_script("return asked.length") == 0
    browser.switch_to.active_element.send_keys(Keys.TAB)
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    page.rest()
    assert not page.at("welcome").is_displayed()
    assert browser.switch_to.active_element == page.at("text")
    assert "4.5 MB" in page.at("megabytes").find_element(By.XPATH, "..").text


def test_a_network_that_cannot_be_loaded_says_so_and_can_be_tried_again(browser, address):
    page = StudioPage(browser, address)
    page.open()
    browser.execute_script("window.broken = true")
    page.at("start").click()
    WebDriverWait(browser, 20).until(lambda _: "could not be loaded" in page.at("progress").text)
    browser.execute_script("window.broken = false")
    page.start()
    assert page.at("status").text


def test_the_noise_of_a_face_is_that_of_its_number(page):
    noise, _ = page.do(lambda: page.at("face").send_keys(Keys.CONTROL, "a", Keys.NULL, "4711", Keys.TAB))
    np.testing.assert_allclose(noise, normal("face 4711"), atol=1e-6)
    noise, _ = page.press("next")
    np.testing.assert_allclose(noise, normal("face 4712"), atol=1e-6)
    many = np.concatenate([normal(f"face {number}") for number in range(100)])       # 12,800 numbers
    assert abs(many.mean()) < 4 / math.sqrt(many.size)
    assert abs(many.std() - 1) < 4 / math.sqrt(2 * many.size)


def test_a_description_sets_switches_words_and_picture(page):
    before = page.pixels("now")
    _, tags = page.write("short pruple hair, red eyes, a hat, no smile, zorgle")
    assert page.states() == {"short hair": "on", "purple hair": "on", "red eyes": "on", "hat": "on", "smile": "off"}
    assert {"short hair", "purple hair", "red eyes", "hat"} <= set(tag_names(tags))
    assert "smile" not in tag_names(tags)
    assert page.at("status").text.startswith("Short purple hair, red eyes")
    assert page.at("now").get_attribute("aria-label").lower().endswith(page.at("status").text.lower().rstrip("."))
    assert (page.pixels("now") != before).any()
    underlined = {kind: [word.get_attribute("textContent") for word in page.at("typed").find_elements(
        By.CLASS_NAME, f"studio-{kind}")] for kind in ("on", "off", "spelling", "unknown")}
    assert underlined == {"on": ["short", "pruple", "red", "hat"], "off": ["smile"], "spelling": ["pruple"],
                          "unknown": ["zorgle"]}
    reading = page.at("reading").text
    for line in ("short: short hair, said of 'hair'", "pruple: read as 'purple'", "no: denies what follows",
                 "zorgle: unknown"):
        assert line in reading


def test_each_letter_is_read_but_only_the_end_goes_to_the_gallery(page):
    page.do(lambda: page.at("text").send_keys(", a hat and a ribbon"))
    assert page.states()["ribbon"] == "on"
    assert len(page.at("gallery").find_elements(By.TAG_NAME, "button")) == 1
    page.do(lambda: page.at("text").send_keys(Keys.TAB))
    assert len(page.at("gallery").find_elements(By.TAG_NAME, "button")) == 2


def test_what_the_hand_set_stays_until_the_words_speak_of_it(page):
    page.write("red hair")
    page.choose("hat")
    page.write("red hair, a ribbon")
    assert page.states() == {"red hair": "on", "ribbon": "on", "hat": "on"}
    assert "hat on" in page.at("reading").text
    page.write("red hair, a ribbon, no hat")
    assert page.states()["hat"] == "off"
    page.write("red hair, a ribbon")
    assert "hat" not in page.states()


def test_a_switch_changes_its_tag_and_keeps_the_face(page):
    page.press("all-chance")
    noise, tags = page.press("hold")
    before = page.pixels("now")
    flipped = "ribbon" if tags[TAGS.index("ribbon")] == 0 else "hat"
    was = page.states()[flipped]
    page.choose(flipped)                                # off -> chance, or on -> off
    after, other = page.drawn()
    while page.states().get(flipped) != {"off": "on", "on": "off"}[was]:
        after, other = page.choose(flipped)
    np.testing.assert_array_equal(after, noise)
    assert set(tag_names(tags)) ^ set(tag_names(other)) == {flipped}
    assert page.at("changed").text.startswith(f"Same face, {'now with' if was == 'off' else 'without'} {flipped}")
    np.testing.assert_array_equal(page.pixels("before"), before)
    assert (page.pixels("now") != before).any()


def test_one_colour_and_one_length_at_a_time(page):
    page.press("all-chance")
    for tag in ("red hair", "blue hair", "long hair", "twintails"):
        page.choose(tag)
    assert page.states() == {"blue hair": "on", "long hair": "on", "twintails": "on"}      # long twintails are drawn
    _, tags = page.choose("short hair")
    assert page.states() == {"blue hair": "on", "short hair": "on"}
    assert [tag for tag in tag_names(tags) if tag in TAGS[:18]] == ["blue hair", "short hair"]
    page.choose("short hair")
    assert page.states()["short hair"] == "off"
    page.choose("short hair")
    assert "short hair" not in page.states()


def test_chance_and_noise_are_drawn_apart(page):
    noise, _ = page.press("all-chance")
    seen = set()
    for _ in range(12):
        same, drawn = page.press("new-tags")
        np.testing.assert_array_equal(same, noise)
        assert contradiction(frozenset(tag_names(drawn))) == ""
        seen.add(tag_names(drawn))
    assert len(seen) > 6
    new, same_tags = page.press("new-face")
    assert (new != noise).any()
    np.testing.assert_array_equal(same_tags, drawn)
    by_chance = [one.get_attribute("data-tag") for one in page.browser.find_elements(
        By.CSS_SELECTOR, "[data-state='drawn']")]
    assert sorted(by_chance) == sorted(tag_names(drawn))


def test_bold_scales_the_noise_alone(page):
    noise, tags = page.drawn()
    bold, same = page.slide("bold", "1.5")
    np.testing.assert_allclose(bold, 1.5 * noise, atol=1e-5)
    np.testing.assert_array_equal(same, tags)


def test_a_walk_takes_the_neighbour_that_was_shown(page):
    start, tags = page.drawn()
    page.unfold("neighbours")
    asked = page.browser.execute_script("return asked")
    third = np.array(asked[-9 + 2]["z"])
    fresh = normal("face 15 walk 3")
    np.testing.assert_allclose(third, math.sqrt(1 - 0.7**2) * start + 0.7 * fresh, atol=1e-5)
    button = page.at("neighbours").find_elements(By.TAG_NAME, "button")[2]
    page.do(button.click)
    taken = page.browser.execute_script("return asked")[len(asked)]
    np.testing.assert_array_equal(taken["z"], third)
    np.testing.assert_array_equal(taken["tags"], tags)
    assert page.at("walked").text == "1 step away from face 15."
    assert page.at("step").text == "0.56"
    assert page.browser.switch_to.active_element == button
    sheet = page.browser.execute_script("return asked.slice(-9)")
    page.press("other-nine")
    others = page.browser.execute_script("return asked.slice(-9)")
    assert not {json.dumps(one["z"]) for one in sheet} & {json.dumps(one["z"]) for one in others}
    page.press("walk-back")
    assert page.at("walked").text == ""


def test_the_way_from_a_to_b(page):
    page.unfold("way")
    assert not page.at("way").is_enabled()
    a, a_tags = page.drawn()
    page.press("pin-a")
    page.write("short red hair, hat, purple eyes")
    b, b_tags = page.press("new-face")
    page.press("pin-b")
    half, tags = page.slide("way", "0.5")
    np.testing.assert_allclose(tags, (a_tags + b_tags) / 2)
    np.testing.assert_allclose(half, slerp(torch.from_numpy(a), torch.from_numpy(b), 0.5), atol=1e-5)
    assert page.at("way-value").text == "50 % of the way"
    end, tags = page.slide("way", "1")
    np.testing.assert_allclose(end, b, atol=1e-5)
    np.testing.assert_allclose(tags, b_tags)


def test_the_newest_wish_wins(page):
    """Twenty wishes in one moment: only the first that began and the last are drawn."""
    before = page.browser.execute_script("return asked.length")
    page.do(lambda: page.browser.execute_script(
        "for (let i = 0; i < 20; i++) document.getElementById('studio-next').click()"))
    assert page.browser.execute_script("return asked.length") - before <= 2
    assert page.at("face").get_attribute("value") == "35"
    np.testing.assert_allclose(page.drawn()[0], normal("face 35"), atol=1e-6)
