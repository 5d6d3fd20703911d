"""Exhibits of DeepSeek-V3: seats, prices, a dial, one second of a GPU, small change."""

from dataclasses import replace
from typing import Annotated

import numpy as np
from workings import Choice, Slider, asset, breaks, claim, exhibit, figure, subplots

from kernels.attention.core import softmax
from kernels.cost import counts, devices, utilisation
from kernels.cost.models import DEEPSEEK_V3
from kernels.numerics import accumulation, floats
from kernels.routing import affinity, balance, dispatch, letters, price, topk

TRAINED = asset("bias-letters/runs.json")
WEIGHTS = asset("bias-letters/weights.npz")
ACT_FIVE = asset("switch-letters/act-five.txt")
ALPHABET, RUNS = TRAINED["alphabet"], TRAINED["runs"]
EXPERTS, TAKEN, READ = 8, 2, 512
EVEN = READ * TAKEN / EXPERTS  # seats of each expert, if all have the same
LINE = "out, out, brief candle!\nlife's but a walking"  # the first 44 letters read
SPEED, SLOPE, LEVEL = 0.006, 0.5, 20  # of bias and loss in the first exhibit, and steps enough


def shipped(kind):
    """Return a trained model's weights and bias in double precision."""
    start = f"{kind}-"
    found = {n[len(start) :]: w.astype(float) for n, w in WEIGHTS.items() if n.startswith(start)}
    return found, found.pop("bias")


def act_five(first=None, count=READ):
    """Return contexts and following letters of Act V, from `LINE` on unless told otherwise."""
    first = ACT_FIVE.index(LINE) if first is None else first
    ids = letters.as_ids(ACT_FIVE[first - letters.CONTEXT + 1 : first + count + 1], ALPHABET)
    return letters.windows(ids)


def evened_by_bias(x, router, steps, speed=SPEED):
    """Return the bias after so many steps on the same letters, and the router as it was."""
    if not steps:
        return np.zeros(EXPERTS), router
    biases, _ = balance.balance_by_bias([x @ router] * steps, TAKEN, speed)
    return biases[-1], router


def evened_by_loss(x, router, steps):
    """Return no bias, and the router after so many steps down the balance loss."""
    for _ in range(steps):
        pull = affinity.affinity_gradient(topk.sigmoid(x @ router), TAKEN)
        router = router - SLOPE * x.T @ pull
    return np.zeros(EXPERTS), router


EVENED = {"bias": evened_by_bias, "loss": evened_by_loss}


def fullest(experts):
    """Return the load of the fullest expert, in even shares."""
    return 1.0 + float(balance.violation(dispatch.loads(experts, EXPERTS)))


@exhibit(title="Even out eight experts: by moving the choice, or by moving the letters")
def seats(
    method: Annotated[str, Choice("bias", "loss", labels=("a bias", "a balance loss"))] = "bias",
    steps: Annotated[int, Slider(0, LEVEL, step=2, label="steps", play=True)] = LEVEL,
):
    """Affinities of 44 letters of Macbeth to eight trained experts, and who is chosen, evened."""
    model, nothing = shipped("free")
    contexts, following = act_five()
    x = letters.embed(model, contexts)
    layer = letters.layer_of(model)
    before = affinity.visit(x, layer, nothing, TAKEN)
    plain = affinity.surprise(model, nothing, contexts, following, TAKEN).mean()
    visits, harm = {}, {}
    for name, even_out in EVENED.items():
        bias, router = even_out(x, model["router"], steps)
        visits[name] = affinity.visit(x, layer._replace(router=router), bias, TAKEN)
        moved = model | {"router": router}
        harm[name] = affinity.surprise(moved, bias, contexts, following, TAKEN).mean() - plain
    now = visits[method]
    fig, axs = subplots(2, 2, figsize=(6, 5.4), width_ratios=(2.4, 1), height_ratios=(1, 1.7))
    old, new = (dispatch.loads(v.routed.experts, EXPERTS) / EVEN for v in (before, now))
    axs[0, 0].bar(range(EXPERTS), old, color="C5", width=0.9, label="left alone")
    axs[0, 0].bar(range(EXPERTS), new, color="C1", width=0.45, label="now")
    axs[0, 0].axhline(1, color="C0", linewidth=1)
    axs[0, 0].set_ylim(0, 1.35 * max(old.max(), new.max()))
    axs[0, 0].set_xticks([])
    axs[0, 0].set_ylabel("even shares")
    axs[0, 0].legend(ncols=2, loc="upper right")
    draw_lanes(axs[1, 0], before, now)
    draw_weights(axs[0, 1], before, now)
    colours = ["C1" if name == method else "C5" for name in harm]
    axs[1, 1].bar([0, 1], list(harm.values()), color=colours, width=0.6)
    axs[1, 1].axhline(0, color="C0", linewidth=1)
    axs[1, 1].set_xticks([0, 1], ["bias", "loss"])
    axs[1, 1].set_ylim(-0.02, max(0.24, 1.1 * max(harm.values())))
    axs[1, 1].set_title("harm, in nats")
    return fig, seats_sentence(method, steps, before, now, harm), {
        "expert": np.arange(EXPERTS),
        "left alone, even shares": old,
        "now": new,
        "mean affinity before": before.scores.mean(axis=0),
        "mean affinity now": now.scores.mean(axis=0),
    }  # fmt: skip


