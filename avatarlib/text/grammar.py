"""What is asked for and what is denied: scope of "no" and "without", corrections, whose hair is meant."""

from __future__ import annotations

from dataclasses import dataclass

from avatarlib.text.lexicon import COLOUR_KINDS
from avatarlib.text.phrases import MODIFIERS, Item, Sentence
from avatarlib.text.tokens import COLON, DASH, QUESTION
from avatarlib.text.vocabulary import EYE_COLOURS, FAMILIES, GROUPS, HAIR_COLOURS, HAIR_STYLES

__all__ = ["Mention", "exclude", "mentions", "scopes", "settle_markers"]

SIDE_BY_SIDE = ("article", "soft", "unknown", "plain", "comma", "and", "or", "nor", "noun", "tag", *MODIFIERS)
BOTH = ("avoid", "avoiding", "exclude", "excludes", "excluding", "omit", "remove", "removes", "removing")
AFTER_A_SHORT_ANSWER = ("comma", "stop", "colon", "change", "withdraw", "perhaps change")
CATEGORIES = {"hat": "accessory", "ribbon": "accessory", "glasses": "accessory",
              **dict.fromkeys(("smile", "open mouth", "blush"), "face"),
              **dict.fromkeys((*HAIR_STYLES, "red hair"), "style")}


@dataclass(frozen=True)
class Mention:
    """One phrase that says something about tags: (tag, asked for or denied) pairs, and the item it comes from."""

    item: int
    tags: tuple[tuple[str, bool], ...]
    marker: str = ""          # "change", "withdraw" or "answer" stands between the mention before and this one


def settle_markers(sentence: Sentence) -> None:
    """Decide which "no", "wait" and "actually" correct what was said; the others deny, or say nothing."""
    for i, item in enumerate(sentence):
        before, after = sentence.kind(i - 1), sentence.kind(i + 1)
        if denies_a_list(sentence, i):
            item.kind, item.value, sentence[i + 1].kind = "not", "list", "soft"
        elif item.kind in ("no", "not") and len(item.words) == 1 and after in AFTER_A_SHORT_ANSWER:
            mark = sentence.norm(i - 1)
            if mark in (COLON, QUESTION) or (mark == DASH and after == "stop"):
                item.kind, said = "answer", sentence[max(i - 2, 0)]
                said.value = said.value.replace("~", "-")                               # "accessories: none"
            elif item.kind == "no":
                item.kind = "change"
        elif item.norm == "off" and before == "tag" and after in ("comma", "stop", "and"):
            item.kind = "answer"                                                        # "hat off"
        elif item.kind == "perhaps change":
            item.kind = "change" if corrects(sentence, i) else "soft"


def corrects(sentence: Sentence, i: int) -> bool:
    """Whether "actually" or "wait" begins a correction: after a pause, and right before something new."""
    follows = next((item.kind for item in sentence[i + 1:]
                    if item.kind not in ("comma", "colon", "soft", "article", "plain", "with")), "")
    return (sentence.kind(i - 1) in ("comma", "stop", "plain", "change", "and")
            and follows in ("no", "not", "tag", "change", *MODIFIERS))


def denies_a_list(sentence: Sentence, i: int) -> bool:
    """Whether "no:", "without:" or "off:" begins here; it denies all up to the end of the sentence."""
    begins = sentence.kind(i - 1) == "stop" and sentence.norm(i - 1) != QUESTION
    return (begins and sentence.kind(i + 1) == "colon"
            and (sentence[i].kind in ("no", "not") or sentence[i].norm == "off"))


def category(item: Item) -> str:
    """What sort of thing an item speaks of; only things of one sort stand in a list under one "without"."""
    if item.kind == "tag":
        return CATEGORIES.get(item.value.lstrip("-!~").split("+")[0], "")
    if item.kind in COLOUR_KINDS:
        return f"{item.noun} colour" if item.noun else ""
    if item.value == "other":
        return "accessory"
    return {"length": "style", "reach": "style", "mouth": "face"}.get(item.kind, "")


def scopes(sentence: Sentence) -> list[int]:
    """For every item: 1 if it is asked for, -1 if denied, 0 if it is of someone else or left open."""
    found: list[int] = []
    sign, said, denier, void = 1, "", "", False
    for i, item in enumerate(sentence):
        if item.kind in ("not", "no", "nor"):
            sign = 1 if sign < 0 and not said and item.kind != "nor" else -1         # "never without her hat"
            said, denier = "", "both" if item.norm in BOTH else item.value or item.kind
        elif item.kind == "void" or someone_else(sentence, i):
            void = True
        elif ends_void(sentence, i):
            void = False
        if sign < 0 and ends_denial(sentence, i, said, denier):
            sign, said = 1, ""
        said = category(item) or said
        own = -sign if sentence.kind(i - 1) == "lack" else sign                          # "hatless", "not hatless"
        found.append(0 if void else own)
    return found


