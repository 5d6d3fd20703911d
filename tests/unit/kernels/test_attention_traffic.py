"""What the three algorithms move, against closed forms; what they return, against attention."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.attention import core, traffic

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.integers(1, 12)


def filled(seed, queries, keys, d):
    rng = np.random.default_rng(seed)
    q, k, v = (rng.standard_normal((n, d)) for n in (queries, keys, keys))
    return traffic.SlowMemory(q=q, k=k, v=v), core.attention(q, k, v)


@settings(deadline=None)
@given(SEEDS, SIZES, SIZES, st.integers(1, 6), SIZES, SIZES)
def test_every_algorithm_returns_attention_and_moves_its_closed_form(
    seed, queries, keys, d, rows, columns
):
    memory, expected = filled(seed, queries, keys, d)
    np.testing.assert_allclose(traffic.naive(memory), expected, rtol=0, atol=1e-12)
    assert memory.moved == traffic.naive_moves(queries, keys, d)

    memory, _ = filled(seed, queries, keys, d)
    found = traffic.keys_outside(memory, rows, columns)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
    assert memory.moved == traffic.keys_outside_moves(queries, keys, d, columns)

    memory, _ = filled(seed, queries, keys, d)
    found = traffic.queries_outside(memory, rows, columns)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
    assert memory.moved == traffic.queries_outside_moves(queries, keys, d, rows)


def test_reads_and_writes_are_told_apart():
    memory, _ = filled(1, 4, 6, 2)
    traffic.queries_outside(memory, 2, 3)
    assert memory.written == 4 * 2 + 4  # the output and one number a query
    assert memory.read == 4 * 2 + 2 * (6 * 2 * 2)  # queries once, keys and values twice


def test_block_sizes_follow_the_paper_and_fit():
    assert traffic.block_sizes(100_000, 64) == (64, 391)
    assert traffic.block_sizes(4 * 128, 128) == (1, 1)
    for fast in (256, 1000, 4096, 50_000):
        rows, columns = traffic.block_sizes(fast, 64)
        assert rows <= columns and rows <= 64
        assert (columns - 1) * 4 * 64 < fast  # rounded up, by less than one column


def test_too_small_a_fast_memory_is_refused():
    with pytest.raises(ValueError, match="can't hold four rows of 64"):
        traffic.block_sizes(255, 64)


def test_traffic_falls_as_one_over_the_fast_memory():
    """Theorem 2: N² d² / M numbers, once the tiles outweigh reading the keys once."""
    n, d = 2**16, 64
    small, large = (
        traffic.keys_outside_moves(n, n, d, traffic.block_sizes(fast, d)[1])
        for fast in (2**13, 2**16)
    )
    assert small / large == pytest.approx(8, rel=0.01)
    assert small == pytest.approx(12 * n**2 * d**2 / 2**13, rel=0.03)  # 3d numbers, M / 4d columns


def test_a_small_fast_memory_and_wide_heads_can_move_more_than_naive():
    n, d = 1024, 128
    columns = traffic.block_sizes(16_384, d)[1]
    assert traffic.keys_outside_moves(n, n, d, columns) > traffic.naive_moves(n, n, d)
