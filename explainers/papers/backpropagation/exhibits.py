"""Exhibits of back-propagation: a mirror found, slopes handed down, two ratios, digits read."""

from functools import lru_cache
from itertools import pairwise, product
from typing import Annotated

import numpy as np
from workings import Choice, Slider, Table, asset, breaks, claim, exhibit, figure, subplots

from kernels.autodiff import check, layered

NETS = asset("mirror-detectors/nets.npz")
COUNTS = asset("mirror-detectors/counts.json")
READERS = asset("digits-hidden-layer/weights.npz")
READINGS = asset("digits-hidden-layer/right.json")
DIGITS = asset("digits-data/digits.npz")

PATTERNS, DESIRED = layered.mirror_patterns()
SYMMETRIC = DESIRED[:, 0] == 1.0
SWEEPS = 1425  # as many as the paper's network took (Fig. 1)
EVERY = 250  # sweeps from one kept state of the hundred networks to the next


def history(start, epsilon, alpha):
    """Train one mirror detector: its weights before the first sweep and after each."""
    rule = (layered.draw, layered.forward, layered.back_propagate, layered.sweep)
    parts = (layered.slope, layered.weight_slopes, layered.hand_down)
    return remembered(start, epsilon, alpha, *rule, *parts)


@lru_cache(maxsize=24)
def remembered(start, epsilon, alpha, *rule):
    """Do it once for each setting and each `rule`: a fault switched on is another rule."""
    drawn = layered.draw(np.random.default_rng(start), (6, 2, 1))
    steps = layered.learn(drawn, PATTERNS, DESIRED, SWEEPS, epsilon, alpha)
    return [np.stack(layer) for layer in zip(*steps, strict=True)]


def mirror_error(w):
    """Say how far weights and their mirror images miss cancelling, as a share of the largest.

    `w` is `(..., 7, units)`, biases last; the result `(..., units)`.
    """
    own = w[..., :6, :]
    return np.abs(own + own[..., ::-1, :]).max(axis=-2) / np.abs(own).max(axis=-2)


def magnitudes(w):
    """Return the three magnitudes on either side, smallest first: `(..., 7, units)` to 3, units."""
    own = w[..., :3, :] - w[..., 5:2:-1, :]
    return np.sort(np.abs(own) / 2.0, axis=-2)


def count_right(y):
    """Count the cases whose output is on the right side of one half."""
    return (np.abs(y - DESIRED) < 0.5).sum(axis=(-2, -1))


@exhibit(title="Press Play: six weights find their mirror images")
def mirror(
    sweep: Annotated[int, Slider(0, SWEEPS, step=57, label="sweeps", play=True)] = 855,
    start: Annotated[int, Choice(1, 2, 3, 4, 5, 6, 7, 35, label="random start")] = 1,
    epsilon: Annotated[str, Choice("0.01", "0.03", "0.1", "0.3", label="step, ε")] = "0.03",
    alpha: Annotated[str, Choice("0", "0.5", "0.9", label="momentum, α")] = "0.9",
):
    """The paper's network on all 64 patterns: hidden weights, error and outputs after a sweep."""
    weights = history(start, float(epsilon), float(alpha))
    shown = [layer[sweep] for layer in weights]
    some = slice(None, None, 19)
    errors = layered.error(
        layered.forward([layer[some] for layer in weights], PATTERNS)[-1], DESIRED
    )
    y = layered.forward(shown, PATTERNS)[-1]
    fig, axs = subplots(2, 2, figsize=(6, 5.2), height_ratios=(1.15, 1))
    top = 1.2 * float(np.abs(shown[0][:6]).max())
    for unit in range(2):
        draw_unit(axs[0, unit], shown[0][:, unit], top)
        axs[0, unit].set_title(f"hidden unit {'AB'[unit]}, bias {signed(shown[0][6, unit])}")
        axs[0, unit].set_ylabel("weight")
    draw_errors(axs[1, 0], np.arange(SWEEPS + 1)[some], errors, sweep, layered.error(y, DESIRED))
    draw_outputs(axs[1, 1], y[:, 0])
    table = Table(
        ["input", "weight to A", "weight to B"],
        [[i + 1, shown[0][i, 0], shown[0][i, 1]] for i in range(6)],
    )
    return fig, mirror_sentence(shown, y, sweep), table


def signed(value, places=1):
    """Write a number with a proper minus, and zero without one."""
    text = f"{value:.{places}f}"
    return text[1:] if float(text) == 0 and text.startswith("-") else text.replace("-", "−")


def draw_unit(ax, w, top):
    """Draw six weights as bars, and on each the height that its mirror image asks for."""
    ax.bar(range(1, 7), w[:6], color="C3", width=0.72)
    for i in range(6):
        ax.plot([i + 0.64, i + 1.36], [-w[5 - i]] * 2, color="C1", linewidth=2.5, linestyle="-")
    ax.axhline(0, color="C0", linewidth=1)
    ax.axvline(3.5, color="C0", linewidth=1, linestyle=":")
    ax.set_xlim(0.4, 6.6)
    ax.set_ylim(-top, top)
    ax.set_xticks(range(1, 7))
    ax.set_xlabel("input")


