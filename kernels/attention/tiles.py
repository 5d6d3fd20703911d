"""Cut queries and keys into blocks, and leave out the tiles that a causal mask hides.

Provenance: Dao et al. 2022, FlashAttention (arXiv:2205.14135), §3.1; Dao 2023,
FlashAttention-2 (arXiv:2307.08691), §3.1.1, for the tiles left out.

A tile is a block of queries against a block of keys. With a causal mask the last query sees the
last key, and each one before it a key less.
"""

import numpy as np


def blocks(length, size):
    """Cut `length` places into slices of `size`; the last may be shorter.

    Raises `ValueError` for a `size` below 1.
    """
    if size < 1:
        raise ValueError(f"a block needs at least one place, not {size}")
    starts = range(0, length, size)
    return [slice(start, min(start + size, length)) for start in starts]


def key_blocks(row, queries, keys, columns, causal=False):
    """Return the blocks of keys that a block of queries has to meet.

    `row` is the queries' slice, out of `queries`; `columns` how many
    of the `keys` make a block. With `causal`, blocks that lie wholly
    in the future are left out.
    """
    last = row.stop - 1 + keys - queries  # the last key in view
    cut = blocks(keys, columns)
    return [column for column in cut if not causal or column.start <= last]


def causal_part(row, column, offset):
    """Return a tile's part of the causal mask: `(rows, columns)`.

    Query `i` sees keys up to `i + offset`. `None` stands for a tile
    where nothing is hidden.
    """
    if column.stop - 1 <= row.start + offset:
        return None
    query = np.arange(row.start, row.stop)[:, None]
    key = np.arange(column.start, column.stop)
    return key <= query + offset


def visible_part(row, column, offset, causal, present=None):
    """Return which keys of a tile each query sees, or `None` for all.

    `present` is `(..., keys)`, false for keys that are padding;
    returns `(..., rows or 1, columns)`.
    """
    visible = causal_part(row, column, offset) if causal else None
    if present is None:
        return visible
    real = present[..., None, column]  # (..., 1, columns)
    return real if visible is None else visible & real
