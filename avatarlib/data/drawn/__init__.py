"""Avatars that are drawn here, offline and from a seed, with what was drawn as their labels."""
