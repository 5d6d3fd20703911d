"""Two models for selective copying, trained alike: one whose steps depend on the token, one not."""

import numpy as np

from kernels.jobs import Context, Tolerance, job
from kernels.scan import copying

KINDS = {"selective": True, "fixed": False}


def judge(parameters, seed, task, zones, count):
    """Return the share of letters copied right, for zones as long as in training and longer."""
    found = {}
    for zone in zones:
        generator = np.random.default_rng([seed, zone])
        tokens, answers = copying.draw(generator, count, task["letters"], task["kept"], zone)
        found[str(zone)] = copying.accuracy(parameters, tokens, answers)
    return found


@job(
    "selective-copying",
    obtained="trained",
    needs=("torch",),
    seed=0,
    parameters={
        "task": {"letters": 8, "kept": 4, "zone": 28},
        "shape": {"d_model": 32, "d_inner": 32, "d_state": 8, "rank": 4, "layers": 2},
        "steps": 2000,
        "batch": 64,
        "rate": 5e-3,
        "judged": 1000,
        "zones": [14, 28, 42, 56, 70, 84, 98, 112],
    },
    tolerance=Tolerance(0.002, 0.0, "a letter or two of thousands may be a near tie"),
)
def selective_copying(context: Context) -> dict[str, object]:
    """Train two layers of selective state space, and two that don't select, to copy letters."""
    import torch

    from kernels.scan.copying_torch import train

    torch.set_num_threads(1)
    given, files, results = context.parameters, dict[str, object](), dict[str, object]()
    for place, (kind, selective) in enumerate(KINDS.items()):
        parameters, curve, seconds = train(
            context.seed, given["task"], given["shape"], given["steps"], given["batch"],
            given["rate"], selective,
            lambda done, at=place: context.progress(
                at * given["steps"] + done, 2 * given["steps"]
            ),
        )  # fmt: skip
        entries = {name: values.astype(np.float16) for name, values in parameters.items()}
        results[kind] = {
            "parameters": sum(values.size for values in entries.values()),
            "curve": curve,
            "accuracy": judge(
                copying.widen(entries),
                context.seed + 1,
                given["task"],
                given["zones"],
                given["judged"],
            ),
        }
        files[f"{kind}.npz"] = entries
        context.note(f"{kind}-cpu_seconds", round(seconds, 1))
    return files | {"results.json": results}


@selective_copying.recheck
def _(context: Context) -> dict[str, float]:
    """Judge the committed models anew, on texts of the length that they were trained on."""
    given, found = context.parameters, {}
    for kind in KINDS:
        model = copying.widen(context.asset(f"{kind}.npz"))
        judged = judge(model, context.seed + 1, given["task"], [28], given["judged"])
        kept = context.asset("results.json")[kind]["accuracy"]["28"]
        found[kind] = context.difference(judged["28"], kept)
    return found
