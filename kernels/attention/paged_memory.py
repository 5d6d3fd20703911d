"""Paged keys and values behind a counting memory, and what reserving and paging leave unused.

Provenance: Kwon et al. 2023, Efficient Memory Management for Large Language Model Serving with
PagedAttention (arXiv:2309.06180), §3.1 for reservation, §4.1 and §4.2 for blocks and tables.

The kernels of `traffic` ask a memory for rows of `k` and `v`. `Pages` answers such a question from
blocks that lie anywhere in a pool, so that the same kernel runs on paged memory unchanged.
"""

import numpy as np

from kernels.attention.online import absorb, finish, nothing_yet
from kernels.attention.paged import Pool, Sequence, append
from kernels.attention.tiles import blocks


def locate(table, token, size):
    """Return the block that holds a token, and the token's place in it.

    `token` is an array of any shape, `table` the sequence's block numbers in order.
    """
    return table[token // size], token % size


class Pages:
    """A sequence's rows in a pool's blocks, read as if they were an array `(length, d_head)`.

    `pages` is `(blocks, size, d_head)`; `looked_up` counts the entries of the table that were read.
    """

    def __init__(self, pages, table, length):
        self.pages, self.table = pages, np.asarray(table)
        self.shape = (length, pages.shape[-1])
        self.looked_up = 0

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, rows):
        size = self.pages.shape[1]
        tokens = np.arange(len(self))[rows]
        self.looked_up += len(np.unique(tokens // size))
        block, place = locate(self.table, tokens, size)
        return self.pages[block, place]


def fill_together(keys, values, size, blocks):
    """Let sequences grow side by side, a token each in turn, as requests in one batch do.

    `keys` and `values` are lists of `(length, d_head)`. Returns the pool of `blocks` blocks of
    `size` tokens, and the sequences.
    """
    pool = Pool(blocks, size, 1, keys[0].shape[-1])
    sequences = [Sequence() for _ in keys]
    for token in range(max(map(len, keys))):
        for sequence, k, v in zip(sequences, keys, values, strict=True):
            if token < len(k):
                append(pool, sequence, k[token][None], v[token][None])
    return pool, sequences


def attention_by_block(q, k, v, size):
    """Attend with one token's queries, block by block, to a contiguous cache: `(heads, d_head)`.

    `q` is `(heads, d_head)`, `k` and `v` are `(groups, length, d_head)`.
    """
    groups, length, d_head = k.shape
    by_group = q.reshape(groups, -1, d_head)  # (groups, heads a group, d_head)
    state = nothing_yet(by_group, d_head)
    for block in blocks(length, size):
        state = absorb(state, by_group, k[:, block], v[:, block])
    return finish(state).reshape(q.shape)


def blocks_needed(length, size):
    """Return how many blocks of `size` hold `length` tokens, the last perhaps in part."""
    return -(-np.asarray(length) // size)


def unused_when_paged(lengths, size):
    """Return the tokens' worth of memory that each sequence holds and doesn't fill."""
    return blocks_needed(lengths, size) * size - np.asarray(lengths)


def unused_when_reserved(lengths, most):
    """Return the same where every sequence is given room for `most` tokens at once.

    Raises `ValueError` for a sequence that is longer.
    """
    if np.max(lengths) > most:
        raise ValueError(f"a sequence of {np.max(lengths)} tokens has no room in {most}")
    return most - np.asarray(lengths)
