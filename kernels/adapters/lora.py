"""LoRA: leave a weight matrix as it is, and learn what to add to it as a product of two thin ones.

Provenance: Hu et al. 2022, LoRA (arXiv:2106.09685, version 2), §4.1 and eq. 3; the count is §5.1.

`W0` is `(d, k)`: it takes `k` numbers to `d`. `A` is `(r, k)` and `B` `(d, r)`. The paper leaves
the spread of A's first numbers open; here `A x` starts about as large as `x`. `change` and `merge`
also work on Tensors, so that training and running share them.
"""

from typing import Any, NamedTuple

import numpy as np

from kernels.autodiff.optimisers import adam


class Adapter(NamedTuple):
    """Two thin matrices beside a frozen one, and the constant that scales their product."""

    a: Any  # (r, k)
    b: Any  # (d, r)
    alpha: float


def draw(generator, d, k, r, alpha):
    """Draw an adapter as before training: A at random, B zero, so that nothing changes yet."""
    return Adapter(generator.normal(0.0, 1.0 / np.sqrt(k), (r, k)), np.zeros((d, r)), alpha)


def gather(flat, alpha):
    """Return adapters by name of matrix from arrays, or Tensors, named `NAME.a` and `NAME.b`."""
    names = sorted({name[:-2] for name in flat})
    return {name: Adapter(flat[f"{name}.a"], flat[f"{name}.b"], alpha) for name in names}


def scale(alpha, r):
    """Return the factor before `B A`: more rows in A push further, so each counts for less."""
    return alpha / r


def change(adapter):
    """Return what the adapter adds to the weights: `ΔW`, `(d, k)`, of rank `r` at most."""
    a, b, alpha = adapter
    return (b @ a) * scale(alpha, a.shape[0])


def forward(x, w0, adapter):
    """Run the layer with its adapter beside it: `(..., k)` to `(..., d)` (eq. 3)."""
    a, b, alpha = adapter
    h = x @ w0.T  # frozen: (..., d)
    low = x @ a.T  # down to r numbers: (..., r)
    return h + scale(alpha, len(a)) * (low @ b.T)  # and up again: (..., d)


def gradients(x, g, adapter):
    """Return the gradients of A and of B; none is needed for `W0`.

    `x` is `(n, k)`, `g` the gradient of the layer's output, `(n, d)`.
    """
    a, b, alpha = adapter
    s = scale(alpha, len(a))
    return s * (g @ b).T @ x, s * g.T @ (x @ a.T)


def merge(w0, adapter):
    """Add the change to the weights: a plain matrix again, and no work besides when it runs."""
    return change(adapter) + w0


def unmerge(w, adapter):
    """Take the change out again, to make room for another task's."""
    return w - change(adapter)


def count(d, k, r):
    """Return how many numbers an adapter trains: `r` rows of `k` and `r` columns of `d`."""
    return r * (d + k)


def learn(target, adapter, steps, rate, update=adam):
    """Teach an adapter to add `target` `(d, k)`: yield it before training and after each step.

    Minimises half the squared error of outputs over inputs that point everywhere alike, which is
    half the squared Frobenius norm of `target - change`. `rate` falls to nothing along a line.
    """
    x = np.eye(target.shape[1])  # (k, k): every input direction once
    frozen = np.zeros_like(target)
    of_a = of_b = None  # what the optimiser remembers
    yield adapter
    for t in range(steps):
        g = forward(x, frozen, adapter) - x @ target.T  # (k, d)
        slope_a, slope_b = gradients(x, g, adapter)
        now = rate * (1.0 - t / steps)
        a, of_a = update(adapter.a, slope_a, of_a, now)
        b, of_b = update(adapter.b, slope_b, of_b, now)
        adapter = Adapter(a, b, adapter.alpha)
        yield adapter
