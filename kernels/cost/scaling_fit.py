"""Fit the scaling law to runs, say how far the fit can be trusted, and find the best size of each.

Provenance: Hoffmann et al. 2022, Chinchilla (arXiv:2203.15556), §3.2 for the parabolas at equal
FLOPs, §3.3 for the law `E + A / N^alpha + B / D^beta`; the bootstrap is Efron 1979
(doi:10.1214/aos/1176344552).

Given the exponents, the law is linear in `E`, `A` and `B`: those are found exactly, and only the
exponents are searched, on a grid that closes in. Relative errors count, as errors of the logarithm
do in the paper (which also damps outliers, by Huber's loss).
"""

from dataclasses import dataclass

import numpy as np

from kernels.cost.scaling import Law


@dataclass(frozen=True)
class Runs:
    """Models that were trained: parameters, tokens and the loss at the end, `(runs,)` each."""

    parameters: np.ndarray
    tokens: np.ndarray
    losses: np.ndarray


def features(runs, alpha, beta):
    """Return what `E`, `A` and `B` multiply, over the loss: `(..., runs, 3)`.

    Sizes and tokens are taken in units of their geometric means, which keeps the numbers alike.
    """
    n, d = (np.log(x) - np.log(x).mean() for x in (runs.parameters, runs.tokens))
    alpha, beta = np.asarray(alpha)[..., None], np.asarray(beta)[..., None]
    columns = [np.ones(np.broadcast_shapes(alpha.shape, n.shape)),
               np.exp(-alpha * n), np.exp(-beta * d)]  # fmt: skip
    return np.stack(np.broadcast_arrays(*columns), axis=-1) / runs.losses[:, None]


def solve(x, weights):
    """Return the best nonnegative coefficients `(..., 3)` and their squared relative error `(...)`.

    `x` is `(..., runs, 3)`, of which `x @ c` should be one; `weights` `(runs,)`. Where the best
    floor is negative it is zero, and where `A` or `B` is, the fit counts as infinitely bad.
    """
    wx = x * weights[:, None]
    ridge = 1e-12 * np.eye(3) * weights.sum()
    normal, right = x.swapaxes(-1, -2) @ wx + ridge, wx.sum(axis=-2)
    free = np.linalg.solve(normal, right[..., None])[..., 0]
    slopes = np.linalg.solve(normal[..., 1:, 1:], right[..., 1:, None])[..., 0]
    floored = np.concatenate([np.zeros((*slopes.shape[:-1], 1)), slopes], axis=-1)
    c = np.where(free[..., :1] < 0.0, floored, free)
    error = (weights * ((x @ c[..., None])[..., 0] - 1.0) ** 2).sum(axis=-1)
    return c, np.where((c < 0.0).any(axis=-1), np.inf, error)


def fit(runs, weights=None, low=0.02, high=1.5, points=25, rounds=5):
    """Return the `Law` nearest to the runs; `weights` `(runs,)` say how often each one counts.

    The grid of exponents closes in around its best point `rounds` times. Raises `ValueError` for
    fewer than five runs, as the law has five numbers.
    """
    if len(runs.losses) < 5:
        raise ValueError(f"{len(runs.losses)} runs can't settle the law's five numbers")
    weights = np.ones(len(runs.losses)) if weights is None else np.asarray(weights, float)
    bounds = [(low, high), (low, high)]
    for _ in range(rounds):
        axes = [np.linspace(*bound, points) for bound in bounds]
        c, error = solve(features(runs, axes[0][:, None], axes[1][None, :]), weights)
        at = np.unravel_index(np.argmin(error), error.shape)
        best = [float(axis[i]) for axis, i in zip(axes, at, strict=True)]
        steps = [2.0 * (axis[1] - axis[0]) for axis in axes]
        bounds = [
            (max(low, value - step), min(high, value + step))
            for value, step in zip(best, steps, strict=True)
        ]
    floor, a, b = c[at]
    sizes, tokens = (np.exp(np.log(x).mean()) for x in (runs.parameters, runs.tokens))
    alpha, beta = best
    return Law("fitted here", float(floor), float(a * sizes**alpha), float(b * tokens**beta),
               alpha, beta)  # fmt: skip


def bootstrap(generator, runs, count):
    """Return `count` laws, each fitted to as many runs drawn again from the same ones."""
    n = len(runs.losses)
    draws = generator.integers(0, n, (count, n))
    return [fit(runs, np.bincount(draw, minlength=n), points=15) for draw in draws]


def band(values, level=0.9):
    """Return the percentiles between which a share `level` of the values lies, along axis 0."""
    edge = 50.0 * (1.0 - level)
    return np.percentile(values, [edge, 100.0 - edge], axis=0)


def residuals(law, runs):
    """Return how far each run lies from the law, as a share of its loss: `(runs,)`."""
    return runs.losses / law.loss(runs.parameters, runs.tokens) - 1.0


def vertex(x, y):
    """Return the lowest point `(x, y)` of the parabola through points; raise where there is none.

    `x` and `y` are `(points,)`, three at least. Raises `ValueError` where the parabola opens
    downwards, for then no size between is best.
    """
    if len(x) < 3:
        raise ValueError(f"{len(x)} points make no parabola")
    curve, slope, level = np.polyfit(x, y, 2)
    if curve <= 0.0:
        raise ValueError("the losses at equal FLOPs have no lowest point between")
    return -slope / (2.0 * curve), level - slope**2 / (4.0 * curve)


def equal_flops(runs, flops):
    """Return sizes `(sizes,)` and their losses at a budget of `6 N D` FLOPs.

    Between two token budgets of a size the loss is a straight line over the logarithm of tokens;
    sizes whose runs don't reach on both sides are left out.
    """
    sizes, losses = [], []
    for size in np.unique(runs.parameters):
        own = runs.parameters == size
        order = np.argsort(runs.tokens[own])
        tokens, found = runs.tokens[own][order], runs.losses[own][order]
        wanted = flops / (6.0 * size)
        if tokens[0] <= wanted <= tokens[-1]:
            sizes.append(size)
            losses.append(np.interp(np.log(wanted), np.log(tokens), found))
    return np.array(sizes), np.array(losses)
