"""GPTQ and AWQ against explicit inverses, least squares and brute force."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.numerics import awq, gptq, integers
from kernels.numerics.errors import output_error

SEEDS = st.integers(0, 2**32 - 1)
EITHER = st.booleans()


def layer(seed, outputs=6, inputs=8, samples=64, correlation=1.0):
    """Weights, and activations whose features share a few directions."""
    rng = np.random.default_rng(seed)
    shared = rng.standard_normal((samples, 3)) @ rng.standard_normal((3, inputs))
    x = correlation * shared + rng.standard_normal((samples, inputs))
    return rng.standard_normal((outputs, inputs)), x


def optimal_brain_quantisation(w, h, bits, symmetric):
    """Equation 2 of the paper by an explicit inverse of what is left, row by row."""
    out = np.empty_like(w)
    grid = integers.fit(w, bits, symmetric)
    for r, row in enumerate(w):
        rest, own = row.copy(), integers.Grid(grid.scale[r], grid.zero[r], grid.low, grid.high)
        for j in range(len(row)):
            inverse = np.linalg.inv(h[j:, j:])
            rounded = integers.from_codes(integers.to_codes(rest[0], own), own)[0]
            out[r, j] = rounded
            rest = (rest - (rest[0] - rounded) / inverse[0, 0] * inverse[:, 0])[1:]
    return out


@settings(deadline=None, max_examples=40)
@given(SEEDS, st.sampled_from([2, 3, 4]), EITHER)
def test_gptq_agrees_with_explicit_inverses(seed, bits, symmetric):
    w, x = layer(seed)
    h = gptq.damped(gptq.hessian(x))
    expected = optimal_brain_quantisation(w, h, bits, symmetric)
    np.testing.assert_allclose(gptq.gptq(w, x, bits, symmetric=symmetric), expected, atol=1e-9)


@settings(deadline=None, max_examples=40)
@given(SEEDS)
def test_the_columns_left_are_the_least_squares_answer_to_those_rounded(seed):
    """After any column, the rest are what a solver would choose to undo the damage."""
    w, x = layer(seed)
    for j, now in enumerate(gptq.columns(w, gptq.hessian(x), bits=2)):
        damage = x[:, : j + 1] @ (w - now)[:, : j + 1].T  # (samples, outputs)
        best = np.linalg.lstsq(x[:, j + 1 :], damage, rcond=None)[0].T
        np.testing.assert_allclose(now[:, j + 1 :] - w[:, j + 1 :], best, atol=1e-8)


@settings(deadline=None)
@given(SEEDS, st.sampled_from([2, 3, 4, 8]), st.sampled_from([None, 2, 4]), EITHER, EITHER)
def test_uncorrelated_inputs_of_one_size_leave_rounding(seed, bits, group, symmetric, order):
    w = np.random.default_rng(seed).standard_normal((3, 8))
    x = np.sqrt(8.0) * np.eye(8)
    rounded = gptq.gptq(w, x, bits, group, by_activation=order, symmetric=symmetric)
    nearest = integers.round_to_nearest(w, bits, group or "row", symmetric)
    np.testing.assert_array_equal(rounded, nearest)


@pytest.mark.parametrize("seed", range(20))
def test_gptq_beats_rounding_to_nearest_on_correlated_inputs(seed):
    w, x = layer(seed, outputs=16, inputs=32, samples=256)
    plain = output_error(w, integers.round_to_nearest(w, 3), x)
    for by_activation in (False, True):
        assert output_error(w, gptq.gptq(w, x, 3, by_activation=by_activation), x) < plain / 1.7


def best_of_all_codes(w, x, bits):
    """The least output error that any choice of codes can reach, row by row."""
    grid = integers.fit_asymmetric(w, bits)
    codes = np.array(list(itertools.product(range(2**bits), repeat=w.shape[1])))
    least = []
    for row, scale, zero in zip(w, grid.scale, grid.zero, strict=True):
        missed = x @ (row - scale * (codes - zero)).T  # (samples, choices)
        least.append(np.square(missed).mean(axis=0).min())
    return np.mean(least)


def test_gptq_lies_between_rounding_and_the_best_of_all_codes():
    """It is greedy: on one layer it may lose to rounding, over many it does not."""
    ours, plain = [], []
    for seed in range(12):
        w, x = layer(seed, outputs=3, inputs=5, correlation=2.0)
        ours.append(output_error(w, gptq.gptq(w, x, 2, symmetric=False), x))
        plain.append(output_error(w, integers.round_to_nearest(w, 2, symmetric=False), x))
        assert best_of_all_codes(w, x, 2) <= min(ours[-1], plain[-1]) + 1e-12
    assert sum(ours) < 0.8 * sum(plain)


def test_every_weight_is_a_code_of_its_group():
    w, x = layer(4, inputs=12)
    rounded = gptq.gptq(w, x, 3, group=4)
    for start in range(0, 12, 4):
        for row in rounded[:, start : start + 4]:
            sizes = np.unique(np.abs(row))
            steps = sizes[sizes > 0]
            assert len(steps) <= 3
            assert any(
                np.allclose(steps / (steps.max() / top), np.rint(steps / (steps.max() / top)))
                for top in (1, 2, 3)
            )


def test_the_factor_holds_the_inverse_and_its_updates():
    _, x = layer(5)
    h = gptq.damped(gptq.hessian(x))
    u = gptq.inverse_factor(h)
    np.testing.assert_allclose(u.T @ u @ h, np.eye(8), atol=1e-9)
    assert np.allclose(u, np.triu(u))
    inverse = np.linalg.inv(h[3:, 3:])
    np.testing.assert_allclose(u[3, 3:] / u[3, 3], inverse[0] / inverse[0, 0], atol=1e-10)


def test_the_hessian_is_the_curvature_of_the_output_error():
    w, x = layer(6, outputs=1)
    h = gptq.hessian(x)
    d = np.random.default_rng(1).standard_normal((1, 8))
    assert output_error(w, w + d, x) == pytest.approx((d @ h @ d.T).item() / 2)


def test_the_first_columns_are_those_with_the_largest_activations():
    h = np.diag([1.0, 5.0, 3.0])
    np.testing.assert_array_equal(gptq.column_order(h, by_activation=True), [1, 2, 0])
    np.testing.assert_array_equal(gptq.column_order(h), [0, 1, 2])
    equal = np.eye(100)
    np.testing.assert_array_equal(gptq.column_order(equal, by_activation=True), np.arange(100))


def test_damping_adds_a_share_of_the_mean_diagonal():
    h = np.array([[4.0, 1.0], [1.0, 8.0]])
    np.testing.assert_allclose(gptq.damped(h), [[4.06, 1.0], [1.0, 8.06]])
    np.testing.assert_allclose(gptq.damped(h, 0.5), [[7.0, 1.0], [1.0, 11.0]])
    w, x = layer(11)
    expected = optimal_brain_quantisation(w, gptq.damped(gptq.hessian(x), 3.0), 3, True)
    found = gptq.gptq(w, x, 3, damping=3.0)
    np.testing.assert_allclose(found, expected, atol=1e-9)
    assert not np.allclose(found, gptq.gptq(w, x, 3))


def test_order_by_activation_is_that_of_columns_sorted_beforehand():
    w, x = layer(10)
    order = np.argsort(-np.square(x).sum(axis=0))
    expected = np.empty_like(w)
    expected[:, order] = gptq.gptq(w[:, order], x[:, order], 2)
    found = gptq.gptq(w, x, 2, by_activation=True)
    np.testing.assert_allclose(found, expected, atol=1e-9)
    assert not np.allclose(found, gptq.gptq(w, x, 2))


def test_too_few_samples_need_damping():
    w, x = layer(7, samples=4)
    with pytest.raises(ValueError, match="raise the damping"):
        gptq.inverse_factor(np.zeros((3, 3)))
    assert np.isfinite(gptq.gptq(w, x, 4)).all()


def test_gptq_leaves_its_arguments_alone():
    w, x = layer(8)
    kept = w.copy(), x.copy()
    gptq.gptq(w, x, 2, by_activation=True)
    first, *_, last = gptq.columns(w, gptq.hessian(x), 2)
    assert not np.array_equal(first, last)
    *_, symmetric = gptq.columns(w, gptq.hessian(x), 2, symmetric=True)
    np.testing.assert_array_equal(last, symmetric)
    np.testing.assert_array_equal(w, kept[0])
    np.testing.assert_array_equal(x, kept[1])


# AWQ


def outlier_layer(seed, outputs=24, inputs=64, samples=128):
    """Activations of which a few features are ten to fifty times as large as the rest."""
    rng = np.random.default_rng(seed)
    sizes = np.ones(inputs)
    sizes[rng.choice(inputs, 3, replace=False)] = rng.uniform(10, 50, 3)
    return rng.standard_normal((outputs, inputs)), sizes * rng.standard_normal((samples, inputs))


@settings(deadline=None)
@given(SEEDS, st.floats(0, 1))
def test_scaling_both_sides_changes_nothing_before_rounding(seed, alpha):
    w, x = outlier_layer(seed, outputs=3, inputs=8, samples=16)
    scales = awq.channel_scales(awq.activation_sizes(x), alpha)
    np.testing.assert_allclose((x / scales) @ (w * scales).T, x @ w.T, rtol=1e-10, atol=1e-10)
    assert scales.max() * scales.min() == pytest.approx(1.0)


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("per", ["row", 16])
def test_exponent_zero_is_plain_rounding(symmetric, per):
    w, x = outlier_layer(1)
    scales = awq.channel_scales(awq.activation_sizes(x), 0.0)
    np.testing.assert_array_equal(scales, 1.0)
    np.testing.assert_array_equal(
        awq.round_scaled(w, scales, 4, per, symmetric),
        integers.round_to_nearest(w, 4, per, symmetric),
    )


@settings(deadline=None, max_examples=25)
@given(SEEDS, st.sampled_from([3, 4]), EITHER)
def test_the_search_is_never_worse_than_plain_rounding(seed, bits, symmetric):
    w, x = outlier_layer(seed)
    alphas, errors = awq.search(w, x, bits, 16, symmetric)
    assert alphas[0] == 0.0 and alphas[-1] == 1.0
    assert errors[0] == output_error(w, integers.round_to_nearest(w, bits, 16, symmetric), x)
    ours = output_error(w, awq.awq(w, x, bits, 16, symmetric), x)
    assert ours == pytest.approx(errors.min()) and ours <= errors[0]


def test_awq_scales_each_row_to_both_sides_of_zero_in_twenty_trials_unless_told_otherwise():
    w, x = outlier_layer(3)
    plain = integers.round_to_nearest(w, 3, "row", False)
    alphas, errors = awq.search(w, x, 3)
    np.testing.assert_allclose(alphas, np.linspace(0, 1, 21), rtol=1e-15)
    assert errors[0] == output_error(w, plain, x)
    np.testing.assert_array_equal(awq.round_scaled(w, np.ones(64), 3), plain)
    assert output_error(w, awq.awq(w, x, 3), x) == errors.min()
    ends = awq.awq(w, x, 3, steps=1)
    assert output_error(w, ends, x) == min(errors[0], errors[-1]) > errors.min()


@pytest.mark.parametrize("seed", range(8))
def test_awq_beats_plain_rounding_where_a_few_inputs_are_large(seed):
    w, x = outlier_layer(seed)
    alphas, errors = awq.search(w, x, 4, 16)
    assert errors.min() < 0.6 * errors[0]
    assert 0.0 < alphas[errors.argmin()] < 1.0


def test_activation_sizes_and_scales_of_known_numbers():
    x = np.array([[1.0, -4.0], [-1.0, 4.0]])
    np.testing.assert_array_equal(awq.activation_sizes(x), [1.0, 4.0])
    np.testing.assert_allclose(awq.channel_scales(np.array([1.0, 4.0]), 1.0), [0.5, 2.0])
    np.testing.assert_allclose(awq.channel_scales(np.array([1.0, 4.0]), 0.5), [0.5**0.5, 2**0.5])
    assert np.isfinite(awq.channel_scales(np.array([0.0, 4.0]), 0.5)).all()


def test_keeping_the_largest_inputs_exact_beats_keeping_others():
    w, x = outlier_layer(2)
    kept = awq.keep_salient(w, x, 3, share=3 / 64, per=16)
    exact = (kept == w).all(axis=0)
    largest = np.argsort(-awq.activation_sizes(x))[:3]
    assert exact[largest].all()
    plain = integers.round_to_nearest(w, 3, 16, False)
    others = plain.copy()
    smallest = np.argsort(awq.activation_sizes(x))[:3]
    others[:, smallest] = w[:, smallest]
    assert output_error(w, kept, x) < 0.2 * output_error(w, others, x)
    assert (kept == w)[:, np.setdiff1d(np.arange(64), largest)].mean() < 0.3
    assert (awq.keep_salient(w, x, 3, share=0.0) == w).all(axis=0).sum() == 1


@pytest.mark.parametrize("symmetric", [None, False, True])
def test_a_hundredth_of_the_inputs_is_kept_and_the_rest_rounded(symmetric):
    w, x = outlier_layer(3, inputs=200)
    told = {} if symmetric is None else {"symmetric": symmetric}
    kept = awq.keep_salient(w, x, 3, **told)
    largest = np.argsort(np.abs(x).mean(axis=0))[-2:]
    np.testing.assert_array_equal(kept[:, largest], w[:, largest])
    rest = np.setdiff1d(np.arange(200), largest)
    rounded = integers.round_to_nearest(w, 3, "row", bool(symmetric))
    np.testing.assert_array_equal(kept[:, rest], rounded[:, rest])
