"""The way from a colour, a length or the like to its noun: to the right in "red hair", to the left in "hair is red"."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import takewhile

from avatarlib.text.lexicon import COLOUR_KINDS
from avatarlib.text.phrases import MODIFIERS, Sentence, standing_for

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


def to_the_right(sentence: Sentence, i: int) -> tuple[int, bool] | None:
    """The noun after a modifier, and whether a comma, "and" or a correction stands between them."""
    crossed, denied, stranger = False, False, None
    for j in range(i + 1, len(sentence) if sentence[i].kind != "reach" else 0):
        kind, noun = sentence[j].kind, standing_for(sentence[j])
        if noun and noun != "sign":
            apart = sentence[j - 1].kind in JOINTS and not denied                           # but "blue, not red, hair"
            return None if crossed and (apart or stranger is not None) else (j, crossed)
        if kind in JOINTS:
            if stranger is not None:
                break
            crossed = True
            denied |= kind in ("not", "no")
        elif j == i + 1 and sentence[j].norm in ("of", "for"):                 # "the red of her hair"
            owned = sentence.first(range(j + 1, len(sentence)), lambda item: item.kind not in ("owner", "article"))
            fits = owned is not None and standing_for(sentence[owned]) in BOUND_TO[sentence[i].kind]
            return (owned, False) if owned is not None and fits else None
        elif kind in ("unknown", "plain"):
            if stranger is None and not looks_like_adjective(sentence[j].norm):
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

    def passes(self, sentence: Sentence, i: int, j: int) -> bool:
        """Whether item j, which is no noun, may stand between the noun and the modifier i."""
        kind = sentence[j].kind
        if kind in JOINTS and not self.near:
            self.denied |= kind in ("not", "no", "lack")
            self.comma |= kind == "comma"
            self.joined |= kind in ("comma", "and", "or")
            return True
        if kind == "end" and sentence[j].norm == "but" and not self.near:
            self.but = True                          # "her hair is not blonde but red"
            return True
        if sentence[j].norm == "in" and j == i - 1 and not self.near:
            self.comma = True                        # "hair in red", but not "brown hair in red"
            return True
        if kind in LINKS:
            self.links.add(kind)
            return True
        if kind in ("unknown", "plain") and j and sentence[j - 1].kind != "noun" and not self.near:
            self.simile = True                       # "hair like spun gold"
            return True
        return kind in PASSED or (kind == "verb" and (sentence[i].kind == "reach" or "copula" in self.links))

    def leads(self, sentence: Sentence, i: int, j: int) -> bool:
        """Whether the noun j may take the modifier i by this way."""
        kind = sentence[i].kind
        denied = self.denied or any(item.kind in ("not", "no") for item in sentence[:j])
        if self.but and not denied and "copula" not in self.links:
            return False
        if self.simile and not self.links & {"like", "copula"}:
            return False
        if kind == "figure" and not self.links & {"like", "colon", "copula"}:
            return False
        if self.joined and standing_for(sentence[j]) not in BOUND_TO[kind]:
            return False
        coloured = kind in COLOUR_KINDS and any(item.target == j and item.how == "before" and item.kind in COLOUR_KINDS
                                                for item in sentence)
        return not (coloured and self.comma and not self.denied and not self.links)


def to_the_left(sentence: Sentence, i: int, *, near: bool = False) -> int | None:
    """The noun that a modifier after it describes; ``near`` allows nothing but a link between them."""
    if sentence.norm(i + 1) == "ones" and not near:                         # "but brown ones"
        return earlier(sentence, i)
    path = Path(near)
    j = i - 1
    while j >= 0:
        item, noun = sentence[j], standing_for(sentence[j])
        if item.kind in ("change", "withdraw") and not near:
            return earlier(sentence, i)
        if item.kind == "pronoun" and item.norm in ANTECEDENTS and not near:
            return antecedent(sentence, i, j, ANTECEDENTS[item.norm])
        if noun and noun != "sign" and item.norm not in ADJECTIVES:
            before = preposition_before(sentence, j) if "copula" in path.links else None
            if before is None:
                return j if path.leads(sentence, i, j) else None
            j = before
        elif (opening := aside(sentence, j)) is not None:
            j = opening
        elif not noun and not path.passes(sentence, i, j):
            break
        j -= 1
    return earlier(sentence, i) if path.denied and not near else None


def out_of_reach(sentence: Sentence, i: int) -> int | None:
    """The noun of a modifier that no way leads to: the heading in "hair: black, hime cut, long", or, if its sentence
    is nothing but modifiers, the noun just before: "I want black hair. Short!"
    """
    begin = sentence.first(range(i, -1, -1), lambda item: item.kind == "stop") or 0
    end = sentence.first(range(i, len(sentence)), lambda item: item.kind == "stop")
    colon = sentence.first(range(i, begin, -1), lambda item: item.kind == "colon")
    if colon is None and {item.kind for item in sentence[begin:end]} - {*MODIFIERS, "soft", "comma", "and", "stop"}:
        return None
    before = range(begin, -1, -1) if colon is None else range(colon, begin - 1, -1)
    near = takewhile(lambda j: sentence[j].kind != "unknown", before)
    return sentence.first(near, lambda item: standing_for(item) not in ("", "sign"))


def antecedent(sentence: Sentence, i: int, j: int, nouns: tuple[str, ...]) -> int | None:
    """The noun before place j that "it" or "they" stands for."""
    wanted = [noun for noun in nouns if noun in BOUND_TO[sentence[i].kind]]
    return sentence.first(range(j - 1, -1, -1), lambda item: standing_for(item) in wanted)


def aside(sentence: Sentence, j: int) -> int | None:
    """Where the aside opens that the comma j closes, if a verb then goes back: "her hair, which is long, is blue"."""
    if sentence.kind(j) != "comma" or sentence.kind(j + 1) != "copula" or sentence.norm(j + 1) in RELATIVE:
        return None
    opening = sentence.first(range(j - 1, -1, -1), lambda item: item.kind in ("comma", "stop")) or 0
    return opening if sentence[opening].kind != "stop" else None


def preposition_before(sentence: Sentence, j: int) -> int | None:
    """Where "in her hair" begins, if the noun j stands in such a phrase: it is no subject then."""
    k = j - 1
    while k >= 0 and sentence[k].kind in ("article", "owner", *PASSED):
        k -= 1
    return k if k >= 0 and sentence[k].kind == "with" else None


def earlier(sentence: Sentence, i: int) -> int | None:
    """What a correction corrects: the last modifier of the same sort before it that has a noun."""
    same = COLOUR_KINDS if sentence[i].kind in COLOUR_KINDS else (sentence[i].kind,)
    bound = [j for j in range(i) if sentence[j].kind in same and sentence[j].noun]
    if not bound:
        return sentence.first(range(i - 1, -1, -1), lambda item: standing_for(item) in BOUND_TO[sentence[i].kind])
    target = sentence[bound[-1]].target
    return target if target is not None and standing_for(sentence[target]) in BOUND_TO[sentence[i].kind] else bound[-1]
