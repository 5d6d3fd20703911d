"""A job that counts what serving moves: keys and values in decoding, weights, states of a scan.

Bytes are those that programs ask for, before any cache; see `kernels.gpu.counting`. Activations,
keys, values and scales are float16, four-bit codes two a byte, partial results float32.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from kernels.attention import paged
from kernels.attention.grouped import cache_bytes
from kernels.jobs import Context, Tolerance, job
from kernels.numerics.weight_only import pack_weights, weight_bytes

Case = dict[str, Any]
COUNTED = ("loaded", "stored", "flops")


def decode_cases(given: Any) -> Iterator[Case]:
    """Yield each way to decode one token: lengths, groups of heads, splits of the blocks."""
    fixed = {name: given[name] for name in ("heads", "d", "size")}
    for tokens in given["tokens"]:
        for groups in given["groups"]:
            one = {**fixed, "tokens": tokens, "groups": groups}
            yield {"kernel": "paged", **one, "splits": 1}
            yield {"kernel": "grouped", **one}
    for splits in given["splits"]:
        one = {**fixed, "tokens": given["split_tokens"], "groups": given["split_groups"]}
        yield {"kernel": "paged", **one, "splits": splits}


def product_cases(given: Any) -> Iterator[Case]:
    """Yield each matrix product: samples, half-precision weights or groups of four-bit ones."""
    fixed = {name: given[name] for name in ("inputs", "outputs")}
    for samples in given["samples"]:
        yield {"kernel": "fp16", **fixed, "samples": samples, "block_k": 32}
        for group in given["group_sizes"]:
            for block_k in sorted({32, group}):
                sizes = {"samples": samples, "group": group, "block_k": block_k}
                yield {"kernel": "int4", **fixed, **sizes}


def scan_cases(given: Any) -> Iterator[Case]:
    """Yield each selective scan: lengths and numbers of states."""
    for time in given["times"]:
        for states in given["states"]:
            yield {"kernel": "scan", "time": time, "states": states, "channels": given["channels"]}


CASES = {"decode": decode_cases, "product": product_cases, "scan": scan_cases}


def filled_pool(chosen: Case, rng: np.random.Generator) -> tuple[paged.Pool, paged.Sequence]:
    """Keep random tokens in a pool whose blocks are given out in random order."""
    shape = chosen["groups"], chosen["d"]
    pool = paged.Pool(-(-chosen["tokens"] // chosen["size"]), chosen["size"], *shape)
    rng.shuffle(pool.free)
    sequence = paged.Sequence()
    for _ in range(chosen["tokens"]):
        paged.append(pool, sequence, *rng.standard_normal((2, *shape)))
    return pool, sequence


def start(chosen: Case, rng: np.random.Generator) -> Any:
    """Draw a case's numbers and return what launches its kernel on them."""
    import torch

    from kernels.gpu import launch_attention, launch_serving

    def half(array: Any) -> Any:
        return torch.from_numpy(np.ascontiguousarray(array)).half()

    kernel = chosen["kernel"]
    if kernel in ("paged", "grouped"):
        pool, sequence = filled_pool(chosen, rng)
        q = half(rng.standard_normal((1, chosen["heads"], chosen["d"])))
        if kernel == "grouped":
            k, v = (half(part[None]) for part in paged.gather(pool, sequence))
            lengths = torch.tensor([chosen["tokens"]], dtype=torch.int32)
            return lambda: launch_serving.grouped_decode(q, k, v, lengths)
        k, v = half(pool.k), half(pool.v)
        table, lengths = (torch.from_numpy(array) for array in paged.tables([sequence]))
        return lambda: launch_serving.paged_decode(q, k, v, table, lengths, chosen["splits"])
    if kernel == "scan":
        time, states, channels = chosen["time"], chosen["states"], chosen["channels"]
        x, delta, z = (half(rng.random((1, time, channels))) for _ in range(3))
        b, c = (half(rng.standard_normal((1, time, states))) for _ in range(2))
        a, d = half(-rng.random((channels, states))), half(rng.random(channels))
        return lambda: launch_serving.selective_scan(x, delta, a, b, c, d, z)
    x = half(rng.standard_normal((chosen["samples"], chosen["inputs"])))
    w = rng.standard_normal((chosen["outputs"], chosen["inputs"]))
    sizes = {"block_m": 16, "block_n": 64, "block_k": chosen["block_k"]}
    if kernel == "fp16":
        return lambda: launch_attention.matmul(x, half(w.T), **sizes)
    packed = [torch.from_numpy(part) for part in pack_weights(w, chosen["group"])]
    return lambda: launch_serving.int4_matmul(x, *packed, **sizes)


