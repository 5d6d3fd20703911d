"""Coils and coupled circuits against independent references: quadrature, SciPy, brute search."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special

from kernels.resonance import circuit, coils, rings
from kernels.resonance.circuit import Link
from kernels.resonance.coils import Spiral

RADII = st.floats(0.005, 0.5)
GAPS = st.floats(0.002, 2.0)
COUPLINGS = st.floats(1e-3, 0.8)
QUALITIES = st.floats(5.0, 2000.0)
COIL = Spiral(0.02, 0.01, 10, 0.0004)


def neumann(one, other):
    """Neumann's double integral over two closed curves given as points and tangents."""
    (at, along), (there, beside) = one, other
    away = np.linalg.norm(at[:, None] - there, axis=2)
    steps = (2 * np.pi / len(at)) * (2 * np.pi / len(there))
    return rings.MU_0 / (4 * np.pi) * ((along @ beside.T) / away).sum() * steps


@settings(deadline=None)
@given(RADII, RADII, GAPS)
def test_coaxial_circles_agree_with_maxwells_elliptic_integrals(a, b, gap):
    m = 4 * a * b / ((a + b) ** 2 + gap**2)
    k = math.sqrt(m)
    maxwell = (
        rings.MU_0
        * math.sqrt(a * b)
        * ((2 / k - k) * special.ellipk(m) - 2 / k * special.ellipe(m))
    )
    # Maxwell's form takes the difference of two numbers that agree more, the further the circles.
    lost = 1e-13 * rings.MU_0 * math.sqrt(a * b) / k / maxwell
    assert math.isclose(rings.coaxial(a, b, gap), maxwell, rel_tol=1e-12 + lost)


@settings(deadline=None)
@given(RADII, RADII, GAPS)
def test_inductance_is_mutual_and_grows_with_size(a, b, gap):
    assert math.isclose(rings.coaxial(a, b, gap), rings.coaxial(b, a, gap), rel_tol=1e-12)
    twice = rings.coaxial(2 * a, 2 * b, 2 * gap)
    assert math.isclose(twice, 2 * rings.coaxial(a, b, gap), rel_tol=1e-12)


def test_far_circles_are_dipoles():
    far = rings.coaxial(0.02, 0.03, 50.0)
    dipoles = rings.MU_0 * np.pi * 0.02**2 * 0.03**2 / (2 * 50.0**3)
    assert math.isclose(far, dipoles, rel_tol=1e-5)


@pytest.mark.parametrize("thickness", [1 / 40, 1 / 100, 1 / 1000])
def test_own_inductance_is_that_of_thin_wire(thickness):
    thin = rings.MU_0 * 0.3 * (math.log(8 / thickness) - 2)
    assert math.isclose(rings.own(0.3, 0.3 * thickness), thin, rel_tol=1e-3)


def test_coinciding_circles_are_refused():
    with pytest.raises(ValueError, match="coincide"):
        rings.coaxial(1.0, 1.0, 0.0)


def test_turns_that_overlap_are_refused():
    with pytest.raises(ValueError, match="don't fit"):
        Spiral(0.02, 0.01, 20, 0.0005)


@pytest.mark.parametrize(
    ("gap", "offset", "tilt"),
    [(0.01, 0.0, 0.0), (0.01, 0.012, 0.0), (0.02, 0.03, 0.4), (0.03, -0.01, 1.2), (0.03, 0.0, 1.0)],
)
def test_placed_coils_agree_with_neumanns_double_integral(gap, offset, tilt):
    one, other = Spiral(0.02, 0.012, 3, 0.0004), Spiral(0.015, 0.01, 2, 0.0004)
    expected = sum(
        neumann(coils.placed(a, 0.0, points=400), coils.placed(b, gap, offset, tilt, 400))
        for a in one.radii()
        for b in other.radii()
    )
    found = coils.mutual_inductance(one, other, gap, offset, tilt)
    assert math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-16)


def test_placed_on_the_axis_is_coaxial():
    placed = coils.mutual_inductance(COIL, COIL, 0.01)
    assert math.isclose(placed, coils.coaxial_inductance(COIL, COIL, 0.01), rel_tol=1e-12)


