"""The words of ``avatarlib.text`` and the tags of ``avatarlib.data``, as a script for the avatar studio's page.

    python -c "import studio_words; print(studio_words.vocabulary_script())"

The scripts ``book/_static/studio/describe*.js`` hold the rules of the parser, and no word of its vocabulary: all of
that is taken from the Python modules here, each time the book is built.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from itertools import combinations
from typing import Any

from avatarlib.data import tags
from avatarlib.data.drawn.tag_drawing import contradiction
from avatarlib.text import binding, description, grammar, lexicon, paths, phrases, reading, tokens, vocabulary

# What the scripts read of each module of avatarlib.text, under its Python name.
CONSTANTS = (
    (tokens, "STOP QUESTION COMMA COLON DASH LACK FACES DASHES SILENT MARKS SHORTENED ENDINGS VERBS SPOKEN SIGNS "
             "SHORTEST DEPTHS JOINED"),
    (lexicon, "COLOUR_KINDS LONGEST"),
    (phrases, "MODIFIERS MARKS NOT_HAIR"),
    (paths, "JOINTS PASSED LINKS BOUND_TO ADJECTIVES RELATIVE ANTECEDENTS ADJECTIVE_ENDINGS"),
    (binding, "SHARED"),
    (grammar, "SIDE_BY_SIDE BOTH AFTER_A_SHORT_ANSWER CATEGORIES"),
    (reading, "NO_TAG ROLES"),
    (description, "LONGEST_TEXT"),
)


def vocabulary_script() -> str:
    """The text of ``vocabulary.js``: all that the studio's parser knows, as ``AvatarStudio.vocabulary``."""
    data: dict[str, Any] = {
        "tags": vocabulary.TAGS, "groups": vocabulary.GROUPS, "singles": vocabulary.SINGLE_TAGS,
        "together": [in_order(styles) for styles in vocabulary.STYLES_TOGETHER],
        "prior": {"probability": tags.PAPER_PROBABILITY, "exclusive": tags.EXCLUSIVE, "styles": drawable_styles()},
        "families": vocabulary.FAMILIES, "meanings": meanings(), "ordinary": " ".join(sorted(lexicon.ORDINARY)),
        "candidates": " ".join(tokens.CANDIDATES), "pictures": pictures(), "quotes": "".join(map(chr, tokens.QUOTES))}
    for module, names in CONSTANTS:
        data[module.__name__.rpartition(".")[2]] = {name: plain(getattr(module, name)) for name in names.split()}
    return ("window.AvatarStudio = window.AvatarStudio || {};\n"
            f"AvatarStudio.vocabulary = {json.dumps(data, separators=(',', ':'))};\n")


def plain(value: Any) -> Any:
    """A constant as JSON can hold it: of a regular expression its pattern."""
    return value.pattern if isinstance(value, re.Pattern) else value


def in_order(names: frozenset[str]) -> list[str]:
    """Tags in their usual order."""
    return sorted(names, key=vocabulary.TAGS.index)


def drawable_styles() -> list[tuple[str, ...]]:
    """The sets of hair styles, none included, that the drawn set can show."""
    colours = (tags.HAIR_COLOURS[0], tags.EYE_COLOURS[0])
    return [styles for size in range(len(tags.HAIR_STYLES) + 1) for styles in combinations(tags.HAIR_STYLES, size)
            if not contradiction(frozenset((*colours, *styles)))]


def meanings() -> dict[str, dict[str, str]]:
    """Kind -> value -> all phrases with that meaning, a comma between them."""
    found: dict[str, dict[str, list[str]]] = {}
    for words, entry in lexicon.LEXICON.items():
        found.setdefault(entry.kind, {}).setdefault(entry.value, []).append(" ".join(words))
    return {kind: {value: ",".join(group) for value, group in values.items()} for kind, values in found.items()}


def pictures() -> dict[str, str]:
    """Emoji and other signs whose Unicode name speaks of a face, hair, a hat, a ribbon or glasses -> that name."""
    named = ((chr(code), unicodedata.name(chr(code), "").lower().replace("-", " "))
             for code in range(sys.maxunicode + 1))
    return {sign: name for sign, name in named if tokens.PICTURE.search(name) and not sign.isalnum()}
