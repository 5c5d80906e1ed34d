"""Data sets: what a network sees."""

from avatarlib.data.avatarset import AvatarSet, avatar_styles, draw_avatar, style_credits
from avatarlib.data.base import ImageSet, cache_dir, from_uint8, to_uint8

__all__ = ["AvatarSet", "ImageSet", "avatar_styles", "cache_dir", "draw_avatar", "from_uint8", "style_credits",
           "to_uint8"]
