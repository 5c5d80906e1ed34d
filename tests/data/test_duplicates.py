"""Duplicates: what counts as one picture, which of several stays, and that thousands are no matter."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from scipy.fft import dct
from skimage import data as pictures

from avatarlib.data.drawn.avatarset import draw_avatar, load_style
from avatarlib.data.files.duplicates import colour_grids, find_distinct, hash_files, keep_distinct, perceptual_hashes


def bits(*positions, width=64):
    """A hash with ones in these places."""
    row = np.zeros(width, bool)
    row[list(positions)] = True
    return row


def test_the_hash_is_which_low_frequencies_lie_above_their_median():
    """One picture by hand: cosine transform of the rows, then of the columns; 8 x 8 values, 32 above the median."""
    grey = np.random.default_rng(0).integers(0, 256, (32, 32))
    low = dct(dct(grey.astype(float), axis=0), axis=1)[:8, :8].ravel()
    found = perceptual_hashes(np.stack([grey, 255 - grey]))
    assert found[0].tolist() == (low > np.median(low)).tolist()
    assert found.sum(1).tolist() == [32, 32]


def test_the_larger_of_two_alike_stays():
    hashes = np.stack([bits(), bits(0), bits(*range(20)), bits(*range(21))])
    assert find_distinct(hashes, [100, 400, 300, 200], threshold=2).tolist() == [1, 2]
    assert find_distinct(hashes, [400, 400, 200, 300], threshold=2).tolist() == [0, 3]      # the first of equals
    assert find_distinct(hashes, [1, 1, 1, 1], threshold=0).tolist() == [0, 1, 2, 3]
    assert find_distinct(hashes, [1, 1, 1, 1], threshold=64).tolist() == [0]


def test_a_chain_is_not_followed():
    """Each is two bits from its neighbours; the ends differ by four, so both ends stay and the middle goes."""
    chain = np.stack([bits(), bits(0, 1), bits(0, 1, 2, 3)])
    assert find_distinct(chain, [3, 2, 1], threshold=2).tolist() == [0, 2]
    assert find_distinct(chain, [1, 3, 2], threshold=2).tolist() == [1]


def test_thousands_of_pictures_as_one_by_one():
    """Three blocks: the rule of the docstring, spelt out in a loop over all pairs."""
    draws = np.random.default_rng(0)
    hashes = draws.integers(0, 2, (400, 64)).astype(bool)[draws.integers(0, 400, 1200)]
    hashes ^= draws.random(hashes.shape) < 0.03         # about two bits of 64
    areas = draws.integers(1, 50, 1200)
    staying = []
    for row in sorted(range(1200), key=lambda row: -areas[row]):
        if all((hashes[row] != hashes[other]).sum() > 6 for other in staying):
            staying.append(row)
    found = find_distinct(hashes, areas, threshold=6)
    assert found.tolist() == sorted(staying)
    assert 300 < len(found) < 600


def test_no_pictures_are_distinct():
    assert find_distinct(np.zeros((0, 64), bool), []).tolist() == []


@pytest.mark.parametrize(("hashes", "areas", "threshold", "message"), [
    (np.zeros((3, 64), bool), [1, 2], 6, r"hashes must be \(N, bits\) with N = 2 areas, got \(3, 64\)"),
    (np.zeros((1, 64), bool), [1], 65, r"threshold must be in \[0, 64\] bits, got 65"),
])
def test_what_does_not_fit_is_named(hashes, areas, threshold, message):
    with pytest.raises(ValueError, match=message):
        find_distinct(hashes, areas, threshold=threshold)


def test_hashes_want_small_grey_pictures():
    with pytest.raises(ValueError, match=r"greys must be \(N, 32, 32\), got \(2, 8, 8\)"):
        perceptual_hashes(np.zeros((2, 8, 8)))


@pytest.fixture
def scraped(tmp_path):
    """Two scenes, the first also smaller, recompressed, and brighter; and a file that is none."""
    cat, coffee = Image.fromarray(pictures.chelsea()), Image.fromarray(pictures.coffee())
    cat.save(tmp_path / "a-cat.png")
    cat.resize((225, 150)).save(tmp_path / "cat-small.png")
    cat.save(tmp_path / "cat-again.jpg", quality=30)
    cat.point(lambda level: min(255, round(1.1 * level))).resize((300, 200)).save(tmp_path / "cat-bright.png")
    coffee.save(tmp_path / "coffee.png")
    cat.crop((200, 0, 451, 300)).save(tmp_path / "half-a-cat.png")
    (tmp_path / "page.jpg").write_text("<html>")
    return sorted(tmp_path.iterdir())


def test_the_largest_of_each_scene_stays(scraped):
    kept, gone = keep_distinct(scraped, progress=False)
    assert [path.name for path in gone] == ["cat-again.jpg", "cat-bright.png", "cat-small.png"]     # a-cat comes first
    assert [path.name for path in kept] == ["a-cat.png", "coffee.png", "half-a-cat.png", "page.jpg"]


def write_avatars(folder, options):
    """One avatar of the seed 5, drawn with each of ``options``: option -> value."""
    folder.mkdir()
    for row, changed in enumerate(options):
        pixels, _ = draw_avatar("avataaars", {"seed": "5", "topVariant": ["bob"], "eyesVariant": ["default"],
                                              "mouthVariant": ["smile"], **changed}, size=128)
        Image.fromarray(pixels.transpose(1, 2, 0)).save(folder / f"{row:02}.png")
    return sorted(folder.iterdir())


def test_what_differs_in_colour_is_no_duplicate(tmp_path):
    """One avatar with each of the style's hair colours, skins and clothes; most have the same grey shapes."""
    recoloured = [{option: [colour]} for option, name in (("hairColor", "hair"), ("skinColor", "skin"),
                                                          ("clothesColor", "clothes"))
                  for colour in load_style("avataaars").colors()[name].values()]
    paths = write_avatars(tmp_path / "in", recoloured)
    assert len(paths) > 25
    hashes, grids, areas, _ = hash_files(paths, progress=False)
    by_hash = len(paths) - len(find_distinct(hashes, areas))
    same = len(paths) - len({path.read_bytes() for path in paths})      # the avatar's own colours come up again
    assert len(paths) - len(find_distinct(hashes, areas, grids=grids)) == same <= 3
    assert by_hash > 15


