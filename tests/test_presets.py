"""Which preset is chosen, and seeds."""

import random

import numpy as np
import pytest
import torch

import avatarlib as al


def test_a_name_goes_before_the_environment_and_the_environment_before_the_machine(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setenv("AVATARLIB_PRESET", "quick")
    assert al.preset("smoke") == "smoke"
    assert al.preset() == "quick"


@pytest.mark.parametrize(("cuda", "expected"), [(True, "full"), (False, "quick")])
def test_without_a_choice_the_machine_decides(monkeypatch, cuda, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    assert al.preset() == expected


def test_an_unknown_preset_names_where_it_came_from(monkeypatch):
    with pytest.raises(ValueError, match=r"name must be one of \('smoke', 'quick', 'full'\), got 'large'"):
        al.preset("large")
    monkeypatch.setenv("AVATARLIB_PRESET", "tiny")
    with pytest.raises(ValueError, match=r"AVATARLIB_PRESET must be one of .*, got 'tiny'"):
        al.preset()


def test_a_seed_fixes_the_three_global_generators():
    def draws():
        return random.random(), np.random.rand(), torch.rand(()).item()   # noqa: NPY002
    al.set_seed(3)
    first = draws()
    assert draws() != first
    al.set_seed(3)
    assert draws() == first


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, "0"])
def test_a_seed_out_of_range_is_named(seed):
    with pytest.raises(ValueError, match=r"seed must be an integer in \[0, 4294967295\], got "):
        al.set_seed(seed)


def test_without_a_seed_the_environment_has_the_word_and_else_it_is_0(monkeypatch):
    monkeypatch.delenv("AVATARLIB_SEED", raising=False)
    assert al.set_seed() == 0
    monkeypatch.setenv("AVATARLIB_SEED", "7")
    assert al.set_seed() == torch.initial_seed() == 7
    monkeypatch.setenv("AVATARLIB_SEED", "x")
    with pytest.raises(ValueError, match=r"AVATARLIB_SEED must be an integer in \[0, 4294967295\], got 'x'"):
        al.set_seed()
