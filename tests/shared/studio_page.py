"""The studio page's panel of words in a Chromium without a window, with a stand-in for the network.

The page is the raw HTML of ``book/studio.md`` at file://, with the book's own scripts. The stand-in paints each number
of noise and each tag as a square of 4 pixels, 16 in a row, and remembers what it was given, so a test can ask what the
network would have drawn.
"""

from __future__ import annotations

import base64
import io
import math
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from lab_page import PROGRAMS, chromium
from PIL import Image
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait
from studio_words import vocabulary_script

from avatarlib.data import TAGS

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "book" / "studio.md"

Inputs = tuple[np.ndarray, np.ndarray]      # noise (128,) and tags (34,)
ENGINE = """
window.AvatarStudio = window.AvatarStudio || {};
window.asked = [];
AvatarStudio.load = async (name, tell) => {
  tell(`loading ${name}`);
  if (window.broken) throw new Error(`${name}.js could not be loaded.`);
  return {
    facts: { name, size: 64, latent: 128, megabytes: 4.5 },
    async run({ z, tags }) {
      if (![z, tags].every((part) => part instanceof Float32Array)) throw new TypeError("z and tags: Float32Array");
      asked.push({ z: [...z], tags: [...tags] });
      const numbers = [...z, ...tags], data = new Float32Array(3 * 64 * 64);
      for (let y = 0; y < 64; y++) for (let x = 0; x < 64; x++) {
        const value = numbers[16 * Math.floor(y / 4) + Math.floor(x / 4)] ?? 0;
        for (let c = 0; c < 3; c++) data[(c * 64 + y) * 64 + x] = Math.tanh(value);
      }
      return { data, dims: [1, 3, 64, 64] };
    },
  };
};
AvatarStudio.toImageData = ({ data, dims }) => {
  const [, , height, width] = dims, image = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = Math.round(127.5 * (data[c * width * height + i] + 1));
    image.data[4 * i + 3] = 255;
  }
  return image;
};
"""


def normal(name: str, length: int = 128) -> np.ndarray:
    """The noise of a name, by the description at the head of noise.js: FNV-1a, mulberry32, Box and Muller."""
    state = 0x811C9DC5
    for letter in name.encode():
        state = (state ^ letter) * 0x01000193 % 2**32

    def uniform() -> float:
        nonlocal state
        state = (state + 0x6D2B79F5) % 2**32
        mixed = (state ^ state >> 15) * (state | 1) % 2**32
        mixed ^= (mixed + (mixed ^ mixed >> 7) * (mixed | 61)) % 2**32
        return (mixed ^ mixed >> 14) / 2**32

    noise: list[float] = []
    while len(noise) < length:
        radius, angle = math.sqrt(-2 * math.log(1 - uniform())), 2 * math.pi * uniform()
        noise += [radius * math.cos(angle), radius * math.sin(angle)]
    return np.array(noise)


class StudioPage:
    """The panel as a reader meets it, and what the stand-in was asked for."""

    def __init__(self, browser: Chrome, address: str) -> None:
        self.browser, self.address = browser, address

    def open(self, mark: str = "") -> None:
        """Load the page anew."""
        self.browser.get("about:blank")             # or a link into the same page would not load it
        self.browser.get(self.address + mark)

    def start(self) -> None:
        self.at("start").click()
        self.rest()

    def at(self, name: str) -> WebElement:
        """A part of the panel."""
        return self.browser.find_element(By.ID, f"studio-{name}")

    def rest(self) -> None:
        """Wait until all is drawn."""
        WebDriverWait(self.browser, 20).until(lambda browser: browser.execute_script(
            "const panel = document.getElementById('studio-panel'); return !panel.hidden && !panel.ariaBusy"))

    def do(self, action: Callable[[], object]) -> Inputs:
        """Act, and return the last noise and tags that were drawn."""
        action()
        self.rest()
        return self.drawn()

    def drawn(self) -> Inputs:
        """The last noise and tags that the stand-in was given."""
        last = self.browser.execute_script("return asked[asked.length - 1]")
        return np.array(last["z"]), np.array(last["tags"])

    def press(self, name: str) -> Inputs:
        """Click a button of the panel."""
        return self.do(self.at(name).click)

    def write(self, text: str) -> Inputs:
        """Replace the description."""
        return self.do(lambda: self.at("text").send_keys(Keys.CONTROL, "a", Keys.NULL, text, Keys.TAB))

    def switch(self, tag: str) -> WebElement:
        """The switch of a tag."""
        return self.browser.find_element(By.CSS_SELECTOR, f"[data-tag='{tag}']")

    def states(self) -> dict[str, str]:
        """Tag -> state of its switch, without those left to chance."""
        found = self.browser.execute_script("""return Object.fromEntries(
          [...document.querySelectorAll(".studio-switch")].map(one => [one.dataset.tag, one.dataset.asked]))""")
        assert tuple(sorted(found)) == tuple(sorted(TAGS))
        return {tag: state for tag, state in found.items() if state != "chance"}

    def pixels(self, name: str) -> np.ndarray:
        """A canvas as uint8 (H, W, 3)."""
        png = self.browser.execute_script("return arguments[0].toDataURL()", self.at(name)).split(",")[1]
        with Image.open(io.BytesIO(base64.b64decode(png))) as picture:
            return np.array(picture.convert("RGB"), dtype=int)

    def slide(self, name: str, value: str) -> Inputs:
        """Put a slider to a value as a hand does."""
        return self.do(lambda: self.browser.execute_script("""
            arguments[0].value = arguments[1];
            for (const kind of ["input", "change"]) arguments[0].dispatchEvent(new Event(kind))""",
            self.at(name), value))

    def choose(self, tag: str) -> Inputs:
        """Click the switch of a tag."""
        return self.do(self.switch(tag).click)

    def unfold(self, name: str) -> Inputs:
        """Open the details that hold an element."""
        return self.do(lambda: self.browser.execute_script(
            "arguments[0].closest('details').open = true", self.at(name)))


def write_page(folder: Path, scripts: Mapping[str, str]) -> str:
    """The address of a page of studio.md's raw HTML with the book's own scripts and ``scripts`` (name -> text)."""
    static = folder / "_static" / "studio"
    shutil.copytree(ROOT / "book" / "_static" / "studio", static)
    for name, text in scripts.items():
        (static / name).write_text(text, encoding="utf-8")
    raw = "\n".join(re.findall(r"```\{raw\} html\n(.*?)```", SOURCE.read_text(encoding="utf-8"), re.DOTALL))
    page = folder / "book" / "studio.html"
    page.parent.mkdir()
    page.write_text("<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><meta name='viewport' "
                    f"content='width=device-width'><title>Studio</title></head><body>{raw}</body></html>",
                    encoding="utf-8")
    return page.as_uri()


@pytest.fixture(scope="module", name="address")
def studio_address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page with the stand-in."""
    return write_page(tmp_path_factory.mktemp("studio"), {
        "core.js": ENGINE, "vocabulary.js": vocabulary_script(), "heads.js": "AvatarStudio.heads = { pictures: [] };"})


@pytest.fixture(scope="module", name="browser")
def studio_browser() -> Iterator[Chrome]:
    """A Chromium for the tests of a file."""
    with chromium(*PROGRAMS) as found:
        yield found


@pytest.fixture(name="page")
def studio_started(browser: Chrome, address: str) -> Iterator[StudioPage]:
    """The page, started; whatever a test does on it must log nothing."""
    found = StudioPage(browser, address)
    browser.get_log("browser")
    found.open()
    found.start()
    yield found
    assert [line["message"] for line in browser.get_log("browser")] == []
