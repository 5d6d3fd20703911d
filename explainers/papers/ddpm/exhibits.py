"""Exhibits of DDPM: noise walked back into digits, a ring, what the loss weighs, bits received."""

from typing import Annotated

import numpy as np
from workings import Choice, Slider, Table, asset, breaks, claim, exhibit, subplots

from kernels.diffusion import (
    digits,
    distances,
    forward,
    mixtures,
    quality,
    samplers,
    schedules,
    weights,
)
from kernels.diffusion.samplers import ancestral_step

NETWORK = weights.widen(asset("digits-denoiser/weights.npz"))
JUDGE = weights.widen(asset("digits-classifier/weights.npz"))
DATA = asset("digits-data/digits.npz")

PAPER = schedules.linear(1000, 1e-4, 0.02)  # the share of signal left after each of 1,000 steps
HELD_OUT = weights.from_pixels(DATA["pixels"][DATA["held_out"]])  # digits the network never saw
GREY = 8.0  # grey levels of the data, 0 to 16, that one unit of -1 to 1 is worth
CHAIN = 50  # steps of the chain that a reader walks, spread over the paper's thousand
KINDS = ("posterior", "beta")


def network(x, alpha_bar):
    """Guess the noise in images `(n, 64)` with the trained network, told no digit."""
    return digits.denoise(NETWORK, x, alpha_bar)


def mosaic(*rows):
    """Lay rows of images `(n, 64)` out as one picture, with a blank pixel between them."""
    laid = []
    for row in rows:
        tiles = [np.pad(each.reshape(8, 8), 1, constant_values=-1.0)[:, 1:] for each in row]
        laid.append(np.concatenate([np.full((10, 1), -1.0), *tiles], axis=1)[1:])
    whole = np.concatenate([np.full((1, laid[0].shape[1]), -1.0), *laid])
    return np.round(GREY * whole.clip(-1.0, 1.0)) / GREY  # in the data's own 17 grey levels


def show(ax, picture, names):
    """Draw a mosaic without axes, and name its rows on the left."""
    ax.imshow(picture, cmap="Greys", vmin=-1.0, vmax=1.0)
    for row, name in enumerate(names):
        ax.text(-1.5, 4.5 + 9 * row, name, ha="right", va="center")
    ax.set_xlim(-12, picture.shape[1] - 0.5)
    ax.set_axis_off()


@exhibit(title="Walk static back into digits: the network's guess is there long before the picture")
def walk(
    done: Annotated[int, Slider(0, CHAIN, step=2, label="steps walked", play=True)] = 36,
    static: Annotated[
        int, Choice(1, 2, 3, labels=("first", "second", "third"), label="static to start from")
    ] = 1,
):
    """Five pictures on their way from noise to digits, the guess of each, and how they differ."""
    levels = schedules.respace(PAPER, CHAIN)
    generator = np.random.default_rng(static)
    path = samplers.ancestral(network, generator.normal(size=(5, 64)), levels, generator)
    left = CHAIN - done
    alpha_bars = levels[:0:-1]  # of the pictures on the way, all but the last
    on_way = path[:-1].reshape(-1, 64)
    each = np.repeat(alpha_bars, 5)
    guesses = forward.clean_from_noise(on_way, network(on_way, each), each[:, None])
    guesses = np.concatenate([guesses.reshape(CHAIN, 5, 64), path[-1:]])
    end = path[-1]
    off = {
        "picture": GREY * np.sqrt(((path - end) ** 2).mean(axis=(1, 2))),
        "guess": GREY * np.sqrt(((guesses - end) ** 2).mean(axis=(1, 2))),
    }
    fig, axs = subplots(2, 1, figsize=(6, 5.4), height_ratios=(5, 4))
    various = GREY * end.std(axis=0).mean() > 0.5
    seen = mosaic(path[done], guesses[done])
    show(axs[0], seen, ["picture", "guess"])
    walked = np.arange(CHAIN + 1)
    axs[1].plot(walked, off["picture"], color="C0", label="picture")
    axs[1].plot(walked, off["guess"], color="C1", linestyle="-", label="guess")
    axs[1].plot([done], off["picture"][[done]], "o", color="C0")
    axs[1].plot([done], off["guess"][[done]], "o", color="C1")
    axs[1].set_xlim(0, CHAIN)
    axs[1].set_ylim(0, 14)
    axs[1].set_xlabel("steps walked")
    axs[1].set_ylabel("grey levels from the end")
    axs[1].legend()
    table = {"steps walked": walked[::5], **{name: gone[::5] for name, gone in off.items()}}
    return fig, walk_sentence(done, left, levels, off, various), table


