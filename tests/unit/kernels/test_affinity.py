"""Sigmoid-gated experts against a loop over tokens and finite differences; what the bias costs."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.routing import affinity, letters, price
from kernels.routing.switch import Layer
from tests.slopes import slope

SEEDS = st.integers(0, 2**32 - 1)


def draw(seed, tokens=12, d=4, experts=5, d_ff=3):
    rng = np.random.default_rng(seed)
    layer = Layer(
        rng.standard_normal((d, experts)),
        rng.standard_normal((experts, d, d_ff)),
        rng.standard_normal((experts, d_ff, d)),
    )
    return rng.standard_normal((tokens, d)), layer, 0.3 * rng.standard_normal(experts)


@settings(deadline=None)
@given(SEEDS, st.integers(1, 7), st.data())
def test_the_layer_is_a_loop_over_tokens_and_their_experts(seed, experts, data):
    k = data.draw(st.integers(1, experts))
    x, layer, bias = draw(seed, experts=experts)
    expected = x.copy()
    for token, vector in enumerate(x):
        scores = 1.0 / (1.0 + np.exp(-(vector @ layer.router)))
        chosen = sorted(range(experts), key=lambda e: -(scores[e] + bias[e]))[:k]
        for expert in chosen:
            weight = scores[expert] / sum(scores[e] for e in chosen)
            hidden = np.maximum(vector @ layer.up[expert], 0.0)
            expected[token] += weight * (hidden @ layer.down[expert])
    found = affinity.gather(x, affinity.visit(x, layer, bias, k))
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("texts", [1, 3])
@pytest.mark.parametrize("alpha", [0.0, 0.7])
def test_gradients_are_finite_differences(texts, alpha):
    x, layer, bias = draw(5)
    target = np.random.default_rng(6).standard_normal(x.shape)
    seen = affinity.visit(x, layer, bias, 2)
    found = affinity.visit_back(x, layer, seen, target, alpha, texts)
    frozen = [affinity.relative_load(own, 2) for own in np.split(seen.scores, texts)]

    def value():
        again = affinity.visit(x, layer, bias, 2)
        means = [affinity.normalised(own).mean(axis=0) for own in np.split(again.scores, texts)]
        loss = np.mean([load @ mean for load, mean in zip(frozen, means, strict=True)])
        return (affinity.gather(x, again) * target).sum() + alpha * loss

    np.testing.assert_allclose(found[0], slope(value, x), atol=1e-6)
    for name, gradient in found[1]._asdict().items():
        np.testing.assert_allclose(gradient, slope(value, getattr(layer, name)), atol=1e-6)


def test_letters_learn_by_the_slope_of_what_they_minimise():
    rng = np.random.default_rng(2)
    parameters = letters.draw(rng, 7, 3, width=2, d_ff=3)
    bias = np.array([0.1, 0.0, -0.1])
    contexts, following = letters.windows(rng.integers(0, 7, 25))
    loss, seen, gradients = affinity.value_and_gradients(parameters, bias, contexts, following, 2)
    assert seen.routed.experts.shape == (len(contexts), 2)

    def value():
        return affinity.surprise(parameters, bias, contexts, following, 2).mean()

    assert value() == pytest.approx(loss)
    for name, gradient in gradients.items():
        np.testing.assert_allclose(gradient, slope(value, parameters[name]), atol=1e-6)


def test_even_loads_or_even_affinities_cost_one():
    even = np.full((6, 3), 0.5) + 1e-9 * np.tile(np.eye(3), (2, 1))
    assert affinity.affinity_loss(even, 1) == pytest.approx(1.0)
    one_sided = np.tile([0.9, 0.05, 0.05], (6, 1))
    assert affinity.affinity_loss(one_sided, 1) == pytest.approx(2.7)


@settings(deadline=None)
@given(SEEDS)
def test_no_assignment_with_the_same_loads_keeps_more_affinity(seed):
    rng = np.random.default_rng(seed)
    logits, bias = rng.standard_normal((5, 3)), 0.5 * rng.standard_normal(3)
    scores = 1.0 / (1.0 + np.exp(-logits))
    chosen = np.argmax(scores + bias, axis=1)
    kept = scores[np.arange(5), chosen].sum()
    others = [scores[np.arange(5), list(other)].sum() for other in set(permutations(chosen))]
    assert max(others) <= kept + 1e-12
    bound = price.ceiling(scores, bias, 1, np.bincount(chosen, minlength=3))
    assert bound == pytest.approx(kept)


def test_who_comes_late_finds_less_room():
    scores = np.array([[0.9, 0.5, 0.1], [0.9, 0.5, 0.1], [0.9, 0.5, 0.4]])
    np.testing.assert_array_equal(price.first_come(scores, 1, 1).ravel(), [0, 1, 2])
    assert price.kept(scores, np.array([[0], [1], [2]])) == pytest.approx(1.8)
    with pytest.raises(ValueError, match="token 1 finds fewer than 3"):
        price.first_come(scores, 3, 1)
