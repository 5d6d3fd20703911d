"""Train tiny models of many sizes on budgets of tokens, to see how loss falls with both.

Every run reads its text once: no window comes back. Runs of one size share a plateau of the rates
and cool from different places on it (Hägele et al. 2024, arXiv:2405.18392), so that a budget's run
costs only its last part.
"""

import shutil
from pathlib import Path

import numpy as np

from kernels.jobs import Context, Tolerance, job
from kernels.tinylm.configuration import Configuration, count_parameters
from kernels.tinylm.jobs_shared import CARRIER, tokens_of

THREADS = 1


def shape(vocabulary, context, layers, d_model):
    """Return the configuration of a size: heads of 16 numbers, a feed-forward part 8/3 as wide."""
    heads = d_model // 16
    return Configuration(
        vocabulary, context, layers, d_model, heads, heads, d_ff=8 * round(d_model / 3)
    )


def train_size(configuration, base, budgets, task, scratch, seed):
    """Train one size on every budget of steps; yield what was last seen of each.

    Its `cpu_seconds` count from the first step, the shared plateau included.
    """
    from kernels.tinylm.training_torch import Plan, cooling, train

    trunk = Path(scratch) / f"trunk-{seed}-{configuration.layers}-{configuration.d_model}.pt"
    for steps in sorted(budgets):
        plan = Plan(steps=steps, seed=seed, **base)
        own = trunk.with_name(f"{trunk.stem}-{steps}.pt")
        if not own.exists():
            train(configuration, plan, task, trunk, stop=cooling(plan))
            shutil.copy(trunk, own.with_suffix(".copy"))
            own.with_suffix(".copy").rename(own)
        _, record = train(configuration, plan, task, own)
        yield record["curve"][-1] | {"cpu_seconds": record["cpu_seconds"]}


@job("scaling-sweep", obtained="trained", needs=("torch",), after=("shakespeare-tokeniser",),
     carriers=(CARRIER,), seed=3, parameters={"context": 128, "sizes": [[1, 16], [1, 32], [2, 32],
     [2, 48], [3, 64], [4, 96]], "budgets": [64, 128, 256, 512, 960], "windows": 128,
     "plan": {"batch": 16, "rate": 0.01, "muon_rate": 0.01, "warm_up": 20, "cool": 0.3,
     "decay": 0.1, "look": 64}}, reduced={"sizes": [[1, 16]], "budgets": [64]},
     tolerance=Tolerance(0.0, 2e-3, "sums in the order of another machine, over many steps"),
     )  # fmt: skip
def scaling_sweep(context: Context) -> dict[str, object]:
    """Train models of several sizes on several budgets of text, each token read once."""
    import torch

    from kernels.tinylm.training_torch import Text

    torch.set_num_threads(THREADS)
    given, runs = context.parameters, []
    tokeniser, training, validation, _ = tokens_of(context)
    task = Text(training, validation, once=True, windows=given["windows"])
    total = len(given["sizes"]) * len(given["budgets"])
    for layers, d_model in given["sizes"]:
        c = shape(tokeniser.vocabulary, given["context"], layers, d_model)
        n = count_parameters(c)
        args = (given["plan"], given["budgets"], task, context.scratch, context.seed)
        for last in train_size(c, *args):
            runs.append({
                "layers": layers, "d_model": d_model, "parameters": n,
                "without_embedding": n - c.vocabulary * c.d_model, "tokens": last["tokens"],
                "flops": 6 * n * last["tokens"], "loss": last["validation"],
                "training_loss": last["training"], "seed": context.seed,
                "cpu_seconds": round(last["cpu_seconds"], 1),
            })  # fmt: skip
            context.progress(len(runs), total, f"{n} parameters: {last['validation']:.3f} nats")
    return {"results.json": {"unit": "nats a token", "runs": runs, "steps": given["budgets"]}}


@scaling_sweep.recheck
def _(context: Context) -> dict[str, float]:
    kept = context.asset("results.json")["runs"]
    found = {}
    for run in scaling_sweep(context)["results.json"]["runs"]:  # type: ignore[index]
        (same,) = [
            one for one in kept
            if (one["parameters"], one["tokens"]) == (run["parameters"], run["tokens"])
        ]  # fmt: skip
        name = f"{run['parameters']}-{run['tokens']}"
        found[name] = context.difference(np.array(run["loss"]), same["loss"])
    return found
