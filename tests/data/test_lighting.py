"""Light on flat shapes: smooth heights, normals that face the right way, and light from the side it comes from."""

import numpy as np
import pytest
from scipy import ndimage

from avatarlib.data import lighting


def disc(size=65, radius=0.3):
    """A disc around the middle, one pixel of soft edge."""
    rows, columns = np.mgrid[:size, :size] - (size - 1) / 2
    return np.clip(radius * size + 0.5 - np.hypot(rows, columns), 0, 1).astype(np.float32)


def studio(direction, gloss=0.0):
    """A white key light of strength 1 and nothing else."""
    direction = np.array(direction, np.float32)
    none, white = np.zeros(3, np.float32), np.ones(3, np.float32)
    return lighting.Light(direction / np.linalg.norm(direction), white, none, none, none, gloss)


def test_srgb_of_known_values():
    """IEC 61966-2-1: half of the signal is 21.4 % of the light; 0.04045 is where the two pieces meet."""
    signal = np.array([0, 0.04045, 0.5, 1])
    np.testing.assert_allclose(lighting.to_linear(signal), [0, 0.0031308, 0.2140, 1], atol=1e-4)
    np.testing.assert_allclose(lighting.to_srgb(lighting.to_linear(signal)), signal, atol=1e-5)


def test_the_blur_is_gaussian_and_repeats_the_edge():
    """Against SciPy's direct convolution."""
    picture = np.random.default_rng(0).random((40, 56)).astype(np.float32)
    for sigma, blurred in zip((1.5, 2.5), lighting.blurs(picture, (1.5, 2.5)), strict=True):
        np.testing.assert_allclose(blurred, ndimage.gaussian_filter(picture, sigma, mode="nearest", truncate=6),
                                   atol=2e-3)


def test_a_mask_without_an_edge_rises_to_the_sum_of_the_scales():
    height = lighting.inflate(np.ones((32, 32), np.float32), scales=(0.02, 0.05))
    np.testing.assert_allclose(height, 0.07, atol=1e-6)
    np.testing.assert_allclose(lighting.inflate(np.zeros((32, 32), np.float32)), 0, atol=1e-6)


def test_the_middle_of_a_flat_shape_faces_the_viewer_and_its_edges_face_outward():
    normal = lighting.normals(lighting.inflate(disc()))
    np.testing.assert_allclose(np.linalg.norm(normal, axis=0), 1, atol=1e-5)
    np.testing.assert_allclose(normal[:, 32, 32], [0, 0, 1], atol=1e-3)
    edge = 32 - round(0.29 * 65)
    assert normal[0, 32, edge] < -0.5 < 0.5 < normal[0, 32, -1 - edge]      # left edge faces left
    assert normal[1, edge, 32] < -0.5 < 0.5 < normal[1, -1 - edge, 32]      # upper edge faces up


def test_normals_of_a_slope():
    """A plane that rises by 1 a width to the right: its normal is (-1, 0, 1) / sqrt 2."""
    slope = np.tile(np.arange(20, dtype=np.float32) / 20, (20, 1))
    expected = np.broadcast_to(np.array([-1, 0, 1])[:, None, None] / np.sqrt(2), (3, 20, 20))
    np.testing.assert_allclose(lighting.normals(slope), expected, atol=1e-5)


def test_no_creases_where_a_distance_transform_has_them():
    """A bar's middle line: the distance transform turns by twice its slope within one pixel, ours bends slowly."""
    mask = np.zeros((128, 128), np.float32)
    mask[48:81, 20:108] = 1

    def sharpest_bend(height):
        height = height / height.max()
        return np.abs(np.diff(height[54:75, 30:98], 2, axis=0)).max()

    creased, smooth = sharpest_bend(ndimage.distance_transform_edt(mask)), sharpest_bend(lighting.inflate(mask))
    assert creased == pytest.approx(2 / 17, rel=0.01)       # 17 pixels from the edge to the middle
    assert smooth < creased / 4


def test_the_same_shape_inflates_alike_at_two_sizes():
    small, large = lighting.inflate(disc(64)), lighting.inflate(disc(128))
    halved = large.reshape(64, 2, 64, 2).mean(axis=(1, 3))
    assert np.abs(halved - small).max() < 0.03 * small.max()


def test_light_from_the_left_makes_the_left_side_brighter():
    albedo = np.full((3, 65, 65), 0.5, np.float32)
    normal = lighting.normals(lighting.inflate(disc()))
    left, right = (lighting.shade(albedo, normal, studio((x, 0, 1), gloss=0.1)) for x in (-1, 1))
    assert left[:, :, 12:32].mean() > 1.2 * left[:, :, 33:53].mean()
    np.testing.assert_allclose(left, right[:, :, ::-1], atol=1e-4)


def test_a_surface_that_faces_light_and_viewer():
    """Its normal, the light and the camera agree: albedo 0.5 and gloss 0.1 of (1 + 0.35) give 0.635."""
    facing = np.zeros((3, 2, 2), np.float32)
    facing[2] = 1
    lit = lighting.shade(np.full((3, 2, 2), 0.5, np.float32), facing, studio((0, 0, 1), gloss=0.1))
    np.testing.assert_allclose(lit, 0.635, atol=1e-5)
    shadowed = lighting.shade(np.full((3, 2, 2), 0.5, np.float32), facing, studio((0, 0, 1), gloss=0.1), shadow=0.0)
    np.testing.assert_allclose(shadowed, 0, atol=1e-6)


def test_red_light_wraps_furthest():
    """Facing 78 degrees away from the light, white clay looks warm."""
    normal = np.zeros((3, 1, 1), np.float32)
    normal[2] = 1
    red, green, blue = lighting.shade(np.ones((3, 1, 1), np.float32), normal, studio((1, 0, 0.2)))[:, 0, 0]
    assert red > green > blue > 0


def test_a_pit_sees_less_of_the_sky():
    height = 0.1 - lighting.bump((64, 64), (40, 20), radius=0.03, height=0.1)
    assert height[20, 40] == height.min()
    openness = lighting.occlusion(height)
    assert openness.max() <= 1
    assert openness[20, 40] < 0.7 < 0.99 < openness[50, 10]


def test_a_wall_throws_its_shadow_away_from_the_light():
    height = np.zeros((64, 64), np.float32)
    height[:, 30:34] = 0.3
    lit = lighting.cast_shadow(height, np.array([-0.8, 0, 0.6], np.float32))        # light from the left
    assert lit[32, 37] < 0.3
    assert min(lit[32, 10], lit[32, 60]) > 0.95
    np.testing.assert_allclose(lighting.cast_shadow(np.zeros_like(height), np.array([0.6, 0, 0.8])), 1, atol=1e-6)


def test_random_lights_come_from_above_and_the_key_is_warmer_than_the_sky():
    lights = [lighting.random_light(np.random.default_rng(seed)) for seed in range(30)]
    for light in lights:
        assert np.linalg.norm(light.direction) == pytest.approx(1, abs=1e-5)
        assert light.direction[1] < 0 < light.direction[2]      # y points down
        assert light.key[0] / light.key[2] > light.sky[0] / light.sky[2]
    assert 8 < sum(light.direction[0] < 0 for light in lights) < 22
