"""Avatars drawn from tags: a tag changes what it should, where it should, and the labels are what was drawn."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from dicebear import OptionsDescriptor
from skimage.color import rgb2lab

from avatarlib.data import TaggedAvatarSet, draw_tags, drawable_tags
from avatarlib.data.drawn import adventurer as art
from avatarlib.data.drawn import avatarset, tag_drawing, tagged
from avatarlib.data.drawn.avatarset import TEST_OFFSET, load_style
from avatarlib.data.drawn.tag_drawing import choose_look, contradiction, draw_look
from avatarlib.data.drawn.tagged import sample_drawable, tags_of
from avatarlib.data.tags import EYE_COLOURS, HAIR_COLOURS, HAIR_STYLES, PRIORS, TAGS, tag_names, tag_vector

BASE = ("blonde hair", "blue eyes")


def draw(count=12, **options):
    return TaggedAvatarSet(**{"count": count, "size": 32, "progress": False, **options})


def rgb(colour):
    return np.array([int(colour[i:i + 2], 16) for i in (1, 3, 5)])


def changed(before, after):
    """Rows and columns, as shares of the height, of the pixels that differ clearly."""
    rows, columns = np.nonzero(np.abs(before.astype(int) - after.astype(int)).max(0) > 24)
    return rows / before.shape[1], columns / before.shape[1]


# --- tables -----------------------------------------------------------------------------------------------------

def test_every_part_is_one_of_the_styles_or_ours():
    """DiceBear leaves out a variant it does not know, without a word."""
    known = OptionsDescriptor(load_style(art.STYLE)).to_json()
    parts = {"hair": [hair for kinds in art.HAIR.values() for hair, _ in kinds],
             "mouth": [mouth for mouths in art.MOUTHS.values() for mouth in mouths],
             "eyes": art.EYES, "glasses": art.GLASSES, "details": (*art.DETAILS, "blush"), "eyebrows": art.EYEBROWS,
             "earrings": art.EARRINGS}
    for part, variants in parts.items():
        assert set(variants) <= set(known[f"{part}Variant"]["values"]), part
    ours = {piece for kinds in art.HAIR.values() for _, piece in kinds if piece} | {*art.HATS, *art.RIBBONS}
    assert len(ours) >= 8
    assert all("currentColor" in tag_drawing.piece(name) for name in ours)


def test_no_mouth_and_no_hair_stands_for_two_sets_of_tags():
    mouths = [mouth for mouths in art.MOUTHS.values() for mouth in mouths]
    hair = [kind for kinds in art.HAIR.values() for kind in kinds]
    assert len(mouths) == len(set(mouths))
    assert len(hair) == len(set(hair))


def test_every_hair_style_leaves_something_to_wear_under_a_hat():
    for kinds in art.HAIR.values():
        assert set(kinds) - set(art.NOT_UNDER_A_HAT)


@pytest.mark.parametrize("shades", [art.HAIR_SHADES, art.EYE_SHADES], ids=["hair", "eyes"])
def test_shades_of_two_colours_never_meet(shades):
    """The corners of each colour's cube of shades stay 8 or more apart in CIELAB: 2.3 is just noticeable."""
    assert tuple(shades) in (HAIR_COLOURS, EYE_COLOURS)
    corners = np.array(list(itertools.product((-art.SPREAD, 0, art.SPREAD), repeat=3)))
    clouds = [rgb2lab(np.clip(rgb(colour) + corners, 0, 255)[None] / 255.0)[0] for colour in shades.values()]
    for first, second in itertools.combinations(clouds, 2):
        assert np.linalg.norm(first[:, None] - second[None], axis=-1).min() > 8


def test_a_shade_stays_within_its_spread():
    for numbers in itertools.product((0.0, 0.5, 0.999), repeat=4):
        shade = tag_drawing.shade("#808080", *numbers)
        assert np.abs(rgb(shade) - 128).max() <= art.SPREAD
    assert tag_drawing.shade("#808080", 0.5, 0.5, 0.5, 0.5) == "#808080"
    assert tag_drawing.shade("#fefefe", 0.99, 0.9, 0.9, 0.9) == "#ffffff"


