"""Jobs: how long this project's kernels take on a GPU, measured.

They need a CUDA device; where there is none, `workings precompute timings` says so and does
nothing. PyTorch's own attention is timed beside ours as a yardstick.
"""

from functools import partial
from typing import Any

from kernels.jobs import Context, job

ATTENTION = [
    {"n": n, "d": d, "heads": 2048 // d, "batch": 16384 // n, "causal": causal}
    for d in (64, 128)
    for causal in (False, True)
    for n in (512, 1024, 2048, 4096, 8192, 16384)
]
SIZES = {
    "softmax": [{"rows": 16384, "columns": columns} for columns in (512, 2048, 8192)],
    "naive-attention": [sizes for sizes in ATTENTION if sizes["n"] <= 8192],
    "flash-attention": [
        {**sizes, "block_m": 128, "block_n": 64, "warps": warps, "stages": 3}
        for sizes in ATTENTION
        for warps in (4, 8)
    ],
    "flash-attention-1": [
        {**sizes, "block_r": 64, "block_c": 64}
        for sizes in ATTENTION
        if not sizes["causal"] and sizes["n"] in (1024, 4096)
    ],
    "flash-attention-backward": [sizes for sizes in ATTENTION if sizes["n"] in (1024, 4096)],
    "torch-attention": ATTENTION,
    "rms-norm": [{"rows": 16384, "features": features} for features in (1024, 4096, 8192)],
    "matmul": [
        {"m": n, "n": n, "k": n, "block_m": 128, "block_n": 128, "block_k": 32, "warps": 8}
        | {"stages": 3, "group": 8}
        for n in (1024, 4096, 8192)
    ],
    "paged-decode": [
        {"sequences": 32, "heads": 32, "groups": 8, "d": 128, "length": length, "size": 16}
        | {"splits": splits}
        for length in (1024, 8192)
        for splits in (1, 8)
    ],
    "grouped-decode": [
        {"sequences": 32, "heads": 32, "groups": groups, "d": 128, "length": length}
        for length in (1024, 8192)
        for groups in (4, 8, 32)
    ],
    "int4-matmul": [{"m": m, "n": 4096, "k": 4096, "group": 128} for m in (1, 16, 256)],
    "top-k-routing": [{"tokens": 16384, "experts": 64, "features": 2048, "k": 8}],
    "selective-scan": [
        {"batch": 8, "time": time, "d_inner": 2048, "states": 16} for time in (512, 2048)
    ],
}


def time_all(context: Context, clock: Any, between: Any, device: str) -> list[dict[str, Any]]:
    """Time every kernel of the list, and the yardstick, at each of its sizes.

    A size that a kernel can't run at, such as one that memory doesn't hold, stays in the list and
    says why.
    """
    import torch

    from kernels.gpu.registry import all_kernels
    from kernels.gpu.timing import sample
    from kernels.gpu.workloads import WORKLOADS, YARDSTICK, Maker

    given = context.parameters
    kernels = all_kernels()
    todo = [(name, sizes) for name in given["sizes"] for sizes in given["sizes"][name]]
    rows = []
    for done, (name, sizes) in enumerate(todo):
        context.progress(done, len(todo), f"{name} {sizes}")
        if name == YARDSTICK:
            launch = torch.nn.functional.scaled_dot_product_attention
        else:
            launch = kernels[name].launch()
        row = {"kernel": name, **sizes}
        try:
            work = WORKLOADS[name](sizes, Maker(device, context.seed))
            found = sample(
                partial(launch, **work.arguments),
                clock,
                between,
                given["warm_up"],
                given["runs"],
                given["at_most_seconds"],
            )
        except Exception as fault:
            if device == "cuda" and not _survivable(fault):
                raise
            rows.append({**row, "status": "failed", "why": f"{type(fault).__name__}: {fault}"})
            continue
        rate = {"flops_a_second": work.flops / found.median} if work.flops else {}
        rows.append({**row, "status": "measured", "read": work.read, **found.summary(), **rate})
        del work
    context.progress(len(todo), len(todo))
    context.note("failed", sum(row["status"] == "failed" for row in rows))
    return rows


def _survivable(fault: Exception) -> bool:
    """Tell whether the device goes on after a fault: too little memory of either kind."""
    return type(fault).__name__ in ("OutOfMemoryError", "OutOfResources")


@job(
    "timings",
    obtained="measured",
    needs=("torch", "triton"),
    device="cuda",
    parameters={"sizes": SIZES, "warm_up": 10, "runs": 100, "at_most_seconds": 2.0},
)
def timings(context: Context) -> dict[str, object]:
    """How long every kernel and PyTorch's attention take on the GPU at hand."""
    from kernels.gpu.timing import CudaClock, cache_emptier, device_state

    before = device_state()
    rows = time_all(context, CudaClock(), cache_emptier(), "cuda")
    return {"timings.json": {"device": {"before": before, "after": device_state()}, "rows": rows}}
