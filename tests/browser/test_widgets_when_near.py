"""A slider of ipywidgets far down a page: nothing of it is fetched before a reader comes near, and then it works.

``make browser``.
"""

import json
import shutil

import ipywidgets as widgets
import pytest
from ipywidgets.embed import embed_data

pytest.importorskip("selenium", reason="needs selenium, which `make browser` installs")
from lab_page import NEEDS_BROWSER, PROGRAMS, chromium
from live_script import STATIC
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

pytestmark = NEEDS_BROWSER
PATIENCE = 60           # seconds
PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>A slider</title>
<link rel="stylesheet" href="_static/custom.css"><script src="_static/live.js"></script>
<script type="application/vnd.jupyter.widget-state+json">{state}</script></head><body class="bd-content">
<a href="#" id="before">before</a><div style="height: 6000px"></div>
<div class="cell_output"><script type="application/vnd.jupyter.widget-view+json">{view}</script></div>
<a href="#" id="after">after</a></body></html>"""
NO_OBSERVER = "delete window.IntersectionObserver"
FETCHED = "return document.querySelectorAll('script[src*=vendor]').length"


@pytest.fixture(scope="module")
def browser():
    with chromium(*PROGRAMS) as found:
        yield found


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A page with a slider, and a text that follows it without Python."""
    folder = tmp_path_factory.mktemp("page")
    for name in ("live.js", "custom.css", "vendor/widgets/require.js", "vendor/widgets/embed-amd.js"):
        (folder / "_static" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(STATIC / name, folder / "_static" / name)
    slider, text = widgets.IntSlider(value=3), widgets.IntText(value=3)
    link = widgets.jslink((slider, "value"), (text, "value"))
    data = embed_data(views=[widgets.VBox([slider, text])])
    link.close()
    page = folder / "slider.html"
    page.write_text(PAGE.format(state=json.dumps(data["manager_state"]), view=json.dumps(data["view_specs"][0])),
                    encoding="utf-8")
    return page.as_uri()


def drawn(browser):
    """The slider's handle, when it is there."""
    return WebDriverWait(browser, PATIENCE).until(lambda one: one.find_elements(By.CSS_SELECTOR, "[role=slider]"))[0]


def place(browser):
    return browser.find_element(By.CSS_SELECTOR, ".cell_output")


def test_a_slider_is_fetched_when_a_reader_comes_near_and_works(browser, address):
    browser.get(address)
    assert browser.execute_script(FETCHED) == 0
    kept = place(browser).size["height"]
    assert kept > 200
    browser.execute_script("arguments[0].scrollIntoView()", place(browser))
    drawn(browser).send_keys(Keys.ARROW_RIGHT)
    text = browser.find_element(By.CSS_SELECTOR, ".cell_output input[type=number]")
    assert text.get_property("value") == "4"
    assert browser.execute_script(FETCHED) == 2
    assert place(browser).size["height"] < kept          # no gap is left


def test_who_comes_by_the_keyboard_can_go_back_into_the_slider(browser, address):
    browser.get(address)
    browser.find_element(By.ID, "before").send_keys(Keys.TAB)
    assert browser.switch_to.active_element.get_attribute("id") == "after"
    drawn(browser)
    browser.switch_to.active_element.send_keys(Keys.SHIFT, Keys.TAB)
    assert place(browser).find_elements(By.CSS_SELECTOR, ":focus") != []


def test_a_print_draws_the_slider(browser, address):
    browser.get(address)
    assert browser.execute_script(FETCHED) == 0
    browser.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    assert drawn(browser)


def test_a_browser_that_cannot_tell_what_is_near_draws_the_slider_at_once(browser, address):
    added = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": NO_OBSERVER})
    try:
        browser.get(address)
        assert browser.execute_script("return !window.IntersectionObserver")
        assert drawn(browser)
    finally:
        browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