def walk_sentence(done, left, levels, off, various):
    """Say how far the pictures and the guesses still are from where the walk ends."""
    if not left:
        what = "five digits that nobody wrote" if various else "five times the same digit"
        return f"All {CHAIN} steps are walked, and the last picture is the last guess: {what}."
    noise = 1.0 - levels[left]
    share = "all but a trace of" if noise > 0.9995 else f"{noise:.1%} of"
    return (
        f"With {done} of {CHAIN} steps walked, noise is {share} the picture's variance. The "
        f"pictures are {off['picture'][done]:.1f} grey levels of 16 from where they will end; the "
        f"network's guess is {off['guess'][done]:.1f}."
    )


# Six dots on a circle; the one on the right has 40% of the data, the others share the rest.
RING = mixtures.round_mixture(mixtures.ring(6, 1.38).means, 0.2, [0.4] + [0.12] * 5)
ENDS = {"short": 0.002, "paper": 0.02}


def ring_levels(schedule, steps):
    """Return `steps + 1` levels of a schedule of a thousand steps."""
    whole = schedules.cosine() if schedule == "cosine" else schedules.linear(last=ENDS[schedule])
    return schedules.respace(whole, steps)


def ring_noise(x, alpha_bar):
    """Return the exact noise in points of the plane: what a perfect network would say."""
    return mixtures.noise(RING, x, alpha_bar)


def on_dots(points):
    """Return the shares of points on any dot and on the big one, and their spread about a dot.

    On a dot is what lies within three of its deviations.
    """
    off = np.linalg.norm(points[:, None] - RING.means, axis=2)
    near = off.min(axis=1)
    inside = near < 0.6
    spread = np.sqrt((near[inside] ** 2).mean() / 2) if inside.any() else 0.0
    return float(inside.mean()), float((off[:, 0] < 0.6).mean()), float(spread)


@exhibit(
    title="Give the chain fewer steps, or another variance, and watch the dots swell or shrink"
)
def ring(
    steps: Annotated[int, Slider(4, 128, scale="log2", label="steps in the chain")] = 16,
    variance: Annotated[
        str, Choice("beta", "posterior", labels=("β", "β̃"), label="variance of each step")
    ] = "beta",
    schedule: Annotated[
        str,
        Choice("paper", "cosine", "short", labels=("linear", "cosine", "stops short")),
    ] = "paper",
):
    """A ring of dots: where noising leaves it, and where the chain with exact noise ends."""
    levels = ring_levels(schedule, steps)
    generator = np.random.default_rng(5)
    data, _ = RING.draw(generator, 400)
    noisy = data
    for beta in schedules.betas(levels):
        noisy = forward.one_step(noisy, beta, generator.normal(size=noisy.shape))
    start = generator.normal(size=data.shape)
    end = samplers.ancestral(ring_noise, start, levels, generator, variance)[-1]
    fig, axs = subplots(1, 2, figsize=(6, 3.9))
    for ax, grey, black, names in (
        (axs[0], noisy, start, ("data, noised", "chain's start")),
        (axs[1], data, end, ("data", "chain's end")),
    ):
        ax.scatter(*np.round(grey[:130], 2).T, s=14, color="C3", label=names[0])
        ax.scatter(*np.round(black[:130], 2).T, s=6, color="C1", label=names[1])
        ax.set_xlim(-3.2, 3.2)
        ax.set_ylim(-3.2, 5.0)
        ax.set_aspect("equal")
        ax.set_xticks([-2, 0, 2])
        ax.set_yticks([-2, 0, 2])
        ax.legend(loc="upper center")
    (hit, big, spread), (true_hit, true_big, true_spread) = on_dots(end), on_dots(data)
    landed = (
        f"{hit:.0%} of the points are on a dot, {big:.0%} on the big one (of the data, "
        f"{true_hit:.0%} and {true_big:.0%}), spread {spread:.2f} about it (the data, "
        f"{true_spread:.2f})"
    )
    if hit == 0:
        landed = f"no point is on a dot, where {true_hit:.0%} of the data are"
    wide = np.sqrt(noisy.var(axis=0).mean())
    kept = np.corrcoef(data.ravel(), noisy.ravel())[0, 1] ** 2
    sentence = (
        f"Noised, the data spread {wide:.1f} in each direction (noise alone, 1.0), "
        f"{'hardly any' if kept < 0.01 else f'{kept:.0%}'} of it signal. {steps} steps back, "
        f"{landed}."
    )
    columns = ["", "mean square", "on a dot", "on the big one", "spread on a dot"]
    rows = [
        ["data", float((data**2).mean()), true_hit, true_big, true_spread],
        ["data, noised", float((noisy**2).mean()), *on_dots(noisy)],
        ["chain's end", float((end**2).mean()), hit, big, spread],
    ]
    return fig, sentence, Table(columns, rows)


