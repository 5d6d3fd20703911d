"""Exhibits of the course's overview: what depends on what, parameters by part, the bill."""

from dataclasses import replace
from typing import Annotated

import numpy as np
from workings import Choice, Slider, Table, breaks, claim, exhibit, figure

from kernels.attention import latent, rotary
from kernels.cost import counts, devices, steps
from kernels.cost.configuration import Latent
from kernels.cost.models import DEEPSEEK_V3, LLAMA_3_405B

BILLION, HOUR = 1e9, 3600.0
GPUS, NODES, BATCH, TOKENS = 2048, 8, 15_360, 14.8e12  # §3.1; §4.2: nodes that share out experts
EXPERT_GPUS, NODE_LIMIT = 64, 4  # §3.2 and §4.2
STAGES = {"pre-training": 2664e3, "longer context": 119e3, "post-training": 5e3}  # Table 1, hours
SERVING_GPUS, SERVED = 320, 8192  # §3.4.2; 256 tokens for each expert, if 8 of 256 are taken
RENT = 2.0  # dollars for an hour of one GPU, Table 1
CHIP = devices.H100  # no maker's sheet of the H800 is at hand: its arithmetic and memory are these

PUBLISHED = {
    "latent": 512,
    "experts": 256,
    "active": 8,
    "precision": "fp8",
    "pipeline": 16,
    "context": 4096,
}
STOPS = {
    "latent": (128, 256, 512, 1024, 2048),
    "experts": (64, 128, 256, 512, 1024),
    "active": (1, 2, 4, 8, 16, 32),
    "precision": ("fp8", "bf16"),
    "pipeline": (2, 4, 8, 16, 32),
    "context": (4096, 8192, 16_384, 32_768, 65_536, 131_072),
}
WORDS = {
    "latent": "latent width",
    "experts": "routed experts",
    "active": "experts taken",
    "precision": "number format",
    "pipeline": "pipeline stages",
    "context": "tokens in a text",
}


def configured(latent_width, experts, active):
    """Return the published model with three of its numbers changed."""
    base = DEEPSEEK_V3
    return replace(
        base,
        latent=Latent(latent_width, base.latent.d_cq, base.latent.d_rope),
        experts=replace(base.experts, routed=experts, active=active),
    )


def bubble(stages):
    """Return the share of time that a two-way pipeline idles, if a backward chunk takes two units.

    Table 2's `(PP/2 - 1)(F&B + B - 3W)`, with F = W = 1, B = 2, F&B = 3, and micro-batches of one
    text, of which each of the `GPUS / stages` pipelines gets its share of the batch.
    """
    idle = (stages / 2 - 1) * (3 + 2 - 3)
    busy = 3 * BATCH * stages / GPUS
    return idle / (busy + idle)


def work_of_a_token(model, length):
    """Return a token's training FLOPs that may be in 8 bits, and those that stay in 16 (§3.3.1)."""
    head = model.vocabulary * model.d_model
    eight = 6.0 * (counts.multiplied(model) - head)
    return eight, counts.training_flops(model, length) - eight


def training_time(model, length, precision, stages):
    """Return what a token's training takes, in 16-bit FLOPs of a pipeline that never idles."""
    eight, sixteen = work_of_a_token(model, length)
    return (eight / (2 if precision == "fp8" else 1) + sixteen) / (1 - bubble(stages))


def gpu_hours(model, length, precision, stages):
    """Return hours of pre-training: the report's, scaled by what a token's training takes."""
    usual = (DEEPSEEK_V3, PUBLISHED["context"], "fp8", PUBLISHED["pipeline"])
    return STAGES["pre-training"] * (
        training_time(model, length, precision, stages) / training_time(*usual)
    )


def sent_bytes(model, precision):
    """Return the bytes that a token sends over InfiniBand in training, at most, in all layers.

    Out in the number format and back in 16 bits, forward and backward; to `NODE_LIMIT` nodes, of
    which one in `NODES` is its own on average.
    """
    reached = min(NODE_LIMIT, model.experts.active) * (NODES - 1) / NODES
    there_and_back = (1 if precision == "fp8" else 2) + 2
    return 2 * model.expert_layers * reached * model.d_model * there_and_back


