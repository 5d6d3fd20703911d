"""A Switch layer against a loop over tokens and finite differences; the model of letters too."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.attention.core import softmax
from kernels.routing import letters, switch
from kernels.routing.balance import balance_loss, shares
from tests.slopes import slope

SEEDS = st.integers(0, 2**32 - 1)


def draw(seed, tokens=11, d=4, experts=3, d_ff=5):
    rng = np.random.default_rng(seed)
    layer = switch.Layer(
        rng.standard_normal((d, experts)),
        rng.standard_normal((experts, d, d_ff)),
        rng.standard_normal((experts, d_ff, d)),
    )
    return rng.standard_normal((tokens, d)), layer


@settings(deadline=None)
@given(SEEDS, st.integers(1, 9), st.integers(1, 12))
def test_the_layer_is_a_loop_over_tokens_that_queue(seed, experts, limit):
    x, layer = draw(seed, experts=experts)
    taken = np.zeros(experts, dtype=int)
    expected = x.copy()
    for token, vector in enumerate(x):
        p = softmax(vector @ layer.router)
        best = int(np.argmax(p))
        if taken[best] < limit:
            hidden = np.maximum(vector @ layer.up[best], 0.0)
            expected[token] += p[best] * (hidden @ layer.down[best])
        taken[best] += 1
    trip = switch.travel(x, layer, limit)
    np.testing.assert_allclose(switch.switch(x, layer, limit), expected, atol=1e-12)
    assert (~trip.kept).sum() == np.maximum(taken - limit, 0).sum()
    np.testing.assert_array_equal(switch.arrive(x, trip)[~trip.kept], x[~trip.kept])


@pytest.mark.parametrize("limit", [2, 4, 11])
@pytest.mark.parametrize("alpha", [0.0, 0.7])
def test_gradients_are_finite_differences(limit, alpha):
    x, layer = draw(5)
    target = np.random.default_rng(6).standard_normal(x.shape)
    trip = switch.travel(x, layer, limit)
    found = switch.walk_back(x, layer, trip, target, alpha)
    frozen = shares(trip.experts, 3)  # f has no gradient

    def value():
        again = switch.travel(x, layer, limit)
        balance = 3 * frozen @ softmax(again.logits).mean(axis=0)
        return (switch.arrive(x, again) * target).sum() + alpha * balance

    np.testing.assert_allclose(found[0], slope(value, x), atol=1e-6)
    for name, gradient in found[1]._asdict().items():
        np.testing.assert_allclose(gradient, slope(value, getattr(layer, name)), atol=1e-6)
    if not alpha:
        alone = switch.walk_back(x, layer, trip, target)
        np.testing.assert_array_equal(alone[1].router, found[1].router)


def test_a_router_that_is_sure_hears_nothing_and_nothing_overflows():
    _, layer = draw(3, tokens=2, d=2, experts=2)
    sure = layer._replace(router=np.array([[3000.0, 0.0], [0.0, 3000.0]]))
    trip = switch.travel(np.array([[1.0, 0.0], [-1.0, -2.0]]), sure, 2)
    np.testing.assert_array_equal(switch.router_pull(trip, np.array([5.0, 7.0])), 0.0)


def test_letters_learn_by_the_slope_of_what_they_minimise():
    rng = np.random.default_rng(2)
    parameters = letters.draw(rng, 7, 3, width=2, d_ff=3)
    contexts, following = letters.windows(rng.integers(0, 7, 25))
    _, trip, gradients = letters.value_and_gradients(parameters, contexts, following, 0.3, 1.25)
    frozen = shares(trip.experts, 3)

    def value():
        x = letters.embed(parameters, contexts)
        p = softmax(x @ parameters["router"]).mean(axis=0)
        surprise = letters.surprise(parameters, contexts, following, 1.25).mean()
        return surprise + 0.3 * 3 * frozen @ p

    for name, gradient in gradients.items():
        np.testing.assert_allclose(gradient, slope(value, parameters[name]), atol=1e-6)


def test_room_is_for_an_even_share_and_the_factor():
    parameters = letters.draw(np.random.default_rng(0), 5, 4)
    assert letters.room(parameters, 100, 1.25) == 32
    assert letters.room(parameters, 100, 0.0) == 100


def test_windows_and_letters_come_back_in_order():
    text = "to be or not to be"
    alphabet = letters.alphabet_of(text)
    ids = letters.as_ids(text, alphabet)
    contexts, following = letters.windows(ids)
    assert "".join(alphabet[i] for i in ids) == text
    assert len(contexts) == len(text) - letters.CONTEXT
    assert "".join(alphabet[i] for i in contexts[3]) == text[3:7]
    assert alphabet[following[3]] == text[7]


def test_imbalance_is_the_balancing_loss():
    x, layer = draw(1)
    trip = switch.travel(x, layer, 4)
    assert letters.imbalance(trip) == balance_loss(trip.logits, trip.experts[:, None])
