"""Exhibits of wireless charging: a gap, two peaks, a coil that slides and tilts."""

from typing import Annotated

import numpy as np
from workings import Choice, Slider, breaks, claim, exhibit, subplots

from kernels.resonance import circuit, coils, rings
from kernels.resonance.circuit import Link, impedances

MM = 1e-3
COIL = coils.Spiral(outer=20 * MM, inner=10 * MM, turns=10, wire=0.4 * MM)
OWN = coils.own_inductance(COIL)
TUNED = 130e3  # Hz
GAPS = np.arange(2, 61, 2)  # mm
CURVE = coils.coupling(coils.coaxial_inductance(COIL, COIL, MM * GAPS), OWN, OWN)


HIGHEST = 84  # mm, of what is drawn


def flux(x, z):
    """Return the flux of the sender's ampere through circles about its axis: metres to webers."""
    return rings.coaxial(COIL.radii(), x[..., None], z[..., None]).sum(axis=-1)


def flux_lines(starts=(2.0, 4.0, 5.8, 7.4, 8.8), stride=2.0, strides=50):
    """Follow the sender's field up from its plane: arrays `x, z` in millimetres, one a start.

    The flux through circles about the axis stays the same along a line, so that the line runs at a
    right angle to the flux's steepest climb.
    """
    at = np.array([starts, np.full(len(starts), 0.5)])
    path = [at]
    for _ in range(strides):
        halfway = at + 0.5 * stride * heading(at)
        at = at + stride * heading(halfway)
        path.append(at)
    path = np.array(path)  # (strides + 1, 2, lines)
    lines = []
    for x, z in path.transpose(2, 1, 0):
        over = (z < 0) | (z > HIGHEST)
        stop = int(over.argmax()) if over.any() else len(x)
        lines.append((x[:stop], z[:stop]))
    return lines


def heading(at, step=0.05):
    """Return the direction of the field at points `(2, n)` in millimetres, as unit vectors."""
    (x, z), h = MM * at, MM * step
    left, right, under, over = flux(x + h * LEFT_RIGHT, z + h * UNDER_OVER)
    field = np.array([under - over, right - left])
    return field / np.hypot(*field)


LEFT_RIGHT = np.array([[-1.0], [1.0], [0.0], [0.0]])
UNDER_OVER = np.array([[0.0], [0.0], [-1.0], [1.0]])
LINES = flux_lines()


def draw_coils(ax, gap, offset=0.0, tilt=0.0):
    """Draw both coils cut through the middle, the sender's flux, and the receiver's place; mm."""
    for x, z in LINES:
        for side in (-1, 1):
            ax.plot(side * x, z, color="C3", linewidth=0.8, linestyle="-")
    radii = COIL.radii() / MM
    for ends, names in ((-radii, ("sender", "receiver")), (radii, (None, None))):
        there = offset + ends * np.cos(tilt), gap - ends * np.sin(tilt)
        ax.plot(ends, 0 * ends, color="C0", linestyle="-", linewidth=3, label=names[0])
        ax.plot(*there, color="C1", linestyle="-", linewidth=3, label=names[1])
    ax.set_xlim(-42, 42)
    ax.set_ylim(-4, HIGHEST)
    ax.set_aspect("equal")
    ax.set_yticks([0, 20, 40, 60, 80])
    ax.set_ylabel("mm")
    ax.legend(ncols=2)


def with_best_load(k, quality):
    """Return the link of two such coils at coupling `k`, with the load that wastes least."""
    bare = Link(TUNED, (OWN, OWN), (quality, quality), k, 0.0)
    load = circuit.best_load(k, quality, quality, bare.resistances()[1])
    return Link(TUNED, (OWN, OWN), (quality, quality), k, load)


def shares(link):
    """Return where the power goes at the tuned frequency, as shares of what comes in."""
    found = circuit.powers(link, TUNED)
    return {name: watts / found["input"] for name, watts in found.items()}


def percent(share):
    """Write a share as a percentage, without pretending that a little is nothing."""
    if share < 0.005:
        return "under 1%"
    return "over 99%" if 0.995 <= share < 1 else f"{share:,.0%}"