STEPS = np.unique(np.geomspace(1, 1000, 28).round().astype(int))


def held_out_errors(images, steps=STEPS, seed=0):
    """Return the network's mean squared errors of the noise and of the image: two `(steps,)`."""
    generator = np.random.default_rng(seed)
    alpha_bar = np.repeat(PAPER[steps], len(images))[:, None]
    clean = np.tile(images, (len(steps), 1))
    noise = generator.normal(size=clean.shape)
    x = forward.noised(clean, alpha_bar, noise)
    found = network(x, alpha_bar[:, 0])
    guess = forward.clean_from_noise(x, found, alpha_bar)
    shape = (len(steps), -1)
    return (
        ((found - noise) ** 2).reshape(shape).mean(axis=1),
        ((guess - clean) ** 2).reshape(shape).mean(axis=1),
    )


def at_every_step(values):
    """Fill in values measured at `STEPS` between them, to steps 1 to 1,000."""
    return np.interp(np.log(np.arange(1, 1001)), np.log(STEPS), values)


def bound_weights(variance="posterior"):
    """Return eq. 12's weights for steps 2 to 1,000 of the paper's schedule: `(999,)`, in nats."""
    alpha_bar, earlier = PAPER[2:], PAPER[1:-1]
    own = schedules.betas(PAPER)[1:]
    used = own if variance == "beta" else forward.posterior_variance(alpha_bar, earlier)
    return forward.bound_weight(alpha_bar, earlier, used)


@exhibit(title="Where two losses look: the bound at specks of noise, the simple one at the digit")
def losses(
    t: Annotated[int, Slider(2, 1000, scale="log", stops=16, label="noise step t")] = 20,
    variance: Annotated[
        str, Choice("posterior", "beta", labels=("β̃", "β"), label="variance in the bound")
    ] = "posterior",
):
    """How much of each loss comes from the steps up to t, and what those steps ask of a network."""
    error, _ = held_out_errors(HELD_OUT[:24])
    error = at_every_step(error)[1:]  # of steps 2 to 1,000
    parts = {"bound": bound_weights(variance) * error, "simple": error}
    shares = {name: np.cumsum(part) / part.sum() for name, part in parts.items()}
    steps = np.arange(2, 1001)
    some = np.searchsorted(steps, np.unique(np.geomspace(2, 1000, 40).round().astype(int)))
    fig, axs = subplots(1, 2, figsize=(6, 3.5), width_ratios=(6, 5))
    axs[0].plot(steps[some], 100 * shares["bound"][some], color="C1", linestyle="-", label="bound")
    axs[0].plot(steps[some], 100 * shares["simple"][some], color="C0", label="simple loss")
    for name, colour in (("bound", "C1"), ("simple", "C0")):
        axs[0].plot([t], [100 * shares[name][t - 2]], "o", color=colour)
    axs[0].set_xscale("log")
    axs[0].set_xlim(2, 1000)
    axs[0].set_ylim(0, 119)
    axs[0].set_yticks([0, 50, 100])
    axs[0].set_xlabel("noise step t")
    axs[0].set_ylabel("of the loss up to t, %")
    axs[0].legend(loc="upper left", ncols=2)
    clean = HELD_OUT[3:6]
    x = forward.noised(clean, PAPER[t], np.random.default_rng(1).normal(size=clean.shape))
    guess = forward.clean_from_noise(x, network(x, PAPER[t]), PAPER[t])
    show(axs[1], mosaic(clean, x, guess), ["digit", "noised", "guess"])
    bound, simple = (shares[name][t - 2] for name in ("bound", "simple"))
    sentence = (
        f"Noise at step {t} is {GREY * np.sqrt(1 - PAPER[t]):.1f} grey levels of 16. Steps up to "
        f"here make up {bound:.0%} of the variational bound and "
        f"{'under 1%' if simple < 0.005 else f'{simple:.0%}'} of the simple loss."
    )
    table = {
        "step": steps[some][::3],
        "share of the bound": shares["bound"][some][::3],
        "share of the simple loss": shares["simple"][some][::3],
    }
    return fig, sentence, table


