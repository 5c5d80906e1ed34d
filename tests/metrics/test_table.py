"""The default table: its rows, and that it tells a collapsed generator from a good one."""

import pytest
import torch

from avatarlib.metrics import compare, diversity, nearest_neighbours, random_pairs

ROWS = ["P1 fake, real", "P1r real, real", "P2 fake to nearest training image", "P2 fake to nearest held-out image",
        "P2 held-out to nearest fake", "P2r held-out to nearest training image", "P4 within fakes", "P4 within reals"]
N, SEED = 20, 0


def pictures(n, seed):
    """One of twelve faces, with noise of its own."""
    draws = torch.Generator().manual_seed(seed)
    faces = torch.rand(12, 3, 16, 16, generator=torch.Generator().manual_seed(99)) - 0.5
    chosen = torch.randint(12, (n,), generator=draws)
    return faces[chosen] + 0.5 * (torch.rand(n, 3, 16, 16, generator=draws) - 0.5)


TRAIN, TEST, GOOD = pictures(60, 1), pictures(30, 2), pictures(50, 3)
COLLAPSED = TRAIN.mean(dim=0, keepdim=True).expand(50, -1, -1, -1)


def test_rows_and_columns():
    table = compare(GOOD, TRAIN, TEST, n=N, seed=SEED)
    assert list(table.index) == ROWS
    assert list(table.columns) == ["SSIM", "SSIM low", "SSIM high", "PSNR", "PSNR low", "PSNR high", "n"]
    assert (table["SSIM low"] < table["SSIM"]).all()
    assert (table["PSNR"] < table["PSNR high"]).all()
    assert (table["n"] == N).all()
    assert table.attrs["seed"] == SEED


def test_each_row_is_its_protocol():
    """Every set stands where its row says; the nearest of 30 on all sides, the size of the smallest set."""
    table = compare(GOOD, TRAIN, TEST, n=N, seed=SEED)
    for metric in ("ssim", "psnr"):
        same = {"metric": metric, "n": N, "seed": SEED}
        expected = [random_pairs(GOOD, TEST, **same), random_pairs(TRAIN, TEST, **same),
                    nearest_neighbours(GOOD, TRAIN, n_references=30, **same),
                    nearest_neighbours(GOOD, TEST, n_references=30, **same),
                    nearest_neighbours(TEST, GOOD, n_references=30, **same),
                    nearest_neighbours(TEST, TRAIN, n_references=30, **same),
                    diversity(GOOD, **same), diversity(TRAIN, **same)]
        assert table[metric.upper()].tolist() == [score.value for score in expected]
        assert len({score.value for score in expected}) == len(ROWS)
    assert "P1r" in table.attrs["scores"]["P1r real, real"]["ssim"].protocol


def test_a_collapsed_generator_wins_p1_and_is_caught_by_p4_and_coverage():
    """The mean image beats real against real in PSNR, but is not diverse and covers nothing."""
    good, collapsed = (compare(fake, TRAIN, TEST, n=N, seed=SEED) for fake in (GOOD, COLLAPSED))
    assert collapsed.loc["P1 fake, real", "PSNR"] > collapsed.loc["P1r real, real", "PSNR high"]
    assert collapsed.loc["P4 within fakes", "SSIM"] > 0.999 > good.loc["P4 within fakes", "SSIM high"]
    assert collapsed.loc["P2 held-out to nearest fake", "SSIM"] < good.loc["P2 held-out to nearest fake", "SSIM low"]


@pytest.mark.parametrize(("sets", "message"), [
    ((GOOD[:39], TRAIN, TEST), "fake has 39 images, but 40 are needed"),
    ((GOOD, TRAIN[:39], TEST), "real_train has 39 images, but 40 are needed"),
    ((GOOD, TRAIN, TEST[:19]), "real_test has 19 images, but 20 are needed"),
    ((GOOD, TRAIN, TEST[..., :12]), r"real_test must have .* shape of fake, \(3, 16, 16\), got \(3, 16, 12\)"),
])
def test_small_or_unequal_sets_are_named(sets, message):
    with pytest.raises(ValueError, match=message):
        compare(*sets, n=N, seed=SEED)