def draw_lanes(ax, before, now):
    """Draw each letter's affinity to each expert, eight lanes of letters in reading order."""
    shown = len(LINE)
    inside = 0.82 * (np.arange(shown) / (shown - 1) - 0.5)
    place = inside[:, None] + np.arange(EXPERTS)  # (letters, experts)
    was, own = (balance.dense(v.routed, EXPERTS)[:shown] > 0 for v in (before, now))
    height = now.scores[:shown]
    gone = np.abs(height - before.scores[:shown]) > 0.01
    if gone.any():
        tails = [before.scores[:shown][gone], height[gone], np.full(gone.sum(), np.nan)]
        across = np.repeat(place[gone], 3)
        ax.plot(across, np.stack(tails, axis=1).ravel(), color="C3", linewidth=1, linestyle="-")
    kinds = (
        (~was & ~own, "C4", 5, "not chosen"),
        (was & own, "C0", 18, "chosen"),
        (was & ~own, "C5", 18, "given up"),
        (~was & own, "C1", 18, "chosen instead"),
    )
    for mask, colour, size, label in kinds:
        ax.scatter(place[mask], height[mask], s=size, color=colour, label=label)
    ax.set_xlim(-0.55, EXPERTS - 0.45)
    ax.set_ylim(0, 1.04)
    ax.set_yticks([0, 0.5, 1])
    ax.set_xticks(range(EXPERTS))
    ax.set_xlabel("expert")
    ax.set_ylabel("affinity")
    ax.legend(ncols=2)


def draw_weights(ax, before, now):
    """Draw the gate's weights then and now, of letters whose two experts are the same two."""
    same = (np.sort(before.routed.experts) == np.sort(now.routed.experts)).all(axis=1)
    then, today = (balance.dense(v.routed, EXPERTS)[same] for v in (before, now))
    chosen = then > 0
    ax.plot([0, 1], [0, 1], color="C3", linewidth=1, linestyle="-")
    ax.scatter(then[chosen][::4], today[chosen][::4], s=6, color="C1")
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)
    ax.set_xticks([0, 1])
    ax.set_yticks([0, 1])
    ax.set_xlabel("before")
    ax.set_title("gate weights")


def seats_sentence(method, steps, before, now, harm):
    """Say how even the seats are, what has moved for it, and what it did to the next letter."""
    was, full = fullest(before.routed.experts), fullest(now.routed.experts)
    if not steps:
        return (
            f"Left alone, the fullest of eight experts has {was:.2f} even shares of 1,024 seats, "
            "two for each of 512 letters. Take a few steps."
        )
    how = "the bias" if method == "bias" else "the balance loss"
    changed = (np.sort(before.routed.experts) != np.sort(now.routed.experts)).any(axis=1)
    shift = float(np.abs(now.scores - before.scores).mean())
    weights = [balance.dense(v.routed, EXPERTS)[~changed] for v in (before, now)]
    apart = float(np.abs(weights[1] - weights[0]).max())
    if shift > 1e-12:
        moved = f"affinities have moved by {shift:.3f} on average"
    elif apart > 1e-12:
        moved = f"no affinity has moved, but weights have, by up to {apart:.2f}"
    else:
        moved = "no affinity has moved, and no weight of letters that kept both experts"
    more = f"{abs(harm[method]):.3f}"
    side = "more" if harm[method] > 0 else "less"
    verdict = f"{more} nats {side} surprising than before" if float(more) else "no more surprising"
    return (
        f"After {steps} steps of {how} the fullest expert has {full:.2f} even shares, from "
        f"{was:.2f}: {moved}; {changed.mean():.0%} of the letters change an expert, and the next "
        f"letter is {verdict}."
    )


