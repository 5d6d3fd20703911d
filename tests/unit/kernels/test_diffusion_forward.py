"""Schedules, noise and its undoing: closed forms against iterated chains and against Bayes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.diffusion import forward, schedules

SEEDS = st.integers(0, 2**32 - 1)
SHARES = st.floats(0.01, 0.98)
SCHEDULES = [schedules.linear(1000), schedules.linear(50), schedules.cosine(1000),
             schedules.cosine(20), schedules.respace(schedules.cosine(1000), 37)]  # fmt: skip


def normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


# ---- schedules ----


@pytest.mark.parametrize("alpha_bar", SCHEDULES)
def test_a_schedule_starts_clean_and_only_ever_loses_signal(alpha_bar):
    assert alpha_bar[0] == 1.0
    assert (np.diff(alpha_bar) < 0.0).all()
    assert alpha_bar[-1] > 0.0


def test_linear_has_the_papers_betas():
    found = schedules.betas(schedules.linear(1000))
    np.testing.assert_allclose(found[[0, -1]], [1e-4, 0.02], rtol=1e-9)
    np.testing.assert_allclose(np.diff(found), (0.02 - 1e-4) / 999, rtol=1e-6)
    np.testing.assert_allclose(schedules.betas(schedules.linear(250))[[0, -1]], [4e-4, 0.08])


def test_schedules_have_a_thousand_steps_unless_told_otherwise():
    np.testing.assert_array_equal(schedules.linear(), schedules.linear(1000))
    np.testing.assert_array_equal(schedules.cosine(), schedules.cosine(1000))


def test_linear_refuses_fewer_steps_than_it_can_serve():
    with pytest.raises(ValueError, match=r"20 steps are too few: beta would reach 1$"):
        schedules.linear(20)


def test_linear_ends_in_noise_however_many_its_steps():
    ends = [schedules.linear(steps)[-1] for steps in (200, 1000, 4000)]
    assert max(ends) < 5e-5


def test_cosine_is_the_formula_up_to_where_it_is_clipped():
    steps, s = 100, 0.008
    f = np.cos((np.arange(steps + 1) / steps + s) / (1 + s) * np.pi / 2) ** 2
    found = schedules.cosine(steps)
    np.testing.assert_allclose(found[:-1], f[:-1] / f[0], rtol=1e-9)
    assert schedules.betas(found).max() <= 0.999 + 1e-12
    assert found[-1] > f[-1] / f[0]


def test_betas_undo_from_betas():
    wanted = np.random.default_rng(0).uniform(0.01, 0.5, 30)
    np.testing.assert_allclose(schedules.betas(schedules.from_betas(wanted)), wanted, rtol=1e-9)


def test_respacing_keeps_both_ends_and_levels_of_the_schedule():
    whole = schedules.cosine(1000)
    found = schedules.respace(whole, 7)
    assert len(found) == 8
    assert found[0] == whole[0]
    assert found[-1] == whole[-1]
    assert np.isin(found, whole).all()
    np.testing.assert_array_equal(schedules.respace(whole, 1), whole[[0, -1]])
    with pytest.raises(ValueError, match="steps is 1 to 1000"):
        schedules.respace(whole, 1001)


@given(st.floats(-20.0, 20.0))
def test_log_signal_to_noise_and_alpha_bar_undo_each_other(log_snr):
    alpha_bar = schedules.from_log_snr(log_snr)
    found = np.log(schedules.signal_to_noise(alpha_bar))
    np.testing.assert_allclose(found, log_snr, rtol=1e-6, atol=1e-9)


def test_a_clean_image_has_infinite_signal_to_noise():
    assert schedules.signal_to_noise(1.0) == np.inf


# ---- the way there ----


def test_a_step_shrinks_and_adds_its_noise():
    assert forward.one_step(2.0, 0.36, -1.0) == pytest.approx(0.8 * 2.0 - 0.6)


@pytest.mark.parametrize("alpha_bar", SCHEDULES)
def test_mean_and_variance_at_once_are_those_of_all_steps_in_a_row(alpha_bar):
    mean, variance = 1.0, 0.0
    for t, beta in enumerate(schedules.betas(alpha_bar), start=1):
        mean = forward.one_step(mean, beta, 0.0)
        variance = (1.0 - beta) * variance + beta
        np.testing.assert_allclose(mean, forward.noised(1.0, alpha_bar[t], 0.0), rtol=1e-9)
        np.testing.assert_allclose(variance, forward.noised(0.0, alpha_bar[t], 1.0) ** 2, rtol=1e-8)


def test_points_noised_step_by_step_have_the_law_of_points_noised_at_once():
    alpha_bar, n = schedules.cosine(40)[:21], 40_000
    g, x = np.random.default_rng(1), np.full(40_000, 1.5)
    for beta in schedules.betas(alpha_bar):
        x = forward.one_step(x, beta, g.normal(size=n))
    at_once = forward.noised(1.5, alpha_bar[-1], g.normal(size=n))
    assert abs(x.mean() - at_once.mean()) < 5.0 * np.sqrt(2.0 / n)
    assert abs(x.std() - at_once.std()) < 5.0 / np.sqrt(n)


@given(SEEDS, SHARES)
def test_image_noise_and_v_are_three_names_for_one_thing(seed, alpha_bar):
    x_0, noise = normal(seed, 2, 3, 4)
    x, v = forward.noised(x_0, alpha_bar, noise), forward.v_target(x_0, noise, alpha_bar)
    for found, wanted in (
        (forward.clean_from_noise(x, noise, alpha_bar), x_0),
        (forward.noise_from_clean(x, x_0, alpha_bar), noise),
        (forward.clean_from_v(x, v, alpha_bar), x_0),
        (forward.noise_from_v(x, v, alpha_bar), noise),
    ):
        np.testing.assert_allclose(found, wanted, atol=1e-10)


@given(SEEDS, st.floats(0.1, 1.4))
def test_v_is_the_slope_of_x_along_the_angle(seed, angle):
    x_0, noise = normal(seed, 2, 5)

    def at(angle):
        return forward.noised(x_0, np.cos(angle) ** 2, noise)

    slope = (at(angle + 1e-6) - at(angle - 1e-6)) / 2e-6
    np.testing.assert_allclose(
        forward.v_target(x_0, noise, np.cos(angle) ** 2), slope, rtol=1e-6, atol=1e-8
    )


# ---- the way back ----


@pytest.mark.slow
@settings(deadline=None)
@given(SEEDS, SHARES, st.floats(0.05, 0.95))
def test_the_posterior_is_what_bayes_makes_of_prior_and_step(seed, alpha_bar, share):
    earlier = alpha_bar + share * (1.0 - alpha_bar)
    x_0, x = normal(seed, 2)
    alpha = alpha_bar / earlier
    grid = np.linspace(-12.0, 12.0, 20_001)  # of the earlier point
    prior = -((grid - np.sqrt(earlier) * x_0) ** 2) / (2.0 * (1.0 - earlier))
    step = -((x - np.sqrt(alpha) * grid) ** 2) / (2.0 * (1.0 - alpha))
    weights = np.exp(prior + step - (prior + step).max())
    weights /= weights.sum()
    mean, variance = forward.posterior(x_0, x, alpha_bar, earlier)
    np.testing.assert_allclose(mean, weights @ grid, atol=1e-6)
    np.testing.assert_allclose(variance, weights @ (grid - mean) ** 2, rtol=1e-5)


def test_the_posterior_needs_the_earlier_level_to_be_cleaner():
    for earlier in (0.4, 0.5):
        with pytest.raises(ValueError, match="should exceed"):
            forward.posterior(0.0, 0.0, 0.5, earlier)


@given(SEEDS, SHARES, st.floats(0.05, 0.95))
def test_the_bounds_weight_is_the_divergence_of_the_two_steps(seed, alpha_bar, share):
    earlier = alpha_bar + share * (1.0 - alpha_bar)
    x, noise, guess = normal(seed, 3)
    true, variance = forward.posterior(
        forward.clean_from_noise(x, noise, alpha_bar), x, alpha_bar, earlier
    )
    learned, _ = forward.posterior(
        forward.clean_from_noise(x, guess, alpha_bar), x, alpha_bar, earlier
    )
    divergence = (true - learned) ** 2 / (2.0 * variance)
    weight = forward.bound_weight(alpha_bar, earlier, variance)
    np.testing.assert_allclose(weight * (noise - guess) ** 2, divergence, rtol=1e-6, atol=1e-12)
