"""Geometry first: where its anchor holds, that its stages follow each other, and what is put together of them."""

import geometry_first
import numpy as np
import pytest
import torch

from avatarlib import pretrained
from avatarlib.data import FaceSet
from avatarlib.models.warp import GaussianTransport
from avatarlib.recipes import CartoonGAN

SIZE = 32


def test_the_anchor_lets_go_in_the_middle_of_the_eyes_only():
    """Two eyes a fifth of the side wide: their middles are free, two widths away the anchor holds wholly."""
    points = torch.full((1, 68, 2), 0.9)
    for (first, last), x in zip(geometry_first.EYES, (0.3, 0.7), strict=True):
        points[0, first:last] = torch.tensor([x, 0.5])
        points[0, first, 0], points[0, first + 3, 0] = x - 0.1, x + 0.1
    away = geometry_first.away_from_eyes(points, 101)[0, 0]
    assert away[50, 30] < 0.01
    assert away[50, 70] < 0.01
    assert away[90, 30] > 0.99
    assert away[50, 50].item() == pytest.approx(1 - np.exp(-(0.2 / 0.16) ** 4), abs=0.01)      # between the eyes


@pytest.fixture(scope="module")
def parts():
    """Landmark network, transport and sets of eight heads a side."""
    landmarks = pretrained.load(geometry_first.FACES)
    photos = FaceSet(SIZE, half="first", count=8, progress=False)
    drawings = FaceSet(SIZE, look="anime", half="second", count=8, progress=False)
    transport = GaussianTransport(68).fit(*(geometry_first.points_of(landmarks, faces.images)
                                            for faces in (photos, drawings)))
    return landmarks, transport, geometry_first.open_sets(photos, drawings, landmarks, transport)


def test_sets_hold_the_warped_photographs_both_ways(parts):
    photos, cartoons = parts[2]["photo"], parts[2]["cartoon"]
    assert len(photos) == len(cartoons) == len(parts[2]["smooth"]) == 16
    assert np.array_equal(photos.images[8:], photos.images[:8, ..., ::-1])
    assert photos.extras["away"].shape == (16, 1, SIZE, SIZE)
    original = FaceSet(SIZE, half="first", count=8, progress=False).images
    assert np.abs(photos.images[:8].astype(int) - original).mean() > 2


def test_stages_follow_each_other_and_become_one_network(parts, tmp_path):
    landmarks, transport, sets = parts
    game, history = geometry_first.train(sets, tmp_path, 0, "float32", stages=((2, 8.0, 0.5), (1, 1e4, 0.5)))
    assert history.frame.step.tolist() == [2, 3]
    assert history.frame.minutes.is_monotonic_increasing
    assert game.weights["anchor"] == 1e4
    network = geometry_first.assembled(game.averaged("generator"), landmarks, transport)
    image = torch.from_numpy(np.array(sets["photo"].images[:1])) / 127.5 - 1
    with torch.no_grad():
        torch.testing.assert_close(network.generator(image), game.averaged("generator")(image), atol=1e-4, rtol=0)
        torch.testing.assert_close(network.landmarks.landmarks(image), landmarks.landmarks(image))
    cel = pretrained.load(geometry_first.SOURCE)
    changed = [not torch.equal(a, b) for a, b in zip(cel.parameters(), network.generator.parameters(), strict=True)]
    assert any(changed)


def test_the_anchor_is_the_distance_to_the_cel_drawing_where_it_holds(parts, monkeypatch):
    game = geometry_first.Anchored(geometry_first.settings(4, 0.5, SIZE), anchor=1.0, seed=0)
    seen = {}
    monkeypatch.setattr(CartoonGAN, "terms", lambda self, names, photo, cartoon, fake: seen.update(photo=photo) or {})
    photo, fake = (torch.rand(2, 3, SIZE, SIZE) for _ in range(2))
    game.away = torch.zeros(2, 1, SIZE, SIZE)
    game.away[:, :, :16] = 1
    told = game.terms(["content", "anchor"], photo, fake, fake)
    with torch.no_grad():
        drawn = pretrained.load(geometry_first.SOURCE)(photo)
    assert told["anchor"].item() == pytest.approx((fake - drawn)[:, :, :16].abs().mean().item() / 2, rel=1e-4)
    assert torch.allclose(seen["photo"], drawn, atol=1e-5)          # content, too, is the cel drawing's
