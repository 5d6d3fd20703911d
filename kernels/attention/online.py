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
from kernels.attention.tiles import blocks, key_blocks, visible_part


class Running(NamedTuple):
    """What is known of a block of queries after some of the keys.

    `maximum` is the largest score, `(..., rows)`; `total` the sum of
    `exp(score - maximum)`, `(..., rows)`; `mixed` the values summed
    with those weights, `(..., rows, d_v)`.
    """

    maximum: np.ndarray
    total: np.ndarray
    mixed: np.ndarray


def nothing_yet(q, d_v):
    """Return the state of queries `(..., rows, d_k)` before any key."""
    rows = q.shape[:-1]
    empty = np.zeros((*rows, d_v))
    return Running(np.full(rows, -np.inf), np.zeros(rows), empty)


def new_maximum(maximum, scores):
    """Return the largest score so far, this tile's included: `(..., rows)`."""
    return np.maximum(maximum, scores.max(axis=-1))


def anchor(maximum):
    """Return the maximum, but 0 where no key has been seen.

    Minus infinity can't be taken away from minus infinity.
    """
    return np.where(np.isneginf(maximum), 0.0, maximum)


def weigh(scores, maximum):
    """Return `exp(score - maximum)`, not yet divided: `(..., rows, columns)`."""
    return np.exp(scores - anchor(maximum)[..., None])


def rescaling(old, new):
    """Return `exp(old - new)`, at most 1: `(..., rows)`.

    It turns sums relative to the old maximum into sums relative to
    the new one.
    """
    return np.exp(old - anchor(new))


def absorb(state, q, k, v, visible=None):
    """Take one tile into the running state (Algorithm 1, lines 9 to 12).

    `q` is `(..., rows, d_k)`, `k` `(..., columns, d_k)` and `v`
    `(..., columns, d_v)`; `visible` is `(..., rows, columns)`, or
    `None` where every key may be seen.
    """
    scores = scale_scores(dot_products(q, k), q.shape[-1])
    if visible is not None:
        scores = hide(scores, visible)
    maximum = new_maximum(state.maximum, scores)  # (..., rows)
    weights = weigh(scores, maximum)  # (..., rows, columns)
    factor = rescaling(state.maximum, maximum)  # (..., rows)
    total = factor * state.total + weights.sum(axis=-1)
    mixed = factor[..., None] * state.mixed + weights @ v
    return Running(maximum, total, mixed)


def merge(one, two):
    """Join what is known of the same queries from different keys.

    Either may come first: devices can share out the keys.
    """
    maximum = np.maximum(one.maximum, two.maximum)
    first = rescaling(one.maximum, maximum)
    second = rescaling(two.maximum, maximum)
    total = first * one.total + second * two.total
    mixed = first[..., None] * one.mixed + second[..., None] * two.mixed
    return Running(maximum, total, mixed)


def finish(state):
    """Divide by the sum, once: `(..., rows, d_v)`.

    A query that has seen no key gets zeros.
    """
    total = np.where(state.total == 0.0, 1.0, state.total)
    return state.mixed / total[..., None]


def log_sum_exp(state):
    """Return `maximum + log(total)`, all a backward pass needs: `(..., rows)`."""
    with np.errstate(divide="ignore"):  # minus infinity before any key
        return state.maximum + np.log(state.total)


def states(q, k, v, row, columns, causal=False, present=None):
    """Return the state of one block of queries before and after each tile.

    `q` is `(..., queries, d_k)`, `k` `(..., keys, d_k)` and `v`
    `(..., keys, d_v)`; `row` is the queries' slice. Masks are as in
    `tiles.visible_part`.
    """
    queries, keys = q.shape[-2], k.shape[-2]
    block = q[..., row, :]  # (..., rows, d_k)
    seen = [nothing_yet(block, v.shape[-1])]
    for column in key_blocks(row, queries, keys, columns, causal):
        visible = visible_part(row, column, keys - queries, causal, present)
        tile = k[..., column, :], v[..., column, :]
        seen.append(absorb(seen[-1], block, *tile, visible))
    return seen


def flash_attention(q, k, v, rows, columns, causal=False, present=None):
    """Attend in tiles of `rows` by `columns`: `(..., queries, d_v)`.

    Equal to `core.attention` but for rounding; a query that sees no
    key gets zeros. Arguments are as in `states`.
    """
    done = []
    for row in blocks(q.shape[-2], rows):
        last = states(q, k, v, row, columns, causal, present)[-1]
        done.append(finish(last))  # (..., rows, d_v)
    return np.concatenate(done, axis=-2)
