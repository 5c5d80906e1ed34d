"""Which noun a colour or a length belongs to: "blue-eyed with pink hair", "her hair is long and black"."""

from __future__ import annotations

from itertools import pairwise

from avatarlib.text.lexicon import COLOUR_KINDS
from avatarlib.text.paths import BOUND_TO, LINKS, out_of_reach, to_the_left, to_the_right
from avatarlib.text.phrases import MODIFIERS, Item, standing_for

__all__ = ["bind"]


def bind(items: list[Item]) -> None:
    """Tie every modifier to its noun: first those right before a noun, then the others from left to right."""
    compounds(items)
    modifiers = [i for i, item in enumerate(items) if item.kind in MODIFIERS]
    for i in modifiers:
        found = to_the_right(items, i)
        if found is not None and not found[1] and not any(
                other(items, i, found[0]) for other in (takes_noun_before, compared, blonde_with_eyes)):
            tie(items, i, found[0], "before")
    for i in (i for i in modifiers if not items[i].how):
        left, right = to_the_left(items, i), to_the_right(items, i)
        if items[i].kind == "hair colour" and not described(items, i, left):
            items[i].noun, items[i].how = "hair", "alone"
        elif left is not None:
            tie(items, i, left, "after")
        elif (place := right[0] if right is not None else out_of_reach(items, i)) is not None:
            tie(items, i, place, "joined")
    share(items)


def described(items: list[Item], i: int, left: int | None) -> bool:
    """Whether "blonde" describes the noun before it, as in "her lashes are blonde", not in "a hat-wearing blonde"."""
    return left is not None and (standing_for(items[left]) == "hair" or items[left].kind in COLOUR_KINDS
                                 or any(item.kind in LINKS for item in items[left:i]))


def compounds(items: list[Item]) -> None:
    """In "navy blue" and "platinum blonde" the last word is the colour; those before it are its shade."""
    for first, second in pairwise(items):
        if first.kind in ("colour", "figure") and second.kind in COLOUR_KINDS:
            first.kind = "soft"


def tie(items: list[Item], i: int, target: int, how: str) -> None:
    """Tie a modifier to the item of its noun; a noun that cannot take it just keeps it from others."""
    noun = standing_for(items[target])
    if items[target].kind in COLOUR_KINDS:                     # "blonde, no wait, red"
        noun = items[target].noun
    items[i].target, items[i].how = target, how
    if noun in BOUND_TO[items[i].kind] and not (items[i].kind == "figure" and how == "joined"):
        items[i].noun = noun
    elif items[i].kind == "hair colour" and noun in ("person", "sign", ""):
        items[i].noun = "hair"


def takes_noun_before(items: list[Item], i: int, target: int) -> bool:
    """In "hair blue eyes green" the first colour belongs to the noun before it, since the last has no other."""
    left = to_the_left(items, i, near=True)
    if left is None or any(item.target == left for item in items):
        return False
    after = next((j for j in range(target + 1, len(items)) if items[j].kind not in ("soft", *LINKS)), None)
    return (after is not None and items[after].kind == items[i].kind and to_the_right(items, after) is None
            and to_the_left(items, after, near=True) == target)


def blonde_with_eyes(items: list[Item], i: int, target: int) -> bool:
    """In "girl blonde blue eyes" only the second colour is that of the eyes."""
    return (items[i].kind == "hair colour" and standing_for(items[target]) == "eyes"
            and any(item.kind in COLOUR_KINDS for item in items[i + 1:target]))


def compared(items: list[Item], i: int, target: int) -> bool:
    """In "eyes like blue glass" and "mouth open mid-song" the modifier belongs to the noun before it."""
    left = to_the_left(items, i, near=True)
    return (left is not None and standing_for(items[target]) not in BOUND_TO[items[i].kind]
            and (items[target].kind in ("unknown", "plain") or any(item.kind == "like" for item in items[left:i])))


def share(items: list[Item]) -> None:
    """In "pink hair and eyes" and "hair, eyes and ribbon all pink" every noun of the list takes the colour."""
    for chain in lists(items):
        own = {j: [item for item in items if item.target == j] for j in chain}
        first, last = own[chain[0]], own[chain[-1]]
        middle = [j for j in chain if not own[j] and items[j].kind == "noun" and items[j].value in ("hair", "eyes")]
        giver = first if any(item.how == "before" for item in first) else last
        for item in giver:
            if item.kind in COLOUR_KINDS and middle:
                nouns = [item.noun, *(standing_for(items[j]) for j in middle)]
                item.noun = " and ".join(dict.fromkeys(filter(None, nouns)))


def lists(items: list[Item]) -> list[list[int]]:
    """Places of the nouns in "hair, eyes and hat": nothing but commas between them, and one "and" before the last."""
    found: list[list[int]] = []
    chain: list[int] = []
    for j, item in enumerate(items):
        noun = standing_for(item)
        if noun and noun != "sign":
            chain = [*chain, j] if chain and chain[-1] == j - 2 else [j]
            if len(chain) > 1 and items[j - 1].kind == "and":
                found.append(chain)
        elif item.kind not in ("comma", "and"):
            chain = []
    return found
