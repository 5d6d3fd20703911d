"""Walks back from noise: against each other, against known flows, and to where they should lead."""

from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.diffusion import distances, flow, forward, mixtures, samplers, schedules

SEEDS = st.integers(0, 2**32 - 1)
SHARES = st.floats(0.01, 0.95)
RING = mixtures.ring(3, 3.0, 0.4)


def normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


def exact(x, alpha_bar):
    return mixtures.noise(RING, x, alpha_bar)


# ---- one step ----


@given(SEEDS, SHARES, st.floats(0.05, 0.95))
def test_the_implicit_step_with_eta_one_is_the_ancestral_step(seed, alpha_bar, share):
    earlier = alpha_bar + share * (1.0 - alpha_bar)
    x, noise, fresh = normal(seed, 3, 4, 2)
    ancestral = samplers.ancestral_step(x, noise, alpha_bar, earlier, fresh)
    implicit = samplers.implicit_step(x, noise, alpha_bar, earlier, fresh, eta=1.0)
    np.testing.assert_allclose(implicit, ancestral, rtol=1e-8, atol=1e-8)


@given(SEEDS, SHARES, st.floats(0.05, 0.95))
def test_the_implicit_step_without_fresh_noise_turns_along_the_circle(seed, alpha_bar, share):
    earlier = alpha_bar + share * (1.0 - alpha_bar)
    x, noise, fresh = normal(seed, 3, 4, 2)
    v = forward.v_target(forward.clean_from_noise(x, noise, alpha_bar), noise, alpha_bar)
    turned = np.arccos(np.sqrt(alpha_bar)) - np.arccos(np.sqrt(earlier))
    found = samplers.implicit_step(x, noise, alpha_bar, earlier, fresh)
    np.testing.assert_allclose(found, np.cos(turned) * x - np.sin(turned) * v, atol=1e-8)


@given(SEEDS, SHARES, st.floats(0.05, 0.95), st.floats(0.0, 1.0))
def test_the_implicit_step_keeps_the_variance_that_its_level_should_have(
    seed, alpha_bar, share, eta
):
    """With the true noise the point at the earlier level has the law of a noised image there."""
    earlier = alpha_bar + share * (1.0 - alpha_bar)
    sigma = eta * np.sqrt(forward.posterior_variance(alpha_bar, earlier))
    zero = np.zeros((1, 1))
    x = forward.noised(zero, alpha_bar, zero + 1.0)
    kept = samplers.implicit_step(x, zero + 1.0, alpha_bar, earlier, zero, eta)
    np.testing.assert_allclose(kept**2 + sigma**2, 1.0 - earlier, atol=1e-9)


def test_the_two_variances_of_an_ancestral_step_are_the_papers():
    levels, zero = schedules.linear(1000), np.zeros(3)
    fresh, t = np.ones(3), 400
    narrow, wide = (
        samplers.ancestral_step(zero, zero, levels[t], levels[t - 1], fresh, name)
        for name in ("posterior", "beta")
    )
    beta = 1e-4 + (0.02 - 1e-4) * (t - 1) / 999
    np.testing.assert_allclose(wide, np.sqrt(beta))
    np.testing.assert_allclose(narrow**2, beta * (1 - levels[t - 1]) / (1 - levels[t]))
    with pytest.raises(ValueError, match="'posterior' or 'beta'"):
        samplers.ancestral_step(zero, zero, 0.5, 0.6, fresh, "learned")


# ---- whole walks ----


def distance_and_floor(found, n=800):
    """Energy distance from the ring to what was drawn, and the largest that chance makes."""
    real = [RING.draw(np.random.default_rng(100 + i), n)[0] for i in range(5)]
    floor = max(distances.energy(a, b) for a, b in pairwise(real))
    return distances.energy(found, real[0]), max(floor, 2e-3)


def walks():
    x = normal(1, 800, 2)
    levels, times = schedules.respace(schedules.cosine(1000), 60), np.linspace(0.0, 1.0, 41)
    swung = samplers.swing(exact)

    def velocity(x, t):
        return mixtures.velocity(RING, x, t)

    def g():  # a generator of its own for each walk: tests run in any order
        return np.random.default_rng(0)

    yield "ancestral", lambda: samplers.ancestral(exact, x, levels, g())
    yield "ancestral-beta", lambda: samplers.ancestral(exact, x, levels, g(), "beta")
    yield "implicit", lambda: samplers.implicit(exact, x, levels)
    yield "implicit-half", lambda: samplers.implicit(exact, x, levels, 0.5, g())
    yield "swing-heun", lambda: samplers.heun(swung, x, np.linspace(1e-3, 1.0, 41))
    yield "flow-euler", lambda: samplers.euler(velocity, x, np.linspace(0.0, 1.0, 101))
    yield "flow-heun", lambda: samplers.heun(velocity, x, times)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "walk"), list(walks()), ids=lambda each: str(each)[:14])
