"""Which noun a colour or a length belongs to: "blue-eyed with pink hair", "her hair is long and black"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from avatarlib.text.lexicon import COLOUR_KINDS, LEXICON, LONGEST
from avatarlib.text.tokens import COLON, COMMA, QUESTION, STOP, Word
from avatarlib.text.vocabulary import HAIR_STYLES

__all__ = ["MODIFIERS", "Item", "bind", "read", "standing_for"]

MODIFIERS = (*COLOUR_KINDS, "length", "mouth", "reach", "match")
JOINTS = ("and", "or", "nor", "comma", "change", "withdraw", "not", "no")
PASSED = ("soft", "length", "mouth", "match", *COLOUR_KINDS)      # may stand between a modifier and its noun
LINKS = ("copula", "like", "colon", "article")
BOUND_TO = {"length": ("hair",), "reach": ("hair",), "mouth": ("mouth", "eyes"),
            "match": ("hair", "eyes"), **dict.fromkeys(COLOUR_KINDS, ("hair", "eyes", "cheeks", "mouth"))}
ANTECEDENTS = {"it": ("hair", "mouth"), "they": ("eyes", "cheeks", "mouth")}
ADJECTIVE_ENDINGS = ("ing", "ed", "y", "ish", "ful", "ous", "less")
MARKS = {STOP: "stop", QUESTION: "stop", COMMA: "comma", COLON: "colon"}


@dataclass
class Item:
    """A phrase of the text: what it is, which words it covers, and, for a modifier, what it was tied to."""

    kind: str
    value: str
    first: int                 # words first .. last
    last: int
    target: int | None = None  # place of the noun's item
    noun: str = ""             # "hair", "eyes", "mouth", "cheeks"; empty if tied to none of them
    how: str = ""


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
        items.append(Item(kind, value, at, at + length - 1))
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
        return {"hat": "other", "ribbon": "other", "glasses": "other", "blush": "sign"}.get(item.value, "sign")
    return ""


def bind(items: list[Item], words: Sequence[Word]) -> None:
    """Tie every modifier to its noun: first those right before a noun, then the others from left to right."""
    compounds(items)
    open_ones = [i for i, item in enumerate(items) if item.kind in MODIFIERS]
    for i in [i for i in open_ones if items[i].kind != "reach"]:
        found = to_the_right(items, words, i)
        if found is not None and not found[1] and not (takes_noun_before(items, words, i, found[0])
                                                       or compared(items, words, i, found[0])):
            tie(items, i, found[0], "before")
    for i in open_ones:
        if items[i].how:
            continue
        left = to_the_left(items, words, i)
        right = to_the_right(items, words, i) if items[i].kind != "reach" else None
        if left is not None:
            tie(items, i, left, "after")
        elif items[i].kind == "hair colour":
            items[i].noun, items[i].how = "hair", "alone"
        elif right is not None:
            tie(items, i, right[0], "joined")
    share(items)


def compounds(items: list[Item]) -> None:
    """In "navy blue" and "platinum blonde" the last word is the colour; those before it are its shade."""
    for first, second in zip(items, items[1:], strict=False):
        if first.kind in COLOUR_KINDS and second.kind in COLOUR_KINDS:
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


def looks_like_adjective(word: str) -> bool:
    """Whether an unknown word may stand before a noun: "silvery-ish", "windswept" no, "braiding" yes."""
    return len(word) > 4 and word.endswith(ADJECTIVE_ENDINGS)


def to_the_right(items: list[Item], words: Sequence[Word], i: int) -> tuple[int, bool] | None:
    """The noun after a modifier, and whether a comma, "and" or a correction stands between them."""
    crossed, stranger = False, None
    for j in range(i + 1, len(items)):
        item = items[j]
        noun = standing_for(item)
        if noun and noun != "sign":
            return None if crossed and (items[j - 1].kind in JOINTS or stranger is not None) else (j, crossed)
        if item.kind in JOINTS:
            if stranger is not None:
                return stranger, False
            crossed = True
        elif item.kind in ("unknown", "plain") and stranger is None:
            if not looks_like_adjective(words[item.first].norm):
                stranger = j
        elif item.kind not in PASSED:
            break
    return None if stranger is None or crossed else (stranger, False)


def takes_noun_before(items: list[Item], words: Sequence[Word], i: int, target: int) -> bool:
    """In "hair blue eyes green" the first colour belongs to the noun before it, since the last has no other."""
    left = to_the_left(items, words, i, near=True)
    if left is None or any(item.target == left for item in items):
        return False
    after = next((j for j in range(target + 1, len(items)) if items[j].kind not in ("soft", *LINKS)), None)
    return (after is not None and items[after].kind == items[i].kind and to_the_right(items, words, after) is None
            and to_the_left(items, words, after, near=True) == target)


def compared(items: list[Item], words: Sequence[Word], i: int, target: int) -> bool:
    """In "eyes like blue glass" the colour belongs to the eyes, not to the glass."""
    left = to_the_left(items, words, i, near=True)
    return (left is not None and standing_for(items[target]) not in BOUND_TO[items[i].kind]
            and any(item.kind == "like" for item in items[left:i]))


def to_the_left(items: list[Item], words: Sequence[Word], i: int, *, near: bool = False) -> int | None:
    """The noun that a modifier after it describes; ``near`` allows nothing but a link between them."""
    links, denied, joined, but = set[str](), False, False, False
    j = i - 1
    while j >= 0:
        item = items[j]
        noun = standing_for(item)
        if item.kind in ("change", "withdraw") and not near:
            return earlier(items, i)
        if item.kind == "pronoun" and words[item.first].norm in ANTECEDENTS and not near:
            return antecedent(items, i, j, ANTECEDENTS[words[item.first].norm])
        if noun and noun != "sign":
            before = preposition_before(items, j) if "copula" in links else None
            if before is None:
                return accepted(items, i, j, links=links, denied=denied, joined=joined) if denied or not but else None
            j = before
        elif item.kind == "comma" and j + 1 < len(items) and items[j + 1].kind == "copula":
            j = next((k for k in range(j - 1, -1, -1) if items[k].kind in ("comma", "stop")), 0)
        elif item.kind in JOINTS and not near:
            denied |= item.kind in ("not", "no")
            joined |= item.kind == "comma"
        elif item.kind == "end" and words[item.first].norm == "but" and not near:
            but = True                                         # "her hair is not blonde but red"
        elif item.kind in LINKS:
            links.add(item.kind)
        elif not (item.kind in PASSED or (items[i].kind == "reach" or "copula" in links) and item.kind == "verb"):
            break
        j -= 1
    return earlier(items, i) if denied and not near else None


def accepted(items: list[Item], i: int, j: int, *, links: set[str], denied: bool, joined: bool) -> int | None:
    """The noun j for the modifier i, unless it has a colour already and only a comma leads back to it."""
    if items[i].kind == "figure" and not ("like" in links or "colon" in links):
        return None
    if joined and standing_for(items[j]) not in BOUND_TO[items[i].kind]:
        return None
    if items[i].kind in ("reach", "mouth", "length"):
        return j
    coloured = any(item.target == j and item.how == "before" and item.kind in COLOUR_KINDS for item in items)
    return None if coloured and joined and not (denied or links) else j


def antecedent(items: list[Item], i: int, j: int, nouns: tuple[str, ...]) -> int | None:
    """The noun before place j that "it" or "they" stands for."""
    wanted = [noun for noun in nouns if noun in BOUND_TO[items[i].kind]]
    return next((k for k in range(j - 1, -1, -1) if standing_for(items[k]) in wanted), None)


def preposition_before(items: list[Item], j: int) -> int | None:
    """Where "in her hair" begins, if the noun j stands in such a phrase: it is no subject then."""
    k = j - 1
    while k >= 0 and items[k].kind in ("article", "owner", *PASSED):
        k -= 1
    return k if k >= 0 and items[k].kind == "with" else None


def earlier(items: list[Item], i: int) -> int | None:
    """What a correction corrects: the last modifier of the same sort before it that has a noun."""
    same = COLOUR_KINDS if items[i].kind in COLOUR_KINDS else (items[i].kind,)
    bound = [j for j in range(i) if items[j].kind in same and items[j].noun]
    if not bound:
        return next((j for j in range(i - 1, -1, -1) if standing_for(items[j]) in BOUND_TO[items[i].kind]), None)
    target = items[bound[-1]].target
    return target if target is not None and standing_for(items[target]) in BOUND_TO[items[i].kind] else bound[-1]


def share(items: list[Item]) -> None:
    """In "pink hair and eyes" and "hair and eyes of blue" both nouns take the colour."""
    for j in range(len(items) - 2):
        one, two = standing_for(items[j]), standing_for(items[j + 2])
        if items[j + 1].kind == "and" and {one, two} == {"hair", "eyes"}:
            of = [[item for item in items if item.target == k and item.kind in COLOUR_KINDS] for k in (j, j + 2)]
            giver, taker = (of[0], two) if of[0] and not of[1] else (of[1], one) if of[1] and not of[0] else ([], "")
            for item in giver:
                item.noun = "hair and eyes" if taker else item.noun
