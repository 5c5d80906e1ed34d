"""Descriptions in English words, turned into the tags of avatars."""

from avatarlib.text.description import Description, parse
from avatarlib.text.reading import Step

__all__ = ["Description", "Step", "parse"]
