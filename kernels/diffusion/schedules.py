"""How fast noise comes: schedules, as the share of the signal's variance that is left.

Provenance: linear is Ho et al. 2020 (arXiv:2006.11239), §4; cosine is Nichol & Dhariwal 2021
(arXiv:2102.09672), eq. 17, as is the clipping of its last steps; signal to noise is Kingma et al.
2021 (arXiv:2107.00630).

A schedule is `alpha_bar`, `(T + 1,)`: 1 at step 0, before any noise, and falling.
"""

import numpy as np


def from_betas(betas):
    """Multiply up what each step leaves: `alpha_bar[t]` is the product of `1 - beta` to step t."""
    return np.concatenate([[1.0], np.cumprod(1.0 - np.asarray(betas, dtype=float))])


def betas(alpha_bar):
    """Return the variance of the noise that each step adds: `(T,)`, for steps 1 to T."""
    return 1.0 - alpha_bar[1:] / alpha_bar[:-1]


def linear(steps=1000, first=1e-4, last=0.02):
    """Let `beta` grow along a line: `(steps + 1,)`.

    `first` and `last` are those of a thousand steps; with fewer, each step adds as much more.
    Raises `ValueError` where so few steps would leave less than nothing.
    """
    scale = 1000.0 / steps
    if scale * last >= 1.0:
        raise ValueError(f"{steps} steps are too few: beta would reach {scale * last:.3g}")
    return from_betas(np.linspace(first * scale, last * scale, steps))


def cosine(steps=1000, offset=0.008, most=0.999):
    """Let the signal go down a quarter cosine: `(steps + 1,)`; no `beta` exceeds `most`."""
    share = (np.arange(steps + 1) / steps + offset) / (1.0 + offset)
    wanted = np.cos(0.5 * np.pi * share) ** 2
    return from_betas(np.minimum(1.0 - wanted[1:] / wanted[:-1], most))


def respace(alpha_bar, steps):
    """Keep `steps + 1` levels of a schedule, evenly spread from its first to its last."""
    if not 1 <= steps < len(alpha_bar):
        raise ValueError(f"steps is 1 to {len(alpha_bar) - 1}, not {steps}")
    chosen = np.linspace(0, len(alpha_bar) - 1, steps + 1).round().astype(int)
    return alpha_bar[chosen]


def signal_to_noise(alpha_bar):
    """Return the ratio of variances, `alpha_bar / (1 - alpha_bar)`; infinite where all is signal.

    Takes any shape.
    """
    alpha_bar = np.asarray(alpha_bar, dtype=float)
    with np.errstate(divide="ignore"):
        return alpha_bar / (1.0 - alpha_bar)


def from_log_snr(log_snr):
    """Return the `alpha_bar` of a log signal-to-noise ratio: the logistic function."""
    return 0.5 + 0.5 * np.tanh(0.5 * np.asarray(log_snr, dtype=float))
