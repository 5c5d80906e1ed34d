"""What translations are measured by: baselines, lines, colours of regions, glasses, distances of maps, intervals."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from skimage.color import lab2rgb

from avatarlib.metrics import (
    bootstrap_interval,
    classical_cartoon,
    colour_transfer,
    drawn_lines,
    edge_f1,
    face_strips,
    feature_distance,
    nearest_colours,
    recoloured_mean,
    region_colours,
    train_judge,
)


def page(*columns: int, side: int = 40) -> torch.Tensor:
    """A white picture with black upright lines of one pixel."""
    picture = torch.ones(1, 3, side, side)
    picture[..., list(columns)] = -1
    return picture


def test_a_plain_picture_stays_plain_and_light_and_its_tone_is_pulled_to_the_nearest_level():
    """Linear lightness 50 is one of the eight levels (4 x 12.5), so the grey of L = 50 stays; white stays white."""
    grey = 2 * 119 / 255 - 1                    # sRGB 119 has L = 50.03
    for value in (grey, 1.0):
        cartoon = classical_cartoon(torch.full((1, 3, 24, 24), value))
        torch.testing.assert_close(cartoon, torch.full((1, 3, 24, 24), value), atol=0.01, rtol=0)


def test_the_classical_cartoon_flattens_noise_keeps_a_step_and_inks_its_dark_side():
    photo = torch.full((1, 3, 32, 32), 0.5)
    photo[..., 16:] = -0.6
    noisy = (photo + 0.03 * torch.randn(photo.shape, generator=torch.Generator().manual_seed(0))).clamp(-1, 1)
    cartoon = classical_cartoon(noisy)
    assert cartoon[..., 2:10].std() < noisy[..., 2:10].std() / 2
    assert cartoon[..., 2:10].mean() - cartoon[..., 24:30].mean() > 0.8
    assert cartoon[..., 16].mean() < cartoon[..., 26].mean() - 0.1        # the line


def test_the_recoloured_mean_is_the_mean_drawing_moved_by_the_difference_of_colours():
    """A photograph redder than the mean one by 0.5 and equal in green and blue: so is its drawing."""
    draws = torch.Generator().manual_seed(0)
    mean_photo, mean_drawing = (torch.rand(3, 8, 8, generator=draws) * 0.4 - 0.2 for _ in range(2))
    photos = torch.stack([mean_photo, mean_photo + torch.tensor([0.5, 0, 0])[:, None, None]])
    same, red = recoloured_mean(photos, mean_photo, mean_drawing)
    torch.testing.assert_close(same, mean_drawing)
    torch.testing.assert_close(red - mean_drawing, torch.tensor([0.5, 0, 0])[:, None, None].expand(3, 8, 8))


def test_colours_are_moved_by_one_change_for_all():
    """Greys of lightness 30 and 50 learn to be 60 and 100: 20 apart become 40, and 40, the middle, becomes 80."""
    def greys(*lightness: float) -> torch.Tensor:
        lab = np.zeros((len(lightness), 4, 4, 3))
        lab[..., 0] = np.array(lightness)[:, None, None]
        return torch.from_numpy(lab2rgb(lab)).permute(0, 3, 1, 2).float() * 2 - 1

    found = colour_transfer(greys(40, 35), greys(30, 50), greys(60, 100))
    torch.testing.assert_close(found, greys(80, 70), atol=2e-3, rtol=0)


def test_lines_are_thin_and_dark_and_borders_are_none():
    line, border, light = page(20), torch.ones(1, 3, 40, 40), -page(20)
    border[..., 20:] = -1
    assert drawn_lines(line).nonzero()[:, 2].unique().tolist() == [20]
    assert not drawn_lines(border).any()
    assert not drawn_lines(light).any()
    assert not drawn_lines(page(17, 18, 19, 20, 21)).any()      # five pixels are an area
    faint = torch.where(line < 0, 0.8, line)                    # darker by a tenth
    assert not drawn_lines(faint).any()
    assert drawn_lines(faint, threshold=0.09).any()


@pytest.mark.parametrize(("columns", "expected"), [
    ((20,), 1.0), ((21,), 1.0),     # a pixel off counts
    ((23,), 0.0), ((), 0.0),
    ((20, 30), 2 / 3),              # half of its lines are right, all of the drawing's are found
])
def test_edge_f1_of_one_line(columns, expected):
    assert edge_f1(page(*columns), page(20)).item() == pytest.approx(expected)


def test_edge_f1_finds_missing_lines_and_agrees_that_there_are_none():
    assert edge_f1(page(10), page(10, 20, 30)).item() == pytest.approx(0.5)     # precision 1, recall 1/3
    assert edge_f1(page(), page()).item() == 1
    assert edge_f1(page(21), page(20), reach=0).item() == 0


def test_the_colour_of_a_region_is_its_own_and_small_regions_have_none():
    """sRGB red is L 53.24, a 80.09, b 67.20 (D65); a third of another colour does not move a median."""
    images = torch.full((2, 3, 20, 20), -1.0)
    images[:, 0, :10] = 1
    where = torch.zeros(2, 20, 20, dtype=torch.bool)
    where[0, :15], where[1, :4] = True, True        # 200 red pixels and 100 black ones; 80
    red, none = region_colours(images, where)
    torch.testing.assert_close(red, torch.tensor([53.24, 80.09, 67.20]), atol=0.05, rtol=0)
    assert none.isnan().all()
    known = torch.tensor([[0.0, 0, 0], [60, 70, 60]])
    assert nearest_colours(torch.stack([red, none]), known).tolist() == [1, -1]


def landmarks_at(left: tuple[float, float], right: tuple[float, float], count: int = 1) -> torch.Tensor:
    points = torch.zeros(count, 68, 2)
    points[:, 36:42], points[:, 42:48] = torch.tensor(left), torch.tensor(right)
    return points


def test_strips_are_upright_whatever_way_the_head_leans():
    """A white patch lies outside of the right eye; the eyes are 20 pixels apart, level or one above the other."""
    level, leaning = -torch.ones(1, 3, 64, 64), -torch.ones(1, 3, 64, 64)
    level[..., 30:35, 50:56], leaning[..., 50:56, 30:35] = 1, 1
    strips = [face_strips(level, landmarks_at((22, 32), (42, 32))),
              face_strips(leaning, landmarks_at((32, 22), (32, 42)))]
    assert strips[0].shape == (1, 3, 32, 80)
    assert strips[0][0, 0, 16].argmax().item() > 60
    torch.testing.assert_close(strips[1], strips[0].flip(2), atol=0.25, rtol=0)     # symmetric up to a pixel's half


def test_a_judge_learns_bars_over_the_eyes_and_leaves_the_random_numbers_alone():
    draws = torch.Generator().manual_seed(0)
    images = torch.rand(48, 3, 64, 64, generator=draws) * 0.4
    wears = torch.arange(48) % 4 == 0
    images[wears, :, 30:34, 16:48] = -1
    points = landmarks_at((22, 32), (42, 32), 48)
    state = torch.get_rng_state()
    judge = train_judge(images, points, wears, steps=40, seed=0)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(judge.sees(images, points), wears)
    again = train_judge(images, points, wears, steps=40, seed=0)
    assert torch.equal(judge.layers[-1].weight, again.layers[-1].weight)


def test_feature_distance_of_equal_and_of_orthogonal_maps():
    """Squared, unit vectors at right angles are 2 apart at every place, opposite ones 4, equal ones 0."""
    def network(images: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"one": images[:, :2], "two": images[:, :1]}
    a, b = torch.zeros(2, 3, 32, 32), torch.zeros(2, 3, 32, 32)
    a[:, 0], b[0, 0], b[1, 1] = 1, 0.5, 1           # layer "two" of the second: (1) and (0), 1 apart
    torch.testing.assert_close(feature_distance(a, b, network=network), torch.tensor([0.0, 3.0]))
    torch.testing.assert_close(feature_distance(a, -a, network=network), torch.tensor([8.0, 8.0]))


def test_bootstrap_interval_of_a_share_is_the_binomial_one():
    """40 of 100: the mean of a resample is binomial, 0.4 -+ 1.96 sqrt(0.24 / 100) = 0.304 to 0.496."""
    low, high = bootstrap_interval((torch.arange(100) < 40).float(), seed=0)
    assert (low, high) == (pytest.approx(0.304, abs=0.011), pytest.approx(0.496, abs=0.011))


@pytest.mark.parametrize(("call", "message"), [
    (lambda: classical_cartoon(torch.zeros(3, 8, 8)), r"images must be \(N, 3, H, W\)"),
    (lambda: classical_cartoon(torch.full((1, 3, 8, 8), 2.0)), r"images must lie in \[-1, 1\]"),
    (lambda: recoloured_mean(page(), page()[0], torch.zeros(3, 4, 4)), "mean_drawing must be"),
    (lambda: colour_transfer(page(), page(), page()[0]), "drawings must be"),
    (lambda: drawn_lines(page(), width=4), "width must be odd and at least 3, got 4"),
    (lambda: drawn_lines(page(), threshold=12), "threshold must be in"),
    (lambda: edge_f1(page(), page(side=8)), "drawings must have the shape of pictures"),
    (lambda: edge_f1(page(), page(), reach=-1), "reach must not be negative"),
    (lambda: region_colours(page(), torch.ones(1, 40, 40)), "where must be booleans"),
    (lambda: nearest_colours(torch.zeros(3), torch.zeros(1, 3)), "colours must be"),
    (lambda: face_strips(page(), torch.zeros(1, 6, 2)), "landmarks must be"),
    (lambda: train_judge(page(), torch.zeros(1, 68, 2), torch.ones(1, dtype=torch.bool), steps=1, seed=0),
     "some true and some false"),
    (lambda: feature_distance(page(), page(side=32), network=dict), "b must have the shape of a"),
    (lambda: bootstrap_interval(torch.tensor([1.0, torch.nan]), seed=0), "1 not finite"),
    (lambda: bootstrap_interval(torch.ones(3), seed=0, draws=3), "draws must be at least 100"),
])
def test_errors_name_the_argument_and_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()
