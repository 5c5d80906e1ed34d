"""Words for everything but colours: lengths, nouns that have a colour, and the signs of a tag (ours)."""

from __future__ import annotations

__all__ = ["FACES", "LENGTHS", "MOUTHS", "NOUNS", "REACHES", "REACH_WORDS", "SIGNS"]

# "medium" is neither long nor short hair.
LENGTHS: dict[str, str] = {
    "long hair": (
        "long, longer, longish, lengthy, flowing, extra long, waist length, hip length, knee length, ankle length, "
        "floor length, thigh length, back length, chest length, bust length, super long, rapunzel, trailing"),
    "short hair": (
        "short, shorter, shortish, cropped, close cropped, shorn, chin length, ear length, jaw length, short cropped, "
        "cut short, close cut, trimmed, boyish, bobbed, clipped"),
    "medium": "medium, medium length, mid length, shoulder length, collarbone length",
}
# How far hair reaches, after "down to her", "past his"...; the shoulders are neither long nor short.
REACHES: dict[str, str] = {
    "long hair": (
        "waist, hip, hips, knee, knees, ankle, ankles, floor, feet, thighs, lower back, bottom, ground, elbows, chest"),
    "short hair": "chin, jaw, ear, ears, earlobes",
    "medium": "shoulder, shoulders, collarbone",
}
REACH_WORDS = ("to", "down to", "past", "below", "beyond", "reaching", "all the way to", "all the way down to", "until",
               "reaches", "reached", "touching", "touches", "brushing", "at")
# Emoticons: the word for a face -> its patterns, in lower case.
FACES = {"smiling": r"[:;=]['-]?[)\]]|:>|\^[_.-]?\^", "laughing": r"[:;=]['-]?d|xd|\^[o▽]\^", "gasping": r"[:;=]-?o",
         "frowning": r"[:;=]['-]?[(\[]|:[<c|]|t_t|;_;"}
