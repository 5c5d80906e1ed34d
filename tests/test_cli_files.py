"""The commands that turn folders of pictures into others: names, what is done again, and bad files among good ones."""

from __future__ import annotations

import io
import json
import os
import sys
import unicodedata

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from skimage import data as pictures

from avatarlib.cli import files as cli_files
from avatarlib.cli import main
from avatarlib.data import CorruptImageWarning, load_image, smooth_edges
from avatarlib.data.real.illustration2vec import read_probabilities


def run(*arguments):
    return main(["data", *map(str, arguments)])


@pytest.fixture
def cartoons(tmp_path):
    """Three pictures, two of one name, and a broken one."""
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    draws = np.random.default_rng(0)
    for name in ("a.png", "a.bmp", "deep/b.png"):
        Image.fromarray(draws.integers(0, 2, (24, 24, 3)).astype(np.uint8) * 255).save(folder / name)
    (folder / "broken.jpg").write_bytes(b"")
    return folder


def files_in(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_smooth_writes_every_picture_once(tmp_path, cartoons, capsys):
    out = tmp_path / "out"
    assert run("smooth", cartoons, out, "--size", 16) == 0
    told = capsys.readouterr()
    assert "3 smoothed, 1 unreadable" in told.out
    assert "broken.jpg is unreadable: not a picture" in told.err + told.out
    assert "smoothing edges" in told.err
    assert files_in(out) == {"settings.json", "smoothed.csv", "a.png", "a.bmp.png", "deep/b.png"}
    expected = smooth_edges(load_image(cartoons / "deep" / "b.png", 16)[None])[0]
    assert np.array_equal(np.asarray(Image.open(out / "deep" / "b.png")), expected.transpose(1, 2, 0))


def noise(path, seed):
    """A picture of 24 pixels of black and white noise."""
    pixels = np.random.default_rng(seed).integers(0, 2, (24, 24, 3)).astype(np.uint8) * 255
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def smoothed_pixels(path):
    return smooth_edges(load_image(path, 16)[None])[0].transpose(1, 2, 0)


def test_smooth_goes_on_and_does_changed_pictures_again(tmp_path, cartoons, capsys):
    """Another date alone is no change; other bytes are, with an older date, too (cp -p, unzip, rsync -t)."""
    out = tmp_path / "out"
    run("smooth", cartoons, out, "--size", 16)
    (out / "a.bmp.png").unlink()                            # an interruption would leave it out
    os.utime(cartoons / "a.png", (3e9, 3e9))
    noise(cartoons / "deep" / "b.png", 7)
    os.utime(cartoons / "deep" / "b.png", (1e9, 1e9))
    capsys.readouterr()
    assert run("smooth", cartoons, out, "--size", 16) == 0
    assert "2 smoothed, 1 there, 1 unreadable" in capsys.readouterr().out
    assert np.array_equal(np.asarray(Image.open(out / "deep" / "b.png")), smoothed_pixels(cartoons / "deep" / "b.png"))
    noise(cartoons / "broken.jpg", 8)                       # and what is repaired is done
    assert run("smooth", cartoons, out, "--size", 16) == 0
    assert "1 smoothed, 3 there" in capsys.readouterr().out
    assert run("smooth", cartoons, out, "--size", 20) == 2
    assert "OUT was made with size = 16, got 20; give the same settings or another folder" in capsys.readouterr().err


def test_results_of_different_pictures_have_different_names(tmp_path, capsys):
    """As the disks of Windows and macOS see them, where x and X, and both ways to store an accent, are one."""
    names = ["x.png", "x.jpg", "x.png.jpg", "X.PNG", "X.jpg", "e\u0301.png", "\u00e9.bmp", "deep/x.png", "Deep/x.png"]
    for seed, name in enumerate(names):
        noise(tmp_path / "in" / name, seed)
    assert run("smooth", tmp_path / "in", tmp_path / "out", "--size", 16) == 0
    assert "9 smoothed ->" in capsys.readouterr().out
    table = pd.read_csv(tmp_path / "out" / "smoothed.csv", index_col="file")
    assert sorted(table.index) == sorted(names)
    assert len({unicodedata.normalize("NFC", name).casefold() for name in table["result"]}) == 9
    for file, result in table["result"].items():
        found = np.asarray(Image.open(tmp_path / "out" / result))
        assert np.array_equal(found, smoothed_pixels(tmp_path / "in" / file))
    assert table["result"]["x.png"] == "x.png"


def test_a_result_keeps_its_name_when_another_picture_comes(tmp_path):
    """Otherwise the old result would stay under the new picture's name, or a second copy beside it."""
    noise(tmp_path / "in" / "x.jpg", 0)
    run("smooth", tmp_path / "in", tmp_path / "out", "--size", 16)
    noise(tmp_path / "in" / "x.png", 1)
    run("smooth", tmp_path / "in", tmp_path / "out", "--size", 16)
    assert files_in(tmp_path / "out") == {"settings.json", "smoothed.csv", "x.png", "x.png.png"}
    for result, file in (("x.png", "x.jpg"), ("x.png.png", "x.png")):
        found = np.asarray(Image.open(tmp_path / "out" / result))
        assert np.array_equal(found, smoothed_pixels(tmp_path / "in" / file))


@pytest.mark.parametrize("name", [83 * "\u3042" + ".png", 250 * "x" + ".webp"], ids=["Japanese", "Latin"])
def test_names_as_long_as_a_disk_holds_are_written(tmp_path, capsys, name):
    """83 letters of three bytes and an ending are 253 bytes of 255."""
    noise(tmp_path / "in" / name, 0)
    assert len(os.fsencode(name)) >= 253
    assert run("smooth", tmp_path / "in", tmp_path / "out", "--size", 16) == 0
    assert "1 smoothed ->" in capsys.readouterr().out


def test_a_result_whose_name_no_disk_holds_is_named_and_the_others_are_made(tmp_path, capsys):
    """The second of two needs the longer name, of 259 bytes."""
    for seed, name in enumerate((250 * "x" + ".jpeg", 250 * "x" + ".png", "a.png")):
        noise(tmp_path / "in" / name, seed)
    assert run("smooth", tmp_path / "in", tmp_path / "out", "--size", 16) == 0
    told = capsys.readouterr().out
    assert "2 smoothed, 1 unwritable ->" in told
    assert "could not write" in told
    assert "File name too long" in told


@pytest.mark.skipif(sys.platform != "linux", reason="every name is UTF-8 there")
def test_names_that_are_no_utf_8_go_through_every_command(tmp_path, capsys, monkeypatch):
    """With an output that refuses what it cannot encode, as a terminal's is."""
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), "utf-8", errors="strict"))
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    name = os.fsdecode(b"\xe9t\xe9.png")
    noise(folder / name, 0)
    (folder / os.fsdecode(b"\xe9.jpg")).write_bytes(b"")
    with pytest.warns(CorruptImageWarning, match=r"1 of 2 .*udce9\.jpg is unreadable"):
        assert run("tags", "--from-folder", folder, "--out", tmp_path / os.fsdecode(b"\xe9.csv")) == 0
    assert read_probabilities(tmp_path / os.fsdecode(b"\xe9.csv"))[0] == [name]
    out = tmp_path / os.fsdecode(b"out\xe9")
    for told in ("1 smoothed, 1 unreadable", "1 there, 1 unreadable"):
        assert run("smooth", folder, out, "--size", 16) == 0
        sys.stdout.flush()
        assert told in sys.stdout.buffer.getvalue().decode()
    assert name in files_in(out)
    assert crop(folder, tmp_path / "faces", "--drop-duplicates") == 0


