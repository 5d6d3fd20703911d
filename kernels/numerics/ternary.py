"""Weights of -1, 0 and 1, and a matrix product without multiplications.

Provenance: Ma et al. 2024, The era of 1-bit LLMs: all large language models are in 1.58 bits
(arXiv:2402.17764), §2: absmean weights; activations as in Wang et al. 2023, BitNet
(arXiv:2310.11453), eq. 4, per token and to both sides of zero.

Weights are `(outputs, inputs)`, activations `(tokens, inputs)`.
"""

import numpy as np

BITS = np.log2(3.0)  # the information in one weight, 1.58 bits


def absmean(w):
    """Return codes -1, 0, 1 `(outputs, inputs)` as int8, and the scale: the mean size of a weight.

    `RoundClip(W / gamma, -1, 1)`. The paper's epsilon beside gamma guards a matrix of zeros alone;
    here such a matrix gives zeros.
    """
    gamma = np.abs(w).mean()
    codes = np.clip(np.rint(w / gamma), -1, 1) if gamma > 0.0 else np.zeros(w.shape)
    return codes.astype(np.int8), gamma


def ternarise(w):
    """Return the weights that a ternary layer computes with: `gamma` times the codes."""
    codes, gamma = absmean(w)
    return gamma * codes


def int8_per_token(x):
    """Round each token to -127 … 127: codes `(tokens, inputs)` as int64, scales `(tokens, 1)`."""
    largest = np.abs(x).max(axis=-1, keepdims=True)
    scale = np.where(largest > 0.0, largest / 127.0, 1.0)
    return np.rint(x / scale).astype(np.int64), scale


def add_only(codes, x):
    """Multiply by additions and subtractions: `x @ codes.T`, `(tokens, outputs)`.

    Each output adds the inputs whose code is 1 and subtracts those whose code is -1. For whole
    numbers the result is exact.
    """
    columns = [x[:, row == 1].sum(axis=1) - x[:, row == -1].sum(axis=1) for row in codes]
    return np.stack(columns, axis=1)


def additions(codes):
    """Count the additions and subtractions that one token costs: one for each code but 0."""
    return int(np.count_nonzero(codes))


def ternary_linear(w, x):
    """Run a layer as BitNet does: ternary weights, int8 activations, one scaling at the end."""
    codes, gamma = absmean(w)
    whole, scale = int8_per_token(x)  # (tokens, inputs), (tokens, 1)
    return add_only(codes, whole) * (gamma * scale)
