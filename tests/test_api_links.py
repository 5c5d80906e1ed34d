"""Chapters and the API reference name each other."""

import importlib
import re
from pathlib import Path

import pytest
from stored_notebook import NOTEBOOKS, StoredNotebook

API = (Path(__file__).resolve().parents[1] / "book" / "api.md").read_text(encoding="utf-8")
DOCUMENTED = set(re.findall(r"\.\. auto(?:module|function):: ([\w.]+)", API))


def linked(chapter):
    """Dotted names in the line "In the library" of a chapter -> the text of each link."""
    (line,) = re.findall(r"^\*\*In the library\*\*: (.*)\.$", StoredNotebook(chapter).prose, re.M)
    links = re.findall(r"\[`([\w.]+)`\]\(#([\w.]+)\)", line)
    assert ", ".join(f"[`{text}`](#{name})" for text, name in links) == line
    return {name: text for text, name in links}


@pytest.mark.parametrize("chapter", [path.stem for path in NOTEBOOKS])
def test_a_chapter_links_what_it_uses_of_the_library(chapter):
    names = linked(chapter)
    assert len(names) >= 6
    page = StoredNotebook(chapter)
    everything = page.prose + "\n".join("".join(cell["source"]) for cell in page.code)
    for name, text in names.items():
        module, _, thing = name.rpartition(".")
        assert getattr(importlib.import_module(module), thing).__doc__, name
        assert module in DOCUMENTED or name in DOCUMENTED, f"{name} is not in book/api.md"
        assert name.endswith(f".{text}")
        assert len(re.findall(rf"\b{thing}\b", everything)) > 2, f"{name} is linked and not used"


def test_the_reference_names_the_chapters_that_link_to_each_group():
    rows = dict(re.findall(r"^\| \[`(avatarlib[\w.]*)`\]\(api-[\w-]+\) \|.*\| ([^|]*) \|$", API, re.M))
    assert len(rows) > 10
    groups = [name for name in rows if name != "avatarlib"]
    used = {path.stem: {group for group in groups for name in linked(path.stem) if name.startswith(f"{group}.")}
            for path in NOTEBOOKS}
    for group in groups:
        named = re.findall(r"\.\./notebooks/([\w.]+)\.ipynb", rows[group])
        assert sorted(named) == sorted(chapter for chapter, found in used.items() if group in found), group
