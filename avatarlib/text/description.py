"""A description in words turned into tags asked for and tags denied, with every step explained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from avatarlib.text.binding import MODIFIERS, Item, bind, read
from avatarlib.text.grammar import CATEGORIES, Mention, exclude, mentions, settle_markers
from avatarlib.text.ordinary import ORDINARY
from avatarlib.text.tokens import Word, split
from avatarlib.text.vocabulary import GROUPS, HAIR_STYLES, SINGLE_TAGS, STYLES_TOGETHER, TAGS

__all__ = ["LONGEST_TEXT", "Description", "Step", "parse"]

LONGEST_TEXT = 2_000      # characters: two pages of a novel describe no avatar better


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
    """

    start: int
    end: int
    words: str
    kind: str
    tag: str
    why: str

    def __str__(self) -> str:
        return f"{self.start:>4}-{self.end:<4} {self.words!r}: {self.why}"


@dataclass(frozen=True)
class Description:
    """What a text says about an avatar.

    Attributes
    ----------
    text : str
        The text as it was given.
    on, off : frozenset of str
        Tags asked for and tags denied, by their names in ``avatarlib.data.TAGS``. At most one hair colour and one
        eye colour are on, and never long and short hair together.
    explanation : tuple of Step
        The reading, in the order of the text.
    """

    text: str
    on: frozenset[str]
    off: frozenset[str]
    explanation: tuple[Step, ...]

    @property
    def free(self) -> tuple[str, ...]:
        """What is left to chance: groups none of whose tags is asked for, and single tags never mentioned.

        A denied tag narrows its group and leaves the rest of it to chance.
        """
        groups = [name for name, tags in GROUPS.items() if not self.on & frozenset(tags)]
        return (*groups, *(tag for tag in SINGLE_TAGS if tag not in self.on | self.off))

    def condition(self, sampled: Tensor, *, generator: torch.Generator | None = None) -> Tensor:
        """Force the description onto tags drawn from a prior.

        Parameters
        ----------
        sampled : Tensor
            (34,) or (N, 34) of 0 and 1, such as ``avatarlib.data.sample_tags`` draws; it is not changed.
        generator : torch.Generator, optional
            Draws a new colour, all those left equally likely, where the sampled one is denied. Without it the next
            colour of the group that is not denied is taken.

        Returns
        -------
        Tensor
            float32, of the shape of ``sampled``. Tags that are on are 1, tags that are off 0. A colour that is on
            is the only one of its group. Where a hair style is on, sampled styles that the drawn set never shows
            with it are 0. A group of which every colour is denied is all 0.

        Raises
        ------
        ValueError
            If ``sampled`` has another shape.
        """
        if not isinstance(sampled, Tensor) or sampled.shape[-1:] != (len(TAGS),) or sampled.ndim > 2:
            shape = tuple(sampled.shape) if isinstance(sampled, Tensor) else type(sampled).__name__
            raise ValueError(f"sampled must be a tensor (34,) or (N, 34), got {shape}")
        tags = sampled.detach().float().clone().reshape(-1, len(TAGS))
        for tag in self.on:
            for other in {*exclude(tag), *shut_out(tag)} - self.on:
                tags[:, TAGS.index(other)] = 0
            tags[:, TAGS.index(tag)] = 1
        for group in (GROUPS["hair colour"], GROUPS["eye colour"]):
            self._replace_denied(tags, group, generator)
        for tag in self.off:
            tags[:, TAGS.index(tag)] = 0
        return tags.reshape(sampled.shape)

    def _replace_denied(self, tags: Tensor, group: tuple[str, ...], generator: torch.Generator | None) -> None:
        """Give rows (N, 34) whose colour is denied another one of its group, in place."""
        first = TAGS.index(group[0])
        left = [place for place, tag in enumerate(group) if tag not in self.off]
        if len(left) in (0, len(group)) or self.on & frozenset(group):
            return
        for row in tags[:, first:first + len(group)]:
            now = int(row.argmax())
            if row[now] > 0 and now not in left:
                after = next((place for place in left if place > now), left[0])
                if generator is not None:
                    after = left[int(torch.randint(len(left), (), generator=generator))]
                row.zero_()
                row[after] = 1

    def __str__(self) -> str:
        rows = (("on", sorted(self.on, key=TAGS.index)), ("off", sorted(self.off, key=TAGS.index)),
                ("chance", self.free))
        lines = [f"{name:<9}{', '.join(names) or 'nothing'}" for name, names in rows]
        if not self.on | self.off:
            lines.append("No word of this text gives a tag.")
        return "\n".join([*lines, *map(str, self.explanation)])


def shut_out(tag: str) -> tuple[str, ...]:
    """The hair styles that the drawn set never shows with a hair style; none for other tags."""
    if tag not in HAIR_STYLES:
        return ()
    return tuple(other for other in HAIR_STYLES if other != tag and frozenset({tag, other}) not in STYLES_TOGETHER)


