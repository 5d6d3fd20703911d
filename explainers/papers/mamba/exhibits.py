"""Exhibits of Mamba: a state that skips fillers, learned steps, a scan in rounds, memory."""

from typing import Annotated

import numpy as np
from workings import Choice, Slider, Text, asset, breaks, claim, exhibit, subplots

from kernels.scan import convolution, copying, gates, linear, selective

SIGNS = "abcdef."
SLOTS = 6  # numbers kept of every sign, and so letters that can be told apart
LETTER, IGNORE = 0.0, -30.0  # logits: a step of ln 2 halves what was kept; one of almost nothing

MODELS = {
    "selective": copying.widen(asset("selective-copying/selective.npz")),
    "fixed": copying.widen(asset("selective-copying/fixed.npz")),
}
RESULTS = asset("selective-copying/results.json")


def some(count, one, many=None):
    """Return a count with its noun, in words where there is none."""
    return f"{count or 'no'} {one if count == 1 else many or one + 's'}"


def scatter(text, fillers):
    """Put fillers into a text, one after another, each wherever chance says."""
    for u in np.random.default_rng(11).random(fillers):
        at = int(u * (len(text) + 1))
        text = f"{text[:at]}.{text[at:]}"
    return text


def choose(text, depends):
    """Return the step and the write of every token, both `(time,)`, by what may depend on it."""
    filler = np.array([sign == "." for sign in text])
    logit = np.where(filler & (depends == "step"), IGNORE, LETTER)
    write = np.where(filler & (depends == "write"), 0.0, 1.0)
    return selective.softplus(logit), write


def run(text, depends):
    """Scan a text: steps `(time,)` and states `(time, signs, SLOTS)`; each sign has a channel."""
    x = np.array([[float(sign == own) for own in SIGNS] for sign in text])
    delta, write = choose(text, depends)
    states = selective.selective_states(
        x[None],
        np.repeat(delta[None, :, None], len(SIGNS), axis=2),
        selective.real_start(len(SIGNS), SLOTS),
        np.repeat(write[None, :, None], SLOTS, axis=2),
        discretise=selective.hold,
    )
    return delta, states[0]


def read_back(state):
    """Read the sign in every slot from one state `(signs, SLOTS)`: scores `(signs, SLOTS)`.

    Slot j was written j steps of ln 2 ago; six decays tell six ages apart, by one fixed `C` a slot.
    """
    rates, ages = np.arange(1.0, SLOTS + 1.0), np.log(2.0) * np.arange(SLOTS)
    written = (-np.expm1(-rates * np.log(2.0)) / rates)[:, None] * np.exp(-rates[:, None] * ages)
    return np.round(state @ np.linalg.inv(written).T, 6) + 0.0


def spell(scores):
    """Return the sign in each slot, a dash where none stands out."""
    best = scores.argmax(axis=0)
    clear = scores.max(axis=0) > 0.5
    return "".join(SIGNS[b] if c else "–" for b, c in zip(best, clear, strict=True))


