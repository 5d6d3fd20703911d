"""Exhibits of the solar cell: the choice of a gap, the energy budget, the curve of a real cell."""

from typing import Annotated

import numpy as np
from workings import Slider, Table, breaks, claim, exhibit, figure, subplots

from kernels.photovoltaics import detailed_balance, junction, spectrum
from kernels.photovoltaics.detailed_balance import Cell

SILICON, ARSENIDE = 1.12, 1.42  # band gaps at 300 K, eV
GAPS = np.linspace(0.5, 3.0, 51)
ENERGIES = np.linspace(0.02, 4.0, 80)


@exhibit(title="Slide the gap: light too weak to use on one side, energy thrown away on the other")
def split(
    gap: Annotated[
        float, Slider(0.5, 3.0, step=0.02, stops=26, label="band gap", unit="eV", play=True)
    ] = SILICON,
    sun: Annotated[int, Slider(3000, 7000, step=250, label="sun's temperature", unit="K")] = 6000,
):
    """The sun's spectrum shared out by one band gap, and the efficiency of every gap."""
    shares = detailed_balance.budget(Cell(gap, sun=sun))
    useful = 1 - shares["below the gap"] - shares["heat"]  # one gap's worth of each photon above it
    efficiency = detailed_balance.efficiency(Cell(GAPS, sun=sun))
    below = np.append(ENERGIES[gap > ENERGIES], gap)
    above = np.append(gap, ENERGIES[gap < ENERGIES])
    arriving = sunlight(above, sun)
    paired = arriving * gap / above
    kept = paired * shares["electricity"] / useful
    fig, axs = subplots(1, 2, figsize=(6, 3.7), width_ratios=(6, 5))
    axs[0].fill_between(below, sunlight(below, sun), color="C5", label="below the gap")
    axs[0].fill_between(above, paired, arriving, color="C3", label="heat")
    axs[0].fill_between(above, kept, paired, color="C2", label="junction loss")
    axs[0].fill_between(above, kept, color="C1", label="electricity")
    whole = np.concatenate([below, above[1:]])
    axs[0].plot(whole, sunlight(whole, sun), color="C0", linewidth=1.5)
    axs[0].set_xlim(0, 4)
    axs[0].set_ylim(0, 1.1 * sunlight(ENERGIES, sun).max())
    axs[0].set_xlabel("photon's energy, eV")
    axs[0].set_ylabel("sunlight, W/m² per eV")
    axs[0].legend()
    axs[1].plot(GAPS, 100 * efficiency, color="C0")
    for name, at, side in (("Si ", SILICON, "right"), (" GaAs", ARSENIDE, "left")):
        value = 100 * np.interp(at, GAPS, efficiency)
        axs[1].plot([at], [value], "o", color="C0")
        axs[1].text(at, value + 1, name, ha=side, va="bottom")
    axs[1].plot([gap], [100 * shares["electricity"]], "o", color="C1")
    axs[1].set_xlim(0.5, 3)
    axs[1].set_ylim(0, 50)
    axs[1].set_xlabel("band gap, eV")
    axs[1].set_ylabel("efficiency, %")
    best = GAPS[efficiency.argmax()]
    sentence = (
        f"A gap of {gap:.2f} eV lets {shares['below the gap']:.0%} of the sunlight pass and turns "
        f"{shares['heat']:.0%} into heat at once; {shares['electricity']:.1%} can leave as "
        f"electricity. Best for this sun: {efficiency.max():.1%}, near {best:.2f} eV."
    )
    return fig, sentence, {"band gap, eV": GAPS[::2], "efficiency": efficiency[::2]}


def sunlight(energy, sun):
    """Return the power of sunlight at Earth in each electronvolt of photon energy, W/m²/eV."""
    return spectrum.DILUTION * spectrum.photon_flux(energy, sun) * energy * spectrum.CHARGE


