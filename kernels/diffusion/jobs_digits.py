"""The digits themselves, and a classifier to judge drawn ones by.

1,297 digits are learned from by all networks, by the project's own reverse mode; another 500 are
held out: nothing learns from them, and all is judged by them. The split is random, so that the same
writers are on both sides.
"""

import gzip
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from kernels.autodiff.networks import draw_mlp
from kernels.autodiff.optimisers import adamw, warmup_cosine
from kernels.jobs import Context, Tolerance, job

from . import digits, quality
from . import digits_losses as losses
from . import digits_training as training
from .jobs_digits_shared import DATA, JUDGE, TIGHT, Digits, learn, read
from .weights import narrow, widen


def parse(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read pixels `(n, 64)` and labels `(n,)` from the comma-separated file; raise if odd."""
    with gzip.open(path, "rt") as lines:
        rows = np.loadtxt(lines, delimiter=",").astype(int)
    if rows.shape != (1797, 65) or rows.min() < 0 or rows[:, :64].max() > 16:
        raise ValueError(f"{path.name} holds {rows.shape} numbers, not 1797 digits of 64 pixels")
    return rows[:, :64], rows[:, 64]


@job(DATA, obtained="published", carriers=("scikit-learn",), seed=0, parameters={"held_out": 500},
     tolerance=Tolerance(why="the same file gives the same numbers"))  # fmt: skip
def digits_data(context: Context) -> dict[str, object]:
    """Read 1,797 handwritten digits of 8 by 8 pixels, and which of them are held out."""
    pixels, labels = parse(context.carrier("scikit-learn") / "sklearn/datasets/data/digits.csv.gz")
    context.note("data", "Alpaydin & Kaynak 1998, Optical Recognition of Handwritten Digits, "
                 "UCI Machine Learning Repository, doi:10.24432/C50P49; its test set")  # fmt: skip
    context.note("licence", "CC BY 4.0 (data, by the repository's policy); BSD-3-Clause (carrier)")
    held = np.sort(context.rng.permutation(len(labels))[: context.parameters["held_out"]])
    arrays = {
        "pixels": pixels.astype(np.uint8),
        "labels": labels.astype(np.uint8),
        "held_out": held.astype(np.int16),
    }
    return {"digits.npz": arrays}


@digits_data.recheck
def _(context: Context) -> dict[str, float]:
    found = digits_data(context)["digits.npz"]
    kept = context.asset("digits.npz")
    return {name: context.difference(found[name], kept[name]) for name in kept}  # type: ignore[index]


@job(JUDGE, obtained="trained", after=(DATA,), seed=2, parameters={"steps": 4000, "batch": 64},
     tolerance=TIGHT)  # fmt: skip
def digits_classifier(context: Context) -> dict[str, object]:
    """Train a classifier of digits, to judge drawn ones by."""
    data, steps, batch = read(context), context.parameters["steps"], context.parameters["batch"]

    def step(state: dict, t: int) -> dict:
        g = np.random.default_rng([context.seed, t])
        i = g.choice(len(data.images), batch)
        seen = data.images[i] + 0.3 * g.normal(size=(batch, digits.PIXELS))
        rate = warmup_cosine(t, 3e-3, 100, steps)
        update = partial(adamw, decay=0.1)
        return training.descend(
            state, t, losses.classification, (seen, data.labels[i]), rate, update
        )

    def check(state: dict) -> list[float]:
        slow = state["averages"]
        held = losses.classification(slow, data.held_images, data.held_labels).data.item()
        return [held, quality.accuracy(slow, data.held_images, data.held_labels)]

    first = training.start(draw_mlp(context.rng, (digits.PIXELS, 96, 24, 10)), steps)
    state = learn(context, first, step, check, steps)
    kept = narrow(state["averages"])
    return {
        "weights.npz": kept,
        "loss.csv": training.table(("step", "loss"), training.stretches(state["losses"], 50)),
        "checks.csv": training.table(("step", "held_out", "accuracy"), state["checks"]),
        "quality.json": judge_of_judges(context, widen(kept), data),
    }


def judge_of_judges(context: Context, judge: Mapping, data: Digits) -> dict[str, Any]:
    """Return the classifier's accuracy and confusions, and the floor of its Fréchet distance."""
    seen, shares = quality.features_and_classes(judge, data.held_images)
    confusions = np.zeros((10, 10), dtype=int)
    np.add.at(confusions, (data.held_labels, shares.argmax(axis=1)), 1)
    trained, _ = quality.features_and_classes(judge, data.images)
    floor = quality.halves_apart(np.random.default_rng(context.seed), seen)
    learned = quality.halves_apart(np.random.default_rng(context.seed), seen, trained)
    found = {
        "accuracy": quality.accuracy(judge, data.held_images, data.held_labels),
        "confusions": confusions.tolist(),
        "floor": floor,
        "learned_against_held_out": learned,
    }
    context.note("accuracy", found["accuracy"])
    context.note("floor", found["floor"])
    return found


@digits_classifier.recheck
def _(context: Context) -> dict[str, float]:
    judge, data = widen(context.asset("weights.npz")), read(context)
    found = judge_of_judges(context, judge, data)
    kept = context.asset("quality.json")
    return {name: context.difference(found[name], kept[name]) for name in kept}
