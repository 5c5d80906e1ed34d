"""The one shape of all picture sets, and the cache that holds a whole set or none."""

import errno
import json
import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from avatarlib.data import ImageSet, base, cache_dir, from_uint8, to_uint8
from avatarlib.data.base import build_cache, scratch

SCHEMA = {"hair": ("none", "bun", "bob")}


def test_bytes_to_floats_and_back_for_every_value():
    levels = torch.arange(256, dtype=torch.uint8)
    floats = from_uint8(levels)
    assert floats.dtype == torch.float32
    assert (floats[0], floats[255]) == (-1, 1)
    assert torch.all(floats.diff() > 0)
    assert torch.equal(to_uint8(floats), levels)


def test_floats_are_rounded_to_the_nearest_step_and_clipped():
    """A step is 2 / 255: 0.4 of it above black is black, 0.6 is one; 1.2 and -3 are outside."""
    values = torch.tensor([-1 + 0.8 / 255, -1 + 1.2 / 255, 1.2, -3.0])
    assert to_uint8(values).tolist() == [0, 1, 255, 0]


@pytest.mark.parametrize("convert", [from_uint8, to_uint8])
def test_conversions_leave_their_input_alone(convert):
    values = torch.tensor([0.0, 0.25, 1.0])
    convert(values)
    assert values.tolist() == [0.0, 0.25, 1.0]


@pytest.fixture
def set_of_three():
    images = np.arange(3 * 3 * 4 * 4, dtype=np.uint8).reshape(3, 3, 4, 4)
    return ImageSet("three", images, np.array([[0], [2], [1]], np.int16), SCHEMA)


def test_items_and_batches_hold_the_contract(set_of_three):
    item, batch = set_of_three[1], set_of_three.batch([2, 0])
    assert item["image"].shape == (3, 4, 4)
    assert torch.equal(to_uint8(item["image"]), torch.from_numpy(set_of_three.images[1]))
    assert item["labels"].tolist() == [2]
    assert batch["image"].shape == (2, 3, 4, 4)
    assert batch["labels"].tolist() == [[1], [0]]
    assert batch["labels"].dtype == torch.int64
    for same in (torch.tensor([2, 0]), slice(2, None, -2), np.array([2, 0])):
        if not isinstance(same, slice):     # torch has no negative steps
            assert torch.equal(set_of_three.batch(same)["image"], batch["image"])
    assert torch.equal(set_of_three.batch(slice(0, 2))["labels"], torch.tensor([[0], [2]]))


def test_indices_count_from_both_ends_and_end(set_of_three):
    assert torch.equal(set_of_three[-1]["image"], set_of_three[2]["image"])
    for index in (3, -4):
        with pytest.raises(IndexError, match=rf"index must be in 0..2, got {index}"):
            set_of_three[index]
    assert len(list(set_of_three)) == len(set_of_three) == 3


def test_words_for_labels_and_for_the_set(set_of_three):
    assert set_of_three.describe(1) == {"hair": "bob"}
    assert set_of_three.size == 4
    assert repr(set_of_three) == "three: 3 pictures of 4 px, 1 attributes"


def test_a_digest_tells_sets_apart(set_of_three):
    """One pixel, one label; the name does not count."""
    def digest(images, labels, name="three"):
        return ImageSet(name, images, labels, SCHEMA).digest()
    images, labels = set_of_three.images, set_of_three.labels.numpy()
    other_images, other_labels = images.copy(), labels.copy()
    other_images[2, 0, 0, 0] += 1
    other_labels[0] = 1
    assert digest(images, labels) == digest(images, labels, "other") == set_of_three.digest()
    assert len({digest(images, labels), digest(other_images, labels), digest(images, other_labels)}) == 3


@pytest.mark.parametrize(("images", "labels", "message"), [
    (np.zeros((2, 3, 4, 4), np.float32), [[0], [0]], r"images must be uint8 \(N, 3, H, W\), got float32 \(2, 3, 4"),
    (np.zeros((2, 4, 4, 3), np.uint8), [[0], [0]], r"images must be uint8 \(N, 3, H, W\), got uint8 \(2, 4, 4, 3\)"),
    (np.zeros((2, 3, 4, 4), np.uint8), [[0]], r"labels must be \(2, 1\) for 2 images and 1 attributes, got \(1, 1\)"),
    (np.zeros((2, 3, 4, 4), np.uint8), [[0], [3]], r"labels of 'hair' must be in 0\.\.2, got 0\.\.3"),
    (np.zeros((2, 3, 4, 4), np.uint8), [[-1], [0]], r"labels of 'hair' must be in 0\.\.2, got -1\.\.0"),
])
def test_parts_that_do_not_fit_are_named(images, labels, message):
    with pytest.raises(ValueError, match=message):
        ImageSet("wrong", images, np.array(labels), SCHEMA)


