"""Rotary position embedding: a position is an angle, and attention sees only differences of angles.

Provenance: Su et al. 2021, RoFormer (arXiv:2104.09864v5), §3.2.2 and §3.4, eqs. 13-16 and 34-37.

A head's `d` numbers are read as `d/2` pairs (x0, x1), (x2, x3), …: points in `d/2` planes. Position
`m` turns the point in plane `i` by the angle `m * theta_i`. Positions are real numbers, not tables.
"""

import numpy as np


def frequencies(d, base=10000.0):
    """Return `theta_i = base^(-2i/d)`: how far each pair turns from one position to the next.

    `(d/2,)`, in radians a position, fastest first; the paper's base is 10,000.
    """
    return base ** (-2.0 * np.arange(d // 2) / d)


def wavelengths(d, base=10000.0):
    """Return how many positions each pair needs for a full turn: `(d/2,)`."""
    return 2.0 * np.pi / frequencies(d, base)


def angles(positions, theta):
    """Return `m * theta_i` for every position and pair: `(..., d/2)` from `(...)` and `(d/2,)`."""
    return np.asarray(positions, dtype=float)[..., None] * theta


def rotate(x, angle):
    """Turn each pair of `x` by its angle (eq. 34).

    `x` is `(..., d)`, `angle` is `(..., d/2)`; leading axes
    broadcast. Four multiplications a pair, where the matrix of
    eq. 15 would take `d` a row.
    """
    first, second = x[..., 0::2], x[..., 1::2]  # (..., d/2)
    cos, sin = np.cos(angle), np.sin(angle)
    across = first * cos - second * sin
    up = first * sin + second * cos
    turned = np.stack([across, up], axis=-1)  # (..., d/2, 2)
    return turned.reshape(*turned.shape[:-2], -1)  # (..., d)


def encode_query(q, positions, theta):
    """Turn queries `(..., d)` to their positions `(...)` (eq. 14)."""
    return rotate(q, angles(positions, theta))


def encode_key(k, positions, theta):
    """Turn keys `(..., d)` to their positions `(...)` (eq. 14)."""
    return rotate(k, angles(positions, theta))


def scores(q, k, query_positions, key_positions, theta):
    """Return every query's dot product with every key, `(queries, keys)` (eq. 16).

    `q` and `k` are `(queries, d)` and `(keys, d)`, or one vector `(d,)` for all positions. Divide
    by sqrt(d) and take the softmax, and this is attention.
    """
    turned_q = encode_query(q, query_positions, theta)  # (queries, d)
    turned_k = encode_key(k, key_positions, theta)  # (keys, d)
    return turned_q @ turned_k.T


def rotation_matrix(angle):
    """Return the same turn as a matrix `(d, d)`, 2x2 blocks down its diagonal (eq. 15)."""
    d = 2 * len(angle)
    matrix = np.zeros((d, d))
    even, odd = np.arange(0, d, 2), np.arange(1, d, 2)
    matrix[even, even] = matrix[odd, odd] = np.cos(angle)
    matrix[odd, even] = np.sin(angle)
    matrix[even, odd] = -np.sin(angle)
    return matrix


def as_complex(x):
    """Read each pair as one complex number: `(..., d/2)` from `(..., d)`."""
    return x[..., 0::2] + 1j * x[..., 1::2]


def offset_scores(q, k, offsets, theta):
    """Return the score at each offset `m - n` without any positions (eq. 35): `(offsets,)`.

    With `h_i = q_i * conj(k_i)` it is the real part of `sum_i h_i exp(i (m - n) theta_i)`.
    """
    h = as_complex(q) * as_complex(k).conj()  # (d/2,)
    return (h * np.exp(1j * angles(offsets, theta))).real.sum(axis=-1)


def partial_sums(offsets, theta):
    """Return `S_1 … S_{d/2}`, the running sums of `exp(i (m - n) theta_i)`: `(offsets, d/2)`."""
    return np.cumsum(np.exp(1j * angles(offsets, theta)), axis=-1)


def decay_curve(offsets, theta):
    """Return the mean of `|S_j|` at each offset: the paper's Figure 2, `(offsets,)`."""
    return np.abs(partial_sums(offsets, theta)).mean(axis=-1)


def score_bound(q, k, offsets, theta):
    """Return the upper bound on the size of the score at each offset (eq. 37): `(offsets,)`.

    `max_i |h_{i+1} - h_i|` times the sum of `|S_j|`, where the last neighbour `h_{d/2}` is 0.
    """
    h = np.append(as_complex(q) * as_complex(k).conj(), 0.0)  # (d/2 + 1,)
    return np.abs(np.diff(h)).max() * np.abs(partial_sums(offsets, theta)).sum(axis=-1)
