"""Drawings of heads: exact colours of a head made of discs, and looks that change proportions only."""

from dataclasses import replace

import numpy as np
import pytest

from avatarlib.data.faceset import REGIONS, Head, draw, load_head, photograph
from avatarlib.data.faceset.heads import BACKGROUND, CLOTHES, EYES, GLASSES, HAIR, SKIN
from avatarlib.data.faceset.palette import hair_color, palette_of, skin_color
from avatarlib.data.faceset.pen import Canvas, curve, ellipse, inside
from avatarlib.data.faceset.places import LOOKS, frame_of

HEADS = (10010, 10012, 10020, 10022)        # none, two and two of them: glasses, hair over an eye, an open mouth
GLASSES_ON = (10066, 10131)                 # grey round ones, black rectangular ones


def landmarks():
    """68 points of a face looking straight at us: eyes at row 70, mouth at row 105, chin at row 125."""
    p = np.zeros((68, 2))
    angle = np.linspace(np.pi, 0, 17)
    p[:17] = np.stack([80 + 36 * np.cos(angle), 72 + 53 * np.sin(angle)], -1)
    p[17:27] = np.stack([np.linspace(50, 110, 10), np.full(10, 58)], -1)
    p[27:31] = np.stack([np.full(4, 80), np.linspace(70, 86, 4)], -1)
    p[31:36] = np.stack([np.linspace(72, 88, 5), np.full(5, 90)], -1)
    for first, x in ((36, 64), (42, 96)):
        p[first:first + 6] = [[x - 8, 70], [x - 3, 67], [x + 3, 67], [x + 8, 70], [x + 3, 73], [x - 3, 73]]
    p[48:60] = 80 + np.stack([14 * np.cos(t := np.linspace(np.pi, 3 * np.pi, 13)[:-1]), 25 + 4 * np.sin(t)], -1)
    p[60:68] = 80 + np.stack([11 * np.cos(t := np.linspace(np.pi, 3 * np.pi, 9)[:-1]), 25 + 0 * t], -1)
    return p


def eye_curves(x, outward):
    t = np.linspace(-1, 1, 11)
    across = x + 8 * outward * t
    lids = {"upper_lid": np.stack([across, 70 - 4 * (1 - t ** 2)], -1),
            "lower_lid": np.stack([across, 70 + 3 * (1 - t ** 2)], -1)}
    brow = np.stack([x + 10 * outward * np.linspace(-1, 1, 9), np.full(9, 58)], -1)
    return {"iris": [x, 70], "iris_radius": 3.2, "brow": brow.tolist(), "brow_half_width": [1.5] * 9,
            **{name: line.tolist() for name, line in lids.items()}}


@pytest.fixture(scope="module")
def plain():
    """A disc of skin under a cap of hair, shoulders below, before a grey wall; every surface faces the camera."""
    row, column = np.mgrid[:160, :160] + 0.5
    parts = np.zeros((160, 160), np.uint8)
    parts[row > 135] = CLOTHES
    parts[(np.abs(column - 80) < 14) & (row > 100) & (row < 140)] = SKIN
    parts[np.hypot((column - 80) / 46, (row - 68) / 56) < 1] = HAIR
    parts[(np.hypot((column - 80) / 38, (row - 78) / 48) < 1)] = SKIN
    for x in (64, 96):
        parts[(np.abs(column - x) < 8) & (np.abs(row - 70) < 3)] = EYES
    albedo = np.full((160, 160, 3), 180, np.uint8)
    albedo[parts == CLOTHES] = (100, 120, 140)
    points = landmarks()
    facts = {"landmarks": {**{f"p{i:02d}": points[i].tolist() for i in range(68)}, "right_eye": [64, 70],
                           "left_eye": [96, 70], "top_of_head": [80, 20]},
             "eyes_px": {"right": eye_curves(64, -1), "left": eye_curves(96, 1)}, "lenses_px": [], "beard": "none",
             "glasses": "none", "earrings": "none", "makeup": False, "yaw": 0.0, "age_years": 30.0,
             "hair_style": "crop", "colors": {"skin": [200, 150, 120], "hair": [55, 38, 29], "lips": None,
                                              "iris": None, "glasses": None, "hair_seen": None}}
    normal = np.zeros((160, 160, 3), np.float32)
    normal[..., 2] = 1
    return Head(1, np.full((160, 160, 3), 100, np.uint8), albedo, normal, np.ones((160, 160), np.float32), parts, facts)


