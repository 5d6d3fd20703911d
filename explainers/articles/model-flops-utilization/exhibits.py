"""Exhibits of MFU: a calculator, attention's share, work done twice, and where the rest goes."""

from itertools import pairwise
from typing import Annotated

import numpy as np
from workings import Choice, Slider, Table, Toggle, breaks, claim, exhibit, figure, subplots

from kernels.attention.core import softmax
from kernels.cost import counts, devices, roofline, utilisation
from kernels.cost.collectives import ring_all_reduce
from kernels.cost.models import GPT3, LLAMA_3_8B, LLAMA_3_70B, LLAMA_3_405B, PALM

TERA, PETA, BILLION = 1e12, 1e15, 1e9

# Runs whose shape and throughput are published: PaLM, §4.1 and Appendix B; Megatron-Turing NLG,
# Smith et al. 2022, §2.4 and §3.2. A shape is N, L, H, Q, T.
PALM_SHAPE = (PALM.reported, PALM.layers, PALM.heads, PALM.d_head, 2048)
MEGATRON_SHAPE = (530 * BILLION, 105, 128, 160, 2048)
RUNS = {
    "PaLM": (PALM_SHAPE, 238.3e3, 6144, devices.TPU_V4.rate("bf16")),
    "Megatron-Turing": (MEGATRON_SHAPE, 1920 * 2048 / 60.1, 2240, devices.A100.rate("bf16")),
}


def mfu(run):
    """Return the model FLOPs utilisation of one of `RUNS`."""
    shape, rate, count, peak = RUNS[run]
    return utilisation.utilisation(rate, utilisation.model_flops(*shape), count, peak)


def hfu(run, dense, attention):
    """Return its hardware FLOPs utilisation when shares of the forward pass are run again."""
    shape, rate, count, peak = RUNS[run]
    again = utilisation.recomputed_flops(*shape, dense, attention)
    flops = utilisation.model_flops(*shape) + again
    return utilisation.utilisation(rate, flops, count, peak)


@exhibit(title="Eight numbers in, one out: how many of a hundred devices the model really used")
def calculator(
    parameters: Annotated[
        float, Slider(0.1, 2000, scale="log", stops=6, label="parameters N", unit="billion")
    ] = 540.35,
    layers: Annotated[int, Slider(1, 200, scale="log2", label="layers L")] = 118,
    heads: Annotated[int, Slider(1, 256, scale="log2", label="heads H")] = 48,
    d_head: Annotated[int, Slider(32, 512, scale="log2", label="width of a head Q")] = 256,
    length: Annotated[
        int, Slider(256, 262144, scale="log2", label="sequence T", unit="tokens")
    ] = 2048,
    rate: Annotated[
        int, Slider(1000, 100_000_000, scale="log", label="throughput", unit="tokens/s")
    ] = 238_300,
    accelerators: Annotated[int, Slider(1, 100_000, scale="log", label="accelerators")] = 6144,
    peak: Annotated[
        float, Slider(10, 10_000, scale="log", stops=6, label="peak of each", unit="TFLOP/s")
    ] = 275.0,
):
    """One run's model FLOPs utilisation, with every term of it."""
    flops = utilisation.model_flops(parameters * BILLION, layers, heads, d_head, length)
    bare = utilisation.model_flops(parameters * BILLION, layers, heads, d_head, 0)
    share = utilisation.utilisation(rate, flops, accelerators, peak * TERA)
    dense = share * bare / flops
    fig, axs = subplots(1, 2, figsize=(6, 3.5), width_ratios=(5, 6))
    waffle(axs[0], dense, share)
    axs[0].set_title("of every hundred devices")
    forward, backward = bare / 3, 2 * bare / 3
    unit, name = (TERA, "TFLOPs") if flops >= TERA else (BILLION, "GFLOPs")
    rate_unit, rate_name = next(step for step in RATES if accelerators * peak * TERA >= step[0])
    terms, words = [flops - bare, backward, forward], ("attention", "backward", "forward")
    axs[1].barh(range(3), [term / unit for term in terms], color=["C0", "C1", "C1"], height=0.6)
    axs[1].set_yticks(range(3), ["12LHQT", "4N", "2N"])
    for row, (term, word) in enumerate(zip(terms, words, strict=True)):
        axs[1].text(term / unit, row + 0.36, f"{word}: {term / unit:.3g}", ha="left", va="bottom")
    axs[1].set_xlim(0, 1.9 * max(terms) / unit)
    axs[1].set_ylim(-0.6, 2.9)
    axs[1].set_xlabel(f"{name} a token")
    achieved, promised = rate * flops, accelerators * peak * TERA
    sentence = (
        f"A token needs {flops / unit:.3g} {name}, {(flops - bare) / flops:.1%} of them in "
        f"attention. {rate:,} tokens a second are {plainly(achieved / rate_unit)} {rate_name} of "
        f"{plainly(promised / rate_unit)}: "
    )
    if share <= 1:
        sentence += f"a model FLOPs utilisation of {share:.1%}."
    else:
        sentence += f"{plainly(share)} times what the devices can do. One of the numbers is wrong."
    table = Table(
        ["term", "value"],
        [
            ["6N, FLOPs a token", bare],
            ["12LHQT, FLOPs a token", flops - bare],
            ["achieved, FLOP/s", achieved],
            ["peak, FLOP/s", promised],
            ["MFU without attention", dense],
            ["MFU", share],
        ],
    )
    return fig, sentence, table