@exhibit(title="Scatter fillers among the letters, and read back what the state kept")
def skip(
    fillers: Annotated[int, Slider(0, 20, step=2, label="fillers scattered", play=True)] = 8,
    depends: Annotated[
        str,
        Choice(
            "step",
            "write",
            "nothing",
            label="depends on the token",
            labels=("step Δ", "write B", "nothing"),
        ),
    ] = "step",
    text: Annotated[
        str, Text(r"[a-f.]{1,8}", max_length=8, examples=("fadecab", "bead", "a.b.c.d."))
    ] = "decaf",
):
    """A layer with six numbers a sign runs over a text; its last state is then read back."""
    full = scatter(text, fillers)
    delta, states = run(full, depends)
    scores = read_back(states[-1])
    said, want = spell(scores), full.replace(".", "")[::-1][:SLOTS]
    right = sum(a == b for a, b in zip(said, want, strict=False))
    fig, axs = subplots(3, 1, figsize=(6, 5.8), height_ratios=(2, 4, 4))
    places = np.arange(len(full))
    letter = np.array([sign != "." for sign in full])
    axs[0].bar(places[letter], delta[letter], color="C1", label="letter")
    axs[0].bar(places[~letter], delta[~letter], color="C3", label="filler")
    for t in places[letter]:
        axs[0].text(float(t), 0.78, full[t], ha="center", color="C1", fontweight="bold")
    axs[0].set_xlim(-0.5, len(full) - 0.5)
    axs[0].set_ylim(0, 1.05)
    axs[0].set_yticks([0, 0.5])
    axs[0].set_ylabel("step Δ")
    axs[0].set_xticks([])
    axs[1].imshow(states[:, :, 0].T, cmap="Greys", vmin=0, vmax=0.6, aspect="auto")
    axs[1].set_yticks(range(len(SIGNS)), list(SIGNS))
    axs[1].set_xticks([])
    axs[1].set_ylabel("kept of")
    axs[1].set_xlabel("the state along the text: more ink, more kept")
    axs[2].imshow(np.clip(scores, 0, 1), cmap="Greys", vmin=0, vmax=1, aspect="auto")
    axs[2].set_yticks(range(len(SIGNS)), list(SIGNS))
    axs[2].set_ylabel("reads as")
    axs[2].set_xticks(range(SLOTS), ["newest", "2nd", "3rd", "4th", "5th", "6th"])
    named = {"step": "The step", "write": "Only the write", "nothing": "Nothing"}[depends]
    depend = f"{named} depends on the token"
    if not want:
        sentence = f"{depend}. There is no letter in this text to keep."
    else:
        sentence = (
            f"{depend}. After {some(len(want), 'letter')} and {some(full.count('.'), 'filler')} "
            f"the state reads back, newest first, “{said[: len(want)]}” for “{want}”: "
            f"{right} of {len(want)} right."
            if len(full.replace(".", "")) <= SLOTS
            else f"{depend}. After {len(full.replace('.', ''))} letters and "
            f"{some(full.count('.'), 'filler')} the state reads back, newest first, "
            f"“{said}” for “{want}”: {right} of {SLOTS} right, and older ones have no slot."
        )
    table = {"slot": np.arange(1, SLOTS + 1)} | {
        "filler" if sign == "." else sign: scores[row] for row, sign in enumerate(SIGNS)
    }
    return fig, sentence, table


def place_letters(word, zone):
    """Return tokens with the letters of a word at random among fillers, and the questions after."""
    tokens = np.zeros(zone + len(word), dtype=np.int64)
    places = np.sort(np.random.default_rng(zone).permutation(zone)[: len(word)])
    tokens[places] = ["abcdefgh".index(letter) + 1 for letter in word]
    tokens[zone:] = 9
    return tokens


def answer(model, word, zone):
    """Return what a model says, and the median step over its channels, first layer, by token."""
    scores, traces = copying.forward(MODELS[model], place_letters(word, zone)[None])
    said = scores[0, -len(word) :, 1:9].argmax(axis=-1)
    return "".join("abcdefgh"[i] for i in said), np.median(traces[0].delta[0], axis=-1)


