"""State spaces that don't change with time: step by step, or one convolution for the whole input.

Provenance: Gu et al. 2022, Efficiently Modeling Long Sequences with Structured State Spaces (S4,
arXiv:2111.00396), for the HiPPO matrix, the bilinear discretisation and the convolution; Gu et al.
2022, On the Parameterization and Initialization of Diagonal State Space Models (S4D,
arXiv:2206.11893), for diagonal matrices and their Vandermonde product.

`x' = A x + B u`, `y = C x`: `A` is `(n, n)`, `B` and `C` `(n,)`, the input `u` `(length,)`.
"""

import numpy as np


def hippo(n):
    """Return the HiPPO-LegS matrix `(n, n)` and its `B` `(n,)`: memory in Legendre polynomials.

    `A[i, j]` is `-sqrt((2i+1)(2j+1))` below the diagonal, `-(i+1)` on it, zero above.
    """
    root = np.sqrt(2.0 * np.arange(n) + 1.0)
    return -np.tril(np.outer(root, root), -1) - np.diag(np.arange(1.0, n + 1.0)), root


def bilinear(A, B, delta):
    """Discretise with step `delta` by the trapezoid rule.

    Returns `(I - Δ/2 A)⁻¹ (I + Δ/2 A)` and `(I - Δ/2 A)⁻¹ ΔB`. A stable system stays stable,
    however long the step.
    """
    eye = np.eye(len(A))
    left = eye - 0.5 * delta * A
    return np.linalg.solve(left, eye + 0.5 * delta * A), np.linalg.solve(left, delta * B)


def diagonal_hold(A, B, delta):
    """Discretise a diagonal system `A` `(n,)` exactly, for an input held during each step."""
    return np.exp(delta * A), np.expm1(delta * A) / A * B


def recurrence(A, B, C, u):
    """Run a discretised system over the input, one state at a time: `(length,)`."""
    x, y = np.zeros(len(B)), []
    for value in u:
        x = A @ x + B * value
        y.append(C @ x)
    return np.array(y)


def kernel(A, B, C, length):
    """Return the answer to a single one: `CB, CAB, CA²B, …`, `(length,)`.

    By powers, one after another: what S4's structure is there to avoid.
    """
    x, answer = B, []
    for _ in range(length):
        answer.append(C @ x)
        x = A @ x
    return np.array(answer)


def diagonal_kernel(A, B, C, length):
    """Return the same for a diagonal `A` `(n,)`, real or complex: one Vandermonde product.

    Of a complex system, whose states come in conjugate pairs with one of each kept, twice the real
    part counts.
    """
    powers = A[:, None] ** np.arange(length)  # (n, length)
    answer = (C * B) @ powers
    return 2.0 * answer.real if np.iscomplexobj(answer) else answer


def causal_convolution(answer, u):
    """Return `y[t] = Σ answer[s] u[t - s]` by FFT: `(length,)`, `length log length` operations.

    Both are filled up with zeros to twice the length, or the end would come round to the beginning.
    """
    size = 2 * len(u)
    spectrum = np.fft.rfft(answer, size) * np.fft.rfft(u, size)
    return np.fft.irfft(spectrum, size)[: len(u)]


def direct_convolution(answer, u):
    """Return the same sum by sum, `length²` operations."""
    return np.convolve(answer, u)[: len(u)]
