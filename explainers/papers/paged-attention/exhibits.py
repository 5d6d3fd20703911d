"""Exhibits of PagedAttention: two memories, queues, copies on write, a known result."""

from functools import partial
from typing import Annotated

import numpy as np
from workings import Choice, Slider, Table, breaks, claim, exhibit, figure, subplots

from kernels.attention import core, paged
from kernels.attention.grouped import cache_bytes
from kernels.attention.paged_memory import blocks_needed
from kernels.simulation import memories, requests, serving

SLOTS = 15728  # tokens that 12 GiB hold for OPT-13B; a claim below computes it
MOST = 2048  # the longest sequence that OPT knows
SPREAD = 0.9  # of the logarithm of lengths: our choice, the one number that is not the paper's
RESERVED = {"max": "room for 2,048 each", "pow2": "room to double", "oracle": "just enough room"}


def draw_trace(steps, rate, samples=1, spread=SPREAD, seed=0):
    """Draw requests with the mean lengths of ShareGPT, `rate` a step."""
    rng = np.random.default_rng(seed)
    means = requests.MEANS["ShareGPT"]
    return requests.draw_requests(rng, rate, steps, means, spread, MOST, samples)


def counted(number, thing):
    """Write a number of things, in the singular where it is one."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


# Memory as a strip ---------------------------------------------------------------------------

CELL, ROWS = 16, 12  # tokens a cell of the picture, rows of cells
PALE = 0.14


def shade(request, oldest):
    """Return the ink of a request's tokens: accent for the oldest, else one of four greys."""
    return 1.0 if request is oldest else -(0.45, 0.85, 0.6, 1.0)[request.number % 4]


def strip_of_stretches(memory, oldest):
    """Shade a reserving memory: each cell's share of tokens, and pale where it is held empty."""
    slots = np.zeros(ROWS * 82 * CELL)
    for request, start, length, filled in memory.stretches():
        ink = shade(request, oldest)
        slots[start : start + length] = np.sign(ink) * PALE
        slots[start : start + filled] = ink
    return slots.reshape(-1, CELL).mean(axis=1).reshape(ROWS, 82)


def strip_of_blocks(memory, oldest):
    """Shade a paged memory in the same way; a block nobody's table names is pale if not free."""
    size = memory.size
    slots = np.zeros((len(memory.pool.holders), size))
    slots[memory.pool.holders > 0] = -PALE
    for request, sequences in memory.held.items():
        ink = shade(request, oldest)
        for sequence in sequences:
            slots[sequence.table] = ink
            if sequence.length % size:
                slots[sequence.table[-1], sequence.length % size :] = np.sign(ink) * PALE
    flat = np.zeros(ROWS * 82 * CELL)
    flat[: slots.size] = slots.ravel()
    return flat.reshape(-1, CELL).mean(axis=1).reshape(ROWS, 82)


def pieces(table):
    """Count the unbroken stretches that a table of block numbers makes."""
    return 1 + int((np.diff(table) != 1).sum()) if table else 0