def draw_errors(ax, sweeps, errors, sweep, now):
    """Draw the error over the sweeps, and where we are."""
    ax.plot(sweeps, errors, color="C0", linestyle="-", linewidth=1.5)
    ax.plot([sweep], [float(now)], "o", color="C1")
    ax.set_xlim(-40, SWEEPS + 40)
    ax.set_ylim(0, max(5.0, 1.06 * float(errors.max())))
    ax.set_xticks([0, 500, 1000])
    ax.set_xlabel("sweep")
    ax.set_ylabel("error E")


def draw_outputs(ax, y):
    """Draw the output for every pattern, the eight symmetric ones apart."""
    ax.axhline(0.5, color="C3", linewidth=1)
    ax.scatter(np.arange(56) / 56 * 20 + 11, np.sort(y[~SYMMETRIC]), s=12, color="C3")
    ax.scatter(np.arange(8), np.sort(y[SYMMETRIC]), s=26, color="C1")
    ax.set_xlim(-2, 32)
    ax.set_ylim(-0.06, 1.06)
    ax.set_xticks([3.5, 21], ["symmetric", "not symmetric"])
    ax.set_ylabel("output")


def mirror_sentence(shown, y, sweep):
    """Say what the four pictures show."""
    right, gap = int(count_right(y)), float(mirror_error(shown[0]).max())
    when = f"After {sweep:,} sweep{'s' * (sweep != 1)}" if sweep else "Before the first sweep"
    said = f"{when} {f'{right} of' if right < 64 else 'all'} 64 patterns are on the right side of "
    said += f"½; the error is {layered.error(y, DESIRED):.2f}. "
    if sweep == 0:
        return said + "The weights are as drawn, between −0.3 and 0.3."
    if (y < 0.5).all():
        said += "The network says “not symmetric” to everything. "
    if gap < 0.01:
        a, b, c = magnitudes(shown[0])[:, 0]
        return said + (
            "In both hidden units each weight and its mirror image cancel to within 1% of the "
            f"largest; unit A's magnitudes are as 1:{b / a:.1f}:{c / a:.1f}."
        )
    return said + f"Weights and mirror images miss cancelling by up to {gap:.0%} of the largest."


# A network small enough to watch: two inputs, two hidden units, two outputs; biases are zero.
LOWER = np.array([[0.8, -0.5], [0.4, 0.9], [0.0, 0.0]])
UPPER = np.array([[1.2, -0.7], [-0.6, 1.0], [0.0, 0.0]])
WANTED = np.array([[0.0, 1.0]])
SIDES = ("left", "right")
FIRST_SHOWN = {"y1": 0, "y2": 1, "to_y2": 2, "to_x2": 3, "w2": 4, "to_y1": 5, "to_x1": 7, "w1": 8}
CHECKED = 9


def two_passes(weights, pattern):
    """Run both passes of the small network: what each makes, by layer, 1 hidden and 2 output."""
    ys = layered.forward(weights, pattern)
    to_y2 = ys[2] - WANTED
    to_x2 = to_y2 * layered.slope(ys[2])
    to_y1 = layered.hand_down(to_x2, weights[1])
    to_x1 = to_y1 * layered.slope(ys[1])
    return {
        "y0": ys[0], "y1": ys[1], "y2": ys[2],
        "to_y2": to_y2, "to_x2": to_x2, "to_y1": to_y1, "to_x1": to_x1,
        "w1": layered.weight_slopes(to_x1, ys[0]), "w2": layered.weight_slopes(to_x2, ys[1]),
    }  # fmt: skip


def by_nudging(weights, layer, patterns, d, runs=None):
    """Return `dE/dw` of one layer by moving each of its weights a little, both ways.

    A list `runs` gets an entry for every time the network is run.
    """

    def at(w):
        if runs is not None:
            runs.append(layer)
        moved = [*weights[:layer], w, *weights[layer + 1 :]]
        return layered.error(layered.forward(moved, patterns)[-1], d)

    return check.central_difference(at, weights[layer])


