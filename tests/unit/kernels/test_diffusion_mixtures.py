"""Exact scores and velocities against differences of densities and against brute averages."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.diffusion import flow, guidance, mixtures

SEEDS = st.integers(0, 2**32 - 1)


def drawn(seed, k=3, d=2):
    """A mixture with slanted components of unequal weight."""
    g = np.random.default_rng(seed)
    weights = g.dirichlet(np.full(k, 2.0))
    roots = g.normal(0.0, 0.5, (k, d, d)) + 0.4 * np.eye(d)
    covariances = roots @ np.swapaxes(roots, 1, 2) + 0.05 * np.eye(d)
    return mixtures.Mixture(weights, g.normal(0.0, 1.5, (k, d)), covariances)


def points(seed, n=6, d=2):
    return np.random.default_rng([seed, 9]).normal(0.0, 1.5, (n, d))


def differences(function, x, step=1e-5):
    """Central differences of a function from points to numbers."""
    found = np.empty(x.shape)
    for axis in range(x.shape[1]):
        off = step * np.eye(x.shape[1])[axis]
        found[:, axis] = (function(x + off) - function(x - off)) / (2.0 * step)
    return found


@settings(deadline=None)
@given(SEEDS, st.integers(1, 4), st.integers(1, 3))
def test_the_score_is_the_slope_of_the_log_density(seed, k, d):
    mixture, x = drawn(seed, k, d), points(seed, d=d)
    slope = differences(lambda x: mixtures.log_density(mixture, x), x)
    np.testing.assert_allclose(mixtures.score(mixture, x), slope, rtol=1e-4, atol=1e-4)


def test_the_density_sums_to_one():
    mixture = drawn(3)
    axis = np.linspace(-12.0, 12.0, 601)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    total = np.exp(mixtures.log_density(mixture, grid)).sum() * (axis[1] - axis[0]) ** 2
    np.testing.assert_allclose(total, 1.0, rtol=1e-6)


def test_a_component_without_weight_counts_for_nothing():
    alone = mixtures.round_mixture([[0.0, 0.0]], 1.0)
    both = mixtures.round_mixture([[0.0, 0.0], [9.0, 9.0]], 1.0, [1.0, 0.0])
    x = points(0)
    np.testing.assert_allclose(mixtures.score(both, x), mixtures.score(alone, x))


@pytest.mark.slow
@settings(deadline=None)
@given(SEEDS, st.floats(0.05, 0.95))
def test_the_mean_noise_is_that_of_all_that_could_have_been(seed, alpha_bar):
    """One dimension, by summing over a grid of clean points."""
    mixture, x = drawn(seed, 2, 1), points(seed, 4, 1)
    grid = np.linspace(-15.0, 15.0, 30_001)[:, None]
    prior = mixtures.log_density(mixture, grid)
    for each in x:
        noise = (each - np.sqrt(alpha_bar) * grid) / np.sqrt(1.0 - alpha_bar)
        weights = np.exp(prior - 0.5 * noise[:, 0] ** 2)
        wanted = (weights * noise[:, 0]).sum() / weights.sum()
        found = mixtures.noise(mixture, each[None], alpha_bar)[0, 0]
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)


@settings(deadline=None)
@given(SEEDS, st.floats(0.02, 0.9), st.sampled_from([flow.straight, flow.swung]))
def test_the_velocity_carries_the_density_along(seed, t, path):
    """The continuity equation: the density's change is minus the divergence of what flows."""
    mixture, x = drawn(seed), points(seed, 3)
    step = 1e-4

    def density(x, t):
        a, s, _, _ = path(t)
        return np.exp(mixtures.log_density(mixtures.noised(mixture, a, s), x))

    change = (density(x, t + step) - density(x, t - step)) / (2.0 * step)
    divergence = 0.0
    for axis in (0, 1):
        off = step * np.eye(2)[axis]
        ahead, behind = (
            density(x + sign * off, t)
            * mixtures.velocity(mixture, x + sign * off, t, path)[:, axis]
            for sign in (1.0, -1.0)
        )
        divergence = divergence + (ahead - behind) / (2.0 * step)
    np.testing.assert_allclose(change, -divergence, rtol=1e-3, atol=1e-5)


