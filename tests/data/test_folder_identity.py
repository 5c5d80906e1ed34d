"""What a cached folder is known by: its place, its pictures' bytes and its labels, not names, sizes and dates."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from avatarlib.data.files import folders
from avatarlib.data.files.folders import PictureFolder, read_pictures


def write(folder, values, suffix="png"):
    """Pictures of one grey each, named so that their order is that of the values."""
    folder.mkdir(parents=True, exist_ok=True)
    for row, value in enumerate(values):
        Image.new("RGB", (20, 30), (value,) * 3).save(folder / f"{row:03}.{suffix}")


def greys(data):
    return data.images[:, 0, 0, 0].tolist()


@pytest.fixture
def options(tmp_path):
    return {"size": 8, "progress": False, "cache": tmp_path / "cache"}


def test_the_cache_is_used_and_notices_a_changed_and_a_moved_file(tmp_path, options, monkeypatch):
    root = tmp_path / "set"
    write(root / "a", [1, 2])
    PictureFolder(root, **options)
    with monkeypatch.context() as without:
        without.setattr(folders, "load_images", None)       # a second decoding would fail
        assert greys(PictureFolder(root, **options)) == [1, 2]
    write(root / "a", [1, 7])
    assert greys(PictureFolder(root, **options)) == [1, 7]
    labelled = PictureFolder(root, labelled=True, **options)
    (root / "a").rename(root / "b")
    renamed = PictureFolder(root, labelled=True, **options)
    assert (labelled.schema, renamed.schema) == ({"folder": ("a",)}, {"folder": ("b",)})


def test_two_folders_of_equal_names_sizes_and_times_are_two(tmp_path, options):
    """Windows bitmaps of one size have as many bytes, and unpacked files the archive's dates."""
    for folder, value in (("trainA", 3), ("trainB", 200)):
        write(tmp_path / folder, [value], "bmp")
        os.utime(tmp_path / folder / "000.bmp", (1e9, 1e9))
    a, b = (PictureFolder(tmp_path / folder, **options) for folder in ("trainA", "trainB"))
    assert a.files[0].stat().st_size == b.files[0].stat().st_size
    assert (greys(a), greys(b)) == ([3], [200])


def test_a_picture_moved_to_another_folder_gets_its_label(tmp_path, options):
    """Both classes stay, and so do the order of the pictures and their names, sizes and dates."""
    write(tmp_path / "set" / "cat", [1, 2])
    write(tmp_path / "set" / "dog", [3])
    (tmp_path / "set" / "dog" / "000.png").rename(tmp_path / "set" / "dog" / "002.png")
    before = PictureFolder(tmp_path / "set", labelled=True, **options)
    assert (greys(before), before.labels[:, 0].tolist()) == ([1, 2, 3], [0, 0, 1])
    (tmp_path / "set" / "cat" / "001.png").rename(tmp_path / "set" / "dog" / "001.png")
    after = PictureFolder(tmp_path / "set", labelled=True, **options)
    assert (greys(after), after.labels[:, 0].tolist()) == ([1, 2, 3], [0, 1, 1])


def test_a_picture_replaced_by_one_of_its_size_and_date_is_read_anew(tmp_path, options):
    """As ``cp -p``, unzip and rsync leave it."""
    write(tmp_path / "set", [5], "bmp")
    os.utime(tmp_path / "set" / "000.bmp", (1e9, 1e9))
    assert greys(PictureFolder(tmp_path / "set", **options)) == [5]
    write(tmp_path / "set", [6], "bmp")
    os.utime(tmp_path / "set" / "000.bmp", (1e9, 1e9))
    assert greys(PictureFolder(tmp_path / "set", **options)) == [6]


def test_labels_and_extras_belong_to_the_key(tmp_path, options):
    """The same pictures with another table: neither old labels nor old extras come back."""
    write(tmp_path / "set", [1, 2])
    paths = sorted((tmp_path / "set").iterdir())
    for value in (0, 1):
        (_, labels, schema, extras), files = read_pictures(
            "kind", paths, 8, labels=np.full((2, 1), value), schema={"x": ("no", f"yes {value}")},
            extras={"points": np.full((2, 3), value + 5)}, progress=False, cache=options["cache"])
        assert (labels.tolist(), schema["x"][1], files) == ([[value]] * 2, f"yes {value}", paths)
        assert extras["points"].tolist() == [[value + 5] * 3] * 2


def test_a_name_in_latin_1_is_read_and_is_a_class(tmp_path, options):
    """Archives from old Windows machines; the bytes are no UTF-8."""
    if sys.platform == "linux":                 # elsewhere such names cannot be
        write(tmp_path / "set" / os.fsdecode(b"\xe9t\xe9"), [7])
    write(tmp_path / "set" / "hiver", [8])
    for _ in range(2):                          # read, and from the cache
        data = PictureFolder(tmp_path / "set", labelled=True, **options)
        assert greys(data) == ([8, 7] if sys.platform == "linux" else [8])


def test_a_tilde_is_the_home_folder(tmp_path, options, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    write(tmp_path / "set", [1])
    assert greys(PictureFolder("~/set", **{**options, "cache": Path("~/cache")})) == [1]
    assert (tmp_path / "cache" / "folder").is_dir()
