"""The two passes of 1986 against reverse accumulation, central differences and plain loops."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.autodiff import check, layered
from kernels.autodiff.backward import value_and_gradients
from kernels.autodiff.elementwise import sigmoid
from kernels.autodiff.networks import linear
from kernels.autodiff.shaping import sum_over

SEEDS = st.integers(0, 2**32 - 1)
WIDTHS = st.lists(st.integers(1, 4), min_size=2, max_size=4)


def example(seed, widths, cases=3):
    """Weights, patterns and desired outputs, all drawn."""
    generator = np.random.default_rng(seed)
    weights = layered.draw(generator, widths, spread=1.5)
    return weights, generator.random((cases, widths[0])), generator.random((cases, widths[-1]))


def by_loops(weights, pattern):
    """One case, one unit at a time: the outputs of the last layer."""
    y = list(pattern)
    for w in weights:
        x = [sum(w[i][j] * y[i] for i in range(len(y))) + w[-1][j] for j in range(w.shape[1])]
        y = [1.0 / (1.0 + math.exp(-total)) for total in x]
    return y


@settings(deadline=None)
@given(seed=SEEDS, widths=WIDTHS)
def test_the_forward_pass_is_that_of_one_unit_at_a_time(seed, widths):
    weights, patterns, _ = example(seed, widths)
    outputs = layered.forward(weights, patterns)[-1]
    np.testing.assert_allclose(outputs, [by_loops(weights, p) for p in patterns], rtol=1e-12)


@settings(deadline=None)
@given(seed=SEEDS, widths=WIDTHS)
def test_the_backward_pass_gives_the_slopes_of_reverse_accumulation(seed, widths):
    weights, patterns, d = example(seed, widths)

    def loss(p):
        y = patterns
        for layer in range(len(weights)):
            y = sigmoid(linear(y, p[f"w{layer}"], p[f"b{layer}"]))
        return 0.5 * sum_over((y - d) ** 2)

    named = {f"w{i}": w[:-1] for i, w in enumerate(weights)}
    named |= {f"b{i}": w[-1] for i, w in enumerate(weights)}
    value, gradients = value_and_gradients(loss, named)
    ys = layered.forward(weights, patterns)
    assert value == pytest.approx(layered.error(ys[-1], d), rel=1e-12)
    for i, slopes in enumerate(layered.back_propagate(weights, ys, d)):
        np.testing.assert_allclose(slopes[:-1], gradients[f"w{i}"], rtol=1e-9, atol=1e-14)
        np.testing.assert_allclose(slopes[-1], gradients[f"b{i}"], rtol=1e-9, atol=1e-14)


@settings(deadline=None, max_examples=25)
@given(seed=SEEDS, widths=WIDTHS)
def test_the_backward_pass_gives_the_slopes_found_by_nudging(seed, widths):
    weights, patterns, d = example(seed, widths)
    slopes = layered.back_propagate(weights, layered.forward(weights, patterns), d)
    for i, w in enumerate(weights):

        def at(moved, i=i):
            replaced = [*weights[:i], moved, *weights[i + 1 :]]
            return layered.error(layered.forward(replaced, patterns)[-1], d)

        np.testing.assert_allclose(slopes[i], check.central_difference(at, w), atol=1e-8)


@given(seed=SEEDS)
def test_a_sweep_adds_a_share_of_the_change_before(seed):
    weights, patterns, d = example(seed, (3, 2, 1))
    changes = [None, None]
    before = [np.zeros_like(w) for w in weights]
    for _ in range(3):
        slopes = layered.back_propagate(weights, layered.forward(weights, patterns), d)
        stepped, changes = layered.sweep(weights, changes, patterns, d, 0.3, 0.8)
        for i, w in enumerate(weights):
            before[i] = -0.3 * slopes[i] + 0.8 * before[i]
            np.testing.assert_allclose(changes[i], before[i], rtol=1e-12, atol=1e-15)
            np.testing.assert_allclose(stepped[i], w + before[i], rtol=1e-12, atol=1e-15)
        weights = stepped


def test_networks_side_by_side_learn_as_each_would_alone():
    patterns, d = layered.mirror_patterns(4)
    alone = [layered.draw(np.random.default_rng(seed), (4, 2, 1)) for seed in range(3)]
    together = [np.stack(layer) for layer in zip(*alone, strict=True)]
    *_, last = layered.learn(together, patterns, d, 20)
    for number, weights in enumerate(alone):
        *_, own = layered.learn(weights, patterns, d, 20)
        for layer in range(2):
            np.testing.assert_allclose(last[layer][number], own[layer], rtol=1e-10)


def test_fixed_layers_stay_as_they_were_and_the_others_learn():
    weights, patterns, d = example(3, (4, 3, 2), cases=6)
    states = list(layered.learn(weights, patterns, d, 10, fixed=1))
    assert len(states) == 11
    assert all(state[0] is weights[0] for state in states)
    before, after = (layered.forward(s, patterns)[-1] for s in (states[0], states[-1]))
    assert layered.error(after, d) < layered.error(before, d)
    free = list(layered.learn(weights[1:], layered.forward(weights[:1], patterns)[-1], d, 10))
    np.testing.assert_allclose(states[-1][1], free[-1][0], rtol=1e-12)


@pytest.mark.parametrize("length", [2, 5, 6])
def test_patterns_are_symmetric_when_they_read_the_same_backwards(length):
    patterns, d = layered.mirror_patterns(length)
    assert len({tuple(p) for p in patterns}) == 2**length == len(patterns)
    assert d[:, 0].tolist() == [float(tuple(p) == tuple(reversed(p))) for p in patterns]
    assert d.sum() == 2 ** math.ceil(length / 2)


def test_weights_are_drawn_between_the_bounds_with_a_bias_for_every_unit():
    weights = layered.draw(np.random.default_rng(0), (40, 30, 20))
    assert [w.shape for w in weights] == [(41, 30), (31, 20)]
    assert all(np.abs(w).max() < 0.3 < 1.05 * np.abs(w).max() for w in weights)
