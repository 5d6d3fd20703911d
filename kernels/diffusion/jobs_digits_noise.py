"""The denoiser and the flow: one network twice, told how noisy it is and which digit to draw.

Both are trained by `kernels.autodiff`, with a share of the labels dropped, so that they can be
guided.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from kernels.autodiff.optimisers import adamw, warmup_cosine
from kernels.jobs import Context, job

from . import digits, guidance, samplers, schedules
from . import digits_losses as losses
from . import digits_training as training
from .flow import straightness
from .jobs_digits_shared import DATA, JUDGE, TIGHT, Digits, judged, learn, read
from .weights import narrow, widen


def train_conditioned(context: Context, batches: Any) -> tuple[dict, dict[str, object]]:
    """Train a denoiser or a flow: shipped weights, widened, and files with weights and curves."""
    data, p = read(context), context.parameters

    def step(state: dict, t: int) -> dict:
        g = np.random.default_rng([context.seed, t])
        i = g.choice(len(data.images), p["batch"])
        batch = batches(g, data.images[i], data.labels[i], p["drop"])
        rate = warmup_cosine(t, 2e-3, 200, p["steps"])
        return training.descend(
            state, t, losses.regression, batch, rate, partial(adamw, decay=0.02)
        )

    def check(state: dict) -> list[float]:
        return [held_out_loss(state["averages"], data, batches)]

    first = digits.draw_conditioned(context.rng, p["width"], p["spoken"], p["blocks"])
    state = learn(context, training.start(first, p["steps"]), step, check, p["steps"])
    kept = narrow(state["averages"])
    curve = training.stretches(state["losses"], 100)
    return widen(kept), {
        "weights.npz": kept,
        "loss.csv": training.table(("step", "loss"), curve),
        "checks.csv": training.table(("step", "held_out"), state["checks"]),
    }


def held_out_loss(parameters: Mapping, data: Digits, batches: Any, rounds: int = 4) -> float:
    """Average the loss over held-out digits with their labels, each noised a few times."""
    g = np.random.default_rng(1)
    found = [batches(g, data.held_images, data.held_labels, 0.0) for _ in range(rounds)]
    return float(np.mean([losses.regression(parameters, *each).data for each in found]))


def asked(context: Context) -> tuple[np.ndarray, np.ndarray]:
    """Return the noise that samples start from, `(500, 64)`, and the digits asked for."""
    n = context.parameters["samples"]
    return np.random.default_rng([context.seed, 1]).normal(size=(n, 64)), np.arange(n) % 10


CONDITIONED = {
    "steps": 16000,
    "batch": 128,
    "drop": 0.2,
    "width": 160,
    "spoken": 64,
    "blocks": 3,
    "samples": 500,
}


def denoised(
    parameters: Mapping,
    x: np.ndarray,
    labels: np.ndarray,
    sampler: str,
    steps: int,
    weight: float = 0.0,
    schedule: str = "cosine",
    seed: int = 0,
) -> np.ndarray:
    """Draw digits with the denoiser: `(n, 64)`."""
    levels = schedules.respace(getattr(schedules, schedule)(1000), steps)

    def told(x: np.ndarray, level: float, who: np.ndarray) -> np.ndarray:
        return digits.denoise(parameters, x, level, who)

    model = guidance.guided(told, labels, digits.NOBODY, weight)
    if sampler == "ancestral":
        return samplers.ancestral(model, x, levels, np.random.default_rng(seed))[-1]
    return samplers.implicit(model, x, levels)[-1]


DENOISED: list[dict[str, Any]] = [
    {"sampler": "ancestral", "steps": 1000},
    {"sampler": "ancestral", "steps": 50},
    *({"sampler": "implicit", "steps": steps} for steps in (50, 20, 10, 5, 3)),
    *({"sampler": "implicit", "steps": 50, "weight": w} for w in (-1.0, 0.5, 1.0, 3.0)),
    {"sampler": "ancestral", "steps": 50, "weight": -1.0},
    {"sampler": "implicit", "steps": 50, "schedule": "linear"},
]


@job("digits-denoiser", obtained="trained", after=(DATA, JUDGE), seed=3, parameters=CONDITIONED,
     tolerance=TIGHT)  # fmt: skip
def digits_denoiser(context: Context) -> dict[str, object]:
    """Train a denoiser of digits, told which digit, and judge the digits that it draws."""
    parameters, files = train_conditioned(context, losses.noised_batch)
    data, (x, labels) = read(context), asked(context)
    rows = []
    for given in DENOISED:
        images = denoised(parameters, x, labels, seed=context.seed, **given)
        ignored = given.get("weight") == -1.0
        rows.append({**given, **judged(context, data, images, None if ignored else labels)})
    context.note("frechet", rows[1]["frechet"])
    return {**files, "quality.json": rows, "slice.json": denoiser_slice(parameters, data)}


def denoiser_slice(parameters: Mapping, data: Digits) -> dict[str, Any]:
    """Return what the recheck computes again: a loss, and one image by twenty steps."""
    x = np.random.default_rng(0).normal(size=(1, 64))
    return {
        "loss": held_out_loss(parameters, data, losses.noised_batch),
        "image": denoised(parameters, x, np.array([7]), "implicit", 20)[0].tolist(),
    }


@digits_denoiser.recheck
def _(context: Context) -> dict[str, float]:
    found = denoiser_slice(widen(context.asset("weights.npz")), read(context))
    kept = context.asset("slice.json")
    return {name: context.difference(found[name], kept[name]) for name in kept}


def flowed(parameters: Mapping, x: np.ndarray, labels: np.ndarray, sampler: str, steps: int,
           weight: float = 0.0) -> tuple[np.ndarray, float]:  # fmt: skip
    """Draw digits with the flow, `(n, 64)`, and say how straight it ran."""

    def told(x: np.ndarray, t: float, who: np.ndarray) -> np.ndarray:
        return digits.velocity(parameters, x, t, who)

    times = np.linspace(0.0, 1.0, steps + 1)
    model = guidance.guided(told, labels, digits.NOBODY, weight)
    walk = getattr(samplers, sampler)(model, x, times)
    return walk[-1], straightness(walk, times)


FLOWED: list[dict[str, Any]] = [
    *({"sampler": "euler", "steps": steps} for steps in (100, 50, 20, 10, 5, 3, 2)),
    *({"sampler": "heun", "steps": steps} for steps in (25, 10, 5)),
    {"sampler": "euler", "steps": 50, "weight": -1.0},
    {"sampler": "euler", "steps": 50, "weight": 1.0},
]


@job("digits-flow", obtained="trained", after=(DATA, JUDGE), seed=5, parameters=CONDITIONED,
     tolerance=TIGHT)  # fmt: skip
def digits_flow(context: Context) -> dict[str, object]:
    """Train a velocity network by flow matching, and judge the digits that it leads to."""
    parameters, files = train_conditioned(context, losses.flow_batch)
    data, (x, labels) = read(context), asked(context)
    rows = []
    for given in FLOWED:
        images, bent = flowed(parameters, x, labels, **given)
        ignored = given.get("weight") == -1.0
        report = judged(context, data, images, None if ignored else labels)
        rows.append({**given, "straightness": bent, **report})
    context.note("frechet", rows[1]["frechet"])
    return {**files, "quality.json": rows, "slice.json": flow_slice(parameters, data)}


def flow_slice(parameters: Mapping, data: Digits) -> dict[str, Any]:
    """Return what the recheck computes again: a loss, and one image by twenty steps."""
    x = np.random.default_rng(0).normal(size=(1, 64))
    image, bent = flowed(parameters, x, np.array([7]), "euler", 20)
    return {
        "loss": held_out_loss(parameters, data, losses.flow_batch),
        "image": image[0].tolist(),
        "straightness": bent,
    }


@digits_flow.recheck
def _(context: Context) -> dict[str, float]:
    found = flow_slice(widen(context.asset("weights.npz")), read(context))
    kept = context.asset("slice.json")
    return {name: context.difference(found[name], kept[name]) for name in kept}