@exhibit(title="Two trained models: press Play, and the text grows past what they learned on")
def learned(
    zone: Annotated[
        int, Slider(14, 112, step=14, label="length of the text", unit="tokens", play=True)
    ] = 56,
    word: Annotated[
        str, Text(r"[a-h]{4}", max_length=4, label="letters", examples=("bead", "cage", "fade"))
    ] = "head",
):
    """The steps that training found, token by token, and the letters copied right by length."""
    tokens = place_letters(word, zone)
    said, steps = zip(*(answer(model, word, zone) for model in MODELS), strict=True)
    letter, filler = (tokens > 0) & (tokens < 9), tokens == 0
    fig, axs = subplots(2, 1, figsize=(6, 5.2))
    places = np.arange(len(tokens))
    axs[0].scatter(places[filler], steps[0][filler], s=9, color="C3")
    axs[0].scatter(places[letter], steps[0][letter], s=30, color="C1")
    axs[0].plot(places, steps[1], color="C0", linewidth=1.5, linestyle=":")
    for t in places[letter]:
        axs[0].text(
            float(t),
            max(float(steps[0][t]), 0.2) * 2.9,
            "abcdefgh"[tokens[t] - 1],
            ha="center",
            color="C1",
            fontweight="bold",
        )
    axs[0].set_yscale("log")
    axs[0].set_ylim(1e-3, 3)
    axs[0].set_xlim(-1, len(tokens))
    axs[0].set_yticks([0.001, 0.01, 0.1, 1])
    axs[0].set_ylabel("median step Δ")
    axs[0].set_xlabel("token")
    axs[0].text(0.0, 0.009, "fillers, selective model", color="C2")
    axs[0].text(0.0, 0.26, "fixed model, every token", color="C0")
    lengths = [int(length) for length in RESULTS["fixed"]["accuracy"]]
    for model, colour in (("selective", "C1"), ("fixed", "C0")):
        shares = list(RESULTS[model]["accuracy"].values())
        axs[1].plot(lengths, shares, "o-", color=colour, linewidth=2)
        axs[1].text(88.0, shares[5] + 0.06 - 0.2 * (model == "selective"), model, color=colour)
    axs[1].axhline(1 / 8, color="C3", linewidth=1, linestyle="--")
    axs[1].axvline(28, color="C3", linewidth=1)
    axs[1].axvline(zone, color="C1", linewidth=1, linestyle=":")
    axs[1].set_ylim(0, 1.05)
    axs[1].set_xlabel("length of the text (trained on 28; dashed: guessing)")
    axs[1].set_ylabel("letters right")
    axs[1].set_xticks([28, 56, 84, 112])
    right = {model: RESULTS[model]["accuracy"][str(nearest(zone, lengths))] for model in MODELS}
    sentence = (
        f"For “{word}” in a text of {zone} tokens the selective model says “{said[0]}”, the fixed "
        f"one “{said[1]}”. The selective one’s median step is {np.median(steps[0][letter]):.2f} at "
        f"letters and {np.median(steps[0][filler]):.3f} at fillers. Of 1,000 texts of "
        f"{nearest(zone, lengths)} tokens, {right['selective']:.0%} and {right['fixed']:.0%} of "
        "the letters come out right."
    )
    return (
        fig,
        sentence,
        {
            "length": lengths,
            "selective": list(RESULTS["selective"]["accuracy"].values()),
            "fixed": list(RESULTS["fixed"]["accuracy"].values()),
        },
    )


def nearest(zone, lengths):
    """Return the length that was judged and lies nearest."""
    return min(lengths, key=lambda length: abs(length - zone))


def gated_maps(length, seed=4):
    """Draw gates and inputs of Theorem 1: the factors `1 - g` and the terms `g x`, `(length,)`."""
    generator = np.random.default_rng(seed)
    gate = gates.sigmoid(1.5 * generator.standard_normal(length) - 3.2)
    x = np.cumsum(generator.standard_normal(length))
    return 1.0 - gate, gate * x


@exhibit(title="Press Play: the whole recurrence in a handful of rounds")
def rounds(
    done: Annotated[int, Slider(0, 6, label="rounds done", play=True)] = 3,
    length: Annotated[int, Choice(16, 32, 64, label="tokens")] = 32,
):
    """A scan in which every state joins with one ever further back, and what each has gathered."""
    a, b = gated_maps(length)
    truth = linear.sequential(a, b)
    every = linear.hillis_steele_rounds(a, b)
    reached = min(done, len(every) - 1)
    now = linear.from_start(every[reached], 0.0)
    wide = np.repeat(a[:, None], length, axis=1)
    gathered = linear.hillis_steele_rounds(wide, np.eye(length))[reached][1]
    fig, axs = subplots(1, 2, figsize=(6, 3.3))
    axs[0].imshow(gathered**0.5, cmap="Greys", vmin=0, vmax=1)
    axs[0].set_xlabel("token gathered")
    axs[0].set_ylabel("state")
    axs[1].plot(truth, color="C3", linewidth=5, linestyle="-", label="loop")
    axs[1].plot(now, color="C1", linewidth=2, label="rounds")
    axs[1].set_xlabel("state")
    axs[1].legend()
    right = int((np.abs(now - truth) < 1e-10).sum())
    work = sum(length - 2**r for r in range(reached))
    sentence = (
        f"After {reached} of {len(every) - 1} rounds each state has joined its last "
        f"{2**reached} tokens, and {right} of {length} states equal the loop’s. That took "
        f"{some(work, 'joining', 'joinings')} in all, side by side within a round; the loop takes "
        f"{length} steps, one after another."
    )
    if reached == 0:
        sentence = (
            f"Before the first round each state knows its own token alone, and {right} of {length} "
            f"{'equals' if right == 1 else 'equal'} the loop’s. The loop will take {length} steps, "
            f"one after another; the rounds will be {len(every) - 1}."
        )
    return fig, sentence, {"state": np.arange(length), "loop": truth, "rounds": now}