@exhibit(title="Press Play: the error walks down, one unit at a time")
def backwards(
    step: Annotated[int, Slider(0, CHECKED, label="step", play=True)] = 5,
    inputs: Annotated[str, Choice("1 1", "1 0", "0 1", label="inputs")] = "1 1",
    size: Annotated[int, Slider(1, 16, scale="log2", label="all weights times")] = 1,
):
    """The forward and the backward pass of six units, and a check by moving every weight."""
    weights = [size * LOWER, size * UPPER]
    pattern = np.array([[float(bit) for bit in inputs.split()]])
    made = two_passes(weights, pattern)
    nudged = [np.round(by_nudging(weights, layer, pattern, WANTED), 6) for layer in (0, 1)]
    fig, ax = figure(figsize=(6, 4.5))
    for level, below, above in product((1, 2), (0, 1), (0, 1)):
        new = step in (FIRST_SHOWN[f"w{level}"], CHECKED)
        slopes = nudged[level - 1] if step == CHECKED else made[f"w{level}"]
        known = step >= FIRST_SHOWN[f"w{level}"]
        bold = new or (level == 2 and step == FIRST_SHOWN["to_y1"] + below)
        label = signed(slopes[below, above], 3) if known else ""
        draw_arc(ax, (below, above), level, weights[level - 1][below, above], label, bold)
    for level, unit in product((0, 1, 2), (0, 1)):
        draw_node(ax, made, level, unit, step)
    ax.set_xlim(-1.55, 3.55)
    ax.set_ylim(-0.25, 2.25)
    ax.set_axis_off()
    rows = [
        [f"{SIDES[i]}, {'hidden' if k else 'input'}", f"{SIDES[j]}, {'output' if k else 'hidden'}",
         weights[k][i, j], made[f"w{k + 1}"][i, j], nudged[k][i, j]]
        for k, i, j in product((0, 1), (0, 1), (0, 1))
    ]  # fmt: skip
    table = Table(["from", "to", "weight", "slope handed down", "slope by nudging"], rows)
    return fig, backwards_sentence(step, weights, made, nudged), table


def draw_node(ax, made, level, unit, step):
    """Draw one unit with its output, and beside it what has been handed down to it."""
    x, known = 2.0 * unit, step >= FIRST_SHOWN.get(f"y{level}", 0)
    new = step == FIRST_SHOWN.get(f"y{level}")
    ax.scatter([x], [level], s=1150, color="C1" if new else "C0", zorder=2.2)
    ax.scatter([x], [level], s=980 if new else 1060, color="w", zorder=2.3)
    if known:
        y = made[f"y{level}"][0, unit]
        ax.text(x, level, f"{y:.2f}", ha="center", va="center", color="C1" if new else "C0")
    if level == 0:
        return
    side, where = ("right", x - 0.34) if unit == 0 else ("left", x + 0.34)
    for row, name in enumerate(("to_y", "to_x")):
        one_by_one = unit if (name, level) == ("to_y", 1) else 0
        began = FIRST_SHOWN[f"{name}{level}"] + one_by_one
        if step >= began:
            value = signed(made[f"{name}{level}"][0, unit], 3)
            ax.text(where, level + 0.09 - 0.2 * row, f"∂E/∂{name[-1]} {value}", ha=side,
                    va="center", color="C1" if step == began else "C0",
                    fontweight="bold" if step == began else None)  # fmt: skip


def draw_arc(ax, ends, level, weight, slope, bold):
    """Draw one connection, with its weight or, once known, the slope of the error along it."""
    x = 2.0 * np.array(ends)
    ax.plot(x, [level - 1.0, level + 0.0], color="C1" if bold else "C3", linestyle="-",
            linewidth=2 if bold else 1)  # fmt: skip
    share = 0.5 if ends[0] == ends[1] else 0.31
    at = x[0] + share * (x[1] - x[0]), level - 1.0 + share
    half = 0.24 if slope else 0.2
    ax.fill_between([at[0] - half, at[0] + half], at[1] - 0.08, at[1] + 0.08, color="w",
                    zorder=2.1)  # fmt: skip
    ax.text(*at, slope or f"× {signed(weight)}", ha="center", va="center",
            color="C1" if bold and slope else "C0")  # fmt: skip


RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def fine(value):
    """Write a number with three decimals, or one too small for that with two digits: 4.6·10⁻⁹."""
    if value == 0 or abs(value) >= 0.0095:
        return signed(value, 3)
    if abs(value) >= 0.00095:
        return signed(value, 4)
    digits, power = f"{value:.1e}".split("e-")
    return f"{digits.replace('-', '−')}·10⁻{str(int(power)).translate(RAISED)}"


def factor(text):
    """Put a negative number in brackets."""
    return f"({text})" if text.startswith("−") else text


