"""Attention against independent references: plain loops and SciPy."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from kernels.attention import core

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.integers(1, 7)


def normal(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape)


def attend_in_loops(q, k, v, visible):
    """Equation 1 with one number at a time."""
    mixed = np.zeros((len(q), v.shape[1]))
    for i, query in enumerate(q):
        powers = {}
        for j, key in enumerate(k):
            if visible[i][j]:
                score = sum(a * b for a, b in zip(query, key, strict=True))
                powers[j] = math.exp(score / math.sqrt(len(query)))
        for j, power in powers.items():
            for c in range(v.shape[1]):
                mixed[i, c] += power / sum(powers.values()) * v[j, c]
    return mixed


@settings(deadline=None)
@given(SEEDS, SIZES, SIZES)
def test_softmax_agrees_with_scipy(seed, rows, columns):
    scores = 20 * normal(seed, rows, columns)
    np.testing.assert_allclose(core.softmax(scores), special.softmax(scores, axis=-1), rtol=1e-13)


@settings(deadline=None)
@given(SEEDS, st.floats(-1e4, 1e4))
def test_softmax_ignores_a_number_added_to_every_score(seed, shift):
    scores = normal(seed, 9)
    np.testing.assert_allclose(core.softmax(scores + shift), core.softmax(scores), rtol=1e-10)


def test_softmax_of_huge_scores_is_finite():
    np.testing.assert_array_equal(core.softmax(np.array([1e308, 0.0])), [1.0, 0.0])


def test_softmax_jacobian_agrees_with_differences():
    scores, step = normal(1, 6), 1e-6
    expected = np.empty((6, 6))
    for j in range(6):
        nudge = step * np.eye(6)[j]
        expected[:, j] = (special.softmax(scores + nudge) - special.softmax(scores - nudge)) / (
            2 * step
        )
    np.testing.assert_allclose(core.softmax_jacobian(core.softmax(scores)), expected, atol=1e-9)


def test_softmax_jacobian_keeps_leading_axes():
    weights = core.softmax(normal(2, 3, 4, 5))
    jacobians = core.softmax_jacobian(weights)
    assert jacobians.shape == (3, 4, 5, 5)
    one = weights[2, 1]
    np.testing.assert_allclose(jacobians[2, 1], np.diag(one) - np.outer(one, one), atol=1e-16)


@settings(deadline=None)
@given(SEEDS, SIZES, st.integers(1, 9), st.integers(1, 5), st.booleans())
def test_attention_agrees_with_plain_loops(seed, n, d_k, d_v, causal):
    q, k, v = normal(seed, n, d_k), normal(seed + 1, n, d_k), normal(seed + 2, n, d_v)
    visible = [[j <= i or not causal for j in range(n)] for i in range(n)]
    found = core.attention(q, k, v, core.causal_mask(n) if causal else None)
    np.testing.assert_allclose(found, attend_in_loops(q, k, v, visible), rtol=1e-10, atol=1e-13)


def test_attention_to_other_words_than_ones_own():
    q, k, v = normal(3, 2, 4), normal(4, 5, 4), normal(5, 5, 3)
    found = core.attention(q, k, v)
    np.testing.assert_allclose(found, attend_in_loops(q, k, v, np.ones((2, 5))), rtol=1e-12)


@settings(deadline=None)
@given(SEEDS, SIZES)
def test_an_output_lies_among_the_values(seed, n):
    q, k, v = normal(seed, 3, n, 4)
    out = core.attention(q, k, v)
    assert (out <= v.max(axis=0) + 1e-12).all() and (out >= v.min(axis=0) - 1e-12).all()


def test_equal_keys_share_equally():
    q, k = normal(6, 3, 8), np.ones((5, 8))
    np.testing.assert_allclose(core.attention_weights(q, k), 0.2, rtol=1e-13)


def test_causal_mask_of_three():
    np.testing.assert_array_equal(core.causal_mask(3), [[1, 0, 0], [1, 1, 0], [1, 1, 1]])


def test_a_causal_mask_can_be_joined_with_another():
    present = np.array([True, False, True])
    np.testing.assert_array_equal(core.causal_mask(3) & present, [[1, 0, 0], [1, 0, 0], [1, 0, 1]])


@settings(deadline=None)
@given(SEEDS, st.integers(2, 7), st.data())
def test_masked_rows_ignore_later_words_exactly(seed, n, data):
    seen = data.draw(st.integers(1, n - 1))
    first = normal(seed, 3, n, 4)
    second = first.copy()
    second[:, seen:] = 100 * normal(seed + 1, 3, n - seen, 4)
    mask = core.causal_mask(n)
    one, two = core.attention(*first, mask), core.attention(*second, mask)
    np.testing.assert_array_equal(one[:seen], two[:seen])


def test_heads_split_and_join_again():
    x = normal(7, 5, 12)
    heads = core.split_heads(x, 3)
    assert heads.shape == (3, 5, 4)
    np.testing.assert_array_equal(heads[1], x[:, 4:8])
    np.testing.assert_array_equal(core.join_heads(heads), x)


@pytest.mark.parametrize("causal", [False, True])
def test_multi_head_is_one_attention_a_head(causal):
    x, (w_q, w_k, w_v, w_o) = normal(8, 5, 12), normal(9, 4, 12, 12) / 3
    mask = core.causal_mask(5) if causal else None
    visible = np.tril(np.ones((5, 5))) if causal else np.ones((5, 5))
    parts = [
        attend_in_loops(x @ w_q[:, c], x @ w_k[:, c], x @ w_v[:, c], visible)
        for c in (slice(0, 4), slice(4, 8), slice(8, 12))
    ]
    found = core.multi_head(x, w_q, w_k, w_v, w_o, 3, mask)
    np.testing.assert_allclose(found, np.concatenate(parts, axis=1) @ w_o, rtol=1e-11)


@settings(deadline=None)
@given(SEEDS, SIZES)
def test_shuffled_words_give_shuffled_outputs(seed, n):
    x, (w_q, w_k, w_v, w_o) = normal(seed, n, 8), normal(seed + 1, 4, 8, 8) / 3
    order = np.random.default_rng(seed).permutation(n)
    straight = core.multi_head(x, w_q, w_k, w_v, w_o, 2)
    shuffled = core.multi_head(x[order], w_q, w_k, w_v, w_o, 2)
    np.testing.assert_allclose(shuffled, straight[order], atol=1e-12)


def test_sinusoids_follow_the_paper_entry_by_entry():
    found = core.sinusoids([0, 1, 17], 6)
    for row, place in enumerate((0, 1, 17)):
        for i in range(3):
            angle = place / 10000 ** (2 * i / 6)
            assert found[row, 2 * i] == pytest.approx(math.sin(angle), abs=1e-14)
            assert found[row, 2 * i + 1] == pytest.approx(math.cos(angle), abs=1e-14)


@settings(deadline=None)
@given(st.integers(0, 500), st.integers(-50, 50))
def test_one_matrix_moves_every_position(place, offset):
    moved = core.sinusoids([place], 16) @ core.shift_matrix(offset, 16).T
    np.testing.assert_allclose(moved, core.sinusoids([place + offset], 16), atol=1e-12)
