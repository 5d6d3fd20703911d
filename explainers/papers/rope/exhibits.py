"""Exhibits of RoPE: hands that turn, stripes in scores, a bound that decays, a ladder of speeds."""

from typing import Annotated

import numpy as np
from workings import Choice, Slider, Table, Toggle, breaks, claim, exhibit, subplots

from kernels.attention import rotary

# Three pairs for the clocks: lengths and starting angles of a query's and a key's hands.
CLOCK_BASE = 64.0  # with d = 6 each hand is four times slower than the one before


def from_polar(lengths, degrees):
    """Make a vector of pairs from the lengths and the directions of its hands."""
    turned = np.asarray(lengths) * np.exp(1j * np.deg2rad(degrees))
    return np.column_stack([turned.real, turned.imag]).ravel()


QUERY = from_polar([1.0, 0.95, 0.9], [150.0, 100.0, 35.0])
KEY = from_polar([0.8, 0.75, 0.7], [20.0, 10.0, 95.0])


def unit_vectors(count, d, seed=7):
    """Draw random vectors of length one: `(count, d)`."""
    drawn = np.random.default_rng(seed).standard_normal((count, d))
    return drawn / np.linalg.norm(drawn, axis=-1, keepdims=True)


def plus_sinusoid(x, angle):
    """Add the sinusoids of Vaswani et al. 2017 to `x`, scaled to the length one."""
    waves = np.stack([np.sin(angle), np.cos(angle)], axis=-1)  # (..., d/2, 2)
    return x + waves.reshape(*waves.shape[:-2], -1) / np.sqrt(angle.shape[-1])


@exhibit(title="Move both words along: every hand turns, no angle between two hands changes")
def hands(
    shift: Annotated[int, Slider(0, 32, label="move both words by", play=True)] = 6,
    gap: Annotated[int, Slider(0, 12, label="distance", unit="words")] = 3,
):
    """Three pairs of one query and one key as hands, and the dot product that they add up to."""
    theta = rotary.frequencies(6, CLOCK_BASE)
    m, n = shift + gap, shift
    q = rotary.encode_query(QUERY, m, theta)
    k = rotary.encode_key(KEY, n, theta)
    parts = (rotary.as_complex(q) * rotary.as_complex(k).conj()).real
    start = rotary.encode_query(QUERY, gap, theta) @ rotary.encode_key(KEY, 0, theta)
    fig, axs = subplots(2, 2, figsize=(6, 5.4))
    clocks, bars = axs.ravel()[:3], axs[1, 1]
    for i, ax in enumerate(clocks):
        before = (
            rotary.as_complex(QUERY)[i] * np.exp(1j * gap * theta[i]),
            rotary.as_complex(KEY)[i],
        )
        draw_clock(ax, (rotary.as_complex(q)[i], rotary.as_complex(k)[i]), before)
        ax.set_title(f"pair {i}: {np.rad2deg(theta[i]):.1f}° a word")
    bars.bar(range(4), [*parts, parts.sum()], color=["C2", "C2", "C2", "C1"], width=0.7)
    bars.axhline(0, color="C0", linewidth=1)
    bars.set_xticks(range(4), ["pair 0", "1", "2", "sum"])
    bars.set_ylim(-0.8, 1.6)
    bars.set_title("added up, the score")
    score = float(parts.sum())
    sentence = f"With the query at position {m} and the key at {n} the score is {signed(score)}"
    if shift == 0:
        sentence += "; move both words along, and watch whether it stays."
    elif abs(score - start) < 1e-12:
        sentence += (
            f", as it is at positions {gap} and 0: the hands have turned, the angles have not."
        )
    else:
        sentence += f", where positions {gap} and 0 gave {signed(start)}: the angles have changed."
    table = Table(
        ["pair", "query hand, degrees", "key hand, degrees", "between them", "part of the score"],
        [
            [i, degrees(q, i), degrees(k, i), (degrees(q, i) - degrees(k, i)) % 360, parts[i]]
            for i in range(3)
        ],
    )
    return fig, sentence, table