def someone_else(sentence: Sentence, i: int) -> bool:
    """Whether a relative or an animal beside the avatar is mentioned: what follows is about them."""
    if sentence[i].kind != "noun" or sentence[i].value not in ("kin", "animal"):
        return False
    if sentence[i].value == "animal":
        return not any(item.value in ("person", "hair", "eyes") for item in sentence[i + 1:i + 2])     # "cat girl"
    near = [item.kind for item in sentence[max(0, i - 3):i]]
    last = sentence[i].words[-1]
    if last.end - last.start > len(last.norm) and ("verb" in near or "with" in near):       # "has her mother's eyes"
        return False
    return "owner" in near or "with" in near


def ends_void(sentence: Sentence, i: int) -> bool:
    """Whether item i leads back from someone else to the avatar; "her dog, which" does not."""
    kind = sentence[i].kind
    if kind == "comma":
        return sentence.kind(i + 1) != "copula"
    if kind == "owner":
        return sentence.kind(i - 1) in ("and", "with")                                   # "a moth in her hair"
    return kind in ("stop", "end", "pronoun", "and") or sentence[i].value == "person"


def ends_denial(sentence: Sentence, i: int, said: str, denier: str) -> bool:
    """Whether the scope of "no", "not" or "without" ends at item i; ``said`` is what it has denied so far."""
    kind = sentence[i].kind
    if kind in ("stop", "colon", "end", "change", "withdraw"):
        return True
    if kind == "comma":
        return not list_goes_on(sentence, i, said, denier)
    if kind == "and":
        return not and_goes_on(sentence, i, said, denier)
    return bool(said) and kind in ("with", "verb", "copula", "pronoun", "owner")


def next_said(sentence: Sentence, i: int) -> tuple[str, bool]:
    """Category of what follows item i, and whether an article stands before it."""
    article = False
    for item in sentence[i + 1:]:
        if category(item):
            return category(item), article
        if item.kind not in (*SIDE_BY_SIDE[:6], *MODIFIERS):
            return "", article
        article |= item.kind == "article"
    return "", article


def list_goes_on(sentence: Sentence, i: int, said: str, denier: str) -> bool:
    """ "no hat, glasses or ribbon" denies all three, "no hat, glasses, smile" only the first."""
    if denier == "list":
        return True
    if not said or next_said(sentence, i)[0] != said:
        return False
    for item in sentence[i + 1:]:
        if item.kind in ("or", "nor"):
            return True
        if item.kind == "and":
            return denier != "no"
        if item.kind not in SIDE_BY_SIDE:
            return False
    return False


def and_goes_on(sentence: Sentence, i: int, said: str, denier: str) -> bool:
    """ "no hat and glasses" denies both; "no hat and a ribbon" and "no hat and blue eyes" only the hat."""
    following, article = next_said(sentence, i)
    return denier in ("list", "both") or (bool(said) and following == said and not (article and denier == "no"))


def mentions(sentence: Sentence) -> list[Mention]:
    """All that the text says about tags, in its order."""
    found: list[Mention] = []
    marker, family = "", ""
    for i, (item, sign) in enumerate(zip(sentence, scopes(sentence), strict=True)):
        if item.kind in ("change", "withdraw", "answer"):
            marker = item.kind if marker != "withdraw" else marker
            continue
        if item.kind in COLOUR_KINDS:
            family = item.value
        tags = tags_of(item, sign, family)
        if tags:
            found.append(Mention(i, tags, marker))
            marker = ""
    if marker:
        found.append(Mention(len(sentence) - 1, (), marker))
    return found


def tags_of(item: Item, sign: int, family: str) -> tuple[tuple[str, bool], ...]:
    """The tags that an item asks for (True) or denies (False)."""
    if not sign:
        return ()
    on = sign > 0
    if item.kind == "tag":
        return tuple((part.lstrip("-!~"), on != (part[0] in "-!")) for part in item.value.split("+")
                     if part[0] != ("~" if on else "-"))
    if item.kind in (*COLOUR_KINDS, "match") and item.noun:
        tags = [colour_tag(item.value or family, noun) for noun in item.noun.split(" and ")]
        return tuple((tag, on) for tag in tags if tag)
    if item.kind in ("length", "reach") and item.noun:
        return tuple((tag, on and item.value != "medium") for tag in HAIR_STYLES[:2]
                     if item.value == tag or (item.value == "medium" and on))
    if item.kind == "mouth" and item.noun == "mouth":
        return (("open mouth", on == (item.value == "open")),)
    return ()


def colour_tag(family: str, noun: str) -> str:
    """The tag of a family of shades on a noun; empty if there is none, as for silver eyes."""
    if noun == "cheeks":
        return "blush" if family in ("pink", "red") else ""
    hair, eyes = FAMILIES.get(family, ("", ""))
    tag = {"hair": f"{hair} hair", "eyes": f"{eyes} eyes"}[noun]
    return tag if tag in HAIR_COLOURS + EYE_COLOURS else ""


def exclude(tag: str) -> tuple[str, ...]:
    """The tags that cannot be asked for together with a tag: other colours of its group; long with short hair."""
    for kind in ("hair colour", "eye colour"):
        if tag in GROUPS[kind]:
            return tuple(other for other in GROUPS[kind] if other != tag)
    return {"long hair": ("short hair",), "short hair": ("long hair",)}.get(tag, ())
