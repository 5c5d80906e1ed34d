"""Descriptions in English words, turned into the tags of avatars."""

from avatarlib.text.description import Description, Step, parse

__all__ = ["Description", "Step", "parse"]