def signed(score):
    """Write a score to three places, with a proper minus."""
    return f"{score:.3f}".replace("-", "−")


def draw_clock(ax, hands, before):
    """Draw a query's and a key's hand, the angle between them, and where the hands started."""
    q, k = hands
    circle = np.exp(1j * np.linspace(0, 2 * np.pi, 49))
    ax.plot(circle.real, circle.imag, color="C3", linewidth=1, linestyle="-")
    arc = 0.4 * np.exp(1j * (np.angle(k) + np.linspace(0, np.angle(q * np.conj(k)), 16)))
    ax.plot(arc.real, arc.imag, color="C5", linewidth=6, linestyle="-")
    for start, colour in zip(before, ("C0", "C1"), strict=True):
        ax.plot([0, start.real], [0, start.imag], color=colour, linewidth=1, linestyle=":")
    for name, hand, colour in (("k", k, "C1"), ("q", q, "C0")):
        tip = 1.13 * hand / abs(hand)
        ax.plot([0, hand.real], [0, hand.imag], color=colour, linewidth=3)
        ax.text(tip.real, tip.imag, name, color=colour, ha="center", va="center")
    ax.set_xlim(-1.25, 1.25)
    ax.set_ylim(-1.25, 1.25)
    ax.set_aspect("equal")
    ax.set_axis_off()


def degrees(x, pair):
    """Return the direction of one hand of `x`, 0 to 360."""
    return float(np.rad2deg(np.angle(rotary.as_complex(x)[pair])) % 360)


@exhibit(title="Turn, add or do nothing: what a score knows of its two positions")
def stripes(
    position: Annotated[
        str, Choice("turn", "add", "nothing", labels=("turn (RoPE)", "add (2017)", "nothing"))
    ] = "turn",
    base: Annotated[float, Slider(10, 1e6, scale="log", stops=6, label="base")] = 10000.0,
):
    """Scores of one query and one key at 32 positions each, and the same scores by offset."""
    size, d = 32, 64
    q, k = unit_vectors(2, d)
    places, theta = np.arange(size), rotary.frequencies(d, base)
    if position == "turn":
        score = rotary.scores(q, k, places, places, theta)
    else:
        angle = rotary.angles(places, theta)
        if position == "add":
            score = plus_sinusoid(q, angle) @ plus_sinusoid(k, angle).T
        else:
            score = np.full((size, size), q @ k)
    fig, axs = subplots(1, 2, figsize=(6, 3.4))
    axs[0].imshow(score, cmap="Greys", vmin=score.min() - 1e-9, vmax=score.max() + 1e-9)
    axs[0].set_xlabel("key's position n")
    axs[0].set_ylabel("query's position m")
    for row, colour, width in ((10, "C5", 9), (14, "C3", 6), (18, "C1", 3), (22, "C0", 1)):
        near = slice(row - 9, row + 10)
        axs[1].plot(
            row - places[near],
            score[row, near],
            color=colour,
            linestyle="-",
            linewidth=width,
            label=f"m = {row}",
        )
    axs[1].set_xlim(-9, 9)
    axs[1].set_xlabel("offset m − n")
    axs[1].set_ylabel("score")
    axs[1].legend(ncols=2)
    spread = diagonal_spread(score)
    return (
        fig,
        stripes_sentence(position, spread),
        {
            "offset": np.arange(1 - size, size),
            "lowest score": [np.diagonal(score, -r).min() for r in range(1 - size, size)],
            "highest score": [np.diagonal(score, -r).max() for r in range(1 - size, size)],
        },
    )


def diagonal_spread(score):
    """Return the largest difference between two scores with the same offset."""
    size = len(score)
    return max(float(np.ptp(np.diagonal(score, r))) for r in range(1 - size, size))


