"""CelebA: torchvision's folder and Kaggle's, written small; labels, landmarks and splits."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import datasets

from avatarlib.data.files.download import DownloadError
from avatarlib.data.real import celeba
from avatarlib.data.real.celeba import CelebA

COUNT = 12
ATTRIBUTES = [f"Attribute_{number}" for number in range(39)] + ["Young"]
POINTS = [f"{part}_{axis}" for part in ("lefteye", "righteye", "nose", "leftmouth", "rightmouth") for axis in "xy"]
NAMES = [f"{number:06}.jpg" for number in range(1, COUNT + 1)]
DRAWS = np.random.default_rng(0)
SIGNS = DRAWS.choice([-1, 1], (COUNT, 40))
PLACES = DRAWS.integers(40, 170, (COUNT, 10))
PARTITION = [0] * 7 + [1] * 2 + [2] * 3


def write_pictures(folder):
    """Each of one grey, with a white top and bottom stripe that the central square leaves out."""
    folder.mkdir(parents=True)
    for number, name in enumerate(NAMES):
        pixels = np.full((218, 178, 3), 255, np.uint8)
        pixels[16:200] = 10 * number            # whole blocks of the JPEG
        Image.fromarray(pixels).save(folder / name, quality=100)


def write_text(root):
    """The lists as their authors give them, with two spaces before single digits, as torchvision reads them."""
    folder = root / "celeba"
    write_pictures(folder / "img_align_celeba")
    rows = {"attr_celeba": (ATTRIBUTES, SIGNS), "landmarks_align_celeba": (POINTS, PLACES),
            "bbox_celeba": (["x_1", "y_1", "width", "height"], np.ones((COUNT, 4), int))}
    for name, (columns, values) in rows.items():
        lines = [str(COUNT), " ".join(columns)]
        lines += [f"{file} " + " ".join(f"{value:2}" for value in row)
                  for file, row in zip(NAMES, values.tolist(), strict=True)]
        (folder / f"list_{name}.txt").write_text("\n".join(lines) + "\n")
    (folder / "list_eval_partition.txt").write_text(
        "".join(f"{name} {part}\n" for name, part in zip(NAMES, PARTITION, strict=True)))
    (folder / "identity_CelebA.txt").write_text("".join(f"{name} 1\n" for name in NAMES))
    return root


def write_csv(root):
    """Kaggle's copy: CSV lists, pictures one folder deeper."""
    write_pictures(root / "img_align_celeba" / "img_align_celeba")
    for name, columns, values in (("attr_celeba", ATTRIBUTES, SIGNS), ("landmarks_align_celeba", POINTS, PLACES),
                                  ("eval_partition", ["partition"], np.array(PARTITION)[:, None])):
        lines = [",".join(["image_id", *columns])]
        lines += [",".join([file, *map(str, row)]) for file, row in zip(NAMES, values.tolist(), strict=True)]
        (root / f"list_{name}.csv").write_text("\n".join(lines) + "\n")
    return root


@pytest.fixture
def options(tmp_path):
    return {"size": 32, "progress": False, "cache": tmp_path / "cache"}


@pytest.mark.parametrize("write", [write_text, write_csv])
def test_both_layouts(tmp_path, options, write):
    data = CelebA(write(tmp_path / "root"), split="all", **options)
    assert len(data) == COUNT
    assert data.schema == dict.fromkeys(ATTRIBUTES, ("no", "yes"))
    assert torch.equal(data.labels, torch.from_numpy((SIGNS > 0).astype(np.int64)))
    inner = data.images[:, :, 3:-3].astype(int)         # the resize filter sees beyond the cut's edge
    assert np.abs(inner - 10 * np.arange(COUNT)[:, None, None, None]).max() <= 3
    assert [path.name for path in data.files] == NAMES
    assert data[0]["landmarks"].shape == (5, 2)


@pytest.mark.parametrize(("split", "rows"), [("train", range(7)), ("valid", [7, 8]), ("test", [9, 10, 11])])
def test_the_official_splits_with_the_labels_that_torchvision_reads(tmp_path, options, monkeypatch, split, rows):
    root = write_text(tmp_path / "root")
    data = CelebA(root, split=split, **options)
    monkeypatch.setattr(datasets.CelebA, "_check_integrity", lambda self: True)     # these lists have other MD5 sums
    theirs = datasets.CelebA(str(root), split=split, target_type=["attr", "landmarks"])
    assert [path.name for path in data.files] == list(theirs.filename) == [NAMES[row] for row in rows]
    assert torch.equal(data.labels, theirs.attr)
    assert list(data.schema) == theirs.attr_names
    undone = (data.extras["landmarks"] + 0.5) * 178 / 32 - 0.5 + [0, 20]
    np.testing.assert_allclose(undone.reshape(-1, 10), theirs.landmarks_align.numpy(), atol=1e-3)


