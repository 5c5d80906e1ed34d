"""Folders and trees of pictures: every layout, written small, and what is said of a wrong one."""

from __future__ import annotations

import hashlib
import io
import signal
import subprocess
import sys
import tarfile
import time
import zipfile

import numpy as np
import pytest
from PIL import Image

from avatarlib.data import CorruptImageWarning, smooth_edges
from avatarlib.data.files.archives import ArchiveError
from avatarlib.data.files.download import ChecksumError
from avatarlib.data.files.folders import CartoonFolders, PictureFolder, UnpairedFolders, download_tree, selfie2anime


def write(folder, values, suffix="png"):
    """Pictures of one grey each, named so that their order is that of the values."""
    folder.mkdir(parents=True, exist_ok=True)
    for row, value in enumerate(values):
        Image.new("RGB", (20, 30), (value,) * 3).save(folder / f"{row:03}.{suffix}", quality=100)
    return folder


def greys(data):
    return data.images[:, 0, 0, 0].tolist()


@pytest.fixture
def options(tmp_path):
    return {"size": 8, "progress": False, "cache": tmp_path / "cache"}


def test_a_folder_with_subfolders(tmp_path, options):
    write(tmp_path / "set" / "b", [3, 4])
    write(tmp_path / "set" / "a" / "deep", [1, 2])
    write(tmp_path / "set", [9])
    data = PictureFolder(tmp_path / "set", **options)
    assert greys(data) == [9, 1, 2, 3, 4]
    assert data.name == "set"
    assert data.schema == {}
    assert [path.name for path in data.files] == ["000.png", "000.png", "001.png", "000.png", "001.png"]
    assert isinstance(data.images, np.memmap)
    assert data[1]["image"].shape == (3, 8, 8)


def test_subfolders_as_labels(tmp_path, options):
    write(tmp_path / "set" / "paprika", [3, 4])
    write(tmp_path / "set" / "hosoda" / "deep", [1])
    data = PictureFolder(tmp_path / "set", labelled=True, **options)
    assert data.schema == {"folder": ("hosoda", "paprika")}
    assert data.labels[:, 0].tolist() == [0, 1, 1]
    assert greys(data) == [1, 3, 4]
    write(tmp_path / "set", [9])
    with pytest.raises(ValueError, match=r"pictures in subfolders to be labelled, got 1 directly in .*000\.png"):
        PictureFolder(tmp_path / "set", labelled=True, **options)


def test_a_corrupt_picture_is_left_out_with_its_label_and_its_name(tmp_path, options):
    write(tmp_path / "set" / "a", [1, 2])
    write(tmp_path / "set" / "b", [3, 4])
    (tmp_path / "set" / "a" / "001.png").write_bytes(b"broken")
    with pytest.warns(CorruptImageWarning, match=r"1 of 4 picture files left out: 001\.png"):
        data = PictureFolder(tmp_path / "set", labelled=True, **options)
    again = PictureFolder(tmp_path / "set", labelled=True, **options)      # from the cache, without a word
    for found in (data, again):
        assert greys(found) == [1, 3, 4]
        assert found.labels[:, 0].tolist() == [0, 1, 1]
        assert [path.parent.name for path in found.files] == ["a", "b", "b"]
        assert found.extras == {}


@pytest.mark.parametrize("junk", ["@eaDir", "__MACOSX", ".thumbnails"])
def test_a_folder_that_a_system_made_is_no_class(tmp_path, options, junk):
    write(tmp_path / "set" / "cat", [1])
    write(tmp_path / "set" / "dog", [2])
    write(tmp_path / "set" / junk, [3, 4])
    data = PictureFolder(tmp_path / "set", labelled=True, **options)
    assert data.schema == {"folder": ("cat", "dog")}
    assert greys(data) == [1, 2]


def test_a_shadow_beside_the_tree_is_not_taken_for_it(tmp_path, options):
    """macOS packs a folder of the same shape, full of shadows, beside what it packs."""
    for shadow in ("__MACOSX", "@eaDir"):
        for side in "AB":
            write(tmp_path / "root" / shadow / f"train{side}", [9])
    tree(tmp_path / "root" / "set")
    assert greys(UnpairedFolders(tmp_path / "root", **options).a) == [1, 2, 3, 4]


