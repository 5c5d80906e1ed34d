"""Every known phrase with its meaning, made from the tables of ``vocabulary``, ``signs`` and ``steering``."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from itertools import product
from typing import NamedTuple

from avatarlib.text import signs
from avatarlib.text.steering import STEERING
from avatarlib.text.vocabulary import FIGURES, HAIR_SHADES, SHADES

__all__ = ["COLOUR_KINDS", "LEXICON", "LONGEST", "ORDINARY", "WORDS", "Entry"]

OWNERS = ("her", "his", "their", "the")
OPENING = {"{open}": ("open", "opens", "opened", "opening"),
           "{close}": ("close", "closes", "closed", "closing", "shut", "shuts", "shutting")}
THINGS = ("hat", "ribbon", "person", "kin", "animal", "other")      # whose words have a regular plural
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
            if phrase:
                yield tuple(phrase.replace(mark, form).split() if mark else phrase.split())


def plural(phrase: tuple[str, ...]) -> tuple[str, ...]:
    """A phrase with its last word in the plural."""
    *others, last = phrase
    if last.endswith(("s", "x", "ch", "sh")):
        last += "es"
    elif last.endswith("y") and last[-2:-1] not in "aeiou":
        last = last[:-1] + "ies"
    else:
        last += "s"
    return (*others, last)


def reaches() -> Iterator[tuple[tuple[str, ...], Entry]]:
    """ "down to her waist" and its like; past the shoulders is long, though the shoulders are not."""
    for value, places in signs.REACHES.items():
        for verb, owner, place in product(signs.REACH_WORDS, ("", *OWNERS), phrases(places)):
            beyond = value == "medium" and verb in ("past", "below", "beyond")
            yield (*verb.split(), *owner.split(), *place), Entry("reach", "long hair" if beyond else value)


def entries() -> Iterator[tuple[tuple[str, ...], Entry]]:
    """All phrases and what they are."""
    tables = {"colour": SHADES, "hair colour": HAIR_SHADES, "figure": FIGURES,
              "length": signs.LENGTHS, "mouth": signs.MOUTHS, "noun": signs.NOUNS, "tag": signs.SIGNS}
    for kind, lines in tables.items():
        yield from ((phrase, Entry(kind, value)) for value, line in lines.items() for phrase in phrases(line))
    yield from reaches()
    yield from ((phrase, Entry(kind)) for kind, line in STEERING.items() for phrase in phrases(line))
    for kind, lines in (("tag", signs.SIGNS), ("noun", signs.NOUNS)):
        yield from ((plural(phrase), Entry(kind, value)) for value in THINGS
                    for phrase in phrases(lines.get(value, "")))


LEXICON: dict[tuple[str, ...], Entry] = {}
for _phrase, _entry in entries():
    LEXICON.setdefault(_phrase, _entry)        # a table further up wins
LONGEST = max(map(len, LEXICON))
WORDS = frozenset(word for phrase in LEXICON for word in phrase)
# Ordinary words one slip away from one that gives a tag: "heir" is not a misspelt "hair". Picked from a list of words
# of film subtitles by running every one through the correction of ``tokens``.
ORDINARY = frozenset(files("avatarlib.text").joinpath("ordinary.csv").read_text("utf-8").split()[1:])