def test_a_landmark_lies_on_the_dot_that_marks_it(tmp_path, options):
    """A white dot of 11 pixels at the left eye (60, 110): its centre of mass in the resized picture."""
    root = write_text(tmp_path / "root")
    pixels = np.zeros((218, 178, 3), np.uint8)
    x, y = PLACES[0, :2]
    pixels[y - 5:y + 6, x - 5:x + 6] = 255
    Image.fromarray(pixels).save(root / "celeba" / "img_align_celeba" / NAMES[0], quality=100)
    data = CelebA(root, **{**options, "size": 64})
    weight = data.images[0, 0].astype(float) * (data.images[0, 0] > 40)
    rows, columns = np.indices(weight.shape)
    centre = [(weight * columns).sum() / weight.sum(), (weight * rows).sum() / weight.sum()]
    np.testing.assert_allclose(data.extras["landmarks"][0, 0], centre, atol=0.15)


def test_without_the_landmark_list_there_are_none(tmp_path, options):
    root = write_text(tmp_path / "root")
    (root / "celeba" / "list_landmarks_align_celeba.txt").unlink()
    assert CelebA(root, **options).extras == {}
    assert len(CelebA(root / "celeba", count=3, **options)) == 3


def test_files_that_are_there_are_not_fetched(tmp_path, options, monkeypatch):
    root = write_text(tmp_path / "root")
    asked = []

    def fake(root, split, download):
        asked.append((root, split, download))
        write_text(tmp_path / "empty")

    monkeypatch.setattr(celeba.datasets, "CelebA", fake)
    assert len(CelebA(root, download=True, **options)) == 7
    assert asked == []
    (tmp_path / "empty").mkdir()
    assert len(CelebA(tmp_path / "empty", download=True, **options)) == 7
    assert asked == [(str(tmp_path / "empty"), "all", True)]


@pytest.mark.parametrize(("settings", "message"), [
    ({"split": "dev"}, r"split must be one of \('train', 'valid', 'test', 'all'\), got 'dev'"),
    ({"size": 0}, r"size must be an integer in \[1, 4,096\], got 0"),
    ({"count": 0}, "count must be at least 1, got 0"),
])
def test_arguments_are_named(tmp_path, options, settings, message):
    with pytest.raises(ValueError, match=message):
        CelebA(tmp_path, **{**options, **settings})


@pytest.mark.parametrize(("damage", "message"), [
    (lambda folder: (folder / "img_align_celeba").rename(folder / "pictures"),
     r"root must hold celeba/img_align_celeba, got '.*celeba', which holds identity.*, pictures/.* download=True"),
    (lambda folder: (folder / "list_attr_celeba.txt").unlink(), r"root must hold list_attr_celeba\.txt or \.csv"),
    (lambda folder: (folder / "list_eval_partition.txt").unlink(),
     r"root must hold list_eval_partition\.txt or .*, which holds identity_CelebA\.txt, img_align_celeba/"),
    (lambda folder: (folder / "img_align_celeba" / NAMES[2]).unlink(), r"got 1 of 7 missing in .*000003\.jpg"),
    (lambda folder: (folder / "list_eval_partition.txt").write_text("a.jpg 0\n"), r"got 1 without a row .* a\.jpg"),
    (lambda folder: (folder / "list_eval_partition.txt").write_text(f"{NAMES[0]} 2\n"), "got none in"),
], ids=["pictures", "attributes", "partition", "picture", "names", "split"])
def test_what_is_missing_is_named(tmp_path, options, damage, message):
    root = write_text(tmp_path / "root")
    damage(root / "celeba")
    with pytest.raises(ValueError, match=message):
        CelebA(root, **options)


def change(name, old, new, count=-1):
    """Write another text into a list."""
    def apply(folder):
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new, count))
    return apply


def whole(name, content):
    return lambda folder: (folder / name).write_bytes(content)


PAGE = b"\n<!DOCTYPE html><html><title>Google Drive - Quota exceeded</title>"
ROW = f"{NAMES[2]} " + " ".join(f"{value:2}" for value in SIGNS[2].tolist())