RATES = ((PETA, "PFLOP/s"), (TERA, "TFLOP/s"))


def plainly(number):
    """Write a number to three places, or whole and with commas where it is a large one."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def waffle(ax, dense, share):
    """Draw a hundred squares, filled row by row from below: parameters' part, then attention's."""
    ax.fill_between([0, 10], [10, 10], color="C5")
    for end, colour in ((share, "C0"), (dense, "C1")):
        whole, part = divmod(100 * min(end, 1.0), 10)
        ax.fill_between([0, 10], [whole, whole], color=colour)
        ax.fill_between([0, part], [whole, whole], [min(whole + 1, 10)] * 2, color=colour)
    for at in range(1, 10):
        ax.plot([at, at], [0, 10], color="w", linewidth=3, linestyle="-")
        ax.plot([0, 10], [at, at], color="w", linewidth=3, linestyle="-")
    ax.set_xlim(-0.1, 10.1)
    ax.set_ylim(-0.1, 10.1)
    ax.set_aspect("equal")
    ax.set_axis_off()


MODELS = (LLAMA_3_8B, LLAMA_3_70B, GPT3, LLAMA_3_405B, PALM)
LENGTHS = np.round(np.geomspace(512, 2**19, 31))


def attention_share(model, length, causal=False):
    """Return which share of a token's training FLOPs attention is, by the formula."""
    shape = (model.reported, model.layers, model.heads, model.d_head)
    whole = utilisation.model_flops(*shape, length / (2 if causal else 1))
    return 1 - utilisation.model_flops(*shape, 0) / whole


@exhibit(title="Lengthen the text until attention is half of the work")
def attention(
    length: Annotated[
        int, Slider(512, 2**19, scale="log2", label="sequence", unit="tokens", play=True)
    ] = 8192,
    causal: Annotated[
        bool, Toggle(label="Count only the half that the causal mask leaves")
    ] = False,
):
    """Attention's share of the FLOPs of five models against the length of their texts."""
    fig, ax = figure(figsize=(6, 3.8))
    styles = [("C1", "-"), ("C0", "-"), ("C2", "--"), ("C0", ":"), ("C2", "-")]
    rows = []
    for model, (colour, line) in zip(MODELS, styles, strict=True):
        curve = attention_share(model, LENGTHS, causal)
        ax.plot(LENGTHS, 100 * curve, color=colour, linestyle=line, label=model.name)
        here = attention_share(model, length, causal)
        ax.plot([length], [100 * here], "o", color=colour)
        rows.append([model.name, here])
    ax.axvline(length, color="C3", linewidth=1)
    ax.set_xscale("log", base=2)
    ax.set_xticks(
        [2**k for k in (9, 11, 13, 15, 17, 19)], ["512", "2K", "8K", "32K", "128K", "512K"]
    )
    ax.set_xlim(512, 2**19)
    ax.set_ylim(0, 100)
    ax.set_xlabel("tokens in a text")
    ax.set_ylabel("attention's share of the FLOPs, %")
    ax.legend(loc="upper left")
    (first, most), (last, least) = rows[0], rows[-1]
    sentence = (
        f"At {length:,} tokens attention is {most:.1%} of the work of {first} and {least:.1%} of "
        f"{last}'s{', with the masked half left out' if causal else ''}."
    )
    return fig, sentence, Table(["model", "attention's share"], rows)