def parse(text: str) -> Description:
    """Read a description of an avatar, in English.

    If it contradicts itself (two hair colours, two eye colours, long and short hair, a tag asked for and denied),
    the last mention wins, and the explanation says so.

    Parameters
    ----------
    text : str
        1 to 2,000 characters, such as "a smiling girl with long teal hair, green eyes, no glasses".

    Returns
    -------
    Description
        Tags on and off with an explanation; both are empty if no word gives a tag.

    Raises
    ------
    ValueError
        If ``text`` is not a string, is blank, or is too long.

    Examples
    --------
    >>> found = parse("a smiling girl with long teal hair, green eyes, no glasses")
    >>> sorted(found.on), sorted(found.off)
    (['aqua hair', 'green eyes', 'long hair', 'smile'], ['glasses'])
    """
    if not isinstance(text, str):
        raise ValueError(f"text must be a string, got {type(text).__name__}")
    if not text.strip():
        raise ValueError(f"text must describe an avatar in words, such as 'green eyes, no hat'; got {text!r}")
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"text must have at most {LONGEST_TEXT:,} characters, got {len(text):,}")
    words = split(text)
    items = read(words)
    settle_markers(items, words)
    bind(items, words)
    return Reading(text, words, items).description()


class Reading:
    """Goes through the mentions of a text in order and keeps what holds in the end."""

    def __init__(self, text: str, words: Sequence[Word], items: list[Item]):
        self.text, self.words, self.items = text, words, items
        self.state: dict[str, bool] = {}
        self.steps: list[Step] = []
        self.last: Mention | None = None

    def description(self) -> Description:
        """The whole reading."""
        said = mentions(self.items)
        for mention in said:
            self.hear(mention)
        self.steps.extend(self.silent({mention.item for mention in said if mention.tags}))
        steps = sorted(self.steps, key=lambda step: step.start)
        on, off = (frozenset(tag for tag, asked in self.state.items() if asked is wanted) for wanted in (True, False))
        return Description(self.text, on, off, tuple(steps))

    def step(self, first: int, last: int, kind: str, tag: str, why: str) -> Step:
        """A step about the words first to last."""
        start, end = self.words[first].start, self.words[last].end
        return Step(start, end, self.text[start:end], kind, tag, why)

    def hear(self, mention: Mention) -> None:
        """Take in one mention: what it replaces or withdraws, then what it says."""
        if mention.marker and self.last and not self.same_matter(mention, self.last):
            self.withdraw(mention)
        item = self.items[mention.item]
        for tag, asked in mention.tags:
            for other in exclude(tag) if asked else ():
                if self.state.get(other):
                    self.drop(item, other, f"{tag!r} comes later")
            if self.state.get(tag, asked) is not asked:
                self.drop(item, tag, "the text then says otherwise")
            self.state[tag] = asked
            self.steps.append(self.step(item.first, item.last, "on" if asked else "off", tag, self.reason(item, tag, asked)))
        if mention.tags:
            self.last = mention

    def same_matter(self, new: Mention, old: Mention) -> bool:
        """Whether a correction replaces the last mention by itself: same tag, or a tag that excludes it."""
        olds = {tag for tag, _ in old.tags}
        if any(tag in self.state or any(self.state.get(other) for other in exclude(tag)) for tag, _ in new.tags):
            return True
        return new.marker == "change" and not any(CATEGORIES.get(tag) and CATEGORIES.get(tag) == CATEGORIES.get(other)
                                                  for tag, _ in new.tags for other in olds)

    def withdraw(self, mention: Mention) -> None:
        """Take back the last mention; an answer "no" turns it into its contrary."""
        assert self.last is not None
        item = self.items[self.last.item]
        for tag, _ in self.last.tags:
            if mention.marker == "answer":
                self.state[tag] = False
                self.steps.append(self.step(item.first, item.last, "off", tag, f"no {tag}: denied right after"))
            elif self.state.pop(tag, None) is not None:
                self.drop(item, tag, "taken back right after")

    def drop(self, item: Item, tag: str, why: str) -> None:
        """Note that a tag no longer holds."""
        self.state.pop(tag, None)
        self.steps.append(self.step(item.first, item.last, "replaced", tag, f"{tag!r} no longer holds: {why}"))

    def reason(self, item: Item, tag: str, asked: bool) -> str:
        """Why a phrase gave a tag."""
        noun = ""
        if item.kind in MODIFIERS and item.target is not None:
            of = self.items[item.target]
            noun = f", said of {self.text[self.words[of.first].start:self.words[of.last].end]!r}"
        return f"{tag}{noun}" if asked else f"no {tag}{noun}"

    def silent(self, heard: set[int]) -> list[Step]:
        """Steps for the words that gave no tag, and for corrected spellings."""
        steps = []
        for i, item in enumerate(self.items):
            norms = [word.norm for word in self.words[item.first:item.last + 1]]
            for at in range(item.first, item.last + 1):
                if self.words[at].corrected:
                    steps.append(self.step(at, at, "spelling", "", f"read as {self.words[at].norm!r}"))
            if i in heard or not norms[0][0].isalnum():
                continue
            kind, why = self.silence(item, norms)
            steps.append(self.step(item.first, item.last, kind, "", why))
        return steps

    def silence(self, item: Item, norms: list[str]) -> tuple[str, str]:
        """Why a phrase gave no tag."""
        if item.kind == "unknown" and norms[0] not in ORDINARY:
            return "unknown", "unknown"
        if item.kind == "cannot":
            return "no tag", "no tag can show this"
        if item.kind in MODIFIERS:
            return "no tag", "no tag for this" if item.noun else "tied to no hair or eyes"
        return "no tag", "carries no tag"
