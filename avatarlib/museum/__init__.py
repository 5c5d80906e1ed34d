"""The failure museum: games that go wrong from a seed in seconds, each beside its cure."""

from avatarlib.museum.exhibit import Exhibit
from avatarlib.museum.games import batch_norm_leak, hidden_shift, mode_collapse, vanishing_gradient
from avatarlib.museum.pictures import checkerboard, colour_collapse, discriminator_overfitting
from avatarlib.museum.translations import identity_map

__all__ = ["EXHIBITS", "Exhibit", "batch_norm_leak", "checkerboard", "colour_collapse", "discriminator_overfitting",
           "hidden_shift", "identity_map", "mode_collapse", "vanishing_gradient"]

EXHIBITS = (mode_collapse, vanishing_gradient, checkerboard, batch_norm_leak, hidden_shift, discriminator_overfitting,
            colour_collapse, identity_map)
