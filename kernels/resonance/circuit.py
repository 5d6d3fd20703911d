"""Two tuned circuits that share flux: currents and powers at any frequency.

Each circuit is a coil, its resistance and a capacitor in series; the first has a source in it and
the second a load. Provenance: Kirchhoff's law for two loops coupled by `j omega M`. Best efficiency
and best load are Kurs et al. 2007 (doi:10.1126/science.1143254), eq. 2 and below, where
`kappa² / (Gamma_S Gamma_D)` is `k² Q_1 Q_2`.

Voltages and currents are root mean squares; frequencies are in hertz.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Link:
    """Two circuits tuned to one frequency.

    `inductances` in henries, `qualities` of the coils alone, `k` the coupling, `load` and `source`
    resistances in ohms. Fields may be arrays that broadcast.
    """

    frequency: float
    inductances: tuple
    qualities: tuple
    k: float
    load: float
    source: float = 0.0

    def reactances(self):
        """Return the coils' reactances at the tuned frequency, ohms."""
        return tuple(2.0 * np.pi * self.frequency * each for each in self.inductances)

    def resistances(self):
        """Return the coils' resistances, ohms: the reactance over the quality."""
        return tuple(x / q for x, q in zip(self.reactances(), self.qualities, strict=True))

    def loaded_qualities(self):
        """Return the circuits' qualities with the source's and the load's resistance in them."""
        (x_1, x_2), (r_1, r_2) = self.reactances(), self.resistances()
        return x_1 / (r_1 + self.source), x_2 / (r_2 + self.load)


def detuning(ratio):
    """Return what is left of a coil's reactance after its capacitor's, in units of the former.

    `ratio` is the frequency over the tuned one; at 1 the two cancel.
    """
    return ratio - 1.0 / ratio


def impedances(link: Link, frequency):
    """Return the matrix that turns currents into voltages: `(..., 2, 2)`, complex, ohms."""
    ratio = np.asarray(frequency, dtype=float) / link.frequency
    (x_1, x_2), (r_1, r_2) = link.reactances(), link.resistances()
    detuned = 1j * detuning(ratio)
    first = r_1 + link.source + detuned * x_1
    second = r_2 + link.load + detuned * x_2
    shared = 1j * ratio * link.k * np.sqrt(x_1 * x_2)
    first, second, shared = np.broadcast_arrays(first, second, shared)
    return np.stack([np.stack([first, shared], -1), np.stack([shared, second], -1)], -2)


def currents(link: Link, frequency, volts=1.0):
    """Solve for the currents in both circuits, complex amperes: `(..., 2)`."""
    matrix = impedances(link, frequency)
    driven = np.zeros((*matrix.shape[:-1], 1), dtype=complex)
    driven[..., 0, 0] = volts
    return np.linalg.solve(matrix, driven)[..., 0]


def powers(link: Link, frequency, volts=1.0) -> dict:
    """Return where the power goes, in watts: `input`, `load` and three heats.

    `source` is heat in the source's own resistance, `sender` and `receiver` that in the coils.
    """
    flow = currents(link, frequency, volts)
    squares = np.abs(flow) ** 2
    r_1, r_2 = link.resistances()
    return {
        "input": (volts * flow[..., 0].conj()).real,
        "load": squares[..., 1] * link.load,
        "sender": squares[..., 0] * r_1,
        "receiver": squares[..., 1] * r_2,
        "source": squares[..., 0] * link.source,
    }


def best_efficiency(k, q_1, q_2):
    """Return the largest share of the power that a load can get, whatever the load."""
    figure = k**2 * q_1 * q_2
    return figure / (1.0 + np.sqrt(1.0 + figure)) ** 2


def best_load(k, q_1, q_2, resistance):
    """Return the load that gets it, ohms, for a second coil of this `resistance`."""
    return resistance * np.sqrt(1.0 + k**2 * q_1 * q_2)


def critical_coupling(link: Link):
    """Return the coupling at which most power arrives at the tuned frequency.

    There the load's resistance, seen through the gap, equals that of the first circuit.
    """
    q_1, q_2 = link.loaded_qualities()
    return 1.0 / np.sqrt(q_1 * q_2)


def split_frequencies(link: Link):
    """Return where two circuits without losses would ring: below and above the tuned frequency."""
    return link.frequency / np.sqrt(1.0 + link.k), link.frequency / np.sqrt(1.0 - link.k)