@exhibit(title="Run more of the forward pass twice: one gauge rises, the other does not")
def twice(
    run: Annotated[
        str,
        Choice("PaLM", "Megatron-Turing", labels=("PaLM 540B", "Megatron-Turing NLG 530B")),
    ] = "PaLM",
    again: Annotated[
        int, Slider(0, 100, step=5, label="of the forward pass run again", unit="%", play=True)
    ] = 75,
    fixed: Annotated[
        str,
        Choice(
            "tokens", "hardware", labels=("tokens a second", "operations a second"), label="hold"
        ),
    ] = "tokens",
):
    """MFU and HFU against the share of the forward pass that is computed a second time."""
    shares = np.linspace(0, 1, 21)
    pace = hfu(run, 0.75, 1.0) if run == "PaLM" else hfu(run, 1.0, 1.0)  # the hardware's own

    def gauges(share):
        model, hardware = mfu(run), hfu(run, share, min(1.0, share / 0.75))
        slower = pace / hardware if fixed == "hardware" else 1.0
        return slower * model, slower * hardware

    fig, ax = figure(figsize=(6, 3.5))
    curves = np.array([gauges(share) for share in shares])
    ax.fill_between(100 * shares, 100 * curves[:, 0], 100 * curves[:, 1], color="C5")
    ax.plot(100 * shares, 100 * curves[:, 1], color="C0", label="hardware FLOPs (HFU)")
    ax.plot(100 * shares, 100 * curves[:, 0], color="C1", label="model FLOPs (MFU)")
    model, hardware = gauges(again / 100)
    ax.plot([again], [100 * hardware], "o", color="C0")
    ax.plot([again], [100 * model], "o", color="C1")
    ax.axvline(again, color="C3", linewidth=1)
    ax.set_xlim(0, 100)
    ax.set_ylim(0, 80)
    ax.set_xlabel("of the forward pass run again, %")
    ax.set_ylabel("of the peak, %")
    ax.legend(loc="upper right")
    _, rate, _, _ = RUNS[run]
    part = {0: "none", 100: "all"}.get(again, f"{again}%")
    tokens = rate * model / mfu(run)
    sentence = (
        f"With {part} of the forward pass run again the devices do {hardware:.1%} of what they "
        f"could, and the model gets {model:.1%}: {tokens / 1000:,.1f} thousand tokens a second."
    )
    return (
        fig,
        sentence,
        {"run again": shares[::2], "MFU": curves[::2, 0], "HFU": curves[::2, 1]},
    )


REPLICAS = 64  # copies of the model that each take a part of the batch
STEPS = ("fetching matrices", "filling the pipeline", "computing twice", "sending gradients")


def bubble(stages, batches):
    """Return which share of the time a pipeline stands idle while it fills and drains."""
    return (stages - 1) / (batches + stages - 1)


def losses(device, stages, batches, tokens, again, network, hidden):
    """Return the share of the rest that each of `STEPS` takes from one training step.

    A stage holds its part of Llama 3 70B, a micro-batch is `tokens` tokens, `network` is in
    bytes/s, and the share `hidden` of the gradients travels while there is arithmetic to do.
    """
    model = LLAMA_3_70B
    chip = devices.DEVICES[device]
    one = roofline.times(roofline.matmul(tokens, model.d_ff, model.d_model), chip)
    shape = (model.reported, model.layers, model.heads, model.d_head, 8192)
    flops = utilisation.model_flops(*shape)
    ideal = batches * tokens * flops / stages / chip.rate("bf16")
    fetched = ideal * one.overlapped / one.compute
    filled = fetched / (1 - bubble(stages, batches))
    more = utilisation.recomputed_flops(*shape, again, again) / flops
    repeated = filled * (1 + more)
    size = 2 * model.reported / stages  # two bytes a gradient
    sending = ring_all_reduce(REPLICAS, size).time(0.0, network)
    whole = repeated + (1 - hidden) * sending
    times = (ideal, fetched, filled, repeated, whole)
    return [max(0.0, 1 - before / after) for before, after in pairwise(times)]


