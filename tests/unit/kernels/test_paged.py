"""Paged keys and values against a contiguous cache: random allocation, sharing and release."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.attention import core, paged
from kernels.attention.grouped import grouped_attention

SEEDS = st.integers(0, 2**32 - 1)
GROUPS, D = 2, 3


def fill(pool, sequence, rows, rng):
    """Append random tokens, and to `rows` the same, contiguous."""
    for _ in range(rng.integers(1, 8)):
        k, v = rng.standard_normal((2, GROUPS, D))
        paged.append(pool, sequence, k, v)
        rows.append((k, v))


def contiguous(rows):
    """The cache that would be, `(groups, length, d_head)` twice, made without a pool."""
    k, v = (np.array(part).swapaxes(0, 1) for part in zip(*rows, strict=True))
    return k, v


@pytest.mark.slow
@settings(deadline=None)
@given(SEEDS, st.integers(1, 5), st.sampled_from([2, 4, 6]))
def test_decode_through_the_table_is_decode_on_a_contiguous_cache(seed, size, heads):
    rng = np.random.default_rng(seed)
    pool = paged.Pool(40, size, GROUPS, D)
    rng.shuffle(pool.free)
    sequences = [(paged.Sequence(), []) for _ in range(3)]
    for turn in rng.integers(0, 3, 4):  # in turns, so that their blocks are mixed up
        fill(pool, *sequences[turn], rng)
    for sequence, rows in sequences:
        if not rows:
            continue
        q = rng.standard_normal((heads, D))
        k, v = contiguous(rows)
        expected = grouped_attention(q[:, None], k, v)[:, 0]
        np.testing.assert_array_equal(paged.paged_attention(q, pool, sequence), expected)
        by_block = paged.paged_attention_by_block(q, pool, sequence)
        np.testing.assert_allclose(by_block, expected, atol=1e-12)
        for head in range(heads):
            group = head // (heads // GROUPS)
            one = core.attention(q[head : head + 1], k[group], v[group])[0]
            np.testing.assert_allclose(by_block[head], one, atol=1e-12)


def everyone_holds_what_is_counted(pool, sequences):
    held = np.bincount([b for s in sequences for b in s.table], minlength=len(pool.k))
    np.testing.assert_array_equal(held, pool.holders)
    assert sorted(pool.free) == list(np.flatnonzero(held == 0))
    for sequence in sequences:
        assert len(sequence.table) == -(-sequence.length // pool.size)  # less than a block is waste


@pytest.mark.slow
@settings(deadline=None)
@given(SEEDS, st.integers(1, 4))
def test_no_block_is_lost_or_held_twice_over_under_forks_and_releases(seed, size):
    rng = np.random.default_rng(seed)
    pool, live = paged.Pool(200, size, GROUPS, D), [(paged.Sequence(), [])]
    for _ in range(12):
        what, (sequence, rows) = rng.integers(3), live[rng.integers(len(live))]
        if what == 0:
            fill(pool, sequence, rows, rng)
        elif what == 1:
            live.append((paged.fork(pool, sequence), list(rows)))
        else:
            paged.release(pool, sequence)
            rows.clear()
        everyone_holds_what_is_counted(pool, [s for s, _ in live])
        for one, kept in live:
            assert one.length == len(kept)
            if kept:
                for found, expected in zip(paged.gather(pool, one), contiguous(kept), strict=True):
                    np.testing.assert_array_equal(found, expected)


def test_a_fork_copies_nothing_until_one_writes():
    pool, rng = paged.Pool(8, 4, GROUPS, D), np.random.default_rng(1)
    parent = paged.Sequence()
    for token in rng.standard_normal((6, 2, GROUPS, D)):
        paged.append(pool, parent, *token)
    child = paged.fork(pool, parent)
    assert child.table == parent.table
    assert len(pool.free) == 6
    paged.append(pool, child, *rng.standard_normal((2, GROUPS, D)))
    assert len(pool.free) == 5  # the last block alone was copied
    assert child.table[0] == parent.table[0]
    assert child.table[1] != parent.table[1]
    paged.append(pool, parent, *rng.standard_normal((2, GROUPS, D)))
    assert len(pool.free) == 5  # the parent holds its own alone again


def test_a_full_pool_says_so_and_release_makes_room():
    pool, first, second = paged.Pool(2, 2, GROUPS, D), paged.Sequence(), paged.Sequence()
    for _ in range(4):
        paged.append(pool, first, np.zeros((GROUPS, D)), np.zeros((GROUPS, D)))
    with pytest.raises(paged.OutOfBlocks, match="all 2 blocks are held"):
        paged.append(pool, second, np.zeros((GROUPS, D)), np.zeros((GROUPS, D)))
    assert second.table == []
    paged.release(pool, first)
    paged.append(pool, second, np.ones((GROUPS, D)), np.ones((GROUPS, D)))
    assert (second.length, len(pool.free)) == (1, 1)


def test_tables_are_filled_up_with_zeros():
    sequences = [paged.Sequence([3, 1], 5), paged.Sequence([], 0), paged.Sequence([2], 2)]
    found, lengths = paged.tables(sequences)
    np.testing.assert_array_equal(found, [[3, 1], [0, 0], [2, 0]])
    np.testing.assert_array_equal(lengths, [5, 0, 2])
    assert found.dtype == lengths.dtype == np.int32