# --- one drawing ------------------------------------------------------------------------------------------------

def test_a_drawing_is_decided_by_tags_and_seed():
    first = draw_tags(BASE, seed=4, size=48)
    assert (first.shape, first.dtype) == ((3, 48, 48), np.uint8)
    assert np.array_equal(first, draw_tags(tag_vector(BASE), seed=4, size=48))
    assert len({draw_tags(BASE, seed=seed, size=48).tobytes() for seed in range(12)}) == 12
    assert not np.array_equal(first, draw_tags(BASE, seed=4, size=48, background="#000000"))


@pytest.mark.parametrize("tag", HAIR_COLOURS)
def test_hair_takes_the_named_colour_and_nothing_else_changes(tag):
    """Where the drawing differs from one with another hair colour, most pixels have the palette's colour."""
    other = "green hair" if tag != "green hair" else "red hair"
    for seed in range(2):
        one = draw_tags([tag, "blue eyes", "long hair"], seed=seed)
        two = draw_tags([other, "blue eyes", "long hair"], seed=seed)
        pixels = one[:, (one != two).any(0)].T.astype(int)
        assert len(pixels) > 0.04 * 128 * 128
        assert (np.abs(pixels - rgb(art.HAIR_SHADES[tag])).max(1) <= art.SPREAD).mean() > 0.75


@pytest.mark.parametrize("tag", EYE_COLOURS)
def test_irises_take_the_named_colour_and_nothing_else_changes(tag):
    """The middle of both irises; the other pixels that change are their edges, all near the eyes."""
    other = "green eyes" if tag != "green eyes" else "red eyes"
    for seed in range(3):
        one = draw_tags(["white hair", tag, "short hair"], seed=seed, size=256)
        two = draw_tags(["white hair", other, "short hair"], seed=seed, size=256)
        where = (one != two).any(0)
        pixels = one[:, where].T.astype(int)
        assert (np.abs(pixels - rgb(art.EYE_SHADES[tag])).max(1) <= art.SPREAD).mean() > 0.6
        rows, columns = (place / 256 for place in np.nonzero(where))
        assert 0.40 < rows.min() < rows.max() < 0.65
        assert 0.18 < columns.min() < 0.40 < columns.max() < 0.66


@pytest.mark.parametrize(("tag", "top", "bottom", "left", "right"), [
    ("blush", 0.55, 0.75, 0.18, 0.70), ("glasses", 0.42, 0.67, 0.16, 0.68), ("ribbon", 0.08, 0.56, 0.0, 0.86),
    ("smile", 0.58, 0.80, 0.25, 0.62), ("open mouth", 0.58, 0.80, 0.25, 0.62)])
def test_a_tag_changes_only_its_place(tag, top, bottom, left, right):
    for seed in range(8):
        look = choose_look(frozenset((*BASE, "short hair")), seed)
        plain = draw_look(replace(look, details=""))
        with_tag = choose_look(frozenset((*BASE, "short hair", tag)), seed)
        rows, columns = changed(plain, draw_look(with_tag if tag == "blush" else replace(with_tag, details="")))
        assert len(rows) > 12, "nothing was drawn"
        assert top < rows.min()
        assert rows.max() < bottom
        assert left <= columns.min()
        assert columns.max() < right


def test_a_hat_covers_the_top_and_leaves_eyes_and_mouth():
    """With hair that fits under it; the brim ends above the eyes, which begin at 0.43 of the height."""
    seen = set()
    for seed in range(12):
        hatted = choose_look(frozenset((*BASE, "hat")), seed)
        rows, _ = changed(draw_look(replace(hatted, pieces=())), draw_look(hatted))
        assert rows.min() < 0.15
        assert rows.max() < 0.43
        assert len(rows) > 0.08 * 128 * 128
        seen.add(hatted.pieces[0][0])
    assert seen == set(art.HATS)