def weights_on_each(model, precision, stages):
    """Return the bytes of weights on one GPU: two copies, experts shared out, layers in stages."""
    experts = model.expert_layers * model.experts.routed
    routed = experts * counts.feed_forward_parameters(model, model.experts.d_ff)
    held = routed / EXPERT_GPUS + counts.total(model) - routed
    return 2 * held / stages * (1 if precision == "fp8" else 2)


def serving_cost(model, context, precision):
    """Return dollars for a million written tokens, at the least that the datasheet allows.

    320 GPUs write for 8,192 texts at once, or for as many as fit.
    """
    size = 1 if precision == "fp8" else 2
    batch = min(SERVED, steps.largest_batch(model, SERVING_GPUS * CHIP.memory, context, size))
    work = steps.decode(model, max(batch, 1), context, size)
    attention = max(batch, 1) * counts.attention_flops(model, context, absorbed=True)
    compute = (work.flops - attention) / CHIP.rate(precision) + attention / CHIP.rate("bf16")
    seconds = max(compute, work.moved / CHIP.bandwidth) / SERVING_GPUS
    return 1e6 * RENT * SERVING_GPUS * seconds / HOUR / max(batch, 1)


def outcomes(latent, experts, active, precision, pipeline, context):
    """Return what follows from six design values, by name, in the units of `UNITS`."""
    model = configured(latent, experts, active)
    return {
        "parameters": counts.total(model) / BILLION,
        "met by a token": counts.total(model, active=True) / BILLION,
        "training FLOPs": counts.training_flops(model, context) / BILLION,
        "cache of a token": counts.cache_bytes(model, 1) / 1000,
        "sent by a token": sent_bytes(model, precision) / 1e6,
        "weights on a GPU": weights_on_each(model, precision, pipeline) / BILLION,
        "pre-training": gpu_hours(model, context, precision, pipeline) / 1e6,
        "a million written": 100 * serving_cost(model, context, precision),
    }


UNITS = {
    "parameters": "billion",
    "met by a token": "billion",
    "training FLOPs": "billion",
    "cache of a token": "KB",
    "sent by a token": "MB",
    "weights on a GPU": "GB",
    "pre-training": "M hours",
    "a million written": "¢",
}


def moved(before, after):
    """Return the names of what has changed by more than one part in a hundred."""
    return [name for name in before if abs(after[name] / before[name] - 1) > 0.01]


def reach(design):
    """Return what one design value reaches: everything that any of its stops moves."""
    usual = outcomes(**PUBLISHED)
    reached = set()
    for stop in STOPS[design]:
        reached |= set(moved(usual, outcomes(**{**PUBLISHED, design: stop})))
    return reached