@exhibit(title="Warm the cell, add a lens, spoil the material: where does the sunlight go?")
def shares(
    gap: Annotated[float, Slider(0.5, 3.0, step=0.02, stops=26, label="band gap", unit="eV")] = 1.3,
    temperature: Annotated[int, Slider(250, 450, step=10, label="cell", unit="K")] = 300,
    suns: Annotated[
        float, Slider(1, 100, scale="log", stops=9, label="concentrated", unit="×")
    ] = 1.0,
    radiative: Annotated[
        float, Slider(1e-8, 1, scale="log", stops=9, label="share of recombination that shines")
    ] = 1.0,
):
    """Every gap's energy budget, stacked: what passes, heats, recombines, is paid and is left."""
    kinds = {"temperature": float(temperature), "suns": suns, "radiative": radiative}
    stack = detailed_balance.budget(Cell(GAPS, **kinds))
    here = detailed_balance.budget(Cell(gap, **kinds))
    order = ["electricity", "recombination", "voltage", "heat", "below the gap"]
    colours = ["C1", "C0", "C2", "C3", "C5"]
    fig, ax = figure(figsize=(6, 4))
    floor = np.zeros_like(GAPS)
    for name, colour in zip(order, colours, strict=True):
        top = floor + stack[name]
        ax.fill_between(GAPS, 100 * floor, 100 * top, color=colour, label=name)
        floor = top
    ax.axvline(gap, color="C0", linewidth=1.5)
    ax.set_xlim(0.5, 3)
    ax.set_ylim(0, 100)
    ax.set_xlabel("band gap, eV")
    ax.set_ylabel("share of the sunlight, %")
    ax.legend()
    sentence = (
        f"At {gap:.2f} eV and {temperature} K, {here['below the gap']:.1%} passes below the gap, "
        f"{here['heat']:.1%} turns to heat at once, {here['voltage']:.1%} is paid as voltage and "
        f"{here['recombination']:.1%} recombines; {here['electricity']:.1%} is left as electricity."
    )
    table = Table(["share", "at this gap"], [[name, here[name]] for name in reversed(order)])
    return fig, sentence, table


@exhibit(title="A silicon cell with faults, through a morning")
def curve(
    light: Annotated[
        float, Slider(0.04, 1, step=0.04, label="sunlight", unit="suns", play=True)
    ] = 1.0,
    temperature: Annotated[int, Slider(250, 360, step=10, label="cell", unit="K")] = 300,
    series: Annotated[float, Slider(0, 5, step=0.5, label="series resistance", unit="Ω cm²")] = 0.5,
    shunt: Annotated[
        float, Slider(10, 10000, scale="log", stops=10, label="shunt resistance", unit="Ω cm²")
    ] = 10000.0,
    radiative: Annotated[
        float, Slider(1e-8, 1, scale="log", stops=9, label="share of recombination that shines")
    ] = 1e-2,
):
    """Current and power of a silicon cell against its voltage, traced by the junction's voltage."""
    cell = Cell(SILICON, temperature=float(temperature), suns=light, radiative=radiative)
    circuit = detailed_balance.circuit(cell)
    ohm, leak = round(series, 6) * 1e-4, shunt * 1e-4  # ohm cm² to ohm m²
    voltage, flowing = trace(circuit, ohm, leak)
    u = junction.maximum_power(*circuit, ohm, leak)
    i_best = float(junction.current(u, *circuit[:3], leak))
    v_best = float(junction.terminal_voltage(u, i_best, ohm))
    perfect = Cell(SILICON, temperature=float(temperature), suns=light)
    ideal_voltage, ideal_flowing = trace(detailed_balance.circuit(perfect), 0.0, np.inf)
    power = v_best * i_best
    fill = power / (voltage[-1] * flowing[0])
    efficiency = power / detailed_balance.incident(cell)
    sky = "full sunlight" if light == 1 else f"{light:.0%} of full sunlight"
    fig, axs = subplots(2, 1, figsize=(6, 4.6), sharex=True)
    axs[0].fill_between([0, v_best], [i_best / 10, i_best / 10], color="C5")
    axs[0].plot(
        ideal_voltage, ideal_flowing / 10, color="C2", linestyle=":", label="nothing lost but light"
    )
    axs[0].plot(voltage, flowing / 10, color="C0", label="this cell")
    axs[0].plot([v_best], [i_best / 10], "o", color="C1")
    axs[0].set_ylim(0, 70)
    axs[0].set_ylabel("current, mA/cm²")
    axs[0].legend()
    axs[1].plot(voltage, voltage * flowing / 10, color="C0")
    axs[1].plot([v_best], [power / 10], "o", color="C1")
    axs[1].set_xlim(0, 1.1)
    axs[1].set_ylim(0, 70)
    axs[1].set_xlabel("voltage, V")
    axs[1].set_ylabel("power, mW/cm²")
    sentence = (
        f"In {sky} at {temperature} K the cell gives up to {voltage[-1]:.3f} V or "
        f"{flowing[0] / 10:.1f} mA/cm², and most power at {v_best:.3f} V: {power / 10:.1f} mW/cm², "
        f"{efficiency:.1%} of the light. The shaded rectangle fills {fill:.0%} of the box "
        "between the curve's two ends."
    )
    return (
        fig,
        sentence,
        {
            "voltage, V": voltage[::4],
            "current, mA/cm²": flowing[::4] / 10,
            "power, mW/cm²": (voltage * flowing)[::4] / 10,
        },
    )


