"""The data commands: what they write, that they go on after an interruption, and what they refuse."""

from __future__ import annotations

import json
import os

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from skimage import data as pictures

from avatarlib import cli_files
from avatarlib.cli import main
from avatarlib.data import TAGS, TagFolder, TaggedAvatarSet, load_image, smooth_edges
from avatarlib.data.illustration2vec import read_probabilities, tags_from_probabilities

COMMANDS = ("avatarset", "portraits", "tags", "cartoonset", "smooth", "crop")


def run(*arguments):
    return main(["data", *map(str, arguments)])


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as ended:
        run(command, "--help")
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert f"usage: avatarlib data {command}" in told
    assert "--size" in told


def test_tags_of_a_folder_are_estimated_by_the_tagger(tmp_path, capsys):
    """Avatars written as files come back as a table with the tags that they were drawn from."""
    avatars = TaggedAvatarSet(count=12, seed=4, split="test", progress=False)
    for row, pixels in enumerate(avatars.images):
        (tmp_path / "in" / "deep").mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels.transpose(1, 2, 0)).save(tmp_path / "in" / "deep" / f"{row:02}.png")
    assert run("tags", "--from-folder", tmp_path / "in", "--out", tmp_path / "tags.csv") == 0
    table = pd.read_csv(tmp_path / "tags.csv")
    assert table["file"].tolist() == [f"deep/{row:02}.png" for row in range(12)]
    assert (table[list(TAGS)].to_numpy() == avatars.labels.numpy()).mean() > 0.97
    again = TagFolder(tmp_path / "in", tmp_path / "tags.csv", size=32, progress=False, cache=tmp_path)
    assert again.tags.shape == (12, 34)
    assert "Jin et al." in capsys.readouterr().out


@pytest.mark.parametrize("command", ["portraits", "tags"])
def test_a_drawn_set_is_told_and_shown(tmp_path, capsys, command):
    assert run(command, "--count", 8, "--size", 64, "--grid", tmp_path / "grid.png") == 0
    assert "8 pictures of 64 px" in capsys.readouterr().out
    with Image.open(tmp_path / "grid.png") as grid:
        assert grid.size == (8 * 66 + 2, 66 + 2)


def test_tags_are_counted_beside_the_papers(capsys):
    """One hair and one eye colour a picture: both groups add up to the count."""
    assert run("tags", "--count", 24, "--size", 16, "--prior", "empirical") == 0
    lines = capsys.readouterr().out.splitlines()
    rows = {line[:14].strip(): line[14:].replace(",", "").split() for line in lines if line[:14].strip() in TAGS}
    assert len(rows) == 34
    counts = [int(rows[tag][0]) for tag in TAGS]
    assert sum(counts[:13]) == sum(counts[24:]) == 24
    assert rows["blonde hair"][2:] == ["4991", "16.0%"]
    assert rows["smile"][1] == f"{int(rows['smile'][0]) / 24:.1%}"


def write_probabilities(path, count=5):
    values = np.random.default_rng(0).random((count, 34)).round(3)
    table = pd.DataFrame(values, columns=[f"p_{tag}" for tag in range(34)])
    table.insert(0, "file", [f"{row}.png" for row in range(count)])
    table.to_csv(path, index=False)
    return values


def test_probabilities_become_a_table_of_tags(tmp_path, capsys):
    values = write_probabilities(tmp_path / "p.csv")
    assert run("tags", "--from-csv", tmp_path / "p.csv", "--out", tmp_path / "new" / "tags.csv") == 0
    files, tags = read_probabilities(tmp_path / "new" / "tags.csv")
    assert files == [f"{row}.png" for row in range(5)]
    assert np.array_equal(tags, tags_from_probabilities(values).numpy())
    assert f"{'pictures':14}{5:9}" in capsys.readouterr().out
    run("tags", "--from-csv", tmp_path / "p.csv", "--out", tmp_path / "strict.csv", "--threshold", "0.9")
    strict = read_probabilities(tmp_path / "strict.csv")[1]
    assert np.array_equal(strict, tags_from_probabilities(values, threshold=0.9).numpy())


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
    assert files_in(out) == {"settings.json", "a.png.png", "a.bmp.png", "deep/b.png"}
    expected = smooth_edges(load_image(cartoons / "deep" / "b.png", 16)[None])[0]
    assert np.array_equal(np.asarray(Image.open(out / "deep" / "b.png")), expected.transpose(1, 2, 0))