def test_coils_catch_less_than_all_of_each_others_flux():
    own = coils.own_inductance(COIL)
    found = coils.coupling(coils.coaxial_inductance(COIL, COIL, [0.001, 0.01, 0.1]), own, own)
    assert (np.diff(found) < 0).all()
    assert (found > 0).all()
    assert (found < 1).all()


@settings(deadline=None)
@given(COUPLINGS, QUALITIES, QUALITIES, st.floats(0.1, 100), st.floats(0, 10), st.floats(0.5, 2))
def test_every_watt_is_accounted_for(k, q_1, q_2, load, source, detuned):
    link = Link(1e5, (2e-5, 5e-5), (q_1, q_2), k, load, source)
    found = circuit.powers(link, 1e5 * detuned, volts=3.0)
    spent = found["load"] + found["sender"] + found["receiver"] + found["source"]
    assert math.isclose(found["input"], spent, rel_tol=1e-9)


@settings(deadline=None, max_examples=30)
@given(COUPLINGS, QUALITIES, QUALITIES)
def test_best_load_and_efficiency_are_those_that_a_search_finds(k, q_1, q_2):
    def lost(log_load):
        link = Link(1e5, (2e-5, 5e-5), (q_1, q_2), k, math.exp(log_load))
        found = circuit.powers(link, 1e5)
        return 1.0 - found["load"] / found["input"]

    searched = optimize.minimize_scalar(lost, bounds=(-12, 12), options={"xatol": 1e-9})
    _, resistance = Link(1e5, (2e-5, 5e-5), (q_1, q_2), k, 1.0).resistances()
    best = math.log(circuit.best_load(k, q_1, q_2, resistance))
    assert math.isclose(1 - lost(best), circuit.best_efficiency(k, q_1, q_2), rel_tol=1e-9)
    assert 1 - searched.fun <= (1 - lost(best)) * (1 + 1e-9)


@settings(deadline=None, max_examples=30)
@given(QUALITIES, QUALITIES, st.floats(1, 50), st.floats(0, 10))
def test_most_power_arrives_at_the_critical_coupling(q_1, q_2, load, source):
    def arriving(k):
        link = Link(1e5, (2e-5, 5e-5), (q_1, q_2), k, load, source)
        return circuit.powers(link, 1e5)["load"]

    critical = circuit.critical_coupling(Link(1e5, (2e-5, 5e-5), (q_1, q_2), 0.0, load, source))
    assert arriving(critical) > max(arriving(0.99 * critical), arriving(1.01 * critical))


@pytest.mark.parametrize("k", [0.05, 0.2, 0.5])
def test_peaks_of_good_circuits_lie_where_lossless_ones_ring(k):
    link = Link(1e5, (2e-5, 2e-5), (5000, 5000), k, 1e-3, 1e-3)
    frequency = np.linspace(0.7e5, 1.6e5, 90_001)
    found = circuit.powers(link, frequency)["load"]
    inner = found[1:-1]
    peaks = frequency[1:-1][(inner > found[:-2]) & (inner > found[2:])]
    assert np.allclose(peaks, circuit.split_frequencies(link), rtol=1e-3)


def test_current_solves_the_two_loops():
    link = Link(1e5, (2e-5, 5e-5), (100, 80), 0.2, 3.0, 1.0)
    first, second = circuit.currents(link, 1.1e5, volts=2.0)
    omega, tuned = 2 * np.pi * 1.1e5, 2 * np.pi * 1e5
    r_1, r_2 = link.resistances()
    mutual = 0.2 * math.sqrt(2e-5 * 5e-5)
    loops = []
    for flow, inductance, resistance in ((first, 2e-5, r_1 + 1.0), (second, 5e-5, r_2 + 3.0)):
        capacity = 1 / (tuned**2 * inductance)
        loops.append(flow * (resistance + 1j * omega * inductance + 1 / (1j * omega * capacity)))
    assert np.isclose(loops[0] + 1j * omega * mutual * second, 2.0)
    assert np.isclose(loops[1] + 1j * omega * mutual * first, 0.0)
