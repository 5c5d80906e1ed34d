"""Recipes: what is minimised, in which order; one adversarial game a paper, and the training of the two judges."""

from avatarlib.recipes.acgan import ACGAN, ACGANConfig
from avatarlib.recipes.base import Recipe
from avatarlib.recipes.cartoongan import CartoonGAN, CartoonGANConfig
from avatarlib.recipes.content_invariant import ContentInvariance, ContentInvarianceConfig
from avatarlib.recipes.cut import CUT, CUTConfig
from avatarlib.recipes.cyclegan import CycleGAN, CycleGANConfig
from avatarlib.recipes.dcgan import DCGAN, DCGANConfig
from avatarlib.recipes.flow import FlowMatching, FlowMatchingConfig
from avatarlib.recipes.landmarks import LandmarkConfig, LandmarkRegression
from avatarlib.recipes.pix2pix import Pix2Pix, Pix2PixConfig
from avatarlib.recipes.r3 import R3DCGAN, R3DCGANConfig
from avatarlib.recipes.tagger import TagEstimation, TaggerConfig

__all__ = ["ACGAN", "ACGANConfig", "CUT", "CUTConfig", "CartoonGAN", "CartoonGANConfig", "ContentInvariance",
           "ContentInvarianceConfig", "CycleGAN", "CycleGANConfig", "DCGAN", "DCGANConfig", "FlowMatching",
           "FlowMatchingConfig", "LandmarkConfig", "LandmarkRegression", "Pix2Pix", "Pix2PixConfig", "R3DCGAN",
           "R3DCGANConfig", "Recipe", "TagEstimation", "TaggerConfig"]