@pytest.mark.parametrize(("make", "seen"), [
    (lambda path: None, "which is not there"), (lambda path: path.mkdir(), "which is empty"),
    (lambda path: path.write_text("a file"), "which is a file"),
    (lambda path: (path.mkdir(), (path / "set.zip").write_text("x")), r"which holds set\.zip"),
], ids=["nothing", "empty", "file", "archive"])
def test_a_folder_without_pictures_is_named(tmp_path, options, make, seen):
    make(tmp_path / "set")
    with pytest.raises(ValueError, match=rf"root must be a folder of pictures, got '.*set' without any, {seen}"):
        PictureFolder(tmp_path / "set", **options)


def tree(root):
    """Four training selfies, three anime faces, and two test pictures of each."""
    folders = {"trainA": [1, 2, 3, 4], "trainB": [101, 102, 103], "testA": [5, 6], "testB": [105, 106]}
    for name, values in folders.items():
        write(root / name, values, "jpg" if name.endswith("A") else "png")
    return root


@pytest.mark.parametrize("place", [".", "selfie2anime"])
def test_the_tree_of_cyclegan(tmp_path, options, place):
    tree(tmp_path / "root" / place)
    train, test = (UnpairedFolders(tmp_path / "root", split, **options) for split in ("train", "test"))
    assert (greys(train.a), greys(train.b)) == ([1, 2, 3, 4], [101, 102, 103])
    assert (greys(test.a), greys(test.b)) == ([5, 6], [105, 106])
    assert list(train) == ["a", "b"]
    assert train["a"] is train.a
    assert train.a.name.endswith("trainA")
    named = UnpairedFolders(tmp_path / "root", names=("photo", "cartoon"), **options)
    assert greys(named["photo"]) == greys(named.a) == [1, 2, 3, 4]
    assert greys(named["cartoon"]) == greys(named.b)


@pytest.mark.parametrize(("settings", "message"), [
    ({"split": "valid"}, "split must be 'train' or 'test', got 'valid'"),
    ({"names": ("a", "a")}, "names must be two different names, got "),
    ({"size": 0}, r"size must be an integer in \[1, 4,096\], got 0"),
    ({"split": "test"}, r"root must hold the folders testA and testB, got '.*root' with trainA, trainB"),
])
def test_what_does_not_fit_a_tree_is_named(tmp_path, options, settings, message):
    write(tmp_path / "root" / "trainA", [1])
    write(tmp_path / "root" / "trainB", [1])
    with pytest.raises(ValueError, match=message):
        UnpairedFolders(tmp_path / "root", **{**options, **settings})


def test_selfie2anime_says_where_it_can_be_had(tmp_path, options):
    with pytest.raises(ValueError, match=r"(?s)root must hold the folders trainA and trainB, got '.*none' without "
                                         r"any folder\. .*trainA, trainB \(3,400.*kaggle\.com/datasets/arnaud58"):
        selfie2anime(tmp_path / "none", **options)
    with pytest.raises(ValueError, match=r"^split must be 'train' or 'test', got 'valid'$"):
        selfie2anime(tmp_path / "none", "valid", **options)
    assert greys(selfie2anime(tree(tmp_path / "root"), "test", **options).a) == [5, 6]


def test_cartoongans_folders_smooth_what_is_not_smoothed(tmp_path, options):
    write(tmp_path / "set" / "photo", [1, 2])
    noise = np.random.default_rng(0).integers(0, 2, (5, 8, 8, 3)).astype(np.uint8) * 255
    (tmp_path / "set" / "cartoon").mkdir()
    for row, pixels in enumerate(noise):
        Image.fromarray(pixels).save(tmp_path / "set" / "cartoon" / f"{row}.png")
    made = CartoonFolders(tmp_path / "set", **options)
    assert list(made) == ["photo", "cartoon", "smooth"]
    assert np.array_equal(made["cartoon"].images, noise.transpose(0, 3, 1, 2))
    assert np.array_equal(made["smooth"].images, smooth_edges(made["cartoon"].images))
    assert not np.array_equal(made["smooth"].images, made["cartoon"].images)
    write(tmp_path / "set" / "cartoon_smooth", [50, 60, 70])
    assert greys(CartoonFolders(tmp_path / "set", **options)["smooth"]) == [50, 60, 70]
    write(tmp_path / "other" / "trainA", [1])
    with pytest.raises(ValueError, match=r"root must hold the folders photo and cartoon, got .* with trainA"):
        CartoonFolders(tmp_path / "other", **options)


