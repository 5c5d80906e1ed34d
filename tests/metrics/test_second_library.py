"""Every measure of ``avatarlib evaluate`` beside another library's number for the same tiny inputs, in one table."""

import numpy as np
import pytest
import scipy.linalg
import scipy.optimize
import scipy.stats
import skimage.metrics
import sklearn.metrics
import torch
from sklearn.metrics.pairwise import cosine_similarity, euclidean_distances, polynomial_kernel
from sklearn.neighbors import NearestNeighbors
from torchmetrics.functional.image import peak_signal_noise_ratio as torchmetrics_psnr

from avatarlib import metrics
from avatarlib.runs.evaluation import SHARES, measures_of

N, D, SEED = 40, 5, 3
DRAWS = np.random.default_rng(0)
REAL, FAKE = (torch.from_numpy(DRAWS.normal(size=(N, D)) * size + shift) for size, shift in ((1, 0), (0.6, 1)))
PICTURES = torch.from_numpy(DRAWS.random((2, 3, 3, 16, 16), np.float32))      # two sets of three, in [0, 1]
WANTED, FOUND = (torch.from_numpy(DRAWS.integers(0, 2, (N, 4))).float() for _ in range(2))
SEEDS = (1.2, 0.7, 1.9)


def scipy_frechet(a=REAL, b=FAKE):
    """NumPy's covariances and SciPy's matrix root."""
    one, other = (np.cov(side.numpy(), rowvar=False) for side in (a, b))
    gap = (a.mean(0) - b.mean(0)).numpy()
    return gap @ gap + np.trace(one + other - 2 * scipy.linalg.sqrtm(one @ other).real)


def scipy_infinity():
    """SciPy's regression through SciPy's distances of the same subsets: 20 to 40 rows, 1/N evenly spaced."""
    chance = torch.Generator().manual_seed(SEED)
    counts = [20, 27, 40]                       # 1/20, 3/80 (26.7), 1/40
    values = [scipy_frechet(*(side[torch.randperm(N, generator=chance)[:count]] for side in (REAL, FAKE)))
              for count in counts]
    return scipy.stats.linregress([1 / count for count in counts], values).intercept


def sklearn_kernel():
    """scikit-learn's polynomial kernel, whose default is gamma = 1 / D and coef0 = 1; the diagonal left out."""
    within = [polynomial_kernel(side, degree=3) for side in (REAL, FAKE)]
    return sum((k.sum() - k.trace()) / (N * (N - 1)) for k in within) - 2 * polynomial_kernel(REAL, FAKE).mean()


def scipy_sliced():
    """SciPy's assignment of least cost along each of the same directions, in place of sorting."""
    units = torch.randn(6, D, generator=torch.Generator().manual_seed(SEED), dtype=torch.float64)
    squares = []
    for unit in units / units.norm(dim=1, keepdim=True):
        costs = ((REAL @ unit)[:, None] - (FAKE @ unit)[None]).square().numpy()
        squares.append(costs[scipy.optimize.linear_sum_assignment(costs)].mean())
    return np.mean(squares) ** 0.5


def sklearn_balls(k, centres, points):
    """Which of scikit-learn's k-th-neighbour balls (N) hold which points (M): booleans (M, N)."""
    nearest = NearestNeighbors(n_neighbors=k + 1).fit(centres)          # each is its own first neighbour
    return euclidean_distances(points, centres) <= nearest.kneighbors(centres)[0][:, k] + 1e-9


def scipy_vendi():
    """scikit-learn's similarities of all pairs, SciPy's eigenvalues and entropy."""
    return np.exp(scipy.stats.entropy(scipy.linalg.eigvalsh(cosine_similarity(FAKE) / N).clip(0)))


def sklearn_tags():
    """Of those that want a tag, the share where it was found: what scikit-learn calls recall."""
    return sklearn.metrics.recall_score(WANTED, FOUND, average="macro")


def own_tags():
    """The found tags are painted into the pictures, and the judge reads them there."""
    pictures = torch.zeros(N, 3, 1, 4)
    pictures[:, 0, 0] = FOUND
    return metrics.tag_agreement(pictures, WANTED, lambda images: images[:, 0, 0], ["a", "b", "c", "d"])["precision"]