def test_extras_come_with_every_row_and_pictures_among_them_as_floats():
    images = np.zeros((3, 3, 4, 4), np.uint8)
    extras = {"points": np.arange(3, dtype=np.float32)[:, None], "truth": np.full((3, 3, 4, 4), 255, np.uint8)}
    data = ImageSet("toy", images, np.zeros((3, 0), int), {}, extras)
    batch = data.batch([2, 0])
    assert batch["points"].tolist() == [[2.0], [0.0]]
    assert batch["truth"].dtype == torch.float32
    assert batch["truth"].unique().tolist() == [1.0]
    assert data[1]["points"].tolist() == [1.0]


@pytest.mark.parametrize(("extras", "message"), [
    ({"labels": np.zeros(2)}, "extras must not be called 'image' or 'labels', got 'labels'"),
    ({"points": np.zeros(3)}, r"extras\['points'\] must have 2 rows"),
])
def test_extras_that_do_not_fit_are_named(extras, message):
    with pytest.raises(ValueError, match=message):
        ImageSet("toy", np.zeros((2, 3, 4, 4), np.uint8), np.zeros((2, 0), int), {}, extras)


def test_the_cache_is_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("AVATARLIB_CACHE", str(tmp_path))
    assert cache_dir() == tmp_path
    monkeypatch.delenv("AVATARLIB_CACHE")
    assert cache_dir().name == "avatarlib"


def test_a_tilde_in_the_environment_is_the_home_folder(monkeypatch, tmp_path):
    """No shell expands it in a .env file, in an editor's settings or in Docker: there was a folder called ~."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("AVATARLIB_CACHE", "~/avatars")
    assert cache_dir() == tmp_path / "avatars"
    monkeypatch.chdir(tmp_path)
    build_cache("kind", {}, build, root=Path("~/mine"))
    with scratch((2, 3), Path("~/mine")) as array:
        assert (array.shape, array.dtype) == ((2, 3), np.uint8)
    assert {path.name for path in tmp_path.iterdir()} == {"mine"}


def build(value=1):
    extras = {"points": np.ones((2, 5), np.float32)}
    return np.full((2, 3, 4, 4), value, np.uint8), np.zeros((2, 1), np.int16), SCHEMA, extras


def never():
    raise AssertionError("built again")


def test_what_is_cached_is_built_once_and_memory_mapped(tmp_path):
    build_cache("kind", {"size": 4}, build, root=tmp_path)
    images, labels, schema, extras = build_cache("kind", {"size": 4}, never, root=tmp_path)
    assert isinstance(images, np.memmap)
    assert np.array_equal(images, build()[0])
    assert labels.shape == (2, 1)
    assert schema == {"hair": ["none", "bun", "bob"]}
    assert isinstance(extras["points"], np.memmap)
    assert np.array_equal(extras["points"], np.ones((2, 5)))


def test_another_key_is_another_entry_and_the_key_is_kept_with_it(tmp_path):
    one, *_ = build_cache("kind", {"seed": 1}, lambda: build(1), root=tmp_path)
    two, *_ = build_cache("kind", {"seed": 2}, lambda: build(2), root=tmp_path)
    assert (one[0, 0, 0, 0], two[0, 0, 0, 0]) == (1, 2)
    keys = [json.loads(path.read_text())["key"] for path in tmp_path.glob("kind/*/meta.json")]
    assert sorted(key["seed"] for key in keys) == [1, 2]


def test_a_build_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(AssertionError, match="built again"):
        build_cache("kind", {}, never, root=tmp_path)
    assert list(tmp_path.rglob("*")) == []


def test_a_write_that_fails_leaves_no_entry(tmp_path, monkeypatch):
    """The pictures are written, the labels are not: the next reader must build, not find half."""
    save = np.save

    def full_disk(path, array, **options):
        if path.name == "labels.npy":
            raise OSError("No space left on device")
        save(path, array, **options)

    with monkeypatch.context() as patch:
        patch.setattr(base.np, "save", full_disk)
        with pytest.raises(OSError, match="No space left"):
            build_cache("kind", {}, build, root=tmp_path)
    assert list((tmp_path / "kind").iterdir()) == []
    assert build_cache("kind", {}, build, root=tmp_path)[0].shape == (2, 3, 4, 4)


def test_two_that_build_the_same_at_once_both_get_it(tmp_path):
    """Both find nothing and build; the slower one keeps the faster one's entry."""
    together, results = threading.Barrier(2, timeout=30), []

    def slow_build():
        together.wait()
        return build()

    def work():
        results.append(build_cache("kind", {}, slow_build, root=tmp_path)[0])

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 2
    assert np.array_equal(results[0], results[1])
    assert len(list((tmp_path / "kind").iterdir())) == 1


