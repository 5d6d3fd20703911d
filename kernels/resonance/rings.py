"""The mutual inductance of two circles of wire on one axis.

Provenance: the integral is DLMF §19.34, eq. 19.34.1, with its closed form 19.34.6 in the complete
integrals `R_F(0, r₊², r₋²)` and `R_G(0, r₊², r₋²)` of the largest and the smallest distance between
the circles, eq. 19.34.4; Maxwell's Treatise of 1873 has it in art. 701. Both integrals come out of
one arithmetic-geometric mean (DLMF eqs. 19.22.8-9), and together leave a sum of positive terms.

Lengths are in metres; all functions take arrays that broadcast.
"""

import numpy as np

MU_0 = 4e-7 * np.pi  # H/m, as it was by definition until 2019, and still to nine digits
ROUNDS = 9  # of halving the logarithm of a ratio: enough for rings a millionth of their size apart


def mean_and_differences(larger, smaller):
    """Return the arithmetic-geometric mean of two numbers, and a sum over the way to it.

    The sum is that of `2ⁿ cₙ²` for `n` from 1, where `cₙ` is half the difference of the two means
    before step `n`. Each round about doubles the digits.
    """
    a, g = np.asarray(larger, dtype=float), np.asarray(smaller, dtype=float)
    total, weight = np.zeros(np.broadcast(a, g).shape), 1.0
    for _ in range(ROUNDS):
        half = 0.5 * (a - g)
        a, g = 0.5 * (a + g), np.sqrt(a * g)
        weight *= 2.0
        total = total + weight * half**2
    return a, total


def coaxial(a, b, gap):
    """Return the mutual inductance of circles of radii `a` and `b`, their planes `gap` apart, in H.

    With the largest and the smallest distance between points of the two, `r₊` and `r₋`, it is
    `mu_0 pi / 4` times the sum above over their mean. Raises `ValueError` where circles touch.
    """
    farthest = np.hypot(np.add(a, b), gap)
    nearest = np.hypot(np.subtract(a, b), gap)
    if np.any(nearest <= 0.0):
        raise ValueError("the circles coincide; `own` is for a circle with itself")
    mean, total = mean_and_differences(farthest, nearest)
    return 0.25 * np.pi * MU_0 * total / mean


def own(radius, wire):
    """Return the inductance of one circle of round wire of radius `wire`, current in its skin.

    For a thin wire that is the mutual inductance of two such circles one wire's radius apart:
    `mu_0 radius (log(8 radius / wire) - 2)`, to a thousandth while the wire is thinner than a
    fortieth of the circle.
    """
    return coaxial(radius, radius, wire)


def potential_over_distance(radius, distance, height):
    """Return a circle's vector potential at unit current, over the distance from its axis.

    The flux of the circle through a coaxial one is the potential times its circumference, so that
    the potential is that mutual inductance over `2 pi distance`. In H/m²; on the axis, its limit.
    """
    away = np.maximum(distance, 1e-6 * np.asarray(radius))
    return coaxial(radius, away, height) / (2.0 * np.pi * away**2)