WIDTH, LAYERS, STATES, EXPAND = 2560, 64, 16, 2  # the released mamba-2.8b


def mamba_arrays(width=WIDTH, layers=LAYERS, vocabulary=50280):
    """Return the shape of every parameter of a Mamba model, by name."""
    inner, rank = EXPAND * width, -(-width // 16)
    own = {
        "in": (width, 2 * inner),
        "convolution": (inner, 4),
        "convolution's bias": (inner,),
        "delta, B, C": (inner, rank + 2 * STATES),
        "delta": (rank, inner),
        "delta's bias": (inner,),
        "A": (inner, STATES),
        "D": (inner,),
        "out": (inner, width),
        "norm": (width,),
    }
    blocks = {f"{i}.{name}": shape for i in range(layers) for name, shape in own.items()}
    return {"embedding": (vocabulary, width), "norm": (width,)} | blocks


def state_bytes(tokens):
    """Return what Mamba keeps of a sequence: its states, whatever the length, two bytes each."""
    kept = np.empty((LAYERS, EXPAND * WIDTH, STATES), np.float16)
    return np.full(np.shape(tokens), float(kept.nbytes))


def cache_bytes(tokens, share=1.0):
    """Return the keys and values of a Transformer of that width and half the layers."""
    one = np.empty((LAYERS // 2, 2, WIDTH), np.float16)
    return share * one.nbytes * np.asarray(tokens, float)


@exhibit(title="What one reader costs: a state that stays, a cache that grows")
def memory(
    tokens: Annotated[int, Slider(32, 131072, scale="log2", label="tokens read", play=True)] = 2048,
    groups: Annotated[
        int,
        Choice(1, 4, 8, label="heads that share a key", labels=("1", "4", "8")),
    ] = 1,
):
    """Bytes that generation must keep of one sequence, and how many sequences 80 GB hold."""
    lengths = 2.0 ** np.arange(4, 18)
    fig, axs = subplots(1, 1, figsize=(6, 3.4))
    axs.plot(lengths, cache_bytes(lengths, 1 / groups) / 1e6, color="C0", label="cache")
    axs.plot(lengths, state_bytes(lengths) / 1e6, color="C1", linewidth=3, label="Mamba’s state")
    axs.axvline(tokens, color="C3", linewidth=1, linestyle=":")
    axs.set_xscale("log")
    axs.set_yscale("log")
    axs.set_xlabel("tokens read")
    axs.set_ylabel("megabytes a sequence")
    axs.legend()
    cache, state = float(cache_bytes(tokens, 1 / groups)), float(state_bytes(tokens))
    room = 80e9 - 2 * parameters()
    ratio, fit = cache / state, int(room // cache)
    compared = (
        "as much as"
        if ratio == 1
        else f"{ratio:,.0f} times as much as"
        if ratio > 1
        else f"{1 / ratio:.0f} times less than"
    )
    sentence = (
        f"At {tokens:,} tokens the cache takes {cache / 1e6:,.1f} MB a sequence, {compared} "
        f"the state’s {state / 1e6:.1f} MB. Beside the weights, 80 GB hold "
        f"{fit:,} such {'cache' if fit == 1 else 'caches'} or {int(room // state):,} such states."
    )
    return (
        fig,
        sentence,
        {
            "tokens": lengths,
            "cache, MB": cache_bytes(lengths, 1 / groups) / 1e6,
            "state, MB": state_bytes(lengths) / 1e6,
        },
    )


def parameters():
    """Return how many numbers the model of 2.8 billion has: a sum over the shapes of its arrays."""
    return sum(int(np.prod(shape)) for shape in mamba_arrays().values())


def drawn_layer(time=48, d=6, n=8, seed=0):
    """Draw a selective layer's inputs and what it reads from them: `x`, a `Selection`, `A`."""
    generator = np.random.default_rng(seed)
    x = generator.standard_normal((1, time, d))
    weights = [generator.standard_normal(s) / s[0] ** 0.5 for s in ((d, n), (d, n), (d, 2), (2, d))]
    chosen = selective.select(x, *weights, generator.standard_normal(d) - 1.0)
    return x, chosen, selective.real_start(d, n)


@claim("§3.5.2, Variable Spacing; eq. 4")
def fillers_leave_the_state_alone():
    """With steps by token, 20 fillers leave the state as it was, to ten decimals."""
    alone, worst = run("decaf", "step")[1][-1], 0.0
    for fillers in range(2, 21, 2):
        worst = max(
            worst, float(np.abs(run(scatter("decaf", fillers), "step")[1][-1] - alone).max())
        )
    assert worst < 1e-10, f"The state changes by {worst:.2g}."
    fixed = run(scatter("decaf", 8), "nothing")[1][-1]
    moved = float(np.abs(fixed - alone).max())
    assert moved > 0.3, f"With fixed steps it changes by only {moved:.2g}."
    return {"change, fixed steps": moved}


@claim("§3.1, Figure 2")
def six_numbers_hold_six_letters_or_six_tokens():
    """The same six numbers a sign give back the last six letters, or the last six tokens."""
    text = scatter("fadecabe", 8)
    letters, tokens = text.replace(".", "")[::-1][:SLOTS], text[::-1][:SLOTS]
    assert letters != tokens and "." in tokens
    selected = spell(read_back(run(text, "step")[1][-1]))
    fixed = spell(read_back(run(text, "nothing")[1][-1]))
    assert selected[:5] == letters[:5], f"With chosen steps it reads “{selected}”."
    assert fixed[:5] == tokens[:5], f"With fixed steps it reads “{fixed}”."
    return {"slots": SLOTS}


@claim("eq. 4", rtol=10)
def the_hold_is_exact():
    """Eq. 4 gives the exact state after a step of held input; ΔB alone errs in proportion to Δ²."""
    A, B, x, start = np.array([[-1.0, -2.5]]), np.array([0.7, -0.4]), 1.3, np.array([0.2, 0.9])
    errors = {}
    for delta in (0.4, 0.2):
        h, small = start.copy(), delta / 2000
        for _ in range(2000):  # fourth-order Runge and Kutta on h' = A h + B x
            k1 = A[0] * h + B * x
            k2 = A[0] * (h + small / 2 * k1) + B * x
            k3 = A[0] * (h + small / 2 * k2) + B * x
            k4 = A[0] * (h + small * k3) + B * x
            h = h + small / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        for rule in (selective.hold, selective.simple):
            decay, gain = rule(np.array([delta]), A, B)
            errors[rule.__name__, delta] = np.abs(decay[0] * start + gain[0] * x - h).max()
    exact = max(errors[selective.hold.__name__, d] for d in (0.4, 0.2))
    assert exact < 1e-10, f"It is off by {exact:.2g}."
    ratio = errors["simple", 0.4] / errors["simple", 0.2]
    assert 3.4 < ratio < 4.6, f"Half the step makes the error {ratio:.1f} times smaller."
    return {"error of ΔB, half the step": ratio}


@claim("Theorem 1, eq. 5", rtol=10)
def one_number_and_a_softplus_are_a_gate():
    """With one state, A = −1 and B = 1 the layer is h = (1 − g) h + g x, with g a sigmoid."""
    generator = np.random.default_rng(1)
    x, logit = generator.standard_normal((2, 1, 60, 4))
    states = selective.selective_states(
        x, selective.softplus(logit), -np.ones((4, 1)), np.ones((1, 60, 1)), selective.hold
    )
    h, worst, g = np.zeros(4), 0.0, gates.sigmoid(logit[0])
    for t in range(60):
        h = (1.0 - g[t]) * h + g[t] * x[0, t]
        worst = max(worst, float(np.abs(states[0, t, :, 0] - h).max()))
    assert worst < 1e-12, f"They differ by {worst:.2g}."
    assert np.ptp(g) > 0.8, "The gates hardly differ."
    return {"largest difference": worst}


@claim("§3.3.2, Blelloch 1990", rtol=10)
def rounds_equal_the_loop():
    """Tree, rounds and chunks give the loop’s states to ten decimals; 48 tokens need six rounds."""
    x, chosen, A = drawn_layer()
    decay, gain = selective.hold(chosen.delta, A, chosen.B)
    a, b = decay[0], (gain * x[..., None])[0]
    assert np.ptp(a, axis=0).min() > 1e-3, "The factors don't depend on the token."
    truth = linear.sequential(a, b)
    found = [linear.blelloch(a, b), linear.hillis_steele(a, b), linear.chunked(a, b, 16)]
    worst = max(float(np.abs(one - truth).max()) for one in found)
    assert worst < 1e-10, f"They differ by {worst:.2g}."
    count = len(linear.hillis_steele_rounds(a, b)) - 1
    assert count == 6
    return {"largest difference": worst}


@claim("eq. 3; §3.2", rtol=10)
def frozen_it_is_a_convolution():
    """Hold Δ, B and C fixed and the layer is one convolution; let them vary and it isn’t linear."""
    x, chosen, A = drawn_layer()
    one = [np.broadcast_to(part[:, :1], part.shape) for part in chosen]
    frozen = selective.selective_scan(x, one[0], A, one[1], one[2], discretise=selective.hold)[0]
    worst = 0.0
    for channel in range(x.shape[2]):
        step = one[0][0, 0, channel]
        discrete = convolution.diagonal_hold(A[channel], one[1][0, 0], step)
        answer_ = convolution.diagonal_kernel(*discrete, one[2][0, 0], x.shape[1])
        y = convolution.causal_convolution(answer_, x[0, :, channel])
        worst = max(worst, float(np.abs(y - frozen[:, channel]).max()))
    assert worst < 1e-10, f"They differ by {worst:.2g}."

    def layer(x):
        generator = np.random.default_rng(2)
        weights = [generator.standard_normal(s) for s in ((6, 8), (6, 8), (6, 2), (2, 6))]
        return selective.selective_scan(x, *in_order(selective.select(x, *weights, -1.0), A))

    gap = float(np.abs(layer(2.0 * x) - 2.0 * layer(x)).max())
    assert gap > 0.1, "Twice the input gives twice the output."
    return {"largest difference, frozen": worst}


def in_order(chosen, A):
    """Return a `Selection` in the order in which `selective_scan` takes it."""
    return chosen.delta, A, chosen.B, chosen.C


@claim("our models; Table 1", kind="reproduced small", rtol=1e-6)
def selection_learns_to_copy():
    """Trained alike on 28 tokens, the selective model copies 99% of letters, the fixed one 83%."""
    shares = {model: RESULTS[model]["accuracy"] for model in MODELS}
    assert round(shares["selective"]["28"], 2) == 0.99 and round(shares["fixed"]["28"], 2) == 0.83
    assert round(shares["selective"]["14"], 2) == 0.98 and round(shares["fixed"]["14"], 2) == 0.60
    assert round(shares["selective"]["112"], 2) == 0.91 and round(shares["fixed"]["112"], 2) == 0.17
    tokens, right = copying.draw(np.random.default_rng(8), 100, 8, 4, 28)
    again = {model: copying.accuracy(MODELS[model], tokens, right) for model in MODELS}
    assert again["selective"] > 0.96 and 0.7 < again["fixed"] < 0.9, f"Here: {again}."
    return {
        f"{model}, {length}": shares[model][length]
        for model in MODELS
        for length in ("14", "28", "112")
    }


@claim("our models; §3.5.2", kind="reproduced small", rtol=1e-6)
def training_finds_short_steps_for_fillers():
    """The trained layer’s median step is over ten times longer at a letter than at a filler."""
    tokens, _ = copying.draw(np.random.default_rng(9), 50, 8, 4, 28)
    _, traces = copying.forward(MODELS["selective"], tokens)
    steps = np.median(traces[0].delta, axis=-1)
    letter, filler = np.median(steps[(tokens > 0) & (tokens < 9)]), np.median(steps[tokens == 0])
    assert letter > 10 * filler, f"The steps are {letter:.3f} and {filler:.3f}."
    by_channel = traces[0].delta
    longer = by_channel[tokens == 0].mean(0) > by_channel[(tokens > 0) & (tokens < 9)].mean(0)
    assert int(longer.sum()) == 8, f"{longer.sum()} channels step further at fillers."
    return {"letter": letter, "filler": filler, "channels the other way": int(longer.sum())}


@claim("§3.4; the model’s published shape")
def the_shapes_add_up_to_2_8_billion():
    """Summed over its arrays, the released model has 2.8 billion numbers, 91% in projections."""
    shapes = mamba_arrays()
    total = parameters()
    assert round(total / 1e9, 1) == 2.8, f"They are {total / 1e9:.2f} billion."
    projections = sum(
        int(np.prod(shape)) for name, shape in shapes.items() if name.endswith((".in", ".out"))
    )
    assert projections == LAYERS * 3 * EXPAND * WIDTH**2
    assert round(projections / total, 2) == 0.91, f"{projections / total:.3f}"
    return {"billions": total / 1e9, "share of projections": projections / total}


@claim("our count from §2 and §3.4")
def a_state_weighs_as_much_as_32_tokens():
    """Mamba’s states weigh what a cache of 32 tokens does; 2,048 tokens weigh 64 times as much."""
    assert float(state_bytes(0)) == float(cache_bytes(32))
    ratio = float(cache_bytes(2048)) / float(state_bytes(2048))
    assert ratio == 64
    assert round(float(state_bytes(1)) / 1e6, 1) == 10.5
    return {
        "megabytes": float(state_bytes(1)) / 1e6,
        "cache at 2,048, MB": float(cache_bytes(2048)) / 1e6,
    }


@claim("Tables 1 and 7; §4.5", kind="quoted")
def selection_is_what_pays():
    """As reported: copying 18.3% without it, 97.0% with it; perplexity 10.93, then 8.71."""
    copied = {"S4": 18.3, "S6": 97.0, "Mamba with S4": 56.4, "Mamba": 99.8}
    perplexity = {"none": 10.93, "B": 10.15, "C": 9.98, "step": 9.81, "all": 8.71}
    assert copied["S6"] - copied["S4"] > copied["Mamba with S4"] - copied["S4"]
    assert min(perplexity, key=lambda one: perplexity[one]) == "all"
    assert min(["B", "C", "step"], key=lambda one: perplexity[one]) == "step"
    return {f"copying, {k}": v for k, v in copied.items()} | {
        f"perplexity, {k}": v for k, v in perplexity.items()
    }


@breaks("fillers_leave_the_state_alone", replaces=choose)
def fix_the_step(text, depends):
    """Fix the step: whatever the switch says, every token takes the same."""
    return np.full(len(text), np.log(2.0)), np.ones(len(text))


@breaks("the_hold_is_exact", replaces=selective.hold)
def write_without_the_step(delta, A, B):
    """Forget the step in B̄: what takes no time is written all the same."""
    decay = np.exp(delta[..., None] * A)
    return decay, np.broadcast_to(0.5 * B[..., None, :], decay.shape)


@breaks("rounds_equal_the_loop", replaces=linear.compose)
def join_the_wrong_way_round(first, then):
    """Join two stretches in the wrong order: the later one goes first."""
    (a, b), (c, d) = then, first
    return c * a, c * b + d