def test_smooth_goes_on_and_does_changed_pictures_again(tmp_path, cartoons, capsys):
    out = tmp_path / "out"
    run("smooth", cartoons, out, "--size", 16)
    (out / "a.bmp.png").unlink()                            # an interruption would leave it out
    os.utime(cartoons / "deep" / "b.png", (3e9, 3e9))       # changed since
    capsys.readouterr()
    assert run("smooth", cartoons, out, "--size", 16) == 0
    assert "2 smoothed, 1 there, 1 unreadable" in capsys.readouterr().out
    assert run("smooth", cartoons, out, "--size", 20) == 2
    assert "OUT was made with size = 16, got 20; give the same settings or another folder" in capsys.readouterr().err


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
    assert crop(scraped, out) == 0
    assert "1 duplicate, 1 face, 1 no face, 1 unreadable" in capsys.readouterr().out
    assert files_in(out) == {"settings.json", "duplicates.txt", "crops.csv", "face.png"}
    assert (out / "duplicates.txt").read_text().splitlines()[1:] == ["smaller.png"]
    with Image.open(out / "face.png") as face:
        assert (face.size, face.mode) == ((64, 64), "RGB")
    rows = pd.read_csv(out / "crops.csv", index_col="file", keep_default_na=False)
    assert rows["found"].to_dict() == {"broken.png": "unreadable", "coffee.png": "no face", "face.jpg": "face"}
    box = rows.loc["face.jpg"]
    assert box["crop"] == "face.png"
    assert abs(float(box["left"]) - 112) < 25               # OpenCV: 172 in the whole picture, from which 60 are cut
    assert abs(float(box["width"]) - 102) < 25


def test_crop_keeps_duplicates_when_asked(tmp_path, scraped):
    assert crop(scraped, tmp_path / "out", "--keep-duplicates") == 0
    assert {"face.png", "smaller.png"} <= files_in(tmp_path / "out")
    assert "duplicates.txt" not in files_in(tmp_path / "out")


def test_crop_goes_on_where_it_was_interrupted(tmp_path, scraped, monkeypatch, capsys):
    """The third picture is interrupted; the next call looks at that one only, and not for duplicates again."""
    out, looked, real = tmp_path / "out", [], cli_files.crop_file

    def noted(path, *rest):
        looked.append(path.name)
        if len(looked) == 3:
            raise KeyboardInterrupt
        return real(path, *rest)

    monkeypatch.setattr(cli_files, "crop_file", noted)
    monkeypatch.setattr(cli_files.os, "cpu_count", lambda: 1)
    assert crop(scraped, out) == 130
    assert looked == ["broken.png", "coffee.png", "face.jpg"]
    with monkeypatch.context() as without:
        without.setattr(cli_files, "keep_distinct", None)
        assert crop(scraped, out) == 0
    assert looked[3:] == ["face.jpg"]
    assert "1 duplicate, 1 face, 1 no face, 1 unreadable" in capsys.readouterr().out
    os.utime(scraped / "coffee.png", (3e9, 3e9))
    assert crop(scraped, out) == 0
    assert looked[4:] == ["coffee.png"]


def test_a_failed_write_leaves_no_half_picture(tmp_path, cartoons, monkeypatch, capsys):
    def cut(self, path, **options):
        path.write_bytes(b"\x89PNG half")
        raise OSError("disk full")

    with monkeypatch.context() as full:
        full.setattr(Image.Image, "save", cut)
        assert run("smooth", cartoons, tmp_path / "out") == 2
    assert "avatarlib: disk full" in capsys.readouterr().err
    assert files_in(tmp_path / "out") == {"settings.json"}
    assert run("smooth", cartoons, tmp_path / "out") == 0


@pytest.mark.parametrize(("arguments", "message"), [
    (["smooth", "in", "in/out"], "OUT must lie outside IN, got 'in/out' in 'in'"),
    (["smooth", "in", "in"], "OUT must lie outside IN"),
    (["smooth", "none", "out"], "folder must be an existing folder, got 'none'"),
    (["smooth", "empty", "out"], "IN must hold pictures, got none in 'empty'"),
    (["smooth", "in", "full"], "OUT must be new, empty or of an earlier run, got 'full' with other files"),
    (["smooth", "in", "out", "--size", "4"], "size must be in [8, 4,096], got 4"),
    (["crop", "in", "out", "--cascade", "none.xml"], "path must be a cascade's XML file, got 'none.xml'"),
    (["crop", "in", "out", "--cascade", CASCADE, "--scale", "0.5"], "scale must be in [1, 10], got 0.5"),
    (["tags", "--from-csv", "p.csv"], "--out must be given together with one of --from-csv and --from-folder"),
    (["tags", "--out", "t.csv"], "--out must be given together with one of --from-csv and --from-folder"),
    (["tags", "--from-csv", "p.csv", "--from-folder", "x", "--out", "t.csv"], "--out must be given together with one"),
    (["tags", "--from-csv", "p.csv", "--out", "t.csv", "--threshold", "3"], "threshold must be in [0, 1], got 3.0"),
    (["portraits", "--count", "0"], "count must be"),
    (["portraits", "--style", "toonhead"], "style must be one of"),
])
def test_a_bad_input_ends_with_its_message(tmp_path, cartoons, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    write_probabilities(tmp_path / "p.csv")
    assert run(*arguments) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert files_in(tmp_path / "full") == {"letter.txt"}


def test_the_settings_of_a_folder_are_plain_json(tmp_path, cartoons):
    run("smooth", cartoons, tmp_path / "out", "--size", 16)
    assert json.loads((tmp_path / "out" / "settings.json").read_text()) == {"command": "smooth", "size": 16}
