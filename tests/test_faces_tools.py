"""The renderer of the heads, as far as it needs neither Blender nor its assets: draws, geometry, places, errors."""

import ast
import json
import zipfile
from pathlib import Path

import assets
import attributes
import body
import camera
import colour
import geometry
import landmarks
import numpy as np
import pack
import pytest
import render
import strands

ROOT = Path(__file__).resolve().parent.parent
RENDERER = ROOT / "tools" / "faces"
# The same 68 points on the other side of the face: jaw, brows, bridge, nostrils, eyes, outer and inner lips
OTHER_SIDE = [*range(16, -1, -1), *range(26, 16, -1), 27, 28, 29, 30, 35, 34, 33, 32, 31, 45, 44, 43, 42, 47, 46,
              39, 38, 37, 36, 41, 40, 54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65]


def stored(count):
    """What is told of the first heads of each pack in data/faces, by number."""
    found = {}
    for path in sorted((ROOT / "data" / "faces").glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.endswith(".json")][:count]
            found |= {int(Path(name).stem): json.loads(archive.read(name)) for name in names}
    return found


def test_a_number_has_the_attributes_of_the_head_that_is_stored_under_it():
    """Values and their order: the draws are part of the data."""
    heads = stored(6)
    assert len(heads) >= 12
    for number, told in heads.items():
        drawn = attributes.choose(np.random.default_rng(number))
        assert drawn == {name: told[name] for name in drawn}
        assert list(drawn) == list(told)[:len(drawn)]
        assert len(drawn) == 15


def test_children_and_women_have_no_beard():
    heads = [attributes.choose(np.random.default_rng(number)) for number in range(400)]
    bearded = [head for head in heads if head["beard"] != "none"]
    assert 80 < len(bearded) < 140      # half are men, 94 % of them adult, 55 % of these bearded: 103
    assert all(head["gender"] == "male" and head["age_years"] > 17 for head in bearded)


def test_a_rotation_rolls_first_then_nods_then_turns():
    """Up rolls a quarter to the left (-x); a nod about x leaves it there; a turn about y takes it to the front."""
    turn = geometry.rotation(90, 90, 90)
    np.testing.assert_allclose(turn @ [0, 1, 0], [0, 0, 1], atol=1e-12)
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-12)


def test_an_eye_turns_only_as_far_as_it_can():
    forwards, left = np.array([0, 0, 1.]), np.array([1., 0, 0])
    np.testing.assert_allclose(geometry.turn_towards(forwards, left, most=9) @ forwards, left, atol=1e-6)
    half = geometry.turn_towards(forwards, left, most=np.pi / 6) @ forwards
    np.testing.assert_allclose(half, [.5, 0, np.sqrt(.75)], atol=1e-6)


def test_small_geometry():
    np.testing.assert_allclose(geometry.smoothstep(2, 4, np.array([1, 2.5, 3, 5])), [0, .15625, .5, 1])   # 3/16 - 2/64
    np.testing.assert_allclose(geometry.smoothstep(4, 2, np.array([1, 3, 5])), [1, .5, 0])
    np.testing.assert_allclose(geometry.unit(np.array([[0, 3, 4], [0, 0, 0]])), [[0, .6, .8], [0, 0, 0]], atol=1e-8)
    np.testing.assert_array_equal(geometry.to_blender(np.array([1, 2, 3])), [1, -3, 2])
    rows, columns = geometry.texels(np.array([[0, 1], [.5, .5], [1, 0]]), height=4, width=8)
    assert (rows.tolist(), columns.tolist()) == ([0, 2, 3], [0, 4, 7])


def test_the_68_points_are_symmetric():
    points = landmarks.points68()
    assert points.shape == (68, 3)
    np.testing.assert_array_equal(points[OTHER_SIDE] * [-1, 1, 1], points)
    assert points[0, 0] < 0 < points[16, 0]      # from the picture's left: the person's right is at -x


def test_a_lid_is_the_quintic_through_its_points():
    """Points on y = x (1 - x) (scaled by 2) lie on the curve already, whichever way the head is turned."""
    t = np.array([0, .15, .3, .45, .6, .8, 1])
    parabola = np.c_[2 * t, 2 * t * (1 - t), 0 * t]
    even = np.linspace(0, 1, 5)
    axes = geometry.rotation(20, -10, 5)
    curve = landmarks.even_curve(parabola @ axes.T + [1, 2, 3], axes, count=5)
    np.testing.assert_allclose(curve, np.c_[2 * even, 2 * even * (1 - even), 0 * even] @ axes.T + [1, 2, 3], atol=1e-9)


