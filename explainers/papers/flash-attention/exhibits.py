"""Exhibits of FlashAttention: tiles, bytes, fast memory, registers, and five kinds of evidence."""

from typing import Annotated

import numpy as np
from workings import Choice, Slider, Table, asset, breaks, claim, exhibit, subplots

from kernels.attention import core, flash_backward, online, tiles, traffic
from kernels.cost import roofline
from kernels.cost.devices import DEVICES
from kernels.gpu import occupancy, roofline_model
from kernels.gpu.published import TIMINGS, Problem

TRAFFIC = asset("flash-attention-traffic/traffic.json")
TRACE = asset("flash-attention-trace/trace.json")
COMPILED = asset("flash-attention-compiled/compiled.json")["rows"]
WHOLE_ROWS = asset("naive-softmax-compiled/compiled.json")["rows"]
MODELLED = asset("flash-attention-modelled/modelled.json")
PUBLISHED = asset("flash-attention-published/published.json")

# The small problem of the traced kernels: 64 queries and keys of 16 numbers, in tiles of 16 by 16.
N, D, BLOCK, FOLLOWED = 64, 16, 16, 5
Q, K, V = np.random.default_rng(257).standard_normal((3, N, D))
Q = 1.6 * Q
TRACED = {"queries": ("flash", False), "causal": ("flash", True), "keys": ("flash-1", False)}


def tile_order(order):
    """List the tiles `(queries, keys)` in the order in which an algorithm takes them."""
    if order == "keys":
        cut = tiles.blocks(N, BLOCK)
        return [(row, column) for column in cut for row in cut]
    return [
        (row, column)
        for row in tiles.blocks(N, BLOCK)
        for column in tiles.key_blocks(row, N, N, BLOCK, order == "causal")
    ]


def find_trace(kernel, causal=False):
    """Return the traced case of a kernel."""
    return next(c for c in TRACE["cases"] if (c["kernel"], c["causal"]) == (kernel, causal))


def traced_tiles(order):
    """Return the tiles of the trace, and the numbers moved by the end of each."""
    marker, ahead = ("q", ("q", "k", "v")) if order == "keys" else ("v", ("q", "k"))
    found, moved, waiting, row, column = [], [], 0, None, None
    for _, _, kind, array, rows, _, numbers in find_trace(*TRACED[order])["accesses"]:
        if kind == "load" and array == "q":
            row = rows
        elif kind == "load" and array == "k":
            column = rows
        if kind == "load" and array == marker:
            found.append((tuple(row), tuple(column)))
            moved.append((moved[-1] if moved else 0) + waiting)
            waiting = 0
        if kind == "load" and array in ahead and array != marker:
            waiting += numbers
        else:
            moved[-1] += numbers
    return found, moved


MOVED = {order: traced_tiles(order)[1] for order in TRACED}
NAIVE_MOVED = sum(access[-1] for access in find_trace("naive")["accesses"])


def absorb_tiles(order, count):
    """Take `count` tiles; return the states by block of queries, and the followed query's story."""
    states, shares, told = {}, {}, None
    for row, column in tile_order(order)[:count]:
        before = states.get(row.start, online.nothing_yet(Q[row], D))
        visible = tiles.visible_part(row, column, 0, order == "causal")
        after = online.absorb(before, Q[row], K[column], V[column], visible)
        factor = online.rescaling(before.maximum, after.maximum)
        old = shares.get(row.start, [])
        new = [share * factor[FOLLOWED] for share in old]
        new.append(after.total[FOLLOWED] - factor[FOLLOWED] * before.total[FOLLOWED])
        states[row.start], shares[row.start] = after, new
        told = row, column, before, after, float(factor[FOLLOWED]), old, new
    return states, told


