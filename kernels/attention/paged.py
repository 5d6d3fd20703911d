"""Paged keys and values: blocks anywhere in memory, and a table that says which comes next.

Provenance: Kwon et al. 2023, Efficient Memory Management for Large Language Model Serving with
PagedAttention (arXiv:2309.06180), §4, for blocks, block tables, sharing and copy on write.

A pool has `(blocks, size, groups, d_head)` numbers for keys and as many for values. A sequence
holds a table of block numbers and its length: token `t` lies in block `table[t // size]`, at place
`t % size`.
"""

from dataclasses import dataclass, field

import numpy as np

from kernels.attention.grouped import grouped_attention
from kernels.attention.online import absorb, finish, nothing_yet


class OutOfBlocks(Exception):
    """No block is free: something has to be evicted, or must wait."""


@dataclass
class Sequence:
    """One sequence's blocks, in its own order, and how many tokens they hold."""

    table: list[int] = field(default_factory=list)
    length: int = 0


class Pool:
    """Physical blocks, how many sequences hold each, and a list of free ones.

    `k` and `v` are `(blocks, size, groups, d_head)`.
    """

    def __init__(self, blocks, size, groups, d_head):
        self.k = np.zeros((blocks, size, groups, d_head))
        self.v = np.zeros((blocks, size, groups, d_head))
        self.holders = np.zeros(blocks, dtype=int)
        self.free = list(range(blocks))[::-1]  # the lowest number comes first

    @property
    def size(self):
        """Tokens a block."""
        return self.k.shape[1]

    def take(self):
        """Return a free block, now held once. Raises `OutOfBlocks` where there is none."""
        if not self.free:
            raise OutOfBlocks(f"all {len(self.k)} blocks are held")
        block = self.free.pop()
        self.holders[block] = 1
        return block

    def let_go(self, block):
        """Hold a block once less; the last holder frees it."""
        self.holders[block] -= 1
        if self.holders[block] == 0:
            self.free.append(block)


def writable_block(pool, sequence):
    """Return the block for the next token: a new one, the last one, or a copy if others hold it."""
    if sequence.length % pool.size == 0:
        sequence.table.append(pool.take())
    elif pool.holders[sequence.table[-1]] > 1:  # copy on write
        shared, own = sequence.table[-1], pool.take()
        pool.k[own], pool.v[own] = pool.k[shared], pool.v[shared]
        pool.let_go(shared)
        sequence.table[-1] = own
    return sequence.table[-1]


def append(pool, sequence, k, v):
    """Keep one token's key and value, each `(groups, d_head)`."""
    block, place = writable_block(pool, sequence), sequence.length % pool.size
    pool.k[block, place], pool.v[block, place] = k, v
    sequence.length += 1


def fork(pool, sequence):
    """Return a second sequence with the same past, of which nothing is copied."""
    pool.holders[sequence.table] += 1
    return Sequence(list(sequence.table), sequence.length)


def release(pool, sequence):
    """Give all blocks of a sequence back."""
    for block in sequence.table:
        pool.let_go(block)
    sequence.table, sequence.length = [], 0


def gather(pool, sequence):
    """Read a sequence's keys and values in order, as one cache: both `(groups, length, d_head)`."""
    rows = [pages[sequence.table] for pages in (pool.k, pool.v)]  # (held, size, groups, d_head)
    flat = [row.reshape(-1, *row.shape[2:])[: sequence.length] for row in rows]
    return flat[0].swapaxes(0, 1), flat[1].swapaxes(0, 1)


def paged_attention(q, pool, sequence):
    """Attend with one token's queries `(heads, d_head)` to all that is kept: `(heads, d_head)`.

    Exactly what `grouped_attention` makes of a contiguous cache, to the last bit.
    """
    k, v = gather(pool, sequence)
    return grouped_attention(q[:, None], k, v)[:, 0]


def paged_attention_by_block(q, pool, sequence):
    """Attend block by block with a running softmax, as a kernel does: `(heads, d_head)`.

    Nothing is gathered; equal to `paged_attention` but for the order of additions.
    """
    groups, d_head = pool.k.shape[2:]
    by_group = q.reshape(groups, -1, d_head)  # (groups, heads a group, d_head)
    state = nothing_yet(by_group, d_head)
    for number, block in enumerate(sequence.table):
        filled = min(pool.size, sequence.length - number * pool.size)
        k, v = pool.k[block, :filled], pool.v[block, :filled]  # (filled, groups, d_head)
        state = absorb(state, by_group, k.swapaxes(0, 1), v.swapaxes(0, 1))
    return finish(state).reshape(q.shape)


def tables(sequences):
    """Lay the tables below each other for a kernel: `(sequences, most)` and lengths, both int32.

    Where a table is shorter it is filled up with zeros, which are never looked at.
    """
    array = np.zeros((len(sequences), max(len(s.table) for s in sequences)), dtype=np.int32)
    for row, sequence in zip(array, sequences, strict=True):
        row[: len(sequence.table)] = sequence.table
    return array, np.array([s.length for s in sequences], dtype=np.int32)
