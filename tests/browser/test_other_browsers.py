"""The built book in Firefox and in WebKit, Safari's engine: every page, and the studio alive. ``make browser``.

Each needs programs of the system (Debian: ``firefox-esr``; ``webkit2gtk-driver`` and ``xvfb``) and is left out without.
"""

import base64
import io
import socket
import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("selenium", reason="needs selenium, which `make browser` installs")
from engines import FIREFOX, MINI_BROWSERS, PATIENCE, WEBKIT_DRIVER, XVFB, Firefox, WebKit, served
from PIL import Image

HTML = Path(__file__).resolve().parents[2] / "_build" / "html"
PAGES = sorted(path.relative_to(HTML).as_posix() for folder in ("", "book", "notebooks")
               for path in (HTML / folder).glob("*.html"))
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not PAGES, reason="needs the built book: run make book first")]
ENGINES = {
    "firefox": (Firefox, [FIREFOX], "firefox-esr"),
    "webkit": (WebKit, [WEBKIT_DRIVER, XVFB, MINI_BROWSERS], "webkit2gtk-driver xvfb")}
HARMLESS = ("THEBE_JS_URL", "Script error.")     # the theme declares it twice; WebKit does not say what it was
SEEN = """(async () => {
  await ((window.MathJax || {}).startup || {}).promise;
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  const { scrollWidth, clientWidth } = document.documentElement;
  const all = (selector) => [...document.querySelectorAll(selector)];
  return {
    title: document.title, problems: window.problems, wider: Math.max(0, scrollWidth - clientWidth - 1),
    undrawn: all("div.math, span.math").filter((one) => !one.querySelector("svg, mjx-container")).length,
    broken: all("img:not([loading=lazy])").filter((one) => one.complete && !one.naturalWidth).map((one) => one.src),
  };
})()"""


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture(scope="module", params=ENGINES)
def browser(request, tmp_path_factory):
    start, programs, packages = ENGINES[request.param]
    if not all(programs):
        pytest.skip(f"needs more of the system; on Debian: apt install {packages}")
    number = free_port()
    found = start(tmp_path_factory.mktemp(request.param), number if start is Firefox else number % 1000 + 100)
    yield found
    found.quit()


@pytest.fixture(scope="module")
def address():
    with served(HTML) as found:
        yield found


def wait_for(browser, expression, deadline=PATIENCE):
    """Wait until an expression of JavaScript is true."""
    end = time.monotonic() + deadline
    while not browser.ask(expression):
        assert time.monotonic() < end, f"never came: {expression}"
        time.sleep(0.3)


def test_every_page_fits_and_is_whole(browser, address):
    """On a desk and as narrow as a phone: all formulas are drawn, no picture is missing, no script stumbles."""
    faults = {}
    for page in PAGES:
        for width in (1280, 390):
            browser.resize(width, 900)
            browser.open(f"{address}/{page}")
            found = browser.ask(SEEN)
            assert found.pop("title")
            found["problems"] = [text for text in found["problems"] if not any(known in text for known in HARMLESS)]
            if any(found.values()):
                faults[page, width] = found
    assert faults == {}


def drawn(browser, name):
    """A canvas as uint8 (H, W, 3)."""
    text = browser.ask(f"document.getElementById('{name}').toDataURL()")
    with Image.open(io.BytesIO(base64.b64decode(text.split(",")[1]))) as picture:
        return np.array(picture.convert("RGB"))


def test_the_studio_draws(browser, address):
    """From words, and from a photograph."""
    browser.resize(1280, 900)
    browser.open(f"{address}/book/studio.html")
    browser.ask("document.getElementById('studio-start').click()")
    wait_for(browser, "!document.getElementById('studio-panel').hidden"
                      " && !document.getElementById('studio-panel').ariaBusy")
    assert drawn(browser, "studio-now").std() > 20
    browser.ask("document.getElementById('photo-start').click()")
    wait_for(browser, "document.getElementById('photo-status').textContent.includes('drawn in')")
    assert drawn(browser, "photo-source").std() > 20
    assert [text for text in browser.ask("window.problems") if not any(known in text for known in HARMLESS)] == []