def packed(root, kind="tgz", leave_out=()):
    """An archive of a tree with one top folder, in memory."""
    buffer = io.BytesIO()
    paths = [path for path in sorted(root.rglob("*")) if path.is_file() and path.parent.name not in leave_out]
    if kind == "zip":
        with zipfile.ZipFile(buffer, "w") as zipped:
            for path in paths:
                zipped.write(path, path.relative_to(root.parent))
    else:
        with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
            for path in paths:
                tar.add(path, path.relative_to(root.parent))
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["tgz", "zip"])
@pytest.mark.parametrize("there", [False, True], ids=["nothing", "an empty folder"])
def test_a_tree_is_fetched_where_it_is_not_there(tmp_path, web, options, kind, there):
    if there:
        (tmp_path / "new" / "set").mkdir(parents=True)
    web.files["set"] = packed(tree(tmp_path / "made"), kind)
    settings = {"urls": [web.url("lost"), web.url("set")], "sha256": hashlib.sha256(web.files["set"]).hexdigest()}
    train = UnpairedFolders(tmp_path / "new" / "set", **settings, **options)
    assert (greys(train.a), greys(train.b)) == ([1, 2, 3, 4], [101, 102, 103])
    UnpairedFolders(tmp_path / "new" / "set", "test", **settings, **options)
    assert [path for path, *_ in web.log] == ["/lost", "/set"]
    assert {path.name for path in (tmp_path / "new").iterdir() if path.suffix != ".lock"} == {"set"}


def test_an_archive_without_the_tree_is_refused_and_not_trusted_later(tmp_path, web, options):
    whole = packed(tree(tmp_path / "made"))
    web.files["set"] = packed(tmp_path / "made", leave_out=("trainB",))
    with pytest.raises(ArchiveError, match=r"archive: root must hold the folders trainA and trainB, got .* with testA"):
        UnpairedFolders(tmp_path / "set", urls=[web.url("set")], **options)
    assert not (tmp_path / "set").exists()
    web.files["set"], web.etag = whole, '"v2"'
    assert len(UnpairedFolders(tmp_path / "set", urls=[web.url("set")], **options).b) == 3


def test_another_archive_than_the_expected_is_refused(tmp_path, web, options):
    web.files["set"] = packed(tree(tmp_path / "made"))
    with pytest.raises(ChecksumError, match="expected sha256 " + "0" * 64):
        UnpairedFolders(tmp_path / "set", urls=[web.url("set")], sha256="0" * 64, **options)


KILLED = """
import sys
from avatarlib.data.files.folders import download_tree
download_tree([sys.argv[1]], sys.argv[2], sha256=sys.argv[3], progress=False)
"""


def test_a_process_killed_while_fetching_is_continued_by_the_next(tmp_path, web):
    """SIGKILL in the middle: the second call asks for the rest only, checks the whole, and unpacks the tree."""
    draws = np.random.default_rng(0)
    for name in ("trainA", "trainB", "testA", "testB"):
        (tmp_path / "made" / name).mkdir(parents=True)
        for row in range(6):
            Image.fromarray(draws.integers(0, 256, (64, 64, 3), np.uint8)).save(tmp_path / "made" / name / f"{row}.png")
    content = packed(tmp_path / "made")
    sha256 = hashlib.sha256(content).hexdigest()
    web.files["set.tgz"], web.pause = content, 0.2        # 300 kB are 18 blocks
    root, part = tmp_path / "new" / "selfie2anime", tmp_path / "new" / "selfie2anime.archive.part"
    child = subprocess.Popen([sys.executable, "-c", KILLED, web.url("set.tgz"), str(root), sha256])
    deadline = time.monotonic() + 120
    while not (part.exists() and part.stat().st_size) and child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    begun = part.stat().st_size
    assert 0 < begun < len(content)
    assert not root.exists()
    web.pause = 0.0
    download_tree([web.url("set.tgz")], root, sha256=sha256, progress=False)
    assert web.log[-1] == ("/set.tgz", f"bytes={begun}-", len(content) - begun)
    for path in (tmp_path / "made").rglob("*.png"):
        assert (root / path.relative_to(tmp_path / "made")).read_bytes() == path.read_bytes()
    assert {path.name for path in root.parent.iterdir() if path.suffix != ".lock"} == {"selfie2anime"}