def code(images):
    """Return bits a pixel received before each step of 1 to 1,000, and grey levels off by then.

    The rate is the sum of eq. 5's divergences from step 1,000 down, the distortion that of eq. 15.
    """
    error, off = held_out_errors(images)
    bits = bound_weights() * at_every_step(error)[1:] / np.log(2.0)
    received = np.concatenate([np.cumsum(bits[::-1])[::-1], [0.0]])  # knowing x_t, for t = 1 on
    return received, GREY * np.sqrt(at_every_step(off))


@exhibit(title="Receive a digit bit by bit: the eye is done long before the code is")
def coding(
    percent: Annotated[
        int, Slider(0, 100, step=5, label="code received, at least", unit="%", play=True)
    ] = 10,
    shift: Annotated[
        int, Choice(0, 4, 8, labels=("first", "second", "third"), label="digits sent")
    ] = 0,
):
    """The rate and distortion of held-out digits sent step by step, and the receiver's guess."""
    received, off = code(HELD_OUT[:24])
    t = int(np.flatnonzero(received >= 0.01 * percent * received[0]).max()) + 1  # so far down
    clean = HELD_OUT[shift : shift + 4]
    x = forward.noised(clean, PAPER[t], np.random.default_rng(2).normal(size=clean.shape))
    guess = forward.clean_from_noise(x, network(x, PAPER[t]), PAPER[t])
    fig, axs = subplots(1, 2, figsize=(6, 3.4), width_ratios=(5, 6))
    some = np.unique(np.geomspace(1, 1000, 40).round().astype(int)) - 1
    axs[0].plot(received[some], off[some], color="C0")
    axs[0].plot([received[t - 1]], [off[t - 1]], "o", color="C1")
    axs[0].axhline(0.5, color="C3", linewidth=1)
    axs[0].text(1.15 * received[0], 0.6, "half a level", color="C3", ha="right", va="bottom")
    axs[0].set_xlim(-0.1, 1.15 * received[0])
    axs[0].set_ylim(0, 5)
    axs[0].set_xlabel("bits a pixel received")
    axs[0].set_ylabel("grey levels off, of 16")
    show(axs[1], mosaic(clean, x, guess), ["sent", "noised", "guess"])
    sentence = (
        f"{received[t - 1] / received[0]:.0%} of the code, {received[t - 1]:.2f} bits a pixel, "
        f"brings the receiver down to step {t}, and its guess to within {off[t - 1]:.1f} grey "
        "levels of 16."
    )
    if t == 1000:
        sentence = (
            f"Only noise has come: the guess is a grey average, {off[-1]:.1f} levels of 16 off."
        )
    return fig, sentence, {
        "step": some[::3] + 1,
        "bits a pixel": received[some][::3],
        "grey levels off": off[some][::3],
    }  # fmt: skip