@exhibit(title="Press Play: the same requests, in reserved stretches and in blocks")
def strips(
    step: Annotated[int, Slider(100, 1000, step=100, label="after", unit="steps", play=True)] = 700,
    reserve: Annotated[
        str,
        Choice(
            "max",
            "pow2",
            "oracle",
            label="above, reserve",
            labels=("2,048", "to double", "exactly"),
        ),
    ] = "max",
    size: Annotated[int, Choice(16, 64, 256, label="below, tokens a block")] = 16,
):
    """The memory of OPT-13B on one GPU under one trace, reserved above and paged below."""
    trace = draw_trace(1000, 0.13)
    above, below = memories.Reserving(SLOTS, reserve, MOST), memories.Paged(SLOTS, size)
    logs = [serving.serve(trace, memory, step) for memory in (above, below)]
    oldest = [min(m.held, key=lambda r: r.number, default=None) for m in (above, below)]
    fig, axs = subplots(2, 1, figsize=(6, 4.4))
    images = strip_of_stretches(above, oldest[0]), strip_of_blocks(below, oldest[1])
    names = (f"reserved: {RESERVED[reserve]}", f"paged: blocks of {size}")
    shares = []
    for ax, image, memory, log, name in zip(axs, images, (above, below), logs, names, strict=True):
        census = memory.census()
        shares.append(census["filled"] / SLOTS)
        ax.imshow(image, cmap="RdBu_r", vmin=-1, vmax=1, aspect="auto")
        ax.set_xticks([])
        ax.set_yticks([])
        ax.set_title(f"{name}; {log.at_work[-1]} at work, {log.waiting[-1]} waiting")
    found = pieces(below.held[oldest[1]][0].table) if oldest[1] else 0
    sentence = (
        f"After {counted(step, 'step')}, reservation has {counted(logs[0].at_work[-1], 'request')} "
        f"at work and fills {shares[0]:.0%} of the memory with tokens; paging has "
        f"{logs[1].at_work[-1]} at work and fills {shares[1]:.0%}. "
    )
    if found:
        sentence += (
            "The oldest request, in accent, lies in one piece above and in "
            f"{counted(found, 'piece')} below."
        )
    else:
        taken = (below.pool.holders > 0).mean()
        sentence += f"Of the blocks {taken:.0%} are held, and none by a request at work."
    rows = [
        [name, log.at_work[-1], log.waiting[-1], *memory.census().values()]
        for name, memory, log in zip(names, (above, below), logs, strict=True)
    ]
    columns = ["memory", "at work", "waiting", "filled", "kept for later", "never used", "no one's"]
    return fig, sentence, Table(columns, rows)


# Queues --------------------------------------------------------------------------------------


@exhibit(title="Turn up the arrivals until one memory can't keep up")
def queues(
    rate: Annotated[int, Slider(1, 14, label="arrivals in 100 steps")] = 6,
    samples: Annotated[int, Choice(1, 2, 4, label="answers to each prompt")] = 2,
):
    """Sequences at work and requests waiting, for four memories under one trace."""
    steps = 600
    trace = draw_trace(steps, rate / 100, samples)
    kinds = {name: partial(memories.Reserving, SLOTS, name, MOST) for name in RESERVED}
    kinds["paged"] = partial(memories.Paged, SLOTS, 16)
    fig, axs = subplots(2, 1, figsize=(6, 4.8), sharex=True)
    styles = {"max": ("C3", ":"), "pow2": ("C2", "--"), "oracle": ("C0", "-"), "paged": ("C1", "-")}
    stuck, rows, copies, preempted = {}, [], 0, 0
    for name, make in kinds.items():
        memory = make()
        log = serving.serve(trace, memory, steps)
        work = samples * np.array(log.at_work)
        colour, dash = styles[name]
        some = slice(9, None, 10)
        x = np.arange(steps)[some]
        axs[0].plot(x, work[some], color=colour, linestyle=dash, label=name)
        axs[1].plot(x, np.array(log.waiting)[some], color=colour, linestyle=dash)
        stuck[name] = log.waiting[-1]
        if name == "paged":
            copies, preempted = memory.copies, log.preempted
        rows.append([name, work[-1], log.waiting[-1], log.finished, memory.copies, log.preempted])
    axs[0].set_ylabel("sequences at work")
    axs[0].legend(ncols=2)
    axs[1].set_ylabel("requests waiting")
    axs[1].set_xlabel("step")
    axs[0].set_ylim(0, 75)
    axs[1].set_ylim(0, 90)
    sentence = (
        f"After {steps} steps with {counted(rate, 'arrival')} in a hundred, "
        f"{stuck['max']} wait where 2,048 tokens are reserved, {stuck['oracle']} with an oracle, "
        f"{stuck['paged']} with blocks. Paging copied {counted(copies, 'shared block')} on a "
        f"write and sent {counted(preempted, 'request')} back to the queue."
    )
    columns = ["memory", "at work", "waiting", "finished", "copies", "sent back"]
    return fig, sentence, Table(columns, rows)