class Card:
    """A part of two quads, one on each side of the face, as brows have; its texture is opaque above v = .5."""

    def __init__(self):
        corners = np.array([[.1, 0, 0], [.9, 0, 0], [.9, .4, 0], [.1, .4, 0]])
        self.vertices = np.concatenate([corners, corners * [-1, 1, 1]])
        square = np.array([[0, 0], [1, 0], [1, 1], [0, 1.]])
        self.mesh = body.Mesh(self.vertices, square, [[0, 1, 2, 3], [4, 5, 6, 7]], [[0, 1, 2, 3]] * 2, ["", ""])


def test_brows_are_measured_where_their_card_is_opaque():
    card = Card()
    alpha = np.repeat([[1.], [0.]], 8, axis=1)      # rows from the top: opaque where v > .5
    brows = landmarks.brow_curves(card, card.vertices, alpha, np.zeros(3), np.eye(3), sections=4)
    left, width = brows["left"]
    np.testing.assert_allclose(left[:, 1], .3, atol=.01)      # the middle of the upper half of 0 to .4
    assert (np.diff(left[:, 0]) > 0).all()                    # the inner end is first
    np.testing.assert_allclose(brows["right"][0], left * [-1, 1, 1], atol=1e-12)
    np.testing.assert_allclose(width, 1.7 * .2 / np.sqrt(12), rtol=.1)      # spread of a uniform density .2 high


def test_ages_lie_between_two_targets():
    assert body.age_weights(.5) == {"child": 0, "young": 1}
    assert body.age_weights(.75) == {"young": .5, "old": .5}
    assert body.age_weights(2) == {"old": 1}


def test_a_part_follows_the_triangle_it_lies_on(tmp_path):
    """A vertex between two corners, .1 in front; vertices 0 and 1 are 4 apart in z, the file says 2: .1 becomes .2."""
    (tmp_path / "hat.obj").write_text("v 0 0 0\nv 0 0 0\nvt .25 .75\ng brim\nf 1/1 2/1 1\n")
    (tmp_path / "hat.mhclo").write_text("# a hat\nobj_file hat.obj\nz_scale 0 1 2\nverts 0\n2\n0 1 2 .5 .5 0 0 0 .1\n\n"
                                        "delete_verts\n3 10 - 12\n")
    part = body.Part(tmp_path / "hat.mhclo")
    base = np.array([[0, 0, 0], [2, 0, 4], [7, 8, 9.]])
    np.testing.assert_allclose(part.fit(base), [[7, 8, 9], [1, 0, 2.2]])
    assert part.deleted == [3, 10, 11, 12]
    assert (part.mesh.faces, part.mesh.texture_faces, part.mesh.groups) == ([[0, 1, 0]], [[0, 0, 0]], ["brim"])


def test_a_camera_sees_the_focus_in_the_middle():
    """A lens as long as the sensor is wide: at distance 10, 1 dm is a tenth of the picture."""
    axes = geometry.rotation(30, 10, 0)
    focus = np.array([1, 2, 3.])
    eye = camera.Camera(focus + axes @ [0, 0, 10], axes, focus, 10, camera.SENSOR)
    np.testing.assert_allclose(eye.project(np.array([eye.at(0, 0, 0), eye.at(1, 0, 0), eye.at(0, 1, 5)]), 160),
                               [[80, 80], [96, 80], [80, 48]])
    plane, depth = eye.view(eye.at(1, 1, 5))
    np.testing.assert_allclose([*plane, depth], [.2, .2, 5])


def test_strands_are_shortened_to_a_point_between_two():
    strand = np.arange(5.)[None, :, None] * [1, 0, 0]
    np.testing.assert_allclose(strands.shorten(strand, np.array([2.]))[0, :, 0], [0, .5, 1, 1.5, 2])
    np.testing.assert_allclose(strands.shorten(strand, np.array([4.])), strand)


