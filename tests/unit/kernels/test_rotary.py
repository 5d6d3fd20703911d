"""Rotary embedding against independent references: complex numbers, matrices and plain loops."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels.attention import rotary

DIMENSIONS = st.sampled_from([2, 4, 8, 32, 64])
POSITIONS = st.integers(0, 4096)
SEEDS = st.integers(0, 2**32 - 1)


def unit_vectors(seed, count, d):
    drawn = np.random.default_rng(seed).standard_normal((count, d))
    return drawn / np.linalg.norm(drawn, axis=-1, keepdims=True)


def test_frequencies_of_eight_dimensions_fall_by_tens():
    np.testing.assert_allclose(rotary.frequencies(8), [1.0, 0.1, 0.01, 0.001], rtol=1e-15)


def test_the_base_is_ten_thousand_unless_told_otherwise():
    np.testing.assert_allclose(rotary.wavelengths(8), math.tau * 10.0 ** np.arange(4), rtol=1e-15)


def test_wavelength_times_frequency_is_a_full_turn():
    full = rotary.wavelengths(64, 500.0) * rotary.frequencies(64, 500.0)
    np.testing.assert_allclose(full, math.tau)


def test_rotate_agrees_with_a_loop_over_pairs():
    x, angle = unit_vectors(1, 3, 6), np.array([0.3, -1.2, 7.0])
    expected = np.empty_like(x)
    for row in range(3):
        for pair in range(3):
            turned = complex(x[row, 2 * pair], x[row, 2 * pair + 1]) * complex(
                math.cos(angle[pair]), math.sin(angle[pair])
            )
            expected[row, 2 * pair : 2 * pair + 2] = turned.real, turned.imag
    np.testing.assert_allclose(rotary.rotate(x, angle), expected, atol=1e-15)


@given(DIMENSIONS, POSITIONS, SEEDS)
def test_element_by_element_matrix_and_complex_forms_agree(d, position, seed):
    theta = rotary.frequencies(d)
    x = unit_vectors(seed, 1, d)[0]
    angle = rotary.angles(position, theta)
    turned = rotary.rotate(x, angle)
    np.testing.assert_allclose(rotary.rotation_matrix(angle) @ x, turned, atol=1e-14)
    as_complex = rotary.as_complex(x) * np.exp(1j * angle)
    np.testing.assert_allclose(rotary.as_complex(turned), as_complex, atol=1e-14)


@given(DIMENSIONS, POSITIONS)
def test_rotation_matrix_is_orthogonal_with_determinant_one(d, position):
    matrix = rotary.rotation_matrix(rotary.angles(position, rotary.frequencies(d)))
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(d), atol=1e-14)
    assert math.isclose(np.linalg.det(matrix), 1.0, rel_tol=1e-12)


@given(DIMENSIONS, POSITIONS, POSITIONS, st.integers(0, 4096), SEEDS)
def test_shifting_both_positions_leaves_the_score(d, m, n, shift, seed):
    theta = rotary.frequencies(d)
    q, k = unit_vectors(seed, 2, d)
    here = rotary.scores(q[None], k[None], [m], [n], theta)
    there = rotary.scores(q[None], k[None], [m + shift], [n + shift], theta)
    assert abs(here - there).max() < 1e-11


@given(DIMENSIONS, POSITIONS, SEEDS)
def test_rotation_keeps_the_length(d, position, seed):
    x = 3.0 * unit_vectors(seed, 4, d)
    turned = rotary.encode_query(x, np.full(4, position), rotary.frequencies(d))
    np.testing.assert_allclose(np.linalg.norm(turned, axis=-1), 3.0, rtol=1e-14)


@given(DIMENSIONS, POSITIONS, POSITIONS, SEEDS)
def test_turns_add(d, m, n, seed):
    theta = rotary.frequencies(d)
    x = unit_vectors(seed, 1, d)[0]
    twice = rotary.rotate(rotary.rotate(x, rotary.angles(m, theta)), rotary.angles(n, theta))
    once = rotary.rotate(x, rotary.angles(m + n, theta))
    np.testing.assert_allclose(twice, once, atol=1e-11)


def test_scores_of_one_vector_at_all_positions_are_constant_along_diagonals():
    q, k = unit_vectors(3, 2, 16)
    positions = np.arange(12)
    score = rotary.scores(q, k, positions, positions, rotary.frequencies(16))
    expected = rotary.offset_scores(q, k, np.arange(-11, 12), rotary.frequencies(16))
    for row in range(12):
        for column in range(12):
            assert math.isclose(score[row, column], expected[row - column + 11], abs_tol=1e-14)


def test_decay_curve_agrees_with_a_plain_double_sum():
    theta = rotary.frequencies(12, 100.0)
    for offset in (0, 1, 9, 77):
        sums = [abs(sum(np.exp(1j * offset * t) for t in theta[:j])) for j in range(1, 7)]
        assert math.isclose(rotary.decay_curve(np.array([offset]), theta)[0], np.mean(sums))


def test_decay_curve_starts_at_half_of_one_more_than_the_number_of_pairs():
    assert rotary.decay_curve(np.array([0]), rotary.frequencies(128))[0] == pytest.approx(32.5)


def test_the_bound_is_the_largest_step_times_the_running_sums():
    """Equation 37, one number at a time."""
    q, k = 3.0 * unit_vectors(4, 2, 8)
    theta = rotary.frequencies(8)
    h = [complex(*q[2 * i : 2 * i + 2]) * complex(*k[2 * i : 2 * i + 2]).conjugate()
         for i in range(4)] + [0j]  # fmt: skip
    largest = max(abs(h[i + 1] - h[i]) for i in range(4))
    found = rotary.score_bound(q, k, np.array([0, 3, 50]), theta)
    for offset, bound in zip((0, 3, 50), found, strict=True):
        sums = [abs(sum(np.exp(1j * offset * t) for t in theta[:j])) for j in range(1, 5)]
        assert math.isclose(bound, largest * sum(sums), rel_tol=1e-12)


@given(DIMENSIONS, st.integers(-4096, 4096), SEEDS)
def test_no_score_exceeds_its_bound(d, offset, seed):
    q, k = unit_vectors(seed, 2, d)
    theta = rotary.frequencies(d)
    offsets = np.array([offset])
    score = rotary.offset_scores(q, k, offsets, theta)
    assert (np.abs(score) <= rotary.score_bound(q, k, offsets, theta) + 1e-12).all()