@exhibit(title="Eight prices, called out until every expert has sold its share")
def prices(
    speed: Annotated[str, Choice("0.003", "0.01", "0.03", "0.1", label="speed γ")] = "0.003",
    steps: Annotated[int, Slider(0, 80, step=5, label="steps", play=True)] = 60,
):
    """The bias of every expert step by step, and what even loads cost in affinity."""
    model, _ = shipped("free")
    x = letters.embed(model, act_five()[0])
    logits = x @ model["router"]
    scores = topk.sigmoid(logits)
    biases, _ = balance.balance_by_bias([logits] * (steps + 1), TAKEN, float(speed))
    best = price.kept(scores, topk.top_k(scores, TAKEN))
    seen = range(0, steps + 1, 5)
    chosen = [topk.gate_biased(logits, biases[step], TAKEN).experts for step in seen]
    full = [fullest(experts) for experts in chosen]
    kept = [100 * price.kept(scores, experts) / best for experts in chosen]
    load = dispatch.loads(chosen[-1], EXPERTS)
    room, served = queue(scores, int(load.max()))
    queued = 100 * price.kept(scores, served) / best
    most = 100 * price.ceiling(scores, biases[steps], TAKEN, load) / best
    fig, axs = subplots(1, 2, figsize=(6, 3.5))
    called = -biases[: steps + 1]  # (steps + 1, experts)
    dearest = int(called[-1].argmax())
    for expert in range(EXPERTS):
        colour = "C1" if expert == dearest else "C0"
        axs[0].plot(range(steps + 1), called[:, expert], color=colour, linewidth=1.5, linestyle="-")
    heights = spread(called[-1], 0.075 * max(0.2, float(np.ptp(called))))
    for expert, height in enumerate(heights):
        axs[0].text(steps + 1.5, height, str(expert), va="center")
    axs[0].axhline(0, color="C0", linewidth=1)
    axs[0].set_xlim(0, 88)
    axs[0].set_xticks([0, 40, 80])
    axs[0].set_xlabel("step")
    axs[0].set_ylabel("price, −b")
    axs[1].plot(full, kept, "o", color="C1", linestyle="-", label="by price")
    axs[1].plot([fullest(served)], [queued], "o", color="C3", label="first come")
    axs[1].set_xlim(0.95, max(1.9, 1.05 * max(full)))
    axs[1].set_ylim(min(84.0, 0.99 * min(*kept, queued)), 101)
    axs[1].set_xlabel("fullest, even shares")
    axs[1].set_ylabel("affinity kept, %")
    axs[1].legend(loc="lower right")
    return fig, prices_sentence(steps, speed, full[-1], kept[-1], most, queued, room), {
        "expert": np.arange(EXPERTS),
        "seats taken": load,
        "price": -biases[steps],
    }  # fmt: skip


def queue(scores, room):
    """Let letters choose in turn, with `room` seats an expert or the least more that suffices."""
    while True:
        try:
            return room, price.first_come(scores, TAKEN, room)
        except ValueError:
            room += 1


def spread(values, least):
    """Move values apart, as little as will do, until neighbours are `least` apart: for labels."""
    order = np.argsort(np.round(values, 9), kind="stable")
    moved = np.array(values, dtype=float)
    for place in range(1, len(order)):
        moved[order[place]] = max(moved[order[place]], moved[order[place - 1]] + least)
    return moved - (moved - values).mean()


def prices_sentence(steps, speed, full, kept, most, queued, room):
    """Say what the loads cost, and whether they could have been had for less."""
    if not steps:
        return (
            f"Before the first step all experts are free, and the fullest has {full:.2f} even "
            "shares; each letter takes the two that it likes best."
        )
    cheap = (
        "no assignment with these loads keeps more"
        if most - kept < 1e-6
        else f"the certificate would allow up to {min(most, 100.0):.1f}%"
    )
    return (
        f"After {steps} steps at γ = {speed} the fullest expert has {full:.2f} even shares, and "
        f"the letters keep {kept:.1f}% of the affinity that they could have had; {cheap}. First "
        f"come, first served, with {room} seats an expert, keeps {queued:.1f}%."
    )


# The three ways in which models were kept even: their name, their strength's, their colour.
WAYS = {
    "bias": ("a bias", "γ", "C1"),
    "batch": ("a loss on each batch", "α", "C0"),
    "text": ("a loss on each text", "α", "C3"),
}


def trained(kind, strength):
    """Return what the job noted of all runs of one kind, one array over seeds for each number."""
    rows = [r for r in RUNS if r["kind"] == kind and r["strength"] == strength]
    return {n: np.array([r[n] for r in rows]) for n in ("surprise", "lasting", "batch", "piece")}


def strengths(kind):
    """Return the strengths at which models of one kind were trained, from the least."""
    return sorted({r["strength"] for r in RUNS if r["kind"] == kind})


