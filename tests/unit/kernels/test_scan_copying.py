"""Selective copying: the task, and the NumPy model against PyTorch's."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.scan import convolution, copying, copying_torch

SHAPE = {"d_model": 12, "d_inner": 10, "d_state": 3, "rank": 2, "layers": 2}


def model(seed, selective):
    """Draw small parameters: as PyTorch's tensors, and as float64 arrays."""
    drawn = copying_torch.first_parameters(
        np.random.default_rng(seed), 6, **SHAPE, selective=selective
    )
    return drawn, {name: values.double().numpy() for name, values in drawn.items()}


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 2**32 - 1),
    letters=st.integers(1, 8),
    kept=st.integers(1, 5),
    more=st.integers(0, 20),
)
def test_a_text_holds_its_answer_in_order(seed, letters, kept, more):
    zone = kept + more
    tokens, answers = copying.draw(np.random.default_rng(seed), 7, letters, kept, zone)
    assert tokens.shape == (7, zone + kept)
    assert answers.shape == (7, kept)
    assert (tokens[:, zone:] == letters + 1).all()
    for row, answer in zip(tokens[:, :zone], answers, strict=True):
        np.testing.assert_array_equal(row[row > 0], answer)
    assert len(copying.alphabet(letters)) == letters + 2


def test_letters_stand_anywhere_in_the_zone_alike():
    tokens, _ = copying.draw(np.random.default_rng(0), 20_000, 3, 2, 8)
    share = (tokens[:, :8] > 0).mean(axis=0)
    np.testing.assert_allclose(share, 2 / 8, atol=0.015)


@pytest.mark.parametrize("selective", [True, False], ids=["selective", "fixed"])
def test_forward_is_pytorchs(selective):
    drawn, arrays = model(3, selective)
    tokens, _ = copying.draw(np.random.default_rng(1), 5, 4, 3, 9)
    expected = copying_torch.logits(drawn, torch.tensor(tokens)).numpy()
    found, traces = copying.forward(arrays, tokens)
    np.testing.assert_allclose(found, expected, atol=2e-5)
    assert traces[1].states.shape == (5, 12, 10, 3)


def test_only_a_selective_layer_takes_steps_by_token():
    tokens, _ = copying.draw(np.random.default_rng(2), 3, 4, 3, 9)
    for selective in (True, False):
        _, traces = copying.forward(model(4, selective)[1], tokens)
        varies = np.ptp(traces[0].delta, axis=1).max() > 1e-6
        assert varies == selective


def test_pytorchs_convolution_is_ours():
    generator = np.random.default_rng(5)
    a, answer = generator.standard_normal((2, 11, 3)), generator.standard_normal((3, 11))
    found = copying_torch.convolve(torch.tensor(a), torch.tensor(answer)).numpy()
    for channel in range(3):
        expected = convolution.direct_convolution(answer[channel], a[1, :, channel])
        np.testing.assert_allclose(found[1, :, channel], expected, atol=1e-12)


def test_a_model_that_says_the_answer_is_right():
    tokens, answers = copying.draw(np.random.default_rng(6), 4, 4, 3, 9)
    _, arrays = model(7, True)
    scores, _ = copying.forward(arrays, tokens)
    said = scores[:, -3:].argmax(axis=-1)
    assert copying.accuracy(arrays, tokens, said) == 1.0
    assert copying.accuracy(arrays, tokens, answers) == pytest.approx((said == answers).mean())


@pytest.mark.slow
def test_training_lowers_the_loss():
    task = {"letters": 3, "kept": 2, "zone": 6}
    _, curve, _ = copying_torch.train(0, task, SHAPE, 101, 32, 1e-2, selective=True)
    assert curve[-1] < curve[0] - 0.3
