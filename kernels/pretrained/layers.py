"""The layers that published transformers share: projection, layer norm, exact GELU.

Provenance: Ba et al. 2016, Layer Normalization (arXiv:1607.06450), eq. 4; Hendrycks & Gimpel 2016,
Gaussian Error Linear Units (arXiv:1606.08415), §2; the error function is Abramowitz & Stegun 1964,
Handbook of Mathematical Functions, 7.1.26, whose error is at most 1.5e-7: about float32's own.

Weights lie as PyTorch keeps them, `(outputs, inputs)`.
"""

import numpy as np

from kernels.attention.core import dot_products, hide, softmax

SLOPE = 0.3275911
POWERS = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)


def linear(x, weight, bias=None):
    """Project features: `x` `(..., inputs)` by `weight` `(outputs, inputs)` to `(..., outputs)`."""
    return x @ weight.T if bias is None else x @ weight.T + bias


def layer_norm(x, gain, bias, epsilon):
    """Bring each vector to mean zero and variance one, then scale and shift: `(..., d)`."""
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = (centred * centred).mean(axis=-1, keepdims=True)
    return centred / np.sqrt(variance + x.dtype.type(epsilon)) * gain + bias


def erf(x):
    """Return the error function of every number, to 1.5e-7."""
    t = 1.0 / (1.0 + SLOPE * np.abs(x))
    series = np.zeros_like(t)
    for coefficient in reversed(POWERS):
        series = (series + coefficient) * t
    return np.copysign(1.0 - series * np.exp(-x * x), x)


def gelu(x):
    """Return `x * P(N(0, 1) <= x)`, the exact form and not the one with a tanh."""
    return 0.5 * x * (1.0 + erf(x * float(np.sqrt(0.5))))


def attention_weights(q, k, visible=None):
    """Return the weight of every key for every query, in the queries' own type.

    As `kernels.attention.core.attention_weights`, but the queries are divided by `sqrt(d_head)`
    before they meet the keys, so that float32 stays float32: `(heads, queries, keys)`.
    """
    scores = dot_products(q * float(q.shape[-1] ** -0.5), k)
    return softmax(scores if visible is None else hide(scores, visible))
