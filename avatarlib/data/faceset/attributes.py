"""What is told of every head, as labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["SCHEMA", "label_row"]

LENGTHS = {"none": ("bald",),
           "short": ("buzz", "crop", "receding", "side part", "slick back", "messy", "curly", "pixie"),
           "medium": ("bob",), "tied": ("ponytail", "bun"), "long": ("long wavy", "long straight", "long curly")}
AGES = {"child": 18, "young": 35, "middle": 55, "old": 200}        # years below which

# Attribute -> its categories, in the order of the label columns.
SCHEMA: dict[str, tuple[str, ...]] = {
    "gender": ("female", "male"),
    "age": tuple(AGES),
    "ancestry": ("african", "asian", "caucasian"),
    "hair_color": ("black", "dark brown", "brown", "light brown", "blond", "light blond", "red", "grey", "white"),
    "hair_style": tuple(style for styles in LENGTHS.values() for style in styles),
    "hair_length": tuple(LENGTHS),
    "beard": ("none", "stubble", "mustache", "goatee", "full"),
    "glasses": ("none", "round", "rectangular", "aviator", "rimless", "oval", "square", "large"),
    "expression": ("neutral", "smile", "grin", "toothy", "laugh", "closed", "smirk", "press", "pout", "talk",
                   "surprise", "sad", "angry"),
    "eyes": ("brown", "brownlight", "blue", "green", "grey", "bluegreen", "lightblue", "deepblue", "ice"),
    "makeup": ("no", "yes"),
    "earrings": ("none", "stud", "hoop"),
    "gaze": ("away", "to camera"),
}


def label_row(facts: Mapping[str, Any]) -> list[int]:
    """A head's labels in the order of ``SCHEMA``.

    Raises
    ------
    ValueError
        If a value has no category; the message names both.
    """
    words = {name: facts.get(name) for name in SCHEMA}
    mixture = facts["race_mix"]
    words["ancestry"] = max(mixture, key=mixture.__getitem__)                  # the largest share of the shape's
    words["age"] = next(name for name, end in AGES.items() if facts["age_years"] < end)
    words["hair_length"] = next((name for name, styles in LENGTHS.items() if facts["hair_style"] in styles), None)
    words["makeup"] = "yes" if facts["makeup"] else "no"
    words["gaze"] = "to camera" if facts["gaze_to_camera"] else "away"
    for name, names in SCHEMA.items():
        if words[name] not in names:
            raise ValueError(f"{name} of head {facts.get('seed')} must be one of {', '.join(names)}, "
                             f"got {words[name]!r}")
    return [names.index(str(words[name])) for name, names in SCHEMA.items()]
