"""Jobs: registers, spills, shared memory, instructions and occupancy of compiled kernels.

Every number is the compiler's, for an architecture that need not be there; none is a time. A
configuration that can't be compiled, or not within the limit, stays in the list and says so.
"""

import itertools
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from kernels.gpu.compiling import Configuration, compile_kernel
from kernels.jobs import Context, Tolerance, job

FLASH = Configuration(
    module="kernels.attention.flash_triton",
    kernel="flash_forward",
    signature={
        "q_ptr": "*fp16",
        "k_ptr": "*fp16",
        "v_ptr": "*fp16",
        "out_ptr": "*fp16",
        "lse_ptr": "*fp32",
        "queries": "i32",
        "keys": "i32",
        "scale": "fp32",
    },
    constants={},
    architecture="sm_80",
    multiples_of_16=("q_ptr", "k_ptr", "v_ptr", "queries", "keys", "out_ptr", "lse_ptr"),
)
SOFTMAX = Configuration(
    module="kernels.attention.softmax_triton",
    kernel="softmax_rows",
    signature={"x_ptr": "*fp16", "out_ptr": "*fp16", "columns": "i32"},
    constants={},
    architecture="sm_80",
    multiples_of_16=("x_ptr", "out_ptr", "columns"),
)
SAME = Tolerance(why="the same compiler gives the same code; another is another result")
COMPARED = ("registers", "shared", "spill_stores", "blocks", "loop_matrix_flops")


def label(configuration: Configuration) -> str:
    """Return a short name of a configuration, fit for a file."""
    constants = "-".join(f"{name}{value}" for name, value in configuration.constants.items())
    tail = f"w{configuration.warps}-s{configuration.stages}"
    return f"{configuration.kernel}-{configuration.architecture}-{constants}-{tail}".lower()


def compile_all(configurations: Iterable[Configuration], context: Context) -> dict[str, Any]:
    """Compile one after another, each kept in `context.scratch` as soon as it is done.

    Returns the tools' `versions`, the `kinds` of instructions by architecture, and `rows`: one for
    each configuration, its mixes as lists in the order of `kinds`.
    """
    todo = list(configurations)
    rows, versions, kinds = [], {}, {}  # type: list, dict, dict
    for done, configuration in enumerate(todo):
        context.progress(done, len(todo), label(configuration))
        found = _kept(configuration, context)
        versions |= found.pop("versions", {})
        for name in ("mix", "loop"):
            if name in found:
                kinds[configuration.architecture] = list(found[name])
                found[name] = list(found[name].values())
        rows.append(
            {
                "kernel": configuration.kernel,
                "architecture": configuration.architecture,
                **configuration.constants,
                "warps": configuration.warps,
                "stages": configuration.stages,
                **found,
            }
        )
    context.progress(len(todo), len(todo))
    context.note("assembler", versions.get("ptxas", "unknown"))
    context.note("timed out", sum(row["status"] == "timed out" for row in rows))
    context.note("failed", sum(row["status"] == "failed" for row in rows))
    return {"versions": versions, "kinds": kinds, "rows": rows}


def _kept(configuration: Configuration, context: Context) -> dict[str, Any]:
    """Compile, or read what an earlier, interrupted run has compiled."""
    path = context.scratch / f"{label(configuration)}.json"
    if not path.exists():
        limit = float(context.parameters["limit_seconds"])
        found = compile_kernel(configuration, context.scratch, limit)
        unfinished = Path(f"{path}.part")
        unfinished.write_text(json.dumps(found), encoding="utf-8")
        unfinished.rename(path)
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return kept


def differences(
    asset: dict[str, Any], context: Context, *chosen: Configuration
) -> dict[str, float]:
    """Compile again what `chosen` names and return the differences from the asset's rows."""
    found: dict[str, float] = {}
    for row in compile_all(chosen, context)["rows"]:
        constants = [key for key in row if key.isupper()]
        keys = ["kernel", "architecture", "warps", "stages", *constants]
        old = next(one for one in asset["rows"] if all(one.get(key) == row[key] for key in keys))
        for name in COMPARED:
            if name in old:
                place = f"{row['kernel']} {row['architecture']} {name}"
                found[place] = context.difference(row.get(name, float("nan")), old[name])
    return found