@exhibit(title="Turn the dial a thousandfold: one way keeps its promise, one bargains")
def dial(
    way: Annotated[
        str, Choice(*WAYS, labels=("a bias", "a loss on batches", "a loss on texts"))
    ] = "bias",
    turns: Annotated[int, Slider(0, 3, label="strength, tenfold each", play=True)] = 1,
):
    """Five trained models for each point: how uneven they stay, and how surprised they are."""
    alone = trained("free", 0.0)
    fig, axs = subplots(1, 2, figsize=(6, 3.6))
    for kind, (name, _, colour) in WAYS.items():
        found = [trained(kind, strength) for strength in strengths(kind)]
        uneven = [100 * float(run["lasting"].mean()) for run in found]
        more = [run["surprise"] - alone["surprise"] for run in found]
        axs[0].plot(range(4), uneven, "o", color=colour, linestyle="-", label=name)
        axs[1].plot(range(4), [m.mean() for m in more], "o", color=colour, linestyle="-")
        if kind == way:
            axs[0].plot([turns], [uneven[turns]], "o", color=colour, markersize=12)
            axs[1].plot([turns], [more[turns].mean()], "o", color=colour, markersize=12)
            axs[1].plot([turns] * 5, more[turns], "o", color=colour, markersize=3)
    for ax in axs:
        ax.set_xlim(-0.3, 3.3)
        ax.set_xticks(range(4), ["×1", "×10", "×100", "×1000"])
        ax.axhline(0, color="C4", linewidth=1)
    axs[0].set_ylim(-4, 100)
    axs[0].set_ylabel("fullest, % above even")
    axs[0].legend()
    axs[1].set_ylabel("added surprise, nats")
    strength = strengths(way)[turns]
    run = trained(way, strength)
    return fig, dial_sentence(way, strength, run, alone), {
        "way": [WAYS[kind][0] for kind in WAYS for _ in range(4)],
        "strength": [strength for kind in WAYS for strength in strengths(kind)],
        "fullest, % above even": [
            100 * trained(k, s)["lasting"].mean() for k in WAYS for s in strengths(k)
        ],
        "nats a letter": [trained(k, s)["surprise"].mean() for k in WAYS for s in strengths(k)],
    }  # fmt: skip


def dial_sentence(way, strength, run, alone):
    """Say how even five models stayed, and what they lost or gained by it."""
    name, letter, _ = WAYS[way]
    less = run["surprise"] - alone["surprise"]
    apart = f"{abs(less.mean()):.3f}"
    side = "more" if less.mean() > 0 else "less"
    verdict = f"{apart} nats {side} surprised than" if float(apart) else "just as surprised as"
    return (
        f"With {name} at {letter} = {strength:g} the fullest expert has, over the last hundred "
        f"batches, {run['lasting'].mean():.1%} more than an even share, where routers left alone "
        f"have {alone['lasting'].mean():.0%}. At Act V, on average over five seeds, the models are "
        f"{verdict} those."
    )


# Table 1 and §4.2: tokens of pre-training, and hours of one GPU. The H800's matrix units are taken
# to be the H100's: 385 TFLOP/s are 38.94% of the BF16 peak in Zhao et al. 2025, Table 4.
TOKENS, PRE_TRAINING, ALL_STAGES, LENGTH = 14.8e12, 2.664e6, 2.788e6, 4096
TOKENS_A_SECOND = TOKENS / PRE_TRAINING / 3600
CHIP = devices.H100


def with_active(active):
    """Return the published model with another number of experts for each token."""
    return replace(DEEPSEEK_V3, experts=replace(DEEPSEEK_V3.experts, active=active))


def training_work(model):
    """Return a token's training FLOPs by part, and whether the report has the part in FP8 (§3.3.1).

    Six for each parameter that a token is multiplied with; scores see half of a text on average.
    """
    part = counts.parameters(model, active=True)
    scores = 3.0 * counts.attention_flops(model, counts.mean_keys(model, LENGTH))
    return {
        "experts": (6.0 * part["experts"], True),
        "attention’s matrices": (6.0 * part["attention"], True),
        "attention’s scores": (scores, False),
        "output and routers": (6.0 * (part["output"] + part["routers"]), False),
        "dense layers": (6.0 * part["feed-forward"], True),
    }


def peak_seconds(model, peak):
    """Return the seconds that each part of a token's training takes one GPU at its peak."""
    fast = CHIP.rate("fp8") if peak == "mixed" else CHIP.rate("bf16")
    return {
        name: flops / (fast if eight else CHIP.rate("bf16"))
        for name, (flops, eight) in training_work(model).items()
    }


