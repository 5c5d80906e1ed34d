"""CartoonSet: its real layouts, written small, and every way in which they can be broken."""

from __future__ import annotations

import io
import os
import tarfile

import numpy as np
import pytest
import torch
from PIL import Image

from avatarlib.data.files import download
from avatarlib.data.files import folders as trees
from avatarlib.data.files.archives import ArchiveError
from avatarlib.data.files.download import ChecksumError
from avatarlib.data.files.images import CorruptImageWarning
from avatarlib.data.real import cartoonset
from avatarlib.data.real.cartoonset import CARTOONSET_ATTRIBUTES, CartoonSet

COUNT = 40
COLUMNS = ",".join(["filename", *CARTOONSET_ATTRIBUTES]) + "\n"      # of the table of a JPEG copy
ROW = "0/cs{:04}.jpg" + ",0" * len(CARTOONSET_ATTRIBUTES) + "\n"


def colour_of(number):
    return (number, 255 - number, 7 * number % 256)


def labels_of(number):
    return [number % count for count in CARTOONSET_ATTRIBUTES.values()]


def attribute_lines(number):
    """The file as Google writes it, such as ``"face_shape", 4, 7``."""
    rows = zip(CARTOONSET_ATTRIBUTES.items(), labels_of(number), strict=True)
    return "".join(f'"{name}", {index}, {count}\n' for (name, count), index in rows)


def write_set(folder, *, folders=1, suffix="png", csv=True):
    """Flat, or in folders 0, 1, ... as the 100k set; picture and attributes both tell the number."""
    for number in range(COUNT):
        place = folder / str(number % folders) if folders > 1 else folder
        place.mkdir(parents=True, exist_ok=True)
        mode, colour = ("RGB", colour_of(number)) if suffix == "jpg" else ("RGBA", (*colour_of(number), 255))
        Image.new(mode, (50, 50), colour).save(place / f"cs{number:04}.{suffix}", quality=100, subsampling=0)
        if csv:
            (place / f"cs{number:04}.csv").write_text(attribute_lines(number))
    return folder


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("AVATARLIB_CACHE", str(tmp_path / "cache"))


def load(root, **options):
    return CartoonSet(root, size=8, progress=False, **options)


def check(train, test, tolerance=0):
    """Both splits together hold every picture once, each with its own labels."""
    found = set()
    for part in (train, test):
        for row in range(len(part)):
            numbers = [n for n in range(COUNT) if labels_of(n) == part.labels[row].tolist()]
            assert len(numbers) == 1
            expected = np.array(colour_of(numbers[0]))[:, None, None]
            assert np.abs(part.images[row].astype(int) - expected).max() <= tolerance
            found.add(numbers[0])
    assert found == set(range(COUNT))
    assert len(train) + len(test) == COUNT
    assert len(test) > 0


@pytest.mark.parametrize(("variant", "folders"), [("10k", 1), ("100k", 10)])
def test_both_layouts(tmp_path, variant, folders):
    write_set(tmp_path / f"cartoonset{variant}", folders=folders)
    train, test = (load(tmp_path, variant=variant, split=split) for split in ("train", "test"))
    check(train, test)
    assert train.name == f"CartoonSet {variant} (train)"
    assert list(train.schema) == list(CARTOONSET_ATTRIBUTES)
    assert train.schema["face_shape"] == ("0", "1", "2", "3", "4", "5", "6")
    assert train[0]["image"].shape == (3, 8, 8)
    assert train[0]["labels"].dtype == torch.int64


def test_the_known_attributes_are_the_published_ones():
    """18 attributes, 217 variants in all; their product is the 10^13 combinations of the download page."""
    assert len(CARTOONSET_ATTRIBUTES) == 18
    assert sum(CARTOONSET_ATTRIBUTES.values()) == 217
    assert 1e13 < np.prod(list(CARTOONSET_ATTRIBUTES.values()), dtype=float) < 1e14


