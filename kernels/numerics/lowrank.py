"""Singular values: the best matrix of low rank, what it misses, and how far subspaces agree.

Provenance: Eckart & Young 1936, The approximation of one matrix by another of lower rank
(doi:10.1007/BF02288367); the overlap is Hu et al. 2021, LoRA (arXiv:2106.09685), eq. 4.
"""

import numpy as np


def thin(matrix, rank):
    """Return factors `(rows, rank)` and `(rank, columns)` whose product is the nearest matrix.

    Each takes the root of the singular values.
    """
    u, sigma, v_transposed = np.linalg.svd(matrix, full_matrices=False)
    root = np.sqrt(sigma[:rank])
    return u[:, :rank] * root, root[:, None] * v_transposed[:rank]


def floor(matrix, rank):
    """Return the Frobenius norm of what no matrix of this rank can reach: the singular tail."""
    return float(np.linalg.norm(np.linalg.svd(matrix, compute_uv=False)[rank:]))


def overlap(a, b, rank):
    """Return how far the leading left singular subspaces of two matrices agree, 0 … 1.

    `a` and `b` are `(rows, …)` with equal rows. 1 is the same subspace, 0 is at right angles.
    """
    of_a, of_b = (np.linalg.svd(each, full_matrices=False)[0][:, :rank] for each in (a, b))
    return float(np.sum(np.square(of_a.T @ of_b)) / rank)


def effective_rank(matrix):
    """Return the number of equal singular values that would spread as much energy: 1 to the rank.

    `(sum s²)² / sum s⁴`, the participation ratio.
    """
    energy = np.square(np.linalg.svd(matrix, compute_uv=False))
    return float(energy.sum() ** 2 / np.square(energy).sum())
