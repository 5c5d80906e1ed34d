"""Metrics: numbers that say with how many images, which seed and which pairs they were made."""

from avatarlib.metrics.agreement import RankAgreement, rank_agreement
from avatarlib.metrics.backbones import has_inception, inception_features, random_features
from avatarlib.metrics.baselines import classical_cartoon, colour_transfer, recoloured_mean
from avatarlib.metrics.corruptions import blurred, collapsed, corruptions, shuffled_colours
from avatarlib.metrics.distances import frechet_at_infinity, frechet_distance, kernel_distance, sliced_distance
from avatarlib.metrics.features import Features
from avatarlib.metrics.inversion import Inversion, inversion
from avatarlib.metrics.kept import (
    AT_EYES,
    AT_MOUTH,
    StripJudge,
    face_strips,
    nearest_colours,
    region_colours,
    train_judge,
)
from avatarlib.metrics.lines import drawn_lines, edge_f1
from avatarlib.metrics.manifold import density_coverage, precision_recall
from avatarlib.metrics.memorised import Memorised, memorised
from avatarlib.metrics.pairwise import mean_squared_error, peak_signal_noise_ratio, structural_similarity
from avatarlib.metrics.perceptual import feature_distance, lpips, lpips_network
from avatarlib.metrics.protocols import (
    Nearest,
    compare,
    diversity,
    find_nearest,
    nearest_neighbours,
    random_pairs,
    real_pairs,
)
from avatarlib.metrics.score import Score, SetScore, bootstrap_interval, seed_interval
from avatarlib.metrics.set_quality import caption, quality, quality_table
from avatarlib.metrics.tag_changes import tag_changes
from avatarlib.metrics.tags import estimated_tags, tag_agreement, tag_precision, wilson_interval
from avatarlib.metrics.variety import vendi_score

__all__ = [
    "structural_similarity", "peak_signal_noise_ratio", "mean_squared_error",
    "random_pairs", "real_pairs", "nearest_neighbours", "find_nearest", "Nearest", "diversity",
    "inversion", "Inversion", "compare", "Score",
    "Features", "inception_features", "has_inception", "random_features",
    "quality", "quality_table", "caption", "SetScore",
    "frechet_distance", "frechet_at_infinity", "kernel_distance", "sliced_distance", "precision_recall",
    "density_coverage", "vendi_score", "seed_interval",
    "tag_precision", "tag_changes", "tag_agreement", "estimated_tags", "wilson_interval", "lpips", "lpips_network",
    "corruptions", "blurred", "collapsed", "shuffled_colours",
    "classical_cartoon", "recoloured_mean", "feature_distance", "drawn_lines", "edge_f1", "region_colours",
    "nearest_colours", "AT_EYES", "AT_MOUTH", "face_strips", "StripJudge", "train_judge", "bootstrap_interval",
    "colour_transfer", "memorised", "Memorised", "rank_agreement", "RankAgreement",
]