@pytest.mark.parametrize(("damage", "message"), [
    (whole("list_attr_celeba.txt", PAGE), r"list_attr_celeba\.txt is a web page, not a table"),
    (whole("list_eval_partition.txt", PAGE), r"list_eval_partition\.txt is a web page, not a table"),
    (whole("list_attr_celeba.txt", b""), r"list_attr_celeba\.txt is empty"),
    (whole("list_attr_celeba.txt", b"12\na b\n"), r"list_attr_celeba\.txt is no table that can be read: No columns"),
    (change("list_eval_partition.txt", " ", ";"),
     r"list_eval_partition\.txt must have file names in its first column, got '000001\.jpg;0'"),
    (change("list_attr_celeba.txt", ROW, f"{ROW}\n{ROW}"),
     r"list_attr_celeba\.txt must have one row a picture, got several of 000003\.jpg"),
    (change("list_eval_partition.txt", "000003.jpg 0", "000003.jpg 0\n000003.jpg 2"),
     r"list_eval_partition\.txt must have one row a picture, got several of 000003\.jpg"),
    (change("list_attr_celeba.txt", ROW, ROW[:-3]),
     r"list_attr_celeba\.txt must have numbers, got 'nan' for 000003\.jpg, Young"),
    (change("list_attr_celeba.txt", ROW, ROW + " 1"), r"list_attr_celeba\.txt is no table .* in line 5, saw 42"),
    (change("list_attr_celeba.txt", ROW, ROW[:-2] + "no"),
     r"list_attr_celeba\.txt must have numbers, got 'no' for 000003\.jpg, Young"),
    (change("list_attr_celeba.txt", "Young", ""),
     r"list_attr_celeba\.txt must have 39 numbers a row, as many as columns, got 40 and 39 columns"),
    (change("list_landmarks_align_celeba.txt", "lefteye_x ", ""), r"list_landmarks_align_celeba\.txt must have 10 num"),
    (change("list_attr_celeba.txt", "12\n", "", 1), r"list_attr_celeba\.txt must have 41 numbers a row"),
], ids=["page", "page-partition", "nothing", "no-rows", "semicolons", "twice", "twice-partition", "shorter", "longer",
        "word", "columns", "landmarks", "no-count"])
def test_what_is_wrong_with_a_text_list_is_told_with_its_name(tmp_path, options, damage, message):
    root = write_text(tmp_path / "root")
    damage(root / "celeba")
    with pytest.raises(ValueError, match=rf"^{message}"):
        CelebA(root, **options)


def with_index(folder):
    """As ``frame.to_csv(path)`` writes it after ``frame = pandas.read_csv(path)``."""
    path = folder / "list_attr_celeba.csv"
    head, *rows = path.read_text().splitlines()
    path.write_text("\n".join([f",{head}", *(f"{number},{row}" for number, row in enumerate(rows))]))


@pytest.mark.parametrize(("damage", "message"), [
    (with_index, r"list_attr_celeba\.csv must have file names in its first column, got '0' before them: an index that "
                 r"pandas wrote; write it with index=False"),
    (change("list_attr_celeba.csv", ",", ";"), r"list_attr_celeba\.csv must be separated by commas, got 'image_id;Att"),
    (whole("list_eval_partition.csv", PAGE), r"list_eval_partition\.csv is a web page, not a table"),
    (change("list_eval_partition.csv", "000003.jpg,0", "000003.jpg,0\n000003.jpg,1"),
     r"list_eval_partition\.csv must have one row a picture, got several of 000003\.jpg"),
    (change("list_eval_partition.csv", "000003.jpg,0", "000003.jpg,train"),
     r"list_eval_partition\.csv must have numbers, got 'train' for 000003\.jpg, partition"),
], ids=["index", "semicolons", "page", "twice", "word"])
def test_what_is_wrong_with_a_csv_list_is_told_with_its_name(tmp_path, options, damage, message):
    root = write_csv(tmp_path / "root")
    damage(root)
    with pytest.raises(ValueError, match=rf"^{message}"):
        CelebA(root, **options)


def test_a_copy_one_folder_too_deep_is_found(tmp_path, options):
    write_text(tmp_path / "root" / "celeba")
    assert len(CelebA(tmp_path / "root", **options)) == 7


@pytest.mark.parametrize("error", [RuntimeError("File not found or corrupted."), zipfile.BadZipFile("no zip file"),
                                   type("FileURLRetrievalError", (Exception,), {})("Too many users")])
def test_what_torchvision_throws_is_a_download_error(tmp_path, options, monkeypatch, error):
    def refuse(*_, **__):
        raise error

    monkeypatch.setattr(celeba.datasets, "CelebA", refuse)
    with pytest.raises(DownloadError, match=rf"torchvision could not fetch CelebA into .*{error}.*try again later"):
        CelebA(tmp_path, download=True, **options)
