"""Every page of the built book in a Chromium that reaches no network: nothing is asked for, all can read it.

``make browser`` after ``make book``. The rules of accessibility are axe-core's, fetched once by its digest.
"""

import functools
import gzip
import json
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

pytest.importorskip("selenium", reason="needs selenium, which `make browser` installs")
import vendor
from lab_page import NEEDS_BROWSER, PROGRAMS, chromium

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build" / "html"
AXE_PACKAGE = vendor.Package("axe-core@4.14.1", "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745",
                             {"axe.min.js": ("axe.min.js",)})
AXE = ROOT / "_build" / "axe-core" / "axe.min.js"
PAGES = sorted(path.relative_to(HTML).as_posix() for folder in (HTML, HTML / "book", HTML / "notebooks")
               for path in folder.glob("*.html"))
SOURCES = sorted(path.relative_to(HTML).as_posix() for path in (HTML / "_modules").rglob("*.html"))
LIGHT = [page for page in PAGES if page != "book/studio.html"]      # the studio brings its networks
CHAPTERS = [page for page in PAGES if page.startswith("notebooks/")]
FIRST_LOAD = 2_000_000      # bytes, compressed as by a server, that a page may load before anyone scrolls
pytestmark = [*NEEDS_BROWSER, pytest.mark.skipif(not PAGES, reason="needs the built book: run make book first")]
HARMLESS = ("THEBE_JS_URL",)        # the theme declares it twice
FORMULAS = "return [...document.querySelectorAll('div.math')].filter({}).map((one) => one.textContent)"
SCROLLED = FORMULAS.format("(one) => one.scrollWidth > one.clientWidth + 1")
HIDDEN_LEFT = FORMULAS.format("(one) => one.querySelector('svg').getBoundingClientRect().left < 0")
THEME = "document.documentElement.dataset.theme = document.documentElement.dataset.mode = arguments[0]"
SETTLED = """
const done = arguments[0], startup = (window.MathJax || {}).startup || {};
Promise.resolve(startup.promise).then(() => new Promise((drawn) => requestAnimationFrame(drawn))).then(
  () => Promise.allSettled(document.getAnimations().map((change) => change.finished))).then(() => done());
"""
AXE_RUN = """
const done = arguments[0];
axe.run(document, {resultTypes: ["violations"]}).then(found => done(found.violations.filter(
  rule => ["serious", "critical"].includes(rule.impact)).map(rule => rule.id + ": " + rule.help + "; " +
  rule.nodes.slice(0, 4).map(node => node.target.join(" ")).join(" | ") + " (" + rule.nodes.length + ")")));
"""
WIDER = """
return document.documentElement.scrollWidth > document.documentElement.clientWidth + 1
  ? `${document.documentElement.scrollWidth} of ${document.documentElement.clientWidth} px` : "";
"""


@pytest.fixture(scope="module")
def browser():
    with chromium(*PROGRAMS, logs=("browser", "performance")) as found:
        yield found


@pytest.fixture(scope="module")
def axe():
    """axe-core's text, from npm; its digest is checked when it is fetched."""
    if not AXE.exists():
        AXE.parent.mkdir(parents=True, exist_ok=True)
        vendor.extract(AXE_PACKAGE, vendor.download(AXE_PACKAGE, AXE.parent), AXE.parent)
    return AXE.read_text(encoding="utf-8")


def visit(browser, page, *, width=1280, theme="light"):
    """Forget what was logged, open a page at file://, and wait until its formulas are drawn and its colours rest."""
    for kind in ("browser", "performance"):
        browser.get_log(kind)
    browser.set_window_size(width, 900)
    browser.get((HTML / page).as_uri())
    browser.execute_script(THEME, theme)
    browser.execute_async_script(SETTLED)


def asked_for(browser):
    """The addresses that the page has asked for since the log was read last."""
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]


@functools.cache
def compressed_size(path):
    return len(gzip.compress(path.read_bytes(), 6))


@pytest.mark.parametrize("page", LIGHT)
def test_a_page_is_light_until_a_reader_scrolls(browser, page):
    visit(browser, page)
    found = asked_for(browser)
    while more := (time.sleep(1), asked_for(browser))[1]:       # what a script asks for when it has run
        found += more
    files = {Path(unquote(urlsplit(url).path)) for url in found if url.startswith("file:")}
    sizes = {path.relative_to(HTML).as_posix(): compressed_size(path) for path in files}
    assert page in sizes
    heaviest = sorted(sizes.items(), key=lambda item: -item[1])[:8]
    assert sum(sizes.values()) < FIRST_LOAD, f"{page} loads {sum(sizes.values()):,} bytes, most of them {heaviest}"


@pytest.mark.parametrize("page", PAGES + SOURCES)
def test_a_page_asks_for_nothing_outside_and_logs_no_error(browser, page):
    visit(browser, page)
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
    assert any(url.endswith(page) for url in asked)                     # the log is alive
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    failed = [event["params"] for event in events if event["method"] == "Network.loadingFailed"]
    assert [one["errorText"] for one in failed if not one.get("canceled")] == []
    told = [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    assert [text for text in told if not any(known in text for known in HARMLESS)] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_no_serious_fault_of_accessibility(browser, axe, page, theme):
    visit(browser, page, theme=theme)
    browser.execute_script(axe)
    assert browser.execute_async_script(AXE_RUN) == []


@contextmanager
def as_phone(browser):
    """The window as narrow as a phone; 500 pixels is the narrowest that Chromium opens."""
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                            {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True})
    try:
        yield
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("page", PAGES)
def test_a_page_fits_a_phone(browser, page):
    visit(browser, page, width=500)
    with as_phone(browser):
        assert browser.execute_script(WIDER) == ""


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_formula_fits_a_desk_and_shows_its_left_end_on_a_phone(browser, page):
    visit(browser, page)
    assert browser.execute_script(SCROLLED) == []
    with as_phone(browser):
        assert browser.execute_script(HIDDEN_LEFT) == []
