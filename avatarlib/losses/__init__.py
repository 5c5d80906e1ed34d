"""Losses: pure functions on tensors. Each docstring gives shapes, ranges and the paper's equation."""

from avatarlib.losses.adversarial import (
    ADVERSARIAL_LOSSES,
    AdversarialLoss,
    adversarial_loss,
    bce_discriminator_loss,
    edge_promoting_loss,
    grey_adversarial_loss,
    hinge_discriminator_loss,
    hinge_loss,
    least_squares_discriminator_loss,
    least_squares_loss,
    minimax_loss,
    non_saturating_loss,
    relativistic_discriminator_loss,
    relativistic_loss,
)
from avatarlib.losses.augment import diff_augment
from avatarlib.losses.classification import tag_cross_entropy
from avatarlib.losses.colour import colour_loss, rgb_to_yuv, total_variation
from avatarlib.losses.contrastive import patch_nce_loss
from avatarlib.losses.cycle import content_code_loss, cycle_loss, identity_loss, style_code_loss
from avatarlib.losses.flow import flow_matching_loss
from avatarlib.losses.landmarks import heatmap_cross_entropy, landmark_consistency, normalised_mean_error
from avatarlib.losses.penalties import dragan_penalty, r1_penalty
from avatarlib.losses.perceptual import content_loss, gram_matrix, grey, grey_style_loss, style_loss

__all__ = [
    "ADVERSARIAL_LOSSES", "AdversarialLoss", "adversarial_loss",
    "bce_discriminator_loss", "non_saturating_loss", "minimax_loss",
    "least_squares_discriminator_loss", "least_squares_loss",
    "hinge_discriminator_loss", "hinge_loss",
    "diff_augment",
    "tag_cross_entropy",
    "heatmap_cross_entropy", "landmark_consistency", "normalised_mean_error",
    "dragan_penalty", "r1_penalty",
    "edge_promoting_loss", "grey_adversarial_loss",
    "relativistic_discriminator_loss", "relativistic_loss",
    "flow_matching_loss",
    "content_code_loss", "cycle_loss", "identity_loss", "style_code_loss",
    "patch_nce_loss",
    "colour_loss", "rgb_to_yuv", "total_variation",
    "content_loss", "gram_matrix", "grey", "grey_style_loss", "style_loss",
]
