"""Rotate by a Hadamard matrix: every output mixes all inputs, so that no number stands out.

Provenance: the fast transform is Fino & Algazi 1976 (doi:10.1109/TC.1976.1674569); with random
signs before it, Ashkboos et al. 2024, QuaRot (arXiv:2404.00456), and Shah et al. 2024,
FlashAttention-3 (arXiv:2407.08608), §3.3.

A rotation of both sides leaves a product as it was, `(x R) (w R)ᵀ = x wᵀ`, but rounding between
sees flatter numbers. What that brings depends on the format and on where the outliers are. Integers
with one scale gain much from any outlier channel. FP8, whose steps shrink with the number, gains
where the same channel is large on both sides, because one product then carries all the rounding
error; outliers strewn about gain nothing. In blocks of 16 with their own scales a lone outlier
spoils only its neighbours, and spreading it can cost more than it saves.
"""

import numpy as np


def check_length(n):
    """Raise `ValueError` unless `n` is a power of two."""
    if n < 1 or n & (n - 1):
        raise ValueError(f"a Hadamard transform needs a power of two, not {n}")


def transform(x):
    """Multiply the last axis by the orthonormal Hadamard matrix, in `n log2(n)` additions.

    `(..., n)` to the same shape; its own inverse.
    """
    n = x.shape[-1]
    check_length(n)
    y, half = np.array(x, dtype=float), 1
    while half < n:
        pairs = y.reshape(*x.shape[:-1], -1, 2, half)  # (..., n / 2 half, 2, half)
        first, second = pairs[..., 0, :], pairs[..., 1, :]
        y = np.stack([first + second, first - second], axis=-2).reshape(x.shape)
        half *= 2
    return y / np.sqrt(n)


def matrix(n):
    """Return the orthonormal Hadamard matrix by Sylvester's doubling: `(n, n)`."""
    check_length(n)
    h = np.ones((1, 1))
    while len(h) < n:
        h = np.block([[h, h], [h, -h]])
    return h / np.sqrt(n)


def random_signs(generator, n):
    """Draw `n` signs, each -1 or 1."""
    return generator.choice([-1.0, 1.0], n)


def rotate(x, signs):
    """Flip signs, then transform, in pieces of the length of `signs` along the last axis.

    `(..., n)` to the same shape. Raises `ValueError` where the pieces don't fit.
    """
    size = len(signs)
    if x.shape[-1] % size:
        raise ValueError(f"pieces of {size} don't divide rows of {x.shape[-1]}")
    return transform(x.reshape(*x.shape[:-1], -1, size) * signs).reshape(x.shape)


def rotate_back(y, signs):
    """Undo `rotate`."""
    size = len(signs)
    return (transform(y.reshape(*y.shape[:-1], -1, size)) * signs).reshape(y.shape)


def peak_to_rms(x):
    """Return the largest size over the root mean square, along the last axis: 1 where all equal."""
    return np.abs(x).max(axis=-1) / np.sqrt(np.mean(np.square(x), axis=-1))
