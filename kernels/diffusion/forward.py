"""Adding noise, in one step or in all at once, and what Bayes says of the way back.

Provenance: Ho et al. 2020 (arXiv:2006.11239): one step eq. 2, all at once eq. 4, the posterior
eqs. 6-7, the loss's weight eq. 12. `v` is Salimans & Ho 2022 (arXiv:2202.00512), §4.

Points are `(n, d)`; `alpha_bar` is a number, or `(n, 1)` with one for each row. `earlier` is the
`alpha_bar` of the step before, or of any before: the larger one.
"""

import numpy as np


def one_step(x, beta, noise):
    """Draw `x_t` from the step before it: shrink, and add noise of variance `beta`."""
    return np.sqrt(1.0 - beta) * x + np.sqrt(beta) * noise


def noised(x_0, alpha_bar, noise):
    """Draw `x_t` from the clean `x_0` at once."""
    return np.sqrt(alpha_bar) * x_0 + np.sqrt(1.0 - alpha_bar) * noise


def clean_from_noise(x, noise, alpha_bar):
    """Return the `x_0` that this noise would have made into `x`."""
    return (x - np.sqrt(1.0 - alpha_bar) * noise) / np.sqrt(alpha_bar)


def noise_from_clean(x, x_0, alpha_bar):
    """Return the noise that would have made this `x_0` into `x`."""
    return (x - np.sqrt(alpha_bar) * x_0) / np.sqrt(1.0 - alpha_bar)


def v_target(x_0, noise, alpha_bar):
    """Return `v`, how `x` moves along the quarter circle from image to noise, a unit of angle."""
    return np.sqrt(alpha_bar) * noise - np.sqrt(1.0 - alpha_bar) * x_0


def clean_from_v(x, v, alpha_bar):
    """Return the `x_0` that goes with `v`; unlike from noise, nothing is divided by zero."""
    return np.sqrt(alpha_bar) * x - np.sqrt(1.0 - alpha_bar) * v


def noise_from_v(x, v, alpha_bar):
    """Return the noise that goes with `v`."""
    return np.sqrt(1.0 - alpha_bar) * x + np.sqrt(alpha_bar) * v


def posterior(x_0, x, alpha_bar, earlier):
    """Return mean `(n, d)` and variance of the earlier point, knowing the clean and this one.

    The variance is the paper's `beta tilde`. Raises `ValueError` where `earlier` is not larger.
    """
    if np.any(np.asarray(earlier) <= alpha_bar):
        raise ValueError(f"earlier is {earlier}, but should exceed alpha_bar {alpha_bar}")
    alpha = alpha_bar / earlier  # of the step between the two
    of_clean = np.sqrt(earlier) * (1.0 - alpha) / (1.0 - alpha_bar)
    of_x = np.sqrt(alpha) * (1.0 - earlier) / (1.0 - alpha_bar)
    return of_clean * x_0 + of_x * x, posterior_variance(alpha_bar, earlier)


def posterior_variance(alpha_bar, earlier):
    """Return `beta tilde`, the variance of the earlier point when the clean one is known."""
    return (1.0 - earlier) / (1.0 - alpha_bar) * (1.0 - alpha_bar / earlier)


def bound_weight(alpha_bar, earlier, variance):
    """Return what the variational bound multiplies a squared error of noise by, in nats.

    `variance` is that of the model's step. The simple loss of eq. 14 puts 1 in its place.
    """
    alpha = alpha_bar / earlier
    return (1.0 - alpha) ** 2 / (2.0 * variance * alpha * (1.0 - alpha_bar))
