"""Tags from tables: Illustration2Vec's probabilities by the papers' rule, and folders of tagged pictures."""

from __future__ import annotations

import os

import numpy as np
import pytest
import torch
from PIL import Image

from avatarlib.data.real.illustration2vec import read_probabilities, tags_from_probabilities, write_tags
from avatarlib.data.real.tag_csv import TagFolder
from avatarlib.data.tags import TAGS, tag_names, tag_vector

COUNT = 6
VALUES = np.random.default_rng(0).random((COUNT, 34)).round(4)
FILES = [f"{row}.png" for row in range(COUNT)]


def test_the_most_probable_colours_and_what_lies_above_a_quarter():
    """Brown beats black although both exceed 0.25; the eyes are grey-blue at best, yet blue it is.

    0.25 itself is not above the threshold.
    """
    values = torch.zeros(1, 34)
    for tag, value in {"brown hair": 0.9, "black hair": 0.6, "blue eyes": 0.02, "red eyes": 0.01, "long hair": 0.26,
                       "twintails": 0.25, "smile": 1.0, "hat": 0.24}.items():
        values[0, TAGS.index(tag)] = value
    assert tag_names(tags_from_probabilities(values)[0]) == ("brown hair", "long hair", "smile", "blue eyes")
    strict = tags_from_probabilities(values, threshold=0.5)[0]
    assert tag_names(strict) == ("brown hair", "smile", "blue eyes")


def test_every_picture_has_one_hair_and_one_eye_colour():
    tags = tags_from_probabilities(VALUES)
    assert tags.shape == (COUNT, 34)
    assert tags.dtype == torch.float32
    assert tags[:, :13].sum(1).tolist() == tags[:, 24:].sum(1).tolist() == [1.0] * COUNT
    assert torch.equal(tags[:, 13:24], torch.from_numpy(VALUES[:, 13:24] > 0.25).float())
    assert tags[:, :13].argmax(1).tolist() == VALUES[:, :13].argmax(1).tolist()


@pytest.mark.parametrize(("values", "options", "message"), [
    (np.zeros((2, 33)), {}, r"probabilities must be \(N, 34\), got \(2, 33\)"),
    (np.full((2, 34), 1.5), {}, r"probabilities must be in \[0, 1\], got values from 1\.5 to 1\.5"),
    (np.full((2, 34), np.nan), {}, r"probabilities must be in \[0, 1\], got values from nan"),
    (np.zeros((2, 34)), {"threshold": 2}, r"threshold must be in \[0, 1\], got 2"),
])
def test_probabilities_that_are_none_are_named(values, options, message):
    with pytest.raises(ValueError, match=message):
        tags_from_probabilities(values, **options)


def write_table(path, columns, values=VALUES, file="file"):
    lines = [",".join([file, *columns])]
    lines += [",".join([name, *map(str, row)]) for name, row in zip(FILES, values.tolist(), strict=True)]
    path.write_text("\n".join(lines) + "\n")
    return path


NUMBERED = [f"p_{number}" for number in range(34)]


@pytest.mark.parametrize(("columns", "file"), [
    (NUMBERED, "file"), (list(TAGS), "filename"), ([tag.replace(" ", "_").upper() for tag in TAGS], "Image"),
    ([tag.replace("grey", "gray") for tag in TAGS], "path"),
])
def test_columns_by_number_or_by_name(tmp_path, columns, file):
    files, values = read_probabilities(write_table(tmp_path / "p.csv", columns, file=file))
    assert files == FILES
    assert np.array_equal(values, VALUES)


def test_columns_in_another_order_among_others(tmp_path):
    """Illustration2Vec knows 1,539 tags; its table has them all, in an order of its own."""
    order = np.random.default_rng(1).permutation(34)
    columns = ["1girl", *(TAGS[place] for place in order), "rating:safe"]
    values = np.concatenate([np.ones((COUNT, 1)), VALUES[:, order], np.full((COUNT, 1), 7.0)], axis=1)
    assert np.array_equal(read_probabilities(write_table(tmp_path / "p.csv", columns, values))[1], VALUES)


@pytest.mark.parametrize(("change", "message"), [
    (lambda text: text.replace("file,", "picture,"), r"p\.csv must have a column 'file', got picture, p_0"),
    (lambda text: text.replace("p_7,", "p_77,"), r"p\.csv must have the columns p_7, got file, p_0, .*\.\.\."),
    (lambda text: text.replace("p_8,", "p_7,").replace("p_33", "p_8"), r"must have the columns p_33"),
    (lambda text: text.replace("p_33\n", "p_33,p_3\n").replace("\n", ",0\n").replace("p_3,0", "p_3"),
     r"must have each column once, got several of p_3"),
    (lambda text: text.replace("1.png", "0.png"), r"must name each file once, got '0\.png' again in line 3"),
    (lambda text: text.replace(str(VALUES[2, 5]), "high"), r"p_5 must be a number in \[0, 1\], got 'high' in line 4"),
    (lambda text: text.replace(str(VALUES[2, 5]), "1.01"), r"p_5 must be a number in \[0, 1\], got '1\.01' in line 4"),
    (lambda text: text.replace(str(VALUES[2, 5]), ""), r"p_5 must be a number in \[0, 1\], got '' in line 4"),
], ids=["file", "column", "columns", "twice", "again", "word", "range", "gap"])
def test_a_malformed_table_is_named(tmp_path, change, message):
    path = write_table(tmp_path / "p.csv", NUMBERED)
    path.write_text(change(path.read_text()))
    with pytest.raises(ValueError, match=message):
        read_probabilities(path)