@exhibit(title="One GPU, one second: how much of it must be arithmetic?")
def second(
    active: Annotated[int, Slider(1, 256, scale="log2", label="experts a token takes")] = 8,
    peak: Annotated[
        str,
        Choice("bf16", "mixed", labels=("all in BF16", "FP8 where it was used"), label="peak"),
    ] = "bf16",
):
    """A second of one GPU of the run: arithmetic at the datasheet's peak, and all the rest."""
    model = with_active(active)
    times = {name: TOKENS_A_SECOND * t for name, t in peak_seconds(model, peak).items()}
    busy = sum(times.values())
    fig, ax = figure(figsize=(6, 2.6))
    left = 0.0
    colours = ("C1", "C0", "C3", "C2", "C4")
    for (name, time), colour in zip(times.items(), colours, strict=True):
        ax.barh([0], [time], left=[left], color=colour, height=0.6, label=name)
        left += time
    if busy < 1:
        ax.barh([0], [1 - busy], left=[busy], color="C5", height=0.6, label="all the rest")
    ax.plot([1, 1], [-0.45, 0.45], color="C0", linewidth=1, linestyle="-")
    ax.set_yticks([])
    ax.set_ylim(0.6, -0.6)
    ax.set_xlim(0, max(1.05, 1.05 * busy))
    ax.set_xlabel("seconds")
    ax.legend(ncols=2)
    parts = times | ({"all the rest": 1 - busy} if busy < 1 else {})
    return fig, second_sentence(model, busy, active, peak), {
        "part": list(parts),
        "seconds": list(parts.values()),
    }  # fmt: skip


def second_sentence(model, busy, active, peak):
    """Say how many tokens a second brings, what they ask for, and what share of the peak it is."""
    work = sum(flops for flops, _ in training_work(model).values())
    whose = "FP8 where the report used it, BF16 elsewhere" if peak == "mixed" else "BF16 throughout"
    start = (
        f"1,543 tokens a second, each {work / 1e9:,.0f} billion operations, with {active} of 256 "
        f"experts: at the datasheet’s peak, {whose}, that is {busy:.2f} seconds’ work"
    )
    if active == DEEPSEEK_V3.experts.active:
        return (
            f"{start}. The other {1 - busy:.2f} are slower arithmetic, messages, memory and "
            "waiting, which this sum can’t tell apart."
        )
    if busy < 1:
        return f"{start}. At the run’s pace {1 - busy:.2f} would be left for all the rest."
    return f"{start}. The run’s pace couldn’t be kept."


@exhibit(title="A sum that loses its small change")
def change(
    bits: Annotated[int, Slider(10, 22, step=4, label="bits kept")] = 14,
    promote: Annotated[
        int, Slider(128, 2048, scale="log2", label="moved to FP32 every", unit="products")
    ] = 128,
    numbers: Annotated[
        str, Choice("positive", "both", labels=("0 to 1", "of both signs"), label="factors")
    ] = "positive",
):
    """How far sixteen sums of products run off, with few bits, and with a wider sum beside them."""
    a, b = factors(numbers)
    ends = np.arange(256, 4097, 256)
    fig, ax = figure(figsize=(6, 3.3))
    whole = np.abs(a @ b).ravel()
    off = {}
    for often, colour in ((None, "C0"), (promote, "C1")):
        errors = [
            accumulation.matmul(a[:, :end], b[:end], bits, promote=often) - a[:, :end] @ b[:end]
            for end in ends
        ]
        off[often] = 100 * np.abs(errors).reshape(len(ends), -1) / whole  # (ends, sums)
        for one in off[often].T:
            ax.plot(ends, one, color=colour, linewidth=1, linestyle="-")
    most = float(off[None].max())
    ax.set_xlim(256, 4096)
    ax.set_xticks([1024, 2048, 3072, 4096])
    ax.set_ylim(0, 1.2 * most)
    ax.text(300, 1.08 * most, "never moved", color="C0", va="center")
    ax.text(2200, 1.08 * most, f"moved every {promote}", color="C1", va="center")
    ax.set_xlabel("products so far")
    ax.set_ylabel("off by, % of the whole")
    return fig, change_sentence(off[None][-1], off[promote][-1], bits, promote), {
        "products": ends,
        "never moved, largest %": off[None].max(axis=1),
        "moved, largest %": off[promote].max(axis=1),
    }  # fmt: skip


def factors(numbers, seed=0):
    """Draw two FP8 matrices, whose product is sixteen sums: `(4, 4096)` and `(4096, 4)`."""
    rng = np.random.default_rng(seed)
    draw = rng.random if numbers == "positive" else rng.standard_normal
    return tuple(floats.nearest(draw(shape), floats.E4M3) for shape in ((4, 4096), (4096, 4)))


def percent(value):
    """Write a percentage to two digits that count, without an exponent."""
    return np.format_float_positional(value, precision=2, fractional=False, trim="-") + "%"


def change_sentence(never, moved, bits, promote):
    """Say how far the sums are off at their end."""
    return (
        f"Kept to {bits} bits all the way, sixteen sums of 4,096 products end up to "
        f"{percent(never.max())} off, the middle one {percent(np.median(never))}; moved to a wide "
        f"sum every {promote:,} products, up to {percent(moved.max())}, the middle one "
        f"{percent(np.median(moved))}."
    )


