"""What functions of the book's own scripts return, computed by node; and pages that hold a chapter's live piece."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from stored_notebook import StoredNotebook

STATIC = Path(__file__).resolve().parents[2] / "book" / "_static"
NODE = shutil.which("node")
NEEDS_NODE = pytest.mark.skipif(NODE is None, reason="needs node, which runs the page's scripts here")
DRIVER = """
const vm = require("vm");
const { scripts, code, data } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const context = vm.createContext({ AvatarStudio: { live: {} }, atob });
context.window = context;
scripts.forEach((script) => vm.runInContext(script, context));
process.stdout.write(JSON.stringify(vm.runInContext(code, context)(data)));
"""
PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>A live piece</title><script src="_static/live.js"></script></head><body>{}</body></html>"""


def ask(scripts: Sequence[str], code: str, data: Any = None) -> Any:
    """What the JavaScript function ``code`` makes of ``data``, after the studio's ``scripts`` have run."""
    assert NODE is not None
    texts = [(STATIC / "studio" / name).read_text(encoding="utf-8") for name in scripts]
    done = subprocess.run([NODE, "-e", DRIVER], check=True, capture_output=True, text=True, timeout=120,
                          input=json.dumps({"scripts": texts, "code": code, "data": data}))
    return json.loads(done.stdout)


def write_live_page(folder: Path, notebook: str, name: str) -> str:
    """The address of a page that holds what the notebook has of the live piece ``name``, and the book's scripts."""
    shutil.copytree(STATIC / "studio", folder / "_static" / "studio")
    shutil.copy(STATIC / "live.js", folder / "_static")
    (stored,) = re.findall(rf'^<div data-live="{name}">\n.*?\n</div>$', StoredNotebook(notebook).prose, re.M | re.S)
    page = folder / f"{name}.html"
    page.write_text(PAGE.format(stored), encoding="utf-8")
    return page.as_uri()
