"""Words that steer the reading: denial, correction, joints, and words that carry no tag (ours)."""

from __future__ import annotations

__all__ = ["STEERING"]

# Kind of word, as ``paths`` and ``grammar`` know it -> words.
STEERING: dict[str, str] = {
    "no": "no, zero, sans, none, nope, nah, false",
    "not": (
        "not, non, without, never, neither, nobody, no one, lacking, lacks, lack, minus, free of, instead of, rather "
        "than, other than, except, except for, excluding, anything but, everything but, everything except, all but, "
        "any colour but, any color but, removed, removes, removing, remove, took off, takes off, taking off, taken "
        "off, lost, nary, exclude, excludes, negative prompt, quit, quits, swap, swaps, swapping, replace, replaces, "
        "replacing, exchange, take off, forget, forgets, forgot, forgotten, never mind the, skip the, drop the, lose "
        "the, ditch the, leave out, leaves out, omit, avoid, avoiding, refuses to, refusing to, refuse to, refused to, "
        "fails to, stop, stops, stopped, stopping, devoid of, rarely, seldom, hardly, hardly ever, no longer, any hair "
        "colour but, any hair color but, any eye colour but, nothing like, no more, any eye color but, missing, far "
        "from, get rid of, leave off, cannot, without any, does away with, scarcely"),
    "soft": (
        "two, ones, length, enough, from, changes from, half, partly, mostly, entirely, completely, fully, almost, "
        "nearly, not only, not just, no doubt, no less, without a doubt, without doubt, nothing but, not to mention, "
        "can not help but, can not help, could not help, could not help but, no matter, of course, very, really, "
        "quite, so, too, extremely, rather, deep, light, pale, bright, dyed, coloured, colored, colour, color, "
        "colours, colors, shade, hue, tone, toned, hued, tinted, tinged, painted, gone, turned, shiny, shining, "
        "glossy, silky, sleek, wavy, curly, straight, messy, fluffy, spiky, thick, thin, soft, smooth, sparkling, "
        "glowing, gleaming, glittering, twinkling, shimmering, big, large, huge, small, little, tiny, wide, round, "
        "pretty, beautiful, lovely, cute, both, all, also, always, slightly, somewhat, a bit, a little, cut, worn, "
        "kept, styled, looking, natural, naturally, neon, pastel, vivid, vibrant, dull, rich, warm, cool, darkest, "
        "deepest, brightest, same, pure, faded, dusty, hot, baby, royal, electric, powder, stormy, falling, hanging, "
        "flows, falls, cascading, cascades, tumbling, hangs, grows, shine, shines, shone, sparkle, sparkles, glow, "
        "glows, glitter, gleam, tied, done, up, down, back, firmly, tightly, just, new, old, young, high, low, side, "
        "dirty, pitch, wet, dry, rimmed, framed, streaked, bluntly, gentle, gently, tender, broad, faint, toothy, shy, "
        "now, still, maybe, perhaps"),
    "void": (
        "was once, were once, once was, once had, formerly, previously, unlike, used to, with or without, regardless "
        "of, whether or not"),
    "change": (
        "no wait, i mean, i meant, make that, or rather, correction, on second thought, on second thoughts, change "
        "that to, change that, oops, my mistake, not that, or no, no rather, but rather, wait no, no make that, let me "
        "correct, i should say, better make it"),
    "withdraw": (
        "scratch that, strike that, undo that, forget that, forget it, never mind, cancel that, delete that, optional, "
        "is optional, are optional"),
    "answer": (
        "are a no, is a no, are a no no, is a no no, no thanks, no thank you, not needed, not allowed, not wanted, not "
        "required, not necessary, not present, not there, not included, forbidden, absent, unwanted, unnecessary, is "
        "not what i want, are not what i want, not desired, prohibited, banned"),
    "perhaps change": "actually, wait, sorry, instead, make it, hang on, hold on, make her, make him",
    "match": (
        "matching, to match, of the same colour, of the same color, the same colour, the same color, same coloured, "
        "same colored"),
    "cannot": (
        "bald, balding, hairless, rainbow, multicoloured, multicolored, heterochromia, heterochromatic, mismatched, "
        "two toned, ombre, shaved head"),
    "and": "and, as well as",
    "or": "or",
    "nor": "nor",
    "end": "but, however, although, though, yet, while, whereas, only, because, when, where, except that",
    "with": (
        "with, plus, in, on, under, over, by, near, behind, beside, into, for, at, next to, in front of, through, "
        "between, around, among, above, below, after, before, against, across, inside, outside, along, until, past, "
        "about, off, onto, toward, towards, during, beneath, underneath, holding, holds, beyond"),
    "verb": (
        "wears, wear, wearing, wore, has, have, having, had, got, gets, puts on, put on, sports, sporting, add, give, "
        "include, including, want, wants, like to, includes, dressed, shows, showing, carries, carrying, keeps, keep, "
        "putting on, needs"),
    "copula": (
        "is, are, was, were, be, being, been, looks, look, seems, appears, became, becomes, turns, remains, that, "
        "which, who, whose, am, should be, must be, can be, will be, would be"),
    "like": (
        "than, like, as, of, the colour of, the color of, the shade of, a shade of, in a shade of, colour of, color "
        "of, reminiscent of, resembling, remind me of, reminds me of, remind one of, the tint of, the hue of"),
    "article": "to, my, your, its, our, a, an, the, any, some, one, this, these, those, either, each, every, another",
    "owner": "her, his, their",
    "pronoun": "hers, theirs, she, he, they, it, i, you, we, him, them",
    "plain": (
        "do, does, did, can, could, would, should, will, shall, may, might, must, please, draw, make, paint, created, "
        "create, generate, show, me, what, how, there, here, then, if, out, hmm, er, uh, um, well, yes, ok, okay, oh, "
        "ever, today, let, us, put, mention, mentions, favourite, favorite, tall, head, two, day, wearer, expression, "
        "style, type, kind, sort, lot, bit, solo, feel, free, call, hello, hi, once upon a time, speaking of, happy "
        "to, happy with, happy birthday, dark night, nice, good, help, lashed, length, pair, ears, ear, shoulders, "
        "shoulder, waist, knees, back of, mood, feeling"),
}