def at(picture, head, place):
    """The pixel of a picture of 128 px that shows a place of the photograph, as a list."""
    column, row = frame_of(head, 128).canvas(np.array(place)).astype(int)
    return picture.pixels[:, row, column].tolist()


@pytest.mark.parametrize("look", LOOKS)
def test_flat_colours_are_exact(plain, look):
    """A grey wall has no hue, so its pastel is 226; clothes (100, 120, 140) * 1.1 + 14 = (124, 146, 168)."""
    picture, palette = draw(plain, look), palette_of(plain)
    assert at(picture, plain, (12, 60)) == [226, 226, 226]
    assert at(picture, plain, (40, 150)) == [124, 146, 168]
    assert at(picture, plain, (80, 50)) == np.rint(palette.skin).astype(int).tolist()
    colors, counts = np.unique(picture.pixels[:, picture.regions == HAIR], axis=1, return_counts=True)
    assert colors[:, counts.argmax()].tolist() == np.rint(palette.hair).astype(int).tolist()
    assert {REGIONS[i] for i in np.unique(picture.regions)} >= {"background", "skin", "hair", "eyes", "lips", "brows",
                                                                "clothes"}


def test_a_drawing_is_flat(plain):
    """Four fifths of its pixels have one of the eight most frequent colours."""
    pixels = draw(plain).pixels.reshape(3, -1).T
    counts = np.unique(pixels, axis=0, return_counts=True)[1]
    assert np.sort(counts)[-8:].sum() > 0.8 * len(pixels)


def test_skin_keeps_its_order_and_is_neither_orange_nor_dull():
    """Darker skin is drawn darker; red minus blue, 0 to 255, stays within what cartoons have."""
    drawn = [skin_color(np.array(true, np.float32))
             for true in ((73, 50, 37), (116, 71, 54), (190, 139, 100), (242, 205, 177))]
    means = [color.mean() for color in drawn]
    assert means == sorted(means)
    assert all(30 < color[0] - color[2] < 95 for color in drawn)


def test_hair_keeps_its_order():
    """From black to light blond, and from grey to white."""
    for row in (((33, 29, 29), (40, 31, 29), (55, 38, 29), (74, 50, 32), (105, 78, 48), (130, 105, 71)),
                ((34, 32, 32), (120, 121, 122), (194, 194, 196))):
        means = [hair_color(np.array(true, np.float32)).mean() for true in row]
        assert means == sorted(means)


@pytest.mark.parametrize("skin", [(80, 55, 40), (142, 104, 78), (233, 185, 157)], ids=str)
@pytest.mark.parametrize("rims", [(203, 203, 206), (218, 203, 170), (39, 39, 39), (149, 39, 48)], ids=str)
def test_rims_of_every_colour_are_seen_on_every_skin(plain, skin, rims):
    """By 40 of 255 in brightness at the least: silver, gold, black and red on dark, middle and pale skin."""
    colors = {**plain.facts["colors"], "skin": skin, "glasses": rims}
    palette = palette_of(replace(plain, facts={**plain.facts, "colors": colors}))
    assert np.abs(palette.glasses - palette.skin).max() > 40


@pytest.fixture(scope="module")
def looks():
    """Some heads of the first pack: photograph, cel and anime."""
    heads = [load_head(number) for number in (*HEADS, *GLASSES_ON)]
    return [(head, photograph(head), draw(head, "cel"), draw(head, "anime")) for head in heads]


def median(picture, region):
    return np.median(picture.pixels[:, picture.regions == region], axis=1)