def test_a_picture_that_may_not_be_read_is_named_and_the_others_are_made(tmp_path, cartoons, capsys, monkeypatch):
    real = Image.open

    def refuse(path, *rest):
        if path.name == "a.bmp":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *rest)

    with monkeypatch.context() as locked:
        locked.setattr(Image, "open", refuse)
        assert run("smooth", cartoons, tmp_path / "out", "--size", 16) == 0
        told = capsys.readouterr().out
        assert "a.bmp is unreadable: Permission denied" in told
        assert "2 smoothed, 2 unreadable" in told
        assert crop(cartoons, tmp_path / "faces", "--drop-duplicates") == 0
        assert "2 no face, 2 unreadable" in capsys.readouterr().out
    assert run("smooth", cartoons, tmp_path / "out", "--size", 16) == 0     # allowed by now
    assert "1 smoothed, 2 there, 1 unreadable" in capsys.readouterr().out


@pytest.fixture
def scraped(tmp_path):
    """A face, the same in small, a picture without one, and a broken file."""
    folder = tmp_path / "scraped"
    folder.mkdir()
    face = Image.fromarray(pictures.astronaut()[:300, 60:360])
    face.save(folder / "face.jpg", quality=90)
    face.resize((200, 200)).save(folder / "smaller.png")
    Image.fromarray(pictures.coffee()).resize((150, 100)).save(folder / "coffee.png")
    (folder / "broken.png").write_bytes(b"")
    return folder


CASCADE = pictures.lbp_frontal_face_cascade_filename()


def crop(source, out, *options):
    return run("crop", source, out, "--cascade", CASCADE, "--size", 64, *options)


def test_crop_cuts_faces_and_keeps_a_table(tmp_path, scraped, capsys):
    out = tmp_path / "out"
    assert crop(scraped, out, "--drop-duplicates") == 0
    assert "1 duplicate, 1 face, 1 no face, 1 unreadable" in capsys.readouterr().out
    assert files_in(out) == {"settings.json", "duplicates.txt", "crops.csv", "face.png"}
    assert (out / "duplicates.txt").read_text().splitlines()[1:] == ["smaller.png"]
    with Image.open(out / "face.png") as face:
        assert (face.size, face.mode) == ((64, 64), "RGB")
    rows = pd.read_csv(out / "crops.csv", index_col="file", keep_default_na=False)
    assert rows["found"].to_dict() == {"broken.png": "unreadable", "coffee.png": "no face", "face.jpg": "face"}
    box = rows.loc["face.jpg"]
    assert box["result"] == "face.png"
    assert abs(float(box["left"]) - 112) < 25               # OpenCV: 172 in the whole picture, from which 60 are cut
    assert abs(float(box["width"]) - 102) < 25


