"""What each part of the style Adventurer (Lisa Wischofsky, CC BY 4.0) shows, in tags, found by looking at it.

Variants that could be read in two ways carry no tag and are never drawn: closed or winking eyes and eyes with a dot
for an iris, hair that hides an eye, buns (neither ponytail nor twintails), flowers (not quite a ribbon), faint smiles,
dark glasses. ``avatarlib.interact.tag_sheet`` shows every part that is left, with its tags.
"""

from __future__ import annotations

STYLE = "adventurer"
REVISION = 4             # of these tables and our pieces: raise it when they change, so that caches are drawn anew
SELDOM = 0.2             # share of avatars with earrings, and of those without blush with freckles or a mole
SPREAD = 14              # how far a shade may be from its named colour, in steps of 0..255 a channel

HAIR_SHADES: dict[str, str] = {
    "blonde hair": "#f7d969", "brown hair": "#7b4a26", "black hair": "#26242b", "blue hair": "#2b5fd0",
    "pink hair": "#f59ac4", "purple hair": "#7a3fb0", "green hair": "#3aa648", "red hair": "#c8202c",
    "silver hair": "#b4c0d1", "white hair": "#fdfdfa", "orange hair": "#f08326", "aqua hair": "#4fd8d4",
    "grey hair": "#7b7d85",
}
EYE_SHADES: dict[str, str] = {
    "blue eyes": "#2f6fe0", "red eyes": "#d8232a", "brown eyes": "#7a4520", "green eyes": "#2f9e3a",
    "purple eyes": "#7d3cc4", "yellow eyes": "#f2cf1b", "pink eyes": "#f56fb2", "aqua eyes": "#1fd0cf",
    "black eyes": "#141414", "orange eyes": "#f5821f",
}

# DiceBear's variant, and the piece of ours drawn behind the head ("" for none).
Hair = tuple[str, str]


def plain(*variants: str) -> tuple[Hair, ...]:
    """Hair of the style's own, without a piece of ours."""
    return tuple((variant, "") for variant in variants)


def tied(piece: str, *variants: str) -> tuple[Hair, ...]:
    """Hair combined with a piece of ours that hangs behind it."""
    return tuple((variant, piece) for variant in variants)


# Long hair falls below the chin, loose or tied; ringlets have a tag of their own, whatever their length.
HAIR: dict[frozenset[str], tuple[Hair, ...]] = {
    frozenset(): plain("long01", "long02", "long21"),     # to the jaw: neither long nor short
    frozenset({"long hair"}): plain("long05", "long06", "long07", "long09", "long17"),
    frozenset({"short hair"}): plain("short01", "short02", "short03", "short04", "short07", "short08", "short09",
                                     "short10", "short11", "short14", "short16", "short17", "short18"),
    frozenset({"twintails"}): (*plain("long14", "long15"),
                               *tied("hair-twintails", "short02", "short09", "short10", "long21")),
    frozenset({"ponytail"}): (*plain("long19"), *tied("hair-ponytail", "short01", "short02", "short09", "short10",
                                                      "short04", "long21")),
    frozenset({"drill hair"}): tied("hair-drill", "long21", "long02", "short02", "short10"),
    frozenset({"long hair", "twintails"}): tied("hair-twintails-long", "short02", "short04", "short09", "short10",
                                                "long21"),
    frozenset({"long hair", "ponytail"}): (*plain("long16"), *tied("hair-ponytail-long", "short01", "short02",
                                                                   "short09", "short10", "long21")),
}

# Under a hat nothing would be left of these but a sideburn, or a cut end.
NOT_UNDER_A_HAT: tuple[Hair, ...] = (
    *plain("short04", "short08", "short11", "short14", "short17", "short18", "long15"),
    *tied("hair-ponytail", "short04"))

# (smile, open mouth) -> mouths. A smile turns its corners up; an open mouth shows its inside, not just teeth.
MOUTHS: dict[tuple[bool, bool], tuple[str, ...]] = {
    (False, False): ("variant04", "variant06", "variant08", "variant09", "variant17", "variant19"),
    (False, True): ("variant03", "variant07", "variant14", "variant15"),
    (True, False): ("variant22", "variant23", "variant29"),
    (True, True): ("variant01", "variant25", "variant26", "variant27", "variant28", "variant30"),
}

# Open mouths too small to be seen open at 64 pixels -> where in the drawing (762 wide) they grow from: below them.
SMALL_MOUTHS: dict[str, tuple[float, float]] = {"variant03": (321, 608), "variant07": (321, 608)}
MOUTH_GROWTH = 1.5

EYES: tuple[str, ...] = tuple(f"variant{number:02d}" for number in (1, 2, 3, 5, 11, 12, 15, 23, 24, 25, 26))
GLASSES: tuple[str, ...] = ("variant02", "variant04", "variant05")
DETAILS: tuple[str, ...] = ("birthmark", "freckles")     # where there is no blush; no tag speaks of them
EYEBROWS: tuple[str, ...] = tuple(f"variant{number:02d}" for number in range(2, 16))    # 01 hides irises
EARRINGS: tuple[str, ...] = tuple(f"variant{number:02d}" for number in range(1, 7))
SKINS: tuple[str, ...] = ("#f2d3b1", "#ecad80", "#9e5622", "#87491f", "#fae0c8", "#c98a5b")
BLUSH: tuple[str, str] = ("#CA8D87", "#f0686f")          # the style's, and ours: seen on every skin
FRAMES: tuple[str, ...] = ("#000000", "#7a1f2b", "#1f3a6e", "#6b4a2b")

HATS: tuple[str, ...] = ("hat-beanie", "hat-straw", "hat-cap", "hat-beret")
RIBBONS: tuple[str, ...] = ("ribbon-bow", "ribbon-long")
CLOTH: tuple[str, ...] = ("#e0447a", "#7a8fc4", "#c93a32", "#3f8f6b", "#efe6d2", "#e9b44c", "#8a5fae", "#3a3f55")

UNDRAWABLE: dict[str, str] = {}     # tag -> why this art cannot show it
