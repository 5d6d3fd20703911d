"""Solar cells against independent references: SciPy's quadrature, optimiser and Lambert's W."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import constants, integrate, optimize, special

from kernels.photovoltaics import junction, spectrum
from kernels.photovoltaics.detailed_balance import (
    Cell,
    best_voltage,
    budget,
    circuit,
    efficiency,
    incident,
    open_circuit_voltage,
)

GAPS = st.floats(0.5, 4.0)
TEMPERATURES = st.floats(250.0, 450.0)
SUNS = st.floats(1e-3, 300.0)
CELLS = st.builds(Cell, gap=GAPS, temperature=TEMPERATURES, suns=SUNS)


def test_constants_are_those_of_the_si():
    assert constants.h == spectrum.PLANCK
    assert constants.c == spectrum.LIGHT
    assert constants.k == spectrum.BOLTZMANN
    assert constants.e == spectrum.CHARGE
    assert math.isclose(spectrum.STEFAN_BOLTZMANN, constants.sigma, rel_tol=1e-9)


@settings(deadline=None)
@given(GAPS, st.sampled_from([300.0, 3000.0, 5778.0, 6000.0]))
def test_tails_agree_with_quadrature(gap, temperature):
    top = gap + 60 * spectrum.BOLTZMANN * temperature / spectrum.CHARGE

    def energy_flux(energy):
        return spectrum.photon_flux(energy, temperature) * energy * spectrum.CHARGE

    photons, _ = integrate.quad(
        lambda e: spectrum.photon_flux(e, temperature), gap, top, epsabs=0, epsrel=1e-11, limit=200
    )
    power, _ = integrate.quad(energy_flux, gap, top, epsabs=0, epsrel=1e-11, limit=200)
    assert math.isclose(spectrum.photons_above(gap, temperature), photons, rel_tol=1e-9)
    assert math.isclose(spectrum.power_above(gap, temperature), power, rel_tol=1e-9)


def test_whole_spectrum_carries_the_power_of_stefan_and_boltzmann():
    power, _ = integrate.quad(
        lambda e: spectrum.photon_flux(e, 6000.0) * e * spectrum.CHARGE, 1e-9, 40.0, epsrel=1e-11
    )
    assert math.isclose(power, spectrum.total_power(6000.0), rel_tol=1e-9)


def test_sunlight_at_the_earth_is_near_the_solar_constant():
    assert 1300 < spectrum.DILUTION * spectrum.total_power(5772.0) < 1400


@given(CELLS)
def test_open_circuit_voltage_agrees_with_the_logarithm(cell):
    light, dark, thermal, _ = circuit(cell)
    assert math.isclose(
        open_circuit_voltage(cell), thermal * math.log1p(light / dark), rel_tol=1e-11
    )


@given(CELLS)
def test_best_voltage_agrees_with_lamberts_w(cell):
    light, dark, thermal, _ = circuit(cell)
    # dP/dV = 0 is (1 + u) e^u = light/dark + 1, so that 1 + u = W(e (light/dark + 1))
    # and, for large arguments, in the logarithmic form that can't overflow:
    exact = special.wrightomega(1.0 + math.log1p(light / dark)).real - 1.0
    assert math.isclose(best_voltage(cell), thermal * exact, rel_tol=1e-10)


@pytest.mark.slow
@settings(deadline=None)
@given(st.floats(0.0, 5e-4), st.floats(0.01, 10.0), st.floats(0.2, 1.5))
def test_maximum_power_agrees_with_scipy_on_the_implicit_circuit(series, shunt, suns):
    light, dark, thermal, ceiling = circuit(Cell(1.12, suns=suns, radiative=1e-4))

    def flowing(voltage):
        def excess(i):
            u = voltage + i * series
            return light - dark * math.expm1(u / thermal) - u / shunt - i

        return optimize.brentq(excess, -10 * light, light, xtol=1e-13, rtol=1e-14)

    top = junction.open_circuit(light, dark, thermal, ceiling, shunt)
    best = optimize.minimize_scalar(
        lambda v: -v * flowing(v), bounds=(0, float(top)), method="bounded", options={"xatol": 1e-9}
    )
    u = junction.maximum_power(light, dark, thermal, ceiling, series, shunt)
    i = junction.current(u, light, dark, thermal, shunt)
    assert math.isclose(i * junction.terminal_voltage(u, i, series), -best.fun, rel_tol=1e-8)


@given(CELLS)
def test_power_slope_is_the_derivative_of_power(cell):
    light, dark, thermal, _ = circuit(cell)
    series, shunt = 1e-3 / max(light, 1.0), 0.5
    u = 0.9 * open_circuit_voltage(cell)

    def power(at):
        i = junction.current(at, light, dark, thermal, shunt)
        return i * junction.terminal_voltage(at, i, series)

    step = 1e-6 * thermal
    numerical = (power(u + step) - power(u - step)) / (2 * step)
    analytic = junction.power_slope(u, light, dark, thermal, series, shunt)
    assert math.isclose(analytic, numerical, rel_tol=1e-4, abs_tol=1e-4 * light + 1e-6)


def test_short_circuit_puts_the_terminals_at_zero_volts():
    light, dark, thermal, ceiling = circuit(Cell(1.12))
    u = junction.short_circuit(light, dark, thermal, ceiling, 1e-4, 0.1)
    i = junction.current(u, light, dark, thermal, 0.1)
    assert abs(junction.terminal_voltage(u, i, 1e-4)) < 1e-12


@pytest.mark.slow
@given(CELLS)
def test_budget_is_of_shares_that_sum_to_one(cell):
    shares = budget(cell)
    assert all(-1e-12 < share < 1 for share in shares.values())
    assert math.isclose(sum(shares.values()), 1.0, rel_tol=1e-14)
    assert math.isclose(shares["electricity"], efficiency(cell), rel_tol=1e-15)


@pytest.mark.slow
@given(CELLS)
def test_no_cell_beats_carnot_or_gives_its_gap_in_volts(cell):
    assert 0 < efficiency(cell) < 1 - cell.temperature / cell.sun
    assert best_voltage(cell) < open_circuit_voltage(cell) < cell.gap


@pytest.mark.slow
@given(GAPS, st.floats(200.0, 400.0))
def test_a_warmer_cell_is_a_worse_cell(gap, temperature):
    assert efficiency(Cell(gap, temperature=temperature + 20)) < efficiency(
        Cell(gap, temperature=temperature)
    )


def test_limit_for_a_sun_of_6000_kelvin():
    gaps = np.linspace(0.5, 2.5, 2001)
    curve = efficiency(Cell(gaps))
    assert gaps[curve.argmax()] == pytest.approx(1.306, abs=0.002)
    assert curve.max() == pytest.approx(0.3096, abs=1e-4)


def test_arrays_and_single_gaps_agree():
    gaps = np.array([0.7, 1.12, 1.42])
    np.testing.assert_allclose(efficiency(Cell(gaps)), [efficiency(Cell(g)) for g in gaps])


@given(CELLS)
def test_nothing_warns_even_of_underflow(cell):
    with np.errstate(all="raise"):
        assert efficiency(cell) > 0
        assert incident(cell) > 0