def test_the_folder_itself_can_be_the_root(tmp_path):
    folder = write_set(tmp_path / "cartoonset10k")
    check(load(folder), load(folder, split="test"))
    with pytest.raises(ValueError, match="root must hold the folder cartoonset100k"):
        load(folder, variant="100k")


@pytest.mark.parametrize("name", ["cartoonset10k", "cartoonset10k_jpg"])
def test_a_set_one_folder_too_deep_is_found(tmp_path, name):
    write_set(tmp_path / name / name)
    check(load(tmp_path), load(tmp_path, split="test"))


@pytest.mark.parametrize(("there", "seen"), [
    ("", "which is empty"), ("set.tgz", r"which holds set\.tgz/"), ("data/10k/", "which holds data/")])
def test_what_lies_in_place_of_the_set_is_told(tmp_path, there, seen):
    (tmp_path / "root" / there).mkdir(parents=True)
    with pytest.raises(ValueError, match=rf"root must hold the folder cartoonset10k, got '.*root', {seen}; download"):
        load(tmp_path / "root")


def test_a_jpeg_copy_with_one_table_has_the_same_splits(tmp_path):
    """Kaggle's layout: folders of JPEG files, and one table with a column an attribute, in another order."""
    write_set(tmp_path / "cartoonset100k_jpg", folders=10, suffix="jpg", csv=False)
    columns = sorted(CARTOONSET_ATTRIBUTES)
    lines = [",".join(["filename", *columns])]
    for number in range(COUNT):
        values = dict(zip(CARTOONSET_ATTRIBUTES, labels_of(number), strict=True))
        lines.append(",".join([f"{number % 10}/cs{number:04}.jpg", *(str(values[name]) for name in columns)]))
    (tmp_path / "cartoon_image_attributes.csv").write_text("\n".join(lines))
    train, test = (load(tmp_path, variant="100k", split=split) for split in ("train", "test"))
    check(train, test, tolerance=3)
    write_set(tmp_path / "png" / "cartoonset10k")
    assert torch.equal(load(tmp_path / "png", split="test").labels, test.labels)


def test_pictures_without_attribute_files(tmp_path):
    write_set(tmp_path / "cartoonset10k", csv=False)
    with pytest.raises(ValueError, match=r"lack their attribute file: cs\d+\.csv, .*labelled=False"):
        load(tmp_path)
    bare = load(tmp_path, labelled=False)
    assert bare.schema == {}
    assert bare.labels.shape == (len(bare), 0)
    assert bare.batch([0, 1])["image"].shape == (2, 3, 8, 8)


def test_about_one_name_in_ten_is_a_test_name(tmp_path):
    """Binomial with n = 10,000 and p = 0.1: 1,000, standard deviation 30."""
    names = [tmp_path / f"cs{number}.png" for number in range(10_000)]
    assert abs(sum(cartoonset.in_split(name, "test") for name in names) - 1000) < 4 * 30
    assert all(cartoonset.in_split(name, "test") != cartoonset.in_split(name, "train") for name in names[:100])


def test_the_split_of_a_picture_does_not_depend_on_the_others(tmp_path):
    folder = write_set(tmp_path / "cartoonset10k")
    before = {tuple(row) for row in load(tmp_path, split="test").labels.tolist()}
    for number in range(0, COUNT, 2):
        for suffix in ("png", "csv"):
            (folder / f"cs{number:04}.{suffix}").unlink()
    after = {tuple(row) for row in load(tmp_path, split="test").labels.tolist()}
    assert after == {tuple(labels_of(n)) for n in range(1, COUNT, 2)} & before
    assert after


