"""Functions of one number, applied to every element, each with its derivative.

Provenance: the derivatives are elementary calculus. The logistic unit is that of Rumelhart, Hinton
& Williams 1986 (doi:10.1038/323533a0), eq. 2; GELU is Hendrycks & Gimpel 2016 (arXiv:1606.08415),
§2; Swish is Ramachandran et al. 2017 (arXiv:1710.05941); the straight-through estimator is Bengio
et al. 2013 (arXiv:1308.3432).

All take and return any shape. Where a function has a kink the gradient is one of its one-sided
slopes, as said below.
"""

import math

import numpy as np

from .tensor import as_tensor, record

normal_distribution = np.frompyfunc(lambda x: 0.5 * math.erfc(-x / math.sqrt(2.0)), 1, 1)


def exp(a):
    """Raise e to each element."""
    a = as_tensor(a)
    raised = np.exp(a.data)
    return record(raised, (a, lambda g: g * raised))


def log(a):
    """Take the natural logarithm."""
    a = as_tensor(a)
    return record(np.log(a.data), (a, lambda g: g / a.data))


def sqrt(a):
    """Take the square root."""
    a = as_tensor(a)
    root = np.sqrt(a.data)
    return record(root, (a, lambda g: g * 0.5 / root))


def absolute(a):
    """Drop the sign; the gradient at zero is zero."""
    a = as_tensor(a)
    return record(np.abs(a.data), (a, lambda g: g * np.sign(a.data)))


def sin(a):
    """Take the sine of an angle in radians."""
    a = as_tensor(a)
    return record(np.sin(a.data), (a, lambda g: g * np.cos(a.data)))


def tanh(a):
    """Squash to between -1 and 1."""
    a = as_tensor(a)
    squashed = np.tanh(a.data)
    return record(squashed, (a, lambda g: g * (1.0 - squashed**2)))


def logistic(x):
    """Return `1 / (1 + exp(-x))` of an array; nothing overflows."""
    return 0.5 + 0.5 * np.tanh(0.5 * x)


def sigmoid(a):
    """Squash to between 0 and 1: `1 / (1 + exp(-a))`."""
    a = as_tensor(a)
    squashed = logistic(a.data)
    return record(squashed, (a, lambda g: g * squashed * (1.0 - squashed)))


def softplus(a):
    """Return `log(1 + exp(a))`; nothing overflows."""
    a = as_tensor(a)
    return record(np.logaddexp(0.0, a.data), (a, lambda g: g * logistic(a.data)))


def relu(a):
    """Keep what is positive; the gradient at zero is zero."""
    a = as_tensor(a)
    return record(np.maximum(a.data, 0.0), (a, lambda g: g * (a.data > 0.0)))


def swish(a, beta=1.0):
    """Return `a * sigmoid(beta * a)`; with `beta` 1 it is SiLU, for large `beta` ReLU."""
    a = as_tensor(a)
    gate = logistic(beta * a.data)
    slope = gate * (1.0 + beta * a.data * (1.0 - gate))
    return record(a.data * gate, (a, lambda g: g * slope))


def gelu(a):
    """Return `a * P(N(0, 1) <= a)`, exactly."""
    a = as_tensor(a)
    below = normal_distribution(a.data).astype(float)
    density = np.exp(-0.5 * a.data**2) / math.sqrt(2.0 * math.pi)
    return record(a.data * below, (a, lambda g: g * (below + a.data * density)))


def gelu_tanh(a):
    """Return GELU's fast form, `a / 2 * (1 + tanh(sqrt(2/pi) * (a + 0.044715 * a**3)))`."""
    a = as_tensor(a)
    return 0.5 * a * (1.0 + tanh(math.sqrt(2.0 / math.pi) * (a + 0.044715 * a * a * a)))


def maximum(a, b):
    """Take the larger of two; where they are equal `a` gets the gradient."""
    return where(as_tensor(a).data >= as_tensor(b).data, a, b)


def minimum(a, b):
    """Take the smaller of two; where they are equal `a` gets the gradient."""
    return where(as_tensor(a).data <= as_tensor(b).data, a, b)


def clip(a, low, high):
    """Hold between two numbers; outside, the gradient is zero."""
    a = as_tensor(a)
    inside = (a.data >= low) & (a.data <= high)
    return record(np.clip(a.data, low, high), (a, lambda g: g * inside))


def where(condition, a, b):
    """Take `a` where the array `condition` is true, else `b`; shapes broadcast."""
    a, b = as_tensor(a), as_tensor(b)
    chosen = np.where(condition, a.data, b.data)
    return record(
        chosen,
        (a, lambda g: np.where(condition, g, 0.0)),
        (b, lambda g: np.where(condition, 0.0, g)),
    )


def stop_gradient(a):
    """Return the same numbers as a constant."""
    return as_tensor(as_tensor(a).data)


def straight_through(a, rounding):
    """Apply `rounding`, a function from array to array, but let gradients by as if it were not."""
    a = as_tensor(a)
    return record(rounding(a.data), (a, lambda g: g))
