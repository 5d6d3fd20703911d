"""Layers: linear maps, normalisations, and how to draw their first weights.

Provenance: layer normalisation is Ba et al. 2016 (arXiv:1607.06450), eqs. 3-4; RMSNorm is Zhang &
Sennrich 2019 (arXiv:1910.07467), eq. 4; first weights are Glorot & Bengio 2010, eq. 16 (there
uniform, here normal with the same variance), and He et al. 2015 (arXiv:1502.01852), eq. 10.

Parameters are plain dictionaries from name to array; a layer takes what it needs from them.
"""

from itertools import pairwise

import numpy as np

from .elementwise import tanh
from .tensor import as_tensor, record


def standardise(x, epsilon=1e-5):
    """Shift and scale each vector along the last axis to mean 0 and variance 1: `(..., d)`.

    `epsilon` is added to the variance.
    """
    x = as_tensor(x)
    centred = x.data - x.data.mean(axis=-1, keepdims=True)
    deviation = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + epsilon)
    y = centred / deviation  # (..., d)

    def pull(g):
        along = (g * y).mean(axis=-1, keepdims=True)
        return (g - g.mean(axis=-1, keepdims=True) - y * along) / deviation

    return record(y, (x, pull))


def unit_rms(x, epsilon=1e-5):
    """Scale each vector along the last axis to root mean square 1: `(..., d)`.

    `epsilon` is added to the mean square.
    """
    x = as_tensor(x)
    size = np.sqrt((x.data**2).mean(axis=-1, keepdims=True) + epsilon)
    y = x.data / size  # (..., d)

    def pull(g):
        return (g - y * (g * y).mean(axis=-1, keepdims=True)) / size

    return record(y, (x, pull))


def layer_norm(x, gain, bias, epsilon=1e-5):
    """Standardise, then scale and shift each feature: `x` is `(..., d)`, the others `(d,)`."""
    return standardise(x, epsilon) * gain + bias


def rms_norm(x, gain, epsilon=1e-5):
    """Bring to unit root mean square, then scale each feature: `x` `(..., d)`, `gain` `(d,)`."""
    return unit_rms(x, epsilon) * gain


def linear(x, weight, bias=None):
    """Map `(..., d_in)` to `(..., d_out)` by a matrix `(d_in, d_out)` and a bias `(d_out,)`."""
    mapped = as_tensor(x) @ weight
    return mapped if bias is None else mapped + bias


def glorot(generator, d_in, d_out):
    """Draw a matrix that keeps the size of signals and gradients through tanh: `(d_in, d_out)`."""
    return generator.normal(0.0, np.sqrt(2.0 / (d_in + d_out)), (d_in, d_out))


def he(generator, d_in, d_out):
    """Draw a matrix that keeps the size of signals through ReLU: `(d_in, d_out)`."""
    return generator.normal(0.0, np.sqrt(2.0 / d_in), (d_in, d_out))


def draw_mlp(generator, widths, draw=None):
    """Draw parameters `w0, b0, w1, …` of a perceptron with these widths, input to output.

    `draw` is `glorot` unless told; biases start at zero.
    """
    draw, parameters = draw or glorot, {}
    for layer, (d_in, d_out) in enumerate(pairwise(widths)):
        parameters[f"w{layer}"] = draw(generator, d_in, d_out)
        parameters[f"b{layer}"] = np.zeros(d_out)
    return parameters


def mlp(parameters, x, activation=None):
    """Run a perceptron with parameters named as by `draw_mlp`; its last layer is linear.

    `activation` is `tanh` unless told.
    """
    activation = activation or tanh
    layers = sum(name.startswith("w") for name in parameters)
    for layer in range(layers):
        x = linear(x, parameters[f"w{layer}"], parameters[f"b{layer}"])
        if layer < layers - 1:
            x = activation(x)
    return x
