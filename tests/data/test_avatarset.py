"""Drawn avatars: the same arguments give the same bytes, and labels say what is in the picture."""

import importlib.metadata

import numpy as np
import pytest
import torch

from avatarlib.data import AvatarSet, avatar_styles, draw_avatar, style_credits
from avatarlib.data.drawn import avatarset


def draw(count=12, **options):
    return AvatarSet(**{"count": count, "size": 32, "progress": False, **options})


def test_the_same_arguments_give_the_same_bytes(tmp_path):
    """Two empty caches, so both are drawn."""
    first, again = draw(cache=tmp_path / "a"), draw(cache=tmp_path / "b")
    assert np.array_equal(first.images, again.images)
    assert torch.equal(first.labels, again.labels)
    assert first.schema == again.schema
    assert first.digest() == again.digest()
    assert len({image.tobytes() for image in first.images}) == 12


def test_a_second_call_reads_the_cache(monkeypatch):
    first = draw(5)
    monkeypatch.setattr(avatarset, "draw_many", None)
    assert np.array_equal(draw(5).images, first.images)
    assert isinstance(first.images, np.memmap)


def test_another_version_of_the_drawing_packages_is_drawn_anew(monkeypatch, cache_folder):
    """The cache must not answer for artwork that has changed."""
    draw(3)
    before = set((cache_folder / "avatarset").iterdir())
    assert set((cache_folder / "avatarset").iterdir()) == before
    monkeypatch.setattr(avatarset, "version", lambda name: importlib.metadata.version(name) + ".1")
    draw(3)
    assert len(set((cache_folder / "avatarset").iterdir()) - before) == 1


def test_a_larger_set_begins_with_the_smaller(monkeypatch):
    monkeypatch.setattr(avatarset, "CHUNK", 5)      # so that it is drawn in three chunks
    small, large = draw(7), draw(13)
    assert np.array_equal(large.images[:7], small.images)
    assert torch.equal(large.labels[:7], small.labels)


@pytest.mark.parametrize("change", [{"seed": 1}, {"split": "test"}, {"background": "#ff0000"},
                                    {"style": "toon-head"}, {"options": {"skinColor": ["#ae5d29"]}}], ids=str)
def test_each_argument_changes_the_pictures(change):
    assert not np.array_equal(draw(4).images, draw(4, **change).images)


def test_train_and_test_share_no_seed(monkeypatch):
    """The largest train set ends where the test seeds begin."""
    seen = []

    def note(style, options, **_):
        seen.append(options["seed"])
        return np.zeros((3, 32, 32), np.uint8), {}

    monkeypatch.setattr(avatarset, "draw_avatar", note)
    for first in (0, avatarset.TEST_OFFSET):
        avatarset.draw_many(0, 3, style="avataaars", first=first, seed=7, size=32, options={}, background="#ffffff")
    assert seen == ["7/0", "7/1", "7/2", "7/1000000000", "7/1000000001", "7/1000000002"]
    with pytest.raises(ValueError, match=r"count must be an integer in \[1, 1,000,000,000\]"):
        draw(avatarset.TEST_OFFSET + 1)


def test_train_and_test_avatars_are_other_pictures():
    train, test = ({image.tobytes() for image in draw(40, split=split).images} for split in ("train", "test"))
    assert len(train) == len(test) == 40
    assert not train & test


def test_processes_draw_what_one_process_draws(monkeypatch, tmp_path):
    monkeypatch.setattr(avatarset, "CHUNK", 3)
    serial = draw(8, cache=tmp_path / "serial", workers=2)
    monkeypatch.setattr(avatarset, "PARALLEL_FROM", 8)
    parallel = draw(8, cache=tmp_path / "parallel", workers=2)
    assert np.array_equal(parallel.images, serial.images)
    assert torch.equal(parallel.labels, serial.labels)


def test_what_is_asked_for_is_what_the_label_says():
    asked = {"topVariant": ["bun"], "topProbability": 100, "hairColor": ["#c93305"], "accessoriesProbability": 0}
    avatars = draw(6, options=asked)
    for index in range(6):
        said = avatars.describe(index)
        assert (said["top"], said["hair_color"], said["accessories"]) == ("bun", "#c93305", "none")
    eyes = avatars.labels[:, list(avatars.schema).index("eyes")]
    assert len(eyes.unique()) > 1       # what was not asked for still varies


