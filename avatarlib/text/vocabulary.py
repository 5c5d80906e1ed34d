"""What English words say about an avatar: the 34 tags, shades, nouns, and words that steer the reading.

The tag names are those of ``avatarlib.data.TAGS`` (Jin et al. 2017); which everyday word stands for which tag is
ours. Doubtful cases say how they were decided.
"""

from __future__ import annotations

__all__ = ["EYE_COLOURS", "FAMILIES", "GROUPS", "HAIR_COLOURS", "HAIR_STYLES", "SINGLE_TAGS", "STYLES_TOGETHER", "TAGS"]

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
    "blonde": "flaxen, fair", "dark": "dark, darker, darkish",
    "yellow": "yellow, yellowish, gold, golden, honey, honeyed, sandy, wheaten, lemon, mustard, buttery, topaz, citrine, "
              "saffron, canary, champagne, sunny",
    "amber": "amber",
    "brown": "brown, brownish, chestnut, chocolate, hazel, hazelnut, mahogany, coffee, caramel, cocoa, mocha, "
             "walnut, bronze, umber, sepia, tawny, mousy, mousey, russet, hickory, toffee, cinnamon, nut brown, "
             "tan, beige",
    "black": "black, blackish, raven, ebony, jet, jet black, onyx, obsidian, coal, inky, sable, midnight, pitch black",
    "blue": "blue, bluish, blueish, azure, navy, sapphire, cobalt, cerulean, indigo, ultramarine, cornflower, "
            "periwinkle, icy, denim, sky blue, lapis, lazuli",
    "aqua": "aqua, teal, turquoise, cyan, aquamarine, blue green, green blue, bluish green, greenish blue, "
            "turquoise green, turquoise blue, teal green, teal blue, aqua blue, aqua green, aquamarine blue, "
            "cyan blue",
    "purple": "purple, purplish, violet, lilac, lavender, mauve, plum, amethyst, grape, eggplant, aubergine, orchid, "
              "wisteria, heliotrope, mulberry, royal purple",
    "pink": "pink, pinkish, rose, magenta, fuchsia, fuschia, salmon, coral, bubblegum, bubble gum, cherry blossom, "
            "sakura, flamingo, cerise, rose gold, rosy pink, blush pink, candyfloss, cotton candy",
    "red": "red, reddish, crimson, scarlet, ruby, cherry, burgundy, maroon, wine, vermilion, vermillion, "
           "garnet, cardinal, carmine, fiery, flaming, strawberry, rust red, titian, tomato",
    "green": "green, greenish, emerald, jade, olive, lime, mint, minty, moss, mossy, sage, pine, viridian, "
             "chartreuse, seafoam, sea green, fern, malachite, pistachio",
    "orange": "orange, orangish, copper, coppery, carrot, carroty, tangerine, apricot, peach, peachy, pumpkin, rusty, "
              "rust, marmalade, mandarin",
    "silver": "silver, silvery, platinum, chrome, moonlit, moonlight, pewter",
    "white": "white, whitish, snowy, snow white, ivory, pearl, pearly, alabaster, milky, chalky, cream, creamy",
    "grey": "grey, gray, greyish, grayish, greying, graying, ash, ashen, ashy, slate, smoky, smokey, charcoal, "
            "gunmetal, steel, salt and pepper",
}
# Adjectives that say hair colour even without the word hair: "a blonde girl".
HAIR_SHADES: dict[str, str] = {
    "blonde": "blonde, blond, blondes, blonds, blondie, platinum blonde, platinum blond, strawberry blonde, strawberry blond, "
              "towheaded",
    "brown": "brunette, brunettes, brunet", "red": "auburn", "orange": "ginger",
}
# Things whose colour is meant after like, as, of, the colour of; alone they say nothing: "she walks by the sea".
FIGURES: dict[str, str] = {
    "yellow": "sun, sunlight, sunshine, straw, wheat, corn, butter, sunflowers, sunflower, daffodils, lemons, barley",
    "black": "night, the night sky, night sky, crow, crows, ravens, a raven, ink, tar, soot, a moonless night",
    "blue": "sky, sea, ocean, ocean water, lake, sapphires, the sky at noon, forget me nots, ice",
    "green": "grass, leaf, leaves, forest, emeralds, spring leaves, meadow, meadows, clover, limes",
    "red": "fire, flame, flames, blood, rubies, cherries, embers, ember, poppies, a poppy, poppy, roses, autumn leaves",
    "pink": "cherry blossoms, candy, peonies, peony",
    "purple": "amethysts, violets, plums, grapes, lilacs",
    "orange": "carrots, oranges, fox, foxes, a fox, pumpkins, sunset",
    "silver": "moon, the moon",
    "white": "snow, milk, chalk, clouds, cotton, paper, pearls, lilies",
    "grey": "ashes, smoke, storm clouds",
    "brown": "earth, acorns, chestnuts, bark, autumn",
}
LENGTHS: dict[str, str] = {
    "long hair": "long, longer, longish, lengthy, flowing, extra long, waist length, hip length, knee length, "
                 "ankle length, floor length, thigh length, back length, chest length, bust length, super long, "
                 "rapunzel",
    "short hair": "short, shorter, shortish, cropped, close cropped, shorn, chin length, ear length, jaw length, "
                  "short cropped, cut short, close cut, trimmed, boyish",
    "medium": "medium, medium length, mid length, shoulder length, collarbone length",   # neither long nor short
}
# How far hair reaches, after "down to her", "past his"...; the shoulders are neither long nor short.
REACHES: dict[str, str] = {
    "long hair": "waist, hip, hips, knee, knees, ankle, ankles, floor, feet, thighs, lower back, bottom, ground, elbows, "
                 "chest",
    "short hair": "chin, jaw, ear, ears, earlobes",
    "medium": "shoulder, shoulders, collarbone",
}
REACH_WORDS = ("to", "down to", "past", "below", "beyond", "reaching", "all the way to", "all the way down to", "until",
               "reaches", "reached", "touching", "touches", "brushing", "at")