def test_expressions_of_one_face_are_no_duplicates(tmp_path):
    paths = write_avatars(tmp_path / "in", [{}, {"mouthVariant": ["screamOpen"]}, {"mouthVariant": ["tongue"]},
                                            {"eyesVariant": ["closed"]}, {"eyesVariant": ["hearts"]}])
    hashes, _, areas, _ = hash_files(paths, progress=False)
    assert len(find_distinct(hashes, areas)) < 5
    assert keep_distinct(paths, progress=False) == (paths, [])


def test_colours_are_compared_whatever_the_light_and_cell_by_cell():
    """Twice the contrast and 30 levels more change nothing; a cell may be 0.15 standard deviations off, not 0.2."""
    colours = np.random.default_rng(0).normal(100, 20, (1, 16, 16, 3))
    one, brighter = colour_grids(np.concatenate([colours, 2 * colours + 30]))
    np.testing.assert_allclose(one, brighter, atol=1e-4)
    assert (abs(one.mean()), one.std()) == pytest.approx((0, 1), abs=1e-4)
    hashes, areas = np.zeros((2, 64), bool), [2, 1]
    for change, left in ((0.14, [0]), (0.2, [0, 1])):
        other = one.copy()
        other[3, 4, 1] += change
        assert find_distinct(hashes, areas, grids=np.stack([one, other])).tolist() == left
    with pytest.raises(ValueError, match=r"grids must be \(2, 16, 16, 3\), got \(2, 8, 8, 3\)"):
        find_distinct(hashes, areas, grids=np.zeros((2, 8, 8, 3)))


def test_a_flat_picture_has_a_grid_without_noise():
    """Half a level of noise is not blown up to a pattern: the spread counts as one level at least."""
    assert np.abs(colour_grids(np.full((1, 16, 16, 3), 200.0) + np.eye(16)[None, :, :, None] / 2)).max() < 0.5


def test_unreadable_files_have_no_hash(scraped):
    hashes, grids, areas, rows = hash_files(scraped, progress=False)
    assert len(hashes) == len(grids) == len(areas) == len(rows) == len(scraped) - 1
    assert "page.jpg" not in {scraped[row].name for row in rows}
    assert areas.max() == 600 * 400