@exhibit(title="Pull the coils apart: little of the flux gets across, and most of the power")
def gap(
    gap: Annotated[int, Slider(2, 60, step=2, label="gap", unit="mm", play=True)] = 30,
    quality: Annotated[
        float, Slider(10, 1000, scale="log", stops=5, label="quality of both coils")
    ] = 100.0,
):
    """Two coils in side view, and what becomes of the power at every gap."""
    k = coils.coupling(coils.coaxial_inductance(COIL, COIL, MM * gap), OWN, OWN)
    now, every = shares(with_best_load(k, quality)), shares(with_best_load(CURVE, quality))
    fig, axs = subplots(1, 2, figsize=(6, 3.9))
    draw_coils(axs[0], gap)
    load, first = 100 * every["load"], 100 * (every["load"] + every["receiver"])
    axs[1].fill_between(GAPS, first, 100 + 0 * GAPS, color="C3", label="heat, sender")
    axs[1].fill_between(GAPS, load, first, color="C5", label="heat, receiver")
    axs[1].fill_between(GAPS, load, color="C1", label="load")
    axs[1].axvline(gap, color="C0", linewidth=1.5)
    axs[1].set_xlim(2, 60)
    axs[1].set_ylim(0, 100)
    axs[1].set_xlabel("gap, mm")
    axs[1].set_ylabel("of the power, %")
    axs[1].legend(ncols=2)
    sentence = (
        f"Across {gap} mm the receiver catches {k:.1%} of the flux, and with a quality of "
        f"{quality:.0f} its load gets {percent(now['load'])} of the power; "
        f"{percent(now['sender'])} heats the sender's coil and {percent(now['receiver'])} the "
        "receiver's."
    )
    table = {"gap, mm": GAPS[::3], "coupling": CURVE[::3], "load": every["load"][::3]}
    return fig, sentence, table | {"heat, sender": every["sender"][::3]}


RATIOS = np.linspace(0.62, 1.54, 116)  # of a frequency to the tuned one, drawn
BELOW, ABOVE = np.linspace(0.62, 1.0, 609), np.linspace(1.0, 2.4, 2241)  # and searched


def bench(k, loaded):
    """Return a link whose source and load have equal resistance, for a quality with them in it."""
    coil = 300.0
    reactance = 2 * np.pi * TUNED * OWN
    outside = reactance / loaded - reactance / coil
    return Link(TUNED, (OWN, OWN), (coil, coil), k, outside, outside)


def arriving(link, ratio=1.0):
    """Return the power at the load, as a share of the most that the source could give anything."""
    return circuit.powers(link, TUNED * np.asarray(ratio))["load"] * 4.0 * link.source


@exhibit(title="Push the coils together past a point, and less power arrives")
def split(
    gap: Annotated[int, Slider(2, 60, step=2, label="gap", unit="mm", play=True)] = 20,
    loaded: Annotated[
        int, Choice(10, 20, 40, label="quality, with source and load in the circuits")
    ] = 20,
):
    """The power that arrives at every frequency, and at the tuned one for every gap."""
    k = float(coils.coupling(coils.coaxial_inductance(COIL, COIL, MM * gap), OWN, OWN))
    link = bench(k, loaded)
    over_frequency, here = arriving(link, RATIOS), float(arriving(link))
    over_gap = arriving(bench(CURVE, loaded))
    given = circuit.powers(bench(CURVE, loaded), TUNED)
    efficiency = given["load"] / given["input"]
    fig, axs = subplots(1, 2, figsize=(6, 3.7))
    axs[0].plot(TUNED * RATIOS / 1e3, 100 * over_frequency, color="C0")
    axs[0].axvline(TUNED / 1e3, color="C3", linewidth=1)
    axs[0].plot([TUNED / 1e3], [100 * here], "o", color="C1")
    axs[0].set_xlim(80, 200)
    axs[0].set_ylim(0, 119)
    axs[0].set_yticks([0, 50, 100])
    axs[0].set_xlabel("frequency, kHz")
    axs[0].set_ylabel("power at the load, %")
    axs[1].plot(GAPS, 100 * over_gap, color="C1", linestyle="-", label="power")
    axs[1].plot(GAPS, 100 * efficiency, color="C0", linestyle="--", label="efficiency")
    axs[1].plot([gap], [100 * here], "o", color="C1")
    axs[1].set_xlim(2, 60)
    axs[1].set_ylim(0, 119)
    axs[1].set_yticks([0, 50, 100])
    axs[1].set_xlabel("gap, mm")
    axs[1].set_ylabel("at 130 kHz, %")
    axs[1].legend(loc="upper right", ncols=2)
    share = float(np.interp(gap, GAPS, efficiency))
    sentence = (
        f"At {gap} mm {percent(here)} of the power to be had arrives at 130 kHz, "
        f"{percent(share)} of what the source spends. {regime(link, here)}"
    )
    table = {"gap, mm": GAPS[::3], "power at 130 kHz": over_gap[::3]}
    return fig, sentence, table | {"efficiency at 130 kHz": efficiency[::3]}


