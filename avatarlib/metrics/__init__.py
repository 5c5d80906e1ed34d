"""Metrics: numbers that say with how many images, which seed and which pairs they were made."""

from avatarlib.metrics.inversion import Inversion, inversion
from avatarlib.metrics.pairwise import mean_squared_error, peak_signal_noise_ratio, structural_similarity
from avatarlib.metrics.protocols import (
    Nearest,
    diversity,
    find_nearest,
    nearest_neighbours,
    random_pairs,
    real_pairs,
)
from avatarlib.metrics.score import Score
from avatarlib.metrics.table import compare

__all__ = [
    "structural_similarity", "peak_signal_noise_ratio", "mean_squared_error",
    "random_pairs", "real_pairs", "nearest_neighbours", "find_nearest", "Nearest", "diversity",
    "inversion", "Inversion", "compare", "Score",
]
