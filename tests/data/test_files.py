"""Other people's files: which are pictures, what is passed over, and when a file counts as changed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

from avatarlib.data.files.paths import (
    CorruptImageWarning,
    content_digest,
    find_pictures,
    fingerprint,
    is_junk,
    seen_in,
    user_path,
)


def flat(path, colour=(200, 30, 40)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (16, 16), colour).save(path)


def test_what_is_no_picture_file_is_passed_over(tmp_path):
    """Hidden files, macOS's shadows, folders and pipes with a picture's name, other endings."""
    flat(tmp_path / "b.png")
    (tmp_path / "sub").mkdir()
    flat(tmp_path / "sub" / "a.jpeg")
    flat(tmp_path / "._b.png")
    for name in (".cache", "__MACOSX", "folder.png"):
        (tmp_path / name).mkdir()
        flat(tmp_path / name / ("._x.png" if name == "folder.png" else "x.png"))
    (tmp_path / "Thumbs.db").write_bytes(b"x")
    (tmp_path / "notes.txt").write_text("x")
    os.mkfifo(tmp_path / "pipe.png")        # opening it would wait for ever
    assert [path.relative_to(tmp_path).as_posix() for path in find_pictures(tmp_path)] == ["b.png", "sub/a.jpeg"]


def test_a_link_that_leads_back_up_ends(tmp_path):
    (tmp_path / "set" / "a").mkdir(parents=True)
    flat(tmp_path / "set" / "a" / "x.png")
    (tmp_path / "set" / "a" / "again").symlink_to(tmp_path / "set")
    (tmp_path / "linked").symlink_to(tmp_path / "set")
    assert [path.relative_to(tmp_path).as_posix() for path in find_pictures(tmp_path / "set")] == ["set/a/x.png"]
    assert len(find_pictures(tmp_path / "linked")) == 1


def test_a_folder_that_is_none_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"folder must be an existing folder, got .*none"):
        find_pictures(tmp_path / "none")


@pytest.mark.parametrize("junk", ["@eaDir", "__MACOSX", ".thumbnails", "#recycle", "$RECYCLE.BIN", "@Recycle",
                                  "System Volume Information", "lost+found", ".Trash-1000"])
def test_folders_that_systems_make_are_passed_over(tmp_path, junk):
    """A NAS puts its thumbnails beside the pictures, under the pictures' names."""
    flat(tmp_path / "cat" / "a.png")
    flat(tmp_path / junk / "a.png")
    flat(tmp_path / "cat" / junk / "a.png" / "SYNOPHOTO_THUMB_M.jpg")
    assert is_junk(junk)
    assert find_pictures(tmp_path) == [tmp_path / "cat" / "a.png"]


@pytest.mark.parametrize("name", ["#naruto", "@artist", "Macosx", "recycle"])
def test_folders_of_people_are_not(tmp_path, name):
    flat(tmp_path / name / "a.png")
    assert len(find_pictures(tmp_path)) == 1


@pytest.mark.parametrize("name", ["a.JPG", "a.jfif", "a.jpe", "a.avif", "a.heic", "a.svg", "a.psd"])
def test_pictures_of_every_ending_are_listed_so_that_reading_names_what_it_cannot(tmp_path, name):
    (tmp_path / name).write_bytes(b"x")
    assert [path.name for path in find_pictures(tmp_path)] == [name]


def test_a_subfolder_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    real = os.scandir

    def refuse(place):
        if Path(place).name == "locked":
            raise PermissionError(13, "Permission denied", str(place))
        return real(place)

    flat(tmp_path / "a.png")
    flat(tmp_path / "locked" / "b.png")
    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.warns(CorruptImageWarning, match=r"locked left out: Permission denied"):
        assert [path.name for path in find_pictures(tmp_path)] == ["a.png"]


def test_a_fingerprint_is_of_place_and_bytes_and_not_of_dates(tmp_path):
    """Copies keep dates, touching changes them: neither says anything of the content."""
    flat(tmp_path / "a" / "0.png", (1, 2, 3))
    flat(tmp_path / "b" / "0.png", (4, 5, 6))
    os.utime(tmp_path / "a" / "0.png", (1e9, 1e9))
    os.utime(tmp_path / "b" / "0.png", (1e9, 1e9))
    one, other = find_pictures(tmp_path / "a"), find_pictures(tmp_path / "b")
    assert one[0].stat().st_size == other[0].stat().st_size
    before = fingerprint(one)
    assert before != fingerprint(other)
    os.utime(one[0], (2e9, 2e9))
    assert fingerprint(one) == before
    shutil.copy2(other[0], one[0])                  # other bytes, as many, of an old date
    assert fingerprint(one) not in (before, fingerprint(other))
    one[0].rename(tmp_path / "a" / "1.png")
    assert fingerprint(find_pictures(tmp_path / "a")) != fingerprint(one)


def test_the_digest_of_a_file_and_of_none(tmp_path):
    """SHA-256 of "abc", from FIPS 180-2."""
    (tmp_path / "x").write_bytes(b"abc")
    assert content_digest(tmp_path / "x") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert content_digest(tmp_path / "none") == ""


def test_a_tilde_is_the_home_folder_and_an_unknown_users_is_left(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    flat(tmp_path / "pictures" / "a.png")
    assert user_path("~/pictures") == tmp_path / "pictures"
    assert user_path("~nobody-of-this-name/x") == Path("~nobody-of-this-name/x")
    assert find_pictures("~/pictures") == [tmp_path / "pictures" / "a.png"]


def test_what_is_found_in_place_of_a_folder_is_told(tmp_path):
    assert seen_in(tmp_path) == "which is empty"
    assert seen_in(tmp_path / "none") == "which is not there"
    for name in "abcdefgh":
        (tmp_path / name).write_text("x")
    (tmp_path / "a0").mkdir()
    assert seen_in(tmp_path) == "which holds a, a0/, b, c, d, e and 3 more"
    assert seen_in(tmp_path / "a") == "which is a file"