@pytest.mark.parametrize(("content", "message"), [
    (b"", "is empty"), (b"\n\n", "is empty"),
    (b"\xef\xbb\xbf<!DOCTYPE html><html><title>Quota exceeded</title>", "is a web page, not a table"),
    (b"file;p_0;p_1\n0.png;0;1\n", "must be separated by commas, got 'file;p_0;p_1'"),
    (b"file\tp_0\n0.png\t0\n", r"must be separated by commas, got 'file\\tp_0'"),
    ("file,p_0\n".encode("utf-16"), "is no text in UTF-8"),
    (b"\x1f\x8b\x08\0\0\0\0\0,\0", "is no text in UTF-8"),
    (b"file,p_0\n0.png,0\n1.png,0,0\n", r"is no table that can be read: .*Expected 2 fields in line 3, saw 3"),
    (b'file,p_0\n"0.png,0\n', "is no table that can be read: "),
], ids=["nothing", "lines", "page", "semicolons", "tabs", "utf-16", "gzip", "longer", "quote"])
def test_a_file_that_is_no_table_is_named_instead_of_what_pandas_says(tmp_path, content, message):
    (tmp_path / "p.csv").write_bytes(content)
    with pytest.raises(ValueError, match=rf"^p\.csv {message}"):
        read_probabilities(tmp_path / "p.csv")


def test_a_table_as_a_spreadsheet_writes_it(tmp_path):
    """With a byte order mark and Windows line ends."""
    path = write_table(tmp_path / "p.csv", NUMBERED)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_probabilities(path)[0] == FILES


def test_a_name_that_is_no_utf_8_is_written_and_read(tmp_path):
    name = os.fsdecode(b"caf\xe9.png")
    write_tags(tmp_path / "tags.csv", [name], tag_vector(["smile"])[None])
    assert b"\ncaf\xe9.png,0," in (tmp_path / "tags.csv").read_bytes()
    files, values = read_probabilities(tmp_path / "tags.csv")
    assert files == [name]
    assert values.sum() == 1


def test_written_tags_are_read_again(tmp_path):
    tags = tags_from_probabilities(VALUES)
    write_tags(tmp_path / "tags.csv", FILES, tags)
    files, values = read_probabilities(tmp_path / "tags.csv")
    assert files == FILES
    assert torch.equal(torch.from_numpy(values).float(), tags)


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "anime"
    root.mkdir()
    for row, name in enumerate(FILES):
        Image.new("RGB", (20, 20), (10 * row,) * 3).save(root / name)
    return root


@pytest.fixture
def options(tmp_path):
    return {"size": 8, "progress": False, "cache": tmp_path / "cache"}


def test_a_folder_with_probabilities(folder, options):
    write_table(folder / "tags.csv", NUMBERED)
    data = TagFolder(folder, **options)
    assert torch.equal(data.tags, tags_from_probabilities(VALUES))
    assert data.schema == dict.fromkeys(TAGS, ("no", "yes"))
    assert data.images[:, 0, 0, 0].tolist() == [10 * row for row in range(COUNT)]
    assert data.name == "anime"
    assert torch.equal(TagFolder(folder, threshold=0.9, **options).tags, tags_from_probabilities(VALUES, threshold=0.9))


def test_tags_that_are_tags_already_are_left_alone(folder, options, tmp_path):
    """A bald face with closed eyes: no colour at all is no reason to invent one. Pictures not named stay out."""
    tags = torch.stack([tag_vector(["smile"]), tag_vector(["red hair", "glasses"])])
    write_tags(tmp_path / "two.csv", FILES[3:5], tags)
    data = TagFolder(folder, tmp_path / "two.csv", **options)
    assert torch.equal(data.tags, tags)
    assert [path.name for path in data.files] == FILES[3:5]
    write_tags(tmp_path / "two.csv", FILES[3:5], tags.flip(0))
    assert torch.equal(TagFolder(folder, tmp_path / "two.csv", **options).tags, tags.flip(0))


def test_what_does_not_fit_is_named(folder, options):
    with pytest.raises(ValueError, match=r"table must be a CSV file, got '.*tags\.csv', which is not there; avatarlib"):
        TagFolder(folder, **options)
    path = write_table(folder / "tags.csv", NUMBERED)
    path.write_text(path.read_text().replace("3.png", 300 * "x" + ".png"))
    with pytest.raises(ValueError, match=r"tags\.csv must name files under root, got 1 that are not there, .*'xxx"):
        TagFolder(folder, **options)
    write_table(folder / "tags.csv", NUMBERED)
    (folder / "2.png").unlink()
    with pytest.raises(ValueError, match=r"tags\.csv must name files under root, got 1 that are not there, .*'2\.png'"):
        TagFolder(folder, **options)
