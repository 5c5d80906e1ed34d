"""Every number of every recipe's config has a bound, and says it."""

import importlib
import pkgutil
from dataclasses import fields, is_dataclass

import pytest

from avatarlib import recipes
from avatarlib.recipes import ACGANConfig
from avatarlib.recipes.bounds import BOUNDS, Bounded


def configs():
    """All dataclasses of the package whose name ends in Config, wherever they are defined."""
    modules = [importlib.import_module(f"avatarlib.recipes.{module.name}")
               for module in pkgutil.iter_modules(recipes.__path__)]
    return sorted({value for module in modules for name, value in vars(module).items()
                   if name.endswith("Config") and is_dataclass(value)}, key=lambda kind: kind.__name__)


def numbers(kind):
    """Names of a config's fields that hold a number, several, or none yet."""
    return [field.name for field in fields(kind)
            if isinstance(field.default, int | float | tuple | None) and not isinstance(field.default, bool)]


ALL = [(kind, name) for kind in configs() for name in numbers(kind)]


def like(default, number):
    """A value of the shape of ``default`` whose last number is ``number``."""
    return (*default[:-1], number) if isinstance(default, tuple) else number


def test_the_walk_meets_every_config_and_number():
    """Counted by hand in the classes; a new one must be looked at."""
    assert {kind.__name__: len(numbers(kind)) for kind in configs()} == {
        "ACGANConfig": 19, "CUTConfig": 19, "CartoonGANConfig": 25, "ContentInvarianceConfig": 23,
        "CycleGANConfig": 23, "DCGANConfig": 8, "FlowMatchingConfig": 12, "LandmarkConfig": 8, "Pix2PixConfig": 17,
        "PointGANConfig": 7, "R3DCGANConfig": 11, "TaggerConfig": 7, "TranslationConfig": 12}
    assert {name for _, name in ALL} == set(BOUNDS)


@pytest.mark.parametrize(("kind", "name"), ALL)
@pytest.mark.parametrize("wrong", [-1, float("nan"), float("inf"), "4", True])
def test_a_number_out_of_its_bound_is_refused_by_its_name(kind, name, wrong):
    """No number of a config is negative or infinite; text and yes are no numbers."""
    assert issubclass(kind, Bounded)
    with pytest.raises(ValueError, match=rf"^{name} must be .*, got {wrong!r}$"):
        kind(**{name: like(getattr(kind(), name), wrong)})


@pytest.mark.parametrize(("change", "message"), [
    ({"latent": 0}, "latent must be at least 1, got 0"),
    ({"width": 0}, "width must be at least 1, got 0"),
    ({"batch_size": 2.5}, "batch_size must be an integer, got 2.5"),
    ({"decay_after": -1}, "decay_after must be at least 0, got -1"),
    ({"learning_rate": 0}, "learning_rate must be above 0 and finite, got 0"),
    ({"learning_rate": None}, "learning_rate must be a number, got None"),
    ({"generator_rate": 0.0}, "generator_rate must be above 0 and finite, got 0.0"),
    ({"dragan_weight": -0.5}, "dragan_weight must be at least 0 and finite, got -0.5"),
    ({"dragan_share": 0.0}, r"dragan_share must be in \(0, 1\], got 0.0"),
    ({"dragan_share": 1.5}, r"dragan_share must be in \(0, 1\], got 1.5"),
    ({"ema_decay": 1.0}, r"ema_decay must be in \[0, 1\), got 1.0"),
    ({"betas": (0.5, 1.0)}, r"betas must be in \[0, 1\), got 1.0"),
    ({"betas": (0.5,)}, r"betas must be 2 numbers, got \(0.5,\)"),
    ({"betas": 0.5}, "betas must be 2 numbers, got 0.5"),
])
def test_a_bound_is_said_in_words(change, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        ACGANConfig(**change)


def test_the_ends_of_the_bounds_belong_to_them_as_said():
    ACGANConfig(latent=1, decay_after=0, dragan_weight=0, dragan_share=1, ema_decay=0, betas=(0, 0.999),
                generator_rate=None, learning_rate=1)