# Sharing -------------------------------------------------------------------------------------

PROMPT = ["Four", "score", "and", "seven", "years", "ago", "our"]
ANSWERS = [
    ["fathers", "brought", "forth", "upon", "this", "continent"],
    ["mothers", "founded", "here", "a", "new", "nation"],
    ["people", "set", "out", "across", "the", "sea"],
]
WORDS = ["", *PROMPT, *(word for answer in ANSWERS for word in answer)]
DIM = 8


def vectors():
    """Draw a key and a value for every word; the last number of a value tells which word it is."""
    k, v = np.random.default_rng(5).standard_normal((2, len(WORDS), DIM))
    v[:, -1] = np.arange(len(WORDS))
    return k, v


def text_of(sample, tokens):
    """Return the numbers of the words that a sample has read and written."""
    start = 1 + len(PROMPT) + 6 * sample
    return [*range(1, 1 + len(PROMPT)), *range(start, start + tokens)]


def branch(samples, tokens, size):
    """Write the prompt once, fork it, let every sample write `tokens`; count the copies."""
    k, v = vectors()
    pool, first = paged.Pool(48 // size, size, 1, DIM), paged.Sequence()
    for word in text_of(0, 0):
        paged.append(pool, first, k[word], v[word])
    sequences = [first, *(paged.fork(pool, first) for _ in range(samples - 1))]
    copies = 0
    for token in range(tokens):
        for sample, sequence in enumerate(sequences):
            last, blocks = sequence.table[-1], len(sequence.table)
            word = text_of(sample, tokens)[len(PROMPT) + token]
            paged.append(pool, sequence, k[word], v[word])
            copies += len(sequence.table) == blocks and sequence.table[-1] != last
    return pool, sequences, copies


def worst_answer(pool, sequences, tokens):
    """Return the largest difference from attention over each sample's own words, in order."""
    k, v = vectors()
    q = np.random.default_rng(6).standard_normal((1, DIM))
    worst = 0.0
    for sample, sequence in enumerate(sequences):
        own = text_of(sample, tokens)
        scattered = paged.paged_attention(q, pool, sequence)
        worst = max(worst, float(np.abs(scattered - core.attention(q, k[own], v[own])).max()))
    return worst


@exhibit(title="Several answers to one prompt: shared until somebody writes")
def sharing(
    tokens: Annotated[int, Slider(0, 6, label="words written", play=True)] = 3,
    samples: Annotated[int, Slider(1, 3, label="answers")] = 2,
    size: Annotated[int, Choice(2, 4, 8, label="words a block")] = 4,
):
    """What lies in physical blocks while samples of one prompt part."""
    pool, sequences, copies = branch(samples, tokens, size)
    wide = 8 // size  # blocks in a row of the picture
    ink = np.zeros((48 // size, size))
    held = pool.holders > 0
    words = pool.v[:, :, 0, -1].round().astype(int)
    words[~held] = 0
    ink[held] = -0.08
    ink[words > 0] = -0.22
    ink[pool.holders > 1] *= -1.6
    fig, ax = figure(figsize=(6, 2.9))
    ax.imshow(ink.reshape(6, 8), cmap="RdBu_r", vmin=-1, vmax=1, aspect="auto")
    for block in range(48 // size):
        for place in range(size):
            if words[block, place]:
                x, y = (block % wide) * size + place, block // wide
                ax.text(x, y, WORDS[words[block, place]], ha="center", va="center", fontsize=8)
    for edge in range(size, 8, size):
        ax.axvline(edge - 0.5, color="C0", linewidth=1.5)
    for edge in range(1, 6):
        ax.axhline(edge - 0.5, color="C0", linewidth=0.5)
    ax.set_xticks([])
    ax.set_yticks([])
    shared, alone = int((pool.holders > 1).sum()), int(held.sum())
    apart = sum(int(blocks_needed(sequence.length, size)) for sequence in sequences)
    worst = worst_answer(pool, sequences, tokens)
    sentence = (
        f"{counted(samples, 'answer')} of {counted(tokens, 'word')} to a prompt of seven: "
        f"{counted(alone, 'block')} held, {shared} of them shared, against {apart} without "
        f"sharing; {counted(copies, 'block')} copied on a write. "
    )
    if worst < 1e-12:
        sentence += "Attention over each answer's blocks is right to twelve decimals."
    else:
        sentence += f"Attention over some answer's blocks is wrong by up to {worst:.2f}."
    table = Table(
        ["block", "holders", "words"],
        [
            [block, pool.holders[block], " ".join(WORDS[word] for word in words[block] if word)]
            for block in range(48 // size)
            if held[block]
        ],
    )
    return fig, sentence, table


# A result that is known ----------------------------------------------------------------------

KINDS = ("max", "pow2", "oracle", "paged")
FIGURE_2 = {"max": 20.4, "pow2": 26.8, "oracle": 38.2, "paged": 96.3}  # token states, %
FIGURE_13A = {"max": 7.00, "pow2": 9.81, "oracle": 13.62, "paged": 30.42}  # requests at once


def measure(kind, spread, steps, seed=0):
    """Serve more requests than fit; return the mean batch and the mean shares of the memory, %.

    The first third, in which the memory fills, is left out.
    """
    memory = memories.Paged(SLOTS, 16) if kind == "paged" else memories.Reserving(SLOTS, kind, MOST)
    log = serving.serve(draw_trace(steps, 0.16, spread=spread, seed=seed), memory, steps, every=20)
    late = log.census[len(log.census) // 3 :]
    shares = {name: 100 * np.mean([c[name] for c in late]) / SLOTS for name in late[0]}
    return float(np.mean(log.at_work[steps // 3 :])), shares


@exhibit(title="The paper’s own figures, from two mean lengths and a guess")
def figures(
    spread: Annotated[float, Slider(0.5, 1.3, step=0.2, label="spread of the lengths")] = SPREAD,
):
    """Batch size and use of memory in the simulator, beside what the paper measured."""
    found = {kind: measure(kind, spread, 1500) for kind in KINDS}
    fig, axs = subplots(1, 2, figsize=(6, 3.8))
    place = np.arange(4)
    axs[0].bar(place, [found[kind][0] for kind in KINDS], color="C4", label="here")
    axs[0].plot(place, [FIGURE_13A[kind] for kind in KINDS], "o", color="C1", label="paper")
    axs[0].set_title("requests at work")
    axs[0].set_ylim(0, 45)
    axs[0].legend()
    names = {"filled": "C0", "later": "C2", "never": "C4", "no one's": "C5"}
    floor = np.zeros(4)
    for name, colour in names.items():
        part = np.array([found[kind][1][name] for kind in KINDS])
        axs[1].bar(place, part, bottom=floor, color=colour, label=name)
        floor = floor + part
    axs[1].set_title("share of the memory, %")
    axs[1].set_ylim(0, 100)
    axs[1].legend(ncols=2)
    for ax in axs:
        ax.set_xticks(place, KINDS)
    sentence = (
        f"With a spread of {spread:.1f} the simulator holds "
        + ", ".join(f"{found[kind][0]:.1f}" for kind in KINDS[:3])
        + f" and {found['paged'][0]:.1f} requests at once; the paper measured 7.0, 9.8, 13.6 "
        "and 30.4."
    )
    columns = ["memory", "at work", "paper", "filled, %", "later, %", "never, %", "no one's, %"]
    rows = [
        [kind, round(found[kind][0], 1), FIGURE_13A[kind]]
        + [round(found[kind][1][name], 1) for name in names]
        for kind in KINDS
    ]
    return fig, sentence, Table(columns, rows)


# Claims --------------------------------------------------------------------------------------


@claim("§3; Table 1")
def a_token_takes_800_kilobytes():
    """A token of OPT-13B takes 800 KB of keys and values; 12 GB hold 15,728 tokens."""
    token = cache_bytes(1, 40, 40, 128)  # 40 layers, 40 heads of 128 numbers, two bytes a number
    assert token == 2 * 5120 * 40 * 2 and token / 1024 == 800, f"It takes {token / 1024:,.0f} KB."
    slots = 12 * 2**30 // token
    assert slots == SLOTS, f"{slots:,} tokens fit."
    longest = MOST * token
    assert round(longest / 2**30, 1) == 1.6
    return {
        "bytes a token": token,
        "tokens in 12 GB": slots,
        "GB for 2,048 tokens": longest / 2**30,
    }


@claim("Figures 2 and 13")
def seven_reservations_fit():
    """Seven reservations of 2,048 tokens fit, whatever the answers, and 8.9% is no one's."""
    batch = {}
    for name, means in requests.MEANS.items():
        rng = np.random.default_rng(1)
        trace = requests.draw_requests(rng, 1.0, 60, means, SPREAD)
        memory = memories.Reserving(SLOTS, "max", MOST)
        batch[name] = max(serving.serve(trace, memory, 60).at_work)
    assert batch == {"ShareGPT": 7, "Alpaca": 7}, f"{batch} requests were at work."
    rest = 1 - 7 * MOST / SLOTS
    assert round(100 * rest, 1) == 8.9, f"{rest:.1%} is left over."
    return {"at work": 7, "no one's": rest}


@claim("§4.1, eq. 4", rtol=10)  # the size of a rounding error is not the same on every machine
def blocks_may_lie_anywhere():
    """Attention over scattered blocks equals attention over the same tokens in one piece."""
    rng = np.random.default_rng(3)
    pool = paged.Pool(40, 16, 2, 8)
    rng.shuffle(pool.free)
    worst = 0.0
    for length in (1, 16, 17, 200):
        k, v = rng.standard_normal((2, length, 2, 8))
        sequence = paged.Sequence()
        for token in range(length):
            paged.append(pool, sequence, k[token], v[token])
        q = rng.standard_normal((4, 8))  # four heads, two for each group of keys
        whole = core.attention(q.reshape(2, 2, 8), k.swapaxes(0, 1), v.swapaxes(0, 1)).reshape(4, 8)
        assert length < 40 or pieces(sequence.table) > 3, "The blocks are not scattered."
        worst = max(worst, float(np.abs(paged.paged_attention(q, pool, sequence) - whole).max()))
        by_block = paged.paged_attention_by_block(q, pool, sequence)
        worst = max(worst, float(np.abs(by_block - whole).max()))
    assert worst < 1e-12, f"An output is off by {worst:.2g}."
    return {"largest difference": worst}


@claim("§4.1, eq. 4; our reading")
def equation_4_means_a_sum_of_exponentials():
    """With the sum outside the exponential, eq. 4 is a softmax; as printed, it isn't."""
    rng = np.random.default_rng(4)
    q, k = rng.standard_normal(8), rng.standard_normal((3, 4, 8))  # three full blocks of four
    scores = k @ q / np.sqrt(8)
    outside = np.exp(scores).sum()
    inside = np.exp(scores.sum(axis=1)).sum()
    right = np.exp(scores) / outside
    plain = core.softmax(scores.ravel())
    assert np.abs(right.ravel() - plain).max() < 1e-12
    total = float((np.exp(scores) / inside).sum())
    assert round(total, 2) == 1.49, f"As printed, the weights sum to {total:.2f}."
    return {"sum of the weights as printed": total}


@claim("§4.3")
def waste_stays_below_a_block():
    """No sequence at work holds a whole block more than it fills; on average it is half a block."""
    wasted = []
    for size in (16, 64):
        memory = memories.Paged(SLOTS, size)
        trace = draw_trace(500, 0.13)
        for steps in (100, 300, 500):
            memory = memories.Paged(SLOTS, size)
            serving.serve(trace, memory, steps)
            for sequences in memory.held.values():
                empty = size * len(sequences[0].table) - sequences[0].length
                assert 0 <= empty < size, f"{empty} places of blocks of {size} are empty."
                wasted.append(empty / size)
    assert 0.4 < np.mean(wasted) < 0.6, f"The mean is {np.mean(wasted):.2f} of a block."
    return {"mean, of a block": float(np.mean(wasted)), "largest": float(max(wasted))}


@claim("§4.4 and §4.5")
def every_block_comes_back():
    """Two answers a request, tight memory, requests sent back: in the end no block is held."""
    trace = draw_trace(150, 0.05, samples=2)
    memory = memories.Paged(4096, 16)
    log = serving.serve(trace, memory, 4000)
    held = int((memory.pool.holders != 0).sum())
    assert held == 0, f"{counted(held, 'block')} held when all is over."
    assert log.finished == len(trace) and len(memory.pool.free) == 256
    assert log.preempted > 0 and memory.copies > 0, "The memory was never tight or never shared."
    return {"requests": log.finished, "sent back": log.preempted, "copies": memory.copies}


@claim("§4.4, Figure 8", rtol=10)
def a_copy_keeps_answers_apart():
    """Two answers to seven words, four a block: one copy, one block shared, both texts right."""
    pool, sequences, copies = branch(2, 1, 4)
    worst = worst_answer(pool, sequences, 1)
    assert worst < 1e-12, f"One answer reads the other's words: it is off by {worst:.2f}."
    assert copies == 1, f"{copies} blocks were copied."
    assert sorted(pool.holders[pool.holders > 0].tolist()) == [1, 1, 2]
    assert branch(2, 1, 8)[2] == 1 and branch(1, 6, 4)[2] == 0
    return {"copies": copies, "largest difference": worst}


@claim("Figures 2 and 13a", kind="reproduced small")
def the_simulator_finds_the_papers_batches():
    """Batches come within 15% of Figure 13a, the filled shares within four points of Figure 2."""
    batch, filled = {}, {}
    for kind in KINDS:
        found = [measure(kind, SPREAD, 1500, seed) for seed in range(4)]
        batch[kind] = float(np.mean([at_work for at_work, _ in found]))
        filled[kind] = float(np.mean([shares["filled"] for _, shares in found]))
        off = batch[kind] / FIGURE_13A[kind] - 1
        assert abs(off) < 0.15, f"{kind}: {batch[kind]:.1f} requests at work, off by {off:.0%}."
        off = filled[kind] - FIGURE_2[kind]
        assert abs(off) < 4, f"{kind}: {filled[kind]:.1f}% filled, off by {off:.1f} points."
    return {f"at work, {kind}": batch[kind] for kind in KINDS} | {
        f"filled, {kind}, %": filled[kind] for kind in KINDS
    }


# Mutants -------------------------------------------------------------------------------------


@breaks("a_copy_keeps_answers_apart", replaces=paged.writable_block)
def write_through(pool, sequence):
    """Forget to copy: whoever writes into a shared block writes over the others' words."""
    if sequence.length % pool.size == 0:
        sequence.table.append(pool.take())
    return sequence.table[-1]


@breaks("blocks_may_lie_anywhere", replaces=paged.gather)
def one_block_off(pool, sequence):
    """Read the table one entry too far: the first block is never seen, the last one twice."""
    table = [*sequence.table[1:], sequence.table[-1]]
    rows = [pages[table] for pages in (pool.k, pool.v)]
    flat = [row.reshape(-1, *row.shape[2:])[: sequence.length] for row in rows]
    return flat[0].swapaxes(0, 1), flat[1].swapaxes(0, 1)


@breaks("every_block_comes_back", replaces=paged.release)
def never_let_go(pool, sequence):
    """Let requests end without giving their blocks back: memory fills up with what is over."""
    sequence.table, sequence.length = [], 0