def test_crop_keeps_duplicates_unless_asked(tmp_path, scraped):
    assert crop(scraped, tmp_path / "out") == 0
    assert {"face.png", "smaller.png"} <= files_in(tmp_path / "out")
    assert "duplicates.txt" not in files_in(tmp_path / "out")


def test_crop_goes_on_where_it_was_interrupted(tmp_path, scraped, monkeypatch, capsys):
    """The third picture is interrupted; the next call looks at it and at the broken one, not for duplicates again."""
    out, looked, real = tmp_path / "out", [], cli_files.open_picture

    def noted(path):
        looked.append(path.name)
        if len(looked) == 3:
            raise KeyboardInterrupt
        return real(path)

    monkeypatch.setattr(cli_files, "open_picture", noted)
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert crop(scraped, out, "--drop-duplicates") == 130
    assert looked == ["broken.png", "coffee.png", "face.jpg"]
    with monkeypatch.context() as without:
        without.setattr(cli_files, "keep_distinct", None)
        assert crop(scraped, out, "--drop-duplicates") == 0
    assert looked[3:] == ["broken.png", "face.jpg"]
    assert "1 duplicate, 1 face, 1 no face, 1 unreadable" in capsys.readouterr().out
    os.utime(scraped / "coffee.png", (3e9, 3e9))
    assert crop(scraped, out, "--drop-duplicates") == 0
    assert looked[5:] == ["broken.png"]


def test_a_face_whose_picture_was_replaced_by_one_without_is_removed(tmp_path, scraped, capsys):
    """Otherwise it would stay in the training set, and the table would say that there is none."""
    assert crop(scraped, tmp_path / "out") == 0
    assert (tmp_path / "out" / "face.png").exists()
    Image.open(scraped / "coffee.png").convert("RGB").save(scraped / "face.jpg")
    os.utime(scraped / "face.jpg", (1e9, 1e9))
    capsys.readouterr()
    assert crop(scraped, tmp_path / "out") == 0
    assert "1 face, 2 no face, 1 unreadable" in capsys.readouterr().out
    assert not (tmp_path / "out" / "face.png").exists()
    rows = pd.read_csv(tmp_path / "out" / "crops.csv", index_col="file", keep_default_na=False)
    assert (rows.loc["face.jpg", "found"], rows.loc["face.jpg", "result"]) == ("no face", "")


def test_results_stay_when_their_pictures_are_cleared_away(tmp_path, scraped):
    """Scrape, crop, delete, scrape the next: what was cropped is kept, in the table, too."""
    assert crop(scraped, tmp_path / "out") == 0
    (scraped / "face.jpg").unlink()
    assert crop(scraped, tmp_path / "out") == 0
    assert (tmp_path / "out" / "face.png").exists()
    assert "face.jpg" in pd.read_csv(tmp_path / "out" / "crops.csv")["file"].tolist()


@pytest.mark.parametrize("content", [b"", b"file,sha256\n", b"\xff\xfe\0", b"<html>"])
def test_a_damaged_table_of_results_means_that_all_is_done_again(tmp_path, cartoons, capsys, content):
    run("smooth", cartoons, tmp_path / "out", "--size", 16)
    before = files_in(tmp_path / "out")
    (tmp_path / "out" / "smoothed.csv").write_bytes(content)
    capsys.readouterr()
    assert run("smooth", cartoons, tmp_path / "out", "--size", 16) == 0
    assert "3 smoothed, 1 unreadable" in capsys.readouterr().out
    assert files_in(tmp_path / "out") == before


@pytest.mark.parametrize("content", ["", "{", "null", "[1]"])
def test_settings_that_are_none_are_named(tmp_path, cartoons, capsys, content):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "settings.json").write_text(content)
    assert run("smooth", cartoons, tmp_path / "out") == 2
    assert "OUT must be new, empty or of an earlier run, got" in capsys.readouterr().err
    assert (tmp_path / "out" / "settings.json").read_text() == content


def test_a_failed_write_leaves_no_half_picture(tmp_path, cartoons, monkeypatch, capsys):
    def cut(self, path, **options):
        path.write_bytes(b"\x89PNG half")
        raise OSError("disk full")

    with monkeypatch.context() as full:
        full.setattr(Image.Image, "save", cut)      # not the fault of one picture: it ends the run
        assert run("smooth", cartoons, tmp_path / "out") == 2
    assert "disk full" in capsys.readouterr().err
    assert files_in(tmp_path / "out") == {"settings.json", "smoothed.csv"}
    assert run("smooth", cartoons, tmp_path / "out") == 0


def test_the_settings_of_a_folder_are_plain_json(tmp_path, cartoons):
    run("smooth", cartoons, tmp_path / "out", "--size", 16)
    assert json.loads((tmp_path / "out" / "settings.json").read_text()) == {"command": "smooth", "size": 16}
