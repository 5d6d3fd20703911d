"""Products summed in a register with few bits, and promoted to a wider one now and then.

Provenance: DeepSeek-AI 2024, DeepSeek-V3 (arXiv:2412.19437), §3.3.2, "Increasing accumulation
precision": FP8 products there are kept to about 14 bits, and moved to FP32 every 128 elements.

A model of the arithmetic, not of a chip: sums are exact within a step and rounded after it.
"""

import numpy as np


def round_bits(x, bits):
    """Round each number to so many significant bits, halves to even."""
    significand, exponent = np.frexp(x)  # significand from 0.5 to 1
    return np.ldexp(np.rint(np.ldexp(significand, bits)), exponent - bits)


def matmul(a, b, bits=14, step=32, promote=None):
    """Multiply `(n, k)` by `(k, m)` with running sums of `bits` significant bits.

    After each `step` elements of `k` the running sum is rounded; after each `promote` elements it
    is added to a sum kept in full, and starts again from zero. Without `promote` it never is.
    """
    kept = np.zeros((a.shape[0], b.shape[1]))
    running = np.zeros_like(kept)
    for start in range(0, a.shape[1], step):
        if promote and start and start % promote == 0:
            kept, running = kept + running, np.zeros_like(kept)
        products = a[:, start : start + step] @ b[start : start + step]  # (n, m)
        running = round_bits(running + products, bits)
    return kept + running
