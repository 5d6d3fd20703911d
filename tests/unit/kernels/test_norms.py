"""Root-mean-square normalisation, against PyTorch and what it must leave alone."""

import numpy as np
import pytest
import torch

from kernels.norms import rms


@pytest.mark.parametrize("shape", [(1, 1), (3, 7), (2, 4, 16)])
def test_values_and_gradients_are_those_of_pytorch(shape):
    rng = np.random.default_rng(1)
    x, dout, gain = rng.standard_normal(shape), rng.standard_normal(shape), rng.random(shape[-1])
    a, b = (torch.tensor(value, requires_grad=True) for value in (x, gain))
    expected = torch.nn.functional.rms_norm(a, (shape[-1],), b, eps=1e-6)
    expected.backward(torch.tensor(dout))
    np.testing.assert_allclose(rms.rms_norm(x, gain), expected.detach(), rtol=0, atol=1e-12)
    dx, dgain = rms.rms_norm_backward(x, gain, dout)
    np.testing.assert_allclose(dx, a.grad, rtol=0, atol=1e-9)
    np.testing.assert_allclose(dgain, b.grad, rtol=0, atol=1e-12)


def test_a_larger_input_changes_nothing_and_the_mean_square_is_one():
    x = np.random.default_rng(2).standard_normal((4, 32))
    out = rms.rms_norm(x, np.ones(32), epsilon=0.0)
    np.testing.assert_allclose(rms.rms_norm(1000 * x, np.ones(32), epsilon=0.0), out, atol=1e-12)
    np.testing.assert_allclose((out**2).mean(axis=-1), 1.0, rtol=1e-12)