def written(value):
    """Write a number to three digits that count."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


@exhibit(title="Change one design value, and follow it through the report")
def dependencies(
    latent: Annotated[int, Slider(128, 2048, scale="log2", label="latent width")] = 512,
    experts: Annotated[int, Slider(64, 1024, scale="log2", label="routed experts")] = 256,
    active: Annotated[int, Slider(1, 32, scale="log2", label="experts a token takes")] = 8,
    precision: Annotated[
        str, Choice("fp8", "bf16", labels=("FP8", "BF16"), label="number format")
    ] = "fp8",
    pipeline: Annotated[int, Slider(2, 32, scale="log2", label="pipeline stages")] = 16,
    context: Annotated[int, Slider(4096, 131072, scale="log2", label="tokens in a text")] = 4096,
):
    """Design values on the left, what follows on the right, a line wherever one moves the other."""
    chosen = {
        "latent": latent,
        "experts": experts,
        "active": active,
        "precision": precision,
        "pipeline": pipeline,
        "context": context,
    }
    usual, now = outcomes(**PUBLISHED), outcomes(**chosen)
    changed = [name for name in chosen if chosen[name] != PUBLISHED[name]]
    hit = moved(usual, now)
    fig, ax = figure(figsize=(5, 4.7))
    left = {name: 7.0 - 1.4 * i for i, name in enumerate(chosen)}
    right = {name: 7.35 - 1.1 * i for i, name in enumerate(now)}
    for design, y in left.items():
        for outcome in sorted(reach(design)):
            own = design in changed and outcome in hit
            ax.plot(
                [2.5, 4.6], [y, right[outcome]], color="C1" if own else "C5",
                linewidth=2.5 if own else 1, linestyle="-",
            )  # fmt: skip
    for design, y in left.items():
        colour = "C1" if design in changed else "C0"
        value = chosen[design].upper() if design == "precision" else f"{chosen[design]:,}"
        ax.text(2.4, y + 0.22, WORDS[design], color=colour, ha="right", va="center")
        ax.text(2.4, y - 0.3, value, color=colour, ha="right", va="center")
    for outcome, y in right.items():
        colour = "C1" if outcome in hit else "C0"
        ratio = f", ×{now[outcome] / usual[outcome]:.2f}" if outcome in hit else ""
        ax.text(4.7, y + 0.22, outcome, color=colour, ha="left", va="center")
        value = f"{written(now[outcome])} {UNITS[outcome]}{ratio}"
        ax.text(4.7, y - 0.28, value, color=colour, ha="left", va="center")
    ax.set_xlim(0, 8.4)
    ax.set_ylim(-1.1, 8.1)
    ax.set_axis_off()
    table = Table(
        ["what follows", "unit", "as published", "now"],
        [[name, UNITS[name], usual[name], now[name]] for name in now],
    )
    return fig, map_sentence(changed, usual, now, hit), table


def map_sentence(changed, usual, now, hit):
    """Say what has changed, and what has not."""
    if not changed:
        return (
            f"With the published values: {usual['parameters']:.0f} billion parameters, of which a "
            f"token meets {usual['met by a token']:.1f} billion and leaves "
            f"{usual['cache of a token']:.1f} KB in the cache. "
            f"{len(UNITS)} things follow from {len(PUBLISHED)} design values; a line "
            "says that moving one moves the other."
        )
    if not hit:
        return "Nothing that follows has moved by as much as 1%."
    factor = {name: now[name] / usual[name] for name in hit}
    most = max(hit, key=lambda name: abs(np.log(factor[name])))
    kept = [name for name in now if name not in hit]
    named = [WORDS[name] for name in changed]
    what = named[0] if len(named) == 1 else ", ".join(named[:-1]) + " and " + named[-1]
    still = "; nothing stays as it was" if not kept else f"; within 1% as before: {', '.join(kept)}"
    return (
        f"Changing the {what} moves {len(hit)} of {len(now)}, most of all “{most}”: "
        f"{factor[most]:.3g} times what was published{still}."
    )


@exhibit(title="Let a token take more experts, until it has met the whole model")
def parts(
    active: Annotated[
        int, Slider(1, 256, scale="log2", label="experts a token takes", play=True)
    ] = 8,
):
    """All parameters by part, and beside each the part that one token meets."""
    model = configured(512, 256, active)
    whole, met = counts.parameters(model), counts.parameters(model, active=True)
    names = sorted(whole, key=whole.get)
    names = [name for name in names if whole[name]]
    rows = np.arange(len(names))
    fig, ax = figure(figsize=(6, 3.4))
    ax.barh(rows, [whole[name] / BILLION for name in names], color="C5", height=0.7, label="all")
    met_by_part = [met[name] / BILLION for name in names]
    ax.barh(rows, met_by_part, color="C1", height=0.36, label="met by a token")
    ax.set_yticks(rows, names)
    ax.set_xscale("log")
    ax.set_xlim(5e-4, 2000)
    ax.set_xlabel("billion parameters")
    ax.legend(loc="lower right")
    total, one = sum(whole.values()) / BILLION, sum(met.values()) / BILLION
    share = whole["experts"] / sum(whole.values())
    sentence = (
        f"With {active} of 256 experts a token meets {one:.1f} of {total:.0f} billion parameters, "
        f"{one / total:.1%}; {share:.1%} of all parameters are experts'."
    )
    table = Table(
        ["part", "all, billion", "met, billion"],
        [[name, whole[name] / BILLION, met[name] / BILLION] for name in names[::-1]],
    )
    return fig, sentence, table


@exhibit(title="The bill, and what it leaves out")
def bill(
    price: Annotated[float, Slider(1, 5, step=0.5, label="an hour of one GPU", unit="$")] = 2.0,
    others: Annotated[
        int, Slider(0, 200, step=25, label="all other runs, of this one", unit="%", play=True)
    ] = 0,
):
    """Table 1's three stages at a price, and beside them the runs that the table doesn't count."""
    hours = {**STAGES, "not in the table": others / 100 * sum(STAGES.values())}
    # A price between two thousandths must not fall to either side by the order of a sum.
    cost = {name: round(price * spent / 1e6, 9) for name, spent in hours.items()}
    fig, ax = figure(figsize=(6, 2.6))
    rows = np.arange(len(cost))[::-1]
    ax.barh(rows, list(cost.values()), color=["C0", "C0", "C0", "C1"], height=0.66)
    for row, value in zip(rows, cost.values(), strict=True):
        said = f"${value:.3f}M" if value else "not stated"
        ax.text(value + 0.15, row, said, ha="left", va="center")
    ax.set_yticks(rows, list(cost))
    ax.set_xlim(0, 1.25 * max(max(cost.values()), price * 2.664))
    ax.set_xlabel("million dollars")
    known = price * sum(STAGES.values()) / 1e6
    sentence = (
        f"At ${price:.2f} an hour the three stages of Table 1 cost ${known:.3f}M; "
        f"pre-training is {STAGES['pre-training'] / sum(STAGES.values()):.1%} of it."
    )
    if others:
        sentence += (
            f" If all other runs took {others}% as much again, the whole would be "
            f"${sum(cost.values()) + 1e-9:.3f}M; the report doesn't say what they took."
        )
    return (
        fig,
        sentence,
        Table(["stage", "GPU-hours", "$M"], [[n, hours[n], cost[n]] for n in cost]),
    )


@claim("§4.2")
def totals_follow_from_the_shape():
    """Counted from the published shape, there are 671 billion parameters, and a token meets 37."""
    whole = counts.total(DEEPSEEK_V3) / BILLION
    met = counts.total(DEEPSEEK_V3, active=True) / BILLION
    assert round(whole) == 671, f"There are {whole:.2f} billion."
    table = DEEPSEEK_V3.vocabulary * DEEPSEEK_V3.d_model / BILLION
    assert 36.5 < met - table < 37 < met < 37.6, f"A token meets {met:.2f} billion."
    assert round(met, 1) == 37.6
    assert round(met - table, 1) == 36.6
    experts = counts.parameters(DEEPSEEK_V3)["experts"] / BILLION
    assert round(100 * experts / whole, 1) == 97.8, f"Experts are {experts / whole:.2%}."
    return {"all, billion": whole, "met, billion": met, "met without the look-up": met - table}


@claim("§2.1.1; §4.2; Zhao et al. 2025, Table 1")
def cache_is_seventy_kilobytes():
    """A token leaves 576 numbers a layer in the cache, 70,272 bytes in all: a 57th of the usual."""
    model = DEEPSEEK_V3
    rng = np.random.default_rng(0)
    w = latent.random_weights(rng, 16, 2, 4, model.latent.d_c, 8, model.latent.d_rope)
    theta = rotary.frequencies(model.latent.d_rope)
    kept = latent.compress(rng.standard_normal((1, 16)), np.arange(1), w, theta)
    numbers = sum(array.size for array in kept)  # counted from what the kernel returns
    assert numbers == 576, f"A layer keeps {numbers} numbers."
    size = counts.cache_bytes(model, 1)
    assert size == 2 * model.layers * numbers == 70_272, f"It is {size:,.0f} bytes."
    plain = counts.cache_bytes(replace(model, latent=None), 1)
    assert round(plain / size, 1) == 56.9, f"Whole keys and values are {plain / size:.1f} times it."
    llama = counts.cache_bytes(LLAMA_3_405B, 1)
    assert llama == 516_096
    assert round(llama / size, 1) == 7.3
    return {
        "bytes": size,
        "whole keys and values / it": plain / size,
        "Llama 3 405B / it": llama / size,
    }


@claim("Table 1")
def the_bill_adds_up():
    """2,664, 119 and 5 thousand GPU-hours are 2.788 million, and at $2 an hour $5.576 million."""
    hours = sum(STAGES.values())
    assert hours == 2_788_000, f"They add up to {hours:,.0f}."
    assert round(RENT * hours) == 5_576_000
    per_trillion = STAGES["pre-training"] / (TOKENS / 1e12)
    assert per_trillion == 180_000, f"A trillion tokens take {per_trillion:,.0f} hours."
    days = per_trillion / GPUS / 24
    assert round(days, 1) == 3.7
    whole = STAGES["pre-training"] / GPUS / 24
    assert round(whole) == 54
    return {"GPU-hours": hours, "million dollars": RENT * hours / 1e6, "days": whole}


@claim("Table 1; §4.2; our construction")
def the_run_kept_two_fifths():
    """Each GPU did 387 trillion useful operations a second, 39% of an H100's peak in BF16."""
    flops = counts.training_flops(DEEPSEEK_V3, PUBLISHED["context"]) * TOKENS
    rate = flops / (STAGES["pre-training"] * HOUR)
    assert round(rate / 1e12) == 387, f"It is {rate / 1e12:.1f} TFLOP/s."
    share = rate / CHIP.rate("bf16")
    assert round(100 * share) == 39, f"That is {share:.1%}."
    return {"TFLOP/s a GPU": rate / 1e12, "of the BF16 peak": share}


