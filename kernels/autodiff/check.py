"""Gradients without calculus: move each input a little, and see how the output answers.

Provenance: central differences err by `O(step**2)` from curvature and `O(epsilon / step)` from
rounding, least near `step = epsilon**(1/3)`, about 6e-6 for float64: Baydin et al. 2018
(arXiv:1502.05767), §2.1.
"""

import numpy as np

from .backward import backward
from .tensor import Tensor

STEP = np.finfo(float).eps ** (1.0 / 3.0)


def central_difference(function, point, step=STEP):
    """Return the gradient of a function from array to number, at `point`: the shape of `point`.

    Calls `function` twice for each element.
    """
    point = np.array(point, dtype=float)
    gradient = np.empty(point.shape)
    for index in np.ndindex(point.shape):
        here = point[index]
        point[index] = here + step
        above = float(function(point))
        point[index] = here - step
        below = float(function(point))
        point[index] = here
        gradient[index] = (above - below) / (2.0 * step)
    return gradient


def gradients(function, *inputs):
    """Return the gradients of a function from Tensors to one number, by walking back."""
    leaves = [Tensor(each) for each in inputs]
    backward(function(*leaves))
    return [np.zeros(leaf.shape) if leaf.grad is None else leaf.grad for leaf in leaves]


def disagreement(function, *inputs, step=STEP):
    """Return how far the two ways differ at worst, over all elements of all inputs.

    `|walked - differenced| / max(1, |walked|, |differenced|)`: relative where gradients are large,
    absolute where they are small. Below 1e-6 is agreement. Mind kinks: within a step of one the
    difference straddles it.
    """
    worst = 0.0
    for i, walked in enumerate(gradients(function, *inputs)):

        def at(array, i=i):
            replaced = [*inputs[:i], array, *inputs[i + 1 :]]
            return function(*(Tensor(each) for each in replaced)).data.item()

        differenced = central_difference(at, inputs[i], step)
        scale = np.maximum(1.0, np.maximum(np.abs(walked), np.abs(differenced)))
        worst = max(worst, float((np.abs(walked - differenced) / scale).max(initial=0.0)))
    return worst


def jacobian(function, point):
    """Return how each output answers each input, `(outputs, inputs)`, one walk back for each row.

    `function` takes a Tensor of the shape of `point` and returns a Tensor of any shape; both are
    read row by row.
    """
    leaf = Tensor(point)
    output = function(leaf)
    rows = np.zeros((output.data.size, leaf.data.size))
    for row, seed in zip(rows, np.eye(output.data.size), strict=True):
        backward(output, seed.reshape(output.shape))
        if leaf.grad is not None:
            row[:] = leaf.grad.ravel()
    return rows
