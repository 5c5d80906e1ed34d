"""Data sets: what a network sees.

``drawn`` holds the sets that are drawn here, ``real`` the public ones, ``files`` what reads, finds and prepares
pictures on a disk.
"""

from avatarlib.data.base import ImageSet, cache_dir, from_uint8, to_uint8
from avatarlib.data.drawn.avatarset import AvatarSet, avatar_styles, draw_avatar, style_credits
from avatarlib.data.drawn.tag_drawing import draw_tags, drawable_tags
from avatarlib.data.drawn.tagged import TaggedAvatarSet, drawable, sample_drawable
from avatarlib.data.faceset import FaceSet
from avatarlib.data.files.duplicates import keep_distinct
from avatarlib.data.files.faces import CascadeDetector, crop_face
from avatarlib.data.files.folders import CartoonFolders, PictureFolder, UnpairedFolders, selfie2anime
from avatarlib.data.files.images import load_image, load_images, open_picture
from avatarlib.data.files.paths import CorruptImageWarning, find_pictures
from avatarlib.data.files.smoothing import EdgeSmoothing, smooth_edges, smoothed, smoothing_steps
from avatarlib.data.landmarks import LANDMARKS
from avatarlib.data.real.cartoonset import CARTOONSET_ATTRIBUTES, CartoonSet
from avatarlib.data.real.celeba import CELEBA_LANDMARKS, CelebA
from avatarlib.data.real.illustration2vec import read_probabilities, tags_from_probabilities
from avatarlib.data.real.tag_csv import TagFolder
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

__all__ = ["AvatarSet", "CARTOONSET_ATTRIBUTES", "CELEBA_LANDMARKS", "CartoonFolders", "CartoonSet",
           "CascadeDetector", "CelebA", "CorruptImageWarning", "EYE_COLOURS", "EdgeSmoothing", "FaceSet",
           "HAIR_COLOURS", "HAIR_STYLES", "ImageSet", "LANDMARKS", "PictureFolder", "TAGS",
           "TRAINING_COUNTS",
           "TagFolder", "TaggedAvatarSet", "UnpairedFolders", "avatar_styles", "cache_dir",
           "crop_face", "draw_avatar", "draw_tags", "drawable", "drawable_tags", "find_pictures",
           "from_uint8", "keep_distinct", "load_image", "load_images", "open_picture", "read_probabilities",
           "sample_drawable", "sample_tags", "selfie2anime", "smooth_edges", "smoothed", "smoothing_steps",
           "style_credits", "tag_names", "tag_vector", "tags_from_probabilities", "to_uint8"]