@exhibit(title="Take the losses one at a time, and see what is left for the model")
def rest(
    device: Annotated[
        str, Choice("A100 SXM 80 GB", "H100 SXM", "TPU v4", labels=("A100", "H100", "TPU v4"))
    ] = "H100 SXM",
    stages: Annotated[int, Slider(1, 64, scale="log2", label="pipeline stages")] = 16,
    batches: Annotated[
        int, Slider(1, 512, scale="log2", label="micro-batches in a step", play=True)
    ] = 32,
    tokens: Annotated[int, Slider(16, 16384, scale="log2", label="tokens in a micro-batch")] = 2048,
    again: Annotated[int, Slider(0, 100, step=25, label="forward run again", unit="%")] = 0,
    network: Annotated[
        float, Slider(5, 500, scale="log", stops=7, label="network", unit="GB/s")
    ] = 50.0,
    hidden: Annotated[int, Slider(0, 100, step=25, label="of the sending hidden", unit="%")] = 50,
):
    """A staircase from the datasheet's peak to the model's share, one loss a step."""
    lost = losses(device, stages, batches, tokens, again / 100, network * 1e9, hidden / 100)
    left = utilisation.kept(lost)
    fig, ax = figure(figsize=(6, 3.6))
    rows = np.arange(len(STEPS), 0, -1)
    ax.barh([5], [100], color="C2", height=0.62)
    ax.barh(rows, 100 * np.array(left[1:]), color="C5", height=0.62)
    ax.barh(
        rows, 100 * (np.array(left[:-1]) - left[1:]), left=100 * np.array(left[1:]),
        color="C1", height=0.62,
    )  # fmt: skip
    ax.barh([0], [100 * left[-1]], color="C0", height=0.62)
    ax.set_yticks([5, *rows, 0], ["the datasheet", *STEPS, "the model"])
    for row, before, after in zip(rows, left[:-1], left[1:], strict=True):
        drop = f"{100 * (before - after):.1f}"
        ax.text(101, row, "0" if drop == "0.0" else f"−{drop}", ha="left", va="center")
    ax.text(100 * left[-1] + 1, 0, f"{left[-1]:.1%}", ha="left", va="center")
    ax.set_xlim(0, 115)
    ax.set_ylim(-0.6, 5.6)
    ax.set_xlabel("of the peak, %")
    if left[-1] > 0.9995:
        sentence = "Nothing is lost: the model gets all of the peak."
    else:
        drops = -np.diff(left)
        worst = int(drops.argmax())
        sentence = (
            f"{left[-1]:.1%} of the peak reaches the model; {STEPS[worst]} costs most, "
            f"{100 * drops[worst]:.1f} points."
        )
    table = Table(
        ["loss", "share of what was left", "left after it"],
        [[name, share, after] for name, share, after in zip(STEPS, lost, left[1:], strict=True)],
    )
    return fig, sentence, table


@claim("Table 3; Appendix B")
def palm_uses_46_percent():
    """PaLM's 238,300 tokens a second are 45.7% of 6,144 chips' peak, 46.2% with attention."""
    shape, rate, count, peak = RUNS["PaLM"]
    bare = utilisation.utilisation(rate, 6 * shape[0], count, peak)
    whole = mfu("PaLM")
    assert round(100 * bare, 1) == 45.7, f"Without attention it is {bare:.1%}."
    assert round(100 * whole, 1) == 46.2, f"With attention it is {whole:.1%}."
    assert round(utilisation.model_flops(*shape) / TERA, 2) == 3.28
    return {"without attention": bare, "MFU": whole}


@claim("Table 22; §4.1")
def the_papers_table_follows_from_its_shapes():
    """FLOPs a token of the three PaLMs, and of their work done twice, are those of Table 22."""
    table = {  # N in billions, L, H; without and with what is run again, TFLOPs; share run again
        "8B": ((8.63, 32, 16), (0.0550, 0.0561), 0.0),
        "62B": ((62.50, 64, 32), (0.388, 0.392), 0.0),
        "540B": ((540.35, 118, 48), (3.28, 4.10), 0.75),
    }
    measured = {}
    for name, ((size, layers, heads), printed, dense) in table.items():
        shape = (size * BILLION, layers, heads, 256, 2048)
        once = utilisation.model_flops(*shape)
        both = once + utilisation.recomputed_flops(*shape, dense, 1.0)
        got = tuple(float(f"{value / TERA:.3g}") for value in (once, both))
        assert got == printed, f"For PaLM {name} they are {got}, not {printed}."
        measured[f"{name}, TFLOPs"] = once / TERA
    busy = hfu("PaLM", 0.75, 1.0)
    assert round(100 * busy, 1) == 57.8, f"The hardware utilisation is {busy:.1%}."
    return {**measured, "HFU of 540B": busy}


