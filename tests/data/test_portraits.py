"""PortraitSet: the same arguments give the same bytes, and portrait, truth, labels and landmarks belong together."""

import json
from importlib.resources import files

import numpy as np
import pytest
import torch
from scipy import ndimage

from avatarlib.data import (
    AvatarSet,
    PortraitSet,
    avatar_landmarks,
    draw_avatar,
    draw_portrait,
    figures,
    lighting,
    portraits,
)
from avatarlib.data.landmarks import PORTRAIT_STYLES

NOT_WHITE = {"toon-head": {"clothesColor": ["#151613"], "hairColor": ["#a55728"]},
             "avataaars": {"clothesColor": ["#262e33"], "hairColor": ["#a55728"], "accessoriesProbability": 0,
                           "clothesVariant": ["hoodie", "shirtCrewNeck"], "topVariant": ["bob", "bun", "shortFlat"]}}


def draw(count=4, **options):
    return PortraitSet(**{"count": count, "size": 64, "progress": False, **options})


def portrait(style, index, **options):
    return draw_portrait(style, {"seed": str(index), **options}, size=128, rng=np.random.default_rng(index))


def test_the_same_arguments_give_the_same_bytes(tmp_path):
    """Two empty caches, so both are drawn."""
    first, again = draw(cache=tmp_path / "a"), draw(cache=tmp_path / "b")
    assert np.array_equal(first.images, again.images)
    assert first.digest() == again.digest()
    for name in ("truth", "landmarks"):
        assert np.array_equal(first.extras[name], again.extras[name])
    assert len({image.tobytes() for image in first.images}) == 4


def test_a_second_call_reads_the_cache(monkeypatch):
    first = draw()
    monkeypatch.setattr(portraits, "draw_many", None)
    assert np.array_equal(draw().images, first.images)
    assert isinstance(first.extras["truth"], np.memmap)


def test_another_look_is_drawn_anew(monkeypatch, cache_folder):
    draw()
    before = set((cache_folder / "portraits").iterdir())
    monkeypatch.setattr(portraits, "VERSION", portraits.VERSION + 1)
    draw()
    assert len(set((cache_folder / "portraits").iterdir()) - before) == 1


def test_a_larger_set_begins_with_the_smaller(monkeypatch):
    monkeypatch.setattr(portraits, "CHUNK", 3)      # so that it is drawn in two chunks
    small, large = draw(4), draw(5)
    assert np.array_equal(large.images[:4], small.images)
    assert torch.equal(large.labels[:4], small.labels)
    assert np.array_equal(large.extras["landmarks"][:4], small.extras["landmarks"])


def test_processes_draw_what_one_process_draws(monkeypatch, tmp_path):
    serial = draw(4, cache=tmp_path / "serial", workers=2)
    monkeypatch.setattr(portraits, "CHUNK", 2)
    monkeypatch.setattr(portraits, "PARALLEL_FROM", 4)
    parallel = draw(4, cache=tmp_path / "parallel", workers=2)
    assert np.array_equal(parallel.images, serial.images)
    assert np.array_equal(parallel.extras["truth"], serial.extras["truth"])


@pytest.mark.parametrize("change", [{"seed": 1}, {"split": "test"}, {"style": "avataaars"}], ids=str)
def test_each_argument_changes_portrait_truth_and_landmarks(change):
    first, changed = draw(), draw(**change)
    assert not np.array_equal(first.images, changed.images)
    for name in ("truth", "landmarks"):
        assert not np.array_equal(first.extras[name], changed.extras[name])


def test_train_and_test_never_meet(monkeypatch):
    """The largest train set ends where the test identities begin."""
    seen = []

    def note(style, options, *, size, rng):
        seen.append((options["seed"], rng.bit_generator.seed_seq.entropy))
        return np.zeros((3, 64, 64)), np.zeros((3, 64, 64)), np.zeros((6, 2)), {}

    monkeypatch.setattr(portraits, "draw_portrait", note)
    for first in (0, portraits.TEST_OFFSET):
        portraits.draw_many(0, 2, style="toon-head", first=first, seed=7, size=64)
    assert seen == [("7/0", [7, 0, 0]), ("7/1", [7, 1, 0]),
                    ("7/1000000000", [7, 1000000000, 0]), ("7/1000000001", [7, 1000000001, 0])]
    with pytest.raises(ValueError, match=r"count must be an integer in \[1, 1,000,000,000\]"):
        draw(portraits.TEST_OFFSET + 1)


@pytest.mark.parametrize("style", PORTRAIT_STYLES)
@pytest.mark.parametrize("split", ["train", "test"])
def test_labels_are_those_of_the_same_avatars(style, split):
    lit, flat = draw(style=style, split=split), AvatarSet(style, count=4, size=16, split=split, progress=False)
    assert lit.schema == flat.schema
    assert torch.equal(lit.labels, flat.labels)


def test_what_a_batch_holds():
    batch = draw().batch([2, 0])
    assert {name: tuple(value.shape) for name, value in batch.items()} == {
        "image": (2, 3, 64, 64), "truth": (2, 3, 64, 64), "labels": (2, 10), "landmarks": (2, 6, 2)}
    assert batch["landmarks"].dtype == batch["truth"].dtype == torch.float32
    assert batch["truth"].max() == 1        # white paper