def backwards_sentence(step, weights, made, nudged):
    """Say what one step of the two passes does, with its numbers."""

    def pair(values):
        return f"{fine(values[0, 0])} and {fine(values[0, 1])}"

    if step == 0:
        return f"Upwards first: the hidden units add up their inputs and answer {pair(made['y1'])}."
    if step == 1:
        return (
            f"The outputs answer {pair(made['y2'])}, where 0 and 1 are wanted: the error E is "
            f"{layered.error(made['y2'], WANTED):.3f}."
        )
    if step == 2:
        return (
            "Now down. Equation 4: for an output, ∂E/∂y is its answer less what was wanted, "
            f"{pair(made['to_y2'])}."
        )
    if step == 3:
        return (
            "Equation 5: times the slope of the unit's own curve, "
            f"{pair(layered.slope(made['y2']))} here. That leaves {pair(made['to_x2'])}."
        )
    if step == 4:
        return (
            "Equation 6: a weight's slope is ∂E/∂x above it times y below it. On the left, "
            f"{fine(made['to_x2'][0, 0])} × {fine(made['y1'][0, 0])} makes "
            f"{fine(made['w2'][0, 0])}."
        )
    if step in (5, 6):
        unit = step - 5
        back, w = made["to_x2"][0], weights[1][unit]
        first, second = (factor(signed(each)) for each in w)
        terms = f"{fine(back[0])} × {first} + {factor(fine(back[1]))} × {second}"
        return (
            f"Equation 7: the {SIDES[unit]} hidden unit adds up what comes back along its two "
            f"connections, {terms}, which makes "
            f"{fine(made['to_y1'][0, unit])}."
        )
    if step == 7:
        return (
            "Equation 5 again, for the hidden units: times "
            f"{pair(layered.slope(made['y1']))}. That leaves {pair(made['to_x1'])}."
        )
    steepest = max(float(np.abs(made[name][:2]).max()) for name in ("w1", "w2"))
    if step == 8:
        return (
            "Equation 6 again, and all 8 slopes are known after one way down. The steepest is "
            f"{fine(steepest)}."
        )
    off = max(float(np.abs(made[f"w{k + 1}"] - nudged[k])[:2].max()) for k in (0, 1))
    return (
        "The check, without calculus: each weight was moved a hair up and a hair down, 16 runs for "
        "8 slopes. " + ("To six decimals they are those that were handed down."
        if off < 6e-7 else f"They differ from those handed down by up to {off:.3f}.")
    )  # fmt: skip