@claim("PaLM, Appendix B; Smith et al. 2022, §2.4")
def one_run_has_two_utilisations():
    """Megatron-Turing's 126 TFLOP/s a GPU, 40% of the peak, are 30% once nothing counts twice."""
    shape, rate, count, peak = RUNS["Megatron-Turing"]
    bare, whole = utilisation.utilisation(rate, 6 * shape[0], count, peak), mfu("Megatron-Turing")
    cut = [np.floor(1000 * share) / 10 for share in (bare, whole)]  # the paper cuts, not rounds
    assert np.allclose(cut, [29.7, 30.2]), f"They are {bare:.2%} and {whole:.2%}."
    assert round(100 * whole, 2) == 30.26
    busy = hfu("Megatron-Turing", 1.0, 1.0)
    assert round(busy * peak / TERA) == 126, f"Each GPU does {busy * peak / TERA:.1f} TFLOP/s."
    assert round(100 * busy) == 40
    return {"MFU": whole, "HFU, all run again": busy, "TFLOP/s a GPU": busy * peak / TERA}


@claim("Table 3; §4.1")
def the_figure_for_gpt3_does_not_follow():
    """From 24.6 TFLOP/s a V100 of 125, attention included, GPT-3's share is 20.2%, not 21.3%."""
    peak = devices.V100.rate("fp16")
    model = utilisation.model_flops(GPT3.reported, GPT3.layers, GPT3.heads, GPT3.d_head, 2048)
    spent = 24.6 * TERA * model / (6 * GPT3.reported)
    assert round(100 * spent / peak, 1) == 20.2, f"It is {spent / peak:.1%}."
    needed = spent / 0.213
    assert round(needed / TERA) == 119
    return {"of 125 TFLOP/s": spent / peak, "peak that gives 21.3%, TFLOP/s": needed / TERA}


@claim("Llama 3, Table 4")
def llama_3_between_38_and_43():
    """430, 400 and 380 of an H100's 989 TFLOP/s are 43, 40 and 38%; the paper has 43, 41, 38."""
    peak = devices.H100.rate("bf16")
    shares = [rate * TERA / peak for rate in (430, 400, 380)]
    assert [round(100 * share) for share in shares] == [43, 40, 38]
    return dict(zip(("8,192 GPUs", "16,384 GPUs", "16,384 GPUs, long texts"), shares, strict=True))


def counted(length, width):
    """Run one head of attention forward and backward, counting each product of matrices.

    Returns the FLOPs, how many parameters there are, and how far the gradient of one weight is from
    what a small change of it does to the loss.
    """
    rng = np.random.default_rng(0)
    x, goal = rng.standard_normal((2, length, width))
    w_q, w_k, w_v, w_o = rng.standard_normal((4, width, width)) / np.sqrt(width)
    tally = [0]

    def product(a, b):
        tally[0] += 2 * a.shape[0] * a.shape[1] * b.shape[1]
        return a @ b

    def forward(w):
        q, k, v = product(x, w), product(x, w_k), product(x, w_v)
        p = softmax(product(q, k.T))
        return q, k, v, p, product(p, v)

    q, k, v, p, o = forward(w_q)
    product(o, w_o)  # the output; the loss is its dot product with `goal`
    d_o, d_w_o = product(goal, w_o.T), product(o.T, goal)
    d_p, d_v = product(d_o, v.T), product(p.T, d_o)
    d_s = p * (d_p - (d_p * p).sum(axis=1, keepdims=True))
    d_q, d_k = product(d_s, k), product(d_s.T, q)
    weights = [product(x.T, d) for d in (d_q, d_k, d_v)] + [d_w_o]
    for d, w in ((d_q, w_q), (d_k, w_k), (d_v, w_v)):
        product(d, w.T)  # the gradient that goes on to the layer below
    flops = tally[0]
    step = np.zeros_like(w_q)
    step[0, 1] = 1e-5
    up, down = ((forward(w_q + sign * step)[-1] @ w_o * goal).sum() for sign in (1, -1))
    return flops, sum(w.size for w in weights), abs((up - down) / 2e-5 - weights[0][0, 1])