def trace(circuit, series, shunt, points=41):
    """Return voltages and currents from short circuit to open circuit."""
    light, dark, thermal, ceiling = circuit
    first = junction.short_circuit(light, dark, thermal, ceiling, series, shunt)
    last = junction.open_circuit(light, dark, thermal, ceiling, shunt)
    u = first + (last - first) * np.sin(np.linspace(0, np.pi / 2, points))  # denser at the knee
    flowing = junction.current(u, light, dark, thermal, shunt)
    return junction.terminal_voltage(u, flowing, series), flowing


@claim("abstract")
def the_limit_is_near_31_percent():
    """For a sun of 6000 K the best single gap is 1.31 eV, and it converts 31.0% of the light."""
    gaps = np.linspace(0.5, 3.0, 2501)
    efficiency = detailed_balance.efficiency(Cell(gaps))
    best = int(efficiency.argmax())
    assert round(efficiency[best], 3) == 0.310, f"The best efficiency is {efficiency[best]:.1%}."
    assert round(gaps[best], 2) == 1.31, f"The best gap is {gaps[best]:.2f} eV."
    wide = gaps[efficiency > 0.30]
    assert np.allclose(wide[[0, -1]], (1.10, 1.54), atol=0.005)
    return {
        "best efficiency": efficiency[best],
        "best gap, eV": gaps[best],
        "above 30% from, eV": wide[0],
        "to, eV": wide[-1],
    }


@claim("abstract")
def the_papers_own_point_lies_on_the_curve():
    """At the paper's 1.1 eV a cell with a mirror makes 30.0%, one that glows both ways 29.3%."""
    one, both = (float(detailed_balance.efficiency(Cell(1.1, faces=n))) for n in (1, 2))
    assert (round(one, 3), round(both, 3)) == (0.300, 0.293), f"They make {one:.1%} and {both:.1%}."
    return {"with a mirror behind": one, "from both faces": both}


@claim("our construction")
def the_budget_sums_to_one():
    """The five shares of the budget sum to one, at any gap, temperature and concentration."""
    worst = 0.0
    for temperature in (250.0, 300.0, 400.0):
        for suns in (1.0, 100.0):
            parts = detailed_balance.budget(Cell(GAPS, temperature=temperature, suns=suns))
            assert all((part > -1e-12).all() for part in parts.values())
            worst = max(worst, float(np.abs(sum(parts.values()) - 1.0).max()))
    assert worst < 1e-12, f"A budget is {worst:.2g} off."
    here = detailed_balance.budget(Cell(1.31))
    told = {"below the gap": 29.1, "heat": 27.9, "voltage": 10.9, "recombination": 1.1}
    assert all(round(100 * float(here[name]), 1) == share for name, share in told.items())
    return {name: float(part) for name, part in here.items()}


@claim("our construction")
def two_losses_pull_apart():
    """A wider gap always lets more sunlight through and always wastes less of the rest as heat."""
    parts = detailed_balance.budget(Cell(GAPS))
    assert (np.diff(parts["below the gap"]) > 0).all()
    assert (np.diff(parts["heat"]) < 0).all(), "The heat does not fall as the gap widens."
    at = detailed_balance.budget(Cell(SILICON))
    assert (round(100 * at["below the gap"]), round(100 * at["heat"])) == (21, 35)
    return {"below silicon's gap": at["below the gap"], "heat in silicon": at["heat"]}


@claim("the ultimate efficiency")
def recombination_is_the_price():
    """Were nothing to recombine, the best gap would give 44% of the sunlight instead of 31%."""
    worth = (
        detailed_balance.light_current(Cell(GAPS)) * GAPS / detailed_balance.incident(Cell(GAPS))
    )
    assert round(100 * worth.max()) == 44
    return {"ultimate efficiency": worth.max(), "its gap, eV": GAPS[worth.argmax()]}


@claim("the diode equation")
def no_current_at_open_circuit():
    """At the open-circuit voltage the current is zero, to a billionth of the photocurrent."""
    gaps = np.array([0.7, SILICON, ARSENIDE, 2.0])
    light, dark, thermal, ceiling = detailed_balance.circuit(Cell(gaps))
    u = junction.open_circuit(light, dark, thermal, ceiling)
    left = np.abs(junction.current(u, light, dark, thermal) / light)
    assert left.max() < 1e-9, f"{left.max():.2g} of the photocurrent still flows."
    return {"open-circuit voltage of silicon, V": u[1], "of gallium arsenide, V": u[2]}


