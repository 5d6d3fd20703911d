"""Arrays that remember what they were made from, and the arithmetic that makes them.

Provenance: Baydin et al. 2018, Automatic differentiation in machine learning: a survey
(arXiv:1502.05767), §3.2: reverse accumulation. `backward` walks what is remembered here.

Each result knows its parents and, for each, a `pull`: a function from the gradient of a loss with
respect to the result to that with respect to the parent (a vector-Jacobian product).
"""

import numpy as np


class Tensor:
    """A float64 array that remembers what it was made from.

    `backward` fills `grad`, an array of the shape of `data`, for the Tensor it starts from and for
    all that it depends on, steps in between included. A constant is not `tracked`: it gets no
    gradient, and no work is done for it.
    """

    __slots__ = ("data", "grad", "parents", "tracked")
    __array_ufunc__ = None  # so that `array * tensor` comes here, to `__rmul__`

    def __init__(self, data, parents=(), tracked=True):
        self.data = np.asarray(data, dtype=float)
        self.parents = parents  # pairs of a Tensor and its pull
        self.tracked = tracked
        self.grad = None

    @property
    def shape(self):
        """The lengths of the axes of `data`."""
        return self.data.shape

    def __repr__(self):
        return f"Tensor({self.data!r})"

    def __add__(self, other):
        return add(self, other)

    __radd__ = __add__

    def __mul__(self, other):
        return multiply(self, other)

    __rmul__ = __mul__

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + -as_tensor(other)

    def __rsub__(self, other):
        return -self + other

    def __pow__(self, exponent):
        return power(self, exponent)

    def __truediv__(self, other):
        return self * as_tensor(other) ** -1.0

    def __rtruediv__(self, other):
        return self**-1.0 * other

    def __matmul__(self, other):
        return matmul(self, other)

    def __rmatmul__(self, other):
        return matmul(other, self)

    def __getitem__(self, index):
        return take(self, index)


def as_tensor(value):
    """Return a Tensor as it is, and anything else as a constant."""
    return value if isinstance(value, Tensor) else Tensor(value, tracked=False)


def record(data, *edges):
    """Make the result of an operation; each edge is a parent and its pull."""
    kept = tuple((parent, pull) for parent, pull in edges if parent.tracked)
    return Tensor(data, kept, tracked=bool(kept))


def add(a, b):
    """Add; shapes broadcast."""
    a, b = as_tensor(a), as_tensor(b)
    return record(a.data + b.data, (a, lambda g: g), (b, lambda g: g))


def multiply(a, b):
    """Multiply element by element; shapes broadcast."""
    a, b = as_tensor(a), as_tensor(b)
    return record(a.data * b.data, (a, lambda g: g * b.data), (b, lambda g: g * a.data))


def power(a, exponent):
    """Raise to a constant power."""
    a = as_tensor(a)
    return record(a.data**exponent, (a, lambda g: g * exponent * a.data ** (exponent - 1)))


def matmul(a, b):
    """Multiply matrices: `(..., n, k)` by `(..., k, m)` gives `(..., n, m)`, as NumPy's `@`."""
    a, b = as_tensor(a), as_tensor(b)
    if min(a.data.ndim, b.data.ndim) < 2:
        raise ValueError(f"matmul needs matrices, not shapes {a.shape} and {b.shape}")
    return record(
        a.data @ b.data,
        (a, lambda g: g @ np.swapaxes(b.data, -1, -2)),
        (b, lambda g: np.swapaxes(a.data, -1, -2) @ g),
    )


def take(a, index):
    """Pick elements by any NumPy index; one picked twice gets both gradients."""
    a = as_tensor(a)

    def pull(g):
        whole = np.zeros(a.shape)
        np.add.at(whole, index, g)
        return whole

    return record(a.data[index], (a, pull))