def images(measure, **options):
    return [measure(*(side[i].numpy() for side in PICTURES), data_range=1.0, **options) for i in range(3)]


def scipy_bootstrap():
    return scipy.stats.bootstrap((REAL[:, 0].numpy(),), np.mean, method="percentile", n_resamples=20_000,
                                 rng=np.random.default_rng(1)).confidence_interval


# measure -> (ours, theirs)
TABLE = {
    "Fréchet distance": (lambda: metrics.frechet_distance(REAL, FAKE), scipy_frechet),
    "Fréchet distance, N to infinity": (
        lambda: metrics.frechet_at_infinity(REAL, FAKE, seed=SEED, sizes=3), scipy_infinity),
    "kernel distance": (lambda: metrics.kernel_distance(REAL, FAKE, seed=SEED).mean, sklearn_kernel),
    "sliced distance": (lambda: metrics.sliced_distance(REAL, FAKE, seed=SEED, directions=6), scipy_sliced),
    "precision": (lambda: metrics.precision_recall(REAL, FAKE).precision,
                  lambda: sklearn_balls(3, REAL, FAKE).any(1).mean()),
    "recall": (lambda: metrics.precision_recall(REAL, FAKE).recall,
               lambda: sklearn_balls(3, FAKE, REAL).any(1).mean()),
    "density": (lambda: metrics.density_coverage(REAL, FAKE).density,
                lambda: sklearn_balls(5, REAL, FAKE).sum(1).mean() / 5),
    "coverage": (lambda: metrics.density_coverage(REAL, FAKE).coverage,
                 lambda: sklearn_balls(5, REAL, FAKE).any(0).mean()),
    "different pictures (Vendi)": (lambda: metrics.vendi_score(FAKE), scipy_vendi),
    "tag precision": (lambda: own_tags().mean(), sklearn_tags),
    "SSIM": (lambda: metrics.structural_similarity(*PICTURES, data_range=1.0), lambda: images(
        skimage.metrics.structural_similarity, gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
        channel_axis=0)),
    "PSNR": (lambda: metrics.peak_signal_noise_ratio(*PICTURES, data_range=1.0),
             lambda: images(skimage.metrics.peak_signal_noise_ratio)),
    "PSNR, torchmetrics": (lambda: metrics.peak_signal_noise_ratio(*PICTURES, data_range=1.0).mean(), lambda:
                           torchmetrics_psnr(*PICTURES, data_range=1.0, reduction="elementwise_mean", dim=(1, 2, 3))),
    "mean squared error": (lambda: metrics.mean_squared_error(*PICTURES),
                           lambda: [sklearn.metrics.mean_squared_error(*(side[i].flatten() for side in PICTURES))
                                    for i in range(3)]),
    "interval over seeds": (lambda: metrics.seed_interval(SEEDS)[1:], lambda: scipy.stats.t.interval(
        0.95, 2, np.mean(SEEDS), scipy.stats.sem(SEEDS))),
    "Wilson interval": (lambda: metrics.wilson_interval(7, 20),
                        lambda: scipy.stats.binomtest(7, 20).proportion_ci(method="wilson")),
}


@pytest.mark.parametrize("measure", TABLE)
def test_agrees_with_a_second_library(measure):
    ours, theirs = (np.asarray(value(), np.float64) for value in TABLE[measure])
    assert np.isfinite(theirs).all()
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_the_bootstrap_is_scipy_s_up_to_its_chance():
    """With 2,000 draws an end of the interval scatters by some hundredths of its width."""
    low, high = scipy_bootstrap()
    np.testing.assert_allclose(metrics.bootstrap_interval(REAL[:, 0], seed=0), (low, high), atol=(high - low) / 15)


def test_the_inputs_tell_measures_apart():
    """A share of 0 or 1 would agree by chance."""
    assert all(0.1 < TABLE[name][0]() < 0.95 for name in SHARES)


def test_the_table_has_every_measure_of_the_command():
    names = [name.replace(" toy ", " ") for group in measures_of("toy", N, SEED) for name in group]
    assert len(names) == 9
    assert set(names) <= set(TABLE)