def read_here():
    """Return the model left alone, the vectors of 512 letters, and the visits that they made."""
    model, nothing = shipped("free")
    x = letters.embed(model, act_five()[0])
    return model, x, affinity.visit(x, letters.layer_of(model), nothing, TAKEN)


@claim("§2.1.2, eqs. 13, 15 and 16")
def the_bias_moves_no_weight():
    """Evened by a bias, letters change experts, and weigh those they have by affinity alone."""
    model, x, before = read_here()
    bias, router = evened_by_bias(x, model["router"], LEVEL)
    now = affinity.visit(x, letters.layer_of(model), bias, TAKEN)
    own = np.take_along_axis(before.scores, now.routed.experts, axis=-1)
    wrong = float(np.abs(now.routed.weights - own / own.sum(axis=-1, keepdims=True)).max())
    changed = (np.sort(now.routed.experts) != np.sort(before.routed.experts)).any(axis=1).mean()
    assert wrong < 1e-12, f"Weights are up to {wrong:.3f} off the affinities' shares."
    full = [fullest(v.routed.experts) for v in (before, now)]
    assert [f"{f:.2f}" for f in full] == ["1.69", "1.05"], f"{full[0]:.3f} and {full[1]:.3f}."
    assert round(100 * changed) == 35, f"{changed:.1%} of the letters change an expert."
    _, router = evened_by_loss(x, model["router"], LEVEL)
    moved = float(np.abs(topk.sigmoid(x @ router) - before.scores).mean())
    assert round(moved, 2) == 0.04, f"The loss moves affinities by {moved:.4f} on average."
    return {"letters that change": float(changed), "weights off by": wrong,
            "the loss moves affinities by": moved}  # fmt: skip


@claim("§2.1.2; our construction", kind="reproduced small")
def both_even_and_one_harms_more():
    """Experts once trained, 20 steps of either level eighteen passages; the loss harms more."""
    model, nothing = shipped("free")
    full, harm = {n: [] for n in EVENED}, {n: [] for n in EVENED}
    for first in range(letters.CONTEXT, len(ACT_FIVE) - READ - 1, 2 * READ):
        contexts, following = act_five(first)
        x = letters.embed(model, contexts)
        plain = affinity.surprise(model, nothing, contexts, following, TAKEN).mean()
        for name, even_out in EVENED.items():
            bias, router = even_out(x, model["router"], LEVEL)
            moved = model | {"router": router}
            seen = affinity.visit(x, letters.layer_of(moved), bias, TAKEN)
            full[name].append(fullest(seen.routed.experts))
            now = affinity.surprise(moved, bias, contexts, following, TAKEN).mean()
            harm[name].append(float(now - plain))
    most = {name: max(values) for name, values in full.items()}
    assert max(most.values()) < 1.1, f"The fullest expert keeps {max(most.values()):.2f} shares."
    mean = {name: float(np.mean(values)) for name, values in harm.items()}
    assert [f"{mean[n]:.3f}" for n in ("bias", "loss")] == ["0.056", "0.079"], f"{mean}"
    worse = int((np.array(harm["loss"]) > harm["bias"]).sum())
    assert (worse, len(harm["bias"])) == (16, 18), f"{worse} of {len(harm['bias'])} passages."
    return {"the bias adds, nats": mean["bias"], "the loss": mean["loss"],
            "passages where the loss adds more": float(worse)}  # fmt: skip


@claim("eq. 16; our remark")
def no_even_choice_keeps_more():
    """What a bias chooses keeps the most affinity that any choice with the same loads can keep."""
    model, x, _ = read_here()
    logits = x @ model["router"]
    scores = topk.sigmoid(logits)
    best = price.kept(scores, topk.top_k(scores, TAKEN))
    biases, loads = balance.balance_by_bias([logits] * 300, TAKEN, 0.001)
    gaps = []
    for step in (0, 50, 150, 299):
        experts = topk.gate_biased(logits, biases[step], TAKEN).experts
        most = price.ceiling(scores, biases[step], TAKEN, loads[step])
        gaps.append(abs(most - price.kept(scores, experts)) / best)
    assert max(gaps) < 1e-12, f"With the same loads {max(gaps):.2%} more could be kept."
    kept = price.kept(scores, experts) / best
    even = np.full(EXPERTS, EVEN)
    certain = min(price.ceiling(scores, bias, TAKEN, even) for bias in biases) / best
    room, served = queue(scores, int(loads[-1].max()))
    queued = price.kept(scores, served) / best
    full = float(1 + balance.violation(loads[-1]))
    assert full < 1.04, f"The fullest expert has {full:.3f} even shares."
    assert (f"{certain:.1%}", f"{kept:.1%}") == ("97.8%", "97.7%"), f"{certain:.2%}, {kept:.2%}."
    assert round(100 * queued) == 90, f"First come, first served keeps {queued:.1%}."
    return {"kept": kept, "no even choice keeps more than": certain, "first come": queued,
            "fullest, even shares": full, "seats of each, first come": float(room)}  # fmt: skip


