"""Which noun a colour or a length belongs to: "blue-eyed with pink hair", "her hair is long and black"."""

from __future__ import annotations

from itertools import pairwise

from avatarlib.text.lexicon import COLOUR_KINDS
from avatarlib.text.paths import BOUND_TO, LINKS, out_of_reach, to_the_left, to_the_right
from avatarlib.text.phrases import MODIFIERS, Sentence, standing_for

__all__ = ["bind"]

SHARED = ("hair", "eyes")       # nouns that may take the colour of a list


def bind(sentence: Sentence) -> None:
    """Tie every modifier to its noun: first those right before a noun, then the others from left to right."""
    compounds(sentence)
    modifiers = [i for i, item in enumerate(sentence) if item.kind in MODIFIERS]
    for i in modifiers:
        found = to_the_right(sentence, i)
        if found is not None and not found[1] and not any(
                other(sentence, i, found[0]) for other in (takes_noun_before, compared, blonde_with_eyes)):
            tie(sentence, i, found[0], "before")
    for i in (i for i in modifiers if not sentence[i].how):
        left, right = to_the_left(sentence, i), to_the_right(sentence, i)
        if sentence[i].kind == "hair colour" and not described(sentence, i, left):
            sentence[i].noun, sentence[i].how = "hair", "alone"
        elif left is not None:
            tie(sentence, i, left, "after")
        elif (place := right[0] if right is not None else out_of_reach(sentence, i)) is not None:
            tie(sentence, i, place, "joined")
    share(sentence)


def described(sentence: Sentence, i: int, left: int | None) -> bool:
    """Whether "blonde" describes the noun before it, as in "her lashes are blonde", not in "a hat-wearing blonde"."""
    return left is not None and (standing_for(sentence[left]) == "hair" or sentence[left].kind in COLOUR_KINDS
                                 or any(item.kind in LINKS for item in sentence[left:i]))


def compounds(sentence: Sentence) -> None:
    """In "navy blue" and "platinum blonde" the last word is the colour; those before it are its shade."""
    for first, second in pairwise(sentence):
        if first.kind in ("colour", "figure") and second.kind in COLOUR_KINDS:
            first.kind = "soft"


def tie(sentence: Sentence, i: int, target: int, how: str) -> None:
    """Tie a modifier to the item of its noun; a noun that cannot take it just keeps it from others."""
    noun = standing_for(sentence[target])
    if sentence[target].kind in COLOUR_KINDS:                     # "blonde, no wait, red"
        noun = sentence[target].noun
    sentence[i].target, sentence[i].how = target, how
    if noun in BOUND_TO[sentence[i].kind] and not (sentence[i].kind == "figure" and how == "joined"):
        sentence[i].noun = noun
    elif sentence[i].kind == "hair colour" and noun in ("person", "sign", ""):
        sentence[i].noun = "hair"


def takes_noun_before(sentence: Sentence, i: int, target: int) -> bool:
    """In "hair blue eyes green" the first colour belongs to the noun before it, since the last has no other."""
    left = to_the_left(sentence, i, near=True)
    if left is None or any(item.target == left for item in sentence):
        return False
    after = sentence.first(range(target + 1, len(sentence)), lambda item: item.kind not in ("soft", *LINKS))
    return (after is not None and sentence[after].kind == sentence[i].kind and to_the_right(sentence, after) is None
            and to_the_left(sentence, after, near=True) == target)


def blonde_with_eyes(sentence: Sentence, i: int, target: int) -> bool:
    """In "girl blonde blue eyes" only the second colour is that of the eyes."""
    return (sentence[i].kind == "hair colour" and standing_for(sentence[target]) == "eyes"
            and any(item.kind in COLOUR_KINDS for item in sentence[i + 1:target]))


def compared(sentence: Sentence, i: int, target: int) -> bool:
    """In "eyes like blue glass" and "mouth open mid-song" the modifier belongs to the noun before it."""
    left = to_the_left(sentence, i, near=True)
    return (left is not None and standing_for(sentence[target]) not in BOUND_TO[sentence[i].kind]
            and (sentence.kind(target) in ("unknown", "plain")
                 or any(item.kind == "like" for item in sentence[left:i])))


def share(sentence: Sentence) -> None:
    """In "pink hair and eyes" and "hair, eyes and ribbon all pink" every noun of the list takes the colour."""
    for chain in lists(sentence):
        own = {j: [item for item in sentence if item.target == j] for j in chain}
        first, last = own[chain[0]], own[chain[-1]]
        middle = [j for j in chain if not own[j] and sentence.kind(j) == "noun" and standing_for(sentence[j]) in SHARED]
        giver = first if any(item.how == "before" for item in first) else last
        for item in giver:
            if item.kind in COLOUR_KINDS and middle:
                nouns = [item.noun, *(standing_for(sentence[j]) for j in middle)]
                item.noun = " and ".join(dict.fromkeys(filter(None, nouns)))


def lists(sentence: Sentence) -> list[list[int]]:
    """Places of the nouns in "hair, eyes and hat": nothing but commas between them, and one "and" before the last."""
    found: list[list[int]] = []
    chain: list[int] = []
    for j, item in enumerate(sentence):
        noun = standing_for(item)
        if noun and noun != "sign":
            chain = [*chain, j] if chain and chain[-1] == j - 2 else [j]
            if len(chain) > 1 and sentence[j - 1].kind == "and":
                found.append(chain)
        elif item.kind not in ("comma", "and"):
            chain = []
    return found
