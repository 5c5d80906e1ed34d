"""Firefox and WebKit (Safari's engine, as WebKitGTK has it) without a window, one as the other.

Firefox is told what to do in WebDriver BiDi, which it speaks itself; WebKitGTK by its own driver, on a screen of Xvfb.
``served`` gives the pages of a folder at 127.0.0.1 and lets each note what goes wrong on it, from its first script on.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import http.server
import itertools
import json
import os
import shutil
import subprocess
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import websocket
from selenium import webdriver
from selenium.common.exceptions import WebDriverException

FIREFOX = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), "")
WEBKIT_DRIVER, XVFB = (shutil.which(name) or "" for name in ("WebKitWebDriver", "Xvfb"))
MINI_BROWSERS = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
PATIENCE = 90           # seconds after which a browser or a page counts as stuck
NOTES = b"""<script>
window.problems = [];
addEventListener("error", ({message, target}) => {
  const hint = target.tagName === "LINK" && target.rel !== "stylesheet";     // of what may be read next
  if (message || !hint) problems.push(message || `${target.src || target.href} is missing`);
}, true);
addEventListener("unhandledrejection", (one) => problems.push(String(one.reason)));
</script>"""
QUIET = ("remote.active-protocols", 1), ("datareporting.policy.dataSubmissionEnabled", False), \
    ("browser.shell.checkDefaultBrowser", False), ("network.proxy.type", 0)


class Firefox:
    """A Firefox with a profile of its own in ``folder``."""

    name = "Firefox"

    def __init__(self, folder: Path, port: int) -> None:
        settings = "".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in QUIET)
        (folder / "user.js").write_text(settings, encoding="utf-8")
        options = ["--headless", "--no-remote", "--profile", str(folder), f"--remote-debugging-port={port}"]
        self.process = subprocess.Popen([FIREFOX, *options, "about:blank"], env={**os.environ, "HOME": str(folder)},
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.numbers, self.socket = itertools.count(1), self.connect(f"ws://127.0.0.1:{port}/session")
        self.call("session.new", capabilities={})
        self.page = self.call("browsingContext.getTree")["contexts"][0]["context"]

    def connect(self, address: str) -> websocket.WebSocket:
        """Wait until the browser listens."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return websocket.create_connection(address, timeout=PATIENCE, suppress_origin=True)
            except (OSError, websocket.WebSocketException):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def call(self, method: str, **given: Any) -> dict[str, Any]:
        """Send a command and return its result. RuntimeError with the browser's words if it fails."""
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": given}))
        while (answer := json.loads(self.socket.recv())).get("id") != number:
            pass
        if answer["type"] == "error":
            raise RuntimeError(answer["message"])
        return answer["result"]

    def open(self, address: str) -> None:
        self.call("browsingContext.navigate", context=self.page, url=address, wait="complete")

    def ask(self, expression: str) -> Any:
        found = self.call("script.evaluate", target={"context": self.page}, awaitPromise=True,
                          expression=f"(async () => JSON.stringify(await ({expression}) ?? null))()")
        if found["type"] == "exception":
            raise RuntimeError(found["exceptionDetails"]["text"])
        return json.loads(found["result"]["value"])

    def resize(self, width: int, height: int) -> None:
        self.call("browsingContext.setViewport", context=self.page, viewport={"width": width, "height": height})

    def picture(self) -> bytes:
        """What is seen, as PNG."""
        return base64.b64decode(self.call("browsingContext.captureScreenshot", context=self.page)["data"])

    def quit(self) -> None:
        self.socket.close()
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


class WebKit:
    """WebKitGTK's small browser on a screen of its own."""

    name = "WebKit"

    def __init__(self, folder: Path, screen: int) -> None:
        self.screen = subprocess.Popen([XVFB, f":{screen}", "-screen", "0", "1500x1300x24", "-nolisten", "tcp"],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        home = {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "DISPLAY": f":{screen}"}
        options = webdriver.WebKitGTKOptions()
        options.binary_location = str(MINI_BROWSERS[-1])
        options.add_argument("--automation")
        service = webdriver.WebKitGTKService(WEBKIT_DRIVER, env={**os.environ, **home})
        try:
            self.driver = self.started(options, service)
        except BaseException:
            self.leave_screen()
            raise
        self.driver.set_script_timeout(PATIENCE)

    @staticmethod
    def started(options: webdriver.WebKitGTKOptions, service: webdriver.WebKitGTKService) -> webdriver.WebKitGTK:
        """The driver, when the screen is there."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                with warnings.catch_warnings():     # selenium starts this driver in a way that it calls deprecated
                    warnings.simplefilter("ignore", DeprecationWarning)
                    return webdriver.WebKitGTK(options=options, service=service)
            except WebDriverException:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)

    def open(self, address: str) -> None:
        self.driver.get(address)

    def ask(self, expression: str) -> Any:
        text = self.driver.execute_async_script(
            f"const done = arguments[0]; (async () => JSON.stringify(await ({expression}) ?? null))()"
            '.then(done, (problem) => done("!" + problem))')
        if text.startswith("!"):
            raise RuntimeError(text[1:])
        return json.loads(text)

    def resize(self, width: int, height: int) -> None:
        """Set the size of the page; the frame of the window comes on top."""
        frame = self.ask("[outerWidth - innerWidth, outerHeight - innerHeight]")
        self.driver.set_window_size(width + frame[0], height + frame[1])

    def picture(self) -> bytes:
        """What is seen, as PNG."""
        return self.driver.get_screenshot_as_png()

    def quit(self) -> None:
        self.driver.quit()
        self.leave_screen()

    def leave_screen(self) -> None:
        self.screen.terminate()
        self.screen.wait()


class Noting(http.server.SimpleHTTPRequestHandler):
    """Pages of a folder, each with ``NOTES`` before its first script."""

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if path.suffix != ".html" or not path.is_file():
            return super().do_GET()
        page = path.read_bytes().replace(b"<head>", b"<head>" + NOTES, 1)
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address at which ``folder`` can be read while the block lasts."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Noting, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