def test_the_cache_is_used_and_notices_changes(tmp_path, monkeypatch):
    folder = write_set(tmp_path / "cartoonset10k")
    first = load(tmp_path)
    assert isinstance(first.images, np.memmap)
    with monkeypatch.context() as without:
        without.setattr(trees, "load_images", None)     # a second decoding would fail
        assert np.array_equal(load(tmp_path).images, first.images)
    train = next(path for path in cartoonset.list_pictures(folder) if cartoonset.in_split(path, "train"))
    Image.new("RGB", (50, 50), "white").save(train)
    assert (load(tmp_path).images[0] == 255).all()
    file = train.with_suffix(".csv")                        # as many bytes as before, but later
    file.write_text(file.read_text().replace('"eye_lid", 0,', '"eye_lid", 1,'))
    os.utime(file, (2e9, 2e9))
    column = list(CARTOONSET_ATTRIBUTES).index("eye_lid")
    assert (first.labels[0, column], load(tmp_path).labels[0, column]) == (0, 1)


def test_a_corrupt_picture_is_left_out_with_its_labels(tmp_path):
    folder = write_set(tmp_path / "cartoonset10k")
    train = [path for path in cartoonset.list_pictures(folder) if cartoonset.in_split(path, "train")]
    train[1].write_bytes(train[1].read_bytes()[:80])
    with pytest.warns(CorruptImageWarning, match=f"1 of {len(train)} picture files left out: {train[1].name}"):
        shorter = load(tmp_path)
    assert len(shorter) == len(train) - 1
    for row, path in enumerate([train[0], *train[2:]]):
        number = int(path.stem[2:])
        assert shorter.labels[row].tolist() == labels_of(number)
        assert tuple(shorter.images[row, :, 0, 0]) == colour_of(number)


@pytest.mark.parametrize(("old", "new", "message"), [
    ('"face_shape", 0, 7', '"face_shape", 0, 8', r'cs\d+\.csv: expected "face_shape", INDEX, 7, got .face_shape, 0, 8'),
    ('"face_shape", 0, 7', '"face_shape", 7, 7', r"cs\d+\.csv: index of face_shape must be in 0\.\.6, got '7'"),
    ('"face_shape", 0, 7', '"face_shape", -1, 7', r"index of face_shape must be in 0\.\.6, got '-1'"),
    ('"face_shape", 0, 7', '"face_shape", 0', r'expected "face_shape", INDEX, 7'),
    ('"face_shape", 0, 7', '"nose", 0, 7', r"expected one of the attributes eye_angle, .*, got 'nose, 0, 7'"),
    ('"face_shape", 0, 7\n', "", r"cs\d+\.csv lacks face_shape"),
    ('"face_shape", 0, 7', '"face_shape", 0, 7\n"face_shape", 1, 7',
     r"cs\d+\.csv must name each attribute once, got face_shape twice"),
    ('"face_shape", 0, 7', '"' + "x" * 200_000, r"cs\d+\.csv is no attribute file: field larger than"),
    ('"face_shape", 0, 7', '"face_\0shape\xff', "cs"),
])
def test_attributes_that_are_not_cartoonsets_are_named(tmp_path, old, new, message):
    folder = write_set(tmp_path / "cartoonset10k")
    for number in (0, 7, 14, 21, 28, 35):                   # those of face_shape 0, in both splits
        file = folder / f"cs{number:04}.csv"
        assert old in file.read_text()
        file.write_bytes(file.read_text().replace(old, new).encode("latin-1"))
    with pytest.raises(ValueError, match=message):
        load(tmp_path)


@pytest.mark.parametrize(("table", "message"), [
    ("filename,hair\n0/cs0001.jpg,1\n", "lacks the columns chin_length, "),
    (COLUMNS, r"has no row for \d+ pictures: cs\d+\.jpg"),
    ("<!DOCTYPE html><html>", "is a web page, not a table"),
    ("filename;hair\n0/cs0001.jpg;1\n", "must be separated by commas, got 'filename;hair'"),
    (COLUMNS + 2 * ROW.format(1), "must have one row a picture, got several of cs0001"),
    (COLUMNS + "".join(map(ROW.replace(",0\n", "\n").format, range(COUNT))),
     r", cs\d+\.jpg: index of eye_eyebrow_distance must be in 0\.\.2, got ''"),
], ids=["columns", "rows", "page", "semicolons", "twice", "short"])
def test_a_table_that_does_not_fit_is_named(tmp_path, table, message):
    write_set(tmp_path / "cartoonset100k_jpg", folders=10, suffix="jpg", csv=False)
    (tmp_path / "cartoon_image_attributes.csv").write_text(table)
    with pytest.raises(ValueError, match=rf"cartoon_image_attributes\.csv ?{message}"):
        load(tmp_path, variant="100k")


