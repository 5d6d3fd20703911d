"""The most that a single junction can do: detailed balance, after Shockley and Queisser.

Provenance: Shockley & Queisser 1961, J. Appl. Phys. 32, 510 (doi:10.1063/1.1736034).

Every photon above the gap makes one pair; every pair either reaches the wires or recombines and
sends a photon back. The cell is a black body above its gap, so it must radiate; that radiation,
raised by the factor e^(V/V_T) under a voltage, is the only recombination unless `radiative` < 1.
The factor is the paper's own (Boltzmann's): good while the voltage stays some kT below the gap.
"""

from dataclasses import dataclass

import numpy as np

from .junction import current, maximum_power, open_circuit, recombination, thermal_voltage
from .spectrum import CHARGE, DILUTION, photons_above, power_above, total_power


@dataclass(frozen=True)
class Cell:
    """A cell and its sun; numbers or arrays.

    `gap` in eV, `temperature` and `sun` in K; `suns` multiplies the sunlight (a lens), `faces` says
    how many faces radiate, `radiative` which share of the recombination sends out light.
    """

    gap: float | np.ndarray
    temperature: float = 300.0
    sun: float = 6000.0
    suns: float = 1.0
    faces: int = 1
    radiative: float = 1.0


def incident(cell):
    """Return the sunlight that falls on the cell, W/m²."""
    return cell.suns * DILUTION * total_power(cell.sun)


def absorbed_power(cell):
    """Return the sunlight above the gap, W/m²."""
    return cell.suns * DILUTION * power_above(cell.gap, cell.sun)


def light_current(cell):
    """Return the current if every pair were collected, A/m²: one charge for each photon."""
    return CHARGE * cell.suns * DILUTION * photons_above(cell.gap, cell.sun)


def dark_current(cell):
    """Return the recombination in the dark, A/m²: what the cell, a black body, sends out of itself.

    In the dark and at rest the cell absorbs as much from its surroundings: that is the balance.
    """
    emitted = cell.faces * photons_above(cell.gap, cell.temperature)
    return CHARGE * emitted / cell.radiative


def circuit(cell):
    """Return `light`, `dark`, `thermal` and `ceiling`, as the functions of `junction` take them."""
    thermal = thermal_voltage(cell.temperature)
    return light_current(cell), dark_current(cell), thermal, cell.gap  # 1 eV lifts a charge by 1 V


def best_voltage(cell):
    """Return the voltage of maximum power."""
    return maximum_power(*circuit(cell))


def open_circuit_voltage(cell):
    """Return the voltage at which everything generated recombines."""
    return open_circuit(*circuit(cell))


def efficiency(cell):
    """Return the share of the sunlight that leaves as electricity at the best voltage."""
    light, dark, thermal, _ = circuit(cell)
    voltage = best_voltage(cell)
    return voltage * current(voltage, light, dark, thermal) / incident(cell)


def budget(cell):
    """Return where the sunlight goes: five shares, summing to one.

    Each is worked out by itself; none is "the rest".
    """
    sunlight = incident(cell)
    light, dark, thermal, ceiling = circuit(cell)
    voltage = best_voltage(cell)
    lost = recombination(voltage, dark, thermal)
    flowing = current(voltage, light, dark, thermal)
    absorbed = absorbed_power(cell)
    return {
        "below the gap": 1.0 - absorbed / sunlight,
        "heat": (absorbed - light * ceiling) / sunlight,
        "recombination": lost * ceiling / sunlight,
        "voltage": flowing * (ceiling - voltage) / sunlight,
        "electricity": flowing * voltage / sunlight,
    }
