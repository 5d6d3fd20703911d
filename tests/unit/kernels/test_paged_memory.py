"""Paged keys and values read as arrays, and what reserving and paging leave unused."""

import numpy as np
import pytest

from kernels.attention.core import attention
from kernels.attention.grouped import grouped_attention
from kernels.attention.paged import paged_attention_by_block
from kernels.attention.paged_memory import (
    Pages,
    attention_by_block,
    blocks_needed,
    fill_together,
    locate,
    unused_when_paged,
    unused_when_reserved,
)
from kernels.attention.traffic import SlowMemory, naive, queries_outside


@pytest.fixture
def batch():
    rng = np.random.default_rng(1)
    lengths = (13, 4, 30, 8)
    keys = [rng.standard_normal((n, 6)) for n in lengths]
    values = [rng.standard_normal((n, 6)) for n in lengths]
    pool, sequences = fill_together(keys, values, 4, 20)
    return keys, values, pool, sequences


def test_a_token_is_found_in_its_block():
    block, place = locate(np.array([7, 2, 5]), np.array([0, 3, 4, 11]), 4)
    assert block.tolist() == [7, 7, 2, 5]
    assert place.tolist() == [0, 3, 0, 3]


def test_pages_read_as_the_array_that_was_kept(batch):
    keys, _, pool, sequences = batch
    for k, sequence in zip(keys, sequences, strict=True):
        pages = Pages(pool.k[:, :, 0], sequence.table, sequence.length)
        assert (len(pages), pages.shape) == (len(k), k.shape)
        for rows in (slice(None), slice(2, 9), slice(len(k) - 1, len(k))):
            assert np.array_equal(pages[rows], k[rows])


def test_sequences_that_grow_together_lie_scattered(batch):
    *_, sequences = batch
    tables = [sequence.table for sequence in sequences]
    assert any((np.diff(table) != 1).any() for table in tables)
    held = [block for table in tables for block in table]
    assert len(held) == len(set(held)) == sum(blocks_needed([13, 4, 30, 8], 4))


def test_every_entry_of_the_table_that_is_read_is_counted(batch):
    _, _, pool, sequences = batch
    pages = Pages(pool.k[:, :, 0], sequences[2].table, 30)
    _ = pages[:]
    assert pages.looked_up == 8
    _ = pages[3:5]  # the end of one block and the start of the next
    assert pages.looked_up == 10


def test_the_kernels_run_on_pages_unchanged_and_move_the_same_numbers(batch):
    keys, values, pool, sequences = batch
    q, k, v = np.random.default_rng(2).standard_normal((9, 6)), keys[2], values[2]
    for run in (naive, lambda memory: queries_outside(memory, 4, 8)):
        pages = [Pages(p[:, :, 0], sequences[2].table, 30) for p in (pool.k, pool.v)]
        paged, plain = SlowMemory(q=q, k=pages[0], v=pages[1]), SlowMemory(q=q, k=k, v=v)
        out, contiguous = run(paged), run(plain)
        assert np.array_equal(out, contiguous)
        assert np.allclose(out, attention(q, k, v), rtol=0, atol=1e-12)
        assert (paged.read, paged.written) == (plain.read, plain.written)


def test_blocks_of_an_array_and_of_a_pool_give_the_same_bits(batch):
    keys, values, pool, sequences = batch
    q = np.random.default_rng(3).standard_normal((2, 6))
    for k, v, sequence in zip(keys, values, sequences, strict=True):
        by_block = attention_by_block(q, k[None], v[None], 4)
        assert np.array_equal(by_block, paged_attention_by_block(q, pool, sequence))
        assert np.allclose(by_block, attention(q, k, v), rtol=0, atol=1e-12)


def test_heads_of_a_group_share_its_blocks():
    rng = np.random.default_rng(4)
    q, (k, v) = rng.standard_normal((6, 5)), rng.standard_normal((2, 2, 7, 5))
    expected = grouped_attention(q[:, None], k, v)[:, 0]
    assert np.allclose(attention_by_block(q, k, v, 3), expected, rtol=0, atol=1e-12)


def test_one_sequence_alone_fills_blocks_in_order():
    k = np.random.default_rng(5).standard_normal((5, 6))
    pool, sequences = fill_together([k], [k], 2, 3)
    assert sequences[0].table == [0, 1, 2]
    assert np.array_equal(pool.k.reshape(-1, 6)[:5], k)


def test_what_is_held_and_empty():
    assert unused_when_paged([1, 4, 5, 8], 4).tolist() == [3, 0, 3, 0]
    assert unused_when_reserved([1, 4, 8], 8).tolist() == [7, 4, 0]
    with pytest.raises(ValueError, match="a sequence of 9 tokens has no room in 8"):
        unused_when_reserved([3, 9], 8)
