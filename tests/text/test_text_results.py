"""What ``parse`` returns beside the tags: what is left to chance, the explanation, the vector; and bad input."""

import pytest
import torch

from avatarlib.data import TAGS, sample_tags, tag_names, tag_vector
from avatarlib.data.drawn.tag_drawing import contradiction
from avatarlib.text import Description, parse
from avatarlib.text.description import LONGEST_TEXT, shut_out
from avatarlib.text.vocabulary import GROUPS, HAIR_STYLES


def test_left_to_chance():
    assert parse("green eyes, no hat").free == ("hair colour", "hair style", "blush", "smile", "open mouth", "ribbon",
                                                "glasses")
    assert parse("no twintails, not blonde").free[:3] == ("hair colour", "hair style", "eye colour")
    everything = parse("long red hair, blue eyes, blush, smile, open mouth, hat, ribbon, no glasses")
    assert everything.free == ()


def test_explanation_covers_every_word_at_its_place():
    text = "A girl with galsses and zblorp, no hat; blue, I mean red hair"
    steps = parse(text).explanation
    assert all(step.words == text[step.start:step.end] for step in steps)
    covered = {place for step in steps for place in range(step.start, step.end)}
    covered |= set(range(text.index("hair"), len(text)))          # the noun is named within the colour's step
    assert {place for place, letter in enumerate(text) if letter.isalnum()} <= covered
    told = [(step.kind, step.words, step.tag) for step in steps if step.kind != "no tag"]
    assert told == [("spelling", "galsses", ""), ("on", "galsses", "glasses"), ("unknown", "zblorp", ""),
                    ("off", "hat", "hat"), ("on", "blue", "blue hair"), ("replaced", "red", "blue hair"),
                    ("on", "red", "red hair")]


def test_text_of_a_description():
    lines = str(parse("teal hair, no hat, zblorp")).splitlines()
    assert lines[:3] == ["on       aqua hair", "off      hat",
                         "chance   hair style, eye colour, blush, smile, open mouth, ribbon, glasses"]
    assert any("'teal'" in line and "aqua hair, said of 'hair'" in line for line in lines)
    assert any("'zblorp': unknown" in line for line in lines)


def test_text_without_a_tag_says_so():
    found = parse("zxqv blorp")
    assert (found.on, found.off) == (frozenset(), frozenset())
    assert "No word of this text gives a tag." in str(found)
    assert "No word" not in str(parse("hat"))


@pytest.mark.parametrize(("text", "message"), [
    ("", r"text must describe an avatar in words.*got ''"), (" \n\t", "text must describe an avatar in words"),
    (None, "text must be a string, got NoneType"), (7, "text must be a string, got int"),
    (["hat"], "text must be a string, got list"), ("hat " * 501, "at most 2,000 characters, got 2,004")])
def test_bad_text(text, message):
    with pytest.raises(ValueError, match=message):
        parse(text)


@pytest.mark.parametrize("text", [
    "!!!", "...", "123", "-", "🦖", "ßẞİıŉ", "日本語の髪", "a" * LONGEST_TEXT, "no", "not", "without", "no, no, no",
    "?", "and", "hair", "eyes of", "like", "w/", "'", "matching eyes", "\x00"])
def test_odd_text_is_read_without_a_tag(text):
    found = parse(text)
    assert not found.on | found.off


def test_longest_text_is_read():
    assert parse("red hair " * 222).on == {"red hair"}


def test_condition_forces_tags_and_clears_what_they_shut_out():
    sampled = tag_vector(["black hair", "blue eyes", "long hair", "twintails", "hat"])
    before = sampled.clone()
    vector = parse("short pink hair, no hat, smiling").condition(sampled)
    assert tag_names(vector) == ("pink hair", "short hair", "smile", "blue eyes")
    assert vector.dtype == torch.float32
    assert torch.equal(sampled, before)


def test_condition_keeps_styles_that_go_together():
    sampled = tag_vector(["black hair", "blue eyes", "long hair", "drill hair"])
    assert tag_names(parse("twintails").condition(sampled)) == ("black hair", "long hair", "twintails", "blue eyes")


def test_condition_replaces_a_denied_colour():
    sampled = tag_vector(["grey hair", "blue eyes"])
    found = parse("no grey hair, no blonde hair, not blue eyes")
    assert tag_names(found.condition(sampled)) == ("brown hair", "red eyes")         # the next of each group
    rows = sampled.repeat(2_000, 1)
    drawn = found.condition(rows, generator=torch.Generator().manual_seed(1))
    hair = drawn[:, :13].mean(0)
    assert hair[0] == hair[12] == 0
    assert torch.allclose(hair[1:12], torch.full((11,), 1 / 11), atol=0.03)          # 4.6 standard deviations
    assert torch.equal(drawn[:, 24:].sum(1), torch.ones(2_000))
    assert torch.equal(drawn, found.condition(rows, generator=torch.Generator().manual_seed(1)))


def test_condition_leaves_colours_alone_that_are_not_denied():
    rows = sample_tags(200, "paper", generator=torch.Generator().manual_seed(2))
    assert torch.equal(parse("zblorp").condition(rows), rows)
    changed = parse("not red hair").condition(rows)
    kept = rows[:, TAGS.index("red hair")] == 0
    assert kept.sum() > 100
    assert torch.equal(changed[kept], rows[kept])


@pytest.mark.parametrize(("sampled", "message"), [
    (torch.zeros(33), r"sampled must be a tensor \(34,\) or \(N, 34\), got \(33,\)"),
    (torch.zeros(1, 2, 34), r"got \(1, 2, 34\)"), ([0] * 34, "got list"), (torch.tensor(1.0), r"got \(\)")])
def test_condition_of_another_shape(sampled, message):
    with pytest.raises(ValueError, match=message):
        parse("hat").condition(sampled)


def test_styles_shut_out_are_those_that_the_drawn_set_never_shows_together():
    for tag in HAIR_STYLES:
        for other in set(HAIR_STYLES) - {tag}:
            drawable = not contradiction(frozenset({"red hair", "red eyes", tag, other}))
            assert (other not in shut_out(tag)) == drawable, (tag, other)
    assert not any(shut_out(tag) for group in ("hair colour", "eye colour") for tag in GROUPS[group])


def test_a_description_can_be_a_key():
    assert len({parse("red hair"), parse("red hair"), parse("blue hair")}) == 2
    assert isinstance(parse("red hair"), Description)
