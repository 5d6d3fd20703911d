"""The junction: what light generates, less what recombines, less what leaks, is the current.

Provenance: the diode equation of Shockley 1949 with light added, as in Shockley & Queisser 1961
(doi:10.1063/1.1736034); series and shunt resistance as in the usual single-diode circuit.

Currents are densities in A/m², resistances in ohm m², voltages in volts. The curve is traced by the
voltage `u` across the junction itself: from `u` the current is explicit, and the voltage at the
terminals is `u` less the drop in the series resistance. Everything broadcasts.
"""

import numpy as np

from .spectrum import BOLTZMANN, CHARGE


def thermal_voltage(temperature, ideality=1.0):
    """Return `n k T / q`: the voltage that multiplies recombination by e. 25.9 mV at 300 K."""
    return ideality * BOLTZMANN * temperature / CHARGE


def recombination(u, dark, thermal):
    """Return the current that recombines at junction voltage `u`.

    With neither light nor voltage `dark` recombines, as much as
    heat makes anew. A voltage multiplies it by `e^(u/thermal)`;
    what heat makes comes off, and the rest is a loss.
    """
    return dark * np.expm1(u / thermal)


def current(u, light, dark, thermal, shunt=np.inf):
    """Return the current out of the cell: generation, less recombination, less leakage."""
    return light - recombination(u, dark, thermal) - u / shunt


def terminal_voltage(u, flowing, series=0.0):
    """Return the voltage that the outside world sees, after the drop in the series resistance."""
    return u - flowing * series


def power_slope(u, light, dark, thermal, series=0.0, shunt=np.inf):
    """Return `dP/du` for `P = I (u - I R)`; the power peaks where this is zero.

    A volt more multiplies recombination: its slope is `(recombination + dark) / thermal`.
    """
    flowing = current(u, light, dark, thermal, shunt)
    slope = -(recombination(u, dark, thermal) + dark) / thermal - 1.0 / shunt
    return flowing + slope * (u - 2.0 * flowing * series)


def bisect(falling, low, high):
    """Return where a falling function crosses zero between `low` and `high`, to the last bit.

    Halves the interval 60 times. Where the function is positive throughout, the answer is `high`.
    """
    for _ in range(60):
        middle = 0.5 * (low + high)
        above = falling(middle) > 0.0
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return 0.5 * (low + high)


def open_circuit(light, dark, thermal, ceiling, shunt=np.inf):
    """Return the voltage at which no current flows; `ceiling` is the gap, which bounds it."""
    return bisect(lambda u: current(u, light, dark, thermal, shunt), 0.0, ceiling)


def short_circuit(light, dark, thermal, ceiling, series=0.0, shunt=np.inf):
    """Return the junction voltage at which the terminals are at 0 V."""

    def shortfall(u):
        return -terminal_voltage(u, current(u, light, dark, thermal, shunt), series)

    return bisect(shortfall, 0.0, ceiling)


def maximum_power(light, dark, thermal, ceiling, series=0.0, shunt=np.inf):
    """Return the junction voltage at which the cell delivers most power.

    The slope is positive up to that voltage and negative beyond it, so halving finds it.
    """
    return bisect(lambda u: power_slope(u, light, dark, thermal, series, shunt), 0.0, ceiling)
