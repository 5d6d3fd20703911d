"""GPTQ: round one column at a time, and let the columns to come make up for the error.

Provenance: Frantar et al. 2023, GPTQ (arXiv:2210.17323): eq. 2 for the update, "Step 3: Cholesky
reformulation" and Algorithm 1 for the factor and the damping; order by activation as in the
authors' code (IST-DASLab/gptq). The paper delays updates in blocks of 128 columns, for speed; the
result is that of one column at a time.

Weights are `(outputs, inputs)`, activations `(samples, inputs)`.
"""

import numpy as np

from .integers import fit, from_codes, to_codes


def hessian(x):
    """Return the second derivative of the mean output error to a row: `2 xᵀx / samples`."""
    return 2.0 * x.T @ x / len(x)  # (inputs, inputs)


def damped(h, share=0.01):
    """Add a share of the mean diagonal to the diagonal, so that the inverse exists."""
    return h + share * np.mean(np.diag(h)) * np.eye(len(h))


def inverse_factor(h):
    """Return the upper triangle `U` with `UᵀU = h⁻¹`: its rows hold all updates to come.

    Row `j` from its diagonal on is, up to a factor, the first row of the inverse of `h` without
    what came before `j`. Raises `ValueError` where `h` has no inverse.
    """
    try:
        return np.linalg.cholesky(np.linalg.inv(h)).T
    except np.linalg.LinAlgError as error:
        raise ValueError("the Hessian has no inverse: raise the damping") from error


def column_order(h, by_activation=False):
    """Return the columns in their own order, or those with the largest activations first."""
    return np.argsort(-np.diag(h), kind="stable") if by_activation else np.arange(len(h))


def compensate(w, factor, column, rounded):
    """Change the columns after `column` so that the output moves as little as can be (eq. 2).

    `rounded` `(outputs,)` is what the column becomes. Returns all weights, `(outputs, inputs)`.
    """
    error = (w[:, column] - rounded) / factor[column, column]
    changed = w.copy()
    changed[:, column] = rounded
    changed[:, column + 1 :] -= np.outer(error, factor[column, column + 1 :])
    return changed


def columns(w, h, bits, group=None, symmetric=True):
    """Yield all weights after each column is rounded: the columns up to it are then final.

    A group of columns gets its grid from what they are when its first is reached; without `group`
    a row has one grid.
    """
    factor = inverse_factor(h)
    group = group or w.shape[1]
    for column in range(w.shape[1]):
        if column % group == 0:
            grid = fit(w[:, column : column + group], bits, symmetric)
        rounded = from_codes(to_codes(w[:, column, None], grid), grid)[:, 0]
        w = compensate(w, factor, column, rounded)
        yield w


def gptq(w, x, bits, group=None, damping=0.01, by_activation=False, symmetric=True):
    """Round a layer so that its output on the samples `x` changes little: `(outputs, inputs)`.

    With uncorrelated activations of one size it rounds to nearest. With `by_activation` groups are
    those of the new order.
    """
    h = damped(hessian(x), damping)
    order = column_order(h, by_activation)
    for rounded in columns(w[:, order], h[np.ix_(order, order)], bits, group, symmetric):
        final = rounded
    return final[:, np.argsort(order)]