@claim("the diode equation")
def power_peaks_where_its_slope_vanishes():
    """At the best point the slope of power is zero, and ten millivolts either way give less."""
    light, dark, thermal, ceiling = detailed_balance.circuit(Cell(SILICON, radiative=1e-2))
    series, shunt = 0.5e-4, 0.1
    u = float(junction.maximum_power(light, dark, thermal, ceiling, series, shunt))

    def power(at):
        flowing = junction.current(at, light, dark, thermal, shunt)
        return float(flowing * junction.terminal_voltage(at, flowing, series))

    step = 1e-5
    slope = (power(u + step) - power(u - step)) / (2 * step)
    assert abs(slope) < 1e-3 * float(light), f"The slope is {slope:.3g} A/m² there."
    assert power(u - 0.01) < power(u) > power(u + 0.01)
    return {"best power, W/m²": power(u), "ten millivolts lower": power(u - 0.01)}


@claim("the diode equation")
def tenfold_light_adds_sixty_millivolts():
    """Ten times the light adds kT/q times ln 10 to the voltage: 59.5 mV at 300 K."""
    once, ten = (
        float(detailed_balance.open_circuit_voltage(Cell(SILICON, suns=s))) for s in (1.0, 10.0)
    )
    expected = junction.thermal_voltage(300.0) * np.log(10)
    assert np.isclose(ten - once, expected, rtol=1e-9), f"It adds {1000 * (ten - once):.1f} mV."
    return {"at one sun, V": once, "at ten suns, V": ten, "difference, V": ten - once}


@claim("the diode equation")
def recombination_in_the_dark_costs():
    """If one recombination in a hundred shines, silicon falls from 30.2 to 25.7%, by 119 mV."""
    bright, dull = Cell(SILICON), Cell(SILICON, radiative=1e-2)
    volts = [float(detailed_balance.open_circuit_voltage(cell)) for cell in (bright, dull)]
    shares = [float(detailed_balance.efficiency(cell)) for cell in (bright, dull)]
    lost = volts[0] - volts[1]
    assert round(1000 * lost) == 119, f"It loses {1000 * lost:.0f} mV."
    assert [round(100 * share, 1) for share in shares] == [30.2, 25.7]
    return {"all shine": shares[0], "one in a hundred": shares[1], "lost, V": lost}


@claim("the detailed balance")
def a_warmer_cell_is_worse():
    """Between 300 and 350 K an ideal cell with silicon's gap loses 7% of its output."""
    cold, warm = (
        float(detailed_balance.efficiency(Cell(SILICON, temperature=t))) for t in (300.0, 350.0)
    )
    loss = 1 - warm / cold
    assert round(100 * loss) == 7, f"It loses {loss:.1%}."
    return {"efficiency at 300 K": cold, "at 350 K": warm, "loss": loss}


@claim("the single-diode circuit")
def series_resistance_costs_power_not_voltage():
    """Five ohm cm² in series leave the open-circuit voltage alone and cost 41% of the power."""
    light, dark, thermal, ceiling = detailed_balance.circuit(Cell(SILICON, radiative=1e-2))
    watts, volts = [], []
    for series in (0.0, 5e-4):
        u = junction.maximum_power(light, dark, thermal, ceiling, series)
        flowing = junction.current(u, light, dark, thermal)
        watts.append(float(flowing * junction.terminal_voltage(u, flowing, series)))
        voltage, _ = trace((light, dark, thermal, ceiling), series, np.inf)
        volts.append(float(voltage[-1]))
    assert np.isclose(volts[0], volts[1], rtol=1e-9)
    cost = 1 - watts[1] / watts[0]
    assert round(100 * cost) == 41, f"The series resistance costs {cost:.0%} of the power."
    return {"share of the power lost": cost, "open circuit, V": volts[1]}


@breaks("the_limit_is_near_31_percent", replaces=junction.recombination)
def no_recombination(u, dark, thermal):
    """Let no pair recombine: the cell, a black body that never shines, then beats the limit."""
    return 0.0 * dark * u


@breaks("series_resistance_costs_power_not_voltage", replaces=junction.terminal_voltage)
def no_series_drop(u, flowing, series=0.0):
    """Forget what the wires cost: the terminals see all of the junction's voltage."""
    return u
