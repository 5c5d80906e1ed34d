"""The way from a colour, a length or the like to its noun: to the right in "red hair", to the left in "hair is red"."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import takewhile

from avatarlib.text.lexicon import COLOUR_KINDS
from avatarlib.text.phrases import MODIFIERS, Item, standing_for

__all__ = ["BOUND_TO", "LINKS", "out_of_reach", "to_the_left", "to_the_right"]

JOINTS = ("and", "or", "nor", "comma", "change", "withdraw", "not", "no", "lack")
PASSED = ("soft", "length", "mouth", "match", "void", *COLOUR_KINDS)      # may stand between a modifier and its noun
LINKS = ("copula", "like", "colon", "article")                    # may lead back to a noun: "hair is", "eyes of"
BOUND_TO = {"length": ("hair",), "reach": ("hair",), "mouth": ("mouth", "eyes"),
            "match": ("hair", "eyes"), **dict.fromkeys(COLOUR_KINDS, ("hair", "eyes", "cheeks"))}
ADJECTIVES = ("eyed", "cheeked", "mouthed", "lipped")              # nothing after them describes them
RELATIVE = ("which", "that", "who", "whose")
ANTECEDENTS = {"it": ("hair", "mouth"), "hers": ("hair", "eyes"), "theirs": ("hair", "eyes"),
               "they": ("eyes", "cheeks", "mouth")}
ADJECTIVE_ENDINGS = ("ing", "ed", "y", "ish", "ful", "ous", "less")


def to_the_right(items: list[Item], i: int) -> tuple[int, bool] | None:
    """The noun after a modifier, and whether a comma, "and" or a correction stands between them."""
    crossed, denied, stranger = False, False, None
    for j in range(i + 1, len(items) if items[i].kind != "reach" else 0):
        kind, noun = items[j].kind, standing_for(items[j])
        if noun and noun != "sign":
            apart = items[j - 1].kind in JOINTS and not denied                           # but "blue, not red, hair"
            return None if crossed and (apart or stranger is not None) else (j, crossed)
        if kind in JOINTS:
            if stranger is not None:
                break
            crossed = True
            denied |= kind in ("not", "no")
        elif j == i + 1 and items[j].norm in ("of", "for"):                 # "the red of her hair"
            owned = next((k for k in range(j + 1, len(items)) if items[k].kind not in ("owner", "article")), i)
            return (owned, False) if standing_for(items[owned]) in BOUND_TO[items[i].kind] else None
        elif kind in ("unknown", "plain"):
            if stranger is None and not looks_like_adjective(items[j].norm):
                stranger = j
        elif kind not in PASSED:
            break
    return None if stranger is None or crossed else (stranger, False)


def looks_like_adjective(word: str) -> bool:
    """Whether an unknown word may stand between a colour and its noun, as in "red windblown-looking hair"."""
    return len(word) > 4 and word.endswith(ADJECTIVE_ENDINGS)


@dataclass
class Path:
    """What a way to the left has passed so far."""

    near: bool                                       # nothing but links allowed
    links: set[str] = field(default_factory=set)
    denied: bool = False
    comma: bool = False
    joined: bool = False
    but: bool = False
    simile: bool = False                             # an unknown word that only a comparison excuses

    def passes(self, items: list[Item], i: int, j: int) -> bool:
        """Whether item j, which is no noun, may stand between the noun and the modifier i."""
        kind = items[j].kind
        if kind in JOINTS and not self.near:
            self.denied |= kind in ("not", "no", "lack")
            self.comma |= kind == "comma"
            self.joined |= kind in ("comma", "and", "or")
            return True
        if kind == "end" and items[j].norm == "but" and not self.near:
            self.but = True                          # "her hair is not blonde but red"
            return True
        if items[j].norm == "in" and j == i - 1 and not self.near:
            self.comma = True                        # "hair in red", but not "brown hair in red"
            return True
        if kind in LINKS:
            self.links.add(kind)
            return True
        if kind in ("unknown", "plain") and j and items[j - 1].kind != "noun" and not self.near:
            self.simile = True                       # "hair like spun gold"
            return True
        return kind in PASSED or (kind == "verb" and (items[i].kind == "reach" or "copula" in self.links))

    def leads(self, items: list[Item], i: int, j: int) -> bool:
        """Whether the noun j may take the modifier i by this way."""
        kind = items[i].kind
        denied = self.denied or any(item.kind in ("not", "no") for item in items[:j])
        if self.but and not denied and "copula" not in self.links:
            return False
        if self.simile and not self.links & {"like", "copula"}:
            return False
        if kind == "figure" and not self.links & {"like", "colon", "copula"}:
            return False
        if self.joined and standing_for(items[j]) not in BOUND_TO[kind]:
            return False
        coloured = kind in COLOUR_KINDS and any(item.target == j and item.how == "before" and item.kind in COLOUR_KINDS
                                                for item in items)
        return not (coloured and self.comma and not self.denied and not self.links)


def to_the_left(items: list[Item], i: int, *, near: bool = False) -> int | None:
    """The noun that a modifier after it describes; ``near`` allows nothing but a link between them."""
    if i + 1 < len(items) and items[i + 1].norm == "ones" and not near:     # "but brown ones"
        return earlier(items, i)
    path = Path(near)
    j = i - 1
    while j >= 0:
        item, noun = items[j], standing_for(items[j])
        if item.kind in ("change", "withdraw") and not near:
            return earlier(items, i)
        if item.kind == "pronoun" and item.norm in ANTECEDENTS and not near:
            return antecedent(items, i, j, ANTECEDENTS[item.norm])
        if noun and noun != "sign" and item.norm not in ADJECTIVES:
            before = preposition_before(items, j) if "copula" in path.links else None
            if before is None:
                return j if path.leads(items, i, j) else None
            j = before
        elif (opening := aside(items, j)) is not None:
            j = opening
        elif not noun and not path.passes(items, i, j):
            break
        j -= 1
    return earlier(items, i) if path.denied and not near else None


def out_of_reach(items: list[Item], i: int) -> int | None:
    """The noun of a modifier that no way leads to: the heading in "hair: black, hime cut, long", or, if its sentence
    is nothing but modifiers, the noun just before: "I want black hair. Short!"
    """
    begin = next((j for j in range(i, -1, -1) if items[j].kind == "stop"), 0)
    end = next((j for j in range(i, len(items)) if items[j].kind == "stop"), len(items))
    colon = next((j for j in range(i, begin, -1) if items[j].kind == "colon"), None)
    if colon is None and {item.kind for item in items[begin:end]} - {*MODIFIERS, "soft", "comma", "and", "stop"}:
        return None
    before = range(begin, -1, -1) if colon is None else range(colon, begin - 1, -1)
    near = takewhile(lambda j: items[j].kind != "unknown", before)
    return next((j for j in near if standing_for(items[j]) not in ("", "sign")), None)


def antecedent(items: list[Item], i: int, j: int, nouns: tuple[str, ...]) -> int | None:
    """The noun before place j that "it" or "they" stands for."""
    wanted = [noun for noun in nouns if noun in BOUND_TO[items[i].kind]]
    return next((k for k in range(j - 1, -1, -1) if standing_for(items[k]) in wanted), None)


def aside(items: list[Item], j: int) -> int | None:
    """Where the aside opens that the comma j closes, if a verb then goes back: "her hair, which is long, is blue"."""
    after = items[j + 1] if items[j].kind == "comma" and j + 1 < len(items) else None
    if after is None or after.kind != "copula" or after.norm in RELATIVE:
        return None
    opening = next((k for k in range(j - 1, -1, -1) if items[k].kind in ("comma", "stop")), 0)
    return opening if items[opening].kind != "stop" else None


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