@claim("§3.2.2")
def more_experts_cost_no_more_traffic():
    """From 4 experts a token on, InfiniBand carries the same: up to 13 could be taken for it."""
    sent = {n: sent_bytes(configured(512, 256, n), "fp8") for n in (1, 2, 4, 8, 13, 32)}
    assert sent[4] == sent[8] == sent[13] == sent[32], "The limit of four nodes doesn't hold."
    assert sent[1] < sent[2] < sent[4]
    nvlink_over_infiniband = 160 / 50
    assert round(NODE_LIMIT * nvlink_over_infiniband) == 13
    met = [counts.total(configured(512, 256, n), active=True) / BILLION for n in (8, 13)]
    assert met[1] > met[0] + 10  # but a token's arithmetic isn't free
    return {"MB a token": sent[8] / 1e6, "met with 13, billion": met[1]}


@claim("our construction")
def the_map_is_computed():
    """The latent moves the cache and not the traffic; pipeline stages move no parameter at all."""
    lines = {design: reach(design) for design in STOPS}
    assert {"cache of a token", "a million written"} <= lines["latent"]
    assert "sent by a token" not in lines["latent"]
    assert lines["pipeline"] == {"weights on a GPU", "pre-training"}, f"{lines['pipeline']}"
    assert "met by a token" in lines["active"] and "parameters" not in lines["active"]
    assert "parameters" in lines["experts"] and "met by a token" not in lines["experts"]
    assert "cache of a token" not in lines["precision"] | lines["experts"] | lines["active"]
    everything = set().union(*lines.values())
    assert everything == set(UNITS), "Something follows from nothing."
    number = sum(len(reached) for reached in lines.values())
    return {"lines": float(number)}


