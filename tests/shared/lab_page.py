"""A JupyterLab server of its own, and a notebook of it open in a Chromium without a window."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

PATIENCE = 90       # seconds until a server, a page or a kernel counts as stuck
BYTES_OF_IMAGE = """
const [image, done] = arguments;
fetch(image.src).then(answer => answer.arrayBuffer()).then(
  bytes => done(btoa(String.fromCharCode(...new Uint8Array(bytes)))), problem => done(String(problem)));
"""


@contextmanager
def jupyterlab(folder: Path) -> Iterator[str]:
    """Serve ``folder / "notebooks"`` at a free port, with a random token and none of the user's settings.

    Yields the address with the token. The server and its kernels end with the block, on SIGTERM too.
    """
    homes = {name: str(folder / name.lower()) for name in
             ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
    (folder / "notebooks").mkdir(exist_ok=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)      # a KeyboardInterrupt: blocks are left in order
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--notebook-dir={folder / 'notebooks'}",
             "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"],
            env={**os.environ, **homes, "JUPYTER_PREFER_ENV_PATH": "1"}, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield address(server, Path(homes["JUPYTER_RUNTIME_DIR"]), folder / "server.log")
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def address(server: subprocess.Popen, runtime: Path, log: Path) -> str:
    """Where a server that was just started says it listens."""
    deadline = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < deadline:
        for path in runtime.glob(f"jpserver-{server.pid}.json"):
            about = json.loads(path.read_text(encoding="utf-8"))
            return f"{about['url']}lab/tree/{{}}?token={about['token']}"
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8')[-2000:]}")
