"""Jobs that count what attention's kernels move and do, and trace in what order.

Bytes are those that programs ask for, before any cache; see `kernels.gpu.counting`. All arrays are
float16 but the sums of a row, which are float32. One head.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from kernels.attention.traffic import block_sizes
from kernels.jobs import Context, Tolerance, job

Case = dict[str, Any]
COUNTED = ("loaded", "stored", "flops", "exponentials", "elementwise", "reduced")
NAMES = {("softmax_rows", "x"): "scores", ("softmax_rows", "out"): "weights"}
INTERPRETED = {"TRITON_INTERPRET": "1"}
EXACT = Tolerance(why="counts are whole numbers, the same wherever they are taken")
TRACED = ("launch", "program", "kind", "array", "rows", "columns", "numbers")


def case(kernel: str, n: int, d: int, rows: int, columns: int, **more: Any) -> Case:
    """Return one thing to count: which kernel, on how many places of how many features."""
    sizes = {"n": n, "d": d, "block_rows": rows, "block_columns": columns}
    return {"kernel": kernel, **sizes, "causal": False, **more}


def traffic_cases(given: Any) -> Iterator[Case]:
    """Yield each case of the parameters once: lengths, block sizes, sizes of fast memory."""
    for d in given["head_sizes"]:
        for n in given["lengths"]:
            yield case("naive", n, d, *given["naive_block"])
            for causal in (False, True):
                yield case("flash", n, d, *given["flash_block"], causal=causal)
    for n in given["backward_lengths"]:
        for causal in (False, True):
            yield case("backward", n, 64, 64, 64, causal=causal)
    for rows in given["block_rows"]:
        for columns in given["block_columns"]:
            if [rows, columns] != given["flash_block"]:
                yield case("flash", given["block_length"], 64, rows, columns)
    for d in given["fast_head_sizes"]:
        for fast in given["fast"]:
            yield case("flash-1", given["fast_length"], d, *block_sizes(fast, d), fast=fast)


def run(chosen: Case, rng: np.random.Generator, traced: bool = False) -> Any:
    """Run a case's kernels on random numbers; return what was counted."""
    import torch

    from kernels.gpu import launch_attention as start
    from kernels.gpu.counting import counting

    torch.set_num_threads(1)
    shape = (1, chosen["n"], chosen["d"])
    q, k, v, dout = (torch.from_numpy(rng.standard_normal(shape)).half() for _ in range(4))
    rows, columns, causal = chosen["block_rows"], chosen["block_columns"], chosen["causal"]
    kernel = chosen["kernel"]
    if kernel == "backward":
        out, lse = start.flash_attention(q, k, v, causal)
    with counting(traced) as counted:
        if kernel == "naive":
            start.naive_attention(q, k, v, causal, rows, columns)
        elif kernel == "flash":
            start.flash_attention(q, k, v, causal, rows, columns)
        elif kernel == "flash-1":
            start.flash1_attention(q, k, v, rows, columns)
        else:
            start.flash_attention_backward(q, k, v, out, lse, dout, causal, rows, columns)
    return counted


def named(kernel: str, bytes_by_array: Any) -> dict[str, int]:
    """Return bytes by array, arrays named as attention names them."""
    return {NAMES.get((kernel, name), name): size for name, size in bytes_by_array.items()}


def count(chosen: Case, rng: np.random.Generator) -> Case:
    """Return a case with its counts, in all and launch by launch."""
    counted = run(chosen, rng)
    launches = [
        {
            "kernel": launch.kernel,
            "grid": list(launch.grid),
            "loaded": named(launch.kernel, launch.loaded_from),
            "stored": named(launch.kernel, launch.stored_to),
        }
        for launch in counted.launches
    ]
    return {**chosen, **{what: counted.total(what) for what in COUNTED}, "launches": launches}


def slope(rows: list[Case], axis: str, **wanted: Any) -> float:
    """Return how bytes grow with one number: the slope of a line through their logarithms."""
    chosen = [row for row in rows if all(row.get(key) == wanted[key] for key in wanted)]
    moved = [row["loaded"] + row["stored"] for row in chosen]
    return float(np.polyfit(np.log([row[axis] for row in chosen]), np.log(moved), 1)[0])