def test_hair_above_the_brim_is_cut_away():
    """Spiky hair stands over the cap's crown; drawn under the cap, the picture's top is the cap's alone."""
    look = choose_look(frozenset((*BASE, "short hair")), 0)
    spiky, capped = replace(look, hair=("short16", "")), (("hat-cap", "#3a3f55"),)
    hair = rgb(look.hair_colour)[:, None, None]
    for pieces, expected in (((), True), (capped, False)):
        top = draw_look(replace(spiky, pieces=pieces))[:, :25].astype(int)
        assert bool((np.abs(top - hair).max(0) < 6).any()) is expected


def test_blush_leaves_no_room_for_freckles_and_other_choices_stay():
    """Every choice has a number of its own: only the details differ between two looks of one seed."""
    for seed in range(20):
        plain, blushing = (choose_look(frozenset((*BASE, *more)), seed) for more in ((), ("blush",)))
        assert replace(plain, details="blush") == blushing
        assert plain.details in ("", *art.DETAILS)


def test_every_part_comes_up():
    """Two hundred seeds reach every variant of each table."""
    looks = [choose_look(frozenset((*BASE, "glasses", "ribbon", "hat")), seed) for seed in range(200)]
    for part, variants in (("eyes", art.EYES), ("eyebrows", art.EYEBROWS), ("skin", art.SKINS),
                           ("glasses", art.GLASSES), ("earrings", ("", *art.EARRINGS)),
                           ("details", ("", *art.DETAILS)), ("mouth", art.MOUTHS[False, False])):
        assert {getattr(look, part) for look in looks} == set(variants), part
    assert {piece for look in looks for piece, _ in look.pieces} == {*art.HATS, *art.RIBBONS}


@pytest.mark.parametrize(("tags", "message"), [
    (["blue eyes"], r"tags must name one hair colour of blonde hair, .*, grey hair; got none"),
    (["blue hair", "red hair", "blue eyes"], r"tags must name one hair colour of .*; got blue hair and red hair"),
    (["blue hair"], r"tags must name one eye colour of .*; got none"),
    ([*BASE, "long hair", "short hair"], r"tags must hold hair styles that can be drawn together: none; long hair; .*"
                                         r"long hair with twintails.*; got long hair with short hair"),
    ([*BASE, "smiles"], r"tag must be one of the 34 .* got 'smiles'; did you mean 'smile'\?"),
    (torch.zeros(7), r"vector must have shape \(34,\), got \(7,\)"),
], ids=str)
def test_tags_that_contradict_one_another_are_named(tags, message):
    with pytest.raises(ValueError, match=message):
        draw_tags(tags, seed=0)


def test_a_tag_that_the_art_lacks_would_be_refused(monkeypatch):
    assert drawable_tags() == tuple(tag for tag in TAGS if tag not in art.UNDRAWABLE)
    monkeypatch.setitem(art.UNDRAWABLE, "hat", "no hats today")
    assert "hat" not in drawable_tags()
    with pytest.raises(ValueError, match="tags must be drawable, got 'hat': no hats today"):
        draw_tags([*BASE, "hat"], seed=0)


# --- the set ----------------------------------------------------------------------------------------------------

def test_the_labels_are_the_tags_that_were_drawn():
    avatars = draw(10)
    assert tuple(avatars.schema) == TAGS
    assert (avatars.tags.shape, avatars.tags.dtype) == ((10, 34), torch.float32)
    assert torch.equal(avatars.tags, avatars.labels.float())
    assert avatars[3]["image"].shape == (3, 32, 32)
    for index in range(10):
        again = draw_tags(avatars.tags[index], seed=[0, index], size=32)
        assert np.array_equal(again, avatars.images[index])


def test_the_same_arguments_give_the_same_bytes(tmp_path):
    first, again = draw(cache=tmp_path / "a"), draw(cache=tmp_path / "b")
    assert first.digest() == again.digest()
    assert np.array_equal(first.images, again.images)
    assert len({image.tobytes() for image in first.images}) == 12


def test_a_larger_set_begins_with_the_smaller(monkeypatch):
    monkeypatch.setattr(avatarset, "CHUNK", 5)
    monkeypatch.setattr(tagged, "BLOCK", 4)
    small, large = draw(7), draw(13)
    assert np.array_equal(large.images[:7], small.images)
    assert torch.equal(large.labels[:7], small.labels)