def regime(link, here):
    """Say on which side of the critical coupling the coils are."""
    ratio = link.k / circuit.critical_coupling(link)
    sides = [arriving(link, searched) for searched in (BELOW, ABOVE)]
    least = min(side.max() for side in sides)
    if least < here + 0.01:  # on both sides power falls away from the tuned frequency, or nearly
        way = "about" if 0.8 < ratio < 1.25 else f"{ratio:.1f} times"
        return f"The coupling is {way} critical, and no other frequency would bring more."
    low, high = (
        TUNED * searched[side.argmax()] / 1e3
        for searched, side in zip((BELOW, ABOVE), sides, strict=True)
    )
    return (
        f"The coupling is {ratio:.1f} times critical: the peak has split, and near {low:.0f} and "
        f"{high:.0f} kHz {least:.0%} would arrive."
    )


OFFSETS = np.arange(0, 51, 2)
HEIGHT = 24  # mm, enough to stand the receiver on its edge


@exhibit(title="Slide the receiver aside, or stand it up, and find where nothing arrives")
def misplaced(
    offset: Annotated[int, Slider(0, 50, step=2, label="to the side", unit="mm", play=True)] = 36,
    tilt: Annotated[
        int, Choice(0, 30, 60, 90, labels=("flat", "30°", "60°", "upright"), label="receiver")
    ] = 0,
):
    """A shifted and tilted receiver in side view, and the coupling for every shift."""
    angle = np.deg2rad(tilt)
    found = np.array(
        [coils.mutual_inductance(COIL, COIL, MM * HEIGHT, MM * x, angle, 24) for x in OFFSETS]
    )
    k = coils.coupling(found, OWN, OWN)
    here = float(np.interp(offset, OFFSETS, k))
    best = circuit.best_efficiency(k, 100.0, 100.0)
    fig, axs = subplots(1, 2, figsize=(6, 3.2))
    draw_coils(axs[0], HEIGHT, offset, angle)
    axs[0].set_xlim(-42, 72)
    axs[1].axhline(0, color="C3", linewidth=1)
    axs[1].plot(OFFSETS, 100 * k, color="C0")
    axs[1].plot([offset], [100 * here], "o", color="C1")
    axs[1].set_xlim(0, 50)
    axs[1].set_ylim(-9, 12)
    axs[1].set_yticks([-5, 0, 5, 10])
    axs[1].set_xlabel("to the side, mm")
    axs[1].set_ylabel("coupling, %")
    share = float(circuit.best_efficiency(here, 100.0, 100.0))
    way = "" if here > -0.0005 else " (of the wrong sign, which does no harm)"
    caught = "hardly any flux" if abs(here) < 0.001 else f"{abs(here):.1%} of the flux{way}"
    place = f"{offset} mm aside" if offset else "In the middle"
    posture = {0: "flat", 90: "upright"}.get(tilt, f"tilted by {tilt}°")
    sentence = (
        f"{place} and {posture} the receiver catches {caught}; coils with a quality of 100 could "
        f"bring {percent(share)} of the power to a load there."
    )
    table = {"to the side, mm": OFFSETS[::2], "coupling": k[::2]}
    return fig, sentence, table | {"best efficiency, quality 100": best[::2]}


def ring_integral(a, b, apart, points=2000):
    """Integrate eq. 19.34.1 round the circle, as a reference that knows no elliptic integral."""
    phi = 2 * np.pi * np.arange(points) / points
    distance = np.sqrt(apart**2 + a**2 + b**2 - 2 * a * b * np.cos(phi))
    return 0.5 * rings.MU_0 * a * b * (np.cos(phi) / distance).mean() * 2 * np.pi


@claim("DLMF eqs. 19.34.1 and 19.34.6", rtol=100)  # the size of a rounding error
def two_distances_are_enough():
    """Mutual inductance from the mean of two distances equals the integral to eleven digits."""
    largest = 0.0
    for a, b, apart in ((1, 1, 1), (1, 0.5, 0.2), (1, 2, 10), (0.02, 0.021, 0.001), (1, 1, 0.05)):
        found = rings.coaxial(a, b, apart)
        largest = max(largest, abs(found / ring_integral(a, b, apart) - 1))
    assert largest < 1e-11, f"They differ by a share of {largest:.2g}."
    return {"largest difference": largest}