@claim("Appendix B")
def six_and_twelve_are_counted():
    """Counted product by product, a layer of attention takes 6N + 12HQT FLOPs for each token."""
    for length, width in ((24, 8), (8, 24), (64, 16)):
        flops, size, wrong = counted(length, width)
        assert wrong < 1e-6, f"The backward pass is not one: it is {wrong:.2g} off."
        formula = utilisation.model_flops(size, 1, 1, width, length)
        assert flops == length * formula, f"{flops / length} a token, not {formula}."
    return {"FLOPs a token": flops / length, "6N": 6.0 * size}


@claim("Appendix B; Llama 3, Table 4")
def attention_is_no_longer_small():
    """Attention is 1.1% of PaLM's work, and 57% of Llama 3 405B's at 131,072 tokens."""
    small = attention_share(PALM, 2048)
    large, half = (attention_share(LLAMA_3_405B, 131_072, causal) for causal in (False, True))
    assert round(100 * small, 1) == 1.1
    assert (round(100 * large), round(100 * half)) == (57, 40), f"They are {large:.1%}, {half:.1%}."
    equal = PALM.reported / (2 * PALM.layers * PALM.heads * PALM.d_head)
    assert round(equal, -3) == 186_000
    assert abs(attention_share(PALM, equal) - 0.5) < 1e-12
    ratio = (1 - half) / (1 - large)  # how much less work the same token is
    assert round(ratio, 2) == 1.40, f"The two conventions differ by {ratio:.2f}."
    return {"PaLM": small, "Llama 3 405B": large, "masked half left out": half, "half at": equal}


@claim("our construction")
def without_losses_everything_is_left():
    """With every loss at zero 100% is left, and losses multiply to the ratio of the two times."""
    free = losses("H100 SXM", 1, 32, 16384, 0.0, 1e30, 1.0)
    assert utilisation.kept(free)[-1] == 1.0, f"{utilisation.kept(free)[-1]:.3f} is left."
    some = losses("H100 SXM", 16, 32, 2048, 0.0, 50e9, 0.5)
    left = utilisation.kept(some)[-1]
    assert abs(left - np.prod([1 - share for share in some])) < 1e-12
    assert round(100 * left) == 64, f"{left:.1%} is left."
    full = losses("H100 SXM", 16, 32, 2048, 1.0, 50e9, 0.5)
    assert round(100 * full[2]) == 25  # one forward pass more, a third of what there was
    assert round(100 * bubble(16, 32)) == 32
    assert round(100 * bubble(16, 512)) == 3
    return {"left by default": left, "bubble": some[1], "one forward more": full[2]}


@claim("our construction")
def thin_matrices_wait_for_memory():
    """On an H100 a micro-batch of 256 tokens waits for its matrices, and one of 512 does not."""
    ridge = roofline.ridge_point(devices.H100.rate("bf16"), devices.H100.bandwidth)
    assert round(ridge) == 295
    thin, thick = (losses("H100 SXM", 1, 1, n, 0.0, 1e30, 1.0)[0] for n in (256, 512))
    assert thin > 0.1, f"It loses only {thin:.1%}."
    assert thick == 0.0, f"It loses {thick:.1%}."
    return {"ridge, FLOPs a byte": ridge, "lost with 256 tokens": thin}


@claim("§2 and Table 1")
def six_n_forgets_little():
    """Counted matrix by matrix, with the mask, PaLM's FLOPs are within 1% of the formula."""
    exact = counts.training_flops(PALM, 2048)
    formula = utilisation.model_flops(*PALM_SHAPE)
    assert abs(exact / formula - 1) < 0.01, f"The count is {exact / formula:.3f} of it."
    assert exact < formula
    return {"count / formula": exact / formula}


@breaks("palm_uses_46_percent", replaces=utilisation.model_flops)
def backward_costs_as_forward(parameters, layers, heads, d_head, length):
    """Count the backward pass as no dearer than the forward: one product for each, not two."""
    return 4 * parameters + 8 * layers * heads * d_head * length


@breaks("one_run_has_two_utilisations", replaces=utilisation.recomputed_flops)
def nothing_counts_twice(
    parameters, layers, heads, d_head, length, dense_share=1.0, attention_share=1.0
):
    """Leave what is run again out of the hardware's count: the two gauges then always agree."""
    return 0.0 * parameters


@breaks("without_losses_everything_is_left", replaces=bubble)
def bubble_of_the_naive_schedule(stages, batches):
    """Let only one stage work at a time, as if a step were not cut into micro-batches."""
    return (stages - 1) / stages
