"""Every known phrase with its meaning, made from the tables of ``vocabulary``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from avatarlib.text import vocabulary as table

__all__ = ["COLOUR_KINDS", "LEXICON", "LONGEST", "WORDS", "Entry"]

OWNERS = ("her", "his", "their", "the")
OPENING = {"{open}": ("opens", "opened", "opening"), "{close}": ("closes", "closed", "closing", "shuts", "shutting")}
COLOUR_KINDS = ("colour", "hair colour", "figure")


class Entry(NamedTuple):
    """What a word or phrase is: a kind that the grammar knows, and a value."""

    kind: str
    value: str = ""


def phrases(words: str) -> Iterator[tuple[str, ...]]:
    """The phrases of one line of a table, each as its words."""
    for phrase in words.split(","):
        mark = next((mark for mark in OPENING if mark in phrase), "")
        for form in OPENING.get(mark, ("",)):
            yield tuple(phrase.replace(mark, form).split() if mark else phrase.split())


def reaches() -> Iterator[tuple[tuple[str, ...], Entry]]:
    """ "down to her waist" and its like; past the shoulders is long, though the shoulders are not."""
    for value, places in table.REACHES.items():
        for verb, owner, place in product(table.REACH_WORDS, ("", *OWNERS), phrases(places)):
            beyond = value == "medium" and verb in ("past", "below", "beyond")
            yield (*verb.split(), *owner.split(), *place), Entry("reach", "long hair" if beyond else value)


def entries() -> Iterator[tuple[tuple[str, ...], Entry]]:
    """All phrases and what they are."""
    for kind, lines in (("colour", table.SHADES), ("hair colour", table.HAIR_SHADES), ("figure", table.FIGURES),
                        ("length", table.LENGTHS), ("mouth", table.MOUTHS), ("noun", table.NOUNS),
                        ("tag", table.SIGNS)):
        yield from ((phrase, Entry(kind, value)) for value, line in lines.items() for phrase in phrases(line))
    yield from reaches()
    yield from ((phrase, Entry(kind)) for kind, line in table.STEERING.items() for phrase in phrases(line))


LEXICON: dict[tuple[str, ...], Entry] = {}
for _phrase, _entry in entries():
    LEXICON.setdefault(_phrase, _entry)        # a table further up wins
LONGEST = max(map(len, LEXICON))
WORDS = frozenset(word for phrase in LEXICON for word in phrase)
