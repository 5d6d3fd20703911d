"""Distances between clouds against loops, assignments and closed forms."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import sqrtm
from scipy.optimize import linear_sum_assignment

from kernels.diffusion import distances, mixtures

SEEDS = st.integers(0, 2**32 - 1)


def clouds(seed, n=7, m=5, d=3):
    g = np.random.default_rng(seed)
    return g.normal(size=(n, d)), g.normal(0.5, 2.0, (m, d))


def mean_over_pairs(function, x, y):
    return np.mean([function(a, b) for a in x for b in y])


def mean_within(function, x):
    return np.mean([function(a, b) for a, b in itertools.permutations(x, 2)])


@given(SEEDS)
def test_energy_distance_is_its_sum_over_pairs(seed):
    x, y = clouds(seed)

    def length(a, b):
        return np.linalg.norm(a - b)

    wanted = 2 * mean_over_pairs(length, x, y) - mean_within(length, x) - mean_within(length, y)
    np.testing.assert_allclose(distances.energy(x, y), wanted, rtol=1e-6, atol=1e-7)


@given(SEEDS, st.floats(0.3, 5.0))
def test_discrepancy_is_its_sum_over_pairs(seed, width):
    x, y = clouds(seed)

    def kernel(a, b):
        return np.exp(-((a - b) ** 2).sum() / (2 * width**2))

    wanted = mean_within(kernel, x) + mean_within(kernel, y) - 2 * mean_over_pairs(kernel, x, y)
    np.testing.assert_allclose(distances.discrepancy(x, y, width), wanted, rtol=1e-6, atol=1e-7)


@given(SEEDS)
def test_on_a_line_the_best_pairing_is_the_sorted_one(seed):
    g = np.random.default_rng(seed)
    x, y = g.normal(size=(2, 8, 2))
    for axis in (0, 1):
        cost = (x[:, None, axis] - y[None, :, axis]) ** 2
        rows, columns = linear_sum_assignment(cost)
        wanted = cost[rows, columns].mean()
        found = distances.wasserstein_line(x, y)[axis]
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-12)


def test_slices_of_a_shift_see_its_share():
    x = np.random.default_rng(0).normal(size=(50, 4))
    shift = np.array([3.0, 0.0, 4.0, 0.0])
    found = distances.sliced_wasserstein(x, x + shift, np.random.default_rng(1), 20_000)
    assert found == pytest.approx(5.0 / np.sqrt(4.0), rel=0.02)


def test_clouds_of_unequal_size_compare_by_quantiles():
    g = np.random.default_rng(2)
    x, y = g.normal(size=(4000, 1)), g.normal(2.0, 1.0, (1500, 1))
    assert distances.wasserstein_line(x, y)[0] == pytest.approx(4.0, rel=0.1)
    swapped = distances.wasserstein_line(y, x)
    np.testing.assert_allclose(swapped, distances.wasserstein_line(x, y))


@pytest.mark.slow
@settings(deadline=None)
@given(SEEDS, st.integers(1, 5))
def test_frechet_is_the_formula_with_scipys_root(seed, d):
    g = np.random.default_rng(seed)
    x, y = g.normal(size=(40, d)), g.normal(1.0, 2.0, (30, d)) @ g.normal(size=(d, d))
    a, b = np.atleast_2d(np.cov(x, rowvar=False)), np.atleast_2d(np.cov(y, rowvar=False))
    crossed = np.trace(np.real(sqrtm(a @ b)))
    off = ((x.mean(axis=0) - y.mean(axis=0)) ** 2).sum()
    found = distances.gaussian_frechet(x.mean(axis=0), a, y.mean(axis=0), b)
    np.testing.assert_allclose(found, off + np.trace(a) + np.trace(b) - 2 * crossed, rtol=1e-4)


@pytest.mark.slow
@given(SEEDS)
def test_every_distance_is_symmetric_and_none_from_itself(seed):
    x, y = clouds(seed, 12, 12, 2)
    g = np.random.default_rng
    for distance in (
        distances.energy,
        distances.frechet,
        lambda x, y: distances.discrepancy(x, y, 1.0),
        lambda x, y: distances.sliced_wasserstein(x, y, g(0)),
    ):
        np.testing.assert_allclose(distance(x, y), distance(y, x), rtol=1e-6, atol=1e-9)
    assert distances.sliced_wasserstein(x, x, g(0)) == 0.0
    assert distances.frechet(x, x) == pytest.approx(0.0, abs=1e-7)
    assert distances.energy(x, x) <= 0.0  # without bias: its own points are never compared


def test_distances_tell_a_ring_from_a_blob_of_the_same_covariance():
    g = np.random.default_rng(3)
    ring = mixtures.ring()
    x, again = ring.draw(g, 1000)[0], ring.draw(g, 1000)[0]
    blob = g.multivariate_normal(ring.mean(), ring.covariance(), 1000)
    assert distances.energy(x, blob) > 10.0 * abs(distances.energy(x, again))
    width = distances.median_length(x, blob) / 4.0
    apart, floor = distances.discrepancy(x, blob, width), distances.discrepancy(x, again, width)
    assert apart > 10.0 * abs(floor)
    assert distances.frechet(x, blob) < 0.05  # which sees means and covariances alone


def test_the_nearest_is_found():
    x, y = clouds(4)
    wanted = [min(np.linalg.norm(a - b) for b in y) for a in x]
    np.testing.assert_allclose(distances.nearest(x, y), wanted, atol=1e-9)
