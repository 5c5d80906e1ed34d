"""Data sets: what a network sees."""

from avatarlib.data.avatarset import AvatarSet, avatar_styles, draw_avatar, style_credits
from avatarlib.data.base import ImageSet, cache_dir, from_uint8, to_uint8
from avatarlib.data.cartoonset import CARTOONSET_ATTRIBUTES, CartoonSet
from avatarlib.data.images import CorruptImageWarning, load_image, load_images
from avatarlib.data.landmarks import LANDMARKS, avatar_landmarks
from avatarlib.data.portraits import PortraitSet, draw_portrait
from avatarlib.data.smoothing import EdgeSmoothing, smooth_edges, smoothed, smoothing_steps
from avatarlib.data.tag_drawing import draw_tags, drawable_tags
from avatarlib.data.tagged import TaggedAvatarSet
from avatarlib.data.tags import (
    EYE_COLOURS,
    HAIR_COLOURS,
    HAIR_STYLES,
    TAGS,
    TRAINING_COUNTS,
    sample_tags,
    tag_names,
    tag_vector,
)

__all__ = ["AvatarSet", "CARTOONSET_ATTRIBUTES", "CartoonSet", "CorruptImageWarning", "EdgeSmoothing", "ImageSet",
           "LANDMARKS", "PortraitSet", "avatar_landmarks", "avatar_styles", "cache_dir", "draw_avatar",
           "draw_portrait", "from_uint8", "load_image", "load_images", "smooth_edges", "smoothed", "smoothing_steps",
           "style_credits", "to_uint8",
           "EYE_COLOURS", "HAIR_COLOURS", "HAIR_STYLES", "TAGS", "TRAINING_COUNTS", "TaggedAvatarSet", "draw_tags",
           "drawable_tags", "sample_tags", "tag_names", "tag_vector"]
