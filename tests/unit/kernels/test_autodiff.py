"""Gradients against references that share no code with them: complex steps, SciPy, plain loops."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import special

from kernels.autodiff import check, elementwise, losses, networks, recompute, shaping
from kernels.autodiff.backward import backward, value_and_gradients
from kernels.autodiff.tensor import Tensor, as_tensor, record

SEEDS = st.integers(0, 2**32 - 1)

# An operation, and the same function in NumPy or SciPy, good for complex numbers.
SMOOTH = {
    "exp": (elementwise.exp, np.exp),
    "log": (lambda a: elementwise.log(a * a + 1.0), lambda z: np.log(z * z + 1.0)),
    "sqrt": (lambda a: elementwise.sqrt(a * a + 1.0), lambda z: np.sqrt(z * z + 1.0)),
    "sin": (elementwise.sin, np.sin),
    "tanh": (elementwise.tanh, np.tanh),
    "sigmoid": (elementwise.sigmoid, lambda z: 1 / (1 + np.exp(-z))),
    "softplus": (elementwise.softplus, lambda z: np.log(1 + np.exp(z))),
    "swish": (lambda a: elementwise.swish(a, 1.7), lambda z: z / (1 + np.exp(-1.7 * z))),
    "SiLU": (elementwise.swish, lambda z: z / (1 + np.exp(-z))),
    "gelu": (elementwise.gelu, lambda z: z * 0.5 * (1 + special.erf(z / math.sqrt(2)))),
    "gelu_tanh": (
        elementwise.gelu_tanh,
        lambda z: 0.5 * z * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))),
    ),
    "power": (lambda a: a**3, lambda z: z**3),
    "division": (lambda a: (a + 1.0) / (a * a + 2.0), lambda z: (z + 1.0) / (z * z + 2.0)),
    "right-hand arithmetic": (lambda a: (3.0 - 2.0 * a) + 3.0 / (a * a + 1.0) - a,
                              lambda z: (3.0 - 2.0 * z) + 3.0 / (z * z + 1.0) - z),
}  # fmt: skip


def normal(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape)


def walk(function, *arrays, seed=None):
    """The output and the gradients of a weighted sum of its elements."""
    leaves = [Tensor(array) for array in arrays]
    output = function(*leaves)
    backward(output, np.ones(output.shape) if seed is None else seed)
    return output.data, [leaf.grad for leaf in leaves]


@pytest.mark.slow
@pytest.mark.parametrize("name", SMOOTH)
@settings(deadline=None)
@given(x=npst.arrays(float, (3, 2), elements=st.floats(-4, 4)))
def test_smooth_functions_agree_with_complex_steps(name, x):
    operation, reference = SMOOTH[name]
    value, (gradient,) = walk(operation, x)
    np.testing.assert_allclose(value, reference(x), rtol=1e-12, atol=1e-13)
    derivative = reference(x + 1e-30j).imag / 1e-30
    np.testing.assert_allclose(gradient, derivative, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("operation", "values", "slopes"),
    [
        (elementwise.relu, [0, 0, 0, 0.5, 1.5, 2], [0, 0, 0, 1, 1, 1]),
        (elementwise.absolute, [2, 1, 0, 0.5, 1.5, 2], [-1, -1, 0, 1, 1, 1]),
        (lambda a: elementwise.clip(a, -1.0, 1.5), [-1, -1, 0, 0.5, 1.5, 1.5], [0, 1, 1, 1, 1, 0]),
        (lambda a: elementwise.maximum(a, 0.0), [0, 0, 0, 0.5, 1.5, 2], [0, 0, 1, 1, 1, 1]),
        (lambda a: elementwise.maximum(0.5, a), [0.5, 0.5, 0.5, 0.5, 1.5, 2], [0, 0, 0, 0, 1, 1]),
        (lambda a: elementwise.minimum(a, 0.0), [-2, -1, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0]),
        (lambda a: elementwise.minimum(0.0, a), [-2, -1, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0]),
        (
            lambda a: elementwise.where(a.data < 1, a * 2, a * 3),
            [-4, -2, 0, 1, 4.5, 6],
            [2, 2, 2, 2, 3, 3],
        ),
        (elementwise.stop_gradient, [-2, -1, 0, 0.5, 1.5, 2], None),
        (
            lambda a: elementwise.straight_through(a * 5.0, np.rint),
            [-10, -5, 0, 2, 8, 10],
            [5, 5, 5, 5, 5, 5],
        ),
    ],
)
def test_values_and_slopes_beside_and_at_kinks(operation, values, slopes):
    leaf = Tensor([-2.0, -1.0, 0.0, 0.5, 1.5, 2.0])
    output = operation(leaf)
    backward(output, np.ones(6))
    np.testing.assert_array_equal(output.data, values)
    np.testing.assert_array_equal(leaf.grad, slopes)


def test_huge_and_tiny_numbers_stay_finite():
    far = np.array([-1e4, 1e4])
    for operation in (elementwise.sigmoid, elementwise.softplus, elementwise.swish):
        value, (gradient,) = walk(operation, far)
        assert np.isfinite(value).all()
        np.testing.assert_array_equal(
            gradient, [0.0, 0.0 if operation is elementwise.sigmoid else 1.0]
        )


@settings(deadline=None)
@given(npst.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3), SEEDS)
def test_broadcast_gradients_are_sums_over_the_copies(shapes, seed):
    rng = np.random.default_rng(seed)
    a, b = (rng.standard_normal(shape) for shape in shapes.input_shapes)
    weight = rng.standard_normal(shapes.result_shape)
    value, gradients = walk(lambda x, y: x * y + y, a, b, seed=weight)
    np.testing.assert_allclose(value, a * b + b)
    slopes = np.broadcast_to(b, weight.shape), np.broadcast_to(a, weight.shape) + 1.0
    for array, slope, gradient in zip((a, b), slopes, gradients, strict=True):
        copy_of = np.broadcast_to(np.arange(array.size).reshape(array.shape), weight.shape)
        expected = np.bincount(copy_of.ravel(), (weight * slope).ravel(), minlength=array.size)
        assert gradient.shape == array.shape
        np.testing.assert_allclose(gradient.ravel(), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("left", "right"),
    [((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)), ((1, 2, 3), (5, 3, 4))],
)
def test_matmul_gradients_agree_with_index_sums(left, right):
    a, b = normal(1, *left), normal(2, *right)
    weight = normal(3, *np.broadcast_shapes(left[:-2], right[:-2]), 2, 4)
    value, (of_a, of_b) = walk(lambda x, y: x @ y, a, b, seed=weight)
    batch = weight.shape[:-2]
    a_all, b_all = np.broadcast_to(a, (*batch, 2, 3)), np.broadcast_to(b, (*batch, 3, 4))
    np.testing.assert_allclose(value, np.einsum("...ik,...kj->...ij", a_all, b_all))
    whole_a = np.einsum("...ij,...kj->...ik", weight, b_all)
    whole_b = np.einsum("...ik,...ij->...kj", a_all, weight)
    if a_all.shape != left:
        whole_a = whole_a.sum(axis=0).reshape(left)
    if b_all.shape != right:
        whole_b = whole_b.sum(axis=0)
    np.testing.assert_allclose(of_a, whole_a, atol=1e-13)
    np.testing.assert_allclose(of_b, whole_b, atol=1e-13)


def test_matmul_refuses_vectors():
    with pytest.raises(ValueError, match=r"needs matrices, not shapes \(3,\)"):
        Tensor(np.ones(3)) @ np.ones((3, 2))


def test_arrays_on_the_left_give_tensors():
    right = Tensor(np.ones((2, 2)))
    for result in (np.ones((2, 2)) @ right, np.ones(2) * right, np.ones(2) - right, 1 / right):
        assert isinstance(result, Tensor)


@pytest.mark.parametrize("axis", [None, 0, 1, -1, (0, 2), (-1, 0)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_reductions_agree_with_numpy_and_differences(axis, keepdims):
    x = normal(4, 2, 3, 4)
    for ours, numpys in (
        (shaping.sum_over, np.sum), (shaping.mean_over, np.mean), (shaping.max_over, np.max),
    ):  # fmt: skip
        weight = np.asarray(numpys(x, axis=axis, keepdims=keepdims)) * 0 + 0.7
        value, (gradient,) = walk(lambda a, f=ours: f(a, axis, keepdims), x, seed=weight)
        np.testing.assert_allclose(value, numpys(x, axis=axis, keepdims=keepdims))
        expected = check.central_difference(lambda a, f=numpys: 0.7 * np.sum(f(a, axis=axis)), x)
        np.testing.assert_allclose(gradient, expected, atol=1e-8)


def test_reductions_take_the_axis_away_unless_told_otherwise():
    x = normal(4, 2, 3, 4)
    for reduction in (shaping.sum_over, shaping.mean_over, shaping.max_over):
        assert reduction(x, 1).shape == (2, 4)


def test_tensors_of_whole_numbers_are_real_numbers():
    x = Tensor([1, 2])
    assert x.data.dtype == np.float64
    np.testing.assert_allclose(check.central_difference(lambda a: (a**2).sum(), [1, 2]), [2, 4])


def test_equal_largest_elements_share_the_gradient():
    value, (gradient,) = walk(shaping.max_over, np.array([3.0, 1.0, 3.0]))
    assert value.shape == ()
    np.testing.assert_array_equal(gradient, [0.5, 0.0, 0.5])


def test_rearrangements_put_gradients_back_in_place():
    x, weight = normal(5, 2, 3, 4), normal(6, 4, 6)

    def moved(a):
        turned = shaping.transpose(a, 2, 0, 1)  # (4, 2, 3)
        return shaping.reshape(turned, 4, -1)

    value, (gradient,) = walk(moved, x, seed=weight)
    np.testing.assert_array_equal(value, x.transpose(2, 0, 1).reshape(4, 6))
    np.testing.assert_array_equal(gradient, weight.reshape(4, 2, 3).transpose(1, 2, 0))


def test_transpose_swaps_the_last_two_axes_when_told_nothing():
    assert shaping.transpose(Tensor(np.zeros((5, 2, 3)))).shape == (5, 3, 2)


def test_joined_tensors_get_their_own_parts_back():
    arrays, weight = [normal(1, 2, 3), normal(2, 2, 1), normal(3, 2, 2)], normal(4, 2, 6)
    value, gradients = walk(lambda *parts: shaping.concatenate(parts), *arrays, seed=weight)
    np.testing.assert_array_equal(value, np.hstack(arrays))
    np.testing.assert_array_equal(np.hstack(gradients), weight)


def test_stacked_tensors_get_their_own_layers_back():
    a, weight = normal(1, 2, 3), normal(4, 2, 2, 3)
    value, (of_a, of_c) = walk(lambda x, y: shaping.stack([x, y]), a, -a, seed=weight)
    np.testing.assert_array_equal(value, [a, -a])
    np.testing.assert_array_equal([of_a, of_c], weight)
    value, (of_a, of_c) = walk(lambda x, y: shaping.stack([x, y], axis=1), a, -a, seed=weight)
    np.testing.assert_array_equal(value, np.stack([a, -a], axis=1))
    np.testing.assert_array_equal(np.stack([of_a, of_c], axis=1), weight)


@settings(deadline=None)
@given(st.lists(st.integers(0, 4), max_size=12), SEEDS)
def test_embedding_sums_gradients_of_repeated_rows(ids, seed):
    table, weight = normal(seed, 5, 3), normal(seed + 1, len(ids), 3)
    value, (gradient,) = walk(lambda t: shaping.embed(t, np.array(ids, int)), table, seed=weight)
    np.testing.assert_array_equal(value, table[ids] if ids else np.zeros((0, 3)))
    expected = np.zeros((5, 3))
    for row, share in zip(ids, weight, strict=True):
        expected[row] += share
    np.testing.assert_allclose(gradient, expected, atol=1e-13)


def test_indexing_agrees_with_embedding_and_slices():
    table, ids = normal(1, 6, 2), np.array([[5, 0], [5, 5]])
    weight = normal(2, 2, 2, 2)
    value, (indexed,) = walk(lambda t: t[ids], table, seed=weight)
    np.testing.assert_array_equal(value, table[ids])
    _, (embedded,) = walk(lambda t: shaping.embed(t, ids), table, seed=weight)
    np.testing.assert_allclose(indexed, embedded, atol=1e-15)
    _, (sliced,) = walk(lambda t: t[1:3, 0], table)
    assert sliced.sum() == 2.0 and (sliced[1:3, 0] == 1.0).all()


@pytest.mark.slow
@settings(deadline=None)
@given(SEEDS, st.integers(1, 4), st.integers(1, 6))
def test_softmax_family_agrees_with_scipy_and_differences(seed, rows, classes):
    logits = 5 * normal(seed, rows, classes)
    for ours, scipys in (
        (losses.softmax, lambda z: special.softmax(z, axis=-1)),
        (losses.log_softmax, lambda z: special.log_softmax(z, axis=-1)),
        (losses.log_sum_exp, lambda z: special.logsumexp(z, axis=-1)),
    ):
        expected = scipys(logits)
        weight = np.random.default_rng(seed).standard_normal(expected.shape)
        value, (gradient,) = walk(ours, logits, seed=weight)
        np.testing.assert_allclose(value, expected, rtol=1e-11, atol=1e-13)
        differences = check.central_difference(
            lambda z, f=scipys, w=weight: (w * f(z)).sum(), logits
        )
        np.testing.assert_allclose(gradient, differences, atol=1e-7)


@settings(deadline=None)
@given(SEEDS, st.integers(1, 5), st.integers(1, 6))
def test_cross_entropy_gradient_is_softmax_minus_one_hot(seed, rows, classes):
    logits = 3 * normal(seed, rows, classes)
    targets = np.random.default_rng(seed).integers(0, classes, rows)
    value, (gradient,) = walk(lambda z: losses.cross_entropy(z, targets), logits)
    log_weights = special.log_softmax(logits, axis=-1)
    assert math.isclose(value, -np.mean([w[t] for w, t in zip(log_weights, targets, strict=True)]),
                        rel_tol=1e-11, abs_tol=1e-13)  # fmt: skip
    expected = (special.softmax(logits, axis=-1) - np.eye(classes)[targets]) / rows
    np.testing.assert_allclose(gradient, expected, atol=1e-13)


def test_perplexity_of_ignorance_is_the_number_of_classes():
    loss = losses.cross_entropy(Tensor(np.zeros((2, 3, 7))), np.full((2, 3), 4))
    assert math.isclose(math.exp(loss.data), 7.0)


def test_each_place_of_a_text_has_its_own_surprise():
    logits, targets = normal(5, 2, 3, 4), np.array([[0, 3, 1], [2, 2, 0]])
    weight = normal(6, 2, 3)
    value, (gradient,) = walk(lambda z: losses.surprise(z, targets), logits, seed=weight)
    for place in np.ndindex(2, 3):
        log_weights = special.log_softmax(logits[place])
        assert value[place] == pytest.approx(-log_weights[targets[place]], rel=1e-12)
        error = np.exp(log_weights) - np.eye(4)[targets[place]]
        np.testing.assert_allclose(gradient[place], weight[place] * error, atol=1e-14)


def test_rows_far_apart_do_not_underflow():
    logits = np.array([[2000.0, 2000.0], [-2000.0, -2000.0]])
    np.testing.assert_allclose(losses.softmax(logits).data, 0.5)
    np.testing.assert_allclose(losses.log_softmax(logits).data, -math.log(2))


def test_logits_of_a_thousand_do_not_overflow():
    value, (gradient,) = walk(lambda z: losses.cross_entropy(z, [1]), np.array([[1000.0, 0.0]]))
    assert value == 1000.0
    np.testing.assert_array_equal(gradient, [[1.0, -1.0]])


def test_binary_cross_entropy_agrees_with_scipy():
    logits, labels = 4 * normal(1, 6), np.array([0, 1, 1, 0, 1, 0.3])
    value, (gradient,) = walk(lambda z: losses.binary_cross_entropy(z, labels), logits)
    p = special.expit(logits)
    assert math.isclose(
        value, -np.mean(special.xlogy(labels, p) + special.xlogy(1 - labels, 1 - p))
    )
    np.testing.assert_allclose(gradient, (p - labels) / 6, atol=1e-14)


def test_mean_squared_error_of_a_line_has_the_gradient_of_least_squares():
    x, y, w = normal(1, 20, 3), normal(2, 20, 1), normal(3, 3, 1)
    _, (gradient,) = walk(lambda w: losses.mean_squared_error(x @ w, y), w)
    np.testing.assert_allclose(gradient, 2 / 20 * x.T @ (x @ w - y), atol=1e-13)


def test_contrastive_loss_of_equal_pairs_is_the_logarithm_of_their_number():
    similarities = Tensor(np.full((6, 6), 0.3))
    assert math.isclose(losses.contrastive(similarities).data, math.log(6))


def test_contrastive_loss_averages_over_rows_and_columns():
    similarities = 2 * normal(1, 4, 4)
    loss = losses.contrastive(Tensor(similarities)).data
    by_row = [-special.log_softmax(similarities[i])[i] for i in range(4)]
    by_column = [-special.log_softmax(similarities[:, i])[i] for i in range(4)]
    assert math.isclose(loss, (np.mean(by_row) + np.mean(by_column)) / 2)


def test_normalisations_agree_with_their_formulas_and_differences():
    x, gain, bias = 3 + 2 * normal(1, 4, 5), normal(2, 5), normal(3, 5)
    expected = np.array([(r - r.mean()) / math.sqrt(r.var() + 1e-5) * gain + bias for r in x])
    np.testing.assert_allclose(networks.layer_norm(x, gain, bias).data, expected, rtol=1e-12)
    expected = np.array([r / math.sqrt(np.mean(r * r) + 1e-5) * gain for r in x])
    np.testing.assert_allclose(networks.rms_norm(x, gain).data, expected, rtol=1e-12)
    wide = networks.layer_norm(x, gain, bias, epsilon=2.0).data
    np.testing.assert_allclose(
        wide, [(r - r.mean()) / math.sqrt(r.var() + 2.0) * gain + bias for r in x], rtol=1e-12
    )
    wide = networks.rms_norm(x, gain, epsilon=2.0).data
    np.testing.assert_allclose(
        wide, [r / math.sqrt(np.mean(r * r) + 2.0) * gain for r in x], rtol=1e-12
    )
    for norm, parameters in ((networks.layer_norm, (gain, bias)), (networks.rms_norm, (gain,))):
        worst = check.disagreement(
            lambda x, *p, f=norm: shaping.sum_over(elementwise.sin(f(x, *p))), x, *parameters
        )
        assert worst < 1e-8


@pytest.mark.parametrize(
    "operation",
    [
        networks.standardise,
        networks.unit_rms,
        losses.softmax,
        losses.log_softmax,
        losses.log_sum_exp,
    ],
)
def test_leading_axes_pass_through(operation):
    x = normal(1, 2, 3, 4)
    weight = normal(2, *operation(x).shape)
    value, (gradient,) = walk(operation, x, seed=weight)
    rows, (slopes,) = walk(operation, x.reshape(6, 4), seed=weight.reshape(6, *weight.shape[2:]))
    np.testing.assert_allclose(value.reshape(rows.shape), rows, rtol=1e-14)
    np.testing.assert_allclose(gradient.reshape(6, 4), slopes, rtol=1e-12)


def test_norms_told_nothing_add_a_hundred_thousandth():
    x = normal(3, 5)
    expected = x / math.sqrt(np.mean(x * x) + 1e-5)
    np.testing.assert_allclose(networks.unit_rms(x).data, expected, rtol=1e-12)
    expected = (x - x.mean()) / math.sqrt(x.var() + 1e-5)
    np.testing.assert_allclose(networks.standardise(x).data, expected, rtol=1e-12)


@settings(deadline=None)
@given(SEEDS, st.floats(0.1, 100), st.floats(-50, 50))
def test_layer_norm_ignores_scale_and_shift_of_its_input(seed, scale, shift):
    x = normal(seed, 2, 6)
    here = networks.standardise(x, epsilon=0.0).data
    there = networks.standardise(scale * x + shift, epsilon=0.0).data
    np.testing.assert_allclose(there, here, atol=1e-8)


@settings(deadline=None)
@given(SEEDS)
def test_gradients_through_a_normalisation_are_square_to_its_output(seed):
    x = Tensor(normal(seed, 3, 5))
    y = networks.unit_rms(x, epsilon=0.0)
    backward(y, normal(seed + 1, 3, 5))
    np.testing.assert_allclose((x.grad * y.data).sum(axis=-1), 0.0, atol=1e-12)


def test_a_branch_used_twice_gets_both_gradients():
    x = Tensor(3.0)
    y = x * x
    backward(y * y + y)
    assert x.grad == 4 * 3**3 + 2 * 3
    assert y.grad == 2 * 9 + 1


def test_each_walk_starts_afresh():
    x = Tensor([1.0, 2.0])
    loss = shaping.sum_over(x * x)
    backward(loss)
    backward(loss)
    np.testing.assert_array_equal(x.grad, [2.0, 4.0])


def test_backward_asks_for_a_seed_where_the_output_is_an_array():
    with pytest.raises(ValueError, match=r"needs a seed for an output of shape \(2,\)"):
        backward(Tensor(np.ones(2)) * 2)


def test_constants_get_no_gradient_and_no_work():
    def never(_):
        raise AssertionError("pulled back to a constant")

    constant, x = as_tensor(2.0), Tensor(3.0)
    backward(record(np.array(6.0), (constant, never), (x, lambda g: g * 2.0)))
    assert constant.grad is None and x.grad == 2.0
    assert not (constant + constant).tracked


@pytest.mark.slow
def test_ten_thousand_steps_deep_needs_no_recursion():
    x = Tensor(1.0)
    y = x
    for _ in range(10_000):
        y = y * 0.9999
    backward(y)
    assert math.isclose(x.grad, 0.9999**10_000, rel_tol=1e-11)


def test_gradients_come_by_name_and_unused_parameters_get_zeros():
    def loss(p, x):
        return shaping.sum_over(p["w"] * x)

    parameters = {"w": np.ones(2), "idle": np.ones((2, 2))}
    value, gradients = value_and_gradients(loss, parameters, np.array([3.0, 4.0]))
    assert value == 7.0
    np.testing.assert_array_equal(gradients["w"], [3.0, 4.0])
    np.testing.assert_array_equal(gradients["idle"], np.zeros((2, 2)))


def test_jacobian_of_a_residual_block_is_the_identity_plus_that_of_its_branch():
    w, x = 0.3 * normal(1, 4, 4), normal(2, 1, 4)

    def branch(a):
        return elementwise.tanh(a @ w)

    whole = check.jacobian(lambda a: a + branch(a), x)
    np.testing.assert_allclose(whole, np.eye(4) + check.jacobian(branch, x), atol=1e-15)
    by_hand = np.diag(1 - np.tanh(x @ w)[0] ** 2) @ w.T
    np.testing.assert_allclose(check.jacobian(branch, x), by_hand, atol=1e-14)


def test_the_checker_catches_a_wrong_derivative():
    def wrong_tanh(a):
        squashed = np.tanh(a.data)
        return record(squashed, (a, lambda g: g * (1.0 - squashed)))

    x = normal(1, 3)
    assert check.disagreement(lambda a: shaping.sum_over(wrong_tanh(a)), x) > 0.01
    assert check.disagreement(lambda a: shaping.sum_over(elementwise.tanh(a)), x) < 1e-9


@pytest.mark.parametrize(("at", "relative_to"), [(0.1, 1.0), (10.0, 300.01)])
def test_disagreement_is_relative_to_large_gradients_and_absolute_for_small(at, relative_to):
    """A cube's slope `3 x²` is missed by the square of the step."""
    worst = check.disagreement(lambda a: shaping.sum_over(a**3), np.array([at]), step=0.1)
    assert worst == pytest.approx(0.01 / relative_to, rel=1e-9)


