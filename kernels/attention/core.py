"""Scaled dot-product attention: compare, divide, hide, weigh, mix.

Provenance: Vaswani et al. 2017, Attention Is All You Need (arXiv:1706.03762), §3.2, eq. 1; §3.5.

Leading axes are heads or batches and pass through untouched; the last two are `(time, features)`.
"""

import numpy as np


def softmax(scores):
    """Turn scores into weights that are positive and sum to one along the last axis.

    `(..., keys)` to the same shape. The largest score is taken away first: that changes no weight,
    and nothing overflows. A score of minus infinity gets the weight zero, exactly.
    """
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))  # (..., keys), largest is 1
    return raised / raised.sum(axis=-1, keepdims=True)


def softmax_jacobian(weights):
    """Return how each weight answers each score: `diag(p) - p pᵀ`, `(..., keys, keys)`."""
    row, column = weights[..., None, :], weights[..., :, None]
    return np.eye(weights.shape[-1]) * row - column * row


def dot_products(q, k):
    """Compare every query with every key: `(..., queries, keys)`."""
    return q @ np.swapaxes(k, -1, -2)


def scale_scores(scores, d_k):
    """Divide dot products by `sqrt(d_k)`, their standard deviation (§3.2.1)."""
    return scores / np.sqrt(d_k)


def causal_mask(n):
    """Return `(n, n)`, true where a query may look: at itself and at what came before."""
    return np.tril(np.ones((n, n), dtype=bool))


def hide(scores, visible):
    """Set the scores that a query may not see to minus infinity (§3.2.3)."""
    return np.where(visible, scores, -np.inf)


def attention_weights(q, k, visible=None):
    """Return the weight of every key for every query: `(..., queries, keys)`, rows sum to one.

    `q` is `(..., queries, d_k)` and `k` `(..., keys, d_k)`; `visible` is `(queries, keys)`, or
    `None` where every query may see every key.
    """
    scores = dot_products(q, k)  # (..., queries, keys)
    scores = scale_scores(scores, q.shape[-1])
    if visible is not None:
        scores = hide(scores, visible)
    return softmax(scores)


def attention(q, k, v, visible=None):
    """Mix the values by the weights (eq. 1): `(..., queries, d_v)` from `v` `(..., keys, d_v)`."""
    return attention_weights(q, k, visible) @ v


def split_heads(x, heads):
    """Cut the features of `(time, d_model)` into heads: `(heads, time, d_model / heads)`."""
    time, d_model = x.shape
    return x.reshape(time, heads, d_model // heads).swapaxes(0, 1)


def join_heads(x):
    """Lay the heads of `(heads, time, d_head)` side by side again: `(time, heads * d_head)`."""
    heads, time, d_head = x.shape
    return x.swapaxes(0, 1).reshape(time, heads * d_head)


def multi_head(x, w_q, w_k, w_v, w_o, heads, visible=None):
    """Attend `heads` times, each on its own projections, and project once more (§3.2.2).

    `x` is `(time, d_model)`; the four matrices are `(d_model, d_model)`, their columns shared out
    among the heads. Returns `(time, d_model)`.
    """
    q = split_heads(x @ w_q, heads)  # (heads, time, d_k)
    k = split_heads(x @ w_k, heads)
    v = split_heads(x @ w_v, heads)
    return join_heads(attention(q, k, v, visible)) @ w_o


def rates(d_model):
    """Return how far each pair of an encoding turns from place to place: `(d_model/2,)`."""
    return 10000.0 ** (-2.0 * np.arange(d_model // 2) / d_model)


def sinusoids(positions, d_model):
    """Return the position encodings of §3.5: `(positions, d_model)`, sine beside cosine."""
    angle = np.asarray(positions, dtype=float)[:, None] * rates(d_model)  # (positions, d_model/2)
    return np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(len(angle), d_model)


def shift_matrix(offset, d_model):
    """Return the matrix that moves any position's encoding on by `offset`: `(d_model, d_model)`.

    `sinusoids([p + offset])` is `sinusoids([p]) @ shift_matrix(offset).T` for every `p` (§3.5).
    """
    matrix = np.zeros((d_model, d_model))
    for pair, angle in enumerate(offset * rates(d_model)):
        cos, sin = np.cos(angle), np.sin(angle)
        matrix[2 * pair : 2 * pair + 2, 2 * pair : 2 * pair + 2] = [[cos, sin], [-sin, cos]]
    return matrix
