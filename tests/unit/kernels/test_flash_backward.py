"""Gradients tile by tile, against reverse-mode differentiation and central differences."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.attention import core, flash_backward, online
from kernels.autodiff import elementwise, shaping
from kernels.autodiff.backward import backward
from kernels.autodiff.tensor import Tensor, matmul

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.integers(1, 9)


def differentiated(q, k, v, dout, causal):
    """Gradients of attention by reverse mode, through the whole matrix of scores."""
    leaves = [Tensor(value) for value in (q, k, v)]
    scores = matmul(leaves[0], shaping.transpose(leaves[1])) * (q.shape[-1] ** -0.5)
    if causal:
        hidden = ~np.tril(np.ones((len(q), len(k)), dtype=bool), len(k) - len(q))
        scores = scores + np.where(hidden, -1e9, 0.0)
    raised = elementwise.exp(scores + -scores.data.max(axis=-1, keepdims=True))
    weights = raised * shaping.sum_over(raised, axis=-1, keepdims=True) ** -1.0
    loss = shaping.sum_over(matmul(weights, leaves[2]) * dout)
    backward(loss)
    return [leaf.grad for leaf in leaves]


@settings(max_examples=40)
@given(SEEDS, SIZES, SIZES, st.integers(1, 5), SIZES, SIZES, st.booleans())
def test_gradients_are_those_of_reverse_mode(seed, queries, more, d, rows, columns, causal):
    keys = queries + more - 1  # every query sees a key
    rng = np.random.default_rng(seed)
    q, k, v = (rng.standard_normal((n, d)) for n in (queries, keys, keys))
    out, lse = flash_backward.flash_forward(q, k, v, rows, columns, causal)
    dout = rng.standard_normal(out.shape)
    given_back = q, k, v, out, lse, dout, rows, columns, causal
    found = flash_backward.flash_attention_backward(*given_back)
    for one, other in zip(found, differentiated(q, k, v, dout, causal), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-12)


def test_gradients_are_those_of_central_differences():
    rng = np.random.default_rng(5)
    arrays = [rng.standard_normal((2, n, 3)) for n in (5, 7, 7)]
    dout = rng.standard_normal((2, 5, 3))
    forward = flash_backward.flash_forward(*arrays, 2, 3, True)
    found = flash_backward.flash_attention_backward(*arrays, *forward, dout, 2, 3, True)
    for place, gradient in enumerate(found):
        for index in ((0, 0, 0), (1, 4, 2), (1, 2, 1)):
            ends = []
            for step in (1e-6, -1e-6):
                moved = [array.copy() for array in arrays]
                moved[place][index] += step
                ends.append((flash_backward.flash_forward(*moved, 5, 7, True)[0] * dout).sum())
            slope = (ends[0] - ends[1]) / 2e-6
            np.testing.assert_allclose(gradient[index], slope, rtol=0, atol=1e-8)


def test_every_query_sees_every_key_unless_told_otherwise():
    rng = np.random.default_rng(10)
    q, k, v, dout = (rng.standard_normal((5, 3)) for _ in range(4))
    forward = flash_backward.flash_forward(q, k, v, 2, 2)
    found = flash_backward.flash_attention_backward(q, k, v, *forward, dout, 2, 2)
    for one, other in zip(found, differentiated(q, k, v, dout, causal=False), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-12)


def test_tiles_of_the_future_are_not_worked_on(monkeypatch):
    worked_on = []
    tile_gradients = flash_backward.tile_gradients

    def counting(q, k, *others):
        worked_on.append((len(q), len(k)))
        return tile_gradients(q, k, *others)

    monkeypatch.setattr(flash_backward, "tile_gradients", counting)
    q, k, v, dout = np.random.default_rng(11).standard_normal((4, 8, 3))
    forward = flash_backward.flash_forward(q, k, v, 2, 2, causal=True)
    flash_backward.flash_attention_backward(q, k, v, *forward, dout, 2, 2, causal=True)
    assert worked_on == [(2, 2)] * (1 + 2 + 3 + 4)


def test_the_forward_pass_is_attention_and_its_log_sum_exp():
    rng = np.random.default_rng(6)
    q, k, v = (rng.standard_normal((n, 4)) for n in (9, 6, 6))
    out, lse = flash_backward.flash_forward(q, k, v, 4, 5)
    np.testing.assert_allclose(out, core.attention(q, k, v), rtol=0, atol=1e-14)
    scores = core.scale_scores(core.dot_products(q, k), 4)
    np.testing.assert_allclose(lse, np.log(np.exp(scores).sum(axis=-1)), rtol=0, atol=1e-14)


def test_recomputed_weights_are_those_of_the_softmax():
    rng = np.random.default_rng(8)
    q, k = rng.standard_normal((4, 3)), rng.standard_normal((6, 3))
    lse = online.log_sum_exp(online.states(q, k, k, slice(0, 4), 2)[-1])
    tile = flash_backward.recomputed_weights(q, k[2:5], lse)
    np.testing.assert_allclose(tile, core.attention_weights(q, k)[:, 2:5], rtol=0, atol=1e-14)


def test_a_query_that_sees_no_key_has_no_gradient_and_gives_none():
    rng = np.random.default_rng(9)
    q, k, v = (rng.standard_normal((n, 4)) for n in (6, 2, 2))
    out, lse = flash_backward.flash_forward(q, k, v, 4, 1, causal=True)
    dout = rng.standard_normal(out.shape)
    found = flash_backward.flash_attention_backward(q, k, v, out, lse, dout, 4, 1, True)
    assert not out[:4].any() and not found[0][:4].any()
    alone = flash_backward.flash_attention_backward(
        q[4:], k, v, out[4:], lse[4:], dout[4:], 1, 1, True
    )
    for one, other in zip((found[0][4:], *found[1:]), alone, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-14)
