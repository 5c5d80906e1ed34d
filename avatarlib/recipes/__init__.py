"""Recipes: one adversarial game a paper. Which losses, which optimisers, in which order."""

from avatarlib.recipes.base import Recipe
from avatarlib.recipes.dcgan import DCGAN, DCGANConfig

__all__ = ["DCGAN", "DCGANConfig", "Recipe"]