def test_every_sampler_with_the_exact_model_draws_from_the_mixture(name, walk):
    found = walk()
    start, end = found[0], found[-1]
    far, floor = distance_and_floor(end)
    assert far < 3.0 * floor, name
    assert distances.energy(start, RING.draw(np.random.default_rng(7), 800)[0]) > 20.0 * floor


@pytest.mark.parametrize("variance", ["posterior", "beta"])
def test_the_clean_end_needs_no_fresh_noise(variance):
    levels = schedules.respace(schedules.cosine(1000), 5)
    x = normal(2, 3, 2)
    first = samplers.ancestral(exact, x, levels, np.random.default_rng(0), variance)
    noise = exact(first[-2], levels[1])
    np.testing.assert_allclose(
        first[-1], forward.clean_from_noise(first[-2], noise, levels[1]), atol=1e-12
    )


@pytest.mark.parametrize("variance", ["posterior", "beta"])
def test_an_ancestral_walk_takes_steps_of_the_variance_asked_for(variance):
    levels, x = schedules.respace(schedules.cosine(1000), 7), normal(12, 3, 2)
    walk = samplers.ancestral(exact, x, levels, np.random.default_rng(0), variance)
    fresh, noise = np.random.default_rng(0).normal(size=(3, 2)), exact(x, levels[7])
    step = samplers.ancestral_step(x, noise, levels[7], levels[6], fresh, variance)
    np.testing.assert_allclose(walk[1], step, rtol=1e-14)


def test_an_implicit_walk_with_eta_one_is_the_ancestral_walk():
    levels, x = schedules.respace(schedules.cosine(1000), 7), normal(11, 3, 2)
    implicit = samplers.implicit(exact, x, levels, 1.0, np.random.default_rng(0))
    ancestral = samplers.ancestral(exact, x, levels, np.random.default_rng(0))
    np.testing.assert_allclose(implicit, ancestral, rtol=0, atol=1e-9)


def test_walks_keep_every_point_on_the_way():
    x, levels = normal(3, 4, 2), schedules.respace(schedules.cosine(1000), 9)
    for walk in (samplers.implicit(exact, x, levels),
                 samplers.euler(lambda x, t: x, x, np.linspace(0, 1, 10))):  # fmt: skip
        assert walk.shape == (10, 4, 2)
        np.testing.assert_array_equal(walk[0], x)


@pytest.mark.parametrize(("sampler", "order"), [(samplers.euler, 1), (samplers.heun, 2)])
def test_the_error_falls_with_the_methods_order(sampler, order):
    def error(steps):
        walk = sampler(lambda x, t: x * np.cos(t), np.ones((1, 1)), np.linspace(0, 2, steps + 1))
        return abs(walk[-1, 0, 0] - np.exp(np.sin(2.0)))

    assert error(40) / error(80) == pytest.approx(2.0**order, rel=0.2)


def test_the_probability_flow_of_one_gaussian_scales_and_shifts():
    alone = mixtures.round_mixture([[1.0, -2.0]], 0.5)
    x = normal(4, 50, 2)
    velocity = samplers.swing(lambda x, a: mixtures.noise(alone, x, a))
    found = samplers.heun(velocity, x, np.linspace(1e-6, 1.0, 400))[-1]
    np.testing.assert_allclose(found, np.array([1.0, -2.0]) + 0.5 * x, atol=1e-3)


# ---- flow matching ----


