"""Flow matching: paths from noise to data, what to regress on, and how straight it came out.

Provenance: Lipman et al. 2023 (arXiv:2210.02747): conditional paths eqs. 10-11, their velocity eq.
15, straight paths eqs. 20-23. Straightness and reflow are Liu et al. 2023, rectified flow
(arXiv:2209.03003), §2.

Points `(n, d)`; times `(n, 1)` or a number, 0 for noise and 1 for data. `x_0` is noise here and
`x_1` data, the other way round than in diffusion.
"""

import numpy as np

from .samplers import heun


def straight(t, smallest=0.0):
    """Return `a, s` of `x_t = a x_1 + s x_0` and their rates in time, for straight paths.

    `smallest` is the deviation that remains around the data at time 1.
    """
    return t, 1.0 - (1.0 - smallest) * t, 1.0, smallest - 1.0


def swung(t):
    """Return `a, s` and their rates for the quarter circle, diffusion's path at constant variance.

    In time `t` from 0 to 1 the angle goes from a right one, all noise, to none.
    """
    angle = 0.5 * np.pi * t
    return (
        np.sin(angle),
        np.cos(angle),
        0.5 * np.pi * np.cos(angle),
        -0.5 * np.pi * np.sin(angle),
    )


def target(x_0, x_1, t, path=straight):
    """Return the point at time `t` between a noise and a datum, and its velocity there.

    Regressing on this velocity, of one pair, has the same gradients as regressing on the mean of
    all pairs that pass there (Lipman et al., theorem 2).
    """
    a, s, a_rate, s_rate = path(t)
    return a * x_1 + s * x_0, a_rate * x_1 + s_rate * x_0


def conditional_velocity(x, x_1, t, path=straight):
    """Return the velocity at a point `x`, where all paths end in `x_1`: no path is named."""
    a, s, a_rate, s_rate = path(t)
    return s_rate / s * (x - a * x_1) + a_rate * x_1


def straightness(walk, times):
    """Return how far walks `(steps + 1, n, d)` are from straight and even: 0 if they are both.

    The mean over time and walks of the squared difference between the velocity and that of the
    straight line from start to end, which is taken as constant between the times.
    """
    lengths = np.diff(times)[:, None, None]
    velocities = np.diff(walk, axis=0) / lengths  # (steps, n, d)
    chord = (walk[-1] - walk[0]) / (times[-1] - times[0])
    off = ((velocities - chord) ** 2).sum(axis=-1)  # (steps, n)
    return float((off * lengths[..., 0]).sum(axis=0).mean() / (times[-1] - times[0]))


def detour(walk):
    """Return how much longer each walk is than the straight line between its ends: `(n,)`, >= 1."""
    steps = np.linalg.norm(np.diff(walk, axis=0), axis=-1)  # (steps, n)
    return steps.sum(axis=0) / np.linalg.norm(walk[-1] - walk[0], axis=-1)


def reflow_pairs(velocity, x_0, steps=32):
    """Follow the flow from noise to data: pairs `(x_0, x_1)` for a second, straighter flow."""
    return x_0, heun(velocity, x_0, np.linspace(0.0, 1.0, steps + 1))[-1]