@claim("Neumann's integral", rtol=100)
def misplaced_coils_agree_with_neumann():
    """A shifted and tilted coil's inductance is Neumann's double integral to eight digits."""
    largest = 0.0
    for apart, offset, tilt in ((0.01, 0.012, 0.0), (0.03, 0.03, 0.5), (0.024, 0.01, 1.5)):
        small = coils.Spiral(0.02, 0.012, 2, 0.0004)
        direct = 0.0
        for one in small.radii():
            for other in small.radii():
                at, along = coils.placed(one, 0.0, points=240)
                there, beside = coils.placed(other, apart, offset, tilt, 240)
                away = np.linalg.norm(at[:, None] - there, axis=2)
                direct += rings.MU_0 * np.pi * ((along @ beside.T) / away).mean()
        found = coils.mutual_inductance(small, small, apart, offset, tilt)
        largest = max(largest, abs(found / direct - 1))
    assert largest < 1e-8, f"They differ by a share of {largest:.2g}."
    return {"largest difference": largest}


@claim("Kirchhoff's law; energy", rtol=100)
def every_watt_is_accounted_for():
    """At 35 settings and 47 frequencies what comes in is load plus heat, to nine digits."""
    largest = 0.0
    for k in (0.001, 0.01, 0.05, 0.1, 0.2, 0.4, 0.8):
        for quality in (5, 20, 100, 300, 1000):
            link = Link(TUNED, (OWN, 3 * OWN), (quality, 2 * quality), k, 2.0, 0.5)
            found = circuit.powers(link, TUNED * np.linspace(0.5, 1.65, 47))
            spent = sum(watts for name, watts in found.items() if name != "input")
            assert found["load"].min() > 0
            largest = max(largest, float(np.abs(spent / found["input"] - 1).max()))
    assert largest < 1e-9, f"A share of {largest:.2g} is missing."
    return {"largest share unaccounted for": largest}


@claim("Kurs et al., eq. 2", rtol=1e-6)
def best_efficiency_depends_on_one_number():
    """No load and frequency searched beats the formula in k²Q₁Q₂, and its load reaches it."""
    worst, reached = 0.0, 0.0
    for k, q_1, q_2 in ((0.06, 100, 100), (0.3, 10, 400), (0.01, 50, 800), (0.6, 20, 20)):
        formula = circuit.best_efficiency(k, q_1, q_2)
        bare = Link(TUNED, (OWN, 3 * OWN), (q_1, q_2), k, 0.0)
        best = circuit.best_load(k, q_1, q_2, bare.resistances()[1])
        for factor in np.append(np.geomspace(0.01, 100, 81), 1.0):
            link = Link(TUNED, (OWN, 3 * OWN), (q_1, q_2), k, factor * best)
            found = circuit.powers(link, TUNED)
            share = float(found["load"] / found["input"])
            worst = max(worst, share / formula)
        reached = max(reached, abs(share / formula - 1))
    assert worst < 1 + 1e-9, f"A load gets {worst:.3f} times what the formula allows."
    assert reached < 1e-9, f"The formula's load misses it by a share of {reached:.2g}."
    return {"most, of the formula's": worst}


@claim("our coils", rtol=1e-4)
def quality_makes_up_for_coupling():
    """At 30 mm, 6.2% of the flux: 8%, 72% or 97% of the power for a quality of 10, 100, 1,000."""
    k = CURVE[GAPS == 30][0]
    load = [float(shares(with_best_load(k, quality))["load"]) for quality in (10, 100, 1000)]
    assert round(100 * k, 1) == 6.2, f"The coupling is {k:.1%}."
    assert [round(100 * share) for share in load] == [8, 72, 97], f"The load gets {load}."
    return dict(zip(("quality 10", "quality 100", "quality 1,000"), load, strict=True))


