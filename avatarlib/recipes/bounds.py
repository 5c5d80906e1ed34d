"""What all configs of recipes share: presets, and bounds of their numbers by name, which means the same in each."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields
from numbers import Integral, Real
from typing import Any, TypeVar

from avatarlib.presets import preset as choose_preset

__all__ = ["BOUNDS", "Bounded"]

# Which kind of number, what must hold of it, and that in words.
COUNT = (Integral, lambda value: value >= 1, "at least 1")
BEGINNING = (Integral, lambda value: value >= 0, "at least 0")
RATE = (Real, lambda value: 0 < value < math.inf, "above 0 and finite")
WEIGHT = (Real, lambda value: 0 <= value < math.inf, "at least 0 and finite")
DECAY = (Real, lambda value: 0 <= value < 1, "in [0, 1)")
SHARE = (Real, lambda value: 0 < value <= 1, "in (0, 1]")
PART = (Real, lambda value: 0 <= value <= 1, "in [0, 1]")

BOUNDS: dict[str, tuple[type, Callable[[Any], bool], str]] = {
    **dict.fromkeys(("batch_size", "blocks", "decay_rounds", "depth", "discriminator_steps", "epochs", "judge_layers",
                     "judge_width", "kernel", "latent", "levels", "patch", "patches", "penalty_every", "rounds",
                     "scales", "size", "steps", "style", "tags", "warm_up_rounds", "width"), COUNT),
    **dict.fromkeys(("decay_after", "initial_epochs", "initial_rounds", "pool_size"), BEGINNING),
    **dict.fromkeys(("generator_rate", "learning_rate", "temperature"), RATE),
    **dict.fromkeys(("adversarial_weight", "autoencoding_weight", "colour_weight", "content_weight", "cycle_weight",
                     "dragan_weight", "fake_tags_weight", "grey_adversarial_weight", "grey_style_weight",
                     "heatmap_weight", "identity_weight", "l1_weight", "landmark_weight", "last_cycle_weight",
                     "last_identity_weight", "last_penalty_weight", "nce_weight", "penalty_weight",
                     "reconstruction_weight", "style_weight", "total_variation_weight", "weight_decay"), WEIGHT),
    **dict.fromkeys(("betas", "burn_in_share", "ema_decay", "initial_fall", "warm_up_share"), DECAY),
    **dict.fromkeys(("dragan_share", "epoch_decay", "penalty_share"), SHARE),
    "decay_share": PART}


Config = TypeVar("Config", bound="Bounded")


class Bounded:
    """A config dataclass with presets, whose numbers are checked when it is made.

    Raises
    ------
    ValueError
        If a number is outside the bound of its name, or no number. None is accepted where it is the default.
    """

    @classmethod
    def presets(cls: type[Config]) -> dict[str, Config]:
        """All presets by name: at least the three of ``avatarlib.presets``, where a recipe can be trained by name."""
        return {"full": cls()}

    @classmethod
    def preset(cls: type[Config], name: str | None = None) -> Config:
        """The settings called ``name``; without a name, those of ``avatarlib.presets.preset``.

        Raises
        ------
        ValueError
            If there is no such preset.
        """
        presets, wanted = cls.presets(), name or choose_preset()
        if wanted not in presets:
            raise ValueError(f"name must be one of {tuple(presets)}, got {wanted!r}")
        return presets[wanted]

    def __post_init__(self) -> None:
        for field in fields(self):      # type: ignore[arg-type]    # every subclass is a dataclass
            value = getattr(self, field.name)
            if field.name not in BOUNDS or (value is None and field.default is None):
                continue
            kind, holds, words = BOUNDS[field.name]
            several = field.default if isinstance(field.default, tuple) else ()
            if several and not (isinstance(value, tuple) and len(value) == len(several)):
                raise ValueError(f"{field.name} must be {len(several)} numbers, got {value!r}")
            for number in value if several else (value,):
                if not isinstance(number, kind) or isinstance(number, bool):
                    what = "an integer" if kind is Integral else "a number"
                    raise ValueError(f"{field.name} must be {what}, got {number!r}")
                if not holds(number):
                    raise ValueError(f"{field.name} must be {words}, got {number!r}")
