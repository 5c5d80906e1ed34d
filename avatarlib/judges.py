"""The two networks that judge pictures, what they learn from and how they are examined: as the chapters import it."""

from avatarlib.runs.base import in_batches
from avatarlib.runs.landmarks import examine_landmarks, landmark_sets
from avatarlib.runs.tagger import examine_attributes, examine_tags, tagger_sets

__all__ = ["examine_attributes", "examine_landmarks", "examine_tags", "in_batches", "landmark_sets", "tagger_sets"]
