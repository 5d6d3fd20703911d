"""Grouped heads against one attention a head, multi-head layers and plain averages."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.attention import core, grouped

SEEDS = st.integers(0, 2**32 - 1)
SHARES = st.sampled_from([(1, 1), (4, 1), (4, 2), (4, 4), (6, 3), (6, 2)])


def normal(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape)


@pytest.mark.slow
@settings(deadline=None)
@given(SEEDS, SHARES, st.integers(1, 5), st.integers(1, 5), st.booleans())
def test_every_head_reads_its_groups_keys(seed, share, queries, d, causal):
    heads, groups = share
    keys = queries if causal else queries + 2
    q, k, v = normal(seed, 2, heads, queries, d), *normal(seed + 1, 2, 2, groups, keys, d)
    mask = core.causal_mask(queries) if causal else None
    found = grouped.grouped_attention(q, k, v, mask)
    assert found.shape == q.shape
    for batch in range(2):
        for head in range(heads):
            group = int(head * groups / heads)
            one = core.attention(q[batch, head], k[batch, group], v[batch, group], mask)
            np.testing.assert_allclose(found[batch, head], one, rtol=0, atol=1e-12)


@settings(deadline=None)
@given(SEEDS, SHARES)
def test_grouped_layer_is_multi_head_with_its_projections_repeated(seed, share):
    heads, groups = share
    d_model = heads * 3
    x, w_q, w_o = normal(seed, 5, d_model), *normal(seed + 1, 2, d_model, d_model)
    w_k, w_v = normal(seed + 2, 2, d_model, groups * 3)
    repeated = [
        np.concatenate([w[:, 3 * (h // (heads // groups)) :][:, :3] for h in range(heads)], axis=1)
        for w in (w_k, w_v)
    ]
    found = grouped.grouped_query(x, w_q, w_k, w_v, w_o, heads, groups, core.causal_mask(5))
    expected = core.multi_head(x, w_q, *repeated, w_o, heads, core.causal_mask(5))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-11)


def test_as_many_groups_as_heads_is_multi_head_attention():
    x, (w_q, w_k, w_v, w_o) = normal(1, 6, 12), normal(2, 4, 12, 12)
    found = grouped.grouped_query(x, w_q, w_k, w_v, w_o, heads=4, groups=4)
    np.testing.assert_allclose(found, core.multi_head(x, w_q, w_k, w_v, w_o, 4), atol=1e-12)


@settings(deadline=None)
@given(SEEDS, SHARES)
def test_pooling_is_the_plain_average_of_a_groups_matrices(seed, share):
    heads, groups = share
    w = normal(seed, 7, heads * 3)
    pooled, first = grouped.pool_heads(w, heads, groups), grouped.first_heads(w, heads, groups)
    each = heads // groups
    for group in range(groups):
        members = [w[:, 3 * h : 3 * h + 3] for h in range(group * each, (group + 1) * each)]
        mine = slice(3 * group, 3 * group + 3)
        np.testing.assert_allclose(pooled[:, mine], sum(members) / each, atol=1e-14)
        np.testing.assert_array_equal(first[:, mine], members[0])


def test_pooling_into_as_many_groups_as_heads_changes_nothing():
    w = normal(3, 8, 12)
    np.testing.assert_array_equal(grouped.pool_heads(w, 4, 4), w)
    np.testing.assert_array_equal(grouped.first_heads(w, 4, 4), w)


def test_pooling_loses_nothing_where_the_heads_of_a_group_agree():
    x, (w_q, w_o) = normal(4, 5, 12), normal(5, 2, 12, 12)
    w_k, w_v = (
        np.repeat(w.reshape(12, 2, 1, 3), 2, axis=2).reshape(12, 12) for w in normal(6, 2, 12, 6)
    )
    pooled = [grouped.pool_heads(w, 4, 2) for w in (w_k, w_v)]
    found = grouped.grouped_query(x, w_q, *pooled, w_o, heads=4, groups=2)
    np.testing.assert_allclose(found, core.multi_head(x, w_q, w_k, w_v, w_o, 4), atol=1e-12)


@pytest.mark.parametrize("groups", [0, 3, 8])
def test_uneven_groups_are_refused(groups):
    with pytest.raises(ValueError, match=f"4 heads can't be shared out evenly among {groups}"):
        grouped.heads_a_group(4, groups)


@settings(deadline=None)
@given(st.integers(1, 100), st.integers(1, 9), st.sampled_from([1, 2, 4, 8]), st.integers(1, 64))
def test_cache_counts_the_arrays_that_are_kept(tokens, layers, groups, d_head):
    kept = [np.zeros((groups, tokens, d_head), dtype=np.float16) for _ in range(2 * layers)]
    assert grouped.cache_elements(tokens, layers, groups, d_head) == sum(a.size for a in kept)
    assert grouped.cache_bytes(tokens, layers, groups, d_head) == sum(a.nbytes for a in kept)
    whole = grouped.cache_elements(tokens, layers, 8, d_head)
    assert grouped.cache_elements(tokens, layers, groups, d_head) * 8 == whole * groups