def test_both_looks_have_the_same_hair_and_the_same_glasses(looks):
    worn = 0
    for head, _, cel, anime in looks:
        assert np.abs(median(cel, HAIR) - median(anime, HAIR)).max() <= 3
        assert (head.facts["glasses"] != "none") == (cel.regions == GLASSES).any() == (anime.regions == GLASSES).any()
        if head.facts["glasses"] != "none":
            worn += 1
            assert np.abs(median(cel, GLASSES) - median(anime, GLASSES)).max() < 25
    assert worn >= 2


def eye_heights(picture):
    p = picture.landmarks
    return [np.linalg.norm(p[first:first + 2].mean(0) - p[first + 3:first + 5].mean(0)) for first in (37, 43)]


def test_anime_has_large_eyes_a_small_mouth_and_a_narrow_jaw(looks):
    for _, photo, cel, anime in looks:
        assert np.mean(eye_heights(anime)) / np.mean(eye_heights(photo)) >= 1.3
        assert np.mean(eye_heights(cel)) / np.mean(eye_heights(photo)) == pytest.approx(1.22, abs=0.02)
        assert (anime.regions == EYES).sum() > 1.6 * (cel.regions == EYES).sum()
        for first, last, most in ((48, 54, 0.97), (5, 11, 0.97)):
            wide = [np.linalg.norm(p.landmarks[first] - p.landmarks[last]) for p in (cel, anime)]
            assert wide[1] < most * wide[0]


def test_landmarks_of_the_eyes_are_on_the_lids(plain):
    """Lids are told as parabolas 4 above and 3 below the corners: a third of the way in, 8 / 9 of that. The corners
    are 16 pixels apart and the crop shows 4.2 times the 35 from eyes to mouth, 147 pixels, in 128."""
    picture = photograph(plain)
    left = picture.landmarks[36:42]
    scale = 128 / 147
    np.testing.assert_allclose(left[3] - left[0], [16 * scale, 0], atol=0.05)
    np.testing.assert_allclose(left[1] - left[0], [16 / 3 * scale, -4 * 8 / 9 * scale], atol=0.05)
    np.testing.assert_allclose(left[5] - left[0], [16 / 3 * scale, 3 * 8 / 9 * scale], atol=0.05)


def test_a_drawing_lies_on_its_photograph(looks):
    """Nine in ten pixels of the cel drawing show what the photograph shows there: background, hair or another part."""
    for _, photo, cel, _ in looks:
        for region in (BACKGROUND, HAIR):
            assert ((photo.regions == region) == (cel.regions == region)).mean() > 0.9
        assert np.linalg.norm(photo.landmarks[:17] - cel.landmarks[:17], axis=1).max() < 1e-3


def test_what_moves_comes_back(plain):
    """``source`` undoes ``drawn`` to a hundredth of a pixel."""
    frame = frame_of(plain, 128, LOOKS["anime"])
    assert np.abs(frame.source(frame.drawn(plain.points)) - plain.points).max() < 0.05
    assert np.abs(frame.place(frame.face(plain.points)) - plain.points).max() < 1e-3


def test_fill_covers_the_pixels_whose_centres_are_inside():
    """A square from 2 to 12 holds ten centres a side; an ellipse of radii 20 and 10 has 200 pi pixels, to 2 %."""
    square = np.array([[2, 2], [12, 2], [12, 12], [2, 12]], float)
    canvas = Canvas(32)
    filled = canvas.fill(square, (10, 20, 30), region=3)
    assert filled.sum() == 100
    assert canvas.region[2:12, 2:12].min() == 3
    assert canvas.rgb[5, 5].tolist() == [10, 20, 30]
    assert canvas.rgb[1, 1].tolist() == [0, 0, 0]
    assert len(inside(ellipse(np.array([32, 32]), 20, 10), (64, 64))[0]) == pytest.approx(200 * np.pi, rel=0.02)


def test_a_curve_passes_through_its_points_and_a_loop_leaves_its_inside():
    points = np.array([[0, 0], [10, 5], [20, 0]], np.float32)
    assert np.abs(curve(points, 5)[::2] - points).max() < 1e-5
    canvas = Canvas(32)
    canvas.loop(ellipse(np.array([16, 16]), 10, 10), 3, (255, 0, 0))
    assert canvas.rgb[16, 16, 0] == 0
    assert canvas.rgb[16, 26, 0] == 255