def exact_moments(mean, deviation, levels, variance="posterior"):
    """Return mean and deviation of where the chain ends, with exact noise for `N(mean, dev²)`.

    Every step is a straight line in the point and in the fresh noise, so that two points and one
    draw show all of it, and no sampling is needed.
    """
    law = mixtures.round_mixture([[mean]], deviation)
    centre, spread = 0.0, 1.0
    probes, fresh = np.array([[0.0], [1.0], [0.0]]), np.array([[0.0], [0.0], [1.0]])
    for earlier, alpha_bar in zip(levels[-2::-1], levels[:0:-1], strict=True):
        noise = mixtures.noise(law, probes, alpha_bar)
        draw = fresh if earlier < 1.0 else 0.0 * fresh
        found = samplers.ancestral_step(probes, noise, alpha_bar, earlier, draw, variance)
        at_0, at_1, stirred = found[:, 0]
        centre = at_0 + (at_1 - at_0) * centre
        spread = np.hypot((at_1 - at_0) * spread, stirred - at_0)
    return float(centre), float(spread)


@claim("eqs. 2 and 4; §4", rtol=10)  # the size of a rounding error differs between machines
def steps_equal_the_closed_form():
    """A thousand small noisings and one large one agree in mean and variance at every step."""
    mean, variance, largest = 1.0, 0.0, 0.0
    for t, beta in enumerate(schedules.betas(PAPER), start=1):
        mean = forward.one_step(mean, beta, 0.0)
        variance = forward.one_step(0.0, beta, 1.0) ** 2 + variance * (
            forward.one_step(1.0, beta, 0.0) ** 2
        )
        largest = max(
            largest,
            abs(mean - forward.noised(1.0, PAPER[t], 0.0)),
            abs(variance - forward.noised(0.0, PAPER[t], 1.0) ** 2),
        )
    assert mean < 0.01, f"After 1,000 steps {mean:.3f} of the picture is left."
    assert largest < 1e-12, f"They differ by up to {largest:.2g}."
    return {"largest difference": largest}


@claim("§4", rtol=1e-6)
def the_schedule_ends_in_noise():
    """β from 0.0001 to 0.02 leaves 0.00004 of the signal: 0.00002 bits a pixel on these digits."""
    betas = schedules.betas(PAPER)
    assert len(betas) == 1000 and np.isclose(betas[0], 1e-4) and np.isclose(betas[-1], 0.02)
    left = PAPER[-1]
    squares = (weights.from_pixels(DATA["pixels"]) ** 2).mean()
    nats = 0.5 * (left * squares + (1 - left) - 1 - np.log(1 - left))  # eq. 5's L_T
    bits = nats / np.log(2)
    assert round(left, 5) == 0.00004, f"{left:.2g} of the variance is left."
    assert round(bits, 5) == 0.00002, f"L_T is {bits:.2g} bits a pixel."
    return {"signal left": left, "L_T, bits a pixel": bits}


@claim("eqs. 7 and 11; Algorithm 2", rtol=10)
def the_mean_two_ways():
    """Bayes' mean, weighed by precisions, is the line of the paper's sampler to ten decimals."""
    generator = np.random.default_rng(0)
    x_0, noise = generator.normal(size=(2, 50, 1))
    largest = 0.0
    for t in range(2, 1001, 7):
        alpha_bar, earlier = PAPER[t], PAPER[t - 1]
        alpha = alpha_bar / earlier
        x = forward.noised(x_0, alpha_bar, noise)
        # What the clean picture says of the earlier point, and what the later one says.
        precisions = 1 / (1 - earlier), alpha / (1 - alpha)
        said = np.sqrt(earlier) * x_0, x / np.sqrt(alpha)
        by_bayes = (precisions[0] * said[0] + precisions[1] * said[1]) / sum(precisions)
        by_paper = (x - (1 - alpha) / np.sqrt(1 - alpha_bar) * noise) / np.sqrt(alpha)
        mean, variance = forward.posterior(x_0, x, alpha_bar, earlier)
        largest = max(
            largest,
            float(np.abs(by_bayes - by_paper).max()),
            float(np.abs(mean - by_paper).max()),
            abs(variance * sum(precisions) - 1),
        )
    assert largest < 1e-10, f"They differ by up to {largest:.2g}."
    return {"largest difference": largest}


