"""Attention's gradients tile by tile, from the outputs and one number a query.

Provenance: Dao et al. 2022, FlashAttention (arXiv:2205.14135), §3.1 (recomputation) and the
appendix on the backward pass; Dao 2023, FlashAttention-2 (arXiv:2307.08691), for the log-sum-exp in
place of maximum and sum.

The weights aren't kept from the forward pass: a tile of them is `exp(scores - log_sum_exp)`,
computed anew wherever it is needed.
"""

import numpy as np

from kernels.attention.core import dot_products, hide, scale_scores
from kernels.attention.online import anchor, finish, log_sum_exp, states
from kernels.attention.tiles import blocks, key_blocks, visible_part


def flash_forward(q, k, v, rows, columns, causal=False):
    """Return the output `(..., queries, d_v)` and the log-sum-exp `(..., queries)`."""
    ends = [states(q, k, v, row, columns, causal)[-1] for row in blocks(q.shape[-2], rows)]
    out = np.concatenate([finish(end) for end in ends], axis=-2)
    return out, np.concatenate([log_sum_exp(end) for end in ends], axis=-1)


def recomputed_weights(q, k, lse, visible=None):
    """Return a tile's weights, those of the whole row's softmax: `(..., rows, columns)`.

    `q` is `(..., rows, d_k)`, `k` `(..., columns, d_k)`, `lse` `(..., rows)`.
    """
    scores = scale_scores(dot_products(q, k), q.shape[-1])
    if visible is not None:
        scores = hide(scores, visible)
    return np.exp(scores - anchor(lse)[..., None])


def row_delta(out, dout):
    """Return `sum(out * dout)` over the features: `(..., queries)`.

    It is also the sum of `weight * dweight` over all keys, which no tile knows alone.
    """
    return (out * dout).sum(axis=-1)


def tile_gradients(q, k, v, dout, lse, delta, visible=None):
    """Return what one tile adds to `(dq, dk, dv)`.

    `q` and `dout` are a block of queries, `(..., rows, d)`, with `lse` and
    `delta` `(..., rows)`; `k` and `v` a block of keys, `(..., columns, d)`.
    """
    weights = recomputed_weights(q, k, lse, visible)  # (..., rows, columns)
    dv = np.swapaxes(weights, -1, -2) @ dout  # (..., columns, d)
    dweights = dot_products(dout, v)  # (..., rows, columns)
    dscores = weights * (dweights - delta[..., None])  # back through the softmax
    dscores = scale_scores(dscores, q.shape[-1])
    return dscores @ k, np.swapaxes(dscores, -1, -2) @ q, dv


def flash_attention_backward(q, k, v, out, lse, dout, rows, columns, causal=False):
    """Return `(dq, dk, dv)`, of the shapes of `q`, `k` and `v`, for the output's gradient `dout`.

    `out` and `lse` are what `flash_forward` returned; no array of
    `(queries, keys)` is ever made.
    """
    queries, keys = q.shape[-2], k.shape[-2]
    dq, dk, dv = np.zeros_like(q), np.zeros_like(k), np.zeros_like(v)
    delta = row_delta(out, dout)  # (..., queries)
    for row in blocks(queries, rows):
        for column in key_blocks(row, queries, keys, columns, causal):
            visible = visible_part(row, column, keys - queries, causal)
            tile = k[..., column, :], v[..., column, :]
            sums = dout[..., row, :], lse[..., row], delta[..., row]
            parts = tile_gradients(q[..., row, :], *tile, *sums, visible)
            dq[..., row, :] += parts[0]
            dk[..., column, :] += parts[1]
            dv[..., column, :] += parts[2]
    return dq, dk, dv
