"""CUT's heads: their size, vectors of length 1, and places that are found again."""

import pytest
import torch

from avatarlib.models.cut import PatchHeads


@pytest.fixture
def heads():
    torch.manual_seed(0)
    return PatchHeads((3, 8), width=16)


@pytest.fixture
def maps():
    draws = torch.Generator().manual_seed(0)
    return [torch.randn(2, 3, 8, 8, generator=draws), torch.randn(2, 8, 4, 4, generator=draws)]


def test_the_size_of_a_head():
    """C * 256 + 256 and 256 * 256 + 256."""
    assert sum(p.numel() for p in PatchHeads((256,)).parameters()) == 256 * 256 + 256 + 256 * 256 + 256


def test_vectors_have_length_one_and_a_small_map_gives_all_places(heads, maps):
    vectors, places = heads(maps, patches=20)
    assert [tuple(found.shape) for found in vectors] == [(2, 20, 16), (2, 16, 16)]
    for found in vectors:
        torch.testing.assert_close(found.norm(dim=2), torch.ones(found.shape[:2]))
    assert places[0].unique().numel() == 20
    assert sorted(places[1].tolist()) == list(range(16))


def test_the_same_places_of_another_picture(heads, maps):
    """Place 13 of 8 x 8 is row 1, column 5: what stands there alone decides its vector."""
    places = [torch.tensor([13]), torch.tensor([0])]
    (first, _), returned = heads(maps, places)
    assert all(torch.equal(a, b) for a, b in zip(returned, places, strict=True))
    elsewhere = torch.zeros_like(maps[0])
    elsewhere[:, :, 1, 5] = maps[0][:, :, 1, 5]
    torch.testing.assert_close(heads([elsewhere, maps[1]], places)[0][0], first)


def test_places_come_from_the_generator_given(heads, maps):
    first, again = (heads(maps, patches=5, generator=torch.Generator().manual_seed(3))[1] for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))


def test_autocast_leaves_the_vectors_in_float32(heads, maps):
    exact, places = heads(maps, patches=5)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found, _ = heads(maps, places)
    assert all(torch.equal(a, b) for a, b in zip(found, exact, strict=True))


def test_a_map_or_places_too_few_are_named(heads, maps):
    with pytest.raises(ValueError, match="maps must be 2, one a head, got 1"):
        heads(maps[:1])
    with pytest.raises(ValueError, match="places must be 2, one a head, got 0"):
        heads(maps, [])