def test_inputs_that_are_empty_or_not_used_have_nothing_to_disagree_about():
    x, idle, empty = normal(1, 3), normal(2, 2, 2), np.zeros((0, 3))

    def function(x, idle, empty):
        return shaping.sum_over(x * x) + shaping.sum_over(empty)

    walked = check.gradients(function, x, idle, empty)
    np.testing.assert_array_equal(walked[1], np.zeros((2, 2)))
    assert check.disagreement(function, x, idle, empty) < 1e-8


def test_an_attention_head_passes_the_check():
    x, w_q, w_k, w_v = normal(1, 2, 5, 4), normal(2, 4, 3), normal(3, 4, 3), normal(4, 4, 3)
    hidden = np.where(np.tril(np.ones((5, 5))), 0.0, -1e9)

    def head(x, w_q, w_k, w_v):
        scores = (x @ w_q) @ shaping.transpose(x @ w_k) * 3**-0.5 + hidden
        return shaping.sum_over(elementwise.sin(losses.softmax(scores) @ (x @ w_v)))

    assert check.disagreement(head, x, w_q, w_k, w_v) < 1e-7


def test_recomputing_gives_the_same_bits_from_less_memory():
    x, w = normal(1, 6, 8), [0.4 * normal(seed, 8, 8) for seed in range(2, 8)]

    def block(h, *weights):
        for each in weights:
            h = elementwise.tanh(h @ each)
        return h

    def forget(h, *weights):
        h = recompute.recompute(block, h, *weights[:3])
        return recompute.recompute(block, h, *weights[3:])

    results = []
    for network in (block, forget):
        leaves = [Tensor(x), *(Tensor(each) for each in w)]
        output = network(*leaves)
        size = recompute.remembered_bytes(output)
        backward(output, np.ones(output.shape))
        backward(output, np.cos(output.data))  # a second walk finds nothing stale
        results.append((size, output.data, *(leaf.grad for leaf in leaves)))
    for remembered, forgotten in zip(results[0][1:], results[1][1:], strict=True):
        np.testing.assert_array_equal(forgotten, remembered)
    leaves_alone = x.nbytes + sum(each.nbytes for each in w)
    assert results[0][0] == leaves_alone + 12 * x.nbytes
    assert results[1][0] == leaves_alone + 2 * x.nbytes


def test_recomputing_serves_constants_and_unused_inputs():
    x, idle = Tensor(2.0), Tensor(5.0)
    backward(recompute.recompute(lambda a, b, c: a * a * c, x, idle, 3.0))
    assert x.grad == 12.0 and idle.grad == 0.0