def test_at_the_start_the_velocity_points_at_the_mean():
    mixture, x = drawn(5), points(5)
    np.testing.assert_allclose(mixtures.velocity(mixture, x, 0.0), mixture.mean() - x, atol=1e-12)


def test_moments_are_those_of_draws():
    mixture = drawn(6)
    x, which = mixture.draw(np.random.default_rng(0), 60_000)
    np.testing.assert_allclose(x.mean(axis=0), mixture.mean(), atol=0.03)
    np.testing.assert_allclose(np.cov(x, rowvar=False), mixture.covariance(), atol=0.08)
    np.testing.assert_allclose(np.bincount(which) / len(x), mixture.weights, atol=0.01)


def test_the_ring_is_round():
    mixture = mixtures.ring(8, 2.0, 0.2)
    np.testing.assert_allclose(mixtures.ring().means, mixture.means)
    np.testing.assert_allclose(np.linalg.norm(mixture.means, axis=1), 2.0)
    np.testing.assert_allclose(mixture.mean(), 0.0, atol=1e-12)
    np.testing.assert_allclose(mixture.covariance(), (2.0 + 0.04) * np.eye(2), atol=1e-12)


def test_some_components_share_the_weight_in_proportion():
    mixture = mixtures.round_mixture([[0.0], [1.0], [5.0]], 0.5, [0.1, 0.6, 0.3])
    some = mixture.only(0, 2)
    np.testing.assert_allclose(some.weights, [0.25, 0.75])
    np.testing.assert_array_equal(some.means, [[0.0], [5.0]])


# ---- guidance ----


@given(SEEDS)
def test_guidance_by_nothing_is_the_class_and_by_minus_one_ignores_it(seed):
    given_class, without = np.random.default_rng(seed).normal(size=(2, 4, 2))
    np.testing.assert_array_equal(guidance.guide(given_class, without, 0.0), given_class)
    np.testing.assert_allclose(guidance.guide(given_class, without, -1.0), without)


@settings(deadline=None)
@given(SEEDS, st.floats(0.05, 0.9), st.floats(-1.0, 4.0))
def test_guided_noise_is_the_slope_of_the_density_that_it_follows(seed, alpha_bar, weight):
    mixture, x = drawn(seed), points(seed)
    found = guidance.guided_mixture(mixture, (0, 2), weight)(x, alpha_bar)
    slope = differences(
        lambda x: guidance.guided_log_density(mixture, (0, 2), weight, x, alpha_bar), x
    )
    np.testing.assert_allclose(found, -np.sqrt(1.0 - alpha_bar) * slope, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("weight", [0.0, -1.0, 2.5])
def test_a_guided_model_asks_for_both_at_once(weight):
    asked = []

    def model(x, level, labels):
        asked.append(list(labels))
        return x + level + np.asarray(labels)[:, None]

    x = points(0, 3)
    found = guidance.guided(model, [4, 5, 6], 10, weight)(x, 0.5)
    wanted = (1 + weight) * (x + 0.5 + [[4], [5], [6]]) - weight * (x + 10.5)
    np.testing.assert_allclose(found, wanted)
    assert asked == [[4, 5, 6]] if weight == 0.0 else [[4, 5, 6, 10, 10, 10]]


def test_labels_are_dropped_in_the_share_asked_for():
    labels = np.arange(10_000) % 10
    found = guidance.drop_labels(np.random.default_rng(0), labels, 0.3, 10)
    assert 0.28 < (found == 10).mean() < 0.32
    assert (found[found != 10] == labels[found != 10]).all()
