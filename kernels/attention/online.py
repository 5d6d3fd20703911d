"""Attention tile by tile: the softmax of a row from a running maximum and a running sum.

Provenance: Dao et al. 2022, FlashAttention (arXiv:2205.14135), §3.1 and Algorithm 1; the loops in
the order of Dao 2023, FlashAttention-2 (arXiv:2307.08691), Algorithm 1; the running sum is Milakov
and Gimelshein 2018 (arXiv:1805.02867), Algorithm 3.

Queries are taken in blocks of `rows`, keys in blocks of `columns`. No array of `(queries, keys)`
is ever made, and yet the result is that of `core.attention`, but for the order of additions.
"""

from typing import NamedTuple

import numpy as np

from kernels.attention.core import dot_products, hide, scale_scores


class Running(NamedTuple):
    """What is known of a block of queries after some of the keys; sums are relative to `maximum`.

    `maximum` and `total` are `(..., rows)`, the largest score and the sum of `exp(score -
    maximum)`; `mixed` is `(..., rows, d_v)`, the values summed with those same weights.
    """

    maximum: np.ndarray
    total: np.ndarray
    mixed: np.ndarray


def nothing_yet(q, d_v):
    """Return the state before any key was seen, for queries `(..., rows, d_k)`."""
    rows = q.shape[:-1]
    return Running(np.full(rows, -np.inf), np.zeros(rows), np.zeros((*rows, d_v)))


def new_maximum(maximum, scores):
    """Return the larger of the running maximum and the tile's own, row by row: `(..., rows)`."""
    return np.maximum(maximum, scores.max(axis=-1))


def anchor(maximum):
    """Return the maximum, and 0 where no key has been seen: minus infinity can't be taken away."""
    return np.where(np.isneginf(maximum), 0.0, maximum)


def weigh(scores, maximum):
    """Return `exp(score - maximum)`, at most 1 and not yet divided: `(..., rows, columns)`."""
    return np.exp(scores - anchor(maximum)[..., None])


def rescaling(old, new):
    """Return `exp(old - new)`, which turns sums relative to the old maximum into the new one's."""
    return np.exp(old - anchor(new))  # (..., rows), at most 1


def absorb(state, q, k, v, visible=None):
    """Take one tile of keys and values into the running state (Algorithm 1, lines 9 to 12).

    `q` is `(..., rows, d_k)`, `k` `(..., columns, d_k)`, `v` `(..., columns, d_v)`; `visible` is
    `(..., rows, columns)`, or `None` where every key may be seen.
    """
    scores = scale_scores(dot_products(q, k), q.shape[-1])  # (..., rows, columns)
    if visible is not None:
        scores = hide(scores, visible)
    maximum = new_maximum(state.maximum, scores)  # (..., rows)
    weights = weigh(scores, maximum)  # (..., rows, columns)
    factor = rescaling(state.maximum, maximum)  # (..., rows)
    total = factor * state.total + weights.sum(axis=-1)
    return Running(maximum, total, factor[..., None] * state.mixed + weights @ v)


def merge(one, two):
    """Join what two devices know of the same queries from different keys, in either order."""
    maximum = np.maximum(one.maximum, two.maximum)
    first, second = rescaling(one.maximum, maximum), rescaling(two.maximum, maximum)
    total = first * one.total + second * two.total
    return Running(maximum, total, first[..., None] * one.mixed + second[..., None] * two.mixed)


def finish(state):
    """Divide by the sum, once: `(..., rows, d_v)`. A query that sees no key gets zeros."""
    return state.mixed / np.where(state.total == 0.0, 1.0, state.total)[..., None]


def log_sum_exp(state):
    """Return `maximum + log(total)`, all that a backward pass needs to know: `(..., rows)`."""
    with np.errstate(divide="ignore"):  # minus infinity where no key was seen
        return state.maximum + np.log(state.total)


def blocks(length, size):
    """Cut `length` places into slices of `size`, of which the last may be shorter.

    Raises `ValueError` for a `size` below 1.
    """
    if size < 1:
        raise ValueError(f"a block needs at least one place, not {size}")
    return [slice(start, min(start + size, length)) for start in range(0, length, size)]


def tile_mask(row, column, offset):
    """Return a tile's part of the causal mask: key `j` up to query `i + offset`.

    `row` and `column` are slices; returns `(rows, columns)`, or `None` where nothing is hidden.
    """
    if column.stop - 1 <= row.start + offset:
        return None
    return np.arange(column.start, column.stop) <= (
        np.arange(row.start, row.stop)[:, None] + offset
    )


def tiles(row, queries, keys, columns, causal=False):
    """Return the slices of keys that the queries of the slice `row` have to meet, in order.

    With `causal` the last of `queries` sees the last of `keys`, each one before it a key less;
    tiles that lie wholly in the future are left out.
    """
    last = row.stop - 1 + keys - queries
    return [c for c in blocks(keys, columns) if not causal or c.start <= last]


def states(q, k, v, row, columns, causal=False, present=None):
    """Return the running state before the first tile and after each, for the slice `row`.

    `q` is `(..., queries, d_k)`, `k` `(..., keys, d_k)`, `v` `(..., keys, d_v)`; tiles and `causal`
    are as in `tiles`; `present` `(..., keys)` is false for keys that are padding.
    """
    queries, keys = q.shape[-2], k.shape[-2]
    block = q[..., row, :]  # (..., rows, d_k)
    seen = [nothing_yet(block, v.shape[-1])]
    for column in tiles(row, queries, keys, columns, causal):
        visible = tile_mask(row, column, keys - queries) if causal else None
        if present is not None:
            real = present[..., None, column]  # (..., 1, columns)
            visible = real if visible is None else visible & real
        seen.append(absorb(seen[-1], block, k[..., column, :], v[..., column, :], visible))
    return seen


def flash_attention(q, k, v, rows, columns, causal=False, present=None):
    """Attend in tiles of `rows` by `columns`: `(..., queries, d_v)`, as `core.attention`.

    Arguments are as for `states`. A query that sees no key gets zeros.
    """
    each_row = blocks(q.shape[-2], rows)
    done = [finish(states(q, k, v, row, columns, causal, present)[-1]) for row in each_row]
    return np.concatenate(done, axis=-2)
