"""Latent attention: the two ways of computing it against each other and against plain loops."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.attention import core, grouped, latent, rotary

SEEDS = st.integers(0, 2**32 - 1)


def layer(seed, heads=3, d_head=4, d_c=5, d_cq=6, d_r=2):
    rng = np.random.default_rng(seed)
    w = latent.random_weights(rng, 10, heads, d_head, d_c, d_cq, d_r)
    return w, rng.standard_normal((7, 10)), rotary.frequencies(d_r)


def in_loops(h, positions, w, theta):
    """Equations 9 to 19, causal, one head and one pair of tokens at a time."""
    n, d_r = len(h), 2 * len(theta)
    out = np.zeros((n, w.w_o.shape[1]))
    for t in range(n):
        mixed = []
        for i in range(w.heads):
            c_q = h[t] @ w.w_dq
            q_rotated = rotary.encode_query(
                (c_q @ w.w_qr)[i * d_r : (i + 1) * d_r], positions[t], theta
            )
            q = np.concatenate([c_q @ w.w_uq[i], q_rotated])
            powers, values = [], []
            for j in range(t + 1):
                c = h[j] @ w.w_dkv
                k = np.concatenate(
                    [c @ w.w_uk[i], rotary.encode_key(h[j] @ w.w_kr, positions[j], theta)]
                )
                powers.append(math.exp(q @ k / math.sqrt(len(k))))
                values.append(c @ w.w_uv[i])
            mixed.append(np.array(powers) @ np.array(values) / sum(powers))
        out[t] = np.concatenate(mixed) @ w.w_o
    return out


@settings(deadline=None)
@given(
    SEEDS,
    st.integers(1, 5),
    st.integers(1, 6),
    st.integers(1, 9),
    st.sampled_from([2, 4, 6]),
    st.booleans(),
)
def test_absorbed_and_rebuilt_are_equal(seed, heads, d_head, d_c, d_r, causal):
    w, h, theta = layer(seed, heads, d_head, d_c, d_r=d_r)
    mask = core.causal_mask(len(h)) if causal else None
    positions = np.arange(len(h))
    rebuilt = latent.rebuilt(h, positions, w, theta, mask)
    absorbed = latent.absorbed(h, positions, w, theta, mask)
    np.testing.assert_allclose(absorbed, rebuilt, rtol=0, atol=1e-12)


@settings(deadline=None, max_examples=20)
@given(SEEDS, st.integers(0, 50))
def test_both_agree_with_plain_loops(seed, start):
    w, h, theta = layer(seed)
    positions = start + np.arange(len(h))
    expected = in_loops(h, positions, w, theta)
    mask = core.causal_mask(len(h))
    for way in (latent.rebuilt, latent.absorbed):
        np.testing.assert_allclose(way(h, positions, w, theta, mask), expected, atol=1e-12)


@settings(deadline=None)
@given(SEEDS, st.integers(-500, 500))
def test_only_differences_of_positions_count(seed, shift):
    w, h, theta = layer(seed)
    here = latent.absorbed(h, np.arange(7), w, theta)
    there = latent.absorbed(h, np.arange(7) + shift, w, theta)
    np.testing.assert_allclose(there, here, rtol=0, atol=1e-11)


def test_what_is_cached_is_all_that_later_queries_need():
    w, h, theta = layer(1)
    c, rotated = latent.compress(h, np.arange(7), w, theta)
    first, second = (
        latent.compress(h[:4], np.arange(4), w, theta),
        latent.compress(h[4:], np.arange(4, 7), w, theta),
    )
    np.testing.assert_allclose(np.concatenate([first[0], second[0]]), c, atol=1e-14)
    np.testing.assert_allclose(np.concatenate([first[1], second[1]]), rotated, atol=1e-14)
    assert c.size + rotated.size == latent.cache_elements(7, 1, c.shape[1], rotated.shape[1])


def test_full_rank_latents_without_positions_are_multi_head_attention():
    rng = np.random.default_rng(2)
    x, (w_q, w_k, w_v, w_o) = rng.standard_normal((6, 12)), rng.standard_normal((4, 12, 12)) / 3
    by_head = [m.reshape(12, 3, 4).swapaxes(0, 1) for m in (w_k, w_v, w_q)]
    w = latent.LatentWeights(
        w_dkv=np.eye(12),
        w_uk=by_head[0],
        w_uv=by_head[1],
        w_kr=np.zeros((12, 0)),
        w_dq=np.eye(12),
        w_uq=by_head[2],
        w_qr=np.zeros((12, 0)),
        w_o=w_o,
    )
    expected = core.multi_head(x, w_q, w_k, w_v, w_o, 3)
    for way in (latent.rebuilt, latent.absorbed):
        np.testing.assert_allclose(way(x, np.arange(6), w, np.zeros(0)), expected, atol=1e-12)


def test_folded_matrices_give_the_same_scores_and_outputs():
    w, h, _ = layer(3)
    c, c_q = h @ w.w_dkv, h @ w.w_dq
    for i in range(w.heads):
        scores = (c_q @ w.w_uq[i]) @ (c @ w.w_uk[i]).T
        np.testing.assert_allclose(c_q @ latent.fold_keys(w)[i] @ c.T, scores, atol=1e-12)
        part = (c @ w.w_uv[i]) @ w.w_o[4 * i : 4 * i + 4]
        np.testing.assert_allclose(c @ latent.fold_values(w)[i], part, atol=1e-12)


def test_cache_of_deepseek_v2_is_that_of_two_and_a_quarter_groups():
    """DeepSeek-V2, Table 1: latents of 4 heads' width, rotated keys of half a head's."""
    assert latent.as_groups(d_c=4 * 128, d_r=64, d_head=128) == 2.25
    each = latent.cache_elements(1, 1, 512, 64)
    assert each == 576
    assert latent.cache_elements(1000, 60, 512, 64) == 1000 * 60 * each
    assert round(grouped.cache_elements(1, 1, 128, 128) / each) == 57


def test_weights_without_content_rows_sum_to_one():
    weights = latent.weigh(np.zeros((2, 3, 3)), np.zeros((2, 3, 3)), 4, 2, core.causal_mask(3))
    np.testing.assert_allclose(weights[0], [[1, 0, 0], [0.5, 0.5, 0], [1 / 3] * 3])


@pytest.mark.parametrize("heads", [1, 4])
def test_cache_does_not_grow_with_the_heads(heads):
    w, h, theta = layer(4, heads=heads)
    assert sum(part.size for part in latent.compress(h, np.arange(7), w, theta)) == 7 * (5 + 2)