@claim("Algorithm 2; §3.2")
def gaussian_data_come_back():
    """With exact noise, a thousand steps return N(0.5, 0.6²): mean to 0.001, deviation to 1%."""
    found = {}
    for variance in KINDS:
        centre, spread = exact_moments(0.5, 0.6, PAPER, variance)
        assert abs(centre - 0.5) < 1e-3, f"The mean comes out {centre:.3f}."
        assert abs(spread / 0.6 - 1) < 0.01, f"The deviation comes out {spread:.3f}, not 0.6."
        found[variance] = spread
    return {"deviation, β̃": found["posterior"], "deviation, β": found["beta"]}


@claim("§3.2", rtol=1e-6)
def two_variances_bracket_the_truth():
    """In 20 steps β̃ shrinks N(0.5, 0.6²) by 20% and β swells it by 2%; each is exact at its end.

    β is exact for N(0, 1), but for what the last step does not draw, and β̃ for a single point.
    """
    levels = schedules.respace(PAPER, 20)
    narrow, wide = (exact_moments(0.5, 0.6, levels, kind)[1] / 0.6 for kind in KINDS)
    assert narrow < 1 < wide, f"{narrow:.3f} and {wide:.3f} times the deviation."
    assert round(1 - narrow, 2) == 0.2 and round(wide - 1, 2) == 0.02
    _, unit = exact_moments(0.0, 1.0, levels, "beta")
    assert abs(unit**2 - levels[1]) < 1e-12, "β is not exact for N(0, 1)."
    centre, point = exact_moments(0.5, 1e-9, levels, "posterior")
    assert abs(centre - 0.5) < 1e-9 and point < 1e-9, "β̃ is not exact for a point."
    return {"β̃": narrow, "β": wide}


@claim("§4; our ring", kind="reproduced small", rtol=1e-3)
def a_short_schedule_forgets_proportions():
    """Stopping short leaves the big dot 35% of the points instead of 40%; the paper's end, 40%."""
    shares = {}
    for schedule in ("short", "paper"):
        generator = np.random.default_rng(0)
        start = generator.normal(size=(4000, 2))
        levels = ring_levels(schedule, 32)
        end = samplers.ancestral(ring_noise, start, levels, generator)[-1]
        on_any, shares[schedule], _ = on_dots(end)
        assert on_any > 0.95, f"{on_any:.0%} of the points are on a dot."
    assert RING.weights[0] == 0.4
    assert round(shares["short"], 2) == 0.35, f"The big dot gets {shares['short']:.1%}."
    assert abs(shares["paper"] - 0.4) < 0.02, f"The big dot gets {shares['paper']:.1%}."
    return shares


@claim("§3.4, eqs. 12 and 14", rtol=1e-4)
def the_bound_listens_to_specks():
    """Steps 2 to 10, specks of a third of a grey level, are 54% of the bound, 8% of the other."""
    error = at_every_step(held_out_errors(HELD_OUT[:100])[0])[1:]
    bound = bound_weights() * error
    shares = bound[:9].sum() / bound.sum(), error[:9].sum() / error.sum()
    specks = GREY * np.sqrt(1 - PAPER[10])
    assert round(specks, 2) == 0.35, f"Noise at step 10 is {specks:.2f} grey levels."
    assert round(shares[0], 2) == 0.54, f"They make up {shares[0]:.0%} of the bound."
    assert round(shares[1], 2) == 0.08, f"They make up {shares[1]:.0%} of the simple loss."
    return {"of the bound": shares[0], "of the simple loss": shares[1], "grey levels": specks}


@claim("§4.3, eq. 15; Figure 5", kind="reproduced small", rtol=1e-4)
def most_bits_buy_nothing_to_see():
    """A third of the code already puts the guess within half a grey level; all of it, 4.6 bits."""
    received, off = code(HELD_OUT[:100])
    at = int(np.flatnonzero(off < 0.5).max())  # the first time that this is so, on the way down
    share = received[at] / received[0]
    assert at + 1 == 19, f"The guess is within half a level from step {at + 1} down."
    assert round(share, 2) == 0.34, f"By then {share:.0%} of the code has come."
    assert round(received[0], 1) == 4.6, f"The code takes {received[0]:.1f} bits a pixel."
    assert round(np.log2(17), 1) == 4.1 and off.max() > 4
    return {"bits a pixel": received[0], "share by step 19": share, "plain bits": np.log2(17)}