@pytest.mark.parametrize("style", PORTRAIT_STYLES)
def test_portrait_and_truth_share_their_silhouette(style, monkeypatch):
    """Before a black background and without camera, what is lit is what is drawn; nothing drawn ends in white."""
    monkeypatch.setattr(portraits, "background", lambda size, light, rng: np.zeros((3, size, size), np.float32))
    monkeypatch.setattr(portraits, "camera", lambda scene, rng: lighting.to_srgb(scene))
    for index in range(6):
        lit, truth, _, _ = portrait(style, index, **NOT_WHITE[style])
        figure = ndimage.binary_fill_holes(lit.max(axis=0) > 20)
        drawn = ndimage.binary_fill_holes(truth.min(axis=0) < 235)
        assert 0.15 < drawn.mean() < 0.8
        assert (figure & drawn).sum() / (figure | drawn).sum() > 0.97


@pytest.mark.parametrize("style", PORTRAIT_STYLES)
def test_the_landmarks_carry_the_truth_back_onto_the_avatar(style):
    """Two eyes here and two there make a similarity; through it the truth must be the avatar as AvatarSet draws it."""
    for index in range(4):
        _, truth, points, resolved = portrait(style, index)
        plain, _ = draw_avatar(style, {"seed": str(index)}, size=128)
        there, here = (p[:, 0] + 1j * p[:, 1] for p in (points, avatar_landmarks(style, resolved, 128)))
        turn = (there[1] - there[0]) / (here[1] - here[0])
        np.testing.assert_allclose(there, there[0] + turn * (here - here[0]), atol=1e-3)    # nose, mouth and chin too
        rows, columns = np.mgrid[:128, :128]
        place = there[0] + turn * (columns + 1j * rows - here[0])
        inside = (np.abs(place.real - 63.5) < 62) & (np.abs(place.imag - 63.5) < 62)
        carried = np.stack([ndimage.map_coordinates(channel.astype(float), [place.imag, place.real], order=1)
                            for channel in truth])
        assert inside.mean() > 0.5
        assert np.abs(carried - plain)[:, inside].mean() < 4
        assert (points > 0).all()
        assert (points < 127).all()


@pytest.mark.parametrize("style", PORTRAIT_STYLES)
def test_the_end_of_the_bust_is_never_seen(style):
    for seed in range(200):
        pose = figures.random_pose(style, np.random.default_rng(seed))
        for x in (0.5 - figures.HALF_WIDTH, 0.5 + figures.HALF_WIDTH):
            assert pose.apply(np.array([x, figures.BOTTOM[style]]))[1] > 1
        assert abs(pose.rotation) <= 12


def test_warp_carries_a_spot_where_the_pose_carries_its_place():
    side = round(figures.WORK * (1 + 2 * figures.MARGIN))
    spot = lighting.bump((side, side), (figures.WORK * (figures.MARGIN + 0.4) - 0.5,
                                        figures.WORK * (figures.MARGIN + 0.3) - 0.5), 0.02, 1.0)
    pose = figures.Pose(10, 1.1, (0.05, 0.02))
    warped = figures.warp(spot, pose, 200)
    rows, columns = np.mgrid[:200, :200]
    found = np.array([(warped * columns).sum(), (warped * rows).sum()]) / warped.sum()
    np.testing.assert_allclose(found, pose.apply(np.array([0.4, 0.3])) * 200 - 0.5, atol=0.05)


def test_the_background_photos_come_with_scikit_image():
    """Nothing is downloaded: each is a file of the installed package."""
    shipped = {path.name.split(".")[0] for path in files("skimage.data").iterdir()}
    assert set(portraits.PHOTOS) <= shipped
    for name in portraits.PHOTOS:
        assert portraits.photo(name).shape[0] == 3


def test_a_portrait_is_not_its_drawing_but_keeps_its_colours():
    """Light changes the pixels, but which of two figures has the redder clothes does not depend on it."""
    shades = {}
    for name, colour in {"red": "#dc2626", "blue": "#0b3286"}.items():
        pixels = [portrait("toon-head", index, clothesColor=[colour], clothesVariant=["tShirt"])[0][:, -6:, 58:70]
                  for index in range(3)]
        shades[name] = np.mean([p[0].astype(float) - p[2] for p in pixels])
    assert shades["red"] > 40
    assert shades["blue"] < -20
    lit, truth, _, _ = portrait("toon-head", 0)
    assert np.abs(lit.astype(int) - truth).mean() > 20


@pytest.mark.parametrize(("arguments", "message"), [
    ({"style": "adventurer"}, "style must be one of toon-head, avataaars, got 'adventurer'"),
    ({"size": 63}, r"size must be an integer in \[64, 256\], got 63"),
    ({"size": 257}, r"size must be an integer in \[64, 256\], got 257"),
    ({"size": 64.0}, r"size must be an integer in \[64, 256\], got 64.0"),
    ({"count": 0}, r"count must be an integer in \[1, 1,000,000,000\], got 0"),
    ({"seed": -1}, r"seed must be an integer in \[0, 4,294,967,295\], got -1"),
    ({"split": "val"}, "split must be 'train' or 'test', got 'val'")], ids=str)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        draw(**arguments)


def test_the_schema_survives_the_cache():
    first, again = draw(), draw()
    assert json.dumps(first.schema) == json.dumps(again.schema)
    assert first.describe(0)["mouth"] in first.schema["mouth"]
