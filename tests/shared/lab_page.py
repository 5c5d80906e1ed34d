"""A JupyterLab of its own, and one of its notebooks in a Chromium without a window."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import pytest
from jupyter_server.serverapp import list_running_servers
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

PROGRAMS = [next(filter(None, map(shutil.which, names)), "") for names in (
    ("chromium", "chromium-browser", "google-chrome"), ("chromedriver", "chromium.chromedriver"))]
NEEDS_BROWSER = [pytest.mark.browser, pytest.mark.skipif(
    "" in PROGRAMS, reason="needs Chromium and chromedriver; on Debian: apt install chromium chromium-driver")]
PATIENCE = 120      # seconds after which a server, a kernel or a page counts as stuck
HOMES = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
NEWS = "@jupyterlab/apputils-extension:announcements"      # asks whether to fetch news, in front of the page
BYTES_OF_IMAGE = """
const [image, done] = arguments;
fetch(image.src).then(answer => answer.arrayBuffer()).then(
  bytes => done(btoa(String.fromCharCode(...new Uint8Array(bytes)))), problem => done(""));
"""
Answer = TypeVar("Answer")


@contextlib.contextmanager
def jupyterlab(folder: Path) -> Iterator[str]:
    """Serve the notebooks of ``folder`` at a free port with a random token, and none of the user's settings.

    Yields the address, with {} for a notebook's name. The server ends with the block, and its kernels with it.
    """
    homes = {name: str(folder / ".jupyter" / name) for name in HOMES}
    settings = Path(homes["JUPYTER_CONFIG_DIR"], "labconfig", "page_config.json")
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"disabledExtensions": {NEWS: True}}), encoding="utf-8")
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)   # as on Ctrl-C: blocks are left in order
    log = folder / "server.log"
    with log.open("w") as stream:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--notebook-dir={folder}",
             "--LabApp.extension_manager=readonly"],
            env={**os.environ, **homes, "JUPYTER_PREFER_ENV_PATH": "1"}, stdout=stream, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + PATIENCE
        running: list[dict] = []
        while not running:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8')[-2000:]}")
            time.sleep(0.2)
            with contextlib.suppress(ValueError):      # its file is half written
                running = list(list_running_servers(homes["JUPYTER_RUNTIME_DIR"]))
        yield f"{running[0]['url']}lab/tree/{{}}?token={running[0]['token']}"
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def chromium(program: str, driver: str, *, width: int = 1280, height: int = 1100,
             logs: Sequence[str] = ("browser",), extra: Sequence[str] = ()) -> Iterator[webdriver.Chrome]:
    """Run a Chromium without a window, which sees this machine alone and remembers its console.

    With "performance" among ``logs`` it remembers what was asked for, too. ``extra`` are arguments of its command.
    """
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for argument in ("--headless=new", f"--window-size={width},{height}", "--disable-dev-shm-usage",
                     "--no-sandbox",                      # root and containers have none; the page is our own
                     "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
                     *extra):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", dict.fromkeys(logs, "ALL"))
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        browser.set_script_timeout(PATIENCE)
        yield browser
    finally:
        browser.quit()


class NotebookPage:
    """A notebook in JupyterLab: what a reader does with it, and what a reader sees."""

    def __init__(self, browser: webdriver.Chrome, address: str) -> None:
        self.browser = browser
        browser.get(address)
        self.until(lambda: "| Idle" in self.one("#jp-main-statusbar").text, "the kernel is idle")

    def until(self, question: Callable[[], Answer], what: str) -> Answer:
        """Ask until the answer is a yes."""
        wait = WebDriverWait(self.browser, PATIENCE, 0.1, [StaleElementReferenceException, LookupError])
        return wait.until(lambda browser: question(), f"waited {PATIENCE} s until {what}")

    def all(self, selector: str) -> list[WebElement]:
        """Elements of a CSS selector that are seen."""
        return [element for element in self.browser.find_elements(By.CSS_SELECTOR, selector) if element.is_displayed()]

    def one(self, selector: str, text: str | None = None) -> WebElement:
        """The only element that is seen, of those with the text if one is given."""
        found = [element for element in self.all(selector) if text in (None, element.text.strip())]
        if len(found) != 1:
            raise LookupError(f"{len(found)} elements are {selector} with text {text!r}, not one")
        return found[0]

    def menu(self, name: str, command: str) -> None:
        """Choose from the menu bar."""
        self.one("#jp-MainMenu .lm-MenuBar-item", name).click()
        self.until(lambda: self.one(f"li[data-command='{command}']"), f"{name} offers {command}").click()

    def button(self, text: str) -> None:
        """Click a widget's button."""
        self.one("button.widget-button, button.widget-toggle-button", text).click()

    def image(self, element: WebElement) -> bytes:
        """The bytes of a picture that the browser could decode; none as long as it has not."""
        drawn = self.browser.execute_script("return arguments[0].complete && arguments[0].naturalWidth > 0", element)
        return base64.b64decode(self.browser.execute_async_script(BYTES_OF_IMAGE, element)) if drawn else b""

    def problems(self) -> list[str]:
        """Errors in outputs, in JupyterLab's log of the kernel (where a callback's go) and on the browser's console."""
        self.menu("View", "logconsole:open")
        self.until(lambda: self.one(".jp-LogConsolePanel"), "the log console is open")
        time.sleep(1)                                     # it fills itself after it is seen
        kinds = [f"[data-mime-type='application/vnd.jupyter.{kind}']" for kind in ("error", "stderr")]
        return [element.text for element in self.all(", ".join(kinds))] + [
            line["message"] for line in self.browser.get_log("browser") if line["level"] == "SEVERE"]
