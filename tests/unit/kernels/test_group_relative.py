"""GRPO against PyTorch, numbers and algebra: advantages, the objective's slope, the divergence."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from kernels.policy import group_relative

REWARDS = st.lists(st.sampled_from([0.0, 1.0, 2.0]), min_size=2, max_size=32)


@given(REWARDS)
def test_advantages_have_mean_nought_and_deviation_one_or_are_all_nought(rewards):
    found = group_relative.advantages(rewards)
    assert abs(found.mean()) < 1e-12
    assert found.std() == pytest.approx(float(len(set(rewards)) > 1), abs=1e-12)


@given(REWARDS, st.floats(0.1, 10), st.floats(-5, 5))
def test_what_rewards_are_counted_in_changes_no_advantage(rewards, scale, shift):
    moved = group_relative.advantages(scale * np.array(rewards) + shift)
    assert np.allclose(moved, group_relative.advantages(rewards), atol=1e-9)


def test_groups_are_judged_by_themselves():
    rewards = np.random.default_rng(0).integers(0, 3, (5, 7, 16))
    whole = group_relative.advantages(rewards)
    assert np.allclose(whole[3, 2], group_relative.advantages(rewards[3, 2]))


def test_one_right_answer_of_sixteen_weighs_as_much_as_fifteen_wrong_ones():
    found = group_relative.advantages([1.0] + [0.0] * 15)
    assert found[0] == pytest.approx(np.sqrt(15)) and found[1] == pytest.approx(-1 / np.sqrt(15))


def test_equal_rewards_that_have_no_exact_mean_leave_nothing_over():
    assert (group_relative.advantages([0.1] * 3) == 0.0).all()
    assert (group_relative.centre([0.7] * 10) == 0.0).all()


@given(st.integers(0, 500), st.sampled_from([0.1, 0.2, 10.0]), st.sampled_from([0.0, 0.04, 1.0]))
def test_pulls_are_the_slope_that_torch_finds(seed, epsilon, beta):
    rng = np.random.default_rng(seed)
    old, reference = rng.normal(-3, 1, (2, 4, 8))
    new = old + rng.normal(0, 0.5, (4, 8))
    advantage = group_relative.advantages(rng.integers(0, 3, (4, 8)))
    x = torch.tensor(new, requires_grad=True)
    a, o, r = (torch.tensor(v) for v in (advantage, old, reference))
    ratio = torch.exp(x - o)
    gain = torch.minimum(ratio * a, torch.clamp(ratio, 1 - epsilon, 1 + epsilon) * a)
    kl = torch.exp(r - x) - (r - x) - 1
    value = (gain - beta * kl).mean()
    value.backward()
    found = group_relative.pulls(new, old, reference, advantage, epsilon, beta)
    assert np.allclose(found / 32, x.grad.numpy(), atol=1e-12)
    raised = group_relative.objective(new, old, reference, advantage, epsilon, beta)
    assert raised == pytest.approx(value.item())


def test_fresh_answers_pull_by_their_advantage():
    log = np.log([0.2, 0.3, 0.5])
    advantage = group_relative.advantages([1.0, 0.0, 0.0])
    assert np.allclose(group_relative.pulls(log, log, log, advantage, 0.2, 0.1), advantage)


def test_a_ratio_beyond_the_clip_gains_nothing_more_but_one_gone_wrong_is_still_pulled_back():
    log_old = np.zeros(4)
    log_new = np.log([1.5, 1.5, 0.5, 0.5])
    advantage = np.array([1.0, -1.0, 1.0, -1.0])
    found = group_relative.pulls(log_new, log_old, log_new, advantage, 0.2, 0.0)
    assert np.allclose(found, [0.0, -1.5, 0.5, 0.0])


@given(st.lists(st.floats(-4, 4), min_size=2, max_size=9), st.integers(0, 99))
def test_the_estimate_averages_to_the_divergence_and_is_never_negative(scores, seed):
    other = np.random.default_rng(seed).normal(0, 2, len(scores))
    log_new = np.array(scores) - np.log(np.exp(scores).sum())
    log_reference = other - np.log(np.exp(other).sum())
    each = group_relative.divergence(log_new, log_reference)
    exact = float((np.exp(log_new) * (log_new - log_reference)).sum())
    assert (each >= -1e-12).all()
    assert float((np.exp(log_new) * each).sum()) == pytest.approx(exact, abs=1e-9)


def test_the_softmax_slope_is_that_of_the_log_probability():
    rng = np.random.default_rng(2)
    logits, chosen = rng.normal(size=(5, 6)), rng.integers(0, 6, 5)

    def logs(z):
        z = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
        return np.take_along_axis(z, chosen[:, None], -1)[:, 0]

    slope = group_relative.softmax_slope(np.exp(logits) / np.exp(logits).sum(-1)[:, None], chosen)
    for token in range(6):
        step = np.zeros_like(logits)
        step[:, token] = 1e-6
        assert np.allclose((logs(logits + step) - logs(logits - step)) / 2e-6, slope[:, token])


@given(st.floats(0.01, 0.99), st.integers(1, 64))
def test_a_group_is_mixed_unless_all_are_right_or_all_wrong(p, size):
    from scipy.stats import binom

    inner = binom.pmf(np.arange(1, size), size, p).sum()
    assert group_relative.mixed_chance(p, size) == pytest.approx(inner, abs=1e-9)
