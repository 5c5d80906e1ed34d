"""A description in words turned into tags asked for and tags denied, with every step explained."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from avatarlib.text.binding import bind
from avatarlib.text.grammar import exclude, settle_markers
from avatarlib.text.phrases import Sentence
from avatarlib.text.reading import NO_TAG, Reading, Step
from avatarlib.text.vocabulary import GROUPS, HAIR_STYLES, SINGLE_TAGS, STYLES_TOGETHER, TAGS

__all__ = ["LONGEST_TEXT", "Description", "parse"]

LONGEST_TEXT = 2_000      # characters: two pages of a novel describe no avatar better


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

    Examples
    --------
    >>> from avatarlib.data import TAGS, tag_names, tag_vector
    >>> from avatarlib.text import parse
    >>> description = parse("green eyes, no glasses")
    >>> sorted(description.on), sorted(description.off), description.free[:2]
    (['green eyes'], ['glasses'], ('hair colour', 'hair style'))
    >>> sampled = tag_vector(["red hair", "blue eyes", "glasses"])         # as the prior drew it
    >>> tag_names(description.condition(sampled))
    ('red hair', 'green eyes')
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
        silent = dict.fromkeys(step.words for step in self.explanation if step.why == NO_TAG)
        lines += [str(step) for step in self.explanation if step.why != NO_TAG]
        return "\n".join(lines + ([f"{'no tag':<9}{', '.join(silent)}"] if silent else []))


def shut_out(tag: str) -> tuple[str, ...]:
    """The hair styles that the drawn set never shows with a hair style; none for other tags."""
    if tag not in HAIR_STYLES:
        return ()
    return tuple(other for other in HAIR_STYLES if other != tag and frozenset({tag, other}) not in STYLES_TOGETHER)


def parse(text: str) -> Description:
    """Read a description of an avatar, in English.

    If it contradicts itself (two hair colours, two eye colours, long and short hair, a tag asked for and denied),
    the last mention wins, and the explanation says so. If no word gives a tag, none is on or off.

    Parameters
    ----------
    text : str
        1 to 2,000 characters, such as "a smiling girl with long teal hair, green eyes, no glasses".

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
    sentence = Sentence(text)
    settle_markers(sentence)
    bind(sentence)
    reading = Reading(sentence)
    on, off = (frozenset(tag for tag, asked in reading.state.items() if asked is wanted) for wanted in (True, False))
    return Description(text, on, off, tuple(reading.steps))