@claim("§4.3; Table 1")
def the_papers_own_bits():
    """1.78 bits of rate and 1.97 of distortion make Table 1's 3.75; 53% of it can't be seen."""
    rate, distortion = 1.78, 1.97
    assert round(rate + distortion, 2) == 3.75
    unseen = distortion / (rate + distortion)
    assert round(unseen, 2) == 0.53
    return {"bits a dimension": rate + distortion, "imperceptible": unseen}


@claim("Table 4")
def the_last_tenth_of_the_walk_costs_most():
    """In Table 4 the last 100 of 1,000 steps take 93% of the bits, for 12.0 down to 0.95 of 255."""
    rate = {900: 0.11994, 1000: 1.77581}  # bits a dimension, by steps of the reverse process
    off = {900: 12.02277, 1000: 0.95136}  # root mean squared error on a scale of 0 to 255
    share = 1 - rate[900] / rate[1000]
    assert round(share, 2) == 0.93
    assert round(off[900], 1) == 12.0 and round(off[1000], 2) == 0.95
    return {"of the bits": share, "off before": off[900], "off after": off[1000]}


@claim("Tables 1 and 2", kind="quoted")
def a_lighter_loss_wins():
    """As reported: FID 3.17 with the simple loss, 13.51 with the bound; but 3.75 bits, not 3.70."""
    fid, bits = {"simple": 3.17, "bound": 13.51}, {"simple": 3.75, "bound": 3.70}
    assert fid["simple"] < fid["bound"] and bits["simple"] > bits["bound"]
    assert round(bits["simple"] - bits["bound"], 2) == 0.05
    return {
        f"{what}, {loss}": n
        for what, by in (("FID", fid), ("bits", bits))
        for loss, n in by.items()
    }


@claim("our network; §4.1", kind="reproduced small", rtol=1e-3)
def static_becomes_digits():
    """In the eyes of a classifier static is 3.2 from real digits, and what becomes of it 0.5."""
    levels = schedules.respace(PAPER, CHAIN)
    generator = np.random.default_rng(0)
    start = generator.normal(size=(250, 64))
    end = samplers.ancestral(network, start, levels, generator)[-1]
    seen, before, real = (
        quality.features_and_classes(JUDGE, each)[0] for each in (end, start, HELD_OUT)
    )
    static = distances.frechet(real[:250], before)
    drawn = distances.frechet(real[:250], seen)
    floor = distances.frechet(real[:250], real[250:])
    assert floor < drawn < 1, f"The drawn digits are {drawn:.2f} from real ones."
    assert (round(static, 1), round(drawn, 1), round(floor, 1)) == (3.2, 0.5, 0.3)
    return {"static": static, "drawn": drawn, "other real digits": floor}


@claim("our network", kind="reproduced small", rtol=1e-3)
def the_digits_are_not_copies():
    """A drawn digit is as far from the nearest training digit as a real new one, or further."""
    levels = schedules.respace(PAPER, CHAIN)
    generator = np.random.default_rng(0)
    drawn = samplers.ancestral(network, generator.normal(size=(100, 64)), levels, generator)[-1]
    training = weights.from_pixels(np.delete(DATA["pixels"], DATA["held_out"], axis=0))
    ours, real = (np.median(distances.nearest(each, training)) for each in (drawn, HELD_OUT))
    assert ours > real, f"A drawn digit is {ours:.2f} from the nearest, a real new one {real:.2f}."
    return {"drawn": ours, "real, held out": real}


@breaks("gaussian_data_come_back", replaces=ancestral_step)
def forget_the_noise(x, noise, alpha_bar, earlier, fresh, variance="posterior"):
    """Go to the mean at every step and put no fresh noise back."""
    return ancestral_step(x, noise, alpha_bar, earlier, 0.0 * fresh, variance)


@breaks("steps_equal_the_closed_form", replaces=forward.one_step)
def forget_to_shrink(x, beta, noise):
    """Add noise without shrinking the picture first: the variance grows with every step."""
    return x + np.sqrt(beta) * noise