@claim("§4.2 and §4.3; our construction")
def long_texts_are_left_for_the_end():
    """Trained on texts of 131,072 tokens all along, a token would take 7.6 times the hours."""
    short, long = (gpu_hours(DEEPSEEK_V3, n, "fp8", 16) for n in (4096, 131_072))
    assert round(long / short, 1) == 7.6, f"It would take {long / short:.2f} times."
    coarse = gpu_hours(DEEPSEEK_V3, 4096, "bf16", 16) / short
    assert round(coarse, 2) == 1.75, f"BF16 takes {coarse:.3f} times."
    return {"131,072 tokens": long / short, "BF16": coarse}


@claim("Table 6; §5.3.2", kind="quoted")
def a_sentence_its_table_does_not_bear_out():
    """The lead of “approximately 10%” is 15.9, 10.2 and 27.3 points in the report's own table."""
    ours = {"AIME 2024": 39.2, "MATH-500": 90.2, "CNMO 2024": 43.2}
    qwen = {"AIME 2024": 23.3, "MATH-500": 80.0, "CNMO 2024": 15.9}
    lead = {name: ours[name] - qwen[name] for name in ours}
    assert [round(points, 1) for points in lead.values()] == [15.9, 10.2, 27.3]
    return lead


@breaks("cache_is_seventy_kilobytes", replaces=counts.cache_numbers)
def cache_a_latent_for_each_head(model):
    """Keep a latent and a rotated key for every head, where all heads share one."""
    return model.layers * model.heads * (model.latent.d_c + model.latent.d_rope)


@breaks("totals_follow_from_the_shape", replaces=counts.feed_forward_parameters)
def forget_the_gate(model, d_ff):
    """Count two matrices in each expert, and forget the one that gates."""
    return 2 * model.d_model * d_ff


@breaks("more_experts_cost_no_more_traffic", replaces=sent_bytes)
def send_to_every_expert(model, precision):
    """Send a token to each of its experts by itself, wherever they are, with no limit to nodes."""
    there_and_back = (1 if precision == "fp8" else 2) + 2
    sent = model.experts.active * (NODES - 1) / NODES
    return 2 * model.expert_layers * sent * model.d_model * there_and_back
