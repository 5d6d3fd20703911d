"""Preferences and policies on a table: the optimum, votes, DPO's loss and IPO's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from kernels.policy import direct, identity, optimum, preferences

REWARD = np.array([2.0, 1.5, 0.0, -0.8, -1.2, -2.0])
REFERENCE = np.log([0.1, 0.1, 0.35, 0.25, 0.15, 0.05])
BETAS = (0.1, 0.5, 1.0, 5.0)


def slope_of(loss, scores, step=1e-5):
    """Differentiate a loss of scores by central differences."""
    found = []
    for direction in np.eye(len(scores)):
        ahead, behind = (loss(scores + sign * step * direction) for sign in (1, -1))
        found.append((ahead - behind) / (2 * step))
    return np.array(found)


@pytest.mark.parametrize("beta", BETAS)
def test_an_optimiser_that_knows_only_the_objective_finds_the_tilted_reference(beta):
    def loss(scores):
        policy = optimum.log_normalised(scores)
        return -optimum.objective(policy, REFERENCE, REWARD, beta)

    found = minimize(loss, REFERENCE, method="BFGS", options={"gtol": 1e-9}).x
    best = optimum.optimal_policy(REFERENCE, REWARD, beta)
    assert np.allclose(np.exp(optimum.log_normalised(found)), np.exp(best), atol=1e-5)
    reached = optimum.objective(best, REFERENCE, REWARD, beta)
    assert reached == pytest.approx(beta * optimum.log_partition(REFERENCE, REWARD, beta))


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=7), st.floats(0.05, 10), st.integers(0, 99))
def test_a_policy_implies_the_reward_it_is_best_for_up_to_a_constant(reward, beta, seed):
    scores = np.random.default_rng(seed).standard_normal(len(reward))
    reference = optimum.log_normalised(scores)
    best = optimum.optimal_policy(reference, reward, beta)
    implied = optimum.implied_reward(best, reference, beta)
    gap = np.array(reward) - implied
    assert np.allclose(gap, beta * optimum.log_partition(reference, reward, beta), atol=1e-9)
    assert optimum.divergence(best, reference) >= -1e-12


def test_preferences_of_a_pair_sum_to_one_and_none_is_with_itself():
    likely = preferences.preference(REWARD)
    assert np.allclose(likely + likely.T, 1 - np.eye(6))
    exact = np.exp(REWARD[0]) / (np.exp(REWARD[0]) + np.exp(REWARD[3]))
    assert likely[0, 3] == pytest.approx(exact)


def test_more_votes_add_to_fewer_and_come_near_the_probabilities():
    few, many = (preferences.vote(np.random.default_rng(3), REWARD, n) for n in (5, 20_000))
    assert ((few + few.T) == 5 * (1 - np.eye(6))).all()
    again = preferences.vote(np.random.default_rng(3), REWARD, 6)
    assert ((again - few) >= 0).all()
    assert (again - few).sum() == 15
    assert np.allclose(many / 20_000, preferences.preference(REWARD), atol=0.02)


def test_rewards_fit_votes_as_a_general_optimiser_fits_them():
    wins = preferences.vote(np.random.default_rng(1), REWARD, 30)

    def loss(reward):
        return (wins * np.logaddexp(0, reward[None, :] - reward[:, None])).sum()

    found = minimize(loss, np.zeros(6), method="BFGS", options={"gtol": 1e-8}).x
    assert np.allclose(preferences.fit_rewards(wins), found - found.mean(), atol=1e-5)


def test_a_reply_that_never_lost_has_no_finite_reward():
    wins = preferences.vote(np.random.default_rng(1), REWARD, 30)
    assert not preferences.decided(wins)
    wins[:, 0] = 0
    assert preferences.decided(wins)
    with pytest.raises(ValueError, match="never lost"):
        preferences.fit_rewards(wins)


@pytest.mark.parametrize(
    ("loss", "gradient"),
    [(direct.dpo_loss, direct.dpo_gradient), (identity.ipo_loss, identity.ipo_gradient)],
)
@given(st.integers(0, 999), st.floats(0.1, 3))
@settings(max_examples=25)
def test_gradients_agree_with_central_differences(loss, gradient, seed, beta):
    rng = np.random.default_rng(seed)
    reference, wins = optimum.log_normalised(rng.standard_normal(5)), rng.random((5, 5))
    scores = rng.standard_normal(5)
    numeric = slope_of(lambda s: loss(optimum.log_normalised(s), reference, wins, beta), scores)
    found = gradient(optimum.log_normalised(scores), reference, wins, beta)
    assert np.allclose(found, numeric, atol=1e-7)


@pytest.mark.parametrize("beta", BETAS)
def test_exhaustive_preferences_lead_dpo_to_the_exact_optimum(beta):
    path = direct.descend(REFERENCE, preferences.preference(REWARD), beta, 300)
    best = optimum.optimal_policy(REFERENCE, REWARD, beta)
    assert np.abs(np.exp(path[-1]) - np.exp(best)).max() < 1e-4


def test_scipy_finds_the_same_minimiser_of_the_loss():
    wins = preferences.vote(np.random.default_rng(2), REWARD, 40)

    def loss(scores):
        return direct.dpo_loss(optimum.log_normalised(scores), REFERENCE, wins, 0.7)

    found = optimum.log_normalised(minimize(loss, REFERENCE, method="BFGS").x)
    two_steps = optimum.optimal_policy(REFERENCE, preferences.fit_rewards(wins), 0.7)
    assert np.allclose(np.exp(found), np.exp(two_steps), atol=1e-4)
    trained = direct.descend(REFERENCE, wins, 0.7, 600)[-1]
    assert np.allclose(np.exp(trained), np.exp(two_steps), atol=1e-6)


def test_implied_rewards_take_the_same_path_for_every_beta():
    wins = preferences.preference(REWARD)
    paths = [
        optimum.centred(
            optimum.implied_reward(direct.descend(REFERENCE, wins, beta, 40), REFERENCE, beta)
        )
        for beta in BETAS
    ]
    for path in paths[1:]:
        assert np.allclose(path, paths[0], atol=1e-9)


@given(st.integers(1, 40), st.integers(0, 99), st.floats(0.2, 3))
@settings(max_examples=25, deadline=None)
def test_ipo_ends_where_shares_of_wins_say(votes, seed, beta):
    wins = preferences.vote(np.random.default_rng(seed), REWARD, votes)
    path = direct.descend(REFERENCE, wins, beta, 60, beta**2, identity.ipo_gradient)
    shares = optimum.optimal_policy(REFERENCE, identity.ipo_scores(wins), beta)
    assert np.allclose(path[-1], shares, atol=1e-8)
