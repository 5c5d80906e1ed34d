"""What the README and the pages print of the library is there: every command with its options, every import."""

import json
import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest

from avatarlib.cli import build_parser

ROOT = Path(__file__).resolve().parents[1]
IMPORT = re.compile(r"^(?:from (avatarlib[\w.]*) import (\([^)]*\)|[^\n(]+)|import (avatarlib[\w.]*))", re.M)


def text_of(page: Path) -> str:
    """The source of a page: of a notebook all its cells."""
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".ipynb":
        text = "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
    return text


PAGES = [ROOT / "README.md", *sorted((ROOT / "book").glob("*.md")), *sorted((ROOT / "notebooks").glob("*.ipynb"))]
TEXTS = {page.name: text_of(page) for page in PAGES}
COMMANDS = [(name, line) for name, text in TEXTS.items() for line in re.findall(r"^avatarlib (\w.*)$", text, re.M)]
IMPORTS = [(name, *found) for name, text in TEXTS.items() for found in IMPORT.findall(text)]


def test_pages_have_commands_and_imports():
    assert len(COMMANDS) >= 8
    assert len(IMPORTS) >= 40


@pytest.mark.parametrize(("page", "command"), COMMANDS)
def test_a_printed_command_is_understood(page, command):
    options = build_parser().parse_args(shlex.split(command, comments=True))
    assert callable(options.run)


@pytest.mark.parametrize(("page", "module", "names", "whole"), IMPORTS)
def test_what_a_page_imports_is_there(page, module, names, whole):
    found = import_module(module or whole)
    for name in re.findall(r"(\w+)(?: as \w+)?", re.sub(r"#.*", "", names)):
        if not hasattr(found, name):
            import_module(f"{module}.{name}")