MOUTHS: dict[str, str] = {
    "open": "open, opened, agape, gaping, parted, ajar, wide open",
    "closed": "closed, shut, sealed, pressed, pursed, unopened",
}
NOUNS: dict[str, str] = {
    "hair": "hair, hairs, haired, headed, locks, lock, tresses, mane, bangs, fringe, curls, strand, strands, braid, braids, "
            "plait, plaits, bun, buns, updo, hairdo, hairstyle, haircut, wig, afro, mohawk, tufts, coiffure, mop",
    "eyes": "eyes, eye, eyed, iris, irises, gaze, stare, orbs, peepers",
    "mouth": "mouth, mouthed, lips, lip, lipped, jaw",
    "cheeks": "cheeks, cheek, cheeked, face, faced",
    "person": "girl, girls, boy, boys, woman, women, man, men, lady, ladies, guy, kid, child, teen, teenager, person, "
              "character, avatar, someone, somebody, princess, prince, queen, king, knight, witch, wizard, schoolgirl, "
              "schoolboy, student, heroine, hero, maid, singer, elf, fairy, beauty, gentleman, youth, figure, "
              "portrait, picture, drawing, lass, maiden, dude, chick, cutie, waifu",
    "kin": "sister, brother, mother, father, friend, mum, mom, dad, aunt, uncle, cousin, twin sister, twin brother, "
           "grandmother, grandfather, boyfriend, girlfriend, neighbour, neighbor, husband, wife, daughter, son",
    "animal": "cat, cats, dog, dogs, horse, bear, bird, rabbit, bunny, kitten, puppy, dragon, parrot, owl, pony, mouse, "
              "teddy bear, teddy, doll, wolf, snake, frog, hamster, unicorn, squirrel, butterfly",
    "other": "dress, shirt, skirt, coat, jacket, scarf, shoe, shoes, boots, socks, gloves, sweater, jumper, hoodie, "
             "uniform, kimono, cape, cloak, collar, necklace, earring, earrings, bracelet, ring, nail, nails, lipstick, "
             "skin, background, wall, flower, flowers, tie, ties, bow tie, bowtie, bow ties, necktie, belt, bag, "
             "umbrella, sword, wing, wings, tail, tails, horn, horns, apron, trousers, pants, jeans, shorts, top, "
             "t shirt, crop top, tee, blouse, vest, suit, raincoat, robe, gown, armour, armor, eyelash, eyelashes, lashes, "
             "eyebrow, eyebrows, brow, brows, eyeshadow, eye shadow, eyeliner, makeup, make up, highlights, highlight, "
             "streak, streaks, tips, roots, legs, leg, arms, arm, hand, hands, finger, fingers, neck, nose, teeth, "
             "tongue, freckles, beard, moustache, mustache, table, chair, tea, car, house, tears, eyepatch, eye patch, "
             "mask, headband, hairband, hairpin, hair clip, hairclip, clip, clips, crown, tiara, hood, helmet, headphones, "
             "cat ears, fox ears, bunny ears, dog ears, wolf ears, animal ears, elf ears, pointed ears, pointy ears, "
             "cat tail, fox tail, sleeve, sleeves, buttons, button, outfit, clothes, clothing, lights, lamp, "
             "sunrise, bow and arrow, bow and arrows, bows and arrows, glass, bunch of, bunches of, "
             "glasses of, wine glasses, drinking glasses, champagne glasses, power drill, stockings, tights, "
             "pyjamas, pajamas, overalls, cardigan, swimsuit, bikini, polo, turtleneck, bandana, bandanna, choker, "
             "pendant, brooch, badge, rose petals, tattoo, tattoos, scar, monocle, pupil, pupils, lollipop, "
             "balloon, book, guitar, bike, bicycle, phone, cup, mug, room, cap sleeves, shades of, "
             "wedding dress, body, veil, turban, wand, star, stars, heart, hearts, story, temper, walk",
}
# Tags by words of their own. "-smile": the word denies the tag, and its denial says nothing ("not sad").
# "!hat": the word denies the tag, and its denial grants it ("not bareheaded").
# Doubtful: goggles and sunglasses are glasses; a smirk is a smile; surprise is drawn with an open mouth, as
# embarrassment is with a blush; a bun, a braid and a plain curl have no tag.
SIGNS: dict[str, str] = {
    "smile": "smile, smiles, smiled, smiling, smiley, smiler, grin, grins, grinned, grinning, beaming, beams, beamed, "
             "happy, happily, cheerful, cheerfully, cheery, joyful, joyous, merry, jolly, delighted, smirk, smirks, "
             "smirking, smirked, gleeful, gleefully, joyfully, joyously, jovial, overjoyed",
    "smile+open mouth": "laughing, laugh, laughs, laughed, laughter, giggling, giggles, giggle, giggled, chuckling, chuckles, "
                        "chuckle, chuckled",
    "-smile": "frown, frowns, frowned, frowning, serious, sad, sullen, stern, grumpy, gloomy, angry, angrily, scowl, "
              "scowls, scowling, pout, pouts, pouting, glum, melancholy, melancholic, solemn, crying, cries, weeping, "
              "sobbing, grim, moody, dour, annoyed, furious, upset, miserable, mournful, sorrowful, grimacing, "
              "glowering, glaring, sulking, sulky, morose, cross looking",
    "!smile": "expressionless, deadpan, stone faced, poker faced, straight faced, poker face, straight face, "
              "neutral expression, neutral face, blank expression, blank face, unhappy, joyless, stony faced, "
              "neutral look",
    "open mouth": "open mouth, open mouthed, shouting, shout, shouts, shouted, yelling, yells, yell, screaming, screams, screamed, scream, "
                  "yawning, yawns, yawn, yawned, gasping, gasps, gasp, gasped, singing, sings, sang, speaking, "
                  "talking, surprised, astonished, shocked, amazed, dumbfounded, slack jawed, jaw dropped, jaw dropping, "
                  "{open} her mouth, {open} his mouth, {open} their mouth",
    "!open mouth": "closed mouth, close mouthed, tight lipped, {close} her mouth, {close} his mouth, "
                   "{close} their mouth, mouth closed, mouth shut",
    "blush": "blush, blushes, blushed, blushing, blusher, flush, flushed, flushing, embarrassed, flustered, flushes, rosy cheek, "
             "rosy cheeks, rosy cheeked, rosy faced, red in the face, apple cheeked, embarrassment, ruddy cheeks, "
             "ruddy cheeked",
    "hat": "hat, hats, cap, caps, beret, berets, beanie, beanies, straw hat, top hat, bowler, bowler hat, fedora, "
           "fedoras, sombrero, bonnet, bonnets, trilby, stetson, panama hat, fez, headwear, headgear, baseball cap, "
           "sunhat, sun hat, witch hat, cowboy hat, bucket hat, flat cap, hatted, santa hat, party hat, "
           "boater, bobble hat",
    "!hat": "bareheaded, bare headed, bare head",
    "ribbon": "ribbon, ribbons, ribboned, ribbon bow, bow, bows, hairbow, hairbows, hair bow, hair bows, hair ribbon, "
              "hair ribbons, beribboned",
    "glasses": "glasses, spectacles, spectacle, specs, eyeglasses, eye glasses, eyewear, sunglasses, sun glasses, shades, "
               "goggles, bespectacled, spectacled, reading glasses, bifocals, cat eye glasses, pince nez, "
               "eyeglass, horn rims",
    "hat+ribbon+glasses": "accessories, accessory",
    "long hair": "longhair", "short hair": "bob, bob cut, pixie cut, buzz cut, buzzcut, crew cut, crewcut, "
                                           "bowl cut, short cut, shorthair",
    "twintails": "twintails, twintail, twin tails, twin tail, twin tailed, pigtails, pig tails, pigtailed, pigtail, bunches, "
                 "two ponytails, double ponytails, twin ponytails, double ponytail, twin ponytail, two pony tails, "
                 "pair of ponytails, two tails",
    "drill hair": "drill hair, drills, twin drills, drill curls, drill curl, ringlets, ringlet, ringleted, corkscrew curls, "
                  "corkscrews, corkscrew curl, corkscrew hair, spiral curls, sausage curls, barrel curls, "
                  "drill shaped curls, drill locks, banana curls, drill like curls, spiralling curls, spiraling curls",
    "ponytail": "ponytail, ponytails, pony tail, pony tails, ponytailed, pony tailed, side ponytail, high ponytail, "
                "low ponytail",
    "red hair": "redhead, redheads, redheaded, red head, red headed, redhaired",
    "!twintails+!ponytail": "untied, loose hair, hair loose, hair down, hair worn down, hair worn loose, hair let down",
}
# Words that steer. Each line: kind: words.
STEERING: dict[str, str] = {
    "no": "no, zero, sans",
    "not": "not, without, never, neither, none, nobody, no one, lacking, lacks, lack, minus, free of, "
           "instead of, rather than, other than, except, except for, excluding, anything but, any colour but, "
           "any color but, removed, removes, removing, remove, took off, takes off, taking off, taken off, lost, "
           "forgot her, forgot his, forget the, "
           "never mind the, skip the, drop the, lose the, ditch the, leave out, leaves out, omit, avoid, avoiding, "
           "refuses to, refusing to, refuse to, refused to, fails to, stop, stops, stopped, stopping, devoid of, rarely, seldom, "
           "hardly, hardly ever, no longer, any hair colour but, any hair color but, any eye colour but, nothing like, no more, "
           "any eye color but, missing, far from, get rid of, leave off, cannot, without any, does away with, scarcely",
    "soft": "not only, not just, no doubt, no less, without a doubt, without doubt, nothing but, not to mention, "
            "can not help but, can not help, could not help, could not help but, no matter, of course, "
            "very, really, quite, so, too, extremely, rather, deep, light, pale, bright, dyed, coloured, colored, "
            "colour, color, colours, colors, shade, hue, tone, toned, hued, tinted, tinged, painted, gone, turned, "
            "shiny, shining, glossy, silky, sleek, wavy, curly, straight, messy, fluffy, spiky, thick, thin, soft, "
            "smooth, sparkling, glowing, gleaming, glittering, twinkling, shimmering, big, large, huge, small, little, "
            "tiny, wide, round, pretty, beautiful, lovely, cute, both, all, also, always, slightly, somewhat, a bit, a little, cut, worn, "
            "kept, styled, looking, natural, naturally, neon, pastel, vivid, vibrant, dull, rich, warm, cool, darkest, "
            "deepest, brightest, same, pure, faded, dusty, hot, baby, royal, electric, powder, stormy, falling, "
            "hanging, flows, falls, cascading, cascades, tumbling, hangs, grows, tied, done, up, down, back, firmly, "
            "tightly, just, "
            "slightly, new, old, young, high, low, side, dirty, pitch, wet, dry, rimmed, framed, streaked, "
            "bluntly, gentle, gently, tender, broad, faint, toothy, shy, now, still, maybe, perhaps",
    "void": "unlike, used to, with or without, regardless of, whether or not",
    "change": "no wait, i mean, i meant, make that, or rather, correction, on second thought, "
              "on second thoughts, change that to, change that, oops, my mistake, not that, or no, no rather, but rather, "
              "wait no, no make that, let me correct, i should say, better make it",
    "withdraw": "scratch that, strike that, undo that, forget that, forget it, never mind, cancel that, delete that",
    "perhaps change": "actually, wait, sorry, instead, make it, hang on, hold on, make her, make him",
    "match": "matching, to match, of the same colour, of the same color, the same colour, the same color, same coloured, "
             "same colored",
    "cannot": "bald, balding, hairless, rainbow, multicoloured, multicolored, heterochromia, heterochromatic, "
              "mismatched, two toned, ombre, shaved head",
    "and": "and, as well as", "or": "or", "nor": "nor",
    "end": "but, however, although, though, yet, while, whereas, only, because, when, where, except that",
    "with": "with, plus, in, on, under, over, from, by, near, behind, beside, into, for, at, next to, in front of, through, "
            "between, around, among, above, below, after, before, against, across, inside, outside, along, until, past, "
            "to, about, off, onto, toward, towards, during, across, beneath, underneath, holding, holds, beyond",
    "verb": "wears, wear, wearing, wore, has, have, having, had, got, gets, puts on, put on, sports, sporting, add, give, "
            "want, wants, like to, includes, dressed, shows, showing, carries, carrying, keeps, keep, putting on, needs",
    "copula": "is, are, was, were, be, being, been, looks, look, seems, appears, became, becomes, turns, remains, that, "
              "which, who, whose, am",
    "like": "like, as, of, the colour of, the color of, the shade of, a shade of, in a shade of, colour of, color of, "
            "reminiscent of, resembling",
    "article": "a, an, the, any, some, one, this, these, those, either, each, every, another",
    "owner": "her, his, their, my, your, its, our",
    "pronoun": "she, he, they, it, i, you, we, him, them",
    "plain": "do, does, did, can, could, would, should, will, shall, may, might, must, please, draw, make, paint, "
             "created, create, generate, show, me, what, how, there, here, then, than, if, out, hmm, er, uh, um, well, "
             "yes, ok, okay, oh, ever, today, let, us, put, if, mention, mentions, favourite, favorite, tall, head, two, "
             "day, wearer, expression, style, type, kind, sort, lot, bit, solo, feel, free, call, hello, hi, "
             "speaking of, happy to, happy with, happy birthday, dark night, "
             "nice, good, help, lashed, length, pair, ears, ear, shoulders, shoulder, waist, knees, back of, mood, feeling",
}