def stripes_sentence(position, spread):
    """Say what the stripes show."""
    if position == "nothing":
        return "Without positions every pair scores the same: the order of the words is lost."
    done = {"turn": "every vector turned to its position", "add": "position added to every vector"}
    if spread < 1e-12:
        return (
            f"With {done[position]}, 1,024 scores fall into stripes: pairs with the same offset "
            "agree to twelve decimals, and four queries draw one curve."
        )
    if position == "turn":
        return (
            "Every vector should have been turned to its position, but pairs with the same offset "
            f"differ by up to {spread:.2f}: the score depends on where the words are."
        )
    return (
        f"With {done[position]}, pairs with the same offset differ by up to "
        f"{spread:.2f}: the score depends on where the words are, not only on how far apart."
    )


@exhibit(title="The bound decays with distance; a query may still look far away")
def decay(
    aim: Annotated[
        int, Slider(0, 192, step=12, label="aim the query at", unit="back", play=True)
    ] = 96,
    base: Annotated[float, Slider(10, 1e6, scale="log", stops=6)] = 10000.0,
    d: Annotated[int, Choice(32, 64, 128, label="numbers a head")] = 128,
):
    """The paper's Figure 2 above, and the score of a query aimed at one offset below."""
    theta = rotary.frequencies(d, base)
    offsets = np.arange(257)
    curve = rotary.decay_curve(offsets, theta)
    key = np.tile([1.0, 0.0], d // 2)
    query = rotary.rotate(key, -aim * theta)
    score = rotary.offset_scores(query, key, offsets, theta) / (d / 2)
    fig, axs = subplots(2, 1, figsize=(6, 4.6), sharex=True)
    axs[0].plot(offsets, curve, color="C0")
    axs[0].set_ylim(0, 1.05 * curve[0])
    axs[0].set_ylabel("mean |S|")
    axs[0].set_title("relative upper bound (Figure 2 of the paper)")
    axs[1].axhline(0, color="C3", linewidth=1)
    axs[1].plot(offsets, score, color="C1")
    axs[1].plot([aim], [1.0], "o", color="C1")
    axs[1].set_ylim(-0.3, 1.15)
    axs[1].set_xlim(0, 256)
    axs[1].set_ylabel("score")
    axs[1].set_xlabel("offset m − n")
    axs[1].set_title("one query against the same key at every offset")
    peak = int(offsets[score.argmax()])
    sentence = (
        f"With base {base:,.0f} and d = {d} the bound falls from {curve[0]:.1f} at offset 0 to "
        f"{curve[-32:].mean():.1f} around offset 240; a query aimed "
        f"{f'{aim} words back' if aim else 'at its own place'} scores highest at offset {peak}."
    )
    some = slice(None, None, 16)
    return (
        fig,
        sentence,
        {
            "offset": offsets[some],
            "mean |S|": curve[some],
            "score": score[some],
        },
    )


@exhibit(title="A ladder of speeds, and the angles that training never showed")
def ladder(
    trained: Annotated[
        int, Slider(512, 131072, scale="log2", label="trained on", unit="words")
    ] = 4096,
    read: Annotated[int, Slider(512, 131072, scale="log2", label="reading", unit="words")] = 16384,
    base: Annotated[
        float, Slider(1e4, 1e6, scale="log", stops=5, label="base when reading")
    ] = 10000.0,
    squeeze: Annotated[bool, Toggle("squeeze positions into the trained length")] = False,
):
    """The speeds of 64 pairs, and how far round its circle each hand comes, trained and reading."""
    pairs = np.arange(64)
    taught, now = rotary.wavelengths(128), rotary.wavelengths(128, base)
    if squeeze:
        now = now * max(1.0, read / trained)  # every word is then worth less angle
    seen = np.minimum(1.0, trained / taught)
    reached = np.minimum(1.0, read / now)
    new = np.maximum(0.0, reached - seen)
    fig, axs = subplots(1, 2, figsize=(6, 3.6))
    axs[0].scatter(pairs, taught, s=25, color="C3", label="in training")
    axs[0].scatter(pairs, now, s=9, color="C1", label="reading")
    axs[0].axhline(trained, color="C3", linewidth=1.5)
    axs[0].axhline(read, color="C1", linewidth=1.5)
    axs[0].set_yscale("log")
    axs[0].set_ylim(3, 1e7)
    axs[0].set_xlabel("pair")
    axs[0].set_ylabel("words for one turn")
    axs[0].legend()
    axs[1].bar(pairs, seen, width=1.0, color="C5", label="seen in training")
    axs[1].bar(pairs, new, bottom=seen, width=1.0, color="C1", label="new when reading")
    axs[1].set_ylim(0, 1)
    axs[1].set_xlim(-0.5, 63.5)
    axs[1].set_xlabel("pair")
    axs[1].set_ylabel("share of the circle")
    axs[1].legend()
    unfinished, strange = int((taught > trained).sum()), int((new > 1e-9).sum())
    never = (
        f"{unfinished} of 64 pairs finish no turn" if unfinished else "every pair finishes a turn"
    )
    come = f"{strange or 'no'} pairs come" if strange != 1 else "one pair comes"
    sentence = (
        f"In {trained:,} words of training {never}. Reading {read:,} words with base {base:,.0f}"
        f"{', squeezed' * squeeze}, {come} to angles that training never showed; the fastest "
        f"turns {360 / now[0]:.1f}° a word."
    )
    return (
        fig,
        sentence,
        {
            "pair": pairs,
            "words for one turn, training": taught,
            "words for one turn, reading": now,
            "circle seen": seen,
            "new": new,
        },
    )


@claim("§3.2.2, eq. 16", rtol=10)  # the size of a rounding error is not the same on every machine
def only_the_offset_matters():
    """Moving query and key along by the same distance changes no score in its first 12 decimals."""
    theta = rotary.frequencies(64)
    q, k = unit_vectors(2, 64)
    places = np.arange(0, 64, 7)
    still = rotary.scores(q, k, places, places, theta)
    assert np.ptp(still[0]) > 0.1, "The score does not depend on the offset in the first place."
    largest = 0.0
    for shift in (1, 2, 17, 256, 1000, 4096):
        moved = rotary.scores(q, k, places + shift, places + shift, theta)
        largest = max(largest, float(np.abs(moved - still).max()))
    assert largest < 1e-12, f"A score changes by {largest:.2g} when both positions move."
    return {"largest change of a score": largest}


@claim("§3.2.2, below eq. 16", rtol=10)
def length_is_kept():
    """A rotated vector is as long as it was: position never changes how loud a word is."""
    theta = rotary.frequencies(64)
    x = unit_vectors(50, 64)
    turned = rotary.rotate(x, rotary.angles(np.arange(50) * 83, theta))
    largest = float(np.abs(np.linalg.norm(turned, axis=-1) - 1.0).max())
    assert largest < 1e-12, f"A vector of length 1 comes out {largest:.2g} longer or shorter."
    return {"largest change of length": largest}


@claim("eqs. 12, 15 and 34", rtol=10)
def three_forms_agree():
    """Pair by pair, as a matrix and as complex numbers, the rotation is the same."""
    theta = rotary.frequencies(16)
    largest = 0.0
    for position, x in enumerate(unit_vectors(40, 16)):
        angle = rotary.angles(7 * position, theta)
        by_pairs = rotary.rotate(x, angle)
        by_matrix = rotary.rotation_matrix(angle) @ x
        by_complex = rotary.as_complex(x) * np.exp(1j * angle)
        largest = max(
            largest,
            float(np.abs(by_matrix - by_pairs).max()),
            float(np.abs(by_complex - rotary.as_complex(by_pairs)).max()),
        )
    assert largest < 1e-12, f"The forms differ by {largest:.2g}."
    return {"largest difference": largest}


@claim("§3.2.2")
def the_ladder_spans_four_decades():
    """With 128 numbers a head and base 10,000 the slowest pair needs 54,410 words for one turn."""
    waves = rotary.wavelengths(128)
    assert np.isclose(waves[0], 2 * np.pi, rtol=1e-12)
    assert round(waves[-1]) == 54410, f"The slowest pair needs {waves[-1]:,.0f} words."
    ratios = waves[1:] / waves[:-1]
    assert np.ptp(ratios) < 1e-12
    return {"fastest": waves[0], "slowest": waves[-1], "ratio of neighbours": ratios.mean()}


@claim("our count")
def training_shows_some_hands_only_an_arc():
    """18 of 64 pairs finish no turn in 4,096 words; base 100,000 holds them there until 16,384."""
    taught = rotary.wavelengths(128)
    slow = taught > 4096
    assert slow.sum() == 18, f"{slow.sum()} of 64 pairs finish no turn."
    seen = 4096 / taught[slow]  # shares of the circle
    assert (16384 / taught[slow] > seen).all()
    raised = 16384 / rotary.wavelengths(128, 1e5)[slow]
    assert (raised <= seen).all(), "A pair comes to new angles in spite of the larger base."
    return {"slow pairs": int(slow.sum()), "largest share, base 100,000": (raised / seen).max()}


@claim("§3.4.3, eq. 37")
def no_score_beats_the_bound():
    """Of 200 random pairs, no score at 257 offsets exceeds 5% of the paper's bound."""
    theta, offsets = rotary.frequencies(64), np.arange(257)
    fullest = 0.0
    for q, k in unit_vectors(400, 64).reshape(200, 2, 64):
        score = np.abs(rotary.offset_scores(q, k, offsets, theta))
        fullest = max(fullest, float((score / rotary.score_bound(q, k, offsets, theta)).max()))
    assert fullest <= 0.05, f"A score is {fullest:.2f} times the bound."
    return {"fullest use of the bound": fullest}


@claim("§3.4.3, Figure 2")
def the_bound_decays():
    """The bound falls with distance: offsets 193 to 256 have less than half that of 1 to 16."""
    curve = rotary.decay_curve(np.arange(257), rotary.frequencies(128))
    near, middle, far = curve[1:17].mean(), curve[65:129].mean(), curve[193:257].mean()
    assert far < middle < near and far < near / 2, (
        f"The mean of |S| is {near:.1f} near, {middle:.1f} further and {far:.1f} far off."
    )
    assert curve[0] == 32.5 and round(near) == 20 and far < 8
    return {"offset 0": curve[0], "1 to 16": near, "65 to 128": middle, "193 to 256": far}


@claim("eq. 35; our remark")
def a_query_can_aim():
    """The bound is no fate: a query turned back by 100 words scores highest 100 words back."""
    theta, key = rotary.frequencies(128), np.tile([1.0, 0.0], 64)
    score = rotary.offset_scores(rotary.rotate(key, -100 * theta), key, np.arange(257), theta) / 64
    others = np.delete(score, 100)
    assert score.argmax() == 100, f"The score peaks at offset {score.argmax()}."
    assert abs(score[100] - 1) < 1e-12, f"The score there is {score[100]:.3f}, not 1."
    return {"score at 100": score[100], "best elsewhere": others.max(), "at 0": score[0]}


@claim("eqs. 3 and 6", kind="reproduced small")
def addition_ties_scores_to_places():
    """With sinusoids added instead, equal offsets score up to 0.37 apart: the cross terms stay."""
    places, theta = np.arange(32), rotary.frequencies(64)
    angle = rotary.angles(places, theta)
    q, k = unit_vectors(2, 64)
    spread = diagonal_spread(plus_sinusoid(q, angle) @ plus_sinusoid(k, angle).T)
    assert round(spread, 2) == 0.37, f"They differ by up to {spread:.2f}."
    return {"largest spread at one offset": spread}


@breaks("only_the_offset_matters", replaces=rotary.encode_query)
def keys_only(q, positions, theta):
    """Turn the keys and forget the queries: the score knows the key's place, not the offset."""
    still = np.zeros_like(np.asarray(positions, dtype=float))
    return rotary.rotate(q, rotary.angles(still, theta))


@breaks("length_is_kept", replaces=rotary.rotate)
def add_instead(x, angle):
    """Add a sinusoid where the vector should turn, as the Transformer of 2017 did."""
    return plus_sinusoid(x, angle)


@breaks("the_bound_decays", replaces=rotary.frequencies)
def one_speed(d, base=10000.0):
    """Turn all pairs at the same speed: the sums no longer cancel, and the bound never falls."""
    return np.ones(d // 2)
