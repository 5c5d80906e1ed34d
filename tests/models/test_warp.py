"""Geometry first: the spline by hand, the transport against its formula, and both in one network."""

import numpy as np
import pytest
import torch
from scipy.interpolate import RBFInterpolator
from scipy.linalg import sqrtm

from avatarlib import pretrained
from avatarlib.cartoonize import cartoonize
from avatarlib.models import warp as module
from avatarlib.models.warp import GaussianTransport, WarpedGenerator, warp, warp_grid
from avatarlib.training import History


def random(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("stiffness", [0.0, 0.01])
def test_the_spline_is_scipys(stiffness):
    """SciPy's thin-plate kernel is r^2 log r: half of ours, so its smoothing is half as large."""
    source, target = random(1, 6, 2), random(1, 6, 2, seed=1)
    grid = warp_grid(source, target, (8, 12), stiffness=stiffness)
    frame = module.frame_points()
    ends, starts = (torch.cat([points[0].double(), frame]).numpy() for points in (target, source))
    rows, columns = np.meshgrid((np.arange(8) + 0.5) / 8, (np.arange(12) + 0.5) / 12, indexing="ij")
    spline = RBFInterpolator(ends, starts, kernel="thin_plate_spline", smoothing=stiffness / 2)
    expected = 2 * spline(np.stack([columns, rows], -1).reshape(-1, 2)).reshape(8, 12, 2) - 1
    assert np.allclose(grid[0].numpy(), expected, atol=1e-5)


def test_without_stiffness_every_point_is_met_and_the_frame_stays():
    source = 0.3 + 0.4 * random(2, 5, 2)
    target = source + 0.03 * torch.randn(2, 5, 2, generator=torch.Generator().manual_seed(2))
    assert torch.allclose(read_at(target, source, target), source, atol=2e-3)
    corners = torch.tensor([[[0.0, 0.0], [1.0, 1.0], [0.5, 0.0], [0.0, 0.25]]]).expand(2, -1, -1)
    assert torch.allclose(read_at(corners, source, target), corners, atol=2e-3)


def read_at(places, source, target, side=512):
    """Where the warp reads at some places, from a fine grid."""
    grid = warp_grid(source, target, (side, side), stiffness=0.0)
    found = torch.nn.functional.grid_sample(grid.permute(0, 3, 1, 2), 2 * places[:, :, None] - 1, align_corners=False,
                                            padding_mode="border")
    return (found[..., 0].mT + 1) / 2


def test_parts_are_computed_apart_and_are_the_same(monkeypatch):
    source, target = random(2, 4, 2), random(2, 4, 2, seed=1)
    whole = warp_grid(source, target, (16, 16))
    monkeypatch.setattr(module, "AT_ONCE", 50)
    assert torch.allclose(warp_grid(source, target, (16, 16)), whole, atol=1e-6)


@pytest.mark.parametrize(("source", "target", "stiffness", "message"), [
    ((2, 4, 2), (2, 5, 2), 0.0, r"source and target must be points \(N, K, 2\), as many in both, got"),
    ((2, 4), (2, 4), 0.0, r"source and target must be points \(N, K, 2\)"),
    ((2, 4, 2), (2, 4, 2), -1.0, "stiffness must be at least 0, got -1.0"),
    ((2, 4, 2), (2, 4, 2), float("nan"), "stiffness must be at least 0, got nan")])
def test_points_that_do_not_fit(source, target, stiffness, message):
    with pytest.raises(ValueError, match=message):
        warp_grid(torch.zeros(source), torch.zeros(target), (8, 8), stiffness=stiffness)


def test_in_one_dimension_the_transport_stretches_by_the_deviations():
    """Points on a line: from N(1, 2^2) to N(5, 6^2) every step is three times as long."""
    first = torch.tensor([[[-1.0, 0.0]], [[3.0, 0.0]]])
    second = torch.tensor([[[-1.0, 0.0]], [[11.0, 0.0]]])
    moved = GaussianTransport(1).fit(first, second, components=1)(torch.tensor([[[2.0, 0.0]]]))
    assert torch.allclose(moved, torch.tensor([[[8.0, 0.0]]]), atol=1e-5)


def test_the_transport_is_the_formulas_and_its_work_is_frechets_distance():
    first = random(400, 2, 2) @ torch.tensor([[1.0, 0.4], [0.0, 0.7]])
    second = 2 * random(300, 2, 2, seed=1) @ torch.tensor([[0.5, 0.0], [0.9, 1.0]]) + 3
    a, b = (faces.flatten(1).double().numpy() for faces in (first, second))
    spread_a, spread_b = np.cov(a.T), np.cov(b.T)
    root = np.real(sqrtm(spread_a))
    matrix = np.linalg.inv(root) @ np.real(sqrtm(root @ spread_b @ root)) @ np.linalg.inv(root)
    transport = GaussianTransport(2).fit(first, second, components=4)
    assert np.allclose(transport.matrix.numpy(), matrix, atol=1e-4)
    moved = transport(first).flatten(1).double().numpy()
    work = ((moved - a) ** 2).sum(1).sum() / (len(a) - 1) - ((moved.mean(0) - a.mean(0)) ** 2).sum() / (len(a) - 1)
    both = np.real(sqrtm(root @ spread_b @ root))
    distance = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(spread_a + spread_b - 2 * both)
    assert work == pytest.approx(distance, rel=1e-4)


def test_directions_beyond_the_components_are_only_shifted():
    first, second = random(50, 2, 2), random(50, 2, 2, seed=1)
    transport = GaussianTransport(2).fit(first, second, components=1)
    assert sorted(torch.linalg.eigvalsh(transport.matrix).round(decimals=4).tolist()).count(1.0) == 3


@pytest.mark.parametrize(("first", "second", "components", "message"), [
    ((1, 3, 2), (9, 3, 2), 2, "at least 2 faces each and components at least 1, got 1, 9 and 2"),
    ((9, 3, 2), (9, 3, 2), 0, "components at least 1, got 9, 9 and 0"),
    ((9, 4, 2), (9, 4, 2), 2, "faces must have 3 points, got"),
    ((9, 3, 2), (9, 4, 2), 2, "faces must have 3 points, got")])
def test_faces_that_do_not_fit(first, second, components, message):
    with pytest.raises(ValueError, match=message):
        GaussianTransport(3).fit(torch.rand(first), torch.rand(second), components)


def small(seed=0):
    torch.manual_seed(seed)
    network = WarpedGenerator(["left", "right"], landmark_width=8, landmark_size=32, width=8, blocks=1,
                              upsampling="resize").eval()
    network.transport.fit(random(20, 2, 2), random(20, 2, 2, seed=3) + 0.1)
    return network


def test_it_is_the_warp_then_the_generator():
    network, photos = small(), 2 * random(2, 3, 32, 32) - 1
    points = (network.landmarks.landmarks(photos) + 0.5) / 32
    with torch.no_grad():
        expected = network.generator(warp(photos, points, network.transport(points)))
        assert torch.allclose(network(photos), expected, atol=1e-5)
    assert (network.deform(photos) - photos).abs().mean() > 0.01


def test_saved_and_loaded_it_draws_the_same(tmp_path):
    import pandas as pd
    network, photos = small(), 2 * random(1, 3, 32, 32) - 1
    history = History(pd.DataFrame({"step": [1], "content": [0.5]}))
    pretrained.save(tmp_path / "model", network, trained={"rounds": 1}, card="small", history=history)
    loaded = pretrained.load(tmp_path / "model")
    assert isinstance(loaded, WarpedGenerator)
    with torch.no_grad():
        assert (loaded(photos) - network(photos)).abs().mean() < 0.01        # weights of 16 bits


def test_a_large_picture_is_warped_once_then_drawn_in_tiles():
    """With a pen that changes nothing, tiles and whole are one picture: no tile has a face of its own."""
    network = small()
    network.generator = torch.nn.Identity()
    picture = (255 * random(96, 80, 3)).to(torch.uint8).numpy()
    whole = np.asarray(cartoonize(picture, network), int)
    assert abs(np.asarray(cartoonize(picture, network, tile=64, overlap=48), int) - whole).max() <= 1
    assert abs(whole - picture).mean() > 3
