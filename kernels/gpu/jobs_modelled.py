"""Jobs: attention's time as published by others, and as modelled from counts and datasheets."""

import json
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from kernels.cost.devices import DEVICES
from kernels.cost.roofline import times
from kernels.gpu.published import SOURCES, STATEMENTS, TIMINGS, Problem, Timing
from kernels.gpu.roofline_model import (
    BYTES,
    Comparison,
    compare,
    flash_requested,
    flash_work,
    modelled,
    naive_work,
    spread,
)
from kernels.jobs import Context, Tolerance, job

COUNTED = ("loaded", "stored", "flops", "exponentials")


def timing_row(timing: Timing) -> dict[str, Any]:
    """Return a published timing as JSON values."""
    problem = timing.problem
    return {
        "what": timing.what,
        "device": timing.device,
        "n": problem.n,
        "d": problem.d,
        "heads": problem.heads,
        "batch": problem.batch,
        "causal": problem.causal,
        "seconds": timing.seconds,
        "flops_a_second": timing.flops_a_second,
        "source": timing.source,
        "locator": timing.locator,
    }


@job(
    "flash-attention-published",
    obtained="published",
    tolerance=Tolerance(why="a published number is a text"),
)
def flash_attention_published(context: Context) -> dict[str, object]:
    """List timings of attention that papers and projects have published, with their places."""
    statements = [
        {name: getattr(one, name) for name in one.__dataclass_fields__} for one in STATEMENTS
    ]
    timings = [timing_row(timing) for timing in TIMINGS]
    return {"published.json": {"sources": SOURCES, "timings": timings, "statements": statements}}


@flash_attention_published.recheck
def _(context: Context) -> dict[str, float]:
    """Compare every published time with the table in the code."""
    old = [row["seconds"] for row in context.asset("published.json")["timings"]]
    return {"seconds": context.difference([timing.seconds for timing in TIMINGS], old)}


def curve_row(device: str, kernel: str, problem: Problem) -> dict[str, Any]:
    """Return what is modelled for one kernel, problem and device."""
    launches = naive_work(problem) if kernel == "naive" else flash_work(problem)
    found = modelled(launches, DEVICES[device])
    return {
        "device": device,
        "kernel": kernel,
        "n": problem.n,
        "d": problem.d,
        "heads": problem.heads,
        "batch": problem.batch,
        "causal": problem.causal,
        "moved": sum(work.moved for work in launches),
        "flops": sum(work.flops for work in launches),
        "exponentials": sum(work.exponentials for work in launches),
        "counted_flops": problem.flops,
        "seconds_overlapped": found.overlapped,
        "seconds_in_turn": found.in_turn,
        "bounds": [times(work, DEVICES[device], "fp16").bound for work in launches],
    }


def curves(given: Any) -> list[dict[str, Any]]:
    """Model both kernels on each device, for each length, head size and mask."""
    return [
        curve_row(device, kernel, Problem(n, d, given["width"] // d, given["tokens"] // n, causal))
        for device in given["devices"]
        for d in given["head_sizes"]
        for causal in (False, True)
        for kernel in ("naive", "flash")
        for n in given["lengths"]
    ]


def point_row(one: Comparison) -> dict[str, Any]:
    """Return a published timing and what is modelled for it."""
    return {
        **timing_row(one.timing),
        "seconds_overlapped": one.model.overlapped,
        "seconds_in_turn": one.model.in_turn,
        "ratio_overlapped": one.overlapped,
        "ratio_in_turn": one.in_turn,
    }


def error_rows(comparisons: Iterable[Comparison]) -> list[dict[str, Any]]:
    """Return the spread of modelled over published, for each thing on each device."""

    def key(one: Comparison) -> tuple[str, str, str, bool]:
        timing = one.timing
        return timing.source, timing.device, timing.what, timing.problem.causal

    rows = []
    for (source, device, what, causal), group in groupby(sorted(comparisons, key=key), key):
        ones = list(group)
        overlapped = spread([one.overlapped for one in ones])
        in_turn = spread([one.in_turn for one in ones])
        rows.append(
            {
                "what": what,
                "device": device,
                "causal": causal,
                "source": source,
                "overlapped": overlapped._asdict(),
                "in_turn": in_turn._asdict(),
            }
        )
    return rows


def counted_difference(rows: Iterable[dict[str, Any]]) -> float:
    """Return the largest relative difference of the formulas from what the interpreter counted."""
    largest = 0.0
    for row in rows:
        if row["kernel"] == "flash":
            tile = row["block_rows"], row["block_columns"]
            asked = flash_requested(Problem(row["n"], row["d"], 1, 1, row["causal"]), tile)
            for name in COUNTED:
                largest = max(largest, abs(getattr(asked, name) / row[name] - 1.0))
    return largest


@job(
    "flash-attention-modelled",
    obtained="modelled",
    after=("flash-attention-traffic",),
    parameters={
        "devices": ["A100 SXM 80 GB", "H100 SXM"],
        "lengths": [128, 256, 512, 1024, 2048, 4096, 8192, 16384],
        "head_sizes": [64, 128],
        "width": 2048,
        "tokens": 16384,
    },
    tolerance=Tolerance(relative=1e-12, why="the same arithmetic in another order of rounding"),
)
def flash_attention_modelled(context: Context) -> dict[str, object]:
    """Naive attention's and FlashAttention's time by length on two devices, and the model's error.

    Raises `ValueError` where the model's bytes and FLOPs are not those that were counted.
    """
    path = context.inputs["flash-attention-traffic"] / "traffic.json"
    counted = json.loads(path.read_text(encoding="utf-8"))
    difference = counted_difference(counted)
    if difference > 0:
        raise ValueError(
            f"{path.name}: counts differ from kernels/gpu/roofline_model.py by {difference:.2%}; "
            "bring flash_requested in line with the kernel"
        )
    comparisons = compare(TIMINGS)
    whole = spread([one.in_turn for one in comparisons])
    context.note("modelled in turn over published", whole._asdict())
    context.note("largest overlapped over published", max(one.overlapped for one in comparisons))
    asked = [
        {
            "n": row["n"],
            "d": row["d"],
            "kernel": row["kernel"],
            "causal": row["causal"],
            "requested": row["loaded"] + row["stored"],
            "moved": sum(
                work.moved
                for work in (naive_work if row["kernel"] == "naive" else flash_work)(
                    Problem(row["n"], row["d"], 1, 1, row["causal"])
                )
            ),
        }
        for row in counted
        if row["kernel"] == "naive"
        or (row["kernel"] == "flash" and [row["block_rows"], row["block_columns"]] == [128, 64])
    ]
    return {
        "modelled.json": {
            "bytes_each": BYTES,
            "curves": curves(context.parameters),
            "points": [point_row(one) for one in comparisons],
            "errors": error_rows(comparisons),
            "requested": asked,
            "devices": {
                name: {
                    "fp16": DEVICES[name].rate("fp16"),
                    "bandwidth": DEVICES[name].bandwidth,
                    "exponentials": DEVICES[name].exponentials,
                    "source": DEVICES[name].source,
                }
                for name in sorted({*context.parameters["devices"], *(t.device for t in TIMINGS)})
            },
        }
    }


@flash_attention_modelled.recheck
def _(context: Context) -> dict[str, float]:
    """Model every curve again."""
    old = context.asset("modelled.json")["curves"]
    new = curves(context.parameters)
    return {
        name: context.difference([row[name] for row in new], [row[name] for row in old])
        for name in ("seconds_overlapped", "seconds_in_turn", "moved", "flops", "exponentials")
    }
