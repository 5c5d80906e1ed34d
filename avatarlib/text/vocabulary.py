"""The 34 tags, their groups, and the shades of their colours in everyday words.

The tag names are those of ``avatarlib.data.TAGS`` (Jin et al. 2017); which everyday word stands for which tag is
ours. Doubtful cases say how they were decided.
"""

from __future__ import annotations

__all__ = ["EYE_COLOURS", "FAMILIES", "FIGURES", "GROUPS", "HAIR_COLOURS", "HAIR_SHADES", "HAIR_STYLES", "SHADES",
           "SINGLE_TAGS", "STYLES_TOGETHER", "TAGS"]

HAIR_COLOURS = tuple(f"{colour} hair" for colour in (
    "blonde", "brown", "black", "blue", "pink", "purple", "green", "red", "silver", "white", "orange", "aqua", "grey"))
HAIR_STYLES = ("long hair", "short hair", "twintails", "drill hair", "ponytail")
SINGLE_TAGS = ("blush", "smile", "open mouth", "hat", "ribbon", "glasses")
EYE_COLOURS = tuple(f"{colour} eyes" for colour in (
    "blue", "red", "brown", "green", "purple", "yellow", "pink", "aqua", "black", "orange"))
TAGS: tuple[str, ...] = HAIR_COLOURS + HAIR_STYLES + SINGLE_TAGS + EYE_COLOURS
GROUPS: dict[str, tuple[str, ...]] = {"hair colour": HAIR_COLOURS, "hair style": HAIR_STYLES,
                                      "eye colour": EYE_COLOURS}
# Styles that one head of hair can show at once in the drawn set; all others shut each other out there.
STYLES_TOGETHER = (frozenset({"long hair", "twintails"}), frozenset({"long hair", "ponytail"}))

# Family of shades -> (hair colour, eye colour); an empty one cannot be drawn.
FAMILIES: dict[str, tuple[str, str]] = {
    **{colour: (colour, colour) for colour in ("brown", "black", "blue", "pink", "purple", "green", "red", "orange",
                                               "aqua")},
    **{colour: (colour, "") for colour in ("silver", "white", "grey")},
    "blonde": ("blonde", ""), "yellow": ("blonde", "yellow"), "dark": ("black", "black"),
    "amber": ("orange", "yellow"),
}

# Shades as adjectives. Doubtful: auburn is red (its usual place among hair colours), ginger and copper are orange
# since the tags have an orange; hazel is brown; platinum alone is silver; indigo and periwinkle are blue; magenta,
# fuchsia, salmon and coral are pink; peach is orange; mint and seafoam are green; charcoal and slate are grey;
# dark hair, if no colour follows, is black.
SHADES: dict[str, str] = {
    "blonde": "flaxen, fair",
    "dark": "dark, darker, darkish",
    "yellow": (
        "yellow, yellowish, gold, golden, honey, honeyed, sandy, wheaten, lemon, mustard, buttery, topaz, citrine, "
        "saffron, canary, champagne, sunny, ochre, butterscotch"),
    "amber": "amber",
    "brown": (
        "brown, brownish, chestnut, chocolate, hazel, hazelnut, mahogany, coffee, caramel, cocoa, mocha, walnut, "
        "bronze, umber, sepia, tawny, mousy, mousey, russet, hickory, toffee, cinnamon, nut brown, tan, beige, sienna, "
        "espresso, sorrel"),
    "black": (
        "black, blackish, blacker, blackest, raven, ebony, jet, jet black, onyx, obsidian, coal, inky, sable, "
        "midnight, pitch black"),
    "blue": (
        "blue, bluish, bluer, bluest, blueish, azure, navy, sapphire, cobalt, cerulean, indigo, ultramarine, "
        "cornflower, periwinkle, icy, denim, sky blue, lapis, lazuli"),
    "aqua": (
        "aqua, teal, turquoise, cyan, aquamarine, blue green, green blue, bluish green, greenish blue, turquoise "
        "green, turquoise blue, teal green, teal blue, aqua blue, aqua green, aquamarine blue, cyan blue, lagoon"),
    "purple": (
        "purple, purplish, violet, lilac, lavender, mauve, plum, amethyst, grape, eggplant, aubergine, orchid, "
        "wisteria, heliotrope, mulberry, royal purple, ultraviolet"),
    "pink": (
        "pink, pinkish, rose, magenta, fuchsia, "
        "fuschia, "   # codespell:ignore fuschia
        "salmon, coral, bubblegum, bubble gum, cherry blossom, sakura, "
        "flamingo, cerise, rose gold, rosy pink, blush pink, candyfloss, cotton candy, carnation"),
    "red": (
        "red, reddish, redder, reddest, crimson, scarlet, ruby, cherry, burgundy, maroon, wine, vermilion, "
        "vermillion, "   # codespell:ignore vermillion
        "garnet, cardinal, carmine, fiery, flaming, strawberry, rust red, titian, tomato, claret, bordeaux, merlot, "
        "rouge"),   # codespell:ignore rouge
    "green": (
        "green, greenish, greener, greenest, emerald, jade, olive, lime, mint, minty, moss, mossy, sage, pine, "
        "viridian, peridot, shamrock, avocado, chartreuse, seafoam, sea green, fern, malachite, pistachio"),
    "orange": (
        "orange, orangish, copper, coppery, carrot, carroty, tangerine, apricot, peach, peachy, pumpkin, rusty, rust, "
        "marmalade, mandarin, clementine, persimmon"),
    "silver": "silver, silvery, platinum, chrome, moonlit, moonlight, pewter, argent",
    "white": (
        "white, whitish, whiter, whitest, snowy, snow white, ivory, pearl, pearly, alabaster, milky, chalky, cream, "
        "creamy"),
    "grey": (
        "grey, gray, greyish, grayish, greying, graying, ash, ashen, ashy, slate, smoky, smokey, charcoal, gunmetal, "
        "graphite, steel, salt and pepper"),
}
# Adjectives that say hair colour even without the word hair: "a blonde girl".
HAIR_SHADES: dict[str, str] = {
    "blonde": (
        "blonde, blond, blondes, blonds, blondie, blondish, platinum blonde, platinum blond, strawberry blonde, "
        "strawberry blond, towheaded"),
    "brown": "brunette, brunettes, brunet",
    "red": "auburn",
    "orange": "ginger, carrot top",
}
# Things whose colour is meant after like, as, of, the colour of; alone they say nothing: "she walks by the sea".
FIGURES: dict[str, str] = {
    "yellow": "sun, sunlight, sunshine, straw, wheat, corn, butter, sunflowers, sunflower, daffodils, lemons, barley",
    "black": "night, the night sky, night sky, crow, crows, ravens, a raven, ink, tar, soot, a moonless night",
    "blue": "sky, sea, ocean, ocean water, lake, sapphires, the sky at noon, forget me nots, ice",
    "green": "grass, leaf, leaves, forest, emeralds, spring leaves, meadow, meadows, clover, limes",
    "red": (
        "fire, flame, flames, blood, rubies, cherries, embers, ember, poppies, a poppy, poppy, roses, autumn leaves"),
    "pink": "cherry blossoms, candy, peonies, peony",
    "purple": "amethysts, violets, plums, grapes, lilacs",
    "orange": "carrots, oranges, fox, foxes, a fox, pumpkins, sunset",
    "silver": "moon, the moon",
    "white": "snow, milk, chalk, clouds, cotton, paper, pearls, lilies",
    "grey": "ashes, smoke, storm clouds",
    "brown": "earth, acorns, chestnuts, bark, autumn",
}