def test_hair_grows_only_where_it_has_weight_and_stays_outside():
    """Two triangles of a square at z = 0; hair grows at the corner (0, 0) alone and fades out within its triangle:
    where density falls off linearly from a corner, the mean of another corner's weight is 1/4 (evenly, 1/3). It is
    combed down into the square and must stay above it."""
    square = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0.]])
    triangles, normals = np.array([[0, 1, 2], [3, 1, 2]]), np.tile([0, 0, 1.], (4, 1))
    rng = np.random.default_rng(0)
    roots = strands.sow(square, normals, square, triangles, np.array([1, 0, 0, 0.]), rng, 2000)
    assert 1000 < len(roots.points) <= 2000
    assert (roots.points[:, :2].sum(1) <= 1).all()
    np.testing.assert_allclose(roots.points.mean(0), [.25, .25, 0], atol=.02)
    skull = strands.Skull(square, normals, triangles, rng)
    style = strands.Style(.3, lambda points: np.tile([.1, .1, -1], (len(points), 1)), steps=6, gravity=0)
    hair = strands.grow(roots, style, skull, rng)
    assert hair.shape == (len(roots.points), 6, 3)
    assert (hair[..., 2] > -.01).all()


def test_colours_of_hair():
    assert colour.srgb([0, 1, .5]) == [0, 255, 188]
    rng = np.random.default_rng(0)
    black, blond, grey = (colour.HairColour.draw(name, rng).dyed(name, rng) for name in ("black", "blond", "grey"))
    assert max(black.shown()) < min(blond.shown())
    assert black.dye is None
    assert grey.dye is not None
    assert max(grey.shown()) - min(grey.shown()) < 30


def test_packed_depth_spans_the_head():
    """255 at the nearest, 1 at the farthest pixel; 58,981 is nine tenths of the way: 255 - .9 * 254 = 26.4."""
    grey, bounds = pack.depth_of(np.array([[0, 58_981, 65_534, pack.FAR]]), (2., 10.))
    assert (grey.tolist(), bounds) == ([[255, 26, 1, 0]], [2, 10])


def test_missing_assets_are_named_with_where_they_come_from(tmp_path):
    for folder in assets.FOLDERS[:-2]:
        (tmp_path / folder).mkdir(parents=True)
    with pytest.raises(FileNotFoundError, match=r"lacks mh/skins/textures, hdri2\. .*data/faces/README\.md"):
        assets.Assets(tmp_path).check()
    for folder in assets.FOLDERS[-2:]:
        (tmp_path / folder).mkdir(parents=True)
    assert assets.Assets(tmp_path).check() == assets.Assets(tmp_path)


def test_the_command_ends_with_that_message_and_makes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["render.py", str(tmp_path / "out"), "1", "2", "--assets", str(tmp_path)])
    assert render.main() == 2
    assert "data/faces/README.md" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_rendering_goes_on_where_it_was_cut_off(tmp_path):
    for name in ("00007.json", "00008.jpg"):      # 8 was cut off: its .json is written last
        (tmp_path / name).touch()
    assert render.missing(tmp_path, [6, 7, 8, 9]) == [6, 8, 9]


def test_only_the_numbers_of_a_file_are_rendered(tmp_path):
    (tmp_path / "wanted.txt").write_text("9 3\n7\n12\n")
    words = ["out", "6", "4", "--assets", "there"]
    assert render.wanted(render.arguments(words)) == [6, 7, 8, 9]
    assert render.wanted(render.arguments([*words, "--only", str(tmp_path / "wanted.txt")])) == [7, 9]


@pytest.mark.parametrize(("words", "message"), [
    (["1", "0"], "count must be at least 1, got 0"),
    (["1", "2", "--samples", "0"], "samples must be at least 1, got 0"),
    (["99999", "2"], "at most five digits, got 99999 to 100000"), (["-1", "2"], "at most five digits")])
def test_numbers_on_the_command_line_are_checked(words, message, capsys):
    with pytest.raises(SystemExit):
        render.arguments(["out", *words, "--assets", "there"])
    assert message in capsys.readouterr().err


def test_only_one_module_talks_to_blender():
    """Then everything else can be read, and much of it tested, without it."""
    found = set()
    for path in RENDERER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else \
                [node.module] if isinstance(node, ast.ImportFrom) else []
            found |= {path.name for name in names if name in ("bpy", "mathutils")}
    assert found == {"blender.py"}
