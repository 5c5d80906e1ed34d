"""From mentions of tags to what holds in the end, with every step noted."""

from __future__ import annotations

from dataclasses import dataclass

from avatarlib.text.grammar import CATEGORIES, Mention, exclude, mentions
from avatarlib.text.lexicon import ORDINARY
from avatarlib.text.phrases import MODIFIERS, Item, Sentence

__all__ = ["NO_TAG", "Reading", "Step"]

NO_TAG = "carries no tag"
ROLES = {**dict.fromkeys(("no", "not", "nor"), "denies what follows"),
            **dict.fromkeys(("change", "withdraw"), "corrects what was said"),
            "answer": "denies what was said", "void": "leaves open what follows", "cannot": "no tag can show this"}


@dataclass(frozen=True)
class Step:
    """One step of the reading.

    Attributes
    ----------
    start, end : int
        The characters ``text[start:end]`` it is about.
    words : str
        Those characters.
    kind : {"on", "off", "replaced", "spelling", "no tag", "unknown"}
        What the words did.
    tag : str
        The tag concerned; empty if there is none.
    why : str
        The reason, for people.

    Examples
    --------
    >>> from avatarlib.text import parse
    >>> step = parse("she has long hair").explanation[-1]
    >>> step.kind, step.tag, "she has long hair"[step.start:step.end]
    ('on', 'long hair', 'long')
    """

    start: int
    end: int
    words: str
    kind: str
    tag: str
    why: str

    def __str__(self) -> str:
        return f"{self.start:>4}-{self.end:<4} {self.words!r}: {self.why}"


class Reading:
    """Goes through the mentions of a text in order.

    Attributes
    ----------
    state : dict of str to bool
        Tag -> whether it is asked for (True) or denied (False), in the end.
    steps : list of Step
        How that came about, in the order of the text.
    """

    def __init__(self, sentence: Sentence):
        self.sentence, self.text = sentence, sentence.text
        self.state: dict[str, bool] = {}
        self.steps: list[Step] = []
        self.last: Mention | None = None

        said = mentions(sentence)
        for mention in said:
            self.hear(mention)
        heard = {mention.item for mention in said if mention.tags}
        nouns = {sentence[i].target for i in heard}
        self.tell_the_rest({i for i in range(len(sentence)) if i in heard or i in nouns})
        self.steps.sort(key=lambda step: step.start)

    def note(self, item: Item, kind: str, tag: str, why: str) -> None:
        """Add a step about the words of an item."""
        self.steps.append(Step(item.span.start, item.span.stop, self.text[item.span], kind, tag, why))

    def hear(self, mention: Mention) -> None:
        """Take in one mention: what it replaces or withdraws, then what it says."""
        if mention.marker and self.last and not self.same_matter(mention, self.last):
            self.withdraw(self.last, mention.marker)
        item = self.sentence[mention.item]
        for tag, asked in mention.tags:
            for other in exclude(tag) if asked else ():
                if self.state.get(other):
                    self.drop(item, other, f"{tag!r} comes later")
            if self.state.get(tag, asked) is not asked:
                self.drop(item, tag, "the text then says otherwise")
            self.state[tag] = asked
            self.note(item, "on" if asked else "off", tag, self.reason(item, tag, asked))
        if mention.tags:
            self.last = mention

    def same_matter(self, new: Mention, old: Mention) -> bool:
        """Whether a correction replaces the last mention by itself: same tag, or a tag that excludes it."""
        olds = {tag for tag, _ in old.tags}
        if any(tag in self.state or any(self.state.get(other) for other in exclude(tag)) for tag, _ in new.tags):
            return True
        return new.marker == "change" and not any(CATEGORIES.get(tag) and CATEGORIES.get(tag) == CATEGORIES.get(other)
                                                  for tag, _ in new.tags for other in olds)

    def withdraw(self, mention: Mention, marker: str) -> None:
        """Take back a mention; the answer "no" turns it into its contrary."""
        item = self.sentence[mention.item]
        for tag, _ in mention.tags:
            if marker == "answer":
                self.state[tag] = False
                self.note(item, "off", tag, f"no {tag}: denied right after")
            elif tag in self.state:
                self.drop(item, tag, "taken back right after")

    def drop(self, item: Item, tag: str, why: str) -> None:
        """Note that a tag no longer holds."""
        self.state.pop(tag, None)
        self.note(item, "replaced", tag, f"{tag!r} no longer holds: {why}")

    def reason(self, item: Item, tag: str, asked: bool) -> str:
        """Why a phrase gave a tag."""
        noun = ""
        if item.kind in MODIFIERS and item.target is not None:
            noun = f", said of {self.text[self.sentence[item.target].span]!r}"
        return f"{tag}{noun}" if asked else f"no {tag}{noun}"

    def tell_the_rest(self, heard: set[int]) -> None:
        """Note the words that gave no tag, and corrected spellings (before what else is said of the word)."""
        spelt = [Step(word.start, word.end, self.text[word.start:word.end], "spelling", "", f"read as {word.norm!r}")
                 for item in self.sentence for word in item.words if word.corrected]
        self.steps = spelt + self.steps
        for i, item in enumerate(self.sentence):
            if i not in heard and item.norm[0].isalnum():
                self.note(item, *self.silence(item))

    def silence(self, item: Item) -> tuple[str, str, str]:
        """Why a phrase gave no tag: kind of step, no tag, reason."""
        if item.kind == "unknown" and item.norm not in ORDINARY:
            return "unknown", "", "unknown"
        if item.kind in MODIFIERS:
            return "no tag", "", "no tag for this" if item.noun else "tied to no hair or eyes"
        return "no tag", "", ROLES.get(item.kind, NO_TAG)
