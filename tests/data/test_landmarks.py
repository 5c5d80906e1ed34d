"""Landmarks against drawings: a part's pixels are those that change when it is taken out of the SVG."""

import re

import numpy as np
import pytest
from dicebear import Avatar
from scipy import ndimage

from avatarlib.data import LANDMARKS, avatar_landmarks, draw_avatar
from avatarlib.data.drawn.avatarset import load_style
from avatarlib.data.landmarks import PORTRAIT_STYLES, Pose, check_style, draw_posed, pinned_options, variants

SIZE, FINE = 128, 512       # landmarks are asked for at SIZE and looked for in a drawing of FINE pixels
BARE = {"hairProbability": 0, "rearHairProbability": 0, "beardProbability": 0, "topProbability": 0,
        "facialHairProbability": 0, "accessoriesProbability": 0, "skinColor": ["#00ff00"]}
POSES = [Pose(12, 0.85, (0.05, 0.03)), Pose(-11, 1.1, (-0.04, -0.02)), Pose(5, 1.0, (0.0, 0.06))]
FACES = [(style, part, variant) for style in PORTRAIT_STYLES for part in ("eyes", "mouth")
         for variant in variants(style, part)]


def face(style, **options):
    """SVG and choices of a bald green face, so that every part of it differs from the skin."""
    known = {option: value for option, value in BARE.items() if option[:4] in str(style_parts(style))}
    avatar = Avatar(load_style(style), {"seed": "1", **known, **pinned_options(style), **options})
    return avatar.to_string(), avatar.to_json()["options"]


def style_parts(style):
    return ["skin", *load_style(style).components()]


def without(svg, part):
    changed, count = re.subn(rf'<use [^>]*href="#{part}-[^>]*/>', "", svg)
    assert count == 1
    return changed


def pixels(svg, pose):
    """The drawing on white, (3, FINE, FINE) of 0..255."""
    *colour, alpha = draw_posed(svg, pose, FINE).astype(float)
    return np.stack(colour) * alpha / 255 + 255 - alpha


def places(mask):
    """(x, y) of the pixels of a mask, in pixels of SIZE with centres at whole numbers."""
    rows, columns = np.nonzero(mask)
    return (np.column_stack([columns, rows]) + 0.5) * SIZE / FINE - 0.5


def axes(pose):
    """Unit vectors along the face to the picture's right and down, after turning."""
    angle = np.deg2rad(pose.rotation)
    return np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])


def test_pose_by_hand():
    """A quarter turn clockwise carries what is right of the pivot below it; scale 2 doubles the way; then the shift."""
    pose = Pose(rotation=90, scale=2, shift=(0.1, 0.0), pivot=(0.5, 0.5))
    np.testing.assert_allclose(pose.apply(np.array([[0.5, 0.5], [0.6, 0.5]])), [[0.6, 0.5], [0.6, 0.7]], atol=1e-12)


@pytest.mark.parametrize(("style", "part", "variant"), [f for f in FACES if f[1] == "eyes"], ids=str)
def test_eyes_lie_where_removing_them_changes_the_picture(style, part, variant):
    svg, resolved = face(style, eyesVariant=[variant])
    for pose in POSES:
        points = avatar_landmarks(style, resolved, SIZE, pose)
        drawn, bare = pixels(svg, pose), pixels(without(svg, part), pose)
        tear = drawn[2] - drawn[0] > 60
        seen = places((np.abs(drawn - bare).max(axis=0) > 40) & ~tear)
        side = (seen - points[2]) @ axes(pose)[0] > 0
        for point, eye in zip(points[:2], (seen[~side], seen[side]), strict=True):
            assert len(eye) > 20
            assert np.linalg.norm(eye.mean(axis=0) - point) < 1.5


@pytest.mark.parametrize(("style", "part", "variant"), [f for f in FACES if f[1] == "mouth"], ids=str)
def test_mouth_corners_are_the_ends_of_what_is_dark(style, part, variant):
    """On green skin a dark mouth takes green away; cheeks and lip shadows take less than a quarter."""
    svg, resolved = face(style, mouthVariant=[variant])
    for pose in POSES:
        right = axes(pose)[0]
        points = avatar_landmarks(style, resolved, SIZE, pose)
        drawn, bare = pixels(svg, pose), pixels(without(svg, part), pose)
        seen = places(bare[1] - drawn[1] > 64)
        along = seen @ right
        for point, end in zip(points[3:5], (along.min(), along.max()), strict=True):
            corner = seen[np.abs(along - end) < 0.5].mean(axis=0)
            assert np.linalg.norm(corner - point) < 1.5
        assert (points[4] - points[3]) @ right > 4


