"""Sunlight as a black body: how many photons, and how much power, lie above a band gap.

Provenance: Planck's law; Shockley & Queisser 1961 (doi:10.1063/1.1736034), who take the sun as a
black body of 6000 K and the cell as one of 300 K.

Energies are in electronvolts, temperatures in kelvins, areas in square metres. Constants are the
exact values of the SI of 2019; the sun's radius and distance are the nominal values of the IAU.
"""

import numpy as np

PLANCK = 6.62607015e-34  # h, J s
LIGHT = 299792458.0  # c, m/s
BOLTZMANN = 1.380649e-23  # k, J/K
CHARGE = 1.602176634e-19  # q, C; also one electronvolt in joules
STEFAN_BOLTZMANN = 2 * np.pi**5 * BOLTZMANN**4 / (15 * PLANCK**3 * LIGHT**2)  # W/m²/K⁴

SUN_RADIUS, SUN_DISTANCE = 6.957e8, 1.495978707e11  # m
DILUTION = (SUN_RADIUS / SUN_DISTANCE) ** 2
"""How much thinner sunlight is on Earth than at the sun's own surface."""

TERMS = np.arange(1.0, 101.0)
"""The powers n of `1/(e^t - 1) = e^-t + e^-2t + …`; a hundred suffice for gaps above `0.4 kT`."""


def photon_flux(energy, temperature):
    """Return photons that leave a black body per m², second and electronvolt, into a hemisphere.

    Planck's law: `2 pi E² / (h³ c²) / (exp(E / kT) - 1)`.
    """
    joules = energy * CHARGE
    occupied = 1.0 / np.expm1(joules / (BOLTZMANN * temperature))
    return 2 * np.pi * joules**2 / (PLANCK**3 * LIGHT**2) * occupied * CHARGE


def photons_above(gap, temperature):
    """Return photons above `gap` per m² and second: the integral of `photon_flux`.

    Term by term, the integral of `t² e^-nt` from `x` up is `e^-nx (x²/n + 2x/n² + 2/n³)`.
    """
    x, n, weight = _tail(gap, temperature)
    total = (weight * (x**2 / n + 2 * x / n**2 + 2 / n**3)).sum(axis=-1)
    return 2 * np.pi * (BOLTZMANN * temperature) ** 3 / (PLANCK**3 * LIGHT**2) * total


def power_above(gap, temperature):
    """Return watts per m² carried by photons above `gap`; as `photons_above`, with `t³`."""
    x, n, weight = _tail(gap, temperature)
    total = (weight * (x**3 / n + 3 * x**2 / n**2 + 6 * x / n**3 + 6 / n**4)).sum(axis=-1)
    return 2 * np.pi * (BOLTZMANN * temperature) ** 4 / (PLANCK**3 * LIGHT**2) * total


def total_power(temperature):
    """Return watts per m² over all energies: the law of Stefan and Boltzmann."""
    return STEFAN_BOLTZMANN * temperature**4


def _tail(gap, temperature):
    """Return `x = gap / kT` as a column, the terms `n`, and `e^-nx`, kept clear of underflow."""
    x = np.asarray(gap, dtype=float)[..., None] * CHARGE / (BOLTZMANN * temperature)  # (..., 1)
    return x, TERMS, np.exp(-np.minimum(TERMS * x, 600.0))  # (..., terms)
