"""Colours of hair: melanin as Cycles' hair shader understands it, dyes for what melanin cannot make, sRGB."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from geometry import Array

HAIRS = {  # melanin, redness: both 0 to 1
    "black": (.91, .35), "dark brown": (.80, .45), "brown": (.62, .5), "light brown": (.46, .5),
    "blond": (.26, .35), "light blond": (.16, .25), "red": (.48, 1.), "grey": (.24, .0), "white": (.1, .0)}
DYES = {"grey": (.17, .17, .18), "white": (.5, .5, .52)}     # linear RGB; melanin alone makes grey hair blond
DARKEST_BGR, RANGE_BGR = np.array([.03, .035, .045]), np.array([.42, .55, .68])
EUMELANIN, PHEOMELANIN = np.array([.506, .841, 1.653]), np.array([.343, .733, 1.924])   # absorption of red, green, blue


def srgb(linear: Array | tuple[float, ...] | list[float]) -> list[int]:
    """Linear 0 to 1 -> sRGB 0 to 255, whole numbers."""
    value = np.clip(np.asarray(linear, float), 0, 1)
    coded = np.where(value < .0031308, 12.92 * value, 1.055 * value ** (1 / 2.4) - .055)
    return (coded * 255).round().astype(int).tolist()


def shown_by_melanin(melanin: float, redness: float, roughness: float = .45) -> Array:
    """Linear RGB that hair of this melanin shows in white light (Chiang et al. 2016, as in Cycles)."""
    amount = -math.log(max(1 - melanin, 1e-4))
    absorbed = amount * (1 - redness) * EUMELANIN + amount * redness * PHEOMELANIN
    x = roughness
    path = 5.969 - .215 * x + 2.532 * x ** 2 - 10.73 * x ** 3 + 5.574 * x ** 4 + .245 * x ** 5
    return np.exp(-np.sqrt(absorbed) * path)


@dataclass(frozen=True)
class HairColour:
    """Melanin and redness (0 to 1), or a dye (linear RGB) in their place."""

    melanin: float
    redness: float
    dye: tuple[float, float, float] | None = None

    @classmethod
    def draw(cls, name: str, rng: np.random.Generator) -> HairColour:
        """A shade of a named colour, not yet dyed."""
        melanin, redness = HAIRS[name]
        return cls(float(np.clip(melanin + rng.normal(0, .03), .01, 1)),
                   float(np.clip(redness + rng.normal(0, .08), 0, 1)))

    def dyed(self, name: str, rng: np.random.Generator) -> HairColour:
        """The same hair, with a dye if the named colour needs one."""
        if name not in DYES:
            return self
        dye = np.array(DYES[name]) * rng.uniform(.7, 1.35) * (1 + rng.normal(0, .03, 3))
        return HairColour(self.melanin, self.redness, tuple(np.clip(dye, 0, .8).tolist()))

    def tint(self) -> Array:
        """BGR (3,), 0 to 1: what is painted on the skin below the hair, and on the brows."""
        if self.dye is not None:
            return np.array(srgb(self.dye), np.float32)[::-1] / 255 * np.float32(.7)
        light, red = 1 - self.melanin, self.redness
        warm = np.array([1 - .45 * red * light, 1 - .25 * red * light, 1])
        return ((DARKEST_BGR + light ** 2.0 * RANGE_BGR) * warm).astype(np.float32)

    def shown(self) -> list[int]:
        """The hair's own colour in white light: sRGB, 0 to 255."""
        return srgb(np.add(self.dye or shown_by_melanin(self.melanin, self.redness), .012))