def test_an_entry_that_cannot_be_put_in_place_is_an_error(tmp_path, monkeypatch):
    def denied(*_):
        raise PermissionError("read-only")
    monkeypatch.setattr(base.Path, "rename", denied)
    with pytest.raises(PermissionError, match="read-only"):
        build_cache("kind", {}, build, root=tmp_path)
    assert list((tmp_path / "kind").iterdir()) == []


def cut(path, length):
    path.write_bytes(path.read_bytes()[:length])


DAMAGES = {
    "pictures cut short": lambda entry: cut(entry / "images.npy", -1),
    "pictures without content": lambda entry: cut(entry / "images.npy", 0),
    "pictures cut in the header": lambda entry: cut(entry / "images.npy", 40),
    "labels without content": lambda entry: cut(entry / "labels.npy", 0),
    "labels cut short": lambda entry: cut(entry / "labels.npy", -1),
    "extra cut short": lambda entry: cut(entry / "extra-points.npy", -4),
    "extra gone": lambda entry: (entry / "extra-points.npy").unlink(),
    "pictures gone": lambda entry: (entry / "images.npy").unlink(),
    "pictures of another set": lambda entry: np.save(entry / "images.npy", np.zeros((3, 3, 4, 4), np.uint8)),
    "notes without content": lambda entry: cut(entry / "meta.json", 0),
    "notes cut short": lambda entry: cut(entry / "meta.json", 20),
    "notes of nothing": lambda entry: (entry / "meta.json").write_text("null"),
    "notes gone": lambda entry: (entry / "meta.json").unlink(),
    "nothing left": lambda entry: [path.unlink() for path in entry.iterdir()],
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_entry_is_built_again(tmp_path, damage):
    """A full disk, a broken download of a shared cache, a cleaner: the reader gets the set, not numpy's words."""
    build_cache("kind", {}, build, root=tmp_path)
    entry, = (tmp_path / "kind").iterdir()
    damage(entry)
    images, labels, schema, extras = build_cache("kind", {}, build, root=tmp_path)
    assert np.array_equal(images, build()[0])
    assert np.array_equal(labels, build()[1])
    assert (schema, extras["points"].shape) == ({"hair": ["none", "bun", "bob"]}, (2, 5))
    assert list((tmp_path / "kind").iterdir()) == [entry]
    build_cache("kind", {}, never, root=tmp_path)


def test_a_damaged_entry_that_cannot_be_removed_is_named(tmp_path, monkeypatch):
    build_cache("kind", {}, build, root=tmp_path)
    entry, = (tmp_path / "kind").iterdir()
    cut(entry / "images.npy", 0)

    def denied(*_):
        raise PermissionError("read-only")

    monkeypatch.setattr(base.Path, "rename", denied)
    with pytest.raises(ValueError, match=rf"the cache is damaged .*read-only.*; delete the folder '{entry}'"):
        build_cache("kind", {}, build, root=tmp_path)
    assert entry.exists()


def test_a_machine_in_trouble_is_no_damage(tmp_path, monkeypatch):
    """Too many open files say nothing of the entry: it stays."""
    build_cache("kind", {}, build, root=tmp_path)

    def full(*_, **__):
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as trouble:
        trouble.setattr(base.np, "load", full)
        with pytest.raises(OSError, match="Too many open files"):
            build_cache("kind", {}, build, root=tmp_path)
    build_cache("kind", {}, never, root=tmp_path)
