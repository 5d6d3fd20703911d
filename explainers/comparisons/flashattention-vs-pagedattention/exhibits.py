"""Exhibits of a comparison: one attention with two switches, and blocks against fragmentation."""

from typing import Annotated

import numpy as np
from workings import Choice, Slider, Table, Toggle, breaks, claim, exhibit, subplots

from kernels.attention import core, paged, paged_memory, traffic

D, TILE, SIZE, MOST = 32, 64, 16, 256  # numbers a head, queries a tile, tokens a block, room
OTHERS = (200, 37, 120, 75, 19, 150, 58)  # tokens of the seven other requests
CELLS = {"neither": (False, False), "tiled": (True, False), "paged": (False, True)}
CELLS["both"] = (True, True)


def draw_batch(length):
    """Draw queries of one request, and keys and values of all eight, that request the third."""
    lengths = (*OTHERS[:2], length, *OTHERS[2:])
    rng = np.random.default_rng(11)
    q = 1.5 * rng.standard_normal((MOST, D))
    keys = [rng.standard_normal((MOST, D))[:n] for n in lengths]
    values = [rng.standard_normal((MOST, D))[:n] for n in lengths]
    return q[:length], keys, values


def run_cell(tiled, in_pages, q, k, v, pool, sequence):
    """Attend in one of the four ways; return the output, numbers moved and table entries read."""
    if in_pages:
        k = paged_memory.Pages(pool.k[:, :, 0], sequence.table, sequence.length)
        v = paged_memory.Pages(pool.v[:, :, 0], sequence.table, sequence.length)
    memory = traffic.SlowMemory(q=q, k=k, v=v)
    out = traffic.queries_outside(memory, TILE, TILE) if tiled else traffic.naive(memory)
    return out, memory.moved, k.looked_up + v.looked_up if in_pages else 0


