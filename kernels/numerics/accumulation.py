"""Products summed in a register with few bits, and promoted to a wider one now and then.

Provenance: DeepSeek-AI 2024, DeepSeek-V3 (arXiv:2412.19437), §3.3.2, "Increasing accumulation
precision": FP8 products there keep about 14 bits, what exceeds them is cut off (§3.5.2), and sums
move to FP32 every 128 elements.

A model of the arithmetic, not of a chip: sums are exact within a step and cut after it.
"""

import numpy as np


def keep_bits(x, bits, rounding=np.trunc):
    """Keep so many significant bits of each number; `rounding` is `np.trunc` or `np.rint`."""
    significand, exponent = np.frexp(x)  # significand from 0.5 to 1
    return np.ldexp(rounding(np.ldexp(significand, bits)), exponent - bits)


def matmul(a, b, bits=14, step=32, promote=None, rounding=np.trunc):
    """Multiply `(n, k)` by `(k, m)` with running sums of `bits` significant bits.

    After each `step` elements of `k` the running sum is cut; after each `promote` elements it is
    added to a sum kept in full, and starts again from zero. Without `promote` it never is.
    """
    kept = np.zeros((a.shape[0], b.shape[1]))
    running = np.zeros_like(kept)
    for start in range(0, a.shape[1], step):
        if promote and start and start % promote == 0:
            kept, running = kept + running, np.zeros_like(kept)
        products = a[:, start : start + step] @ b[start : start + step]  # (n, m)
        running = keep_bits(running + products, bits, rounding)
    return kept + running