@exhibit(title="One tile at a time: when a larger score turns up, all that was summed shrinks")
def one_tile(
    tile: Annotated[int, Slider(0, 16, label="tiles taken", play=True)] = 3,
    order: Annotated[
        str,
        Choice(
            "queries",
            "keys",
            "causal",
            labels=("queries held (2023)", "keys held (2022)", "causal"),
            label="outer loop",
        ),
    ] = "queries",
):
    """Walk the tiles of a small problem, and follow one query's maximum, sum and output."""
    every = tile_order(order)
    count = min(tile, len(every))
    states, told = absorb_tiles(order, count)
    fig, axs = subplots(1, 2, figsize=(6, 3.6), width_ratios=(1, 1))
    draw_square(axs[0], every[:count], order)
    axs[1].axhline(0, color="C0", linewidth=1)
    axs[1].set_xticks(range(4), [f"{16 * i}–{16 * i + 15}" for i in range(4)])
    axs[1].set_xlim(-0.6, 3.6)
    axs[1].set_xlabel("keys")
    axs[1].set_title("one query's running sum")
    table = Table(["feature", "output so far", "attention in one piece"], [])
    if told:
        row, _, _, after, _, old, new = told
        mine = [c.start // BLOCK for r, c in every[:count] if r == row]
        axs[1].bar(mine, new, color=["C3"] * (len(new) - 1) + ["C1"], width=0.7)
        for place, was in zip(mine, old, strict=False):
            ends = [place - 0.35, place - 0.35, place + 0.35, place + 0.35]
            axs[1].plot(ends, [0, was, was, 0], color="C0", linestyle=":", linewidth=1.5)
        for place, share in zip(mine, new, strict=True):
            axs[1].text(place, share + 0.15, f"{share:.2f}", color="C0", ha="center", va="bottom")
        axs[1].set_ylim(0, max(6.0, 1.15 * max([*old, *new])))
        axs[1].set_title(f"query {row.start + FOLLOWED}: sum {after.total[FOLLOWED]:.2f}")
        so_far = online.finish(after)[FOLLOWED]
        whole = in_one_piece(order)[row.start + FOLLOWED]
        table = Table(
            ["feature", "output so far", "attention in one piece"],
            [[i, round(float(so_far[i]), 4), round(float(whole[i]), 4)] for i in range(D)],
        )
    else:
        axs[1].set_ylim(0, 6)
        whole = in_one_piece(order)[FOLLOWED]
        table.rows.extend([i, 0.0, round(float(whole[i]), 4)] for i in range(D))
    return fig, say_tile(count, every, order, states, told), table


def in_one_piece(order):
    """Attend to all keys at once, the way the tiles should come out: `(N, D)`."""
    return core.attention(Q, K, V, core.causal_mask(N) if order == "causal" else None)


def draw_square(ax, taken, order):
    """Draw the square of scores: tiles that are gone in grey, the present one with its weights."""
    for row, column in taken[:-1]:
        ends = [column.start + 0.5, column.stop - 0.5]
        ax.fill_between(ends, row.start + 0.5, row.stop - 0.5, color="0.85")
    if taken:
        row, column = taken[-1]
        visible = tiles.visible_part(row, column, 0, order == "causal")
        scores = core.scale_scores(core.dot_products(Q[row], K[column]), D)
        if visible is not None:
            scores = core.hide(scores, visible)
        weights = np.exp(scores - scores.max())
        sides = (column.start, column.stop, row.stop, row.start)
        ax.imshow(weights, cmap="Reds", vmin=0, vmax=0.6, extent=sides, aspect="equal")
        corners = [column.start, column.stop, column.stop, column.start, column.start]
        upright = [row.start, row.start, row.stop, row.stop, row.start]
        ax.plot(corners, upright, color="C1", linewidth=2, linestyle="-")
        ax.plot([column.start, column.stop], [-3, -3], color="C0", linewidth=6, linestyle="-")
        ax.plot([-3, -3], [row.start, row.stop], color="C0", linewidth=6, linestyle="-")
        followed = row.start + FOLLOWED + 0.5
        ax.plot([column.stop, N], [followed] * 2, color="C1", linewidth=1, linestyle=":")
    ax.plot([0, N, N, 0, 0], [0, 0, N, N, 0], color="C0", linewidth=1, linestyle="-")
    for place in (16, 32, 48):
        ax.plot([place, place], [0, N], color="C3", linewidth=0.8, linestyle="-")
        ax.plot([0, N], [place, place], color="C3", linewidth=0.8, linestyle="-")
    ax.set_aspect("equal")
    ax.set_xlim(-5, N + 1)
    ax.set_ylim(N + 1, -5)
    ax.set_xticks([0, 16, 32, 48, 64])
    ax.set_yticks([0, 16, 32, 48, 64])
    ax.set_xlabel("keys, values")
    ax.set_ylabel("queries")
    ax.set_title("the square that is never kept")


def say_tile(count, every, order, states, told):
    """Say what the last tile did to the followed query, or how the result came out."""
    left = 16 - len(every)
    if not told:
        return (
            f"Nothing is loaded yet. {len(every)} tiles of 16 queries by 16 keys lie ahead"
            f"{f', and {left} of the 16 are hidden and never loaded' if left else ''}."
        )
    row, column, before, after, factor, _, _ = told
    moved = f"{MOVED[order][min(count, len(MOVED[order])) - 1]:,}"
    if count == len(every):
        error = max_error(order, states)
        return (
            f"All {count} tiles are done: the outputs of 64 queries differ from attention in one "
            f"piece {error}. {moved} numbers were moved; the naive kernels move "
            f"{NAIVE_MOVED:,} for the whole square."
        )
    was, now = before.maximum[FOLLOWED], after.maximum[FOLLOWED]
    who = f"query {row.start + FOLLOWED}"
    if np.isneginf(was):
        what = f"for {who} the running maximum begins at {now:.2f}"
    elif now > was and factor == 1:
        what = f"{who}'s maximum rises from {was:.2f} to {now:.2f}, yet nothing shrinks"
    elif now > was:
        what = (
            f"{who}'s maximum rises from {was:.2f} to {now:.2f}, so all that it had summed "
            f"shrinks to {factor:.0%}"
        )
    else:
        what = f"{who}'s maximum stays {now:.2f}, so nothing shrinks"
    return (
        f"Tile {count} of {len(every)}, queries {row.start} to {row.stop - 1} against keys "
        f"{column.start} to {column.stop - 1}: {what.replace('-', '−')}. {moved} numbers have "
        "been moved so far."
    )


def max_error(order, states):
    """Say how far the finished tiles are from attention in one piece."""
    out = np.zeros((N, D))  # a query that has met no key gets zeros
    for start, state in states.items():
        out[start : start + BLOCK] = online.finish(state)
    error = float(np.abs(out - in_one_piece(order)).max())
    if error < 1e-15:
        return "by less than 10⁻¹⁵"
    return "by less than 10⁻¹⁴" if error < 1e-14 else f"by up to {error:.2g}"


def cases(kernel, **wanted):
    """Return the counted cases of a kernel that have the wanted sizes."""
    return [
        row
        for row in TRAFFIC
        if row["kernel"] == kernel and all(row.get(key) == wanted[key] for key in wanted)
    ]


def total(row):
    """Return the bytes that a counted case loads and stores."""
    return row["loaded"] + row["stored"]


def by_array(row):
    """Return the bytes of a counted case, array by array."""
    found = {}
    for launch in row["launches"]:
        for name, size in [*launch["loaded"].items(), *launch["stored"].items()]:
            found[name] = found.get(name, 0) + size
    return found


def tiled_bytes(n, d, causal, rows, columns=64):
    """Return the bytes that FlashAttention's kernel asks for, by formula."""
    asked = roofline_model.flash_requested(Problem(n, d, 1, 1, causal), (rows, columns))
    return asked.loaded + asked.stored


def run_and_count(n, d, rows=None, columns=None, keys_held=False):
    """Run attention against the counting memory; return `(output, bytes)` with 16-bit numbers."""
    q, k, v = np.random.default_rng(n + d).standard_normal((3, n, d))
    memory = traffic.SlowMemory(q=q, k=k, v=v)
    if rows is None:
        out = traffic.naive(memory)
        return out, 2 * memory.moved
    if keys_held:
        out = traffic.keys_outside(memory, rows, columns)
        sums = 4 * n * -(-n // columns)  # two read and two written for each tile of keys
    else:
        out = traffic.queries_outside(memory, rows, columns)
        sums = n
    return out, 2 * memory.moved + 2 * sums  # the sums of a row take 32 bits


def counted_again():
    """Run two small cases here; return the largest difference in bytes from the counted ones."""
    naive = run_and_count(128, 64)[1] - total(cases("naive", n=128, d=64)[0])
    flash = run_and_count(256, 64, 128, 64)[1]
    return max(abs(naive), abs(flash - total(cases("flash", n=256, d=64, causal=False)[0])))


def megabytes(size):
    """Write bytes as MB or KB."""
    if size < 999_500:
        return f"{size / 1e3:.0f} KB"
    return f"{size / 1e6:.1f} MB"


def nearest(n, lengths):
    """Return the length of those that were counted, compiled or timed that is nearest by ratio."""
    return min(lengths, key=lambda length: abs(np.log(length / n)))


@exhibit(title="Double the text: every byte that two ways of computing attention ask for")
def bytes_moved(
    n: Annotated[int, Slider(128, 2048, scale="log2", label="tokens N", play=True)] = 1024,
    rows: Annotated[int, Choice(16, 32, 64, 128, label="queries a tile")] = 128,
    d: Annotated[int, Choice(64, 128, label="numbers a head d")] = 64,
    mask: Annotated[str, Choice("full", "causal", labels=("all keys", "causal"))] = "full",
):
    """Bytes counted from the running Triton kernels, and by array for one length."""
    masked = mask == "causal"
    lengths = np.array([128, 256, 512, 1024, 2048])
    n = int(nearest(n, lengths))  # what was counted
    naive = [total(cases("naive", n=int(m), d=d)[0]) for m in lengths]
    formula = [tiled_bytes(int(m), d, masked, rows) for m in lengths]
    fig, (left, right) = subplots(1, 2, figsize=(6, 3.7), width_ratios=(1, 1.05))
    left.plot(lengths, naive, color="C0", linestyle="-", label="naive")
    left.plot(lengths, formula, color="C1", linestyle="-", label="tiled")
    counted = cases("flash", d=d, causal=masked, block_rows=rows, block_columns=64)
    left.plot(lengths, naive, "o", color="C0", markersize=5)
    left.plot([c["n"] for c in counted], [total(c) for c in counted], "o", color="C1")
    left.axvline(n, color="C5", linestyle="-")
    left.set_xscale("log", base=2)
    left.set_yscale("log")
    left.set_ylim(3e4, 3e8)
    left.set_xlabel("tokens N")
    left.set_ylabel("bytes asked for")
    left.set_title("dots: counted")
    left.legend()
    parts = by_array(cases("naive", n=n, d=d)[0])
    here = tiled_bytes(n, d, masked, rows)
    inputs = parts["q"] + parts["k"] + parts["v"]
    once = 2 * n * d
    bars = {
        "q, k, v": inputs,
        "scores": parts["scores"],
        "weights": parts["weights"],
        "output": parts["out"],
        "q": once,
        "k, v": here - 2 * once - 4 * n,
        "output ": once + 4 * n,
    }
    right.barh(range(7), list(bars.values()), color=["C3"] * 4 + ["C1"] * 3, height=0.7)
    for place, size in enumerate(bars.values()):
        right.text(size * 1.15, place, megabytes(size), color="C0", va="center", fontsize=11)
    right.set_yticks(range(7), list(bars))
    right.set_ylim(6.6, -0.6)
    right.set_xscale("log")
    right.set_xlim(1e4, 3e9)
    right.set_title("above naive, below tiled")
    right.set_xticks([1e4, 1e6, 1e8])
    whole = total(cases("naive", n=n, d=d)[0])
    square = (parts["scores"] + parts["weights"]) / whole
    difference = counted_again()
    again = (
        "Run again here on small cases, the counts agree to the byte"
        if difference == 0
        else f"Run again here on small cases, the counts differ by {difference:,} bytes"
    )
    sentence = (
        f"For {n:,} tokens the naive kernels ask for {megabytes(whole)}, {square:.0%} of it scores "
        f"and weights; with {rows} queries a tile the tiled one asks for {megabytes(here)}, "
        f"{compared(here, whole)}. {again}."
    )
    table = Table(
        ["kernel", "array", "bytes"],
        [
            *(["naive", name, size] for name, size in list(bars.items())[:4]),
            *(["tiled", name.strip(), size] for name, size in list(bars.items())[4:]),
        ],
    )
    return fig, sentence, table


def compared(one, other):
    """Say how many times less, or more, the first is than the second."""
    if one < other:
        return f"{other / one:.1f} times less"
    return f"{one / other:.1f} times as much"


def keys_held_bytes(n, d, fast):
    """Return the bytes that Algorithm 1 moves with a fast memory of `fast` numbers."""
    _, columns = traffic.block_sizes(fast, d)
    turns = -(-n // columns)
    return 2 * traffic.keys_outside_moves(n, n, d, columns) + 8 * n * turns


def queries_held_bytes(n, d, fast):
    """Return the bytes with the loops exchanged, and tiles of the same size."""
    _, rows = traffic.block_sizes(fast, d)
    return 2 * traffic.queries_outside_moves(n, n, d, rows) + 2 * n


@exhibit(title="Shrink the fast memory, and tiling starts to lose")
def fast_memory(
    kilobytes: Annotated[
        int, Slider(8, 256, scale="log2", label="fast memory M", unit="KB", play=True)
    ] = 32,
    d: Annotated[int, Choice(32, 64, 128, label="numbers a head d")] = 128,
):
    """Bytes of Algorithm 1 against the fast memory and against the width, for 1,024 tokens."""
    n, fast = 1024, 512 * kilobytes
    memories = 512 * 2 ** np.arange(3, 9)
    widths = 2 ** np.arange(4, 9)
    fig, axs = subplots(1, 2, figsize=(6, 3.6), sharey=True)
    curves = (
        (keys_held_bytes, "C1", "-"),
        (queries_held_bytes, "C1", ":"),
        (lambda n, d, _: 2 * traffic.naive_moves(n, n, d), "C0", "-"),
    )
    for moved, colour, dash in curves:
        by_memory = [moved(n, d, int(m)) for m in memories]
        by_width = [moved(n, int(w), fast) for w in widths]
        axs[0].plot(memories / 512, by_memory, color=colour, linestyle=dash)
        axs[1].plot(widths, by_width, color=colour, linestyle=dash)
    counted = cases("flash-1", d=d)
    axs[0].plot([c["fast"] / 512 for c in counted], [total(c) for c in counted], "o", color="C1")
    counted = cases("flash-1", fast=fast)
    axs[1].plot([c["d"] for c in counted], [total(c) for c in counted], "o", color="C1")
    axs[0].axvline(kilobytes, color="C5", linestyle="-")
    axs[1].axvline(d, color="C5", linestyle="-")
    for ax, name in zip(axs, ("fast memory M, KB", "numbers a head d"), strict=True):
        ax.set_xscale("log", base=2)
        ax.set_yscale("log")
        ax.set_xlabel(name)
    axs[0].set_ylim(1e5, 6e8)
    axs[0].set_ylabel("bytes moved")
    axs[0].set_title(f"d = {d}")
    axs[1].set_title(f"M = {kilobytes} KB")
    left = 512 * 8
    top, flat = keys_held_bytes(n, d, left), 2 * traffic.naive_moves(n, n, d)
    last = queries_held_bytes(n, d, 512 * 256)
    naive_place = (8, flat / 1.7, "left") if top > 3 * flat else (256, 1.6 * flat, "right")
    words = (
        (8, max(1.5 * top, 1.6 * flat), "left", "Algorithm 1", "C1"),
        (256, last / 2, "right", "loops exchanged", "C1"),
        (*naive_place, "naive, at best", "C0"),
    )
    for x, y, side, name, colour in words:
        axs[0].text(x, y, name, color=colour, fontsize=11, ha=side, va="center")
    here, naive = keys_held_bytes(n, d, fast), 2 * traffic.naive_moves(n, n, d)
    sentence = (
        f"With {kilobytes} KB of fast memory and {d} numbers a head Algorithm 1 moves "
        f"{megabytes(here)} for 1,024 tokens, {compared(here, naive)}"
        f"{' than' if here < naive else ' as'} naive attention at its best; with the loops "
        f"exchanged it is {megabytes(queries_held_bytes(n, d, fast))}. Break-even lies near "
        f"M = 3d², which is {3 * d * d / 512:.0f} KB."
    )
    rows = [
        [int(m) // 512, keys_held_bytes(n, d, int(m)), queries_held_bytes(n, d, int(m)), naive]
        for m in memories
    ]
    return fig, sentence, Table(["M, KB", "Algorithm 1", "loops exchanged", "naive"], rows)


CHIPS = {
    "sm_80": ("A100", 163),
    "sm_90": ("H100", 227),
}  # KB of shared memory that a block may have


@exhibit(title="Keep the whole row on chip, and it soon stops fitting")
def whole_row(
    length: Annotated[int, Slider(64, 4096, scale="log2", label="keys in a row", play=True)] = 1024,
    chip: Annotated[str, Choice("sm_80", "sm_90", labels=("A100", "H100"))] = "sm_80",
):
    """Shared memory and spills of an attention kernel whose tile is as long as the row."""
    mine = [
        row
        for row in WHOLE_ROWS
        if row["architecture"] == chip and row["kernel"] == "flash_forward" and row["BLOCK_M"] == 16
    ]
    name, most = CHIPS[chip]
    lengths = [row["BLOCK_N"] for row in mine]
    length = nearest(length, lengths)  # what was compiled
    here = mine[lengths.index(length)]
    fig, axs = subplots(1, 2, figsize=(6, 3.1))
    axs[0].plot(lengths, [row["shared"] / 1024 for row in mine], color="C1", linestyle="-")
    axs[0].plot([length], [here["shared"] / 1024], "o", color="C1", markersize=8)
    axs[0].axhline(most, color="C0", linestyle=":")
    axs[0].text(64, most * 1.25, f"at most {most} KB", color="C0", fontsize=11)
    axs[0].set_yscale("log", base=2)
    axs[0].set_ylim(8, 1024)
    axs[0].set_title("shared memory, KB")
    spilled = [row["spill_stores"] / 1000 for row in mine]
    axs[1].plot(lengths, spilled, color="C1", linestyle="-")
    axs[1].plot([length], [here["spill_stores"] / 1000], "o", color="C1", markersize=8)
    axs[1].set_ylim(-2, 50)
    axs[1].set_title("spilled, KB a thread")
    for ax in axs:
        ax.set_xscale("log", base=2)
        ax.set_xlabel("keys in a row")
    fits = residence(here)
    size = f"{here['shared'] / 1024:.0f} KB of shared memory"
    spills = f"{here['spill_stores']:,} bytes of registers spilled a thread"
    sentence = (
        f"16 queries with all their {length:,} scores need {size}"
        f"{f', with {spills}' if here['spill_stores'] else ', and nothing spills'}: on an "
        f"{name}, {fitting_blocks(fits.blocks)}."
    )
    table = Table(
        ["keys", "registers", "spilled, bytes", "shared, bytes", "blocks that fit"],
        [
            [r["BLOCK_N"], r["registers"], r["spill_stores"], r["shared"], residence(r).blocks]
            for r in mine
        ],
    )
    return fig, sentence, table


def fitting_blocks(count):
    """Say how many blocks fit on a multiprocessor."""
    if count == 0:
        return "not one such block fits on a multiprocessor"
    number = ("one", "two", "three", "four", "five", "six")[count - 1]
    return f"{number} such block{'s fit' if count > 1 else ' fits'} on a multiprocessor"


def residence(row):
    """Compute from a compiled kernel's registers and shared memory how many of its blocks fit."""
    on = occupancy.MULTIPROCESSORS[row["architecture"]]
    return occupancy.residence(on, row["registers"], row["shared"], row["warps"])


TILES = ((64, 32), (64, 64), (64, 128), (128, 32), (128, 64), (128, 128))


def compiled(chip, d, tile, warps, stages, causal=False):
    """Return the compiled FlashAttention kernel with this tile."""
    wanted = {
        "architecture": chip,
        "D": d,
        "BLOCK_M": tile[0],
        "BLOCK_N": tile[1],
        "warps": warps,
        "stages": stages,
        "CAUSAL": causal,
    }
    return next(r for r in COMPILED if all(r[key] == value for key, value in wanted.items()))


@exhibit(title="Pack a multiprocessor: what the compiler asks for decides how many blocks fit")
def packing(
    tile: Annotated[int, Slider(1, 6, label="tile, first to sixth", play=True)] = 5,
    chip: Annotated[str, Choice("sm_80", "sm_90", labels=("A100", "H100"))] = "sm_80",
    d: Annotated[int, Choice(64, 128, label="numbers a head d")] = 64,
    warps: Annotated[int, Choice(4, 8, label="warps a block")] = 4,
    stages: Annotated[int, Choice(2, 3, label="stages")] = 2,
):
    """Registers and shared memory of one compiled kernel, laid out in a multiprocessor."""
    size = TILES[tile - 1]
    row = compiled(chip, d, size, warps, stages)
    on, fits = occupancy.MULTIPROCESSORS[chip], residence(row)
    fig, (top, bottom) = subplots(2, 1, figsize=(6, 4.6), height_ratios=(1, 1.25))
    a_block = warps * occupancy.rounded_up(row["registers"] * on.warp, on.register_unit)
    shared = occupancy.rounded_up(row["shared"] + on.reserved, on.shared_unit)
    parts = (
        (1, a_block / on.registers, "registers"),
        (0, shared / on.shared, "shared memory"),
    )
    for place, share, name in parts:
        colour = "C1" if name in fits.limited_by else "C3"
        for block in range(fits.blocks):
            ends = [block * share + 0.004, (block + 1) * share - 0.004]
            top.fill_between(ends, place - 0.3, place + 0.3, color=colour)
        first, last = fits.blocks * share, (fits.blocks + 1) * share
        outline = [place - 0.3, place - 0.3, place + 0.3, place + 0.3, place - 0.3]
        top.plot([first, last, last, first, first], outline, color="C0", linestyle=":")
    top.axvline(1, color="C0", linewidth=2)
    top.set_xlim(0, 1.6)
    top.set_ylim(-0.5, 1.5)
    top.set_yticks([1, 0], ["registers", "shared mem."])
    top.set_xticks([0, 0.5, 1], ["0", "half", "all there is"])
    top.set_title("blocks that fit, and the next one (dotted)")
    every = [compiled(chip, d, shape, warps, stages) for shape in TILES]
    resident = [residence(r).warps for r in every]
    colours = ["C1" if i == tile - 1 else "C3" for i in range(6)]
    bottom.bar(range(6), resident, color=colours, width=0.7)
    for place, (r, count) in enumerate(zip(every, resident, strict=True)):
        bottom.text(place, count + 1, f"{r['registers']}", color="C0", ha="center", va="bottom")
        if r["spill_stores"]:
            spilled = f"{r['spill_stores']:,} B"
            bottom.text(place, count + 6.5, spilled, color="C1", ha="center", va="bottom")
    bottom.set_xticks(range(6), [f"{m}×{k}" for m, k in TILES])
    bottom.set_ylim(0, 36)
    bottom.set_ylabel("warps, of 64")
    bottom.set_xlabel("tile: queries × keys")
    bottom.set_title("resident warps; above, registers and bytes spilled")
    spills = f" and spills {row['spill_stores']:,} bytes" if row["spill_stores"] else ""
    sentence = (
        f"Tiles of {size[0]} by {size[1]} in {warps} warps take {row['registers']} registers a "
        f"thread{spills}, and {row['shared'] / 1024:.0f} KB of shared memory: "
        f"on an {CHIPS[chip][0]}, {fitting_blocks(fits.blocks)}, {fits.warps} of 64 warps "
        f"({100 * fits.occupancy:g}%). The next block lacks {' and '.join(fits.limited_by)}."
    )
    table = Table(
        ["tile", "registers", "spilled, bytes", "shared, bytes", "blocks", "occupancy"],
        [
            [
                f"{r['BLOCK_M']}×{r['BLOCK_N']}",
                r["registers"],
                r["spill_stores"],
                r["shared"],
                residence(r).blocks,
                residence(r).occupancy,
            ]
            for r in every
        ],
    )
    return fig, sentence, table


SETTINGS = {
    "a100": ("A100 SXM 40 GB", 64, False),
    "h100": ("H100 SXM", 64, False),
    "wide": ("H100 SXM", 128, False),
    "causal": ("H100 SXM", 128, True),
}


def published(device, n, d, causal):
    """Return the papers' timings of this setting, in their order."""
    return [
        one
        for one in TIMINGS
        if one.source != "pytorch2296"
        and one.device == device
        and (one.problem.n, one.problem.d, one.problem.causal) == (n, d, causal)
    ]


@exhibit(title="Counted, compiled, modelled, published: what each kind of evidence can tell")
def evidence(
    n: Annotated[int, Slider(512, 16384, scale="log2", label="tokens N", play=True)] = 4096,
    setting: Annotated[
        str,
        Choice(
            *SETTINGS,
            labels=("A100, d = 64", "H100, d = 64", "H100, d = 128", "H100, d = 128, causal"),
        ),
    ] = "a100",
):
    """The roofline of both ways, and modelled beside published times."""
    device_name, d, causal = SETTINGS[setting]
    n = nearest(n, [2**power for power in range(9, 15)])  # what others have timed
    found = published(device_name, n, d, causal)
    device, problem = DEVICES[device_name], found[0].problem
    works = {
        "naive": roofline_model.naive_work(problem),
        "tiled": roofline_model.flash_work(problem),
    }
    fig, (left, right) = subplots(1, 2, figsize=(6, 3.9), width_ratios=(1, 1.05))
    peak, bandwidth = device.rate("fp16"), device.bandwidth
    axis = np.array([8.0, roofline.ridge_point(peak, bandwidth), 32768.0])
    roof = [roofline.attainable(float(x), peak, bandwidth) / 1e12 for x in axis]
    left.plot(axis, roof, color="C0", linestyle="-", linewidth=2)
    intensity = {}
    for name, colour in (("naive", "C0"), ("tiled", "C1")):
        flops = sum(work.flops for work in works[name])
        intensity[name] = flops / sum(work.moved for work in works[name])
        allowed = roofline.attainable(intensity[name], peak, bandwidth) / 1e12
        left.plot([intensity[name]], [allowed], "o", color=colour, markersize=8)
        beside = (
            ((1.7, 0.95), "left", "center") if name == "naive" else ((1, 1.25), "center", "bottom")
        )
        (across, up), side, level = beside
        left.text(intensity[name] * across, allowed * up, name, color=colour, ha=side, va=level)
    for one in found:
        at = intensity["naive" if one.what == "standard attention" else "tiled"]
        left.plot([at], [one.flops_a_second / 1e12], "D", color="C2", markersize=5)
    left.set_xscale("log", base=2)
    left.set_yscale("log")
    left.set_ylim(8, 3000)
    left.set_xlabel("FLOPs for each byte")
    left.set_ylabel("TFLOP/s")
    left.set_title("roof, and published (diamonds)")
    left.set_xticks([16, 128, 1024, 8192])
    labels, place = [], 0
    times = {name: roofline_model.modelled(work, device) for name, work in works.items()}
    for name, colour in (("naive", "C3"), ("tiled", "C1")):
        low, high = (1e3 * value for value in times[name])
        right.fill_between([low, high], place - 0.3, place + 0.3, color=colour)
        labels.append(f"{name}, modelled")
        place += 1
        for one in found:
            if (one.what == "standard attention") == (name == "naive"):
                right.plot([1e3 * one.seconds], [place], "D", color="C2", markersize=7)
                labels.append(SHORT.get(one.what, one.what))
                place += 1
    labels.append("measured by us")
    right.text(1e3 * times["tiled"].overlapped, place, "nothing", color="C0", va="center")
    place += 1
    slowest = max([t.in_turn for t in times.values()] + [one.seconds for one in found])
    right.set_yticks(range(place), labels)
    right.set_ylim(place - 0.4, -0.6)
    right.set_xscale("log")
    right.set_xlim(1e3 * times["tiled"].overlapped / 3, 1e3 * slowest * 3)
    right.set_xlabel("ms")
    right.set_title("how long")
    fastest = min((o for o in found if o.what != "standard attention"), key=lambda o: o.seconds)
    low, high = (1e3 * value for value in times["tiled"])
    sentence = (
        f"{n:,} tokens, {problem.heads * problem.batch:,} heads in all: naive attention does "
        f"{intensity['naive']:.0f} FLOPs a byte, tiled {intensity['tiled']:,.0f}. Modelled, the "
        f"tiled kernel takes between {low:.3g} and {high:.3g} ms; published, {fastest.what} takes "
        f"{1e3 * fastest.seconds:.3g} ms. Nothing here was measured by us."
    )
    return fig, sentence, evidence_table(found, works, times, setting)


SHORT = {
    "standard attention": "standard, publ.",
    "FlashAttention": "Flash, publ.",
    "FlashAttention-2": "Flash-2, publ.",
    "FlashAttention-3": "Flash-3, publ.",
    "Triton": "Triton, publ.",
}


def evidence_table(found, works, times, setting):
    """List what each kind of evidence says of one setting."""
    device_name, d, causal = SETTINGS[setting]
    chip = "sm_80" if device_name.startswith("A100") else "sm_90"
    row = compiled(chip, d, (128, 64), 8, 2, causal)
    rows = []
    for name, work in works.items():
        rows.append(["counted", f"{name}: FLOPs", sum(w.flops for w in work)])
        rows.append(["counted", f"{name}: bytes, each array once", sum(w.moved for w in work)])
    rows.append(["compiled", "tiled, 128×64, 8 warps: registers a thread", row["registers"]])
    rows.append(["compiled", "the same: resident warps of 64", residence(row).warps])
    for name, time in times.items():
        rows.append(["modelled", f"{name}: ms at least", round(1e3 * time.overlapped, 4)])
        rows.append(["modelled", f"{name}: ms in turn", round(1e3 * time.in_turn, 4)])
    for one in found:
        told = f"{one.what}: ms ({one.source}, {one.locator})"
        rows.append(["published", told, round(1e3 * one.seconds, 4)])
    rows.append(["measured", "by us", "nothing"])
    return Table(["kind", "what", "value"], rows)


@claim("Theorem 1; §3.1", rtol=10)  # a rounding error is not the same on every machine
def exact_at_every_tile_shape():
    """Tiles of any shape give attention itself, to twelve decimals, with and without a mask."""
    rng, worst, shapes = np.random.default_rng(21), 0.0, 0
    for queries, keys in ((24, 24), (7, 33)):
        q, k, v = (rng.standard_normal((2, length, 8)) for length in (queries, keys, keys))
        offset = keys - queries
        mask = np.arange(keys) <= np.arange(queries)[:, None] + offset
        for causal, visible in ((False, None), (True, mask)):
            whole = core.attention(3 * q, k, v, visible)
            for rows in (1, 3, 8, 64):
                for columns in (1, 5, 8, 64):
                    out = online.flash_attention(3 * q, k, v, rows, columns, causal)
                    worst = max(worst, float(np.abs(out - whole).max()))
                    shapes += 1
    assert worst < 1e-12, f"An output is off by {worst:.2g}."
    return {"largest difference": worst, "shapes and masks": shapes}


@claim("§3.1", rtol=1e-6)
def large_scores_stay_finite():
    """Scores up to 2,000 overflow nowhere, for the largest score so far is taken away."""
    q = np.ones((1, 1))
    k = np.array([-2000.0, 0.0, 500.0, 2000.0])[:, None]
    v = np.arange(4.0)[:, None]
    with np.errstate(over="ignore", invalid="ignore"):
        out = float(online.flash_attention(q, k, v, 1, 1)[0, 0])
        plain = float(np.exp(k.max()))
    assert np.isinf(plain), "The scores are not large enough to tell."
    assert abs(out - 3.0) < 1e-12, f"The output is {out} where the last value, 3, takes all."
    return {"output": out}


@claim("Theorem 1; our count")
def same_matrix_flops():
    """Naive and tiled attention do the same FLOPs in matrix products, four for each N² and d."""
    for d in (64, 128):
        for n in (128, 256, 512, 1024, 2048):
            naive = cases("naive", n=n, d=d)[0]
            tiled = cases("flash", n=n, d=d, causal=False, block_rows=128, block_columns=64)[0]
            assert naive["flops"] == tiled["flops"] == 4 * n * n * d, (n, d)
    naive = cases("naive", n=1024, d=64)[0]["exponentials"]
    tiled = cases("flash", n=1024, d=64, block_rows=128, block_columns=64, causal=False)[0]
    more = tiled["exponentials"] / naive - 1
    assert round(100 * more, 1) == 1.6, more
    return {"FLOPs at N = 1,024, d = 64": 4 * 1024**2 * 64, "more exponentials": more}


def slope(rows, axis):
    """Return the slope of a line through the logarithms of bytes and of one size."""
    logs = np.log([row[axis] for row in rows])
    return float(np.polyfit(logs, np.log([total(row) for row in rows]), 1)[0])


@claim("§3.2; our count")
def naive_bytes_grow_as_the_square():
    """Naive attention's bytes grow as N to the power 1.97; tiles of 128 ask for 4.9 times fewer."""
    found = slope(cases("naive", d=64), "n")
    assert round(found, 2) == 1.97, found
    naive = cases("naive", n=1024, d=64)[0]
    tiled = cases("flash", n=1024, d=64, block_rows=128, block_columns=64, causal=False)[0]
    ratio = total(naive) / total(tiled)
    parts = by_array(naive)
    square = (parts["scores"] + parts["weights"]) / total(naive)
    assert round(ratio, 1) == 4.9 and round(100 * square) == 72, (ratio, square)
    assert round(total(naive) / 1e6, 1) == 11.7 and round(total(tiled) / 1e6, 1) == 2.4
    return {"slope": found, "naive over tiled": ratio, "scores and weights": square}


@claim("Theorem 2; our count")
def traffic_goes_as_d_squared_over_m():
    """Algorithm 1's bytes go as M to the power −0.97 (d = 128) and as d to 1.94 (M = 16 KB)."""
    by_memory = slope(cases("flash-1", d=128), "fast")
    by_width = slope(cases("flash-1", fast=8192), "d")
    assert round(by_memory, 2) == -0.97 and round(by_width, 2) == 1.94, (by_memory, by_width)
    for row in cases("flash-1"):
        here = keys_held_bytes(row["n"], row["d"], row["fast"])
        assert here == total(row), f"{here:,} bytes by formula, {total(row):,} counted"
    return {"slope in M, d = 128": by_memory, "slope in d, M = 16 KB": by_width}


@claim("Algorithm 1 and Theorem 2; our count")
def algorithm_1_can_lose():
    """With 128 numbers a head and 32 KB, Algorithm 1 moves 1.8 times what the naive kernels do."""
    naive = total(cases("naive", n=1024, d=128)[0])
    small = total(cases("flash-1", n=1024, d=128, fast=16384)[0])
    large = total(cases("flash-1", n=1024, d=128, fast=65536)[0])
    ratio = small / naive
    assert round(ratio, 1) == 1.8, ratio
    assert round(naive / large, 1) == 2.2, naive / large
    n = 2**16  # long enough that only the square counts; the sums of a row are left aside
    fast = 3 * 128**2
    even = traffic.keys_outside_moves(n, n, 128, traffic.block_sizes(fast, 128)[1])
    near = even / traffic.naive_moves(n, n, 128)
    assert abs(near - 1) < 0.02, f"At M = 3d² it moves {near:.2f} of what the naive way does."
    return {"32 KB, over naive": ratio, "naive over 128 KB": naive / large, "M = 3d²": near}


@claim("Algorithms 0 and 1; our count")
def counts_agree():
    """The same loops, run here on a counting memory, move just what the Triton kernels move."""
    pairs = [
        (run_and_count(128, 64)[1], cases("naive", n=128, d=64)[0]),
        (run_and_count(256, 64, 128, 64)[1], cases("flash", n=256, d=64, causal=False)[0]),
        (run_and_count(512, 64, 128, 64)[1], cases("flash", n=512, d=64, causal=False)[0]),
        (run_and_count(1024, 32, 32, 512, True)[1], cases("flash-1", d=32, fast=65536)[0]),
    ]
    for here, row in pairs:
        assert here == total(row), f"{row['kernel']}: {here:,} bytes here, {total(row):,} counted"
    for row in cases("flash"):
        sizes = row["n"], row["d"], row["causal"], row["block_rows"], row["block_columns"]
        assert tiled_bytes(*sizes) == total(row), sizes
    out, _ = run_and_count(128, 64, 32, 16)
    q, k, v = np.random.default_rng(192).standard_normal((3, 128, 64))
    error = float(np.abs(out - core.attention(q, k, v)).max())
    assert error < 1e-12, f"What is counted is not attention: an output is off by {error:.2g}."
    return {"cases run": len(pairs), "cases by formula": len(cases("flash"))}


@claim("§3; our trace")
def no_square_is_written():
    """The tiled kernel stores outputs and one number a query, the naive ones two whole squares."""
    tiled = find_trace("flash")
    stored = {}
    for _, _, kind, array, _, _, numbers in tiled["accesses"]:
        if kind == "store":
            stored[array] = stored.get(array, 0) + numbers
    assert stored == {"out": N * D, "lse": N}, stored
    assert max(access[-1] for access in tiled["accesses"]) == BLOCK * max(BLOCK, D)
    naive = {}
    for _, _, kind, array, _, _, numbers in find_trace("naive")["accesses"]:
        if kind == "store":
            naive[array] = naive.get(array, 0) + numbers
    assert naive["scores"] == naive["weights"] == N * N, naive
    return {"numbers stored, tiled": sum(stored.values()), "naive": sum(naive.values())}


@claim("Algorithm 1; our trace")
def the_exhibit_follows_the_kernels():
    """The exhibit takes the tiles in the order in which the Triton kernels load them."""
    for order in TRACED:
        mine = [((r.start, r.stop), (c.start, c.stop)) for r, c in tile_order(order)]
        assert traced_tiles(order)[0] == mine, f"The order of '{order}' is another."
        everything = sum(access[-1] for access in find_trace(*TRACED[order])["accesses"])
        assert MOVED[order][-1] == everything
    moved = {order: MOVED[order][-1] for order in TRACED}
    return {**moved, "naive": NAIVE_MOVED}


@claim("§3.1; appendix B.2", rtol=10)
def backward_recomputes_the_weights():
    """Gradients from recomputed tiles are those of attention in one piece, to ten decimals."""
    rng = np.random.default_rng(5)
    q, k, v, dout = rng.standard_normal((4, 20, 6))
    weights = core.attention_weights(q, k)
    dweights = dout @ v.T
    dscores = weights * (dweights - (weights * dweights).sum(axis=-1, keepdims=True)) / np.sqrt(6)
    whole = dscores @ k, dscores.T @ q, weights.T @ dout
    worst = 0.0
    for rows, columns in ((20, 20), (4, 7), (1, 1), (16, 3)):
        out, lse = flash_backward.flash_forward(q, k, v, rows, columns)
        parts = flash_backward.flash_attention_backward(q, k, v, out, lse, dout, rows, columns)
        for part, want in zip(parts, whole, strict=True):
            worst = max(worst, float(np.abs(part - want).max()))
    step = 1e-5
    for given in (q, k, v):  # and the formula itself, against a difference quotient
        nudge = rng.standard_normal(given.shape)
        ups = [x + step * nudge if x is given else x for x in (q, k, v)]
        downs = [x - step * nudge if x is given else x for x in (q, k, v)]
        rate = ((core.attention(*ups) - core.attention(*downs)) * dout).sum() / (2 * step)
        place = [x is given for x in (q, k, v)].index(True)
        assert abs(rate - (whole[place] * nudge).sum()) < 1e-6 * max(1.0, abs(rate))
    assert worst < 1e-10, f"A gradient is off by {worst:.2g}."
    return {"largest difference": worst}


@claim("our compilation")
def occupancy_is_arithmetic():
    """From registers and shared memory follow the blocks that fit, for all 130 kernels."""
    for row in COMPILED:
        found = residence(row)
        assert (found.blocks, found.occupancy) == (row["blocks"], row["occupancy"]), row
    four, eight = (compiled("sm_80", 64, (128, 64), warps, 2) for warps in (4, 8))
    assert (four["registers"], residence(four).warps) == (255, 8)
    assert (eight["registers"], residence(eight).warps) == (158, 8)
    spilled = compiled("sm_80", 128, (128, 128), 4, 2)["spill_stores"]
    assert spilled == 1248 and compiled("sm_80", 128, (128, 128), 8, 2)["spill_stores"] == 0
    most = max(residence(r).occupancy for r in COMPILED if r["architecture"] == "sm_80")
    assert most == 0.25
    return {"kernels": len(COMPILED), "most on sm_80": most, "bytes spilled": spilled}


@claim("our compilation")
def whole_rows_stop_fitting():
    """Sixteen whole rows fit an A100 up to 1,024 keys; at 2,048 they need 322 KB of 163."""
    mine = {
        row["BLOCK_N"]: row
        for row in WHOLE_ROWS
        if row["architecture"] == "sm_80"
        and row["kernel"] == "flash_forward"
        and row["BLOCK_M"] == 16
    }
    assert residence(mine[1024]).blocks == 1 and residence(mine[2048]).blocks == 0
    assert round(mine[2048]["shared"] / 1024) == 322
    assert mine[256]["spill_stores"] == 0 and mine[1024]["spill_stores"] == 8844
    return {"KB at 2,048 keys": mine[2048]["shared"] / 1024, "spilled at 1,024": 8844}


@claim("§2.1; our count")
def naive_attention_starves():
    """At N = 1,024, d = 64 naive attention does 30 FLOPs a byte, tiled 508; an A100 needs 201."""
    device = DEVICES["A100 SXM 40 GB"]
    need = roofline.ridge_point(device.rate("fp16"), device.bandwidth)

    def does(work):
        return sum(one.flops for one in work) / sum(one.moved for one in work)

    naive = does(roofline_model.naive_work(Problem(1024, 64, 1, 1)))
    tiled, short = (does(roofline_model.flash_work(Problem(n, 64, 1, 1))) for n in (1024, 256))
    assert [round(x) for x in (naive, tiled, short, need)] == [30, 508, 127, 201]
    return {"naive": naive, "tiled": tiled, "tiled, N = 256": short, "needed": need}


@claim("Tables and figures as listed; our model")
def the_model_is_a_bound_and_errs():
    """No published time beats the roofline; with no overlap it gives 0.09 to 1.26 of them."""
    every = roofline_model.compare(TIMINGS)
    bound = max(one.overlapped for one in every)
    assert bound < 1 and len(every) == 114, bound
    whole = roofline_model.spread([one.in_turn for one in every])
    assert (round(whole.mean, 2), round(whole.least, 2), round(whole.most, 2)) == (0.68, 0.09, 1.26)

    def of(what, device):
        return roofline_model.spread(
            [
                one.in_turn
                for one in every
                if one.timing.what == what and one.timing.device == device
            ]
        )

    third, first = of("FlashAttention-3", "H100 SXM"), of("FlashAttention", "A100 SXM 40 GB")
    assert round(third.mean, 2) == 1.06 and round(first.mean, 2) == 0.28
    for one, row in zip(every, MODELLED["points"], strict=True):
        assert abs(one.in_turn / row["ratio_in_turn"] - 1) < 1e-12
    return {
        "published, at most this far above the roof": bound,
        "in turn over published, mean": whole.mean,
        "FlashAttention-3": third.mean,
        "FlashAttention": first.mean,
    }


@claim("Figure 2, left, on arXiv and at NeurIPS", kind="quoted")
def fewer_bytes_more_flops_less_time():
    """As reported: more FLOPs, a ninth of the bytes, 5.7 times faster; with a padding mask 3.0."""
    reported = {one["what"]: one["value"] for one in PUBLISHED["statements"]}
    kinds = ("standard attention, forward and backward", "FlashAttention, forward and backward")
    slow, fast = (reported[kind] for kind in kinds)
    many, few = (reported[f"{kind}: bytes of memory traffic"] for kind in kinds)
    assert round(slow / fast, 1) == 5.7 and round(many / few, 1) == 9.2
    masked = 35.1 / 11.7  # the conference's version, in milliseconds
    assert round(masked, 1) == 3.0 and round(35.3 / 4.4) == 8
    return {
        "GB, standard": many / 1e9,
        "GB, FlashAttention": few / 1e9,
        "times faster": slow / fast,
        "with a padding mask": masked,
    }


@breaks("exact_at_every_tile_shape", replaces=online.rescaling)
def skip_the_rescaling(old, new):
    """Leave what was summed as it is when a larger score turns up: early keys count too much."""
    return np.ones_like(new)


@breaks("large_scores_stay_finite", replaces=online.new_maximum)
def keep_the_first_maximum(maximum, scores):
    """Keep the first tile's maximum for good: right on paper, until a later score overflows."""
    return np.where(np.isneginf(maximum), scores.max(axis=-1), maximum)


@breaks("exact_at_every_tile_shape", replaces=tiles.key_blocks)
def stop_a_tile_early(row, queries, keys, columns, causal=False):
    """End the loop over the keys one tile too soon: nobody sees the last of them."""
    last = row.stop - 1 + keys - queries
    cut = tiles.blocks(keys, columns)
    return [column for column in cut if not causal or column.start <= last][:-1]


@breaks("traffic_goes_as_d_squared_over_m", replaces=traffic.block_sizes)
def forget_queries_and_outputs(fast, d):
    """Fill the fast memory with keys and values alone, as if queries and outputs needed no room."""
    columns = -(-fast // (2 * d))
    return min(columns, d), columns
