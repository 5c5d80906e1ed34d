"""The data commands: what they write, that they go on after an interruption, and what they refuse."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from skimage import data as pictures

from avatarlib.cli import main
from avatarlib.data import TAGS, PictureFolder, TagFolder, TaggedAvatarSet
from avatarlib.data.real.illustration2vec import read_probabilities, tags_from_probabilities

COMMANDS = ("avatarset", "faceset", "tags", "cartoonset", "smooth", "crop")


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


@pytest.mark.parametrize("command", ["faceset", "tags"])
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


CASCADE = pictures.lbp_frontal_face_cascade_filename()


def files_in(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def cartoons(tmp_path):
    """A folder with a picture."""
    (tmp_path / "in").mkdir()
    Image.new("RGB", (24, 24), "red").save(tmp_path / "in" / "a.png")
    return tmp_path / "in"


def test_a_home_folder_is_expanded_where_no_shell_did(tmp_path, cartoons, monkeypatch, capsys):
    """``--out=~/x`` reaches the program as it is."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir(cartoons)
    write_probabilities(tmp_path / "p.csv")
    (tmp_path / "c.xml").write_bytes(Path(CASCADE).read_bytes())
    assert run("smooth", "~/in", "~/out", "--size", 16) == 0
    assert run("tags", "--from-csv=~/p.csv", "--out=~/tags.csv") == 0
    assert run("crop", "~/in", "~/faces", "--cascade=~/c.xml") == 0
    assert run("faceset", "--look=cel", "--count", 2, "--size", 64, "--grid=~/grid.png") == 0
    assert {"out", "tags.csv", "faces", "grid.png"} <= {path.name for path in tmp_path.iterdir()}
    assert files_in(cartoons) == {"a.png"}
    with pytest.raises(ValueError, match=r"got '.*none' without any, which is not there"):
        PictureFolder("~/none")


@pytest.mark.parametrize(("arguments", "message"), [
    (["smooth", "in", "in/out"], "OUT must lie outside IN, got 'in/out' in 'in'"),
    (["smooth", "in", "in"], "OUT must lie outside IN"),
    (["smooth", "none", "out"], "folder must be an existing folder, got 'none'"),
    (["smooth", "empty", "out"], "IN must hold pictures, got none in 'empty'"),
    (["smooth", "in", "p.csv"], "OUT must be new, empty or of an earlier run, got 'p.csv' with other files"),
    (["smooth", "in", "full"], "OUT must be new, empty or of an earlier run, got 'full' with other files"),
    (["smooth", "in", "out", "--size", "4"], "size must be in [8, 4,096], got 4"),
    (["crop", "in", "out", "--cascade", "none.xml"], "path must be a cascade's XML file, got 'none.xml'"),
    (["crop", "in", "out", "--cascade", CASCADE, "--scale", "0.5"], "scale must be in [1, 10], got 0.5"),
    (["tags", "--from-csv", "p.csv"], "--out must be given together with one of --from-csv and --from-folder"),
    (["tags", "--out", "t.csv"], "--out must be given together with one of --from-csv and --from-folder"),
    (["tags", "--from-csv", "p.csv", "--from-folder", "x", "--out", "t.csv"], "--out must be given together with one"),
    (["tags", "--from-csv", "p.csv", "--out", "t.csv", "--threshold", "3"], "threshold must be in [0, 1], got 3.0"),
    (["smooth", "in", "out", "--size", "0"], "size must be in [8, 4,096], got 0"),
    (["crop", "in", "out", "--cascade", CASCADE, "--size", "0"], "size must be an integer in [1, 4,096], got 0"),
    (["crop", "in", "out", "--cascade", CASCADE, "--scale", "nan"], "scale must be in [1, 10], got nan"),
    (["cartoonset", "--size", "0"], "size must be an integer in [1, 4,096], got 0"),
    (["avatarset", "--count", "0"], "count must be an integer in [1, 1,000,000,000], got 0"),
    (["avatarset", "--size", "0"], "size must be an integer in [8, 1,024], got 0"),
    (["avatarset", "--seed", "-1"], "seed must be an integer in [0, 4,294,967,295], got -1"),
    (["faceset", "--count", "-3"], "count must be a positive integer or None, got -3"),
    (["faceset", "--size", "0"], "size must be an integer in [32, 512], got 0"),
    (["tags", "--count", "0"], "count must be an integer in [1, 1,000,000,000], got 0"),
    (["tags", "--size", "0"], "size must be an integer in [8, 1,024], got 0"),
    (["tags", "--from-csv", "page.csv", "--out", "t.csv"], "page.csv is a web page, not a table"),
    (["tags", "--from-csv", "none.csv", "--out", "t.csv"], "No such file or directory: 'none.csv'"),
    (["avatarset", "--style", "toonhead"], "style must be one of"),
])
def test_a_bad_input_ends_with_its_message(tmp_path, cartoons, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    write_probabilities(tmp_path / "p.csv")
    (tmp_path / "page.csv").write_text("<!DOCTYPE html>")
    assert run(*arguments) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert files_in(tmp_path / "full") == {"letter.txt"}


@pytest.mark.parametrize(("arguments", "message"), [
    (["avatarset", "--grid", "grid.gif"], "argument --grid: must be a file that ends in .png, got 'grid.gif'"),
    (["tags", "--grid", "p.csv/grid.png"], "argument --grid: must be a file that can be written, got 'p.csv/grid.png'"),
    (["cartoonset", "--grid", "in.png"], "argument --grid: must be a file that can be written, got 'in.png'"),
    (["tags", "--from-folder", "in", "--out", "in.png"], "argument --out: must be a file that can be written"),
])
def test_where_results_go_is_looked_at_before_the_work(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.png").mkdir()
    (tmp_path / "p.csv").write_text("x")
    with pytest.raises(SystemExit) as ended:
        run(*arguments)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err