@pytest.mark.parametrize(("options", "message"), [
    ({"variant": "1k"}, r"variant must be one of \('10k', '100k'\), got '1k'"),
    ({"split": "valid"}, "split must be 'train' or 'test', got 'valid'"),
    ({}, "root must hold the folder cartoonset10k, got .*download=True"),
])
def test_arguments_are_named(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        load(tmp_path, **options)


def packed(folder, *, cut=None):
    """An archive like Google's, in memory: one top folder, gzip."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        tar.add(folder, folder.name)
    return buffer.getvalue()[:cut]


@pytest.fixture
def published(tmp_path, web, monkeypatch):
    """A server whose first mirror asks for a login and whose second has the archive."""
    web.files["login"] = b"<html>please log in</html>"
    web.files["set.tgz"] = packed(write_set(tmp_path / "made" / "cartoonset10k"))
    source = cartoonset.Source((web.url("login"), web.url("set.tgz")), COUNT)
    monkeypatch.setitem(cartoonset.SOURCES, "10k", source)
    return web


def test_download_unpack_and_load(tmp_path, published, monkeypatch):
    published.cut = len(published.files["set.tgz"]) // 2 + 512
    monkeypatch.setattr(download, "CHUNK", 512)     # the archive is smaller than one block
    root = tmp_path / "root"
    train = load(root, download=True)
    check(train, load(root, split="test", download=True))
    assert [path for path, *_ in published.log] == ["/login", "/set.tgz", "/set.tgz"]
    kept = {path.name for path in root.iterdir() if path.suffix != ".lock"}
    assert kept == {"cartoonset10k", "cartoonset10k.archive.sha256"}


def test_an_empty_folder_is_downloaded_into(tmp_path, published):
    (tmp_path / "cartoonset10k").mkdir()
    check(load(tmp_path, download=True), load(tmp_path, split="test"))


def test_a_folder_with_other_things_is_not_downloaded_over(tmp_path, published):
    (tmp_path / "cartoonset10k" / "mine").mkdir(parents=True)
    with pytest.raises(ValueError, match=r"root must hold no folder cartoonset10k or an empty one to download into, "
                                         r"got '.*cartoonset10k', which holds mine/"):
        load(tmp_path, download=True)
    assert published.log == []


def test_the_default_root_is_in_the_cache(tmp_path, published):
    load(None, download=True)
    assert (tmp_path / "cache" / "cartoonset" / "cartoonset10k" / "cs0000.png").exists()


@pytest.mark.parametrize("fault", ["picture missing", "attributes missing", "cut"])
def test_an_incomplete_archive_is_refused_and_not_trusted_later(tmp_path, published, fault):
    good = published.files["set.tgz"]
    made = tmp_path / "made" / "cartoonset10k"
    if fault != "cut":
        (made / ("cs0003.png" if fault == "picture missing" else "cs0003.csv")).unlink()
    published.files["set.tgz"] = packed(made, cut=2000 if fault == "cut" else None)
    message = "cut short" if fault == "cut" else "expected 40 pictures with a CSV each, got"
    with pytest.raises(ArchiveError, match=message):
        load(tmp_path / "root", download=True)
    published.files["set.tgz"] = good
    assert len(load(tmp_path / "root", download=True)) > 0


def test_only_a_login_page_is_a_clear_error(tmp_path, published):
    del published.files["set.tgz"]
    with pytest.raises(ChecksumError, match=r"(?s)login: expected a tar or zip archive, got .*<html>.*404.*set\.tgz"):
        load(tmp_path / "root", download=True)