@claim("eq. 15")
def an_affinity_hears_one_expert():
    """Raise one expert's logit, and no other affinity changes; two experts can both be wanted."""
    model, x, before = read_here()
    raised = x @ model["router"]
    raised[:, 0] += 2.0
    after = topk.sigmoid(raised)
    others = float(np.abs(after - before.scores)[:, 1:].max())
    assert others < 1e-12, f"Other affinities move by up to {others:.2f}."
    assert (after[:, 0] > before.scores[:, 0]).all()
    most = float(before.scores.sum(axis=1).max())
    assert round(most, 1) == 5.1, f"A letter's affinities sum to {most:.2f} at most."
    return {"others move by": others, "largest sum of a letter": most}


@claim("§2.1.2 and §4.5.3; our models", kind="reproduced small")
def a_loss_bargains_and_a_bias_does_not():
    """Trained from nothing: a loss leaves the crowding that its strength allows; a bias, little."""
    alone = trained("free", 0.0)
    found = {(kind, s): trained(kind, s) for kind in WAYS for s in strengths(kind)}
    uneven = {key: float(run["lasting"].mean()) for key, run in found.items()}
    more = {k: float((run["surprise"] - alone["surprise"]).mean()) for k, run in found.items()}
    model, bias = shipped("bias")
    contexts, following = act_five(letters.CONTEXT - 1, len(ACT_FIVE) - letters.CONTEXT)
    again = affinity.surprise(model, bias, contexts, following, TAKEN).mean()
    first = next(r for r in RUNS if (r["kind"], r["strength"], r["seed"]) == ("bias", 0.001, 0))
    assert abs(again - first["surprise"]) < 1e-6, f"Read again here: {again:.4f} nats."
    written = {"bias": ["28.6", "1.0", "1.2", "5.5"], "batch": ["43.1", "14.8", "2.3", "1.3"]}
    got = {kind: [f"{100 * uneven[kind, s]:.1f}" for s in strengths(kind)] for kind in written}
    assert got == written, f"The fullest is above even by {got}%."
    assert round(100 * alone["lasting"].mean()) == 57
    assert max(abs(more["bias", s]) for s in (0.001, 0.01)) < 0.003, f"{more}"
    assert (round(more["batch", 1.0], 3), round(more["batch", 10.0], 3)) == (0.009, 0.024)
    unsure = [
        (found[key]["surprise"] - alone["surprise"]).std(ddof=1) / np.sqrt(5) for key in found
    ]
    assert min(unsure) > 0.002 and max(unsure) < 0.0065, f"Uncertain by {max(unsure):.4f}."
    assert round(more["text", 10.0], 3) == 0.042 and abs(more["batch", 0.1]) < 0.003
    return {"left alone": float(alone["lasting"].mean()),
            **{f"{k} {s:g}": value for (k, s), value in uneven.items()},
            **{f"{k} {s:g}, nats": value for (k, s), value in more.items()}}  # fmt: skip


@claim("§4.2; our count")
def counted_to_671_and_37():
    """Counted from the configuration: 671.0 billion parameters, 37.6 or 36.6 met by a token."""
    whole = counts.total(DEEPSEEK_V3) / 1e9
    met = counts.total(DEEPSEEK_V3, active=True) / 1e9
    table = DEEPSEEK_V3.vocabulary * DEEPSEEK_V3.d_model / 1e9
    assert abs(whole / 671 - 1) < 0.01 and f"{whole:.1f}" == "671.0", f"{whole:.2f} billion."
    assert abs((met - table) / 37 - 1) < 0.02 and abs(met / 37 - 1) < 0.02
    assert (round(met, 1), round(met - table, 1)) == (37.6, 36.6), f"{met:.2f} billion."
    one = counts.feed_forward_parameters(DEEPSEEK_V3, DEEPSEEK_V3.experts.d_ff)
    routed = DEEPSEEK_V3.expert_layers * DEEPSEEK_V3.experts.routed * one / 1e9
    assert round(100 * routed / whole) == 97, f"Routed experts are {routed / whole:.2%}."
    return {"all, billion": whole, "met, billion": met, "met, but for the table": met - table,
            "routed experts' share": routed / whole}  # fmt: skip