@pytest.mark.parametrize("change", [{"seed": 1}, {"split": "test"}, {"background": "#ff0000"}, {"size": 40},
                                    {"prior": "empirical"}], ids=str)
def test_each_argument_changes_the_pictures(change):
    assert draw(6).digest() != draw(6, **change).digest()


def test_train_and_test_share_no_seed(monkeypatch):
    seen = []
    monkeypatch.setattr(tagged, "draw_tags", lambda tags, seed, **_: seen.append(seed) or np.zeros((3, 8, 8), np.uint8))
    for first in (0, TEST_OFFSET):
        tagged.draw_rows(0, 2, tags=np.zeros((2, 34), np.float32), first=first, seed=7, size=8, background="#ffffff")
    assert seen == [[7, 0], [7, 1], [7, 1_000_000_000], [7, 1_000_000_001]]


def test_train_and_test_are_other_pictures_with_other_tags():
    train, test = (draw(40, split=split) for split in ("train", "test"))
    assert not {image.tobytes() for image in train.images} & {image.tobytes() for image in test.images}
    assert not torch.equal(train.labels, test.labels)


def test_processes_draw_what_one_process_draws(monkeypatch, tmp_path):
    monkeypatch.setattr(avatarset, "CHUNK", 3)
    serial = draw(8, cache=tmp_path / "serial", workers=2)
    monkeypatch.setattr(avatarset, "PARALLEL_FROM", 8)
    assert np.array_equal(draw(8, cache=tmp_path / "parallel", workers=2).images, serial.images)


def test_another_revision_of_the_pieces_is_drawn_anew(monkeypatch, cache_folder):
    draw(2)
    before = set((cache_folder / "tagged").iterdir())
    monkeypatch.setattr(tagged, "REVISION", art.REVISION + 1)
    draw(2)
    assert len(set((cache_folder / "tagged").iterdir()) - before) == 1


def test_sampled_tags_follow_the_prior_given_that_they_can_be_drawn():
    """Rejection leaves all but the hair styles alone; of those it keeps each set in proportion to its probability.

    Under the paper's prior a set of k styles has probability 0.25^k 0.75^(5 - k).
    """
    tags = tags_of(8192, "paper", 3, "train")
    sets = [frozenset(tag for tag, on in zip(HAIR_STYLES, row, strict=True) if on) for row in tags[:, 13:18].tolist()]
    weight = {key: 0.25 ** len(key) * 0.75 ** (5 - len(key)) for key in art.HAIR}
    for key, value in weight.items():
        share = value / sum(weight.values())
        assert abs(sets.count(key) / 8192 - share) < 4 * (share * (1 - share) / 8192) ** 0.5, key
    assert sum(sets.count(key) for key in weight) == 8192
    for column in range(18, 24):
        assert abs(tags[:, column].mean().item() - 0.25) < 4 * (0.25 * 0.75 / 8192) ** 0.5
    assert not any(contradiction(frozenset(tagged.tag_names(row))) for row in tags[:200])


@pytest.mark.parametrize(("arguments", "message"), [
    ({"prior": "uniform"}, r"prior must be one of paper, empirical, got 'uniform'"),
    ({"count": 0}, r"count must be an integer in \[1, 1,000,000,000\], got 0"),
    ({"size": 4}, r"size must be an integer in \[8, 1,024\], got 4"),
    ({"seed": -1}, r"seed must be an integer in .*, got -1"),
    ({"split": "valid"}, r"split must be 'train' or 'test', got 'valid'"),
], ids=str)
def test_a_bad_argument_is_named_before_anything_is_drawn(monkeypatch, arguments, message):
    monkeypatch.setattr(tagged, "draw_rows", None)
    with pytest.raises(ValueError, match=message):
        draw(**arguments)


@pytest.mark.parametrize("prior", PRIORS)
def test_conditions_on_demand_can_all_be_drawn(prior):
    rows = sample_drawable(200, prior, generator=torch.Generator().manual_seed(0))
    assert rows.shape == (200, 34)
    assert [contradiction(frozenset(tag_names(row))) for row in rows] == [""] * 200
    assert sample_drawable(0, prior, generator=torch.Generator()).shape == (0, 34)