def kept(chosen: Case) -> int:
    """Return the bytes of what the case is about as it lies in memory: cache, weights, states."""
    if chosen["kernel"] in ("paged", "grouped"):
        return cache_bytes(chosen["tokens"], 1, chosen["groups"], chosen["d"])
    if chosen["kernel"] == "scan":  # all states in float32, were they written down
        return 4 * chosen["time"] * chosen["channels"] * chosen["states"]
    shape = chosen["outputs"], chosen["inputs"]
    return (
        int(weight_bytes(*shape, chosen["group"])) if "group" in chosen else 2 * shape[0] * shape[1]
    )


def count(chosen: Case, rng: np.random.Generator) -> Case:
    """Return a case with its counts: in all, and bytes by array."""
    import torch

    from kernels.gpu.counting import counting

    torch.set_num_threads(1)
    launch = start(chosen, rng)
    with counting() as counted:
        launch()
    loaded: Counter[str] = Counter()
    for each in counted.launches:
        loaded.update(each.loaded_from)
    totals = {what: counted.total(what) for what in COUNTED}
    return {**chosen, "kept": kept(chosen), **totals, "loaded_from": dict(loaded)}


@job(
    "serving-traffic",
    obtained="counted",
    needs=("torch", "triton"),
    environment={"TRITON_INTERPRET": "1"},
    parameters={
        "heads": 16,
        "d": 64,
        "size": 16,
        "tokens": [64, 256, 512],
        "groups": [16, 8, 4, 2, 1],
        "splits": [2, 4, 8, 16],
        "split_tokens": 512,
        "split_groups": 4,
        "inputs": 512,
        "outputs": 256,
        "samples": [1, 16, 64],
        "group_sizes": [32, 64, 128],
        "times": [16, 64, 128],
        "states": [4, 16, 64],
        "channels": 64,
    },
    reduced={"tokens": [64], "splits": [], "samples": [1], "times": [16]},
    tolerance=Tolerance(why="counts are whole numbers, the same wherever they are taken"),
)
def serving_traffic(context: Context) -> dict[str, object]:
    """Bytes of decode attention with shared heads, of four-bit weights and of selective scans."""
    cases = [(name, one) for name, make in CASES.items() for one in make(context.parameters)]
    rows: dict[str, list[Case]] = {name: [] for name in CASES}
    for done, (name, chosen) in enumerate(cases):
        context.progress(done, len(cases), chosen["kernel"])
        rows[name].append(count(chosen, context.rng))
    return {"traffic.json": rows}


@serving_traffic.recheck
def _(context: Context) -> dict[str, float]:
    """Count the reduced cases again."""
    rows, differences = context.asset("traffic.json"), dict.fromkeys(COUNTED, 0.0)
    for name, make in CASES.items():
        for chosen in make(context.parameters):
            (row,) = [
                row for row in rows[name] if {**row, **chosen} == row and set(chosen) <= set(row)
            ]
            again = count(chosen, context.rng)
            for what in COUNTED:
                found = context.difference(again[what], row[what])
                differences[what] = max(differences[what], found)
    return differences
