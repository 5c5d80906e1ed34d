"""The pool of old fakes and the gallery of first pictures, by hand and against a loop over single pictures."""

import pytest
import torch

from avatarlib.recipes.pool import Gallery, ImagePool


def numbered(*numbers):
    """Pictures (n, 1, 2, 2), each full of its number."""
    return torch.tensor(numbers, dtype=torch.float32)[:, None, None, None].expand(-1, 1, 2, 2)


def numbers(pictures):
    return pictures[:, 0, 0, 0].tolist()


@pytest.fixture
def rng():
    return torch.Generator().manual_seed(0)


def test_the_first_pictures_fill_the_pool_and_pass(rng):
    pool = ImagePool(3, (1, 2, 2))
    assert numbers(pool.exchange(numbered(1, 2), rng)) == [1, 2]
    assert numbers(pool.pictures) == [1, 2, 0]
    assert pool.count == 2
    assert numbers(pool.exchange(numbered(3), rng)) == [3]
    assert numbers(pool.pictures) == [1, 2, 3]
    assert pool.count == 3


def test_a_full_pool_gives_old_for_new_or_passes_on(rng):
    """Each of many pictures either passes, and the pool stays, or takes the place of the one that comes out."""
    pool, swaps = ImagePool(4, (1, 2, 2)), 0
    pool.exchange(numbered(0, 1, 2, 3), rng)
    held = [0, 1, 2, 3]
    for new in range(4, 404):
        (out,) = numbers(pool.exchange(numbered(new), rng))
        if out != new:
            swaps += 1
            held[held.index(out)] = new
        assert numbers(pool.pictures) == held
    assert 160 < swaps < 240        # 200 expected, standard deviation 10


def test_a_batch_is_exchanged_picture_by_picture(rng):
    """Nothing is lost or doubled: what goes in is in the pool or has come out, once."""
    pool, seen = ImagePool(5, (1, 2, 2)), []
    for start in range(0, 40, 4):       # the second batch fills the pool with its first picture
        seen += numbers(pool.exchange(numbered(*range(start, start + 4)), rng))
        assert len(seen) == start + 4
    everything = sorted(seen[5:] + numbers(pool.pictures))      # the first five also stay in the pool
    assert everything == list(range(40))
    assert seen[:5] == [0, 1, 2, 3, 4]


def test_what_comes_out_has_no_gradient_and_the_pool_keeps_float32(rng):
    pool = ImagePool(2, (1, 2, 2))
    for _ in range(3):
        fakes = numbered(1, 2).clone().requires_grad_()
        assert not pool.exchange(fakes, rng).requires_grad
    out = pool.exchange(numbered(1, 2).bfloat16(), rng)
    assert pool.pictures.dtype == torch.float32
    assert out.dtype == torch.float32


def test_no_pool_passes_everything(rng):
    pool = ImagePool(0, (1, 2, 2))
    for new in range(5):
        assert numbers(pool.exchange(numbered(new), rng)) == [new]


def test_a_saved_pool_goes_on_alike(rng):
    pool, other = ImagePool(3, (1, 2, 2)), ImagePool(3, (1, 2, 2))
    pool.exchange(numbered(1, 2), rng)
    other.load_state_dict(pool.state_dict())
    assert other.count == 2
    for new in range(3, 30):
        state = rng.get_state()
        expected = numbers(pool.exchange(numbered(new), rng))
        rng.set_state(state)
        assert numbers(other.exchange(numbered(new), rng)) == expected


def test_bad_sizes_are_named(rng):
    with pytest.raises(ValueError, match="size must be at least 0, got -1"):
        ImagePool(-1, (1, 2, 2))
    with pytest.raises(ValueError, match="fakes must be at most 2, the size of the pool, got 3"):
        ImagePool(2, (1, 2, 2)).exchange(numbered(1, 2, 3), rng)


def test_a_gallery_takes_the_first_eight_whatever_the_batch():
    """Three a round: 0 1 2, 3 4 5, then only 6 7 of the third; later rounds change nothing."""
    gallery = Gallery("photo", size=2)
    for round in range(5):
        batch = {"photo": torch.arange(3.0 * round, 3 * round + 3)[:, None, None, None].expand(-1, 3, 2, 2)}
        gallery.keep(batch, round)
    assert numbers(gallery.photo) == [0, 1, 2, 3, 4, 5, 6, 7]
