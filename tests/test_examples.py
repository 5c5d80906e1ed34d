"""Every name of the API page has an example in its docstring, and every example does what it shows."""

import doctest
import importlib
import inspect
import re
from pathlib import Path

import numpy as np
import pytest
import torch

API = Path(__file__).resolve().parents[1] / "book" / "api.md"
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def documented():
    """The functions and classes of the API page, by their full names."""
    found = {}
    page = API.read_text(encoding="utf-8")
    for name in re.findall(r"^\.\. auto(?:module|function|class):: (\S+)", page, re.MULTILINE):
        try:
            module = importlib.import_module(name)
            listed = getattr(module, "__all__", None) or [key for key, value in vars(module).items()
                                                           if getattr(value, "__module__", "") == name]
            members = [getattr(module, key) for key in listed]
        except ModuleNotFoundError:
            module_name, _, key = name.rpartition(".")
            members = [getattr(importlib.import_module(module_name), key)]
        found |= {f"{one.__module__}.{one.__qualname__}": one for one in members
                  if inspect.isfunction(one) or inspect.isclass(one)}
    return found


NAMES = documented()


def test_the_page_names_most_of_the_library():
    assert len(NAMES) > 250


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_documented_name_has_an_example(name):
    assert ">>>" in (NAMES[name].__doc__ or ""), f"{name} has no example in its docstring"


@pytest.mark.parametrize("module", sorted({one.__module__ for one in NAMES.values()}))
def test_examples_do_what_they_show(module, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)                                     # what an example writes is left nowhere
    loaded = importlib.import_module(module)
    with torch.random.fork_rng(devices=[]), np.printoptions(legacy=False):
        torch.manual_seed(0)
        failed, tried = doctest.testmod(loaded, optionflags=FLAGS)
    assert tried
    assert failed == 0
