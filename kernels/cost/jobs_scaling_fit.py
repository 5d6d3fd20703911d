"""Fit the law of loss, parameters and tokens to the sweep of tiny models, with bands.

The sweep covers a factor of about thirty in parameters and fifteen in tokens, on one text: the law
is fitted to be looked at, not to be carried elsewhere. Bands come from drawing the runs again; they
don't contain what another seed, text or rate would have done.
"""

import json

import numpy as np

from kernels.cost.scaling import Law
from kernels.cost.scaling_fit import (
    Runs,
    band,
    bootstrap,
    equal_flops,
    fit,
    residuals,
    vertex,
)  # fmt: skip
from kernels.jobs import Context, Tolerance, job

SWEEP = "scaling-sweep"
NUMBERS = ("floor", "a", "b", "alpha", "beta")


def read(context: Context, size: str) -> Runs:
    """Return the sweep's runs, with parameters counted in one of two ways."""
    runs = json.loads((context.inputs[SWEEP] / "results.json").read_text())["runs"]
    return Runs(
        *(np.array([run[name] for run in runs], float) for name in (size, "tokens", "loss"))
    )


def numbers(law: Law) -> dict[str, float]:
    """Return a law's numbers by name."""
    return {name: getattr(law, name) for name in NUMBERS}


def summary(context: Context, size: str) -> dict[str, object]:
    """Return a law with its bands, its errors, and how the best size grows with FLOPs."""
    runs, given = read(context, size), context.parameters
    law = fit(runs)
    laws = bootstrap(context.rng, runs, given["draws"])
    growth = [one.beta / (one.alpha + one.beta) for one in laws]
    return {
        "law": numbers(law),
        "bands": {name: band([getattr(one, name) for one in laws], given["level"]).tolist()
                  for name in NUMBERS},
        "draws": [numbers(one) for one in laws],
        "growth_of_best_size": law.beta / (law.alpha + law.beta),
        "growth_band": band(growth, given["level"]).tolist(),
        "largest_residual": float(np.abs(residuals(law, runs)).max()),
    }  # fmt: skip


def parabolas(context: Context, size: str) -> list[dict[str, object]]:
    """Return, for each budget of FLOPs, sizes, losses and the lowest point, where there is one."""
    runs, found = read(context, size), list[dict[str, object]]()
    lowest, highest = (f(6.0 * runs.parameters * runs.tokens) for f in (np.min, np.max))
    for flops in np.geomspace(lowest, highest, context.parameters["slices"]):
        sizes, losses = equal_flops(runs, flops)
        try:
            best, loss = vertex(np.log(sizes), losses)
        except ValueError:
            continue
        if sizes[0] < np.exp(best) < sizes[-1]:
            found.append({"flops": float(flops), "sizes": sizes.tolist(),
                          "losses": losses.tolist(), "best_size": float(np.exp(best)),
                          "best_loss": float(loss)})  # fmt: skip
    return found


@job("scaling-fit", obtained="modelled", after=(SWEEP,), seed=0, parameters={"draws": 200,
     "level": 0.9, "slices": 12}, reduced={"draws": 2}, tolerance=Tolerance(0.0, 1e-6,
     "least squares of another machine"))  # fmt: skip
def scaling_fit(context: Context) -> dict[str, object]:
    """Fit the scaling law to the sweep, with bootstrap bands and parabolas at equal FLOPs."""
    found = {}
    for size in ("parameters", "without_embedding"):
        found[size] = summary(context, size) | {"parabolas": parabolas(context, size)}
    return {"fit.json": found}


@scaling_fit.recheck
def _(context: Context) -> dict[str, float]:
    again, kept = scaling_fit(context)["fit.json"], context.asset("fit.json")
    return {
        f"{size}-{name}": context.difference(again[size]["law"][name], kept[size]["law"][name])  # type: ignore[index]
        for size in kept
        for name in NUMBERS
    }
