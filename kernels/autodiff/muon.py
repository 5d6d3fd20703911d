"""Muon: momentum whose matrix is made orthogonal before the step is taken.

Provenance: Jordan et al. 2024, Muon: an optimizer for hidden layers in neural networks
(https://kellerjordan.github.io/posts/muon/), with the authors' code (KellerJordan/Muon, `muon.py`)
for the coefficients; decay and the second scaling are Liu et al. 2025, Muon is Scalable for LLM
Training (arXiv:2502.16982), §2.2.

For hidden matrices only: embeddings, output layers, gains and biases go to AdamW.
"""

import numpy as np

COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def quintic(sigma, coefficients=COEFFICIENTS):
    """Return what one iteration makes of a singular value: `a s + b s^3 + c s^5`."""
    a, b, c = coefficients
    return a * sigma + b * sigma**3 + c * sigma**5


def iterate(x, coefficients=COEFFICIENTS):
    """Apply the quintic to all singular values of `x` at once, by products alone.

    `a X + b (X Xᵀ) X + c (X Xᵀ)² X` is `U (a S + b S³ + c S⁵) Vᵀ` for `X = U S Vᵀ`.
    """
    a, b, c = coefficients
    square = x @ x.T  # (rows, rows)
    return a * x + (b * square + c * square @ square) @ x


def newton_schulz(matrix, steps=5, coefficients=COEFFICIENTS, epsilon=1e-7):
    """Bring all singular values near 1 and leave the singular vectors: `(rows, columns)`.

    First divides by the Frobenius norm, so that no singular value exceeds 1. These coefficients do
    not converge: they climb fast and then wander. Five steps take whatever is then 0.002 or more to
    between 0.68 and 1.21. A zero matrix stays zero.
    """
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix  # (short, long): the product X Xᵀ is then the small one
    x = x / (np.linalg.norm(x) + epsilon)
    for _ in range(steps):
        x = iterate(x, coefficients)
    return x.T if tall else x


def orthogonal(matrix):
    """Return the nearest matrix with singular values 1, `U Vᵀ`, exactly, by decomposition."""
    u, _, v_transposed = np.linalg.svd(matrix, full_matrices=False)
    return u @ v_transposed


def shape_scale(shape, rule="jordan"):
    """Return the factor on a step for a matrix of this shape, `(outputs, inputs)`.

    `"jordan"`: `sqrt(max(1, outputs / inputs))`. `"adam"`: `0.2 sqrt(max(outputs, inputs))`, so
    that the step is as large, in root mean square, as AdamW's usually is. Raises `ValueError` for
    another rule.
    """
    outputs, inputs = shape
    if rule == "jordan":
        return max(1.0, outputs / inputs) ** 0.5
    if rule == "adam":
        return 0.2 * max(outputs, inputs) ** 0.5
    raise ValueError(f"rule is 'jordan' or 'adam', not {rule!r}")


def muon(w, g, state, rate=0.02, keep=0.95, steps=5, decay=0.0, nesterov=True, rule="jordan"):
    """Step by the orthogonalised running sum of gradients; `(w, state)` as in `optimisers`.

    The state is the running sum. `w` is `(inputs, outputs)`, as in `networks.linear`. With
    `nesterov` the newest gradient counts once more. Raises `ValueError` for anything but a matrix.
    """
    if w.ndim != 2:
        raise ValueError(f"Muon steps matrices, not arrays of shape {w.shape}")
    total = g if state is None else keep * state + g
    ahead = g + keep * total if nesterov else total
    inputs, outputs = w.shape
    step = rate * shape_scale((outputs, inputs), rule) * newton_schulz(ahead, steps)
    return w * (1.0 - rate * decay) - step, total
