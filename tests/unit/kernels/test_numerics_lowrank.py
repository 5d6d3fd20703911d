"""Low-rank tools against eigenvalues, alternating least squares and known subspaces."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg

from kernels.numerics import lowrank

SEEDS = st.integers(0, 2**32 - 1)


def normal(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape)


@settings(deadline=None)
@given(SEEDS, st.integers(1, 5))
def test_no_other_factors_come_nearer(seed, rank):
    matrix = normal(seed, 6, 5)
    left, right = lowrank.thin(matrix, rank)
    assert left.shape == (6, rank) and right.shape == (rank, 5)
    missed = np.linalg.norm(matrix - left @ right)
    assert missed == pytest.approx(lowrank.floor(matrix, rank), abs=1e-12)
    eigenvalues = np.sort(linalg.eigvalsh(matrix.T @ matrix))[: 5 - rank]  # the smallest
    assert missed == pytest.approx(np.sqrt(np.abs(eigenvalues).sum()), abs=1e-6)
    other = normal(seed + 1, 6, rank)
    best_for_other = other @ np.linalg.lstsq(other, matrix, rcond=None)[0]
    assert np.linalg.norm(matrix - best_for_other) >= missed - 1e-12


@settings(deadline=None)
@given(SEEDS)
def test_overlap_agrees_with_the_angles_between_subspaces(seed):
    a, b = normal(seed, 7, 3), normal(seed + 1, 7, 3)
    expected = np.mean(np.cos(linalg.subspace_angles(a, b)) ** 2)
    assert lowrank.overlap(a, b, 3) == pytest.approx(expected)
    assert lowrank.overlap(a, a @ normal(seed + 2, 3, 3), 3) == pytest.approx(1.0)


def test_subspaces_at_right_angles_do_not_overlap():
    assert lowrank.overlap(np.eye(6)[:, :2], np.eye(6)[:, 2:4], 2) == 0.0


def test_effective_rank_counts_equal_singular_values():
    rotation = np.linalg.qr(normal(1, 5, 5))[0]
    assert lowrank.effective_rank(rotation @ np.diag([3.0, 3, 3, 0, 0])) == pytest.approx(3.0)
    assert lowrank.effective_rank(np.outer(normal(1, 4), normal(2, 5))) == pytest.approx(1.0)
    assert 1 < lowrank.effective_rank(np.diag([2.0, 1.0])) < 2