def test_a_labelled_hair_colour_is_seen_in_the_picture():
    """#c93305 is (201, 51, 5): a twentieth of the picture when it is asked for, next to nothing when not."""
    def share(colour):
        options = {"topVariant": ["bob"], "topProbability": 100, "hairColor": [colour]}
        pixels = draw(6, size=64, options=options).images.astype(int)
        near = np.abs(pixels - np.array([201, 51, 5])[:, None, None]).max(axis=1) < 12
        return near.mean(axis=(1, 2))
    assert share("#c93305").min() > 0.05
    assert share("#2c1b18").max() < 0.01


def test_labels_agree_with_what_dicebear_says_it_drew():
    """Every column of ten avatars against the drawing's own record, by name."""
    avatars, compared = draw(10), 0
    options = avatarset.style_options("avataaars")
    assert [avatarset.attribute_name(option) for option in options] == list(avatars.schema)
    for index in range(10):
        image, resolved = draw_avatar("avataaars", {"seed": f"0/{index}"}, size=32)
        assert np.array_equal(image, avatars.images[index])
        for option, said in zip(options, avatars.describe(index).values(), strict=True):
            value = resolved.get(option) or "none"
            assert said == (value[0] if isinstance(value, list) else value), option
            compared += said != "none"
    assert compared > 50


def test_attribute_names_are_whole_words():
    assert avatarset.attribute_name("topVariant") == "top"
    assert avatarset.attribute_name("hairColor") == "hair_color"
    assert avatarset.attribute_name("clothesGraphicVariant") == "clothes_graphic"


USED = ("avataaars", "adventurer", "toon-head")


@pytest.mark.parametrize("style", sorted({*USED, *avatar_styles()[::10]}))
def test_styles_can_be_drawn_and_credited(style):
    """Those that the book uses, and every tenth of the others."""
    assert set(USED) < set(avatar_styles())
    image, _ = draw_avatar(style, {"seed": "1"}, size=16)
    assert image.shape == (3, 16, 16)
    assert style_credits(style)["licence"]


def test_credits_of_the_default_style():
    credits = style_credits("avataaars")
    assert credits["creator"] == "Pablo Stanley"
    assert credits["licence_url"].startswith("https://")


@pytest.mark.parametrize(("arguments", "message"), [
    ({"style": "avataars"}, r"style must be one of adventurer, .*, got 'avataars'; did you mean 'avataaars'\?"),
    ({"style": "zzz"}, r"got 'zzz'$"),
    ({"count": -5}, r"count must be an integer in \[1, 1,000,000,000\], got -5"),
    ({"count": 2.5}, r"count must be an integer .*, got 2\.5"),
    ({"size": 7}, r"size must be an integer in \[8, 1,024\], got 7"),
    ({"size": 1025}, r"size must be .*, got 1025"),
    ({"seed": -1}, r"seed must be an integer in \[0, 4,294,967,295\], got -1"),
    ({"split": "valid"}, r"split must be 'train' or 'test', got 'valid'"),
    ({"options": {"topVariant": ["bunn"]}}, r"options\['topVariant'\] must be among bigHair, .*, got 'bunn'"),
    ({"options": {"topVariant": "mohawk"}}, r"options\['topVariant'\] must be among .*, got 'mohawk'"),
    ({"options": {"hairColor": ["#123456"]}}, r"options\['hairColor'\] must be among #.*, got '#123456'"),
    ({"options": {"topVariants": ["bun"]}}, r"options must be .*, got 'topVariants'; did you mean 'topVariant'\?"),
], ids=str)
def test_a_bad_argument_is_named_before_anything_is_drawn(monkeypatch, arguments, message):
    monkeypatch.setattr(avatarset, "draw_many", None)
    with pytest.raises(ValueError, match=message):
        draw(**arguments)


def test_the_progress_bar_counts_avatars(tmp_path, capsys):
    draw(6, progress=True, cache=tmp_path)
    assert "drawing avataaars: 100%" in capsys.readouterr().err
