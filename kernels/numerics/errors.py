"""What rounding costs: errors of numbers, and of what a layer computes with them.

Provenance: the output error of a layer is the objective of Frantar et al. 2023, GPTQ
(arXiv:2210.17323), eq. 1, and Lin et al. 2024, AWQ (arXiv:2306.00978), eq. 4.
"""

import numpy as np


def root_mean_square(x):
    """Return the root of the mean square of all elements."""
    return float(np.sqrt(np.mean(np.square(x))))


def relative_error(approximate, exact):
    """Return the root mean square of the difference over that of the exact numbers."""
    return root_mean_square(approximate - exact) / root_mean_square(exact)


def signal_to_noise(approximate, exact):
    """Return the power of the numbers over that of the error, in decibels."""
    return float(-20.0 * np.log10(relative_error(approximate, exact)))


def output_error(w, rounded, x):
    """Return the mean squared change of what a layer gives out.

    `w` and `rounded` are `(outputs, inputs)`, `x` is `(samples, inputs)`.
    """
    return float(np.mean(np.square(x @ (w - rounded).T)))
