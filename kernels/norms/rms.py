"""Root-mean-square normalisation, forward and back.

Provenance: Zhang and Sennrich 2019, Root Mean Square Layer Normalization (arXiv:1910.07467), eq. 4.
"""

import numpy as np


def root_mean_square(x, epsilon=1e-6):
    """Return `sqrt(mean(x²) + epsilon)` over the features: `(..., 1)` from `(..., features)`."""
    return np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + epsilon)


def rms_norm(x, gain, epsilon=1e-6):
    """Scale each vector to a root mean square of 1, then each feature by its gain.

    `x` is `(..., features)`, `gain` `(features,)`; returns the shape of `x`.
    """
    return x / root_mean_square(x, epsilon) * gain


def rms_norm_backward(x, gain, dout, epsilon=1e-6):
    """Return the gradients `(dx, dgain)` that `dout`, of the shape of `x`, pulls back.

    What points along `x` itself changes nothing and is taken out.
    """
    size = root_mean_square(x, epsilon)  # (..., 1)
    unit = x / size  # (..., features)
    pulled = dout * gain
    along = np.mean(pulled * unit, axis=-1, keepdims=True)  # (..., 1)
    dx = (pulled - along * unit) / size
    return dx, (dout * unit).reshape(-1, x.shape[-1]).sum(axis=0)