def run_all(length):
    """Run the four ways on one input; return what `run_cell` gives, by name, and the batch."""
    q, keys, values = draw_batch(length)
    pool, sequences = paged_memory.fill_together(keys, values, SIZE, 8 * MOST // SIZE)
    ran = {
        name: run_cell(*cell, q, keys[2], values[2], pool, sequences[2])
        for name, cell in CELLS.items()
    }
    return ran, pool, sequences


def differences(ran, length):
    """Return how far each of the four outputs is from `softmax(qkᵀ/√d)v` taken at its word."""
    q, keys, values = draw_batch(length)
    plain = core.attention(q, keys[2], values[2])
    return {name: float(np.abs(out - plain).max()) for name, (out, _, _) in ran.items()}


def memory_map(in_pages, pool, sequences):
    """Shade memory token by token: `(8, 256)`; paper is free, pale is held and empty."""
    shade = np.zeros((8 * MOST // SIZE, SIZE))
    held = pool.holders > 0
    shade[held] = 0.16
    if not in_pages:
        shade[:] = 0.16
    for number, sequence in enumerate(sequences):
        ink = 1.0 if number == 2 else 0.5
        table = sequence.table
        if not in_pages:  # each request in a row of its own
            table = np.arange(number * MOST // SIZE, (number + 1) * MOST // SIZE)
        for token in range(sequence.length):
            shade[table[token // SIZE], token % SIZE] = ink
    return shade.reshape(8, MOST)


def empty_share(in_pages, sequences):
    """Return the share of the held memory in which nothing stands."""
    lengths = [sequence.length for sequence in sequences]
    if in_pages:
        unused = paged_memory.unused_when_paged(lengths, SIZE)
    else:
        unused = paged_memory.unused_when_reserved(lengths, MOST)
    return float(unused.sum() / (unused.sum() + sum(lengths)))


@exhibit(title="Two switches, two meters, one output")
def two_memories(
    tiled: Annotated[bool, Toggle("tile the scores (FlashAttention)")] = True,
    in_pages: Annotated[bool, Toggle("page the cache (PagedAttention)")] = False,
    tokens: Annotated[
        int, Slider(32, 256, scale="log2", label="request", unit="tokens", play=True)
    ] = 256,
):
    """One request's attention in four ways, with its traffic and its batch's memory measured."""
    ran, pool, sequences = run_all(tokens)
    names = list(CELLS)
    now = next(name for name, cell in CELLS.items() if cell == (tiled, in_pages))
    moved = [ran[name][1] for name in names]
    empty = [empty_share(cell[1], sequences) for cell in CELLS.values()]
    fig, axs = subplots(3, 1, figsize=(6, 6))
    axs[0].imshow(
        memory_map(in_pages, pool, sequences), cmap="Greys", vmin=0, vmax=1, aspect="auto"
    )
    axs[0].set_title("memory for keys and values, token by token")
    axs[0].set_yticks([])
    axs[0].set_xticks([])
    ink = ["C1" if name == now else "C4" for name in names]
    axs[1].barh(range(4), np.array(moved) / 1000, color=ink)
    axs[1].set_title("moved inside the kernel, thousands of numbers")
    axs[2].barh(range(4), 100 * np.array(empty), color=ink)
    axs[2].set_title("held for eight requests and empty, %")
    axs[1].set_xlim(0, 310)
    axs[2].set_xlim(0, 100)
    for ax in axs[1:]:
        ax.set_yticks(range(4), names)
        ax.set_ylim(3.6, -0.6)
    apart = differences(ran, tokens)
    wrong = [name for name in names if apart[name] > 1e-12]
    same = (
        f"but the output is wrong where marked {' and '.join(wrong)}, by up to "
        f"{max(apart.values()):.2f}."
        if wrong
        else "all four outputs agree to twelve decimals."
    )
    ways = {"neither": "Neither tiled nor paged", "both": "Tiled and paged"}
    sentence = (
        f"{ways.get(now, now.capitalize() + ' only')}: the request of {tokens} tokens moves "
        f"{ran[now][1]:,} numbers, and {empty[names.index(now)]:.0%} of the memory that eight "
        f"requests hold is empty; {same}"
    )
    columns = ["way", "numbers moved", "table entries read", "held and empty, %"]
    rows = [
        [name, ran[name][1], ran[name][2], 100 * share]
        for name, share in zip(names, empty, strict=True)
    ]
    return fig, sentence, Table(columns, rows)


MEANS = {"short": 60, "mixed": 300, "long": 900}


def draw_lengths(kind, most, count=200):
    """Draw lengths of requests, log-normal about a mean, from 1 to `most`."""
    spread = 0.9 if kind == "mixed" else 0.6
    drawn = np.random.default_rng(3).lognormal(np.log(MEANS[kind]) - spread**2 / 2, spread, count)
    return np.clip(np.rint(drawn).astype(int), 1, most)


def shares(lengths, most):
    """Return the empty share when reserved, and when paged for blocks of 1 to 256 tokens."""
    sizes = 2 ** np.arange(9)
    reserved = paged_memory.unused_when_reserved(lengths, most).sum() / (most * len(lengths))
    unused = np.array([paged_memory.unused_when_paged(lengths, s).sum() for s in sizes])
    return sizes, float(reserved), unused / (unused + lengths.sum())


@exhibit(title="Smaller blocks leave less empty, and make longer tables")
def fragmentation(
    size: Annotated[int, Slider(1, 256, scale="log2", label="tokens a block", play=True)] = 16,
    kind: Annotated[str, Choice("short", "mixed", "long", label="requests")] = "mixed",
    most: Annotated[int, Choice(1024, 2048, 4096, label="room reserved, tokens")] = 2048,
):
    """The empty share of the memory held by 200 requests, and the entries of their tables."""
    lengths = draw_lengths(kind, most)
    sizes, reserved, empty = shares(lengths, most)
    entries = np.array([paged_memory.blocks_needed(lengths, s).mean() for s in sizes])
    at = int(np.log2(size))
    fig, axs = subplots(1, 2, figsize=(6, 3.4))
    axs[0].axhline(100 * reserved, color="C3", linewidth=2, label="reserved")
    axs[0].plot(sizes, 100 * empty, color="C0", marker="o", label="paged")
    axs[0].plot([size], [100 * empty[at]], "o", color="C1", markersize=9)
    axs[0].set_ylim(0, 105)
    axs[0].set_title("held and empty, %")
    axs[0].legend()
    axs[1].plot(sizes, entries, color="C0", marker="o")
    axs[1].plot([size], [entries[at]], "o", color="C1", markersize=9)
    axs[1].set_yscale("log")
    axs[1].set_title("table entries a request")
    for ax in axs:
        ax.set_xscale("log")
        ax.set_xlabel("tokens a block")
    sentence = (
        f"With {size} token{'s' * (size > 1)} a block, 200 requests of {lengths.min()} to "
        f"{lengths.max():,} tokens leave {empty[at]:.1%} of what they hold empty, against "
        f"{reserved:.0%} when room for {most:,} is reserved; the memory of 200 reservations has "
        f"room for {fitting(lengths, most, size):,} paged requests of these lengths."
    )
    columns = {"tokens a block": sizes, "held and empty, %": 100 * empty}
    return fig, sentence, {**columns, "table entries a request": entries}


def fitting(lengths, most, size):
    """Return how many requests of the mean held size fit into the room reserved for all."""
    held = paged_memory.blocks_needed(lengths, size) * size
    return int(most * len(lengths) // held.mean())


@claim("Dao et al., Theorem 1; Kwon et al., §4.1", rtol=10)  # the size of a rounding error varies
def four_ways_agree():
    """Tiled or not, paged or not: the output is the same to twelve decimals."""
    largest = 0.0
    for length in (31, 100, 256):
        ran, _, sequences = run_all(length)
        assert (np.diff(sequences[2].table) != 1).any(), "The blocks are not scattered."
        largest = max(largest, *differences(ran, length).values())
    q, keys, values = draw_batch(100)
    changed = core.attention(q, keys[2][::-1], values[2]) - core.attention(q, keys[2], values[2])
    assert np.abs(changed).max() > 0.1, "The order of the keys doesn't matter in the first place."
    assert largest < 1e-12, f"An output is off by {largest:.2g}."
    return {"largest difference": largest}


@claim("Dao et al., §3.1; our count")
def tiling_lowers_the_traffic():
    """For 256 tokens of 32 numbers, tiles of 64 move 3.6 times fewer numbers, paged or not."""
    ran, _, _ = run_all(256)
    moved = {name: ran[name][1] for name in CELLS}
    factor = moved["neither"] / moved["tiled"]
    assert round(factor, 1) == 3.6, f"Tiling saves a factor of {factor:.2f}."
    assert moved["paged"] / moved["both"] == factor, "Paging changes what tiling saves."
    return {"untiled": moved["neither"], "tiled": moved["tiled"], "factor": factor}


@claim("Kwon et al., §4.2; our count")
def paging_adds_only_the_table():
    """Paged, the kernels move the same numbers; 32 table entries come on top, or 128 when tiled."""
    ran, _, _ = run_all(256)
    assert ran["paged"][1] == ran["neither"][1] and ran["both"][1] == ran["tiled"][1]
    entries, tiled = ran["paged"][2], ran["both"][2]
    assert (entries, tiled) == (32, 128), f"The table was read {entries} and {tiled} times."
    share = tiled / ran["both"][1]
    assert share < 0.002, f"The table is {share:.1%} of the traffic."
    return {
        "moved, not paged": ran["neither"][1],
        "moved, paged": ran["paged"][1],
        "entries, untiled": entries,
        "entries, tiled": tiled,
        "share when tiled": share,
    }


@claim("Kwon et al., §3.1 and §4.3; our batch")
def paging_fills_what_is_held():
    """Eight requests leave 55% of their reservations empty, and 6% of their blocks."""
    _, pool, sequences = run_all(256)
    tokens = sum(sequence.length for sequence in sequences)
    held = SIZE * int((pool.holders > 0).sum())  # counted in the pool
    reserved, in_pages = 1 - tokens / (8 * MOST), 1 - tokens / held
    assert np.isclose(empty_share(False, sequences), reserved, rtol=1e-12)
    shown = empty_share(True, sequences)
    assert abs(shown - in_pages) < 1e-12, (
        f"The pool holds {held} tokens' worth for {tokens}, but {shown:.1%} is shown as empty."
    )
    assert (round(100 * reserved), round(100 * in_pages)) == (55, 6), (reserved, in_pages)
    return {"reserved": reserved, "paged": in_pages}


@claim("Kwon et al., §4.3")
def waste_stays_within_a_block():
    """No request leaves a whole block empty; over all lengths up to 1,024 half a block is lost."""
    lengths, means = np.arange(1, 1025), {}
    for size in (1, 4, 16, 64, 256):
        unused = paged_memory.unused_when_paged(lengths, size)
        assert unused.min() == 0 and unused.max() == size - 1, (size, unused.min(), unused.max())
        means[size] = float(unused.mean())
        assert means[size] == (size - 1) / 2
    pool = paged.Pool(64, 16, 1, 1)
    sequence = paged.Sequence()
    for token in range(1, 1025):
        paged.append(pool, sequence, np.zeros((1, 1)), np.zeros((1, 1)))
        held = 16 * len(sequence.table)
        assert held - token == paged_memory.unused_when_paged(token, 16), f"{held} for {token}"
    return {"mean, blocks of 16": means[16], "mean, blocks of 256": means[256]}


@claim("our remark", rtol=0)
def paged_decode_is_the_tiled_loop():
    """Decoding from scattered blocks gives the bits of the same loop over a contiguous cache."""
    rng = np.random.default_rng(2)
    lengths = (90, 33, 141)
    keys = [rng.standard_normal((n, D)) for n in lengths]
    values = [rng.standard_normal((n, D)) for n in lengths]
    pool, sequences = paged_memory.fill_together(keys, values, SIZE, 32)
    q = rng.standard_normal((4, D))  # four heads share the one group
    for sequence, k, v in zip(sequences, keys, values, strict=True):
        scattered = paged.paged_attention_by_block(q, pool, sequence)
        contiguous = paged_memory.attention_by_block(q, k[None], v[None], SIZE)
        assert np.array_equal(scattered, contiguous), "The bits differ."
        assert np.abs(contiguous - core.attention(q, k, v)).max() < 1e-12
    return {"requests compared": len(sequences)}


@claim("our remark", rtol=10)
def order_of_blocks_is_free():
    """Whole blocks may be read in any order to twelve decimals, but none may be left out."""
    q, keys, values = draw_batch(256)
    pool, sequences = paged_memory.fill_together(keys, values, SIZE, 8 * MOST // SIZE)
    plain = core.attention(q, keys[2], values[2])
    apart = {}
    table = np.array(sequences[2].table)
    shuffled = np.random.default_rng(1).permutation(table)
    assert (shuffled != table).any()
    for name, order in (("shuffled", shuffled), ("one left out", [*table[:-1], table[0]])):
        k, v = (paged_memory.Pages(pages[:, :, 0], order, 256) for pages in (pool.k, pool.v))
        out = traffic.naive(traffic.SlowMemory(q=q, k=k, v=v))
        apart[name] = float(np.abs(out - plain).max())
    assert apart["shuffled"] < 1e-12, f"Shuffled, an output is off by {apart['shuffled']:.2g}."
    assert apart["one left out"] > 0.1, "Leaving out a block changes nothing."
    return {"off, shuffled": apart["shuffled"], "off, one left out": apart["one left out"]}


@claim("our count")
def tiling_saves_little_for_one_query():
    """Against 1,024 keys, tiling saves 3% for one query, and a factor of 3.8 for 1,024 queries."""
    rng = np.random.default_rng(0)
    k, v = rng.standard_normal((2, 1024, 64))
    saved, factor = 0.0, 0.0
    for queries in (1, 1024):
        counts = []
        for tiled in (False, True):
            memory = traffic.SlowMemory(q=rng.standard_normal((queries, 64)), k=k, v=v)
            if tiled:
                traffic.queries_outside(memory, 128, 128)
            else:
                traffic.naive(memory)
            counts.append(memory.moved)
        saved, factor = 1 - counts[1] / counts[0], counts[0] / counts[1]
        if queries == 1:
            one = saved
    assert round(100 * one) == 3, f"For one query tiling saves {one:.1%}."
    assert round(factor, 1) == 3.8, f"For 1,024 queries it saves a factor of {factor:.1f}."
    return {"saved, one query": one, "factor, 1,024 queries": factor}


@claim("Kwon et al., §4.3; our lengths")
def more_requests_fit():
    """In the memory that 200 reservations of 2,048 tokens take, 1,273 paged requests fit."""
    lengths = draw_lengths("mixed", 2048)
    _, reserved, empty = shares(lengths, 2048)
    fit = fitting(lengths, 2048, 16)
    assert fit == 1273, f"{fit} requests fit."
    return {"reserved and empty": reserved, "paged and empty": empty[4], "requests": fit}


@breaks("four_ways_agree", replaces=paged_memory.locate)
def one_block_off(table, token, size):
    """Read the table one entry too far: the first block is never seen, the last one twice."""
    return table[np.minimum(token // size + 1, len(table) - 1)], token % size


@breaks("paging_fills_what_is_held", replaces=paged_memory.blocks_needed)
def last_block_forgotten(length, size):
    """Count full blocks only: the one that is being filled is held, but not counted."""
    return np.asarray(length) // size
