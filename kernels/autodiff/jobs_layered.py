"""A hundred mirror detectors from a hundred random starts, and hidden layers that read digits.

All are trained with the kernel `layered`, by the rule of Rumelhart, Hinton & Williams 1986, eq. 9.
"""

from itertools import product

import numpy as np

from kernels.autodiff import layered
from kernels.jobs import Context, Tolerance, job

DIGITS = "digits-data"


def stack(starts, widths):
    """Draw one network for each start, from a generator seeded with it, and lay them side by side.

    The first of them are the same however many are drawn.
    """
    nets = [layered.draw(np.random.default_rng(start), widths) for start in range(starts)]
    return [np.stack(layer) for layer in zip(*nets, strict=True)]


def follow(weights, sweeps, every, epsilon, alpha):
    """Train mirror detectors side by side; keep their weights now and then.

    Returns the weights at every `every`-th sweep, `(kept, starts, all weights)`, and the first
    sweep after which each had all patterns on the right side of one half, or -1: `(starts,)`.
    """
    patterns, d = layered.mirror_patterns()
    first = np.full(len(weights[0]), -1)
    kept = []
    for t, now in enumerate(layered.learn(weights, patterns, d, sweeps, epsilon, alpha)):
        right = (np.abs(layered.forward(now, patterns)[-1] - d) < 0.5).all(axis=(-2, -1))
        first[right & (first < 0)] = t
        if t % every == 0:
            kept.append(np.concatenate([w.reshape(len(w), -1) for w in now], axis=1))
    return np.array(kept), first


@job("mirror-detectors", obtained="trained",
     parameters={"starts": 100, "sweeps": 5000, "every": 250, "epsilons": [0.1, 0.03],
                 "alpha": 0.9, "hidden": [2, 3, 4]},
     reduced={"starts": 4, "sweeps": 500},
     tolerance=Tolerance(absolute=1e-6, relative=1e-3, why="weights are kept in half precision"),
     )  # fmt: skip
def mirror_detectors(context: Context) -> dict[str, object]:
    """Train mirror detectors with two hidden units, and count how many with more of them learn."""
    p = context.parameters
    arrays, counts = {}, []
    cases = list(product(p["hidden"], p["epsilons"]))
    for number, (hidden, epsilon) in enumerate(cases):
        weights = stack(p["starts"], (6, hidden, 1))
        kept, first = follow(weights, p["sweeps"], p["every"], epsilon, p["alpha"])
        counts.append({"hidden": hidden, "epsilon": epsilon, "learned": int((first >= 0).sum())})
        if hidden == 2:
            arrays[f"{epsilon}-weights"] = kept.astype(np.float16)
            arrays[f"{epsilon}-last"] = kept[-1]
            arrays[f"{epsilon}-first"] = first.astype(np.int16)
        context.progress(number + 1, len(cases), f"{hidden} hidden units, epsilon {epsilon}")
    return {"nets.npz": arrays, "counts.json": counts}


@mirror_detectors.recheck
def _(context: Context) -> dict[str, float]:
    """Train the first few for two of the steps that were kept."""
    p, nets = context.parameters, context.asset("nets.npz")
    differences = {}
    for epsilon in p["epsilons"]:
        weights = stack(p["starts"], (6, 2, 1))
        kept, _ = follow(weights, p["sweeps"], p["every"], epsilon, p["alpha"])
        shipped = nets[f"{epsilon}-weights"][: len(kept), : p["starts"]]
        differences[f"epsilon {epsilon}"] = context.difference(kept, shipped)
    return differences


def read_digits(context):
    """Return what is learnt from and what is held out: images from 0 to 1, and labels."""
    with np.load(context.inputs[DIGITS] / "digits.npz") as digits:
        pixels, labels = digits["pixels"] / 16.0, digits["labels"]
        held = np.zeros(len(labels), dtype=bool)
        held[digits["held_out"]] = True
    return (pixels[~held], labels[~held]), (pixels[held], labels[held])


def read_and_keep(hidden, fixed, start, learnt, sweeps, p):
    """Train one reader of digits; keep its weights after 16, 32, 64, … sweeps."""
    images, labels = learnt
    weights = layered.draw(np.random.default_rng(start), (64, hidden, 10))
    kept = []
    steps = layered.learn(
        weights, images, np.eye(10)[labels], sweeps, p["epsilon"], p["alpha"], fixed
    )
    for t, now in enumerate(steps):
        if t >= 16 and t & (t - 1) == 0:
            kept.append(now)
    return [np.stack(layer) for layer in zip(*kept, strict=True)]


@job("digits-hidden-layer", obtained="trained", after=(DIGITS,),
     parameters={"widths": [2, 4, 8, 16, 32, 64], "starts": 3, "sweeps": 4096,
                 "epsilon": 0.0001, "alpha": 0.9},
     reduced={"widths": [4], "starts": 1, "sweeps": 64},
     tolerance=Tolerance(absolute=1e-6, relative=1e-3, why="weights are kept in half precision"),
     )  # fmt: skip
def digits_hidden_layer(context: Context) -> dict[str, object]:
    """Train readers of digits whose hidden layer learns, and others where it stays as drawn."""
    p = context.parameters
    learnt, (images, labels) = read_digits(context)
    arrays, rows = {}, []
    cases = list(product(range(p["starts"]), p["widths"], (0, 1)))
    for number, (start, hidden, fixed) in enumerate(cases):
        kept = read_and_keep(hidden, fixed, start, learnt, p["sweeps"], p)
        answers = layered.forward([layer[-1] for layer in kept], images)[-1].argmax(axis=-1)
        rows.append({"start": start, "hidden": hidden, "fixed": fixed,
                     "right": int((answers == labels).sum())})  # fmt: skip
        if start == 0:
            for layer in (0, 1) if not fixed else (1,):
                name = f"{hidden}-{'fixed' if fixed else 'learned'}-w{layer}"
                arrays[name] = kept[layer].astype(np.float16)
        context.progress(number + 1, len(cases), f"{rows[-1]}")
    return {"weights.npz": arrays, "right.json": rows}


@digits_hidden_layer.recheck
def _(context: Context) -> dict[str, float]:
    """Train the first narrow reader for as long as three of the steps that were kept."""
    p, weights = context.parameters, context.asset("weights.npz")
    learnt, _ = read_digits(context)
    kept = read_and_keep(4, 0, 0, learnt, p["sweeps"], p)
    return {
        f"w{layer}": context.difference(
            kept[layer], weights[f"4-learned-w{layer}"][: len(kept[layer])]
        )
        for layer in (0, 1)
    }