# The hundred networks: kept weights `(kept, starts, 17)`, two hidden units of seven, then three.
def kept_nets(epsilon, sweep):
    """Return the hidden and the output weights of all networks at one kept sweep."""
    flat = NETS[f"{epsilon}-weights"][sweep // EVERY].astype(float)
    return [flat[:, :14].reshape(-1, 7, 2), flat[:, 14:].reshape(-1, 3, 1)]


def margin(a, b, c=1.0):
    """Return the least that a lopsided pattern can send to a hidden unit with magnitudes a, b, c.

    The three pairs of inputs differ by -1, 0 or 1 each; all zero is the symmetric pattern.
    """
    signs = [d for d in product((-1, 0, 1), repeat=3) if any(d)]
    return np.min([np.abs(d[0] * a + d[1] * b + d[2] * c) for d in signs], axis=0)


PEAKS = {"1:2:4": (0.25, 0.5), "2:3:4": (0.5, 0.75)}


def near_peaks(w, within=0.02):
    """Say which networks' first hidden unit stands within so much of either ratio: two masks."""
    a, b, c = magnitudes(w)[..., 0].T
    return {name: np.hypot(a / c - p, b / c - q) < within for name, (p, q) in PEAKS.items()}


@exhibit(title="A hundred random starts, and the two places where they end")
def ratios(
    sweep: Annotated[int, Slider(0, 5000, step=250, label="sweeps", play=True)] = 2000,
    epsilon: Annotated[str, Choice("0.03", "0.1", label="step, ε")] = "0.03",
):
    """The ratios of the first hidden unit's magnitudes in a hundred networks, and their margins."""
    weights = kept_nets(epsilon, sweep)
    learned = count_right(layered.forward(weights, PATTERNS)[-1]) == 64
    a, b, c = magnitudes(weights[0])[..., 0].T
    fig, ax = figure(figsize=(6, 4.9))
    draw_levels(ax)
    p, q, r = magnitudes(kept_nets(epsilon, 0)[0])[..., 0].T
    ax.scatter(p / r, q / r, s=5, color="C4", label="where it began")
    ax.scatter((a / c)[~learned], (b / c)[~learned], s=16, color="C3", label="not yet learned")
    ax.scatter((a / c)[learned], (b / c)[learned], s=26, color="C1", label="all 64 right")
    for name, at in (("1:2:4", (0.25, 0.37)), ("2:3:4", (0.5, 0.88))):
        ax.fill_between([at[0] - 0.075, at[0] + 0.075], at[1] - 0.03, at[1] + 0.03, color="w",
                        zorder=2.1)  # fmt: skip
        ax.text(*at, name, ha="center", va="center", fontweight="bold")
    ax.text(0.99, 0.43, "thick: two patterns that differ", ha="right", color="C0")
    ax.text(0.99, 0.38, "send the same sum", ha="right", color="C0")
    ax.set_xlim(-0.02, 1.02)
    ax.set_ylim(-0.02, 1.04)
    ax.set_xlabel("smallest ÷ largest")
    ax.set_ylabel("middle ÷ largest")
    ax.legend(loc="lower right")
    near = {name: int((mask & learned).sum()) for name, mask in near_peaks(weights[0]).items()}
    for name, count in near.items():
        if count:
            x, y = PEAKS[name]
            ax.text(x + 0.02, y, str(count), va="center", color="C1")
    done = int(learned.sum())
    sentence = (
        f"{f'After {sweep:,} sweeps' if sweep else 'Before the first sweep'} with ε = {epsilon}, "
        f"{done or 'none'} of 100 networks {'has' if done == 1 else 'have'} learned all 64 patterns"
    )
    if done:
        first, second = near.values()
        sentence += (
            f". Of these, {first or 'none'} {'is' if first == 1 else 'are'} within 0.02 of "
            f"1:2:4, and {second or 'none'} of 2:3:4"
        )
    table = Table(
        ["start", "smallest ÷ largest", "middle ÷ largest", "patterns right"],
        [
            [i, a[i] / c[i], b[i] / c[i], int(n)]
            for i, n in enumerate(count_right(layered.forward(weights, PATTERNS)[-1]))
        ],
    )
    return fig, sentence + ".", table


def draw_levels(ax):
    """Draw where two patterns are confused, and lines of equal margin about the two best places."""
    for m in (0.05, 0.1, 0.15, 0.2):
        low = [(m, 2 * m), (m, 1 - 2 * m), (0.5 - m, 0.5)]
        high = [(0.5, 0.5 + m), (1 - 2 * m, 1 - m), (2 * m, 1 - m)]
        for corners in (low, high):
            x, y = zip(*corners, corners[0], strict=True)
            ax.plot(x, y, color="C4", linestyle="-", linewidth=1)
    for x, y in (((0, 0), (0, 1)), ((0, 1), (1, 1)), ((0, 1), (0, 1)), ((0, 0.5), (1, 0.5))):
        ax.plot(x, y, color="C0", linestyle="-", linewidth=1.5)


HELD = np.zeros(len(DIGITS["labels"]), dtype=bool)
HELD[DIGITS["held_out"]] = True
IMAGES, LABELS = DIGITS["pixels"][HELD] / 16.0, DIGITS["labels"][HELD]
LEARNT_FROM, THEIR_LABELS = DIGITS["pixels"][~HELD] / 16.0, DIGITS["labels"][~HELD]
WIDTHS = (2, 4, 8, 16, 32, 64)


def reader(hidden, kind, sweep):
    """Return a shipped reader of digits after 16, 32, … or 4,096 sweeps: its two matrices.

    Where the hidden layer is fixed it is drawn anew, as it was drawn for training.
    """
    when = int(np.log2(sweep)) - 4
    if kind == "fixed":
        first = layered.draw(np.random.default_rng(0), (64, hidden, 10))[0]
    else:
        first = READERS[f"{hidden}-learned-w0"][when].astype(float)
    return [first, READERS[f"{hidden}-{kind}-w1"][when].astype(float)]


def read_right(weights):
    """Return the share of 500 held-out digits for which the right output is the largest."""
    return float((layered.forward(weights, IMAGES)[-1].argmax(axis=-1) == LABELS).mean())


def solve_last(hidden, start=0, penalty=0.01):
    """Give a hidden layer as drawn the last layer that least squares finds, and let it read.

    Returns the share of the held-out digits read right. No sweeps are needed.
    """
    first = layered.draw(np.random.default_rng(start), (64, hidden, 10))[:1]
    seen, unseen = (layered.forward(first, x)[-1] for x in (LEARNT_FROM, IMAGES))
    seen, unseen = (np.column_stack([y, np.ones(len(y))]) for y in (seen, unseen))
    square = seen.T @ seen + penalty * np.eye(hidden + 1)
    last = np.linalg.solve(square, seen.T @ np.eye(10)[THEIR_LABELS])
    return float(((unseen @ last).argmax(axis=-1) == LABELS).mean())


@exhibit(title="Handwritten digits: let the hidden layer learn, or leave it as drawn")
def features(
    hidden: Annotated[int, Choice(*WIDTHS, label="hidden units")] = 8,
    sweep: Annotated[int, Slider(16, 4096, scale="log2", label="sweeps", play=True)] = 4096,
):
    """Hidden units' weights as pictures, learned and fixed, and how many unseen digits are read."""
    nets = {kind: [reader(width, kind, sweep) for width in WIDTHS] for kind in ("learned", "fixed")}
    shares = {kind: [read_right(net) for net in row] for kind, row in nets.items()}
    shares["solved"] = [solve_last(width) for width in WIDTHS]
    here = WIDTHS.index(hidden)
    fig, axs = subplots(3, 1, figsize=(6, 5.4), height_ratios=(1, 1, 2.8))
    shown = min(hidden, 8)
    names = {"learned": "hidden weights, learned", "fixed": "hidden weights, as drawn"}
    for ax, kind in zip(axs, names, strict=False):
        ax.imshow(tiles(nets[kind][here][0][:64, :shown]), cmap="Greys", vmin=-1.0, vmax=1.0)
        ax.set_axis_off()
        ax.set_title(names[kind] + (", of the first eight units" if hidden > shown else ""))
    draw_shares(axs[2], shares, here)
    sentence = (
        f"After {sweep:,} sweeps, {hidden} hidden units that learn read "
        f"{shares['learned'][here]:.1%} of 500 unseen digits right. Of those that stay as drawn, "
        f"{hidden} read {shares['fixed'][here]:.1%}, and {shares['solved'][here]:.1%} with the "
        "best last layer that least squares can find."
    )
    table = {
        "hidden units": WIDTHS,
        "learned": shares["learned"],
        "as drawn": shares["fixed"],
        "as drawn, least squares": shares["solved"],
    }
    return fig, sentence, table


def tiles(weights):
    """Lay hidden units' weights side by side as pictures of 8 by 8: `(64, units)` to `(9, 72)`.

    Each is scaled to its own largest weight.
    """
    scaled = weights / np.abs(weights).max(axis=0)
    sheet = np.full((9, 72), -1.0)
    for unit, picture in enumerate(scaled.T):
        sheet[:8, 9 * unit : 9 * unit + 8] = picture.reshape(8, 8)
    return sheet


def draw_shares(ax, shares, here):
    """Draw the share of digits read right by the number of hidden units."""
    for kind, colour, width, label in (
        ("solved", "C0", 1, "as drawn, least squares"),
        ("fixed", "C3", 2, "as drawn"),
        ("learned", "C1", 2, "learned"),
    ):
        ax.plot(WIDTHS, shares[kind], color=colour, linestyle="-", linewidth=width, label=label)
        ax.plot(WIDTHS[here], shares[kind][here], "o", color=colour)
    ax.axhline(0.1, color="C4", linewidth=1, linestyle=":")
    ax.set_xscale("log", base=2)
    ax.set_xticks(WIDTHS, [str(width) for width in WIDTHS])
    ax.set_ylim(0, 1.04)
    ax.set_yticks([0, 0.5, 1.0], ["0%", "50%", "100%"])
    ax.set_xlabel("hidden units")
    ax.set_ylabel("unseen digits read right")
    ax.legend(loc="center right")


def side_by_side(starts, widths):
    """Draw one network for each start and lay them side by side: one stack a layer."""
    nets = [layered.draw(np.random.default_rng(start), widths) for start in starts]
    return [np.stack(layer) for layer in zip(*nets, strict=True)]


@claim("eqs. 4–7", rtol=10)  # the size of a rounding error is not the same on every machine
def one_way_down_gives_every_slope():
    """The backward pass gives all 17 slopes of the mirror network, as nudging each weight does."""
    largest, steepest = 0.0, 0.0
    for start in range(5):
        weights = layered.draw(np.random.default_rng(start), (6, 2, 1), spread=1.0)
        slopes = layered.back_propagate(weights, layered.forward(weights, PATTERNS), DESIRED)
        runs = []
        for layer, handed in enumerate(slopes):
            nudged = by_nudging(weights, layer, PATTERNS, DESIRED, runs)
            largest = max(largest, float(np.abs(handed - nudged).max()))
            steepest = max(steepest, float(np.abs(nudged).max()))
        assert sum(g.size for g in slopes) == 17 and len(runs) == 34
    assert steepest > 1.0
    assert largest < 5e-7, f"A slope is off by {largest:.2g}; the steepest is {steepest:.2f}."
    return {"largest difference": largest}


@claim("symmetry task, text before Fig. 1", rtol=1e-6)
def one_layer_is_not_enough():
    """Symmetric patterns and all others have one centre, so no single unit can tell them apart."""
    centres = [PATTERNS[SYMMETRIC].mean(axis=0), PATTERNS[~SYMMETRIC].mean(axis=0)]
    assert (centres[0] == 0.5).all() and (centres[1] == 0.5).all(), f"The centres are {centres}."
    *_, last = layered.learn(side_by_side(range(1, 9), (6, 1)), PATTERNS, DESIRED, 400, 0.03)
    right = count_right(layered.forward(last, PATTERNS)[-1])
    assert SYMMETRIC.sum() == 8 and (right <= 57).all(), f"One gets {right.max()} right."
    return {"most right, of 64, without a hidden layer": int(right.max())}


@claim("Fig. 1", kind="reproduced small", rtol=1e-3)
def mirror_images_cancel():
    """Starts 1 to 8 learn all 64 patterns, and do it by weights that cancel with their images."""
    cancelled, yes, learned = (np.full(8, -1) for _ in range(3))
    steps = layered.learn(side_by_side(range(1, 9), (6, 2, 1)), PATTERNS, DESIRED, SWEEPS, 0.03)
    for t, now in enumerate(steps):
        if t % 5:
            continue
        y = layered.forward(now, PATTERNS)[-1]
        gap = mirror_error(now[0]).max(axis=-1)
        said = (y > 0.5).any(axis=(1, 2)) & (t > 100)
        for first, reached in (
            (cancelled, gap < 0.05),
            (yes, said),
            (learned, count_right(y) == 64),
        ):
            first[reached & (first < 0)] = t
    assert (learned > 0).all(), f"{(learned > 0).sum()} of 8 networks learn the 64 patterns."
    assert gap.max() < 0.001, f"Weights miss their mirror images by up to {gap.max():.1%}."
    own = now[0][:, :6]
    apart = np.abs(own.sum(axis=-1)).max(axis=-1) / np.abs(own).max(axis=(1, 2))
    assert apart.max() < 0.02, f"The two units fail to be opposite by {apart.max():.1%}."
    assert (now[0][:, 6] < 0).all() and (now[1][:, 2] > 0).all(), "A bias has the other sign."
    assert (cancelled < yes).all(), "A network says yes before its weights cancel."
    assert 725 < learned.min() < 745 and 980 < learned.max() < 1020
    return {
        "largest miss, share of the largest weight": float(gap.max()),
        "first to learn, sweep": int(learned.min()),
        "last to learn": int(learned.max()),
    }


@claim("Fig. 1, settings", kind="reproduced small")
def a_shorter_step_learns_sooner():
    """By sweep 1,425, with ε = 0.1, 25 of 100 starts have learned; with ε = 0.03, 97 have."""
    by = {e: NETS[f"{e}-first"] for e in ("0.1", "0.03")}
    in_time = {e: int(((f >= 0) & (f <= SWEEPS)).sum()) for e, f in by.items()}
    at_all = {e: int((f >= 0).sum()) for e, f in by.items()}
    assert in_time == {"0.1": 25, "0.03": 97} and at_all == {"0.1": 67, "0.03": 99}, in_time
    assert by["0.1"][by["0.1"] >= 0].min() == 323
    steps = layered.learn(side_by_side((1, 6), (6, 2, 1)), PATTERNS, DESIRED, 830)
    right = np.array([count_right(layered.forward(now, PATTERNS)[-1]) for now in steps])
    again = (right == 64).argmax(axis=0)
    assert np.abs(again - by["0.1"][[1, 6]]).max() <= 1, f"Trained here, they learn at {again}."
    y = layered.forward(kept_nets("0.1", 5000), PATTERNS)[-1]
    plateau = int((np.abs(layered.error(y, DESIRED) - 4.0) < 0.02).sum())
    assert plateau == 32, f"{plateau} networks stand on the plateau."
    return {
        "learned by 1,425 sweeps, ε = 0.1": in_time["0.1"],
        "ε = 0.03": in_time["0.03"],
        "after 5,000, ε = 0.1": at_all["0.1"],
        "ε = 0.03, after 5,000": at_all["0.03"],
        "still answering no to all, ε = 0.1": plateau,
    }


@claim("eq. 5", kind="reproduced small", rtol=1e-3)
def a_sure_unit_hardly_learns():
    """Start 2 says no to all after 30 sweeps, and hardly learns; two digits are never named."""
    steps = layered.learn(side_by_side((2,), (6, 2, 1)), PATTERNS, DESIRED, 30)
    steepest = []
    for now in steps:
        ys = layered.forward(now, PATTERNS)
        slopes = layered.back_propagate(now, ys, DESIRED)
        steepest.append(max(float(np.abs(g).max()) for g in slopes))
    most, fall = float(ys[-1].max()), steepest[0] / steepest[-1]
    assert most < 5e-6, f"An output is {most:.2g}."
    assert fall > 1e5, f"The steepest slope falls only {fall:,.0f}-fold."
    assert abs(layered.error(ys[-1], DESIRED)[0] - 4.0) < 1e-3
    digits = layered.forward(reader(64, "fixed", 4096), IMAGES)[-1]
    never = np.flatnonzero(np.bincount(digits.argmax(axis=-1), minlength=10) == 0)
    assert never.tolist() == [4, 7], f"Never named are {never.tolist()}."
    heard = float(digits[:, never].max())
    assert heard < 0.002 and digits.max(axis=0)[[0, 1, 2, 3, 5, 6, 8, 9]].min() > 0.5
    shares = [read_right(reader(width, "fixed", 4096)) for width in (32, 64)]
    assert [round(share, 2) for share in shares] == [0.86, 0.72], shares
    return {
        "largest output": most,
        "the steepest slope falls by a factor of": fall,
        "digits, largest output for 4 and 7": heard,
    }


@claim("closing remarks on local minima", kind="reproduced small")
def a_third_unit_opens_a_way_round():
    """With ε = 0.03, 99 of 100 starts learn with two hidden units, and all with three or four."""
    counts = {(row["hidden"], row["epsilon"]): row["learned"] for row in COUNTS}
    assert [counts[h, 0.03] for h in (2, 3, 4)] == [99, 100, 100], counts
    assert [counts[h, 0.1] for h in (2, 3, 4)] == [67, 45, 44], counts
    last = NETS["0.03-last"][35]
    weights = [last[:14].reshape(7, 2), last[14:].reshape(3, 1)]
    ys = layered.forward(weights, PATTERNS)
    slopes = layered.back_propagate(weights, ys, DESIRED)
    steepest = max(float(np.abs(g).max()) for g in slopes)
    assert count_right(ys[-1]) == 60 and (ys[-1][~SYMMETRIC] < 0.5).all()
    assert 0.0005 < steepest < 0.003, f"The stuck network's slope is {steepest:.4f}."
    pairs = weights[0][:3] * weights[0][5:2:-1]
    assert ((pairs < 0).sum(axis=0) == 2).all(), "It opposes other than two of its three pairs."
    return {"learned, 2 units": 99, "3 units": 100, "3 units, ε = 0.1": counts[3, 0.1]}


@claim("Fig. 1, caption; our proof")
def two_ratios_are_best():
    """No magnitudes keep unequal patterns further apart than 1:2:4 and 2:3:4 do."""
    c = 48
    a, b = np.meshgrid(np.arange(c + 1), np.arange(c + 1), indexing="ij")
    least = np.where(a <= b, margin(a, b, c), -1)
    best = np.argwhere(least == least.max())
    assert least.max() == c // 4, f"The widest margin is {least.max() / c:.3f} of the largest."
    assert best.tolist() == [[12, 24], [24, 36]], f"It is reached at {best.tolist()} of {c}."
    sums = [
        len({x * p + y * q + z * r for x, y, z in product((0, 1), repeat=3)})
        for p, q, r in ((1, 2, 4), (2, 3, 4), (1, 2, 3))
    ]
    assert sums == [8, 8, 7], f"Half a pattern can send {sums} different sums."
    return {"widest margin ÷ largest magnitude": least.max() / c}


@claim("our count", kind="reproduced small", rtol=1e-6)
def networks_end_at_one_of_the_two():
    """Of 99 networks that learned with ε = 0.03, 78 end at 1:2:4 and 21 at 2:3:4."""
    found = {}
    for epsilon in ("0.03", "0.1"):
        last = NETS[f"{epsilon}-last"]
        w, learned = last[:, :14].reshape(-1, 7, 2), NETS[f"{epsilon}-first"] >= 0
        assert mirror_error(w)[learned].max() < 0.002
        found[epsilon] = [int((mask & learned).sum()) for mask in near_peaks(w).values()]
    assert found == {"0.03": [78, 21], "0.1": [52, 14]}, f"They end elsewhere: {found}."
    return {"1:2:4, ε = 0.03": 78, "2:3:4": 21, "1:2:4, ε = 0.1": found["0.1"][0]}


@claim("abstract; our measurement", kind="reproduced small")
def eight_learned_beat_sixty_four_drawn():
    """By the same sweeps, 8 hidden units that learn read more digits than 64 left as drawn."""
    right = {(r["hidden"], r["fixed"], r["start"]): r["right"] / 500 for r in READINGS}
    eight = [right[8, 0, start] for start in range(3)]
    drawn = [right[64, 1, start] for start in range(3)]
    solved = [solve_last(64, start) for start in range(3)]
    assert min(eight) >= 0.95 and max(drawn) <= 0.91, f"{min(eight):.1%}, {max(drawn):.1%}."
    assert min(solved) >= 0.94 and max(solved) < 0.955, f"Least squares: {solved}."
    assert max(right[8, 1, start] for start in range(3)) < 0.65
    for kind, fixed in (("learned", 0), ("fixed", 1)):
        for width in WIDTHS:
            here = read_right(reader(width, kind, 4096))
            assert abs(here - right[width, fixed, 0]) < 0.009, f"{width}, {kind}: {here:.1%}."
    return {
        "8 learned, least of three": min(eight),
        "64 as drawn, best of three": max(drawn),
        "64 as drawn, least squares, best of three": max(solved),
    }


@breaks("one_way_down_gives_every_slope", replaces=layered.slope)
def no_curve(y):
    """Leave out y(1 − y), as if a unit answered every push alike."""
    return np.ones_like(y)


@breaks("one_way_down_gives_every_slope", replaces=layered.hand_down)
def blame_all_alike(to_x, w):
    """Hand the same share down every connection, whatever its weight."""
    return np.repeat(to_x.sum(axis=-1, keepdims=True), w.shape[-2] - 1, axis=-1)


@breaks("mirror_images_cancel", replaces=layered.draw)
def all_alike(generator, widths, spread=0.3):
    """Start all weights of a layer alike: two units that are blamed alike stay alike."""
    return [
        np.full((inputs + 1, outputs), generator.uniform(-spread, spread))
        for inputs, outputs in pairwise(widths)
    ]