@pytest.mark.parametrize("path", [flow.straight, flow.swung, partial(flow.straight, smallest=0.1)])
@pytest.mark.parametrize("t", [0.1, 0.5, 0.9])
def test_the_target_is_the_slope_of_its_path(path, t):
    x_0, x_1 = normal(5, 2, 3, 2)
    ahead, _ = flow.target(x_0, x_1, t + 1e-6, path)
    behind, _ = flow.target(x_0, x_1, t - 1e-6, path)
    x, wanted = flow.target(x_0, x_1, t, path)
    np.testing.assert_allclose((ahead - behind) / 2e-6, wanted, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(flow.conditional_velocity(x, x_1, t, path), wanted, atol=1e-9)


@pytest.mark.parametrize("path", [flow.straight, flow.swung])
def test_paths_lead_from_noise_to_data(path):
    assert flow.straight(1.0, smallest=0.1)[:2] == pytest.approx((1.0, 0.1))
    x_0, x_1 = normal(6, 2, 3, 2)
    np.testing.assert_allclose(flow.target(x_0, x_1, 0.0, path)[0], x_0, atol=1e-12)
    np.testing.assert_allclose(flow.target(x_0, x_1, 1.0, path)[0], x_1, atol=1e-12)


@settings(deadline=None, max_examples=30)
@given(st.floats(0.05, 0.9), st.floats(-2.0, 2.0), st.floats(0.1, 1.0))
def test_regressing_on_one_pair_or_on_the_mean_of_all_has_the_same_gradient(t, apart, deviation):
    """In one dimension, by quadrature, for the gradient of a model that has features sin and 1."""
    mixture = mixtures.round_mixture([[apart], [apart + 2.0]], deviation, [0.3, 0.7])
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = weights / weights.sum()
    by_pairs, by_mean = np.zeros(2), np.zeros(2)
    for share, mean in zip(mixture.weights, mixture.means[:, 0], strict=True):
        x_0, x_1 = (each.ravel() for each in np.meshgrid(nodes, mean + deviation * nodes))
        both = share * np.outer(weights, weights).ravel()
        x, wanted = flow.target(x_0, x_1, t)
        features = np.stack([np.sin(x), np.ones_like(x)])
        by_pairs += features @ (both * wanted)
        by_mean += features @ (both * mixtures.velocity(mixture, x[:, None], t)[:, 0])
    np.testing.assert_allclose(by_pairs, by_mean, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_the_flow_gives_the_mixture_its_mean_and_its_covariance():
    slanted = mixtures.Mixture(
        np.array([0.25, 0.75]),
        np.array([[-2.0, 0.0], [1.0, 1.0]]),
        np.array([[[0.3, 0.1], [0.1, 0.2]], [[0.1, 0.0], [0.0, 0.5]]]),
    )
    _, found = flow.reflow_pairs(lambda x, t: mixtures.velocity(slanted, x, t), normal(8, 8000, 2))
    np.testing.assert_allclose(found.mean(axis=0), slanted.mean(), atol=0.06)
    np.testing.assert_allclose(np.cov(found, rowvar=False), slanted.covariance(), atol=0.12)


@pytest.mark.parametrize(("told", "steps"), [({}, 32), ({"steps": 4}, 4)])
def test_pairs_for_a_second_flow_are_joined_in_even_steps(told, steps):
    asked = []

    def velocity(x, t):
        asked.append(t)
        return np.ones_like(x)

    start, end = flow.reflow_pairs(velocity, np.zeros((3, 2)), **told)
    np.testing.assert_array_equal(start, 0.0)
    np.testing.assert_allclose(end, 1.0, rtol=1e-14)
    np.testing.assert_allclose(sorted(set(asked)), np.arange(steps + 1) / steps, rtol=1e-14)


def test_paths_to_a_single_point_are_straight_and_to_a_ring_are_not():
    x, times = normal(9, 200, 2), np.linspace(0.0, 1.0, 41)
    point = mixtures.round_mixture([[1.0, 2.0]], 1e-3)
    to_point = samplers.euler(lambda x, t: mixtures.velocity(point, x, t), x, times)
    to_ring = samplers.euler(lambda x, t: mixtures.velocity(RING, x, t), x, times)
    assert flow.straightness(to_point, times) < 1e-3
    assert flow.straightness(to_ring, times) > 0.05
    assert flow.detour(to_point).max() < 1.0 + 1e-4
    assert flow.detour(to_ring).max() > 1.01


def test_straightness_is_the_mean_square_of_what_leaves_the_chord():
    """Over uneven times, one walk and one step at a time."""
    walk, times = normal(10, 5, 3, 2), np.array([0.5, 0.6, 1.0, 1.1, 1.8])
    off = []
    for each in range(3):
        chord = (walk[4, each] - walk[0, each]) / 1.3
        for step in range(4):
            lasting = times[step + 1] - times[step]
            velocity = (walk[step + 1, each] - walk[step, each]) / lasting
            off.append(lasting / 1.3 * sum((velocity - chord) ** 2))
    assert flow.straightness(walk, times) == pytest.approx(sum(off) / 3, rel=1e-12)


def test_a_half_circle_is_longer_than_its_chord_by_half_pi():
    angles = np.linspace(0.0, np.pi, 2001)
    walk = np.stack([np.cos(angles), np.sin(angles)], axis=1)[:, None]
    np.testing.assert_allclose(flow.detour(walk), np.pi / 2.0, rtol=1e-5)
