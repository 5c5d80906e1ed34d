"""Words put together to phrases of the lexicon, and what a phrase stands for to the colours around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from avatarlib.text.lexicon import COLOUR_KINDS, LEXICON, LONGEST
from avatarlib.text.tokens import COLON, COMMA, DASH, LACK, QUESTION, STOP, Word, split
from avatarlib.text.vocabulary import HAIR_STYLES

__all__ = ["MODIFIERS", "Item", "Sentence", "standing_for"]

MODIFIERS = (*COLOUR_KINDS, "length", "mouth", "reach", "match")
MARKS = {STOP: "stop", QUESTION: "stop", COMMA: "comma", DASH: "comma", COLON: "colon", LACK: "lack"}
NOT_HAIR = {"hat": "other", "ribbon": "other", "glasses": "other"}     # things that have a colour of their own


@dataclass
class Item:
    """A phrase of the text: what it is, which words it covers, and, for a modifier, what it was tied to."""

    kind: str
    value: str
    words: Sequence[Word]
    target: int | None = None  # place of the noun's item
    noun: str = ""             # "hair", "eyes", "mouth", "cheeks"; empty if tied to none of them
    how: str = ""

    @property
    def norm(self) -> str:
        """The first word."""
        return self.words[0].norm

    @property
    def span(self) -> slice:
        """Its place in the text."""
        return slice(self.words[0].start, self.words[-1].end)


class Sentence(list[Item]):
    """The phrases of a text, in order; beyond both of its ends is a stop."""

    def __init__(self, text: str) -> None:
        super().__init__(read(split(text)))
        self.text = text

    def kind(self, i: int) -> str:
        """What item ``i`` is."""
        return self[i].kind if 0 <= i < len(self) else "stop"

    def norm(self, i: int) -> str:
        """The first word of item ``i``."""
        return self[i].norm if 0 <= i < len(self) else ""

    def first(self, places: Iterable[int], fits: Callable[[Item], bool]) -> int | None:
        """The first of some places whose item fits."""
        return next((i for i in places if fits(self[i])), None)


def read(words: Sequence[Word]) -> list[Item]:
    """Cut words into phrases of the lexicon, the longest first."""
    items: list[Item] = []
    at = 0
    while at < len(words):
        norm = words[at].norm
        kind, value, length = MARKS.get(norm, "unknown"), "", 1
        for size in range(min(LONGEST, len(words) - at), 0, -1):
            entry = LEXICON.get(tuple(word.norm for word in words[at:at + size]))
            if entry and not (size > 1 and starts_reach(words, at + size - 1)):      # not "hair down" "to her knees"
                kind, value, length = *entry, size
                break
        items.append(Item(kind, value, words[at:at + length]))
        at += length
    return items


def starts_reach(words: Sequence[Word], at: int) -> bool:
    """Whether "down to her knees" or the like begins here."""
    return any(LEXICON.get(tuple(word.norm for word in words[at:at + size]), ("",))[0] == "reach"
               for size in range(3, LONGEST + 1))


def standing_for(item: Item) -> str:
    """The noun that an item stands for to a modifier; a tail or a bob is hair, a hat is something else."""
    if item.kind == "noun":
        return item.value
    if item.kind == "tag":
        if item.value in HAIR_STYLES or item.value == "red hair":
            return "hair"
        return NOT_HAIR.get(item.value, "sign")
    return ""