@claim("Table 1; §4.2; Zhao et al. 2025, Table 4")
def the_bill_agrees_with_the_meter():
    """The bill makes 1,543 tokens a second and GPU, for 1,542 reported: 39% of the BF16 peak."""
    second = TOKENS / (PRE_TRAINING * 3600)
    assert round(second) == 1543, f"{second:.1f} tokens a second."
    hour = TOKENS / PRE_TRAINING / 1e6
    assert round(hour, 2) == 5.56 and round(TOKENS / ALL_STAGES / 1e6, 2) == 5.31
    causal = sum(flops for flops, _ in training_work(DEEPSEEK_V3).values())
    share = utilisation.utilisation(second, causal, 1, CHIP.rate("bf16"))
    assert round(100 * share) == 39, f"{share:.1%} of the peak."
    scores = 3.0 * counts.attention_flops(DEEPSEEK_V3, counts.mean_keys(DEEPSEEK_V3, LENGTH))
    whole = causal - scores + 3.0 * counts.attention_flops(DEEPSEEK_V3, LENGTH)
    assert round(causal / 1e9) == 250, f"A token asks for {causal / 1e9:.1f} billion operations."
    ours, meter = np.array([causal, whole]) * second / 1e12, np.array([385.0, 432.0])
    assert np.abs(ours / meter - 1).max() < 0.01, f"{ours.round(1)} for {meter}."
    metered = 272.80e9 / 86_400 / 2048
    assert round(metered) == 1542, f"The meter has {metered:.1f} tokens a second."
    mixed = second * sum(peak_seconds(DEEPSEEK_V3, "mixed").values())
    assert round(mixed, 2) == 0.22, f"{mixed:.3f}."
    all_experts = second * sum(peak_seconds(with_active(256), "bf16").values())
    assert round(all_experts, 1) == 6.3, f"{all_experts:.2f} seconds."
    return {"tokens a second": second, "TFLOP/s": float(ours[0]), "all pairs": float(ours[1]),
            "of the BF16 peak": share, "of the formats' peaks": mixed,
            "seconds, if all experts worked": all_experts}  # fmt: skip


@claim("§3.3.2, “Increasing Accumulation Precision”; our model of it")
def fourteen_bits_lose_small_change():
    """Sums of 4,096 positive products fall short by up to 0.29%; by 0.011% if moved every 128."""
    worst, typical = {}, {}
    for numbers in ("positive", "both"):
        a, b = factors(numbers)
        for often in (None, 128):
            ran = accumulation.matmul(a, b, 14, promote=often)
            off = np.abs(ran - a @ b) / np.abs(a @ b)
            worst[numbers, often], typical[numbers, often] = float(off.max()), float(np.median(off))
    never, moved = worst["positive", None], worst["positive", 128]
    assert f"{never:.2%}" == "0.29%" and f"{moved:.3%}" == "0.011%", f"{never:.4%}, {moved:.4%}"
    helps = min(typical[kind, None] / typical[kind, 128] for kind in ("positive", "both"))
    assert helps > 20, f"Moving helps {helps:.1f} times."
    both = worst["both", None]
    assert f"{both:.1%}" == "3.5%", f"With both signs {both:.1%}."
    return {"never moved": never, "moved every 128": moved, "both signs": both,
            "a typical error shrinks by": helps}  # fmt: skip


@claim("§5.4.3", kind="quoted")
def a_second_token_at_eighty_five():
    """A second guess that is right 85% to 90% of the time makes 1.85 to 1.90 tokens a step."""
    tokens = [1 + right for right in (0.85, 0.90)]
    dearer = [t / 1.8 - 1 for t in tokens]
    assert [round(100 * more) for more in dearer] == [3, 6], f"{dearer}"
    return {"tokens a step, least": tokens[0], "most": tokens[1]}


@breaks("the_bias_moves_no_weight", replaces=topk.gate_biased)
def weigh_by_what_chose(logits, bias, k, groups=1, kept=1, factor=1.0):
    """Take the gate's weights from the biased scores that made the choice."""
    scores = topk.sigmoid(logits) + bias
    experts = topk.top_k(scores, k)
    weights = np.take_along_axis(scores, experts, axis=-1)
    return topk.Routed(experts, factor * topk.renormalise(weights))


@breaks("both_even_and_one_harms_more", replaces=balance.bias_step)
def leave_the_bias(bias, load, rate):
    """Never move the bias: the crowd stays where it is."""
    return bias


@breaks("no_even_choice_keeps_more", replaces=topk.gate_biased)
def bias_the_logits(logits, bias, k, groups=1, kept=1, factor=1.0):
    """Add the bias before the sigmoid, where it is worth more to the undecided."""
    scores = topk.sigmoid(logits)
    experts = topk.top_k(topk.sigmoid(logits + bias), k)
    weights = np.take_along_axis(scores, experts, axis=-1)
    return topk.Routed(experts, factor * topk.renormalise(weights))


@breaks("an_affinity_hears_one_expert", replaces=topk.sigmoid)
def softmax_for_sigmoid(x):
    """Let experts compete before they are chosen: a softmax where the sigmoid was."""
    return softmax(x)
