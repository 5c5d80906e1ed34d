"""The studio's parser in JavaScript against the one in Python, text by text, and its draws against the prior."""

import csv
import functools
import itertools
import json
import random
import re
import runpy
import shutil
import subprocess
from pathlib import Path

import pytest
import torch
from studio_words import vocabulary_script

from avatarlib.data import TAGS, sample_drawable, tag_names
from avatarlib.data.drawn.tagged import drawable
from avatarlib.text import parse
from avatarlib.text.lexicon import LEXICON, ORDINARY, WORDS

FOLDER = Path(__file__).parent
STUDIO = FOLDER.parent.parent / "book" / "_static" / "studio"
HEAD, _, _ = (STUDIO / "describe.js").read_text("utf-8").partition("*/")
SCRIPTS = re.findall(r"[\w-]+\.js", HEAD[HEAD.index("in this order"):])
DRIVER = """
const vm = require("vm");
const { scripts, code, data } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const context = vm.createContext({});
context.window = context;
scripts.forEach((script) => vm.runInContext(script, context));
process.stdout.write(JSON.stringify(vm.runInContext(code, context)(data)));
"""
PARSE_ALL = """(texts) => texts.map((text) => {
  try { return AvatarStudio.parse(text); } catch (error) { return error.message; }
})"""
RANDOM = """const numbers = (seed) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 4294967296;
};"""
GLUE = (" ", " ", " ", " ", ", ", ", ", " and ", " or ", "-", "_", ". ", "; ", ": ", "? ", " - ", " – ", " / ", "\n",
        "...", "'s ", "’s ", "", " (", ") ", " & ", "!", "\t", "\xa0", "\u2003", "\x85", "\x1c", "\ufeff", "\u200b")
ODD = ("🙂", "😠", "🎀", "👓", "🦖", "👨🏽\u200d🦰", "🧢", "🙍🏽", ":)", ";D", ">:(", "^_^", "xD", "T_T", ":<", ":1.2",
       "w/o", "w/", "n", "1girl", "2boys", "isn't", "isnt", "won't", "she's", "ain't",   # codespell:ignore isnt
       "'", '"', "\\", "ẞ", "İ", "Σας", "ﬁery", "½", "²", "٣", "❶", "日本", "𝐫𝐞𝐝 𝐡𝐚𝐢𝐫", "𝐦𝐨𝐭𝐡𝐞𝐫", "ｂｌｕｅ",
       "é", "e\u0301", "\u0301", "´", "`", "\x00", "\x7f", "𐐨", "constructor", "__proto__", "hatless", "unsmiling",
       "glasses-free", "hat-free", "darkblue", "redhair", "blu-eyed", "hatconstructor")

# Each shows a change of one rule of the port that no other text here shows.
SINGLE_RULES = ("hair the blue of shoes", "the pink of her eyes and hair", "Hair: black, hat, long",
                "no hat, smile or blush", "unlike a cat in her green hair")


@functools.cache
def scripts():
    """The texts of the parser's scripts, in the order that the head of describe.js names."""
    assert SCRIPTS[0] == "vocabulary.js"
    return [vocabulary_script(), *((STUDIO / name).read_text("utf-8") for name in SCRIPTS[1:])]


