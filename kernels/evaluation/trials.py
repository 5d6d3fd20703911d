"""Successes among trials: the chance that one of k succeeds, and the chance that all do.

Provenance: Chen et al. 2021, Evaluating Large Language Models Trained on Code (arXiv:2107.03374),
for pass@k and its unbiased estimate; Yao et al. 2024, τ-bench (arXiv:2406.12045), §3, for pass^k.

A task has been tried `n` times and solved `c` times; `c` may be an array, one entry a task. All
estimates need `k` trials or more: `k <= n`.
"""

from math import comb

import numpy as np


def all_of(n, c, k):
    """Return the share of the choices of `k` among `n` trials in which all succeed: like `c`.

    `C(c, k) / C(n, k)`: an unbiased estimate of `p ** k` for a task with the chance `p`.
    """
    return chosen(n, k)[np.asarray(c)]


def any_of(n, c, k):
    """Return the share of the choices of `k` among `n` trials in which at least one succeeds."""
    return 1.0 - chosen(n, k)[n - np.asarray(c)]


def chosen(n, k):
    """Return `C(c, k) / C(n, k)` for every `c` from nought to `n`: `(n + 1,)`.

    Raises
    ------
    ValueError
        If `k` isn't between one and `n`: fewer trials than `k` say nothing about `k` of them.
    """
    if not 1 <= k <= n:
        raise ValueError(f"k = {k} needs between one and n = {n} trials.")
    return np.array([comb(c, k) for c in range(n + 1)]) / comb(n, k)


def plugged_in(n, c, k):
    """Return `(c / n) ** k`, the estimate that comes to mind first; it is too high on average."""
    return (np.asarray(c) / n) ** k


def pass_hat(n, c, k):
    """Return pass^k, averaged over tasks, in [0, 1]."""
    return float(np.mean(all_of(n, c, k)))


def pass_at(n, c, k):
    """Return pass@k, averaged over tasks, in [0, 1]."""
    return float(np.mean(any_of(n, c, k)))


def count_chances(n, p):
    """Return the chance of each number of successes in `n` trials: `(n + 1,)`."""
    return np.array([comb(n, c) * p**c * (1.0 - p) ** (n - c) for c in range(n + 1)])


def expected(estimate, n, p, k):
    """Return the mean of `estimate(n, c, k)` over everything that `n` trials can give."""
    return float(count_chances(n, p) @ estimate(n, np.arange(n + 1), k))