MOUTHS: dict[str, str] = {
    "open": "open, opened, agape, gaping, parted, ajar, wide open",
    "closed": "closed, shut, sealed, pressed, pursed, unopened",
}
NOUNS: dict[str, str] = {
    "hair": (
        "hair, hairs, haired, headed, locks, lock, tresses, "
        "mane, "   # codespell:ignore mane
        "bangs, fringe, curls, strand, strands, braid, braids, plait, plaits, bun, buns, updo, hairdo, hairstyle, "
        "haircut, wig, afro, mohawk, tufts, coiffure, mop, mullet, dreadlocks, cornrows, topknot, "
        "bedhead, quiff, pompadour, perm, cowlick, forelock, braided, undercut, hime cut, wolf cut, mop top"),
    "eyes": (
        "eyes, eye, eyed, iris, irises, gaze, stare, orbs, peepers, pupil, pupils, contacts, contact lens, contact "
        "lenses"),
    "mouth": "mouth, mouthed, lips, lip, lipped, jaw",
    "cheeks": "cheeks, cheek, cheeked, face, faced",
    "person": (
        "girl, girls, boy, boys, woman, women, man, men, lady, ladies, guy, kid, child, teen, teenager, person, "
        "character, avatar, someone, somebody, princess, prince, queen, king, knight, witch, wizard, schoolgirl, "
        "schoolboy, student, heroine, hero, maid, singer, elf, fairy, beauty, gentleman, youth, figure, portrait, "
        "picture, drawing, lass, maiden, dude, chick, cutie, waifu"),
    "kin": (
        "sister, brother, mother, father, friend, mum, mom, dad, aunt, uncle, cousin, twin sister, twin brother, "
        "grandmother, grandfather, boyfriend, girlfriend, neighbour, neighbor, husband, wife, daughter, son"),
    "animal": (
        "cat, cats, dog, dogs, horse, bear, bird, rabbit, bunny, kitten, puppy, dragon, parrot, owl, pony, mouse, "
        "teddy bear, teddy, doll, wolf, snake, frog, hamster, unicorn, squirrel, butterfly"),
    "other": (
        "dress, shirt, skirt, coat, jacket, scarf, shoe, shoes, boots, socks, gloves, sweater, jumper, hoodie, "
        "uniform, kimono, cape, cloak, collar, necklace, earring, earrings, bracelet, ring, nail, nails, lipstick, "
        "skin, background, wall, flower, flowers, tie, ties, bow tie, bowtie, bow ties, necktie, belt, bag, umbrella, "
        "sword, wing, wings, tail, tails, horn, horns, apron, trousers, pants, jeans, shorts, top, t shirt, crop top, "
        "tee, blouse, vest, suit, raincoat, robe, gown, armour, armor, eyelash, eyelashes, lashes, eyebrow, eyebrows, "
        "brow, brows, eyeshadow, eye shadow, eyeliner, makeup, make up, highlights, highlight, streak, streaks, tips, "
        "roots, legs, leg, arms, arm, hand, hands, finger, fingers, neck, nose, teeth, tongue, freckles, beard, "
        "moustache, mustache, table, chair, tea, car, house, tears, eyepatch, eye patch, mask, headband, hairband, "
        "hairpin, hair clip, hairclip, clip, clips, crown, tiara, hood, helmet, headphones, cat ears, fox ears, bunny "
        "ears, dog ears, wolf ears, animal ears, elf ears, pointed ears, pointy ears, cat tail, fox tail, sleeve, "
        "sleeves, buttons, button, outfit, clothes, clothing, lights, lamp, sunrise, bow and arrow, bow and arrows, "
        "bows and arrows, glass, bunch of, bunches of, glasses of, wine glasses, drinking glasses, champagne glasses, "
        "power drill, stockings, tights, pyjamas, pajamas, overalls, cardigan, swimsuit, bikini, polo, turtleneck, "
        "bandana, bandanna, choker, pendant, brooch, badge, rose petals, tattoo, tattoos, scar, monocle, pupil, "
        "pupils, lollipop, blush wine, balloon, book, guitar, bike, bicycle, phone, cup, mug, room, cap sleeves, "
        "shades of, wedding dress, body, veil, turban, wand, star, stars, heart, hearts, story, temper, walk"),
}
# Tags by words of their own. "-smile": the word denies the tag, and its denial says nothing ("not sad").
# "~hat": the word only counts when it is denied ("no accessories").
# "!hat": the word denies the tag, and its denial grants it ("not bareheaded").
# Doubtful: goggles and sunglasses are glasses; a smirk is a smile; surprise is drawn with an open mouth, as
# embarrassment is with a blush; a bun, a braid and a plain curl have no tag.
SIGNS: dict[str, str] = {
    "smile": (
        "smile, smiles, smiled, smiling, smiley, smilingly, smiler, grin, grins, grinned, grinning, beaming, beams, "
        "beamed, happy, happily, cheerful, cheerfully, cheery, joyful, joyous, merry, jolly, delighted, smirk, smirks, "
        "smirking, smirked, gleeful, gleefully, blissful, elated, ecstatic, amused, joyfully, joyously, jovial, "
        "overjoyed"),
    "smile+open mouth": (
        "laughing, laugh, laughs, laughed, laughter, giggling, giggles, giggle, giggled, chuckling, chuckles, chuckle, "
        "chuckled"),
    "-smile": (
        "frown, frowns, frowned, frowning, serious, sad, sullen, stern, grumpy, gloomy, angry, angrily, scowl, scowls, "
        "scowling, pout, pouts, pouting, glum, melancholy, melancholic, solemn, crying, cries, weeping, sobbing, grim, "
        "moody, dour, annoyed, furious, upset, miserable, mournful, sorrowful, grimacing, glowering, glaring, sulking, "
        "sulky, morose, cross looking, cheerless, dejected, downcast, heartbroken, depressed, tearful, irritated, "
        "cranky, forlorn, stoic, brooding, despondent, displeased, disgruntled, expressionless, deadpan, stone faced, "
        "poker faced, straight faced, poker face, straight face, neutral expression, neutral face, blank expression, "
        "blank face, unhappy, joyless, stony faced, neutral look"),
    "open mouth": (
        "open mouth, open mouthed, shouting, shout, shouts, shouted, yelling, yells, yell, screaming, screams, "
        "screamed, scream, yawning, yawns, yawn, yawned, gasping, gasps, gasp, gasped, singing, sings, sang, speaking, "
        "hollering, bellowing, roaring, wailing, howling, shrieking, cheering, talking, surprised, astonished, "
        "shocked, amazed, dumbfounded, slack jawed, jaw dropped, jaw dropping, {open} her mouth, {open} his mouth, "
        "{open} their mouth"),
    "!open mouth": (
        "closed mouth, close mouthed, tight lipped, {close} her mouth, {close} his mouth, {close} their mouth, mouth "
        "closed, mouth shut"),
    "blush": (
        "blush, blushes, blushed, blushing, blusher, flush, flushed, flushing, embarrassed, flustered, flushes, rosy "
        "cheek, rosy cheeks, rosy cheeked, rosy faced, red in the face, apple cheeked, embarrassment, ruddy cheeks, "
        "rosy complexion, ruddy complexion, ruddy cheeked"),
    "hat": (
        "hat, hats, cap, caps, beret, berets, beanie, beanies, straw hat, top hat, bowler, bowler hat, fedora, "
        "fedoras, sombrero, bonnet, bonnets, trilby, stetson, panama hat, fez, headwear, headgear, baseball cap, "
        "sunhat, sun hat, witch hat, cowboy hat, bucket hat, flat cap, hatted, santa hat, party hat, boater, snapback, "
        "deerstalker, toque, tricorn, cloche, homburg, ushanka, bobble hat"),
    "~hat": "anything on her head, anything on his head, anything on their head",
    "!hat": (
        "nothing on her head, nothing on his head, nothing on their head, bareheaded, bare headed, bare head, head is "
        "bare"),
    "ribbon": (
        "ribbon, ribbons, ribboned, ribbon bow, bow, bows, hairbow, hairbows, hair bow, hair bows, hair ribbon, hair "
        "ribbons, beribboned"),
    "glasses": (
        "glasses, spectacles, spectacle, specs, eyeglasses, eye glasses, eyewear, sunglasses, sun glasses, shades, "
        "goggles, bespectacled, spectacled, reading glasses, bifocals, cat eye glasses, pince nez, aviators, eyeglass, "
        "horn rims"),
    "~hat+~ribbon+~glasses": "accessories, accessory",
    "long hair": "longhair",
    "short hair": "bob, bob cut, pixie cut, buzz cut, buzzcut, crew cut, crewcut, bowl cut, short cut, shorthair",
    "twintails": (
        "twintails, twintail, twin tails, twin tail, twin tailed, pigtails, pig tails, pigtailed, pigtail, bunches, "
        "two ponytails, double ponytails, twin ponytails, double ponytail, twin ponytail, two pony tails, pair of "
        "ponytails, two tails, pig tailed, twin pigtails, two pigtails"),
    "drill hair": (
        "drill hair, drills, twin drills, drill curls, drill curl, ringlets, ringlet, ringleted, corkscrew curls, "
        "corkscrews, corkscrew curl, corkscrew hair, spiral curls, sausage curls, barrel curls, drill shaped curls, "
        "drill locks, banana curls, drill like curls, spiralling curls, spiral locks, corkscrew locks, corkscrew "
        "ringlets, drill shaped hair, drilltails, drill tails, twin drill, spiraling curls"),
    "ponytail": (
        "ponytail, ponytails, pony tail, pony tails, ponytailed, pony tailed, side ponytail, high ponytail, low "
        "ponytail"),
    "red hair": "redhead, redheads, redheaded, red head, red headed, redhaired",
    "!twintails+!ponytail": (
        "untied, hair is loose, loose hair, hair loose, hair down, hair worn down, hair worn loose, hair let down"),
}
