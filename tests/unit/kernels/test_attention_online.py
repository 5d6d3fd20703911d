"""Attention in tiles against attention in one piece, and its running sums against plain ones."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from kernels.attention import core, online, tiles

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.integers(1, 9)


def normal(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape)


def tensors(seed, queries, keys, d_k, d_v):
    return (
        3 * normal(seed, 2, queries, d_k),
        normal(seed + 1, 2, keys, d_k),
        normal(seed + 2, 2, keys, d_v),
    )


@settings(deadline=None)
@given(SEEDS, SIZES, SIZES, SIZES, SIZES, SIZES, SIZES)
def test_tiles_of_any_shape_give_attention(seed, queries, keys, d_k, d_v, rows, columns):
    q, k, v = tensors(seed, queries, keys, d_k, d_v)
    found = online.flash_attention(q, k, v, rows, columns)
    np.testing.assert_allclose(found, core.attention(q, k, v), rtol=0, atol=1e-12)


@settings(deadline=None)
@given(SEEDS, SIZES, st.integers(1, 4), SIZES, SIZES)
def test_causal_tiles_give_masked_attention(seed, n, d, rows, columns):
    q, k, v = tensors(seed, n, n, d, d)
    found = online.flash_attention(q, k, v, rows, columns, causal=True)
    expected = core.attention(q, k, v, core.causal_mask(n))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@settings(deadline=None)
@given(SEEDS, st.integers(1, 4), st.integers(0, 5), SIZES, SIZES)
def test_late_queries_see_all_that_came_before(seed, queries, earlier, rows, columns):
    keys = queries + earlier
    q, k, v = tensors(seed, queries, keys, 4, 3)
    expected = core.attention(q, k, v, core.causal_mask(keys)[earlier:])
    found = online.flash_attention(q, k, v, rows, columns, causal=True)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@settings(deadline=None)
@given(SEEDS, SIZES, SIZES, SIZES, SIZES, st.booleans())
def test_padding_is_as_if_the_keys_were_not_there(seed, n, padding, rows, columns, causal):
    q, k, v = tensors(seed, n, n, 4, 3)
    longer_q, longer_k, longer_v = (
        np.concatenate([x, 1e3 * normal(seed, 2, padding, x.shape[-1])], axis=1) for x in (q, k, v)
    )
    present = np.arange(n + padding) < n
    found = online.flash_attention(
        longer_q, longer_k, longer_v, rows, columns, causal, np.stack([present, present])
    )
    alone = online.flash_attention(q, k, v, rows, columns, causal)
    np.testing.assert_allclose(found[:, :n], alone, rtol=0, atol=1e-12)


def test_each_sequence_of_a_batch_has_its_own_padding():
    q, k, v = tensors(1, 5, 5, 4, 3)
    present = np.array([[True] * 5, [True, False, True, False, False]])
    found = online.flash_attention(q, k, v, 2, 2, present=present)
    np.testing.assert_allclose(found[0], core.attention(q[0], k[0], v[0]), atol=1e-13)
    np.testing.assert_allclose(
        found[1], core.attention(q[1], k[1, [0, 2]], v[1, [0, 2]]), atol=1e-13
    )


def test_a_query_that_sees_no_key_gets_zeros_and_no_warning():
    q, k, v = tensors(2, 4, 4, 3, 3)
    present = np.array([False, False, True, True])
    found = online.flash_attention(q, k, v, 3, 1, causal=True, present=present)
    np.testing.assert_array_equal(found[:, :2], 0.0)
    np.testing.assert_allclose(found[:, 2], v[:, 2], rtol=1e-14)


def test_more_queries_than_keys_leave_the_first_ones_without_a_key():
    q, k, v = tensors(3, 5, 2, 3, 3)
    found = online.flash_attention(q, k, v, 2, 1, causal=True)
    np.testing.assert_array_equal(found[:, :3], 0.0)
    np.testing.assert_allclose(found[:, 4], core.attention(q, k, v)[:, 4], rtol=1e-13)


def test_huge_scores_do_not_overflow():
    q, k, v = tensors(4, 3, 6, 4, 2)
    found = online.flash_attention(1e150 * q, 1e150 * k, v, 1, 2)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found, core.attention(1e150 * q, 1e150 * k, v), atol=1e-13)


@settings(deadline=None)
@given(SEEDS, SIZES, SIZES, SIZES)
def test_running_numbers_are_those_of_the_keys_seen_so_far(seed, keys, d, columns):
    q, k, v = tensors(seed, 3, keys, d, 2)
    row = slice(0, 3)
    seen = online.states(q, k, v, row, columns)
    np.testing.assert_array_equal(seen[0].total, 0.0)
    for column, state in zip(tiles.key_blocks(row, 3, keys, columns), seen[1:], strict=True):
        scores = q @ k[:, : column.stop].swapaxes(1, 2) / math.sqrt(d)
        np.testing.assert_allclose(state.maximum, scores.max(axis=-1), rtol=0, atol=1e-13)
        np.testing.assert_allclose(
            online.log_sum_exp(state), special.logsumexp(scores, axis=-1), atol=1e-12
        )
        so_far = core.attention(q, k[:, : column.stop], v[:, : column.stop])
        np.testing.assert_allclose(online.finish(state), so_far, rtol=0, atol=1e-12)


def test_log_sum_exp_of_no_key_is_minus_infinity():
    state = online.nothing_yet(np.zeros((2, 3)), 4)
    np.testing.assert_array_equal(online.log_sum_exp(state), -np.inf)


@settings(deadline=None)
@given(SEEDS, st.integers(2, 9), st.data())
def test_states_from_different_keys_merge_in_either_order(seed, keys, data):
    cut = data.draw(st.integers(0, keys))
    q, k, v = tensors(seed, 4, keys, 3, 2)
    empty = online.nothing_yet(q, 2)
    parts = [
        online.absorb(empty, q, k[:, part], v[:, part]) if part.start < part.stop else empty
        for part in (slice(0, cut), slice(cut, keys))
    ]
    expected = core.attention(q, k, v)
    for one, two in (parts, parts[::-1]):
        merged = online.merge(one, two)
        np.testing.assert_allclose(online.finish(merged), expected, rtol=0, atol=1e-12)
        whole = special.logsumexp(q @ k.swapaxes(1, 2) / math.sqrt(3), axis=-1)
        np.testing.assert_allclose(online.log_sum_exp(merged), whole, rtol=0, atol=1e-12)


@settings(deadline=None)
@given(SEEDS, st.integers(2, 9))
def test_the_order_of_the_keys_does_not_matter(seed, keys):
    q, k, v = tensors(seed, 3, keys, 4, 2)
    order = np.random.default_rng(seed).permutation(keys)
    straight = online.flash_attention(q, k, v, 2, 2)
    shuffled = online.flash_attention(q, k[:, order], v[:, order], 2, 2)
    np.testing.assert_allclose(shuffled, straight, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("fault", "stand_in"),
    [
        ("rescaling", lambda old, new: np.ones_like(new)),
        ("new_maximum", lambda maximum, scores: scores.max(axis=-1)),
    ],
)
def test_each_step_is_needed(fault, stand_in, monkeypatch):
    q, k, v = tensors(5, 8, 8, 4, 3)
    if fault == "new_maximum":  # a wrong maximum is harmless until it is too small
        k = k * np.linspace(400, 1, 8)[:, None]
    expected = core.attention(q, k, v)
    monkeypatch.setattr(online, fault, stand_in)
    with np.errstate(all="ignore"):
        found = online.flash_attention(q, k, v, 4, 2)
    assert not np.allclose(found, expected, atol=1e-6)


def test_causal_tiles_of_the_future_are_left_out():
    rows = tiles.blocks(8, 2)
    assert [len(tiles.key_blocks(row, 8, 8, 2, causal=True)) for row in rows] == [1, 2, 3, 4]
    assert [len(tiles.key_blocks(row, 8, 8, 2)) for row in rows] == [4, 4, 4, 4]
    q, k, v = tensors(6, 8, 8, 3, 3)
    steps = [online.states(q, k, v, row, 2, causal=True)[1:] for row in rows]
    assert [len(taken) for taken in steps] == [1, 2, 3, 4]


def test_tiles_below_the_diagonal_need_no_mask():
    assert tiles.causal_part(slice(4, 6), slice(0, 5), 0) is None
    np.testing.assert_array_equal(
        tiles.causal_part(slice(4, 6), slice(4, 7), 0), [[True, False, False], [True, True, False]]
    )


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 50))
def test_blocks_cover_every_place_once(length, size):
    places = [i for block in tiles.blocks(length, size) for i in range(length)[block]]
    assert places == list(range(length))


def test_a_block_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one place, not 0"):
        tiles.blocks(4, 0)


@pytest.mark.parametrize(
    "module",
    [
        path
        for path in sorted(Path(core.__file__).parent.glob("*.py"))
        if not path.name.startswith("jobs") and not path.name.endswith("_torch.py")
    ],
    ids=lambda path: path.name,
)
def test_modules_of_attention_are_short_enough_to_be_shown(module):
    assert len(module.read_text(encoding="utf-8").splitlines()) < 150