def in_node(code, data):
    """What a function of JavaScript returns that node calls with ``data`` after the studio's parser is loaded."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node, which runs the studio's scripts")
    given = json.dumps({"scripts": scripts(), "code": code, "data": data})
    done = subprocess.run([node, "-e", DRIVER], input=given, capture_output=True, text=True,
                          encoding="utf-8", timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def in_python(text):
    """What the studio should return for a text, or the message of its error."""
    try:
        found = parse(text)
    except ValueError as error:
        return str(error)
    units = [0, *itertools.accumulate(len(letter.encode("utf-16-le")) // 2 for letter in text)]
    return {**{side: sorted(getattr(found, side), key=TAGS.index) for side in ("on", "off")},
            "explanation": [{"start": units[step.start], "end": units[step.end], "words": step.words,
                             "kind": step.kind, "tag": step.tag, "why": step.why} for step in found.explanation]}


def disagreements(texts):
    """The texts that the two parsers read differently, with both readings."""
    answers = in_node(PARSE_ALL, texts)
    assert len(answers) == len(texts)
    return [(text, expected, given) for text, given in zip(texts, answers, strict=True)
            if given != (expected := in_python(text))]


def collected():
    """Every description of the tables beside this file, every text of the rules, and SINGLE_RULES."""
    texts = list(SINGLE_RULES)
    for file in sorted(FOLDER.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as rows:
            texts += [row["text"] for row in csv.DictReader(rows)]
    rules = runpy.run_path(str(FOLDER / "test_text_rules.py"))
    texts += [text for _, text, _, _ in rules["CASES"]] + [text for text, _ in rules["synonyms"]()]
    return texts + [f"{clause} {text}" for text in rules["PLAIN"] for clause in rules["IRRELEVANT"]]


def slip(word, draw):
    """A word with a letter lost, doubled, changed or swapped with its neighbour."""
    at = draw.randrange(len(word))
    letter, after = word[at], word[at + 1:]
    return word[:at] + draw.choice(("", letter * 2, draw.choice("aeionrst"), after[:1] + letter)) + (
        after[1:] if draw.random() < 0.3 else after)


def made_up(count, seed, texts):
    """Texts drawn from a seed: heaps of words of the lexicon, misspelt words and odd signs, and other texts with
    some of their words replaced by such pieces.
    """
    draw = random.Random(seed)
    kinds = {}
    for phrase, entry in LEXICON.items():
        kinds.setdefault(entry.kind, []).append(" ".join(phrase))
    words, ordinary = sorted(WORDS), sorted(ORDINARY)

    def piece():
        chance = draw.random()
        if chance < 0.62:
            return draw.choice(kinds[draw.choice(list(kinds))])
        if chance < 0.8:
            return slip(draw.choice(words), draw)
        if chance < 0.86:
            return slip(slip(draw.choice(words), draw) or "hat", draw)
        return draw.choice(ordinary if chance < 0.9 else ODD)

    def heap():
        return "".join(cased(piece()) + draw.choice(GLUE) for _ in range(draw.randint(1, 14)))

    def edited():
        text = " ".join(draw.choices(texts, k=draw.randint(1, 2))).split(" ")
        for _ in range(draw.randint(1, 4)):
            text[draw.randrange(len(text))] = piece()
        return " ".join(text)

    def cased(text):
        return draw.choice((str, str, str, str.upper, str.title))(text)

    return [draw.choice((heap, edited))() for _ in range(count)]


def test_the_vocabulary_is_plain_and_small():
    script = vocabulary_script()
    assert script.isascii()
    assert len(script) < 150_000


def test_descriptions_and_rules_are_read_as_in_python():
    texts = collected()
    assert len(texts) > 1_200
    assert not disagreements(texts)


def test_made_up_texts_are_read_as_in_python():
    texts = made_up(1_000, 0, collected())
    assert not disagreements(texts)
    kinds = {step["kind"] for text in texts if isinstance(found := in_python(text), dict)
             for step in found["explanation"]}
    assert kinds == {"on", "off", "replaced", "spelling", "no tag", "unknown"}       # all of the reading was compared


def test_errors_are_those_of_python():
    texts = ["", " \n\t", "\x85\x1c\u3000\x0b", "hat " * 501, "🙂" * 2_001]
    assert all(isinstance(in_python(text), str) for text in texts)
    assert not disagreements([*texts, "\ufeff", "🙂" * 2_000, "a" * 2_000])
    assert in_node(PARSE_ALL, [None, 7]) == ["text must be a string, got object", "text must be a string, got number"]


CONDITION = RANDOM + """
({ rows, draws }) => {
  const random = draws ? numbers(1) : undefined;
  return rows.map(([text, tags]) => Array.from(AvatarStudio.condition(AvatarStudio.parse(text), tags, random)));
}"""


def test_condition_without_a_draw_is_that_of_python():
    texts = [text for text in collected() if text.strip()]
    tags = sample_drawable(len(texts), generator=torch.Generator().manual_seed(0))
    rows = list(zip(texts, tags.tolist(), strict=True))
    expected = [parse(text).condition(row) for text, row in zip(texts, tags, strict=True)]
    given = torch.tensor(in_node(CONDITION, {"rows": rows, "draws": False})).float()
    assert torch.equal(given, torch.stack(expected))
    assert sum(not torch.equal(row, before) for row, before in zip(expected, tags, strict=True)) > 1_000


def test_condition_draws_a_denied_colour_anew():
    """Of the 13 hair colours 2 are denied, of the 10 eye colours 1: those left are equally likely."""
    text, count = "no grey hair, no blonde hair, not blue eyes", 2_000
    tags = [float(tag in ("grey hair", "blue eyes", "long hair")) for tag in TAGS]
    kept = [float(tag in ("red hair", "red eyes", "long hair")) for tag in TAGS]
    given = torch.tensor(in_node(CONDITION, {"rows": [[text, tags]] * count + [[text, kept]], "draws": True})).float()
    expected = torch.tensor([0.0 if tag in ("grey hair", "blonde hair", "blue eyes") else 1 / 11 if "hair" in tag
                             else 1 / 9 for tag in TAGS])
    expected[13:24] = torch.tensor(tags[13:24])
    error = (expected * (1 - expected) / count).sqrt()
    assert ((given[:count].mean(0) - expected).abs() <= 4 * error).all()
    assert torch.equal(given[:count, :13].sum(1), torch.ones(count))
    assert torch.equal(given[count], torch.tensor(kept))


def test_condition_of_another_length():
    code = """(tags) => {
      try { return AvatarStudio.condition({ on: [], off: [] }, tags); } catch (error) { return error.message; }
    }"""
    assert in_node(code, [0] * 33) == "tags must be 34 numbers, got 33"


def test_sample_tags_follows_the_prior_of_what_can_be_drawn():
    """Styles: none weighs 3^5 = 243, each of 5 alone 3^4 = 81, each of 2 pairs with long hair 3^3 = 27; in all 702."""
    count = 2_000
    code = RANDOM + """(count) => {
      const next = numbers(1);
      return Array.from({ length: count }, () => Array.from(AvatarStudio.sampleTags(next)));
    }"""
    drawn = torch.tensor(in_node(code, count)).float()
    assert drawable(drawn).all()
    styles = {"long hair": 135, "short hair": 81, "twintails": 108, "drill hair": 81, "ponytail": 108}
    expected = torch.tensor([1 / 13] * 13 + [styles[tag] / 702 for tag in TAGS[13:18]] + [1 / 4] * 6 + [1 / 10] * 10)
    error = (expected * (1 - expected) / count).sqrt()
    assert ((drawn.mean(0) - expected).abs() <= 4 * error).all()
    assert len({tag_names(row) for row in drawn}) > 0.9 * count
