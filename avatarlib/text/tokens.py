"""A text as words: lower case, without accents, contractions and hyphens taken apart, misspellings understood."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from avatarlib.text.lexicon import LEXICON, ORDINARY, WORDS, Entry
from avatarlib.text.signs import FACES

__all__ = ["COLON", "COMMA", "DASH", "LACK", "QUESTION", "STOP", "Word", "split"]

STOP, QUESTION, COMMA, COLON, DASH = ".", "?", ",", ":", "-"
LACK = "<"             # stands before a word that is denied by its own ending: "hatless"
EMOTICONS = "|".join(f"(?P<{face}>{pattern})" for face, pattern in FACES.items())
PICTURE = re.compile(r"\b(face|hair|hat|cap|ribbon|\w*glasses)\b")       # in the Unicode names of emoji
PIECE = re.compile(rf"(?<![\w:])>?(?:{EMOTICONS})(?!\w)|"
                   r":\d[\d.]*|\bw/o\b|\bw/(?!\w)|\.{2,}|…|[^\W_]+(?:'[^\W_]+)*|\s[-–—]+\s|[-–—]{2,}|\s/\s|[^\w\s]|_|(?<!:)\n")
DASHES = "-–—"
SILENT = ("-", "'", "_", '"', "*", "~", "#", ")", "]")
MARKS = {**dict.fromkeys(".;!|\n", STOP), **dict.fromkeys(":=", COLON), "?": QUESTION, "&": "and", "/": "and"}
QUOTES = str.maketrans("’‘`´", "''''")
SHORTENED = re.compile(r"(is|are|was|were|do|does|did|has|have|had|wo|ca|ai|would|should|could)n'?t")
ENDINGS = re.compile(r"'(s|re|ve|d|ll|m)$")
VERBS = {"wo": "will", "ca": "can", "ai": "is"}                      # what is left of won't, can't, ain't
SPOKEN = re.compile(r"(it(?=')|she|he|that|who|what|there)'?s")      # "it's", "shes"; "its" is another word
SIGNS = {"w/o": "without", "w/": "with", "n": "and"}
SHORTEST = 3           # letters of a word that may be misspelt


@dataclass(frozen=True)
class Word:
    """One word as the grammar sees it, and where it stands in the text."""

    norm: str          # a word of the lexicon, a mark of punctuation, or an unknown word in lower case
    start: int
    end: int
    corrected: bool = False


def split(text: str) -> list[Word]:
    """The words of a text, in order. "hatless" gives ``LACK``, "hat", both at the same place."""
    found: list[Word] = []
    plain = "".join(map(without_accent, text)).translate(QUOTES).lower()
    for match in PIECE.finditer(plain):
        piece, (start, end) = match.lastgroup or match[0].strip(" ") or ",", match.span()
        piece = "," if match[0] == " / " else piece
        joined = bool(found) and found[-1].end == start - 1 and plain[start - 1] == "-"
        if joined and piece in ("free", "less") and (found[-1].norm,) in LEXICON:        # "glasses-free"
            found.insert(-1, Word(LACK, found[-1].start, end))
        elif piece not in SILENT or " " in match[0]:
            found.extend(Word(norm, start, end, corrected) for norm, corrected in norms(piece))
    return found


def without_accent(letter: str) -> str:
    """A letter without its accent, always one letter long, so that positions keep."""
    base = unicodedata.normalize("NFKD", letter)[0]
    return base if len(base.lower()) == 1 else letter


def norms(piece: str) -> Iterator[tuple[str, bool]]:
    """The words that a piece of text stands for, each with whether its spelling was corrected."""
    if piece in SIGNS:
        yield SIGNS[piece], False
        return
    if not piece[0].isalnum():
        name = unicodedata.name(piece[0], "").lower().replace("-", " ")
        mark = MARKS.get(piece, DASH if piece[0] in DASHES else COMMA)
        yield from ((word, False) for word in (f", {name} ,".split() if PICTURE.search(name) else (mark,)))
        return
    denied, spoken = SHORTENED.fullmatch(piece), SPOKEN.fullmatch(piece)
    if denied or spoken:
        first, second = (denied[1], "not") if denied else (spoken[1], "is") if spoken else ("", "")
        yield from ((VERBS.get(first, first), False), (second, False))
        return
    piece = ENDINGS.sub("", piece)
    if piece.isdigit() or re.fullmatch(r"\d+(girl|boy)s?", piece):
        yield piece.lstrip("0123456789") or piece, False
    elif piece in WORDS or piece in ORDINARY:
        yield piece, False
    else:
        yield from ((part, part not in (LACK, piece) and part not in piece) for part in unknown(piece))


@lru_cache(maxsize=4096)
def unknown(piece: str) -> tuple[str, ...]:
    """What a piece outside the lexicon may be: a denial, two words run together, a misspelling, or itself."""
    for pattern in (r"(\w{3,})less", r"un(\w{4,})"):
        match = re.fullmatch(pattern, piece)
        if match and LEXICON.get((match[1],), ("",))[0] == "tag":
            return LACK, match[1]
    for cut in range(3, len(piece) - 2):                                       # "bluehair"
        head, tail = piece[:cut], piece[cut:]
        kinds = tuple(LEXICON.get((part,), ("",))[0] for part in (head, tail))
        if ((tail in JOINED and kinds[0] in ("colour", "length", "hair colour"))
                or (head in DEPTHS and kinds[1] == "colour")):
            return head, tail
    near = nearest(piece)
    return (near,) if near else (piece,)


DEPTHS = ("light", "dark", "deep", "pale", "bright")
JOINED = ("hair", "haired", "eyes", "eye", "eyed")


def nearest(word: str) -> str:
    """The word of the lexicon that a misspelling means; empty if none is near or two are equally near.

    A slip is a letter lost, added or changed, or two neighbours swapped (optimal string alignment). One slip is
    forgiven from 4 letters on, two from 8; for less see ``short_slip``. The first letter must be right, or be swapped
    with the second.
    """
    if len(word) < SHORTEST or not word.isalpha():
        return ""
    allowed = 1 if len(word) < 8 else 2
    best: list[tuple[float, str]] = []
    for known, slips, _ in process.extract(word, CANDIDATES, scorer=OSA.distance, score_cutoff=allowed, limit=None):
        swapped = sorted(known) == sorted(word)
        if known[0] != word[0] and not (swapped and known[:2] == word[1::-1]):
            continue
        if swapped or min(len(known), len(word)) >= 4 or short_slip(word, known):
            best.append((slips - 0.5 * swapped - 0.25 * (len(known) != len(word)), known))
    best.sort()
    unclear = len(best) > 1 and best[0][0] == best[1][0] and meaning(best[0][1]) != meaning(best[1][1])
    return best[0][1] if best and not unclear else ""


def short_slip(word: str, known: str) -> bool:
    """Whether a word of 3 letters is a known one that lost a letter, or has a letter of a known one of 3 doubled."""
    if len(word) == 3:
        return len(known) == 4
    return len(known) == 3 and any(known == word[:at] + word[at + 1:] and word[at] == word[at - 1]
                                   for at in range(1, len(word)))


def meaning(word: str) -> tuple[str, str]:
    """What a single word means in the lexicon; a word of longer phrases means itself."""
    return LEXICON.get((word,), ("", word))


def worth_correcting(phrase: tuple[str, ...], entry: Entry) -> bool:
    """Whether a slip in this word could cost a tag: shades, lengths, hair, eyes, mouth, and what grants a tag."""
    return len(phrase) == 1 and len(phrase[0]) >= SHORTEST and (
        entry.kind in ("colour", "hair colour", "length", "mouth") or entry.value in ("hair", "eyes", "mouth")
        or (entry.kind == "tag" and entry.value[0].isalpha()))


CANDIDATES = tuple(sorted({"without", "wearing", "girl", "boy", "drill", "pony", "twin", "tails"}
                          | {phrase[0] for phrase, entry in LEXICON.items() if worth_correcting(phrase, entry)}))