def flash_grid(parameters: dict[str, Any]) -> list[Configuration]:
    """Return FlashAttention's configurations: `grid` for each NVIDIA architecture, and `more`."""
    found = []
    for architecture in parameters["architectures"]:
        axes = [parameters["grid"][name] for name in ("D", "BLOCK_M", "BLOCK_N", "CAUSAL")]
        axes += [parameters["grid"]["warps"], parameters["grid"]["stages"]]
        found += [flash(architecture, *values) for values in itertools.product(*axes)]
    return found + [flash(*values) for values in parameters["more"]]


def flash(architecture, d, block_m, block_n, causal, warps, stages) -> Configuration:
    """Return one configuration of FlashAttention's forward pass."""
    constants = {"D": d, "BLOCK_M": block_m, "BLOCK_N": block_n, "CAUSAL": causal}
    return replace(
        FLASH, constants=constants, architecture=architecture, warps=warps, stages=stages
    )


MORE = [
    *(
        [architecture, d, 128, 64, True, warps, 2]
        for architecture in ("sm_80", "sm_90")
        for d in (64, 128)
        for warps in (4, 8)
    ),
    *(
        [architecture, d, 128, 64, False, warps, stages]
        for architecture in ("sm_80", "sm_90")
        for d in (64, 128)
        for warps in (4, 8)
        for stages in (1, 4)
    ),
    *(["sm_90", 128, 128, 128, False, warps, 1] for warps in (4, 8)),
    *(
        ["gfx942", d, 128, block_n, False, warps, 2]
        for d in (64, 128)
        for block_n in (32, 64)
        for warps in (4, 8)
    ),
]


@job(
    "flash-attention-compiled",
    obtained="compiled",
    needs=("triton",),
    parameters={
        "architectures": ["sm_80", "sm_90"],
        "grid": {
            "D": [64, 128],
            "BLOCK_M": [64, 128],
            "BLOCK_N": [32, 64, 128],
            "CAUSAL": [False],
            "warps": [4, 8],
            "stages": [2, 3],
        },
        "more": MORE,
        "limit_seconds": 90,
    },
    tolerance=SAME,
)
def flash_attention_compiled(context: Context) -> dict[str, object]:
    """FlashAttention's forward kernel over a grid of tiles, warps and stages, as machine code."""
    return {"compiled.json": compile_all(flash_grid(dict(context.parameters)), context)}


@flash_attention_compiled.recheck
def _(context: Context) -> dict[str, float]:
    """Compile one configuration for each maker's hardware again."""
    chosen = flash("sm_90", 64, 128, 64, False, 8, 2), flash("gfx942", 64, 128, 64, False, 4, 2)
    return differences(context.asset("compiled.json"), context, *chosen)


@job(
    "naive-softmax-compiled",
    obtained="compiled",
    needs=("triton",),
    parameters={
        "architectures": ["sm_80", "sm_90"],
        "lengths": [64, 128, 256, 512, 1024, 2048, 4096],
        "queries": {"16": 4096, "64": 1024},
        "D": 64,
        "limit_seconds": 120,
    },
    tolerance=SAME,
)
def naive_softmax_compiled(context: Context) -> dict[str, object]:
    """Attention and softmax that keep whole rows on chip: registers and spills against length.

    Attention is FlashAttention's kernel with a tile as long as the row, so that its loop runs once;
    `queries` gives the rows of a tile and the longest row to try.
    """
    given = context.parameters
    todo = []
    for architecture, length in itertools.product(given["architectures"], given["lengths"]):
        todo += [
            flash(architecture, given["D"], int(queries), length, False, 4, 1)
            for queries, longest in given["queries"].items()
            if length <= longest
        ]
        constants = {"BLOCK": length}
        todo.append(replace(SOFTMAX, constants=constants, architecture=architecture, stages=1))
    return {"compiled.json": compile_all(todo, context)}


@naive_softmax_compiled.recheck
def _(context: Context) -> dict[str, float]:
    """Compile the shortest row of each kernel again."""
    rows = flash("sm_90", 64, 16, 64, False, 4, 1)
    one = replace(SOFTMAX, constants={"BLOCK": 64}, architecture="sm_90", stages=1)
    return differences(context.asset("compiled.json"), context, rows, one)