@claim("our coils", rtol=1e-4)
def less_arrives_when_closer():
    """At 130 kHz and quality 20, 87% arrives at 34 mm and 38% at 20; efficiency goes 44% to 82%."""
    found = {}
    for apart in (34, 20):
        link = bench(CURVE[apart == GAPS][0], 20)
        given = circuit.powers(link, TUNED)
        found[apart] = float(arriving(link)), float(given["load"] / given["input"])
    (far, far_share), (near, near_share) = found[34], found[20]
    assert round(far, 2) == 0.87 and round(near, 2) == 0.38, f"{far:.0%} and {near:.0%} arrive."
    assert round(far_share, 2) == 0.44 and round(near_share, 2) == 0.82
    tops = [float(arriving(bench(CURVE[GAPS == 20][0], 20), side).max()) for side in (BELOW, ABOVE)]
    assert min(tops) > 0.85, "The split peaks have lost power too."
    return {"34 mm": far, "20 mm": near, "20 mm, lower peak": tops[0], "upper": tops[1]}


@claim("coupled circuits", rtol=1e-4)
def the_peak_splits_at_critical_coupling():
    """One peak at 0.9 times the critical coupling, two at 1.1, and far above at f/√(1±k)."""
    fine = np.linspace(0.62, 1.54, 46001)
    counts = {}
    critical = circuit.critical_coupling(bench(0.0, 40))
    for factor in (0.9, 1.1, 8.0):
        power = arriving(bench(factor * critical, 40), fine)
        inner = power[1:-1]
        peaks = fine[1:-1][(inner > power[:-2]) & (inner > power[2:])]
        counts[factor] = len(peaks)
    assert counts == {0.9: 1, 1.1: 2, 8.0: 2}, f"The peaks number {counts}."
    lossless = np.array(circuit.split_frequencies(bench(8.0 * critical, 40))) / TUNED
    off = float(np.abs(peaks / lossless - 1).max())
    assert off < 0.01, f"A peak lies {off:.1%} from the lossless frequency."
    assert np.isclose(critical, 1 / 40)
    return {"critical coupling": critical, "furthest from f/√(1±k)": off}


@claim("our coils", rtol=1e-3)
def aside_or_upright_nothing_arrives():
    """At 24 mm the coupling is nought 43 mm aside, and in the middle for a coil stood on edge."""

    def caught(x, tilt=0.0):
        return coils.mutual_inductance(COIL, COIL, MM * HEIGHT, MM * x, tilt) / OWN

    assert caught(42) > 0 > caught(44), "The coupling doesn't change sign there."
    upright = caught(0, np.pi / 2)
    assert abs(upright) < 1e-9 < 0.03 < abs(caught(24, np.pi / 2))
    return {"42 mm": caught(42), "44 mm": caught(44), "upright, 24 mm": caught(24, np.pi / 2)}


@claim("our rings", rtol=1e-3)
def far_coupling_falls_with_the_cube():
    """Twice the gap divides a far coupling by 8, and the power at small quality by 64."""
    near, far = rings.coaxial(1.0, 1.0, [100.0, 200.0])
    low = [circuit.best_efficiency(m / rings.own(1.0, 0.01), 50.0, 50.0) for m in (near, far)]
    assert round(near / far) == 8 and round(low[0] / low[1]) == 64, f"By {near / far:.2f}."
    return {"coupling": near / far, "power": low[0] / low[1]}


@claim("Kurs et al., abstract and eq. 2", rtol=1e-3)
def forty_percent_needs_a_figure_of_two():
    """40% needs k√(Q₁Q₂) = 2.1; bare rings of thin wire, seven radii apart, a quality of 2,300."""
    figure = 2 * np.sqrt(0.4) / (1 - 0.4)
    assert np.isclose(circuit.best_efficiency(figure / 100, 100.0, 100.0), 0.4)
    k = rings.coaxial(1.0, 1.0, 7.0) / rings.own(1.0, 0.01)
    quality = figure / k
    assert round(figure, 1) == 2.1 and round(quality, -2) == 2300, f"It takes {quality:,.0f}."
    return {"k√(Q₁Q₂)": figure, "coupling": k, "quality": quality}


@breaks("best_efficiency_depends_on_one_number", replaces=circuit.detuning)
def leave_out_the_capacitors(ratio):
    """Leave out both capacitors: nothing cancels the coils' own reactance."""
    return ratio


@breaks("every_watt_is_accounted_for", replaces=impedances)
def forget_the_reaction(link, frequency):
    """Let the sender feel nothing of the receiver's current, as if power came from nowhere."""
    matrix = impedances(link, frequency)
    matrix[..., 0, 1] = 0.0
    return matrix