@pytest.mark.parametrize("pose", POSES, ids=str)
def test_nose_of_avataaars_is_a_part_of_its_own(pose):
    svg, resolved = face("avataaars")
    seen = places(np.abs(pixels(svg, pose) - pixels(without(svg, "nose"), pose)).max(axis=0) > 20)
    point = avatar_landmarks("avataaars", resolved, SIZE, pose)[2]
    assert np.linalg.norm(seen.mean(axis=0) - point) < 1.5


@pytest.mark.parametrize("pose", POSES, ids=str)
def test_nose_of_toon_head_is_the_shade_between_the_ears(pose):
    """Nothing on the head but its three shades: both ears and the nose."""
    svg, resolved = face("toon-head")
    for part in ("eyes", "eyebrows", "mouth", "clothes", "body"):
        svg = without(svg, part)
    red, green, _ = pixels(svg, pose)
    blobs, count = ndimage.label((red < 30) & (np.abs(green - 204) < 12))     # 255 less the shade's 20 %
    sizes = ndimage.sum_labels(np.ones_like(blobs), blobs, range(count + 1))
    centres = [places(blobs == blob).mean(axis=0) for blob in range(1, count + 1) if sizes[blob] > 20]
    assert len(centres) == 3
    nose = sorted(centres, key=lambda centre: centre @ axes(pose)[0])[1]
    assert np.linalg.norm(nose - avatar_landmarks("toon-head", resolved, SIZE, pose)[2]) < 1.5


@pytest.mark.parametrize("pose", POSES, ids=str)
def test_chin_of_toon_head_is_the_end_of_the_head(pose):
    svg, resolved = face("toon-head")
    for part in ("clothes", "body"):
        svg = without(svg, part)
    right, down = axes(pose)
    seen = places(pixels(svg, pose)[0] < 128)
    depth = seen @ down
    point = avatar_landmarks("toon-head", resolved, SIZE, pose)[5]
    assert abs(depth.max() - point @ down) < 1.0
    assert abs((seen[depth > depth.max() - 0.5] @ right).mean() - point @ right) < 1.5


@pytest.mark.parametrize("pose", POSES, ids=str)
def test_chin_of_avataaars_is_where_the_neck_grows_dark(pose):
    """Walk from the nose down the face until the green is a tenth darker."""
    svg, resolved = face("avataaars")
    green = pixels(without(svg, "mouth"), pose)[1]
    points = avatar_landmarks("avataaars", resolved, SIZE, pose)
    way = points[2] + np.arange(4, 60, 0.1)[:, None] * axes(pose)[1]
    columns, rows = np.clip(np.rint((way + 0.5) * FINE / SIZE - 0.5).astype(int), 0, FINE - 1).T
    first = np.flatnonzero(green[rows, columns] < 242)[0]
    assert np.linalg.norm(way[first] - points[5]) < 1.5


@pytest.mark.parametrize("style", PORTRAIT_STYLES)
def test_landmarks_of_an_avatar_as_draw_avatar_draws_it(style):
    """No option moves a part: pinned or not, the same drawing, so AvatarSet's avatars have these landmarks too."""
    for seed in range(5):
        free, resolved = draw_avatar(style, {"seed": str(seed)}, size=64)
        still, _ = draw_avatar(style, {"seed": str(seed), **pinned_options(style)}, size=64)
        assert np.array_equal(free, still)
        points = avatar_landmarks(style, resolved, 64)
        assert points.shape == (len(LANDMARKS), 2)
        assert points.dtype == np.float32
        np.testing.assert_allclose(points, avatar_landmarks(style, resolved, 64, Pose(0, 1, (0, 0))))
        np.testing.assert_allclose((avatar_landmarks(style, resolved, 128) + 0.5) / 2, points + 0.5, atol=1e-4)
        left, right, nose, mouth_left, mouth_right, chin = points
        assert left[0] < nose[0] < right[0]
        assert mouth_left[0] < nose[0] < mouth_right[0]
        assert left[1] < nose[1] < mouth_left[1] < chin[1] < 63


def test_bad_arguments_are_named():
    _, resolved = face("avataaars")
    with pytest.raises(ValueError, match="style must be one of toon-head, avataaars, got 'adventurer'"):
        check_style("adventurer")
    with pytest.raises(ValueError, match="style must be one of toon-head, avataaars, got 'micah'"):
        avatar_landmarks("micah", resolved, 64)
    with pytest.raises(ValueError, match="size must be a positive integer, got 0"):
        avatar_landmarks("avataaars", resolved, 0)
    with pytest.raises(ValueError, match=r"resolved_options\['eyesVariant'\] must be one of closed, cry.* got 'big'"):
        avatar_landmarks("avataaars", {**resolved, "eyesVariant": "big"}, 64)
    with pytest.raises(ValueError, match=r"resolved_options\['mouthVariant'\] .* got None"):
        avatar_landmarks("avataaars", {**resolved, "mouthVariant": None}, 64)