@job(
    "flash-attention-traffic",
    obtained="counted",
    needs=("torch", "triton"),
    environment=INTERPRETED,
    parameters={
        "lengths": [128, 256, 512, 1024, 2048],
        "head_sizes": [64, 128],
        "naive_block": [128, 128],
        "flash_block": [128, 64],
        "backward_lengths": [128, 256, 512, 1024],
        "block_length": 1024,
        "block_rows": [16, 32, 64, 128],
        "block_columns": [32, 64, 128],
        "fast_length": 1024,
        "fast_head_sizes": [32, 64, 128],
        "fast": [8192, 16384, 32768, 65536],
    },
    reduced={
        "lengths": [128, 256],
        "backward_lengths": [128],
        "block_rows": [128],
        "block_columns": [32, 128],
        "fast_head_sizes": [64],
        "fast": [65536],
    },
    tolerance=EXACT,
)
def flash_attention_traffic(context: Context) -> dict[str, object]:
    """Bytes and operations of naive attention, FlashAttention 1 and 2 and its backward pass."""
    cases = list(traffic_cases(context.parameters))
    rows = []
    for done, chosen in enumerate(cases):
        context.progress(done, len(cases), f"{chosen['kernel']} at n = {chosen['n']}")
        rows.append(count(chosen, context.rng))
    for name in ("naive", "flash"):
        fit = slope(rows, "n", kernel=name, d=64, block_rows=128, causal=False)
        context.note(f"{name}: slope of log bytes in log n", fit)
    length = context.parameters["fast_length"]
    for d in context.parameters["fast_head_sizes"]:
        fit = slope(rows, "fast", kernel="flash-1", n=length, d=d)
        context.note(f"flash-1: slope of log bytes in log fast memory, d = {d}", fit)
    for fast in context.parameters["fast"]:
        fit = slope(rows, "d", kernel="flash-1", n=length, fast=fast)
        context.note(f"flash-1: slope of log bytes in log d, fast memory {fast}", fit)
    return {"traffic.json": rows}


@flash_attention_traffic.recheck
def _(context: Context) -> dict[str, float]:
    """Count the reduced cases again."""
    rows = context.asset("traffic.json")
    differences = dict.fromkeys(COUNTED, 0.0)
    for chosen in traffic_cases(context.parameters):
        (row,) = [row for row in rows if {**row, **chosen} == row and set(row) >= set(chosen)]
        again = count(chosen, context.rng)
        for what in COUNTED:
            found = context.difference(again[what], row[what])
            differences[what] = max(differences[what], found)
    return differences


def trace(chosen: Case, rng: np.random.Generator) -> Case:
    """Return a case with every tile it loads and stores, in order."""
    counted = run(chosen, rng, traced=True)
    shapes: dict[str, list[int]] = {}
    for launch in counted.launches:
        flat = launch.kernel == "softmax_rows"  # its rows are those of all heads
        for name, shape in launch.shapes.items():
            shapes[NAMES.get((launch.kernel, name), name)] = list(shape if flat else shape[1:])
    accesses = []
    for access in counted.accesses:
        kernel = counted.launches[access.launch].kernel
        name = NAMES.get((kernel, access.array), access.array)
        box = [list(span) for span in access.box[-len(shapes[name]) :]]
        rows, columns = box if len(box) == 2 else (*box, None)
        program = list(access.program)
        where = [access.launch, program, access.kind, name, rows, columns, access.numbers]
        accesses.append(where)
    launches = [{"kernel": each.kernel, "grid": list(each.grid)} for each in counted.launches]
    return {**chosen, "arrays": shapes, "launches": launches, "accesses": accesses}


def trace_cases(given: Any) -> Iterator[Case]:
    """Yield the small cases that are traced."""
    n, d, block = given["n"], given["d"], given["block"]
    for kernel, causal in (("naive", False), ("flash", False), ("flash", True), ("flash-1", False)):
        yield case(kernel, n, d, block, block, causal=causal)


@job(
    "flash-attention-trace",
    obtained="counted",
    needs=("torch", "triton"),
    environment=INTERPRETED,
    parameters={"n": 64, "d": 16, "block": 16},
    tolerance=EXACT,
)
def flash_attention_trace(context: Context) -> dict[str, object]:
    """Trace in what order naive attention and FlashAttention load and store tiles, on a small case.

    Within a program the order is the kernel's own; programs follow one another as in the
    interpreter, where a GPU runs many at once.
    """
    cases = [trace(chosen, context.rng) for chosen in trace_cases(context.parameters)]
    return {"trace.json": {"fields": list(TRACED), "cases": cases}}


@flash_attention_trace.recheck
def _(context: Context) -> dict[str, float]:
    """Trace all cases again; count the accesses that differ."""
    was = context.asset("trace.json")["cases"]
    again = [trace(chosen, context.rng) for chosen in trace_cases(context.parameters)]
    pairs = zip(again, was, strict=True)
    return {
        f"{old['kernel']} {'causal' if old['causal'] else 'full'}": float(
            sum(a != b for a, b in zip(new["accesses"], old["accesses"], strict=True))
        )
        for new, old in pairs
    }
